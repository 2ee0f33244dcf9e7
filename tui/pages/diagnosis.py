"""The diagnosis: what was found up to here, one finding in full, and what helps, to be tried beside this run."""

from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.strip import Strip

from backprop_tui.core.compare.findings_report import BUDGET
from backprop_tui.core.compare.trials import Progress, Trials
from backprop_tui.core.diagnosis.diagnosis import EARLY
from backprop_tui.core.diagnosis.findings import Finding, Remedy
from backprop_tui.core.diagnosis.roots import joined, root
from backprop_tui.core.diagnosis.rule import FIRST_STEPS, PATIENCE
from backprop_tui.core.diagnosis.rules import RULES
from backprop_tui.tui.drawing.strips import fit, line, style, text_lines
from backprop_tui.tui.panes.finding_lines import LABEL, about_lines, labelled, remedy_lines, rule_lines, table, title
from backprop_tui.tui.panes.finding_place import count_of, spotlight_of
from backprop_tui.tui.running.hiding import refusal
from backprop_tui.tui.running.run_screen import Jump, RunScreen

from .tool_screen import Page, ToolScreen

WIDE = 90
"""Cells from which every key is told."""
TICK = 0.05
"""Seconds from one slice of trying remedies to the next."""
LEAST_ROWS = 4
"""Findings that are listed at a time, at least; else a third of the page."""


class DiagnosisScreen(ToolScreen):
    """Choices are the findings; behind the last of them, or with tab, one goes on to the remedies of the chosen one.

    `remedy` is the one of these that is chosen, None while a finding is; `following`: what is chosen is kept in view.
    """

    heading = "Diagnosis"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "dismiss", "close", show=False, priority=True),
        Binding("tab,shift+tab", "other_part", "from the findings to what helps, and back", show=False, priority=True),
    ]

    def __init__(self, training: RunScreen) -> None:
        self.trials: Trials | None = None
        super().__init__(training)
        findings = self.findings
        gravest = root(findings)
        self.chosen = len(findings) - 1 if gravest is None else findings.index(gravest)
        self.remedy: int | None = None
        self.following = True
        self.first_row = 0
        self.remedy_rows: list[int] = []
        self.trying: Iterator[Progress] = iter(())
        self.progress: Progress | None = None
        self.tried_for = 0.0

    def on_mount(self) -> None:
        self.every(TICK, self.try_remedies)

    def try_remedies(self) -> None:
        """Go on trying what may help what is found here, for a slice of time, as long as there is some left."""
        if self.remedy is not None or not self.query(Page):
            return  # What is chosen keeps its place; without a page it is being opened, or left.
        found = [each.finding for each in joined(self.session.findings())]
        if self.trials is None or not same(self.trials.findings, found):
            self.trials = Trials(self.session.twin(), found) if found else None
            self.trying, self.tried_for = (iter(()) if self.trials is None else self.trials.run()), 0.0
        if self.tried_for < BUDGET:
            begin = perf_counter()
            self.progress = next(self.trying, None)
            self.tried_for += perf_counter() - begin
            self.tried_for += BUDGET * (self.progress is None)
            self.update()

    @property
    def findings(self) -> list[Finding]:
        """The root causes first, each with what follows from it behind; with what has come of their remedies so far."""
        found = [each.finding for each in joined(self.session.findings())]
        known = self.trials is not None and same(self.trials.findings, found)
        if not known or self.trials is None:
            return found
        # Nothing moves under the eyes of who reads it, until all of it is tried.
        return self.trials.measured_findings(in_place=self.tried_for < BUDGET)

    @property
    def finding(self) -> Finding | None:
        """The chosen one."""
        findings = self.findings
        return findings[min(max(self.chosen, 0), len(findings) - 1)] if findings else None

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """What helps against the chosen one."""
        return () if self.finding is None else self.finding.remedies

    # Choosing

    def choices(self) -> int:
        return len(self.findings)

    def moved(self) -> None:
        self.chosen = max(0, min(self.chosen, self.choices() - 1))
        self.remedy = None

    def action_choose(self, places: int) -> None:
        """↑ ↓ through the findings and on to the remedies; a page at a time scrolls."""
        count, remedies = self.choices(), len(self.remedies)
        if not count or abs(places) > 1:
            self.following = False
            self.scrolled = max(0, self.scrolled + places)
        elif self.remedy is not None:
            self.following = True
            self.remedy = None if self.remedy + places < 0 else min(self.remedy + places, remedies - 1)
        elif self.chosen + places < count:
            self.following = True
            self.chosen = max(0, self.chosen + places)
        elif remedies:
            self.following, self.remedy = True, 0
        self.update()

    def action_other_part(self) -> None:
        self.following = True
        self.remedy = 0 if self.remedy is None and self.remedies else None
        self.update()

    def action_close(self) -> None:
        if self.remedy is None:
            super().action_close()
        else:
            self.action_other_part()

    def action_activate(self) -> None:
        finding = self.finding
        if finding is None:
            return
        if self.remedy is None:
            self.show_finding(finding)
        elif self.remedy < len(self.remedies):
            self.start(self.remedies[self.remedy])

    def show_finding(self, finding: Finding) -> None:
        """To its step and layer in the panes; escape there goes back."""
        training, view = self.training, self.view
        here = Jump(self.session.count, view.wanted, view.factor)
        count = count_of(finding, self.session, view.spotlight)
        view.spotlight = spotlight_of(finding, self.session, view.spotlight)
        training.go(count)
        training.jumps = [here]
        training.notice = f"{title(finding)}, found in this step (escape goes back): {finding.evidence}"
        training.show_all()
        self.dismiss(None)

    def start(self, remedy: Remedy) -> None:
        """The run with a remedy, beside this one, at the same step."""
        from .compare import CompareScreen  # Not needed to read findings.

        if "compare" in self.training.hide:
            self.dismiss(None)
            self.training.remark(refusal("a run with it", "compare"))
            return
        compare = CompareScreen(self.training)
        comparison = compare.comparison
        own = comparison.lead.changes or {}
        changes = {**own, **remedy.set}
        name = remedy_name(remedy, comparison.lead.name if own else "")
        for variant in comparison.preset.variants:
            if variant.set == changes:
                name = variant.name
        there = [place for place, run in enumerate(comparison.runs) if run.changes == changes]
        self.dismiss(None)
        self.app.push_screen(compare)
        if there:
            compare.chosen = there[0]
        else:
            compare.call_after_refresh(compare.add_changes, name, changes)

    # Drawing

    def hints(self) -> list[tuple[str, str]]:
        if self.finding is None:
            return [("← →", self.view.unit)]
        other = [("enter", "show it"), ("tab", "what helps")]
        hints = other if self.remedy is None else [("enter", "run it beside this one")]
        # Where there is more than the page has room for, that is said next.
        wide = self.sheet.content_size.width >= WIDE
        return [*hints, ("← →", self.view.unit)] if wide else hints

    def leaving(self) -> str:
        return "close" if self.remedy is None else "to the findings"

    def lines(self, width: int) -> list[Strip]:
        findings, finding = self.findings, self.finding
        if finding is None:
            return self.empty_lines(width)
        look = self.view.look
        lines = [self.summary(findings, width), *self.listed(findings, width), Strip([])]
        lines += about_lines(finding, findings, look, width)
        trying = self.tried_for < BUDGET and self.progress is not None
        if trying and self.progress is not None:
            # In one line, whatever it is that is tried: those below stay where they are.
            now = "goes on behind tab" if self.remedy is not None else short(self.progress.text)
            text = fit(f"trying what helps: {now}", width - LABEL, look)
            lines += labelled("", text, look, width, look.palette.dim)
        self.remedy_rows = []
        for place, remedy in enumerate(finding.remedies):
            self.remedy_rows.append(len(lines))
            chosen = place == self.remedy
            lines += remedy_lines(remedy, look, width, first=place == 0, chosen=chosen, awaited=trying)
        return lines + rule_lines(finding, look, width)

    def summary(self, findings: list[Finding], width: int) -> Strip:
        look, palette = self.view.look, self.view.look.palette
        still = sum(finding.active for finding in findings)
        count = "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
        there = "all of them" if still == len(findings) > 1 else "it is" if still == len(findings) else f"{still}"
        text = f"{count} up to step {self.measured_step():,}, {there} still there"
        rows = self.rows()
        if len(findings) > rows:
            first = self.first_of(len(findings), rows)
            text += f"; {first + 1} to {first + rows} shown"
        return line([(fit(text, width, look), style(palette.text, bold=True))], width)

    def listed(self, findings: list[Finding], width: int) -> list[Strip]:
        """The findings about the chosen one."""
        rows = self.rows()
        self.first_row = self.first_of(len(findings), rows)
        chosen = min(max(self.chosen, 0), len(findings) - 1)
        return table(findings, self.first_row, rows, chosen, self.view.look, width)

    def rows(self) -> int:
        """How many findings are listed at a time."""
        return max(LEAST_ROWS, (self.sheet.content_size.height - 2) // 3)

    def first_of(self, count: int, rows: int) -> int:
        """The first that is listed, such that the chosen one is among them."""
        first = min(max(self.first_row, self.chosen - rows + 1), max(self.chosen, 0))
        return max(0, min(first, count - rows))

    def first_line(self, lines: int, room: int) -> int:
        """The top while a finding is chosen; else such that the chosen remedy, and what follows the last, is shown."""
        if self.following and self.choices():
            if self.remedy is None or self.remedy >= len(self.remedy_rows):
                self.scrolled = 0
            else:
                ends = [*self.remedy_rows[1:], lines]
                self.scrolled = max(self.scrolled, ends[self.remedy] - room)
                self.scrolled = min(self.scrolled, self.remedy_rows[self.remedy])
        self.scrolled = max(0, min(self.scrolled, lines - room))
        return self.scrolled

    # Where nothing was found

    def measured_step(self) -> int:
        """The last step all of which has run but its finish."""
        session = self.session
        return session.step + (session.count >= session.timeline.finish_of(session.step + 1) - 1)

    def empty_lines(self, width: int) -> list[Strip]:
        """What was looked at, how often, and that nothing was found."""
        look, palette = self.view.look, self.view.look.palette
        step = self.measured_step()
        found = (
            f"Nothing found up to step {step:,}." if step else "Nothing measured yet: a step is measured at its end."
        )
        lines = [*text_lines(found, width, 2, look, palette.accent), Strip([])]
        lines += text_lines(self.interval_text(), width, 6, look, palette.text)
        if step < PATIENCE:
            waits = f"What most rules see is told when it has been there {PATIENCE} times in a row."
            lines += text_lines(waits, width, 2, look, palette.text)
        on = f"→ goes on from here; escape, then {look.keys.said('space')}, plays."
        lines += text_lines(f"{on} What is found is told below the panes.", width, 3, look)
        lines += [Strip([]), *text_lines("The rules look for", width, 1, look, palette.accent)]
        for rule in RULES.values():
            lines += text_lines(rule.title, width, 2, look, palette.text)
            lines += labelled("", rule.definition, look, width, palette.dim)
        return lines

    def interval_text(self) -> str:
        """Which steps are measured."""
        diagnosis = self.session.diagnosis
        often = [f"the first {FIRST_STEPS} steps"]
        if diagnosis.early_interval < diagnosis.interval:
            often.append(f"then {every(diagnosis.early_interval)} up to step {EARLY:,}")
        text = f"Measured are {', '.join([*often, f'then {every(diagnosis.interval)}'])}"
        if diagnosis.test_interval:
            often_tested = f"every {diagnosis.test_interval:,} steps" if diagnosis.test_interval > 1 else "every step"
            text += f"; the test set is looked at {often_tested}, later on less often"
        return text + "."


def same(some: Sequence[Finding], others: Sequence[Finding]) -> bool:
    """Whether two lists tell of the same findings, whatever is known of their remedies."""
    return [(one.symptom, one.step, one.cleared) for one in some] == [
        (one.symptom, one.step, one.cleared) for one in others
    ]


def remedy_name(remedy: Remedy, of: str) -> str:
    """A remedy in a few words, behind the name of the run that it is a change of."""
    return f"{of} + {short(remedy.text)}" if of else short(remedy.text)


def short(text: str) -> str:
    """What a remedy is, without what comes of it."""
    return text.split(":")[0].split(",")[0]


def every(number: int) -> str:
    """`every 25th`, `every 3rd`, `every one`."""
    if number == 1:
        return "every one"
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"every {number:,}{ending}"
