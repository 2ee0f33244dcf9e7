"""A server of its own for a test, and a visitor without a browser, whose terminal can be read."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pyte

PACKAGE = Path(__file__).parents[3] / ".pkg"


class Served:
    """`url` is where it is, `process` the server; `children` the processes that it has started."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process, self.url = process, url

    def children(self) -> list[int]:
        found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True)
        return [int(pid) for pid in found.stdout.split()]


def started(*words: str, folder: Path, **environment: str) -> subprocess.Popen[str]:
    """The command `serve` with these words, in a folder."""
    program = [sys.executable, "-P", "-m", "backprop_tui", "serve", *words]
    # No empty part: that would be the folder itself.
    path = os.pathsep.join(filter(None, (str(PACKAGE), os.environ.get("PYTHONPATH"))))
    return subprocess.Popen(
        program,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, **environment},
        start_new_session=True,
    )


@contextmanager
def served(*words: str, folder: Path, **environment: str) -> Iterator[Served]:
    """A server at a free port, which is ended at the end with all that it has started."""
    process = started(*words, "--port", "0", folder=folder, **environment)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert re.fullmatch(r"http://[\w.]+:[0-9]+/", url), (url, process.stderr and process.stderr.read())
        yield Served(process, url)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


class Visitor:
    """A socket to a server, and what a terminal makes of what comes."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, width: int, height: int) -> None:
        self.socket = socket
        self.screen = pyte.Screen(width, height)
        self.stream = pyte.ByteStream(self.screen)
        self.told: list[Any] = []
        self.reading = asyncio.create_task(self.read())

    async def read(self) -> None:
        async for message in self.socket:
            if message.type == aiohttp.WSMsgType.BINARY:
                # What pyte takes for something else; terminals leave it.
                self.stream.feed(re.sub(rb"\x1b\[[<>=?][0-9;]*[a-z$]+", b"", message.data))
            elif message.type == aiohttp.WSMsgType.TEXT:
                self.told.append(json.loads(message.data))

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    async def say(self, *message: Any) -> None:
        await self.socket.send_str(json.dumps(message))

    async def type(self, text: str) -> None:
        await self.say("stdin", text)

    async def until(self, holds: Callable[[], Any], seconds: float = 60.0) -> Any:
        end = time.monotonic() + seconds
        while not (found := holds()):
            assert time.monotonic() < end, f"it did not come about: {self.text}"
            await asyncio.sleep(0.05)
        return found

    async def sees(self, text: str) -> None:
        await self.until(lambda: text in self.text)


async def visit(
    session: aiohttp.ClientSession, url: str, width: int = 120, height: int = 36, way: str = "ws", **options: Any
) -> Visitor:
    """A visitor whose window has so many columns and rows."""
    socket = await session.ws_connect(f"{url}{way}?width={width}&height={height}", max_msg_size=0, **options)
    return Visitor(socket, width, height)
