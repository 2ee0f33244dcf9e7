"""The chain-rule pane: the op in view with its numbers, and behind key v other ways to look at the same gradient."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from textual import events
from textual.strip import Strip

from backprop_tui.core.chain_rule.long_way import combined
from backprop_tui.core.chain_rule.slope_product import has_slopes
from backprop_tui.core.chain_rule.statements import Origin, place
from backprop_tui.core.ops.event import Op
from backprop_tui.core.session.session import Session
from backprop_tui.tui.panes.messages import OpWanted
from backprop_tui.tui.panes.pane import Pane
from backprop_tui.tui.panes.view import CHAIN_VIEWS, View

from .op_lines import op_page
from .op_strip import OpStrip, heading
from .op_words import origins_of, said_of
from .page import Page, Window, window_lines

if TYPE_CHECKING:
    from .decay_lines import DecayReader
    from .path_lines import PathReader
    from .what_if_lines import WhatIfReader


def heading_text(session: Session, view: View) -> str:
    """Where we are."""
    op = session.op
    if op is None:
        return f"before the first op of step {session.step + 1:,}"
    if op.phase == "start":
        return f"step {session.position.step:,}, its batch laid, before the first op"
    if op.phase == "finish":
        return f"step {session.position.step:,} finished"
    return place(op, view.last(session))


def page_here(session: Session, view: View, width: int) -> Page:
    """The page of the op in view, or of the finish of a step."""
    if session.op is not None and session.op.phase == "finish":
        from .step_lines import step_page  # Not needed to open.

        return step_page(session, view, width)
    return op_page(session, view, width)


def rarely_seen(name: str) -> Callable[..., Page]:
    """What draws a view whose code is not needed to open."""
    match name:
        case "depth":
            from .depth_lines import depth_page

            return depth_page
        case "neuron":
            from .neuron_lines import neuron_page

            return neuron_page
        case "nested":
            from .nested_lines import nested_page

            return nested_page
    from .long_way_lines import long_way_page

    return long_way_page


def factors(session: Session, view: View) -> list[Origin]:
    """The factors that can be chosen in the view of an op: those of all its statements."""
    op = session.op
    if op is None or op.phase in ("start", "finish"):
        return []
    return origins_of(said_of(op, view, view.last(session))[1], session, view.last(session))


def views_of(session: Session, view: View) -> list[str]:
    """The views that there are of this network: only a combined output has a long way, and that alone no slopes."""
    present = {
        "depth": has_slopes(session.plan, session.trainer.layers),
        "long way": combined(session.plan, view.last(session), session.preset.loss.kind),
    }
    return [name for name in CHAIN_VIEWS if present.get(name, True) and not view.hide.view("chain_rule", name)]


def shown_view(view: View) -> str:
    """The view that is drawn: a factor of a path leads to the op that made it, which is shown until one comes back."""
    return "op" if view.chain == "path" and view.wanted is not None else view.chain


class ChainRulePane(Pane):
    """↑ ↓ choose a factor, or scroll to where the next one is; enter goes to the op that made it.

    `first` is the first row in sight, `sought` the choice that the next drawing is to bring into sight; `page`,
    `window`, `strip` and the place `factor` of the choice are what was drawn last.
    """

    interval = 0.3

    def __init__(self, title: str, session: Session, view: View) -> None:
        super().__init__(title, session, view)
        self.first = 0
        self.key: object = None
        self.factor = 0
        self.sought: int | None = None
        self.strip: OpStrip | None = None
        self.page, self.window = Page(), Window(0, 0, 0)

    # What keeps what other views have read is made when it is first asked for.

    @cached_property
    def paths(self) -> "PathReader":
        from .path_lines import PathReader  # Not needed to open.

        return PathReader()

    @cached_property
    def decay(self) -> "DecayReader":
        from .decay_lines import DecayReader  # Not needed to open.

        return DecayReader()

    @cached_property
    def what_if(self) -> "WhatIfReader":
        from .what_if_lines import WhatIfReader  # Not needed to open.

        return WhatIfReader()

    def page_of(self, width: int, height: int) -> Page:
        session, view = self.session, self.view
        pages: dict[str, Callable[[], Page]] = {
            "op": lambda: page_here(session, view, width),
            "path": lambda: self.paths.page(session, view, width),
            "decay": lambda: self.decay.page(session, view, width),
            "depth": lambda: rarely_seen("depth")(session, view, width, height),
            "what if": lambda: self.what_if.page(session, view, width, height),
            "neuron": lambda: rarely_seen("neuron")(session, view, width),
            "nested": lambda: rarely_seen("nested")(session, view, width),
            "long way": lambda: rarely_seen("long way")(session, view, width),
        }
        return pages[shown_view(view)]()

    def draw(self, width: int, height: int) -> list[Strip]:
        session, view = self.session, self.view
        views = views_of(session, view)
        if view.chain not in views:
            view.chain = CHAIN_VIEWS[0]
        self.name_view("v", view.chain, views)
        named = "" if view.chain == "op" else f"{view.chain} · "
        if shown_view(view) != view.chain:
            named = f"from a {view.chain} · "
        head, self.strip = heading(named + heading_text(session, view), session.op, session.plan.ops, width, view.look)
        page = self.page_of(width, height - 1)
        page.head.insert(0, head)
        key = (id(session), session.count, view.chain, view.spotlight, view.wanted)
        if key != self.key:
            # Elsewhere, or of something else, one starts to read at the top, unless one comes back to a choice.
            self.key, self.first, self.factor = key, 0, 0
            if view.chain == "depth":
                self.sought = self.chosen_of(page)
        if view.factor != self.factor and page.choices:
            self.sought = self.chosen_of(page)
        self.factor = view.factor
        window = Window.of(page, height, self.first)
        if self.sought is not None and self.sought < len(page.stops):
            window = Window.of(page, height, window.showing(page.stops[self.sought]))
        self.page, self.window, self.first, self.sought = page, window, window.first, None
        return window_lines(page, window, width, view.look, whole=self.whole)

    def chosen_of(self, page: Page) -> int:
        """The place of what is chosen on a page that has choices."""
        view = self.view
        if view.chain == "depth":
            from .depth_words import chosen_depth  # Not needed to open.

            place = chosen_depth(self.session, view) - 1
        else:
            place = view.nudge if view.chain == "what if" else view.factor
        return place % max(len(page.choices), 1)

    def choose(self, choice: int) -> None:
        """Choose, and bring it into sight."""
        if self.view.chain == "what if":
            self.view.nudge, self.view.sliding = choice, False
        elif self.view.chain == "depth":
            self.view.depth = choice
        else:
            self.view.factor = choice
        self.sought = choice
        self.update()

    def move(self, rows: int) -> None:
        """To the next choice where it is in sight, else a line on towards it; past the last one to the other end."""
        page, window = self.page, self.window
        chosen = self.chosen_of(page)
        wanted = chosen + rows
        if page.choices and page.stops[chosen] not in window.seen:
            # What is chosen comes first, if it lies ahead.
            ahead = page.stops[chosen] >= window.seen.stop if rows > 0 else page.stops[chosen] < window.seen.start
            wanted = chosen if ahead else wanted
        exists = 0 <= wanted < len(page.choices)
        if exists and page.stops[wanted] in window.seen:
            self.choose(wanted)
            return
        further = Window.of(page, window.height + len(page.head), window.first + rows)
        if further.first != window.first:
            self.first = further.first
            if exists and page.stops[wanted] in further.seen:
                self.choose(wanted)
            self.update()
        elif page.choices:
            self.choose(wanted % len(page.choices))
        else:
            self.first = 0 if rows > 0 else window.rows
            self.update()

    def has_pages(self) -> bool:
        """The page of the op in view has none: who goes on with a remote goes on to the next op."""
        return shown_view(self.view) != CHAIN_VIEWS[0] and len(self.page.rows) > self.window.height

    def turn(self, pages: int) -> None:
        """Scroll by so many pages; what is chosen stays, and comes back into sight with ↑ or ↓."""
        self.first = Window.of(self.page, self.window.height + len(self.page.head), self.window.turned(pages)).first
        self.update()

    def activate(self) -> None:
        page = self.page
        if not page.choices:
            return
        chosen = self.chosen_of(page)
        if page.stops[chosen] not in self.window.seen:
            self.choose(chosen)
            return
        choice = page.choices[chosen]
        if choice.op is not None:
            self.post_message(OpWanted(choice.op, choice.reference, choice.steps))
        elif choice.act is not None:
            choice.act()
            self.choose(self.view.factor)

    def on_click(self, event: events.Click) -> None:
        """A line is chosen, and opened if it was chosen already; on the strip of the step one goes to the op there."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y == 0 and self.strip is not None:
            op: Op | None = self.strip.op_at(offset.x)
            if op is not None:
                self.post_message(OpWanted(op, None))
            return
        row = self.window.first + offset.y - len(self.page.head)
        if row in self.window.seen and row in self.page.stops:
            clicked = self.page.stops.index(row)
            if clicked == self.chosen_of(self.page):
                self.activate()
            else:
                self.choose(clicked)

    def slide(self, places: int) -> bool:
        """Move the slider of "what if" by notches; False where another view is shown."""
        from .slider_line import slid  # Not needed to open.

        if shown_view(self.view) != "what if":
            return False
        if not self.view.playing:
            self.view.slide = slid(self.view.slide, places)
            self.view.sliding = True
            self.update()
        return True

    def next_view(self) -> None:
        """Another view of the same gradient."""
        names = views_of(self.session, self.view)
        self.view.chain = names[(names.index(self.view.chain) + 1) % len(names)] if self.view.chain in names else "op"
        self.view.factor = 0
        if self.view.chain == "path":
            # The paths are those of the spotlight's gradient, whatever number was jumped to before.
            self.view.wanted = None
        self.update()
