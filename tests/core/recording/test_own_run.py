"""A recorded run of ours that is opened again and goes on is bit for bit the run that was never stopped."""

from pathlib import Path

import numpy as np
import pytest
from tests.share import share

from backprop_tui import presets
from backprop_tui.core.preset.preset import load_preset, parse
from backprop_tui.core.recording.own_run import apart, difference_text, reopen
from backprop_tui.core.recording.reader import open_recording
from backprop_tui.core.recording.recorder import Recorder
from backprop_tui.core.session.session import Session


def session_of(name: str, **changes: object) -> Session:
    table = parse(presets.text(name), name)
    return Session(*load_preset({**table, **changes}, name, presets.folder(), name))


def to_step(session: Session, step: int) -> None:
    session.advance(session.timeline.finish_of(step))


def assert_same(session: Session, straight: Session) -> None:
    """Position, state, curves and findings are the same."""
    assert (session.count, session.step) == (straight.count, straight.step)
    assert session.trainer.state == straight.trainer.state
    for mine, theirs in zip(session.history.losses.series(), straight.history.losses.series(), strict=True):
        assert mine.tobytes() == theirs.tobytes()
    for curve in ("gradients", "evaluations"):
        mine, theirs = getattr(session.history, curve), getattr(straight.history, curve)
        assert (mine.steps, mine.stride) == (theirs.steps, theirs.stride)
        assert [row.tobytes() for row in mine.rows] == [row.tobytes() for row in theirs.rows]
    assert session.not_finite_step == straight.not_finite_step
    assert session.findings() == straight.findings()
    assert session.diagnosis.steps == straight.diagnosis.steps


NAMES = share(
    ["exploding", "batch-norm", "overfitting"],
    [name for name in presets.names() if name != "digits"],
)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("stop", "end"), [(137, 260)])
def test_a_run_that_is_opened_again_is_the_run_that_went_on(tmp_path: Path, name: str, stop: int, end: int) -> None:
    session = session_of(name)
    with Recorder(session, tmp_path / "run.backprop") as recorder:
        to_step(session, stop // 2)
        recorder.write(records=False)
        to_step(session, stop)
    again = reopen(open_recording(tmp_path / "run.backprop"))
    straight = session_of(name)
    to_step(straight, stop)
    assert_same(again, straight)
    assert apart(open_recording(tmp_path / "run.backprop"), again) == 0
    for run in (again, straight):
        to_step(run, end)
    assert_same(again, straight)
    for run in (again, straight):
        run.seek(run.timeline.finish_of(stop - 7) + 3)
    assert again.trainer.state == straight.trainer.state
    assert again.findings() == straight.findings()


@pytest.mark.parametrize("stop", share([0, 3, 100], [0, 1, 3, 99, 100, 5003]))
def test_wherever_it_stopped(tmp_path: Path, stop: int) -> None:
    session = session_of("xor")
    with Recorder(session, tmp_path / "run.backprop"):
        to_step(session, stop)
    again, straight = reopen(open_recording(tmp_path / "run.backprop")), session_of("xor")
    to_step(straight, stop)
    assert_same(again, straight)
    for run in (again, straight):
        to_step(run, stop + 1200)
    assert_same(again, straight)


@pytest.mark.parametrize("begin", share([0, 4500], [0, 150, 4500]))
def test_recording_may_begin_and_end_anywhere(tmp_path: Path, begin: int) -> None:
    """In the middle of a step, far into a run, and where somebody has gone back."""
    session, straight = session_of("xor"), session_of("xor")
    to_step(session, begin)
    session.advance(session.count + 3)
    with Recorder(session, tmp_path / "run.backprop") as recorder:
        to_step(session, begin + 333)
        recorder.write(records=False)
        session.advance(session.count + session.timeline.length - 1)
        session.seek(session.timeline.finish_of(begin // 2) + 2)
    again = reopen(open_recording(tmp_path / "run.backprop"))
    to_step(straight, begin + 333)
    assert_same(again, straight)
    for run in (again, straight):
        to_step(run, begin + 5000)
    assert_same(again, straight)


@pytest.mark.parametrize("back", share([40], [0, 40, 4400]))
def test_edits_are_a_part_of_the_recording(tmp_path: Path, back: int) -> None:
    session = session_of("xor")
    to_step(session, 4500)
    straight = session_of("xor")
    to_step(straight, 4500 - back)
    straight = straight.branch("optimizer.learning_rate", 0.25).branch("W1[1,2]", -0.5)
    to_step(straight, 5000)
    with Recorder(session, tmp_path / "run.backprop") as recorder:
        to_step(session, 4600)
        session.seek(session.timeline.finish_of(4500 - back))
        for name, value in (("optimizer.learning_rate", 0.25), ("W1[1,2]", -0.5)):
            session = session.branch(name, value)
            recorder.follow(session)
        to_step(session, 4700)
    again = reopen(open_recording(tmp_path / "run.backprop"))
    assert again.edits == straight.edits
    to_step(again, 5000)
    assert again.trainer.state == straight.trainer.state
    assert again.findings() == straight.findings()
    assert again.history.gradients.steps[-1] == straight.history.gradients.steps[-1]


def test_a_writer_that_was_killed_leaves_what_can_be_gone_on_from(tmp_path: Path) -> None:
    session = session_of("vanishing")
    recorder = Recorder(session, tmp_path / "run.backprop")
    to_step(session, 250)
    recorder.write(records=True)
    to_step(session, 330)
    recorder.write(records=False)
    to_step(session, 400)
    again, straight = reopen(open_recording(tmp_path / "run.backprop")), session_of("vanishing")
    recorder.close()
    to_step(straight, 330)
    assert_same(again, straight)


def test_files_go_with_the_run(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "points.csv").write_text("x,y,t\n" + "".join(f"{i},{i % 3},{i % 2}\n" for i in range(20)))
    np.savez(tmp_path / "a" / "start.npz", W1=np.array([[0.1, -0.2]]), b1=np.array([0.0]))
    table = {
        "title": "mine",
        "data": {"kind": "csv", "path": "points.csv", "targets": ["t"]},
        "layers": [{"units": 1, "activation": "sigmoid"}],
        "training": {"start": "start.npz"},
    }
    session = Session(*load_preset(table, "mine.toml", tmp_path / "a", "mine"))
    with Recorder(session, tmp_path / "run.backprop"):
        to_step(session, 30)
    for path in (tmp_path / "a").iterdir():
        path.unlink()
    again = reopen(open_recording(tmp_path / "run.backprop"))
    assert again.trainer.state == session.trainer.state
    assert again.dataset.inputs.tobytes() == session.dataset.inputs.tobytes()
    again.seek(3)
    again.forward("step")


def test_other_arithmetic_is_noticed(tmp_path: Path) -> None:
    session = session_of("xor")
    with Recorder(session, tmp_path / "run.backprop") as recorder:
        to_step(session, 50)
        assert session.records.new_losses is not None
        session.records.new_losses[41] *= 1 + 2**-50
        recorder.write()
    recording = open_recording(tmp_path / "run.backprop")
    again = reopen(recording)
    here = again.trainer.state.copy()
    share = apart(recording, again)
    assert share == pytest.approx(2**-50, rel=0.2)
    assert (again.step, again.trainer.state) == (50, here)
    assert "by up to 9e-16 of the loss" in (difference_text(share) or "")
    assert difference_text(0.0) is None
