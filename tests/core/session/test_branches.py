"""Branches of a run: a change starts one at the last step boundary, and no number there differs from a straight run."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.again import step_again
from backprop_tui.core.session.course import NewRunNeededError
from backprop_tui.core.session.edits import Edit
from backprop_tui.core.session.session import Session

from ... import random_walks
from ...share import share

Table = dict[str, Any]
WALKS = share(len(random_walks.names()), 5000)
CHANGES: dict[str, list[tuple[str, Any]]] = {
    "learning rate": [("optimizer.learning_rate", 0.3)],
    "kind and back": [("optimizer.kind", "adam"), ("optimizer.kind", "sgd")],
    "moments of another kind": [("optimizer.kind", "momentum"), ("optimizer.kind", "adam")],
    "moments kept": [("optimizer.kind", "adam"), ("optimizer.beta1", 0.5)],
    "l2": [("optimizer.l2", 0.1)],
    "weight decay": [("optimizer.weight_decay", 0.1)],
    "clipping by value": [("optimizer.clip_value", 1e-3)],
    "dropout": [("layers.0.dropout", 0.6)],
    "activation": [("layers.1.activation", "tanh")],
    "weight": [("W2[1,3]", -2.0)],
    "bias": [("b1[2]", 0.75)],
    "gamma": [("gamma1[1]", 3.0)],
    "no shuffling": [("training.shuffle", False)],
}


def table(**more: Any) -> Table:
    """Batch norm, dropout, batches of 3 of seven examples."""
    return {
        "title": "Changed",
        "data": {"kind": "spiral", "samples": 10, "train_ratio": 0.7, "noise": 0.1},
        "layers": [
            {"units": 3, "activation": "relu", "batch_norm": True, "dropout": 0.25},
            {"units": 3, "activation": "relu", "residual": True},
            {"units": 1, "activation": "sigmoid"},
        ],
        "optimizer": {"kind": "sgd", "learning_rate": 0.05},
        "training": {"batch_size": 3},
        **more,
    }


def at_step(session: Session, step: int) -> Session:
    session.seek(session.timeline.finish_of(step))
    return session


# Random walks


LARGEST = "digits"
"""Its walks take as long as those of all others; digits-8x8 has mini-batches of images too."""
MOST_MORE = 5


WALKED = [name for name in random_walks.names()[share(1, 0) :: share(2, 1)] if name != share(LARGEST, "")]
"""By default each second: random edits begin with the others."""


@pytest.mark.parametrize("name", WALKED)
def test_random_walks_never_show_a_number_that_differs_from_a_straight_run(name: str) -> None:
    done = [random_walks.walk(name, seed) for walked, seed in random_walks.walks(WALKS) if walked == name]
    # A walk more where by chance none of these has a branch.
    for seed in range(WALKS, WALKS + MOST_MORE):
        if all(len(walk.branches) == 1 for walk in done):
            done.append(random_walks.walk(name, seed))
    assert any(len(walk.branches) > 1 for walk in done)
    assert sum(len(walk.found) for walk in done) >= 4 * len(done)


def test_a_walk_finds_a_snapshot_that_is_a_bit_off() -> None:
    done = random_walks.walk("xor", 1)
    branch = done.branches[0]
    parameters = branch.snapshots.states[0].parameters
    parameters[0] = np.nextafter(parameters[0], 9)
    with pytest.raises(AssertionError, match="snapshot of step"):
        random_walks.compare(done, *random_walks.loaded("xor"), branch.seed)


# Single changes


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_a_changed_run_is_a_straight_run_with_that_change(session_of: Any, changes: list[tuple[str, Any]]) -> None:
    """Three steps before each change, which are in the middle of an epoch, and five behind the last."""
    unchanged = at_step(session_of(table(), 2), 3 * len(changes) + 5)
    session, edits = session_of(table(), 2), []
    assert session.trainer.sizes == [3, 3, 1]
    for number, (name, value) in enumerate(changes, 1):
        at_step(session, 3 * number)
        edits.append(Edit(3 * number, name, value))
        session = session.branch(name, value)
    assert session.edits == tuple(edits)
    end = at_step(session, 3 * len(changes) + 5).count
    straight = Session(unchanged.preset, unchanged.dataset, 2, tuple(edits))
    straight.advance(end)
    assert random_walks.digest(session) == random_walks.digest(straight)
    assert random_walks.same_curves(session.history, straight.history)
    assert session.trainer.state.parameters.tobytes() != unchanged.trainer.state.parameters.tobytes()
    # Back before the change it is the run as it was.
    at_step(session, 2)
    session.forward("op")
    unchanged.seek(session.count)
    assert random_walks.digest(session) == random_walks.digest(unchanged)


def test_the_run_that_a_branch_came_from_stays_as_it_is(session_of: Any) -> None:
    session = at_step(session_of(table()), 8)
    end = random_walks.digest(session)
    at_step(session, 3)
    session.forward("op")
    here = random_walks.digest(session)
    branch = session.branch("optimizer.learning_rate", 1.0)
    at_step(branch, 8)
    assert random_walks.digest(branch) != end
    assert random_walks.digest(session) == here
    at_step(session, 8)
    assert random_walks.digest(session) == end


def test_a_branch_begins_at_the_last_step_boundary(session_of: Any) -> None:
    session = at_step(session_of(table()), 4)
    session.forward("phase")
    branch = session.branch("W1[1,1]", 0.5)
    assert (branch.step, branch.count) == (4, session.timeline.finish_of(4))
    assert branch.trainer.layers[0].weights(branch.trainer.state.parameters)[0, 0] == 0.5


def test_where_a_change_was_made_nothing_of_the_new_step_is_computed_yet(session_of: Any) -> None:
    branch = at_step(session_of(table()), 4).branch("W1[1,1]", 0.5)
    for session in (branch, at_step(at_step(branch, 7), 4)):
        assert (session.step, session.at_boundary, session.events) == (4, True, 0)
        known = {quantity.symbol for quantity in session.plan.quantities.values() if session.computed(quantity)}
        assert known == {"W", "b", "γ", "β"}
        assert all(measured.gradient is None for measured in session.measure())


def test_a_later_change_of_the_same_thing_at_the_same_place_replaces_the_first(session_of: Any) -> None:
    session = at_step(session_of(table()), 2).branch("W1[1,1]", 0.5).branch("optimizer.l2", 0.1).branch("W1[1,1]", 1.5)
    assert [str(edit) for edit in session.edits] == ["optimizer.l2 = 0.1", "W1[1,1] = 1.5"]
    assert session.trainer.layers[0].weights(session.trainer.state.parameters)[0, 0] == 1.5
    assert session.preset.optimizer.l2 == 0.1


def test_changes_later_than_here_are_not_taken_along(session_of: Any) -> None:
    session = at_step(session_of(table()), 6).branch("optimizer.l2", 0.1)
    at_step(session, 2)
    assert session.branch("optimizer.l1", 0.2).edits == (Edit(2, "optimizer.l1", 0.2),)


def test_the_test_loss_where_a_weight_was_changed_is_that_with_the_weight(session_of: Any) -> None:
    session = session_of(table())
    step = session.history.evaluations.stride
    at_step(session, step)
    before = session.history.evaluations.rows[-1][0]
    branch = session.branch("b3[1]", 2.0)
    assert branch.history.evaluations.steps == [0, step]
    assert branch.history.evaluations.rows[-1][0] == branch.evaluate().test.loss  # type: ignore[union-attr]
    assert branch.history.evaluations.rows[-1][0] != before


def test_a_branch_of_a_run_that_is_not_finite_any_more_knows_it(session_of: Any) -> None:
    session = at_step(session_of("linear-neuron", changes={"optimizer.learning_rate": 1e6}), 40)
    branch = session.branch("optimizer.learning_rate", 0.1)
    assert session.not_finite_step is not None
    assert branch.not_finite_step == session.not_finite_step
    assert branch.diverged
    assert at_step(session, 5).branch("optimizer.learning_rate", 0.1).not_finite_step is None


def test_a_setting_that_becomes_none_has_its_default_again(session_of: Any) -> None:
    session = at_step(session_of(table(), changes={"optimizer.clip_value": 1e-3}), 2)
    branch = session.branch("optimizer.clip_value", None)
    assert branch.preset.optimizer.clip_value is None
    assert "clip_value" not in branch.preset.table["optimizer"]
    free = at_step(session_of(table()), 2)
    assert branch.plan.find("g(W)", 1) is None
    assert free.plan.find("g(W)", 1) is None


def test_without_an_optimizer_in_the_file_its_settings_can_be_changed(session_of: Any) -> None:
    bare = {key: value for key, value in table().items() if key != "optimizer"}
    branch = at_step(session_of(bare), 2).branch("optimizer.kind", "adam")
    assert (branch.preset.optimizer.kind, branch.preset.optimizer.learning_rate) == ("adam", 0.1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("layers.2.units", 2),
        ("layers.2.units", 3),
        ("layers.1.repeat", 2),
        ("layers.0.batch_norm", False),
        ("layers.0.dropout", 0.0),
        ("training.batch_size", 4),
        ("training.dtype", "float32"),
        ("layers.0.init", "zeros"),
        ("layers.0.gamma", [1.0, 2.0, 3.0]),
        ("loss.kind", "mean_squared_error"),
        ("data.noise", 0.2),
        ("data.samples", 12),
        ("seed", 4),
    ],
)
def test_what_shapes_a_run_takes_a_new_one(session_of: Any, name: str, value: Any) -> None:
    session = at_step(session_of(table()), 3)
    with pytest.raises(NewRunNeededError, match="takes a new run from the start"):
        session.branch(name, value)
    assert session.edits == ()


def test_another_output_that_tells_the_classes_otherwise_takes_a_new_run(session_of: Any) -> None:
    """Targets of a two-class set are 0 and 1, but −1 and 1 where the output is tanh."""
    own = table(loss={"kind": "mean_squared_error"})
    with pytest.raises(NewRunNeededError):
        session_of(own).branch("layers.2.activation", "tanh")
    assert session_of(own).branch("layers.2.activation", "identity").preset.layers[-1].activation == "identity"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("optimizer.learning_rate", 0, "above 0"),
        ("optimizer.learning_rat", 0.1, "learning_rate"),
        ("optimizer.kind", "adan", "adam"),
        ("layers.7.slope", 0.1, "layers.0 to layers.2"),
        ("loss.kind", "cross_entropy", "softmax"),
        ("layers.2.activation", "softmax", "2 or more with softmax"),
        ("W1[1,9]", 0.1, "inputs 1 to 2"),
        ("W1[1,1]", "a", "finite number"),
        ("W1[1,1]", float("inf"), "finite number"),
        ("W1[1,1]", True, "finite number"),
        ("b9[1]", 0.0, "layers 1 to 3"),
    ],
)
def test_a_wrong_change_says_what_is_wrong(session_of: Any, name: str, value: Any, message: str) -> None:
    with pytest.raises(PresetError, match=message) as caught:
        session_of(table()).branch(name, value)
    assert not isinstance(caught.value, NewRunNeededError)
    assert "\n" not in str(caught.value)


def test_targets_that_the_loss_cannot_have_are_refused_on_the_way(session_of: Callable[..., Session]) -> None:
    own = {
        "title": "Own",
        "data": {"kind": "inline", "inputs": [[1.0]], "targets": [[2.0]]},
        "layers": [{"units": 1, "activation": "sigmoid"}],
        "loss": {"kind": "mean_squared_error"},
    }
    with pytest.raises(PresetError, match="needs targets from 0 to 1"):
        session_of(own).branch("loss.kind", "binary_cross_entropy")


AGAIN = ["moments of another kind", "dropout", "learning rate", "weight"]


@pytest.mark.parametrize("name", AGAIN[: share(2, None)])
def test_the_step_in_view_again_is_what_it_was(session_of: Callable[..., Session], name: str) -> None:
    """From within a step and from its end, behind edits and at the very boundary of one; the session stays as it is."""
    session = session_of(table())
    session.seek(session.timeline.finish_of(6))
    for path, value in CHANGES[name]:
        session = session.branch(path, value)
        session.seek(session.timeline.finish_of(session.step + 150))
    length = session.timeline.length
    for count in (session.count, session.count - 3, 6 * length, 6 * length + 1, 1, 0, 156 * length, 130 * length + 4):
        session.seek(count)
        end = session.timeline.finish_of(session.position.step) - 1
        again = step_again(session)
        while not again.approach(end, 0.0):
            assert again.count < end
        assert session.count == count
        straight = session.twin()
        straight.seek(end)
        assert again.position == straight.position
        for symbol, layer in straight.plan.quantities:
            one, other = again.plan[symbol, layer].array, straight.plan[symbol, layer].array
            assert one.tobytes() == other.tobytes(), (symbol, layer)
        assert again.trainer.state == straight.trainer.state
