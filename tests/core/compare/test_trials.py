"""Remedies that are tried: what is said where none of them helps, and how many there are."""

from typing import Any

import numpy as np
import pytest

from backprop_tui.core.compare.findings_report import Report, diagnose, diagnose_json, diagnose_text, measured
from backprop_tui.core.compare.trials import Trials
from backprop_tui.core.diagnosis.findings import Finding, Remedy
from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.session.session import Session

Table = dict[str, Any]
CORNERS = [[0, 0], [1, 0], [0, 1], [1, 1]]
# Of ten examples alike three are of the other class, whichever corner they are at: there is nothing to learn.
CHANCE = {
    "data": {
        "kind": "inline",
        "inputs": np.repeat(CORNERS, 10, axis=0).tolist(),
        "targets": [[int(i % 10 < 3)] for i in range(40)],
    },
    "layers": [{"units": 4, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}],
    "optimizer": {"kind": "sgd", "learning_rate": 0.5},
}
# XOR, from where no answer depends on the inputs yet: no way that is tried leads off in time.
SADDLE = {
    "seed": 8,
    "data": {"kind": "inline", "inputs": CORNERS, "targets": [[0], [1], [1], [0]]},
    "layers": [
        {"units": 2, "activation": "sigmoid", "init": "uniform", "init_scale": 1.0},
        {"units": 1, "activation": "sigmoid", "init": "uniform", "init_scale": 1.0},
    ],
    "loss": {"kind": "half_squared_error"},
    "optimizer": {"kind": "sgd", "learning_rate": 0.5},
    "training": {"batch_size": 1},
}
VAIN = "Nothing that was tried helps"


def session_of(tables: Table) -> Session:
    return Session(*load_preset({"title": "test", **tables}, "test"))


@pytest.fixture(scope="module")
def vain() -> tuple[Report, Session]:
    """What is found and tried where there is nothing to learn."""
    session = session_of(CHANCE)
    return measured(diagnose(session, 300), session, 1e9), session


def plateau(report: Report) -> Finding:
    (found,) = [each for each in report.findings if each.rule == "plateau"]
    return found


def test_a_loss_that_nothing_lowers_is_no_fault_and_said_to_be_as_low_as_it_goes(vain: tuple[Report, Session]) -> None:
    report, _ = vain
    (found,) = [each for each in diagnose_json(report)["findings"] if each["rule"] == "plateau"]
    assert found["severity"] == "info"
    assert found["cause"].endswith(f". {VAIN}: this may be as low as it goes.")
    assert found["remedies"]
    assert not any(remedy["helps"] for remedy in found["remedies"])
    assert "info: plateau" in diagnose_text(report)
    assert "not tried" not in diagnose_text(report)


def test_remedies_keep_their_places_while_they_are_tried(vain: tuple[Report, Session]) -> None:
    """One may take another learning rate; none gives its place to another, or goes, before all are tried."""
    _, session = vain
    findings = session.findings()
    trials = Trials(session.twin(), findings)
    seen: list[list[Remedy]] = [[] for _ in findings]
    stood: set[int] = set()
    for _ in trials.run():
        if trials.tried_now is None:
            continue
        place = trials.tried_now[0]
        stood.add(place)
        now = list(trials.measured_findings(in_place=True)[place].remedies)
        for before, after in zip(seen[place], now, strict=False):
            assert before.set.items() <= after.set.items()
            assert after.measured is not None or before.measured is None
        assert len(now) >= len(seen[place])
        seen[place] = now
    assert stood
    assert trials.tried_now is None
    # In the end they are in order, those that help first.
    for finding in trials.measured_findings(in_place=True):
        helping = [bool(remedy.helps) for remedy in finding.remedies]
        assert helping == sorted(helping, reverse=True)
    for place in stood:
        assert {remedy.text.split(",")[0] for remedy in seen[place]} >= {
            each.text.split(",")[0] for each in findings[place].remedies
        }


def test_what_was_not_tried_says_nothing() -> None:
    session = session_of(CHANCE)
    report = diagnose(session, 300)
    assert plateau(report).severity == "warning"
    stopped = measured(report, session, 0.0)
    assert plateau(stopped).severity == "warning"
    assert VAIN not in plateau(stopped).cause


def test_only_a_lower_loss_helps_where_the_loss_hardly_falls(vain: tuple[Report, Session]) -> None:
    report, session = vain
    base = session.evaluator.training().loss
    cleared = [one for one in plateau(report).remedies if one.measured is not None and one.measured.clears]
    assert cleared
    for remedy in cleared:
        assert remedy.measured is not None
        assert remedy.measured.says.endswith("though the finding clears")
        assert remedy.measured.loss == pytest.approx(base, rel=0.01)


def test_a_loss_that_could_be_lower_stays_a_fault_though_nothing_helps_and_every_trial_is_counted_once() -> None:
    session = session_of(SADDLE)
    trials = Trials(session, diagnose(session, 400).findings)
    seen = [(state.done, state.of) for state in trials.run()]
    assert all(done <= of for done, of in seen)
    assert seen[-1] == (trials.done, trials.planned) == (len(trials.outcomes), len(trials.outcomes))
    (found,) = trials.measured_findings()
    assert (found.rule, found.severity) == ("plateau", "warning")
    assert not any(remedy.helps for remedy in found.remedies)
    left = "though a further answer from the same inputs explains 100% of what is left wrong."
    assert found.cause.endswith(f"{VAIN}, {left}")
