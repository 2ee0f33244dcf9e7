"""A preset for somebody's own data, of which only a file is known: what is in it, and a network that suits it."""

from collections.abc import Sequence
from dataclasses import replace
from importlib.resources.abc import Traversable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.value_class import dataclass

from .array_entries import Tell, untold
from .array_files import entries_in
from .classes import natural, number_name
from .data_table import DataPreset
from .examples import Examples
from .file_kind import kind_of
from .raw_data import Reading, Source, read_source
from .raw_table import TRUTH_NAMES, RawTable
from .schema import Place, read
from .stored_rows import StoredRows
from .suited import FLOAT32_FROM, Survey, suited
from .table import TableColumn

Array = NDArray[Any]
Names = tuple[str, ...]
MOST_CLASSES = 20
EXAMPLES_A_CLASS = 10
"""Whole numbers are classes where there are no more values of them, and as many examples of each on average."""
LARGEST_CLASS = 100
"""Whole numbers beyond are quantities, such as years."""
MOST_WORDS = 1000
"""Different words that may be classes."""
MOST_LISTED = 50
"""Classes that are written out."""
FAR, NARROW, BROAD = 1.0, 0.3, 3.0
"""Mean and standard deviation of targets beyond which they are normalized."""
TRAIN_RATIO = 0.8
FLOAT32, FLOAT64 = "float32", "float64"
PROBED = 10_000
"""Examples by which is seen whether inputs are near 1 as they are."""


@dataclass(frozen=True, eq=False)
class OwnData:
    """The table of a preset for a file, what was read of it, and what was found out, one sentence each."""

    table: dict[str, Any]
    read: Source
    notes: Names


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be told of each example: one of `classes`, or so many numbers, `outputs`.

    `numbers`: whether the classes were found among numbers. `bits`: whether outputs are 0 and 1, each for itself;
    `shares`: whether they are one-hot rows. `large`: whether numbers are far from 0, or from a spread of 1.
    """

    classes: Names = ()
    numbers: bool = False
    outputs: int = 1
    bits: bool = False
    shares: bool = False
    large: bool = False


def own_preset(
    given: dict[str, Any],
    title: str,
    source: str,
    base: Traversable | None = None,
    dtype: str | None = None,
    tell: Tell = untold,
) -> OwnData:
    """The whole table of a preset for the file that `given`, which is `[data]`, names with `path`.

    What that says already stays as it is; kind, targets and classes that it does not say are found out. `dtype` is the
    run's number type where it is chosen already. Raises PresetError where the file cannot be read.
    """
    place = Place(source) / "data"
    typed = tuple(str(given[key]) for key in ("path", "test") if key in given)
    wanted = read(DataPreset, {"kind": "csv", **given}, place)
    reading = Reading(wanted, np.dtype(FLOAT32), 1, "identity", base, place, typed, True, tell)
    file = reading.file(wanted.path or "", "path")
    kind = str(given.get("kind") or kind_of(file))
    written = {"kind": kind, **given}
    if kind == "npz":
        dtype = dtype or (FLOAT32 if entries_in(file) >= FLOAT32_FROM else FLOAT64)
        reading = replace(reading, dtype=np.dtype(dtype))
    reading = replace(reading, data=read(DataPreset, written, place))
    found = read_source(reading)
    survey, keys, notes = surveyed(found, reading)
    for key, value in keys.items():
        written.setdefault(key, value)
    chosen = suited(survey)
    training = {**chosen["training"], **({"dtype": dtype} if dtype == FLOAT32 else {})}
    table = {
        "title": title,
        "summary": summary(survey),
        "data": {**chosen["data"], **written} if given.get("normalize") is not None else {**written, **chosen["data"]},
        **{name: chosen[name] for name in ("layers", "loss", "optimizer")},
        "training": training,
    }
    return OwnData(table, found, (*notes,))


def surveyed(found: Source, reading: Reading) -> tuple[Survey, dict[str, Any], Names]:
    """What was read, in the figures that a network is chosen by; what `data` is to say of it; and what to tell."""
    if isinstance(found, RawTable):
        return surveyed_table(found, reading)
    return surveyed_arrays(found, reading)


def surveyed_table(found: RawTable, reading: Reading) -> tuple[Survey, dict[str, Any], Names]:
    """The same of a table of text."""
    table, rows, targets = found.found, found.part.rows, found.part.targets
    single = len(targets) == 1
    told = told_by(values_of(targets, rows), reading.data.classes, reading.place)
    taken = {column.number for column in (*table.inputs, *table.targets)}
    names = {column.number: column.name for column in table.table.columns}
    left = [names.get(number) or number for number in range(1, table.width + 1) if number not in taken]
    keys: dict[str, Any] = {
        "targets": [column.name or column.number for column in targets],
        "header": table.header,
        "delimiter": table.delimiter,
        "decimal": table.table.decimal,
        **({"drop": left} if left else {}),
        **keys_of(told, single),
        **({} if found.test else {"train_ratio": found.default_ratio}),
    }
    survey = survey_of(
        told,
        examples=len(rows) if found.test else round(len(rows) * found.default_ratio),
        inputs=sum(len(column.words) or 1 for column in table.inputs),
        scaled=False,
    )
    return survey, keys, (*found.notes, *notes_of(told, single))


def values_of(columns: Sequence[TableColumn], rows: NDArray[np.int64]) -> Array:
    """The targets of these rows, (n,) or (n, outputs); words are words."""
    values = []
    for column in columns:
        if column.values is not None:
            found: Array = column.values[rows]
            truth = column.truth and len(columns) == 1
            values.append(np.array(TRUTH_NAMES)[found.astype(np.int64)] if truth else found)
        else:
            assert column.codes is not None
            words = np.array([*column.words, "more"], dtype=np.str_)
            values.append(words[column.codes[rows]])
    return values[0] if len(values) == 1 else np.stack(values, axis=1)


def surveyed_arrays(found: Examples, reading: Reading) -> tuple[Survey, dict[str, Any], Names]:
    """The same of arrays."""
    told = told_by(found.targets, reading.data.classes, reading.place)
    own_test = found.test_inputs is not None
    keys: dict[str, Any] = {}
    if found.target_column:
        keys["targets"] = [found.target_column]
    keys |= keys_of(told, found.targets.ndim == 1)
    if not own_test:
        keys["train_ratio"] = TRAIN_RATIO
    survey = survey_of(
        told,
        examples=len(found.inputs) if own_test else round(len(found.inputs) * TRAIN_RATIO),
        inputs=found.inputs.shape[1],
        scaled=found.image_shape is not None and is_scaled(found),
    )
    return survey, keys, (*found.notes, *notes_of(told, found.targets.ndim == 1))


def survey_of(told: Told, *, examples: int, inputs: int, scaled: bool) -> Survey:
    return Survey(
        examples=max(examples, 1),
        inputs=inputs,
        outputs=told.outputs,
        classes=len(told.classes),
        bits=told.bits,
        shares=told.shares,
        scaled=scaled,
        large_targets=told.large,
    )


def is_scaled(found: Examples) -> bool:
    """Whether pixels are between −1 and 1 as the network reads them."""
    probe = found.inputs.first(PROBED) if isinstance(found.inputs, StoredRows) else found.inputs[:PROBED]
    return bool(np.abs(probe / found.divisor).max(initial=0.0) <= 1)


def told_by(targets: Array, wanted: bool | Names | None, place: Place) -> Told:
    """What targets (n,) or (n, outputs) are, where `wanted`, the key `classes`, does not say it."""
    if targets.ndim == 2:
        if targets.dtype.kind not in "fiub":
            raise (place / "targets").error("expected one column of words as the target, or several of numbers")
        return told_by_rows(targets.astype(np.float64))
    if isinstance(wanted, tuple):
        return Told(wanted)
    if targets.dtype.kind not in "fiu":
        names = tuple(sorted({str(word) for word in np.unique(targets)}, key=natural))
        if len(names) > MOST_WORDS:
            raise (place / "targets").error(f"{len(names):,} different words are too many to be classes")
        return Told(several(names, place))
    values = targets.astype(np.float64)
    if wanted or (wanted is None and are_classes(values)):
        names = tuple(number_name(value) for value in np.unique(values).tolist())
        return Told(several(names, place), numbers=True)
    return Told(large=is_large(values[:, np.newaxis]))


def several(names: Names, place: Place) -> Names:
    """The classes; raises PresetError where there is one alone, of which there is nothing to tell."""
    if len(names) == 1:
        raise (place / "targets").error(f'expected two classes or more in the target, found "{names[0]}" in every row')
    return names


def told_by_rows(rows: Array) -> Told:
    """What targets of several numbers an example, (n, outputs), are."""
    outputs = rows.shape[1]
    bits = bool(np.isin(rows, (0, 1)).all())
    if bits and bool((rows.sum(axis=1) == 1).all()):
        return Told(outputs=outputs, shares=True)
    return Told(outputs=outputs, bits=True) if bits else Told(outputs=outputs, large=is_large(rows))


def are_classes(values: Array) -> bool:
    """Whether numbers (n,) are those of classes: whole, few, close together, and each there many times.

    Two different whole numbers are always classes.
    """
    if not np.isfinite(values).all() or (values != np.floor(values)).any():
        return False
    found = np.unique(values)
    if len(found) == 2:
        return True
    close = found[-1] - found[0] < 2 * len(found)
    many = len(values) >= EXAMPLES_A_CLASS * len(found) or (close and len(values) >= 5 * len(found) and len(found) <= 5)
    return bool(2 < len(found) <= MOST_CLASSES and close and many and np.abs(found).max() <= LARGEST_CLASS)


def is_large(rows: Array) -> bool:
    """Whether a column of targets (n, outputs) is far from 0, or from a spread of 1."""
    with np.errstate(over="ignore", invalid="ignore"):
        mean, spread = np.abs(np.nanmean(rows, axis=0)), np.nanstd(rows, axis=0)
    return bool((mean > FAR).any() or (spread > BROAD).any() or ((spread < NARROW) & (spread > 0)).any())


def keys_of(told: Told, single: bool) -> dict[str, Any]:
    """What `data` says of the classes."""
    if not single:
        return {}
    if not told.classes:
        return {"classes": False}
    return {"classes": list(told.classes) if len(told.classes) <= MOST_LISTED else True}


def notes_of(told: Told, single: bool) -> list[str]:
    """What was decided of the targets, and how it is decided otherwise."""
    if told.shares:
        return [f"targets are one-hot, of {told.outputs} classes"]
    if not single:
        return [f"there are {told.outputs} targets, each {'0 or 1' if told.bits else 'a number'}"]
    if not told.classes:
        return ["the target is taken for a number; --set data.classes=true makes classes of its values"]
    if not told.numbers:
        return []
    shown = ", ".join(told.classes[:6]) + (", …" if len(told.classes) > 6 else "")
    return [f"the numbers {shown} are taken for classes; --set data.classes=false takes them for numbers"]


def summary(survey: Survey) -> str:
    """`4 inputs, 3 classes, 120 examples to train on.`"""
    count = survey.outputs if survey.shares else survey.classes
    what = f"{count} classes" if count else counted(survey.outputs, "output")
    return f"{counted(survey.inputs, 'input')}, {what}, {counted(survey.examples, 'example')} to train on."


def counted(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("s" if count != 1 else "")
