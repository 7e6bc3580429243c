# SPDX-License-Identifier: BSL-1.0
import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load, rmdir

required_conan_version = ">=2.0.9"


class BrioConan(ConanFile):
    name = "brio"
    description = "asyncio for C++20, on Boost.Asio: tasks, cancellation, timeouts, queues, HTTP"
    license = "BSL-1.0"
    topics = ("coroutines", "async", "http", "asio", "asyncio")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {
        "shared": [True, False],
        "fPIC": [True, False],
        "with_brotli": [True, False],
        "with_zstd": [True, False],
        "with_idn": [True, False],
        "with_psl": [True, False],
        "with_testing": [True, False],
    }
    default_options = {
        "shared": False,
        "fPIC": True,
        "with_brotli": True,
        "with_zstd": True,
        "with_idn": False,
        "with_psl": True,
        "with_testing": False,
    }
    implements = ["auto_shared_fpic"]
    exports_sources = "CMakeLists.txt", "LICENSE", "cmake/*", "include/*", "src/*"
    exports = "include/brio/core/version.hpp"

    def set_version(self):
        text = load(self, os.path.join(self.recipe_folder, "include/brio/core/version.hpp"))
        self.version = ".".join(re.search(rf"#define BRIO_VERSION_{part} (\d+)", text)[1]
                                for part in ("MAJOR", "MINOR", "PATCH"))

    def layout(self):
        cmake_layout(self)

    def requirements(self):
        self.requires("boost/[>=1.81 <2]", transitive_headers=True, transitive_libs=True)
        self.requires("openssl/[>=3 <4]")
        self.requires("spdlog/[>=1.10 <2]")
        self.requires("zlib/[>=1.2.11 <2]")
        if self.options.with_brotli:
            self.requires("brotli/[>=1.0 <2]")
        if self.options.with_zstd:
            self.requires("zstd/[~1.5]")
        if self.options.with_idn:
            self.requires("libidn2/[>=2.3 <3]")
        if self.options.with_psl:
            self.requires("libpsl/[>=0.21 <1]")
        if self.options.with_testing:
            self.requires("gtest/[>=1.12 <2]", transitive_headers=True, transitive_libs=True)

    def build_requirements(self):
        self.tool_requires("cmake/[>=3.22]")

    def validate(self):
        check_min_cppstd(self, 20)
        if self.settings.os != "Linux":
            raise ConanInvalidConfiguration("brio supports Linux only so far")
        boost = self.dependencies["boost"].options
        for option in ("without_url", "without_json", "header_only"):
            if boost.get_safe(option):
                raise ConanInvalidConfiguration(f"brio needs Boost.URL and Boost.JSON compiled: set boost/*:{option}=False")

    def generate(self):
        toolchain = CMakeToolchain(self)
        for switch, value in {
            "BUILD_HTTP": True, "BUILD_TESTS": False, "BUILD_EXAMPLES": False, "BUILD_BENCHMARKS": False,
            "INSTALL": True, "PCH": False, "BUILD_TESTING": self.options.with_testing,
            "WITH_BROTLI": self.options.with_brotli, "WITH_ZSTD": self.options.with_zstd, "WITH_IDN": self.options.with_idn,
            "WITH_PSL": self.options.with_psl,
        }.items():
            toolchain.cache_variables[f"BRIO_{switch}"] = bool(value)
        toolchain.generate()
        CMakeDeps(self).generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        CMake(self).install()
        for folder in ("lib/cmake", "lib/pkgconfig", "share"):
            rmdir(self, os.path.join(self.package_folder, folder))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "brio")

        core = self.cpp_info.components["core"]
        core.set_property("cmake_target_name", "brio::brio")
        core.set_property("pkg_config_name", "brio")
        core.libs = ["brio"]
        core.requires = ["boost::headers", "spdlog::spdlog", "openssl::ssl", "openssl::crypto"]
        core.system_libs = ["pthread"]

        http = self.cpp_info.components["http"]
        http.set_property("cmake_target_name", "brio::http")
        http.set_property("pkg_config_name", "brio-http")
        http.libs = ["brio_http"]
        http.requires = ["core", "boost::json", "boost::url", "openssl::ssl", "openssl::crypto", "zlib::zlib"]
        if self.options.with_brotli:
            http.requires.append("brotli::brotlidec")
        if self.options.with_zstd:
            http.requires.append("zstd::zstdlib")
        if self.options.with_idn:
            http.requires.append("libidn2::libidn2")
        if self.options.with_psl:
            http.requires.append("libpsl::libpsl")

        if self.options.with_testing:
            testing = self.cpp_info.components["testing"]
            testing.set_property("cmake_target_name", "brio::testing")
            testing.libs = ["brio_testing"]
            testing.requires = ["core", "gtest::gtest"]
