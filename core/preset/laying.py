"""From examples as they were read to those of a run: chosen, scaled and normalized, portion by portion.

So a data set is there twice at the most: as it was read, and as it is laid, in the run's number type.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .examples import Inputs
from .schema import Place
from .stored_rows import StoredRows

Array = NDArray[np.float64]
Places = NDArray[Any]
PORTION = 2**17
"""Numbers that are worked on at once, in float64."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Some rows of numbers as they were read: `values` (n, features), divided by `divisor`.

    `chosen` are the places of the rows, (m,); all of them where it is None. NaN counts as `filled` (features,) where
    that is given.
    """

    values: Inputs
    chosen: NDArray[np.int64] | None = None
    divisor: float = 1.0
    filled: Array | None = None

    @property
    def count(self) -> int:
        return len(self.values) if self.chosen is None else len(self.chosen)

    @property
    def features(self) -> int:
        return int(self.values.shape[1])

    def pieces(self) -> Iterator[tuple[Places, Places, Array]]:
        """The rows in blocks (features, k), in float64: their places among the chosen, and among all."""
        if not isinstance(self.values, StoredRows):
            for part in portions(self.count, max(PORTION // max(self.features, 1), 1)):
                places = np.arange(part.start, part.stop) if self.chosen is None else self.chosen[part]
                yield np.arange(part.start, part.stop), places, self.block(part, slice(0, self.features))
            return
        wanted = None
        if self.chosen is not None:
            wanted = np.full(len(self.values), -1, dtype=np.int32)
            wanted[self.chosen] = np.arange(len(self.chosen), dtype=np.int32)
        for begin, rows in self.values.portions():
            numbers = np.arange(begin, begin + len(rows))
            if wanted is None:
                yield numbers, numbers, self.changed(rows, slice(0, self.features))
                continue
            places = wanted[begin : begin + len(rows)]
            kept = places >= 0
            if kept.any():
                yield places[kept], numbers[kept], self.changed(rows[kept], slice(0, self.features))

    def block(self, rows: slice, features: slice) -> Array:
        """Those of the chosen rows that are in memory, and of the features, (features, rows), in float64."""
        assert not isinstance(self.values, StoredRows)
        taken = self.values[rows, features] if self.chosen is None else self.values[self.chosen[rows], features]
        return self.changed(taken, features)

    def changed(self, rows: NDArray[Any], features: slice) -> Array:
        """Rows as they stand there, (k, features), as they are, (features, k), in float64."""
        block = np.array(rows.T, dtype=np.float64, order="C")
        if self.divisor != 1:
            block /= self.divisor
        if self.filled is not None:
            np.copyto(block, self.filled[features, np.newaxis], where=np.isnan(block))
        return block

    def in_memory(self) -> "Rows":
        """The same with all rows there at once."""
        return replace(self, values=self.values.whole()) if isinstance(self.values, StoredRows) else self


Change = Callable[[Array], Array]
"""Of a block (features, rows), such as normalization."""


def portions(count: int, size: int) -> list[slice]:
    return [slice(begin, min(begin + size, count)) for begin in range(0, count, size)]


def laid(rows: Rows, change: Change, dtype: np.dtype[Any], name: str, place: Place) -> NDArray[Any]:
    """The rows as columns, (features, m), each block of whole columns changed by `change`, in the run's number type.

    Raises PresetError for what is not finite, or too large for the type.
    """
    array = np.empty((rows.features, rows.count), dtype)
    if not rows.count:
        return array
    for columns, numbers, block in rows.pieces():
        check_finite(block, numbers, name, place)
        block = change(block)
        check_range(block, dtype, name, place)
        array[:, columns] = block
    return array


def by_feature(rows: Rows, measure: Callable[[Array], tuple[Array, ...]]) -> tuple[Array, ...]:
    """What `measure` says of each feature, of blocks (features, m) of some features with all their rows, in memory."""
    found = [
        measure(rows.block(slice(0, rows.count), part))
        for part in portions(rows.features, max(PORTION // max(rows.count, 1), 1))
    ]
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))


def complete(rows: Rows) -> NDArray[np.bool_]:
    """Which of the rows have no NaN, (m,)."""
    kept = np.ones(rows.count, dtype=np.bool_)
    for columns, _, block in rows.pieces():
        kept[columns] = ~np.isnan(block).any(axis=0)
    return kept


def moments(rows: Rows) -> tuple[Array, Array]:
    """Mean and standard deviation of each feature, (features, 1); 1 for the deviation of one that does not vary."""
    if not isinstance(rows.values, StoredRows):
        mean, std = by_feature(rows, statistics)
        return mean, std
    mean, std = moments_of_stored(rows)
    if np.isfinite(mean).all() and np.isfinite(std).all():
        return mean, std
    # Numbers so large that their squares are none; or what is not finite, which is told when it is laid.
    mean, std = by_feature(rows.in_memory(), statistics)
    return mean, std


def statistics(values: Array) -> tuple[Array, Array]:
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


def moments_of_stored(rows: Rows) -> tuple[Array, Array]:
    """The same of rows in a file, in one reading: means and sums of squares of portions are put together."""
    column = (rows.features, 1)
    count, mean, squares = 0, np.zeros(column), np.zeros(column)
    low, high = np.full(column, np.inf), np.full(column, -np.inf)
    for _, _, block in rows.pieces():
        low = np.minimum(low, block.min(axis=1, keepdims=True))
        high = np.maximum(high, block.max(axis=1, keepdims=True))
        more, own_mean = block.shape[1], block.mean(axis=1, keepdims=True)
        block -= own_mean
        distance = own_mean - mean
        squares += (block * block).sum(axis=1, keepdims=True) + distance * distance * (count * more / (count + more))
        mean += distance * (more / (count + more))
        count += more
    std, constant = np.sqrt(squares / count), low == high
    return np.where(constant, low, mean), np.where(constant | (std == 0), 1.0, std)


def check_finite(block: Array, numbers: Places, name: str, place: Place) -> None:
    """Raises PresetError where a number of a block (features, rows), whose rows have these places, is none."""
    wrong = ~np.isfinite(block)
    if not wrong.any():
        return
    column, row = (int(index[0]) for index in np.nonzero(wrong))
    found = "NaN" if np.isnan(block[column, row]) else "infinity"
    remedy = '; data.missing = "drop" leaves such rows out, "median" fills in' if found == "NaN" else ""
    where = f"row {numbers[row] + 1:,}, column {column + 1:,}"
    raise place.error(f"{name}: expected finite numbers only, found {found} in {where}{remedy}")


def check_range(block: Array, dtype: np.dtype[Any], name: str, place: Place) -> None:
    """Raises PresetError where a block holds a number that is too large for the run's number type."""
    largest = float(np.finfo(dtype).max)
    found = float(np.abs(block).max(initial=0.0))
    if found > largest:
        raise (Place(place.source) / "training" / "dtype").error(
            f"{dtype} holds numbers up to {largest:.2g}, found {found:.2g} among the {name}; use float64"
        )
