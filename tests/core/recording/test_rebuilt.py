"""Attached recordings as sessions: NumPy loops of our own here, PyTorch's where it is installed."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import backprop_tui
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.recording.reader import open_recording
from backprop_tui.core.recording.rebuilt import RebuiltSession
from backprop_tui.core.session.course import NewRunNeededError
from backprop_tui.tui import cli

NEEDS_TORCH = "PyTorch is not installed: pip install 'backprop-tui[torch]'"
EVERY = 4


def numpy_recording(
    path: Path,
    steps: int = 21,
    rate: float = 0.3,
    rates: Mapping[int, float] | None = None,
    wrong: float = 1.0,
    done: Callable[[int], object] = lambda step: None,
) -> Path:
    """A 2-3-1 network of tanh and identity, half squared error, batches of 5 and 3, examples as rows.

    The gradient of W1 is handed over `wrong` times as large as it is. `done` is called after each step.
    """
    chance = np.random.default_rng(7)
    theta = {"W1": chance.normal(size=(2, 3)), "b1": np.zeros(3), "W2": chance.normal(size=(3, 1)), "b2": np.zeros(1)}
    run = backprop_tui.watch(
        parameters=theta, activations=["tanh", "identity"], loss="half_squared_error", path=path, every=EVERY
    )
    for step in range(1, steps + 1):
        X = chance.normal(size=(5 if step % 8 else 3, 2))
        Y = X[:, :1] * X[:, 1:]
        A1 = np.tanh(X @ theta["W1"] + theta["b1"])
        dZ2 = (A1 @ theta["W2"] + theta["b2"] - Y) / len(X)
        dZ1 = dZ2 @ theta["W2"].T * (1 - A1 * A1)
        loss = float(0.5 * len(X) * np.square(dZ2).sum())
        gradients = {"W1": X.T @ dZ1, "b1": dZ1.sum(0), "W2": A1.T @ dZ2, "b2": dZ2.sum(0)}
        for name, gradient in gradients.items():
            theta[name] -= (rates or {}).get(step, rate) * gradient
        gradients["W1"] *= wrong
        run.step(loss, gradients=gradients, inputs=X, targets=Y)
        done(step)
    run.close()
    return path


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return numpy_recording(tmp_path_factory.mktemp("rebuilt") / "loop.backprop")


def walked(session: RebuiltSession) -> list[int]:
    """The positions of a walk by op from the first to the last."""
    session.seek(0)
    counts = [session.count]
    while True:
        session.forward("op")
        if session.count == counts[-1]:
            return counts
        counts.append(session.count)


def ours(session: RebuiltSession, vector: Array) -> Iterator[tuple[str, Array]]:
    for one in session.names:
        yield one.name, session.trainer.layers[one.layer - 1].parameters(vector)[one.symbol]


def check_steps(session: RebuiltSession, near: float) -> None:
    """Loss, gradients and changes of every kept step are those that were recorded."""
    recording = session.recording
    for step in session.kept:
        session.seek(session.timeline.finish_of(step) - 1)
        assert session.position.step == step
        loss = recording.loss(step)
        assert loss is not None
        assert session.plan.loss() == pytest.approx(loss, rel=near)
        for symbol, vector in (("g", session.trainer.gradient), ("Δ", session.trainer.delta)):
            for name, array in ours(session, vector):
                theirs = recording.array(step, f"{symbol}/{name}")
                assert theirs is not None
                np.testing.assert_allclose(array, theirs, rtol=0, atol=near * max(np.abs(theirs).max(), near))


def test_every_kept_step_is_computed_from_where_it_started(recorded: Path):
    session = RebuiltSession(open_recording(recorded))
    assert session.kept == [1, 4, 8, 12, 16, 20]
    assert session.preset.optimizer.learning_rate == pytest.approx(0.3)
    check_steps(session, 1e-9)
    assert session.apart(8) is not None
    assert session.apart(8).worst < 1e-12
    assert "your own gradients" in session.apart(8).text


def test_there_and_back_by_every_unit(recorded: Path):
    session = RebuiltSession(open_recording(recorded))
    assert (session.position.step, session.position.events, session.op) == (1, 0, None)
    counts = walked(session)
    assert session.position.step == 20
    ops = len(session.plan.ops)
    assert len(counts) == 1 + (ops + 1) * len(session.kept)
    back = [session.count]
    while session.count > session.timeline.first:
        session.back("op")
        back.append(session.count)
    assert back == counts[::-1]
    steps = []
    for _ in range(9):
        session.forward("step")
        assert session.at_boundary
        steps.append(session.step)
    assert steps == [1, 4, 8, 12, 16, 20, 20, 20, 20]
    session.back("step")
    assert session.step == 16


def test_a_count_between_two_kept_steps_is_the_end_of_the_first(recorded: Path):
    session = RebuiltSession(open_recording(recorded))
    for asked, found in ((10, 8), (19, 16), (500, 20), (8, 8)):
        session.seek(session.timeline.finish_of(asked))
        assert (session.step, session.position.step) == (found, found)


def test_numbers_do_not_depend_on_the_way(recorded: Path):
    session = RebuiltSession(open_recording(recorded))
    straight = {}
    for count in walked(session):
        session.seek(count)
        straight[count] = session.trainer.state.copy(), session.trainer.gradient.copy()
    for count in np.random.default_rng(3).permutation(list(straight)):
        session.seek(int(count))
        state, gradient = straight[int(count)]
        assert session.trainer.state == state
        # The gradient of what has not been computed yet is that of another step.
        if session.op is not None and session.op.phase in ("update", "finish"):
            assert session.trainer.gradient.tobytes() == gradient.tobytes()


def test_the_curves_are_those_of_the_recording(recorded: Path):
    session = RebuiltSession(open_recording(recorded))
    steps, lows, _ = session.history.losses.series()
    assert session.history.steps == 21
    assert steps.tolist() == list(range(1, 22))
    assert lows.tolist() == [session.recording.loss(step) for step in range(1, 22)]
    kept, norms = session.history.gradients.series(0)
    assert kept.tolist() == session.kept
    session.seek(session.timeline.finish_of(12) - 1)
    assert norms[3] == pytest.approx(float(np.linalg.norm(session.plan["dW", 1].array)), rel=1e-9)


def test_the_step_with_the_lowest_loss_is_one_that_is_kept(recorded: Path):
    session = RebuiltSession(open_recording(recorded))
    losses = {step: session.recording.loss(step) for step in session.kept}
    assert session.extreme_step(highest=False) == min(losses, key=losses.__getitem__)
    assert session.extreme_step(highest=True) == max(losses, key=losses.__getitem__)


def test_explain_and_check_take_a_kept_step(recorded: Path, capsys: pytest.CaptureFixture[str]):
    assert cli.main(["explain", str(recorded), "--step", "8", "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["step"], said["epoch"], said["batch"]["size"]) == (8, None, 3)
    assert said["loss"]["value"] == pytest.approx(open_recording(recorded).loss(8), rel=1e-12)
    assert cli.main(["explain", str(recorded), "--step", "8"]) == 0
    said_in_text = capsys.readouterr()
    assert "epoch" not in said_in_text.out
    assert said_in_text.err == ""
    assert cli.main(["check", str(recorded), "--step", "4", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["passed"]
    assert cli.main(["explain", str(recorded), "--step", "9"]) == 2
    assert "4, 8, 12, 16" in capsys.readouterr().err
    assert cli.main(["check", str(recorded), "--set", "seed=3"]) == 2
    assert "leave out --set" in capsys.readouterr().err


def test_a_rate_that_changes_is_that_of_each_step(tmp_path: Path):
    path = numpy_recording(tmp_path / "loop.backprop", rates={8: 0.1, 9: 0.1, 16: 0.05})
    session = RebuiltSession(open_recording(path))
    check_steps(session, 1e-9)
    session.seek(session.timeline.finish_of(16))
    assert session.preset.optimizer.learning_rate == pytest.approx(0.05)


def test_a_wrong_gradient_is_told_by_how_far_it_is_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    session = RebuiltSession(open_recording(numpy_recording(tmp_path / "loop.backprop", wrong=2.0)))
    assert session.kept == [1, 4, 8, 12, 16, 20]
    found = session.apart(12)
    assert found is not None
    assert (found.parameter, found.worst) == ("W1", pytest.approx(1.0))
    assert session.preset.optimizer.learning_rate == pytest.approx(0.3)
    assert cli.main(["explain", str(session.recording.path), "--step", "12"]) == 0
    assert "your own gradients" in capsys.readouterr().err


def test_what_was_recorded_is_not_changed(recorded: Path):
    session = RebuiltSession(open_recording(recorded))
    with pytest.raises(NewRunNeededError, match="recording"):
        session.branch("optimizer.learning_rate", 0.5)


def test_the_gradients_of_a_kept_step_pass_the_check(recorded: Path):
    from backprop_tui.core.proof.gradient_check import GradientCheck

    session = RebuiltSession(open_recording(recorded))
    session.seek(session.timeline.finish_of(8) - 1)
    check = GradientCheck(session.rehearse())
    check.advance()
    assert check.result().passed


def test_momentum_that_nobody_told_is_not_taken_for_plain_descent(tmp_path: Path):
    """Changes that are no multiple of the gradients are of an optimizer that arrays do not tell."""
    theta = {"W1": np.array([[1.0, -0.5]]), "b1": np.zeros(1)}
    run = backprop_tui.watch(
        parameters=theta, activations=["identity"], loss="mse", path=tmp_path / "m.backprop", every=1
    )
    X, Y = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([[1.0], [0.0]])
    velocity = {name: np.ones_like(array) for name, array in theta.items()}
    for _ in range(4):
        dZ = (X @ theta["W1"].T + theta["b1"] - Y) * 2 / len(X)
        gradients = {"W1": dZ.T @ X, "b1": dZ.sum(0)}
        loss = float(np.square(X @ theta["W1"].T + theta["b1"] - Y).mean())
        for name, gradient in gradients.items():
            velocity[name] = 0.9 * velocity[name] + gradient
            theta[name] -= 0.01 * velocity[name]
        run.step(loss, gradients=gradients, inputs=X, targets=Y)
    run.close()
    with pytest.raises(PresetError, match="optimizer is not known"):
        RebuiltSession(open_recording(run.path))


def test_new_steps_of_a_live_recording_are_taken_in(recorded: Path, tmp_path: Path):
    longer = numpy_recording(tmp_path / "longer.backprop", steps=41)
    session = RebuiltSession(open_recording(recorded))
    session.seek(session.timeline.finish_of(12) - 3)
    session.recording = open_recording(longer)
    other = session.refreshed()
    assert other.kept[-1] == 40
    assert (other.count, other.position.step) == (session.count, 12)


# PyTorch


def torch_recording(path: Path, kind: str) -> Path:
    torch = pytest.importorskip("torch", reason=NEEDS_TORCH)
    nn, optim = torch.nn, torch.optim
    torch.manual_seed(3)
    networks: dict[str, Any] = {
        "sgd": (nn.Sequential(nn.Linear(2, 6), nn.ReLU(), nn.Linear(6, 3)), lambda p: optim.SGD(p, lr=0.1)),
        "adam": (nn.Sequential(nn.Linear(2, 6), nn.Tanh(), nn.Linear(6, 3)), lambda p: optim.Adam(p, lr=0.02)),
        "nesterov": (
            nn.Sequential(nn.Linear(2, 6), nn.GELU(), nn.Linear(6, 3)),
            lambda p: optim.SGD(p, lr=0.1, momentum=0.8, nesterov=True, weight_decay=0.01),
        ),
        "norm": (
            nn.Sequential(nn.Linear(2, 6, bias=False), nn.BatchNorm1d(6), nn.SiLU(), nn.Dropout(0.3), nn.Linear(6, 3)),
            lambda p: optim.RMSprop(p, lr=0.01),
        ),
        "clipped": (nn.Sequential(nn.Linear(2, 6), nn.ELU(), nn.Linear(6, 3)), lambda p: optim.Adagrad(p, lr=0.1)),
    }
    model, optimizer_of = networks[kind]
    model = model.double()
    optimizer = optimizer_of(model.parameters())
    schedule = optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
    loss_function = nn.CrossEntropyLoss()
    X = torch.randn(40, 2, dtype=torch.float64)
    classes = (X[:, 0] > 0).long() + (X[:, 1] > 0).long()
    run = backprop_tui.watch(model, optimizer, loss=loss_function, path=path, every=EVERY)
    for step in range(17):
        rows = slice(5 * (step % 8), 5 * (step % 8) + (5 if step % 5 else 3))
        optimizer.zero_grad()
        loss = loss_function(model(X[rows]), classes[rows])
        loss.backward()
        if kind == "clipped":
            nn.utils.clip_grad_norm_(model.parameters(), 0.05)
        optimizer.step()
        run.step(loss)
        schedule.step()
    run.close()
    return path


@pytest.mark.parametrize("kind", ["sgd", "adam", "nesterov", "norm", "clipped"])
def test_a_torch_training_is_gone_through(kind: str, tmp_path: Path):
    """Moments, schedules, masks, running statistics and clipping: each kept step goes as PyTorch's did."""
    session = RebuiltSession(open_recording(torch_recording(tmp_path / "t.backprop", kind)))
    assert session.kept == [1, 4, 8, 12, 16]
    for step in session.kept:
        session.seek(session.timeline.finish_of(step) - 1)
        loss = session.recording.loss(step)
        assert session.plan.loss() == pytest.approx(loss, rel=1e-9)
        for name, array in ours(session, session.trainer.delta):
            theirs = session.recording.array(step, f"Δ/{name}")
            np.testing.assert_allclose(array, theirs, rtol=0, atol=1e-6 * np.abs(theirs).max())
        distance = session.apart(step)
        assert distance is not None
        # Where gradients were clipped, how much by is known to fewer digits.
        assert distance.worst < (1e-3 if kind == "clipped" else 1e-10)
        assert "PyTorch" in distance.text
