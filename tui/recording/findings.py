"""What was found in a recording of somebody else's training, as a page over the panes."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.strip import Strip

from backprop_tui.core.diagnosis.findings import Finding
from backprop_tui.core.recording.recorded_diagnosis import DEFINITIONS
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.strips import text_lines
from backprop_tui.tui.panes.drawn import Drawn
from backprop_tui.tui.panes.finding_lines import about_lines, remedy_lines, rule_lines
from backprop_tui.tui.panes.keys_line import keys_line
from backprop_tui.tui.panes.own_screen import OwnScreen

PAGE = 10
"""Lines that page up and page down move by."""
LEAST = 24
"""Cells that lines are made for; what a narrower window has no room for is cut."""


class FindingsPage(Drawn):
    """The lines of the findings from the first shown one on, the keys as the last."""

    def __init__(self, findings: Sequence[Finding], step: int, look: Look) -> None:
        super().__init__("tool")
        self.border_title = self.heading = "Diagnosis"
        self.findings, self.step, self.at = findings, step, look
        self.first = 0

    @property
    def look(self) -> Look:
        return self.at

    def draw(self, width: int, height: int) -> list[Strip]:
        lines = findings_lines(self.findings, self.step, self.look, max(width, LEAST))
        room = max(height - 2, 0)
        self.first = max(0, min(self.first, len(lines) - room))
        shown = lines[self.first : self.first + room]
        shown += [Strip([])] * (room - len(shown))
        more = [("↑↓", f"scroll {self.first + room}/{len(lines)}")] if len(lines) > room else []
        return [*shown, Strip([]), keys_line([*more, ("escape", "close")], self.look, width)]

    def move(self, rows: int) -> None:
        self.first += rows
        self.update()


class FindingsScreen(ModalScreen[None], OwnScreen[None]):
    """`findings` up to `step`; ↑ ↓ scroll."""

    moved_keys = True
    DEFAULT_CSS = "FindingsScreen { align: center middle; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,d", "dismiss", "close", priority=True),
        Binding("up", "scroll(-1)", "up", show=False, priority=True),
        Binding("down", "scroll(1)", "down", show=False, priority=True),
        Binding("pageup", f"scroll(-{PAGE})", "page up", show=False, priority=True),
        Binding("pagedown", f"scroll({PAGE})", "page down", show=False, priority=True),
    ]

    def __init__(self, findings: Sequence[Finding], step: int, look: Look) -> None:
        super().__init__()
        self.sheet = FindingsPage(findings, step, look)

    def compose(self) -> ComposeResult:
        yield self.sheet

    def on_mount(self) -> None:
        self.sheet.focus()

    def action_scroll(self, rows: int) -> None:
        self.sheet.move(rows)


def findings_lines(findings: Sequence[Finding], step: int, look: Look, width: int) -> list[Strip]:
    """Each finding with its evidence, cause and remedies, the root first."""
    palette = look.palette
    if not findings:
        return text_lines(f"Nothing found up to step {step:,}.", width, 2, look, palette.accent)
    count = "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
    lines = text_lines(f"{count} up to step {step:,}, the root first.", width, 2, look, palette.text)
    for finding in findings:
        lines += [Strip([]), *about_lines(finding, findings, look, width)]
        for place, remedy in enumerate(finding.remedies):
            lines += remedy_lines(remedy, look, width, first=place == 0, chosen=False)
        lines += rule_lines(finding, look, width, DEFINITIONS.get(finding.rule))
    return lines
