# SPDX-License-Identifier: BSL-1.0
# Compiler settings for brio's own targets. Nothing here reaches a user's target, except the two Asio macros
# that a sanitizer build needs on every side (they are part of the ABI).

if(PROJECT_IS_TOP_LEVEL)
    set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
    find_program(BRIO_CCACHE ccache)
    mark_as_advanced(BRIO_CCACHE)
    if(BRIO_CCACHE AND (NOT CMAKE_CXX_COMPILER_LAUNCHER OR CMAKE_CXX_COMPILER_LAUNCHER MATCHES "^([^;]*/)?ccache$"))
        # Without this sloppiness ccache never serves a file that uses a precompiled header.
        set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime;${BRIO_CCACHE}")
    endif()
endif()

if(BRIO_SANITIZE)
    if(BRIO_SANITIZE MATCHES "^thread$")
        set(brio_sanitizer_kind thread)
    elseif(BRIO_SANITIZE MATCHES "address|undefined|leak")
        set(brio_sanitizer_kind address)
    else()
        message(FATAL_ERROR "BRIO_SANITIZE is '${BRIO_SANITIZE}': use 'address,undefined' or 'thread'.")
    endif()
    add_compile_options(-fsanitize=${BRIO_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${BRIO_SANITIZE})
    if(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND brio_sanitizer_kind STREQUAL "address")
        # clang 14 cannot assemble this check for coroutines ("Cannot represent a difference across sections").
        add_compile_options(-fno-sanitize=function)
    endif()
endif()

# brio_own_target(<target>): the warnings and visibility of our own code.
function(brio_own_target target)
    set_target_properties(${target} PROPERTIES
        CXX_EXTENSIONS OFF
        CXX_VISIBILITY_PRESET hidden
        VISIBILITY_INLINES_HIDDEN ON)
    target_compile_features(${target} PRIVATE cxx_std_20)
    if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND NOT BRIO_SANITIZE)
        # A program that fetches need not carry the server, nor its pages.
        target_compile_options(${target} PRIVATE $<$<CONFIG:Release,MinSizeRel>:-ffunction-sections$<SEMICOLON>-fdata-sections>)
        target_link_options(${target} PRIVATE $<$<CONFIG:Release,MinSizeRel>:LINKER:--gc-sections>)
    endif()
    if(PROJECT_IS_TOP_LEVEL OR BRIO_WARNINGS_AS_ERRORS)
        target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
        if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
            # False positives of g++ 12 in coroutine frames and in inlined Asio code.
            target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized -Wno-mismatched-new-delete -Wno-dangling-pointer)
        endif()
        if(BRIO_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
            target_compile_options(${target} PRIVATE -Wno-tsan)
        endif()
    endif()
    if(BRIO_WARNINGS_AS_ERRORS)
        target_compile_options(${target} PRIVATE -Werror)
    endif()
endfunction()

# brio_precompile(<target> <header>...): what makes ccache and precompiled headers get along.
function(brio_precompile target)
    if(NOT BRIO_PCH)
        return()
    endif()
    target_precompile_headers(${target} PRIVATE ${ARGN})
    brio_precompile_flags(${target})
endfunction()

function(brio_precompile_flags target)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        target_compile_options(${target} PRIVATE -fpch-preprocess)
    else()
        target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
    endif()
endfunction()

# brio_library(<target> <alias> [STATIC]): a library of brio, static or shared by BUILD_SHARED_LIBS unless STATIC.
function(brio_library target alias)
    add_library(${target} ${ARGN})
    add_library(brio::${alias} ALIAS ${target})
    brio_own_target(${target})
    target_compile_features(${target} PUBLIC cxx_std_20)
    target_include_directories(${target}
        PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
        PRIVATE ${PROJECT_SOURCE_DIR}/src)
    set_target_properties(${target} PROPERTIES
        EXPORT_NAME ${alias}
        VERSION ${PROJECT_VERSION}
        SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
        POSITION_INDEPENDENT_CODE ON)
    if(BRIO_FAST_BUILD)
        set_target_properties(${target} PROPERTIES UNITY_BUILD ON)
    endif()
    get_target_property(unity ${target} UNITY_BUILD)
    if(unity)
        # Sources that are compiled together see each other's names; and g++ takes one that another includes for a header, and its
        # anonymous namespace for a mistake.
        target_compile_options(${target} PRIVATE -Wno-shadow $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
    endif()
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "SHARED_LIBRARY")
        target_compile_definitions(${target} PRIVATE BRIO_SHARED_LIBRARY)
        if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND NOT BRIO_SANITIZE)
            target_link_options(${target} PRIVATE -Wl,--no-undefined)
        endif()
    endif()
endfunction()
