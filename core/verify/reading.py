"""Readings of a hand-in: the layout, the network and the settings that it may be meant with, found out where not told."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import numpy as np

from backprop_tui.core.network.activations import ACTIVATIONS
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.preset.preset import DEFAULT_LOSSES, REQUIRED_OUTPUTS, from_table
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.settings import apply_setting
from backprop_tui.core.preset.tables import LOSSES, LayerPreset, Preset

from . import words
from .accuracy import DOUBLE, precision
from .layout import Layout, Widths, check_room, laid, laid_targets, layouts, widths
from .names import Key, understood, written
from .slopes import f_and_slope
from .step import Array, Start, Step
from .submission import OPTIMIZER_SETTINGS, Submission

MOST_COMBINATIONS = 150
"""Activations of all layers that are tried where the numbers leave them open."""
HIDDEN = ("sigmoid", "relu", "tanh", "identity", "leaky_relu", "elu", "gelu", "gelu_tanh", "silu", "softplus")
OUTPUT = ("sigmoid", "softmax", "identity", "tanh", "relu")
CLOSE = {2: 2e-3, 4: 2e-5, 8: 1e-8}
"""How near an activation has to come to be taken for the one that was used, by the bytes of a number."""
PLACEHOLDER_RATE = 1.0


@dataclass(slots=True)
class Reading:
    """One way to read a hand-in.

    `theirs`: what was computed, as this program lays it. `inferred`: settings that were found out, `conventions`: what
    is done otherwise than here and is right all the same. `unit`: the unit of rounding of the numbers. `scales`: what
    some of them were multiplied by to be as they are here.
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
                reading.names = keys
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
    for activations, loss in networks(found, table, theirs, start, sizes):
        layers = [
            layer | {"activation": name} | slope_of(layer, name, theirs, start, number)
            for number, (layer, name) in enumerate(zip(table["layers"], activations, strict=True), 1)
        ]
        told = [layer.get("activation") for layer in table["layers"]]
        guessed = inferred | ({"activations": list(activations)} if None in told else {})
        guessed |= {} if "kind" in table["loss"] else {"loss_kind": loss}
        try:
            preset = from_table(table | {"layers": layers, "loss": {"kind": loss}}, found.source)
        except PresetError:
            if None in told or "kind" not in table["loss"]:
                continue
            raise
        computed = {
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
    moments = {key: array.astype(np.float64) for key, array in theirs.items() if key[0][:2] in ("m_", "v_", "s_")}
    previous = {
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
    from .layout import laid_examples

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
    """The preset's table as far as it is told; layers without activation and a loss without kind are to be found out."""
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
        optimizer = {name: getattr(own, name) for name in ("kind", "learning_rate", *OPTIMIZER_SETTINGS)}
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


def networks(
    found: Submission, table: Mapping[str, Any], theirs: Mapping[Key, Array], start: Start, sizes: Widths
) -> Iterator[tuple[tuple[str, ...], str]]:
    """The activations of all layers and the loss that are told, or may have been used."""
    told = [layer.get("activation") for layer in table["layers"]]
    loss = table["loss"].get("kind")
    options = [
        (words.known(name, tuple(HIDDEN) + ("softmax",), {}, "activations", found.source),)
        if name
        else fitting(table["layers"][number - 1], number, theirs, start, sizes)
        for number, name in enumerate(told, 1)
    ]
    if not all(told):
        options = narrowed(options)
    for combination in product(*options):
        for kind in [loss] if loss else losses_of(combination[-1], start.Y):
            if not all(told) and loss and REQUIRED_OUTPUTS.get(loss, combination[-1]) != combination[-1]:
                continue
            yield combination, kind


def narrowed(options: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Fewer options where their combinations would be too many: the likeliest alone."""
    for most in (10, 4, 3, 2, 1):
        options = [option[:most] for option in options]
        if np.prod([len(option) for option in options], dtype=float) <= MOST_COMBINATIONS:
            return options
    return options


def losses_of(output: str, Y: Array) -> list[str]:
    """The losses that an output may have with these targets, the usual one first."""
    usual = DEFAULT_LOSSES.get(output, "mean_squared_error")
    found = [kind for kind in (usual, *LOSSES) if REQUIRED_OUTPUTS.get(kind, output) == output]
    found = list(dict.fromkeys(found))
    if "cross_entropy" in found and ((Y < 0).any() or abs(Y.sum(axis=0) - 1).max() > 1e-6):
        found.remove("cross_entropy")
    if "binary_cross_entropy" in found and ((Y < 0).any() or (Y > 1).any()):
        found.remove("binary_cross_entropy")
    return found


def fitting(
    layer: Mapping[str, Any], number: int, theirs: Mapping[Key, Array], start: Start, sizes: Widths
) -> tuple[str, ...]:
    """The activations that give this layer's A from its Z, the likeliest first; all where the numbers do not tell."""
    last = number == sizes.layers
    everything = OUTPUT if last else HIDDEN
    z, a = argument_of(number, theirs, start), theirs.get(("A", number))
    if z is None or a is None or z.shape != a.shape or z.shape != (sizes.units[number], sizes.examples):
        return everything
    z, close = z.astype(np.float64), CLOSE.get(a.dtype.itemsize, 1e-8)
    kept = start.masks[number] > 0 if number in start.masks else np.ones(z.shape, dtype=bool)
    if layer.get("residual"):
        below = theirs.get(("A", number - 1)) if number > 1 else start.X
        if below is None or below.shape != a.shape:
            return everything
        a = a - below
    found = [
        name
        for name in dict.fromkeys((*everything, *HIDDEN))
        if (name != "softmax" or sizes.units[number] > 1) and same(value_of(name, z, layer), a, kept, close)
    ]
    if not found and leak(z, a, kept) is not None:
        found = ["leaky_relu"]
    return tuple(found) or everything


def argument_of(number: int, theirs: Mapping[Key, Array], start: Start) -> Array | None:
    """What the activation was applied to, as it is handed in, or as it follows from what is."""
    if ("gamma", number) in start.parameters:
        return theirs.get(("N", number))
    if ("Z", number) in theirs:
        return theirs["Z", number]
    below = start.X if number == 1 else theirs.get(("A", number - 1))
    W, b = start.parameters["W", number], start.parameters.get(("b", number))
    if below is None or below.shape[:1] != W.shape[1:]:
        return None
    Z: Array = W @ below
    return Z if b is None else Z + b[:, None]


def value_of(name: str, z: Array, layer: Mapping[str, Any]) -> Array:
    """f(z) of an activation by its name."""
    with np.errstate(all="ignore"):
        if name == "softmax":
            powers = np.exp(z - z.max(axis=0))
            return powers / powers.sum(axis=0)
        slope = float(layer.get("slope", 0.01))
        return f_and_slope(Layer(1, 1, 1, name, has_bias=True, start=0, slope=slope), z)[0]


def same(value: Array, a: Array, kept: Array, close: float) -> bool:
    """Whether `a` is `value` where it was kept, or by one constant factor where some was dropped."""
    value, a = value[kept], a[kept].astype(np.float64)
    if not a.size:
        return False
    largest = np.abs(a).max()
    if not kept.all() and (value != 0).any():
        a = a / np.median(a[value != 0] / value[value != 0])
    return bool(np.abs(value - a).max() <= close * max(largest, np.finfo(float).tiny))


def leak(z: Array, a: Array, kept: Array) -> float | None:
    """The slope below 0, where above it `a` is z and below it z times one number."""
    above, below = kept & (z > 0), kept & (z < 0)
    if not below.any() or not np.allclose(a[above], z[above], rtol=1e-5):
        return None
    ratios = a[below] / z[below]
    slope = float(np.median(ratios))
    return slope if below.sum() > 1 and 0 < slope < 1 and np.allclose(ratios, slope, rtol=1e-5) else None


def slope_of(
    layer: Mapping[str, Any], name: str, theirs: Mapping[Key, Array], start: Start, number: int
) -> dict[str, float]:
    """The slope of a leaky relu that was found out from the numbers."""
    if name != "leaky_relu" or "slope" in layer:
        return {}
    z, a = argument_of(number, theirs, start), theirs.get(("A", number))
    if z is None or a is None or z.shape != a.shape:
        return {}
    found = leak(z, a, np.ones(z.shape, dtype=bool))
    return {} if found is None else {"slope": float(f"{found:.6g}")}


def with_rate(reading: Reading, rate: float, kind: str | None = None) -> Reading:
    """The reading with the learning rate, and the optimizer, that were found out."""
    optimizer = replace(reading.preset.optimizer, learning_rate=rate)
    inferred = reading.inferred | {"learning_rate": rate}
    if kind:
        optimizer = replace(optimizer, kind=kind)
        inferred |= {"optimizer": kind}
    return replace(reading, preset=replace(reading.preset, optimizer=optimizer), inferred=inferred)


assert set(OUTPUT) - {"softmax"} <= set(HIDDEN) == set(ACTIVATIONS)
