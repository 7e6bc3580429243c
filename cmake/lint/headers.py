#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Each public header compiles alone, twice in a row, without a warning.

usage: headers.py <cache file> <compiler> <flags>...    (headers that did not change since they passed are skipped)
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

import tree

cache_file, compiler, *flags = sys.argv[1:]
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wsign-conversion", "-Werror"]
INCLUDE = tree.ROOT / "include"


def closure(path, seen):
    if path not in seen and path.is_file():
        seen.add(path)
        for target in re.findall(r"#\s*include\s*<(brio/[^>]+)>", path.read_text()):
            closure(INCLUDE / target, seen)
    return seen


def key(path):
    digest = hashlib.sha256(json.dumps([compiler, flags, WARNINGS]).encode())
    for part in sorted(closure(path, set())):
        digest.update(part.read_bytes())
    return digest.hexdigest()


def compile_alone(path):
    spelled = path.relative_to(INCLUDE)
    source = f"#include <{spelled}>\n#include <{spelled}>\n"
    done = subprocess.run([compiler, "-std=c++20", "-fsyntax-only", *flags, *WARNINGS, f"-I{INCLUDE}", "-x", "c++", "-"],
                          input=source, capture_output=True, text=True)
    return done.returncode, done.stderr


headers = [path for path in tree.files(".hpp") if INCLUDE in path.parents]
try:
    passed = json.loads(pathlib.Path(cache_file).read_text())
except (OSError, ValueError):
    passed = {}
keys = {path: key(path) for path in headers}
todo = [path for path in headers if passed.get(str(path)) != keys[path]]
problems = []
with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
    for path, (status, output) in zip(todo, pool.map(compile_alone, todo)):
        if status == 0:
            passed[str(path)] = keys[path]
        else:
            problems.append(f"{tree.name(path)} does not compile alone:\n{output}")
pathlib.Path(cache_file).write_text(json.dumps(passed))
print(f"{len(todo)} compiled, {len(headers) - len(todo)} unchanged")
tree.finish("headers alone", problems, len(headers))
