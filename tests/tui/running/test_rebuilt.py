"""Somebody's own training, whose network is one of ours, on the training screen: what can be asked, and what cannot."""

import asyncio
import csv
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from textual.widgets import Input

from backprop_tui.core.recording.reader import open_recording
from backprop_tui.core.recording.rebuilt import FIXED, RebuiltSession
from backprop_tui.core.recording.recorded_diagnosis import diagnose_recording
from backprop_tui.core.recording.recorded_session import recorded_session
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.drawing.strips import text_of
from backprop_tui.tui.panes.drawn import Drawn
from backprop_tui.tui.recording.findings import FindingsScreen
from backprop_tui.tui.running.pictures import gradients_csv, gradients_svg, loss_csv, loss_svg
from backprop_tui.tui.training_screen import TrainingScreen

from ...core.recording.test_rebuilt import EVERY, numpy_recording
from ..run_pilot import AppPilot, screen_of, text, until

ROOMY = (120, 36)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return numpy_recording(tmp_path_factory.mktemp("runs") / "mine.backprop")


@asynccontextmanager
async def shown(path: Path) -> AsyncIterator[AppPilot]:
    app = BackpropApp(AppRequest(), recording=recorded_session(open_recording(path)))
    async with app.run_test(size=ROOMY) as pilot:
        await until(lambda: isinstance(app.screen, TrainingScreen) and bool(screen_of(pilot).pane("data").lines))
        yield pilot


def well(pilot: AppPilot) -> bool:
    """Whether every pane is drawn, and nothing has failed."""
    panes = [pane for pane in screen_of(pilot).query(Drawn) if pane.display]
    return not pilot.app.failures and all(  # type: ignore[attr-defined]
        "not drawn" not in text(pilot, pane.id or "") for pane in panes
    )


async def test_it_opens_at_its_end_and_says_how_far_gradients_are_apart(path: Path) -> None:
    async with shown(path) as pilot:
        session = screen_of(pilot).session
        assert isinstance(session, RebuiltSession)
        assert session.count == session.end_count
        assert "gradients and those computed here" in text(pilot, "counters")
        assert text(pilot, "loss").startswith("kept ")
        assert f"kept {len(session.kept)} of {len(session.kept)}" in text(pilot, "status")
        assert well(pilot)
        for key in ("left", "left", "4", "left", "home", "right", "end", "1", "left"):
            await pilot.press(key)
            await pilot.pause()
            assert well(pilot), key
        assert screen_of(pilot).session.position.step in session.kept


async def test_the_views_of_the_data_are_those_of_the_kept_batches(path: Path) -> None:
    async with shown(path) as pilot:
        screen = screen_of(pilot)
        screen.pane("data").focus()
        for expected in ("neuron 1 of layer 1", "layer ", "measures", "most wrong first: 1 of", "about the data"):
            await pilot.press("m")
            await pilot.pause()
            assert text(pilot, "data").startswith(expected)
            assert well(pilot)
            if expected.startswith("most"):
                await pilot.press("down", "enter")
                await pilot.pause()
                assert "in the spotlight: example" in screen.notice
                assert screen.session.position.step in screen.session.kept  # type: ignore[attr-defined]


async def test_a_step_that_was_not_kept_leads_to_the_one_before(path: Path) -> None:
    async with shown(path) as pilot:
        session = screen_of(pilot).session
        assert isinstance(session, RebuiltSession)
        missing = next(step for step in range(session.kept[0], session.kept[-1]) if step not in session.kept)
        await pilot.press("colon")
        await until(lambda: bool(pilot.app.screen.query(Input)))
        await pilot.press(*str(missing), "enter")
        before = max(step for step in session.kept if step < missing)
        await until(lambda: isinstance(pilot.app.screen, TrainingScreen) and session.position.step == before)
        assert session.position.finished
        assert well(pilot)


async def test_playing_ends_where_the_recording_ends(path: Path) -> None:
    async with shown(path) as pilot:
        await pilot.press("space")
        await until(lambda: "here the recording ends" in text(pilot, "counters"))
        await pilot.press("home", "4", *["plus"] * 13, "space")
        session = screen_of(pilot).session
        await until(lambda: session.at_end and not screen_of(pilot).playback.running)
        assert well(pilot)


async def test_what_would_change_the_run_is_refused(path: Path) -> None:
    async with shown(path) as pilot:
        for key in ("r", "R", "e", "c", "b"):
            screen_of(pilot).notice = ""
            await pilot.press(key)
            await until(lambda: FIXED[:40] in text(pilot, "counters"))
        await pilot.press("f")
        await until(lambda: "it is a recording already" in text(pilot, "counters"))
        assert not screen_of(pilot).recorder.running


async def test_what_was_found_in_the_recording_is_told(path: Path) -> None:
    async with shown(path) as pilot:
        await pilot.press("d")
        await until(lambda: isinstance(pilot.app.screen, FindingsScreen) and bool(pilot.app.screen.sheet.lines))
        page = pilot.app.screen
        assert isinstance(page, FindingsScreen)
        told = " ".join(text_of(strip) for strip in page.sheet.lines)
        found = diagnose_recording(open_recording(path)).findings
        assert all(finding.evidence.split(":")[0][:40] in " ".join(told.split()) for finding in found)
        assert "up to step" in told
        await pilot.press("d")
        await until(lambda: isinstance(pilot.app.screen, TrainingScreen))


async def test_every_view_and_page_of_a_kept_step(path: Path) -> None:
    async with shown(path) as pilot:
        await pilot.press("4", "left", "left", "3", "right", "right", "right")
        await pilot.pause()
        for key in ("v", "v", "v", "v", "v", "v", "w", "w", "w", "w", "shift+down", "l"):
            await pilot.press(key)
            await pilot.pause()
            assert well(pilot), key
        for key in ("g", "t", "p", "s", "question_mark"):
            await pilot.press(key)
            await until(lambda: not isinstance(pilot.app.screen, TrainingScreen))
            await pilot.pause()
            await pilot.press("escape")
            await until(lambda: isinstance(pilot.app.screen, TrainingScreen))
            assert well(pilot), key


async def test_the_worked_solution_of_a_kept_step_is_exported(path: Path, tmp_path: Path) -> None:
    async with shown(path) as pilot:
        await pilot.press("x")
        await until(lambda: bool(pilot.app.screen.query(Input)))
        pilot.app.screen.query_one(Input).value = str(tmp_path / "step.txt")
        await pilot.press("enter")
        await until(lambda: (tmp_path / "step.txt").exists() and isinstance(pilot.app.screen, TrainingScreen))
        session = screen_of(pilot).session
        assert f"step {session.position.step}" in (tmp_path / "step.txt").read_text().lower()
        assert well(pilot)


WRITER = """
import sys
from pathlib import Path
from tests.core.recording.test_rebuilt import EVERY, numpy_recording
def done(step):
    if step % EVERY == 0:
        print(step, flush=True)
        sys.stdin.readline()
numpy_recording(Path(sys.argv[1]), steps=4 * EVERY, done=done)
"""


async def test_somebodys_training_is_followed_while_it_runs_and_gone_through_meanwhile(tmp_path: Path) -> None:
    path, pipe = tmp_path / "live.backprop", asyncio.subprocess.PIPE
    root = Path(__file__).parents[3]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, str(path), stdin=pipe, stdout=pipe, cwd=root
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for _ in range(2):
        await process.stdout.readline()
        process.stdin.write(b"\n")
    await process.stdout.readline()
    async with shown(path) as pilot:
        assert screen_of(pilot).session.position.step == 3 * EVERY
        await until(lambda: "live" in text(pilot, "status"))
        process.stdin.write(b"\n")
        await process.stdout.readline()
        await until(lambda: screen_of(pilot).session.position.step == 4 * EVERY)
        await pilot.press("1", "left", "left")
        await until(lambda: "live" not in text(pilot, "status"))
        assert "dW" in text(pilot, "chain-rule") or "update" in text(pilot, "chain-rule")
        assert well(pilot)
        process.stdin.write(b"\n")
        await process.wait()
        await pilot.press("end")
        await until(lambda: screen_of(pilot).session.count == screen_of(pilot).session.end_count)  # type: ignore[attr-defined]
        assert well(pilot)


async def test_pictures_and_tables_have_the_recorded_losses(path: Path) -> None:
    async with shown(path) as pilot:
        screen = screen_of(pilot)
        session, recording = screen.session, open_recording(path)
        text_of_losses, _ = loss_csv(session, screen.view)
        head, *rows = csv.reader(StringIO(text_of_losses))
        place = next(at for at, name in enumerate(head) if name in ("batch", "train"))
        known = [(int(row[0]), float(row[place])) for row in rows if row[place]]
        assert known
        assert all(loss == recording.loss(step) for step, loss in known)
        pictures = [loss_svg(session, screen.view)[0], gradients_svg(session)[0]]
        assert all(len(list(ElementTree.fromstring(one.encode()).iter())) > 20 for one in pictures)
        head, *rows = csv.reader(StringIO(gradients_csv(session)[0]))
        assert {int(row[0]) for row in rows} <= set(session.kept)
