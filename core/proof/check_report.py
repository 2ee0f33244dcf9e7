"""The result of a gradient check as JSON and as text."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

from backprop_tui.core.ops.expression import signed
from backprop_tui.core.preset.json_number import number

from .check_verdict import CheckResult, CurvePoint, EntryVerdict

MOST_NAMES = 10
"""The most names that the text lists."""
VERDICTS = {
    "passed": "passed",
    "below_resolution": "passed, below the resolution of the check",
    "kink": "at a kink, not compared",
    "failed": "FAILED",
}
LEGEND = (
    "Bands of CS231n: relative error up to 1e-7 happy, 1e-4 okay with kinks, 1e-2 uncomfortable, above probably wrong"
)


def check_json(result: CheckResult) -> dict[str, Any]:
    """What `check --json` prints; indices count from 1. `checked` entries, of so many, were compared."""
    return {
        "passed": result.passed,
        "checked": len(result.entries),
        "of": result.total,
        "worst": None if result.worst is None else worst_json(result.worst),
        "parameters": [
            {
                "name": parameter.name,
                "relative_error": number(parameter.relative_error),
                "passed": parameter.passed,
            }
            for parameter in result.parameters
        ],
        "kinks": list(result.kinks),
    }


def worst_json(worst: EntryVerdict) -> dict[str, Any]:
    return {
        "parameter": worst.entry.array,
        "index": [i + 1 for i in worst.index],
        "analytic": number(worst.analytic),
        "numeric": number(worst.numeric),
        "relative_error": number(worst.relative_error),
    }


def check_text(result: CheckResult) -> str:
    """The result for people."""
    return "\n".join(check_lines(result)) + "\n"


def check_lines(result: CheckResult) -> list[str]:
    """What was compared, a table of the parameter arrays, the worst entry, and what the check could not tell."""
    return [
        f"Gradient check: {'passed' if result.passed else 'FAILED'}",
        "Backpropagation against central differences of the loss, in float64",
        f"{counted(result.examples, 'example')}, ℒ = {short(result.loss)}",
        sample_line(result),
        "",
        *table(result),
        "",
        LEGEND,
        *([] if result.worst is None else entry_lines(result.worst, "Worst")),
        *remarks(result),
    ]


def sample_line(result: CheckResult) -> str:
    checked = len(result.entries)
    if result.sampled:
        return f"{checked:,} of {result.total:,} entries, a random sample with some of every parameter array"
    return f"{checked:,} of {result.total:,} entries" if checked < result.total else f"all {checked:,} entries"


def table(result: CheckResult) -> list[str]:
    """One line a parameter array, columns aligned."""
    rows = [("parameter", "entries", "checked", "relative error", "band", "verdict")]
    for parameter in result.parameters:
        kind = parameter.worst.kind
        rows.append(
            (
                parameter.name,
                f"{parameter.total:,}",
                f"{parameter.checked:,}",
                short(parameter.relative_error),
                parameter.worst.band if kind in ("passed", "failed") else "",
                VERDICTS[kind],
            )
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    pads = (str.ljust, str.rjust, str.rjust, str.rjust, str.ljust, str.ljust)
    return [
        "  ".join(pad(cell, width) for pad, cell, width in zip(pads, row, widths, strict=True)).rstrip() for row in rows
    ]


def entry_lines(verdict: EntryVerdict, title: str) -> list[str]:
    """One entry with both its derivatives."""
    return [
        f"{title}: {verdict.name}, {VERDICTS[verdict.kind]}",
        f"  analytic {long(verdict.analytic)}  numeric {long(verdict.numeric)}  with h = {step(verdict.h)}",
        f"  difference {short(verdict.absolute_error)}  relative error {short(verdict.relative_error)}: {verdict.band}",
    ]


def remarks(result: CheckResult) -> list[str]:
    """What the check could not tell, and where it went wrong."""
    lines = []
    if not isfinite(result.loss):
        lines.append("The loss of this batch is not finite, and with it no difference of losses: nothing to compare.")
    failed = [verdict.name for verdict in result.of_kind("failed")]
    if failed:
        lines.append(f"Failed: {names(failed)}")
    if result.kinks:
        lines.append(
            f"At a kink: {names(result.kinks)}. An activation has a corner there, with a slope on either side of it, "
            "and the difference of losses mixes the two."
        )
    if result.below_resolution:
        lines.append(
            f"Below the resolution of the check: {counted(result.below_resolution, 'entry', 'entries')}. Rounding of "
            "the loss alone can make such a difference."
        )
    return lines


def names(found: Sequence[str]) -> str:
    rest = len(found) - MOST_NAMES
    return ", ".join(found[:MOST_NAMES]) + (f" and {rest:,} more" if rest > 0 else "")


def counted(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def curve_lines(curve: Sequence[CurvePoint]) -> list[str]:
    """The errors of one entry against h, as a table."""
    rows = [("h", "numeric", "difference", "relative error")]
    rows += [(step(p.h), long(p.numeric), short(p.absolute_error), short(p.relative_error)) for p in curve]
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    return ["  ".join(row[i].rjust(widths[i]) for i in range(4)) for row in rows]


def short(value: float) -> str:
    return signed(f"{value:.3g}")


def long(value: float) -> str:
    return signed(f"{value:.10g}")


def step(h: float) -> str:
    return signed(f"{h:.0e}")
