#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Rejects the expressions that g++ 12 compiles into double frees (G1 to G8), in *.hpp, *.cpp, the indented examples of
their /// comments and ```cpp blocks of *.md.

Statement by statement, with lambda bodies taken as code of their own: what stands in the same full expression as a
co_await counts. Types are guessed: a class or struct of this tree counts as an aggregate when it declares no constructor,
and what a function gives as an object of some class.
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
from statements import after_angles, closing, enclosing, statements, tokens_of, top_level, type_before

ADVICE = {line[2:4]: line[61:].strip() for line in __doc__.splitlines() if re.match(r"  G\d  ", line)}
CONTAINERS = {"vector", "list", "deque", "set", "map", "multiset", "multimap", "unordered_set", "unordered_map",
              "initializer_list", "array"}
PLAIN = {"int", "bool", "char", "double", "float", "long", "short", "unsigned", "size_t", "auto", "int64_t", "uint64_t",
         "int32_t", "uint32_t", "uint16_t", "uint8_t", "nanoseconds", "microseconds", "milliseconds", "seconds"}
TRIVIAL = PLAIN | {"string_view", "span", "minutes", "hours", "error_code"}
COUNTERS = {"size", "length", "count", "c_str", "empty", "has_value"}
GETTERS = COUNTERS | {"data", "get", "value", "min", "max"}
OPERATORS = {"sizeof", "alignof", "decltype", "noexcept", "not", "and", "or"}
CASTS = {"static_cast", "const_cast", "dynamic_cast", "reinterpret_cast"}
COMPARISONS = {"==", "!=", "<=", ">=", "&&", "||"}
SUSPENDS = {"co_await", "co_yield"}
NO_TYPE = SUSPENDS | {"return", "co_return", "throw", "new", "else", "case"}


def suspends(tokens):
    return any(token.text in SUSPENDS for token in tokens)


def findings(statement, aggregates, strings):
    """(rule, line) for one statement; `strings` are names of std::string objects."""
    if not suspends(statement):
        return
    around = enclosing(statement)
    for i, token in enumerate(statement):
        if token.kind == "closure" and token.by_value():
            yield "G1", token.line
        elif token.text == "{":
            inner = around[i] is not None and statement[around[i]].text == "{"
            rule = rule_of_brace(statement, i, inner, aggregates)
            if rule:
                yield rule, token.line
        elif token.text == "?" and makes_result(statement, i, around[i], strings):
            yield "G4", token.line
        elif token.text == "new" and suspends(statement[i:end_of_new(statement, i)]):
            yield "G7", token.line
        elif token.text == "throw" and suspends(operand(statement[i + 1:])):
            yield "G8", token.line


def operand(tokens):
    """What of the tokens belongs to one expression without a comma."""
    end = next((k for k in top_level(tokens) if tokens[k].text in (")", "]", "}", ":", ",", ";")), len(tokens))
    return tokens[:end]


def end_of_new(statement, i):
    """The index behind the constructor's arguments of the `new` at i."""
    i += 1
    if i < len(statement) and statement[i].text == "(":
        i = closing(statement, i) + 1
    while i < len(statement) and (statement[i].kind == "word" or statement[i].text in ("::", "<")):
        i = max(i + 1, after_angles(statement, i))
    return closing(statement, i) + 1 if i < len(statement) and statement[i].text in ("(", "{") else i


def rule_of_brace(statement, i, inner, aggregates):
    """The rule that the brace at i breaks; `inner`: it stands in another one."""
    inside = statement[i + 1:closing(statement, i)]
    before = statement[i - 1].text if i else ""
    name, _ = type_before(statement, i)
    if suspends(inside):
        return None if (inner and not name) or built_type(statement, i) in PLAIN else "G6"
    if before in ("(", ",") or (before == "{" and inside):
        return "G2" if not inside or inside[0].text == "." or before == "{" else "G5"
    if name in CONTAINERS and inside:
        return "G5"
    return "G2" if name in aggregates else None


def built_type(statement, i):
    """The name of what stands before the brace at i: a type, or else the type of the variable there."""
    i -= statement[i - 1].text == "="
    while i and statement[i - 1].text == "]":
        i = max(k for k in range(i) if statement[k].text == "[" and closing(statement, k) == i - 1)
    name, start = type_before(statement, i)
    while start and statement[start - 1].text in ("&", "&&", "*", "const"):
        start -= 1
    if start and (statement[start - 1].text == ">" or statement[start - 1].kind == "word"):
        if statement[start - 1].text not in NO_TYPE:
            return type_before(statement, start)[0]
    return name


def makes_result(statement, i, bracket, strings):
    """G4: whether the ?: at i may make an object of a class: one of its results is one, or they differ in kind."""
    awaited = bracket and statement[bracket].text == "(" and statement[bracket - 1].text in SUSPENDS
    kinds = [kind_of(result, strings, awaited) for result in results_of(statement[i + 1:])]
    kinds = [kind for kind in kinds if kind != "throw"]
    differ = any(0 < kinds.count(kind) < len(kinds) for kind in ("moved", "nullopt")) or {"string", "literal"} <= set(kinds)
    return "object" in kinds or differ


def results_of(tokens):
    """The results of the conditional behind whose ? the tokens stand; of one within it, its results."""
    nested, colon, end = 0, None, len(tokens)
    for k in top_level(tokens):
        text = tokens[k].text
        if text in (")", "]", "}", ",", ";"):
            end = k
            break
        if text == ":" and nested == 0 and colon is None:
            colon = k
        nested += {"?": 1, ":": -1}.get(text, 0)
    return results_in(tokens[:colon]) + results_in(tokens[colon + 1:end]) if colon is not None else []


def results_in(branch):
    while branch and branch[0].text == "(" and closing(branch, 0) == len(branch) - 1:
        branch = branch[1:-1]
    question = next((k for k in top_level(branch) if branch[k].text == "?"), None)
    return [branch] if question is None else results_of(branch[question + 1:])


def kind_of(result, strings, awaited):
    """What a result of ?: is, as far as it can be told: "object" is a new one of some class."""
    top = [result[k] for k in top_level(result)]
    texts, last = [token.text for token in top], result[-1].text if result else ""
    counts = not awaited and len(texts) > 1 and texts[-1] == "(" and texts[-2] in COUNTERS
    if suspends(result) or any(token.kind == "closure" for token in top):
        return "object"
    if texts[:1] == ["throw"]:
        return "throw"
    if texts in (["std", "::", "move", "("], ["move", "("]):
        return "moved"
    if counts or COMPARISONS & set(texts) or texts[:1] in (["!"], ["new"]):
        return "plain"
    if any(makes_object(result, k, strings, awaited) for k in top_level(result)):
        return "object"
    if last == "nullopt":
        return "nullopt"
    if len(result) == 1 and result[0].kind == "string" and last[-1] == '"':
        return "literal"
    return "string" if last in strings else "plain"


def makes_object(tokens, k, strings, awaited):
    """Whether at k something of a class is made: a call of something unknown, a construction, text put together."""
    token, before = tokens[k], tokens[k - 1] if k else None
    if token.kind == "string":
        return token.text.endswith('"s')
    if token.text == "+":
        sides = tokens[k - 1:k] + tokens[k + 1:k + 2]
        return any(side.text in strings or (side.kind == "string" and '"' in side.text) for side in sides)
    if token.text == "{":
        return type_before(tokens, k)[0] not in TRIVIAL
    if token.text != "(":
        return False
    if before is not None and before.text in (")", "]"):
        return True
    if before is None or (before.kind != "word" and before.text != ">"):
        inside = tokens[k + 1:closing(tokens, k)]
        return any(makes_object(inside, m, strings, awaited) for m in top_level(inside))
    name, _ = type_before(tokens, k)
    return name is not None and name not in TRIVIAL | OPERATORS | CASTS | (set() if awaited else GETTERS)


def default_arguments(statement, aggregates):
    """G3: a coroutine-returning function with a default argument of aggregate type."""
    texts = [token.text for token in statement]
    if "=" not in texts or "(" not in texts:
        return
    arrow = max((i for i, text in enumerate(texts) if text == "->"), default=len(texts))
    if "awaitable" not in texts[:texts.index("(")] + texts[arrow:]:
        return
    for i in range(1, len(texts) - 1):
        if texts[i] != "=" or statement[i - 1].kind != "word":
            continue
        kind, _ = type_before(statement, i - 1)
        if kind is None and i >= 3 and texts[i - 2] == "&":
            kind, _ = type_before(statement, i - 2)
        value = i + 1
        while texts[value + 1:value + 2] == ["::"]:
            value += 2
        if kind in aggregates and texts[value:value + 1] in (["{"], [kind]):
            yield "G3", statement[i].line


def strings_of(text):
    """Names of std::string objects: declared as such in the text, and never as something simpler."""
    name = r"(?:\s*const)?\s*[&*]*\s*\b(\w+)\s*[;,=({):]"
    simple = "|".join(sorted(PLAIN)) + "|string_view"
    return set(re.findall(r"\bstd::string\b" + name, text)) - set(re.findall(rf"\b(?:{simple})\b" + name, text))

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
        for _ in range(3):
            outer = re.sub(r"<[^<>;]*>", "", outer)
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
    """(text, first line) of each piece of C++ in a file: the examples in its comments are pieces, too."""
    text = path.read_text()
    if path.suffix != ".md":
        examples = re.finditer(r"(?:^[ \t]*///(?: {4,}[^\n]*)?\n)+", text, re.M)
        return [(text, 1)] + [(re.sub(r"^[ \t]*///", "", example[0], flags=re.M), text.count("\n", 0, example.start()) + 1)
                              for example in examples]
    return [(match[1], text.count("\n", 0, match.start(1)) + 1)
            for match in re.finditer(r"^[ \t]*```(?:cpp|c\+\+)[^\n]*\n(.*?)^[ \t]*```", text, re.M | re.S)]


def problems_of(text, aggregates, first_line=1):
    """(rule, line) of each finding in a piece of C++ that is not excused."""
    if not re.search(r"\b(co_await|co_yield|awaitable)\b", text):
        return
    lines, strings = text.splitlines(), strings_of(text)
    for statement in statements(tokens_of(text, first_line)):
        last = max(token.line for token in statement)
        around = lines[max(0, statement[0].line - first_line - 1):last - first_line + 1]
        for rule, line in sorted({*findings(statement, aggregates, strings), *default_arguments(statement, aggregates)}):
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
