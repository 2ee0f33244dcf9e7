"""A program in a pseudo-terminal whose output is read all the time, each piece with the time it came."""

import atexit
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from time import perf_counter, sleep
from types import MappingProxyType
from typing import Self

from shown import Shown

COLUMNS, LINES = 120, 36
QUERY, ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
"""Whether frames can be marked as such, which a modern terminal says it can."""
PATIENCE = 20.0
"""Seconds until a text that should have come is missed."""
POLL = 0.0005


def environment() -> dict[str, str]:
    """That of a truecolor terminal, with one BLAS thread, and nothing that changes what a program shows."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("TEXTUAL")}
    for name in ("COLUMNS", "LINES", "NO_COLOR", "SSH_CONNECTION"):
        env.pop(name, None)
    env |= {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}
    env["XDG_CONFIG_HOME"] = without_end()
    return env | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


@cache
def without_end() -> str:
    """A configuration folder in which it is chosen that full speed goes on until a key is pressed."""
    folder = Path(mkdtemp(prefix="backprop-tui-benchmark-"))
    (folder / "backprop-tui").mkdir()
    (folder / "backprop-tui" / "config.toml").write_text('full_speed_until = "never"\n')
    atexit.register(rmtree, folder, ignore_errors=True)
    return str(folder)


def compiled(folder: str) -> dict[str, str]:
    """What makes programs keep their bytecode in `folder`, for those that run from a source tree without."""
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": folder}


class Terminal:
    """Runs `argv` in a pseudo-terminal of `size`, columns and rows; a context, at whose end the program is ended too.

    `variables` are added to its environment.
    """

    def __init__(
        self,
        argv: Sequence[str],
        variables: Mapping[str, str] = MappingProxyType({}),
        size: tuple[int, int] = (COLUMNS, LINES),
    ) -> None:
        self.size = columns, rows = size
        self.ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.chunks: list[tuple[float, bytes]] = []
        self.shown, self.seen = Shown(*size), 0
        """What the screen shows after so many chunks."""
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.begin = perf_counter()
        env = environment() | dict(variables)
        self.process = subprocess.Popen(
            argv, stdin=theirs, stdout=theirs, stderr=theirs, env=env, start_new_session=True
        )
        os.close(theirs)
        self.reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ending: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join(5)
        os.close(self.ours)

    def read(self) -> None:
        """Take in all output, and answer the one question that a terminal is asked."""
        while True:
            try:
                chunk = os.read(self.ours, 1 << 16)
            except OSError:
                return
            if not chunk:
                return
            self.chunks.append((perf_counter(), chunk))
            if QUERY in chunk:
                os.write(self.ours, ANSWER)

    def press(self, keys: str) -> float:
        """Write the keys; the time just before."""
        now = perf_counter()
        os.write(self.ours, keys.encode())
        return now

    def mark(self) -> int:
        """The place in the output that is now its end."""
        return len(self.chunks)

    def pictures(self, since: int, until: int | None = None) -> Iterator[tuple[float, Shown]]:
        """What the screen shows at a mark and after each piece of the output from there on, with the time it came."""
        if since < self.seen:
            self.shown, self.seen = Shown(*self.size), 0
        while self.seen < since:
            self.shown.feed(self.chunks[self.seen][1])
            self.seen += 1
        yield self.chunks[since - 1][0] if since else self.begin, self.shown
        while self.seen < (len(self.chunks) if until is None else until):
            came, chunk = self.chunks[self.seen]
            self.shown.feed(chunk)
            self.seen += 1
            yield came, self.shown

    def shows(self, wanted: re.Pattern[str]) -> bool:
        """Whether the screen shows that now."""
        *_, (_, shown) = self.pictures(self.mark())
        return wanted.search(shown.text) is not None

    def wait(self, text: str | re.Pattern[str], since: int = 0) -> float:
        """The time at which the screen first showed `text` after the mark. Raises TimeoutError where it never does."""
        wanted = re.compile(re.escape(text)) if isinstance(text, str) else text
        deadline = perf_counter() + PATIENCE
        while perf_counter() < deadline:
            for came, shown in self.pictures(since):
                if wanted.search(shown.text):
                    return came
            if self.process.poll() is not None:
                break
            since = self.seen
            sleep(POLL)
        raise TimeoutError(f"expected {wanted.pattern!r} on the screen, found\n{self.shown.text}")

    def seconds_used(self) -> float:
        """Processor time of the program up to now, its own and the system's."""
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
