"""The app where nothing can be written: files may not grow by a byte, and the system knows no home folder."""

import os
import sys
import time
from pathlib import Path

import pyte
import pytest

pexpect = pytest.importorskip("pexpect")
resource = pytest.importorskip("resource")
if not hasattr(pexpect, "spawn"):
    pytest.skip("there are no pseudo-terminals here", allow_module_level=True)

# Python warns of every fork beside threads; what is forked here only goes on to be another program.
pytestmark = pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")

PROGRAM = (
    "import pwd, resource, sys; pwd.getpwuid = {}.__getitem__; sys.dont_write_bytecode = True; "
    "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); sys.argv = ['backprop-tui', *sys.argv[1:]]; "
    "from backprop_tui.__main__ import main; sys.exit(main())"
)
NOWHERE = "/dev/null/nowhere"
"""A folder that cannot be made, whoever asks."""
PATIENCE = 60.0
"""Seconds until something that should have come is missed; nothing is measured by it."""


class Terminal:
    """The app in a pseudo-terminal of 120 × 36."""

    def __init__(self, preset: str, folder: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if name != "HOME" and not name.startswith("XDG_")}
        environment = kept | {"TERM": "xterm-256color", "LANG": "C.UTF-8", "TMPDIR": NOWHERE}
        words = ["-c", PROGRAM, preset]
        self.child = pexpect.spawn(sys.executable, words, dimensions=(36, 120), env=environment, cwd=str(folder))
        self.screen = pyte.Screen(120, 36)
        self.stream = pyte.ByteStream(self.screen)

    def press(self, keys: str, shown: str) -> None:
        """Press keys, until something is shown."""
        self.child.send(keys)
        deadline = time.monotonic() + PATIENCE
        while shown not in self.text:
            assert time.monotonic() < deadline, f"{shown!r} is not shown:\n{self.text}"
            self.read()

    def read(self) -> None:
        try:
            self.stream.feed(self.child.read_nonblocking(1 << 16, 0.1))
        except pexpect.TIMEOUT:
            return
        except pexpect.EOF:
            pytest.fail(f"it has ended:\n{self.text}")

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)


def test_all_that_writes_says_that_it_cannot_and_the_run_goes_on(tmp_path: Path) -> None:
    terminal = Terminal("xor", tmp_path)
    terminal.press("", "step 1")
    terminal.press("4\x1b[C", "after step 1")
    # The worked solution, the weights and the run as a preset; then a recording, and a choice that is remembered.
    for step, (key, ending) in enumerate((("x", ".md"), ("W", ".npz"), ("X", ".toml")), 2):
        terminal.press(key, ending)
        terminal.press("\r", "too large")
        terminal.press("\x1b[C", f"after step {step}")
    terminal.press("f", "cannot be written")
    terminal.press("l", " log")
    terminal.press("\x1b[C", "after step 5")
    terminal.child.send("q")
    terminal.child.expect(pexpect.EOF, timeout=PATIENCE)
    terminal.child.close()
    assert (terminal.child.exitstatus, terminal.child.signalstatus) == (0, None)
    assert b"fault" not in terminal.child.before
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
