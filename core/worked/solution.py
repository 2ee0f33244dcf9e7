"""The worked solution of a step as plain data: what was given, each op with rule, numbers and why, and what came of it.

It holds no array of the run that it was read off, so that it may be written whenever and however one likes. Blanked,
only what is given has numbers: a worksheet.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple, TypeVar

from backprop_tui.core.ops.expression import Expression
from backprop_tui.core.value_class import dataclass

Role = Literal["solution", "exercise", "key"]
"""A solution keeps to the largest terms of long sums and sums up large quantities; an exercise leaves blank what is to
be found, without either; its key is the exercise filled in."""
BLANK = "______"
AFTER = "After the update, the same batch again"
PARTS = {"forward": "Forward pass", "loss": "Loss", "backward": "Backward pass", "update": "Update"}


@dataclass(frozen=True, slots=True)
class Line:
    """`name = expression in symbols = in numbers = value`. Without expression it only says the value.

    The leaves of the expression are constants; one that is to be found has BLANK for its number, as `value` None.
    """

    name: str
    expression: Expression | None
    value: float | None


@dataclass(frozen=True, slots=True)
class Matrix:
    """A small quantity in full; None for an entry that is to be found."""

    name: str
    rows: tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Extent:
    """A large quantity in a line; None for what is to be found."""

    name: str
    shape: tuple[int, ...]
    low: float | None
    high: float | None
    norm: float | None


@dataclass(frozen=True, slots=True)
class Section:
    """One op, `heading` says which; or, without a rule, numbers that no op is to explain."""

    heading: str = ""
    rule: str = ""
    why: str = ""
    lines: tuple[Line, ...] = ()
    matrices: tuple[Matrix, ...] = ()
    extents: tuple[Extent, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """What is given, a phase, or what is after."""

    heading: str
    sections: tuple[Section, ...]


class Label(NamedTuple):
    """What a sheet says of itself under its heading: whose it is, which of how many; None for a line to write on."""

    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class WorkedSolution:
    """`subject` says of which step, or of which parameter in it; `labels` are those of a sheet for one student."""

    title: str
    subject: str
    parts: tuple[Part, ...]
    labels: tuple[Label, ...] = ()


Tell = Callable[[int], None]
"""Is told how many pieces of a document are done."""
T = TypeVar("T")


class Done:
    """Counts what is done of a document in pieces: each op as it is worked out, and each section as it is written."""

    def __init__(self, tell: Tell | None = None) -> None:
        self.count, self.tell = 0, tell

    def each(self, pieces: Iterable[T]) -> Iterator[T]:
        """The pieces; each is done when the next one is asked for."""
        for piece in pieces:
            yield piece
            self.count += 1
            if self.tell is not None:
                self.tell(self.count)
