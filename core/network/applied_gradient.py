"""What an optimizer receives: the gradient after penalties, clipping and weight decay.

In this order, each where its setting is on: 0 for untrained biases, + λ₁ sign W + λ₂ W on weights only, clipping by
value, clipping by norm over all trained parameters, + λ θ on all trained parameters (not for adamw, whose decay is
part of its step).
"""

from collections.abc import Iterator
from functools import partial
from math import sqrt

import numpy as np
from numpy.typing import DTypeLike

from backprop_tui.core.ops.builder import Builder
from backprop_tui.core.ops.event import Call
from backprop_tui.core.ops.expression import (
    Apply,
    Constant,
    Expression,
    Negative,
    Product,
    Quotient,
    Reference,
    Sum,
    whole,
)
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.norm import norm
from backprop_tui.core.ops.quantity import Array, Index, Quantity, of_layer
from backprop_tui.core.preset.tables import OptimizerPreset
from backprop_tui.core.value_class import dataclass

from .optimizer import UpdateVectors

MOST_SQUARES = 64
"""Up to so many squares the norm's sum is written out; of more, the largest ones and the rest as one number."""
LARGEST_SQUARES = 4


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter array of a layer, its symbol (W b γ β), and its gradient."""

    symbol: str
    layer: Layer
    values: Quantity
    gradient: Quantity
    trained: bool

    def part(self, vector: Array) -> Array:
        """Its view of a flat vector (size,)."""
        return self.layer.parameters(vector)[self.symbol]

    def quantity(self, builder: Builder, name: str, vector: Array, meaning: str) -> Quantity:
        """Its part of a flat vector, as a quantity for an op to write: `v` becomes `v(W)`."""
        own = of_layer(self.symbol, self.layer.number)
        symbol = f"Δ{self.symbol}" if name == "Δ" else f"{name}({self.symbol})"
        return builder.view(symbol, self.layer.number, self.part(vector), self.values.axes, f"{meaning} of {own}")


def parameters_of(builder: Builder, layer: Layer, optimizer: OptimizerPreset) -> list[Parameter]:
    """The parameters of a layer, in the order of the vector; their gradients are written."""
    return [
        Parameter(symbol, layer, values, builder.quantities[f"d{symbol}", layer.number], is_trained(symbol, optimizer))
        for symbol, values in builder.layer_parameters(layer).items()
    ]


def is_trained(symbol: str, optimizer: OptimizerPreset) -> bool:
    """Whether parameters of that symbol change."""
    return optimizer.train_biases or symbol != "b"


def mask_of(layers: tuple[Layer, ...], dtype: DTypeLike, left_out: set[str]) -> Array:
    """(size,): 1, and 0 for the parameters whose symbols are left out."""
    mask: Array = np.ones(sum(layer.size for layer in layers), dtype)
    for layer in layers:
        for symbol in left_out & layer.parameters(mask).keys():
            layer.parameters(mask)[symbol][...] = 0
    return mask


def trained_mask(layers: tuple[Layer, ...], dtype: DTypeLike) -> Array:
    """(size,), where biases are not trained: 1 for what is trained, 0 for b."""
    return mask_of(layers, dtype, {"b"})


def gradient_norm(gradient: Array, layers: tuple[Layer, ...], optimizer: OptimizerPreset) -> float:
    """‖∇ℒ‖ over all trained parameters, from the flat gradient (size,), before penalties and clipping."""
    return norm(gradient if optimizer.train_biases else gradient[trained_mask(layers, gradient.dtype) > 0])


class AppliedGradient:
    """What the optimizer receives, (size,), in `vector`; that is the gradient itself where nothing changes it.

    `calls` compute it. `norm` is the number ‖p‖ that clipping by norm compares with its limit, or None without;
    `clipped_next`, (size,), is what it is the norm of. The calls use the vector of Δ, which is not written yet, as
    scratch.
    """

    def __init__(
        self,
        builder: Builder,
        layers: tuple[Layer, ...],
        parameters: list[Parameter],
        optimizer: OptimizerPreset,
        vectors: UpdateVectors,
    ) -> None:
        self.optimizer, self.parameters = optimizer, parameters
        self.decay = 0.0 if optimizer.kind == "adamw" else optimizer.weight_decay
        self.trained = None if optimizer.train_biases else trained_mask(layers, builder.dtype)
        self.penalises = bool(optimizer.l1 or optimizer.l2)
        prepares = self.trained is not None or self.penalises or optimizer.clip_value is not None
        self.changed = bool(prepares or optimizer.clip_norm is not None or self.decay)
        self.vector = np.zeros_like(vectors.gradient) if self.changed else vectors.gradient
        self.two_stages = prepares and optimizer.clip_norm is not None
        self.clipped_next = vectors.gradient
        if prepares:
            self.clipped_next = np.zeros_like(vectors.gradient) if self.two_stages else self.vector
        self.norm: Quantity | None = None
        calls = [*self.penalty_calls(builder, layers, vectors), *self.clip_value_calls(builder, vectors)]
        if optimizer.clip_norm is not None:
            # In double precision whatever the run's: the norm of large float32 numbers is none.
            meaning = "norm of the gradient before clipping, over all trained parameters"
            self.norm = builder.view("‖p‖", None, np.zeros(()), (), meaning)
            factor = np.zeros((), builder.dtype)
            calls += [
                partial(measure, self.clipped_next, self.norm.array, factor, optimizer.clip_norm),
                partial(np.multiply, self.clipped_next, factor, self.vector),
            ]
        calls += self.decay_calls(builder, vectors)
        self.calls: tuple[Call, ...] = tuple(calls)

    def penalty_calls(self, builder: Builder, layers: tuple[Layer, ...], vectors: UpdateVectors) -> Iterator[Call]:
        """0 for what is not trained, + λ₁ sign W + λ₂ W."""
        target, source, scratch = self.clipped_next, vectors.gradient, vectors.delta
        if self.trained is not None:
            yield partial(np.multiply, source, self.trained, target)
            source = target
        if not self.penalises:
            return
        weights = mask_of(layers, builder.dtype, {"b", "γ", "β"})
        if self.optimizer.l1:
            yield partial(np.sign, vectors.parameters, scratch)
            share = np.where(weights, constant(self.optimizer.l1, builder.dtype), weights)
            yield partial(np.multiply, scratch, share, scratch)
            yield partial(np.add, source, scratch, target)
            source = target
        if self.optimizer.l2:
            share = np.where(weights, constant(self.optimizer.l2, builder.dtype), weights)
            yield partial(np.multiply, vectors.parameters, share, scratch)
            yield partial(np.add, source, scratch, target)

    def clip_value_calls(self, builder: Builder, vectors: UpdateVectors) -> Iterator[Call]:
        limit = self.optimizer.clip_value
        if limit is not None:
            source = self.clipped_next if self.trained is not None or self.penalises else vectors.gradient
            target = self.clipped_next
            yield partial(np.minimum, source, constant(limit, builder.dtype), out=target)
            yield partial(np.maximum, target, constant(-limit, builder.dtype), out=target)

    def decay_calls(self, builder: Builder, vectors: UpdateVectors) -> Iterator[Call]:
        """+ λ θ."""
        if self.decay:
            share = constant(self.decay, builder.dtype)
            if self.trained is not None:
                share = np.where(self.trained, share, self.trained)
            source = self.clipped_next if self.norm is None else self.vector
            yield partial(np.multiply, vectors.parameters, share, vectors.delta)
            yield partial(np.add, source, vectors.delta, self.vector)

    def rule(self, names: list[str]) -> tuple[str, ...]:
        """The formulas of its stages, for the parameters of those names (`W⁽¹⁾`)."""
        if not self.changed:
            return ()
        first, lines = "dθ", []
        if self.optimizer.l1:
            first += f" + λ₁ sign({names[0]})"
        if self.optimizer.l2:
            first += f" + λ₂ {names[0]}"
        if self.optimizer.clip_value is not None:
            first = f"clip({first}, −a, a)"
        if self.norm is not None:
            lines.append(f"p = {first}")
            first = "p · min(1, c / ‖p‖)"
        lines.append(f"g = {first}{' + λ θ' if self.decay else ''}")
        return tuple(lines)

    def before_norm(self, parameter: Parameter, index: Index) -> Expression:
        """One entry of what clipping by norm starts from: masked, penalised and clipped by value."""
        gradient: Expression = Reference(parameter.gradient, index)
        if not parameter.trained:
            gradient = Product((whole(0), gradient))
        if self.penalises and parameter.symbol == "W":
            weight, terms = Reference(parameter.values, index), [gradient]
            if self.optimizer.l1:
                terms.append(Product((Constant("λ₁", self.optimizer.l1), Apply("sign", np.sign, (weight,)))))
            if self.optimizer.l2:
                terms.append(Product((Constant("λ₂", self.optimizer.l2), weight)))
            gradient = Sum(tuple(terms))
        if self.optimizer.clip_value is not None:
            bound = Constant("a", self.optimizer.clip_value)
            gradient = Apply("clip", np.clip, (gradient, Negative(bound), bound))
        return gradient

    def explain(self, parameter: Parameter, index: Index, first: Quantity | None) -> Expression:
        """One entry of `vector`; `first` is the quantity of what clipping by norm starts from, where there is one."""
        received = self.before_norm(parameter, index) if first is None else Reference(first, index)
        if self.norm is not None:
            received = Product((received, clip_factor(Reference(self.norm), self.optimizer.clip_norm or 0.0)))
        if self.decay and parameter.trained:
            decay = Product((Constant("λ", self.decay), Reference(parameter.values, index)))
            received = Sum((received, decay))
        return received

    def explain_norm(self) -> Expression:
        """‖p‖ as the root of the sum of the squares of all trained parameters' entries."""
        trained = [parameter for parameter in self.parameters if parameter.trained]
        entries = [parameter.part(self.clipped_next) for parameter in trained]
        flat = np.concatenate([np.asarray(array, np.float64).ravel() for array in entries])
        chosen = np.arange(flat.size)
        if flat.size > MOST_SQUARES:
            chosen = np.sort(np.argsort(np.abs(flat))[-LARGEST_SQUARES:])
        starts = np.cumsum([0, *(array.size for array in entries)])
        squares: list[Expression] = []
        for position in chosen:
            owner = int(np.searchsorted(starts, position, side="right")) - 1
            index = np.unravel_index(position - starts[owner], entries[owner].shape)
            value = self.before_norm(trained[owner], tuple(int(i) for i in index))
            squares.append(Product((value, value)))
        if len(chosen) < flat.size:
            rest = np.delete(flat, chosen)
            with np.errstate(over="ignore"):
                squares.append(Constant(f"[{rest.size} more]", float(np.dot(rest, rest))))
        return Apply("√", sqrt, (Sum(tuple(squares)),))

    def read_for_norm(self) -> list[Quantity]:
        """What the norm is made of, in all layers."""
        found = [parameter.gradient for parameter in self.parameters if parameter.trained]
        return found + [p.values for p in self.parameters if self.penalises and p.symbol == "W"]


def measure(gradient: Array, total: Array, factor: Array, limit: float) -> None:
    """Put ‖p‖ into `total` and min(1, c/‖p‖) into `factor`; of a gradient that is not finite neither is 1."""
    length = norm(gradient)
    total[()] = length
    factor[()] = 1.0 if length <= limit else limit / length


def clip_factor(length: Reference, limit: float) -> Expression:
    """min(1, c/‖p‖); 1 for a gradient of norm 0, by which nothing can be divided."""
    if length.value() == 0:
        return whole(1)
    return Apply("min", np.minimum, (whole(1), Quotient(Constant("c", limit), length)))


def constant(number: float, dtype: DTypeLike) -> Array:
    """`number` as a 0-d array; infinite where the type has none as large."""
    with np.errstate(over="ignore", under="ignore"):
        return np.array(number, dtype)
