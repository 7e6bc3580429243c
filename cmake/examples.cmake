# SPDX-License-Identifier: BSL-1.0
# brio_add_example(<name> [<source>...]): the program <name>, from <name>.cpp unless sources are given.
# All programs land in <build>/bin. What one prints is tested if <name>.out stands beside it (see check_output.cmake).

function(brio_add_example name)
    set(sources ${ARGN})
    if(NOT sources)
        set(sources ${name}.cpp)
    endif()
    add_executable(${name} ${sources})
    brio_own_target(${name})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
    target_link_libraries(${name} PRIVATE brio::brio)
    if(TARGET brio::http)
        target_link_libraries(${name} PRIVATE brio::http)
    endif()
    set(expected ${CMAKE_CURRENT_SOURCE_DIR}/${name}.out)
    if(BRIO_BUILD_TESTS AND EXISTS ${expected})
        add_test(NAME examples.${name} COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:${name}>
            -DEXPECTED=${expected} -P ${PROJECT_SOURCE_DIR}/cmake/check_output.cmake)
        set_tests_properties(examples.${name} PROPERTIES LABELS examples TIMEOUT 60)
    endif()
endfunction()
