"""The pace of playing at so many units a second: when the next one is due, and how many a second are reached."""

from backprop_tui.core.session.timeline import Unit

MEASURED = 0.5
"""Seconds, at least, over which it is measured how many are reached."""
SHORT = 0.9
"""Below this share of what is asked for it is told what is reached."""


class Pace:
    """`speed` units a second, asked for from the time `now` on; times are seconds of one and the same clock.

    `due` is when the next unit is to come; `reached` how many a second have come of late, None where that is not
    clearly fewer than asked for, or not known yet.
    """

    def __init__(self, speed: float, unit: Unit, now: float) -> None:
        self.speed, self.unit = speed, unit
        self.due = self.begin = now
        self.passed = 0
        self.passing = self.late = False
        self.reached: float | None = None

    def passes(self) -> None:
        """A unit has come: the next is due."""
        self.passed += 1
        self.due += 1 / self.speed
        self.passing = True

    def look(self, now: float, patience: float = 0.0) -> None:
        """Leave out what is late by more than `patience` seconds; measure, from one unit to another.

        Where nothing was late the speed is what was asked for, however few units that was.
        """
        if self.due < now - patience:
            self.due, self.late = now - patience, True
        taken = now - self.begin
        if self.passing and taken >= MEASURED:
            rate = self.passed / taken
            self.reached = rate if self.late and rate < SHORT * self.speed else None
            self.begin, self.passed, self.late = now, 0, False
        self.passing = False
