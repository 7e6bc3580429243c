# SPDX-License-Identifier: BSL-1.0
# brio_add_example(<name> [<source>...]): the program <name>, from <name>.cpp unless sources are given.

function(brio_add_example name)
    set(sources ${ARGN})
    if(NOT sources)
        set(sources ${name}.cpp)
    endif()
    add_executable(${name} ${sources})
    brio_own_target(${name})
    target_link_libraries(${name} PRIVATE brio::brio)
    if(TARGET brio::http)
        target_link_libraries(${name} PRIVATE brio::http)
    endif()
endfunction()
