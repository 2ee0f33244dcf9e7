"""The table of runs beside each other, with the variants that could be added below it."""

from collections.abc import Sequence

from textual.strip import Strip

from backprop_tui.core.compare.compared_run import ComparedRun
from backprop_tui.core.compare.comparison import Comparison
from backprop_tui.core.compare.figures import RunFigures, figures, findings, gradient_ratio, inactive
from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.numbers import format_count, format_number
from backprop_tui.tui.drawing.strips import Part, fit, line, style
from backprop_tui.tui.panes.view import View

from .compare_lines import SPOTLIGHT, letter, spotlight_texts

LEAST_NAME = 14
LEAST_FOUND = 24


@dataclass(frozen=True, slots=True)
class Column:
    """A column of numbers: its heading and cells."""

    title: str
    width: int


COLUMNS = (
    Column("loss", 9),
    Column("acc", 6),
    Column("test", 6),
    Column("dW1/dWL", 8),
    Column("idle", 7),
    Column("goal at", 7),
)


class CompareTable:
    """The rows of a comparison for a width. While `playing` the loss is that of the batch, and no accuracy is measured.

    The parameter in the spotlight has two columns of its own where there is room.
    """

    def __init__(self, comparison: Comparison, view: View, width: int, *, playing: bool) -> None:
        self.comparison, self.view, self.width, self.playing = comparison, view, width, playing
        name = str(view.spotlight.name)
        more = (Column(name, max(SPOTLIGHT, len(name))), Column(f"d{name}", max(SPOTLIGHT, len(name) + 1)))
        used = 3 + LEAST_NAME + sum(column.width + 1 for column in (*COLUMNS, *more))
        self.with_spotlight = used <= width
        self.columns: tuple[Column, ...] = (*COLUMNS, *more) if self.with_spotlight else COLUMNS
        left = width - 3 - sum(column.width + 1 for column in self.columns)
        longest = max(len(self.title(run)) for run in comparison.runs)
        # What no name needs is left to the findings, where that is enough for one.
        self.found = left - longest if left - longest >= LEAST_FOUND else 0
        self.name = max(left - self.found, 1)

    def lines(self, chosen: int) -> list[Strip]:
        """The heading, the runs, the variants that are offered."""
        runs, offered = self.comparison.runs, self.comparison.offered()
        lines = [self.heading(), *(self.run(index, run, index == chosen) for index, run in enumerate(runs))]
        return lines + [self.offer(name, len(runs) + place == chosen) for place, name in enumerate(offered)]

    def heading(self) -> Strip:
        text = " " * 3 + "run".ljust(self.name)
        text += "".join(f" {fit(column.title, column.width, self.look):>{column.width}}" for column in self.columns)
        text += "  findings" if self.found else ""
        return line([(text, style(self.look.palette.dim))], self.width)

    def title(self, run: ComparedRun) -> str:
        return run.name + (" (in view)" if run is self.comparison.lead else "")

    @property
    def look(self) -> Look:
        return self.view.look

    def run(self, index: int, run: ComparedRun, chosen: bool) -> Strip:
        """The row of a run: its letter, its name, its figures."""
        palette = self.look.palette
        name = self.title(run)
        parts: list[Part] = [
            self.cursor(chosen),
            letter(index, self.look),
            (f" {fit(name, self.name, self.look):<{self.name}}", style(palette.text, bold=chosen)),
        ]
        note = self.note(run)
        room = self.width - 3 - self.name
        if note:
            parts.append((f" {fit(note, room - 1, self.look)}", style(palette.warning)))
        else:
            cells = zip(self.cells(run), self.columns, strict=True)
            text = "".join(f" {text:>{column.width}}" for text, column in cells)
            parts.append((text, style(palette.text)))
            if self.found:
                names = ", ".join(findings(run.session))
                parts.append((f"  {fit(names, self.found - 2, self.look)}", style(palette.warning)))
        return line(parts, self.width)

    def note(self, run: ComparedRun) -> str:
        """What there is to say of a run that is not where the others are."""
        session = run.session
        if run.stopped:
            return f"not finite in step {format_count(session.position.step)}, stopped there"
        if not self.playing and not self.comparison.there(run):
            return f"at step {format_count(session.step)}, on its way"
        return ""

    def cells(self, run: ComparedRun) -> Sequence[str]:
        """The figures of a run as text."""
        glyphs = self.look.glyphs
        if self.playing:
            loss, accuracy, test = run.session.plan.loss(), None, None
            ratio, idle, reached = gradient_ratio(run.session), inactive(run.session), run.reached
        else:
            found: RunFigures = figures(run)
            whole = found.evaluated
            loss, accuracy = whole.training.loss, whole.training.accuracy
            test = None if whole.test is None else whole.test.accuracy
            ratio, idle, reached = found.gradient_ratio, found.inactive, found.reached
        texts = [
            format_number(loss, 9, 5, glyphs),
            format_number(accuracy, 6, 3, glyphs),
            format_number(test, 6, 3, glyphs),
            format_number(ratio, 8, 3, glyphs),
            glyphs.blank if idle is None else fit(f"{idle[0]}/{idle[1]}", 7, self.look),
            glyphs.blank if reached is None else fit(format_count(reached), 7, self.look),
        ]
        return [*texts, *spotlight_texts(run, self.view, SPOTLIGHT)] if self.with_spotlight else texts

    def offer(self, name: str, chosen: bool) -> Strip:
        """The row of a variant that is not among the runs."""
        palette = self.look.palette
        text = fit(f"+ {name}", self.width - 2, self.look)
        return line([self.cursor(chosen), (text, style(palette.accent if chosen else palette.dim))], self.width)

    def cursor(self, chosen: bool) -> Part:
        return (self.look.glyphs.cursor if chosen else " ", style(self.look.palette.accent, bold=True))
