"""A question with a typed answer."""

from collections.abc import Callable

from textual import events, on
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from backprop_tui.tui.panes.own_screen import OwnScreen

from .field import Field


def ask(app: App[object], prompt: "Prompt", then: Callable[[str], None]) -> None:
    """Ask at once, so that what is typed from now on is the answer; `then` is told it, unless it was left or empty."""
    app.push_screen(prompt, lambda typed: then(typed) if typed else None)


class Prompt(ModalScreen[str | None], OwnScreen[str | None]):
    """Asks `question`, with `answer` as a proposal; dismissed with what was typed, or with None by escape."""

    BINDINGS = [Binding("escape", "dismiss", "never mind")]  # noqa: RUF012

    def __init__(self, question: str, hint: str, answer: str = "") -> None:
        super().__init__()
        self.question, self.hint, self.answer = question, hint, answer

    def compose(self) -> ComposeResult:
        with Vertical(id="prompt"):
            yield Label(self.question, markup=False)
            yield Field(lambda typed: self.dismiss(typed.strip()), self.answer, self.hint)
            yield Label("", id="prompt-whole", markup=False)

    @on(Input.Changed)
    def show_whole(self) -> None:
        """Of an answer that the field has no room for all of it, below."""
        if not (self.query(Field) and self.query("#prompt-whole")):
            # It is being left, one part after the other, or not yet there.
            return
        typed, whole = self.query_one(Field), self.query_one("#prompt-whole", Label)
        whole.display = len(typed.value) > max(typed.content_size.width, 1)
        whole.update(typed.value)

    @on(events.Resize)
    def show_whole_anew(self) -> None:
        self.call_after_refresh(self.show_whole)
