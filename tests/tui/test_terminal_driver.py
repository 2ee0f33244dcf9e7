"""The driver of the terminal by itself, on a pseudo-terminal: which sizes it tells the app, and in what order."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

pty, termios = pytest.importorskip("pty"), pytest.importorskip("termios")

from textual.events import Resize  # noqa: E402
from textual.message import Message  # noqa: E402

from backprop_tui.tui.terminal_driver import TerminalDriver  # noqa: E402

FIRST = (120, 36)
TURNS = 20
"""Turns of the event loop, more than a size takes on its way to the app."""


@pytest.fixture
def resize(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[tuple[int, int]], None]]:
    """Give the terminal that the driver will find another size, in columns and rows; no signal comes of itself."""
    ours, theirs = pty.openpty()
    for name in ("COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    with open(theirs, "r+b", buffering=0) as file:
        for name in ("__stdin__", "__stdout__"):
            monkeypatch.setattr(sys, name, file)

        def change(size: tuple[int, int]) -> None:
            termios.tcsetwinsize(ours, (size[1], size[0]))

        change(FIRST)
        yield change
    os.close(ours)


def told(during: Callable[[TerminalDriver], None]) -> list[tuple[int, int]]:
    """The sizes that an app is told from when its driver is started, in their order."""
    sizes: list[tuple[int, int]] = []

    async def post(message: Message) -> bool:
        if isinstance(message, Resize):
            sizes.append(tuple(message.size))
        return True

    async def run() -> None:
        app: Any = SimpleNamespace(_post_message=post)
        driver = TerminalDriver(app)
        driver.start_application_mode()
        during(driver)
        for _ in range(TURNS):
            await asyncio.sleep(0)
        driver.stop_application_mode()
        driver.close()

    asyncio.run(run())
    return sizes


@pytest.mark.parametrize("at_the_start", [True, False])
def test_a_size_that_changes_while_one_is_being_told_is_told_last(
    resize: Callable[[tuple[int, int]], None], monkeypatch: pytest.MonkeyPatch, at_the_start: bool
) -> None:
    coming = [(60, 9), (157, 17), (130, 40)]
    read = TerminalDriver._get_terminal_size
    may_change = at_the_start

    def read_while_it_changes(driver: TerminalDriver) -> tuple[int, int]:
        size = read(driver)
        if may_change and coming:
            change()
        return size

    def change() -> None:
        resize(coming.pop(0))
        signal.raise_signal(signal.SIGWINCH)

    def change_from_now_on(driver: TerminalDriver) -> None:
        nonlocal may_change
        if not at_the_start:
            may_change = True
            change()

    monkeypatch.setattr(TerminalDriver, "_get_terminal_size", read_while_it_changes)
    sizes = told(change_from_now_on)
    assert sizes[-1] == (130, 40)
    assert not coming


def test_after_a_stop_the_size_is_told_that_no_signal_told(resize: Callable[[tuple[int, int]], None]) -> None:
    def stop_and_go_on(driver: TerminalDriver) -> None:
        driver.terminal.give_back()
        resize((80, 24))
        assert driver.terminal.take_again()

    assert told(stop_and_go_on)[-1] == (80, 24)


def test_a_terminal_that_tells_its_sizes_itself_is_not_asked(resize: Callable[[tuple[int, int]], None]) -> None:
    def change(driver: TerminalDriver) -> None:
        driver._in_band_window_resize = True
        resize((80, 24))
        signal.raise_signal(signal.SIGWINCH)

    assert set(told(change)) == {FIRST}
