# SPDX-License-Identifier: BSL-1.0
"""C++ text as tokens and statements, as far as a lint needs them and without knowing a type."""
import re

TOKEN = re.compile(r"""
    (?P<skip>\s+|//[^\n]*|/\*.*?\*/|\#(?:\\\n|[^\n])*)
  | (?P<string>(?:u8|[uUL])?R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"|(?:u8|[uUL])?"(?:\\.|[^"\\\n])*"\w*|(?:u8|[uUL])?'(?:\\.|[^'\\\n])+')
  | (?P<word>[A-Za-z_]\w*)
  | (?P<number>\.?\d(?:[\w.']|(?<=[eEpP])[+-])*)
  | (?P<mark>::|->\*?|\[\[|<=>|\.\.\.|&&|\|\||[<>=!+\-*/%&|^]=|<<|\+\+|--|.)
""", re.X | re.S | re.M)
BLOCK_HEADS = {"class", "struct", "union", "enum", "namespace", "extern", "concept"}
HEADS = {"if", "while", "for", "switch"}
LABELS = {"case", "default", "public", "protected", "private"}
SPECIFIERS = {"mutable", "noexcept", "constexpr", "consteval", "static"}
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


def after_angles(tokens, i):
    """For a `<` that opens template arguments, the index behind their `>`; else i itself."""
    depth, j = 0, i
    while j < len(tokens) and tokens[i].text == "<":
        text = tokens[j].text
        if text in ("(", "{", "["):
            j = closing(tokens, j)
        elif text in (";", ")", "}", "]", "&&", "||", "?"):
            return i
        depth += {"<": 1, ">": -1}.get(text, 0)
        j += 1
        if depth == 0:
            return j
    return i


def top_level(tokens):
    """The indexes of the tokens in no brackets; of brackets that of the opening one."""
    i = 0
    while i < len(tokens):
        yield i
        if tokens[i].text in ("(", "{", "["):
            i = closing(tokens, i)
        elif tokens[i].text == "<" and i and tokens[i - 1].kind == "word":
            past = after_angles(tokens, i)
            if past > i and past < len(tokens) and tokens[past].text in ("(", "{", "::"):
                i = past - 1
        i += 1


def enclosing(tokens):
    """For each token the index of the innermost bracket around it, or None."""
    found, opened = [], []
    for i, token in enumerate(tokens):
        if token.text in (")", "}", "]") and opened:
            opened.pop()
        found.append(opened[-1] if opened else None)
        if token.text in ("(", "{", "["):
            opened.append(i)
    return found


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
    typed = False
    while i < len(tokens):
        text = tokens[i].text
        if text == "{":
            return i
        if text in ("(", "[["):
            i = closing(tokens, i)
        elif text == "<":
            past = after_angles(tokens, i)
            if past == i:
                return None
            i = past - 1
        elif text in ("->", "requires"):
            typed = True
        elif text not in SPECIFIERS and not (typed and (tokens[i].kind == "word" or text in ("::", "&", "&&", "||", "*"))):
            return None
        i += 1
    return None


def holds_statements(tokens, i):
    """Whether a `{` has a `;` of its own, as no initialiser has."""
    inside = tokens[i + 1:closing(tokens, i)]
    return any(inside[k].text == ";" for k in top_level(inside))


def starts_block(statement, before):
    """Whether a `{` at statement level opens a block and not an initialiser."""
    if not statement or before.text in BLOCK_BEFORE:
        return True
    if statement[0].text == "template" and len(statement) > 1:
        statement = statement[after_angles(statement, 1):]
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
    """Yields each statement as a list of tokens in which lambdas are single Closure tokens; their declarators and bodies
    come as well. What stands in the brackets of if, while, for and switch is a statement of its own (for: several)."""
    current, depth, i = [], 0, 0
    while i < len(tokens):
        token = tokens[i]
        text = token.text
        if text == "[[":
            i = closing(tokens, i) + 1
            continue
        fresh = depth == 0 and not current
        if opens_lambda(tokens, i) or (fresh and text == "["):
            body = lambda_body(tokens, i)
            if body is not None:
                captured, end = closing(tokens, i), closing(tokens, body)
                if body > captured + 1:
                    yield tokens[captured + 1:body]
                yield from statements(tokens[body + 1:end])
                current.append(Closure(tokens[i + 1:captured], token.line))
                i = end + 1
                continue
        if fresh and text in ("else", "do"):
            i += 1
            continue
        if fresh and text in HEADS:
            start = i + 1
            if start < len(tokens) and tokens[start].text == "constexpr":
                start += 1
            if start < len(tokens) and tokens[start].text == "(":
                end = closing(tokens, start)
                yield from statements(tokens[start + 1:end])
                i = end + 1
                continue
        if text in ("(", "["):
            depth += 1
        elif text in (")", "]"):
            depth = max(0, depth - 1)
        elif text == "{":
            if (depth == 0 and starts_block(current, tokens[i - 1] if i else None)) or holds_statements(tokens, i):
                if depth == 0 and current:
                    yield current
                    current = []
                end = closing(tokens, i)
                yield from statements(tokens[i + 1:end])
                i = end + 1
                continue
            depth += 1
        elif text == "}":
            depth = max(0, depth - 1)
        if text == ";" and depth == 0:
            if current:
                yield current
            current = []
        elif text == ":" and depth == 0 and current and current[0].text in LABELS:
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
