"""The source: the lines of this program that wrote an op, and those that made the calls which compute its numbers.

An op knows where it was written. From there the code is read as it stands: the calls of the op, and the functions
that made them, as far as their names lead to functions of this program.
"""

import ast
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from backprop_tui.core.network.batch_norm import running_calls
from backprop_tui.core.network.update import LayerUpdate, write_updates
from backprop_tui.core.ops.event import Op
from backprop_tui.core.training.laying import Shuffled, gather
from backprop_tui.core.training.plan import Plan
from backprop_tui.core.training.trainer import Trainer
from backprop_tui.core.training.walk import Walk
from backprop_tui.core.value_class import dataclass

from .calls import parts
from .syntax import (
    FunctionNode,
    Namespace,
    around,
    bound_name,
    closure,
    full_name,
    functions_around,
    head,
    lines_of,
    module_of,
    node_of,
    passed_over,
    resolved,
    statements_of,
    values_of,
)

ROOT = __name__.split(".")[0]
GAP = 1
"""Up to so many lines are shown rather than left out."""
TOLD = ("rule", "reads", "writes", "calls")
"""What of an op is shown."""


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line of a file, its number from 1; `marked`: it says what is called."""

    number: int
    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines of one function: all, or those that matter; where numbers jump, lines are left out.

    `file` is a path within the project: `core/network/affine.py`.
    """

    file: str
    function: str
    lines: tuple[SourceLine, ...]

    @property
    def place(self) -> str:
        """The first line that is marked, else the first: `core/network/affine.py:47`."""
        first = next((line for line in self.lines if line.marked), self.lines[0])
        return f"{self.file}:{first.number}"


def running(op: Op, plan: Plan) -> Op:
    """The op whose calls do the work of `op`: of all updates, the first."""
    return next(other for other in plan.ops if other.phase == "update") if op.phase == "update" else op


def excerpts(op: Op, plan: Plan) -> tuple[Excerpt, ...]:
    """What wrote an event of `plan` and its calls, what says most first.

    Raises LookupError where the program's source is not there to be read.
    """
    op = running(op, plan)
    reader = Reader(op)
    try:
        if op.phase in ("start", "finish"):
            reader.read_boundary()
        elif isinstance(op.explain, LayerUpdate):
            reader.read_update(op.explain)
        else:
            reader.read_op()
        for call in op.calls:
            reader.read_function(parts(call)[0])
    except OSError as problem:
        raise LookupError(f"the source is not there to be read: {problem}") from problem
    return tuple(reader.found)


class Reader:
    """Collects the excerpts that concern the calls of one op."""

    def __init__(self, op: Op) -> None:
        self.op = op
        self.called = [str(getattr(parts(call)[0], "__name__", "")) for call in op.calls]
        self.found: list[Excerpt] = []
        self.seen: set[Any] = set()

    # Where reading begins

    def read_op(self) -> None:
        """The statement that wrote the op, then what made its calls."""
        assert self.op.source is not None
        name, line = self.op.source
        functions = functions_around(module_of(name).tree, line)
        statement = next(s for s in statements_of(functions[-1]) if s.lineno <= line <= (s.end_lineno or s.lineno))
        op = next(
            n for n in ast.walk(statement) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == Op.__name__
        )
        told = {keyword.arg: keyword.value for keyword in op.keywords if keyword.arg in TOLD}
        written = told["calls"]
        leaves = [leaf for leaf in self.leaves(written, functions) if self.runs(leaf)]
        frame = {statement.lineno, op.lineno, *range(op.end_lineno or 0, (statement.end_lineno or 0) + 1)}
        self.keep(name, functions, [*told.values()], [written, *leaves], frame, whole=False)
        self.read_makers(leaves, vars(sys.modules[name]) | closure(self.op.explain))

    def read_update(self, update: LayerUpdate) -> None:
        """The optimizer's calls first, then what they are given, then where both are put together."""
        rule, applied = update.updates[0].rule, update.applied
        self.read_function(rule.write)
        steps = [
            (applied.trained is not None or applied.penalises, applied.penalty_calls),
            (applied.optimizer.clip_value is not None, applied.clip_value_calls),
            (applied.norm is not None, applied.__init__),  # type: ignore[misc]
            (bool(applied.decay), applied.decay_calls),
        ]
        for taken, function in steps:
            if taken:
                self.read_function(function)
        self.read_function(write_updates)

    def read_boundary(self) -> None:
        """What the trainer does before the first op of a step, or after the last."""
        laying, walking = loop_of(Walk.batches), loop_of(Walk.every_event)
        border = next(i for i, step in enumerate(walking) if ast.unparse(step) == "yield plan.started")
        if self.op.phase == "start":
            self.keep_loop(Walk.batches, laying)
            self.read_function(Shuffled.lays)
            self.read_function(gather)
            self.keep_loop(Walk.every_event, walking[: border + 1])
        else:
            self.keep_loop(Walk.every_event, walking[border + 2 :])
        if self.op.phase == "finish":
            build = node_of(Trainer.build_plans)
            apply = next(s for s in statements_of(build) if ast.unparse(s).startswith("apply ="))
            name = Trainer.__module__
            self.keep(name, functions_around(module_of(name).tree, build.lineno), [apply], [apply], whole=False)
            if len(self.op.calls) > 1:
                self.read_function(running_calls)

    def keep_loop(self, function: Callable[..., object], steps: list[ast.stmt]) -> None:
        """Show some statements of the loop that a function of the walk is."""
        around = functions_around(module_of(Walk.__module__).tree, node_of(function).lineno)
        self.keep(Walk.__module__, around, steps, steps, whole=False)

    # Functions that make calls, or are called

    def read_makers(self, leaves: Iterable[ast.expr], names: Namespace) -> None:
        """The functions named in what is written for calls."""
        for leaf in leaves:
            if isinstance(leaf, ast.Call):
                self.read_function(resolved(leaf.func, names))

    def read_function(self, function: Any) -> None:
        """A function of this program, and the functions that make calls for it in turn."""
        while isinstance(function, partial):
            function = function.func
        plain = getattr(function, "__func__", function)
        if not inspect.isfunction(plain) or plain.__module__.split(".")[0] != ROOT or plain in self.seen:
            return
        self.seen.add(plain)
        node = node_of(plain)
        functions = functions_around(module_of(plain.__module__).tree, node.lineno)
        owner = getattr(function, "__self__", None)
        names = vars(sys.modules[plain.__module__]) | closure(plain) | {"self": owner, "super": (plain, owner)}
        dead = passed_over(node.body, names)
        leaves = [leaf for leaf in self.chosen(node, functions, dead) if leaf.lineno not in dead]
        long = plain.__name__ == "__init__"
        self.keep(plain.__module__, functions, leaves if long else [node], leaves, whole=not long)
        self.read_makers(leaves, names)

    def chosen(self, node: FunctionNode, functions: list[FunctionNode], dead: set[int]) -> list[ast.expr]:
        """What a function hands back or yields of calls, of several ways out the one whose calls are the op's."""
        yields = [n.value for n in ast.walk(node) if isinstance(n, ast.Yield) and n.value is not None]
        returns = [n.value for n in ast.walk(node) if isinstance(n, ast.Return) and n.value and n.lineno not in dead]
        ways = [list(self.leaves(value, functions)) for value in returns]
        ways += [[leaf for value in yields for leaf in self.leaves(value, functions)]]
        if not any(ways):
            # It puts together what others are given: a list of calls of its own.
            ways = [list(self.leaves(ast.Name("calls"), functions))]
        lengths = [self.length(way) for way in ways]
        kept = [way for way, length in zip(ways, lengths, strict=True) if length == max(lengths)]
        return [leaf for way in kept for leaf in way if self.runs(leaf)]

    def length(self, leaves: list[ast.expr]) -> int:
        """How many calls of the op, in a row, these are; −1 where they are not."""
        names = [bound_name(leaf) for leaf in leaves]
        made = [name for name in names if name is not None]
        alike = any(self.called[i : i + len(made)] == made for i in range(len(self.called) + 1))
        return len(made) if alike or None in names else -1

    def runs(self, leaf: ast.expr) -> bool:
        """Whether what a leaf makes can be among the op's calls: another function's result can."""
        name = bound_name(leaf)
        return name is None or name in self.called

    def leaves(self, node: ast.expr, functions: list[FunctionNode]) -> Iterator[ast.expr]:
        """What calls are made of: bound functions and the results of functions; names are followed to their values."""
        match node:
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                for element in elements:
                    yield from self.leaves(element, functions)
            case ast.Starred(value=value):
                yield from self.leaves(value, functions)
            case ast.Call(func=ast.Name(id="tuple" | "list"), args=[value]):
                yield from self.leaves(value, functions)
            case ast.IfExp(body=one, orelse=other):
                yield from self.leaves(one, functions)
                yield from self.leaves(other, functions)
            case ast.Name(id=name):
                for value in values_of(name, functions):
                    yield from self.leaves(value, functions)
            case ast.Call():
                yield node

    # Excerpts

    def keep(
        self,
        name: str,
        functions: list[FunctionNode],
        shown: list[Any],
        marked: Iterable[ast.AST],
        frame: Iterable[int] = (),
        *,
        whole: bool,
    ) -> None:
        """An excerpt of the innermost of `functions` in module `name`: `whole`, or what nodes and lines are given."""
        module, function = module_of(name), functions[-1]
        marks = {line for node in marked for line in lines_of(node)}
        wanted = set(lines_of(function)) if whole else head(function) | marks | around(function, marks)
        if not whole:
            wanted |= {line for node in shown for line in lines_of(node)} | set(frame)
        numbers = without_small_gaps(sorted(wanted))
        texts = dedented([module.lines[number - 1] for number in numbers])
        lines = tuple(SourceLine(n, text, n in marks) for n, text in zip(numbers, texts, strict=True))
        self.found.append(Excerpt(module.file, full_name(module.tree, function), lines))


def loop_of(function: Callable[..., object]) -> list[ast.stmt]:
    """What a function does again and again: the body of its first loop."""
    return next(node for node in node_of(function).body if isinstance(node, ast.For)).body


def without_small_gaps(numbers: list[int]) -> list[int]:
    filled: list[int] = []
    for number in numbers:
        if filled and 1 < number - filled[-1] <= GAP + 1:
            filled += range(filled[-1] + 1, number)
        filled.append(number)
    return filled


def dedented(lines: list[str]) -> list[str]:
    """Lines without the indentation that all of them have."""
    depth = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return [line[depth:].rstrip() for line in lines]
