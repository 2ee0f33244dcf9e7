"""What came of a sweep, as JSON and as a table for people."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from backprop_tui.core.ops.expression import signed
from backprop_tui.core.preset.json_number import number
from backprop_tui.core.preset.schema import Place
from backprop_tui.core.preset.settings import setting_value

from .grid import Settings
from .job import Outcome
from .standing import Spread, Standing, measures_of, standings
from .sweep import MEASURES, Sweep

DIGITS = 6
RANGE = (("±", 3), ("lowest", 4), ("highest", 4))
"""What is told of a spread beside its mean, and how many digits of it."""
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
    """A table, the best first, of `most` settings at the most.

    The settings stand at the end of each line as they are typed; below it where that is longer than `width`.
    """
    found = standings(sweep, outcomes)
    if not outcomes:
        return title(sweep, 0)
    shown = [standing for standing in found if not standing.problem][:most]
    columns = list(columns_of(sweep, shown))
    widths = [max(len(heading), *map(len, cells)) if cells else len(heading) for heading, cells in columns]
    rows = [fitted([cell[0] for cell in columns], widths)]
    rows += [fitted([cells[row] for _, cells in columns], widths) for row in range(len(shown))]
    typed = ["", *(typed_settings(standing.settings) for standing in shown)]
    broad = max(len(row) + len(GAP) + len(settings) for row, settings in zip(rows, typed, strict=True))
    lines = [title(sweep, len(outcomes)), *remarks(sweep, found), ""]
    for row, settings in zip(rows, typed, strict=True):
        if width is None or broad <= width:
            lines.append((row + GAP + settings).rstrip())
        else:
            lines += [row.rstrip(), *([INDENT + settings] if settings else [])]
    left = len([standing for standing in found if not standing.problem]) - len(shown)
    lines += [f"… and {left:,} more"] if left else []
    return "\n".join([*lines, *problems(found)])


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


def columns_of(sweep: Sweep, shown: Sequence[Standing]) -> Iterator[tuple[str, list[str]]]:
    """The columns before the settings: heading and cells."""
    yield "#", [str(place) for place, _ in enumerate(shown, 1)]
    measures, first = measures_of(shown), sweep.measure or "loss"
    for measure in [first, *(each for each in measures if each != first)]:
        spreads = [standing.spread(measure) for standing in shown]
        if measure == "steps" != first and all_one(spreads):
            continue
        yield words(measure), [form(None if spread is None else spread.mean) for spread in spreads]
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


def fitted(cells: Sequence[str], widths: Sequence[int]) -> str:
    return GAP.join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))


def counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def words(measure: str) -> str:
    return measure.replace("_", " ")


def form(value: float | None, digits: int = DIGITS) -> str:
    """So many significant digits, with a true minus sign; what there is none of is blank."""
    return "" if value is None else signed(f"{value:.{digits}g}")
