"""A recording of somebody else's network in the app: every key, every pane, every size; live, damaged and gone."""

import asyncio
import csv
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from textual.widgets import Input

from backprop_tui.core.recording.reader import open_recording
from backprop_tui.core.recording.writer import Writer
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.drawing.strips import text_of
from backprop_tui.tui.lesson.help_screen import HelpScreen
from backprop_tui.tui.panes.drawn import Drawn
from backprop_tui.tui.panes.loss_window import Window
from backprop_tui.tui.recording.findings import FindingsScreen
from backprop_tui.tui.recording.losses_out import losses_out
from backprop_tui.tui.recording.screen import ELSEWHERE, RecordedScreen
from backprop_tui.tui.running.arrangement import PANES

from ...core.recording.linear_networks import LinearNetwork, twelve_steps
from ...share import share
from ..run_pilot import AppPilot, text, until

ROOMY = (120, 36)


@asynccontextmanager
async def shown(path: Path, size: tuple[int, int] = ROOMY, **options: object) -> AsyncIterator[AppPilot]:
    """The app on a recording, once it has drawn itself."""
    app = BackpropApp(AppRequest(**options), recording=open_recording(path))  # type: ignore[arg-type]
    async with app.run_test(size=size) as pilot:
        await until(
            lambda: isinstance(app.screen, RecordedScreen) and bool(app.screen.pane(app.screen.main_pane).lines)
        )
        yield pilot


def screen_of(pilot: AppPilot) -> RecordedScreen:
    assert isinstance(pilot.app.screen, RecordedScreen)
    return pilot.app.screen


async def press(pilot: AppPilot, keys: str, holds: Callable[[], bool]) -> None:
    await pilot.press(*keys.split())
    await until(holds)


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """Twelve steps, of which 1 to 4 and the last were kept."""
    return twelve_steps(tmp_path / "run.backprop")


async def test_it_opens_at_the_latest_kept_step_and_arrows_go_through_them(recorded: Path) -> None:
    async with shown(recorded) as pilot:
        assert "softsign by hand" in text(pilot, "status")
        assert "recording of PyTorch" in text(pilot, "status")
        assert "step 12 of 12 · kept 5 of 5 · ended" in text(pilot, "status")
        await press(pilot, "left", lambda: "step 4 of 12 · kept 4 of 5" in text(pilot, "status"))
        await press(pilot, "home", lambda: "step 1 of 12 · kept 1 of 5" in text(pilot, "status"))
        await press(pilot, "left", lambda: "kept 1 of 5" in text(pilot, "status"))
        await press(pilot, "right right", lambda: "step 3 of 12" in text(pilot, "status"))
        assert "learning rate 0.1 · 1.5 s after the start" in text(pilot, "counters")
        await press(pilot, "end", lambda: "step 12 of 12" in text(pilot, "status"))


async def test_the_chain_rule_has_the_recorded_numbers(recorded: Path) -> None:
    async with shown(recorded) as pilot:
        said = text(pilot, "chain-rule")
        assert "module 3 of 3 · net.2 Linear 4→1" in said
        assert "dW = dZᵀ A   db = Σ dZ over rows   dA = dZ W" in said
        recording = open_recording(recorded)
        gradient = recording.array(12, "g/net.2.weight")
        assert gradient is not None
        await pilot.press("shift+right", "shift+right")
        await until(lambda: "dW₁,₃ = " in text(pilot, "chain-rule"))
        assert f"recorded dW₁,₃ = {gradient[0, 2]:.6g}".replace("-", "−") in text(pilot, "chain-rule")
        await press(
            pilot, "z down down down down down down", lambda: "the rounding of its" in text(pilot, "chain-rule")
        )
        await press(pilot, "escape", lambda: not screen_of(pilot).maximised)


async def test_a_module_is_chosen_and_opened(recorded: Path) -> None:
    async with shown(recorded) as pilot:
        await pilot.press("tab", "tab")
        assert screen_of(pilot).current == "gradients"
        assert [row.split()[0] for row in text(pilot, "gradients").splitlines()[1:4]] == ["net.2", "net.1", "net.0"]
        await press(pilot, "down", lambda: "net.1 Softsign" in text(pilot, "chain-rule"))
        assert "What Softsign does with its numbers is not explained here" in " ".join(
            text(pilot, "chain-rule").split()
        )
        assert "inplace = False" in text(pilot, "chain-rule")
        await press(pilot, "down down enter", lambda: screen_of(pilot).current == "chain-rule")
        assert "net.0 Linear 3→4" in text(pilot, "chain-rule")
        await press(pilot, "shift+tab down", lambda: "net.2 Linear" in text(pilot, "chain-rule"))


async def test_what_is_hidden_is_so_here_too_and_a_remote_leads_through_the_kept_steps(
    recorded: Path,
) -> None:
    async with shown(recorded, hide=("diagnosis", "chain_rule", "loss", "open")) as pilot:
        screen = screen_of(pilot)
        for key, name in (("d", "diagnosis"), ("o", "open"), ("l", "loss")):
            await press(pilot, key, lambda name=name: f"since {name} is hidden" in text(pilot, "counters"))  # type: ignore[misc]
            assert pilot.app.screen is screen
        assert not screen.pane("chain-rule").display
        assert not {"d", "o"} & {key for key, _ in screen.key_hints()}
        await press(pilot, "tab enter", lambda: "Chain rule: not here" in text(pilot, "counters"))
        await press(pilot, "home", lambda: "kept 1 of 5" in text(pilot, "status"))
        await press(pilot, "pagedown pagedown", lambda: "kept 3 of 5" in text(pilot, "status"))
        await press(pilot, "pageup", lambda: "kept 2 of 5" in text(pilot, "status"))


async def test_weights_have_two_views_and_a_spotlight(recorded: Path) -> None:
    async with shown(recorded) as pilot:
        assert "net.2.weight 1×4" in text(pilot, "weights")
        assert "net.2.weight₁,₁" in text(pilot, "weights")
        await press(pilot, "shift+left", lambda: "net.2.weight₁,₄" in text(pilot, "weights"))
        await press(pilot, "w", lambda: "[" in text(pilot, "weights"))
        weight = open_recording(recorded).array(12, "θ/net.2.weight")
        assert weight is not None
        assert f"{abs(weight[0, 0]):.4f}"[:5] in text(pilot, "weights")


async def test_the_example_is_chosen_in_data(recorded: Path) -> None:
    async with shown(recorded) as pilot:
        await pilot.press("tab", "tab", "tab")
        await until(lambda: "example 1 of 6" in text(pilot, "data"))
        await press(pilot, "down down", lambda: "example 3 of 6" in text(pilot, "data"))
        assert "outputs of the network" in text(pilot, "data")
        await until(lambda: "dZ₃,₁ · A₃,₁" in text(pilot, "chain-rule"))


async def test_a_step_is_gone_to_or_the_nearest(recorded: Path) -> None:
    async with shown(recorded) as pilot:
        for typed, step, said in (("3", 3, ""), ("6", 4, "step 6 was not kept"), ("99999", 12, "was not kept")):
            await pilot.press("colon")
            await until(lambda: bool(pilot.app.screen.query(Input)))
            await pilot.press(*typed, "enter")
            await until(lambda step=step: isinstance(pilot.app.screen, RecordedScreen))  # type: ignore[misc]
            await until(lambda step=step: f"step {step} of 12" in text(pilot, "status"))  # type: ignore[misc]
            assert said in text(pilot, "counters")
        await pilot.press("colon", *"lowest", "enter")
        await until(
            lambda: isinstance(pilot.app.screen, RecordedScreen) and "found 'lowest'" in text(pilot, "counters")
        )


async def test_the_losses_are_taken_out_as_a_plot_or_as_numbers(
    recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    recording = open_recording(recorded)
    async with shown(recorded) as pilot:
        for name, proposed in (("run-loss-12-steps.svg", True), ("mine.csv", False), ("mine.csv", False)):
            await pilot.press("C")
            await until(lambda: bool(pilot.app.screen.query(Input)))
            field = pilot.app.screen.query_one(Input)
            assert field.value == "run-loss-12-steps.svg"
            if not proposed:
                field.value = name
            there = Path(name).exists()
            said = f"{name} is there already" if there else f"written: {tmp_path / name}"[:60]
            await press(pilot, "enter", lambda said=said: said in text(pilot, "counters"))  # type: ignore[misc]
    head, *rows = csv.reader(StringIO(Path("mine.csv").read_text(encoding="utf-8")))
    assert head == ["step", "loss"]
    assert [(int(step), float(loss)) for step, loss in rows] == [(n, recording.loss(n)) for n in range(1, 13)]
    root = ElementTree.parse("run-loss-12-steps.svg").getroot()
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[0] == "softsign by hand"
    assert "loss" in texts
    desc = root.findtext("{http://www.w3.org/2000/svg}desc") or ""
    assert f"from {recording.loss(1):.6g} at 1 to {recording.loss(12):.6g} at 12" in desc


async def test_the_losses_are_zoomed_moved_and_smoothed(recorded: Path, tmp_path: Path) -> None:
    recording = open_recording(recorded)
    async with shown(recorded) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, RecordedScreen)
        await pilot.press("home", "full_stop")
        # Of twelve steps half, from the first on.
        await until(lambda: screen.view.window == Window(1, 7))
        assert text(pilot, "loss").split("\n")[-1].split() == ["step", "1", "7"]
        await press(pilot, "right_square_bracket", lambda: screen.view.window == Window(4, 10))
        path = losses_out(screen.kept, screen.view, str(tmp_path / "some.csv"))
        rows = list(csv.reader(StringIO(path.read_text(encoding="utf-8"))))[1:]
        assert [(int(row[0]), float(row[1])) for row in rows] == [(n, recording.loss(n)) for n in range(4, 11)]
        await press(pilot, "comma", lambda: screen.view.window is None)
        await press(pilot, "M", lambda: screen.view.smoothing == 0)
        await press(pilot, "M", lambda: screen.view.smoothing is None)


async def test_keys_that_mean_nothing_say_so(recorded: Path) -> None:
    async with shown(recorded) as pilot:
        for key in share(["space", "R", "g", "1", "plus"], list(ELSEWHERE)):
            await press(pilot, key, lambda key=key: ELSEWHERE[key][:30] in text(pilot, "counters"))  # type: ignore[misc]
        await press(pilot, "escape", lambda: "learning rate" in text(pilot, "counters"))
        bound = {key for each in RecordedScreen.KEYS for key in each[0].split(",")}
        assert not bound & {"colon" if key == ":" else key for key in ELSEWHERE}


async def test_help_and_the_palette_have_its_own_keys(recorded: Path) -> None:
    async with shown(recorded) as pilot:
        await pilot.press("question_mark")
        await until(lambda: isinstance(pilot.app.screen, HelpScreen) and bool(pilot.app.screen.rows.lines))
        help = pilot.app.screen
        assert isinstance(help, HelpScreen)
        assert "Every loss is there" in " ".join(text_of(strip) for strip in help.rows.lines)
        assert ("→", "the next kept step") in help.subject.keys
        await pilot.press("escape")
        await until(lambda: isinstance(pilot.app.screen, RecordedScreen))
        titles = [command.title for command in pilot.app.get_system_commands(pilot.app.screen)]
        assert "The next kept step" in titles
        assert "Play or pause" not in titles


async def test_every_pane_at_every_size(recorded: Path) -> None:
    sizes = share([(80, 24), (30, 8)], [(80, 24), (120, 36), (200, 50), (30, 8), (20, 4), (1, 1)])
    for size in sizes:
        async with shown(recorded, size, ascii=size[0] == 80) as pilot:
            for _ in PANES:
                await pilot.press("tab", "z", "z")
            await pilot.pause()
            for pane in screen_of(pilot).query(Drawn):
                if pane.display:
                    assert "not drawn" not in text(pilot, pane.id or "")
                    assert all(strip.cell_length <= size[0] for strip in pane.lines)


# Nothing in it, or not all


async def test_an_empty_recording_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "empty.backprop"
    Writer.create(path, "torch", {}).close()
    async with shown(path) as pilot:
        assert "empty.backprop" in text(pilot, "status")
        assert "no step kept yet" in text(pilot, "status")
        for name in ("chain-rule", "gradients", "weights", "data", "loss"):
            assert "run.step(loss)" in " ".join(text(pilot, name).split())
        await pilot.press("left", "right", "home", "end", "down", "enter", "w", "l", "shift+up", "z", "tab")
        assert pilot.app.return_code is None


async def test_what_was_not_kept_is_said(tmp_path: Path) -> None:
    path = tmp_path / "run.backprop"
    network = LinearNetwork(path)
    network.train(without=("A/", "θ/", "inputs", "targets", "outputs"))
    network.writer.close()
    async with shown(path) as pilot:
        assert "of this step A of it were not kept" in " ".join(text(pilot, "chain-rule").split())
        assert "No inputs were kept of this step" in " ".join(text(pilot, "data").split())
        assert "not kept" in text(pilot, "weights")


# While it is written, and when that goes wrong


WRITER = """
import sys
from pathlib import Path
from tests.core.recording.linear_networks import LinearNetwork
network = LinearNetwork(Path(sys.argv[1]))
network.train(2)
print("begun", flush=True)
for line in sys.stdin:
    network.train(1)
    print(network.step, flush=True)
network.writer.close()
"""


async def test_a_run_is_followed_while_another_process_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "live.backprop"
    root = Path(__file__).parents[3]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, str(path), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=root
    )
    assert process.stdin is not None
    assert process.stdout is not None
    await process.stdout.readline()

    async def one_more() -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"\n")
        await process.stdout.readline()

    async with shown(path) as pilot:
        assert "step 2 of 2 · kept 2 of 2 · live, followed" in text(pilot, "status")
        await one_more()
        await until(lambda: "step 3 of 3 · kept 3 of 3 · live, followed" in text(pilot, "status"))
        await press(pilot, "left", lambda: "step 2 of 3 · kept 2 of 3 · live" in text(pilot, "status"))
        assert "followed" not in text(pilot, "status")
        await one_more()
        await until(lambda: "step 2 of 4 · kept 2 of 4 · live" in text(pilot, "status"))
        await press(pilot, "end", lambda: "step 4 of 4 · kept 4 of 4 · live, followed" in text(pilot, "status"))
        process.stdin.close()
        await process.wait()
        await until(lambda: "kept 4 of 4 · ended" in text(pilot, "status"))


async def test_a_file_that_goes_or_is_damaged_under_the_app_is_a_notice(tmp_path: Path) -> None:
    path = tmp_path / "run.backprop"
    network = LinearNetwork(path)
    network.train(3)
    async with shown(path) as pilot:
        assert "live, followed" in text(pilot, "status")
        network.train(1)
        network.writer.close()
        await until(lambda: "kept 4 of 4 · ended" in text(pilot, "status"))
        path.write_bytes(path.read_bytes()[:5000])
        await press(pilot, "left", lambda: "run.backprop" in text(pilot, "counters"))
        assert "step 4" in text(pilot, "status")
        path.unlink()
        await press(pilot, "left", lambda: "there is no such file" in text(pilot, "counters"))
        await pilot.press("tab", "w", "shift+down", "right")
        assert all("not drawn" not in text(pilot, name) for name in PANES if screen_of(pilot).pane(name).display)
        await press(pilot, "q", lambda: pilot.app.return_code == 0)


async def test_a_live_file_that_goes_is_told_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "run.backprop"
    network = LinearNetwork(path)
    network.train(2)
    async with shown(path) as pilot:
        network.writer.close()
        path.unlink()
        await until(lambda: "no longer read" in text(pilot, "counters"))


async def test_what_was_found_is_told_up_to_the_step_in_view(recorded: Path) -> None:
    async with shown(recorded) as pilot:
        await pilot.press("d")
        await until(lambda: isinstance(pilot.app.screen, FindingsScreen) and bool(pilot.app.screen.sheet.lines))
        page = pilot.app.screen
        assert isinstance(page, FindingsScreen)
        assert "up to step 12" in " ".join(text_of(strip) for strip in page.sheet.lines)
        await pilot.press("down", "pageup", "escape")
        await until(lambda: isinstance(pilot.app.screen, RecordedScreen))
