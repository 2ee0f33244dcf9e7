"""Optimizers that give each parameter a rate of its own, by its squared gradients: adagrad, rmsprop, adam, adamw."""

from functools import partial
from math import sqrt

import numpy as np

from backprop_tui.core.ops.event import Call
from backprop_tui.core.ops.expression import Apply, Constant, Expression, Negative, Product, Quotient, Reference, Sum
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.preset.tables import OptimizerPreset

from .optimizer import Constants, Entry, Optimizer, UpdateVectors
from .schedule import is_scheduled


class Adaptive(Optimizer):
    """Optimizers that divide by the root of a moment that squared gradients make up: √s + ε, or √(s + ε)."""

    def __init__(self, settings: OptimizerPreset) -> None:
        super().__init__(settings)
        self.inside = settings.epsilon_inside_sqrt

    def denominator(self, name: str) -> str:
        """As the rule writes it."""
        if self.inside:
            return f"√({name} + ε)"
        return f"(√{f'({name})' if ' ' in name else name} + ε)"

    def constants(self) -> dict[str, float]:
        return super().constants() | {"epsilon": self.settings.epsilon}

    def root(self, s: Array, epsilon: Array, target: Array) -> tuple[Call, Call]:
        """The calls that put the denominator into `target`."""
        if self.inside:
            return partial(np.add, s, epsilon, target), partial(np.sqrt, target, target)
        return partial(np.sqrt, s, target), partial(np.add, target, epsilon, target)

    def explain_root(self, s: Expression) -> Expression:
        epsilon = Constant("ε", self.settings.epsilon)
        if self.inside:
            return Apply("√", sqrt, (Sum((s, epsilon)),))
        return Sum((Apply("√", sqrt, (s,)), epsilon))


class AdaGrad(Adaptive):
    """s = s₀ + g², Δ = −η g / (√s + ε) (Duchi, Hazan and Singer 2011)."""

    moments = ("s",)
    why = "Each parameter has a rate of its own, smaller the more its gradients add up to; it only ever shrinks."

    def moment_rule(self, g: str) -> str:
        return f"s = s₀ + {g}²"

    def rule(self, g: str, theta: str) -> tuple[str, ...]:
        return self.moment_rule(g), f"Δ{theta} = −{self.eta} {g} / {self.denominator('s')}"

    def write_moment(self, g: Array, vectors: UpdateVectors, constants: Constants) -> tuple[Call, ...]:
        """The calls that compute the new s."""
        (s,), (s_next,), delta = vectors.moments, vectors.next_moments, vectors.delta
        return partial(np.square, g, delta), partial(np.add, s, delta, s_next)

    def write(self, g: Array, vectors: UpdateVectors, constants: Constants, trained: Array | None) -> tuple[Call, ...]:
        delta = vectors.delta
        return (
            *self.write_moment(g, vectors, constants),
            *self.root(vectors.next_moments[0], constants["epsilon"], delta),
            partial(np.divide, g, delta, delta),
            partial(np.multiply, delta, constants["descent"], delta),
        )

    def explain_moment(self, name: str, entry: Entry) -> Expression:
        return Sum((entry("s before"), Product((entry("g"), entry("g")))))

    def explain_change(self, entry: Entry, step: int, *, trained: bool) -> Expression:
        return Negative(Quotient(Product((self.rate(entry), entry("g"))), self.explain_root(entry("s"))))

    def effective_rate(self, entry: Entry, step: int) -> Expression:
        return Quotient(self.rate(entry), self.explain_root(entry("s")))


class RMSProp(AdaGrad):
    """s = β s₀ + (1 − β) g², Δ = −η g / (√s + ε) (Tieleman and Hinton 2012)."""

    why = "Gradient over root of mean squared gradient: steep and flat directions get steps of like size."

    def moment_rule(self, g: str) -> str:
        return f"s = β s₀ + (1 − β) {g}²"

    def constants(self) -> dict[str, float]:
        beta = self.settings.beta
        return super().constants() | {"beta": beta, "fresh": 1 - beta}

    def write_moment(self, g: Array, vectors: UpdateVectors, constants: Constants) -> tuple[Call, ...]:
        (s,), (s_next,), delta = vectors.moments, vectors.next_moments, vectors.delta
        return mean_square(g, s, s_next, delta, constants["beta"], constants["fresh"])

    def explain_moment(self, name: str, entry: Entry) -> Expression:
        beta, g = self.settings.beta, entry("g")
        kept = Product((Constant("β", beta), entry("s before")))
        return Sum((kept, Product((Constant("(1 − β)", 1 - beta), g, g))))


class Adam(Adaptive):
    """Δ = −η (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε) (Kingma and Ba 2015); both corrections are settings."""

    moments = ("m", "v")
    why = "Mean gradient over root of mean squared gradient: about η while it keeps its sign, less where signs change."

    def rule(self, g: str, theta: str) -> tuple[str, ...]:
        return (
            f"m = β₁ m₀ + (1 − β₁) {g}",
            f"v = β₂ v₀ + (1 − β₂) {g}²",
            f"Δ{theta} = {self.sign_rule(theta)}{self.eta} {self.step_rule()}",
        )

    def step_rule(self) -> str:
        if self.settings.bias_correction:
            return f"(m / (1 − β₁ᵗ)) / {self.denominator('v / (1 − β₂ᵗ)')}"
        return f"m / {self.denominator('v')}"

    def sign_rule(self, theta: str) -> str:
        """What stands before η: the sign, and any term before it."""
        return "−"

    def constants(self) -> dict[str, float]:
        beta1, beta2 = self.settings.beta1, self.settings.beta2
        fresh = {"beta1": beta1, "beta2": beta2, "fresh1": 1 - beta1, "fresh2": 1 - beta2}
        return super().constants() | fresh

    def of_step(self, step: int, rate: float) -> dict[str, float]:
        """Bias correction folded into two numbers: with cᵢ = 1 − βᵢᵗ, Δ = −(η √c₂ / c₁) m / (√v + ε √c₂).

        With ε inside the root the denominator is √(v + ε c₂).
        """
        settings = self.settings
        if not settings.bias_correction:
            return {}
        square = 1 - settings.beta2**step
        root = sqrt(square)
        return {
            "epsilon": settings.epsilon * (square if self.inside else root),
            "descent": -rate * root / (1 - settings.beta1**step),
        }

    def write(self, g: Array, vectors: UpdateVectors, constants: Constants, trained: Array | None) -> tuple[Call, ...]:
        (m, v), (m_next, v_next), delta = vectors.moments, vectors.next_moments, vectors.delta
        # delta serves as the scratch vector until its own value is written last.
        return (
            partial(np.multiply, m, constants["beta1"], m_next),
            partial(np.multiply, g, constants["fresh1"], delta),
            partial(np.add, m_next, delta, m_next),
            *mean_square(g, v, v_next, delta, constants["beta2"], constants["fresh2"]),
            *self.root(v_next, constants["epsilon"], delta),
            partial(np.divide, m_next, delta, delta),
            partial(np.multiply, delta, constants["descent"], delta),
        )

    def explain_moment(self, name: str, entry: Entry) -> Expression:
        first = name == "m"
        beta, sign = (self.settings.beta1, "β₁") if first else (self.settings.beta2, "β₂")
        g = (entry("g"),) if first else (entry("g"), entry("g"))
        kept = Product((Constant(sign, beta), entry(f"{name} before")))
        return Sum((kept, Product((Constant(f"(1 − {sign})", 1 - beta), *g))))

    def corrected(self, moment: Reference, sign: str, beta: float, step: int) -> Expression:
        if not self.settings.bias_correction:
            return moment
        return Quotient(moment, Constant(f"(1 − {sign}ᵗ)", 1 - beta**step))

    def explain_denominator(self, entry: Entry, step: int) -> Expression:
        return self.explain_root(self.corrected(entry("v"), "β₂", self.settings.beta2, step))

    def explain_change(self, entry: Entry, step: int, *, trained: bool) -> Expression:
        mean = self.corrected(entry("m"), "β₁", self.settings.beta1, step)
        return Negative(Quotient(Product((self.rate(entry), mean)), self.explain_denominator(entry, step)))

    def effective_rate(self, entry: Entry, step: int) -> Expression:
        return Quotient(self.rate(entry), self.explain_denominator(entry, step))


class AdamW(Adam):
    """θ ← θ − η λ θ, then Adam's step, which no weight decay enters (Loshchilov and Hutter 2019)."""

    why = "Adam, with weight decay beside its step and not inside: what pulls weights to 0 is the same for all of them."

    @property
    def shrinks(self) -> bool:
        return self.settings.weight_decay > 0

    def sign_rule(self, theta: str) -> str:
        return f"−{self.eta} λ {theta} − " if self.shrinks else "−"

    def write(self, g: Array, vectors: UpdateVectors, constants: Constants, trained: Array | None) -> tuple[Call, ...]:
        calls = super().write(g, vectors, constants, trained)
        if not self.shrinks:
            return calls
        shrink, shrinkage, source = constants["shrink"], np.empty_like(vectors.delta), vectors.parameters
        masked: tuple[Call, ...] = ()
        if trained is not None and is_scheduled(self.settings):
            # The number changes from step to step: what is not trained is left out by a call of its own.
            masked = (partial(np.multiply, source, trained, shrinkage),)
            source = shrinkage
        elif trained is not None:
            shrink = np.where(trained, shrink, trained)
        return (
            *calls,
            *masked,
            partial(np.multiply, source, shrink, shrinkage),
            partial(np.add, vectors.delta, shrinkage, vectors.delta),
        )

    def of_rate(self, rate: float) -> dict[str, float]:
        return super().of_rate(rate) | {"shrink": -rate * self.settings.weight_decay}

    def explain_change(self, entry: Entry, step: int, *, trained: bool) -> Expression:
        change = super().explain_change(entry, step, trained=trained)
        if not self.shrinks or not trained:
            return change
        decay = Constant("λ", self.settings.weight_decay)
        return Sum((Negative(Product((self.rate(entry), decay, entry("θ")))), change))


def mean_square(g: Array, s: Array, s_next: Array, scratch: Array, beta: Array, fresh: Array) -> tuple[Call, ...]:
    """The calls for s = β s₀ + (1 − β) g²."""
    return (
        partial(np.multiply, s, beta, s_next),
        partial(np.square, g, scratch),
        partial(np.multiply, scratch, fresh, scratch),
        partial(np.add, s_next, scratch, s_next),
    )
