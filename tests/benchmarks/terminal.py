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
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from time import perf_counter, sleep
from types import MappingProxyType
from typing import Self

COLUMNS, LINES = 120, 36
QUERY, ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
"""Whether frames can be marked as such, which a modern terminal says it can."""
ESCAPE = re.compile(rb"\x1b(?:\[[0-9;?<>=$ ]*[@-~]|[PX^_\]][^\x07\x1b]*(?:\x07|\x1b\\)|[()][A-Z0-9]|[78=>cDEHM])")
PATIENCE = 20.0
"""Seconds until a text that should have come is missed."""
POLL = 0.0005
TAIL = 1024
"""Bytes that a text looked for has at most, its escape codes included."""


def environment() -> dict[str, str]:
    """That of a truecolor terminal, with one BLAS thread, and nothing that changes what a program shows."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("TEXTUAL")}
    for name in ("COLUMNS", "LINES", "NO_COLOR"):
        env.pop(name, None)
    env |= {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}
    env["XDG_CONFIG_HOME"] = without_end()
    return env | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


@cache
def without_end() -> str:
    """A configuration folder in which it is chosen that full speed goes on until a key is pressed."""
    folder = Path(mkdtemp(prefix="backprop-tui-benchmark-"))
    (folder / "backprop-tui").mkdir()
    (folder / "backprop-tui" / "choices.json").write_text('{"full_speed_until": "never"}')
    atexit.register(rmtree, folder, ignore_errors=True)
    return str(folder)


def compiled(folder: str) -> dict[str, str]:
    """What makes programs keep their bytecode in `folder`, for those that run from a source tree without."""
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": folder}


class Terminal:
    """Runs `argv` in a pseudo-terminal of 120 × 36 cells; a context, at whose end the program is ended too.

    `variables` are added to its environment.
    """

    def __init__(self, argv: Sequence[str], variables: Mapping[str, str] = MappingProxyType({})) -> None:
        self.ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self.chunks: list[tuple[float, bytes]] = []
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

    def text(self, since: int = 0, until: int | None = None) -> str:
        """What was written between two marks, without escape codes."""
        return ESCAPE.sub(b"", b"".join(chunk for _, chunk in self.chunks[since:until])).decode(errors="replace")

    def wait(self, text: str, since: int = 0) -> float:
        """The time at which `text` was first complete after the mark. Raises TimeoutError where it does not come."""
        deadline, seen, tail = perf_counter() + PATIENCE, since, b""
        wanted = text.encode()
        while perf_counter() < deadline:
            while seen < len(self.chunks):
                came, chunk = self.chunks[seen]
                output, seen = tail + chunk, seen + 1
                if wanted in ESCAPE.sub(b"", output):
                    return came
                tail = output[-TAIL:]
            if self.process.poll() is not None:
                break
            sleep(POLL)
        raise TimeoutError(f"expected {text!r} on the screen, found {self.text(since)[-400:]!r}")

    def seconds_used(self) -> float:
        """Processor time of the program up to now, its own and the system's."""
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
