"""The command palette: Textual's own, as a screen of this program."""

from textual import events
from textual.app import ComposeResult
from textual.command import CommandInput, CommandList, CommandPalette, ProviderSource, SearchIcon
from textual.containers import Horizontal, Vertical
from textual.widgets import LoadingIndicator

from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.panes.own_screen import OwnScreen

from .choice_list import ChoiceList


class PaletteList(CommandList, ChoiceList, can_focus=False):
    """The commands found."""


class Palette(CommandPalette, OwnScreen[None]):
    """It is left once, and nothing is searched for any more when it is."""

    def __init__(self, look: Look, placeholder: str, providers: "ProviderSource | None" = None) -> None:
        super().__init__(providers, placeholder=look.text(placeholder))
        self.look = look

    def compose(self) -> ComposeResult:
        icon = SearchIcon()
        if self.look.glyphs.ascii:
            icon.icon = self.look.glyphs.cursor
        with Vertical(id="--container"):
            with Horizontal(id="--input"):
                yield icon
                yield CommandInput(placeholder=self._placeholder, select_on_focus=False)
            with Vertical(id="--results"):
                yield PaletteList()
                yield LoadingIndicator()

    def _on_click(self, event: events.Click) -> None:  # type: ignore[override]
        # The screen may have become smaller since; Textual's palette asks what is there now.
        if not self.region.contains(event.screen_x, event.screen_y):
            event.prevent_default()

    def put_right(self) -> None:
        super().put_right()
        self._cancel_gather_commands()
        self._stop_busy_countdown()
        self._stop_no_matches_countdown()
