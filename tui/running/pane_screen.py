"""A screen of panes around one session: which of them are shown, and when each is drawn."""

from collections.abc import Callable
from time import perf_counter, thread_time

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.strip import Strip
from textual.timer import Timer

from backprop_tui.core.preset.hidden import NOTHING_HIDDEN, Hidden
from backprop_tui.core.session.session import Session
from backprop_tui.tui.chain_rule.pane import ChainRulePane
from backprop_tui.tui.output.pacing import Frugality
from backprop_tui.tui.panes.data import DataPane
from backprop_tui.tui.panes.drawn import Drawn
from backprop_tui.tui.panes.gradients import GradientsPane
from backprop_tui.tui.panes.keys_line import Hint, key_at, keys_line
from backprop_tui.tui.panes.loss import LossPane
from backprop_tui.tui.panes.messages import PositionWanted
from backprop_tui.tui.panes.pane import Pane
from backprop_tui.tui.panes.position_strip import count_at, position_strip
from backprop_tui.tui.panes.view import View
from backprop_tui.tui.panes.weights import WeightsPane

from .arranged_screen import ArrangedScreen
from .arrangement import LESSON, LINES_FROM, POSITION_FROM, SIDES

LOOKED_FOR = 0.2
"""Seconds after which it is seen again which panes have rested."""


class Line(Pane, can_focus=False):
    """One line above or below the panes: what `content` gives for a width, anew every `interval` seconds."""

    def __init__(
        self, name: str, session: Session, view: View, content: Callable[[int], Strip], interval: float
    ) -> None:
        super().__init__(name, session, view)
        self.content, self.interval = content, interval

    def draw(self, width: int, height: int) -> list[Strip]:
        return [self.content(width)]


class PositionLine(Line, can_focus=False):
    """The whole step with the cursor in it; a click goes to an op."""

    def __init__(self, session: Session, view: View) -> None:
        super().__init__("position", session, view, lambda width: position_strip(self.session, self.view, width), 1.0)

    def on_click(self, event: events.Click) -> None:
        count = count_at(self.session, self.view.look, self.size.width, event.x)
        if count is not None:
            self.post_message(PositionWanted(count))


class KeysLine(Line, can_focus=False):
    """Which keys do what; a click on one presses it."""

    def __init__(self, session: Session, view: View, hints: Callable[[], list[Hint]]) -> None:
        super().__init__("keys", session, view, lambda width: keys_line(hints(), self.view.look, width), 1.0)
        self.hints = hints

    def on_click(self, event: events.Click) -> None:
        key = key_at(self.hints(), self.view.look, self.size.width, event.x)
        if key is not None:
            self.app.simulate_key(key)


SHARE = 0.005
"""The part of the time at full speed that the drawing of one pane takes: the more it takes, the longer it rests."""
LONGEST_REST = 1.0
"""Seconds."""


class PaneScreen(ArrangedScreen):
    """The five panes, with a line above and two below them, drawn `fps` times a second at the most.

    `opened` is the session that it was opened with, `session` the one in view. The lesson, or the settings, are one of
    `panes` while they are open; `put_away` is the one of them whose place the other has taken, "" for none.
    `shown_at` is when each pane was drawn last, and `next_due` until when none needs to be.
    `before_pane`, of a pane that the lesson opened: whether the lesson had the whole screen before, else None.
    A subclass says what stands in the lines.
    """

    before_pane: bool | None = None
    put_away = ""

    def __init__(self, session: Session, view: View, fps: int, hide: Hidden = NOTHING_HIDDEN) -> None:
        super().__init__(hide)
        self.opened = self.session = session
        self.view = view
        self.frame = 1 / fps
        self.shown_at: dict[str, float] = {}
        self.next_due = 0.0
        self.frugality = Frugality(fps)
        self.behind: set[str] = set()
        """The panes that do not show yet where the run is."""
        self.catching_up: Timer | None = None

    def status(self, width: int) -> Strip:
        """The line above the panes."""
        raise NotImplementedError

    def counters(self, width: int) -> Strip:
        """The line below the panes."""
        raise NotImplementedError

    def hints(self) -> list[Hint]:
        """What stands in the last line."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        yield Line("status", self.session, self.view, lambda width: self.status(width), 0.1)
        yield PositionLine(self.session, self.view)
        with Container(id="panes"):
            yield WeightsPane("Weights", self.session, self.view)
            yield ChainRulePane("Chain rule", self.session, self.view)
            yield LossPane("Loss", self.session, self.view)
            yield GradientsPane("Gradients", self.session, self.view)
            yield DataPane("Data", self.session, self.view)
        yield Line("counters", self.session, self.view, lambda width: self.counters(width), 0.5)
        yield KeysLine(self.session, self.view, lambda: self.hints())

    def take_look(self) -> None:
        """Draw in the colours of the app's theme."""
        self.view.look = self.app.look  # type: ignore[attr-defined]
        self.show_all()

    def lines_from(self, line: Drawn) -> int:
        return POSITION_FROM if isinstance(line, PositionLine) else LINES_FROM

    async def action_lesson(self) -> None:
        """Open the lesson, come back to it, or close it."""
        if self.from_lesson:
            self.back_to_lesson()
            return
        if self.side == LESSON:
            self.close_side()
            return
        from backprop_tui.tui.lesson.pane import LessonPane  # Not needed to open.

        await self.open_side(LESSON, lambda: LessonPane(self.opened, self.session, self.view))

    async def open_side(self, name: str, pane: Callable[[], Pane]) -> None:
        """Open the `pane` of that name at the side, in place of the one there; it is made where there is none yet."""
        self.put_away, self.before_pane = self.side, None
        if self.put_away:
            self.pane(self.put_away).display = False
        if not self.query(f"#{name}"):
            await self.query_one("#panes").mount(pane())
        if name != LESSON and self.current not in SIDES:
            self.about = self.current
        self.panes, self.current = (*self.own_panes, name), name
        self.pane(name).come()
        self.lay_out()
        self.pane(name).focus()

    def close_side(self) -> None:
        """Close the pane at the side; the lesson comes back where it was there before."""
        name, before = self.side, self.put_away
        self.put_away, self.before_pane = "", None
        self.pane(name).display = False
        self.panes = (*self.own_panes, before) if before else self.own_panes
        if self.current == name:
            self.current = before or (self.about if name != LESSON else "") or self.main_pane
        if before:
            self.pane(before).come()
        self.lay_out()
        self.pane(self.current).focus()

    def show_alone(self, pane: str, *, large: bool) -> None:
        """From the lesson to a pane, where the two cannot stand side by side, or `large`; escape, z and i lead back."""
        self.before_pane = self.maximised
        self.current, self.maximised = pane, large
        self.lay_out()
        self.pane(pane).focus()

    @property
    def from_lesson(self) -> bool:
        """Whether what is in view was opened by the lesson."""
        return self.before_pane is not None and LESSON in self.panes and self.current != LESSON

    def back_to_lesson(self) -> None:
        """To where the lesson was left."""
        self.maximised, self.before_pane = bool(self.before_pane), None
        self.current = LESSON
        self.lay_out()
        self.pane(LESSON).focus()

    def action_maximise(self) -> None:
        if self.from_lesson and self.maximised:
            self.back_to_lesson()
        else:
            self.before_pane = None
            super().action_maximise()

    def show_all(self) -> None:
        """Draw everything again, as far as it has changed."""
        self.show_these(Pane)

    def show_lines(self) -> None:
        """Draw the lines above and below the panes, and the chain rule: where no other pane tells of what changed."""
        self.show_these((Line, ChainRulePane))

    def show_these(self, kinds: type[Pane] | tuple[type[Pane], ...]) -> None:
        """Draw panes of these kinds again, as far as they have changed."""
        now, self.next_due = perf_counter(), 0.0
        for pane in self.query(Pane):
            if not isinstance(pane, kinds):
                continue
            if self.view.playing and not isinstance(pane, Line):
                # At full speed its turn comes within the next slices, and the key is answered now.
                self.shown_at[pane.id or ""] = 0.0
            else:
                self.show_pane(pane, now)

    def show_due(self) -> None:
        """Draw the pane that has waited longest beyond its interval: one at a time, so that keys never wait for all."""
        now = perf_counter()
        if now < self.next_due:
            return
        overdue = [
            (
                now
                - self.shown_at.get(pane.id or "", 0.0)
                - max(pane.interval, self.frame, pane.rests, self.rest(pane)),
                pane,
            )
            for pane in self.query(Pane)
            if pane.display
        ]
        late, pane = max(overdue, key=lambda item: item[0])
        if late >= 0:
            begin = thread_time()
            self.show_pane(pane, now)
            pane.rests = min((thread_time() - begin) / SHARE, LONGEST_REST)
        else:
            # Asked after every slice: until then it is not even looked which panes there are.
            self.next_due = now - late

    # Over a line

    def show_pane(self, pane: Pane, now: float) -> None:
        """Draw a pane, and count what that sends."""
        self.app.count_anew(pane.region)  # type: ignore[attr-defined]
        pane.update()
        self.shown_at[pane.id or ""] = now
        self.behind.discard(pane.id or "")

    def rest(self, pane: Pane) -> float:
        """Seconds that a pane rests between two drawings, for what the last one sent."""
        self.frugality.rate = self.app.line_rate  # type: ignore[attr-defined]
        if not self.frugality.wanted or isinstance(pane, Line):
            return 0.0
        sent = self.app.sent_within(pane.region)  # type: ignore[attr-defined]
        shown = sum(other.display for other in self.query(Pane) if not isinstance(other, Line))
        return self.frugality.rest(sent, self.size.area, shown, read=pane.id == self.current)

    def show_stop(self) -> None:
        """Draw everything, since the run has moved; over a line a pane that is not read rests before."""
        self.frugality.rate = self.app.line_rate  # type: ignore[attr-defined]
        if not self.frugality.wanted:
            self.show_all()
            return
        self.frugality.moved = perf_counter()
        self.behind = {pane.id or "" for pane in self.query(Pane)}
        self.show_rested()

    def show_rested(self) -> None:
        """Draw the pane that is read, what else has rested by now, or all once nothing has moved for a while."""
        now = perf_counter()
        still = now - self.frugality.moved >= self.frugality.STILL
        for pane in self.query(Pane):
            name = pane.id or ""
            rested = still or name == self.current or now - self.shown_at.get(name, 0.0) >= self.rest(pane)
            if name in self.behind and rested:
                self.show_pane(pane, now)
        if self.behind:
            self.catching_up = self.catching_up or self.set_interval(LOOKED_FOR, self.show_rested)
        elif self.catching_up is not None:
            self.catching_up.stop()
            self.catching_up = None
