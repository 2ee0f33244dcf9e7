"""Reading a preset: file, table, the rules that need more than one key, and those that need the data.

`load_preset` does it all; `from_table` all but what depends on the data.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from .array_entries import Tell, untold
from .data_table import PLAYGROUND_SETS, DataPreset
from .datasets import Dataset, check_targets, load
from .named_file import NamedFile, size
from .parameter_name import ParameterName, parameter_name
from .raw_data import Source
from .schema import Place, PresetError, described, read
from .settings import apply_changes, apply_setting, with_variant
from .start_file import check_acts, read_start, start_notes
from .tables import (
    BYTES_OF_A_LAYER,
    MOST_LAYERS,
    RELU_FAMILY,
    SCALED_INITIALIZERS,
    LayerPreset,
    LossPreset,
    OptimizerPreset,
    Preset,
    StopPreset,
    TrainingPreset,
    VariantPreset,
    ViewPreset,
)
from .toml_document import parse

__all__ = [
    "DataPreset",
    "LayerPreset",
    "LossPreset",
    "OptimizerPreset",
    "ParameterName",
    "Preset",
    "PresetError",
    "StopPreset",
    "TrainingPreset",
    "VariantPreset",
    "ViewPreset",
    "apply_changes",
    "apply_setting",
    "data_key",
    "dataset_of",
    "fit",
    "from_table",
    "load_preset",
    "parameter_name",
    "parse",
    "read_file",
    "suiting",
    "with_data",
    "with_variant",
]

DEFAULT_LOSSES = {"softmax": "cross_entropy", "sigmoid": "binary_cross_entropy"}
MOST_NOISE = 0.5
"""Of sets that are drawn from our own seeds."""
DEFAULT_GAMMAS = {"step": 0.1, "exponential": 0.999}
REQUIRED_OUTPUTS = {loss: activation for activation, loss in DEFAULT_LOSSES.items()}
LARGEST_FILE = 20 * 10**6
"""Bytes of a preset file, which takes up to fifty times as many when it is read; larger data come from files."""


def read_file(path: Path) -> tuple[str, dict[str, Any]]:
    """The text of a preset file and its table; raises PresetError where it cannot be read."""
    file = NamedFile(path, Place(""), own=True)
    with file.opened(LARGEST_FILE) as stream:
        content = stream.read(LARGEST_FILE)
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as problem:
        raise file.error(f"expected a TOML file in UTF-8, found other bytes at offset {problem.start}") from None
    return text, parse(text, str(path))


def load_preset(
    table: dict[str, Any],
    source: str,
    base: Traversable | None = None,
    id: str = "",
    typed: Collection[str] = (),
    tell: Tell = untold,
    source_read: Source | None = None,
) -> tuple[Preset, Dataset]:
    """The preset and its data, everything checked; raises PresetError for whatever is wrong with either.

    Data files and start weights are looked for in `base`, by default the present folder. Paths that were `typed` by the
    person in front are files whose text messages may show. `tell` takes in which share of a data file has been read;
    `source_read` is what stands in it, where it is read already.
    """
    preset = from_table(table, source, base, id)
    return with_data(preset, dataset_of(preset, typed, tell, source_read), typed)


def dataset_of(
    preset: Preset, typed: Collection[str] = (), tell: Tell = untold, source_read: Source | None = None
) -> Dataset:
    """The data of a preset, as `load_preset` has them; the same for presets that agree in what `data_key` holds."""
    last = preset.layers[-1]
    return load(
        preset.data,
        seed=preset.seed,
        outputs=last.units,
        output_activation=last.activation,
        base=preset.base,
        source=preset.source,
        dtype=preset.training.dtype,
        typed=typed,
        tell=tell,
        source_read=source_read,
    )


def data_key(preset: Preset) -> tuple[object, ...]:
    """All that the data of a preset depend on, as long as its files stay what they are."""
    last = preset.layers[-1]
    return preset.data, preset.seed, last.units, last.activation, preset.training.dtype


def with_data(preset: Preset, dataset: Dataset, typed: Collection[str] = ()) -> tuple[Preset, Dataset]:
    """The preset fitted to its data, and these with what it starts from; raises PresetError, as `load_preset` does."""
    preset = suiting(preset, dataset)
    start = read_start(preset, len(dataset.inputs), typed)
    if start is not None:
        dataset = replace(dataset, start=start, notes=(*dataset.notes, *start_notes(preset, start, dataset.size)))
    return preset, dataset


def suiting(preset: Preset, dataset: Dataset) -> Preset:
    """The preset with its shapes fitted to its data; raises PresetError where the two do not go together."""
    check_targets(dataset, preset.loss.kind, preset.source)
    preset = fit(preset, len(dataset.inputs))
    _check_examples(preset, dataset)
    return preset


def from_table(table: dict[str, Any], source: str, base: Traversable | None = None, id: str = "") -> Preset:
    """The preset of a table, its defaults filled in and the `repeat` of its layers written out.

    `source` names the file in messages, `base` is the folder of relative paths, `id` the preset's name.
    Raises PresetError for anything wrong that does not depend on the data.
    """
    place = Place(source)
    written = read(Preset, table, place)
    _check_depth(written.layers, place / "layers")
    layers = tuple(_repeated(written.layers, place))
    _check_softmax(layers, place)
    preset = replace(
        written,
        data=_checked_data(written.data, place / "data"),
        layers=layers,
        loss=_loss(written.loss, layers[-1].activation, place / "loss" / "kind"),
        optimizer=_optimizer(written.optimizer),
        id=id,
        source=source,
        base=base,
        table=table,
    )
    preset = fit(preset, None)
    _check_output(preset, place)
    _check_variants(preset, table, base)
    return preset


def fit(preset: Preset, features: int | None) -> Preset:
    """The preset with the shapes of its layers checked against each layer's input width, and its spotlight.

    `features` is the width of the data; None, where it is not known yet, leaves what depends on it unchecked.
    """
    place = Place(preset.source)
    widths = [features, *(layer.units for layer in preset.layers[:-1])]
    layers = tuple(
        _fitted(layer, inputs, place / "layers" / layer.table_index)
        for layer, inputs in zip(preset.layers, widths, strict=True)
    )
    parameter_name(preset.view.spotlight, layers, features, place / "view" / "spotlight")
    return replace(preset, layers=layers)


def _check_depth(tables: tuple[LayerPreset, ...], place: Place) -> None:
    layers = sum(table.repeat for table in tables)
    if layers > MOST_LAYERS:
        needed = size(layers * BYTES_OF_A_LAYER)
        raise place.error(f"expected at most {MOST_LAYERS:,} layers, found {layers:,}, which would need {needed}")


def _repeated(tables: tuple[LayerPreset, ...], place: Place) -> Iterator[LayerPreset]:
    """Every layer, from 1 on, with its default init."""
    for index, layer in enumerate(tables):
        if layer.init in SCALED_INITIALIZERS:
            scale_place = place / "layers" / index / "init_scale"
            if layer.init_scale is None:
                raise scale_place.error(f'this key is required with init = "{layer.init}"')
            if layer.init != "constant" and layer.init_scale < 0:
                raise scale_place.expected("a finite number of 0 or more", layer.init_scale)
        default = "he_normal" if layer.activation in RELU_FAMILY else "xavier_uniform"
        yield from [replace(layer, init=layer.init or default, table_index=index)] * layer.repeat


def _check_softmax(layers: tuple[LayerPreset, ...], place: Place) -> None:
    for layer in layers[:-1]:
        if layer.activation == "softmax":
            where = place / "layers" / layer.table_index / "activation"
            raise where.error("softmax stands only in the last layer, without repeat; use another activation here")
    last = layers[-1]
    if last.activation == "softmax" and last.units == 1:
        raise (place / "layers" / last.table_index / "units").error(
            "expected 2 or more with softmax, which of one unit is always 1, found 1; give each class a unit, or use "
            "sigmoid"
        )


def _check_output(preset: Preset, place: Place) -> None:
    """A loss that is computed from the logits needs the output to be its activation of them, and nothing more."""
    last, loss = preset.layers[-1], preset.loss.kind
    if loss not in REQUIRED_OUTPUTS:
        return
    for name in ("dropout", "residual"):
        if getattr(last, name):
            raise (place / "layers" / last.table_index / name).error(
                f"{loss} is computed from the logits of the output layer, which can have no {name}; leave it out "
                "there, or use a squared error"
            )


def _fitted(layer: LayerPreset, inputs: int | None, place: Place) -> LayerPreset:
    """The layer with its shapes checked; a copy of a repeated layer skips a residual that has nothing to add to."""
    for name in ("biases", "gamma", "beta"):
        values = getattr(layer, name)
        if values is not None and len(values) != layer.units:
            raise (place / name).error(f"expected {layer.units} number(s), one a unit, found {len(values)}")
    if layer.weights is not None:
        rows, columns = len(layer.weights), len(layer.weights[0])
        if rows != layer.units or columns != (inputs or columns):
            wanted = f"{layer.units} row(s), one a unit" + (f", of {inputs} number(s), one an input" if inputs else "")
            raise (place / "weights").error(f"expected {wanted}, found {rows} row(s) of {columns}")
    if layer.residual and inputs is not None and inputs != layer.units:
        if layer.repeat == 1:
            raise (place / "residual").error(
                f"needs as many units as inputs, found {layer.units} units, {inputs} inputs"
            )
        return replace(layer, residual=False)
    return layer


def _checked_data(data: DataPreset, place: Place) -> DataPreset:
    """The data table with the keys that its kind cannot do without."""
    required = {"inline": ("inputs", "targets"), "csv": ("path", "targets"), "npz": ("path",), "idx": ("path",)}
    for name in required.get(data.kind, ()):
        if getattr(data, name) is None:
            raise (place / name).error(f'this key is required with kind = "{data.kind}"')
    if data.playground_seed is None and data.noise > MOST_NOISE:
        raise (place / "noise").expected(f"a finite number from 0 to {MOST_NOISE}", data.noise)
    if data.playground_seed is not None and data.kind not in PLAYGROUND_SETS:
        raise (place / "playground_seed").error(
            f"is of the sets of TensorFlow Playground, which are {', '.join(PLAYGROUND_SETS)}; found kind = "
            f"{described(data.kind)}"
        )
    return data


def _loss(loss: LossPreset, output: str, place: Place) -> LossPreset:
    kind = loss.kind or DEFAULT_LOSSES.get(output, "mean_squared_error")
    needed = REQUIRED_OUTPUTS.get(kind, output)
    if output != needed:
        other = DEFAULT_LOSSES.get(output, "mean_squared_error")
        raise place.error(
            f"{kind} needs a last layer with activation {needed}, found {output}; with {output} use {other}"
        )
    return LossPreset(kind=kind)


def _optimizer(optimizer: OptimizerPreset) -> OptimizerPreset:
    schedule = optimizer.schedule
    gamma = schedule.gamma or DEFAULT_GAMMAS.get(schedule.kind, 1.0)
    epsilon = optimizer.epsilon or (1e-10 if optimizer.kind == "adagrad" else 1e-8)
    return replace(optimizer, epsilon=epsilon, schedule=replace(schedule, gamma=gamma))


def _check_variants(preset: Preset, table: dict[str, Any], base: Traversable | None) -> None:
    names = [variant.name for variant in preset.variants]
    for index, variant in enumerate(preset.variants):
        place = Place(preset.source) / "variants" / index
        if variant.name in names[:index]:
            raise (place / "name").error(f"two variants are called {described(variant.name)}; expected different names")
        source = f"{preset.source}: variants.{index}"
        made = from_table(with_variant(table, variant, source), f"{source} {described(variant.name)}", base)
        for path in variant.set:
            check_acts(made, path, place / "set" / f'"{path}"')


def _check_examples(preset: Preset, dataset: Dataset) -> None:
    """The rules that need the number of training examples."""
    place, examples = Place(preset.source), dataset.size
    if preset.view.example > examples:
        raise (place / "view" / "example").expected(f"an integer from 1 to {examples}", preset.view.example)
    if preset.training.drop_last and preset.training.batch_size > examples:
        found = f"{preset.training.batch_size} examples a batch"
        raise (place / "training" / "drop_last").error(f"leaves no batch: {found}, {examples} training examples")
