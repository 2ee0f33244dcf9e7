"""A kept step of an attached recording, whole: all that the step started from, as this program lays it.

Only steps of which everything is there can be computed anew: parameters, what the optimizer remembers, running
statistics, masks, and the batch.
"""

from collections.abc import Mapping
from dataclasses import replace
from math import hypot
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.network.optimizers import OPTIMIZERS
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.preset.tables import OptimizerPreset
from backprop_tui.core.value_class import dataclass

from .reader import Recording

Array = NDArray[Any]
NEAR = 1e-3
"""How near to a multiple of the gradient a change is, relative to its largest entry, that is plain descent."""


@dataclass(frozen=True, slots=True)
class NamedParameter:
    """The recorded name of a parameter, and which it is here: layer, from 1, and symbol W, b, γ or β."""

    name: str
    layer: int
    symbol: str


@dataclass(frozen=True, slots=True, eq=False)
class WholeStep:
    """A kept step. `X`: (features, m), `Y`: (outputs, m); `optimizer`: with the learning rate of this step.

    `number`: which step it is as the optimizer counts; `masks`: which units dropout kept, (units, m), by layer;
    `factor`: what gradients were multiplied by before the optimizer got them.
    """

    step: int
    X: Array
    Y: Array
    optimizer: OptimizerPreset
    number: int
    masks: Mapping[int, NDArray[np.bool_]]
    factor: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """What a step started from besides. `parameters` by name; `moments` by letter and name of the parameter.

    `statistics`: running mean and variance, (units,) each, by layer.
    """

    parameters: Mapping[str, Array]
    moments: Mapping[tuple[str, str], Array]
    statistics: Mapping[int, tuple[Array, Array]]


class MissingError(Exception):
    """Something that a step would need to be computed anew is not in the recording; the message says what."""


def named_parameters(meta: Mapping[str, Any], layers: list[dict[str, Any]]) -> list[NamedParameter]:
    """Every parameter of the network. Raises MissingError for one without a place, or not trained."""
    modules = {module["number"]: module for module in meta["modules"]}
    found = []
    for number, layer in enumerate(layers, 1):
        for module in (modules[place] for place in layer["modules"]):
            symbols = ("γ", "β") if module["kind"].startswith("BatchNorm") else ("W", "b")
            for role, symbol in zip(("weight", "bias"), symbols, strict=True):
                if role in module["parameters"]:
                    found.append(NamedParameter(module["parameters"][role], number, symbol))
    known = {parameter.name for parameter in found}
    for parameter in meta["parameters"]:
        if parameter["name"] not in known:
            raise MissingError(f"{parameter['name']} has no place in the network")
        if not parameter["trained"]:
            raise MissingError(f"{parameter['name']} is not trained: here all parameters are")
        if parameter["shared_with"]:
            raise MissingError(f"{parameter['name']} is shared with {parameter['shared_with'][0]}")
    return found


def whole_step(
    recording: Recording, step: int, layers: tuple[Layer, ...], optimizer: OptimizerPreset | None
) -> WholeStep:
    """The kept step; `optimizer` None where the recording tells of none: then the changes may tell that it is plain.

    Raises MissingError where something is not there, PresetError where the file is damaged.
    """
    meta, facts = recording.meta, recording.facts(step)
    if facts.get("accumulated", 1) > 1:
        raise MissingError("its gradients were added up over several batches")
    if facts.get("training") is False:
        raise MissingError("the network was in evaluation mode")
    if facts.get("learning_rates"):
        raise MissingError("its parameters have different learning rates")
    names = named_parameters(meta, meta["network"])
    there = recording.names(step)
    arrays = [f"{symbol}/{one.name}" for one in names for symbol in ("θ", "g")]
    arrays += [f"buffer/{name}" for pair in buffers(meta, layers).values() for name in pair]
    for name in arrays:
        if name not in there:
            raise MissingError(f"{name} is not kept")
    for one in names:
        if there[f"θ/{one.name}"][0] != shape_of(one, layers[one.layer - 1]):
            raise MissingError(f"{one.name} has another shape than in the network")
    X, Y = batch(recording, step, layers)
    factor = facts.get("gradient_factor", 1.0)
    if optimizer is None:
        changes, gradients = (
            [needed(recording, step, f"{symbol}/{one.name}") for one in names] for symbol in ("Δ", "g")
        )
        optimizer = plain_descent(changes, gradients)
    else:
        optimizer = at_step(optimizer, facts, [facts["norms"][one.name][1] for one in names])
    number = facts.get("optimizer_step")
    counted = number if isinstance(number, int) and number > 0 else step
    return WholeStep(step, X, Y, optimizer, counted, masks(recording, step, layers), factor)


def start_of(recording: Recording, whole: WholeStep, names: list[NamedParameter], layers: tuple[Layer, ...]) -> Start:
    """What the step started from. Raises MissingError where that is not kept any more."""
    step = whole.step
    moments = {}
    for letter in OPTIMIZERS[whole.optimizer.kind].moments:
        for one in names:
            # Of a parameter that it had not met yet it remembered nothing.
            moment = recording.array(step, f"moment/{letter}/{one.name}")
            if moment is not None:
                moments[letter, one.name] = moment
    return Start(
        {one.name: needed(recording, step, f"θ/{one.name}") for one in names},
        moments,
        {
            number: (needed(recording, step, f"buffer/{mean}"), needed(recording, step, f"buffer/{variance}"))
            for number, (mean, variance) in buffers(recording.meta, layers).items()
        },
    )


def shape_of(parameter: NamedParameter, layer: Layer) -> tuple[int, ...]:
    return (layer.units, layer.inputs) if parameter.symbol == "W" else (layer.units,)


def needed(recording: Recording, step: int, name: str) -> Array:
    """An array of a kept step. Raises MissingError without it."""
    array = recording.array(step, name)
    if array is None:
        raise MissingError(f"{name} is not kept")
    return array


def batch(recording: Recording, step: int, layers: tuple[Layer, ...]) -> tuple[Array, Array]:
    """Inputs (features, m) and targets (outputs, m); class numbers become one-hot."""
    inputs = needed(recording, step, "inputs")
    targets = needed(recording, step, "targets")
    X = inputs.reshape(len(inputs), -1).T
    features, outputs = layers[0].inputs, layers[-1].units
    if targets.ndim == 1 and outputs > 1 and len(targets) == X.shape[1]:
        classes = targets.astype(np.intp)
        if (classes != targets).any() or not ((classes >= 0) & (classes < outputs)).all():
            raise MissingError("its targets are classes that the network has not")
        Y = np.eye(outputs)[:, classes]
    else:
        Y = targets.reshape(len(targets), -1).T
    if not (np.isfinite(X).all() and np.isfinite(Y).all()):
        raise MissingError("its batch holds numbers that are not finite")
    if len(X) != features or Y.shape != (outputs, X.shape[1]):
        raise MissingError(f"its batch has other shapes than the network: {inputs.shape} and {targets.shape}")
    return X.astype(np.float64), Y.astype(np.float64)


def at_step(optimizer: OptimizerPreset, facts: Mapping[str, Any], norms: list[float]) -> OptimizerPreset:
    """The optimizer with the rate of this step, and clipping as it clipped: to gradients of these `norms`."""
    rate = facts.get("learning_rate")
    if isinstance(rate, float | int) and rate > 0:
        optimizer = replace(optimizer, learning_rate=float(rate))
    factor = facts.get("gradient_factor")
    if isinstance(factor, float | int):
        if not factor < 1:
            raise MissingError(f"its gradients were multiplied by {factor:.6g} before the update")
        optimizer = replace(optimizer, clip_norm=hypot(*norms))
    return optimizer


def plain_descent(changes: list[Array], gradients: list[Array]) -> OptimizerPreset:
    """Gradient descent at the rate that the changes of most parameters tell, of whose gradients some may be wrong.

    Raises MissingError where no change is its gradient times a rate.
    """
    # One number is always a multiple of another: it tells nothing.
    pairs = [pair for pair in zip(changes, gradients, strict=True) if pair[0].size > 1]
    rates = [rate for pair in pairs if (rate := rate_of(*pair)) is not None]
    if not rates:
        raise MissingError("its optimizer is not known: no change is its gradient times a rate")
    agreeing = [sum(abs(other - rate) <= NEAR * rate for other in rates) for rate in rates]
    return OptimizerPreset(kind="sgd", learning_rate=float(f"{rates[agreeing.index(max(agreeing))]:.6g}"))


def rate_of(change: Array, gradient: Array) -> float | None:
    """The rate η of a change that is −η times the gradient; None where it is not."""
    change, gradient = (array.reshape(-1).astype(np.float64) for array in (change, gradient))
    square = float(gradient @ gradient)
    rate = -float(change @ gradient) / square if square else 0.0
    return rate if rate > 0 and np.abs(change + rate * gradient).max() <= NEAR * np.abs(change).max() else None


def masks(recording: Recording, step: int, layers: tuple[Layer, ...]) -> dict[int, NDArray[np.bool_]]:
    """Which units dropout kept, (units, m), by layer."""
    modules = {module["number"]: module for module in recording.meta["modules"]}
    kept = {}
    for layer, table in zip(layers, recording.meta["network"], strict=True):
        if layer.dropout:
            numbers = [place for place in table["modules"] if modules[place]["kind"].endswith("Dropout")]
            if not numbers:
                raise MissingError(f"the mask of layer {layer.number} is not kept")
            kept[layer.number] = needed(recording, step, f"mask/{numbers[0]}").T.astype(bool)
    return kept


def buffers(meta: Mapping[str, Any], layers: tuple[Layer, ...]) -> dict[int, tuple[str, str]]:
    """The names of the running mean and variance, by layer with batch norm."""
    modules = {module["number"]: module for module in meta["modules"]}
    found = {}
    for layer, table in zip(layers, meta["network"], strict=True):
        if layer.batch_norm:
            name = next(modules[place]["name"] for place in table["modules"] if "BatchNorm" in modules[place]["kind"])
            within = f"{name}." if name else ""
            found[layer.number] = f"{within}running_mean", f"{within}running_var"
    return found
