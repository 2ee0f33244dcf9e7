"""The examples a preset trains on: raw data, split in two parts, turned into what the network reads.

Arrays have one column an example. Which set is drawn depends on the seed's stream "data", which examples are
held out on its stream "split", and on nothing else.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .array_entries import Tell, untold
from .beginning import NOTHING_GIVEN, Beginning
from .data_table import FEATURES, FILE_SETS, DataPreset
from .domain import Domain, surroundings, widened
from .laying import Rows, check_range, laid, moments, statistics
from .own_points import added_points, notes_of, points_as_read, with_added
from .parts import parts_of, parts_of_table
from .raw_data import RawData, Reading, Source, read_raw
from .readers import Names
from .schema import Place
from .start_file import Start

if TYPE_CHECKING:
    from .input_reader import InputReader

Array = NDArray[np.float64]
DEFAULT_FEATURES = ("x1", "x2")
FLOAT64 = np.dtype(np.float64)
NOTHING = np.empty((0, 0))
IMAGES = {64: (8, 8), 784: (28, 28)}
"""Numbers of inputs that are taken for the pixels of an image, where nothing else is known of them."""

SUM_ERRORS = {"float64": 1e-9, "float32": 1e-5}
"""How far the targets of an example may be from a sum of 1."""

FEATURE_MAPS: dict[str, Callable[[Array, Array], Array]] = {
    "x1": lambda x1, x2: x1,
    "x2": lambda x1, x2: x2,
    "x1^2": lambda x1, x2: x1 * x1,
    "x2^2": lambda x1, x2: x2 * x2,
    "x1*x2": lambda x1, x2: x1 * x2,
    "sin(x1)": lambda x1, x2: np.sin(x1),
    "sin(x2)": lambda x1, x2: np.sin(x2),
}
assert tuple(FEATURE_MAPS) == FEATURES


@dataclass(frozen=True, eq=False)
class Dataset:
    """Both parts of a data set, as the network reads them, with what is needed to draw them.

    A set without a test set has test arrays of 0 columns.
    """

    kind: str
    inputs: Array
    """(features, n), training set."""
    targets: Array
    """(outputs, n), training set."""
    test_inputs: Array
    test_targets: Array
    target_kind: str
    """How accuracy is counted: `one_hot` argmax, `binary` sides of ½, `signed` sides of 0, `real` not at all."""
    feature_names: Names
    class_names: Names = ()
    """Of the outputs of one-hot sets, or of the two classes of a single output; empty for regression."""
    target_names: Names = ()
    """Of the outputs where targets are numbers, empty strings for those without; empty where no file names them."""
    image_shape: tuple[int, int] | None = None
    """(height, width) where the inputs are the pixels of an image, row by row."""
    divisor: float = 1.0
    """What inputs were divided by as they were read: 255 of pixels that are bytes."""
    numbers: NDArray[np.int64] | None = None
    """(n,): the numbers of the training examples in the set as it was drawn or read, from 1; 0 of those added to it."""
    points: Array | None = None
    """(2, n): the training set before features and normalization; None unless there are two raw inputs."""
    test_points: Array | None = None
    domain: Domain | None = None
    """The part of the plane worth drawing, ((x1 from, to), (x2 from, to))."""
    features: Names = DEFAULT_FEATURES
    mean: Array | None = None
    """(features, 1): what normalization subtracts; None without it."""
    std: Array | None = None
    """(features, 1): what normalization divides by."""
    target_mean: Array | None = None
    """(outputs, 1): what normalization of the targets subtracts; None without it."""
    target_std: Array | None = None
    """(outputs, 1): what normalization of the targets divides by."""
    reader: "InputReader | None" = None
    """Of a table of text: how further rows become raw inputs, with the training part's categories and medians."""
    notes: Names = ()
    """What was found out of the file, or left out of it, one sentence each."""
    start: Start | None = None
    """What the run starts from, where its preset names a file of that."""
    beginning: Beginning = NOTHING_GIVEN
    """What step 1 begins with besides, where the examples are those of a step that goes on from others."""

    @property
    def size(self) -> int:
        """The number of training examples."""
        return int(self.inputs.shape[1])

    @property
    def test_size(self) -> int:
        """The number of test examples."""
        return int(self.test_inputs.shape[1])

    def encode(self, raw: Array) -> Array:
        """Raw inputs, (raw inputs, n), as the network reads them, (features, n): features, then normalization."""
        encoded = feature_map(raw, self.features) if len(raw) == 2 else np.asarray(raw, dtype=np.float64)
        return normalized(encoded, self.mean, self.std)

    def in_own_units(self, outputs: NDArray[np.floating[Any]]) -> Array:
        """Answers or targets (outputs, n) of the network in the units of the data: normalization undone."""
        return restored(outputs, self.target_mean, self.target_std)

    def inputs_in_own_units(self, inputs: NDArray[np.floating[Any]]) -> Array:
        """Inputs (features, n) of the network in the units of the data: normalization undone, features kept."""
        return restored(inputs, self.mean, self.std)


def normalized(values: Array, mean: Array | None, std: Array | None) -> Array:
    """Values (rows, n) less the mean (rows, 1) of their row, in its standard deviations (rows, 1)."""
    if mean is None or std is None:
        return values
    # Of large numbers a quarter, which changes no digit and lets no difference overflow.
    share = np.where(std > 1, 0.25, 1.0)
    scaled = values * share
    scaled -= mean * share
    scaled /= std * share
    return scaled


def restored(values: NDArray[np.floating[Any]], mean: Array | None, std: Array | None) -> Array:
    """What was `normalized`, (rows, n), as it was before."""
    whole = np.asarray(values, dtype=np.float64)
    if mean is None or std is None:
        return whole
    with np.errstate(over="ignore", invalid="ignore"):
        return whole * std + mean


def feature_map(points: Array, features: Names) -> Array:
    """The named features, (features, n), of points of the plane, (2, n)."""
    return np.stack([FEATURE_MAPS[name](points[0], points[1]) for name in features])


def load(
    data: DataPreset,
    *,
    seed: int,
    outputs: int,
    output_activation: str,
    base: Traversable | None = None,
    source: str = "preset",
    dtype: str = "float64",
    typed: Collection[str] = (),
    tell: Tell = untold,
    source_read: Source | None = None,
) -> Dataset:
    """The data set that `data` describes, for a network with that many `outputs`.

    `base` is the folder that paths are relative to, `source` the file named in messages. Examples from files are in the
    run's number type `dtype`. `typed` are paths that the person in front has typed, whose text messages may show.
    `tell` takes in which share of a file has been read; `source_read` is what stands in it, where it is read already.
    Raises PresetError for data that cannot be read, are not finite, do not fit the outputs or need more than 1 GB.
    """
    place = Place(source) / "data"
    reading = Reading(data, np.dtype(dtype), outputs, output_activation, base, place, typed, tell=tell)
    with np.errstate(over="ignore", invalid="ignore"):
        raw, reader = read_raw(reading, seed, source_read), None
        if isinstance(raw, RawData):
            raw, training, test = parts_of(reading, raw, seed)
        else:
            raw, reader, training, test = parts_of_table(reading, raw, seed)
        _check_features(data, raw, place)
        domain = raw.domain
        if data.added or data.removed:
            training = with_added(reading, raw, training)
            if training.rows.features == 2:
                domain = widened(domain or surroundings(points_as_read(raw, training, test)), added_points(data))
        for part in (training, test):
            if len(part.targets) != outputs:
                raise (Place(source) / "layers").error(
                    f"the data have {len(part.targets)} target(s) an example, but the last layer has {outputs} unit(s)"
                )
        kind = _target_kind(np.concatenate([training.targets, test.targets], axis=1), reading.signed)
        if data.classes is False:
            kind = "real"
        if data.normalize_targets and kind != "real":
            raise (place / "normalize_targets").error(
                "expected targets that are numbers of any size, found classes; take this line out"
            )
        plain = Dataset(
            kind=data.kind,
            inputs=NOTHING,
            targets=training.targets,
            test_inputs=NOTHING,
            test_targets=test.targets,
            target_kind=kind,
            feature_names=raw.feature_names or tuple(f"x{index + 1}" for index in range(raw.inputs.shape[1])),
            class_names=raw.class_names,
            target_names=raw.target_names,
            image_shape=raw.image_shape,
            divisor=raw.divisor,
            numbers=training.numbers,
            domain=domain,
            reader=reader,
            notes=(*raw.notes, *notes_of(data)),
        )
        # The examples as they were read make room for those that are encoded.
        del raw
        dtype_laid = reading.dtype if data.kind in FILE_SETS else FLOAT64
        return _checked_finite(_encoded(plain, training.rows, test.rows, data, dtype_laid, place), place)


def of_arrays(inputs: Array, targets: Array, *, signed: bool, source: str) -> Dataset:
    """The data set of a training set alone: inputs (features, n) and targets (outputs, n), as the network reads them.

    `signed`: whether targets of −1 and 1 are classes. Raises PresetError for numbers that are not finite.
    """
    plain = Dataset(
        kind="inline",
        inputs=inputs,
        targets=targets,
        test_inputs=inputs[:, :0],
        test_targets=targets[:, :0],
        target_kind=_target_kind(targets, signed),
        feature_names=tuple(f"x{index + 1}" for index in range(len(inputs))),
        image_shape=IMAGES.get(len(inputs)),
    )
    rows, place = Rows(inputs.T), Place(source) / "data"
    none = Rows(inputs.T[:0])
    return _checked_finite(_encoded(plain, rows, none, DataPreset(kind="inline"), FLOAT64, place), place)


def check_targets(dataset: Dataset, loss_kind: str, source: str = "preset") -> None:
    """Raises PresetError where the targets are none that the loss can be computed for."""
    place = Place(source) / "data" / "targets"
    for targets in (dataset.targets, dataset.test_targets):
        if loss_kind == "binary_cross_entropy":
            wrong = (targets < 0) | (targets > 1)
            if wrong.any():
                raise place.error(f"binary_cross_entropy needs targets from 0 to 1, found {targets[wrong][0]:g}")
        if loss_kind == "cross_entropy":
            if (targets < 0).any():
                raise place.error(f"cross_entropy needs targets of 0 or more, found {targets.min():g}")
            wrong = np.abs(targets.sum(axis=0) - 1) > SUM_ERRORS[targets.dtype.name]
            if wrong.any():
                found = targets[:, wrong].sum(axis=0)[0]
                raise place.error(
                    f"cross_entropy needs the targets of each example to sum to 1, found a sum of {found:g}"
                )


def _check_features(data: DataPreset, raw: RawData, place: Place) -> None:
    if raw.inputs.shape[1] != 2 and data.features != DEFAULT_FEATURES:
        raise (place / "features").error(f"features are for sets of two inputs, this one has {raw.inputs.shape[1]}")


def _encoded(
    plain: Dataset, training: Rows, test: Rows, data: DataPreset, dtype: np.dtype[Any], place: Place
) -> Dataset:
    """The same with inputs: features computed; normalized, where asked for, by the statistics of the training set."""
    dataset = plain
    if training.features == 2:
        points, test_points = (
            laid(rows, lambda block: block, FLOAT64, name, place) for name, rows in named(training, test)
        )
        dataset = replace(
            plain,
            points=points,
            test_points=test_points,
            domain=plain.domain or surroundings(np.concatenate([points, test_points], axis=1)),
            features=data.features,
            feature_names=data.features if data.features != DEFAULT_FEATURES else plain.feature_names,
        )
        # Few inputs may have many features: from here on these are what is laid.
        training, test = (Rows(feature_map(part, data.features).T) for part in (points, test_points))
    if data.normalize:
        mean, std = moments(training)
        dataset = replace(dataset, mean=mean, std=std)
    targets, test_targets = plain.targets, plain.test_targets
    if data.normalize_targets:
        mean, std = statistics(targets)
        dataset = replace(dataset, target_mean=mean, target_std=std)
        targets, test_targets = normalized(targets, mean, std), normalized(test_targets, mean, std)
    inputs, test_inputs = (
        laid(rows, lambda block: normalized(block, dataset.mean, dataset.std), dtype, name, place)
        for name, rows in named(training, test)
    )
    return replace(
        dataset,
        inputs=inputs,
        test_inputs=test_inputs,
        targets=as_type(targets, dtype, "targets", place),
        test_targets=as_type(test_targets, dtype, "test targets", place),
    )


def as_type(values: Array, dtype: np.dtype[Any], name: str, place: Place) -> NDArray[Any]:
    """The values in the run's number type; raises PresetError where it is too small for them."""
    check_range(values, dtype, name, place)
    return values.astype(dtype, copy=False)


def named(training: Rows, test: Rows) -> tuple[tuple[str, Rows], tuple[str, Rows]]:
    """What messages call the inputs of the two parts."""
    return ("inputs", training), ("test inputs", test)


def _target_kind(targets: Array, signed: bool) -> str:
    if signed and np.isin(targets, (-1, 1)).all():
        return "signed"
    if not np.isin(targets, (0, 1)).all():
        return "real"
    return "one_hot" if len(targets) > 1 and (targets.sum(axis=0) == 1).all() else "binary"


def _checked_finite(dataset: Dataset, place: Place) -> Dataset:
    """The same set with contiguous, read-only arrays; raises PresetError where a number is not finite."""
    arrays: dict[str, Any] = {}
    for name in ("inputs", "targets", "test_inputs", "test_targets"):
        arrays[name] = np.ascontiguousarray(getattr(dataset, name))
        if not np.isfinite(arrays[name]).all():
            raise place.error(f"{name.replace('_', ' ')}: expected finite numbers only, found NaN or infinity")
        arrays[name].flags.writeable = False
    return replace(dataset, **arrays)
