"""The picture of the screen from the command palette: of panes, a page, the gallery; and Textual's own is not there."""

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from textual.widgets import Input

from backprop_tui.tui.app import PICTURE, AppRequest, BackpropApp
from backprop_tui.tui.pages.tool_screen import ToolScreen

from .run_pilot import AppPilot, screen_of


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def command(app: BackpropApp, title: str) -> Callable[[], object]:
    return next(each.callback for each in app.get_system_commands(app.screen) if each.title == title)


async def taken(pilot: AppPilot, name: str) -> str:
    """The name proposed for a picture, which is taken under another."""
    app = pilot.app
    assert isinstance(app, BackpropApp)
    assert "Screenshot" not in [each.title for each in app.get_system_commands(app.screen)]
    command(app, PICTURE)()
    await pilot.pause()
    field = app.screen.query_one(Input)
    proposed, field.value = field.value, name
    await pilot.press("enter")
    await pilot.pause()
    return proposed


def letters(name: str) -> str:
    """All characters that stand in a picture, without blanks."""
    root = ElementTree.parse(name).getroot()
    assert root.tag.endswith("svg")
    return "".join("".join(root.itertext()).split())


async def test_of_the_panes_and_of_a_page() -> None:
    app = BackpropApp(AppRequest("xor"))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("4", "right")
        assert await taken(pilot, "panes.svg") == "xor-screen-step-1.svg"
        assert screen_of(pilot).notice == f"written: {Path.cwd() / 'panes.svg'}"
        assert "Chainrule" in letters("panes.svg")
        await taken(pilot, "panes.svg")
        assert screen_of(pilot).notice == "panes.svg is there already; choose another name"
        await pilot.press("d")
        assert isinstance(app.screen, ToolScreen)
        assert await taken(pilot, "page.svg") == "xor-diagnosis-step-1.svg"
        assert isinstance(app.screen, ToolScreen)
        assert "Diagnosis" in letters("page.svg")
        assert [note.message for note in app._notifications] == [f"written: {Path.cwd() / 'page.svg'}"]


async def test_of_the_gallery() -> None:
    app = BackpropApp(AppRequest())
    async with app.run_test(size=(80, 24)) as pilot:
        assert await taken(pilot, "gallery.svg") == "backprop-tui.svg"
        assert "vanishing" in letters("gallery.svg")
        await taken(pilot, "gallery.png")
        assert not Path("gallery.png").exists()


@pytest.mark.parametrize(
    ("title", "proposed"),
    [
        ("Plot of the losses as SVG, in a new file", "xor-loss-3-steps.svg"),
        ("Losses as csv, in a new file", "xor-loss-3-steps.csv"),
        ("Norms of the gradients as SVG or csv, in a new file", "xor-gradients-3-steps.svg"),
    ],
)
async def test_the_losses_from_the_palette(title: str, proposed: str) -> None:
    app = BackpropApp(AppRequest("xor"))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("4", "right", "right", "right")
        command(app, title)()
        await pilot.pause()
        assert app.screen.query_one(Input).value == proposed
        await pilot.press("enter")
        assert screen_of(pilot).notice == f"written: {Path.cwd() / proposed}"
        assert Path(proposed).stat().st_size > 50
