"""The calls of an op in words: which function runs on which numbers, `np.multiply(dA⁽¹⁾, σ′(Z)⁽¹⁾) → dZ⁽¹⁾`.

A call is a NumPy function bound to its arrays. Which quantity an array is, its place in memory tells.
"""

import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import numpy as np

from backprop_tui.core.ops.event import Call, Op
from backprop_tui.core.ops.expression import signed
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Array, Quantity, of_layer
from backprop_tui.core.training.plan import Plan

PARAMETER = re.compile("[Wbγβ]")
Memory = tuple[int, tuple[int, ...], tuple[int, ...]]
"""Where an array begins, its shape, and its strides: 0 along an axis of one entry, where they mean nothing."""


def memory(array: Array) -> Memory:
    strides = zip(array.strides, array.shape, strict=True)
    return (
        array.__array_interface__["data"][0],
        array.shape,
        tuple(stride if size > 1 else 0 for stride, size in strides),
    )


def call_texts(op: Op, plan: Plan, others: Mapping[str, Array] | None = None) -> tuple[str, ...]:
    """Each call of `op`, an event of `plan`, in the order in which they run; `others` are more arrays with names."""
    names = Names([*op.writes, *op.reads, *plan.quantities.values()], op.calls, others or {})
    return tuple(call_text(call, names) for call in op.calls)


def running_statistics(layers: Iterable[Layer], statistics: Array) -> dict[str, Array]:
    """The running mean and variance of each layer with batch norm, (units,) each, out of the vector of all."""
    return {
        of_layer(name, layer.number): array
        for layer in layers
        if layer.batch_norm
        for name, array in zip(("running μ", "running σ²"), layer.running(statistics), strict=True)
    }


def call_text(call: Call, names: "Names") -> str:
    function, args, keywords = parts(call)
    inputs, output = told_apart(function, args, keywords)
    given = [names.name(value) for value in inputs]
    given += [f"{key}={names.name(value)}" for key, value in keywords.items() if key != "out"]
    text = f"{function_name(function, names)}({', '.join(given)})"
    return text if output is None else f"{text} → {names.name(output)}"


def parts(call: Call) -> tuple[Any, tuple[Any, ...], Mapping[str, Any]]:
    """The function of a call, and what it is bound to."""
    return (call.func, call.args, call.keywords) if isinstance(call, partial) else (call, (), {})


def told_apart(
    function: Any, args: tuple[Any, ...], keywords: Mapping[str, Any]
) -> tuple[tuple[Any, ...], Array | None]:
    """What a function is given, and the array that it writes: None where that is not told by the arguments."""
    owner = getattr(function, "__self__", None)
    if "out" in keywords:
        return args, keywords["out"]
    if isinstance(function, np.ufunc) and len(args) > function.nin:
        return args[: function.nin], args[function.nin]
    if function is np.copyto:
        return args[1:], args[0]
    if isinstance(owner, np.ndarray) and function.__name__ == "fill":
        return args, owner
    if isinstance(owner, np.ndarray) and function.__name__ == "dot" and len(args) == 2:
        return args[:1], args[1]
    return args, None


def function_name(function: Any, names: "Names") -> str:
    """`np.multiply`, `np.maximum.reduce`, `W⁽¹⁾.dot`, or the name of a function of our own."""
    owner = getattr(function, "__self__", None)
    name = str(getattr(function, "__name__", type(function).__name__))
    if isinstance(owner, np.ndarray):
        return "fill" if name == "fill" else f"{names.name(owner)}.{name}"
    if isinstance(owner, np.ufunc):
        return f"np.{owner.__name__}.{name}"
    return f"np.{name}" if isinstance(function, np.ufunc) or function is np.copyto else name


class Names:
    """What arrays are called: as `others` say, by the `quantities`, the first before the rest, or by what they do."""

    def __init__(self, quantities: Iterable[Quantity], calls: Iterable[Call], others: Mapping[str, Array]) -> None:
        self.quantities = list(dict.fromkeys(quantities))
        self.known: dict[Memory, str] = {memory(array): name for name, array in others.items()}
        for quantity in self.quantities:
            self.known.setdefault(memory(quantity.array), quantity.name)
        for quantity in self.quantities:
            self.known.setdefault(memory(quantity.array.T), f"{in_brackets(quantity)}ᵀ")
            if quantity.with_ones is not None:
                self.known.setdefault(memory(quantity.with_ones), f"[{quantity.name}; 1]")
                self.known.setdefault(memory(quantity.with_ones.T), f"[{quantity.name}; 1]ᵀ")
            if quantity.array.ndim == 1:
                # As a column, to be combined with a matrix.
                self.known.setdefault(memory(quantity.array[:, None]), quantity.name)
        self.scratch: list[Memory] = []
        for call in calls:
            function, args, keywords = parts(call)
            output = told_apart(function, args, keywords)[1]
            # Which of its arrays a function of our own writes is not told: none of them is a constant.
            written = [output] if output is not None else [array for array in args if isinstance(array, np.ndarray)]
            for array in written:
                if self.quantity_name(array) is None and memory(array) not in self.scratch:
                    self.scratch.append(memory(array))

    def name(self, value: Any) -> str:
        """What an argument is called; a number is itself, a function its name."""
        if isinstance(value, np.ndarray):
            return self.quantity_name(value) or self.scratch_name(value) or constant_name(value)
        if isinstance(value, float | int):
            return signed(f"{value:.6g}")
        return str(getattr(value, "__name__", "…"))

    def quantity_name(self, array: Array) -> str | None:
        """The quantity that the array is, or what of quantities it is made of; None where it is neither."""
        return self.known.get(memory(array)) or self.block_name(array) or self.run_name(array)

    def scratch_name(self, array: Array) -> str | None:
        """The name of an array that calls write and no quantity is."""
        where = memory(array)
        # A view of it, such as one in a row, begins where it begins.
        place = next((i for i, other in enumerate(self.scratch) if where == other or where[0] == other[0]), None)
        if place is None:
            return None
        return "scratch" if len(self.scratch) == 1 else f"scratch {place + 1}"

    def block_name(self, array: Array) -> str | None:
        """`[W⁽¹⁾ | b⁽¹⁾]`: a quantity with one column more; `[dA⁽¹⁾; ·]`: with one row more, that nobody reads."""
        if array.ndim != 2 or 0 in array.shape:
            return None
        left, right = self.known.get(memory(array[:, :-1])), self.known.get(memory(array[:, -1]))
        if left and right:
            return f"[{left} | {right}]"
        above, below = self.known.get(memory(array[:-1])), self.known.get(memory(array[-1]))
        if above and below:
            return f"{self.block_name(array.T)}ᵀ"
        return f"[{above}; ·]" if above else None

    def run_name(self, array: Array) -> str | None:
        """A vector over the entries of one quantity, or of a whole kind: `dθ` is dW and db of every layer."""
        if array.ndim != 1 or not array.flags.c_contiguous:
            return None
        begin = memory(array)[0]
        inside = [q for q in self.quantities if 0 <= memory(q.array)[0] - begin < array.nbytes]
        first = next((q for q in inside if memory(q.array)[0] == begin), None)
        if first is None:
            return None
        if first.array.size == array.size:
            return first.name
        return PARAMETER.sub("θ", first.symbol, count=1) if len(inside) > 1 and first.layer is not None else None


def in_brackets(quantity: Quantity) -> str:
    """A name that can be transposed: `X`, `(W⁽²⁾)`."""
    return quantity.name if quantity.layer is None else f"({of_layer(quantity.symbol, quantity.layer)})"


def constant_name(array: Array) -> str:
    """An array that nothing writes: a number, the same number over and over, or a constant of some shape."""
    if array.size and np.all(array == array.flat[0]):
        number = signed(f"{float(array.flat[0]):.6g}")
        return number if array.ndim == 0 else f"[{number} …]"
    return f"constant ({'×'.join(map(str, array.shape))})"
