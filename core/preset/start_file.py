"""What a run starts from: the file that `training.start` names, read once and held against the network.

Its arrays are called W1 b1 gamma1 beta1 W2 …, or as in a state dict of PyTorch. A file that `train --save` or the key W
wrote has the running statistics and the optimizer's state besides, and where the run stood (`docs/weights.md`).
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.value_class import dataclass

from .named_file import NamedFile, beside
from .readers import Names
from .schema import LARGEST_INTEGER, Place, suggestion
from .tables import OPTIMIZERS, LayerPreset, Preset

Array = NDArray[Any]
Shapes = dict[str, tuple[int, ...]]
STEP, SEED, OPTIMIZER, OPTIMIZER_STEP = "step", "seed", "optimizer", "optimizer_step"
EXAMPLES, BATCH = "examples", "batch_size"
PLACES = (STEP, SEED, OPTIMIZER, OPTIMIZER_STEP, EXAMPLES, BATCH)
"""Names of what says where a run stood."""
RUNNING = ("running_mean", "running_variance")
MOMENT = re.compile(r"(?P<moment>[msv])_(?P<parameter>.+)")
SQUARES = (("adam", "v"), ("adamw", "v"), ("rmsprop", "s"), ("adagrad", "s"))
"""Moments of squared gradients, by the optimizer and their name, which are not below 0."""
GIVING = {"init": "W", "init_scale": "W", "weights": "W", "biases": "b", "gamma": "gamma", "beta": "beta"}
"""The keys of a layer that say what a parameter starts from."""
OF_TORCH = (".pt", ".pth")


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """Parameters and running statistics by name, in their shapes; what the file has not of them is `afresh`.

    `moments` by `("m", "W1")`, and where the run stood: `step` steps of it were done, `optimizer_step` of its
    `optimizer` ("" where none was kept), with `seed`, of so many examples in batches of so many (`sizes`). `goes_on`:
    whether the file says so at all.
    """

    file: NamedFile
    parameters: Mapping[str, Array]
    statistics: Mapping[str, Array]
    moments: Mapping[tuple[str, str], Array] = field(default_factory=dict)
    optimizer: str = ""
    optimizer_step: int = 0
    step: int = 0
    seed: int | None = None
    sizes: tuple[int | None, int | None] = (None, None)
    goes_on: bool = False
    afresh: Names = ()

    @property
    def name(self) -> str:
        return self.file.path.name


def read_start(preset: Preset, features: int, typed: Collection[str] = ()) -> Start | None:
    """What the preset's start file holds, for data of so many features; None where it names no file.

    The text of a file that is among the paths `typed` by the person in front may be shown in messages. Raises
    PresetError where the file cannot be read or does not fit the network.
    """
    training, place = preset.training, Place(preset.source) / "training" / "start"
    if training.start is None:
        return None
    from .array_archive import read_archive  # Not needed to open.
    from .torch_names import are_torch, as_ours

    file = beside(preset.base, training.start, place, training.start in typed)
    if file.path.name.endswith(OF_TORCH):
        raise file.error(
            "expected a NumPy archive (.npz), found a file of PyTorch; make one of it with "
            "np.savez(path, **{name: value.numpy() for name, value in model.state_dict().items()})"
        )
    arrays = read_archive(file)
    parameters, statistics = shapes(preset.layers, features), running_shapes(preset.layers)
    known, afresh = {**parameters, **statistics}, training.start_missing == "afresh"
    places = {name: arrays.pop(name) for name in PLACES if name in arrays}
    names = {name: name for name in arrays}
    if are_torch(arrays):
        names = as_ours(arrays, preset.layers, known, file, some=afresh)
    kept = {MOMENT.fullmatch(name): name for name in arrays if MOMENT.fullmatch(name)}
    moments = {(found["moment"], found["parameter"]): arrays[name] for found, name in kept.items() if found}
    if not afresh:
        wanted = [*known, *(f"{moment}_{name}" for moment in "msv" for name in parameters)]
        for ours, theirs in names.items():
            if ours not in wanted:
                called = f"{file.quoted(theirs)}{suggestion(theirs, list(known))}" if file.own else "of a name in it"
                raise file.error(f"this network has no parameters {called}")
    check = Check(file, arrays, names, afresh)
    found = {name: array for name, shape in parameters.items() if (array := check(name, shape)) is not None}
    # A file of parameters alone, of old or by hand, has no running statistics: they begin as those of any run.
    plain = not any(name in names for name in statistics)
    running = (
        {}
        if plain
        else {name: array for name, shape in statistics.items() if (array := check(name, shape)) is not None}
    )
    for name, array in running.items():
        if name.startswith(RUNNING[1]) and (array < 0).any():
            raise file.error(f'expected running variances of 0 or more called "{names[name]}", found {array.min():g}')
    missing = tuple(name for name in (*parameters, *statistics) if name not in found and name not in running)
    start = Start(file, found, running, afresh=missing)
    start = start if not training.resume else gone_on(start, moments, places, parameters)
    check_type(start, training.dtype)
    return start


@dataclass(frozen=True, slots=True)
class Check:
    """Gives the arrays of a file by our names, where they are as they have to be; raises PresetError where not.

    `names`: the name in the file by ours. `afresh`: whether one that is missing, or of another shape, is just not used.
    """

    file: NamedFile
    arrays: Mapping[str, Array]
    names: Mapping[str, str]
    afresh: bool

    def __call__(self, name: str, shape: tuple[int, ...]) -> Array | None:
        theirs = self.names.get(name, name)
        found = self.arrays.get(theirs)
        if self.afresh and (found is None or found.shape != shape):
            return None
        if found is None or found.shape != shape or not are_numbers(found):
            described = "none" if found is None else f"{found.dtype} {found.shape}"
            if theirs != name and self.file.own:
                described = f"{described} called {self.file.quoted(theirs)}"
            other = found is None or found.shape != shape
            hint = '; training.start_missing = "afresh" starts afresh what does not fit' if other else ""
            raise self.file.error(f'expected finite numbers of shape {shape} called "{name}", found {described}{hint}')
        return found


def check_type(start: Start, dtype: str) -> None:
    """Raises PresetError where what goes with the parameters is too large for the run's number type."""
    largest = np.finfo(dtype).max
    kept = {f"{moment}_{name}": array for (moment, name), array in start.moments.items()}
    for name, array in {**start.statistics, **kept}.items():
        if np.abs(array.astype(np.float64)).max(initial=0.0) > largest:
            raise start.file.error(f'the numbers called "{name}" are too large for {dtype}, which holds {largest:.2g}')


def are_numbers(array: Array) -> bool:
    return array.dtype.kind in "fiu" and bool(np.isfinite(array).all())


def gone_on(
    start: Start, moments: Mapping[tuple[str, str], Array], places: Mapping[str, Array], known: Shapes
) -> Start:
    """With the optimizer's state and where the run stood; raises PresetError where they are not as they have to be."""
    file = start.file
    if not places and not moments:
        return start
    numbers = {name: whole(places, name, file) for name in (STEP, SEED, OPTIMIZER_STEP, EXAMPLES, BATCH)}
    written = places.get(OPTIMIZER)
    kind = "" if written is None else str(written) if written.ndim == 0 else "?"
    if kind and kind not in OPTIMIZERS:
        raise file.error(f'expected "{OPTIMIZER}" to be one of {", ".join(OPTIMIZERS)}')
    if moments and not kind:
        raise file.error(f'expected the name of the optimizer, whose state it holds, called "{OPTIMIZER}", found none')
    fitting = {}
    for (moment, name), array in moments.items():
        shape = known.get(name)
        if name in start.afresh or shape is None:
            continue
        low = (kind, moment) in SQUARES and are_numbers(array) and array.size and array.min() < 0
        if array.shape != shape or not are_numbers(array) or low:
            wanted = f"numbers of 0 or more of shape {shape}" if low else f"finite numbers of shape {shape}"
            found = f"{array.min():g}" if low else f"{array.dtype} {array.shape}"
            raise file.error(f'expected {wanted} called "{moment}_{name}", found {found}')
        fitting[moment, name] = array
    return Start(
        file,
        start.parameters,
        start.statistics,
        fitting,
        kind,
        numbers[OPTIMIZER_STEP] or 0,
        numbers[STEP] or 0,
        numbers[SEED],
        (numbers[EXAMPLES], numbers[BATCH]),
        goes_on=numbers[STEP] is not None,
        afresh=start.afresh,
    )


def whole(places: Mapping[str, Array], name: str, file: NamedFile) -> int | None:
    """One of the whole numbers that say where a run stood; None where it is not there."""
    array = places.get(name)
    if array is None:
        return None
    if array.ndim != 0 or array.dtype.kind not in "iu" or not 0 <= int(array) <= LARGEST_INTEGER // 2:
        raise file.error(f'expected a whole number of 0 or more called "{name}", found {array.dtype} {array.shape}')
    return int(array)


def shapes(layers: Sequence[LayerPreset], features: int) -> Shapes:
    """The shapes of all parameters of a network with so many inputs, by name."""
    found: Shapes = {}
    inputs = features
    for number, layer in enumerate(layers, 1):
        found[f"W{number}"] = (layer.units, inputs)
        if layer.bias:
            found[f"b{number}"] = (layer.units,)
        if layer.batch_norm:
            found |= {f"gamma{number}": (layer.units,), f"beta{number}": (layer.units,)}
        inputs = layer.units
    return found


def running_shapes(layers: Sequence[LayerPreset]) -> Shapes:
    """The shapes of all running statistics, by name."""
    normed = [(number, layer.units) for number, layer in enumerate(layers, 1) if layer.batch_norm]
    return {f"{name}{number}": (units,) for number, units in normed for name in RUNNING}


def start_notes(preset: Preset, start: Start, examples: int) -> Iterator[str]:
    """What is to be told of how a run of so many examples begins from a file, one sentence each."""
    if start.goes_on:
        yield from going_on(preset, start, examples)
    missing = [name for name in start.afresh if not name.startswith(RUNNING)]
    if missing:
        yield f"not in {start.name}, so started afresh: {listed(missing)}"
    elif not start.statistics and any(layer.batch_norm for layer in preset.layers):
        yield f"{start.name} has no running statistics of batch norm: they begin at 0 and 1"
    idle = idle_keys(preset, start)
    if idle:
        yield f"{start.name} gives the parameters, so these settings do nothing: {listed(idle)}"


def going_on(preset: Preset, start: Start, examples: int) -> Iterator[str]:
    """How a run goes on, and what is otherwise than in the run that the file is of."""
    kind, training = preset.optimizer.kind, preset.training
    state = f"with the state of {kind}"
    if start.optimizer != kind:
        state = f"and {kind} begins anew, since the file has the state of {start.optimizer or 'no optimizer'}"
    if start.step or start.optimizer != kind:
        yield f"the run goes on from {start.name}, after its {start.step:,} steps, {state}"
    batch = min(training.batch_size or examples, examples)
    by_chance = (batch < examples and training.shuffle) or any(layer.dropout for layer in preset.layers)
    if start.seed is not None and start.seed != preset.run_seed and by_chance:
        yield (
            f"{start.name} is of a run with seed {start.seed}, this one has {preset.run_seed}, so its order and "
            f"dropout are others; --set training.seed={start.seed} takes those on"
        )
    if None not in start.sizes and start.sizes != (examples, batch):
        yield (
            f"{start.name} is of a run with {start.sizes[0]:,} examples in batches of {start.sizes[1]:,}, "
            f"this one has {examples:,} in batches of {batch:,}, so its epochs are others"
        )


def check_acts(preset: Preset, path: str, place: Place) -> None:
    """Raises PresetError where a change of `path` says what a parameter starts from, and a file gives them all."""
    training = preset.training
    if training.start is None or training.start_missing != "refuse":
        return
    if path.startswith("layers.") and path.rpartition(".")[2] in GIVING:
        raise place.error("would do nothing: training.start gives the start weights; take that out, or leave this")


def idle_keys(preset: Preset, start: Start) -> list[str]:
    """The settings of layers, as dotted paths, that say what parameters start from which the file gives."""
    found = []
    for index, table in enumerate(preset.table.get("layers", ())):
        numbers = [number for number, layer in enumerate(preset.layers, 1) if layer.table_index == index]
        for key, symbol in GIVING.items():
            if key in table and all(f"{symbol}{number}" in start.parameters for number in numbers):
                found.append(f"layers.{index}.{key}")
    return found


def listed(names: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return ", ".join(names[:6]) + more
