"""The conversation of plain mode: a line is read, answered, and the next one read, to `quit` or the input's end."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from backprop_tui.core.preset.hidden import Hidden
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.tui.config.config import Config
from backprop_tui.tui.running.hiding import hidden_by, refusal

from .answers import answer, unknown
from .data_answer import data
from .help_answer import helped
from .layer_answers import network_sentence
from .op_answer import opening, position_answer, position_text
from .run import PlainRun
from .talking import Talking
from .vocabulary import WORDS
from .voice import Voice
from .word import Word

if TYPE_CHECKING:
    from backprop_tui.core.recording.recorded_session import RecordedSession
    from backprop_tui.core.session.session import Session

PRESETS = ("presets", "list", "gallery")
OPEN = ("open", "o")


def gone_on(run: PlainRun, text: str) -> Iterable[str]:
    """Never asked: the conversation sees to these words itself."""
    return ()


OWN_WORDS = (
    Word("presets", "", "the presets that come with the program", "Other", gone_on, ("list", "gallery"), "open"),
    Word("open", "PRESET", "another preset, or a file", "Other", gone_on, ("o",), "open"),
    Word("quit", "", "leave", "Other", gone_on, ("q", "exit")),
)
ALL_WORDS: tuple[Word, ...] = (*WORDS, *OWN_WORDS)


class Conversation(Talking):
    """Answers lines about a run, or about the presets as long as none is open; `hide` holds for all that are opened.

    `recorded` is the recording that it is, whose end is where it ends by now.
    """

    def __init__(
        self,
        session: "Session | None",
        voice: Voice,
        hide: Sequence[str] = (),
        recorded: "RecordedSession | None" = None,
        config: Config | None = None,
    ) -> None:
        super().__init__(voice)
        self.config = config or Config()
        self.hide = Hidden(tuple(hide))
        self.run = None if session is None else PlainRun(session, self.hide, self.config)
        self.recorded = recorded

    def hold(self) -> int:
        try:
            return super().hold()
        finally:
            self.config.write()
            if self.run is not None:
                self.run.recorder.stop()

    def in_view(self) -> "Session | None":
        return None if self.run is None else self.run.session

    def answered(self, words: str) -> Iterator[str]:
        """The lines that answer."""
        first, _, rest = words.partition(" ")
        if first in OPEN or words in PRESETS:
            if name := hidden_by(self.run.hide if self.run else self.hide, "open"):
                raise PresetError(refusal(first, name))
            yield from self.opened(rest.strip().strip("\"'")) if first in OPEN and rest else presets_told()
        elif first in ("help", "?"):
            yield from helped(self.run, rest.strip(), ALL_WORDS)
        elif self.run is None:
            yield from self.opened(words) if " " not in words else unknown(words, (*OPEN, *PRESETS, "help", "quit"))
        else:
            if first in ("end", "latest"):
                self.follow_recording(self.run)
            yield from answer(self.run, words)

    def follow_recording(self, run: PlainRun) -> None:
        """Take in what has been written to the recording since. Raises PresetError where it cannot be read any more."""
        recorded = self.recorded
        if recorded is not None and run.session is recorded.session and recorded.refresh():
            run.branches = [one for one in run.branches if one is not run.session]
            run.follow(recorded.session)

    def greeting(self) -> Iterator[str]:
        """What is open, where it stands, and how to go on."""
        if self.run is None:
            yield "No preset is open. Type presets for all of them, open NAME for one, help for words, quit to leave."
            return
        yield from self.introduction(self.run)

    def introduction(self, run: PlainRun) -> Iterator[str]:
        session = run.session
        yield f"{session.preset.title}."
        if session.preset.summary:
            yield session.preset.summary
        if self.recorded is not None and self.recorded.note:
            yield self.recorded.note.strip("; ")
        yield network_sentence(run)
        training = session.preset
        yield (
            f"Loss: {training.loss.kind.replace('_', ' ')}. Optimizer: {training.optimizer.kind}, learning rate "
            f"{training.optimizer.learning_rate:g}."
        )
        if "data" not in run.hide and session.plan.examples > 1:
            yield next(iter(data(run, "")))
        if "chain_rule" in run.hide:
            yield position_text(session)
        elif session.count:
            yield from position_answer(run)
        else:
            yield position_text(session)
            yield from opening(run)
        lesson = " lesson for what to look at," if session.preset.lesson and not hidden_by(run.hide, "lesson") else ""
        yield f"Type right to go on,{lesson} help for all words, quit to leave."

    def opened(self, name: str) -> Iterator[str]:
        """Another preset, in place of the one that was open."""
        from backprop_tui.core.session.session import Session
        from backprop_tui.tui.command_line.loading import is_recording, load

        if is_recording(name):
            raise PresetError(f"a recording is opened by itself: backprop-tui {name} --plain")
        session = Session(*load(name, hide=self.hide.names))
        if self.run is not None:
            with suppress(OSError):
                self.run.recorder.stop()
        self.run, self.recorded = PlainRun(session, self.hide, self.config), None
        yield from self.introduction(self.run)


def presets_told() -> Iterator[str]:
    """Every preset in a line: its id, its title, what it shows."""
    from backprop_tui.tui.command_line.loading import gallery

    for entry in gallery():
        yield f"{entry.id}: {entry.title}. {entry.summary}"
    yield "Type open and the name of one."
