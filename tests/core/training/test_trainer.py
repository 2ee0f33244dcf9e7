"""Batches, their order, equal runs from equal seeds, and the precision that a run is asked for."""

import hashlib
import subprocess
import sys
from collections import deque
from itertools import islice
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.session import Session

SPIRAL: dict[str, Any] = {
    "title": "Spiral",
    "data": {"kind": "spiral", "samples": 40, "train_ratio": 0.55},
    "layers": [{"units": 5, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}],
    "optimizer": {"kind": "adam", "learning_rate": 0.01},
    "training": {"batch_size": 5},
}
HASH = """
import hashlib
from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.session.session import Session
session = Session(*load_preset({table!r}, "test"), 7)
session.seek(session.timeline.finish_of(60))
print(hashlib.sha256(session.trainer.state.vectors.tobytes()).hexdigest())
"""


def epoch_batches(session: Session, epoch: int) -> list[np.ndarray[Any, Any]]:
    """The inputs of every batch of an epoch, counted from 0, one row an example."""
    per_epoch = session.trainer.steps_per_epoch
    batches = []
    for step in range(epoch * per_epoch, (epoch + 1) * per_epoch):
        session.seek(session.timeline.finish_of(step) + 1)
        batches.append(session.plan["X", None].array.T.copy())
    return batches


def inputs(session: Session) -> np.ndarray[Any, Any]:
    return np.asarray(session.dataset.inputs.T)


def rows(examples: np.ndarray[Any, Any]) -> list[tuple[float, ...]]:
    return sorted(map(tuple, examples.tolist()))


def test_every_epoch_has_every_example_once_in_a_new_order(session_of: Any) -> None:
    session = session_of(SPIRAL)
    assert inputs(session).shape == (22, 2)
    orders = []
    for epoch in range(3):
        batches = epoch_batches(session, epoch)
        assert [len(batch) for batch in batches] == [5, 5, 5, 5, 2]
        assert rows(np.concatenate(batches)) == rows(inputs(session))
        orders.append(np.concatenate(batches).tobytes())
    assert len({*orders, inputs(session).tobytes()}) == 4


def test_targets_go_with_their_inputs(session_of: Any) -> None:
    session = session_of(SPIRAL)
    pairs = set(zip(map(tuple, inputs(session).tolist()), session.dataset.targets[0].tolist(), strict=True))
    for step in range(5):
        session.seek(session.timeline.finish_of(step) + 1)
        X, Y = session.plan["X", None].array, session.plan["Y", None].array
        assert set(zip(map(tuple, X.T.tolist()), Y[0].tolist(), strict=True)) <= pairs


def test_the_last_smaller_batch_is_trained_on_by_its_own_mean(session_of: Any) -> None:
    session = session_of(SPIRAL, changes={"optimizer.kind": "sgd"})
    session.seek(session.timeline.finish_of(4))
    before = session.trainer.state.parameters.copy()
    session.seek(session.timeline.finish_of(5) - 1)
    plan = session.plan
    assert plan.examples == 2
    errors = plan["A", 2].array - plan["Y", None].array
    np.testing.assert_allclose(plan["db", 2].array, errors.sum(axis=1) / 2, rtol=1e-12)
    session.forward("step")
    np.testing.assert_allclose(session.trainer.state.parameters, before - 0.01 * session.trainer.gradient, rtol=1e-12)


def test_drop_last_leaves_the_rest_out(session_of: Any) -> None:
    session = session_of(SPIRAL, changes={"training.drop_last": True})
    assert session.trainer.steps_per_epoch == 4
    assert [len(batch) for batch in epoch_batches(session, 1)] == [5, 5, 5, 5]


def test_drop_last_does_not_leave_out_the_same_examples_every_epoch(session_of: Any) -> None:
    """Also where there is only one batch left."""
    session = session_of(SPIRAL, changes={"training.drop_last": True, "training.batch_size": 15})
    seen = {row for epoch in range(8) for batch in epoch_batches(session, epoch) for row in map(tuple, batch.tolist())}
    assert session.trainer.steps_per_epoch == 1
    assert len(seen) > 15


def test_without_shuffling_the_order_is_that_of_the_data(session_of: Any) -> None:
    session = session_of(SPIRAL, changes={"training.shuffle": False})
    for epoch in (0, 2):
        assert (np.concatenate(epoch_batches(session, epoch)) == inputs(session)).all()


def test_one_batch_of_everything_keeps_the_order_of_the_data(session_of: Any) -> None:
    for size in (0, 22, 1000):
        session = session_of(SPIRAL, changes={"training.batch_size": size})
        assert (np.concatenate(epoch_batches(session, 1)) == inputs(session)).all()


def test_the_same_seed_is_the_same_run(session_of: Any) -> None:
    first, second, other = (session_of(SPIRAL, seed) for seed in (7, 7, 8))
    assert (first.dataset.inputs == other.dataset.inputs).all()
    for session in (first, second, other):
        session.seek(session.timeline.finish_of(60))
    assert first.trainer.state == second.trainer.state
    assert first.trainer.state != other.trainer.state


def test_the_same_seed_is_the_same_run_in_another_process(session_of: Any) -> None:
    session = session_of(SPIRAL, 7)
    session.seek(session.timeline.finish_of(60))
    code = HASH.format(table=SPIRAL)
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == hashlib.sha256(session.trainer.state.vectors.tobytes()).hexdigest()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "frozen biases"])
@pytest.mark.parametrize(
    ("output", "loss"),
    [
        ("softmax", "cross_entropy"),
        ("sigmoid", "binary_cross_entropy"),
        ("softmax", "mean_squared_error"),
        ("relu", "half_squared_error"),
    ],
)
def test_every_array_has_the_precision_asked_for(
    session_of: Any, network_table: Any, dtype: str, optimizer: str, output: str, loss: str
) -> None:
    for hidden in ("identity", "sigmoid", "tanh", "relu"):
        session = session_of(network_table(hidden, output, loss, batch=3, optimizer=optimizer, dtype=dtype))
        session.forward("epoch")
        trainer = session.trainer
        assert {
            array.dtype for array in (trainer.state.vectors, trainer.gradient, trainer.delta, *trainer.examples)
        } == {np.dtype(dtype)}
        for plan in (plan for plans in trainer.plans.values() for plan in plans):
            assert {quantity.array.dtype for quantity in plan.quantities.values()} == {np.dtype(dtype)}
        assert session.evaluator.predict(np.zeros((2, 1))).dtype == dtype


def test_float32_follows_float64(session_of: Any) -> None:
    single, double = (session_of(SPIRAL, changes={"training.dtype": dtype}) for dtype in ("float32", "float64"))
    for session in (single, double):
        session.seek(session.timeline.finish_of(20))
    difference = np.abs(single.trainer.state.parameters - double.trainer.state.parameters)
    assert 0 < difference.max() < 1e-4


def test_draining_equals_walking_op_by_op(session_of: Any) -> None:
    drained, walked = session_of(SPIRAL).trainer, session_of(SPIRAL).trainer
    events = 23 * drained.events_per_step
    deque(islice(drained.walk().events, events), maxlen=0)
    stream = walked.walk().events
    kinds = [next(stream).phase for _ in range(events)]
    assert kinds.count("finish") == 23
    assert drained.state == walked.state
    assert drained.losses == walked.losses
    assert len(walked.losses) == 23


def test_what_needs_more_than_a_gigabyte_is_refused_with_its_size(session_of: Any) -> None:
    with pytest.raises(PresetError, match=r"would need [0-9.,]+ GB of memory, the limit is 1 GB"):
        session_of("xor", changes={"layers.0.units": 100_000_000})
