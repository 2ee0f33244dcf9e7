"""What `verify` says of what is handed in, through the contract alone."""

from typing import Any

import backprop_tui

from .handed_in import Handed

Report = Any


def verdict(handed: Handed, **settings: Any) -> Report:
    """The report of `backprop_tui.verify`, which agrees with itself."""
    report = backprop_tui.verify(handed, **settings)
    assert bool(report) is report.passed
    assert str(report).strip()
    assert report.passed is (report.first_wrong is None)
    return report


def ids(report: Report) -> list[str]:
    """The ids of the mistakes that are named, the first first."""
    return [mistake.id for mistake in report.mistakes]


def named(report: Report) -> set[tuple[str, int | None]]:
    """The mistakes that are named, with their layers."""
    return {(mistake.id, mistake.layer) for mistake in report.mistakes}
