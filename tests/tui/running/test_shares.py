"""What can be taken out of a run: the file of each, its text, and what cannot be."""

import shlex
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

import backprop_tui
from backprop_tui import presets
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.recording.own_run import reopen
from backprop_tui.core.recording.reader import open_recording
from backprop_tui.core.recording.recorded_session import recorded_session
from backprop_tui.core.session.run_spotlight import own_spotlight
from backprop_tui.core.session.session import Session
from backprop_tui.core.sweep.work import done
from backprop_tui.core.training.parameters_file import own_arrays
from backprop_tui.core.verify.handed_in import opened as handed_in
from backprop_tui.tui.command_line.loading import load
from backprop_tui.tui.command_line.options import parse
from backprop_tui.tui.command_line.own_words import url_argument
from backprop_tui.tui.command_line.sweeping import planned_sweep
from backprop_tui.tui.panes.view import View
from backprop_tui.tui.running.run_recorder import RunRecorder
from backprop_tui.tui.running.run_screen import RunScreen
from backprop_tui.tui.running.shares import SHARES, Share

from ...core.recording.test_rebuilt import numpy_recording


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def showing(session: Session) -> RunScreen:
    """A screen that shows the session, as far as a share asks it."""
    view = View(own_spotlight(session))
    return cast(RunScreen, SimpleNamespace(session=session, view=view, recorder=RunRecorder()))


def opened(name: str, *settings: str, steps: int = 0) -> Session:
    session = Session(*load(name, settings=settings))
    session.advance(session.timeline.finish_of(steps))
    return session


@pytest.mark.parametrize(
    "share", [share for share in SHARES if share.text and share.id != "screen"], ids=lambda share: share.id
)
def test_a_file_holds_the_text_and_says_the_same(share: Share) -> None:
    assert share.text is not None
    preset = url_argument("seed=3&networkShape=2") if share.id in ("url", "answers") else "first-steps"
    screen = showing(opened(preset, steps=2))
    text, untold = share.text(screen)
    path, also = share.to_file(screen, share.proposed_name(screen))
    assert path == Path.cwd() / share.proposed_name(screen)
    assert path.read_text() == text
    assert also == untold
    with pytest.raises(PresetError, match="is there already"):
        share.to_file(screen, share.proposed_name(screen))


def test_what_cannot_be_made_is_no_file() -> None:
    url = next(share for share in SHARES if share.id == "url")
    with pytest.raises(PresetError, match="TensorFlow Playground cannot have it: data of the kind inline"):
        url.to_file(showing(opened("first-steps")), "mine.txt")
    assert not Path("mine.txt").exists()


@pytest.mark.parametrize(
    ("named", "settings"),
    [
        ("xor", ["optimizer.learning_rate=0.7"]),
        ("--url '#dataset=xor&seed=0.3'", []),
        ("numpy-class", ["training.seed=5"]),
        ("moons", ["optimizer.learning_rate=1e-300"]),
    ],
)
def test_a_sweep_is_of_this_run_at_rates_around_its_own(named: str, settings: list[str]) -> None:
    session = opened(named, *settings, steps=2)
    text, untold = next(share for share in SHARES if share.id == "sweep").text(showing(session))  # type: ignore[misc]
    _, options = parse([*shlex.split(text)[1:], "--steps", "2"])
    assert (options.command, options.seeds, untold) == ("sweep", 3, [])
    planned = planned_sweep(options)
    rates = [job.table["optimizer"]["learning_rate"] for job in planned.jobs[: len(planned.settings)]]
    own = session.preset.optimizer.learning_rate
    assert rates == sorted(set(rates))
    assert [rate / own for rate in rates] == pytest.approx([0.1, 0.3, 1, 3, 10], rel=1e-2)
    # That at its own rate, and of its own seed, is this very run.
    outcome = done(planned.jobs[2])
    assert outcome.loss == session.evaluate().training.loss


def test_weights_and_recording_are_files_alone() -> None:
    session = opened("first-steps", steps=3)
    screen = showing(session)
    known = {share.id: share for share in SHARES}
    assert known["weights"].text is known["recording"].text is None
    path, _ = known["weights"].to_file(screen, "kept.npz")
    assert np.load(path)["W1"].tobytes() == own_arrays(session.trainer)["W1"].tobytes()
    path, _ = known["recording"].to_file(screen, "run.backprop")
    again = reopen(open_recording(str(path)))
    again.seek(again.timeline.finish_of(3))
    assert own_arrays(again.trainer)["W1"].tobytes() == own_arrays(session.trainer)["W1"].tobytes()
    with pytest.raises(PresetError, match="is there already"):
        known["recording"].to_file(screen, "run.backprop")


def test_in_a_folder_that_is_gone_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = showing(opened("first-steps"))
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    known = {share.id: share for share in SHARES}
    text = known["preset"].text
    assert text is not None
    with pytest.raises(PresetError, match="the folder that this was started in is gone"):
        text(screen)
    for id in ("preset", "weights", "solution", "recording", "losses"):
        with pytest.raises(PresetError, match=r"is gone|cannot be written"):
            known[id].to_file(screen, f"mine{known[id].endings[0]}")
    path, _ = known["preset"].to_file(screen, str(tmp_path / "mine.toml"))
    assert path.exists()


def test_a_file_that_a_preset_reads_is_told_of() -> None:
    Path("p.csv").write_text("a,b,y\n1,2,0\n2,3,1\n4,1,0\n")
    preset = next(share for share in SHARES if share.id == "preset")
    path, untold = preset.to_file(showing(opened("--data p.csv")), "mine.toml")
    assert untold == ["the file p.csv, which it reads"]
    assert "# Not in it: the file p.csv, which it reads" in path.read_text()


@pytest.fixture(scope="module")
def unusual(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Session]:
    """Runs of which not everything can be taken out."""
    folder = tmp_path_factory.mktemp("runs")
    (folder / "step.json").write_text(presets.hand_in("verify-4"))
    lost = Session(*load("spiral", settings=["optimizer.kind=sgd", "optimizer.learning_rate=1e200"]))
    lost.seek(lost.timeline.finish_of(9))
    return {
        "somebody's own": recorded_session(open_recording(numpy_recording(folder / "mine.backprop"))).session,
        "handed in": handed_in(backprop_tui.verify(str(folder / "step.json")))[0],
        "lost": lost,
    }


@pytest.mark.parametrize("name", ["somebody's own", "handed in", "lost"])
def test_of_any_run_each_is_made_or_it_is_said_why_not(name: str, unusual: dict[str, Session]) -> None:
    screen, refused = showing(unusual[name]), set()
    for share in SHARES:
        if share.id == "screen":
            continue
        for make in (share.text, partial(share.to_file, name=f"{share.id}{share.endings[0]}")):
            try:
                assert make is None or make(screen)[0]
            except PresetError:
                refused.add(share.id)
    expected = {
        "somebody's own": {"preset", "command", "sweep", "url", "program", "recording"},
        "handed in": {"command", "sweep", "url", "recording"},
        "lost": {"url", "program"},
    }
    assert refused >= expected[name]
    assert not refused & {"plot", "losses"}
