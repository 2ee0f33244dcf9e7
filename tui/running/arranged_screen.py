"""A screen of five panes: which of them are shown at which size, and which one keys go to."""

from collections.abc import Sequence
from itertools import pairwise

from textual import actions, events
from textual.binding import Binding

from backprop_tui.core.preset.hidden import NOTHING_HIDDEN, Hidden
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.panes.drawn import Drawn
from backprop_tui.tui.panes.keys_line import Hint, key_in
from backprop_tui.tui.panes.own_screen import OwnScreen

from .arrangement import LINES_FROM, PANES, SIDES, Arrangement, arrangement, title
from .hiding import hidden_by, refusal
from .memory import forget_painted

PLAIN = Look()
CHAIN_RULE = "chain-rule"
GRID_RULES = ("grid_size_columns", "grid_size_rows", "column_span", "row_span")
"""The styles that are set for a screen of which some panes are hidden."""


def shown_panes(hide: Hidden) -> tuple[str, ...]:
    """The panes that are not hidden."""
    return tuple(name for name in PANES if name.replace("-", "_") not in hide)


class ArrangedScreen(OwnScreen[None]):
    """`current` is the id of the pane that has, or last had, the focus; `panes` are those that there are.

    `own_panes` are those without lesson and settings, less those that are hidden.
    `arranged` counts how often the panes have been arranged: opening does so several times before anything is drawn.
    `about` is the id of the pane that an open lesson is about, or that was looked at when the settings were opened, ""
    of none.

    `hide` is what is kept out of sight: keys and pages, which then do nothing but say so.
    A subclass composes the panes within a container `panes`, and says how they are drawn.
    """

    moved_keys = True

    def __init__(self, hide: Hidden = NOTHING_HIDDEN) -> None:
        super().__init__()
        self.hide = hide
        self.own_panes = shown_panes(hide)
        self.current = self.main_pane
        self.about = ""
        self.maximised = False
        self.panes: tuple[str, ...] = self.own_panes
        self.arranged = 0

    def on_mount(self) -> None:
        self.take_look()
        self.pane(self.current).focus()
        self.lay_out()

    def on_screen_resume(self) -> None:
        """What was over it, or was there before it, has gone."""
        forget_painted()

    def take_look(self) -> None:
        """Draw in the colours of the app's theme."""
        raise NotImplementedError

    def show_all(self) -> None:
        """Draw everything again, as far as it has changed."""
        raise NotImplementedError

    # What is kept out of sight

    def hide_now(self, hide: Hidden) -> None:
        """Keep this out of sight from now on."""
        if hide == self.hide:
            return
        self.hide, self.own_panes = hide, shown_panes(hide)
        side = self.side
        self.panes = (*self.own_panes, side) if side else self.own_panes
        if self.current not in self.panes:
            self.current = self.main_pane
            self.call_after_refresh(lambda: self.pane(self.current).focus())
        # Where all panes are there the places in the grid are those of the styles.
        for rule in GRID_RULES:
            self.query_one("#panes").styles.inline.clear_rule(rule)
            for pane in self.query("#panes > .pane"):
                pane.styles.inline.clear_rule(rule)
        self.call_after_refresh(self.lay_out)

    def hides(self, action: str) -> str:
        """The name that takes an action away, written as a binding has it; "" where it stays."""
        _, name, parameters = actions.parse(action)
        return hidden_by(self.hide, name, parameters)

    def hides_key(self, key: str) -> str:
        """The name that takes a key away, by Textual's name; "" where it stays, or means nothing."""
        bound = (one for one in self.BINDINGS if isinstance(one, Binding) and key in one.key.split(","))
        return next((name for one in bound if (name := self.hides(one.action))), "") if self.hide else ""

    def hidden_keys(self) -> tuple[str, ...]:
        """All keys of this screen that are taken away, by Textual's names."""
        bound = [one for one in self.BINDINGS if isinstance(one, Binding)]
        return tuple(key for one in bound if self.hides(one.action) for key in one.key.split(","))

    def in_sight(self, hints: Sequence[Hint]) -> list[Hint]:
        """Those of the hints whose keys do something here."""
        return [hint for hint in hints if not self.hides_key(key_in(hint[0], PLAIN, 0) or "")]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if hidden_by(self.hide, action, parameters):
            return False
        return super().check_action(action, parameters)

    def on_key(self, event: events.Key) -> None:
        """A key that is hidden says so; nothing else comes as far as here."""
        if name := self.hides_key(event.key):
            event.stop()
            self.remark(refusal(self.pressed_name(event), name))

    def pressed_name(self, event: events.Key) -> str:
        """A key that was pressed, as it is written; one that was moved by what is to be pressed for it."""
        if event.key in (keymap := self.app.look.keys).pressed:  # type: ignore[attr-defined]
            return str(keymap.said(event.key))
        return event.character if event.character and event.character > " " else event.key

    def remark(self, text: str) -> None:
        """Say something in the line below the panes; what goes on goes on."""
        self.tell(text)

    def keep(self, path: str, value: str | float) -> None:
        """What was chosen is so the next time, too."""
        self.app.keep(path, value)  # type: ignore[attr-defined]

    # Panes

    def lines_from(self, line: Drawn) -> int:
        """The height from which a line above or below the panes has room."""
        return LINES_FROM

    def on_resize(self, event: events.Resize) -> None:
        self.lay_out()

    def lay_out(self) -> None:
        """Show the panes that this size has room for."""
        width, height = self.size
        found = arrangement(width, height, self.current, self.maximised, self.side, self.about)
        container = self.query_one("#panes")
        if self.own_panes != PANES:
            found = self.without_hidden(found)
        if container.classes != frozenset(found.name.split()):
            container.set_classes(found.name)
        for line in self.query(Drawn):
            if line.parent is self:
                line.display = height >= self.lines_from(line)
        shown = [self.pane(name) for name in found.panes]
        # Textual arranges all anew for each that is moved, even to where it is.
        if [child for child in container.children if child in shown] != shown:
            for previous, pane in pairwise(shown):
                container.move_child(pane, after=previous)
        for name in (name for name in PANES if name not in self.own_panes):
            self.pane(name).display = False
        for name in self.panes:
            self.pane(name).views_told = f"{name.replace('-', '_')}_views" not in self.hide
            self.pane(name).display = name in found.panes
            self.pane(name).tell_hidden(self.hidden(found.panes, name) if name == found.shared else ())
        self.arranged += 1
        self.call_after_refresh(self.show_arranged, self.arranged)

    def show_arranged(self, number: int) -> None:
        """Draw what the arrangement of that number shows, unless a later one is on its way."""
        if number == self.arranged:
            self.show_all()

    def without_hidden(self, usual: Arrangement) -> Arrangement:
        """The arrangement of the panes that stay, and their places in the grid, which no style knows."""
        from .fewer_panes import with_hidden  # Not needed to open with all panes.

        width, height = self.size
        hidden = tuple(name for name in PANES if name not in self.own_panes)
        found, rows = with_hidden(usual, width, height, self.current, self.about, hidden)
        styles = self.query_one("#panes").styles
        across, down = (2, 1) if found.name == "aside" else (1, len(found.panes))
        if rows is not None:
            across, down = rows.columns, len(rows.rows)
        styles.grid_size_columns, styles.grid_size_rows = across, down
        spans = {} if rows is None else rows.spans()
        for name in found.panes:
            pane = self.pane(name)
            pane.styles.column_span, pane.styles.row_span = spans.get(name, (1, 1))
        return found

    @property
    def main_pane(self) -> str:
        """The pane that is looked at where no other is: the chain rule, unless it is hidden."""
        return CHAIN_RULE if CHAIN_RULE in self.own_panes else self.own_panes[0]

    def look_into(self, pane: str) -> bool:
        """Put a pane in view and give it the focus; False, and said so, where it is hidden."""
        if pane not in self.own_panes:
            name = pane.replace("-", "_")
            self.remark(refusal(title(pane), name))
            return False
        self.current = pane
        self.lay_out()
        self.pane(pane).focus()
        return True

    def hidden(self, shown: tuple[str, ...], name: str) -> tuple[str, ...]:
        """The titles of the panes that are not shown, in the order in which tab leads to them from the one that is."""
        place = self.panes.index(name)
        return tuple(title(each) for each in (*self.panes[place:], *self.panes[:place]) if each not in shown)

    @property
    def side(self) -> str:
        """The pane at the side that is open, "" for none."""
        return next((name for name in SIDES if name in self.panes), "")

    def pane(self, name: str) -> Drawn:
        return self.query_one(f"#{name}", Drawn)

    def action_next_pane(self, places: int) -> None:
        """The next pane, of those that this size shows or could show."""
        self.current = self.panes[(self.panes.index(self.current) + places) % len(self.panes)]
        self.lay_out()
        self.pane(self.current).focus()
        if self.current in self.own_panes:
            self.keep("panes.first", self.current.replace("-", "_"))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A pane was chosen, by key or by mouse."""
        if isinstance(event.widget, Drawn) and event.widget.id in self.panes and event.widget.id != self.current:
            self.current = event.widget.id
            self.lay_out()

    def action_maximise(self) -> None:
        self.maximised = not self.maximised
        self.lay_out()

    def action_move(self, rows: int) -> None:
        self.pane(self.current).move(rows)

    def action_turn(self, pages: int) -> None:
        self.pane(self.current).turn(pages)

    def action_page(self, pages: int) -> None:
        """A page on inside the pane where it has pages; else through time, as a presenter's remote asks for."""
        if self.pane(self.current).has_pages():
            self.action_turn(pages)
        else:
            self.through_time(pages)

    def through_time(self, direction: int) -> None:
        """Forward (1) or back (−1) by one press of → or ←."""
        raise NotImplementedError

    def action_activate(self) -> None:
        self.pane(self.current).activate()
