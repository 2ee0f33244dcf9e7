"""A run that was closed is gone: its screen, its session, and what its widgets painted, whatever was opened over it."""

import gc
import weakref
from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from backprop_tui.core.session.session import Session
from backprop_tui.core.session.snapshots import BUDGET
from backprop_tui.tui import drawing
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.running import memory
from backprop_tui.tui.running.run_screen import RunScreen

from ...share import share
from ..run_pilot import until

AppPilot = Pilot[None]
Sessions = Callable[..., Session]

# What is done in a run before another is opened, as the keys that do it.
DOINGS = {
    "nothing": (),
    "steps": ("right", "right", "4", "right", "left"),
    "playing": ("plus",) * 12 + ("space",),
    "settings": ("e", "down", "escape"),
    "check": ("g", "escape"),
    "diagnosis": ("d", "escape"),
    "breakpoints": ("b", "escape"),
    "statistics": ("t", "escape"),
    "source": ("right", "s", "escape"),
    "prediction": ("p", "escape"),
    "compare": ("c", "enter", "right", "escape"),
    "help": ("question_mark", "right", "escape"),
    "lesson": ("i", "down"),
    "lesson closed": ("i", "escape"),
    "prompt": ("colon", "3", "enter"),
    "palette": ("ctrl+p", "r", "escape"),
    "gallery left": ("o", "escape"),
    "restarted": ("4", "right", "r", "R", "right"),
    "journey": ("colon", "9", "0", "0", "0", "0", "enter"),
}


@pytest.fixture(autouse=True)
def unsettled() -> Iterator[None]:
    """Nothing has been told to stay, as before the app has settled: the tests that went before have been."""
    gc.unfreeze()
    yield
    gc.freeze()


async def opened_another(pilot: AppPilot, screen: "weakref.ref[RunScreen]") -> None:
    """Choose xor in the gallery, and wait until a run of it is there in place of the one before."""
    app = pilot.app
    await pilot.press("o")
    choices = app.screen.query_one(OptionList)
    choices.highlighted = choices.get_option_index("xor")
    await pilot.press("enter")
    await until(lambda: isinstance(app.screen, RunScreen) and app.screen is not screen())
    await pilot.pause()


async def test_a_run_that_was_closed_is_gone(session_of: Sessions) -> None:
    app = BackpropApp(AppRequest(), session_of("xor"))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        for doing in share([*DOINGS][::6], [*DOINGS]):
            assert isinstance(app.screen, RunScreen)
            screen, session = weakref.ref(app.screen), weakref.ref(app.screen.session)
            await pilot.press(*DOINGS[doing])
            await pilot.pause()
            gone = [screen, session, *(weakref.ref(branch) for branch in app.screen.branches)]
            await opened_another(pilot, screen)
            assert app.screen.session.preset.id == "xor"
            gc.collect()
            assert [found() for found in gone] == [None] * len(gone), doing


async def test_a_run_that_was_there_when_the_process_settled_is_gone_too(
    session_of: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the collector was told stays, it never looks at again."""
    monkeypatch.setattr(gc, "set_threshold", lambda *thresholds: None)
    app = BackpropApp(AppRequest(), session_of("xor"))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, RunScreen)
        screen, session = weakref.ref(app.screen), weakref.ref(app.screen.session)
        memory.settle()
        await opened_another(pilot, screen)
        memory.let_go()
        assert (screen(), session()) == (None, None)
        assert gc.get_freeze_count() > 0


async def test_a_theme_is_told_to_the_screens_that_are_there(session_of: Sessions) -> None:
    """A covered screen too; and one that has gone is not kept to be told."""
    app = BackpropApp(AppRequest(), session_of("xor"))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, RunScreen)
        first = weakref.ref(app.screen)
        await opened_another(pilot, first)
        assert isinstance(app.screen, RunScreen)
        second, before = app.screen, app.screen.view.look
        await pilot.press("d")
        app.theme = "textual-light"
        await pilot.pause()
        assert second.view.look.palette != before.palette
        gc.collect()
        assert first() is None


async def test_what_widgets_painted_goes_with_them(session_of: Sessions) -> None:
    """Textual's own widgets as well: the gallery's list, a field, the palette of commands."""
    from textual._styles_cache import StylesCache

    app = BackpropApp(AppRequest(), session_of("xor"))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        counts = []
        for _ in range(share(4, 6)):
            await pilot.press("o", "escape", "ctrl+p", "escape", "d", "escape", "colon", "escape")
            await pilot.pause()
            gc.collect()
            counts.append(sum(type(found) is StylesCache and bool(found._cache) for found in gc.get_objects()))
        # A page that is just closing may still be there; what stays would be several widgets a round.
        assert counts[-1] < counts[0] + len(counts)


async def test_all_runs_together_have_the_memory_of_one_to_go_back_by(session_of: Sessions) -> None:
    app = BackpropApp(AppRequest(), session_of("xor"))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        await pilot.press("4", *["right", "R"] * 3)
        screen = app.screen
        assert isinstance(screen, RunScreen)
        screen.branch(screen.session.branch("optimizer.learning_rate", 0.2))
        assert len(screen.branches) == 5
        assert sum(branch.snapshots.budget for branch in screen.branches) <= BUDGET


def test_what_drawings_remember_of_numbers_is_bounded() -> None:
    """At full speed no number comes twice: a cache of 65,536 of them grew by 14 MB in ten minutes."""
    modules = [import_module(f"{drawing.__name__}.{found.name}") for found in iter_modules(drawing.__path__)]
    caches = [made for module in modules for made in vars(module).values() if hasattr(made, "cache_parameters")]
    assert len(caches) > 10
    assert all(cache.cache_parameters()["maxsize"] <= 8192 for cache in caches)
