"""The cure that the diagnosis of `vanishing` shows first works, and goes on working: README step 6, taken literally."""

import pytest

from backprop_tui import presets
from backprop_tui.core.compare.trials import Trials
from backprop_tui.core.diagnosis import cures
from backprop_tui.core.diagnosis.findings import Remedy
from backprop_tui.core.diagnosis.roots import joined
from backprop_tui.core.preset.preset import load_preset, parse
from backprop_tui.core.preset.settings import apply_changes
from backprop_tui.core.session.session import Session

from ..share import share

SEEN, FAR = 10, 5000
"""Steps after which a person opens the diagnosis, and so many the cured network is then played beside the sick one."""


def session_of(seed: int, changes: dict[str, object]) -> Session:
    table = {**parse(presets.text("vanishing"), "vanishing"), "seed": seed}
    return Session(*load_preset(apply_changes(table, changes), "vanishing", presets.folder(), "vanishing"))


def relu_and_he(sick: Session) -> Remedy:
    """The cure that is shown first, without trying any."""
    return cures.relu_and_he(sick.preset)


def shown_first(sick: Session) -> Remedy:
    """The first remedy of the root cause; what helps in general is shown behind its own ones, and not tried here."""
    findings = [each.finding for each in joined(sick.findings())]
    assert findings[0].rule == "vanishing_gradient"
    trials = Trials(sick.twin(), findings)
    for part in (trials.outcome(Remedy("the run as it is", {})), trials.try_for(0, findings[0], wide=False)):
        for _ in part:
            pass
    return trials.measured_findings()[0].remedies[0]


@pytest.mark.parametrize("seed", share([0], list(range(10))))
def test_the_cure_that_is_shown_first_learns_the_spiral_and_keeps_it(seed: int) -> None:
    sick = session_of(seed, {})
    sick.advance(sick.timeline.finish_of(SEEN))
    cured = session_of(seed, share(relu_and_he, shown_first)(sick).set)
    cured.advance(cured.timeline.finish_of(FAR))
    after = cured.evaluator.training()
    assert after.loss < 0.05
    assert after.accuracy is not None
    assert after.accuracy > 0.98
    sick.advance(sick.timeline.finish_of(share(500, FAR)))
    assert sick.evaluator.training().loss > 0.68
