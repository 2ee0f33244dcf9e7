"""How settings stand against each other: the figures of each over its seeds, and the best first."""

from collections.abc import Iterable, Mapping, Sequence
from math import hypot, isfinite, sqrt

from backprop_tui.core.value_class import dataclass

from .grid import Settings
from .job import MEASURES, Outcome
from .sweep import Sweep


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over `count` runs: mean, standard deviation (of n − 1; None of a single run), lowest and highest."""

    count: int
    mean: float
    deviation: float | None
    lowest: float
    highest: float


def spread_of(values: Sequence[float]) -> Spread | None:
    """The spread of finite values; None of none."""
    count = len(values)
    if not count:
        return None
    mean = sum(value / count for value in values)
    lowest, highest = min(values), max(values)
    # Rounding may lead a mean of equal values past them.
    mean = min(max(mean, lowest), highest)
    deviation = hypot(*(value - mean for value in values)) / sqrt(count - 1) if count > 1 else None
    return Spread(count, mean, deviation, lowest, highest)


@dataclass(frozen=True, slots=True)
class Standing:
    """Settings and what came of them: `runs` by seed, those that are done; `problem` says why there can be none."""

    settings: Settings
    runs: tuple[tuple[int, Outcome], ...]
    problem: str = ""

    @property
    def finite(self) -> list[tuple[int, Outcome]]:
        """The runs that came to an end with finite numbers."""
        return [(seed, run) for seed, run in self.runs if not run.problem and not run.diverged]

    @property
    def diverged(self) -> int:
        return sum(run.diverged for _, run in self.runs)

    @property
    def failed(self) -> list[str]:
        """What was wrong with the runs that came to nothing."""
        return [run.problem for _, run in self.runs if run.problem]

    def spread(self, measure: str) -> Spread | None:
        """A figure over the runs that ended with finite numbers; None where they have no such."""
        found = [value for _, run in self.finite if (value := getattr(run, measure)) is not None and isfinite(value)]
        return spread_of(found)

    def best(self, measure: str | None) -> int | None:
        """The seed of the best run; of one that diverged where no other is left, None of none."""
        by_rank = sorted(self.finite, key=lambda item: rank_of(getattr(item[1], measure or "loss"), measure))
        return next((seed for seed, _ in [*by_rank, *self.runs]), None)


def rank_of(value: float | None, measure: str | None) -> float:
    """The smaller the better."""
    if value is None or not isfinite(value):
        return float("inf")
    return -value if measure is not None and measure.endswith("accuracy") else value


def standings(sweep: Sweep, outcomes: Mapping[int, Outcome]) -> list[Standing]:
    """All settings of which a run is done or none can be, the best first: by the mean over their seeds.

    `outcomes` are by the place of their job. Settings of which runs diverged or failed stand behind those of which none
    did: no mean over all of their seeds is finite. Without a measure they stand as they were given.
    """
    runs: dict[int, list[tuple[int, Outcome]]] = {}
    for job in sorted(outcomes):
        place, seed = sweep.places[job]
        runs.setdefault(place, []).append((seed, outcomes[job]))
    found = [
        Standing(settings, tuple(runs.get(place, ())), sweep.impossible.get(place, ""))
        for place, settings in enumerate(sweep.settings)
        if place in runs or place in sweep.impossible
    ]
    return sorted(found, key=lambda standing: order(standing, sweep.measure))


def order(standing: Standing, measure: str | None) -> tuple[bool, bool, int, float]:
    lost = len(standing.runs) - len(standing.finite)
    if measure is None:
        return bool(standing.problem), False, 0, 0.0
    spread = standing.spread(measure)
    rank = rank_of(None if spread is None else spread.mean, measure)
    return bool(standing.problem), spread is None, lost, rank


def measures_of(found: Iterable[Standing]) -> list[str]:
    """The measures that a run has."""
    runs = [run for standing in found for _, run in standing.runs]
    return [measure for measure in MEASURES if any(getattr(run, measure) is not None for run in runs)]
