"""Controls as lines: what each is called, what it says, and where + and − are to be clicked."""

from textual.strip import Strip

from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.strips import fit, line, padded, style, text_lines

from .control import Choice, Control
from .thumbnails import thumbnail

COLUMN = 46
"""Cells that name, value and buttons have at the most; what is wider is for a note."""
BUTTONS = 4
"""Cells of ` − +`, before the note."""
PICTURE = (11, 5)
"""Cells of the picture of a data set, across and down."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The cells of a line: `room` for name and value, then the buttons, then `note`."""

    room: int
    note: int

    @classmethod
    def of(cls, width: int) -> "Columns":
        column = min(width, COLUMN)
        return cls(max(column - 2 - BUTTONS, 0), max(width - column - 2, 0))

    def button(self, x: int) -> int:
        """Whether column `x` of a line is that of − (−1), of + (1), or of neither (0)."""
        return {2 + self.room + 1: -1, 2 + self.room + 3: 1}.get(x, 0)


def title_line(text: str, width: int, look: Look) -> Strip:
    return line([(fit(text, width, look), style(look.palette.accent, bold=True))], width)


def control_line(control: Control, chosen: bool, width: int, look: Look) -> Strip:
    """`▸ learning_rate        0.1 − +`, and a note where there is room."""
    palette, columns = look.palette, Columns.of(width)
    text = style(palette.dim if control.unused else palette.text, bold=chosen)
    label = fit(control.label, columns.room, look)
    value = padded(control.value, max(columns.room - len(label) - 1, 0), look, right=True)
    buttons = f" {look.glyphs.minus} {look.glyphs.plus}" if control.step is not None else ""
    note = control.unused or ("takes a new run" if control.renews else "")
    return line(
        [
            (f"{look.glyphs.cursor if chosen else ' '} ", style(palette.accent)),
            (f"{label} {value}"[: columns.room].ljust(columns.room), text),
            (buttons.ljust(BUTTONS), style(palette.accent)),
            (f"  {fit(note, columns.note, look)}" if columns.note else "", style(palette.dim)),
        ],
        width,
    )


def foot_lines(control: Control, message: str, width: int, height: int, look: Look) -> list[Strip]:
    """What has come of the last change, else what the control does and its formula, in so many lines under a rule.

    The formula, which says most, is there before the words.
    """
    palette = look.palette
    rule = line([(look.glyphs.horizontal * width, style(palette.dim))], width)
    if message:
        found = text_lines(message, width, height, look, palette.warning)
    else:
        rule_of_it = text_lines(control.formula, width, max(height - 1, 1), look, palette.text)
        words = text_lines(said(control), width, height - len(rule_of_it), look)
        found = [*words, *rule_of_it]
    return [rule, *found, *[Strip([])] * (height - len(found))]


def said(control: Control) -> str:
    """`optimizer.l2, takes a new run: λ₂ …`."""
    name = control.name if control.name != control.label and " " not in control.name else ""
    note = control.unused or ("takes a new run" if control.renews else "")
    return ": ".join(filter(None, (", ".join(filter(None, (name, note))), control.meaning)))


def choice_lines(
    choice: Choice, chosen: bool, present: bool, noise: float, seed: int, width: int, look: Look
) -> list[Strip]:
    """What is to be chosen; `present`: it is so now. A data set has its picture at the left."""
    palette, glyphs = look.palette, look.glyphs
    cursor = (f"{glyphs.cursor if chosen else ' '} {glyphs.mark if present else ' '} ", style(palette.accent))
    label = (fit(choice.label, width - 4, look), style(palette.text, bold=chosen))
    head = line([cursor, label], width)
    if not choice.data:
        return [head]
    across, down = PICTURE
    picture = thumbnail(choice.data, noise, seed, across, down, look)
    room = width - across - 6
    told = text_lines(choice.formula, room, down - 1, look)
    beside = [line([label], max(room, 0)), *told, *[Strip([])] * (down - 1 - len(told))]
    return [
        Strip.join([line([cursor if row == 0 else ("    ", None)], 4), shown.adjust_cell_length(across + 2), text])
        for row, (shown, text) in enumerate(zip(picture, beside, strict=True))
    ]
