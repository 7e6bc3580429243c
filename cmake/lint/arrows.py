#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The folders are the architecture: includes point downwards only, and private libraries stay in src/.

A file of detail/ has no level of its own: it stands as high as the highest folder that it includes, and whoever includes
it inherits that. So what counts is what a file reaches in the end. Excuse: `// lint: arrow-ok (reason)`.
"""
import functools
import re

import tree

BELOW = {
    "core": {"core"},
    "sync": {"sync", "core"},
    "compose": {"compose", "core"},
    "thread": {"thread", "compose", "sync", "core"},
    "io": {"io", "thread", "compose", "sync", "core"},
    "process": {"process", "io", "thread", "compose", "sync", "core"},
    "http": {"http", "io", "process", "thread", "compose", "sync", "core"},
}
FREE = {"testing", "debug", "detail", ""}  # "" is the umbrella header
PRIVATE = re.compile(r"<(boost/(beast|url|asio\.hpp|asio/ssl\.hpp|process)|openssl/|spdlog/|fmt/|zlib\.h|brotli/|zstd\.h|idn2\.h|libpsl\.h)")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"](.*)$', re.M)

SOURCES = {path for path in tree.files(".hpp", ".cpp") if tree.name(path).startswith(("include/brio/", "src/"))}


def folder(path):
    parts = path.relative_to(tree.ROOT).parts
    inside = parts[2:] if parts[0] == "include" else parts[1:]
    return inside[0] if len(inside) > 1 else ""


def resolve(path, kind, target):
    candidates = [tree.ROOT / "include" / target]
    if kind == '"':
        candidates = [path.parent / target, tree.ROOT / "src" / target] + candidates
    return next((c.resolve() for c in candidates if c.resolve() in SOURCES), None)


@functools.cache
def includes(path):
    """(line number, target, spelled) of each include of our own files that is not excused."""
    text = path.read_text()
    found = []
    for match in INCLUDE.finditer(text):
        target = resolve(path, match[1], match[2])
        if target and not tree.excused(match[3], "arrow"):
            found.append((text.count("\n", 0, match.start(2)) + 1, target, match[2]))
    return found


def reached(path):
    """Folders that an include of `path` brings in, looking through detail/ only, each with the way there."""
    ways, todo, seen = {}, [(path, [path])], set()
    while todo:
        at, way = todo.pop()
        if at in seen:
            continue
        seen.add(at)
        if folder(at) != "detail":
            ways.setdefault(folder(at), way)
            continue
        todo += [(target, way + [target]) for _, target, _ in includes(at)]
    return ways


def problems():
    for path in sorted(SOURCES):
        where = folder(path)
        for line, target, spelled in includes(path):
            for to, way in reached(target).items():
                if where not in FREE and to not in BELOW.get(where, {where}):
                    via = "".join(f", by way of {tree.name(step)}" for step in way[1:])
                    target_name = f"{to}/" if to else "the umbrella header"
                    yield (f"{tree.name(path)}:{line}: {where}/ must not look at {target_name}: "
                           f"it includes {spelled}{via}")
        if tree.name(path).startswith("include/"):
            for number, text in enumerate(path.read_text().splitlines(), 1):
                if re.match(r"\s*#\s*include", text) and PRIVATE.search(text) and not tree.excused(text, "arrow"):
                    yield f"{tree.name(path)}:{number}: a public header must not include a private library: {text.strip()}"


if __name__ == "__main__":
    tree.finish("include arrows", list(problems()), len(SOURCES))
