r"""A file's text → whether it is nested too deeply for libcst, whose native parser overflows the stack on such input.

One pass of compiled patterns over the tokens. It follows the fields of f-strings as Python 3.12 reads them, because
libcst parses what stands in them. Where the text is no valid Python the scan still ends, and errs towards "too deep".
"""

from __future__ import annotations

import re

BRACKETS = 200  # as CPython
INDENTS = 100  # as CPython
UNARY = 200  # operators in a row
CHAIN = 500  # attributes, calls, operators and adjacent strings between two commas
ELIFS = 500
PATTERN = 6  # brackets in a `case`: libcst needs ten times longer for each two
TOTAL = 1000  # links of all chains that are open at one place

_CODE = re.compile(
    r"""
    (?P<format>(?:[rR]?[fFtT]|[fFtT][rR])(?:'''|\"\"\"|'|\"))
  | (?P<string>[rRbBuU]{0,2}(?:
        '''[^\\']*+(?:(?:\\.|'(?!''))[^\\']*+)*+(?:'''|\Z)
      | \"\"\"[^\\\"]*+(?:(?:\\.|\"(?!\"\"))[^\\\"]*+)*+(?:\"\"\"|\Z)
      | '[^\\'\n]*+(?:\\.[^\\'\n]*+)*+'?
      | \"[^\\\"\n]*+(?:\\.[^\\\"\n]*+)*+\"?))
  | (?P<word>\d\w*+(?:\.\d\w*+)?|\w+)
  | (?P<open>[(\[{])
  | (?P<close>[)\]}])
  | (?P<comma>[,;])
  | (?P<operator>[-+~*!]|[./%@&|^<>=]++)
  | (?P<colon>:)
  | (?P<newline>\n[ \t\f]*+)
  | (?P<skip>\#[^\n]*+|\\\n)
    """,
    re.VERBOSE | re.DOTALL,
)
_LITERAL = {
    quote: re.compile(
        rf"(?P<end>{quote}{'' if len(quote) == 3 else '|' + chr(92) + 'n'})"
        r"|(?P<double>\{\{|\}\})|(?P<open>\{)|(?P<close>\})|\\N\{[\w -]*+\}|\\[^{}]|\\",
        re.DOTALL,
    )
    for quote in ("'''", '"""', "'", '"')
}
_OPERATORS = frozenset(
    ("and", "or", "not", "in", "is", "if", "else", "lambda", "await", "yield", "from", "for", "async")
)
_FIRST = re.compile(r"(if|elif|case)\b(?!\s*[.=:,)])")


class _Scan:
    """The place reached, and what is open there."""

    __slots__ = ("case", "chains", "fields", "indents", "operand", "position", "run", "text", "total")

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.chains = [0]  # links since the last comma: of the logical line, then of each open bracket
        self.fields: list[tuple[int, str, bool]] = []  # open f-strings: chains, quote, whether in a specification
        self.indents = [[0, 0]]  # width, and `elif`s since the last `if`
        self.operand = False  # whether the last token was one
        self.run = 0  # operators in a row
        self.total = 0  # of chains and `elif`s that are open
        self.case = False  # in the pattern of a `case`

    def too_deep(self) -> str | None:
        """What is too deep, if anything."""
        why = self.first_word()
        while why is None:
            token = _CODE.search(self.text, self.position)
            if token is None:
                return None
            self.position = token.end()
            why = self.take(token.lastgroup or "skip", token.group())
        return why

    def take(self, kind: str, token: str) -> str | None:
        """Count one token of code; says what is too deep, if anything."""
        if kind == "word" and token not in _OPERATORS:
            self.operand, self.run = True, 0
        elif kind == "word" or kind == "operator":
            if self.case and token == "if" and len(self.chains) == 1:
                self.case = False  # a guard is no pattern
            self.run = 0 if self.operand else self.run + 1
            self.operand = False
            if token == "=":  # flat, and the same before a default: neither a link nor the end of a chain
                return None
            return "unary operators" if self.run > UNARY else self.link()
        elif kind == "open":
            return self.open()
        elif kind == "close":
            return self.close()
        elif kind == "comma":
            self.reset()
        elif kind == "colon" and self.in_field():
            return self.literal(spec=True)
        elif kind == "format":
            why = self.string()
            self.fields.append((len(self.chains), token.lstrip("rRfFtT"), False))
            return why or self.literal(spec=False)
        elif kind == "string":
            return self.string()
        elif kind == "newline" and len(self.chains) == 1:
            return self.line(token)
        elif kind == "colon":
            self.operand = False
        return None

    def link(self) -> str | None:
        """One more link of the chain."""
        self.chains[-1] += 1
        self.total += 1
        if self.chains[-1] > CHAIN:
            return "operators, attributes or calls in one chain"
        return "expressions in expressions" if self.total > TOTAL else None

    def reset(self) -> None:
        """A chain ends."""
        self.total -= self.chains[-1]
        self.chains[-1] = 0
        self.operand, self.run = False, 0

    def string(self) -> str | None:
        """A string is an operand; beside another one it lengthens the chain."""
        why = self.link() if self.operand else None
        self.operand, self.run = True, 0
        return why

    def open(self) -> str | None:
        """A bracket opens: of a call or subscript where an operand stands before it."""
        why = self.link() if self.operand else None
        self.chains.append(0)
        self.operand, self.run = False, 0
        if len(self.chains) - 1 > (PATTERN if self.case else BRACKETS):
            return "brackets in the pattern of a `case`" if self.case else "brackets"
        return why

    def close(self) -> str | None:
        """A bracket closes; the one of a field leads back into the text of its f-string."""
        if self.in_field():
            return self.literal(self.field_closed())
        if len(self.chains) > 1:
            self.total -= self.chains.pop()
        self.operand, self.run = True, 0
        return None

    def in_field(self) -> bool:
        """Whether a replacement field is the innermost thing that is open."""
        return bool(self.fields) and len(self.chains) == self.fields[-1][0] + 1

    def field_closed(self) -> bool:
        """Close the innermost field; says whether it stood in a format specification."""
        self.total -= self.chains.pop()
        if self.fields[-1][2]:
            self.fields.pop()
            return True
        return False

    def literal(self, spec: bool) -> str | None:
        """Skip the text of an f-string, or of a format specification in one, to its end or to the next field."""
        while True:
            depth, quote, _ = self.fields[-1]
            found = _LITERAL[quote].search(self.text, self.position)
            kind = "end" if found is None else found.lastgroup
            self.position = len(self.text) if found is None else found.end()
            if found is not None and spec and kind == "double":
                kind, self.position = ("open" if found.group() == "{{" else "close"), found.start() + 1
            if kind == "end":
                self.end_string()
                return None
            if kind == "open":
                if spec:
                    self.fields.append((depth + 1, quote, True))
                self.operand = False
                return self.open()
            if kind == "close" and spec:
                spec = self.field_closed()

    def end_string(self) -> None:
        """An f-string ends, and with it what it left open."""
        while self.fields[-1][2]:
            self.fields.pop()
        depth = self.fields.pop()[0]
        while len(self.chains) > depth:
            self.total -= self.chains.pop()
        self.operand = True

    def line(self, token: str) -> str | None:
        """A logical line ends; the next one has the indentation that the token holds."""
        if self.text[self.position : self.position + 1] in ("\n", "#", ""):
            return None
        self.reset()
        width = len(token[1:].expandtabs(8))
        while width < self.indents[-1][0]:
            self.total -= self.indents.pop()[1]
        if width > self.indents[-1][0]:
            self.indents.append([width, 0])
        return "indented blocks" if len(self.indents) - 1 > INDENTS else self.first_word()

    def first_word(self) -> str | None:
        """What a logical line starts with decides how it may go on."""
        first = _FIRST.match(self.text, self.position)
        word = first.group(1) if first is not None else ""
        self.case = word == "case"
        level = self.indents[-1]
        if word == "if":
            self.total -= level[1]
            level[1] = 0
        elif word == "elif":
            level[1] += 1
            self.total += 1
            return "`elif` clauses" if level[1] > ELIFS else None
        return None


def too_deep(text: str) -> tuple[str, int] | None:
    """Why libcst must not be given this text, and the line; None where it may."""
    scan = _Scan(text)
    why = scan.too_deep()
    if why is None:
        return None
    return f"too many nested {why} for a safe parse", text.count("\n", 0, scan.position) + 1
