"""One statement and what is suspected in it → findings: the libcst visitor that alone flags Python code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import libcst as cst
import msgspec
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from ..model.finding import Finding, Fix, Problem, Suspicion
from ..model.location import Location, Span
from ..model.rule import LoadedRule, Node
from ..nesting import too_deep
from .kinds import DEFINITIONS, HANDLERS, bracketed, of_kind, sole_generator
from .statements import Index, Statement
from .tokens import token_text

Outcome = tuple[list[Finding], list[tuple[Suspicion, str]], list[Problem]]
_LITERALS = (cst.SimpleString, cst.FormattedStringText, cst.TemplatedStringText)
_WITH_FIELDS = (cst.FormattedString, cst.TemplatedString, cst.ConcatenatedString)
_BEFORE = {"": "", "if": "if 1: ...\n", "try": "try: ...\n", "match": "match 1:\n "}
_SHORT = 8  # lines of an `except` clause's body that are parsed with it
_AFTER = {"": "\n", "body": " ...\n", "case": "\n case _: ...\n"}


@dataclass(frozen=True, slots=True)
class Place:
    """The statement being judged, where it stands, and how positions in the parsed text lead there."""

    path: str
    statement: Statement
    index: Index
    text: str  # what is parsed
    shift: int  # lines to add
    moved: Mapping[int, int]  # line of the file → columns to add

    def span(self, position: CodeRange) -> Span:
        """The span of the file that is parsed at this position."""
        line, end_line = position.start.line + self.shift, position.end.line + self.shift
        column, end_column = self.moved.get(line, 0), self.moved.get(end_line, 0)
        return Span(line, position.start.column + column, end_line, position.end.column + end_column)


def visit(
    path: str, statement: Statement, index: Index, suspicions: Sequence[Suspicion], rules: Mapping[str, LoadedRule]
) -> Outcome:
    """Parse the statement once and let the visitor judge all suspicions in it, in their order."""
    place = _standing_alone(path, statement, index)
    names = ", ".join(f"`{rule}`" for rule in sorted({suspicion.rule for suspicion in suspicions}))
    where = f"line {statement.header.line}"
    try:
        if excess := too_deep(place.text):
            why = f"{where}: too deeply nested ({excess[0]}) to confirm {names}"
            return [], [], [Problem("inspect", path, why)]
        flagger = Flagger(place, suspicions, rules)
        MetadataWrapper(cst.parse_module(place.text), unsafe_skip_copy=True).visit(flagger)
    except cst.ParserSyntaxError:
        why = f"{where}: libcst does not parse the statement, so {names} cannot be confirmed"
        return [], [], [Problem("inspect", path, why)]
    except (RecursionError, MemoryError):
        return [], [], [Problem("inspect", path, f"{where}: too deeply nested to confirm {names}")]
    return flagger.findings, flagger.cleared, flagger.problems


def _standing_alone(path: str, statement: Statement, index: Index) -> Place:
    """The statement as a module of its own.

    Its logical lines begin at the left margin and all else is as written: under `if 1:` libcst would take the
    block's indentation out of continuation lines, and a rule that renders a node again would lose it.
    """
    first, rows = statement.header.line, index.slice(statement.header)
    rows[0] = index.lines[first - 1][: statement.header.column] + rows[0]
    for line, column in statement.opens:
        rows[line - first] = rows[line - first][column:]
    behind = _behind(statement, index)
    before = _BEFORE[statement.before]
    margin = len(before) - before.rfind("\n") - 1 if before else 0
    moved = {line: column - margin for line, column in statement.opens}
    text = before + "\n".join(rows) + (behind or _AFTER[statement.after])
    return Place(path, statement, index, text, first - 1 - before.count("\n"), moved)


def _behind(statement: Statement, index: Index) -> str:
    """What follows the header of a short `except` clause: what it does and says is all there is to judge; "" else."""
    header, span = statement.header, statement.span
    if statement.before != "try" or span.end_line - header.end_line > _SHORT:
        return ""
    last = span.end_line
    while last < len(index.lines) and _is_remark(index.lines[last], header.column):
        last += 1
    rows = index.lines[header.end_line - 1 : last]
    return "\n".join([rows[0][header.end_column :], *rows[1:]]) + "\n"


def _is_remark(line: str, column: int) -> bool:
    """Whether a line is a comment that is indented deeper than a column."""
    bare = line.lstrip()
    return bare.startswith("#") and len(line) - len(bare) > column


class Flagger(cst.CSTVisitor):
    """Visits every node of one statement, and makes a finding of each suspicion whose node is there."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, place: Place, suspicions: Sequence[Suspicion], rules: Mapping[str, LoadedRule]) -> None:
        super().__init__()
        self.findings: list[Finding] = []
        self.cleared: list[tuple[Suspicion, str]] = []
        self.problems: list[Problem] = []
        self._place, self._suspicions, self._rules = place, suspicions, rules
        self._wanted = {suspicion.at.span for suspicion in suspicions}
        self._at: dict[Span, list[cst.CSTNode]] = {}
        self._inside: dict[Span, list[cst.CSTNode]] = {}  # what stands in a wanted string, by the string's span
        self._string: tuple[cst.CSTNode, Span] | None = None  # the wanted string that is being visited
        self._turns: Counter[tuple[str, Span]] = Counter()  # suspicions that had to look inside a string
        self._spans: dict[cst.CSTNode, Span] = {}
        self._comments: list[Span] = []
        self._literals: list[Span] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Remember the nodes at the suspected places, and what the token text needs."""
        position = self.get_metadata(PositionProvider, node, None)
        if not isinstance(position, CodeRange):
            return True
        own = self._place.span(position)
        if isinstance(node, cst.Comment):
            self._comments.append(own)
        elif isinstance(node, _LITERALS):
            self._literals.append(own)
        self._spans.setdefault(node, bracketed(node, own, self._span_of))
        if isinstance(node, cst.Call) and (sole := sole_generator(node, own, self._span_of, self._place.index.lines)):
            self._spans[sole[0]] = sole[1]
        for span in self._known_under(node):
            self._at.setdefault(span, []).append(node)
        if self._string is not None:
            self._inside.setdefault(self._string[1], []).append(node)
        elif isinstance(node, _WITH_FIELDS) and own in self._wanted:
            self._string = (node, own)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        """Judge the suspicions when everything has been seen."""
        if self._string is not None and self._string[0] is original_node:
            self._string = None
        if isinstance(original_node, cst.Module):
            text = token_text(self._place.statement.header, self._place.index, self._comments, self._literals)
            for suspicion in self._suspicions:
                self._judge(suspicion, text)

    def _span_of(self, node: cst.CSTNode) -> Span:
        position = self.get_metadata(PositionProvider, node)
        assert isinstance(position, CodeRange)
        return self._place.span(position)

    def _known_under(self, node: cst.CSTNode) -> list[Span]:
        """The wanted spans that mean this node: of clauses, definitions and parameters all that begin where they do."""
        own = self._spans[node]
        starts = {(own.line, own.column)}
        if isinstance(node, cst.Param):  # facts know it without its default
            return sorted(span for span in self._wanted if (span.line, span.column) in starts)
        if not isinstance(node, DEFINITIONS + HANDLERS):
            return [own] if own in self._wanted else []
        if isinstance(node, DEFINITIONS):
            self._spans[node] = self._span_of(node.name)
            starts.add((self._spans[node].line, self._spans[node].column))
        else:
            end = self._place.statement.header
            self._spans[node] = Span(own.line, own.column, end.end_line, end.end_column)
        return sorted(span for span in self._wanted if (span.line, span.column) in starts)

    def _judge(self, suspicion: Suspicion, text: str) -> None:
        kind = Node(suspicion.node or self._rules[suspicion.rule].rule.node)
        span = suspicion.at.span
        nodes = of_kind(kind, self._at.get(span, ()))[:1]
        if not nodes and (nodes := of_kind(kind, self._inside.get(span, ()))):
            # Every node in the string carries its span: the second equal suspicion means the second such node.
            turn = self._turns[suspicion.rule, span] % len(nodes)
            self._turns[suspicion.rule, span] += 1
            nodes = nodes[turn:] + nodes[:turn]
        if not nodes:
            place = f"line {span.line}, column {span.column + 1}"
            self._complain(f"`{suspicion.rule}` suspects {place}, where no {kind} is: a bug of backend-audit")
            return
        for node in nodes:
            exact = self._spans[node] if len(nodes) == 1 else span
            sharp = msgspec.structs.replace(suspicion, at=Location(suspicion.at.path, exact))
            confirmed = self._confirmed(node, sharp)
            if confirmed is None:
                return
            if confirmed:
                self._flag(node, sharp, text)
                return
        self.cleared.append((suspicion, "confirm"))

    def _confirmed(self, node: cst.CSTNode, suspicion: Suspicion) -> bool | None:
        """What the rule says of the node; None where it fails."""
        confirm = self._rules[suspicion.rule].confirm
        try:
            return confirm is None or bool(confirm(node, suspicion))
        except Exception as error:  # noqa: BLE001 - a rule is somebody else's code: its failure costs one suspicion
            self._complain(_failure(suspicion, "confirm", error))
            return None

    def _flag(self, node: cst.CSTNode, suspicion: Suspicion, text: str) -> None:
        rule, statement = self._rules[suspicion.rule].rule, self._place.statement
        self.findings.append(
            Finding(
                rule=suspicion.rule,
                at=suspicion.at,
                statement=statement.span,
                header=statement.header,
                message=suspicion.message,
                subject=suspicion.subject,
                severity=suspicion.severity or rule.severity,
                confidence=suspicion.confidence or rule.confidence,
                within=statement.within,
                text=text,
                trace=suspicion.trace,
                related=suspicion.related,
                endpoints=suspicion.endpoints,
                engines=(suspicion.engine,),
                fix=self._fix(node, suspicion),
            )
        )

    def _fix(self, node: cst.CSTNode, suspicion: Suspicion) -> Fix | None:
        make = self._rules[suspicion.rule].fix
        try:
            return make(node, suspicion) if make is not None else None
        except Exception as error:  # noqa: BLE001 - the finding stands without its fix
            self._complain(_failure(suspicion, "fix", error))
            return None

    def _complain(self, message: str) -> None:
        self.problems.append(Problem("inspect", self._place.path, message))


def _failure(suspicion: Suspicion, function: str, error: Exception) -> str:
    first = (str(error).splitlines() or [""])[0]
    where = f"line {suspicion.at.span.line}"
    return f"{where}: `{function}` of rule `{suspicion.rule}` failed: {type(error).__name__}: {first}"
