"""Compare: up to six runs in lockstep, their curves, paths, gradients and figures beside each other.

The runs are sessions of their own; the one in view is that of the training screen. All move together.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from rich.cells import cell_len
from textual import work
from textual.binding import Binding, BindingType
from textual.strip import Strip

from backprop_tui.core.compare.compared_run import ComparedRun
from backprop_tui.core.compare.comparison import MOST_RUNS, Comparison
from backprop_tui.core.compare.figures import findings
from backprop_tui.core.compare.goal import goal_text, preset_goal, read_goal
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.toml_text import inline
from backprop_tui.core.session.halt import halted_by
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.numbers import format_count
from backprop_tui.tui.drawing.strips import Part, fit, line, style
from backprop_tui.tui.panes.breath import breathe
from backprop_tui.tui.panes.same_place import in_layer
from backprop_tui.tui.running.playback import FOLLOWED, FULL, SPEEDS, speed_text
from backprop_tui.tui.running.run_screen import RunScreen

from .compare_lines import curves, gradient_columns, spotlight_lines, wrapped
from .compare_map import CompareMap
from .compare_table import CompareTable
from .lockstep import SLICE, LockstepScreen
from .prompt import Prompt

WIDE = 96
"""Cells from which the curves and the gradients stand side by side."""
LEAST_PART = 6
PARTS = ("loss", "gradients", "spotlight", "map")
"""What is drawn above the runs: where there is room the first or the last, since the others stand beside it anyway."""


def comparison_in_view(training: RunScreen) -> tuple[Comparison, str]:
    """The comparison of a training screen with its run in view among the runs, and what is to be said of it.

    It is kept in `training.comparison` until another run is begun there; its variants are then made again.
    """
    base, session = training.branches[0], training.session
    comparison, notice = training.comparison, ""
    if comparison is None:
        comparison = Comparison([(base.preset.id or base.preset.title, base)])
        comparison.aim(preset_goal(comparison.preset))
    elif comparison.runs[0].session is not base:
        comparison = comparison.restarted(base)
    run = comparison.run_of(session)
    if run is None:
        if len(comparison.runs) == MOST_RUNS:
            last = comparison.runs[-1]
            comparison.follow(comparison.runs[0])
            comparison.remove(last)
            notice = f"{last.name} was taken out: there is room for {MOST_RUNS} runs"
        run = comparison.add_session(branch_name(session), session)
    comparison.follow(run)
    training.comparison = comparison
    return comparison, notice


def branch_name(session: Session) -> str:
    """A run by the last change that was made on its way."""
    if not session.edits:
        return "branch"
    edit = session.edits[-1]
    return f"{edit} from step {edit.step}"


class CompareScreen(LockstepScreen):
    """Choices are the runs, then the variants that are not among them."""

    heading = "Compare"
    CSS = "CompareScreen #tool { max-width: 100%; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "take", "add or remove a variant; close on a run that stays"),
        Binding("delete", "remove", "remove a run", show=False),
        Binding("v", "next_part", "loss, gradients, spotlight, or a map with the paths of all"),
        Binding("l", "log_axis", "loss: linear or log axis"),
        Binding("t", "set_goal", "what the runs are to reach"),
        *(
            Binding(f"shift+{key}", f"spotlight({rows},{columns})", "move the spotlight", show=False)
            for key, rows, columns in (("up", -1, 0), ("down", 1, 0), ("left", 0, -1), ("right", 0, 1))
        ),
    ]

    def __init__(self, training: RunScreen) -> None:
        super().__init__(training, *comparison_in_view(training))
        self.chosen = self.comparison.runs.index(self.comparison.lead)
        self.part = PARTS[0]
        self.map = CompareMap()
        self.at_work = False
        self.first_row = 0
        self.kept: tuple[object, ...] = ()
        self.kept_curves: list[Strip] = []

    # The runs

    def choices(self) -> int:
        return len(self.comparison.runs) + len(self.comparison.offered())

    def line_of(self, choice: int) -> int:
        return self.first_row + choice

    @property
    def chosen_run(self) -> ComparedRun | None:
        """The run that is chosen; None on a variant that is not among them."""
        runs = self.comparison.runs
        return runs[self.chosen] if self.chosen < len(runs) else None

    def activate(self, choice: int) -> None:
        """Go over to a run in the screen below; add a variant."""
        run = self.chosen_run
        if run is None:
            self.action_take()
        else:
            self.go_over(run)

    def go_over(self, run: ComparedRun) -> None:
        training, session = self.training, run.session
        self.workers.cancel_group(self, "lockstep")
        if session is not training.session:
            spotlight, layers = self.view.spotlight, session.trainer.layers
            self.view.spotlight = in_layer(spotlight, layers[min(spotlight.layer, len(layers)) - 1])
            if session in training.branches:
                training.follow(session)
            else:
                training.branch(session)
        self.dismiss(None)

    def action_take(self) -> None:
        """Add the variant that is chosen, or take the chosen run out; on a run that stays close the page."""
        run = self.chosen_run
        if run is None:
            self.add(lambda: self.comparison.add_variant(self.comparison.offered()[self.chosen - self.runs]))
        elif self.stays(run):
            self.action_close()
        else:
            self.action_remove()

    def stays(self, run: ComparedRun) -> bool:
        """Whether a run cannot be taken out: the one in view, and the preset itself."""
        return run is self.comparison.lead or run is self.comparison.runs[0]

    @property
    def runs(self) -> int:
        return len(self.comparison.runs)

    def add_changes(self, name: str, changes: dict[str, Any]) -> None:
        """The preset with other settings as one more run, such as a remedy asks for."""
        self.add(lambda: self.comparison.add_changes(name, changes))

    def add(self, make: Callable[[], ComparedRun]) -> None:
        """One more run, which is brought to where the others are."""

        def added() -> None:
            try:
                make()
            except PresetError as problem:
                self.notice = str(problem)
            else:
                self.chosen = self.runs - 1

        self.move(added)

    def action_remove(self) -> None:
        run = self.chosen_run
        if run is None:
            return
        if self.stays(run):
            self.notice = f"{run.name} stays: it is {'in view' if run is self.comparison.lead else 'the preset itself'}"
            self.update()
            return

        def removed() -> None:
            self.comparison.remove(run)
            self.chosen = min(self.chosen, self.choices() - 1)

        self.move(removed)

    def action_set_goal(self) -> None:
        self.stop()
        hint = "loss 0.1 or accuracy 0.95; nothing: no goal"
        self.app.push_screen(Prompt("the goal whose first step is told of every run", hint), self.set_goal)

    def set_goal(self, typed: str | None) -> None:
        if typed is None:
            return
        try:
            goal = read_goal(typed)
        except PresetError as problem:
            self.notice = str(problem)
            self.update()
        else:
            self.move(lambda: self.comparison.aim(goal))

    # What is looked at

    @property
    def parts(self) -> tuple[str, ...]:
        """Those that there are to choose from."""
        return (PARTS[0], PARTS[-1]) if self.sheet.content_size.width >= WIDE else PARTS

    @property
    def next_part(self) -> str:
        parts = self.parts
        return parts[(parts.index(self.part) + 1) % len(parts)] if self.part in parts else parts[0]

    def action_next_part(self) -> None:
        self.part = self.next_part
        self.update()

    @property
    def short_of_map(self) -> bool:
        """Whether there is a map to be worked out: while the runs play that waits."""
        return self.part == "map" and not self.playing and not self.map.finished

    @work(exclusive=True, group="survey")
    async def survey(self) -> None:
        """Work out what the map in view is short of, in slices between which keys are answered."""
        try:
            while self.short_of_map:
                self.map.advance(SLICE)
                if self.map.finished:
                    self.update()
                else:
                    self.update_now_and_then()
                await breathe()
        finally:
            self.at_work = False

    def action_log_axis(self) -> None:
        self.view.log = not self.view.log
        self.update()

    def action_spotlight(self, rows: int, columns: int) -> None:
        self.training.set_spotlight(self.view.spotlight.moved(self.session.trainer.layers, rows, columns))
        self.update()

    # Lines

    def hints(self) -> list[tuple[str, str]]:
        run = self.chosen_run
        offered = run is None
        opens = "add" if offered else "close" if run is self.comparison.lead else "view"
        plays = "play" not in self.training.hide
        hints = [("space", "pause" if self.playing else "play")] if plays else []
        hints += [("← →", self.view.unit), ("enter", opens)]
        if run is not None and not self.stays(run):
            hints.append(("c", "remove"))
        hints.append(("v", self.next_part))
        speed = [("+ -", speed_text(self.view))] if plays else []
        return [*hints, ("t", "goal"), ("l", "log"), *speed, ("1-5", "unit")]

    def leaving(self) -> str:
        return "stop" if self.playing or self.travelling else "close"

    def lines(self, width: int) -> list[Strip]:
        room = self.sheet.content_size.height - 2
        table = CompareTable(self.comparison, self.view, width, playing=self.playing and self.fast)
        rows, detail = table.lines(self.chosen), self.detail(width)
        height = max(room - 1 - len(rows) - len(detail), LEAST_PART)
        above = [self.status(width), *self.picture(width, height)]
        self.first_row = len(above) + 1
        return [*above, *rows, *detail]

    @property
    def fast(self) -> bool:
        """Whether it plays at a speed that nobody can follow stop by stop."""
        return self.view.speed >= FULL or SPEEDS[self.view.speed] > FOLLOWED

    def status(self, width: int) -> Strip:
        """Where all runs are, and what they are to reach."""
        look, palette = self.view.look, self.view.look.palette
        if self.notice:
            return line([(fit(self.notice, width, look), style(palette.warning))], width)
        position = self.comparison.position
        where = f"step {format_count(position.step)}"
        if not position.events:
            where = "before the first op"
        elif not position.finished:
            where += f", op {position.events - 1} of {position.total - 2}"
        parts: list[Part] = [(look.text(where), style(palette.text, bold=True))]
        mark = look.glyphs.play if self.playing or self.travelling else look.glyphs.pause
        parts.append((f"  {mark} {look.text(self.doing())}", style(palette.accent)))
        goal = goal_text(self.comparison.goal)
        if goal:
            parts.append((look.text(f"  goal: {goal}"), style(palette.dim)))
        if len(self.comparison.runs) == 1:
            used = sum(cell_len(text) for text, _ in parts)
            advice = fit("  choose a variant below to run it beside this one", width - used, look)
            parts.append((advice, style(palette.dim)))
        return line(parts, width)

    def doing(self) -> str:
        """How the runs play, which are on their way, or that they stand."""
        if self.playing:
            return speed_text(self.view, self.pace)
        if not self.travelling:
            return "paused"
        run = self.comparison.missing()[:1]
        return "".join(f"{one.name} is at step {format_count(one.session.step)}, escape stops" for one in run)

    def picture(self, width: int, height: int) -> list[Strip]:
        """The curves beside the gradients, or the one that is chosen where there is no room for both."""
        look = self.view.look
        if width >= WIDE:
            left = width * 11 // 20
            drawn = self.mapped if self.part == "map" else self.curves
            both = [drawn(left - 2, height), gradient_columns(self.comparison, look, width - left, height)]
            for lines in both:
                lines += [Strip([])] * (height - len(lines))
            gap = Strip.blank(2)
            return [
                Strip.join([curve.adjust_cell_length(left - 2), gap, bars]) for curve, bars in zip(*both, strict=True)
            ]
        if self.part == "gradients":
            lines = gradient_columns(self.comparison, look, width, height)
        elif self.part == "spotlight":
            lines = spotlight_lines(self.comparison, self.view, width, height)
        elif self.part == "map":
            lines = self.mapped(width, height)
        else:
            lines = self.curves(width, height)
        return lines + [Strip([])] * (height - len(lines))

    def mapped(self, width: int, height: int) -> list[Strip]:
        """The map, as far as it is worked out."""
        lines = self.map.lines(self.comparison, self.view, width, height, playing=self.playing)
        if self.short_of_map and not self.at_work:
            self.at_work = True
            self.survey()
        return lines

    def curves(self, width: int, height: int) -> list[Strip]:
        """The plot, drawn again only when something in it has changed."""
        comparison, view = self.comparison, self.view
        steps = tuple((run.name, run.session.history.steps) for run in comparison.runs)
        key = (steps, comparison.finished_steps, view.log, view.look, width, height)
        if key != self.kept:
            self.kept, self.kept_curves = key, curves(comparison, view, width, height)
        return list(self.kept_curves)

    def detail(self, width: int) -> list[Strip]:
        """The whole name of what is chosen, what makes it differ, and what the diagnosis has found."""
        look, run = self.view.look, self.chosen_run
        if run is None:
            name = self.comparison.offered()[self.chosen - self.runs]
            changes = next(variant.set for variant in self.comparison.preset.variants if variant.name == name)
            return wrapped(f"{name}: {changes_text(changes)}", width, look)
        texts = [f"{run.name}: {changes_text(run.changes)}" if run.changes else run.name]
        if run.stopped:
            texts.append(halted_by(run.session))
        if found := findings(run.session):
            texts.append("findings: " + ", ".join(found))
        return wrapped("; ".join(texts), width, look)


def changes_text(changes: dict[str, Any]) -> str:
    """`optimizer.learning_rate = 1, …`."""
    return ", ".join(f"{path} = {inline(value)}" for path, value in changes.items())
