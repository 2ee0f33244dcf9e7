"""Chromium without a window, told what to do over its DevTools socket; no further package is needed for it."""

import asyncio
import base64
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PATH = next((found for name in NAMES if (found := shutil.which(name))), None)
KEYS = {"Enter": 13, "Tab": 9, "Escape": 27, "ArrowRight": 39, "ArrowLeft": 37, "ArrowDown": 40, "ArrowUp": 38}
SPACE = " "


class Tab:
    """A page: `text` is what its terminal shows."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, identity: str) -> None:
        self.socket, self.identity = socket, identity
        self.count = 0

    async def tell(self, method: str, **parameters: Any) -> Any:
        self.count += 1
        await self.socket.send_json({"id": self.count, "method": method, "params": parameters})
        async for message in self.socket:
            answer = json.loads(message.data)
            if answer.get("id") == self.count:
                assert "error" not in answer, answer
                return answer["result"]
        raise EOFError

    async def script(self, code: str) -> Any:
        """What a line of JavaScript comes to."""
        found = await self.tell("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    async def key(self, key: str) -> None:
        """Press a key: a character, or one of KEYS."""
        number = KEYS.get(key, ord(key[0].upper()))
        text = {} if key in KEYS else {"text": key}
        for kind in ("keyDown", "keyUp"):
            await self.tell(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                windowsVirtualKeyCode=number,
                **(text if kind == "keyDown" else {}),
            )

    async def keys(self, *keys: str) -> None:
        for key in keys:
            await self.key(key)

    async def click(self, x: float, y: float) -> None:
        """Click at pixels of the page."""
        place = {"x": x, "y": y, "button": "left", "clickCount": 1}
        for kind in ("mousePressed", "mouseReleased"):
            await self.tell("Input.dispatchMouseEvent", type=kind, **place)

    async def drag(self, x: float, y: float, to: float) -> None:
        """Drag along a line, with shift held."""
        for kind, place in (("mousePressed", x), ("mouseMoved", to), ("mouseReleased", to)):
            await self.tell(
                "Input.dispatchMouseEvent", type=kind, x=place, y=y, button="left", buttons=1, clickCount=1, modifiers=8
            )

    async def control(self, key: str) -> None:
        """Press a key with ctrl."""
        number = ord(key.upper())
        for kind in ("rawKeyDown", "keyUp"):
            await self.tell(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=f"Key{key.upper()}",
                windowsVirtualKeyCode=number,
                modifiers=2,
            )

    async def resize(self, width: int, height: int) -> None:
        await self.tell(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )

    async def picture(self, path: Path) -> None:
        found = await self.tell("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(found["data"]))

    async def until(self, code: str, seconds: float = 60.0) -> Any:
        """Wait until a line of JavaScript comes to something."""
        end = time.monotonic() + seconds
        while not (found := await self.script(code)):
            assert time.monotonic() < end, f"{code} came to nothing"
            await asyncio.sleep(0.1)
        return found

    async def close(self) -> None:
        await self.tell("Page.close")
        await self.socket.close()


class Chromium:
    """A browser of its own, with a profile that is taken away."""

    def __init__(self, session: aiohttp.ClientSession, port: int) -> None:
        self.session, self.port = session, port

    async def open(self, url: str, before: str = "") -> Tab:
        """A page, before whose own scripts `before` is run."""
        about = f"http://127.0.0.1:{self.port}/json/new?about:blank"
        async with self.session.put(about) as answer:
            found = await answer.json(content_type=None)
        socket = await self.session.ws_connect(found["webSocketDebuggerUrl"], max_msg_size=0)
        tab = Tab(socket, found["id"])
        await tab.tell("Page.enable")
        if before:
            await tab.tell("Page.addScriptToEvaluateOnNewDocument", source=before)
        await tab.tell("Page.navigate", url=url)
        await tab.tell("Page.bringToFront")
        return tab


@asynccontextmanager
async def chromium(folder: Path) -> AsyncIterator[Chromium]:
    """A browser whose profile lies in `folder`, and whose downloads do, too."""
    assert PATH is not None
    words = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    words += [f"--user-data-dir={folder / 'profile'}", "--remote-debugging-port=0", "--window-size=1200,800"]
    # The home folder may be one that nothing can be written in.
    process = subprocess.Popen(
        [PATH, *words, "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "HOME": str(folder)},
        start_new_session=True,
    )
    try:
        port_file = folder / "profile" / "DevToolsActivePort"
        while not (port_file.exists() and port_file.read_text().count("\n")):
            assert process.poll() is None, "Chromium did not start"
            await asyncio.sleep(0.05)
        port, way = port_file.read_text().split("\n")[:2]
        where = f"ws://127.0.0.1:{port}{way}"
        async with aiohttp.ClientSession() as session, session.ws_connect(where, max_msg_size=0) as socket:
            downloads = {"behavior": "allow", "downloadPath": str(folder / "downloads")}
            await Tab(socket, "").tell("Browser.setDownloadBehavior", **downloads)
            yield Chromium(session, int(port))
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
