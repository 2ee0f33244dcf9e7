"""The app in Chromium: opened, driven by keys and the mouse, made another size, its download, and its end."""

import asyncio
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("aiohttp", reason="textual-serve is not installed")
pytest.importorskip("textual_serve", reason="textual-serve is not installed")

import pyte

from .chromium import PATH, SPACE, Chromium, Tab, chromium
from .served import Served, served

pytestmark = pytest.mark.skipif(PATH is None, reason="there is no Chromium here: chromium, chromium-browser or chrome")

LISTENING = """
const Socket = WebSocket;
window.received = [];
window.WebSocket = class extends Socket {
  constructor(...words) {
    super(...words);
    this.addEventListener("message", (event) => {
      if (typeof event.data !== "string") window.received.push(...new Uint8Array(event.data));
    });
  }
  send(text) {
    const [kind, size] = JSON.parse(text);
    if (kind === "resize") window.size = [size.width, size.height];
    super.send(text);
  }
};
window.asked = [];
new PerformanceObserver((list) => list.getEntries().forEach((entry) => window.asked.push(entry.name)))
  .observe({ type: "resource", buffered: true });
"""
"""Keeps what comes to the terminal of the page, which shows it in pixels alone, and which addresses were asked."""
IS_DRAWN = "document.body?.classList.contains('-first-byte')"
IS_CLOSED = "document.body?.classList.contains('-closed')"


class Seen:
    """What a terminal of the page's size makes of all that has come to it."""

    def __init__(self, tab: Tab) -> None:
        self.tab, self.text = tab, ""

    async def size(self) -> tuple[int, int]:
        """The columns and rows that the page has asked for last."""
        width, height = await self.tab.script("window.size")
        return width, height

    async def sees(self, text: str, *, gone: bool = False) -> None:
        """Wait until the page shows a text, or no longer does."""
        await self.comes_to(lambda shown: (text in shown) is not gone)

    async def comes_to(self, holds: Callable[[str], bool]) -> None:
        """Wait until what the page shows is so."""
        end = time.monotonic() + 90
        while not holds(await self.read(await self.size())):
            assert time.monotonic() < end, self.text
            await asyncio.sleep(0.2)

    async def read(self, size: tuple[int, int]) -> str:
        data = bytes(await self.tab.script("window.received"))
        screen = pyte.Screen(*size)
        pyte.ByteStream(screen).feed(re.sub(rb"\x1b\[[<>=?][0-9;]*[a-z$]+", b"", data))
        self.text = "\n".join(screen.display)
        return self.text


async def begun(browser: Chromium, url: str) -> tuple[Tab, Seen]:
    tab = await browser.open(url, LISTENING)
    await tab.until(IS_DRAWN)
    return tab, Seen(tab)


async def gone(server: Served) -> None:
    end = time.monotonic() + 40
    while server.children():
        assert time.monotonic() < end
        await asyncio.sleep(0.1)


async def test_the_app_in_a_browser(tmp_path: Path) -> None:
    with served("xor", "spiral", folder=tmp_path) as server:
        async with chromium(tmp_path) as browser:
            # A tab for a projector, and one from a link.
            tab, seen = await begun(browser, f"{server.url}?fontsize=20")
            other, also = await begun(browser, f"{server.url}?preset=spiral")
            await seen.sees("2 presets")
            await also.sees("spiral")
            large, usual = await seen.size(), await also.size()
            assert large[0] < usual[0]
            assert large[1] < usual[1]
            assert len(server.children()) == 2
            await other.close()

            # Nothing of a bar for scrolling stands beside the app.
            bar = "(view => view.offsetWidth - view.clientWidth)(document.querySelector('.xterm-viewport'))"
            assert await tab.script(bar) == 0

            # Keys: a filter, enter, arrows, a character.
            await tab.keys("x", "o", "r")
            await seen.sees("spiral", gone=True)
            await tab.key("Enter")
            await seen.sees("before the first op of step 1")
            await tab.keys("1", "ArrowRight", "ArrowRight")
            await seen.sees("forward · layer 1 of 2 · A")
            await tab.key("ArrowLeft")
            await seen.sees("forward · layer 1 of 2 · Z")

            # The mouse: the hint `quit` at the foot is not pressed, but that of the next pane is.
            width, height = await tab.script("[innerWidth, innerHeight]")
            lines = (await seen.read(large)).split("\n")
            foot = len(lines) - 1
            column = lines[foot].index("space play")
            await tab.click((column + 1.5) * width / large[0], (foot + 0.5) * height / large[1])
            await seen.sees("pause")
            await tab.key(SPACE)
            await seen.sees("paused")

            # Selected text is copied by ctrl+c, which else quits.
            cell = width / large[0]
            await tab.drag(3.5 * cell, (foot + 0.5) * height / large[1], 20.5 * cell)
            await tab.script("window.addEventListener('copy', (copy) => (window.copied = copy.defaultPrevented))")
            await tab.control("c")
            assert await tab.script("window.copied") is True
            await tab.key("2")
            await seen.sees("← → layer")

            # Another size of the window.
            await tab.script("window.received = []")
            await tab.resize(1900, 1000)
            await tab.until(f"window.size[0] > {large[0]}")
            await seen.comes_to(lambda text: max(len(line.rstrip()) for line in text.split("\n")) > large[0])

            # A download under its name, in no window of its own.
            await tab.keys("X", "Enter")
            file = tmp_path / "downloads" / "xor-as-it-is.toml"
            end = time.monotonic() + 60
            while not file.exists():
                assert time.monotonic() < end
                await asyncio.sleep(0.1)
            assert 'title = "XOR' in file.read_text(encoding="utf-8")

            # Nothing has been asked of another server.
            asked = await tab.script("window.asked")
            assert any(address.endswith("xterm.css") for address in asked)
            assert all(address.startswith((server.url, "data:")) for address in asked)

            # Its end, said on the page; the process has gone, and another visit can be begun.
            await tab.key("q")
            await tab.until(IS_CLOSED)
            assert "This visit has ended" in await tab.script("document.querySelector('#said').innerText")
            await gone(server)
            await tab.script("document.querySelector('button').click()")
            await tab.until(f"{IS_DRAWN} && !{IS_CLOSED}")
            assert len(server.children()) == 1
            await tab.close()
            await gone(server)
