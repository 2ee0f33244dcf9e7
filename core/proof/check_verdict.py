"""What a gradient check finds: the verdict on an entry, on a parameter array, and on all of them.

Source of relative error and bands: CS231n, "Gradient checks".
"""

from math import inf, isnan
from typing import Literal

from backprop_tui.core.ops.quantity import Index
from backprop_tui.core.value_class import dataclass

from .parameter_entry import Entry

BANDS = (
    (1e-7, "happy"),
    (1e-4, "okay with kinks"),
    (1e-2, "uncomfortable"),
    (inf, "probably wrong"),
)
"""CS231n's bands: the largest relative error of each, and what to feel about it."""

Kind = Literal["passed", "below_resolution", "kink", "failed"]
RANK: dict[Kind, int] = {"kink": 0, "below_resolution": 1, "passed": 2, "failed": 3}
"""The worst entry is of the highest kind that there is: only above the resolution does a relative error say much."""


@dataclass(frozen=True, slots=True)
class EntryVerdict:
    """The two derivatives of one entry. `h` is the step that decided.

    `kind`: "passed", "below_resolution" (passed, but only since no difference of two losses is that fine), "kink" (an
    activation has a corner within reach of the smallest step, so that there are two slopes) or "failed".
    """

    entry: Entry
    analytic: float
    numeric: float
    h: float
    kind: Kind

    @property
    def name(self) -> str:
        return self.entry.name

    @property
    def symbol(self) -> str:
        return self.entry.symbol

    @property
    def layer(self) -> int:
        return self.entry.layer

    @property
    def index(self) -> Index:
        return self.entry.index

    @property
    def absolute_error(self) -> float:
        return absolute_error(self.analytic, self.numeric)

    @property
    def relative_error(self) -> float:
        return relative_error(self.analytic, self.numeric)

    @property
    def band(self) -> str:
        return band(self.relative_error)

    @property
    def badness(self) -> tuple[int, float]:
        """What the worst entry has most of; an error that is no number is above all."""
        error = self.relative_error
        return RANK[self.kind], inf if isnan(error) else error


@dataclass(frozen=True, slots=True)
class ParameterVerdict:
    """One parameter array: `relative_error` is that of its worst entry, `checked` of its `total` entries were."""

    name: str
    worst: EntryVerdict
    passed: bool
    checked: int
    total: int

    @property
    def relative_error(self) -> float:
        return self.worst.relative_error


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What the entries checked so far have come to; `total` counts all parameters.

    `passed`: none failed. `sampled`: a random sample is checked, not all. `worst`: None before the first entry.
    """

    passed: bool
    worst: EntryVerdict | None
    parameters: tuple[ParameterVerdict, ...]
    entries: tuple[EntryVerdict, ...]
    sampled: bool
    total: int
    loss: float
    examples: int

    def of_kind(self, kind: Kind) -> tuple[EntryVerdict, ...]:
        return tuple(verdict for verdict in self.entries if verdict.kind == kind)

    @property
    def kinks(self) -> tuple[str, ...]:
        """The names of the entries that have a kink within reach."""
        return tuple(verdict.name for verdict in self.of_kind("kink"))

    @property
    def below_resolution(self) -> int:
        """How many entries are too small for the check to tell."""
        return len(self.of_kind("below_resolution"))


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The numeric derivative at one step h, and how far it is from the analytic one."""

    h: float
    numeric: float
    absolute_error: float
    relative_error: float


def absolute_error(analytic: float, numeric: float) -> float:
    return abs(analytic - numeric)


def relative_error(analytic: float, numeric: float) -> float:
    """|a−n| / max(|a|, |n|), and 0 where both are 0; NaN where one of them is no number."""
    error = absolute_error(analytic, numeric)
    if isnan(error):
        return error
    return error / max(abs(analytic), abs(numeric)) if error != 0 else 0.0


def band(error: float) -> str:
    """What CS231n says of a relative error."""
    return next((text for largest, text in BANDS if error <= largest), "not a number")
