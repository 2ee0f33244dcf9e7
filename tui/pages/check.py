"""The gradient check, here and now: backpropagation's gradient of the batch in view against central differences."""

from math import isfinite
from time import perf_counter
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.strip import Strip

from backprop_tui.core.chain_rule.statements import place
from backprop_tui.core.proof.check_report import LEGEND, VERDICTS, remarks, sample_line
from backprop_tui.core.proof.check_verdict import CheckResult, CurvePoint, EntryVerdict, Kind, ParameterVerdict
from backprop_tui.core.proof.error_curve import Cause, best_step, cause
from backprop_tui.core.proof.gradient_check import CURVE_STEPS, GradientCheck, check_entry, error_curve
from backprop_tui.core.proof.parameter_entry import array_name
from backprop_tui.core.training.rehearsal import Rehearsal
from backprop_tui.tui.drawing.bars import bar_text, log_bar
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.numbers import format_count, format_number
from backprop_tui.tui.drawing.strips import Part, fit, line, style, text_lines
from backprop_tui.tui.panes.breath import breathe

from .tool_screen import ToolScreen

SLICE = 0.01
"""Seconds of checking at a time."""
FRAME = 0.1
"""Seconds between two drawings while it runs."""
SHORT: dict[Kind, str] = {
    "passed": "passed",
    "below_resolution": "below resolution",
    "kink": "at a kink",
    "failed": "FAILED",
}
CAUSES: dict[Cause, str] = {
    "exact": "none",
    "rounding": "rounding",
    "truncation": "truncation",
    "kink": "a kink in reach",
    "mistake": "not to be explained",
    "not a number": "not a number",
}
NUMBERS, WHY = 37, 28
"""Cells of a curve's numbers, and of what an error is owed to."""
MEASURE = 12
"""Cells of the progress bar."""
LEAST_BAR = 8


class CheckScreen(ToolScreen):
    """Choice 0 is the parameter in the spotlight, the others are the parameter arrays; enter shows errors against h."""

    heading = "Gradient check"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("g", "dismiss", "close", show=False, priority=True)]

    rehearsal: Rehearsal | None = None
    check: GradientCheck | None = None
    spotlight: EntryVerdict | None = None
    opened: EntryVerdict | None = None
    """The entry whose errors against h are shown."""
    result: CheckResult | None = None
    curve: tuple[CurvePoint, ...] = ()
    end = 0
    """The number of the page's last line."""

    def on_mount(self) -> None:
        self.run_check()

    def moved(self) -> None:
        self.opened = None
        self.run_check()

    @work(exclusive=True, group="check")
    async def run_check(self) -> None:
        """Check the position in view from the beginning."""
        self.check = self.spotlight = self.result = None
        self.update()
        await breathe()
        spotlight = self.view.spotlight
        self.rehearsal = self.session.rehearse()
        self.spotlight = check_entry(self.rehearsal, spotlight.parameter, spotlight.layer, spotlight.index)
        self.check = check = GradientCheck(self.rehearsal)
        drawn = 0.0
        while not check.advance(SLICE):
            if perf_counter() - drawn >= FRAME:
                self.result = check.result()
                self.update()
                drawn = perf_counter()
            await breathe()
        self.result = check.result()
        self.update()

    @work(exclusive=True, group="curve")
    async def run_curve(self, verdict: EntryVerdict) -> None:
        """Work out the errors of one entry, from the largest step to the smallest."""
        assert self.rehearsal is not None
        self.opened, self.curve, self.scrolled = verdict, (), 0
        for h in CURVE_STEPS:
            self.curve += error_curve(self.rehearsal, verdict.entry, (h,))
            self.update()
            await breathe()

    # Keys

    def hints(self) -> list[tuple[str, str]]:
        if self.opened is not None:
            return [("← →", f"next {self.view.unit}")]
        return [("↑↓ enter", "errors against h"), ("← →", f"next {self.view.unit}")]

    def leaving(self) -> str:
        return "close" if self.opened is None else "back to the check"

    def choices(self) -> int:
        if self.opened is not None or self.spotlight is None:
            return 0
        return 1 + (0 if self.check is None else len(self.check.sizes))

    def line_of(self, choice: int) -> int:
        # The first and the last take along what stands above and below them.
        return 0 if choice == 0 else self.end if choice == self.choices() - 1 else self.first_row + choice - 1

    first_row = 0

    def activate(self, choice: int) -> None:
        verdict = self.spotlight if choice == 0 else None
        if choice and self.result is not None and choice <= len(self.result.parameters):
            verdict = self.result.parameters[choice - 1].worst
        if verdict is not None:
            self.run_curve(verdict)

    def action_close(self) -> None:
        if self.opened is None:
            super().action_close()
        else:
            self.workers.cancel_group(self, "curve")
            self.opened = None
            self.update()

    # Lines

    def lines(self, width: int) -> list[Strip]:
        if self.opened is not None:
            return self.curve_page(self.opened, width)
        lines = [*self.opening_lines(width), Strip([]), *self.spotlight_lines(width), Strip([])]
        self.first_row = len(lines) + 1
        lines += self.table(width)
        if self.result is not None and self.check is not None and self.check.done:
            lines += [Strip([]), *self.closing_lines(self.result, width)]
        self.end = len(lines) - 1
        return lines

    def opening_lines(self, width: int) -> list[Strip]:
        """What is checked, and how far it has got or what it came to."""
        look, palette = self.view.look, self.view.look.palette
        where = f"step {self.session.position.step:,}"
        op = self.session.op
        if op is not None and op.phase not in ("start", "finish"):
            where += f", after {place(op, self.view.last(self.session))}"
        elif self.session.at_boundary and self.session.step:
            where = f"the batch of {where} again, with the parameters that it has left"
        what = f"{where}: backpropagation against (ℒ(θ+h) − ℒ(θ−h)) / 2h, in float64"
        lines = text_lines(what, width, 2, look)
        if self.check is None or self.result is None:
            return [*lines, line([(fit("checking …", width, look), style(palette.accent))], width)]
        done, total = self.check.progress
        examples = self.result.examples
        batch = f"batch of {examples:,}, ℒ = {format_number(self.result.loss, 10, 6, look.glyphs)}"
        if not self.check.done:
            bar = bar_text(done / total, MEASURE, look).ljust(MEASURE)
            text = f"checking {done:,} of {total:,} entries; {batch}"
            return [*lines, line([(f"{bar} ", style(palette.accent)), (fit(text, width - 13, look), None)], width)]
        word, color = ("PASSED", palette.positive) if self.result.passed else ("FAILED", palette.warning)
        rest = text_lines(f"{sample_line(self.result)}; {batch}", width - 8, 2, look, palette.text)
        heads = [(f"{word}  ", style(color, bold=True)), *[(" " * 8, None)] * (len(rest) - 1)]
        return [
            *lines,
            *(Strip.join([line([part], 8), strip]) for part, strip in zip(heads, rest, strict=True)),
        ]

    def spotlight_lines(self, width: int) -> list[Strip]:
        """The verdict on the very number in the spotlight."""
        look, palette = self.view.look, self.view.look.palette
        name = str(self.view.spotlight.name)
        chosen = self.chosen == 0
        mark = look.glyphs.cursor if chosen else " "
        of = style(palette.accent if chosen else palette.text, bold=True)
        found = self.spotlight
        head: list[Part] = [(f"{mark}{name}", of), (" in the spotlight", style(palette.dim))]
        if found is None:
            return [line(head, width), *[Strip([])] * 2]
        head += [("  ", None), *verdict_parts(found.kind, look)]
        return [line(head, width), *entry_rows(found, width, look)]

    def table(self, width: int) -> list[Strip]:
        """A row for each parameter array, the chosen one marked."""
        look, palette = self.view.look, self.view.look.palette
        found = {} if self.result is None else {parameter.name: parameter for parameter in self.result.parameters}
        names = [] if self.check is None else [array_name(*key) for key in self.check.sizes]
        rows = [
            ("", "entries checked", "worst error", "in words"),
            *(cells(name, found.get(name), look) for name in names),
        ]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = []
        for index, row in enumerate(rows):
            chosen = index > 0 and index == self.chosen
            of = style(palette.accent if chosen else palette.dim if index == 0 else palette.text, bold=chosen)
            mark = look.glyphs.cursor if chosen else " "
            name, checked, error, band = row
            text = f"{mark}{name:<{widths[0]}}  {checked:>{widths[1]}}  {error:>{widths[2]}}  {band:<{widths[3]}}  "
            parts: list[Part] = [(look.text(text), of)]
            if index == 0:
                parts.append(("verdict", of))
            elif (parameter := found.get(name)) is not None:
                parts += verdict_parts(parameter.worst.kind, look)
            lines.append(line(parts, width))
        return lines

    def closing_lines(self, result: CheckResult, width: int) -> list[Strip]:
        """The worst entry, what the check could not tell, and what the words mean."""
        look, palette = self.view.look, self.view.look.palette
        lines: list[Strip] = []
        if result.worst is not None:
            head: list[Part] = [("worst: ", style(palette.dim)), (result.worst.name, style(palette.text, bold=True))]
            head += [("  ", None), *verdict_parts(result.worst.kind, look)]
            lines += [line(head, width), *entry_rows(result.worst, width, look)]
        for remark in remarks(result):
            lines += text_lines(remark, width, 8, look, palette.text)
        return [*lines, *text_lines(LEGEND, width, 3, look)]

    def curve_page(self, verdict: EntryVerdict, width: int) -> list[Strip]:
        """The error of one entry at every h, with what it is owed to: a U in the middle of which h is best."""
        look, palette = self.view.look, self.view.look.palette
        loss = 0.0 if self.check is None else self.check.loss
        head: list[Part] = [(verdict.name, style(palette.accent, bold=True)), ("  ", None)]
        head += [*verdict_parts(verdict.kind, look), (look.text("   the error |a − n| against the step h"), None)]
        analytic = f"a = {format_number(verdict.analytic, 18, 10, look.glyphs)} by backpropagation"
        lines = [line(head, width), *text_lines(analytic, width, 1, look), Strip([])]
        lines.append(line([(f"{'h':<7}{'numeric n':<20}{'|a - n|':<10}", style(palette.dim))], width))
        best = best_step(self.curve)
        errors = [p.absolute_error for p in self.curve if isfinite(p.absolute_error) and p.absolute_error > 0]
        low, high = (min(errors), max(errors)) if errors else (1.0, 1.0)
        room = max(width - NUMBERS - WHY, LEAST_BAR)
        for point in self.curve:
            why = CAUSES[cause(point, verdict, loss)]
            if point.h == best and len(self.curve) == len(CURVE_STEPS):
                why += ", the least"
            bar = log_bar(point.absolute_error, low, high, room, look)
            numbers = f"{scientific(point.h):<7}{format_number(point.numeric, 18, 10, look.glyphs):<20}"
            numbers += f"{format_number(point.absolute_error, 8, 2, look.glyphs):<10}"
            tail = " " * (room - bar.cell_length + 1) + fit(why, width - NUMBERS - room - 1, look)
            strips = [line([(numbers, None)], NUMBERS), bar, line([(tail, style(palette.dim))], len(tail))]
            lines.append(Strip.join(strips))
        if len(self.curve) == len(CURVE_STEPS):
            lines += [Strip([]), *text_lines(EXPLANATION, width, 6, look)]
        return lines


EXPLANATION = (
    "Large steps: the difference leaves out terms of h² and above, so a step ten times smaller has an error a hundred "
    "times smaller (truncation). Small steps: two losses that are nearly equal are subtracted, and their rounding, "
    "about eps·|ℒ|, is divided by 2h (rounding). The check tries h = 1e-5, 1e-4, 1e-6 and 1e-7, and finer "
    "ones where the loss bends too sharply for these."
)


def cells(name: str, found: ParameterVerdict | None, look: Look) -> tuple[str, str, str, str]:
    """One parameter array; blank where nothing of it is checked yet."""
    blank = look.glyphs.blank
    if found is None:
        return name, blank, blank, blank
    checked = f"{format_count(found.checked)} of {format_count(found.total)}"
    band = found.worst.band if found.worst.kind in ("passed", "failed") else ""
    return name, checked, format_number(found.relative_error, 8, 2, look.glyphs), band


def entry_rows(found: EntryVerdict, width: int, look: Look) -> list[Strip]:
    """The two derivatives of an entry, the step, and how far apart they are."""
    dim = style(look.palette.dim)
    analytic, numeric = (format_number(value, 18, 10, look.glyphs) for value in (found.analytic, found.numeric))
    first: list[Part] = [("  analytic ", dim), (analytic, None), ("  numeric ", dim), (numeric, None)]
    first += [("  h ", dim), (scientific(found.h), None)]
    error = format_number(found.relative_error, 9, 3, look.glyphs)
    second: list[Part] = [("  relative error ", dim), (error, None), (": ", dim), (look.text(found.band), None)]
    if found.kind not in ("passed", "failed"):
        second.append((look.text(f"; {VERDICTS[found.kind]}"), dim))
    return [line(first, width), line(second, width)]


def verdict_parts(kind: Kind, look: Look) -> list[Part]:
    """A verdict, told by its words as well as by its colour."""
    palette = look.palette
    color = {"passed": palette.positive, "failed": palette.warning}.get(kind, palette.accent)
    return [(SHORT[kind], style(color, bold=True))]


def scientific(h: float) -> str:
    """A step: `1e-05`."""
    return f"{h:.0e}"
