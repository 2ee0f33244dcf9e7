"""The screen of a recording that cannot be gone through op by op: its kept steps, in the same five panes."""

from collections.abc import Callable
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.strip import Strip

from backprop_tui.core.preset.hidden import NOTHING_HIDDEN, Hidden
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.recording.reader import Recording
from backprop_tui.core.recording.recorded_diagnosis import diagnose_recording
from backprop_tui.core.recording.recorded_session import opened
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.strips import fit, line, style
from backprop_tui.tui.panes.drawn import Drawn
from backprop_tui.tui.panes.keys_line import Hint, key_at, keys_line
from backprop_tui.tui.panes.loss_window import moved_by, zoomed
from backprop_tui.tui.running.arranged_screen import ArrangedScreen
from backprop_tui.tui.running.typed_file import told

from .kept_run import WEIGHT_VIEWS, KeptRun, RecordedView, first_module, weight_shape, within
from .loss_lines import recorded_smoothings, recorded_window
from .panes import (
    ExampleWanted,
    ModuleWanted,
    RecordedChainRule,
    RecordedData,
    RecordedGradients,
    RecordedLoss,
    RecordedWeights,
    StepWanted,
)
from .status_lines import recorded_counters, recorded_status

POLL = 0.5
"""Seconds between two looks whether more has been written, while somebody writes."""
CHOOSE_MODULE = ("gradients", "weights")
"""Panes in which a module is chosen, and opened."""
HINT = "a step, for example 1200"
NO_OPS = "a recording of somebody else's network holds kept steps, not ops"
ELSEWHERE = {
    "space": "there is nothing to play: the training runs, or ran, in its own program; ← → go through the kept steps",
    "r": "it cannot be started again from here, only where it was trained",
    "R": "it cannot be started again from here, only where it was trained",
    "e": "its settings are those of the program that trains it",
    "f": "it is a recording already",
    "c": "its variants can be trained only where it is trained",
    "x": "the worked solution needs every op, and these were not recorded",
    "W": "its weights are kept by the program that trains it",
    "i": "a recording has no lesson; {help} tells of the screen",
    "t": "statistics of the modules stand in Gradients and in Chain rule",
    **dict.fromkeys("12345", NO_OPS + ": ← → go from one to the next"),
    **dict.fromkeys("gbpsvuU", NO_OPS),
    **dict.fromkeys(("plus", "minus", "equals_sign"), NO_OPS),
}
"""Keys of the training screen that mean nothing here, and why."""


class RecordedLine(Drawn, can_focus=False):
    """One line above or below the panes: what `content` gives for a width."""

    def __init__(self, name: str, view: RecordedView, content: Callable[[int], Strip]) -> None:
        super().__init__(name)
        self.view, self.content = view, content

    @property
    def look(self) -> Look:
        return self.view.look

    def draw(self, width: int, height: int) -> list[Strip]:
        return [self.content(width)]


class RecordedKeys(RecordedLine, can_focus=False):
    """Which keys do what; a click on one presses it."""

    def __init__(self, view: RecordedView, hints: Callable[[], list[Hint]]) -> None:
        super().__init__("keys", view, lambda width: keys_line(hints(), view.look, width))
        self.hints = hints

    def on_click(self, event: events.Click) -> None:
        key = key_at(self.hints(), self.view.look, self.size.width, event.x)
        if key is not None:
            self.app.simulate_key(key)


class RecordedScreen(ArrangedScreen):
    """The kept steps of `recording`; while somebody writes it is looked at twice a second for more."""

    KEYS = (
        ("right", "forward(1)", "the next kept step"),
        ("left", "forward(-1)", "the kept step before"),
        ("home", "home", "the first kept step"),
        ("end", "end", "the latest kept step; while it is being written, each as it comes"),
        ("colon", "go_to", "go to a kept step"),
        ("tab", "next_pane(1)", "next pane"),
        ("shift+tab", "next_pane(-1)", "previous pane"),
        ("z", "maximise", "maximise the pane, and back"),
        ("up", "move(-1)", "up inside the pane: the module, the example"),
        ("down", "move(1)", "down inside the pane"),
        ("pageup", "page(-1)", "the kept step before, for a presenter's remote; a page up where modules are listed"),
        ("pagedown", "page(1)", "the next kept step, for a presenter's remote; a page down where modules are listed"),
        ("ctrl+u", "turn(-1)", "a page up inside the pane"),
        ("ctrl+d", "turn(1)", "a page down inside the pane"),
        ("enter", "activate", "the chain rule of the chosen module"),
        ("escape", "leave", "one level out"),
        *(
            (f"shift+{key}", f"spotlight({rows},{columns})", f"move the spotlight over the weight, {key}")
            for key, rows, columns in (("up", -1, 0), ("down", 1, 0), ("left", 0, -1), ("right", 0, 1))
        ),
        ("w", "next_weights_view", "weights as maps or as numbers"),
        ("l", "log_axis", "loss: linear or log axis"),
        ("comma", "zoom(-1)", "loss: more steps"),
        ("full_stop", "zoom(1)", "loss: fewer steps"),
        ("left_square_bracket", "pan(-1)", "loss: earlier steps, where not all are shown"),
        ("right_square_bracket", "pan(1)", "loss: later steps"),
        ("M", "smooth", "loss: the mean of how many steps, or none"),
        ("C", "losses_out", "take out the losses: the plot as SVG, or the numbers as csv"),
        ("d", "findings", "diagnosis: what was found up to this step"),
        ("o", "open", "open a preset"),
        ("question_mark", "help", "help for what is on the screen"),
        ("q", "quit", "quit"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding(*key, priority=True) for key in KEYS]

    def __init__(self, recording: Recording, hide: Hidden = NOTHING_HIDDEN) -> None:
        super().__init__(hide)
        self.kept = KeptRun(recording)
        self.view = RecordedView(module=first_module(self.kept))
        self.notice = ""
        self.trouble = ""
        self.live = True

    # The lines above and below

    def compose(self) -> ComposeResult:
        kept, view = self.kept, self.view
        yield RecordedLine("status", view, lambda width: recorded_status(kept, view, width))
        with Container(id="panes"):
            yield RecordedWeights("Weights", kept, view)
            yield RecordedChainRule("Chain rule", kept, view)
            yield RecordedLoss("Loss", kept, view)
            yield RecordedGradients("Gradients", kept, view)
            yield RecordedData("Data", kept, view)
        yield RecordedLine("counters", view, self.counters)
        yield RecordedKeys(view, self.key_hints)

    def on_mount(self) -> None:
        self.every(POLL, self.poll)

    def counters(self, width: int) -> Strip:
        """A notice, what is wrong with the file, or what is known of the step."""
        text = self.notice or self.trouble
        if text:
            return line([(fit(text, width, self.view.look), style(self.view.look.palette.warning))], width)
        return recorded_counters(self.kept, self.view.look, width)

    def key_hints(self) -> list[tuple[str, str]]:
        """The keys worth knowing now, the most useful first."""
        hints = [("← →", "kept step")]
        if self.kept.recording.live and not self.view.following:
            hints.append(("end", "follow"))
        if self.current in CHOOSE_MODULE:
            hints += [("↑↓", "module"), ("enter", "its chain rule")]
        elif self.current == "data":
            hints.append(("↑↓", "example"))
        elif self.current == "chain-rule":
            hints.append(("↑↓", "scroll"))
        elif self.current == "loss":
            hints += [(", .", "zoom"), *([("[ ]", "earlier, later")] if self.view.window else []), ("M", "mean")]
        hints += [("shift+arrows", "spotlight"), ("tab", "pane"), ("z", "smaller" if self.maximised else "zoom")]
        hints += [
            ("d", "diagnosis"),
            ("w", "weights"),
            ("l", "log"),
            (":", "step"),
            ("C", "losses"),
            ("o", "open"),
            ("q", "quit"),
        ]
        return self.in_sight([*hints, ("?", "help")])

    # Drawing

    def take_look(self) -> None:
        self.view.look = self.app.look  # type: ignore[attr-defined]
        self.show_all()

    def show_all(self) -> None:
        for pane in self.query(Drawn):
            pane.update()

    def tell(self, problem: str) -> None:
        self.notice = problem
        self.show_all()

    # The file

    def poll(self) -> None:
        """Take in what has been written, as long as somebody writes, and once more when that has ended.

        The first kept step tells whether it can be gone through op by op.
        """
        was_live, self.live = self.live, self.kept.recording.live
        if not (was_live or self.live):
            return
        before, known = self.trouble, bool(self.kept.recording.steps)
        try:
            new = self.kept.refresh(following=self.view.following)
            self.trouble = ""
            if new and not known and self.kept.recording.steps:
                self.app.open_recording(opened(self.kept.recording))  # type: ignore[attr-defined]
                return
        except PresetError as problem:
            new, self.trouble = False, f"no longer read: {problem}"
        if new or before != self.trouble or was_live != self.live:
            self.show_all()

    def reading(self, read: Callable[[], None]) -> None:
        """Do what reads of the file; where that fails, say so and stay."""
        self.notice = ""
        try:
            read()
        except PresetError as problem:
            self.notice = str(problem)
        self.show_all()

    # Moving

    def go(self, step: int | None, *, following: bool = False) -> None:
        self.view.following = following
        if step is not None and (self.kept.step is None or step != self.kept.step.step):
            self.reading(lambda: self.kept.go_to(step))
        else:
            self.notice = "" if self.kept.recording.steps else "no step is kept yet"
            self.show_all()

    def action_forward(self, places: int) -> None:
        self.go(self.kept.beside(places))

    def action_home(self) -> None:
        steps = self.kept.recording.steps
        self.go(steps[0] if steps else None)

    def action_end(self) -> None:
        steps = self.kept.recording.steps
        self.go(steps[-1] if steps else None, following=True)

    def action_go_to(self) -> None:
        from backprop_tui.tui.pages.prompt import Prompt, ask

        ask(self.app, Prompt("go to the kept step nearest to", HINT), self.go_to)

    def go_to(self, typed: str) -> None:
        """To the kept step nearest to a number, or say why that cannot be."""
        digits = typed.lower().removeprefix("step").strip().replace(",", "")
        if not (digits.isascii() and digits.isdigit()) or len(digits) > 15:
            self.tell(f"expected {HINT}, found {typed!r}")
            return
        self.go_near(float(digits))
        found = self.kept.step
        if found is not None and found.step != int(digits) and not self.notice:
            self.tell(f"step {int(digits):,} was not kept; this is the nearest one that was")

    def action_losses_out(self) -> None:
        from backprop_tui.tui.pages.prompt import Prompt, ask

        from .losses_out import QUESTION, losses_out, proposed_name  # Not needed to open.

        def write(typed: str) -> None:
            try:
                self.tell(told(losses_out(self.kept, self.view, typed)))
            except PresetError as problem:
                self.tell(str(problem))

        ask(self.app, Prompt(QUESTION, "", proposed_name(self.kept)), write)

    def through_time(self, direction: int) -> None:
        self.action_forward(direction)

    def go_near(self, step: float) -> None:
        steps = self.kept.recording.steps
        self.go(min(steps, key=lambda kept: abs(kept - step)) if steps else None)

    @on(StepWanted)
    def show_step(self, message: StepWanted) -> None:
        self.go_near(message.step)

    # Choosing what to look at

    @on(ModuleWanted)
    def show_module(self, message: ModuleWanted) -> None:
        if 0 <= message.place < len(self.kept.modules):
            self.view.module = message.place
            self.view.output = self.view.source = 0
            self.notice = ""
            self.show_all()

    @on(ExampleWanted)
    def show_example(self, message: ExampleWanted) -> None:
        self.view.row = max(0, within(self.kept, self.view).row + message.places)
        self.show_all()

    def action_spotlight(self, rows: int, columns: int) -> None:
        view = within(self.kept, self.view)
        module = self.kept.modules[view.module] if self.kept.modules else None
        height, width = weight_shape(self.kept, module)
        self.view.output = (view.output + rows) % height
        self.view.source = (view.source + columns) % width
        self.notice = ""
        self.show_all()

    def action_activate(self) -> None:
        """From a module to its chain rule."""
        if self.current in CHOOSE_MODULE:
            self.look_into("chain-rule")

    def action_leave(self) -> None:
        if self.notice:
            self.tell("")
        elif self.maximised:
            self.action_maximise()

    def action_next_weights_view(self) -> None:
        place = WEIGHT_VIEWS.index(self.view.weights)
        self.view.weights = WEIGHT_VIEWS[(place + 1) % len(WEIGHT_VIEWS)]
        self.show_all()

    def action_log_axis(self) -> None:
        self.view.log = not self.view.log
        self.keep("loss_axis", "log" if self.view.log else "linear")
        self.show_all()

    def action_zoom(self, places: int) -> None:
        """Half of the losses in view, or twice as many, about the step in view."""
        count, step = self.kept.recording.losses.count, self.kept.step
        about = count if step is None else step.step
        self.view.window = zoomed(self.view.window, count, places, about)
        self.show_all()

    def action_pan(self, halves: int) -> None:
        """Half of what is shown later, or earlier."""
        count, shown = self.kept.recording.losses.count, recorded_window(self.kept, self.view)
        self.view.window = moved_by(self.view.window, count, halves * (shown.last - shown.first) / 2)
        self.show_all()

    def action_smooth(self) -> None:
        found = recorded_smoothings(self.kept)
        place = found.index(self.view.smoothing) if self.view.smoothing in found else 0
        self.view.smoothing = found[(place + 1) % len(found)]
        self.show_all()

    def on_key(self, event: events.Key) -> None:
        """A key that means something only for runs of this program's own: say why it does nothing."""
        said = ELSEWHERE.get(event.key)
        if said is not None:
            event.stop()
            said = said.format(help=self.view.look.keys.said("?"))
            self.tell(f"{self.pressed_name(event)}: {said}")

    # Pages

    def action_findings(self) -> None:
        self.reading(self.open_findings)

    def open_findings(self) -> None:
        from .findings import FindingsScreen  # Not needed to open.

        step = self.kept.recording.losses.count if self.kept.step is None else self.kept.step.step
        found = diagnose_recording(self.kept.recording, step).findings
        self.app.push_screen(FindingsScreen(found, step, self.view.look))

    def action_open(self) -> None:
        self.app.open_gallery()  # type: ignore[attr-defined]

    def action_help(self) -> None:
        self.open_help()

    def open_help(self, page: Screen[Any] | None = None, heading: str = "Recording") -> None:
        from backprop_tui.tui.lesson.help_screen import HelpScreen, Subject, keys_of  # Not needed to open.

        look = self.view.look
        self.app.push_screen(HelpScreen(Subject(heading, keys_of(type(page or self), self.hides, look.keys)), look))

    def action_quit(self) -> None:
        self.app.exit(return_code=0)
