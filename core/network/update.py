"""The update ops: one a layer, which show what the optimizer made of each of its parameters.

The optimizer works on the flat vector of all parameters at once, in the calls of the first of these ops.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from backprop_tui.core.ops.builder import Builder
from backprop_tui.core.ops.event import Call, Op
from backprop_tui.core.ops.expression import Expression, Reference
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import ALWAYS, Array, Index, Quantity
from backprop_tui.core.preset.tables import OptimizerPreset
from backprop_tui.core.value_class import dataclass

from .applied_gradient import AppliedGradient, Parameter, constant, parameters_of
from .optimizer import Constants, Optimizer, UpdateVectors
from .optimizers import OPTIMIZERS
from .schedule import RATE, explained_rate, is_scheduled, rate_of_step, schedule_rule

__all__ = ["Steps", "UpdateVectors", "effective_rate", "write_updates"]


@dataclass(frozen=True, slots=True)
class Steps:
    """The numbers of the step in hand, from 1: as the run counts, and as its optimizer, which may have begun later."""

    run: Callable[[], int]
    optimizer: Callable[[], int]


def write_updates(
    builder: Builder,
    layers: tuple[Layer, ...],
    optimizer: OptimizerPreset,
    vectors: UpdateVectors,
    steps: Steps,
) -> None:
    """Write one update op a layer, 1 … L; the first carries the calls for all of them."""
    parameters = {layer: parameters_of(builder, layer, optimizer) for layer in layers}
    every = [parameter for own in parameters.values() for parameter in own]
    applied = AppliedGradient(builder, layers, every, optimizer, vectors)
    rule = OPTIMIZERS[optimizer.kind](optimizer)
    rate = None
    if is_scheduled(optimizer):
        # In double precision whatever the run's, as a rate that is a setting.
        rate = builder.view(RATE, None, np.zeros(()), (), "learning rate of this step")
    calls = (*applied.calls, *optimizer_calls(builder, rule, applied, vectors, steps, rate))
    for layer in layers:
        updates = [ParameterUpdate(builder, own, rule, applied, vectors, steps, rate) for own in parameters[layer]]
        first = layer is layers[0]
        LayerUpdate(updates, applied, rate, first=first).add(builder, calls if first else ())


def optimizer_calls(
    builder: Builder,
    rule: Optimizer,
    applied: AppliedGradient,
    vectors: UpdateVectors,
    steps: Steps,
    rate: Quantity | None,
) -> tuple[Call, ...]:
    """The calls of the optimizer, and before them the one that brings its numbers to the step, where they change.

    `rate` is the learning rate of the step, or None where it is a setting.
    """
    fixed = rule.settings.learning_rate
    numbers = rule.constants() | rule.of_rate(fixed) | rule.of_step(1, fixed)
    constants = {name: constant(value, builder.dtype) for name, value in numbers.items()}
    calls = rule.write(applied.vector, vectors, constants, applied.trained)
    if rate is not None:
        return (partial(set_scheduled, constants, rule, steps, rate.array), *calls)
    return (partial(set_constants, constants, rule, steps), *calls) if rule.of_step(1, fixed) else calls


def set_constants(constants: Constants, rule: Optimizer, steps: Steps) -> None:
    """Bring the optimizer's numbers to the step in hand."""
    for name, value in rule.of_step(steps.optimizer(), rule.settings.learning_rate).items():
        constants[name][()] = value


def set_scheduled(constants: Constants, rule: Optimizer, steps: Steps, rate: Array) -> None:
    """Bring the learning rate, and the optimizer's numbers, to the step in hand."""
    now = rate_of_step(rule.settings, steps.run())
    rate[()] = now
    with np.errstate(over="ignore", under="ignore"):
        for name, value in (rule.of_rate(now) | rule.of_step(steps.optimizer(), now)).items():
            constants[name][()] = value


@dataclass(frozen=True, slots=True)
class Entries:
    """One entry of the numbers of a parameter, by the names of the optimizer's rule."""

    parts: dict[str, Quantity]
    index: Index

    def __call__(self, name: str) -> Reference:
        part = self.parts[name]
        return Reference(part, self.index if part.array.ndim else ())


class ParameterUpdate:
    """One parameter in an update op: the parts of the flat vectors that are its own, by the names of the rule."""

    def __init__(
        self,
        builder: Builder,
        parameter: Parameter,
        rule: Optimizer,
        applied: AppliedGradient,
        vectors: UpdateVectors,
        steps: Steps,
        rate: Quantity | None,
    ) -> None:
        self.parameter, self.rule, self.applied, self.steps = parameter, rule, applied, steps
        self.parts = {"Δ": parameter.quantity(builder, "Δ", vectors.delta, "change")}
        for name, vector in zip(rule.moments, vectors.next_moments, strict=True):
            self.parts[name] = parameter.quantity(builder, name, vector, f"moment {name}, after this step,")
        if applied.changed:
            self.parts["g"] = parameter.quantity(builder, "g", applied.vector, "what the optimizer receives")
        if applied.two_stages:
            meaning = "gradient before clipping by norm"
            self.parts["p"] = parameter.quantity(builder, "p", applied.clipped_next, meaning)
        self.writes = tuple(self.parts.values())
        self.parts["θ"] = parameter.values
        self.parts.setdefault("g", parameter.gradient)
        for name, vector in zip(rule.moments, vectors.moments, strict=True):
            before = parameter.quantity(builder, f"{name}₀", vector, f"moment {name}, at the step's start,")
            before.place = ALWAYS
            self.parts[f"{name} before"] = builder.given(before)
        if rate is not None:
            self.parts[RATE] = rate
        made_here = {id(quantity) for quantity in self.writes}
        read = (parameter.gradient, parameter.values, *(self.parts[f"{name} before"] for name in rule.moments))
        self.reads = tuple(quantity for quantity in read if id(quantity) not in made_here)

    def explain(self, quantity: Quantity, index: Index) -> Expression:
        name = next(name for name, own in self.parts.items() if own is quantity)
        if name == "p":
            return self.applied.before_norm(self.parameter, index)
        if name == "g":
            return self.applied.explain(self.parameter, index, self.parts.get("p"))
        entry = Entries(self.parts, index)
        if name == "Δ":
            return self.rule.explain_change(entry, self.steps.optimizer(), trained=self.parameter.trained)
        return self.rule.explain_moment(name, entry)


class LayerUpdate:
    """The update op of a layer; it explains the op's numbers.

    `rate` is the learning rate of the step, under a schedule. The `first` of these ops writes it, and ‖p‖.
    """

    def __init__(
        self, updates: list[ParameterUpdate], applied: AppliedGradient, rate: Quantity | None, *, first: bool
    ) -> None:
        self.updates, self.applied, self.rate, self.first = updates, applied, rate, first

    def __call__(self, quantity: Quantity, index: Index) -> Expression:
        if quantity is self.applied.norm:
            return self.applied.explain_norm()
        if quantity is self.rate:
            update = self.updates[0]
            return explained_rate(update.rule.settings, update.steps.run())
        return self.owner(quantity).explain(quantity, index)

    def owner(self, quantity: Quantity) -> ParameterUpdate:
        return next(update for update in self.updates if any(quantity is own for own in update.writes))

    def effective_rate(self, quantity: Quantity, index: Index) -> Expression:
        update = self.owner(quantity)
        return update.rule.effective_rate(Entries(update.parts, index), update.steps.optimizer())

    def rule(self) -> str:
        """In one line a parameter; where the optimizer has more lines than one, once for all of them, in θ."""
        names = [update.parameter.values.name for update in self.updates]
        first = self.updates[0]
        schedule = schedule_rule(first.rule.settings)
        stages = self.applied.rule(names)
        lines = first.rule.rule("g", "θ")
        if not stages and len(lines) == 1:
            each = (u.rule.rule(u.parameter.gradient.name, u.parameter.values.name)[0] for u in self.updates)
            return "   ".join((*schedule, *each))
        if not stages:
            lines = first.rule.rule("dθ", "θ")
        untrained = [f"g = 0 for {u.parameter.values.name}" for u in self.updates if not u.parameter.trained]
        return "   ".join((*schedule, *stages, *untrained, *lines, f"for θ = {', '.join(names)}"))

    def reads(self) -> tuple[Quantity, ...]:
        found = [quantity for update in self.updates for quantity in update.reads]
        norm = self.applied.norm
        if norm is not None:
            found += self.applied.read_for_norm() if self.first else [norm]
        if self.rate is not None and not self.first:
            found.append(self.rate)
        return tuple({id(quantity): quantity for quantity in found}.values())

    def writes(self) -> tuple[Quantity, ...]:
        found = [quantity for update in self.updates for quantity in update.writes]
        of_all = [quantity for quantity in (self.rate, self.applied.norm) if quantity is not None]
        return (*found, *of_all) if self.first else tuple(found)

    def add(self, builder: Builder, calls: tuple[Call, ...]) -> None:
        """Write the op."""
        layer = self.updates[0].parameter.layer
        builder.add(
            Op(
                phase="update",
                name=" ".join(f"Δ{update.parameter.symbol}" for update in self.updates),
                layer=layer.number,
                rule=self.rule(),
                why=self.updates[0].rule.why,
                reads=self.reads(),
                writes=self.writes(),
                calls=calls,
                explain=self,
                multiply_adds=layer.size,
            )
        )


def effective_rate(op: Op, quantity: Quantity, index: Index) -> Expression:
    """What an update op multiplied the gradient, or its mean over the steps, by, for the parameter of ΔW or the like.

    Raises LookupError for another kind of op.
    """
    if not isinstance(op.explain, LayerUpdate):
        raise LookupError(f"{op.name} is no update")
    return op.explain.effective_rate(quantity, index)
