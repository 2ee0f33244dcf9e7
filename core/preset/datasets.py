"""The examples a preset trains on: raw data, split in two parts, turned into what the network reads.

Arrays have one column an example. Which set is drawn depends on the seed's stream "data", which examples are
held out on its stream "split", and on nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.resources.abc import Traversable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .beginning import NOTHING_GIVEN, Beginning
from .chance import generator
from .data_files import read_csv, read_digits, read_idx, read_npz, refuse_large
from .generators import EDGE, GENERATORS
from .named_file import beside
from .schema import Place
from .start_file import Start
from .tables import FEATURES, FILE_SETS, GENERATED_SETS, TWO_CLASS_SETS, DataPreset, Names

Array = NDArray[np.float64]
Interval = tuple[float, float]
DEFAULT_FEATURES = ("x1", "x2")
COPIES_TO_NORMALIZE = 5
"""Of the inputs, while their statistics are taken."""

IMAGES = {64: (8, 8), 784: (28, 28)}
"""Numbers of inputs that are taken for the pixels of an image, where nothing else is known of them."""

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
    image_shape: tuple[int, int] | None = None
    """(height, width) where the inputs are the pixels of an image, row by row."""
    points: Array | None = None
    """(2, n): the training set before features and normalization; None unless there are two raw inputs."""
    test_points: Array | None = None
    domain: tuple[Interval, Interval] | None = None
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


@dataclass(frozen=True, eq=False)
class RawData:
    """What was read or drawn, one column an example, before it is split.

    `train` is the number of leading examples that are the training set, where the set says so itself.
    """

    inputs: Array
    targets: Array
    default_ratio: float
    train: int | None = None
    feature_names: Names = ()
    class_names: Names = ()
    image_shape: tuple[int, int] | None = None
    domain: tuple[Interval, Interval] | None = None


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
) -> Dataset:
    """The data set that `data` describes, for a network with that many `outputs`.

    `base` is the folder that paths are relative to, `source` the file named in messages.
    Raises PresetError for data that cannot be read, are not finite, do not fit the outputs or need more than 1 GB.
    """
    place = Place(source) / "data"
    signed = output_activation == "tanh"
    with np.errstate(over="ignore", invalid="ignore"):
        raw = _raw(data, seed, outputs, signed, base, place)
        if len(raw.targets) != outputs:
            raise (Place(source) / "layers").error(
                f"the data have {len(raw.targets)} target(s) an example, but the last layer has {outputs} unit(s)"
            )
        training, test = _split(data, raw, seed, place)
        _check_features(data, raw, place)
        if data.normalize:
            refuse_large(raw.inputs.shape[1], len(raw.inputs), place, COPIES_TO_NORMALIZE)
        kind = _target_kind(raw.targets, signed)
        if data.normalize_targets and kind != "real":
            raise (place / "normalize_targets").error(
                "expected targets that are numbers of any size, found classes; take this line out"
            )
        plain = Dataset(
            kind=data.kind,
            inputs=raw.inputs[:, training],
            targets=raw.targets[:, training],
            test_inputs=raw.inputs[:, test],
            test_targets=raw.targets[:, test],
            target_kind=kind,
            feature_names=raw.feature_names or tuple(f"x{index + 1}" for index in range(len(raw.inputs))),
            class_names=raw.class_names,
            image_shape=raw.image_shape,
            domain=raw.domain,
        )
        # The examples as they were read make room for those that are encoded.
        del raw
        return _checked_finite(_encoded(plain, data), place)


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
    return _checked_finite(_encoded(plain, DataPreset(kind="inline")), Place(source) / "data")


def check_targets(dataset: Dataset, loss_kind: str, source: str = "preset") -> None:
    """Raises PresetError where the targets are none that the loss can be computed for."""
    targets = np.concatenate([dataset.targets, dataset.test_targets], axis=1)
    place = Place(source) / "data" / "targets"
    if loss_kind == "binary_cross_entropy":
        wrong = (targets < 0) | (targets > 1)
        if wrong.any():
            raise place.error(f"binary_cross_entropy needs targets from 0 to 1, found {targets[wrong][0]:g}")
    if loss_kind == "cross_entropy":
        if (targets < 0).any():
            raise place.error(f"cross_entropy needs targets of 0 or more, found {targets.min():g}")
        wrong = np.abs(targets.sum(axis=0) - 1) > 1e-9
        if wrong.any():
            found = targets[:, wrong].sum(axis=0)[0]
            raise place.error(f"cross_entropy needs the targets of each example to sum to 1, found a sum of {found:g}")


def _raw(data: DataPreset, seed: int, outputs: int, signed: bool, base: Traversable | None, place: Place) -> RawData:
    if data.kind == "inline":
        return _inline(data, place)
    if data.kind == "digits":
        return _digits(data)
    if data.kind in FILE_SETS:
        return _file(data, outputs, base, place)
    return _generated(data, seed, outputs, signed, place)


def _inline(data: DataPreset, place: Place) -> RawData:
    if data.inputs is None or data.targets is None:
        raise place.error("inline data need inputs and targets, one row an example")
    if isinstance(data.targets[0], str):
        raise (place / "targets").expected("rows of numbers, one row an example", data.targets)
    if len(data.inputs) != len(data.targets):
        raise (place / "targets").error(f"expected {len(data.inputs)} rows, as inputs has, found {len(data.targets)}")
    return RawData(np.array(data.inputs).T, np.array(data.targets, dtype=np.float64).T, default_ratio=1.0)


def _digits(data: DataPreset) -> RawData:
    pixels, labels, train = read_digits()
    names = tuple(str(digit) for digit in range(10))
    return RawData(pixels.T / 255.0, np.eye(10)[:, labels], 0.8, train, class_names=names, image_shape=(28, 28))


def _file(data: DataPreset, outputs: int, base: Traversable | None, place: Place) -> RawData:
    if data.path is None:
        raise (place / "path").error(f"{data.kind} data need the path of a file")
    place = place / "path"
    file = beside(base, data.path, place)
    if data.kind == "csv":
        if data.targets is None or not isinstance(data.targets[0], str):
            raise place.error('csv data need the names of the target columns, such as targets = ["price"]')
        columns = tuple(str(name) for name in data.targets)
        inputs, targets, names = read_csv(file, columns)
        return RawData(inputs, targets, 0.8, feature_names=names, class_names=columns if len(columns) > 1 else ())
    if data.kind == "npz":
        return RawData(*read_npz(file), 0.8)
    pixels, labels, shape = read_idx(file)
    classes = int(labels.max()) + 1
    if outputs < classes:
        raise place.error(
            f"labels from 0 to {classes - 1} need {classes} outputs, the last layer has {outputs} unit(s)"
        )
    refuse_large(len(labels), outputs, place)
    names = tuple(str(label) for label in range(outputs))
    targets = np.zeros((outputs, len(labels)))
    targets[labels, np.arange(len(labels))] = 1.0
    return RawData(pixels, targets, 0.8, class_names=names, image_shape=shape)


def _generated(data: DataPreset, seed: int, outputs: int, signed: bool, place: Place) -> RawData:
    refuse_large(data.samples, len(data.features) + 2 + outputs, place / "samples")
    points, labels = GENERATORS[data.kind](data.samples, data.noise, generator(seed, "data"))
    domain = ((-EDGE, EDGE), (-EDGE, EDGE)) if len(points) == 2 else None
    names: Names = ()
    if data.kind not in TWO_CLASS_SETS:
        fitting, targets = "1 unit", labels[np.newaxis]
    elif outputs == 2:
        fitting, targets, names = "", np.stack([labels < 0, labels > 0]).astype(np.float64), ("0", "1")
    else:
        fitting, names = "1 or 2 units", ("-1", "1") if signed else ("0", "1")
        targets = labels[np.newaxis] if signed else (labels[np.newaxis] + 1) / 2
    if len(targets) != outputs:
        raise place.error(f"{data.kind} needs a last layer of {fitting}, found {outputs} units")
    return RawData(points, targets, 0.5, class_names=names, domain=domain)


def _split(data: DataPreset, raw: RawData, seed: int, place: Place) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The indices of the training set and of the test set.

    Generated sets come in a random order, as in the playground; other sets keep their order unless a part is held out.
    """
    examples = np.arange(raw.inputs.shape[1])
    if data.rows is not None:
        if max(data.rows) > len(examples):
            raise (place / "rows").error(f"expected numbers from 1 to {len(examples):,}, found {max(data.rows):,}")
        return np.array(data.rows, dtype=np.int64) - 1, examples[:0]
    if raw.train is not None:
        return examples[: raw.train], examples[raw.train :]
    ratio = raw.default_ratio if data.train_ratio is None else data.train_ratio
    if ratio < 1 or data.kind in GENERATED_SETS:
        examples = generator(seed, "split").permutation(len(examples))
    train = max(1, round(len(examples) * ratio))
    return examples[:train], examples[train:]


def _check_features(data: DataPreset, raw: RawData, place: Place) -> None:
    if len(raw.inputs) != 2 and data.features != DEFAULT_FEATURES:
        raise (place / "features").error(f"features are for sets of two inputs, this one has {len(raw.inputs)}")


def _encoded(plain: Dataset, data: DataPreset) -> Dataset:
    """The same set with features computed; normalized, where asked for, by the statistics of the training set."""
    dataset = plain
    if len(plain.inputs) == 2:
        dataset = replace(
            plain,
            points=plain.inputs,
            test_points=plain.test_inputs,
            domain=plain.domain or _surroundings(np.concatenate([plain.inputs, plain.test_inputs], axis=1)),
            features=data.features,
            feature_names=data.features if data.features != DEFAULT_FEATURES else plain.feature_names,
        )
    if data.normalize:
        inputs = dataset.encode(plain.inputs)
        mean, std = _statistics(inputs)
        dataset = replace(dataset, mean=mean, std=std)
    if data.normalize_targets:
        mean, std = _statistics(plain.targets)
        dataset = replace(
            dataset,
            target_mean=mean,
            target_std=std,
            targets=normalized(plain.targets, mean, std),
            test_targets=normalized(plain.test_targets, mean, std),
        )
    return replace(dataset, inputs=dataset.encode(plain.inputs), test_inputs=dataset.encode(plain.test_inputs))


def _statistics(values: Array) -> tuple[Array, Array]:
    """Mean and standard deviation of each row, (rows, 1); 1 for the deviation of one that does not vary.

    Of values (rows, n) brought near 1 by a power of two first, so that sums and squares neither overflow nor
    vanish.
    """
    exponent = np.frexp(np.abs(values).max(axis=1, keepdims=True))[1]
    scaled = np.ldexp(values, -exponent)
    std = np.ldexp(scaled.std(axis=1, keepdims=True), exponent)
    constant = values.max(axis=1, keepdims=True) == values.min(axis=1, keepdims=True)
    mean = np.where(constant, values[:, :1], np.ldexp(scaled.mean(axis=1, keepdims=True), exponent))
    return mean, np.where(constant | (std == 0), 1.0, std)


def _surroundings(points: Array) -> tuple[Interval, Interval]:
    """The box of all points with a margin of a fifth on each side, or of 1 where they do not differ."""
    low, high = points.min(axis=1), points.max(axis=1)
    # Kept within the numbers, so that the largest have a box too.
    with np.errstate(over="ignore"):
        span = np.where(np.isfinite(high - low), (high - low) / 5, high / 5 - low / 5)
    margin = np.where(high > low, span, 1.0)
    largest = np.finfo(np.float64).max / 4
    edges = np.clip(low - margin, -largest, largest), np.clip(high + margin, -largest, largest)
    (left, bottom), (right, top) = (edge.tolist() for edge in edges)
    return (left, right), (bottom, top)


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
