"""Recording the run in view, and opening what was recorded as the same run."""

import asyncio
import sys
from pathlib import Path

import numpy as np
import pytest
from textual.widgets import Input

from backprop_tui.core.recording.own_run import reopen
from backprop_tui.core.recording.reader import open_recording
from backprop_tui.core.recording.recorded_session import recorded_session
from backprop_tui.core.recording.recorder import Recorder
from backprop_tui.core.session.edits import Edit
from backprop_tui.core.session.session import Session
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.command_line.loading import load
from backprop_tui.tui.running.run_recorder import RunRecorder, goes_on, shared_steps
from backprop_tui.tui.training_screen import TrainingScreen

from ..run_pilot import AppPilot, screen_of, text, until

ROOMY = (120, 36)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def files() -> list[Path]:
    return sorted(Path("runs").glob("*.backprop"))


async def go_to_step(pilot: AppPilot, step: int) -> None:
    await pilot.press("colon")
    await until(lambda: bool(pilot.app.screen.query(Input)))
    await pilot.press(*str(step), "enter")
    await until(lambda: isinstance(pilot.app.screen, TrainingScreen) and screen_of(pilot).session.step == step)


async def test_f_records_the_run_in_view_and_what_was_recorded_opens_where_it_stopped() -> None:
    app = BackpropApp(AppRequest("xor"))
    async with app.run_test(size=ROOMY) as pilot:
        await until(lambda: isinstance(app.screen, TrainingScreen))
        await go_to_step(pilot, 30)
        await pilot.press("f")
        await until(lambda: "recording to runs" in text(pilot, "counters"))
        assert "recording" in text(pilot, "status")
        assert len(files()) == 1
        await go_to_step(pilot, 70)
        await pilot.press("f")
        await until(lambda: "recorded up to step 70" in text(pilot, "counters"))
        assert "recording" not in text(pilot, "status")
        straight = screen_of(pilot).session
    found = recorded_session(open_recording(files()[0]))
    assert (found.session.step, found.note) == (70, "")
    again = BackpropApp(AppRequest(), recording=found)
    async with again.run_test(size=ROOMY) as pilot:
        await until(lambda: isinstance(again.screen, TrainingScreen))
        session = screen_of(pilot).session
        for step in (12, 70, 90):
            await go_to_step(pilot, step)
            straight.seek(straight.timeline.finish_of(step))
            assert np.array_equal(session.trainer.state.parameters, straight.trainer.state.parameters)
        assert np.array_equal(session.history.losses.series()[1], straight.history.losses.series()[1])


async def test_leaving_the_app_leaves_a_whole_file() -> None:
    app = BackpropApp(AppRequest("xor"))
    async with app.run_test(size=ROOMY) as pilot:
        await until(lambda: isinstance(app.screen, TrainingScreen))
        await pilot.press("f")
        await until(lambda: screen_of(pilot).recorder.running)
        await go_to_step(pilot, 25)
        await pilot.press("q")
        await until(lambda: app.return_code == 0)
    recording = open_recording(files()[0])
    assert recording.losses.count == 25
    assert recording.meta["ended"] is not None
    assert not Path(f"{files()[0]}-wal").exists()


async def test_where_nothing_can_be_written_it_says_so() -> None:
    Path("runs").write_text("no folder")
    app = BackpropApp(AppRequest("xor"))
    async with app.run_test(size=ROOMY) as pilot:
        await until(lambda: isinstance(app.screen, TrainingScreen))
        await pilot.press("f")
        await until(lambda: "not recorded" in text(pilot, "counters"))
        assert not screen_of(pilot).recorder.running


def test_a_branch_goes_on_in_the_file_and_another_run_ends_it() -> None:
    session = Session(*load("xor"))
    session.advance_steps(20)
    recorder = RunRecorder()
    assert recorder.start(session).startswith("recording to runs")
    session.seek(session.timeline.finish_of(12))
    branch = session.branch("optimizer.learning_rate", 0.3)
    assert recorder.follow(branch) == ""
    branch.advance_steps(10)
    assert recorder.follow(Session(*load("xor"), seed=77)).startswith("another run is in view, so recording ended")
    assert not recorder.running
    again = reopen(open_recording(files()[0]))
    assert (again.step, again.edits) == (22, branch.edits)
    assert np.array_equal(again.trainer.state.parameters, branch.trainer.state.parameters)


def test_runs_are_the_same_up_to_the_first_edit_that_one_has_alone() -> None:
    first, second, third = Edit(5, "optimizer.learning_rate", 0.1), Edit(9, "W1[1,1]", 0.0), Edit(7, "W1[1,1]", 1.0)
    assert shared_steps((first,), (first,)) == float("inf")
    assert shared_steps((first, second), (first,)) == 9
    assert shared_steps((first, second), (third,)) == 5
    session = Session(*load("xor"))
    session.advance_steps(6)
    branch = session.branch("optimizer.learning_rate", 0.3)
    assert goes_on(session, branch)
    branch.advance_steps(1)
    # Step 7 of the branch is not that of the run.
    assert not goes_on(session, branch)


WRITER = """
import sys
from backprop_tui.core.recording.recorder import Recorder
from backprop_tui.core.session.session import Session
from backprop_tui.tui.command_line.loading import load
session = Session(*load("xor"))
session.advance_steps(10)
with Recorder(session, "live.backprop") as recorder:
    print("begun", flush=True)
    for line in sys.stdin:
        session.advance_steps(15)
        recorder.write()
        print(session.step, flush=True)
"""


async def written(folder: Path) -> tuple[asyncio.subprocess.Process, BackpropApp]:
    """A process that has begun to record a run, and an app with that recording."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", WRITER, stdin=pipe, stdout=pipe, cwd=folder)
    assert process.stdout is not None
    await process.stdout.readline()
    return process, BackpropApp(AppRequest(), recording=recorded_session(open_recording("live.backprop")))


async def test_a_run_of_ours_that_another_process_records_is_followed(tmp_path: Path) -> None:
    process, app = await written(tmp_path)
    assert process.stdin is not None
    assert process.stdout is not None
    async with app.run_test(size=ROOMY) as pilot:
        await until(lambda: isinstance(app.screen, TrainingScreen) and "live" in text(pilot, "status"))
        assert screen_of(pilot).session.step == 10
        process.stdin.write(b"\n")
        await process.stdout.readline()
        await until(lambda: screen_of(pilot).session.step == 25 and "live" in text(pilot, "status"))
        await pilot.press("3", "left")
        await until(lambda: "live" not in text(pilot, "status"))
        process.stdin.write(b"\n")
        await process.stdout.readline()
        looked = screen_of(pilot).session
        await pilot.press("end")
        await until(lambda: screen_of(pilot).session.step == 40)
        assert screen_of(pilot).session is not looked
        process.stdin.close()
        await process.wait()
        await until(lambda: "live" not in text(pilot, "status"))


@pytest.mark.parametrize("killed", [False, True])
async def test_what_a_writer_wrote_last_is_shown_when_it_has_come_to_its_end(tmp_path: Path, killed: bool) -> None:
    process, app = await written(tmp_path)
    assert process.stdin is not None
    assert process.stdout is not None
    async with app.run_test(size=ROOMY) as pilot:
        await until(lambda: isinstance(app.screen, TrainingScreen) and "live" in text(pilot, "status"))
        screen = screen_of(pilot)
        # Between two looks at the file it is written to, and ends.
        screen.next_look = float("inf")
        process.stdin.write(b"\n")
        await process.stdout.readline()
        if killed:
            process.kill()
        else:
            process.stdin.close()
        await process.wait()
        await until(lambda: "live" not in text(pilot, "status"))
        assert screen.session.step == 10
        screen.next_look = 0.0
        await until(lambda: screen_of(pilot).session.step == 25)
        await until(lambda: screen_of(pilot).all_read)
        assert "paused" in text(pilot, "status")


def test_what_the_arithmetic_of_another_machine_gave_is_noted(tmp_path: Path) -> None:
    session = Session(*load("xor"))
    with Recorder(session, tmp_path / "run.backprop") as recorder:
        session.advance_steps(5)
        assert recorder.session.records.new_losses is not None
        recorder.session.records.new_losses[-1] *= 1 + 1e-12
    found = recorded_session(open_recording(tmp_path / "run.backprop"))
    assert "this machine's arithmetic differs" in found.note
