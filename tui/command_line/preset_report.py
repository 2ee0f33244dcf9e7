"""What `check-preset` says: each problem on a line of its own, `mine.toml:12: optimizer.kind: expected …`."""

from collections.abc import Callable, Sequence
from typing import Any

from backprop_tui.core.lessons.action import Known
from backprop_tui.core.lessons.preset_check import Problem, Written, check_preset
from backprop_tui.core.value_class import dataclass

from .loading import find


@dataclass(frozen=True, slots=True)
class PresetReport:
    """What was found in a preset; `unchecked` is what could not be looked at because of that, "" for nothing."""

    source: str
    title: str
    problems: list[Problem]
    unchecked: str


def report_on_preset(
    argument: str, settings: Sequence[str], seed: int | None, known: Callable[[], Known]
) -> PresetReport:
    """Read a preset and look for all that is wrong; `known` gives what a lesson's links may name.

    Raises PresetError for a file that is no TOML, or none at all.
    """
    found = find(argument, settings=settings, seed=seed)
    written = Written(found.text, found.table, found.source, found.base, found.id)
    problems, unchecked = check_preset(written, known)
    return PresetReport(found.source, str(found.table.get("title", "")), problems, unchecked)


def report_text(report: PresetReport) -> str:
    """The problems with their lines, and how many; or one line that all is well."""
    if not report.problems:
        return f"{report.source}: nothing is wrong with this preset and its lesson"
    lines = [f"{report.source}{'' if one.line is None else f':{one.line}'}: {one.message}" for one in report.problems]
    count = "1 problem" if len(lines) == 1 else f"{len(lines)} problems"
    rest = f"; {report.unchecked} can be checked when that is mended" if report.unchecked else ""
    return "\n".join((*lines, f"{count}{rest}"))


def report_json(report: PresetReport) -> dict[str, Any]:
    return {
        "passed": not report.problems,
        "problems": [{"line": one.line, "key": one.key or None, "message": one.message} for one in report.problems],
        "unchecked": report.unchecked or None,
    }
