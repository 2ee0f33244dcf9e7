"""When the next picture may be sent."""

import os

ANSWERED = 0.15
"""Seconds after a key in which what it changes is shown at once."""
USUAL, USUAL_AFAR = 15, 10
"""Pictures a second where nothing else is asked for: at this machine, and by SSH."""


def usual_fps() -> int:
    """How many pictures a second there are where nothing else is asked for."""
    return USUAL_AFAR if os.environ.get("SSH_CONNECTION") else USUAL


class Pacing:
    """At most `fps` pictures a second, but for those that answer a key. All times are seconds of one clock."""

    def __init__(self, fps: float) -> None:
        self.interval = 1 / fps
        self.sent = self.pressed = float("-inf")

    def due(self, now: float) -> float:
        """When the next picture may be sent: `now`, or later."""
        if now - self.pressed < ANSWERED:
            return now
        return max(now, self.sent + self.interval)
