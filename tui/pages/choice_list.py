"""A list to choose from, whose entries may change at any moment."""

from textual import events
from textual.widgets import OptionList


class ChoiceList(OptionList):
    """Pages through what has been laid out already, and takes no click on an entry that is no longer there.

    Textual's own list asks for the line of an entry, and for the entry of a line, without looking whether there is one:
    between a change or a resize and the next drawing there is not.
    """

    def _move_page(self, direction: int) -> None:
        if (self.highlighted or 0) in self._index_to_line:
            super()._move_page(direction)  # type: ignore[arg-type]

    async def _on_click(self, event: events.Click) -> None:
        clicked = event.style.meta.get("option")
        if clicked is not None and clicked >= self.option_count:
            event.prevent_default()
