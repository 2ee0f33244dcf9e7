"""The clipboard of whoever sits before the terminal, over SSH and in tmux too, and what can be said of its arrival.

A terminal is sent the text in OSC 52 and answers nothing. tmux takes that from no program unless `set-clipboard` is
`on`, but hands on what its own command `load-buffer -w` is given; GNU screen hands on what is wrapped for it.
"""

import base64
import os
import subprocess

from textual.app import App

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.tui.command_line.visitor import is_visitor

USUAL = 74_994
"""Bytes that every terminal takes which takes any: 100,000 characters of base64."""
MOST = 750_000
"""Bytes that are sent at the most: what passes through tmux has to be less than 1 MB, as base64."""
PIECE = 250
"""Characters that GNU screen is handed at once: its strings are short."""
PATIENCE = 2.0
"""Seconds that tmux has to answer."""


def copy(app: App[object], text: str) -> str:
    """Send the text, and say where it went. Raises PresetError for one that no terminal can be trusted to take."""
    size = len(text.encode())
    if size > MOST:
        raise PresetError(f"{size:,} bytes are too many for a terminal's clipboard, which takes {MOST:,} at the most")
    if is_visitor():
        app.copy_to_clipboard(text)
        where = "sent to the browser's clipboard, which some have only over https"
    elif not app.is_headless and os.environ.get("TMUX") and into_tmux(text):
        where = "in tmux's buffer (prefix ] pastes it), and sent on to the terminal's clipboard"
    else:
        send(app, text)
        where = "sent to the terminal's clipboard"
        if in_tmux_elsewhere():
            where += "; tmux lets it through after tmux set -s set-clipboard on"
    much = f": {size:,} bytes, and some terminals take no more than {USUAL:,}" if size > USUAL else ""
    return f"{where}{much}"


def send(app: App[object], text: str) -> None:
    """The text as OSC 52; in GNU screen wrapped, so that screen hands it on."""
    if app.is_headless or "STY" not in os.environ or app._driver is None:
        app.copy_to_clipboard(text)
    else:
        app._driver.write(wrapped(text))


def wrapped(text: str) -> str:
    """OSC 52 in pieces, each of which GNU screen hands on to the terminal as it is."""
    whole = f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\a"
    return "".join(f"\x1bP{whole[place : place + PIECE]}\x1b\\" for place in range(0, len(whole), PIECE))


def into_tmux(text: str) -> bool:
    """Hand the text to the tmux that this runs in, with the order to send it on; whether it has taken it."""
    try:
        done = subprocess.run(
            ["tmux", "load-buffer", "-w", "-"], input=text.encode(), capture_output=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def in_tmux_elsewhere() -> bool:
    """Whether a tmux lies between here and the terminal that cannot be told, as where this runs over SSH."""
    return os.environ.get("TERM", "").startswith(("tmux", "screen")) and "STY" not in os.environ
