"""OSC 52: what a terminal is sent, in GNU screen and in tmux too."""

import base64
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.tui.running import clipboard

pytestmark = pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")
OSC_52 = re.compile(rb"\x1b\]52;c?;([A-Za-z0-9+/=]+)(?:\x07|\x1b\\)")
PATIENCE = 60.0
"""Seconds until something that should have come is missed; nothing is measured by it."""


def test_screen_is_handed_pieces_that_put_together_are_the_sequence() -> None:
    for text in ("", "η = 0.1", "x" * 1000):
        pieces = clipboard.wrapped(text)
        assert re.fullmatch(r"(\x1bP[^\x1b]?[^\x1b]*(\x1b\][^\x1b]*)?\x1b\\)+", pieces)
        inner = "".join(re.findall(r"\x1bP(.*?)\x1b\\", pieces, re.DOTALL))
        assert inner == f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\a"
        assert max(map(len, pieces.split("\x1b\\"))) <= clipboard.PIECE + 2


class Copied:
    """An app as far as copying asks it."""

    is_headless = True
    text = ""

    def copy_to_clipboard(self, text: str) -> None:
        self.text = text


def test_what_is_too_large_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clipboard, "MOST", 10)
    app: Any = Copied()
    clipboard.copy(app, "1234567890")
    assert app.text == "1234567890"
    with pytest.raises(PresetError, match="11 bytes are too many for a terminal's clipboard, which takes 10"):
        clipboard.copy(app, "123456789ö")
    assert app.text == "1234567890"


@pytest.mark.parametrize(("term", "said"), [("tmux-256color", True), ("screen", True), ("xterm-256color", False)])
def test_a_tmux_that_cannot_be_told_is_spoken_of(term: str, said: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.delenv("STY", raising=False)
    app: Any = Copied()
    assert ("set-clipboard on" in clipboard.copy(app, "text")) == said


def test_a_tmux_that_is_not_there_or_refuses_has_not_taken_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not clipboard.into_tmux("text")
    refusing = tmp_path / "tmux"
    refusing.write_text("#!/bin/sh\nexit 1\n")
    refusing.chmod(0o755)
    assert not clipboard.into_tmux("text")
    taking = "#!/bin/sh\n[ \"$*\" = 'load-buffer -w -' ] && /bin/cat >taken\n"
    refusing.write_text(taking)
    monkeypatch.chdir(tmp_path)
    assert clipboard.into_tmux("η = 0.1\n")
    assert (tmp_path / "taken").read_text() == "η = 0.1\n"


# In real terminals


def copied(child: Any, keys: tuple[str, ...] = ("C", "\x1b[B", "c")) -> bytes:
    """What the terminal is sent for its clipboard once the app is drawn and the keys are pressed: `C`, ↓ and `c`."""
    output, deadline, pressed = b"", time.monotonic() + PATIENCE, False
    while time.monotonic() < deadline:
        try:
            output += child.read_nonblocking(1 << 20, 0.3)
        except child.timed_out:
            # Silence: what there is has been drawn, and it waits.
            if not pressed and b"First steps" in output:
                for key in keys:
                    child.send(key)
                pressed = True
        if found := OSC_52.search(output):
            return base64.b64decode(found[1])
    raise AssertionError(f"nothing was sent to the clipboard: {output[-2000:]!r}")


def in_terminal(*words: str) -> Any:
    """A program in a pseudo-terminal."""
    pexpect = pytest.importorskip("pexpect")
    child = pexpect.spawn(words[0], [*words[1:]], dimensions=(36, 120), env=environment())
    child.timed_out = pexpect.TIMEOUT
    return child


def environment() -> dict[str, str]:
    """That of a terminal of its own."""
    left_out = ("TMUX", "STY", "NO_COLOR", "COLUMNS", "LINES")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return kept | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


def test_a_terminal_is_sent_osc_52() -> None:
    child = in_terminal(sys.executable, "-m", "backprop_tui", "first-steps")
    try:
        assert copied(child) == b"backprop-tui first-steps"
    finally:
        child.close(force=True)


@pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux here")
def test_through_tmux_it_reaches_the_terminal_outside() -> None:
    """With tmux's own settings, under which it takes OSC 52 from no program."""
    socket = f"backprop-{token_hex(4)}"
    tmux = ["tmux", "-L", socket, "-f", "/dev/null"]
    program = f"exec {sys.executable} -m backprop_tui first-steps"
    child = in_terminal(*tmux, "new-session", "-x", "120", "-y", "36", program)
    try:
        assert copied(child) == b"backprop-tui first-steps"
        shown = subprocess.run([*tmux, "show-buffer"], capture_output=True, check=True, env=environment())
        assert shown.stdout == b"backprop-tui first-steps"
    finally:
        subprocess.run([*tmux, "kill-server"], capture_output=True, check=False, env=environment())
        child.close(force=True)


@pytest.mark.skipif(shutil.which("screen") is None, reason="there is no GNU screen here")
def test_through_gnu_screen_it_reaches_the_terminal_outside(tmp_path: Path) -> None:
    name, program = f"backprop-{token_hex(4)}", f"exec {sys.executable} -m backprop_tui first-steps"
    child = in_terminal("screen", "-c", "/dev/null", "-S", name, "sh", "-c", program)
    try:
        # Longer than what screen takes at once.
        text = copied(child, ("C", "c")).decode()
        assert text.startswith("# The settings of 'First steps")
        assert tomllib.loads(text)["layers"][0]["biases"] == [0.35, 0.35]
    finally:
        # A screen whose terminal goes is detached, and stays.
        subprocess.run(["screen", "-S", name, "-X", "quit"], capture_output=True, check=False, env=environment())
        child.close(force=True)
