#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""A class has one definition in a program: two of one name outside anonymous namespaces link without a word, and one of them
then does the other's work. Looks at include/ and src/ together, and at each folder of test/ with them.
"""
import collections

import statements
import tree


def definitions(text):
    """(qualified name, line) of each class defined at namespace scope, but for anonymous namespaces and specialisations."""
    tokens = statements.tokens_of(text)
    found = []

    def body(start, end, scope):
        i = start
        while i < end:
            word = tokens[i].text
            if word == "namespace":
                names = []
                i += 1
                while i < end and tokens[i].text not in ("{", ";", "="):
                    if tokens[i].kind == "word" and tokens[i].text != "inline":
                        names.append(tokens[i].text)
                    i += 1
                if i < end and tokens[i].text == "{":
                    past = statements.closing(tokens, i)
                    if names:
                        body(i + 1, past, scope + names)
                    i = past
            elif word == "template" and i + 1 < end and tokens[i + 1].text == "<":
                i = max(statements.after_angles(tokens, i + 1) - 1, i + 1)
            elif word in ("class", "struct", "union"):
                i = definition(i + 1, end, scope)
            elif word == "{":
                i = statements.closing(tokens, i)
            i += 1

    def definition(i, end, scope):
        """Looks at what follows `class`; returns the index of the last token that it has seen."""
        name, line = None, 0
        while i < end:
            token = tokens[i]
            if token.text in ("{", ":"):
                while i < end and tokens[i].text != "{":
                    i += 1
                if name:
                    found.append(("::".join(scope + [name]), line))
                return statements.closing(tokens, i)
            if token.text == "[[" or (token.text == "(" and tokens[i - 1].text == "alignas"):
                i = statements.closing(tokens, i)
            elif token.text in ("<", ";", "=", "(", ")", ",", ">", "*", "&"):
                return i
            elif token.kind == "word" and token.text not in ("final", "alignas"):
                nested = name and tokens[i - 1].text == "::"
                name, line = f"{name}::{token.text}" if nested else token.text, token.line
            i += 1
        return i

    body(0, len(tokens), [])
    return found


def group(path):
    parts = path.relative_to(tree.ROOT).parts
    return "" if parts[0] in ("include", "src") else str(path.parent.relative_to(tree.ROOT))


def problems(paths):
    library, tests = collections.defaultdict(list), collections.defaultdict(list)
    for path in paths:
        for name, line in definitions(path.read_text()):
            where = f"{tree.name(path)}:{line}"
            (tests[group(path), name] if group(path) else library[name]).append(where)
    for name, places in library.items():
        if len(places) > 1:
            yield f"{places[1]}: a class {name} is defined at {places[0]} too: give one of them another name"
    for (_, name), places in tests.items():
        for other in (library.get(name, []) + places)[:1]:
            for place in places:
                if place != other:
                    yield f"{place}: a class {name} is defined at {other} too: put it into an anonymous namespace"


if __name__ == "__main__":
    looked_at = [path for path in tree.files(".hpp", ".cpp") if tree.name(path).startswith(("include/", "src/", "test/"))
                 and not tree.name(path).startswith(("test/bench/", "test/install/", "test/abi/", "test/fuzz/"))]
    tree.finish("one definition", list(problems(looked_at)), len(looked_at))
