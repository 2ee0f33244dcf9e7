"""Accuracy by hand for every kind of targets, and evaluation without touching what is being trained."""

from typing import Any

import numpy as np
import pytest

from backprop_tui.core.training.evaluation import KEPT_PLANS, accuracy

ONE_HOT = [[1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]


@pytest.mark.parametrize(
    ("predictions", "targets", "kind", "expected"),
    [
        ([[0.9, 0.2, 0.3, 0.1], [0.05, 0.5, 0.3, 0.2], [0.05, 0.3, 0.4, 0.7]], ONE_HOT, "one_hot", 0.75),
        ([[0.4, 0.6, 0.51, 0.2]], [[0.0, 1.0, 0.0, 1.0]], "binary", 0.5),
        ([[0.5]], [[0.0]], "binary", 1.0),
        ([[0.6, 0.6], [0.6, 0.4]], [[1.0, 1.0], [1.0, 1.0]], "binary", 0.75),
        ([[-0.2, 0.1, -0.9, 0.3]], [[-1.0, -1.0, -1.0, 1.0]], "signed", 0.75),
        ([[0.2]], [[1.0]], "signed", 1.0),
        ([[0.2]], [[0.2]], "real", None),
        ([[]], [[]], "binary", None),
        ([[np.nan, 1.0]], [[1.0, 1.0]], "binary", 0.0),
    ],
)
def test_accuracy(predictions: Any, targets: Any, kind: str, expected: float | None) -> None:
    assert accuracy(np.array(predictions), np.array(targets), kind) == expected


@pytest.mark.parametrize(
    ("layer", "kind", "expected"),
    [
        ({"units": 1, "activation": "sigmoid"}, "binary", [0, 1]),
        ({"units": 1, "activation": "tanh"}, "signed", [-1, 1]),
        ({"units": 2, "activation": "softmax"}, "one_hot", [0, 1]),
    ],
)
def test_generated_sets_are_judged_by_their_output(session_of: Any, layer: Any, kind: str, expected: list[int]) -> None:
    session = session_of({"title": "t", "data": {"kind": "gauss", "samples": 20}, "layers": [layer]})
    assert session.dataset.target_kind == kind
    assert sorted(set(session.dataset.targets.ravel().tolist())) == expected
    session.seek(session.timeline.finish_of(300))
    evaluated = session.evaluate()
    assert evaluated.training.accuracy == 1.0
    assert evaluated.test is not None
    assert evaluated.test.accuracy == 1.0


def test_real_targets_have_no_accuracy(session_of: Any) -> None:
    session = session_of(
        {"title": "t", "data": {"kind": "plane", "samples": 20}, "layers": [{"units": 1, "activation": "identity"}]}
    )
    assert session.evaluate().training.accuracy is None


def test_the_loss_is_that_of_the_whole_part(session_of: Any, network_table: Any) -> None:
    session = session_of(network_table("tanh", "identity", "mean_squared_error", batch=3))
    session.seek(session.timeline.finish_of(4))
    data = session.dataset
    by_hand = np.mean((session.evaluator.answer(data.inputs) - data.targets) ** 2)
    assert session.evaluate().training.loss == pytest.approx(by_hand, rel=1e-12)
    assert session.evaluate().test is None


def test_evaluation_leaves_the_step_in_hand_alone(session_of: Any, network_table: Any) -> None:
    session = session_of(network_table("tanh", "softmax", "cross_entropy", batch=3, optimizer="adam"))
    session.seek(session.timeline.finish_of(3) + 7)
    before = [quantity.array.tobytes() for quantity in session.plan.quantities.values()]
    session.evaluate()
    session.evaluator.predict(np.zeros((2, 5)))
    session.evaluator.run(session.dataset.inputs[:, :3], session.dataset.targets[:, :3])
    assert [quantity.array.tobytes() for quantity in session.plan.quantities.values()] == before


def test_an_evaluation_is_of_the_parameters_as_they_stand(session_of: Any) -> None:
    session = session_of("first-steps")
    losses = []
    for step in (0, 1, 2, 1, 0):
        session.seek(session.timeline.finish_of(step))
        losses.append(session.evaluate().training.loss)
    assert losses == losses[::-1]
    assert losses[:2] == pytest.approx([0.02705812864623804, 0.025454960097992977], rel=1e-12)


def test_plans_for_many_sizes_do_not_pile_up(session_of: Any) -> None:
    session = session_of("first-steps")
    for examples in range(1, 12):
        outputs = session.evaluator.predict(np.tile([[0.5], [0.8]], examples))
        assert outputs.shape == (1, examples)
        assert outputs == pytest.approx(np.full((1, examples), 0.7673709878530279), rel=1e-14)
    assert len(session.evaluator.plans) <= KEPT_PLANS
