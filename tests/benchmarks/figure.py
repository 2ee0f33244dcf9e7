"""A measured number beside what it should be."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """One measured number and what it should be: at least, or at most, so much."""

    subject: str
    name: str
    value: float
    unit: str = ""
    least: float | None = None
    most: float | None = None
    note: str = ""

    @property
    def passed(self) -> bool:
        return (self.least is None or self.value >= self.least) and (self.most is None or self.value <= self.most)

    @property
    def held(self) -> bool:
        """Whether there is a goal."""
        return self.least is not None or self.most is not None

    def row(self) -> str:
        """A line of the table."""
        wanted = f"≥ {self.least:g}" if self.least is not None else f"≤ {self.most:g}" if self.most is not None else ""
        mark = ("✓" if self.passed else "✗") if wanted else " "
        value = f"{self.value:,.{3 if self.value < 10 else 1 if self.value < 1000 else 0}f} {self.unit}"
        return f"{self.subject:9} {self.name:26} {value:>14}  {mark} {wanted:9} {self.note}".rstrip()


def as_json(figures: Sequence[Figure]) -> str:
    """One document of all figures, each with whether it passed."""
    return json.dumps([{**asdict(figure), "passed": figure.passed} for figure in figures], indent=2)
