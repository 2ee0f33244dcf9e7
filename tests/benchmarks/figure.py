"""A measured number beside what it should be."""

import argparse
import json
from collections.abc import Iterable, Sequence
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


def told(figures: Iterable[Figure], *, in_json: bool) -> int:
    """Print the figures, each as it comes or all as one document; the exit status, 1 where a goal is missed."""
    found = []
    for figure in figures:
        found.append(figure)
        if not in_json:
            print(figure.row(), flush=True)
    if in_json:
        print(as_json(found))
    return 0 if all(figure.passed for figure in found) else 1


def chosen(parser: argparse.ArgumentParser, text: str, names: Sequence[str]) -> list[str]:
    """What `--only` names, with commas between; ends the program where that is none of `names`."""
    found = text.split(",")
    if unknown := [name for name in found if name not in names]:
        parser.error(f"--only: expected some of {','.join(names)}, found {','.join(unknown)}")
    return found
