"""A visitor in a browser: nothing of the server is written, read or shown where he says, by whichever way he tries."""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import numpy as np
import pytest
from textual.widgets import Input

import backprop_tui
from backprop_tui.core.preset.files_read import FILES_READ
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.recording.recorder import Recorder
from backprop_tui.core.session.session import Session
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.cli import config_of
from backprop_tui.tui.command_line import fault_report
from backprop_tui.tui.command_line.loading import load
from backprop_tui.tui.command_line.offer import Offer
from backprop_tui.tui.command_line.options import parse
from backprop_tui.tui.command_line.own_words import url_argument
from backprop_tui.tui.command_line.visitor import DRIVER
from backprop_tui.tui.config import folder as config_folder
from backprop_tui.tui.drawing.strips import text_of
from backprop_tui.tui.pages.gallery import GalleryScreen
from backprop_tui.tui.pages.share import ShareScreen
from backprop_tui.tui.pages.source import SourceScreen
from backprop_tui.tui.running.download import DOWNLOADS, LONGEST, download_path
from backprop_tui.tui.running.shares import SHARES
from backprop_tui.tui.training_screen import TrainingScreen

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGING = ("os.rename", "os.mkdir", "os.remove", "os.link", "os.symlink", "os.truncate", "os.chmod")
STARTING = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork")
SECRET = "a1b2c3"
ROOT = Path(__file__).parents[2]


@dataclass
class Audit:
    """What Python has been asked to do to files and processes, while it is `heard`."""

    heard: bool = False
    written: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    started: list[str] = field(default_factory=list)

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.heard:
            return
        if event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
            path, mode, flags = arguments
            writes = bool(flags & WRITING) or any(letter in (mode or "") for letter in "wax+")
            (self.written if writes else self.read).append(os.fspath(path))  # type: ignore[arg-type]
        elif event == "os.remove" and arguments[1] != -1:
            pass  # Of a folder that is being taken away with all that is in it.
        elif event in CHANGING:
            self.written.append(str(arguments[0]))
        elif event in STARTING:
            self.started.append(str(arguments[0]))

    def written_here(self) -> list[str]:
        """Files other than those among the temporary ones that are named by nobody."""
        own = os.path.join(gettempdir(), "tmp")
        return [path for path in map(str, self.written) if not path.startswith(own) and path != os.devnull]


AUDIT = Audit()
sys.addaudithook(lambda event, arguments: AUDIT.hear(event, arguments))


@pytest.fixture(autouse=True)
def visitor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Whoever sits there does so in a browser."""
    monkeypatch.setenv(DRIVER, "textual.drivers.web_driver:WebDriver")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(FILES_READ, "paths", set())
    yield
    FILES_READ.is_shut = False
    AUDIT.heard = False
    for heard in (AUDIT.written, AUDIT.read, AUDIT.started):
        heard.clear()


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What the browser was handed, by name."""
    found: dict[str, bytes] = {}
    monkeypatch.setattr(BackpropApp, "hand_over", lambda app, name, content: found.update({name: content}))
    return found


@pytest.fixture
def of_a_class(tmp_path: Path) -> Path:
    """A teacher's preset on a csv file beside it, in a folder; and a file of hers that is nobody else's."""
    folder = tmp_path / "teacher" / "class"
    folder.mkdir(parents=True)
    (tmp_path / "teacher" / "marks.csv").write_text(f"a,b,y\n1,2,0\n2,3,1\n4,1,0\n{SECRET},1,1\n")
    (folder / "points.csv").write_text("a,b,y\n1,2,0\n2,3,1\n4,1,0\n0,1,1\n")
    data = 'kind = "csv"\npath = "points.csv"\ntargets = ["y"]\n'
    preset = folder / "mine.toml"
    preset.write_text(f'title = "Mine"\n[data]\n{data}[[layers]]\nunits = 1\nactivation = "sigmoid"\n')
    return preset


def shown_by(app: BackpropApp) -> str:
    """All that the screen in view shows."""
    height = app.size.height
    strips = app.screen._compositor.render_strips()
    return "\n".join(text_of(strip) for strip in strips[:height])


@pytest.mark.parametrize("share", SHARES, ids=lambda share: share.id)
async def test_all_that_can_be_taken_out_is_downloaded(share: Any, downloads: dict[str, bytes]) -> None:
    app = BackpropApp(AppRequest(url_argument("dataset=circle&networkShape=3")))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("4", "right", "C")
        page = app.screen
        assert isinstance(page, ShareScreen)
        AUDIT.heard = True
        page.chosen = page.shares.index(share)
        page.activate(page.chosen)
        await pilot.pause()
        name = app.screen.query_one(Input).value
        await pilot.press("enter")
        AUDIT.heard = False
        assert page.message.startswith(f"handed to the browser: {name}")
    assert len(downloads[name]) > 20
    assert AUDIT.written_here() == AUDIT.started == []


@pytest.mark.parametrize(
    ("key", "name"), [("x", "circle-step-1.md"), ("X", "circle-as-it-is.toml"), ("W", "circle-1-steps.npz")]
)
async def test_keys_that_write_files_download_them(key: str, name: str, downloads: dict[str, bytes]) -> None:
    app = BackpropApp(AppRequest("circle"))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("4", "right")
        AUDIT.heard = True
        await pilot.press(key, "enter")
        AUDIT.heard = False
        assert isinstance(app.screen, TrainingScreen)
        assert app.screen.notice.startswith(f"handed to the browser: {name}")
    assert list(downloads) == [name]
    assert AUDIT.written_here() == []


async def test_a_picture_of_the_screen_is_downloaded(downloads: dict[str, bytes]) -> None:
    app = BackpropApp(AppRequest("xor"))
    async with app.run_test(size=(80, 24)) as pilot:
        app.take_picture()
        await pilot.pause()
        await pilot.press("enter")
    assert b"<svg" in downloads["xor-screen-step-1.svg"]


async def test_the_program_in_pytorch_comes_with_its_arrays(downloads: dict[str, bytes]) -> None:
    app = BackpropApp(AppRequest("spiral"))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("4", "right", "x")
        app.screen.query_one(Input).value = "step.py"
        await pilot.press("enter")
        assert isinstance(app.screen, TrainingScreen)
        assert app.screen.notice == "handed to the browser: step.py, and beside it step.npz, which it loads"
    assert b"np.load('step.npz')" in downloads["step.py"] or b'np.load("step.npz")' in downloads["step.py"]
    assert downloads["step.npz"].startswith(b"PK")


async def test_nothing_is_recorded_run_or_copied_on_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
    monkeypatch.setattr("backprop_tui.tui.pages.source.has_torch", lambda: True)
    app = BackpropApp(AppRequest("xor"))
    async with app.run_test(size=(120, 36)) as pilot:
        AUDIT.heard = True
        await pilot.press("f")
        screen = app.screen
        assert isinstance(screen, TrainingScreen)
        assert screen.notice.startswith("nothing is recorded on a server")
        assert not screen.recorder.running
        await pilot.press("y", "enter")
        assert screen.notice.startswith("sent to the browser's clipboard")
        assert app.clipboard == "backprop-tui xor"
        await pilot.press("s", "tab", "enter")
        page = app.screen
        assert isinstance(page, SourceScreen)
        assert any("No program is run on a server" in text_of(strip) for strip in page.lines(100))
        assert ("enter", "run it") not in page.hints()
        AUDIT.heard = False
    assert AUDIT.written_here() == AUDIT.started == []


TRIES: dict[str, Callable[[Path], str]] = {
    "the path of the data": lambda secret: f"data.path = {secret}",
    "the same in quotes": lambda secret: f'data.path = "{secret}"',
    "the last word alone": lambda secret: f"path = {secret}",
    "the test part": lambda secret: f"data.test = {secret}",
    "the start weights": lambda secret: f"training.start = {secret}",
    "a whole table of data": lambda secret: f'data = {{kind = "csv", path = "{secret}", targets = ["y"]}}',
    "a whole table of training": lambda secret: f'training = {{start = "{secret}"}}',
    "a way out of the folder": lambda secret: "data.path = ../marks.csv",
    "a table and a way out": lambda secret: 'data = {kind = "csv", path = "../marks.csv", targets = ["y"]}',
}


@pytest.mark.parametrize("typed", TRIES.values(), ids=TRIES.keys())
async def test_no_file_of_the_server_is_read(typed: Callable[[Path], str], of_a_class: Path) -> None:
    offer = Offer(str(of_a_class))
    session = Session(*load(offer.entered()))
    app = BackpropApp(AppRequest(offered=(str(of_a_class),)), session)
    secret = of_a_class.parent.parent / "marks.csv"
    async with app.run_test(size=(120, 36)) as pilot:
        AUDIT.heard = True
        await pilot.press("colon")
        app.screen.query_one(Input).value = typed(secret)
        await pilot.press("enter")
        AUDIT.heard = False
        screen = app.screen
        assert isinstance(screen, TrainingScreen)
        assert screen.session is session
        assert screen.notice
        assert SECRET not in screen.notice
    assert not [path for path in AUDIT.read if str(path).endswith("marks.csv")]


async def test_the_files_of_the_preset_are_read_again(of_a_class: Path) -> None:
    session = Session(*load(Offer(str(of_a_class)).entered()))
    app = BackpropApp(AppRequest(offered=(str(of_a_class),)), session)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("colon")
        app.screen.query_one(Input).value = "data.train_ratio = 0.5"
        await pilot.press("enter")
        assert isinstance(app.screen, TrainingScreen)
        assert app.screen.session.plan.examples == 2


async def test_where_the_files_lie_is_shown_nowhere(
    of_a_class: Path, tmp_path: Path, downloads: dict[str, bytes]
) -> None:
    """In no page, no line and no download, whatever goes wrong."""
    session = Session(*load(Offer(str(of_a_class)).entered()))
    app = BackpropApp(AppRequest(offered=(str(of_a_class),)), session)
    seen = []
    async with app.run_test(size=(200, 60)) as pilot:
        for key in ("C", "y", "d", "t", "s", "e", "c", "i"):
            await pilot.press(key)
            await pilot.pause()
            seen.append(shown_by(app))
            await pilot.press("escape")
        await pilot.press("X", "enter", "x", "enter")
        for typed in ("data.targets = ['z']", "data.header = false", "data.delimiter = ';'", "data.missing = 'drop'"):
            await pilot.press("colon")
            app.screen.query_one(Input).value = typed
            await pilot.press("enter")
            seen.append(shown_by(app))
        await pilot.press("C")
        page = app.screen
        assert isinstance(page, ShareScreen)
        for share in SHARES:
            if share.text is not None:
                try:
                    seen.append(share.text(page.training)[0])
                except PresetError as problem:
                    seen.append(str(problem))
    seen += [content.decode("utf-8", "replace") for content in downloads.values()]
    places = ("teacher", str(tmp_path), str(Path.home()), str(Path(backprop_tui.__file__).parent), str(ROOT))
    told = [text for text in seen if any(place in text for place in places)]
    assert not told
    assert "points.csv" in downloads["mine-as-it-is.toml"].decode()


async def test_only_what_is_served_is_in_the_gallery(of_a_class: Path) -> None:
    app = BackpropApp(AppRequest(offered=("xor", str(of_a_class))))
    async with app.run_test(size=(120, 36)) as pilot:
        gallery = app.screen
        assert isinstance(gallery, GalleryScreen)
        assert [entry.id for entry in gallery.entries] == ["xor", "mine"]
        await pilot.press("m", "i", "n", "e", "enter")
        assert isinstance(app.screen, TrainingScreen)
        assert app.screen.session.preset.title == "Mine"
        assert app.screen.session.preset.source == "mine.toml"
        await pilot.press("o", "x", "o", "r", "enter")
        assert isinstance(app.screen, TrainingScreen)
        assert app.screen.session.preset.id == "xor"


async def test_a_file_that_has_gone_meanwhile_is_told_without_its_place(of_a_class: Path) -> None:
    app = BackpropApp(AppRequest(offered=("xor", str(of_a_class))))
    async with app.run_test(size=(120, 36)) as pilot:
        of_a_class.unlink()
        await pilot.press("m", "i", "n", "e", "enter")
        assert isinstance(app.screen, GalleryScreen)
        assert app.screen.problem == "mine can no longer be opened"


async def test_a_recording_is_opened_and_its_losses_are_downloaded(
    of_a_class: Path, tmp_path: Path, downloads: dict[str, bytes]
) -> None:
    session = Session(*load("xor"))
    session.advance(session.timeline.finish_of(3))
    recording = of_a_class.parent / "run.backprop"
    with Recorder(session, recording):
        pass
    app = BackpropApp(AppRequest(offered=("xor", str(recording))))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("r", "u", "n", "enter")
        assert isinstance(app.screen, TrainingScreen)
        assert app.screen.session.position.step == 3
        await pilot.press("C", "y")
        assert "teacher" not in shown_by(app)


async def test_settings_that_stay_are_neither_used_nor_kept(tmp_path: Path) -> None:
    """Those of whoever serves are not a visitor's, and what he chooses goes with him."""
    kept = config_folder.folder()
    kept.mkdir(parents=True)
    (kept / "config.toml").write_text('theme = "nord"\n')
    config = config_of(parse(["xor"])[1])
    app = BackpropApp(AppRequest("xor", config=config))
    async with app.run_test(size=(120, 36)) as pilot:
        assert app.theme != "nord"
        app.theme = "gruvbox"
        await pilot.press("4")
        await pilot.pause(1.5)
        assert app.config.get("theme") == "gruvbox"
    assert [path.name for path in kept.iterdir()] == ["config.toml"]
    assert (kept / "config.toml").read_text() == 'theme = "nord"\n'


def test_a_fault_is_told_without_the_place_of_its_report(reports: Callable[[], list[str]]) -> None:
    said = fault_report.report(ZeroDivisionError("1 / 0"), "drawing", None)
    assert said == "ZeroDivisionError: 1 / 0 (whoever serves this has a report of it)"
    assert len(reports()) == 1


@pytest.mark.parametrize(
    "name",
    ["../x.md", "/etc/x.md", "a/b.md", "a\\b.md", "x.toml", "", ".md", "a\nb.md", "\x1b[2J.md", "a" * LONGEST + ".md"],
)
def test_a_download_has_a_plain_name(name: str) -> None:
    with pytest.raises(PresetError, match="expected a"):
        download_path(name, (".md",))


def test_a_download_may_be_called_anything_else() -> None:
    for name in ("x.md", "Schritt 1.md", "шаг.MD", "~root.md", 'a"b;c=d.md'):
        assert download_path(name, (".md",)) == (Path(name), ".md")


def test_without_a_browser_nothing_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DOWNLOADS, "hand_over", None)
    with pytest.raises(PresetError, match="nothing can be downloaded"):
        DOWNLOADS.take(Path("x.npz"), lambda stream: np.savez(stream, W1=np.ones(2)))
