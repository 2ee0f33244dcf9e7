"""A conversation in plain mode without streams: lines in, answers out."""

from collections.abc import Iterable, Sequence

from backprop_tui.core.session.session import Session
from backprop_tui.tui.command_line.loading import load
from backprop_tui.tui.plain.conversation import Conversation


class Listener:
    """Types nothing and keeps what it is told; `answers` are lists of lines."""

    def __init__(self) -> None:
        self.heard, self.answers, self.over = True, list[list[str]](), True

    def say(self, lines: Iterable[str]) -> None:
        """Keep an answer; what is said of one that broke off belongs to it."""
        if self.over:
            self.answers.append([])
        self.over = False
        for line in lines:
            self.answers[-1].append(line)
        self.over = True

    def ask(self) -> str | None:
        return None


class Talk:
    """A conversation about a preset, or about `session`."""

    def __init__(
        self, preset: str = "", settings: Sequence[str] = (), hide: Sequence[str] = (), session: Session | None = None
    ) -> None:
        self.listener = Listener()
        if session is None and preset:
            session = Session(*load(preset, settings=settings, hide=hide))
        self.conversation = Conversation(session, self.listener, hide)  # type: ignore[arg-type]
        self.greeting = list(self.conversation.greeting())

    @property
    def session(self) -> Session:
        assert self.conversation.run is not None
        return self.conversation.run.session

    def lines(self, words: str) -> list[str]:
        """The lines that answer; of an answer that could not be given the one that says why."""
        before = len(self.listener.answers)
        self.conversation.say(words)
        return [line for answer in self.listener.answers[before:] for line in answer]

    def __call__(self, *words: str) -> str:
        """The answer to the last of these lines, as one text."""
        found: list[str] = []
        for one in words:
            found = self.lines(one)
        return "\n".join(found)
