"""What came of a sweep, as JSON and as a table for people."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from backprop_tui.core.ops.expression import signed
from backprop_tui.core.preset.json_number import number
from backprop_tui.core.preset.schema import Place
from backprop_tui.core.preset.settings import setting_value

from .grid import Settings
from .job import MEASURES, Outcome
from .standing import Spread, Standing, measures_of, standings
from .sweep import Sweep

DIGITS, DIGITS_BESIDE = 6, 4
"""Of the figure that ranks, and of those beside it."""
RANGE = (("±", 3), ("lowest", DIGITS_BESIDE), ("highest", DIGITS_BESIDE))
"""What is told of a spread beside its mean, and how many digits of it."""
Column = tuple[str, list[str]]
"""A heading, and the cells below it."""
GAP = "  "
INDENT = 6 * " "
MOST_REASONS = 8
"""Reasons why settings cannot be that are told."""


def sweep_json(sweep: Sweep, outcomes: Mapping[int, Outcome]) -> dict[str, Any]:
    """What `sweep --json` prints: the same, bit for bit, however many runs were done at once."""
    return {
        "preset": sweep.id,
        "vary": [
            {"keys": list(axis.keys), "values": [value_of(value) for value in axis.values]} for axis in sweep.axes
        ],
        "seeds": sweep.seeds,
        "runs": {"planned": len(sweep.jobs), "done": len(outcomes)},
        "ranked_by": sweep.measure,
        "settings": [standing_json(standing) for standing in standings(sweep, outcomes)],
    }


def standing_json(standing: Standing) -> dict[str, Any]:
    return {
        "set": set_json(standing.settings),
        "impossible": standing.problem or None,
        "diverged": standing.diverged,
        "failed": len(standing.failed),
        **{measure: spread_json(standing.spread(measure)) for measure in MEASURES},
        "runs": [run_json(seed, run) for seed, run in standing.runs],
    }


def set_json(settings: Settings) -> dict[str, Any]:
    return {key: value_of(value) for key, _, value in (setting.partition("=") for setting in settings)}


def value_of(text: str) -> Any:
    """A value that was typed, as JSON has it."""
    return plain(setting_value(text, Place("--vary")))


def plain(value: Any) -> Any:
    """A value of TOML as JSON has it; dates, which no key holds, as text."""
    match value:
        case float():
            return number(value)
        case list():
            return [plain(item) for item in value]
        case dict():
            return {name: plain(item) for name, item in value.items()}
        case bool() | int() | str():
            return value
        case _:
            return str(value)


def spread_json(spread: Spread | None) -> dict[str, Any] | None:
    if spread is None:
        return None
    return {
        "runs": spread.count,
        "mean": number(spread.mean),
        "deviation": number(spread.deviation),
        "lowest": number(spread.lowest),
        "highest": number(spread.highest),
    }


def run_json(seed: int, run: Outcome) -> dict[str, Any]:
    """A run in the words of `train --json`; of one that came to nothing, why."""
    if run.problem:
        return {"seed": seed, "problem": run.problem}
    return {
        "seed": seed,
        "steps": run.steps,
        "epochs": run.epochs,
        "loss": {"first": number(run.first_loss), "last": number(run.loss), "best": number(run.best_loss)},
        "test_loss": number(run.test_loss),
        "accuracy": number(run.accuracy),
        "test_accuracy": number(run.test_accuracy),
        "stopped_by": run.stopped_by,
    }


# For people


def sweep_text(sweep: Sweep, outcomes: Mapping[int, Outcome], width: int | None = None, most: int | None = None) -> str:
    """A table, the best first, of `most` settings at the most, in lines of `width` columns where they can be.

    The settings stand at the end of each line as they are typed; where that is too long in columns of their own, their
    keys above them; where these are too broad too, below each line.
    """
    found = standings(sweep, outcomes)
    if not outcomes:
        return title(sweep, 0)
    possible = [standing for standing in found if not standing.problem]
    shown = possible[:most]
    figures = list(columns_of(sweep, shown))
    typed = [typed_settings(standing.settings) for standing in shown]
    rows = rows_of([*figures, ("", typed)], left=1)
    if width is not None and max(map(len, rows)) > width:
        columns = list(axes_of(sweep, shown))
        rows = rows_of([*figures, *columns], left=len(columns))
    if width is not None and max(map(len, rows)) > width:
        heading, *rest = rows_of(figures)
        rows = [heading, *(line for pair in zip(rest, typed, strict=True) for line in (pair[0], INDENT + pair[1]))]
    left = [f"… and {len(possible) - len(shown):,} more"] if len(possible) > len(shown) else []
    return "\n".join([title(sweep, len(outcomes)), *remarks(sweep, found), "", *rows, *left, *problems(found)])


def rows_of(columns: Sequence[Column], left: int = 0) -> list[str]:
    """The lines of columns, their headings first; numbers stand on the right, the last `left` columns on the left."""
    widths = [max(map(len, (heading, *cells))) for heading, cells in columns]
    lines = []
    for row in zip(*((heading, *cells) for heading, cells in columns), strict=True):
        numbers, words = zip(row, widths, strict=True), len(row) - left
        fitted = [
            cell.ljust(width) if place >= words else cell.rjust(width) for place, (cell, width) in enumerate(numbers)
        ]
        lines.append(GAP.join(fitted).rstrip())
    return lines


def axes_of(sweep: Sweep, shown: Sequence[Standing]) -> Iterator[Column]:
    """The values of what is varied, as they are typed."""
    place = 0
    for axis in sweep.axes:
        yield ",".join(axis.keys), [standing.settings[place].partition("=")[2] for standing in shown]
        place += len(axis.keys)


def title(sweep: Sweep, done: int) -> str:
    """`xor: 12 settings × 5 seeds, 60 runs`."""
    settings = f"{counted(len(sweep.settings), 'setting')} × {counted(sweep.seeds, 'seed')}"
    runs = counted(len(sweep.jobs), "run")
    return f"{sweep.id}: {settings}, " + (runs if done == len(sweep.jobs) else f"{done:,} of {runs} done")


def remarks(sweep: Sweep, found: Sequence[Standing]) -> Iterator[str]:
    """In which order the settings stand, and what is to be known of their figures."""
    if sweep.measure is None:
        yield f"in the order in which they were given, since {sweep.why}"
    else:
        best = f"best first, by {words(sweep.measure)}" + (f", since {sweep.why}" if sweep.why else "")
        yield best + ("; means over the seeds, ± their standard deviation" if sweep.seeds > 1 else "")
    several = [standing for standing in found if len(standing.finite) > 1]
    if several and all(is_one(standing.spread("loss")) for standing in several):
        yield "the seed changes nothing: nothing here is left to chance"


def is_one(spread: Spread | None) -> bool:
    return spread is not None and spread.lowest == spread.highest


def columns_of(sweep: Sweep, shown: Sequence[Standing]) -> Iterator[Column]:
    """The columns before the settings: heading and cells."""
    yield "#", [str(place) for place, _ in enumerate(shown, 1)]
    measures, first = measures_of(shown), sweep.measure or "loss"
    for measure in [first, *(each for each in measures if each != first)]:
        spreads = [standing.spread(measure) for standing in shown]
        if measure == "steps" != first and all_one(spreads):
            continue
        digits = DIGITS if measure == first else DIGITS_BESIDE
        yield (
            words(measure).replace("accuracy", "acc"),
            [form(None if spread is None else spread.mean, digits) for spread in spreads],
        )
        if measure == first and sweep.seeds > 1:
            there = [(spread.deviation, spread.lowest, spread.highest) if spread else (None,) * 3 for spread in spreads]
            for place, (heading, digits) in enumerate(RANGE):
                yield heading, [form(values[place], digits) for values in there]
    told = [remark(standing, sweep.seeds) for standing in shown]
    if any(told):
        yield "", told


def all_one(spreads: Sequence[Spread | None]) -> bool:
    """Whether a figure is the same in all runs."""
    there = [spread for spread in spreads if spread is not None]
    return len({value for spread in there for value in (spread.lowest, spread.highest)}) <= 1


def remark(standing: Standing, seeds: int) -> str:
    """`2 of 5 diverged`: what the figures of some settings leave out."""
    runs = len(standing.runs)
    if runs == 1 == seeds:
        return "diverged" if standing.diverged else "failed" if standing.failed else ""
    parts = [(standing.diverged, "diverged"), (len(standing.failed), "failed")]
    told = [f"{count} of {runs} {what}" for count, what in parts if count]
    return ", ".join([*([f"{runs} of {seeds} seeds"] if runs < seeds else []), *told])


def problems(found: Sequence[Standing]) -> Iterator[str]:
    """Why some settings cannot be, and what was wrong with runs that failed."""
    reasons = [(standing.settings, standing.problem) for standing in found if standing.problem]
    reasons += [(standing.settings, problem) for standing in found for problem in dict.fromkeys(standing.failed)]
    for settings, reason in reasons[:MOST_REASONS]:
        yield f"{typed_settings(settings) or 'the preset'}: {reason}"
    if len(reasons) > MOST_REASONS:
        yield f"… and {len(reasons) - MOST_REASONS:,} more of these"


def typed_settings(settings: Settings) -> str:
    """Settings as they are typed in a shell."""
    return shlex.join([word for setting in settings for word in ("--set", setting)])


def counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def words(measure: str) -> str:
    return measure.replace("_", " ")


def form(value: float | None, digits: int) -> str:
    """So many significant digits, with a true minus sign; what there is none of is blank."""
    return "" if value is None else signed(f"{value:.{digits}g}")
