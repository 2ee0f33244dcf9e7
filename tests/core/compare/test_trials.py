"""Remedies that are tried: what is said where none of them helps, and how many there are."""

from dataclasses import replace
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


@pytest.mark.parametrize(("tries_own", "severity"), [(True, "info"), (False, "warning")])
def test_where_the_time_is_up_before_all_was_tried_the_own_remedies_tell(
    vain: tuple[Report, Session], tries_own: bool, severity: str
) -> None:
    _, session = vain
    trials = Trials(session.twin(), session.findings())
    for _ in trials.run():
        # The general ones come behind the finding's own.
        if trials.tried_now is not None and bool(trials.tried_now[2]) == tries_own:
            break
    trials.stop()
    (found,) = [each for each in trials.measured_findings() if each.rule == "plateau"]
    assert found.severity == severity
    assert (VAIN in found.cause) == tries_own


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


def test_a_cure_that_helps_in_general_too_keeps_its_place_before_what_does_not_cure() -> None:
    session = session_of(
        {
            "data": {"kind": "circle", "samples": 200},
            "layers": [
                {"units": 8, "activation": "tanh"},
                {"units": 6, "activation": "tanh", "init": "constant", "init_scale": 0.2},
                {"units": 1, "activation": "sigmoid", "init": "constant", "init_scale": 0.2},
            ],
            "optimizer": {"kind": "sgd", "learning_rate": 0.3},
            "training": {"batch_size": 10},
        }
    )
    found = measured(diagnose(session, 300), session, 1e9).findings[0]
    assert found.rule == "symmetric_weights"
    first = found.remedies[0]
    assert first.set == {"layers.1.init": "xavier_uniform", "layers.2.init": "xavier_uniform"}
    assert first.measured is not None
    assert first.measured.clears
    keys = [repr(sorted(remedy.set.items())) for remedy in found.remedies]
    assert len(keys) == len(set(keys))


def test_another_seed_is_tried_on_the_same_examples() -> None:
    """With other examples, drawn or parted otherwise, a lower loss would say nothing of the start."""
    noise = np.random.default_rng(3)
    x = noise.uniform(-1, 1, size=(120, 1))
    parted = {
        "data": {
            "kind": "inline",
            "inputs": x.tolist(),
            "targets": (x + noise.normal(size=(120, 1))).tolist(),
            "train_ratio": 0.6,
        },
        "layers": [{"units": 4, "activation": "tanh"}, {"units": 1, "activation": "identity"}],
        "optimizer": {"kind": "sgd", "learning_rate": 0.1},
        "training": {"batch_size": 18},
    }
    session = session_of(parted)
    findings = diagnose(session, 350).findings
    trials = Trials(session, findings)
    for _ in trials.run():
        pass
    seeds = [dict(key) for key in trials.outcomes if any("seed" in path for path, _ in key)]
    assert seeds
    assert all("training.seed" in changes and "seed" not in changes for changes in seeds)
    # What is left is noise: a plateau is no fault, and one that was there before, with a higher loss, was none.
    assert [(each.rule, each.severity) for each in trials.measured_findings()] == [("plateau", "info")]
    before = replace(findings[0], step=190, cleared=240)
    trials.findings = (*findings, before)
    assert [(each.severity, each.active) for each in trials.measured_findings()] == [("info", True), ("info", False)]
    # Where all examples are given and trained on, the seed is that of the start alone.
    offered = plateau(diagnose(session_of(SADDLE), 400)).remedies
    assert [remedy.set for remedy in offered if "seed" in remedy.text] == [{"seed": 9}, {"seed": 10}, {"seed": 11}]
