#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Rejects the expressions that g++ 12 compiles into double frees (G1 to G8), in *.hpp, *.cpp and ```cpp blocks of *.md.

Statement by statement, with lambda bodies taken as code of their own: what stands in the same full expression as a
co_await counts. Types are guessed: a class or struct of this tree counts as an aggregate when it declares no constructor.
Excuse, on the statement or on the line before it: `// lint: G1-ok (reason)`.

  G1  a temporary closure that captures by value             name it first: auto f = [x] {...}; co_await g(f);
  G2  a temporary of an aggregate, a braced argument         give the type a constructor, or name the object
  G3  a default argument of aggregate type                   overload, or give the type a constructor
  G4  ?: with class results or with awaits in its branches   if/else into a named variable
  G5  braces that need an initializer-list array             name the container first
  G6  braces around a co_await                               await into a named variable first
  G7  new T(co_await ...)                                    std::make_unique<T>(co_await ...)
  G8  throw E(co_await ...)                                  name the value, then throw
"""
import re

import tree

ADVICE = {line[2:4]: line[61:].strip() for line in __doc__.splitlines() if re.match(r"  G\d  ", line)}
TOKEN = re.compile(r"""
    (?P<skip>\s+|//[^\n]*|/\*.*?\*/|\#(?:\\\n|[^\n])*)
  | (?P<string>(?:u8|[uUL])?R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"|(?:u8|[uUL])?"(?:\\.|[^"\\\n])*"\w*|(?:u8|[uUL])?'(?:\\.|[^'\\\n])+')
  | (?P<word>[A-Za-z_]\w*)
  | (?P<number>\.?\d(?:[\w.']|(?<=[eEpP])[+-])*)
  | (?P<mark>::|->\*?|\[\[|<=>|\.\.\.|&&|\|\||[<>=!+\-*/%&|^]=|<<|\+\+|--|.)
""", re.X | re.S | re.M)
CONTAINERS = {"vector", "list", "deque", "set", "map", "multiset", "multimap", "unordered_set", "unordered_map",
              "initializer_list", "array"}
PLAIN = {"int", "bool", "char", "double", "float", "long", "short", "unsigned", "size_t", "auto", "int64_t", "uint64_t",
         "int32_t", "uint32_t", "uint16_t", "uint8_t", "nanoseconds", "microseconds", "milliseconds", "seconds"}
GETTERS = {"size", "length", "count", "c_str", "data", "empty", "get", "value", "min", "max"}
BLOCK_HEADS = {"class", "struct", "union", "enum", "namespace", "extern", "concept"}
BLOCK_BEFORE = {")", "else", "do", "try", ";", "{", "}", ":", "const", "noexcept", "override", "final", "mutable", "requires"}


class Token:
    def __init__(self, kind, text, line):
        self.kind, self.text, self.line = kind, text, line

    def __repr__(self):
        return self.text


def tokens_of(text, first_line=1):
    found, line = [], first_line
    for match in TOKEN.finditer(text):
        kind = match.lastgroup if match.lastgroup != "tag" else "string"
        if match["string"] is not None:
            kind = "string"
        if kind != "skip":
            found.append(Token(kind, match[0], line))
        line += match[0].count("\n")
    return found


def closing(tokens, start):
    """The index of the bracket that closes the one at `start` (or the end)."""
    pairs = {"(": ")", "{": "}", "[": "]", "[[": "]]"}
    depth = 0
    for i in range(start, len(tokens)):
        text = tokens[i].text
        if text in ("(", "{", "["):
            depth += 1
        elif text == "[[":
            depth += 2
        elif text in (")", "}", "]"):
            depth -= 1
            if depth <= 0:
                return i
    return len(tokens) - 1


def opens_lambda(tokens, i):
    if tokens[i].text != "[":
        return False
    before = tokens[i - 1] if i else None
    if before is None:
        return True
    if before.kind in ("word", "number", "string"):
        return before.text in ("return", "co_return", "co_await", "co_yield", "case", "throw", "else", "do")
    return before.text not in (")", "]", "}")


def lambda_body(tokens, i):
    """For the `[` of a lambda, the index of the `{` of its body, or None when there is none."""
    i = closing(tokens, i) + 1
    while i < len(tokens):
        text = tokens[i].text
        if text == "{":
            return i
        if text in ("(", "[["):
            i = closing(tokens, i)
        elif text in (";", ",", ")", "}", "]"):
            return None
        i += 1
    return None


def starts_block(statement, before):
    """Whether a `{` at statement level opens a block and not an initialiser."""
    if not statement or before.text in BLOCK_BEFORE:
        return True
    words = [token.text for token in statement]
    if BLOCK_HEADS & set(words[:12]) and "=" not in words and "co_await" not in words:
        return True
    plain = not {"=", "return", "co_return", "co_await", "throw"} & set(words)
    return plain and ("->" in words and ")" in words or "operator" in words)


class Closure:
    """Stands in a statement for a whole lambda expression."""
    kind = "closure"

    def __init__(self, captures, line):
        self.captures, self.line, self.text = captures, line, "[]{}"

    def by_value(self):
        part, depth, parts = [], 0, []
        for token in self.captures:
            if token.text in "([{":
                depth += 1
            elif token.text in ")]}":
                depth -= 1
            if token.text == "," and depth == 0:
                parts.append(part)
                part = []
            else:
                part.append(token.text)
        parts.append(part)
        return any(part and part[0] not in ("&", "this") for part in parts)


def statements(tokens):
    """Yields each statement as a list of tokens in which lambdas are single Closure tokens; their bodies come as well."""
    current, depth, i = [], 0, 0
    while i < len(tokens):
        token = tokens[i]
        text = token.text
        if text == "[[":
            i = closing(tokens, i) + 1
            continue
        if opens_lambda(tokens, i):
            body = lambda_body(tokens, i)
            if body is not None:
                end = closing(tokens, body)
                yield from statements(tokens[body + 1:end])
                current.append(Closure(tokens[i + 1:closing(tokens, i)], token.line))
                i = end + 1
                continue
        if text in ("(", "["):
            depth += 1
        elif text in (")", "]"):
            depth = max(0, depth - 1)
        elif text == "{" and depth == 0 and starts_block(current, tokens[i - 1] if i else None):
            if current:
                yield current
            end = closing(tokens, i)
            yield from statements(tokens[i + 1:end])
            current = []
            i = end + 1
            continue
        elif text == "{":
            depth += 1
        elif text == "}":
            depth = max(0, depth - 1)
        if text == ";" and depth == 0:
            if current:
                yield current
            current = []
        else:
            current.append(token)
        i += 1
    if current:
        yield current


def type_before(statement, i):
    """The last name of the type that stands before index i, and the index where the type begins."""
    j = i - 1
    if j >= 0 and statement[j].text == ">":
        depth = 0
        while j >= 0:
            depth += {">": 1, "<": -1, ">>": 2}.get(statement[j].text, 0)
            if depth == 0:
                break
            j -= 1
        j -= 1
    if j < 0 or statement[j].kind != "word":
        return None, i
    name = statement[j].text
    while j >= 2 and statement[j - 1].text == "::" and statement[j - 2].kind == "word":
        j -= 2
    return name, j


def findings(statement, aggregates):
    """(rule, line) for one statement."""
    texts = [token.text for token in statement]
    if "co_await" not in texts:
        return
    first = texts.index("co_await")
    line = statement[first].line
    if texts[0] == "throw":
        yield "G8", line
    if "new" in texts[:first] and "(" in texts[texts.index("new"):first]:
        if closing(statement, texts.index("(", texts.index("new"))) > first:
            yield "G7", line
    for token in statement:
        if token.kind == "closure" and token.by_value():
            yield "G1", token.line
    yield from braces(statement, aggregates)
    yield from conditionals(statement)


def braces(statement, aggregates):
    for i, token in enumerate(statement):
        if token.text != "{":
            continue
        end = closing(statement, i)
        inside = statement[i + 1:end]
        words = [part.text for part in inside]
        name, start = type_before(statement, i)
        before = statement[i - 1].text if i else ""
        if "co_await" in words:
            declared = {part.text for part in statement[:i]}
            if not (PLAIN & declared) or name in aggregates:
                yield "G6", token.line
        elif before in ("(", ",") or (before == "{" and words):
            yield ("G2" if not words or "." == words[0] or before == "{" else "G5"), token.line
        elif name in CONTAINERS and words:
            yield "G5", token.line
        elif name in aggregates:
            yield "G2", token.line


def conditionals(statement):
    for i, token in enumerate(statement):
        if token.text != "?":
            continue
        depth, j, colon = 0, i + 1, None
        while j < len(statement):
            text = statement[j].text
            if text in ("(", "[", "{"):
                depth += 1
            elif text in (")", "]", "}"):
                depth -= 1
                if depth < 0:
                    break
            elif text == ":" and depth == 0 and colon is None:
                colon = j
            elif text in (",", ";") and depth == 0:
                break
            j += 1
        if colon is None:
            continue
        for branch in (statement[i + 1:colon], statement[colon + 1:j]):
            if heavy(branch):
                yield "G4", token.line
                break


def heavy(branch):
    """Whether a branch of ?: may make an object of a class: it awaits, builds, or calls something unknown."""
    for k, token in enumerate(branch):
        if token.text in ("co_await", "{") or token.kind == "closure":
            return True
        if token.text == "(" and k and branch[k - 1].kind == "word" and branch[k - 1].text not in GETTERS | PLAIN:
            return True
        if token.text == "(" and k and branch[k - 1].text == ">" and "static_cast" not in [p.text for p in branch[:k]]:
            return True
        if token.kind == "string" and re.search(r'"(s|sv)$', token.text):
            return True
    return False


def default_arguments(statement, aggregates):
    """G3: a coroutine-returning function with a default argument of aggregate type."""
    texts = [token.text for token in statement]
    if "awaitable" not in texts[:texts.index("(")] if "(" in texts else True:
        return
    for i in range(1, len(texts) - 1):
        if texts[i] != "=" or statement[i - 1].kind != "word":
            continue
        kind, _ = type_before(statement, i - 1)
        if kind is None and i >= 3 and texts[i - 2] == "&":
            kind, _ = type_before(statement, i - 2)
        if kind in aggregates and (texts[i + 1] == "{" or texts[i + 1] == kind):
            yield "G3", statement[i].line


def structs_of(text):
    """(name, whether it is an aggregate) of each struct in a text: data, no constructor, nothing hidden or virtual."""
    text = re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)
    head = r"\b(struct|class)\s+(?:BRIO_API\s+|\[\[.*?\]\]\s*)?([A-Za-z_]\w*)\s*(?:final\s*)?(?::[^{;()]*)?\{"
    for match in re.finditer(head, text):
        depth, i = 1, match.end()
        while i < len(text) and depth:
            depth += {"{": 1, "}": -1}.get(text[i], 0)
            i += 1
        body, name = text[match.end():i - 1], match[2]
        outer = re.sub(r"\{[^{}]*\}", ";", body)
        built = re.search(rf"(?<![\w~.>:]){name}\s*\(", body) or re.search(r"\busing\s+[\w:<>]+::\w+;", body)
        hidden = match[1] == "class" or re.search(r"\b(private|protected)\s*:|\bvirtual\b", body)
        data = re.search(r"(?:^|;)\s*(?!using|static|friend|return|typedef|template|enum|struct|class)[\w:<>,*&\s]+\s[a-z]\w*\s*(=[^;]*)?;",
                         outer)
        yield name, bool(data and not built and not hidden)


def aggregates_of(texts):
    """Names that mean an aggregate wherever they are defined."""
    found = {}
    for text in texts:
        for name, aggregate in structs_of(text):
            found[name] = aggregate and found.get(name, True)
    return {name for name, aggregate in found.items() if aggregate}


def pieces(path):
    """(text, first line) of each piece of C++ in a file."""
    text = path.read_text()
    if path.suffix != ".md":
        return [(text, 1)]
    return [(match[1], text.count("\n", 0, match.start(1)) + 1)
            for match in re.finditer(r"^[ \t]*```(?:cpp|c\+\+)[^\n]*\n(.*?)^[ \t]*```", text, re.M | re.S)]


def problems_of(text, aggregates, first_line=1):
    """(rule, line) of each finding in a piece of C++ that is not excused."""
    lines = text.splitlines()
    for statement in statements(tokens_of(text, first_line)):
        last = max(token.line for token in statement)
        around = lines[max(0, statement[0].line - first_line - 1):last - first_line + 1]
        for rule, line in sorted({*findings(statement, aggregates), *default_arguments(statement, aggregates)}):
            if not any(tree.excused(text_line, rule) for text_line in around):
                yield rule, line


def check(path, aggregates):
    for text, first_line in pieces(path):
        for rule, line in problems_of(text, aggregates, first_line):
            yield f"{tree.name(path)}:{line}: {rule}: g++ 12 miscompiles this. Instead: {ADVICE[rule]}"


if __name__ == "__main__":
    paths = tree.files(".hpp", ".cpp", ".md")
    known = aggregates_of(text for path in paths for text, _ in pieces(path))
    tree.finish("g++ 12 expressions", [problem for path in paths for problem in check(path, known)], len(paths))
