"""What the built-in presets promise, from several starts: `seed` redraws start weights and order, not the data."""

from math import log
from typing import Any

import pytest

from backprop_tui import presets
from backprop_tui.core.preset.preset import parse
from backprop_tui.core.session.run import Goal, train

from ..share import share

seeds = pytest.mark.parametrize("seed", range(share(2, 5)))


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_steps_forward_and_back(session_of: Any, name: str) -> None:
    session = session_of(name)
    assert session.preset.summary
    assert session.preset.lesson
    session.forward("step")
    after = session.trainer.state.copy()
    session.back("op")
    session.back("step")
    session.forward("step")
    assert session.trainer.state == after
    assert session.not_finite_step is None


@pytest.mark.parametrize(
    "name", [name for name in presets.names() if "diagnosis" not in parse(presets.text(name), name)["tags"]]
)
def test_a_hundred_steps_lower_the_loss(session_of: Any, name: str) -> None:
    result = train(session_of(name), Goal(100, "steps"))
    assert result.stopped_by == "steps"
    assert result.last.training.loss < 0.98 * result.first.training.loss


def test_the_sigmoid_stack_gets_no_further_than_guessing(session_of: Any) -> None:
    result = train(session_of("vanishing"), Goal(1000, "steps"))
    assert result.best_loss == pytest.approx(log(2), abs=0.002)


@seeds
def test_xor_is_solved_from_any_start(session_of: Any, seed: int) -> None:
    session = session_of("xor", seed)
    session.seek(session.timeline.finish_of(3000))
    training = session.evaluate().training
    assert training.loss < 0.05
    assert training.accuracy == 1.0


@seeds
def test_the_first_layer_of_the_sigmoid_stack_gets_next_to_nothing(session_of: Any, seed: int) -> None:
    session = session_of("vanishing", seed)
    session.forward("step")
    measures = session.measure()
    assert measures[0].gradient < 1e-3 * measures[-1].gradient


@pytest.mark.parametrize("seed", range(share(1, 5)))
def test_the_digits_are_read(session_of: Any, seed: int) -> None:
    session = session_of("digits", seed)
    for epochs in range(5, 31, 5):
        session.seek(session.timeline.finish_of(epochs * session.trainer.steps_per_epoch))
        if session.evaluator.test().accuracy >= 0.9:
            break
    assert session.evaluator.test().accuracy >= 0.9


@pytest.mark.parametrize("seed", range(share(1, 5)))
def test_the_spiral_is_learnt(session_of: Any, seed: int) -> None:
    session = session_of("spiral", seed)
    for steps in range(5_000, 30_001, 5_000):
        session.seek(session.timeline.finish_of(steps))
        if session.evaluator.training().accuracy >= 0.95:
            break
    assert session.evaluator.training().accuracy >= 0.95
