"""Readings of a hand-in: the layout, the network and the settings that it may be meant with."""

from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from typing import Any

import numpy as np

from backprop_tui.core.network.schedule import rate_of_step
from backprop_tui.core.preset.preset import from_table
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.settings import apply_setting
from backprop_tui.core.preset.tables import LayerPreset, Preset
from backprop_tui.core.value_class import dataclass

from . import words
from .accuracy import DOUBLE, precision
from .guesses import networks, slope_of
from .layout import Layout, Widths, check_room, laid, laid_examples, laid_targets, layouts, widths
from .names import Key, understood, written
from .step import Array, Start, Step
from .submission import OPTIMIZER_SETTINGS, Submission

PLACEHOLDER_RATE = 1.0


@dataclass(slots=True)
class Reading:
    """One way to read a hand-in.

    `theirs`: what was computed, as this program lays it. `names` and `raw`: names and arrays as they were handed in.
    `inferred`: settings that were found out, `supposed`: those of them that the numbers leave open, the likeliest of
    which is taken; `conventions`: what is done otherwise than here and is right all the same.
    `unit`: the unit of rounding of the numbers. `scales`: what some of them were multiplied by to be as they are here.
    """

    layout: Layout
    sizes: Widths
    preset: Preset
    start: Start
    theirs: dict[Key, Array]
    names: dict[Key, str]
    inferred: dict[str, Any] = field(default_factory=dict)
    conventions: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    rate_told: bool = True
    optimizer_told: bool = True
    unit: float = DOUBLE
    scales: dict[Key, float] = field(default_factory=dict)
    raw: Mapping[Key, Array] = field(default_factory=dict)
    supposed: list[str] = field(default_factory=list)

    def step(self, dtype: type[np.floating[Any]] = np.float64) -> Step:
        return Step(self.preset, self.start, dtype, self.conventions)


@dataclass(frozen=True, slots=True)
class Given:
    """What is there without the file: a preset's network and its first step."""

    preset: Preset | None = None
    arrays: Mapping[Key, Array] = field(default_factory=dict)
    step: int = 1


def readings(found: Submission, given: Given, sets: tuple[str, ...]) -> Iterator[Reading]:
    """Every way to read the hand-in that its shapes and what is told allow, the likelier ones first.

    Raises PresetError where there is none.
    """
    names, unknown = understood(found.arrays, 0 if given.preset is None else len(given.preset.layers))
    keys = {key: name for name, key in names.items()}
    arrays = {key: found.arrays[name] for name, key in names.items()}
    problem: PresetError | None = None
    some = False
    for layout in layouts(arrays, given.arrays, found.source):
        sizes = widths(arrays, given.arrays, layout, found.source)
        check_room(sizes, found.source)
        try:
            for reading in of_layout(found, arrays, given, sets, layout, sizes):
                some = True
                reading.names, reading.raw = keys, arrays
                reading.ignored += unknown
                yield reading
        except PresetError as error:
            problem = problem or error
    if not some:
        raise problem or PresetError(f"{found.source}: no reading of these settings fits the numbers")


def of_layout(
    found: Submission, arrays: Mapping[Key, Array], given: Given, sets: tuple[str, ...], layout: Layout, sizes: Widths
) -> Iterator[Reading]:
    """The readings of one layout."""
    theirs = {key: laid(key, array, layout, sizes) for key, array in arrays.items()}
    start, conventions, inferred = start_of(found, arrays, theirs, given, layout, sizes)
    table = table_of(found, given, sets, sizes, theirs, start, inferred)
    problem: PresetError | None = None
    some = False
    for activations, loss in networks(table, theirs, start, sizes):
        layers = [
            layer | {"activation": name} | slope_of(layer, name, theirs, start, number)
            for number, (layer, name) in enumerate(zip(table["layers"], activations, strict=True), 1)
        ]
        told = [layer.get("activation") for layer in table["layers"]]
        guessed = inferred | ({"activations": list(activations)} if None in told else {})
        guessed |= {} if "kind" in table["loss"] else {"loss_kind": loss}
        try:
            preset = from_table(table | {"layers": layers, "loss": {"kind": loss}}, found.source)
        except PresetError as error:
            if None in told or "kind" not in table["loss"]:
                problem = problem or error
                continue
            raise
        some = True
        computed: dict[Key, Array] = {
            key: array.astype(np.float64)
            for key, array in theirs.items()
            if key not in (("X", None), ("Y", None))
            and key[0] not in ("W", "b", "gamma", "beta", "mask")
            and not key[0].endswith("_previous")
            and not key[0].startswith(("m_", "v_", "s_"))
        }
        typed = " ".join(sets)
        yield Reading(
            layout,
            sizes,
            preset,
            start,
            computed,
            {},
            guessed,
            list(conventions),
            rate_told="learning_rate" in found.settings or given.preset is not None or "learning_rate" in typed,
            optimizer_told="optimizer" in found.settings or given.preset is not None or "optimizer." in typed,
            unit=precision(theirs[key] for key in computed),
        )
    if problem is not None and not some:
        raise problem


def start_of(
    found: Submission,
    arrays: Mapping[Key, Array],
    theirs: dict[Key, Array],
    given: Given,
    layout: Layout,
    sizes: Widths,
) -> tuple[Start, list[str], dict[str, Any]]:
    """What the step starts from, with conventions and what had to be found out."""
    conventions: list[str] = []
    inferred: dict[str, Any] = {}
    X = given.arrays.get(("X", None))
    if ("X", None) in arrays:
        raw = arrays["X", None]
        raw = raw.reshape(len(raw), -1) if raw.ndim > 2 and layout.rows else raw
        X = laid_inputs(raw, sizes, layout)
    if ("Y", None) in arrays:
        Y, of_classes = laid_targets(arrays["Y", None], sizes, layout, found.source)
        if of_classes:
            conventions.append("class_numbers")
    elif ("Y", None) in given.arrays:
        Y = given.arrays["Y", None]
    else:
        raise PresetError(f'{found.source}: expected the targets of the step, called "Y"; found none')
    assert X is not None
    parameters: dict[Key, Array] = {}
    for layer in range(1, sizes.layers + 1):
        for symbol in ("W", "b", "gamma", "beta"):
            key = (symbol, layer)
            value = theirs.get(key, given.arrays.get(key))
            if value is None and symbol == "b" and any((s, layer) in theirs for s in ("db", "b_new")):
                value = np.zeros(sizes.units[layer])
                inferred[written(key)] = 0
            if value is None and symbol == "beta" and ("gamma", layer) in parameters:
                value = np.zeros(sizes.units[layer])
                inferred[written(key)] = 0
            if value is not None:
                parameters[key] = value.astype(np.float64)
    check_finite(found, {("X", None): X, ("Y", None): Y} | parameters)
    masks = {layer: array for (symbol, layer), array in theirs.items() if symbol == "mask" and layer is not None}
    for layer, mask in masks.items():
        if mask.shape != (sizes.units[layer], sizes.examples):
            raise PresetError(
                f"{found.source}: mask{layer}: expected one number for each unit and example, found shape {mask.shape}"
            )
    moments: dict[Key, Array] = {
        key: array.astype(np.float64) for key, array in theirs.items() if key[0][:2] in ("m_", "v_", "s_")
    }
    previous: dict[Key, Array] = {
        (symbol.removesuffix("_previous"), layer): array.astype(np.float64)
        for (symbol, layer), array in theirs.items()
        if symbol.endswith("_previous")
    }
    step = int(found.settings.get("step", given.step))
    if step < 1:
        raise PresetError(f"{found.source}: step: expected 1 or more, the number of this update; found {step}")
    return (
        Start(X.astype(np.float64), Y.astype(np.float64), parameters, masks, moments, {}, previous, step),
        conventions,
        inferred,
    )


def laid_inputs(raw: Array, sizes: Widths, layout: Layout) -> Array:
    return laid_examples(raw, sizes.units[0], layout)


def check_finite(found: Submission, arrays: Mapping[Key, Array]) -> None:
    for key, array in arrays.items():
        if not np.isfinite(array).all():
            bad = array[~np.isfinite(array)][0]
            raise PresetError(f"{found.source}: {written(key)}: expected finite numbers, found {bad}")


def table_of(
    found: Submission,
    given: Given,
    sets: tuple[str, ...],
    sizes: Widths,
    theirs: Mapping[Key, Array],
    start: Start,
    inferred: dict[str, Any],
) -> dict[str, Any]:
    """The preset's table as far as it is told: activations and the loss may be missing from it."""
    settings, L = found.settings, sizes.layers
    layers: list[dict[str, Any]] = []
    if given.preset is not None and len(given.preset.layers) != L:
        raise PresetError(
            f"{found.source}: expected {len(given.preset.layers)} layer(s), as the preset has, found weights of {L}"
        )
    for number in range(1, L + 1):
        layer: dict[str, Any] = {"units": sizes.units[number], "bias": ("b", number) in start.parameters}
        if given.preset is not None:
            layer |= of_preset(given.preset.layers[number - 1])
            layer["units"] = sizes.units[number]
            layer["bias"] = ("b", number) in start.parameters
        if ("gamma", number) in start.parameters:
            layer["batch_norm"] = True
        if "slope" in settings:
            layer["slope"] = float(settings["slope"])
        layers.append(layer)
    if "activations" in settings:
        for layer, word in zip(layers, words.activations(settings["activations"], L, found.source), strict=True):
            layer["activation"] = word
    optimizer: dict[str, Any] = {"kind": "sgd", "learning_rate": PLACEHOLDER_RATE}
    if given.preset is not None:
        own = given.preset.optimizer
        optimizer = {name: getattr(own, name) for name in ("kind", *OPTIMIZER_SETTINGS)}
        optimizer["learning_rate"] = rate_of_step(own, start.step)
        optimizer = {name: value for name, value in optimizer.items() if value is not None}
    if "optimizer" in settings:
        optimizer["kind"] = words.optimizer(settings["optimizer"], found.source)
    for name in ("learning_rate", *OPTIMIZER_SETTINGS):
        if name in settings:
            value = settings[name]
            flag = name in ("ema", "bias_correction", "epsilon_inside_sqrt", "train_biases")
            optimizer[name] = bool(value) if flag else float(value)
    if "momentum" in settings and optimizer["kind"] == "sgd" and "optimizer" not in settings and settings["momentum"]:
        optimizer["kind"] = "momentum"
    loss = {} if given.preset is None else {"kind": given.preset.loss.kind}
    if "loss_kind" in settings:
        loss = {"kind": words.loss(settings["loss_kind"], found.source)}
    K = sizes.units[-1]
    table: dict[str, Any] = {
        "title": "a step handed in",
        "data": {"kind": "inline", "inputs": [[0.0] * sizes.units[0]], "targets": [[0.0] * K]},
        "layers": layers,
        "loss": loss,
        "optimizer": optimizer,
    }
    for setting in sets:
        table = apply_setting(table, setting)
    lay_masks(found, table["layers"], start, inferred)
    return table


def of_preset(layer: LayerPreset) -> dict[str, Any]:
    """What a preset says of a layer."""
    names = ("units", "activation", "slope", "batch_norm", "residual", "dropout")
    return {name: getattr(layer, name) for name in names}


def lay_masks(found: Submission, layers: list[dict[str, Any]], start: Start, inferred: dict[str, Any]) -> None:
    """Every mask as 0 and 1 over the share kept, with the rate that is told for its layer or that it tells itself."""
    told = found.settings.get("dropout")
    if told is None and "keep_prob" in found.settings:
        told = 1 - float(found.settings["keep_prob"])
    for number, mask in start.masks.items():
        layer = layers[number - 1]
        if isinstance(told, list):
            layer["dropout"] = float(told[number - 1]) if number <= len(told) else 0.0
        elif told is not None:
            layer["dropout"] = float(told)
        if not layer.get("dropout"):
            largest = float(mask.max())
            dropped = float((mask == 0).mean())
            # A mask of 0 and 1 tells no rate: the share that was dropped is the best guess, and is said.
            layer["dropout"] = 1 - 1 / largest if largest > 1 else min(dropped, 0.99)
            if layer["dropout"]:
                inferred[f"layers.{number - 1}.dropout"] = layer["dropout"]
        start.masks[number] = (mask > 0) / (1 - min(layer["dropout"], 0.99))
    for number, layer in enumerate(layers, 1):
        if layer.get("dropout") and number not in start.masks:
            raise PresetError(f"{found.source}: expected the dropout mask of layer {number}, called mask{number}")


def with_rate(reading: Reading, rate: float, kind: str | None = None) -> Reading:
    """The reading with the learning rate, and the optimizer, that were found out."""
    optimizer = replace(reading.preset.optimizer, learning_rate=rate)
    inferred = reading.inferred | {"learning_rate": rate}
    if kind:
        optimizer = replace(optimizer, kind=kind)
        inferred |= {"optimizer": kind}
    return replace(reading, preset=replace(reading.preset, optimizer=optimizer), inferred=inferred)
