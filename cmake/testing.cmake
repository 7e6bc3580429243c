# SPDX-License-Identifier: BSL-1.0
# brio_add_test(<name> <source>... [INTERNAL] [TIMEOUT seconds] [LABELS label...] [LIBRARIES target...])
#
# One executable of GoogleTest cases, each a ctest test of its own, labelled `quick` unless LABELS says otherwise.
# INTERNAL: the test uses private headers of src/ (included as "http/x.hpp"); it is left out of shared builds,
# where private symbols do not leave the library.

include(GoogleTest)

set(brio_test_environment
    "ASAN_OPTIONS=detect_stack_use_after_return=1:detect_leaks=1:strict_string_checks=1"
    "UBSAN_OPTIONS=print_stacktrace=1"
    "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/cmake/tsan.supp:halt_on_error=1:second_deadlock_stack=1")

function(brio_test_libraries target)
    target_link_libraries(${target} PRIVATE brio)
    foreach(library brio_testing brio_http)
        if(TARGET ${library})
            target_link_libraries(${target} PRIVATE ${library})
        endif()
    endforeach()
    target_link_libraries(${target} PRIVATE GTest::gtest GTest::gtest_main)
endfunction()

function(brio_test_optimisation target)
    if(BRIO_FAST_BUILD)
        target_compile_options(${target} PRIVATE -O0)
    endif()
endfunction()

# All test executables share one precompiled header.
function(brio_share_test_pch target)
    brio_test_optimisation(${target})
    if(NOT BRIO_PCH)
        return()
    endif()
    if(NOT TARGET brio_test_pch)
        set(source ${PROJECT_BINARY_DIR}/brio_test_pch.cpp)
        file(CONFIGURE OUTPUT ${source} CONTENT "// Carries the precompiled header of all tests.\n")
        add_library(brio_test_pch OBJECT EXCLUDE_FROM_ALL ${source})
        brio_own_target(brio_test_pch)
        brio_test_optimisation(brio_test_pch)
        brio_test_libraries(brio_test_pch)
        set(own_headers)
        if(BRIO_FAST_BUILD)  # else a change to one of them would compile every test again
            set(own_headers <brio/brio.hpp> <brio/testing/test.hpp>)
            if(TARGET brio_http)
                list(APPEND own_headers <brio/http.hpp>)
            endif()
        endif()
        brio_precompile(brio_test_pch <gtest/gtest.h> <boost/asio/awaitable.hpp> <boost/asio/any_io_executor.hpp>
            <boost/asio/io_context.hpp> <chrono> <functional> <memory> <string> <vector> ${own_headers})
    endif()
    target_precompile_headers(${target} REUSE_FROM brio_test_pch)
    brio_precompile_flags(${target})
endfunction()

function(brio_add_test name)
    cmake_parse_arguments(arg "INTERNAL" "TIMEOUT" "LABELS;LIBRARIES" ${ARGN})
    if(arg_INTERNAL AND BUILD_SHARED_LIBS)
        message(STATUS "brio: ${name} tests private parts, left out of the shared build")
        return()
    endif()
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 180)
    endif()
    if(NOT arg_LABELS)
        set(arg_LABELS quick)
    endif()
    add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
    brio_own_target(${name})
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/test)
    if(arg_INTERNAL)
        target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src)
    endif()
    brio_test_libraries(${name})
    target_link_libraries(${name} PRIVATE ${arg_LIBRARIES})
    brio_share_test_pch(${name})
    if("quick" IN_LIST arg_LABELS)
        add_dependencies(brio_quick_tests ${name})
    endif()
    gtest_discover_tests(${name}
        DISCOVERY_MODE PRE_TEST
        DISCOVERY_TIMEOUT 60
        TEST_PREFIX "${name}."
        PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}" ENVIRONMENT "${brio_test_environment}")
endfunction()

add_custom_target(brio_quick_tests)
