# SPDX-License-Identifier: BSL-1.0
# Finds every library, names the package of each missing one, and prints a table of what the build uses.

include(${CMAKE_CURRENT_LIST_DIR}/external.cmake)

set(brio_missing "")
set(brio_table "")

function(brio_pad text width out)
    string(LENGTH "${text}" length)
    math(EXPR blanks "${width} - ${length}")
    if(blanks LESS 1)
        set(blanks 1)
    endif()
    string(REPEAT " " ${blanks} padding)
    set(${out} "${text}${padding}" PARENT_SCOPE)
endfunction()

# brio_dependency(<shown name> <used for> FOUND <bool> VERSION <text> DEBIAN .. VCPKG .. CONAN ..)
macro(brio_dependency shown purpose)
    cmake_parse_arguments(dep "" "FOUND;VERSION;DEBIAN;VCPKG;CONAN" "" ${ARGN})
    brio_pad("${shown}" 24 dep_shown)
    if(dep_FOUND)
        if(dep_VERSION)
            brio_pad("${dep_VERSION}" 12 dep_version)
        else()
            brio_pad("found" 12 dep_version)
        endif()
        string(APPEND brio_table "  ${dep_shown}${dep_version}${purpose}\n")
    else()
        string(APPEND brio_missing "  ${dep_shown}Debian: ${dep_DEBIAN}   vcpkg: ${dep_VCPKG}   Conan: ${dep_CONAN}\n")
    endif()
endmacro()

macro(brio_left_out shown purpose switch)
    brio_pad("${shown}" 24 dep_shown)
    brio_pad("off" 12 dep_version)
    string(APPEND brio_table "  ${dep_shown}${dep_version}${purpose} (${switch}=ON brings it)\n")
endmacro()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

if(BRIO_BUILD_HTTP)
    find_package(Boost 1.81 CONFIG QUIET COMPONENTS url json)
    brio_dependency("Boost (url, json)" "event loop, HTTP, URLs, JSON" FOUND "${Boost_FOUND}" VERSION "${Boost_VERSION}"
        DEBIAN "libboost1.81-dev libboost-url1.81-dev libboost-json1.81-dev"
        VCPKG "boost-asio boost-beast boost-url boost-json" CONAN "boost/[>=1.81]")
else()
    find_package(Boost 1.81 CONFIG QUIET)
    brio_dependency("Boost (headers)" "event loop" FOUND "${Boost_FOUND}" VERSION "${Boost_VERSION}"
        DEBIAN "libboost1.81-dev" VCPKG "boost-asio" CONAN "boost/[>=1.81]")
endif()

find_package(spdlog CONFIG QUIET)
brio_dependency("spdlog" "logging" FOUND "${spdlog_FOUND}" VERSION "${spdlog_VERSION}"
    DEBIAN "libspdlog-dev" VCPKG "spdlog" CONAN "spdlog/[>=1.10]")

find_package(OpenSSL 3.0 QUIET)
brio_dependency("OpenSSL" "TLS" FOUND "${OPENSSL_FOUND}" VERSION "${OPENSSL_VERSION}"
    DEBIAN "libssl-dev" VCPKG "openssl" CONAN "openssl/[>=3 <4]")

if(BRIO_BUILD_HTTP)
    find_package(ZLIB QUIET)
    brio_dependency("zlib" "gzip and deflate bodies" FOUND "${ZLIB_FOUND}" VERSION "${ZLIB_VERSION_STRING}"
        DEBIAN "zlib1g-dev" VCPKG "zlib" CONAN "zlib/[>=1.2.11 <2]")

    if(BRIO_WITH_BROTLI)
        brio_find_brotli()
        brio_dependency("brotli" "br bodies" FOUND "${brio_external_brotli_FOUND}"
            DEBIAN "libbrotli-dev" VCPKG "brotli" CONAN "brotli/[>=1.0]")
    else()
        brio_left_out("brotli" "br bodies" BRIO_WITH_BROTLI)
    endif()

    if(BRIO_WITH_ZSTD)
        brio_find_zstd()
        brio_dependency("zstd" "zstd bodies" FOUND "${brio_external_zstd_FOUND}"
            DEBIAN "libzstd-dev" VCPKG "zstd" CONAN "zstd/[~1.5]")
    else()
        brio_left_out("zstd" "zstd bodies" BRIO_WITH_ZSTD)
    endif()

    if(BRIO_WITH_IDN)
        brio_find_idn2()
        brio_dependency("libidn2" "international host names" FOUND "${brio_external_idn2_FOUND}"
            DEBIAN "libidn2-dev" VCPKG "libidn2" CONAN "libidn2/[>=2.3]")
    else()
        brio_left_out("libidn2" "international host names" BRIO_WITH_IDN)
    endif()

    if(BRIO_WITH_PSL)
        brio_find_psl()
        brio_dependency("libpsl" "public suffixes of cookies" FOUND "${brio_external_psl_FOUND}"
            DEBIAN "libpsl-dev" VCPKG "libpsl" CONAN "libpsl/[>=0.21]")
    else()
        brio_left_out("libpsl" "public suffixes of cookies" BRIO_WITH_PSL)
    endif()
endif()

if(BRIO_BUILD_TESTING)
    find_package(GTest CONFIG QUIET)
    brio_dependency("GoogleTest" "brio::testing, tests" FOUND "${GTest_FOUND}" VERSION "${GTest_VERSION}"
        DEBIAN "libgtest-dev" VCPKG "gtest" CONAN "gtest/[>=1.12]")
endif()

if(BRIO_BUILD_TESTS)
    find_package(Python3 3.9 QUIET COMPONENTS Interpreter)
    brio_dependency("Python" "lints of the source tree" FOUND "${Python3_FOUND}" VERSION "${Python3_VERSION}"
        DEBIAN "python3" VCPKG "-" CONAN "-")
endif()

if(BRIO_BUILD_EXAMPLES)
    find_package(CLI11 CONFIG QUIET)
    brio_dependency("CLI11" "command lines of the examples" FOUND "${CLI11_FOUND}" VERSION "${CLI11_VERSION}"
        DEBIAN "libcli11-dev" VCPKG "cli11" CONAN "cli11/[>=2.1]")
endif()

if(BRIO_BUILD_BENCHMARKS)
    find_package(benchmark CONFIG QUIET)
    brio_dependency("Google Benchmark" "micro-benchmarks" FOUND "${benchmark_FOUND}" VERSION "${benchmark_VERSION}"
        DEBIAN "libbenchmark-dev" VCPKG "benchmark" CONAN "benchmark/[>=1.7]")
endif()

if(brio_missing)
    message(FATAL_ERROR "brio: these libraries are missing. Install them (on Debian or Ubuntu, cmake/install-deps "
        "does it), or switch off what needs them with the BRIO_BUILD_* and BRIO_WITH_* options:\n${brio_missing}")
endif()

function(brio_print_summary)
    if(BUILD_SHARED_LIBS)
        set(linkage "shared")
    else()
        set(linkage "static")
    endif()
    set(parts "brio::brio")
    foreach(part http testing)
        if(TARGET brio_${part})
            string(APPEND parts " brio::${part}")
        endif()
    endforeach()
    if(BRIO_SANITIZE)
        string(APPEND linkage ", sanitizers ${BRIO_SANITIZE}")
    endif()
    message(STATUS "brio ${PROJECT_VERSION}: ${parts} (${linkage}, ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION})\n${brio_table}")
endfunction()
