"""The training screen: the keys that move through a run, and choose what is looked at."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.strip import Strip

from backprop_tui.core.expression import Reference
from backprop_tui.core.parameter_name import parameter_name
from backprop_tui.core.session import Session
from backprop_tui.core.spotlight import Spotlight
from backprop_tui.core.timeline import UNITS

from .loss_pane import LossPane
from .messages import ExampleWanted, OpWanted
from .pane import Pane
from .pane_screen import PaneScreen
from .playback import FIRST_SPEED, FULL, Playback, breathe, speed_text
from .status import counters_line, keys_line, rate_text, status_line
from .view import View
from .weights_pane import WeightsPane

PATIENCE = 0.05
"""Seconds that a move may take before it goes on in the background, with its progress shown."""


@dataclass(frozen=True, slots=True)
class Jump:
    """Where the chain-rule pane was before it followed a factor to the op that made it."""

    count: int
    wanted: Reference | None
    factor: int


def first_view(session: Session) -> View:
    """What the preset of a session wants to be looked at first."""
    preset = session.preset
    name = parameter_name(preset.view.spotlight, preset.layers, session.dataset.inputs.shape[0])
    spotlight = Spotlight.named(name, preset.view.example - 1)
    return View(spotlight, unit=preset.view.unit, speed=FIRST_SPEED)  # type: ignore[arg-type]


class TrainingScreen(PaneScreen):
    """A run of one preset, with its playback and its panes, drawn `fps` times a second at the most."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "play", "play or pause"),
        Binding("right", "forward", "forward by the chosen unit", priority=True),
        Binding("left", "back", "back by the chosen unit", priority=True),
        *(Binding(str(i), f"unit('{unit}')", f"unit: {unit}") for i, unit in enumerate(UNITS, 1)),
        Binding("plus,equals_sign", "faster(1)", "play faster"),
        Binding("minus", "faster(-1)", "play slower"),
        Binding("home", "home", "to the start"),
        Binding("end", "end", "to the latest position"),
        Binding("colon", "go_to_step", "go to a step"),
        Binding("r", "restart", "back to the same initial weights"),
        Binding("R", "redraw", "start again with a new seed"),
        Binding("tab", "next_pane(1)", "next pane", priority=True),
        Binding("shift+tab", "next_pane(-1)", "previous pane", priority=True),
        Binding("z", "maximise", "maximise the pane, and back"),
        Binding("up", "move(-1)", "up inside the pane"),
        Binding("down", "move(1)", "down inside the pane"),
        Binding("enter", "activate", "open what is selected"),
        Binding("escape", "leave", "one level out"),
        *(
            Binding(f"shift+{key}", f"spotlight({rows},{columns})", "move the spotlight", priority=True)
            for key, rows, columns in (("up", -1, 0), ("down", 1, 0), ("left", 0, -1), ("right", 0, 1))
        ),
        Binding("w", "next_weights_view", "next view of the weights"),
        Binding("l", "log_axis", "loss: linear or log axis"),
        Binding("o", "open", "open another preset"),
        Binding("question_mark", "help", "help for what is on the screen"),
        Binding("q", "quit", "quit"),
    ]

    def __init__(self, session: Session, fps: int) -> None:
        super().__init__(session, first_view(session), fps)
        self.playback = Playback(self.session, self.view, self.show_due, self.show_all)
        self.travelling: int | None = None
        self.notice = ""
        self.seeds = self.session.seed
        self.jumps: list[Jump] = []

    # The lines above and below

    def status(self, width: int) -> Strip:
        return status_line(self.session, self.view, self.running_text(), width)

    def counters(self, width: int) -> Strip:
        return counters_line(self.session, self.view.look, width, self.notice)

    def keys(self, width: int) -> Strip:
        return keys_line(self.key_hints(), self.view.look, width)

    def running_text(self) -> str:
        """How it plays, or how far a journey has got; empty while paused."""
        if self.travelling is not None:
            return f"going to step {self.session.timeline.at(self.travelling).step}: escape stops"
        if not self.playback.running:
            return ""
        rate = self.session.timing.steps_per_second
        return rate_text(rate) if self.view.playing and rate is not None else speed_text(self.view)

    def key_hints(self) -> list[tuple[str, str]]:
        """The keys worth knowing now, the most useful first."""
        playing = self.playback.running
        hints = [
            ("space", "pause" if playing else "play"),
            ("← →", self.view.unit),
            ("1-5", "unit"),
            ("+ -", f"speed {speed_text(self.view)}"),
        ]
        specific = {"chain-rule": ("↑↓ enter", "factors"), "gradients": ("↑↓", "scroll"), "data": ("↑↓", "example")}
        if self.current in specific:
            hints.append(specific[self.current])
        hints += [("tab", "pane"), ("z", "smaller" if self.maximised else "zoom"), ("shift+arrows", "spotlight")]
        hints += [("w", "weights"), ("l", "log"), (":", "step"), ("r R", "restart"), ("o", "open"), ("q", "quit")]
        return [*hints, ("?", "help")]

    # Moving through time

    def go(self, count: int) -> None:
        """To a position; at once if that is quick, else in the background."""
        self.pause()
        self.notice = ""
        self.view.factor, self.view.wanted, self.jumps = 0, None, []
        self.session.depart(count)
        if self.session.approach(count, PATIENCE):
            self.arrived()
        else:
            self.travel(count)

    @work(exclusive=True, group="travel")
    async def travel(self, count: int) -> None:
        self.travelling = count
        while self.travelling == count and not self.session.approach(count, PATIENCE / 5):
            self.show_due()
            await breathe()
        self.travelling = None
        self.arrived()

    def arrived(self) -> None:
        if self.session.diverged:
            self.notice = f"the loss is not finite in step {self.session.not_finite_step}: go back, or r to start again"
        self.show_all()

    def pause(self) -> None:
        """Stop playing and travelling; what the panes show is then of the position alone."""
        self.travelling = None
        self.workers.cancel_group(self, "travel")
        if self.playback.running:
            self.playback.stop()
            self.workers.cancel_group(self, "play")
            self.playback.running = self.view.playing = False

    def action_play(self) -> None:
        if self.playback.running or self.travelling is not None:
            self.pause()
            self.show_all()
        else:
            self.notice = ""
            self.play()

    @work(exclusive=True, group="play")
    async def play(self) -> None:
        self.playback.running = True
        self.show_all()
        await self.playback.play()
        self.arrived()

    def action_forward(self) -> None:
        self.go(self.session.timeline.after(self.session.count, self.view.unit))

    def action_back(self) -> None:
        self.go(self.session.timeline.before(self.session.count, self.view.unit))

    def action_home(self) -> None:
        self.go(0)

    def action_end(self) -> None:
        self.go(self.session.furthest)

    def action_unit(self, unit: str) -> None:
        self.view.unit = unit  # type: ignore[assignment]
        self.show_all()

    def action_faster(self, places: int) -> None:
        self.view.speed = max(0, min(FULL, self.view.speed + places))
        self.show_all()

    @work
    async def action_go_to_step(self) -> None:
        from .prompt import Prompt  # Not needed to open.

        self.pause()
        self.show_all()
        typed = await self.app.push_screen_wait(Prompt("go to the end of step", "a whole number, 0 for the start"))
        if typed is None:
            return
        if typed.isdecimal() and len(typed) < 10:
            self.go(self.session.timeline.finish_of(int(typed)))
        else:
            self.notice = f"expected a whole number of 0 or more, found {typed!r}"
            self.show_all()

    def action_restart(self) -> None:
        self.begin(self.session.seed)

    def action_redraw(self) -> None:
        self.seeds += 1
        self.begin(self.seeds)
        self.notice = f"seed {self.seeds}: new start weights and order, the same data"
        self.show_all()

    def begin(self, seed: int) -> None:
        """A new run from the start."""
        self.pause()
        self.session = Session(self.session.preset, self.session.dataset, seed)
        self.playback = Playback(self.session, self.view, self.show_due, self.show_all)
        self.notice, self.jumps = "", []
        for pane in self.query(Pane):
            pane.follow(self.session)
        self.show_all()

    # Choosing what to look at

    @on(OpWanted)
    def show_op(self, message: OpWanted) -> None:
        """To the op that made a factor, remembering the way back."""
        here = Jump(self.session.count, self.view.wanted, self.view.factor)
        trail = [*self.jumps, here]
        self.go(here.count - self.session.position.events + message.op.place + 1)
        self.jumps, self.view.wanted = trail, message.wanted
        self.show_all()

    @on(ExampleWanted)
    def show_example(self, message: ExampleWanted) -> None:
        spotlight = self.view.spotlight
        example = (min(spotlight.example, self.session.plan.examples - 1) + message.places) % self.session.plan.examples
        self.view.spotlight = replace(spotlight, example=example)
        self.show_all()

    def action_leave(self) -> None:
        """Out of a journey, a jump to an op, or the maximised pane."""
        if self.travelling is not None:
            self.travelling = None
        elif self.jumps:
            *trail, back = self.jumps
            self.go(back.count)
            self.jumps, self.view.wanted, self.view.factor = trail, back.wanted, back.factor
            self.show_all()
        elif self.maximised:
            self.action_maximise()

    def action_spotlight(self, rows: int, columns: int) -> None:
        self.view.spotlight = self.view.spotlight.moved(self.session.trainer.layers, rows, columns)
        self.view.factor, self.view.wanted = 0, None
        self.show_all()

    def action_next_weights_view(self) -> None:
        self.query_one(WeightsPane).next_view()

    def action_log_axis(self) -> None:
        self.view.log = not self.view.log
        self.query_one(LossPane).update()

    def action_open(self) -> None:
        self.pause()
        self.show_all()
        self.app.open_gallery()  # type: ignore[attr-defined]

    def action_help(self) -> None:
        self.pause()
        self.show_all()
        from .help_screen import HelpScreen  # Not needed to open, and Markdown is a tenth of all that is.

        self.app.push_screen(HelpScreen(self.session.preset, self.bindings_shown(), self.view.look))

    def bindings_shown(self) -> Iterable[tuple[str, str]]:
        """Every key of this screen and what it does."""
        return [(binding.key, binding.description) for binding in self.BINDINGS if isinstance(binding, Binding)]

    def action_quit(self) -> None:
        self.app.exit(return_code=0)
