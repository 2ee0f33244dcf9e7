"""A preset full of control characters in the app: no pane, no page and no exported file has one of them."""

import re
from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input

from backprop_tui.core.session.session import Session
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.command_line.loading import load

from ..share import share

SENT = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
CODES = "\x1b]52;c;eA==\x07\x9b1m\u202e\x7f"
WRITTEN = "".join(f"\\u{ord(character):04x}" if not "!" <= character <= "~" else character for character in CODES)
LESSON = rf"# H{WRITTEN}\n\nL{WRITTEN} **{WRITTEN}** `{WRITTEN}` [{WRITTEN}](key:space)\n\n- [a](x{WRITTEN})"
PRESET = f"""title = "T{WRITTEN}\\nT"
summary = "S{WRITTEN}"
credit = "C{WRITTEN}"
lesson = "{LESSON}"
[data]
kind = "csv"
path = "data.csv"
targets = ["y{WRITTEN}", "z{WRITTEN}"]
[[layers]]
units = 3
activation = "tanh"
[[layers]]
units = 2
activation = "softmax"
[[variants]]
name = "V{WRITTEN}"
set = {{ "optimizer.learning_rate" = 1e-12 }}
"""
PAGES = ("i", "question_mark", "d", "c", "e", "b", "s", "t", "p", "x", "C", "y", "colon", "o", "v", "w", "l")


@pytest.fixture
def preset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"{i % 3},{i % 5},{i % 2},{1 - i % 2}\n" for i in range(20))
    Path("data.csv").write_text(f"a{CODES},b{CODES},y{CODES},z{CODES}\n{rows}", encoding="utf-8")
    name = "file\x1b[31m.toml"
    Path(name).write_text(PRESET, encoding="utf-8")
    return name


def drawn(app: BackpropApp) -> str:
    """All that is on the screen, of which nothing but the characters may reach the terminal."""
    return "".join(segment.text for strip in app.screen._compositor.render_strips() for segment in strip)


@pytest.mark.parametrize("ascii", [False, True])
async def test_no_pane_and_no_page_sends_what_stands_in_a_preset(preset: str, ascii: bool) -> None:
    app = BackpropApp(AppRequest(preset, ascii=ascii), Session(*load(preset)))
    async with app.run_test(size=(160, 50)) as pilot:
        await pilot.pause()
        found = [drawn(app)]
        await pilot.press(*["right"] * 9)
        for page in PAGES[1 :: share(3, 1)] if ascii else PAGES[:: share(2, 1)]:
            await pilot.press(page)
            await pilot.pause()
            found.append(drawn(app))
            await pilot.press("escape")
    text = "\n".join(found).replace("\n", "")
    assert not SENT.search(text)
    assert r"T\x1b]52;c;eA==\x07\x9b1m\u202e\x7f T" in text


async def test_no_message_and_no_file_has_what_was_typed_or_read(preset: str, tmp_path: Path) -> None:
    app = BackpropApp(AppRequest(preset), Session(*load(preset)))
    async with app.run_test(size=(160, 50)) as pilot:
        await pilot.pause()
        for name in (f"a{CODES}.nothing", "solution.md", "solution.tex", "solution.txt"):
            await pilot.press("x")
            field = app.screen.query_one(Input)
            field.value = ""
            field.post_message(events.Paste(name))
            await pilot.pause()
            assert not SENT.search(drawn(app))
            await pilot.press("enter")
            await pilot.pause()
            assert not SENT.search(drawn(app))
            await pilot.press("escape")
    for suffix in ("md", "tex", "txt"):
        written = Path(f"solution.{suffix}").read_text(encoding="utf-8")
        assert not SENT.search(written.replace("\n", ""))
