# SPDX-License-Identifier: BSL-1.0
# C libraries that come without a CMake package on some systems. Also installed, for users of the static library.

include_guard(GLOBAL)

# brio_find_external(<name> <header> <library>...) defines the target brio_external::<name> when the header and
# all libraries are found, and sets brio_external_<name>_FOUND.
function(brio_find_external name header)
    if(TARGET brio_external::${name})
        return()
    endif()
    find_path(brio_external_${name}_INCLUDE_DIR NAMES ${header})
    set(files)
    set(found TRUE)
    foreach(library IN LISTS ARGN)
        find_library(brio_external_${library}_LIBRARY NAMES ${library} ${library}-static)
        mark_as_advanced(brio_external_${library}_LIBRARY)
        if(brio_external_${library}_LIBRARY)
            list(APPEND files "${brio_external_${library}_LIBRARY}")
        else()
            set(found FALSE)
        endif()
    endforeach()
    mark_as_advanced(brio_external_${name}_INCLUDE_DIR)
    if(NOT brio_external_${name}_INCLUDE_DIR)
        set(found FALSE)
    endif()
    if(found)
        add_library(brio_external::${name} INTERFACE IMPORTED GLOBAL)
        target_include_directories(brio_external::${name} SYSTEM INTERFACE "${brio_external_${name}_INCLUDE_DIR}")
        target_link_libraries(brio_external::${name} INTERFACE ${files})
    endif()
    set(brio_external_${name}_FOUND ${found} PARENT_SCOPE)
endfunction()

macro(brio_find_brotli)
    brio_find_external(brotli brotli/decode.h brotlidec brotlicommon)
endmacro()

macro(brio_find_zstd)
    brio_find_external(zstd zstd.h zstd)
endmacro()

macro(brio_find_idn2)
    brio_find_external(idn2 idn2.h idn2)
    # A static libidn2 leaves its own library to the program.
    if(TARGET brio_external::idn2 AND "${brio_external_idn2_LIBRARY}" MATCHES "[.]a$")
        find_library(brio_external_unistring_LIBRARY NAMES unistring)
        if(brio_external_unistring_LIBRARY)
            target_link_libraries(brio_external::idn2 INTERFACE "${brio_external_unistring_LIBRARY}")
        endif()
    endif()
endmacro()
