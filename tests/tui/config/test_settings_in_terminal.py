"""Settings that stay, from one start of the program to the next, in a pseudo-terminal."""

import json
import os
import sys
import time
from pathlib import Path

import pyte
import pytest

from backprop_tui.tui.config.config import read_config
from backprop_tui.tui.config.recent import FILE

pexpect = pytest.importorskip("pexpect")
if not hasattr(pexpect, "spawn"):
    pytest.skip("there are no pseudo-terminals here", allow_module_level=True)

# Python warns of every fork beside threads; what is forked here only goes on to be another program.
pytestmark = pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")

PATIENCE = 60.0
"""Seconds until something that should have come is missed; nothing is measured by it."""


class Terminal:
    """The program in a pseudo-terminal of 120 × 36."""

    def __init__(self, *words: str) -> None:
        environment = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
        line = ["-m", "backprop_tui", *words]
        self.child = pexpect.spawn(sys.executable, line, dimensions=(36, 120), env=environment)
        self.screen = pyte.Screen(120, 36)
        self.stream = pyte.ByteStream(self.screen)

    def press(self, keys: str, shown: str) -> None:
        """Press keys, until something is shown."""
        self.child.send(keys)
        deadline = time.monotonic() + PATIENCE
        while shown not in "\n".join(self.screen.display):
            assert time.monotonic() < deadline, f"{shown!r} is not shown:\n" + "\n".join(self.screen.display)
            try:
                self.stream.feed(self.child.read_nonblocking(1 << 16, 0.1))
            except pexpect.TIMEOUT:
                continue

    def leave(self, keys: str) -> int:
        self.child.send(keys)
        self.child.expect(pexpect.EOF, timeout=PATIENCE)
        self.child.close()
        return int(self.child.exitstatus)


def test_what_was_chosen_right_before_leaving_is_there_at_the_next_start_with_keys_of_ones_own(file: Path) -> None:
    file.write_text('# mine\n[keys]\nquit = "f10"\nforward = "é"\n')
    terminal = Terminal("xor")
    terminal.press("", "f10 quit")
    terminal.press("3", "← → phase")
    assert terminal.leave("\x1b[21~") == 0
    assert file.read_text() == 'unit = "phase"\n\n# mine\n[keys]\nquit = "f10"\nforward = "é"\n'
    assert json.loads((file.parent / FILE).read_text()) == ["xor"]
    terminal = Terminal("spiral")
    terminal.press("", "← → phase")
    terminal.press("é", "in step 1")
    assert terminal.leave("\x03") == 130
    # Where it may not be written all goes on.
    file.chmod(0o444)
    terminal = Terminal()
    terminal.press("", "Opened last")
    terminal.press("\r", "Two spirals")
    terminal.press("4", "← → step")
    assert terminal.leave("\x1b[21~") == 0
    assert read_config().get("unit") == "phase"


def test_plain_mode_heeds_the_settings_of_somebody_who_types(file: Path) -> None:
    file.write_text('unit = "phase"\nascii = true\n')
    terminal = Terminal("first-steps", "--plain")
    terminal.press("until 3 epochs\r", "full speed stops: 3 epochs")
    terminal.press("unit\r", "phase")
    assert terminal.leave("quit\r") == 0
    assert file.read_text() == 'unit = "phase"\nascii = true\nfull_speed_until = "3 epochs"\n'
