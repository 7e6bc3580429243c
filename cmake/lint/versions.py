#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""One version number everywhere: version.hpp says it, the package files and the changelog repeat it."""
import json
import re
import sys

import tree

text = (tree.ROOT / "include/brio/core/version.hpp").read_text()
version = ".".join(re.search(rf"#define BRIO_VERSION_{part} (\d+)", text)[1] for part in ("MAJOR", "MINOR", "PATCH"))
problems = []


def expect(where, found):
    if found != version:
        problems.append(f"{where} says {found}, version.hpp says {version}")


for where in ("vcpkg.json", "cmake/vcpkg/ports/brio/vcpkg.json"):
    expect(where, json.loads((tree.ROOT / where).read_text()).get("version-semver"))

heading = re.search(r"^## \[?(\d+\.\d+\.\d+)", (tree.ROOT / "CHANGELOG.md").read_text(), re.M)
expect("CHANGELOG.md's newest heading", heading and heading[1])

conan = (tree.ROOT / "conanfile.py").read_text()
if "version.hpp" not in conan or re.search(r'^\s*version\s*=\s*"', conan, re.M):
    problems.append("conanfile.py must read the version from version.hpp")

if len(sys.argv) > 1:
    expect("CMake's PROJECT_VERSION", sys.argv[1])
tree.finish("versions", problems, 5)
