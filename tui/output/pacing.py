"""When the next picture may be sent."""

import os

ANSWERED = 0.15
"""Seconds after a key in which what it changes is shown at once."""
USUAL, USUAL_AFAR = 15, 10
"""Pictures a second where nothing else is asked for: at this machine, and by SSH."""


def usual_fps() -> int:
    """How many pictures a second there are where nothing else is asked for."""
    return USUAL_AFAR if os.environ.get("SSH_CONNECTION") else USUAL


class Frugality:
    """How long a pane rests between two drawings, where there are `fps` pictures a second and a line carries `rate`.

    Above the pictures by SSH, and where the line is not known to be slow, it rests not at all. `BUDGET` is what all
    panes together may send, in bytes a cell and second: 22 kB/s of 120 × 36 cells; of a slow line they take HALF.
    """

    BUDGET = 5.0
    HALF = 0.5
    READ = 0.4
    """The share of the pane with the focus; the others share what is left."""
    STILL = 0.6
    """Seconds without a move after which all is shown that has rested."""

    def __init__(self, fps: float) -> None:
        self.afar = fps <= USUAL_AFAR
        self.rate: float | None = None
        self.moved = float("-inf")
        """When the run was last somewhere else, on the clock that `rests` is asked by."""

    @property
    def wanted(self) -> bool:
        return self.afar or self.rate is not None

    def rest(self, sent: int, cells: int, panes: int, *, read: bool) -> float:
        """Seconds between two drawings of a pane, of so many on a screen of so many cells, that has sent so much."""
        limits = [self.BUDGET * cells] if self.afar else []
        if self.rate is not None:
            limits.append(self.HALF * self.rate)
        if not limits:
            return 0.0
        share = self.READ if read else (1 - self.READ) / max(panes - 1, 1)
        return sent / (min(limits) * share)


class Pacing:
    """At most `fps` pictures a second, but for those that answer a key. All times are seconds of one clock."""

    def __init__(self, fps: float) -> None:
        self.interval = 1 / fps
        self.sent = self.pressed = float("-inf")

    def due(self, now: float) -> float:
        """When the next picture may be sent: `now`, or later."""
        return now if self.answers_key(now) else max(now, self.sent + self.interval)

    def answers_key(self, now: float) -> bool:
        """Whether a picture that is sent now answers a key."""
        return now - self.pressed < ANSWERED
