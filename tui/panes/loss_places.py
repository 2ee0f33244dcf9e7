"""The places on the loss curve that can be chosen, and what all curves are at the chosen one."""

import numpy as np
from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.numbers import format_count, format_number
from backprop_tui.tui.drawing.palette import FloatArray
from backprop_tui.tui.drawing.plot_axes import PlotFrame
from backprop_tui.tui.drawing.series import Series
from backprop_tui.tui.drawing.strips import Part, fit, line, style

from .loss_curve import BATCHES, LossPicture
from .view import View


@dataclass(frozen=True, slots=True)
class Stretch:
    """The steps `first` … `last` that are known as one, and the least and greatest loss among them."""

    first: int
    last: int
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Stretches:
    """All of them in order: first and last steps, least and greatest losses."""

    begins: FloatArray
    ends: FloatArray
    lows: FloatArray
    highs: FloatArray

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, place: int) -> Stretch:
        begin, end = int(self.begins[place]), int(self.ends[place])
        return Stretch(begin, end, float(self.lows[place]), float(self.highs[place]))

    def within(self, first: float, last: float) -> int:
        """How many steps the longest of them has from `first` to `last`; 0 without any."""
        begin, end = np.searchsorted(self.ends, first), np.searchsorted(self.begins, last, side="right")
        sizes = self.ends[begin:end] - self.begins[begin:end] + 1
        return int(sizes.max(initial=0))

    def nearest(self, step: float) -> int:
        """The place of the stretch that ends nearest to a step."""
        after = int(np.searchsorted(self.ends, step))
        near = [place for place in (after - 1, after) if 0 <= place < len(self)]
        return min(near, key=lambda place: abs(float(self.ends[place]) - step))

    def moved(self, frame: PlotFrame, step: int, columns: int) -> Stretch:
        """The stretch so many plotted columns on from the one that ends nearest to `step`, and at least the next."""
        if step < self.begins[0]:
            return self[0]
        here = self.nearest(step)
        end = float(self.ends[here])
        column = frame.column_of(end)
        inside = column is not None and 0 <= column + columns < frame.width
        # Outside of what is shown there are no columns.
        wanted = frame.step_at((column or 0) + columns) if inside else end + columns * frame.steps_of_column
        place = self.nearest(wanted)
        place = max(place, here + columns) if columns > 0 else min(place, here + columns)
        return self[max(0, min(place, len(self) - 1))]


def stretches(picture: LossPicture) -> Stretches:
    """What can be chosen: the losses of the run's own batches, wherever they lie."""
    for one in picture.series:
        if one.name in BATCHES:
            begins = one.steps if one.begins is None else one.begins
            return Stretches(begins, one.steps, one.low, one.low if one.high is None else one.high)
    nothing = np.empty(0)
    return Stretches(nothing, nothing, nothing, nothing)


def value_at(one: Series, chosen: Stretch) -> tuple[float, float, int] | None:
    """The least and the greatest value of a curve at a place, and the step that it is of; None where it has none.

    What is measured now and then has the value of the last measurement.
    """
    steps = np.asarray(one.steps)
    if one.name == "test":
        place = int(np.searchsorted(steps, chosen.last, side="right")) - 1
    else:
        place = int(np.searchsorted(steps, chosen.last))
    if not 0 <= place < len(steps):
        return None
    low = float(one.low[place])
    return low, low if one.high is None else float(one.high[place]), int(steps[place])


def chosen_line(chosen: Stretch, picture: LossPicture, view: View, width: int) -> Strip:
    """`▸ before update 12  ℒ 0.6931  mean of 10 0.7012  test 0.7103  enter: go there`, as much as there is room for.

    Of updates known as one the least and the greatest loss.
    """
    look = view.look
    mark, accent = look.glyphs.cursor, style(look.palette.accent, bold=True)
    first, last = format_count(chosen.first), format_count(chosen.last)
    which = f" {last}" if chosen.first == chosen.last else f"s {first} to {last}"
    value = span_text(chosen.low, chosen.high, look)
    others: list[Part] = []
    for one in picture.series:
        if one.name not in BATCHES and (found := value_at(one, chosen)) is not None:
            low, high, step = found
            when = f" (after {format_count(step)})" if one.name == "test" and step != chosen.last else ""
            name = one.letter or one.name
            others.append((look.text(f"  {name} {span_text(low, high, look)}{when}"), style(one.color, bold=True)))
    go: Part = ("  enter: go there", accent)
    long: Part = (look.text(f"{mark} before update{which}  ℒ {value}"), accent)
    short: Part = (look.text(f"{mark} step{which} ℒ {value}"), accent)
    for parts in ([long, *others, go], [long, *others], [short, *others], *([short, *others[:n]] for n in (2, 1))):
        if sum(cell_len(text) for text, _ in parts) <= width:
            return line(parts, width)
    most = "" if chosen.low == chosen.high else "≤ "
    least = f"{mark} {last} ℒ {most}{span_text(chosen.high, chosen.high, look)}"
    text = short[0] if cell_len(short[0]) <= width else fit(least, width, look)
    return line([(text, accent)], width)


def span_text(low: float, high: float, look: Look) -> str:
    """A value, or the least and the greatest of several."""
    texts = [format_number(value, 9, 5, look.glyphs) for value in (low, high)]
    return texts[0] if low == high else " to ".join(texts)
