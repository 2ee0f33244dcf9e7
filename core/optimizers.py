"""Optimizers: from the gradient to the change of every parameter, over one flat vector.

A rule computes the whole vector's Δ at once, in the step's first update op, and the next values of its moments into
buffers of their own: an update reads the moments of the step's start and overwrites nothing. Each layer's update op
then shows its part.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import sqrt

import numpy as np

from .builder import Builder
from .event import Call, Op
from .expression import Apply, Constant, Expression, Negative, Product, Quotient, Reference, Sum, whole
from .layer import Layer
from .quantity import ALWAYS, Array, Index, Quantity, of_layer

Settings = dict[str, float]
Entry = Callable[[str], Reference]


@dataclass(frozen=True, slots=True)
class UpdateVectors:
    """The flat vectors of an update, each (size,): what the rule reads (`applied`, `moments`) and writes."""

    applied: Array
    moments: tuple[Array, ...]
    next_moments: tuple[Array, ...]
    delta: Array


@dataclass(frozen=True, slots=True)
class OptimizerRule:
    """One optimizer.

    `constants(settings)` are the numbers that `write` binds its calls to, with those that `of_step(settings, step)`
    gives for the number of the step. `explain` gives for `ΔW`, `m`, `v` of one entry its expression, from the entries
    that `entry` names.
    """

    rule: str
    why: str
    moments: tuple[str, ...]
    settings: tuple[str, ...]
    constants: Callable[[Settings], dict[str, float]]
    write: Callable[[UpdateVectors, dict[str, Array]], tuple[Call, ...]]
    explain: Callable[[str, Entry, Settings, int], Expression]
    of_step: Callable[[Settings, int], dict[str, float]] | None = None


def sgd_constants(settings: Settings) -> dict[str, float]:
    return {"descent": -settings["learning_rate"]}


def write_sgd(vectors: UpdateVectors, constants: dict[str, Array]) -> tuple[Call, ...]:
    return (partial(np.multiply, vectors.applied, constants["descent"], vectors.delta),)


def explain_sgd(part: str, entry: Entry, settings: Settings, step: int) -> Expression:
    return Negative(Product((Constant("η", settings["learning_rate"]), entry("g"))))


def adam_constants(settings: Settings) -> dict[str, float]:
    beta1, beta2 = settings["beta1"], settings["beta2"]
    return {"beta1": beta1, "beta2": beta2, "fresh1": 1 - beta1, "fresh2": 1 - beta2}


def adam_constants_of_step(settings: Settings, step: int) -> dict[str, float]:
    """Bias correction folded into two numbers: Δ = −(η √c₂ / c₁) m / (√v + ε √c₂), with cᵢ = 1 − βᵢᵗ."""
    root = sqrt(1 - settings["beta2"] ** step)
    return {
        "epsilon": settings["epsilon"] * root,
        "descent": -settings["learning_rate"] * root / (1 - settings["beta1"] ** step),
    }


def write_adam(vectors: UpdateVectors, constants: dict[str, Array]) -> tuple[Call, ...]:
    (m, v), (m_next, v_next), g, delta = vectors.moments, vectors.next_moments, vectors.applied, vectors.delta
    # delta serves as the scratch vector until its own value is written last.
    return (
        partial(np.multiply, m, constants["beta1"], m_next),
        partial(np.multiply, g, constants["fresh1"], delta),
        partial(np.add, m_next, delta, m_next),
        partial(np.multiply, v, constants["beta2"], v_next),
        partial(np.square, g, delta),
        partial(np.multiply, delta, constants["fresh2"], delta),
        partial(np.add, v_next, delta, v_next),
        partial(np.sqrt, v_next, delta),
        partial(np.add, delta, constants["epsilon"], delta),
        partial(np.divide, m_next, delta, delta),
        partial(np.multiply, delta, constants["descent"], delta),
    )


def explain_adam(part: str, entry: Entry, settings: Settings, step: int) -> Expression:
    g, beta1, beta2 = entry("g"), settings["beta1"], settings["beta2"]
    if part == "m":
        fresh = Constant("(1 − β₁)", 1 - beta1)
        return Sum((Product((Constant("β₁", beta1), entry("m before"))), Product((fresh, g))))
    if part == "v":
        fresh = Constant("(1 − β₂)", 1 - beta2)
        return Sum((Product((Constant("β₂", beta2), entry("v before"))), Product((fresh, g, g))))
    m_hat = Quotient(entry("m"), Constant("(1 − β₁ᵗ)", 1 - beta1**step))
    v_hat = Quotient(entry("v"), Constant("(1 − β₂ᵗ)", 1 - beta2**step))
    below = Sum((Apply("√", sqrt, (v_hat,)), Constant("ε", settings["epsilon"])))
    return Negative(Quotient(Product((Constant("η", settings["learning_rate"]), m_hat)), below))


OPTIMIZERS: dict[str, OptimizerRule] = {
    "sgd": OptimizerRule(
        rule="Δ{} = −η d{}",
        why="Each parameter steps against its gradient: down the slope of the loss.",
        moments=(),
        settings=("learning_rate",),
        constants=sgd_constants,
        write=write_sgd,
        explain=explain_sgd,
    ),
    "adam": OptimizerRule(
        rule="Δ{} = −η (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)",
        why="Mean gradient over root of mean squared gradient: a step of about η or less, however large the gradient.",
        moments=("m", "v"),
        settings=("learning_rate", "beta1", "beta2", "epsilon"),
        constants=adam_constants,
        write=write_adam,
        explain=explain_adam,
        of_step=adam_constants_of_step,
    ),
}


@dataclass(frozen=True, slots=True)
class Update:
    """What the update ops of all layers share. `step` gives the number of the step that is running.

    `mask`: (size,), 1 for trained parameters and 0 for the others, or None where all are trained; then the optimizer
    receives the gradient itself.
    """

    rule: OptimizerRule
    settings: Settings
    step: Callable[[], int]
    vectors: UpdateVectors
    mask: Array | None
    calls: tuple[Call, ...]


def write_updates(builder: Builder, layers: tuple[Layer, ...], update: Update) -> None:
    """Write one update op a layer, 1 … L; the first carries the calls for all of them."""
    for layer in layers:
        parameters = [ParameterUpdate(builder, layer, "W", update)]
        if layer.has_bias:
            parameters.append(ParameterUpdate(builder, layer, "b", update))
        builder.add(
            Op(
                phase="update",
                name="ΔW Δb" if layer.has_bias else "ΔW",
                layer=layer.number,
                rule="   ".join(p.rule for p in parameters),
                why=update.rule.why,
                reads=tuple(quantity for p in parameters for quantity in p.reads),
                writes=tuple(quantity for p in parameters for quantity in p.writes),
                calls=update.calls if layer is layers[0] else (),
                explain=partial(explain_update, parameters),
                multiply_adds=layer.size,
            )
        )


def explain_update(parameters: list["ParameterUpdate"], quantity: Quantity, index: Index) -> Expression:
    """The optimizer's arithmetic for one entry of what an update op wrote."""
    owner = next(p for p in parameters if quantity in p.writes)
    return owner.explain(quantity, index)


class ParameterUpdate:
    """One parameter array in an update op: the parts of the flat vectors that are its own, named as the rule does.

    The names are `g` (what the optimizer receives), `Δ`, a moment's (`m`) and its value before (`m before`).
    """

    def __init__(self, builder: Builder, layer: Layer, symbol: str, update: Update) -> None:
        self.update = update
        self.rule = update.rule.rule.format(of_layer(symbol, layer.number), of_layer(symbol, layer.number))
        self.builder, self.layer, self.symbol = builder, layer, symbol
        rule, vectors = update.rule, update.vectors
        gradient = builder.quantities[f"d{symbol}", layer.number]
        self.gradient = gradient
        self.parts = {"Δ": self.part(f"Δ{symbol}", vectors.delta, "change")}
        for name, vector in zip(rule.moments, vectors.next_moments, strict=True):
            self.parts[name] = self.part(f"{name}({symbol})", vector, f"moment {name}, after this step,")
        if update.mask is not None:
            self.parts["g"] = self.part(f"g({symbol})", vectors.applied, "what the optimizer receives")
        self.writes = tuple(self.parts.values())
        self.parts.setdefault("g", gradient)
        before = []
        for name, vector in zip(rule.moments, vectors.moments, strict=True):
            quantity = self.part(f"{name}₀({symbol})", vector, f"moment {name}, at the step's start,")
            quantity.place = ALWAYS
            before.append(builder.given(quantity))
            self.parts[f"{name} before"] = quantity
        weights, biases = builder.weights(layer)
        parameter = weights if symbol == "W" else biases
        assert parameter is not None
        self.reads = (gradient, parameter, *before)

    def part(self, name: str, vector: Array, meaning: str) -> Quantity:
        """This parameter's part of a flat vector, as a quantity."""
        view = self.layer.weights(vector) if self.symbol == "W" else self.layer.biases(vector)
        assert view is not None
        axes = ("unit", "input") if self.symbol == "W" else ("unit",)
        number = self.layer.number
        return self.builder.view(name, number, view, axes, f"{meaning} of {of_layer(self.symbol, number)}")

    def explain(self, quantity: Quantity, index: Index) -> Expression:
        part = next(name for name, own in self.parts.items() if own is quantity)
        if part == "g":
            assert self.update.mask is not None
            trained = self.part("mask", self.update.mask, "mask").array[index]
            return Product((whole(int(trained)), Reference(self.gradient, index)))
        return self.update.rule.explain(
            part, lambda name: Reference(self.parts[name], index), self.update.settings, self.update.step()
        )
