"""A step as JSON: what `explain --format json` prints, as the contract has it."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import TYPED
from backprop_tui.core.preset.json_number import nested, number
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.limits import check_printed
from backprop_tui.core.training.plan import Plan

from .derivation import worked_derivation
from .solution import Section
from .step_solution import arrive, look_again
from .text import form

ALWAYS = {"forward": ("W", "b", "Z", "A"), "backward": ("dA", "dZ", "dW", "db")}
"""The quantities that every layer lists, null where it has none."""
SOMETIMES = {
    "forward": ("γ", "β", "μ", "σ²", "Ẑ", "N", "F", "M", "D"),
    "backward": ("dγ", "dβ", "dN", "dF"),
}
"""Those that only layers with batch norm, dropout or a residual have."""
NAMES = {**TYPED, "Ẑ": "Z_hat", "M": "mask", "μ": "mean", "σ²": "variance", "dγ": "dgamma", "dβ": "dbeta"}


def explain_json(session: Session, step: int, weight: Spotlight | None = None) -> dict[str, Any]:
    """The whole of step `step`, from 1, in numbers, with the derivation of the parameter `weight` where one is given.

    Leaves the session right before the step's finish.
    """
    check_printed(session.preset, sum(quantity.array.size for quantity in session.plan.quantities.values()))
    rehearsal = arrive(session, step)
    plan, layers = session.plan, session.trainer.layers
    position = session.position
    statistics = [running(layer, session) for layer in layers]
    document: dict[str, Any] = {
        "preset": session.preset.id,
        "title": session.preset.title,
        "step": position.step,
        "epoch": position.epoch if session.timeline.knows_epochs else None,
        "batch": {
            "size": plan.examples,
            "inputs": array_of(plan, "X", None),
            "targets": array_of(plan, "Y", None),
        },
        "forward": [
            {"layer": layer.number, "activation": layer.activation, **arrays(plan, "forward", layer), **found}
            for layer, found in zip(layers, statistics, strict=True)
        ],
        "loss": {"kind": session.preset.loss.kind, "value": number(plan.loss())},
        "backward": [{"layer": layer.number, **arrays(plan, "backward", layer)} for layer in reversed(layers)],
        "gradient_norm": number(session.gradient_norm()),
    }
    rate = session.trainer.learning_rate(step)
    look_again(session, rehearsal)
    document["update"] = [
        {
            "layer": layer.number,
            "learning_rate": number(rate),
            **new_parameters(layer, rehearsal.parameters),
            **update(plan, layer),
        }
        for layer in layers
    ]
    document["after"] = {
        "loss": number(rehearsal.plan.loss()),
        "predictions": array_of(rehearsal.plan, "A", len(layers)),
    }
    if weight is not None:
        document["weight"] = derivation_json(session, step, weight)
    return document


def array_of(plan: Plan, symbol: str, layer: int | None) -> Any:
    quantity = plan.find(symbol, layer)
    return None if quantity is None else nested(quantity.array)


def arrays(plan: Plan, phase: str, layer: Layer) -> dict[str, Any]:
    """The quantities of a layer in the forward or backward phase."""
    found = {symbol: array_of(plan, symbol, layer.number) for symbol in ALWAYS[phase]}
    more = (symbol for symbol in SOMETIMES[phase] if plan.find(symbol, layer.number) is not None)
    return found | {NAMES.get(symbol, symbol): array_of(plan, symbol, layer.number) for symbol in more}


def running(layer: Layer, session: Session) -> dict[str, Any]:
    """Running mean and variance at the step's start, of a layer with batch norm."""
    if not layer.batch_norm:
        return {}
    mean, variance = layer.running(session.trainer.state.statistics)
    return {"running_mean": nested(mean.copy()), "running_variance": nested(variance.copy())}


def parameter_symbols(layer: Layer) -> Iterable[str]:
    """The parameters that a layer's update lists: W and b always, γ and β with batch norm."""
    return ("W", "b", *(("γ", "β") if layer.batch_norm else ()))


def new_parameters(layer: Layer, state: np.ndarray[Any, Any]) -> dict[str, Any]:
    found = layer.parameters(state)
    return {NAMES.get(symbol, symbol): nested(found.get(symbol)) for symbol in parameter_symbols(layer)}


def update(plan: Plan, layer: Layer) -> dict[str, Any]:
    """What the optimizer received for each parameter of a layer, how it changes them, and the moments' new values."""
    here, symbols = layer.number, parameter_symbols(layer)

    def each(pattern: str) -> dict[str, Any]:
        return {NAMES.get(symbol, symbol): array_of(plan, pattern.format(symbol), here) for symbol in symbols}

    applied = each("g({})")
    gradients = each("d{}")
    found = {
        "applied": {name: gradients[name] if value is None else value for name, value in applied.items()},
        "delta": each("Δ{}"),
    }
    moments = {name: each(f"{name}({{}})") for name in ("m", "v", "s") if plan.find(f"{name}(W)", here) is not None}
    return found | ({"moments": moments} if moments else {})


def derivation_json(session: Session, step: int, weight: Spotlight) -> dict[str, Any]:
    """The derivation of one parameter: its lines in order, each with the op that it belongs to."""
    solution = worked_derivation(session, step, weight)
    sections = [(part.heading, section) for part in solution.parts for section in part.sections]
    return {
        "name": str(weight.name),
        "lines": [line for part, section in sections for line in section_json(part, section)],
    }


def section_json(part: str, section: Section) -> Iterable[dict[str, Any]]:
    for line in section.lines:
        yield {
            "part": part,
            "op": section.heading,
            "name": line.name,
            "symbols": None if line.expression is None else line.expression.symbols(),
            "numbers": None if line.expression is None else line.expression.numbers(form),
            "value": number(line.value),
        }
