"""The examples of a preset as they are read or drawn, before they are split in two parts and laid for a run."""

from collections.abc import Collection
from dataclasses import replace
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any, TypeAlias, Union

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.value_class import dataclass

from .array_entries import Tell, untold
from .chance import generator
from .classes import Classes, classes_of, placed
from .data_table import FILE_SETS, TWO_CLASS_SETS, DataPreset
from .examples import Examples, Inputs, refuse_large
from .generators import EDGE, GENERATORS
from .named_file import NamedFile, beside
from .playground_points import playground_points, training_size
from .readers import Names
from .schema import Place

if TYPE_CHECKING:
    from .raw_table import RawTable

Array = NDArray[np.float64]
Interval = tuple[float, float]
Source: TypeAlias = Union[Examples, "RawTable"]
"""What stands in files."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a set is read for: `data` of the preset, the run's number type, the network's outputs and their activation.

    `base` is the folder of relative paths, `place` that of `data` in messages; the text of files at the paths `typed`
    may be shown in them. `guess`: whether targets that are not named are found out. `tell` takes in which share of a
    file has been read.
    """

    data: DataPreset
    dtype: np.dtype[Any]
    outputs: int
    activation: str
    base: Traversable | None
    place: Place
    typed: Collection[str] = ()
    guess: bool = False
    tell: Tell = untold

    @property
    def signed(self) -> bool:
        """Whether two classes are −1 and 1 rather than 0 and 1."""
        return self.activation == "tanh"

    def file(self, name: str, key: str) -> NamedFile:
        """The file that the data name with `key`."""
        return beside(self.base, name, self.place / key, name in self.typed)


@dataclass(frozen=True, eq=False)
class RawData:
    """What was read or drawn, before it is split: inputs (n, inputs), and targets (outputs, n) or classes.

    Inputs are what stands there divided by `divisor`. `train` is the number of leading
    examples that are the training set, where the set says so itself; a test part that has arrays of its own has them
    in `test_inputs` and `test_targets`.
    """

    inputs: Inputs
    targets: NDArray[Any] | Classes
    default_ratio: float
    train: int | None = None
    test_inputs: Inputs | None = None
    test_targets: NDArray[Any] | Classes | None = None
    divisor: float = 1.0
    feature_names: Names = ()
    class_names: Names = ()
    target_names: Names = ()
    image_shape: tuple[int, int] | None = None
    domain: tuple[Interval, Interval] | None = None
    notes: Names = ()

    @property
    def size(self) -> int:
        """The number of examples that are to be split."""
        return len(self.inputs)


def read_raw(reading: Reading, seed: int, source: Source | None = None) -> "RawData | RawTable":
    """The examples, read or drawn from `seed`, or those of files that are read already: `source`.

    Raises PresetError where they cannot be.
    """
    data = reading.data
    if data.kind == "inline":
        return _inline(reading)
    if data.kind == "digits":
        return _digits()
    if data.kind in FILE_SETS:
        return _file(reading, source)
    return _generated(reading, seed)


def _inline(reading: Reading) -> RawData:
    data, place = reading.data, reading.place / "targets"
    if data.inputs is None or data.targets is None:
        raise reading.place.error("inline data need inputs and targets, one row an example")
    if len(data.inputs) != len(data.targets):
        raise place.error(f"expected {len(data.inputs)} rows, as inputs has, found {len(data.targets)}")
    inputs = np.array(data.inputs)
    rows = [row if isinstance(row, tuple) else (row,) for row in data.targets]
    if all(len(row) == 1 for row in rows) and (data.classes or not isinstance(data.targets[0], tuple)):
        values = [row[0] for row in rows]
        classes = classes_of(values, data.classes, reading.outputs, reading.activation, place)
        if classes is not None:
            return RawData(inputs, classes, default_ratio=1.0, class_names=classes.names)
    return RawData(inputs, np.array(rows, dtype=np.float64).T, default_ratio=1.0)


def _digits() -> RawData:
    from .data_files import read_digits  # Not needed to open.

    pixels, labels, train = read_digits()
    names = tuple(str(digit) for digit in range(10))
    return RawData(pixels / 255.0, np.eye(10)[:, labels], 0.8, train, class_names=names, image_shape=(28, 28))


def _file(reading: Reading, source: Source | None) -> "RawData | RawTable":
    found = source or read_source(reading)
    return _of_examples(found, reading) if isinstance(found, Examples) else replace(found, data=reading.data)


def read_source(reading: Reading) -> Source:
    """What stands in the files of the data, before a network is known."""
    data = reading.data
    if data.path is None:
        raise (reading.place / "path").error(f"{data.kind} data need the path of a file")
    file = reading.file(data.path, "path")
    test = None if data.test is None else reading.file(data.test, "test")
    if data.kind == "csv":
        from .raw_table import raw_table  # Not needed for other kinds.

        return raw_table(file, data, reading.place, test, reading.tell)
    if data.kind == "idx":
        from .idx_files import read_idx  # Not needed for other kinds.

        return read_idx(file, test, reading.dtype.itemsize, reading.tell)
    from .array_files import read_npz  # Not needed for other kinds.

    chosen = tuple(column for column in data.targets or () if isinstance(column, str | int))
    return read_npz(file, chosen, test, reading.dtype.itemsize, reading.guess, reading.tell)


def _of_examples(examples: Examples, reading: Reading) -> RawData:
    """The examples of files of arrays, their targets as classes where they are."""
    place = reading.place / "targets"
    wanted = reading.data.classes
    found = None
    if examples.targets.ndim == 1:
        found = classes_of(examples.targets, wanted, reading.outputs, reading.activation, place)
    targets: Array | Classes
    test: Array | Classes | None = None
    if found is None:
        targets = _numbers(examples.targets)
        names = wanted if isinstance(wanted, tuple) else examples.class_names
        names = names if len(names) == len(targets) > 1 else ()
        test = None if examples.test_targets is None else _numbers(examples.test_targets)
    else:
        names, targets = found.names, found
        if examples.test_targets is not None:
            test = placed(examples.test_targets, names, place)
        if names == tuple(str(number) for number in range(len(examples.class_names))):
            names = examples.class_names
    return RawData(
        examples.inputs,
        targets,
        0.8,
        test_inputs=examples.test_inputs,
        test_targets=test,
        divisor=examples.divisor,
        feature_names=examples.feature_names,
        class_names=names,
        image_shape=examples.image_shape,
        notes=examples.notes,
    )


def _numbers(targets: NDArray[Any]) -> Array:
    """Targets (n,) or (n, outputs) as (outputs, n)."""
    return np.atleast_2d(targets.T).astype(np.float64)


def _generated(reading: Reading, seed: int) -> RawData:
    data, outputs, place = reading.data, reading.outputs, reading.place
    values = len(data.features) + 2 + outputs
    refuse_large(data.samples, values, place / "samples", held=8 * data.samples * values)
    train: int | None = None
    if data.playground_seed is None:
        points, labels = GENERATORS[data.kind](data.samples, data.noise, generator(seed, "data"))
    else:
        points, labels, _ = playground_points(data.kind, data.samples, data.noise, data.playground_seed)
        # There the order of the points is a part of the draw, and the first of them are the training part.
        train = max(training_size(data.samples, 0.5 if data.train_ratio is None else data.train_ratio), 1)
    domain = ((-EDGE, EDGE), (-EDGE, EDGE)) if len(points) == 2 else None
    names: Names = ()
    if data.kind not in TWO_CLASS_SETS:
        fitting, targets = "1 unit", labels[np.newaxis]
    elif outputs == 2:
        fitting, targets, names = "", np.stack([labels < 0, labels > 0]).astype(np.float64), ("0", "1")
    else:
        fitting, names = "1 or 2 units", ("-1", "1") if reading.signed else ("0", "1")
        targets = labels[np.newaxis] if reading.signed else (labels[np.newaxis] + 1) / 2
    if len(targets) != outputs:
        raise place.error(f"{data.kind} needs a last layer of {fitting}, found {outputs} units")
    return RawData(points.T, targets, 0.5, train, class_names=names, domain=domain)
