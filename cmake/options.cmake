# SPDX-License-Identifier: BSL-1.0
# Every switch of the build. Package managers set each of them explicitly; nothing is "used if found".

option(BRIO_BUILD_HTTP "Build brio::http" ON)
option(BRIO_BUILD_TESTING "Build brio::testing (needs GoogleTest)" ${PROJECT_IS_TOP_LEVEL})
option(BRIO_BUILD_TESTS "Build brio's own tests" ${PROJECT_IS_TOP_LEVEL})
option(BRIO_BUILD_EXAMPLES "Build the examples" ${PROJECT_IS_TOP_LEVEL})
option(BRIO_BUILD_BENCHMARKS "Build the benchmarks" OFF)
option(BRIO_BUILD_FUZZERS "Build the libFuzzer programs of test/fuzz (clang)" OFF)
option(BRIO_INSTALL "Add the install rules" ${PROJECT_IS_TOP_LEVEL})

option(BRIO_WITH_BROTLI "Decode 'br' bodies (libbrotlidec)" ON)
option(BRIO_WITH_ZSTD "Decode 'zstd' bodies (libzstd)" ON)
option(BRIO_WITH_IDN "International host names (libidn2)" ON)
option(BRIO_WITH_PSL "Public suffixes in the cookie jar (libpsl)" ON)

option(BRIO_WARNINGS_AS_ERRORS "Warnings in brio's own code are errors" OFF)
option(BRIO_PCH "Precompiled headers for brio's own library, tests and examples" ${PROJECT_IS_TOP_LEVEL})
option(BRIO_FAST_BUILD "For what is built once: libraries in larger pieces, tests without optimisation" OFF)
set(BRIO_SANITIZE "" CACHE STRING "Sanitizers for everything in this build: 'address,undefined' or 'thread'")

if(BRIO_BUILD_TESTS AND NOT BRIO_BUILD_TESTING)
    message(FATAL_ERROR "BRIO_BUILD_TESTS is ON and BRIO_BUILD_TESTING is OFF: brio's own tests are written with "
        "brio::testing. Set -DBRIO_BUILD_TESTING=ON or -DBRIO_BUILD_TESTS=OFF.")
endif()
