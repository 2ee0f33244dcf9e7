"""The wait for a word that takes long: how far it has got, said on standard error, and how it is ended."""

from time import perf_counter

from backprop_tui.core.session.session import Session
from backprop_tui.tui.command_line.console import complain

FIRST, GROWTH, LONGEST = 5.0, 2.0, 300.0
"""Seconds until it is said for the first time, how much longer until the next, and the longest between two."""


class Wait:
    """`goal` is the step at whose end it is over, None where that is not known."""

    def __init__(self, session: Session, goal: int | None) -> None:
        self.session, self.goal = session, goal
        self.pause = FIRST
        self.due = perf_counter() + self.pause

    def go_on(self) -> None:
        """Say how far it has got, where nothing has been heard for long."""
        now = perf_counter()
        if now < self.due:
            return
        self.pause = min(self.pause * GROWTH, LONGEST)
        self.due = now + self.pause
        of = "" if self.goal is None else f" of {self.goal:,}"
        complain(f"still on the way, after step {self.session.step:,}{of}; ctrl+c ends the program")
