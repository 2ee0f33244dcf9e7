"""Ends the app in every way that is none of its own keys, at any moment, and sees whether it ends as it should.

    python tests/closings.py [--times 300] [--seed 0]

Each time the app is opened in a pseudo-terminal, brought to a moment (opening, paused, playing at full speed, in the
gallery, in each of its pages, while an export is written), and then

    closed      its window is closed, which the system tells it with SIGHUP
    vanished    its window is closed, and SIGHUP is ignored, so that nobody tells it
    unread      SIGTERM comes while nobody reads what the terminal should show
    held        SIGHUP comes while the terminal takes no output, as after ctrl+s

It should end with 129, and with 143 after SIGTERM; a terminal that is still there should have its modes and attributes
back. Prints counts and the slowest for each way, and each closing that went wrong; the exit status is 1 if one did. The
tests do three of the same, with WHOLE=1 a dozen.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from select import select

import pexpect

FULL_SPEED = "+" * 14
PAGES = {key: (key,) for key in "egdbstpxci?v"} | {"ctrl+p": ("\x10",)}
MOMENTS: dict[str, tuple[str, ...]] = {
    "opening": (), "gallery": (), "paused": (), "playing": (FULL_SPEED, " "), "export": ("x", "\r"), **PAGES,
}  # fmt: skip
"""What is typed until the moment has come."""
WAYS = {"closed": 129, "vanished": 129, "unread": 143, "held": 129}
"""Each with the exit status that it should lead to."""
STUCK = {"unread": signal.SIGTERM, "held": signal.SIGHUP}
PATIENCE = 60.0
"""Seconds until an end that should have come is missed; nothing is measured by it."""
LONGEST_PAUSE = 0.5
PRESSES = 50
DRAWN = {"gallery": b"type to filter"}
"""What shows that the app is there, where it is not the first op of a run."""


@dataclass(frozen=True)
class Closing:
    """One end of the app: when, how, and what came of it. Without a status it has not ended."""

    moment: str
    way: str
    status: int | None
    restored: bool
    seconds: float

    @property
    def fine(self) -> bool:
        return self.status == WAYS[self.way] and self.restored


def closings(times: int, seed: int) -> Iterator[Closing]:
    """So many closings: every moment in every way, in an order drawn by `seed`, again and again."""
    chance = random.Random(seed)
    every = list(product(MOMENTS, WAYS))
    drawn: list[tuple[str, str]] = []
    for _ in range(times):
        drawn = drawn or chance.sample(every, len(every))
        yield closing(*drawn.pop(), chance)


def closing(moment: str, way: str, chance: random.Random) -> Closing:
    """Open the app, bring it to the moment, end it, and see."""
    with tempfile.TemporaryDirectory() as folder:
        child = opened(moment, way, folder)
        try:
            attributes = termios.tcgetattr(child.child_fd)
            bring_to(child, moment, chance)
            if way in STUCK:
                stick(child, way)
            begin = time.monotonic()
            end(child, way)
            status = status_of(child)
            seconds = time.monotonic() - begin
            restored = child.closed or is_restored(child, attributes)
        finally:
            child.close(force=True)
    return Closing(moment, way, status, restored, seconds)


def opened(moment: str, way: str, folder: str) -> pexpect.spawn:
    """The app in a terminal of its own, without what would change how Python writes and ends."""
    arguments = [] if moment == "gallery" else ["digits" if moment == "export" else "xor"]
    left_out = ("NO_COLOR", "COLUMNS", "LINES", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE")
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("TEXTUAL") and k not in left_out}
    on_hang_up = signal.SIG_IGN if way == "vanished" else signal.SIG_DFL
    return pexpect.spawn(
        sys.executable,
        ["-m", "backprop_tui", *arguments],
        cwd=folder,
        dimensions=(36, 120),
        env=inherited | {"TERM": "xterm-256color", "COLORTERM": "truecolor"},
        preexec_fn=lambda: signal.signal(signal.SIGHUP, on_hang_up),
    )


def bring_to(child: pexpect.spawn, moment: str, chance: random.Random) -> None:
    """Type what leads to the moment, and let some time pass, in which everything is read."""
    if moment == "opening":
        # Its first code; what is before belongs to the tests of imports.
        child.expect_exact(b"\x1b[?1049h", timeout=PATIENCE)
    else:
        child.expect_exact(DRAWN.get(moment, b"before the first op of step 1"), timeout=PATIENCE)
    for keys in MOMENTS[moment]:
        child.send(keys)
        read(child, chance.uniform(0, LONGEST_PAUSE))
    read(child, chance.uniform(0, LONGEST_PAUSE))


def read(child: pexpect.spawn, seconds: float) -> None:
    """Read for so many seconds."""
    until = time.monotonic() + seconds
    with suppress(pexpect.TIMEOUT):
        while (left := until - time.monotonic()) > 0:
            child.read_nonblocking(1 << 16, left)


def stick(child: pexpect.spawn, way: str) -> None:
    """Let the terminal take no more, while nearly every key is answered by a picture that waits for room."""
    name = subprocess.run(["ps", "-o", "tty=", "-p", str(child.pid)], capture_output=True, text=True, check=True)
    terminal = os.open("/dev/" + name.stdout.strip(), os.O_RDWR | os.O_NOCTTY)
    if way == "held":
        termios.tcflow(terminal, termios.TCOOFF)
    for _ in range(PRESSES):
        child.send("z")
        time.sleep(LONGEST_PAUSE / PRESSES)
        if way == "unread" and not select([], [terminal], [], 0)[1]:
            break
    os.close(terminal)


def end(child: pexpect.spawn, way: str) -> None:
    """Send the signal, or close the window."""
    if way in STUCK:
        child.kill(STUCK[way])
    else:
        child.ptyproc.fileobj.close()
        child.closed = child.ptyproc.closed = True


def status_of(child: pexpect.spawn) -> int | None:
    """Wait for the end; its exit status, or minus the number of the signal that killed it."""
    deadline = time.monotonic() + PATIENCE
    while child.isalive():
        if time.monotonic() > deadline:
            return None
        time.sleep(0.01)
    return child.exitstatus if child.signalstatus is None else -child.signalstatus


def is_restored(child: pexpect.spawn, attributes: list[object]) -> bool:
    """Whether the terminal has been left as it was: its attributes, and the codes that it is still to read."""
    output = b""
    with suppress(pexpect.EOF, pexpect.TIMEOUT):
        while True:
            output += child.read_nonblocking(1 << 16, 1.0)
    ends = (b"\x1b[?1049l", b"\x1b[?1003l", b"\x1b[?25h", b"\x1b[?2004l")
    return termios.tcgetattr(child.child_fd) == attributes and all(code in output for code in ends)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    done = []
    for one in closings(options.times, options.seed):
        done.append(one)
        if not one.fine:
            print(one, flush=True)
    for way in WAYS:
        some = [one for one in done if one.way == way]
        slowest = max((one.seconds for one in some), default=0.0)
        print(f"{way:12} {len(some):4}  as it should {sum(one.fine for one in some):4}  slowest {slowest:.2f} s")
    return 0 if all(one.fine for one in done) else 1


if __name__ == "__main__":
    sys.exit(main())
