"""A screen of panes around one session: which of them are shown, and when each is drawn."""

from collections.abc import Callable
from time import perf_counter

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen
from textual.strip import Strip

from backprop_tui.core.session import Session

from .arrangement import LINES_FROM, PANES, arrangement
from .chain_rule_pane import ChainRulePane
from .data_pane import DataPane
from .gradients_pane import GradientsPane
from .loss_pane import LossPane
from .pane import Pane
from .view import View
from .weights_pane import WeightsPane


class Line(Pane, can_focus=False):
    """One line above or below the panes: what `content` gives for a width, anew every `interval` seconds."""

    def __init__(
        self, name: str, session: Session, view: View, content: Callable[[int], Strip], interval: float
    ) -> None:
        super().__init__(name, session, view)
        self.content, self.interval = content, interval

    def draw(self, width: int, height: int) -> list[Strip]:
        return [self.content(width)]


class PaneScreen(Screen[None]):
    """The five panes, with a line above and two below them, drawn `fps` times a second at the most.

    `current` is the id of the pane that has, or last had, the focus. A subclass says what stands in the lines.
    """

    def __init__(self, session: Session, view: View, fps: int) -> None:
        super().__init__()
        self.session, self.view = session, view
        self.frame = 1 / fps
        self.current = "chain-rule"
        self.maximised = False
        self.shown_at: dict[str, float] = {}

    def status(self, width: int) -> Strip:
        """The line above the panes."""
        raise NotImplementedError

    def counters(self, width: int) -> Strip:
        """The line below the panes."""
        raise NotImplementedError

    def keys(self, width: int) -> Strip:
        """The last line."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        yield Line("status", self.session, self.view, lambda width: self.status(width), 0.1)
        with Container(id="panes"):
            yield WeightsPane("Weights", self.session, self.view)
            yield ChainRulePane("Chain rule", self.session, self.view)
            yield LossPane("Loss", self.session, self.view)
            yield GradientsPane("Gradients", self.session, self.view)
            yield DataPane("Data", self.session, self.view)
        yield Line("counters", self.session, self.view, lambda width: self.counters(width), 0.5)
        yield Line("keys", self.session, self.view, lambda width: self.keys(width), 1.0)

    def on_mount(self) -> None:
        self.take_look()
        self.watch(self.app, "theme", self.take_look, init=False)
        self.query_one(ChainRulePane).focus()
        self.lay_out()

    def take_look(self) -> None:
        """Draw in the colours of the app's theme."""
        self.view.look = self.app.look  # type: ignore[attr-defined]
        self.show_all()

    def on_resize(self, event: events.Resize) -> None:
        self.lay_out()

    def lay_out(self) -> None:
        """Show the panes that this size has room for."""
        width, height = self.size
        found = arrangement(width, height, self.current, self.maximised)
        container = self.query_one("#panes")
        container.set_classes(found.name)
        for line in self.query(Line):
            line.display = height >= LINES_FROM
        for previous, name in zip((None, *found.panes), found.panes, strict=False):
            if previous is not None:
                container.move_child(self.pane(name), after=self.pane(previous))
        for name in PANES:
            self.pane(name).display = name in found.panes
        self.call_after_refresh(self.show_all)

    def pane(self, name: str) -> Pane:
        return self.query_one(f"#{name}", Pane)

    def show_all(self) -> None:
        """Draw everything again, as far as it has changed."""
        now = perf_counter()
        for pane in self.query(Pane):
            if self.view.playing and not isinstance(pane, Line):
                # At full speed its turn comes within the next slices, and the key is answered now.
                self.shown_at[pane.id or ""] = 0.0
            else:
                pane.update()
                self.shown_at[pane.id or ""] = now

    def show_due(self) -> None:
        """Draw the pane that has waited longest beyond its interval: one at a time, so that keys never wait for all."""
        now = perf_counter()
        overdue = [
            (now - self.shown_at.get(pane.id or "", 0.0) - max(pane.interval, self.frame), pane)
            for pane in self.query(Pane)
            if pane.display
        ]
        late, pane = max(overdue, key=lambda item: item[0])
        if late >= 0:
            pane.update()
            self.shown_at[pane.id or ""] = now

    def action_next_pane(self, places: int) -> None:
        """The next pane, of those that this size shows or could show."""
        self.current = PANES[(PANES.index(self.current) + places) % len(PANES)]
        self.lay_out()
        self.pane(self.current).focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A pane was chosen, by key or by mouse."""
        if isinstance(event.widget, Pane) and event.widget.id in PANES and event.widget.id != self.current:
            self.current = event.widget.id
            self.lay_out()

    def action_maximise(self) -> None:
        self.maximised = not self.maximised
        self.lay_out()

    def action_move(self, rows: int) -> None:
        self.pane(self.current).move(rows)

    def action_activate(self) -> None:
        self.pane(self.current).activate()
