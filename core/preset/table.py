"""A table of text that was read: its columns of numbers and of words."""

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.value_class import dataclass

from .named_file import NamedFile

Array = NDArray[np.float64]
MOST_WORDS = 10_000
"""Different words of a column that are told apart."""
MISSING = -1
"""The code of a word that is missing."""


@dataclass(eq=False, slots=True)
class TableColumn:
    """One column: its `number` in the file, from 1, its `name`, "" where it has none.

    Of numbers `values` (n,) are these, NaN where missing; true and false are 1 and 0, and `truth` is set. Of words
    `codes` (n,) are their places in `words`, MISSING where missing; those past MOST_WORDS share one code, len(words).
    """

    number: int
    name: str
    values: Array | None = None
    codes: NDArray[np.int32] | None = None
    words: tuple[str, ...] = ()
    truth: bool = False

    def missing(self) -> NDArray[np.bool_]:
        """(n,): which rows have no value here."""
        if self.values is not None:
            return np.isnan(self.values)
        assert self.codes is not None
        missing: NDArray[np.bool_] = self.codes == MISSING
        return missing

    def release(self) -> None:
        """Makes room: what was read is not needed any more."""
        self.values, self.codes = None, None

    def called(self, file: NamedFile) -> str:
        """`column 3 ("age")`; without the name where the file's text is not to be shown."""
        return called(self.number, self.name, file)


@dataclass(eq=False, slots=True)
class Table:
    """The columns that are not left out, and the line in which each row begins, (n,).

    `grouped` is a number whose thousands are separated, "" where there is none.
    """

    file: NamedFile
    columns: list[TableColumn]
    lines: NDArray[np.int64]
    decimal: str
    grouped: str

    @property
    def rows(self) -> int:
        return len(self.lines)


def called(number: int, name: str, file: NamedFile) -> str:
    return f'column {number} ("{name}")' if name and file.own else f"column {number}"
