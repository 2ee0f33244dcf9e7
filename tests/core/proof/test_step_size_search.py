"""Every method with the best of the same number of step sizes, and all of them paid for."""

from collections.abc import Callable
from math import inf
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.proof import contest, estimators, step_size_search
from backprop_tui.core.proof.contest import Contest, Result
from backprop_tui.core.proof.estimators import OWN
from backprop_tui.core.proof.own_optimizer import OwnOptimizer, is_plain
from backprop_tui.core.proof.step_size_search import StepSizeSearch
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.rehearsal import Rehearsal

Sessions = Callable[..., Session]


def searches_of(session: Session, budget: int) -> tuple[Contest, list[StepSizeSearch]]:
    """The contest, and how each of its methods searched."""
    contest = Contest(session.trainer, session.dataset, budget)
    found: list[StepSizeSearch] = []
    while not contest.advance(0):
        if contest.search is not None and contest.search not in found:
            found.append(contest.search)
    return contest, found


def results_of(session: Session, budget: int = 1000) -> dict[str, Result]:
    contest = Contest(session.trainer, session.dataset, budget)
    contest.advance(inf)
    return {result.name: result for result in contest.results}


@pytest.mark.parametrize("preset", ["xor", "moons", "clipping"])
@pytest.mark.parametrize("budget", [80, 200, 333, 1000])
def test_all_methods_try_as_many_sizes_within_the_budget(session_of: Sessions, preset: str, budget: int) -> None:
    contest, searches = searches_of(session_of(preset), budget)
    assert len(searches) == len(contest.methods) == len(contest.results)
    assert {len(search.attempts) for search in searches} == {min(8, budget // 40)}
    for search, result in zip(searches, contest.results, strict=True):
        assert result.forward_passes == search.passes <= budget
        work = sum(attempt.work for attempt in search.attempts.values())
        assert work == round(result.forward_passes * search.best.work_of_pass)
        assert result.steps == sum(attempt.steps for attempt in search.attempts.values())
        assert result.trace[-1] == (result.forward_passes, result.loss)
        losses = [loss for _, loss in result.trace]
        assert losses == sorted(losses, reverse=True)
        assert [passes for passes, _ in result.trace] == sorted({passes for passes, _ in result.trace})
        assert result.loss == min(attempt.trace.best for attempt in search.attempts.values())


def test_the_size_that_goes_on_got_lowest_when_it_was_tried(session_of: Sessions) -> None:
    _, searches = searches_of(session_of("circle"), 1000)
    for search in searches:
        assert search.leader is not None
        assert search.scores[search.leader] == min(search.scores.values())
        assert search.best.work == max(attempt.work for attempt in search.attempts.values())


def test_a_learning_rate_chosen_badly_is_mended(session_of: Sessions) -> None:
    """At the preset's 20 this network learns nothing by gradient descent; with the best of eight sizes it does."""
    session = session_of("learning-rate")
    found = results_of(session)["backpropagation"]
    assert found.size < session.preset.optimizer.learning_rate == 20
    assert found.loss < 0.01 * found.trace[0][1]


def test_the_leader_goes_on_from_where_it_stood(session_of: Sessions) -> None:
    """Gradient descent of the best size, unbroken from the start, comes to the same loss."""
    session = session_of("circle")
    contest, searches = searches_of(session, 400)
    best = searches[0].best
    rehearsal = contest.rehearsal(session.trainer.dtype)
    losses = []
    for _ in range(best.steps):
        gradient = rehearsal.backward()
        losses.append(rehearsal.plan.loss())
        rehearsal.parameters -= best.size * gradient
    losses.append(rehearsal.loss())
    assert best.trace.last[1] == losses[-1]
    assert best.trace.best == min(losses)


def test_the_first_direction_of_differences_is_paid_once_and_whole(session_of: Sessions) -> None:
    """xor has 33 parameters: 66 passes, more than a sixteenth of 1,000."""
    _, searches = searches_of(session_of("xor"), 1000)
    first, *others = searches[1].attempts.values()
    assert first.work >= 66 * first.work_of_pass
    assert first.estimate is not None
    for other in others:
        assert other.estimate is not None
        assert other.estimate.tolist() == first.estimate.tolist()
        if other is not searches[1].best:
            assert other.work < 66 * other.work_of_pass


def changed(session_of: Sessions, network_table: Callable[..., Any], **optimizer: Any) -> Session:
    changes = {f"optimizer.{key}": value for key, value in optimizer.items()}
    return session_of(network_table("tanh", "softmax", "cross_entropy", dropout=0.3), changes=changes)


@pytest.mark.parametrize(
    "optimizer",
    [
        {"kind": "adam", "learning_rate": 0.05},
        {"kind": "momentum", "learning_rate": 0.05},
        {"kind": "adamw", "learning_rate": 0.05, "weight_decay": 0.1},
        {"kind": "rmsprop", "learning_rate": 0.01, "clip_norm": 0.1},
        {"kind": "sgd", "learning_rate": 0.5, "l2": 0.01, "l1": 0.001},
        {"kind": "adamw", "learning_rate": 0.1, "schedule": {"kind": "step", "step_size": 2, "warm_up": 2}},
    ],
    ids=lambda optimizer: " ".join(optimizer),
)
def test_the_own_optimizer_steps_as_the_trainer_does(
    session_of: Sessions, network_table: Callable[..., Any], optimizer: dict[str, Any]
) -> None:
    """On one batch without dropout, step by step, to the last digit but one."""
    changes = {f"optimizer.{key}": value for key, value in optimizer.items()}
    session = session_of(network_table("tanh", "softmax", "cross_entropy"), changes=changes)
    trainer, data = session.trainer, session.dataset
    rehearsal = Rehearsal(trainer, data.inputs, data.targets, {}, trainer.dtype)
    own = OwnOptimizer(rehearsal, session.preset.optimizer, session.preset.optimizer.learning_rate)
    for step in range(1, 8):
        rehearsal.backward()
        own.step()
        session.seek(session.timeline.finish_of(step))
        np.testing.assert_allclose(rehearsal.parameters, trainer.state.parameters, rtol=1e-12, atol=1e-15)


def test_a_row_of_its_own_for_what_is_not_gradient_descent(
    session_of: Sessions, network_table: Callable[..., Any]
) -> None:
    plain = changed(session_of, network_table, kind="sgd", learning_rate=0.1)
    assert is_plain(plain.preset.optimizer)
    assert OWN not in results_of(plain, 40)
    for settings in ({"kind": "adam"}, {"kind": "sgd", "l2": 0.1}, {"kind": "sgd", "schedule": {"warm_up": 5}}):
        session = changed(session_of, network_table, learning_rate=0.1, **settings)
        found = results_of(session, 40)
        assert list(found)[-1] == OWN
        assert found[OWN].price == found["backpropagation"].price
        assert found[OWN].cached_bytes == found["backpropagation"].cached_bytes > 0


@pytest.mark.parametrize("budget", [1, 2, 79, 80, 1000])
def test_time_is_that_of_the_passes_that_are_paid_for(
    session_of: Sessions, monkeypatch: pytest.MonkeyPatch, budget: int
) -> None:
    """By a clock that ticks once in each forward pass: what is looked at for the curve alone takes none."""
    ticks, forward = 0.0, Rehearsal.loss

    def loss(rehearsal: Rehearsal) -> float:
        nonlocal ticks
        ticks += 1
        return forward(rehearsal)

    monkeypatch.setattr(Rehearsal, "loss", loss)
    for module in (contest, estimators, step_size_search):
        monkeypatch.setattr(module, "perf_counter", lambda: ticks)
    results = results_of(session_of("xor"), budget)
    for name in ("random_search", "evolution_strategies"):
        assert results[name].seconds == results[name].forward_passes
