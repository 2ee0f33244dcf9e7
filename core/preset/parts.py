"""The two parts of a data set, before they are laid for a run: which examples are of which, and what is missing."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .chance import generator
from .data_table import GENERATED_SETS, DataPreset
from .examples import refuse_large
from .laying import Rows, by_feature, complete
from .raw_data import RawData, Reading
from .schema import Place

if TYPE_CHECKING:
    from .classes import Classes
    from .input_reader import InputReader
    from .raw_table import RawTable

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Part:
    """The examples of one part: rows of inputs, targets (outputs, m), and numbers (m,), from 1, in the set as read.

    The numbers of a test part that has arrays of its own are those in them.
    """

    rows: Rows
    targets: Array
    numbers: NDArray[np.int64]


def parts_of(reading: Reading, raw: RawData, seed: int) -> tuple[RawData, Part, Part]:
    """The training set and the test set, not yet laid; missing numbers are left out or filled in, which is told."""
    data, place = reading.data, reading.place
    own = raw.test_inputs is not None and raw.test_targets is not None
    train = Rows(raw.inputs, None, raw.divisor)
    if not own:
        chosen, held_out = _split(data, raw, seed, place)
        rows = replace(train, chosen=chosen), replace(train, chosen=held_out)
        targets = _targets(reading, raw.targets, chosen), _targets(reading, raw.targets, held_out)
        numbers = chosen + 1, held_out + 1
    elif data.rows is None:
        assert raw.test_inputs is not None
        kept = _left(np.arange(raw.size), data, raw.size, place)
        some = kept if data.removed else None
        rows = replace(train, chosen=some), Rows(raw.test_inputs, None, raw.divisor)
        targets = _targets(reading, raw.targets, some), _targets(reading, raw.test_targets)
        numbers = kept + 1, np.arange(1, len(raw.test_inputs) + 1)
    else:
        raise (place / "rows").error(
            "expected a set without a test part in arrays of its own, of which rows chooses examples; take rows out"
        )
    training_part, test_part = (Part(*part) for part in zip(rows, targets, numbers, strict=True))
    training, test, notes = _without_missing(reading, training_part, test_part)
    return replace(raw, notes=(*raw.notes, *notes)), training, test


def parts_of_table(reading: Reading, table: "RawTable", seed: int) -> "tuple[RawData, InputReader, Part, Part]":
    """The same of a table of text: what is known of both parts, how further rows are read, and the parts."""
    training, test = _split(reading.data, table, seed, reading.place)
    if not len(training):
        raise (reading.place / "removed").error(
            "expected a training part with a row left, from which the table is read, found that all are taken out"
        )
    found = table.encoded(training, test, reading.outputs, reading.activation)
    raw = RawData(
        found.inputs.T,
        found.targets,
        table.default_ratio,
        feature_names=found.feature_names,
        class_names=found.class_names,
        target_names=found.target_names,
        notes=found.notes,
    )
    held_out = np.arange(found.test_inputs.shape[1]) if table.test is not None else test
    one = Part(Rows(found.inputs.T), found.targets, training + 1)
    other = Part(Rows(found.test_inputs.T), found.test_targets, held_out + 1)
    return raw, found.reader, one, other


def _targets(
    reading: Reading, targets: "NDArray[Any] | Classes | None", chosen: NDArray[np.int64] | None = None
) -> Array:
    """Those of the chosen examples, (outputs, m)."""
    from .classes import Classes, encoded  # Not needed to open.

    if isinstance(targets, Classes):
        numbers = targets.numbers if chosen is None else targets.numbers[chosen]
        refuse_large(len(numbers), reading.outputs, reading.place / "targets")
        return encoded(replace(targets, numbers=numbers), reading.outputs, reading.signed, reading.place / "targets")
    assert targets is not None
    return targets if chosen is None else targets[:, chosen]


def _without_missing(reading: Reading, training: Part, test: Part) -> tuple[Part, Part, tuple[str, ...]]:
    """Both parts of a set of arrays with what `missing` says done to NaN among the inputs, by the training part.

    And what was done, in a sentence.
    """
    missing = reading.data.missing
    if reading.data.kind != "npz" or missing == "refuse":
        return training, test, ()
    if missing == "median":
        # A median needs all of a column at once.
        training, test = (replace(part, rows=part.rows.in_memory()) for part in (training, test))
        (medians,) = by_feature(training.rows, lambda block: (_medians(block),))
        gaps = sum(
            int(count.sum())
            for part in (training, test)
            if part.rows.count
            for count in by_feature(part.rows, lambda block: (np.isnan(block).sum(axis=1),))
        )
        told = f"{gaps:,} missing number(s) are filled in by the median of their column (of the training part)"
        training, test = (replace(part, rows=replace(part.rows, filled=medians)) for part in (training, test))
        return training, test, (told,) if gaps else ()
    kept = []
    for part in (training, test):
        whole = np.flatnonzero(complete(part.rows) & ~np.isnan(part.targets).any(axis=0))
        chosen = whole if part.rows.chosen is None else part.rows.chosen[whole]
        kept.append(Part(replace(part.rows, chosen=chosen), part.targets[:, whole], part.numbers[whole]))
    if not kept[0].rows.count:
        raise (reading.place / "missing").error("every example has a missing number; none is left")
    before, after = (sum(part.rows.count for part in parts) for parts in ((training, test), kept))
    told = f"{before - after:,} of {before:,} rows with missing numbers are left out"
    return kept[0], kept[1], (told,) if after < before else ()


def _medians(block: Array) -> Array:
    """Of each row of (rows, n) without its NaN; 0 where it has nothing else."""
    kept = [row[~np.isnan(row)] for row in block]
    return np.array([np.median(row) if row.size else 0.0 for row in kept])


def _split(
    data: DataPreset, raw: "RawData | RawTable", seed: int, place: Place
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The indices of the training set and of the test set, those left out that `data` take out."""
    training, test = _whole_split(data, raw, seed, place)
    return _left(training, data, raw.size, place), _left(test, data, raw.size, place)


def _left(examples: NDArray[np.int64], data: DataPreset, size: int, place: Place) -> NDArray[np.int64]:
    """These examples, counted from 0, of a set of `size`, without those that `data` take out."""
    if not data.removed:
        return examples
    if max(data.removed) > size:
        raise (place / "removed").error(f"expected numbers from 1 to {size:,}, found {max(data.removed):,}")
    return examples[~np.isin(examples + 1, data.removed)]


def _whole_split(
    data: DataPreset, raw: "RawData | RawTable", seed: int, place: Place
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The indices of the training set and of the test set, with those that are taken out.

    Generated sets come in a random order, as in the playground; other sets keep their order unless a part is held out.
    """
    examples = np.arange(raw.size)
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
