#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Every C++ block of the documentation is compiled code.

A fenced cpp block must follow a line `<!-- examples/path.cpp -->` or `<!-- examples/path.cpp#region -->` and equal that
file, or the lines between `// [region]` and `// [/region]` in it. `<!-- not compiled: reason -->` excuses a block.
"""
import pathlib
import re
import sys
import textwrap

root = pathlib.Path(__file__).resolve().parents[2]
marker = re.compile(r"<!-- (.+?) -->\s*$")


def region_of(reference):
    path, _, name = reference.partition("#")
    file = root / path
    if not file.is_file():
        return None, f"there is no file {path}"
    lines = file.read_text().splitlines()
    if not name:
        return "\n".join(line for line in lines), None
    begin = [i for i, line in enumerate(lines) if line.strip() == f"// [{name}]"]
    end = [i for i, line in enumerate(lines) if line.strip() == f"// [/{name}]"]
    if len(begin) != 1 or len(end) != 1:
        return None, f"{path} needs exactly one `// [{name}]` and one `// [/{name}]`"
    return textwrap.dedent("\n".join(lines[begin[0] + 1:end[0]])), None


def check(page):
    faults = []
    lines = page.read_text().splitlines()
    above = ""
    i = 0
    while i < len(lines):
        if lines[i].startswith("```cpp"):
            start = i + 1
            i = next((k for k in range(start, len(lines)) if lines[k].startswith("```")), len(lines))
            found = marker.match(above)
            where = f"{page.relative_to(root)}:{start}"
            if not found:
                faults.append(f"{where}: a cpp block without `<!-- file#region -->` above it")
            elif not found.group(1).startswith("not compiled: "):
                text, fault = region_of(found.group(1))
                if fault:
                    faults.append(f"{where}: {fault}")
                elif text.strip() != "\n".join(lines[start:i]).strip():
                    faults.append(f"{where}: differs from {found.group(1)}")
        elif lines[i].strip():
            above = lines[i]
        i += 1
    return faults


pages = [root / "README.md", *sorted((root / "doc").rglob("*.md"))]
faults = [fault for page in pages if page.is_file() for fault in check(page)]
print("\n".join(faults) or f"{len(pages)} pages: every cpp block is compiled code")
sys.exit(1 if faults else 0)
