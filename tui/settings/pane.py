"""The settings beside the panes: every control of the run, live, and under them the runs that changes have made."""

from dataclasses import replace

from textual import events
from textual.geometry import Offset
from textual.strip import Strip

from backprop_tui.core.preset.hidden import VALUES
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.session.session import Session
from backprop_tui.tui.chain_rule.page import Choice as Stop
from backprop_tui.tui.chain_rule.page import Page, Window, window_lines
from backprop_tui.tui.drawing.strips import text_lines
from backprop_tui.tui.pages.value_field import ValueField
from backprop_tui.tui.panes.pane import Pane
from backprop_tui.tui.running.arrangement import SETTINGS
from backprop_tui.tui.running.going import typed_value
from backprop_tui.tui.running.run_screen import RunScreen

from .branch_lines import branch_lines
from .control import Change, Choice, Control
from .control_lines import Columns, choice_lines, control_line, foot_lines, title_line
from .controls import controls, setting_of, spotlight_control

TALL = 16
"""Lines from which there is room for more than one at the head and two at the foot."""
LOW = 10
"""Lines under which one at the foot must do."""
WHEEL = 3
"""Lines that one notch of the mouse wheel scrolls by."""
RUNS = "Runs"


class SettingsPane(Pane):
    """↑ ↓ choose a control, + and − step it, enter turns it round, opens its list, or has its value typed.

    `chosen` is the place of the control, or of the run under them; of one of the `choices` while a list of `picking` is
    open.
    `message` stands in the foot until another is chosen. `first` is the first row in sight, unless the chosen one is to
    be `sought`.
    """

    interval = 0.25

    def __init__(self, screen: RunScreen) -> None:
        super().__init__(SETTINGS.title(), screen.session, screen.view)
        self.training = screen
        self.listed: list[Control] = []
        self.settings: list[Control] = []
        self.known: Preset | None = None
        self.chosen = 0
        self.picking: Control | None = None
        self.choices: tuple[Choice, ...] = ()
        self.message = ""
        self.first = 0
        self.sought = True
        self.page, self.window = Page(), Window(0, 0, 0)

    # What there is to choose from

    def controls(self) -> list[Control]:
        """The controls of the run as it is now; the chosen one stays chosen where the list has become another."""
        preset, before = self.session.preset, self.listed
        if preset is not self.known:
            hide = self.training.hide
            self.known = preset
            self.settings = [one for one in controls(self.session) if not hide.setting(setting_of(one.name))]
        value = [] if VALUES in self.training.hide else [spotlight_control(self.session, self.view.spotlight)]
        self.listed = [*value, *self.settings]
        if self.picking is None and len(before) != len(self.listed):
            self.chosen = self.place_of(before)
        return self.listed

    def place_of(self, before: list[Control]) -> int:
        """Where what was chosen among the controls `before`, or among the runs, stands now."""
        if self.chosen >= len(before):
            return self.chosen - len(before) + len(self.listed) if before else self.chosen
        names = [control.name for control in self.listed]
        name = before[self.chosen].name
        return names.index(name) if name in names else min(self.chosen, len(names) - 1)

    def count(self) -> int:
        if self.picking is not None:
            return len(self.choices)
        return len(self.controls()) + len(self.training.branches)

    def control(self) -> Control | None:
        """The control that is chosen; None on a run."""
        found = self.controls()
        return found[self.chosen] if self.chosen < len(found) else None

    # Drawing

    def draw(self, width: int, height: int) -> list[Strip]:
        look = self.view.look
        self.chosen = min(self.chosen, self.count() - 1)
        head, foot = (2, 4) if height >= TALL else (1, 2) if height >= LOW else (1, 1)
        self.page = self.picking_page(self.picking, width) if self.picking else self.control_page(width, head)
        room = max(height - foot - 1, 1)
        window = Window.of(self.page, room, self.first)
        if self.sought:
            begins = [*self.page.stops, len(self.page.rows)]
            for row in (begins[self.chosen + 1] - 1, begins[self.chosen]):
                window = Window.of(self.page, room, window.showing(row))
        self.window, self.first, self.sought = window, window.first, False
        shown = window_lines(self.page, window, width, look, whole=self.whole)
        shown += [Strip([])] * (room - len(shown))
        return [*shown[:room], *foot_lines(self.explained(), self.message, width, foot, look)]

    def explained(self) -> Control:
        """What the foot tells of."""
        if self.picking is not None:
            choice = self.choices[self.chosen]
            return replace(self.picking, name="", unused="", formula=choice.formula)
        return self.control() or Control("run", RUNS, "run", meaning="enter goes over to it, where it was left")

    def control_page(self, width: int, head: int) -> Page:
        look, page = self.view.look, Page()
        page.head = text_lines(self.what_a_change_does(), width, head, look, look.palette.accent)
        group = ""
        for place, control in enumerate(self.controls()):
            if control.group != group:
                group = control.group
                page.add([Strip([]), title_line(group, width, look)])
            page.offer(Stop(), [control_line(control, place == self.chosen, width, look)])
        page.add([Strip([]), title_line(RUNS, width, look)])
        runs, place = self.training.branches, self.chosen - len(self.listed)
        for lines in branch_lines(runs, self.session, place, width, look):
            page.offer(Stop(), lines)
        return page

    def what_a_change_does(self) -> str:
        session = self.session
        if self.view.playing:
            return "A change goes on with this run as it plays"
        begin = f"From step {session.step + 1:,} on" if session.step else "From the start"
        goes_on = session.furthest < session.timeline.finish_of(session.step + 1)
        return f"{begin}, a change {'goes on with this run' if goes_on else 'starts a branch'}"

    def picking_page(self, control: Control, width: int) -> Page:
        look, page, session = self.view.look, Page(), self.session
        page.head = [title_line(f"{control.group}: {control.label}", width, look)]
        for place, choice in enumerate(self.choices):
            present = choice.label == control.value
            seed, noise = session.preset.seed, session.preset.data.noise
            page.offer(Stop(), choice_lines(choice, place == self.chosen, present, noise, seed, width, look))
        return page

    # Keys

    def come(self) -> None:
        self.message, self.sought = "", True

    def select(self, place: int) -> None:
        self.chosen, self.message, self.sought = place, "", True
        self.update()

    def move(self, rows: int) -> None:
        self.select((self.chosen + rows) % self.count())

    def has_pages(self) -> bool:
        return True

    def turn(self, pages: int) -> None:
        """To the first control of the next group, or of this one or the one before."""
        if self.picking is not None:
            self.select(0 if pages < 0 else self.count() - 1)
            return
        groups = [*(control.group for control in self.controls()), *[RUNS] * len(self.training.branches)]
        firsts = [place for place, group in enumerate(groups) if place == 0 or groups[place - 1] != group]
        if pages > 0:
            self.select(next((place for place in firsts if place > self.chosen), self.count() - 1))
        else:
            self.select(next((place for place in reversed(firsts) if place < self.chosen), 0))

    def notch(self, direction: int) -> None:
        """+ or − on the control that is chosen."""
        control = None if self.picking is not None else self.control()
        if control is not None and control.step is not None:
            step = control.step
            self.make(lambda: step(direction))

    def leave(self) -> bool:
        """Out of the list of choices; whether one was open."""
        if self.picking is None:
            return False
        name, self.picking = self.picking.name, None
        self.chosen = next((at for at, one in enumerate(self.controls()) if one.name == name), 0)
        self.sought = True
        self.update()
        return True

    def activate(self) -> None:
        # There may be fewer since it was drawn.
        self.chosen = min(self.chosen, self.count() - 1)
        if self.picking is not None:
            change = self.choices[self.chosen].change
            self.leave()
            self.make(change)
            return
        control = self.control()
        if control is None:
            self.training.go_on_with(self.training.branches[self.chosen - len(self.listed)], "")
        elif control.enter is not None:
            self.make(control.enter)
        elif control.choices is not None:
            self.pick(control, control.choices())
        elif control.typed:
            self.type_value(control)
        else:
            self.say("+ and − change it" if control.step else "")

    def pick(self, control: Control, choices: tuple[Choice, ...]) -> None:
        """Open the list of what a control is chosen from."""
        labels = [choice.label for choice in choices]
        self.picking, self.choices, self.message, self.sought = control, choices, "", True
        self.chosen = labels.index(control.value) if control.value in labels else 0
        self.update()

    def type_value(self, control: Control) -> None:
        """Have a value typed where the old one stands."""
        self.sought = True
        self.update()
        region, row = self.content_region, 0
        # A pane that has just been opened has not been drawn yet.
        if self.chosen < len(self.page.stops):
            row = len(self.page.head) + self.page.stops[self.chosen] - self.window.first

        def answered(typed: str | None) -> None:
            if typed:
                self.make(lambda: {control.name: typed_value(typed, control.name)})

        place = Offset(region.x + 2, region.y + row)
        self.app.push_screen(ValueField(control.label, control.value, place), answered)

    # Changes

    def say(self, message: str) -> None:
        self.message = message
        self.update()

    def make(self, change: Change) -> None:
        """Make a change; the foot says what has come of it."""
        try:
            changes = change()
        except PresetError as problem:
            self.say(str(problem))
            return
        if changes:
            told = self.training.change(changes)
            self.sought = True
            self.say(told)

    def follow(self, session: Session) -> None:
        super().follow(session)
        # What was said was of the run before.
        self.known, self.sought, self.message = None, True, ""

    # Mouse

    def on_click(self, event: events.Click) -> None:
        """A control is chosen, and on the second click done; one that is turned round, and + and −, at once."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y < len(self.page.head):
            return
        row = self.window.first + offset.y - len(self.page.head)
        if row not in self.window.seen:
            return
        found = [place for place, stop in enumerate(self.page.stops) if stop <= row]
        if not found or (row != self.page.stops[found[-1]] and not self.taller(found[-1])):
            return
        place, again = found[-1], found[-1] == self.chosen
        self.select(place)
        control = None if self.picking is not None else self.control()
        direction = Columns.of(self.content_size.width).button(offset.x)
        if control is not None and control.step is not None and direction:
            self.notch(direction)
        elif again or (control is not None and control.enter is not None and control.choices is None):
            self.activate()

    def taller(self, place: int) -> bool:
        """Whether what stands at a place has several lines: a picture, or a run."""
        return self.picking is not None or place >= len(self.listed)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self.scroll(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self.scroll(-WHEEL)

    def scroll(self, rows: int) -> None:
        self.first = Window.of(self.page, self.window.height + len(self.page.head), self.window.first + rows).first
        self.update()
