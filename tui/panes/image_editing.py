"""An image drawn by mouse or by keys on a canvas of the data's size, with what the network says of it as it is now."""

import numpy as np
from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.inquiry.drawn_image import (
    Pixel,
    blank,
    centred,
    differences,
    drawn_line,
    ink_of,
    network_input,
    usual,
)
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.measures import classes_of
from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.image import fitted_shape, image_lines
from backprop_tui.tui.drawing.numbers import format_count
from backprop_tui.tui.drawing.palette import FloatArray
from backprop_tui.tui.drawing.strips import Part, line, segment, style, text_lines

from .editing import Cell, EditedPane, Editing
from .example_lines import Example, answer_lines, answered_class, side_by_side

ARROWS = {"shift+left": (0, -1), "shift+right": (0, 1), "shift+up": (-1, 0), "shift+down": (1, 0)}
BUTTONS = (("clear", "delete"), ("centre", "c"))
"""What can be clicked in the line below, and the key that does it."""
BESIDE = 24
"""Cells that the answer has beside the canvas."""
LEAST_ANSWER = 3
"""Lines that it has, however much else there is to say."""
MOST_SAID = 4
"""Lines that say how a drawing differs."""
MOUSE = "drag draws, right button erases"
ALIKE = "centre, size and ink are as in the training images"


@dataclass(frozen=True, slots=True)
class Canvas:
    """The cells that an image of `shape` is shown in: `width` columns, and half as many rows as `height`."""

    shape: tuple[int, int]
    width: int
    height: int

    def pixel(self, cell: Cell) -> Pixel:
        """What lies in the middle of a cell, of the canvas the nearest."""
        column, row = max(0, min(cell[0], self.width - 1)), max(0, min(cell[1], self.rows - 1))
        return (row + 0.5) * 2 * self.shape[0] / self.height - 0.5, (column + 0.5) * self.shape[1] / self.width - 0.5

    def cell(self, pixel: Pixel) -> Cell:
        column, row = (pixel[1] + 0.5) * self.width / self.shape[1], (pixel[0] + 0.5) * self.height / self.shape[0] / 2
        return min(int(column), self.width - 1), min(int(row), self.rows - 1)

    @property
    def rows(self) -> int:
        """Its rows of cells."""
        return (self.height + 1) // 2

    @property
    def whole(self) -> bool:
        """Whether every pixel has a place of its own."""
        return self.height >= self.shape[0] and self.width >= self.shape[1]


def canvas_of(shape: tuple[int, int], width: int, height: int) -> Canvas:
    """The canvas in so many cells, with room for the answer beside it and for its own edge."""
    rows, columns = fitted_shape(shape, 2 * max(height, 1), max(width - BESIDE - 1, 1))
    return Canvas(shape, columns, rows)


class ImageEditing(Editing):
    """`pixels` is the canvas, `pen` the pixel that it stands on; `down` whether it draws as it moves.

    `held` is where the mouse was last seen with a button down, `erases` whether that is the right one.
    """

    actions = Editing.actions | {"tool('compare')"}
    hints = (
        ("shift+arrows", "pen"),
        ("enter", "down, up"),
        ("delete", "clear"),
        ("c", "centre"),
        ("escape", "done"),
    )

    def __init__(self, session: Session) -> None:
        self.dataset, self.usual = session.dataset, usual(session.dataset)
        self.pixels = blank(self.usual)
        rows, columns = self.usual.shape
        self.pen: Pixel = (rows // 2, columns // 2)
        self.down = self.erases = False
        self.held: Pixel | None = None
        self.stops: list[tuple[int, int, str]] = []
        self.canvas = canvas_of(self.usual.shape, 1, 1)
        self.foot = self.aside = 0

    def fits(self, width: int, height: int) -> bool:
        return canvas_of(self.usual.shape, width, height).whole

    def suits(self, session: Session) -> bool:
        if session.dataset.image_shape != self.usual.shape:
            return False
        if session.dataset is not self.dataset:
            self.dataset, self.usual = session.dataset, usual(session.dataset)
        return True

    # Drawing

    def lines(self, pane: EditedPane, width: int, height: int) -> list[Strip]:
        look = pane.look
        self.canvas = canvas_of(self.usual.shape, width, height)
        image = self.with_pen(pane, image_lines(self.pixels, self.canvas.width, self.canvas.rows, look))
        edge = segment(look.glyphs.vertical, style(look.palette.dim))
        picture = [Strip([*row.adjust_cell_length(self.canvas.width), edge]) for row in image]
        if len(picture) < height:
            corner = look.glyphs.horizontal * self.canvas.width
            picture.append(Strip([segment(corner, style(look.palette.dim))], self.canvas.width))
        self.aside = self.canvas.width + 2
        return side_by_side(picture, self.beside(pane, max(width - self.aside, 1), height), self.aside)[:height]

    def beside(self, pane: EditedPane, width: int, height: int) -> list[Strip]:
        """What the network says of the drawing, what can be clicked, and how it differs from the training images."""
        look, session = pane.look, pane.session
        answer = self.answer(session)
        head = text_lines(heading(answer, session), width, 2, look)
        found = differences(self.pixels, self.usual)
        said = f"unlike the training images: {'; '.join(found)}" if found else self.alike()
        foot = [
            self.buttons(pane, width),
            *text_lines(MOUSE, width, 2, look),
            *said_lines(said, width, look, look.palette.warning if found else look.palette.dim),
        ]
        room = max(height - len(head) - len(foot), LEAST_ANSWER)
        shown = answer_lines(Example(None, answer, None), session.dataset, width, room, look)
        self.foot = len(head) + len(shown)
        return [*head, *shown, *foot]

    def answer(self, session: Session) -> FloatArray | None:
        """What the network says of the drawing, (outputs,); None of an empty canvas."""
        if not ink_of(self.pixels, self.usual).any():
            return None
        outputs = session.evaluator.predict(network_input(self.pixels, self.usual, session.dataset))
        return np.asarray(outputs[:, 0], dtype=np.float64)

    def with_pen(self, pane: EditedPane, picture: list[Strip]) -> list[Strip]:
        """Brackets around the cell that the pen stands on, or arrows while it draws."""
        if not pane.has_focus:
            return picture
        (column, row), glyphs, palette = self.canvas.cell(self.pen), pane.look.glyphs, pane.look.palette
        of = style(palette.accent, palette.black, bold=True)
        marks = (glyphs.cursor, glyphs.left) if self.down else ("[", "]")
        for at, text in ((column - 1, marks[0]), (column + 1, marks[1])):
            if 0 <= at < self.canvas.width and row < len(picture):
                strip = picture[row].adjust_cell_length(max(picture[row].cell_length, at + 1))
                picture[row] = Strip.join([strip.crop(0, at), Strip([segment(text, of)], 1), strip.crop(at + 1)])
        return picture

    def buttons(self, pane: EditedPane, width: int) -> Strip:
        """What can be clicked."""
        strong = style(pane.look.palette.accent)
        parts: list[Part] = []
        self.stops = []
        for name, key in BUTTONS:
            begin = sum(cell_len(part) for part, _ in parts)
            parts += [(f"[{name}]", strong), (" ", None)]
            self.stops.append((begin, begin + len(name) + 2, key))
        return line(parts, width)

    def alike(self) -> str:
        """Of a drawing that does not differ."""
        if not ink_of(self.pixels, self.usual).any():
            return "nothing is drawn yet"
        return ALIKE if self.usual.by is not None else ""

    # Keys and mouse

    def key(self, pane: EditedPane, key: str) -> bool:
        if key in ARROWS:
            self.move_pen(*ARROWS[key])
        elif key == "enter":
            self.down = not self.down
            if self.down:
                self.draw(self.pen, self.pen)
        elif key in ("delete", "backspace"):
            self.pixels = blank(self.usual)
        elif key == "c":
            self.pixels = centred(self.pixels, self.usual)
        elif key == "escape":
            if not self.down:
                pane.end_editing()
            self.down = False
        else:
            return False
        return True

    def move_pen(self, rows: int, columns: int) -> None:
        """A pixel on, drawing where the pen is down."""
        before, (height, width) = self.pen, self.usual.shape
        row, column = round(before[0]) + rows, round(before[1]) + columns
        self.pen = max(0, min(row, height - 1)), max(0, min(column, width - 1))
        if self.down:
            self.draw(before, self.pen)

    def draw(self, start: Pixel, end: Pixel, *, erase: bool = False) -> None:
        self.pixels = drawn_line(self.pixels, start, end, self.usual, erase=erase)

    def press(self, pane: EditedPane, cell: Cell, *, right: bool) -> None:
        self.held = None
        if cell[0] >= self.aside and cell[1] == self.foot:
            for begin, end, key in self.stops:
                if begin <= cell[0] - self.aside < end:
                    self.key(pane, key)
        elif cell[0] < self.canvas.width and cell[1] < self.canvas.rows:
            self.erases, self.held = right, self.canvas.pixel(cell)
            self.pen = self.held
            self.draw(self.pen, self.pen, erase=right)

    def drag(self, pane: EditedPane, cell: Cell) -> None:
        if self.held is not None:
            before, self.held = self.held, self.canvas.pixel(cell)
            self.pen = self.held
            self.draw(before, self.held, erase=self.erases)

    def release(self, pane: EditedPane, cell: Cell) -> None:
        self.held = None


def said_lines(said: str, width: int, look: Look, color: str) -> list[Strip]:
    """Words in `MOST_SAID` lines; where they are more, the last says so."""
    lines = text_lines(said, width, len(said), look, color)
    if len(lines) <= MOST_SAID:
        return lines
    return [*lines[: MOST_SAID - 1], *text_lines(f"{look.glyphs.ellipsis} more: {look.keys.said('z')}", width, 1, look)]


def heading(answer: FloatArray | None, session: Session) -> str:
    """What the network says of the drawing, and when."""
    if answer is None:
        return "your drawing: nothing yet"
    when = f"after step {format_count(session.step)}" if session.step else "before step 1"
    place = answered_class(answer, session.dataset)
    said = "" if place is None else f", answer {classes_of(session.dataset)[place]}"
    return f"your drawing{said}, {when}"
