"""A word of plain mode: what it takes, what it means, what answers it, and what keeps it out of sight."""

from collections.abc import Callable, Iterable

from backprop_tui.core.preset.hidden import Hidden
from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.running.hiding import hidden_by

from .run import PlainRun

Answer = Callable[[PlainRun, str], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Word:
    """A word with what it takes, for people; `also` are other words and keys for it.

    `answer` gives the lines for what stands behind the word. `action` and `page` are those of the screen by which it is
    kept out of sight, `pane` the pane or the group of views that it is of.
    """

    name: str
    takes: str
    meaning: str
    group: str
    answer: Answer
    also: tuple[str, ...] = ()
    action: str = ""
    page: str = ""
    pane: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.also)

    def line(self) -> str:
        """`right [NUMBER] [UNIT]: forward …`."""
        return f"{self.name}{' ' if self.takes else ''}{self.takes}: {self.meaning}"

    def hidden(self, hide: Hidden) -> str:
        """The name that keeps it out of sight, "" where it stays."""
        by_key = hidden_by(hide, self.action, (self.page,) if self.page else ()) if self.action else ""
        return by_key or next((name for name in self.pane.split() if name in hide), "")
