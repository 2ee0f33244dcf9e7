"""Whether the terminal has come to what it was sent: each picture ends with a question, answered when it gets there.

Between this program and a terminal at the other end of a line lies room for seconds of pictures. Nobody tells how much
of it is full; so no picture is sent before the terminal has answered the last but one, or, over a slow line, the last.
"""

from collections import deque
from contextlib import suppress
from time import perf_counter, sleep

QUESTION, ANSWER = "\x1b[5n", "\x1b[0n"
"""Device status report: `are you well?`, `yes`. All terminals know it, but nothing depends on that."""
FIRST_QUESTIONS = 3
"""Questions after which one that has answered none is asked no more."""
LAST = 0.3
"""Seconds that are waited for the last answers before others read what is typed."""
QUICK = 0.25
"""Seconds in which an answer comes where the line is not slow."""
MEASURABLE = 0.05
"""Seconds that a picture takes on a line which is slow."""
FAST = 100_000
"""Bytes a second from which on a line need not be spared."""
LOST = 10.0
"""Seconds after which an answer is waited for no more."""


class Answers:
    """The questions that wait for an answer: one thread asks, another takes in what is typed; times of one clock."""

    def __init__(self) -> None:
        self.asked: deque[tuple[float, int]] = deque()
        """When each question was asked that has no answer yet, and how many bytes the picture before it was."""
        self.questions = 0
        self.answering = False
        self.quick = True
        self.rate: float | None = None
        """Bytes a second that the line carries, where it is slow."""
        self.answered, self.shortest = float("-inf"), float("inf")
        """When the last answer came, and in how many seconds the quickest one."""
        self.begun = ""
        """What may be the beginning of an answer."""

    def question(self, now: float, size: int) -> str:
        """What to send behind a picture of `size` bytes: the question, or nothing to a terminal that answers none."""
        if not self.answering and self.questions >= FIRST_QUESTIONS:
            return ""
        self.questions += 1
        self.asked.append((now, size))
        return QUESTION

    def far_behind(self, now: float, *, pressed: bool) -> bool:
        """Whether the next picture should wait; one that answers a key, `pressed`, waits for one picture less."""
        if not self.answering:
            return False
        if self.asked and now - self.asked[-1][0] > LOST:
            self.forget()
        return len(self.asked) >= 1 + self.quick + pressed

    def forget(self) -> None:
        """Wait for none of the answers any more."""
        self.asked.clear()

    def taken_from(self, typed: str, now: float) -> str:
        """What was typed without the answers in it; what may be one that is not yet whole comes later, or never."""
        if not (self.asked or self.begun):
            # One that comes after all were forgotten, or twice, would be taken for keys.
            return typed.replace(ANSWER, "") if self.questions else typed
        rest, self.begun = self.begun + typed, ""
        parts = rest.split(ANSWER)
        for _ in parts[1:]:
            self.answering = True
            with suppress(IndexError):
                self.measure(now, *self.asked.popleft())
        text = "".join(parts)
        for length in range(1, len(ANSWER)):
            if text.endswith(ANSWER[:length]):
                self.begun = text[-length:]
                return text[:-length]
        return text

    def measure(self, now: float, asked: float, size: int) -> None:
        """See from an answer how fast the line is: a picture took what is longer than the quickest answer."""
        self.quick = now - asked < QUICK
        self.shortest = min(self.shortest, now - asked)
        spent = now - max(asked, self.answered) - self.shortest
        self.answered = now
        if spent >= MEASURABLE:
            rate = size / spent
            self.rate = rate if self.rate is None else (self.rate + rate) / 2
        elif self.rate is not None:
            self.rate = self.rate * 1.2 if self.rate < FAST else None

    def nothing_more(self) -> str:
        """What was begun and is none, since nothing came behind it."""
        begun, self.begun = self.begun, ""
        return begun

    def wait_for_last(self) -> None:
        """Wait a while for what else the shell would find typed; another thread has to take it in."""
        deadline = perf_counter() + LAST
        while self.answering and self.asked and perf_counter() < deadline:
            sleep(0.005)
