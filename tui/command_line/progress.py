"""One line on a terminal that says how far a headless run has come: `[####....] 1,200/3,000  loss 0.12  …`."""

import sys
from shutil import get_terminal_size
from time import monotonic

BAR = 20
INTERVAL = 0.1
"""Seconds between two pictures."""


class Progress:
    """The progress of a run of `steps` steps on standard error, if that is a terminal; else nothing at all.

    A context: whatever ends it, the line is gone.
    """

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.shown = sys.stderr is not None and sys.stderr.isatty()
        self.begin = self.last = monotonic()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *ending: object) -> None:
        if self.shown:
            self.write("")
            self.write("", end="\r")

    def __call__(self, step: int, loss: float) -> None:
        """Take in that `step` steps are done, and show it if the last picture is old enough."""
        now = monotonic()
        if self.shown and now - self.last >= INTERVAL:
            self.last = now
            self.write(line(step, self.steps, loss, now - self.begin))

    def write(self, text: str, end: str = "") -> None:
        width = get_terminal_size().columns - 1
        sys.stderr.write("\r" + text[:width].ljust(0 if end else width) + end)
        sys.stderr.flush()


def line(step: int, steps: int, loss: float, seconds: float) -> str:
    """The picture after `seconds` seconds."""
    done = min(step / steps, 1.0)
    rate = step / seconds if seconds else 0.0
    left = f"{duration((steps - step) / rate)} left" if rate else ""
    bar = "#" * int(done * BAR)
    return f"[{bar:.<{BAR}}] {step:,}/{steps:,} steps  loss {loss:.4g}  {rate:,.0f} steps/s  {left}"


def duration(seconds: float) -> str:
    """`0:07`, `12:30`, `1:02:03`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
