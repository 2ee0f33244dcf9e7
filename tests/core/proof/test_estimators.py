"""The contest of backpropagation with its alternatives: prices, budgets, directions, and what it leaves alone."""

import json
from collections.abc import Callable
from math import inf, isfinite, nan, sqrt
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.proof import estimators
from backprop_tui.core.proof.contest import Contest, Result
from backprop_tui.core.proof.estimate_report import estimate_json, estimate_text
from backprop_tui.core.proof.estimators import METHODS, MOST_POINTS, PAIRS, Attempt, Trace, cosine
from backprop_tui.core.session.session import Session

NAMES = ["backpropagation", "numerical_gradient", "evolution_strategies", "random_search"]
Sessions = Callable[..., Session]


def contest_of(session: Session, budget: int = 1000, seed: int | None = None) -> Contest:
    return Contest(session.trainer, session.dataset, budget, seed)


def results_of(session: Session, budget: int = 1000, seed: int | None = None) -> dict[str, Result]:
    contest = contest_of(session, budget, seed)
    assert contest.advance(inf)
    return {result.name: result for result in contest.results}


def attempt_of(contest: Contest) -> Attempt | None:
    """The attempt at work."""
    return None if contest.search is None else contest.search.attempt


def measured(result: Result) -> tuple[Any, ...]:
    """All of a result but the time, in a form in which NaN is equal to itself."""
    return (
        result.name,
        result.forward_passes,
        result.steps,
        repr(result.loss),
        repr(result.cosine),
        repr(result.trace),
    )


def test_hand_computed_prices_of_a_2_2_1_network_with_one_example(session_of: Sessions) -> None:
    """Forward 2·2 + 1·2 multiply-adds; backward dW2 2, dA1 2, dW1 4: a step costs 1 + 8/6 passes."""
    found = results_of(session_of("first-steps"), budget=79)
    assert list(found) == NAMES
    assert [found[name].price for name in NAMES] == [7 / 3, 18, 2 * PAIRS, 1]
    assert [found[name].steps for name in NAMES] == [33, 5, 4, 78]
    assert [found[name].forward_passes for name in NAMES] == [77, 78, 78, 79]


def test_prices_of_xor_do_not_depend_on_the_number_of_examples(session_of: Sessions) -> None:
    """2-8-1 on n examples: forward (16 + 8)n multiply-adds, backward (8 + 8 + 16)n; 33 parameters."""
    found = results_of(session_of("xor"), budget=66)
    assert [found[name].price for name in NAMES] == [56 / 24, 66, 2 * PAIRS, 1]
    assert [found[name].steps for name in NAMES] == [28, 1, 4, 65]


def test_backpropagation_is_the_trainer_s_own_gradient_descent(session_of: Sessions) -> None:
    session = session_of("first-steps")
    found = results_of(session, budget=79)["backpropagation"]
    losses = []
    for step in range(1, found.steps + 2):
        session.seek(session.timeline.finish_of(step))
        losses.append(session.plan.loss())
    assert [loss for _, loss in found.trace] == losses
    assert [passes for passes, _ in found.trace] == pytest.approx([7 / 3 * i for i in range(34)], rel=1e-15)
    assert found.loss == losses[-1]


@pytest.mark.parametrize("preset", ["first-steps", "xor"])
def test_the_numerical_gradient_points_where_the_true_one_does(session_of: Sessions, preset: str) -> None:
    found = results_of(session_of(preset))
    assert found["backpropagation"].cosine == pytest.approx(1, abs=1e-15)
    cosine_of_numerical = found["numerical_gradient"].cosine
    assert cosine_of_numerical is not None
    assert 1 - 1e-9 <= cosine_of_numerical <= 1 + 1e-15


def test_a_numerical_step_is_a_step_of_backpropagation(session_of: Sessions) -> None:
    found = results_of(session_of("first-steps"), budget=72)
    numerical = [loss for _, loss in found["numerical_gradient"].trace]
    exact = [loss for _, loss in found["backpropagation"].trace]
    assert found["numerical_gradient"].steps == 4
    assert numerical == pytest.approx(exact[:5], rel=1e-8)


def test_a_numerical_gradient_that_does_not_fit_is_one_of_as_many_parameters_as_do(session_of: Sessions) -> None:
    contest = contest_of(session_of("first-steps"), budget=8)
    while contest.running is None or contest.running.name == "backpropagation":
        contest.advance(0)
    starts = contest.start.copy()
    attempt = None
    while contest.running.name == "numerical_gradient":
        attempt = attempt_of(contest) or attempt
        contest.advance(0)
    assert attempt is not None
    assert attempt.estimate is not None
    assert contest.gradient is not None
    moved = np.flatnonzero(attempt.parameters != starts)
    assert len(moved) == 4
    assert list(np.flatnonzero(attempt.estimate)) == list(moved)
    assert attempt.estimate[moved] == pytest.approx(contest.gradient[moved], rel=1e-7)
    share = np.linalg.norm(contest.gradient[moved]) / np.linalg.norm(contest.gradient)
    assert contest.results[1].cosine == pytest.approx(share, rel=1e-9)
    assert contest.results[1].forward_passes == 8


@pytest.mark.parametrize("budget", [1, 2, 3, 17, 20, 101])
def test_no_method_uses_more_than_its_budget(session_of: Sessions, budget: int) -> None:
    for result in results_of(session_of("first-steps"), budget).values():
        assert result.forward_passes <= budget
        assert result.trace[0][0] == 0
        assert result.trace[-1] == (result.forward_passes, result.loss)
        assert all(passes <= budget for passes, _ in result.trace)


def test_a_budget_too_small_for_a_step_leaves_the_loss_as_it_is(session_of: Sessions) -> None:
    first = 0.02705812864623804
    one = results_of(session_of("first-steps"), budget=1)
    assert [one[name].forward_passes for name in NAMES] == [0, 0, 0, 1]
    assert [one[name].steps for name in NAMES] == [0, 0, 0, 0]
    assert [one[name].loss for name in NAMES] == pytest.approx([first] * 4, rel=1e-6)
    assert [one[name].cosine for name in NAMES] == [None] * 4
    two = results_of(session_of("first-steps"), budget=2)
    assert [two[name].forward_passes for name in NAMES] == [0, 2, 2, 2]
    assert two["numerical_gradient"].loss < one["numerical_gradient"].loss
    with pytest.raises(ValueError, match="found 0"):
        contest_of(session_of("first-steps"), budget=0)


@pytest.mark.parametrize("preset", ["first-steps", "xor"])
def test_many_pairs_of_evolution_strategies_give_the_gradient(
    session_of: Sessions, monkeypatch: pytest.MonkeyPatch, preset: str
) -> None:
    monkeypatch.setattr(estimators, "PAIRS", 5000)
    found = results_of(session_of(preset), 10_000)["evolution_strategies"].cosine
    assert found is not None
    assert 0.99 < found < 1


@pytest.mark.parametrize("preset", ["first-steps", "xor"])
def test_ten_pairs_point_roughly_the_right_way(session_of: Sessions, preset: str) -> None:
    """With N parameters and n pairs the cosine is about √(n/(n + N + 1))."""
    session = session_of(preset)
    found = [results_of(session, 20, seed)["evolution_strategies"].cosine for seed in range(40)]
    cosines = [value for value in found if value is not None]
    assert len(cosines) == 40
    size = session.trainer.state.parameters.size
    assert np.mean(cosines) == pytest.approx(sqrt(PAIRS / (PAIRS + size + 1)), abs=0.1)


def test_an_estimate_of_evolution_strategies_is_on_average_the_gradient(session_of: Sessions) -> None:
    """Along the gradient it is as long as it, and in all √((n + N + 1)/n) times as long."""
    along, squares = [], []
    session = session_of("first-steps")
    for seed in range(200):
        contest = contest_of(session, 20, seed)
        attempt = None
        while len(contest.results) < 3:
            attempt = attempt_of(contest) or attempt
            contest.advance(0)
        assert attempt is not None
        assert attempt.estimate is not None
        assert contest.gradient is not None
        length = contest.gradient.dot(contest.gradient)
        along.append(attempt.estimate.dot(contest.gradient) / length)
        squares.append(attempt.estimate.dot(attempt.estimate) / length)
    assert np.mean(along) == pytest.approx(1, abs=0.1)
    assert np.mean(squares) == pytest.approx((10 + 9 + 1) / 10, abs=0.3)


@pytest.mark.parametrize("preset", ["first-steps", "xor"])
def test_random_search_never_gets_worse_and_first_moves_downhill(session_of: Sessions, preset: str) -> None:
    for seed in range(5):
        found = results_of(session_of(preset), 300, seed)["random_search"]
        losses = [loss for _, loss in found.trace]
        assert losses == sorted(losses, reverse=True)
        assert losses[-1] < losses[0]
        assert found.cosine is not None


def test_short_steps_that_lower_the_loss_point_downhill(session_of: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimators, "STRIDE", 1e-4)
    for seed in range(10):
        found = results_of(session_of("xor"), 30, seed)["random_search"].cosine
        assert found is not None
        assert found > 0


def test_random_search_goes_back_from_what_is_no_better(session_of: Sessions) -> None:
    contest = contest_of(session_of("xor"), 50)
    for _ in range(1000):
        contest.advance(0)
        attempt = attempt_of(contest)
        if contest.running is METHODS[3] and attempt is not None:
            assert attempt.rehearsal.loss() == attempt.trace.last[1]
    assert contest.finished
    losses = [loss for _, loss in contest.results[3].trace]
    assert len(set(losses)) < len(losses)


def test_the_masks_are_those_of_the_run_s_first_step(session_of: Sessions, network_table: Callable[..., Any]) -> None:
    session = session_of(network_table("tanh", "softmax", "cross_entropy", dropout=0.4))
    starts = {result.trace[0] for result in results_of(session, 30).values()}
    session.seek(session.timeline.finish_of(1))
    assert starts == {(0, session.plan.loss())}


def test_random_search_that_accepts_nothing_has_no_direction(session_of: Sessions) -> None:
    """At a target that is met exactly there is nothing below: the loss is 0."""
    session = session_of(
        {
            "title": "Done",
            "data": {"kind": "inline", "inputs": [[1.0]], "targets": [[2.0]]},
            "layers": [{"units": 1, "activation": "identity", "weights": [[2.0]]}],
        }
    )
    contest = contest_of(session, 50)
    contest.advance(inf)
    found = {result.name: result for result in contest.results}
    assert found["random_search"].cosine is None
    assert found["random_search"].steps == 49
    assert found["random_search"].loss == 0
    assert found["backpropagation"].cosine is None
    assert estimate_text(contest.outcome).startswith("No method got below the loss at the start, 0.\n")


def test_nothing_of_the_session_changes(session_of: Sessions, network_table: Callable[..., Any]) -> None:
    table = network_table("tanh", "softmax", "cross_entropy", batch=3, optimizer="adam", batch_norm=True, dropout=0.3)
    session, other = session_of(table), session_of(table)
    for each in (session, other):
        for _ in range(23):
            each.forward("op")
    results_of(session, 60)
    for _ in range(3):
        assert session.trainer.state == other.trainer.state
        assert session.count == other.count
        for key, quantity in session.plan.quantities.items():
            assert quantity.array.tobytes() == other.plan[key].array.tobytes()
        for each in (session, other):
            each.forward("step")


def test_the_contest_starts_where_the_run_started(session_of: Sessions) -> None:
    session = session_of("first-steps")
    fresh = [measured(result) for result in results_of(session, 60).values()]
    session.seek(session.timeline.finish_of(40))
    assert [measured(result) for result in results_of(session, 60).values()] == fresh


def test_equal_seeds_give_equal_results_and_others_others(session_of: Sessions) -> None:
    runs = [results_of(session_of("xor"), 66, seed) for seed in (None, 0, 1)]
    preset_seed = session_of("xor").seed
    again = results_of(session_of("xor"), 66, preset_seed)
    assert [measured(r) for r in runs[0].values()] == [measured(r) for r in again.values()]
    for name, differs in zip(NAMES, (False, False, True, True), strict=True):
        assert (measured(runs[1][name]) != measured(runs[2][name])) is differs


def test_slices_come_to_the_same_as_one_run(session_of: Sessions) -> None:
    whole = results_of(session_of("xor"), 100)
    contest = contest_of(session_of("xor"), 100)
    seen = [contest.progress]
    turns = 0
    while not contest.advance(0):
        seen.append(contest.progress)
        turns += 1
        if attempt_of(contest) is not None and contest.running is not None:
            assert contest.traces[contest.running.name]
    assert turns > 100
    assert seen == sorted(seen)
    assert (seen[0], contest.progress) == (0, 1)
    assert contest.running is None
    assert [measured(r) for r in contest.results] == [measured(r) for r in whole.values()]
    assert contest.traces == {result.name: result.trace for result in contest.results}
    assert all(result.seconds > 0 for result in contest.results)


def layered(session_of: Sessions, network_table: Callable[..., Any], **changes: Any) -> Session:
    table = network_table("tanh", "softmax", "cross_entropy")
    return session_of(table, changes={key.replace("__", "."): value for key, value in changes.items()})


@pytest.mark.parametrize(
    "changes",
    [
        {"layers__0__batch_norm": True, "layers__1__batch_norm": True},
        {"layers__0__dropout": 0.4, "layers__1__dropout": 0.3},
        {"layers__0__batch_norm": True, "layers__0__dropout": 0.4, "layers__1__units": 3, "layers__1__residual": True},
        {"optimizer__train_biases": False},
    ],
    ids=["batch norm", "dropout", "all together", "frozen biases"],
)
def test_every_kind_of_layer_has_a_numerical_gradient_that_agrees(
    session_of: Sessions, network_table: Callable[..., Any], changes: dict[str, Any]
) -> None:
    if changes.get("layers__1__units") == 3:
        changes = changes | {"layers__1__biases": [0.2, 0.4, -0.1]}
    found = results_of(layered(session_of, network_table, **changes), 300)
    assert found["numerical_gradient"].cosine == pytest.approx(1, abs=1e-9)
    for name in NAMES[:2]:
        assert found[name].loss < found[name].trace[0][1]
    losses = {round(result.trace[0][1], 12) for result in found.values()}
    assert len(losses) == 1


def test_untrained_biases_are_left_alone_and_cost_nothing(
    session_of: Sessions, network_table: Callable[..., Any]
) -> None:
    session = layered(session_of, network_table, optimizer__train_biases=False)
    weights = sum(layer.units * layer.inputs for layer in session.trainer.layers)
    contest = contest_of(session, 200)
    while not contest.finished:
        attempt = attempt_of(contest)
        if attempt is not None:
            for layer in session.trainer.layers:
                biases = layer.biases(attempt.parameters)
                start = layer.biases(contest.start)
                assert biases is not None
                assert start is not None
                assert biases.tolist() == start.tolist()
        contest.advance(0)
    assert contest.results[1].price == 2 * weights


def test_in_float32_the_methods_work_in_float32(session_of: Sessions) -> None:
    session = session_of("first-steps", changes={"training.dtype": "float32"})
    contest = contest_of(session, 200)
    while (attempt := attempt_of(contest)) is None:
        contest.advance(0)
    assert attempt.parameters.dtype == np.float32
    contest.advance(inf)
    found = {result.name: result for result in contest.results}
    exact, numerical = found["backpropagation"].cosine, found["numerical_gradient"].cosine
    assert exact is not None
    assert numerical is not None
    assert 1 - 1e-12 <= exact < 1
    assert 1 - 1e-4 <= numerical <= 1
    assert found["backpropagation"].loss < found["backpropagation"].trace[0][1]


def test_losses_that_leave_the_finite_numbers_end_a_descent(session_of: Sessions) -> None:
    """With one step size, too large by far, the three that take gradients come to nothing below the start."""
    session = session_of("linear-neuron", changes={"optimizer.learning_rate": 1e200})
    contest = contest_of(session, 79)
    contest.advance(inf)
    document = estimate_json(contest.outcome)
    read = json.loads(json.dumps(document, allow_nan=False))
    losses = [method["loss"] for method in read["methods"]]
    start = contest.results[0].trace[0][1]
    assert losses[:3] == [start] * 3
    assert losses[3] == contest.results[3].loss < start
    assert contest.results[0].forward_passes < 20
    assert estimate_text(contest.outcome).startswith("Lowest loss: ")


def test_a_start_without_a_finite_loss(session_of: Sessions) -> None:
    session = session_of(
        {
            "title": "Far out",
            "data": {"kind": "inline", "inputs": [[1e200]], "targets": [[0.0]]},
            "layers": [{"units": 1, "activation": "identity", "weights": [[1.0]]}],
        }
    )
    contest = contest_of(session, 20)
    contest.advance(inf)
    assert not any(isfinite(result.loss) for result in contest.results)
    assert estimate_text(contest.outcome).startswith("No method met a finite loss.\n")
    read = json.loads(json.dumps(estimate_json(contest.outcome), allow_nan=False))
    assert {method["loss"] for method in read["methods"]} <= {"inf", "nan"}


def test_json_is_the_contract_s(session_of: Sessions) -> None:
    contest = contest_of(session_of("first-steps"), 60)
    contest.advance(inf)
    document = estimate_json(contest.outcome)
    assert list(document) == ["budget", "methods"]
    assert document["budget"] == 60
    assert [method["name"] for method in document["methods"]] == NAMES == [method.name for method in METHODS]
    keys = ["name", "forward_passes", "seconds", "loss", "cosine", "cached_bytes"]
    assert all(list(method) == keys for method in document["methods"])
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_a_curve_is_thinned_but_keeps_its_ends_and_its_least() -> None:
    trace = Trace()
    for index in range(10_000):
        trace.add(index, -1.0 if index == 777 else float(index))
        assert len(trace.points) <= MOST_POINTS
        assert trace.points[-1][0] == index
    assert trace.points[0] == (0, 0.0)
    assert trace.best == -1.0
    gaps = np.diff([passes for passes, _ in trace.points])
    assert set(gaps[:-1]) == {gaps[0]}
    assert 0 < gaps[-1] <= gaps[0]
    trace.add(9_999, 20_000.0)
    assert trace.points[-1] == (9_999, 9_999.0)
    trace.add(9_999, 5.0)
    assert trace.points[-1] == (9_999, 5.0)


def test_a_cosine_needs_two_directions_and_minds_no_magnitude() -> None:
    ones = np.ones(4)
    assert cosine(ones, np.zeros(4)) is None
    assert cosine(np.zeros(4), ones) is None
    assert cosine(1e300 * ones, -1e-300 * ones) == pytest.approx(-1, abs=1e-15)
    assert cosine(np.array([3.0, 4.0]), np.array([4.0, 3.0])) == pytest.approx(24 / 25, abs=1e-15)
    found = cosine(np.array([nan, 1.0]), np.array([4.0, 3.0]))
    assert found is not None
    assert not isfinite(found)


def test_no_rounding_takes_a_cosine_beyond_one() -> None:
    vectors = np.random.default_rng(0).standard_normal((200, 7))
    assert max(found for vector in vectors if (found := cosine(vector, vector)) is not None) == 1.0
