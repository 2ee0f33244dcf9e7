"""From examples as they were read to those of a run: chosen, scaled and normalized, portion by portion.

So a data set is there twice at the most: as it was read, and as it is laid, in the run's number type.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .schema import Place

Array = NDArray[np.float64]
PORTION = 2**20
"""Numbers that are worked on at once, in float64."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Some rows of numbers as they were read: `values` (n, features) plus `shift` (features,), divided by `divisor`.

    `chosen` are the places of the rows, (m,); all of them where it is None. NaN counts as `filled` (features,) where
    that is given.
    """

    values: NDArray[Any]
    chosen: NDArray[np.int64] | None = None
    shift: Array | None = None
    divisor: float = 1.0
    filled: Array | None = None

    @property
    def count(self) -> int:
        return len(self.values) if self.chosen is None else len(self.chosen)

    @property
    def features(self) -> int:
        return int(self.values.shape[1])

    def block(self, rows: slice, features: slice) -> Array:
        """Those of the chosen rows, and of the features, (features, rows): as they are, in float64."""
        taken = self.values[rows, features] if self.chosen is None else self.values[self.chosen[rows], features]
        block = np.ascontiguousarray(taken.T, dtype=np.float64)
        if block is taken.base or np.shares_memory(block, self.values):
            block = block.copy()
        if self.shift is not None:
            block += self.shift[features, np.newaxis]
        if self.divisor != 1:
            block /= self.divisor
        if self.filled is not None:
            np.copyto(block, self.filled[features, np.newaxis], where=np.isnan(block))
        return block


Change = Callable[[Array], Array]
"""Of a block (features, rows), such as normalization."""


def portions(count: int, size: int) -> list[slice]:
    return [slice(begin, min(begin + size, count)) for begin in range(0, count, size)]


def laid(rows: Rows, change: Change, dtype: np.dtype[Any], name: str, place: Place) -> NDArray[Any]:
    """The rows as columns, (features, m), each block of whole columns changed by `change`, in the run's number type.

    Raises PresetError for what is not finite, or too large for the type.
    """
    array = np.empty((rows.features, rows.count), dtype)
    everything = slice(0, rows.features)
    for part in portions(rows.count, max(PORTION // max(rows.features, 1), 1)):
        block = rows.block(part, everything)
        check_finite(block, rows, part.start, name, place)
        block = change(block)
        check_range(block, dtype, name, place)
        array[:, part] = block
    return array


def by_feature(rows: Rows, measure: Callable[[Array], tuple[Array, ...]]) -> tuple[Array, ...]:
    """What `measure` says of each feature, of blocks (features, m) of some features with all their rows."""
    found = [
        measure(rows.block(slice(0, rows.count), part))
        for part in portions(rows.features, max(PORTION // max(rows.count, 1), 1))
    ]
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))


def complete(rows: Rows) -> NDArray[np.bool_]:
    """Which of the rows have no NaN, (m,)."""
    kept = np.ones(rows.count, dtype=np.bool_)
    for part in portions(rows.count, max(PORTION // max(rows.features, 1), 1)):
        kept[part] = ~np.isnan(rows.block(part, slice(0, rows.features))).any(axis=0)
    return kept


def check_finite(block: Array, rows: Rows, begin: int, name: str, place: Place) -> None:
    """Raises PresetError where a number of a block (features, rows), the first of which is number `begin`, is none."""
    wrong = ~np.isfinite(block)
    if not wrong.any():
        return
    column, row = (int(index[0]) for index in np.nonzero(wrong))
    number = begin + row if rows.chosen is None else int(rows.chosen[begin + row])
    found = "NaN" if np.isnan(block[column, row]) else "infinity"
    remedy = '; data.missing = "drop" leaves such rows out, "median" fills in' if found == "NaN" else ""
    raise place.error(
        f"{name}: expected finite numbers only, found {found} in row {number + 1:,}, column {column + 1:,}{remedy}"
    )


def check_range(block: Array, dtype: np.dtype[Any], name: str, place: Place) -> None:
    """Raises PresetError where a block holds a number that is too large for the run's number type."""
    largest = float(np.finfo(dtype).max)
    found = float(np.abs(block).max(initial=0.0))
    if found > largest:
        raise (Place(place.source) / "training" / "dtype").error(
            f"{dtype} holds numbers up to {largest:.2g}, found {found:.2g} among the {name}; use float64"
        )
