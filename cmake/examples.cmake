# SPDX-License-Identifier: BSL-1.0
# brio_add_example(<name> [<source>...]): the program <name>, from <name>.cpp unless sources are given.
# All programs land in <build>/bin.

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
endfunction()
