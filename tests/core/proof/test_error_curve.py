"""What the errors of central differences are owed to."""

from collections.abc import Callable
from math import inf, nan
from typing import Any

import pytest

from backprop_tui.core.proof.check_verdict import CurvePoint, EntryVerdict, Kind
from backprop_tui.core.proof.error_curve import best_step, cause
from backprop_tui.core.proof.gradient_check import CURVE_STEPS, check_entry, error_curve
from backprop_tui.core.proof.parameter_entry import Entry
from backprop_tui.core.session.session import Session


def verdict(kind: Kind) -> EntryVerdict:
    return EntryVerdict(Entry("W", 1, (0, 0), 0), 0.5, 0.5, 1e-5, kind)


@pytest.mark.parametrize(
    ("h", "error", "kind", "wanted"),
    [
        (1e-5, 0.0, "passed", "exact"),
        # 10 eps / 1e-5 is 2.2e-10.
        (1e-5, 2e-10, "passed", "rounding"),
        (1e-5, 2.5e-10, "passed", "truncation"),
        (1e-5, 2.5e-10, "failed", "mistake"),
        (1e-5, 2.5e-10, "kink", "kink"),
        (1e-5, nan, "failed", "not a number"),
    ],
)
def test_causes(h: float, error: float, kind: Kind, wanted: str) -> None:
    assert cause(CurvePoint(h, 0.5, error, error), verdict(kind), 1.0) == wanted


def test_a_larger_loss_rounds_more_coarsely() -> None:
    point = CurvePoint(1e-5, 0.5, 2e-9, 2e-9)
    assert cause(point, verdict("passed"), 1.0) == "truncation"
    assert cause(point, verdict("passed"), 10.0) == "rounding"


def test_the_best_step_has_the_least_finite_error() -> None:
    points = [CurvePoint(h, 0.0, error, error) for h, error in ((1e-1, 3.0), (1e-2, 1.0), (1e-3, nan), (1e-4, inf))]
    assert best_step(points) == 1e-2
    assert best_step(points[2:]) is None


def test_a_smooth_network_has_both_limbs(session_of: Callable[..., Any]) -> None:
    session: Session = session_of("first-steps")
    rehearsal = session.rehearse()
    found = check_entry(rehearsal, "W", 1, (0, 0))
    causes = [cause(point, found, 0.027) for point in error_curve(rehearsal, found.entry)]
    assert causes[0] == "truncation"
    assert causes[-1] == "rounding"
    assert len(causes) == len(CURVE_STEPS)
    assert causes == sorted(causes, reverse=True)
