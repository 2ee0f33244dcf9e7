"""The code of this program as it is written: modules as lines and as syntax trees, and what stands in them."""

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from backprop_tui.core.value_class import dataclass

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Namespace = Mapping[str, Any]
"""What names stand for where a piece of code is read."""


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """A module as it is written."""

    file: str
    lines: tuple[str, ...]
    tree: ast.Module


@cache
def module_of(name: str) -> Module:
    """The source of a module that is loaded, from a folder, a wheel or a zip. Raises OSError where there is none."""
    text = inspect.getsource(sys.modules[name])
    return Module("/".join(name.split(".")[1:]) + ".py", tuple(text.split("\n")), ast.parse(text))


def node_of(function: Any) -> FunctionNode:
    """The definition of a function."""
    first = function.__code__.co_firstlineno
    for node in ast.walk(module_of(function.__module__).tree):
        if isinstance(node, FunctionNode) and first in (node.lineno, *(d.lineno for d in node.decorator_list)):
            return node
    raise LookupError(f"{function.__qualname__} is not where its module says it is")


def functions_around(tree: ast.Module, line: int) -> list[FunctionNode]:
    """The functions that a line stands in, the innermost last."""
    around = [n for n in ast.walk(tree) if isinstance(n, FunctionNode) and line in lines_of(n)]
    return sorted(around, key=lambda node: node.lineno)


def full_name(tree: ast.Module, function: FunctionNode) -> str:
    """`affine.explain`, `Momentum.write`: a function with the functions and classes that it is defined in."""
    around = [n for n in ast.walk(tree) if isinstance(n, FunctionNode | ast.ClassDef)]
    around = [node for node in around if function.lineno in lines_of(node)]
    return ".".join(node.name for node in sorted(around, key=lambda node: node.lineno))


def statements_of(function: FunctionNode) -> list[ast.stmt]:
    """The statements of a function, the innermost first."""
    found = [n for n in ast.walk(function) if isinstance(n, ast.stmt) and n is not function]
    return sorted(found, key=lambda node: len(lines_of(node)))


def values_of(name: str, functions: list[FunctionNode]) -> Iterator[ast.expr]:
    """What is put into a list or tuple of that name, in the functions around, in the order of the lines."""
    for node in sorted((s for f in functions[:1] for s in statements_of(f)), key=lambda node: node.lineno):
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                yield value
            case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value) if target == name:
                yield value
            case ast.AugAssign(target=ast.Name(id=target), value=value) if target == name:
                yield value
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=target), attr="append"), args=[value])):
                if target == name:
                    yield value


def bound_name(leaf: ast.expr) -> str | None:
    """The name of the function in `partial(function, …)`; None for what is no such thing."""
    match leaf:
        case ast.Call(func=ast.Name(id="partial"), args=[ast.Attribute(attr=name), *_]):
            return name
        case ast.Call(func=ast.Name(id="partial"), args=[ast.Name(id=name), *_]):
            return name
    return None


def resolved(node: ast.expr, names: Namespace) -> Any:
    """What an expression made of names and dots stands for; None where that is not known."""
    match node:
        case ast.Name(id=name):
            return names.get(name)
        case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=attribute):
            function, owner = names["super"]
            classes = type(owner).__mro__
            own = next(i for i, cls in enumerate(classes) if function in vars(cls).values())
            return getattr(super(classes[own], owner), attribute, None)
        case ast.Attribute(value=value, attr=attribute):
            return getattr(resolved(value, names), attribute, None)
    return None


def passed_over(body: list[ast.stmt], names: Namespace) -> set[int]:
    """The lines that are not run, as far as settings tell: beyond conditions such as `if self.decay`."""
    lines: set[int] = set()
    for place, statement in enumerate(body):
        if not isinstance(statement, ast.If):
            continue
        met = truth(statement.test, names)
        for branch, wanted in ((statement.body, True), (statement.orelse, False)):
            if met is (not wanted):
                lines |= {line for other in branch for line in lines_of(other)}
            else:
                lines |= passed_over(branch, names)
        if met and isinstance(statement.body[-1], ast.Return):
            return lines | {line for other in body[place + 1 :] for line in lines_of(other)}
    return lines


def truth(test: ast.expr, names: Namespace) -> bool | None:
    """Whether a condition on an attribute of `self` is met; None where that is not known."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            found = truth(operand, names)
            return None if found is None else not found
        case ast.Compare(left=left, ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]):
            return resolved(left, names) is not None if of_self(left) else None
        case ast.Attribute() if of_self(test):
            return bool(resolved(test, names))
    return None


def of_self(node: ast.expr) -> bool:
    """Whether an expression is `self.…`."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id == "self"


def closure(function: Any) -> dict[str, Any]:
    """The names that a function has from the functions around it."""
    cells = getattr(function, "__closure__", None) or ()
    names = function.__code__.co_freevars if cells else ()
    found = {}
    for name, cell in zip(names, cells, strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # Not assigned yet.
            continue
    return found


def lines_of(node: Any) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def head(function: FunctionNode) -> set[int]:
    """The lines before the body of a function."""
    return set(range(function.lineno, function.body[0].lineno))


def around(function: FunctionNode, marks: set[int]) -> set[int]:
    """The first lines of the conditions and loops that marked lines stand in."""
    found = set()
    for node in ast.walk(function):
        if isinstance(node, ast.If | ast.For | ast.While) and marks & set(lines_of(node)):
            found |= set(range(node.lineno, node.body[0].lineno))
    return found
