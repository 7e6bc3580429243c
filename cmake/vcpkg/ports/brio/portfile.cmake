# The sources: the tree that this port is part of, until there is a released archive to name here.
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../../.." ABSOLUTE)

vcpkg_check_features(OUT_FEATURE_OPTIONS FEATURE_OPTIONS
    FEATURES
        brotli  BRIO_WITH_BROTLI
        idn     BRIO_WITH_IDN
        psl     BRIO_WITH_PSL
        testing BRIO_BUILD_TESTING
        zstd    BRIO_WITH_ZSTD
)

vcpkg_cmake_configure(
    SOURCE_PATH "${SOURCE_PATH}"
    OPTIONS
        ${FEATURE_OPTIONS}
        -DBRIO_BUILD_HTTP=ON
        -DBRIO_BUILD_TESTS=OFF
        -DBRIO_BUILD_EXAMPLES=OFF
        -DBRIO_BUILD_BENCHMARKS=OFF
        -DBRIO_INSTALL=ON
        -DBRIO_PCH=OFF
)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH lib/cmake/brio)
vcpkg_fixup_pkgconfig()
vcpkg_copy_pdbs()

file(REMOVE_RECURSE
    "${CURRENT_PACKAGES_DIR}/debug/include"
    "${CURRENT_PACKAGES_DIR}/debug/share"
    "${CURRENT_PACKAGES_DIR}/share/doc"
)
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
