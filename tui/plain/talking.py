"""Reading lines and answering them, to `quit` or the input's end; what goes wrong is one line, and the next is read."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.tui.command_line.console import BEGINNING, END, STANDARD_OUTPUT
from backprop_tui.tui.command_line.fault_report import report

from .voice import LONGEST, Voice

if TYPE_CHECKING:
    from backprop_tui.core.session.session import Session

QUIT = ("quit", "q", "exit", "bye")
COMMENT = "#"
"""A line that begins so is a remark in a file of words."""


class Talking:
    """A conversation by `voice`; who derives from it says what is answered."""

    def __init__(self, voice: Voice) -> None:
        self.voice = voice

    def greeting(self) -> Iterable[str]:
        """What is said before the first line is read."""
        raise NotImplementedError

    def answered(self, words: str) -> Iterable[str]:
        """The lines that answer. Raises PresetError, whose message is one line, where there is no answer."""
        raise NotImplementedError

    def in_view(self) -> "Session | None":
        """The run that a report of a fault tells of."""
        return None

    def hold(self) -> int:
        """Answer until it ends; the exit status."""
        self.tell(self.greeting, "the greeting")
        while self.voice.heard and (line := self.voice.ask()) is not None:
            words = " ".join(line.split())
            if words.lower() in QUIT:
                break
            if words and not words.startswith(COMMENT):
                self.say(words, too_long=len(line) > LONGEST)
        return 0

    def say(self, words: str, *, too_long: bool = False) -> None:
        """Answer one line."""
        if too_long:
            self.voice.say([f"The line is longer than {LONGEST:,} characters; nothing of it was done."])
            return
        self.tell(lambda: self.answered(words), f"the word {words}")

    def tell(self, lines: Callable[[], Iterable[str]], during: str) -> None:
        """Say lines; where they cannot be had why not, and of a fault of this program where its report is."""
        try:
            self.voice.say(lines())
        except PresetError as problem:
            self.voice.say([sentence(str(problem))])
        except OSError as problem:
            if problem.filename == STANDARD_OUTPUT:
                raise
            named = f"{problem.filename}: " if problem.filename else ""
            self.voice.say([sentence(f"{named}{problem.strerror or problem}")])
        except Exception as fault:
            problem_line = report(fault, during, self.in_view())
            self.voice.say([f"This could not be answered; other words can: {problem_line}."])


def sentence(text: str) -> str:
    """One line with an end, and with a capital where it does not begin with a name, such as that of a file.

    Of a long one the middle is left out.
    """
    line = " ".join(text.split()).rstrip(".")
    if len(line) > BEGINNING + END:
        line = f"{line[:BEGINNING]} … {line[-END:]}"
    first = line.partition(" ")[0].rstrip(":;,")
    return f"{line[:1].upper() if first.isalpha() else line[:1]}{line[1:]}."
