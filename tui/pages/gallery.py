"""The gallery: every built-in preset by subject, where to start first; filtered by what is typed."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.console import Group
from rich.table import Table
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from backprop_tui.tui.command_line.loading import GalleryEntry, gallery
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.shape import shape_picture
from backprop_tui.tui.panes.own_screen import OwnScreen

from .catalogue import best, search, sections
from .choice_list import ChoiceList
from .field import Field
from .recent_entries import TITLE, RecentEntry, recent_entries

PAGE = 8
"""Presets that page up and page down pass over."""


PICTURE = 22
"""Cells for the picture of a network's shape."""


def option_text(entry: GalleryEntry, indent: int, look: Look) -> Table:
    """Id beside title; below that shape, its picture, summary and tags, all of it indented by `indent` cells."""
    palette = look.palette
    rest = Text.assemble(
        (look.text(entry.shape), palette.positive),
        (f" {shape_picture(entry.widths, look.glyphs.levels, PICTURE)}", palette.accent),
        (f"   {look.text(entry.summary)}", palette.text),
        (f"   {look.text(' '.join(entry.tags))}", palette.dim),
    )
    table = Table.grid()
    table.add_column(width=indent)
    table.add_column()
    table.add_row(
        Text(entry.id, style=f"bold {palette.accent}"),
        Group(Text(look.text(entry.title), style=f"bold {palette.text}"), rest),
    )
    return table


def heading(title: str, look: Look) -> Option:
    """The line above the presets of a subject, which cannot be chosen."""
    return Option(Text(look.text(title), style=f"bold underline {look.palette.text}"), disabled=True)


class Best(NamedTuple):
    """The id of what was opened and fits best, and whether it begins as typed."""

    id: str
    begins: bool


class GalleryScreen(OwnScreen[str | None]):
    """Dismissed with what is to be opened, the id of a preset or a file, or with None.

    `problem` says why the last one did not open; `recent` is what was opened last, which stands before all others.

    Keys go through the text field, so that enter chooses from what the letters before it have left. `filled` is what
    the list was filled for.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "clear the filter, then leave"),
        Binding("question_mark", "help", "help and the glossary", priority=True),
        Binding("up", "move(-1)", "up"),
        Binding("down", "move(1)", "down"),
        Binding("enter", "choose", "open"),
        Binding("pageup", "page(-1)", "page up"),
        Binding("pagedown", "page(1)", "page down"),
        Binding("home", "choose_at(0)", "to the first", priority=True),
        Binding("end", "choose_at(-1)", "to the last", priority=True),
    ]

    def __init__(
        self,
        look: Look,
        problem: str = "",
        entries: list[GalleryEntry] | None = None,
        recent: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self.look, self.problem = look, problem
        self.entries = gallery() if entries is None else entries
        self.recent = recent_entries(recent, self.entries)
        self.opened: dict[str, RecentEntry] = {}
        shown = (*self.entries, *(one.entry for one in self.recent))
        self.indent = max(len(entry.id) for entry in shown) + 2
        self.typed = Field(
            lambda _: self.action_choose(),
            placeholder="type to filter",
            id="gallery-filter",
            left=frozenset({"question_mark"}),
        )
        self.filled: str | None = None
        self.options = ChoiceList(id="gallery-list")
        self.more_line = Label(id="gallery-more", markup=False)
        self.problem_line = Label(id="gallery-problem", markup=False)

    def compose(self) -> ComposeResult:
        yield Label(f"backprop-tui   see a neural network learn   {len(self.entries)} presets", id="gallery-title")
        yield self.typed
        yield self.options
        yield self.more_line
        yield self.problem_line
        yield Label(self.look.text("type filter   ↑ ↓ choose   enter open   escape leave   ? help"), id="gallery-keys")

    def on_mount(self) -> None:
        self.options.can_focus = False
        self.tell(self.problem)
        self.typed.focus()
        self.watch(self.options, "scroll_y", self.tell_more, init=False)
        self.fill()

    def on_resize(self) -> None:
        self.call_after_refresh(self.tell_more)

    def tell_more(self) -> None:
        """How many presets are out of sight, below and above."""
        above, below = self.options.out_of_sight()
        counts = [f"{count} {where}" for count, where in ((below, "below"), (above, "above")) if count]
        keys = "↑ ↓, page up, page down, home, end"
        self.more_line.update(self.look.text(f"… {', '.join(counts)}: {keys}" if counts else ""))

    def tell(self, problem: str) -> None:
        self.problem = problem
        self.problem_line.update(self.look.text(problem))
        self.problem_line.display = bool(problem)

    @on(Input.Changed)
    def fill(self) -> None:
        """Show the presets that match what is typed, the first one chosen; or say that none does."""
        typed = self.typed.value
        if typed == self.filled:
            return
        self.filled = typed
        found = search(self.entries, typed)
        options = self.options
        options.clear_options()
        opened = self.add_recent(typed)
        for section in sections(found):
            options.add_option(heading(section.title, self.look))
            options.add_options(
                [Option(option_text(entry, self.indent, self.look), id=entry.id) for entry in section.entries]
            )
        chosen = best([entry for section in sections(found) for entry in section.entries], typed)
        if opened is not None and (opened.begins or chosen is None):
            options.highlighted = options.get_option_index(opened.id)
            self.call_after_refresh(options.scroll_home, animate=False)
        elif chosen is not None:
            options.highlighted = options.get_option_index(chosen.id)
            if options.highlighted == 1:
                self.call_after_refresh(options.scroll_home, animate=False)
        else:
            none = self.look.text(f"no preset matches {typed!r}: escape clears the filter")
            options.add_option(Option(Text(none), disabled=True))
        self.call_after_refresh(self.tell_more)

    def add_recent(self, typed: str) -> Best | None:
        """What was opened last and matches, before all others; which of it is to be chosen first."""
        found = {id(entry) for entry in search([one.entry for one in self.recent], typed)}
        shown = [one for one in self.recent if id(one.entry) in found]
        # Built-in presets stand below, too: ids of their own tell which of the two is chosen.
        self.opened = {f"recent {number}": one for number, one in enumerate(shown)}
        if shown:
            self.options.add_option(heading(TITLE, self.look))
            self.options.add_options(
                [Option(option_text(one.entry, self.indent, self.look), id=name) for name, one in self.opened.items()]
            )
        name = typed.strip().lower()
        begun = (id for id, one in self.opened.items() if one.entry.id.lower().startswith(name))
        first = next(begun, None)
        return Best(first or "recent 0", first is not None) if shown else None

    @on(OptionList.OptionSelected)
    def open_clicked(self, event: OptionList.OptionSelected) -> None:
        self.leave_with(event.option.id)

    def leave_with(self, chosen: str | None) -> None:
        """Leave with what is to be opened, by its id in the list."""
        one = self.opened.get(chosen or "")
        self.dismiss(chosen if one is None else one.argument)

    def action_move(self, places: int) -> None:
        self.fill()
        if places > 0:
            self.options.action_cursor_down()
        else:
            self.options.action_cursor_up()

    def choices(self) -> list[int]:
        """The places in the list of what can be chosen."""
        self.fill()
        return [index for index, option in enumerate(self.options.options) if not option.disabled]

    def action_page(self, places: int) -> None:
        if choices := self.choices():
            here = choices.index(self.options.highlighted) if self.options.highlighted in choices else 0
            self.options.highlighted = choices[max(0, min(here + PAGE * places, len(choices) - 1))]

    def action_choose_at(self, place: int) -> None:
        """The first, 0, or the last, −1."""
        if choices := self.choices():
            self.options.highlighted = choices[place]

    def action_choose(self) -> None:
        self.fill()
        options = self.options
        if options.highlighted is not None:
            chosen = options.get_option_at_index(options.highlighted)
            if chosen.id is not None:
                self.leave_with(chosen.id)

    def action_help(self) -> None:
        from backprop_tui.tui.lesson.help_screen import HelpScreen, Subject, keys_of  # Not needed to choose a preset.

        self.app.push_screen(HelpScreen(Subject("Gallery", keys_of(type(self))), self.look))

    def action_leave(self) -> None:
        """Clear the filter; when it is clear, leave."""
        if self.typed.value:
            self.typed.value = ""
        else:
            self.dismiss(None)
