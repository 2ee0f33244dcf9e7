"""One visitor: a process of the app, between whose pipes and the browser's socket all goes to and fro.

textual-serve asks a process to end and waits for it however long that takes, and reads nothing more from it once the
browser has gone, which a process that writes waits for. So none is left here: what does not end by itself is ended.
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

import backprop_tui
from backprop_tui.tui.command_line.console import complain
from backprop_tui.tui.command_line.terminal import LARGEST

BEGIN = b"__GANGLION__\n"
"""What Textual's driver for the web writes before all else."""
SERVER_ALONE = ("NO_COLOR", "TMUX", "STY", "SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "LINES", "TEXTUAL_LOG")
"""Variables that tell of the terminal in which the server runs, which is nobody's who visits."""
GRACE = 3.0
"""Seconds that a process has to end when it is asked to, and again when it is told to."""
RATE = "1000"
"""How often a second the app looks for something to draw: a key is answered sooner than at textual-serve's 60."""


class Visit(AppService):
    """`words` are what the program is told on its command line; `write_bytes`, `write_str` and `close` the socket."""

    def __init__(
        self,
        words: Sequence[str],
        *,
        write_bytes: Callable[[bytes], Awaitable[None]],
        write_str: Callable[[str], Awaitable[None]],
        close: Callable[[], Awaitable[Any]],
        downloads: DownloadManager,
    ) -> None:
        super().__init__(
            "", write_bytes=write_bytes, write_str=write_str, close=close, download_manager=downloads, debug=False
        )
        self.words = words
        self.gone = False
        """Whether nobody is there any more to be told anything."""

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        columns, rows = cells(width, 80), cells(height, 24)
        found = super()._build_environment(columns, rows)
        return {name: value for name, value in found.items() if name not in SERVER_ALONE} | {"TEXTUAL_FPS": RATE}

    async def start(self, width: int, height: int) -> None:
        """Begin the process. Raises OSError where this machine has no room for one more."""
        self._process = await asyncio.create_subprocess_exec(
            *program(), *self.words, stdin=PIPE, stdout=PIPE, env=self._build_environment(width, height)
        )
        self._stdin = self._process.stdin
        self._task = asyncio.create_task(self.run())

    async def run(self) -> None:
        """Pass on what the process says, until it ends; then the socket is closed."""
        assert self._process is not None
        assert self._process.stdout is not None
        said = self._process.stdout
        try:
            if await said.readline() == BEGIN:
                while True:
                    kind, size = await said.readexactly(1), int.from_bytes(await said.readexactly(4), "big")
                    await self.pass_on(kind, await said.readexactly(size))
        except (asyncio.IncompleteReadError, ValueError):
            pass  # It has ended, or what it said is nothing of ours, which ends it.
        self.gone = True
        with suppress(ConnectionError, RuntimeError):
            await self.remote_close()

    async def pass_on(self, kind: bytes, payload: bytes) -> None:
        """Of somebody who has gone what comes is read all the same, so that the process can end."""
        if self.gone:
            return
        try:
            if kind == b"D":
                await self.on_data(payload)
            elif kind == b"M":
                await self.on_meta(payload)
            elif kind == b"P":
                await self.on_packed(payload)
        except (ConnectionError, RuntimeError):
            self.gone = True

    async def take(self, message: object) -> None:
        """What the browser says: keys, a size, whether it is looked at. Anything else is left."""
        if not isinstance(message, list) or not message:
            return
        kind, content = message[0], message[1] if len(message) > 1 else None
        if kind == "stdin" and isinstance(content, str):
            await self.send_bytes(content.encode("utf-8", "replace"))
        elif kind == "resize" and isinstance(content, dict):
            await self.set_terminal_size(cells(content.get("width"), 80), cells(content.get("height"), 24))
        elif kind == "ping" and isinstance(content, str):
            with suppress(ConnectionError):
                await self.remote_write_str(json.dumps(["pong", content]))
        elif kind == "blur":
            await self.blur()
        elif kind == "focus":
            await self.focus()

    async def stop(self) -> None:
        """End the process, whatever it is doing, and let go of what it had to hand over."""
        process, task = self._process, self._task
        self.gone = True
        if process is None or task is None:
            return
        self._task = None
        with suppress(TimeoutError):
            await asyncio.wait_for(self.send_meta({"type": "quit"}), GRACE)
        for firmer in (process.terminate, process.kill, None):
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), GRACE)
                break
            if firmer is not None:
                with suppress(ProcessLookupError):
                    firmer()
        await task
        # What is being downloaded ends in the middle, and is seen to.
        waiting = self._download_manager._active_downloads
        for key in [key for key, download in waiting.items() if download.app_service is self]:
            await waiting.pop(key).incoming_chunks.put(None)


def cells(size: object, usual: int) -> int:
    """A number of columns or rows that can be drawn."""
    return min(max(size, 1), LARGEST) if isinstance(size, int) else usual


def program() -> list[str]:
    """This very program, as it is started."""
    here = Path(backprop_tui.__file__).parent.parent
    # From the folder in which the server stands nothing is imported, unless the program itself is there.
    safe = [] if here == Path(os.path.realpath(os.curdir)) else ["-P"]
    return [sys.executable, *safe, "-m", "backprop_tui"]


def full(problem: OSError) -> None:
    """Say on standard error why nobody more could be let in."""
    complain(f"a visitor was not let in: {problem.strerror or problem}")
