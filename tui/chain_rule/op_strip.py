"""The heading of the chain-rule pane: where we are, and the whole step, every op of it, with the one in view marked."""

from collections.abc import Sequence
from itertools import groupby

from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.chain_rule.statements import place
from backprop_tui.core.ops.event import PHASES, Op, Phase
from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.drawing.bars import PhaseOps, phase_color, step_strip
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.strips import Part, fit, line, style

NARROW_STRIP = 34
WIDEST_STRIP = 60
"""Of a strip of phases; one of layers has a cell for each op."""


@dataclass(frozen=True, slots=True)
class OpStrip:
    """A strip over the ops of a step, drawn for so much room, from column `left` of the heading on."""

    strip: Strip
    left: int
    room: int
    ops: tuple[Op, ...]
    look: Look

    def op_at(self, column: int) -> Op | None:
        """The op that stands at a column of the heading, or nearest to it; None beside the strip."""
        cell = column - self.left
        if not 0 <= cell < self.strip.cell_length or not self.ops:
            return None
        return min(self.ops, key=lambda op: abs(self.cell_of(op) - cell))

    def cell_of(self, op: Op) -> int:
        """The cell in which an op's cursor stands."""
        made = strip_of(self.ops, op, self.room, self.look)
        return made.text.index(self.look.glyphs.full)


def heading(text: str, op: Op | None, ops: tuple[Op, ...], width: int, look: Look) -> tuple[Strip, OpStrip | None]:
    """The line, and its strip where there is room for one: beside every op of the step in the same form and place."""
    color = phase_color(phase, look.palette) if (phase := phase_of(op)) else look.palette.text
    text = fit(parted(text, look), width, look)
    layers = max((one.layer or 0 for one in ops), default=0)
    longest = max((cell_len(parted(place(one, layers), look)) for one in ops), default=0)
    rooms = [width - cell_len(text) - 2, width - longest - 2]
    room = min(rooms) if min(rooms) >= NARROW_STRIP else rooms[0]
    parts: list[Part] = [(text, style(color, bold=True))]
    if room < NARROW_STRIP:
        return line(parts, width), None
    strip = strip_of(ops, op, room, look)
    left = width - strip.cell_length
    gap: list[Part] = [(" " * (left - cell_len(text)), None)]
    return Strip.join([line([*parts, *gap], left), strip]), OpStrip(strip, left, room, ops, look)


def parted(text: str, look: Look) -> str:
    """The text with its parts parted as the look does."""
    return look.text(text.replace(" · ", f" {look.glyphs.separator} "))


def phase_of(op: Op | None) -> Phase | None:
    """The phase of an op; None at the boundaries of a step."""
    return None if op is None or op.phase == "start" or op.phase == "finish" else op.phase


def strip_of(ops: Sequence[Op], op: Op | None, room: int, look: Look) -> Strip:
    """Layer by layer with a cell for each op where there is room, else phase by phase."""
    at = None if op is None or op.phase == "start" else op.place
    grouped = layer_strip(ops, at, look)
    if grouped.cell_length <= room:
        return grouped
    phases = [PhaseOps(phase, sum(o.phase == phase for o in ops)) for phase in PHASES]
    return step_strip(phases, None if at is None else at - 1, min(room, WIDEST_STRIP), look)


def layer_strip(ops: Sequence[Op], at: int | None, look: Look) -> Strip:
    """`forward 1▁▁ 2▁▁ loss ▁ backward 2▔▔▔ 1▔▔ update 1▁ 2▁`, with the cursor on the op at place `at`."""
    glyphs, palette = look.glyphs, look.palette
    dim = style(palette.dim)
    parts: list[Part] = []
    for phase, members in groupby(ops, key=phase_of):
        assert phase is not None
        color = style(phase_color(phase, palette))
        parts.append((f" {phase}" if parts else str(phase), color))
        track = glyphs.track_high if phase == "backward" else glyphs.track_low
        for layer, group in groupby(members, key=lambda op: op.layer):
            parts.append((f" {layer}" if layer is not None else " ", dim))
            for op in group:
                if op.place == at:
                    parts.append((glyphs.full, style(palette.accent, bold=True)))
                else:
                    parts.append((track, color if at is not None and op.place < at else dim))
    return line(parts, sum(cell_len(text) for text, _ in parts))
