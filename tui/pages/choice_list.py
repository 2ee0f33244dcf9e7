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

    def out_of_sight(self) -> tuple[int, int]:
        """How many entries that can be chosen begin above what is in sight, and how many end below it."""
        top = round(self.scroll_y)
        bottom = top + self.scrollable_content_region.height
        above, below = ({entry for entry, _ in lines} for lines in (self._lines[:top], self._lines[bottom:]))
        counts = (sum(not self.options[entry].disabled for entry in entries) for entries in (above, below))
        return next(counts), next(counts)

    async def _on_click(self, event: events.Click) -> None:
        clicked = event.style.meta.get("option")
        if clicked is not None and clicked >= self.option_count:
            event.prevent_default()
