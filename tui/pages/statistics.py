"""Statistics of every layer at the position in view: a table, or histograms over the layers."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.strip import Strip

from backprop_tui.core.chain_rule.statements import place
from backprop_tui.core.diagnosis.statistics import Histogram, LayerStatistics, quantity_histogram, statistics_table
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Quantity
from backprop_tui.core.session.timing import StepSize
from backprop_tui.tui.drawing.numbers import format_count, format_rate
from backprop_tui.tui.drawing.strips import Part, fit, line, style
from backprop_tui.tui.running.run_screen import RunScreen

from .histogram_lines import histogram_lines
from .statistics_lines import heading_lines, layer_lines, legend_lines, row_line
from .tool_screen import ToolScreen

VIEWS = ("table", "histograms")
SHOWN = {"weights": ("W",), "gradients": ("dW",), "preactivations": ("Z",), "activations": ("F", "A")}
"""What there are histograms of, and its symbol: of activations what the activation itself gives."""
ALL = "all four"
BETWEEN = 2
"""Cells between two histograms."""
LEAST_HISTOGRAM, MOST_BINS = 22, 40
"""Cells of a histogram among others of its kind, at least; of any, at the most."""
LOW, HIGH = 2, 4
"""Lines of the bars of four histograms in a row, and of histograms of one kind."""
LEAST_ROWS = 4
"""Layers in the table, at least."""
TALL = 30
"""Lines from which bars are higher."""


class StatisticsScreen(ToolScreen):
    """Choices are the layers. `quantity` is the kind of histograms, `ALL` for one of each kind a layer."""

    heading = "Statistics of every layer"
    CSS = "StatisticsScreen #tool { max-width: 100%; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "dismiss", "close", show=False, priority=True),
        Binding("v", "next_view", "table or histograms", show=False),
    ]

    def __init__(self, training: RunScreen) -> None:
        super().__init__(training)
        self.chosen = self.view.spotlight.layer - 1
        self.shown = VIEWS[0]
        self.quantity = ALL
        self.first_row = 0
        self.places: list[int] = []
        self.ends: list[int] = []
        self.kept_at: tuple[object, ...] = ()
        self.kept_table: tuple[LayerStatistics, ...] = ()
        self.kept: dict[tuple[str, int, int], Histogram | None] = {}

    @property
    def network(self) -> tuple[Layer, ...]:
        return self.session.trainer.layers

    # Choosing

    def choices(self) -> int:
        return len(self.network)

    def line_of(self, choice: int) -> int:
        return self.places[choice] if choice < len(self.places) else 0

    def first_line(self, lines: int, room: int) -> int:
        """Such that all of the chosen layer is shown; with the first what stands above it, with the last what below."""
        if self.chosen < len(self.places):
            end = self.ends[self.chosen]
            self.scrolled = max(self.scrolled, end - room)
            self.scrolled = min(self.scrolled, self.places[self.chosen])
        self.scrolled = max(0, min(self.scrolled, lines - room))
        return self.scrolled

    def action_next_view(self) -> None:
        self.shown = VIEWS[1 - VIEWS.index(self.shown)]
        self.scrolled = 0
        self.update()

    def activate(self, choice: int) -> None:
        """The next kind of histograms."""
        if self.shown == "histograms":
            self.quantity = self.next_quantity()
            self.scrolled = 0
            self.update()
        else:
            self.action_next_view()

    def next_quantity(self) -> str:
        kinds = [ALL, *SHOWN]
        return kinds[(kinds.index(self.quantity) + 1) % len(kinds)]

    def hints(self) -> list[tuple[str, str]]:
        hints = [("v", VIEWS[1 - VIEWS.index(self.shown)])]
        if self.shown == "histograms":
            hints.append(("enter", self.next_quantity()))
        return [*hints, ("↑↓", "layer"), ("← →", self.view.unit)]

    # What is shown

    def forget_old(self) -> None:
        """Nothing of another position is kept."""
        at = (self.session, self.session.count, self.session.op)
        if at != self.kept_at:
            self.kept_table = statistics_table(self.session.plan, self.network, self.session.events)
            self.kept_at, self.kept = at, {}

    def histogram(self, kind: str, layer: int, bins: int) -> Histogram | None:
        key = (kind, layer, bins)
        if key not in self.kept:
            symbol = self.quantity_of(kind, layer).symbol
            self.kept[key] = quantity_histogram(self.session.plan, symbol, layer, self.session.events, bins)
        return self.kept[key]

    def quantity_of(self, kind: str, layer: int) -> Quantity:
        found = [self.session.plan.find(symbol, layer) for symbol in SHOWN[kind]]
        return next(quantity for quantity in found if quantity is not None)

    # Lines

    def lines(self, width: int) -> list[Strip]:
        self.forget_old()
        self.chosen = min(self.chosen, self.choices() - 1)
        opening = self.opening(width)
        if self.shown == "table":
            return self.table_page(opening, width)
        if self.quantity == ALL:
            return self.four_kinds(opening, width)
        return self.one_kind(opening, self.quantity, width)

    def opening(self, width: int) -> list[Strip]:
        """Which step and op this is, and what is shown of it."""
        look, palette = self.view.look, self.view.look.palette
        session = self.session
        where = f"step {session.position.step:,}"
        op = session.op
        if op is None or op.phase == "start":
            where += ", before the first op: only the weights are known"
        elif op.phase == "finish":
            where += ", finished"
        else:
            where += f", after {place(op, self.view.last(session))}"
        if self.shown == "histograms":
            where += f" {look.glyphs.separator} {self.quantity}"
        lines = [line([(fit(where, width, look), style(palette.accent, bold=True))], width)]
        size, rate = StepSize.of(session.trainer), session.timing.steps_per_second
        examples = f"{format_count(size.examples)} example{'s' if size.examples != 1 else ''}"
        work = f"a step: {format_count(size.weights)} {'weight' if size.weights == 1 else 'weights'} × {examples}"
        if rate is not None:
            work += f"; last play {format_rate(rate)} steps/s, so {format_rate(rate * size.product)} a second"
        return [*lines, line([(fit(work, width, look), style(palette.dim))], width)]

    def table_page(self, opening: list[Strip], width: int) -> list[Strip]:
        """The chosen layer in words, and below as many rows as there is room for."""
        look, count = self.view.look, self.choices()
        words = [layer_lines(row, layer, look, width) for row, layer in zip(self.kept_table, self.network, strict=True)]
        # As many lines for each layer, so that the table stays where it is.
        told = words[self.chosen] + [Strip([])] * (max(map(len, words)) - len(words[self.chosen]))
        above = [*opening, *told, *heading_lines(count, look, width)]
        rows = min(count, max(self.sheet.content_size.height - 2 - len(above), LEAST_ROWS))
        self.first_row = max(0, min(max(self.first_row, self.chosen - rows + 1), self.chosen, count - rows))
        lines = list(above)
        for number in range(self.first_row, self.first_row + rows):
            here = number == self.chosen
            lines.append(row_line(self.kept_table[number], self.network[number], count, look, width, chosen=here))
        if rows < count:
            text = f"layers {self.first_row + 1} to {self.first_row + rows} of {count}"
            lines[0] = Strip.join([opening[0], line([(f"  {text}", style(look.palette.dim))], width)])
            if lines[0].cell_length > width:
                lines[0] = line([(fit(text, width, look), style(look.palette.accent, bold=True))], width)
        lines += legend_lines(look, width)
        # The legend is shown with the last layer, where there is no room for both.
        self.places = [0] * (count - 1) + [len(lines) - 1]
        self.ends = [0] * (count - 1) + [len(lines)]
        return lines

    def four_kinds(self, opening: list[Strip], width: int) -> list[Strip]:
        """For each layer, from the first, its four histograms side by side."""
        look = self.view.look
        column = min((width - BETWEEN * (len(SHOWN) - 1)) // len(SHOWN), MOST_BINS)
        height = LOW + (self.sheet.content_size.height >= TALL)
        names = "".join(f"{fit(kind, column, look):<{column + BETWEEN}}" for kind in SHOWN).rstrip()
        lines = [*opening, line([(names, style(look.palette.dim))], width)]
        places = []
        for layer in self.network:
            places.append(len(lines))
            lines.append(self.layer_title(layer, width))
            lines += self.side_by_side([(kind, layer.number) for kind in SHOWN], column, height)
        self.take_places(places, height + 2, len(lines))
        return lines

    def one_kind(self, opening: list[Strip], kind: str, width: int) -> list[Strip]:
        """Histograms of one kind of all layers, several in a row."""
        count = max(1, (width + BETWEEN) // (LEAST_HISTOGRAM + BETWEEN))
        column = min((width + BETWEEN) // count - BETWEEN, MOST_BINS)
        height = HIGH + 2 * (self.sheet.content_size.height >= TALL)
        lines, places = list(opening), []
        for begin in range(0, len(self.network), count):
            group = self.network[begin : begin + count]
            places += [len(lines)] * len(group)
            names = [self.entry_title(kind, layer, column) for layer in group]
            lines.append(line([part for name in names for part in [*name, (" " * BETWEEN, None)]], width))
            lines += self.side_by_side([(kind, layer.number) for layer in group], column, height)
        self.take_places(places, height + 2, len(lines))
        return lines

    def take_places(self, places: list[int], height: int, end: int) -> None:
        """The first line of each layer and the one behind its last; those of the first and last reach to the edges."""
        self.places = [0 if first == places[0] else first for first in places]
        self.ends = [end if first == places[-1] else first + height for first in places]

    def layer_title(self, layer: Layer, width: int) -> Strip:
        """A layer above its histograms."""
        look, palette = self.view.look, self.view.look.palette
        here = layer.number == self.chosen + 1
        mark = look.glyphs.cursor if here else " "
        text = f"layer {layer.number}: {layer.inputs} to {layer.units} {layer.activation}"
        return line(
            [
                (f"{mark} ", style(palette.accent, bold=True)),
                (fit(text, width - 2, look), style(palette.accent if here else palette.text, bold=here)),
            ],
            width,
        )

    def entry_title(self, kind: str, layer: Layer, width: int) -> list[Part]:
        """The quantity above its histogram."""
        look, palette = self.view.look, self.view.look.palette
        here = layer.number == self.chosen + 1
        quantity = self.quantity_of(kind, layer.number)
        text = fit(f"{look.glyphs.cursor if here else ' '} {quantity.name}: {quantity.array.size:,}", width, look)
        return [(f"{text:<{width}}", style(palette.accent if here else palette.text, bold=here))]

    def side_by_side(self, wanted: list[tuple[str, int]], column: int, height: int) -> list[Strip]:
        """Histograms beside each other, each `column` cells wide."""
        look = self.view.look
        drawn = [
            histogram_lines(self.histogram(kind, layer, column), column, height, look, self.color(kind))
            for kind, layer in wanted
        ]
        gap = Strip.blank(BETWEEN)
        rows = []
        for strips in zip(*drawn, strict=True):
            row: list[Strip] = []
            for strip in strips:
                row += [strip.adjust_cell_length(column), gap]
            rows.append(Strip.join(row[:-1]))
        return rows

    def color(self, kind: str) -> str:
        palette = self.view.look.palette
        colors = {"weights": palette.accent, "gradients": palette.backward}
        return colors.get(kind, palette.forward)
