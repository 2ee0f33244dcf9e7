"""One training step by this program's own plan, with ops that may be varied and quantities that may be replaced.

A varied op gives what the same op gives with a mistake in it, and what comes after it is computed from that. A replaced
quantity is somebody's own: what comes after is then what follows from it, right or wrong.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import field, replace
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from backprop_tui.core.network.applied_gradient import constant
from backprop_tui.core.network.losses import LOSSES
from backprop_tui.core.network.network import build_layers, start_statistics, write_network
from backprop_tui.core.network.optimizers import OPTIMIZERS
from backprop_tui.core.network.update import Steps, UpdateVectors, write_updates
from backprop_tui.core.ops.builder import Builder, Mode
from backprop_tui.core.ops.event import Call, Op
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Quantity
from backprop_tui.core.preset.tables import OptimizerPreset, Preset
from backprop_tui.core.training.plan import Columns, finish, start
from backprop_tui.core.value_class import dataclass

from .names import Key
from .slopes import through_activation

Array = NDArray[np.floating[Any]]
Values = dict[Key, Array]

LETTERS = {"γ": "gamma", "β": "beta", "dγ": "dgamma", "dβ": "dbeta", "Ẑ": "Z_hat", "ℒ": "loss", "M": "mask"}
"""Symbols of quantities in letters, where that differs."""
SYMBOLS = {letters: symbol for symbol, letters in LETTERS.items()}
AFTER_NORM = ("dgamma", "dbeta")
UPDATED = {"W": "W_new", "b": "b_new", "γ": "gamma_new", "β": "beta_new"}
"""Parameters after the update, by the symbol of the parameter."""


UPDATE: Key = ("update", None)
"""The place of what is varied in the update: the change of all parameters at once."""
NOTHING: Mapping[Key, Array] = {}


def key_of(quantity: Quantity) -> Key:
    return LETTERS.get(quantity.symbol, quantity.symbol), quantity.layer


@dataclass(frozen=True, slots=True)
class Start:
    """What a step starts from. X: (features, m), Y: (outputs, m); `parameters` W, b, gamma, beta of each layer;
    `masks`: (units, m) by layer; `moments` of the optimizer, `m_W` and so on; `previous`: gradients of the pass
    before, `dW` and so on; `step`: which update it is, from 1.
    """

    X: Array
    Y: Array
    parameters: Values
    masks: dict[int, Array] = field(default_factory=dict)
    moments: Values = field(default_factory=dict)
    statistics: dict[int, tuple[Array, Array]] = field(default_factory=dict)
    previous: Values = field(default_factory=dict)
    step: int = 1


class Step:
    """The step of the network of `preset` from `start`, in `dtype`.

    As a variation sees it: the arrays of all quantities as they stand, `step["dZ", 2]`, and what they are made of.
    `conventions`: those that the numbers follow.
    """

    def __init__(
        self,
        preset: Preset,
        start_from: Start,
        dtype: DTypeLike = np.float64,
        conventions: Collection[str] = (),
    ) -> None:
        self.preset, self.optimizer = preset, preset.optimizer
        self.conventions = conventions
        self.loss_kind = preset.loss.kind
        features, self.m = start_from.X.shape
        self.layers: tuple[Layer, ...] = build_layers(preset.layers, features)
        self.L, self.K = len(self.layers), self.layers[-1].units
        self.start, self.number = start_from, start_from.step
        size = sum(layer.size for layer in self.layers)
        self.parameters: Array = np.zeros(size, dtype)
        self.gradient: Array = np.zeros(size, dtype)
        self.moments = {name: np.zeros(size, dtype) for name in OPTIMIZERS[self.optimizer.kind].moments}
        self.statistics = start_statistics(self.layers, dtype)
        self.builder = Builder(self.m, self.parameters, self.gradient, Mode(statistics=self.statistics, keep=False))
        columns = Columns(features, self.K)
        batch, X = start(self.builder, columns)
        write_network(self.builder, self.layers, self.loss_kind, X, backward=True)
        self.plan = finish(self.builder, batch)
        self.ops: tuple[Op, ...] = self.plan.ops
        self.first_backward = next(op for op in self.ops if op.phase == "backward")
        self.combined = LOSSES[self.loss_kind].combined
        self.quantities = {key_of(quantity): quantity for quantity in self.builder.quantities.values()}
        self.output_dA: Array | None = np.zeros((self.K, self.m), dtype) if self.combined else None
        self.apart = False
        self.keys = {id(quantity): key for key, quantity in self.quantities.items()}
        self.place_of: dict[Key, int] = {UPDATE: len(self.ops)}
        for place, op in enumerate(self.ops):
            self.place_of |= {self.keys[id(quantity)]: place for quantity in op.writes}
        if self.combined:
            self.place_of["dA", self.L] = self.ops.index(self.first_backward)
        for layer in self.layers:
            for symbol in layer.parameters(self.parameters):
                self.place_of[UPDATED[symbol], layer.number] = len(self.ops)
        self.last: tuple[tuple[Varied, ...], Mapping[Key, Array]] | None = None
        self.values: Values = {}
        self.later: Values = {}
        self.done = 0
        self.updates: dict[tuple[OptimizerPreset, int], tuple[tuple[Call, ...], UpdateVectors]] = {}
        self._lay()

    def _lay(self) -> None:
        """Bring everything given to its place."""
        self["X", None][...] = self.start.X
        self["Y", None][...] = self.start.Y
        for layer in self.layers:
            for symbol, array in layer.parameters(self.parameters).items():
                array[...] = self.start.parameters[LETTERS.get(symbol, symbol), layer.number]
                for name, vector in self.moments.items():
                    found = self.start.moments.get((f"{name}_{LETTERS.get(symbol, symbol)}", layer.number))
                    if found is not None:
                        layer.parameters(vector)[symbol][...] = found
            if layer.dropout:
                self["mask", layer.number][...] = self.start.masks[layer.number]
            if layer.batch_norm and layer.number in self.start.statistics:
                for running, given in zip(
                    layer.running(self.statistics), self.start.statistics[layer.number], strict=True
                ):
                    running[...] = given

    def __getitem__(self, key: Key) -> Array:
        if self.output_dA is not None and key == ("dA", self.L):
            return self.output_dA
        return self.quantities[key].array

    def has(self, key: Key) -> bool:
        return key in self.quantities or (self.combined and key == ("dA", self.L))

    def below(self, layer: int) -> Array:
        """What layer `layer` reads: X or the activations of the layer below, (inputs, m)."""
        return self["X", None] if layer == 1 else self["A", layer - 1]

    def argument(self, layer: int) -> Array:
        """What f is applied to: N behind a batch norm, else Z, (units, m)."""
        return self["N", layer] if self.has(("N", layer)) else self["Z", layer]

    def value(self, layer: int) -> Array:
        """What f gives, before dropout and residual, (units, m)."""
        return self["F", layer] if self.has(("F", layer)) else self["A", layer]

    def arriving(self, layer: int) -> Array | None:
        """The gradient that arrives at f: dF behind dropout, else dA."""
        for symbol in ("dF", "dA"):
            if self.has((symbol, layer)):
                return self[symbol, layer]
        return None

    def parameter(self, symbol: str, layer: int) -> Array | None:
        """W: (units, inputs), b, γ or β: (units,), before the update."""
        return self.layers[layer - 1].parameters(self.parameters).get(symbol)

    def delta(
        self, optimizer: OptimizerPreset | None = None, gradient: Array | None = None, number: int | None = None
    ) -> Array:
        """Δθ: (size,), of the present gradient; or of other settings, another gradient, another number of the step."""
        optimizer, number = optimizer or self.optimizer, self.number if number is None else number
        key = (optimizer, number)
        if key not in self.updates:
            self.updates[key] = self._write_update(optimizer, number)
        calls, vectors = self.updates[key]
        vectors.gradient[:] = self.gradient if gradient is None else gradient
        with np.errstate(all="ignore"):
            for call in calls:
                call()
        return vectors.delta.copy()

    def _write_update(self, optimizer: OptimizerPreset, number: int) -> tuple[tuple[Call, ...], UpdateVectors]:
        kind = OPTIMIZERS[optimizer.kind]
        before = tuple(self.moments[name] for name in kind.moments)
        scratch = [np.zeros_like(self.gradient) for _ in range(2 + len(before))]
        vectors = UpdateVectors(self.parameters, scratch[0], before, tuple(scratch[2:]), scratch[1])
        branch = self.builder.branch()
        write_updates(branch, self.layers, optimizer, vectors, Steps(lambda: number, lambda: number))
        return tuple(chain.from_iterable(op.calls for op in branch.ops[len(self.ops) :])), vectors

    def run(
        self,
        variations: Iterable["Varied"] = (),
        replaced: Mapping[Key, Array] | None = None,
        until: Key | None = None,
    ) -> Values:
        """Every quantity as its op gave it; those in `replaced` are replaced after that, for what comes behind.

        With `until`, as far as that quantity.

        Where a variation gives an array of another shape than the op, it is what is told of the quantity, and what
        comes behind goes on from the right one.
        """
        replaced = NOTHING if replaced is None else replaced
        variations = tuple(variations)
        by_place = chosen(variations)
        begin = self._unchanged(variations, replaced)
        values = {key: array for key, array in self.values.items() if self.place_of[key] < begin}
        if begin == 0:
            self.later = {}
        self.last, self.values, self.done = (variations, replaced), values, len(self.ops)
        with np.errstate(all="ignore"):
            for place, op in enumerate(self.ops[begin:], begin):
                if op is self.first_backward and self.output_dA is not None:
                    self._begin_backward(self.output_dA, by_place, values, replaced)
                for call in op.calls:
                    call()
                if op is self.first_backward and self.apart:
                    op.result.array[...] = self._through_output()
                for quantity in op.writes:
                    self._settle(self.keys[id(quantity)], quantity.array, by_place, values, replaced)
                if until is not None and self.place_of[until] <= place:
                    self.done = place + 1
                    return dict(values)
            for key, array in self.later.items():
                if array.shape == self[key].shape:
                    self[key][...] = array
            self._update(by_place, values, replaced)
        return dict(values)

    def _unchanged(self, variations: tuple["Varied", ...], replaced: Mapping[Key, Array]) -> int:
        """How many ops would give again what they gave last time: none of them was or is varied otherwise."""
        if self.last is None or self.last[1] is not replaced:
            return 0
        now, then = {id(varied) for varied in variations}, {id(varied) for varied in self.last[0]}
        other = [v for v in (*variations, *self.last[0]) if (id(v) in now) != (id(v) in then)]
        first = min((self.place_of[key] for varied in other for key in varied.places), default=len(self.ops))
        first = min(first, self.done)
        return first if first == len(self.ops) or not any(layer.batch_norm for layer in self.layers) else 0

    def _settle(
        self,
        key: Key,
        array: Array,
        by_place: Mapping[Key, list["Varied"]],
        values: Values,
        replaced: Mapping[Key, Array],
    ) -> None:
        # The gradient through batch norm reads dγ and dβ as its own means: what is made of them comes later.
        deferred = key[0] in AFTER_NORM
        told: Array = array
        for varied in by_place.get(key, ()):
            made = varied.compute(self, key)
            if made is not None and made.shape == array.shape and not deferred:
                array[...] = made
            elif made is not None:
                told = made
        values[key] = told.copy()
        other = replaced.get(key)
        fits = other is not None and other.shape == array.shape
        if deferred:
            self.later[key] = other if other is not None and fits else values[key]
        elif other is not None and fits:
            array[...] = other
            if key == ("A", self.L):
                self._answers_replaced()

    def _begin_backward(
        self,
        output_dA: Array,
        by_place: Mapping[Key, list["Varied"]],
        values: Values,
        replaced: Mapping[Key, Array],
    ) -> None:
        """dA of the output, which one op with the loss does without; where it is another, dZ comes of that."""
        right = self.output_gradient()
        output_dA[...] = right
        self._settle(("dA", self.L), output_dA, by_place, values, replaced)
        off, largest = np.abs(output_dA - right).max(), np.abs(right).max()
        self.apart = bool(np.isfinite(off) and off > 1e-6 * largest)

    def _through_output(self) -> Array:
        return through_activation(self.layers[-1], self.argument(self.L), self.value(self.L), self["dA", self.L])

    def _answers_replaced(self) -> None:
        """The loss of cross-entropy is computed from the softmax's own parts: make them those of the answers."""
        if self.loss_kind == "cross_entropy":
            self["S", self.L][...] = np.log(self["A", self.L])
            self["T", self.L][...] = 1

    def _update(self, by_place: Mapping[Key, list["Varied"]], values: Values, replaced: Mapping[Key, Array]) -> None:
        delta = self.delta()
        for varied in by_place.get(UPDATE, ()):
            made = varied.compute(self, UPDATE)
            if made is not None:
                delta = varied.merged(self, delta, made)
        for layer in self.layers:
            for symbol, array in layer.parameters(self.parameters).items():
                values[UPDATED[symbol], layer.number] = array + layer.parameters(delta)[symbol]

    def output_gradient(self) -> Array:
        """dA of the last layer, (outputs, m), where output and loss are one op that does without it."""
        A, Y = self["A", self.L], self["Y", None]
        gradient: Array = -Y / A if self.loss_kind == "cross_entropy" else (A - Y) / (A * (1 - A)) / self.K
        return gradient

    def op_of(self, key: Key) -> Op | None:
        """The op of the plan that writes a quantity; None for what the update makes."""
        quantity = self.quantities.get(key)
        return self.plan.writer(quantity) if quantity is not None else None

    def order(self) -> list[Key]:
        """All quantities in the order in which the step computes them."""
        found: list[Key] = []
        for op in self.ops:
            if op is self.first_backward and self.combined:
                found.append(("dA", self.L))
            found += sorted((key_of(quantity) for quantity in op.writes), key=within_op)
        found += [
            (UPDATED[symbol], layer.number) for layer in self.layers for symbol in layer.parameters(self.parameters)
        ]
        return found

    def with_optimizer(self, **changes: Any) -> OptimizerPreset:
        """The optimizer with other settings."""
        return replace(self.optimizer, **changes)

    def number_of(self, value: float) -> Array:
        """A number of the step's own type."""
        return constant(value, self.parameters.dtype)


def within_op(key: Key) -> int:
    """The order of the quantities that one op writes: Ẑ is made before N."""
    return {"Z_hat": -1}.get(key[0], 0)


Compute = Callable[[Step, Key], Array | None]


@dataclass(frozen=True, slots=True)
class Varied:
    """`compute` at these places: quantities, or UPDATE; `layers` alone of an update, all where None."""

    places: tuple[Key, ...]
    compute: Compute
    layers: Collection[int] | None = None

    def merged(self, step: Step, delta: Array, made: Array) -> Array:
        """Δθ: `made` in the layers that it is for, else `delta`."""
        if self.layers is None:
            return made
        found = delta.copy()
        for layer in step.layers:
            if layer.number in self.layers:
                found[layer.start : layer.start + layer.size] = made[layer.start : layer.start + layer.size]
        return found


def chosen(variations: Iterable[Varied]) -> dict[Key, list[Varied]]:
    """Variations by the quantities that they vary."""
    found: dict[Key, list[Varied]] = {}
    for varied in variations:
        for place in varied.places:
            found.setdefault(place, []).append(varied)
    return found
