#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Each file by itself: at most 700 lines, a licence line, a line that says what it is, no path of a machine,
nothing that our oldest compilers lack."""
import re

import tree

LIMIT = 700
SPDX = "SPDX-License-Identifier: BSL-1.0"
MACHINE = re.compile(r"(?:^|[^\w.])(/(?:root|work|farm|home)/[\w.-]*)")
TEXT = {"", ".hpp", ".cpp", ".py", ".cmake", ".in", ".md", ".txt", ".json", ".supp", ".sh", ".yml", ".yaml", ".conf", ".toml"}


def check(path):
    try:
        text = path.read_text()
    except UnicodeDecodeError:
        return
    name, lines = tree.name(path), text.splitlines()
    if path.suffix in (".hpp", ".cpp", ".py"):
        if len(lines) > LIMIT:
            yield f"{name}: {len(lines)} lines; more than {LIMIT} is more than one concept, split it"
        if not any(SPDX in line for line in lines[:2]):
            yield f"{name}:1: the first line must be '// {SPDX}' (in a script the second)"
    if path.suffix in (".hpp", ".cpp") and not (len(lines) > 1 and lines[1].startswith("// ")):
        yield f"{name}:2: the second line must be a comment that says what the file is"
    for number, line in enumerate(lines, 1):
        code = line.split("//")[0]
        if path.suffix in (".hpp", ".cpp") and ("std::source_location" in code or "#include <source_location>" in code):
            yield f"{name}:{number}: clang 14 has no std::source_location: use <brio/core/source_location.hpp>"
        found = MACHINE.search(line)
        if found and not tree.excused(line, "path"):
            yield f"{name}:{number}: the path of a machine: {found[1]}"


if __name__ == "__main__":
    paths = [path for path in tree.files() if path.suffix in TEXT]
    tree.finish("files", [problem for path in paths for problem in check(path)], len(paths))
