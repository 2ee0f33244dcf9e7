"""Points of the plane put in, moved and taken out, by keys and with the mouse."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.preset.datasets import Dataset, normalized
from backprop_tui.core.preset.point_edits import Choice, choices, placed_at, target_of
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.axes import Frame, PlotRange
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.palette import FloatArray
from backprop_tui.tui.drawing.points import point_mark
from backprop_tui.tui.drawing.strips import fit, line, segment, style

from .editing import Cell, EditedPane, Editing
from .messages import PointWanted, Told
from .plane import has_plane, known_classes

ROOMY = 12
"""The height from which a second line says what the mouse does."""
MOUSE = "click puts, drag moves, right erases"
NOTHING_HERE = "no point of the training part is here"
NO_CHOICE = "the data have several answers at once: points can be moved and taken out, none can be put in"
BRACKETS = ("[", "]")
ARROWS = {"shift+left": (-1, 0), "shift+right": (1, 0), "shift+up": (0, -1), "shift+down": (0, 1)}
Place = tuple[float, float]


@dataclass(frozen=True)
class PlaneCells:
    """The cells of a pane that show the plane: from cells to places and back."""

    frame: Frame
    horizontal: PlotRange
    vertical: PlotRange

    def holds(self, cell: Cell) -> bool:
        return 0 <= cell[0] - self.frame.left < self.frame.width and 0 <= cell[1] < self.frame.height

    def place(self, cell: Cell) -> Place:
        """The middle of a cell."""
        x = (cell[0] - self.frame.left + 0.5) / self.frame.width
        y = (cell[1] + 0.5) / self.frame.height
        across, up = self.horizontal, self.vertical
        return across.low * (1 - x) + across.high * x, up.high * (1 - y) + up.low * y

    def cells(self, points: FloatArray) -> NDArray[np.int64]:
        """The column and row of points (2, n), (n, 2)."""
        columns = self.horizontal.share(points[0]) * self.frame.width
        rows = (1 - self.vertical.share(points[1])) * self.frame.height
        columns = np.clip(columns, 0, self.frame.width - 1) + self.frame.left
        return np.stack([columns, np.clip(rows, 0, self.frame.height - 1)], axis=1).astype(np.int64)

    def cell(self, place: Place) -> Cell:
        column, row = self.cells(np.array(place)[:, np.newaxis])[0].tolist()
        return column, row

    def moved(self, cell: Cell, by: Cell) -> Cell:
        """So many cells on, as far as the plane reaches."""
        column, row = cell[0] + by[0] - self.frame.left, cell[1] + by[1]
        last, lowest = self.frame.width - 1, self.frame.height - 1
        return max(0, min(column, last)) + self.frame.left, max(0, min(row, lowest))


class PointEditing(Editing):
    """`cursor` is a place of the plane, `choice` the number of what a click puts there.

    `held` is the point that was picked up, `pressed` the cell in which a button went down.
    """

    actions = Editing.actions | {"unit"}
    hints = (
        ("shift+arrows", "cursor"),
        ("0-9", "put"),
        ("enter", "move"),
        ("delete", "take out"),
        ("escape", "done"),
    )

    def __init__(self, session: Session) -> None:
        dataset = session.dataset
        assert dataset.domain is not None
        (left, right), (bottom, top) = dataset.domain
        self.cursor: Place = ((left + right) / 2, (bottom + top) / 2)
        self.choice = 0
        self.held: Place | None = None
        self.pressed: Cell | None = None
        self.stops: list[tuple[int, int, int]] = []
        self.foot = 0

    def suits(self, session: Session) -> bool:
        if self.held is not None and example_at(session.dataset, self.held) is None:
            self.held = None
        return has_plane(session.dataset)

    # Drawing

    def lines(self, pane: EditedPane, width: int, height: int) -> list[Strip]:
        rows = 2 if height >= ROOMY else 1
        shown = pane.picture_lines(width, height - rows)
        cells = cells_of(pane)
        column, row = cells.cell(self.cursor)
        if pane.has_focus and row < len(shown):
            shown[row] = self.with_cursor(pane, shown[row], column, cells)
        shown += [Strip([])] * (height - rows - len(shown))
        self.foot = len(shown)
        return [*shown, *self.feet(pane, width)[:rows]]

    def with_cursor(self, pane: EditedPane, strip: Strip, column: int, cells: PlaneCells) -> Strip:
        """Brackets around the cell of the cursor, and in it what is held."""
        palette = pane.look.palette
        of = style(palette.accent, palette.black, bold=True)
        marks = [(column - 1, BRACKETS[0]), (column + 1, BRACKETS[1])]
        held = None if self.held is None else example_at(pane.session.dataset, self.held)
        if held is not None:
            marks.append((column, letter_of_example(pane, held)))
        left, right = cells.frame.left, cells.frame.left + cells.frame.width
        for at, text in marks:
            if left <= at < right:
                strip = Strip.join([strip.crop(0, at), Strip([segment(text, of)], 1), strip.crop(at + 1)])
        return strip

    def feet(self, pane: EditedPane, width: int) -> list[Strip]:
        """What a click puts there, where the cursor is and what is under it; and what the mouse does."""
        look = pane.look
        text, strong, dim = (style(color) for color in (look.palette.text, look.palette.accent, look.palette.dim))
        session, parts, self.stops = pane.session, [("put ", style(look.palette.dim))], []
        free = choices(session.dataset, session.preset.data)
        names = [look.text(name_of(number, choice)) for number, choice in enumerate(free)]
        one = sum(map(cell_len, names)) + 4 * len(names) > width // 2
        for number in [min(self.choice, len(free) - 1)] if one and free else range(len(free)):
            chosen = number == self.choice
            mark = look.glyphs.cursor if chosen else " "
            begin = sum(cell_len(part) for part, _ in parts)
            parts += [(mark, strong), (letter(pane, number), style(bold=True)), (f" {names[number]} ", text)]
            self.stops.append((begin, sum(cell_len(part) for part, _ in parts), number))
        parts.append((" " + self.where(pane), dim))
        whole = sum(cell_len(part) for part, _ in parts)
        first = line(parts, width) if whole <= width else line([*parts[:-1], (fit(parts[-1][0], 0, look), dim)], width)
        return [first, line([(fit(MOUSE, width, look), dim)], width)]

    def where(self, pane: EditedPane) -> str:
        """Where the cursor is, and what is in its cell."""
        session = pane.session
        x1, x2 = placed_at(session.dataset, *self.cursor)
        here = ", ".join(format_number(value, 7, 3, pane.look.glyphs) for value in (x1, x2))
        cells = cells_of(pane)
        found = example_in(session.dataset, cells, cells.cell(self.cursor))
        if self.held is not None:
            return f"moves to ({here})"
        return f"at ({here})" + (f": {example_name(session, found)}" if found is not None else "")

    # Keys

    def key(self, pane: EditedPane, key: str) -> bool:
        cells = cells_of(pane)
        if key in ARROWS:
            self.cursor = cells.place(cells.moved(cells.cell(self.cursor), ARROWS[key]))
        elif key.isdecimal() and len(key) == 1:
            self.choose(pane, int(key), put=True)
        elif key == "enter":
            self.pick_or_put(pane, cells)
        elif key in ("delete", "backspace"):
            self.take_out(pane, cells.cell(self.cursor))
        elif key == "escape":
            if self.held is None:
                pane.end_editing()
            self.held = None
        else:
            return False
        return True

    def choose(self, pane: EditedPane, number: int, *, put: bool) -> None:
        """Choose what is put, and put it where the cursor is."""
        free = choices(pane.session.dataset, pane.session.preset.data)
        if number >= len(free):
            said = f"expected a class from 0 to {len(free) - 1}, found {number}" if free else NO_CHOICE
            pane.post_message(Told(said))
            return
        self.choice = number
        if put:
            self.put(pane)

    def put(self, pane: EditedPane) -> None:
        free = choices(pane.session.dataset, pane.session.preset.data)
        if not free:
            pane.post_message(Told(NO_CHOICE))
            return
        choice = free[min(self.choice, len(free) - 1)]
        pane.post_message(PointWanted(placed_at(pane.session.dataset, *self.cursor), target=choice.target))

    def pick_or_put(self, pane: EditedPane, cells: PlaneCells) -> None:
        """Pick up the point under the cursor, or put down the one that is held."""
        if self.held is not None:
            self.move_held(pane)
            return
        found = example_in(pane.session.dataset, cells, cells.cell(self.cursor))
        if found is None:
            pane.post_message(Told(NOTHING_HERE))
        else:
            self.held = place_of(pane.session.dataset, found)

    def move_held(self, pane: EditedPane) -> None:
        held, self.held = self.held, None
        to = placed_at(pane.session.dataset, *self.cursor)
        if held is not None and held != to:
            pane.post_message(PointWanted(held, to=to))

    def take_out(self, pane: EditedPane, cell: Cell) -> None:
        """The point in this cell, or in the nearest of its neighbours."""
        dataset, cells = pane.session.dataset, cells_of(pane)
        found = example_in(dataset, cells, cell, near=1)
        self.held = None
        if found is None:
            pane.post_message(Told(NOTHING_HERE))
        else:
            pane.post_message(PointWanted(place_of(dataset, found)))

    # Mouse

    def press(self, pane: EditedPane, cell: Cell, *, right: bool) -> None:
        cells = cells_of(pane)
        self.pressed, self.held = None, None
        if cell[1] == self.foot:
            for begin, end, number in self.stops:
                if begin <= cell[0] < end:
                    self.choose(pane, number, put=False)
        elif cells.holds(cell):
            self.cursor = cells.place(cell)
            if right:
                self.take_out(pane, cell)
                return
            self.pressed = cell
            found = example_in(pane.session.dataset, cells, cell)
            self.held = None if found is None else place_of(pane.session.dataset, found)

    def drag(self, pane: EditedPane, cell: Cell) -> None:
        if self.pressed is not None:
            cells = cells_of(pane)
            self.cursor = cells.place(cells.moved(cell, (0, 0)))

    def release(self, pane: EditedPane, cell: Cell) -> None:
        """Put down what was dragged; a click beside all points puts one there, where it went down or was dragged to."""
        self.drag(pane, cell)
        pressed, self.pressed = self.pressed, None
        if pressed is None:
            return
        if self.held is None:
            self.put(pane)
        elif cells_of(pane).cell(self.cursor) != pressed:
            self.move_held(pane)
        self.held = None


def cells_of(pane: EditedPane) -> PlaneCells:
    """Those of the plane as it was drawn last; drawn now where another run has come since.

    A pane without room for any has one that is not in view, so that the cursor is somewhere.
    """
    if not pane.plane.key:
        pane.update()
    plane, shown = pane.plane, pane.plane.surface.place
    return PlaneCells(
        replace(shown, width=max(1, shown.width), height=max(1, shown.height)), plane.horizontal, plane.vertical
    )


def place_of(dataset: Dataset, example: int) -> Place:
    """Where an example of the training part, from 0, lies."""
    assert dataset.points is not None
    x1, x2 = dataset.points[:, example].tolist()
    return x1, x2


def example_at(dataset: Dataset, place: Place) -> int | None:
    """The last example of the training part, from 0, that lies at this very place."""
    if dataset.points is None:
        return None
    found = np.flatnonzero((dataset.points == np.array(place)[:, np.newaxis]).all(axis=0))
    return int(found[-1]) if len(found) else None


def example_in(dataset: Dataset, cells: PlaneCells, cell: Cell, near: int = 0) -> int | None:
    """The example of the training part, from 0, that is seen in a cell, or at most `near` cells away in the nearest."""
    assert dataset.points is not None
    inside = (cells.horizontal.share(dataset.points[0]) >= 0) & (cells.vertical.share(dataset.points[1]) >= 0)
    away = np.abs(cells.cells(dataset.points) - np.array(cell))
    far = np.where(inside & (away.max(axis=1) <= near), away.sum(axis=1), np.inf)
    nearest = far.min(initial=np.inf)
    # Of those in one cell the last is drawn over the others.
    return int(np.flatnonzero(far == nearest)[-1]) if np.isfinite(nearest) else None


def example_name(session: Session, example: int) -> str:
    """What an example is, in a few words."""
    data, dataset = session.preset.data, session.dataset
    target = target_of(dataset, data, example)
    told = ", ".join(part if isinstance(part, str) else signed(f"{part:.4g}") for part in target)
    kind = "target" if dataset.target_kind == "real" else "class"
    own = dataset.numbers is None or dataset.numbers[example] > 0
    return f"{kind} {told}" + ("" if own else ", added")


def name_of(number: int, choice: Choice) -> str:
    """A choice by its key: its number, and its name where that is another one."""
    name = choice.name if isinstance(choice.target[0], str) else signed(choice.name)
    return str(number) if name == str(number) else f"{number}: {name}"


def signed(number: str) -> str:
    """A number with the minus that all others here have."""
    return number.replace("-", "−")


def letter(pane: EditedPane, number: int) -> str:
    """What stands on the plane for a choice."""
    session = pane.session
    value = float(number)
    if session.dataset.target_kind == "real":
        (own,) = choices(session.dataset, session.preset.data)[number].target
        data = session.dataset
        value = float(normalized(np.array([[float(own)]]), data.target_mean, data.target_std)[0, 0])
    return point_mark(value, False, pane.plane.scale, pane.look)[0]


def letter_of_example(pane: EditedPane, example: int) -> str:
    """What stands on the plane for an example."""
    data = pane.session.dataset
    value = float(known_classes(data.targets[:, example : example + 1], data)[0])
    return point_mark(value, False, pane.plane.scale, pane.look)[0]
