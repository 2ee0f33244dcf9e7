"""Backpropagation against its alternatives, measured on this network: a table, and the loss by forward passes."""

from time import perf_counter
from typing import ClassVar

import numpy as np
from textual import work
from textual.binding import Binding, BindingType
from textual.strip import Strip

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.proof.aspects import compared
from backprop_tui.core.proof.conclusion import conclusion
from backprop_tui.core.proof.contest import DEFAULT_BUDGET, Contest, Result
from backprop_tui.core.proof.estimate_report import costs, fairness, in_columns
from backprop_tui.core.proof.estimators import METHODS, OWN, Method
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.numbers import format_count, format_number
from backprop_tui.tui.drawing.plots import loss_plot
from backprop_tui.tui.drawing.series import Series
from backprop_tui.tui.drawing.strips import Part, fit, line, style, text_lines
from backprop_tui.tui.panes.breath import breathe
from backprop_tui.tui.panes.status import duration

from .tool_screen import ToolScreen

SLICE = 0.01
"""Seconds of the contest at a time."""
FRAME = 0.25
"""Seconds between two drawings while it runs."""
LETTERS = {
    "backpropagation": "B",
    "numerical_gradient": "N",
    "evolution_strategies": "E",
    "random_search": "R",
    OWN: "O",
}
SHORT = {
    "backpropagation": "backprop",
    "numerical_gradient": "numerical",
    "evolution_strategies": "evolution",
    "random_search": "random",
    OWN: "own",
}
HEADINGS = ("", "loss", "steps", "passes each", "step size", "time", "bytes", "cosine")
SPARE = ("step size", "passes each", "bytes")
"""The columns that are left out where there is no room, the first first."""
MOST_LINES = 20
"""Of a paragraph."""
LEAST_PLOT, MOST_PLOT = 8, 20
"""Lines of the plot."""


class EstimateScreen(ToolScreen):
    """The contest starts when the page opens, and anew with twice or half the budget."""

    heading = "Backpropagation against its alternatives"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("plus,equals_sign", "budget(1)", "twice the budget"),
        Binding("minus", "budget(-1)", "half the budget"),
        Binding("l", "log_axis", "loss: linear or log axis"),
        Binding("v", "next_view", "the curves, or the methods compared aspect by aspect"),
    ]

    budget = DEFAULT_BUDGET
    contest: Contest | None = None
    problem = ""
    log_scale = False
    in_words = False
    """Whether the methods are compared aspect by aspect where otherwise the curves are."""

    def on_mount(self) -> None:
        self.log_scale = self.view.log
        self.run_contest()

    def moved(self) -> None:
        # It starts from the start parameters wherever the run stands; an edit on the way may have changed settings.
        if self.contest is not None and self.contest.trainer is not self.session.trainer:
            self.run_contest()

    @work(exclusive=True, group="contest")
    async def run_contest(self) -> None:
        self.contest, self.problem = None, ""
        await breathe()
        try:
            contest = Contest(self.session.trainer, self.session.dataset, self.budget)
        except PresetError as problem:
            self.problem = str(problem)
            self.update()
            return
        self.contest = contest
        drawn = 0.0
        while not contest.advance(SLICE):
            if perf_counter() - drawn >= FRAME:
                self.update()
                drawn = perf_counter()
            await breathe()
        self.update()

    # Keys

    def hints(self) -> list[tuple[str, str]]:
        return [
            ("v", "curves" if self.in_words else "compared"),
            ("+ -", self.view.look.text("budget ×2 ÷2")),
            ("l", "linear" if self.log_scale else "log"),
        ]

    def action_budget(self, doublings: int) -> None:
        self.budget = self.budget * 2 if doublings > 0 else max(1, self.budget // 2)
        self.run_contest()

    def action_log_axis(self) -> None:
        self.log_scale = not self.log_scale
        self.update()

    def action_next_view(self) -> None:
        self.in_words = not self.in_words
        self.chosen = self.scrolled = 0
        self.update()

    # Lines

    def lines(self, width: int) -> list[Strip]:
        look, palette = self.view.look, self.view.look.palette
        if self.problem:
            return text_lines(self.problem, width, 6, look, palette.warning)
        lines = [*self.opening_lines(width), *self.sentences(width), *self.table(width)]
        finished = self.contest is not None and self.contest.finished
        if not (finished and self.in_words):
            lines += self.curves(width, self.sheet.content_size.height - 2 - len(lines))
        if self.contest is not None and finished:
            lines += self.explanations(self.contest, width)
        return lines

    def curves(self, width: int, room: int) -> list[Strip]:
        """The loss by forward passes."""
        look = self.view.look
        height = max(LEAST_PLOT, min(MOST_PLOT, room))
        return loss_plot(
            self.series(look), width, height, look, log=self.log_scale, furthest_step=self.budget, across="pass"
        ).lines

    def explanations(self, contest: Contest, width: int) -> list[Strip]:
        """The methods aspect by aspect, what exhaustive search would cost, and what to know of the table."""
        look, palette = self.view.look, self.view.look.palette
        lines = [Strip([])]
        for text in in_columns(compared(contest.outcome), width):
            lines.append(line([(fit(text, width, look), style(palette.text))], width))
        lines.append(Strip([]))
        for text in (*costs(contest.outcome), *self.notes(contest)):
            lines += text_lines(text, width, MOST_LINES, look, palette.text)
        return lines

    def opening_lines(self, width: int) -> list[Strip]:
        """The budget, and how far the contest has got."""
        look, palette = self.view.look, self.view.look.palette
        size = self.session.dataset.size
        examples = "1 example" if size == 1 else f"{size:,} examples"
        passes = "1 forward pass" if self.budget == 1 else f"{self.budget:,} forward passes"
        parts: list[Part] = [(fit(f"{passes} each, of {examples}, from the same start", width, look), None)]
        running = None if self.contest is None else self.contest.running
        if self.contest is None or running is not None:
            share = 0.0 if self.contest is None else self.contest.progress
            parts.append((f"  {share:.0%}", style(palette.accent, bold=True)))
        return [line(parts, width)]

    def table(self, width: int) -> list[Strip]:
        """A row for each method, measured or at work or still to come; fewer columns where there is no room for all."""
        look, palette = self.view.look, self.view.look.palette
        methods = self.methods
        rows = [HEADINGS, *(self.cells(method, look) for method in methods)]
        columns = list(zip(*rows, strict=True))
        for spare in SPARE:
            if sum(max(map(len, column)) + 2 for column in columns) - 2 > width:
                columns = [column for column in columns if column[0] != spare]
        widths = [max(map(len, column)) for column in columns]
        lines = []
        for index, row in enumerate(zip(*columns, strict=True)):
            cells = [f"{cell:>{size}}" for cell, size in zip(row[1:], widths[1:], strict=True)]
            color = palette.dim if index == 0 else self.color(methods[index - 1], look)
            text = "  ".join(cells)
            parts: list[Part] = [(f"{row[0]:<{widths[0]}}  ", style(color, bold=index > 0))]
            parts.append((fit(text, width - widths[0] - 2, look), style(palette.dim if index == 0 else palette.text)))
            lines.append(line(parts, width))
        return lines

    def cells(self, method: Method, look: Look) -> tuple[str, ...]:
        """The cells of HEADINGS for a method."""
        name = f"{LETTERS[method.name]} {method.title.replace('backpropagation ', 'backprop ')}"
        found = self.result(method)
        blank = look.glyphs.blank
        search = None if self.contest is None or self.contest.running is not method else self.contest.search
        if found is not None:
            cosine = blank if found.cosine is None else format_number(found.cosine, 8, 4, look.glyphs)
            figures = found.loss, found.steps, found.price, found.size, found.seconds
            kept = format_count(found.cached_bytes)
        elif search is not None and search.attempt is not None:
            attempt = search.attempt
            cosine = kept = blank
            figures = search.trace.last[1], search.steps, method.price(attempt), attempt.size, search.seconds
        else:
            return name, *[blank] * (len(HEADINGS) - 1)
        loss, steps, price, size, seconds = figures
        return (
            name,
            format_number(loss, 10, 5, look.glyphs),
            format_count(steps),
            format_number(price, 9, 3, look.glyphs) if price < 1000 else format_count(round(price)),
            format_number(size, 9, 3, look.glyphs),
            duration(seconds, look),
            kept,
            cosine,
        )

    @property
    def methods(self) -> tuple[Method, ...]:
        return METHODS if self.contest is None else self.contest.methods

    def result(self, method: Method) -> Result | None:
        results = [] if self.contest is None else self.contest.results
        return next((result for result in results if result.name == method.name), None)

    def sentences(self, width: int) -> list[Strip]:
        """Who got lowest here, and why."""
        look, palette = self.view.look, self.view.look.palette
        if self.contest is None or not self.contest.finished:
            return []
        first, *reasons = conclusion(self.contest.outcome)
        lines = text_lines(first, width, MOST_LINES, look, palette.accent)
        return lines + text_lines(" ".join(reasons), width, MOST_LINES, look, palette.text)

    def notes(self, contest: Contest) -> tuple[str, ...]:
        """What has to be known to read the table."""
        return (
            fairness(contest.outcome),
            "Loss is the lowest that a method met; random search keeps a trial where it lowers the loss. The cosine is "
            "that of the first direction taken with the true gradient; bytes are those that the way back needs of the "
            "forward pass. Measured here, on this network: elsewhere it may come out otherwise.",
        )

    def series(self, look: Look) -> list[Series]:
        """The loss of every method so far."""
        traces = {} if self.contest is None else self.contest.traces
        found = []
        for method in self.methods:
            points = np.array(traces.get(method.name, ()), dtype=float).reshape(-1, 2)
            color, letter = self.color(method, look), LETTERS[method.name]
            found.append(Series(SHORT[method.name], points[:, 0], points[:, 1], None, color, letter))
        return found

    def color(self, method: Method, look: Look) -> str:
        palette = look.palette
        colors = palette.backward, palette.forward, palette.test, palette.train, palette.accent
        return colors[self.methods.index(method)]
