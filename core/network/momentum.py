"""Optimizers that step along the gradient or along a velocity: sgd, momentum, nesterov."""

from functools import partial

import numpy as np

from backprop_tui.core.ops.event import Call
from backprop_tui.core.ops.expression import Constant, Expression, Negative, Product, Reference, Sum
from backprop_tui.core.ops.quantity import Array

from .optimizer import Constants, Entry, Optimizer, UpdateVectors


class GradientDescent(Optimizer):
    """Δ = −η g."""

    why = "Each parameter steps against its gradient: down the slope of the loss."

    def rule(self, g: str, theta: str) -> tuple[str, ...]:
        return (f"Δ{theta} = −{self.eta} {g}",)

    def write(self, g: Array, vectors: UpdateVectors, constants: Constants, trained: Array | None) -> tuple[Call, ...]:
        return (partial(np.multiply, g, constants["descent"], vectors.delta),)

    def explain_change(self, entry: Entry, step: int, *, trained: bool) -> Expression:
        return Negative(Product((self.rate(entry), entry("g"))))


class Momentum(Optimizer):
    """v = β v₀ + g, Δ = −η v (Polyak 1964, as in PyTorch); with `ema`, v = β v₀ + (1 − β) g."""

    moments = ("v",)
    why = "The steps add up like a rolling ball's: along a steady slope it gains speed, across a valley it calms down."

    @property
    def fresh(self) -> str:
        """The coefficient of g, as the rule writes it."""
        return "(1 − β) " if self.settings.ema else ""

    def rule(self, g: str, theta: str) -> tuple[str, ...]:
        return f"v = β v₀ + {self.fresh}{g}", f"Δ{theta} = −{self.eta} v"

    def constants(self) -> dict[str, float]:
        beta = self.settings.momentum
        return super().constants() | {"beta": beta, "fresh": 1 - beta}

    def write(self, g: Array, vectors: UpdateVectors, constants: Constants, trained: Array | None) -> tuple[Call, ...]:
        (v,), (v_next,), delta = vectors.moments, vectors.next_moments, vectors.delta
        calls = [partial(np.multiply, v, constants["beta"], v_next)]
        share = g
        if self.settings.ema:
            share = np.empty_like(g)
            calls.append(partial(np.multiply, g, constants["fresh"], share))
        calls.append(partial(np.add, v_next, share, v_next))
        return (*calls, *self.write_change(share, v_next, constants, delta))

    def write_change(self, share: Array, v: Array, constants: Constants, delta: Array) -> tuple[Call, ...]:
        """From the new v and from the share that g has in it, Δ."""
        return (partial(np.multiply, v, constants["descent"], delta),)

    def share(self, entry: Entry) -> Expression:
        """g, or (1 − β) g with `ema`."""
        if not self.settings.ema:
            return entry("g")
        return Product((Constant("(1 − β)", 1 - self.settings.momentum), entry("g")))

    def decayed(self, velocity: Reference) -> Expression:
        return Product((Constant("β", self.settings.momentum), velocity))

    def explain_moment(self, name: str, entry: Entry) -> Expression:
        return Sum((self.decayed(entry("v before")), self.share(entry)))

    def explain_change(self, entry: Entry, step: int, *, trained: bool) -> Expression:
        return Negative(Product((self.rate(entry), entry("v"))))


class Nesterov(Momentum):
    """v = β v₀ + g, Δ = −η (β v + g): Nesterov's momentum as PyTorch has it; g becomes (1 − β) g with `ema`."""

    why = "Momentum that looks ahead: it steps by what the velocity will be if the gradient stays as it is."

    def rule(self, g: str, theta: str) -> tuple[str, ...]:
        return f"v = β v₀ + {self.fresh}{g}", f"Δ{theta} = −{self.eta} (β v + {self.fresh}{g})"

    def write_change(self, share: Array, v: Array, constants: Constants, delta: Array) -> tuple[Call, ...]:
        return (
            partial(np.multiply, v, constants["beta"], delta),
            partial(np.add, delta, share, delta),
            partial(np.multiply, delta, constants["descent"], delta),
        )

    def explain_change(self, entry: Entry, step: int, *, trained: bool) -> Expression:
        return Negative(Product((self.rate(entry), Sum((self.decayed(entry("v")), self.share(entry))))))
