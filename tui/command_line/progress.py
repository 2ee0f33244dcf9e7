"""One line on a terminal that says how far a headless run has come: `[####....] 1,200/3,000  loss 0.12  …`."""

import sys
from contextlib import suppress
from shutil import get_terminal_size
from time import monotonic

from .leaving import HOLDERS, Holder

BAR = 20
INTERVAL = 0.1
"""Seconds between two pictures."""


class Progress(Holder):
    """How much is done of so many `steps`, which are called `what`, on standard error if that is a terminal.

    A context: whatever ends it, the line is gone. It also goes when the process ends or stops on a signal.
    """

    def __init__(self, steps: int, what: str = "steps") -> None:
        self.steps, self.what = steps, what
        self.shown = sys.stderr is not None and sys.stderr.isatty()
        self.given_back = self.drawn = False
        self.begin = self.last = monotonic()

    def __enter__(self) -> "Progress":
        HOLDERS.append(self)
        return self

    def __exit__(self, *ending: object) -> None:
        HOLDERS.remove(self)
        self.give_back()

    def __call__(self, step: float, loss: float | None = None) -> None:
        """Take in that `step` steps are done, of one perhaps a part, and show it where the last picture is old."""
        now = monotonic()
        if self.shown and not self.given_back and now - self.last >= INTERVAL:
            self.last, self.drawn = now, True
            self.write(line(step, self.steps, self.what, loss, now - self.begin))

    def towards(self, step: int, steps: int) -> None:
        """The same of a number of steps that changes."""
        self.steps = max(steps, 1)
        self(step)

    def give_back(self) -> None:
        self.given_back = True
        if self.drawn:
            self.write("")
            self.write("", end="\r")

    def take_again(self) -> bool:
        self.given_back = False
        return True

    def write(self, text: str, end: str = "") -> None:
        """Write a picture over the last one. A terminal that has gone away is no reason to end a run."""
        width = get_terminal_size().columns - 1
        with suppress(OSError):
            sys.stderr.write("\r" + text[:width].ljust(0 if end else width) + end)
            sys.stderr.flush()


def line(step: float, steps: int, what: str, loss: float | None, seconds: float) -> str:
    """The picture after `seconds` seconds."""
    step = min(step, steps)
    done = step / steps
    rate = step / seconds if seconds else 0.0
    left = f"{duration((steps - step) / rate)} left" if rate else ""
    bar = "#" * int(done * BAR)
    reached = "" if loss is None else f"  loss {loss:.4g}"
    speed = f"{rate:,.0f}" if rate >= 10 or step == int(step) else f"{rate:.2g}"
    return f"[{bar:.<{BAR}}] {int(step):,}/{steps:,} {what}{reached}  {speed} {what}/s  {left}"


def duration(seconds: float) -> str:
    """`0:07`, `12:30`, `1:02:03`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
