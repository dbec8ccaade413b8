"""One statement and what is suspected in it → findings: the libcst visitor that alone flags Python code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import libcst as cst
import msgspec
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from ..model.finding import Finding, Fix, Problem, Suspicion
from ..model.location import Location, Span
from ..model.rule import LoadedRule, Node
from ..nesting import too_deep
from .kinds import DEFINITIONS, HANDLERS, as_facts_have_it, of_kind, range_of
from .statements import Index, Statement
from .tokens import token_text

Outcome = tuple[list[Finding], list[tuple[Suspicion, str]], list[Problem]]
_LITERALS = (cst.SimpleString, cst.FormattedStringText, cst.TemplatedStringText)
_WITH_FIELDS = (cst.FormattedString, cst.TemplatedString, cst.ConcatenatedString)
_BEFORE = {"": "", "if": "if 1: ...\n", "try": "try: ...\n", "match": "match 1:\n"}


@dataclass(frozen=True, slots=True)
class Place:
    """The statement being judged, where it stands, and how many lines the parsed text begins before it."""

    path: str
    statement: Statement
    index: Index
    shift: int


def visit(
    path: str, statement: Statement, index: Index, suspicions: Sequence[Suspicion], rules: Mapping[str, LoadedRule]
) -> Outcome:
    """Parse the statement once and let the visitor judge all suspicions in it, in their order."""
    text, lines_before = _standing_alone(statement, index)
    where = f"line {statement.header.line}"
    try:
        if excess := too_deep(text):
            return [], [], [_problem(path, f"{where}: too deeply nested to confirm ({excess[0]})")]
        flagger = Flagger(Place(path, statement, index, statement.header.line - 1 - lines_before), suspicions, rules)
        MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True).visit(flagger)
    except cst.ParserSyntaxError as error:
        why = f"{where}: does not parse on its own ({error.message.splitlines()[0]}): a bug of backend-audit"
        return [], [], [_problem(path, why)]
    except (RecursionError, MemoryError):
        return [], [], [_problem(path, f"{where}: too deeply nested to confirm")]
    return flagger.findings, flagger.cleared, flagger.problems


def _problem(path: str, message: str) -> Problem:
    return Problem("inspect", path, message)


def _standing_alone(statement: Statement, index: Index) -> tuple[str, int]:
    """A module with nothing but the statement, at its own columns, and the number of lines put before it."""
    start = statement.header
    rows = index.slice(start)
    indent = index.lines[start.line - 1][: start.column]
    if indent.strip():  # behind a semicolon, or on the line of its header
        indent = " " * start.column
    before = _BEFORE[statement.before]
    if before:
        before = indent + before if statement.before != "match" else before
    if indent and statement.before != "match":
        before = "if 1:\n" + before
    after = {"": "", "body": " ...", "case": f"\n{indent} case _: ..."}[statement.after]
    return before + indent + "\n".join(rows) + after + "\n", before.count("\n")


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
        self._spans: dict[cst.CSTNode, Span] = {}
        self._comments: list[Span] = []
        self._literals: list[Span] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Remember the nodes at the suspected places, and what the token text needs."""
        position = self.get_metadata(PositionProvider, node, None)
        if not isinstance(position, CodeRange):
            return True
        own = range_of(position, self._place.shift)
        if isinstance(node, cst.Comment):
            self._comments.append(own)
        elif isinstance(node, _LITERALS):
            self._literals.append(own)
        self._spans[node] = as_facts_have_it(node, own, self._place.index.lines)
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
            for number, suspicion in enumerate(self._suspicions):
                self._judge(suspicion, self._suspicions[:number], text)

    def _known_under(self, node: cst.CSTNode) -> list[Span]:
        """The wanted spans that mean this node: of clauses and definitions every span that begins where they do."""
        own = self._spans[node]
        if not isinstance(node, DEFINITIONS + HANDLERS):
            return [own] if own in self._wanted else []
        starts = {(own.line, own.column)}
        if isinstance(node, DEFINITIONS):
            name = self.get_metadata(PositionProvider, node.name)
            assert isinstance(name, CodeRange)
            self._spans[node] = range_of(name, self._place.shift)
            starts.add((self._spans[node].line, self._spans[node].column))
        else:
            end = self._place.statement.header
            self._spans[node] = Span(own.line, own.column, end.end_line, end.end_column)
        return sorted(span for span in self._wanted if (span.line, span.column) in starts)

    def _judge(self, suspicion: Suspicion, earlier: Sequence[Suspicion], text: str) -> None:
        kind = Node(suspicion.node or self._rules[suspicion.rule].rule.node)
        span = suspicion.at.span
        nodes = of_kind(kind, self._at.get(span, ()))[:1]
        if not nodes and (nodes := of_kind(kind, self._inside.get(span, ()))):
            # Every node in the string carries its span: the second equal suspicion means the second such node.
            turn = sum(1 for other in earlier if (other.rule, other.at) == (suspicion.rule, suspicion.at))
            nodes = nodes[turn % len(nodes) :] + nodes[: turn % len(nodes)]
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
        except Exception as error:  # a rule is somebody else's code: its failure costs one suspicion
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
                engines=(suspicion.engine,),
                fix=self._fix(node, suspicion),
            )
        )

    def _fix(self, node: cst.CSTNode, suspicion: Suspicion) -> Fix | None:
        make = self._rules[suspicion.rule].fix
        try:
            return make(node, suspicion) if make is not None else None
        except Exception as error:  # the finding stands without its fix
            self._complain(_failure(suspicion, "fix", error))
            return None

    def _complain(self, message: str) -> None:
        self.problems.append(Problem("inspect", self._place.path, message))


def _failure(suspicion: Suspicion, function: str, error: Exception) -> str:
    first = (str(error).splitlines() or [""])[0]
    where = f"line {suspicion.at.span.line}"
    return f"{where}: `{function}` of rule `{suspicion.rule}` failed: {type(error).__name__}: {first}"
