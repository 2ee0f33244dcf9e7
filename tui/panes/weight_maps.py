"""Maps of all layers: their weights W, beside these the gradients dW, or what the step adds to each weight, ΔW."""

from collections.abc import Sequence
from math import ceil

from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.inquiry.exact_zeros import exact_zeros
from backprop_tui.core.inquiry.step_change import step_change
from backprop_tui.core.inquiry.step_moves import step_moves
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import of_layer
from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.drawing.heatmap import heatmap_lines, legend_line
from backprop_tui.tui.drawing.heatmap_layout import heatmap_layout
from backprop_tui.tui.drawing.image import weight_image_lines
from backprop_tui.tui.drawing.numbers import format_count, format_number
from backprop_tui.tui.drawing.palette import FloatArray, symmetric_limit
from backprop_tui.tui.drawing.strips import fit, line, style
from backprop_tui.tui.drawing.titles import title_of

from .picture import Picture
from .same_place import in_layer
from .view import View
from .weight_lines import layer_words

LEAST_COLUMN, LEAST_ROWS = 14, 2
"""Cells for the map of one layer, its name among them."""
PAIR_ROWS = 4
"""Lines that a map beside another should have; with fewer the gradients stand alone."""


@dataclass(frozen=True, slots=True)
class Map:
    """`array` (units, inputs) of a layer, None where this step has not got to it.

    `words` stand behind its name, and where there is room `zeros`, the count of its exact zeros.
    """

    symbol: str
    layer: Layer
    array: FloatArray | None
    words: tuple[str, ...] = ()
    zeros: tuple[str, ...] = ()


def maps_of(session: Session, kind: str, width: int, height: int) -> tuple[list[Map], int]:
    """The maps of a view, the first layer first, and how many belong side by side.

    `kind` is one of the views "heatmaps", "gradients" and "nudges". Gradients have the weights beside them where there
    is room for both.
    """
    layers = session.trainer.layers
    if kind == "nudges":
        return [Map("ΔW", layer, step_change(session, "W", layer.number)) for layer in layers], 1
    weights = [
        Map("W", layer, layer.weights(session.trainer.state.parameters), tuple(layer_words(layer))) for layer in layers
    ]
    if kind == "heatmaps":
        return weights, 1
    counts = {found.layer: found.zeros for found in exact_zeros(session)}
    gradients = [
        Map(
            "dW",
            layer,
            session.plan["dW", layer.number].array,
            zeros=("·", format_count(counts[layer.number]), "exactly", "0"),
        )
        if layer.number in counts
        else Map("dW", layer, None)
        for layer in layers
    ]
    pairs_across = width // LEAST_COLUMN // 2
    if not pairs_across or ceil(len(layers) / pairs_across) * PAIR_ROWS > height:
        return gradients, 1
    return [one for pair in zip(weights, gradients, strict=True) for one in pair], 2


def heatmaps(session: Session, view: View, width: int, height: int, kind: str = "heatmaps") -> Picture:
    """The layers as maps under their names and shapes, side by side in as many rows as needed.

    Where not all have room, those about the layer in view, and a line that says so.
    """
    maps, together = maps_of(session, kind, width, height)
    across = max(together, min(len(maps), width // LEAST_COLUMN) // together * together)
    while ceil(len(maps) / across) * LEAST_ROWS > height and width // (across + 1) >= LEAST_COLUMN // 2:
        across += 1
    room = across * (height // LEAST_ROWS)
    if len(maps) <= room:
        return rows_of_maps(maps, across, session, view, width, height)
    room = max(across * ((height - 1) // LEAST_ROWS), 1)
    in_view = session.op.layer if session.op is not None and session.op.layer else view.spotlight.layer
    first = min(max(in_view - 1 - room // 2, 0), len(maps) - room)
    text = fit(f"… {len(maps) - room} more layers: {view.look.keys.said('z')}", width, view.look)
    more = line([(text, style(view.look.palette.accent))], width)
    shown = rows_of_maps(maps[first : first + room], across, session, view, width, height - 1)
    return Picture([*shown.lines, more], shown.at)


def rows_of_maps(maps: Sequence[Map], across: int, session: Session, view: View, width: int, height: int) -> Picture:
    """So many maps side by side, and as many rows of them as it takes."""
    column, each = width // across, max(height // ceil(len(maps) / across), LEAST_ROWS)
    lines: list[Strip] = []
    tops: list[int] = []
    blocks: list[list[Picture]] = []
    for first in range(0, len(maps), across):
        row = [heatmap(one, session, view, column - 1, each) for one in maps[first : first + across]]
        rows = max(len(block.lines) for block in row)
        padded = [block.lines + [Strip([])] * (rows - len(block.lines)) for block in row]
        tops.append(len(lines))
        blocks.append(row)
        lines += [
            Strip.join([block[y].adjust_cell_length(column) for block in padded]).crop(0, width) for y in range(rows)
        ]

    def at(x: int, y: int) -> Spotlight | None:
        row = sum(top <= y for top in tops) - 1
        place = x // column
        return blocks[row][place].at(x - place * column, y - tops[row]) if place < len(blocks[row]) else None

    return Picture(lines, at)


def heatmap(shown: Map, session: Session, view: View, width: int, height: int) -> Picture:
    """One map under its name; of an image's layer, that of the unit in the spotlight as a picture."""
    look, palette, spotlight, layer = view.look, view.look.palette, view.spotlight, shown.layer
    lit = spotlight.layer == layer.number
    in_view = session.op is not None and session.op.layer == layer.number
    shape = session.dataset.image_shape if layer.number == 1 else None
    unit, name = spotlight.focus(1), of_layer(shown.symbol, layer.number)
    about = ["unit", f"{unit + 1}/{layer.units}"] if shape else [f"{layer.inputs}→{layer.units}"]
    about += [] if shape and shown.symbol == "W" else shown.words
    about += shown.zeros if cell_len(look.text(" ".join([name, *about, *shown.zeros]))) <= width else ()
    title = title_of([name, *about], width, look)
    lines = [line([(title, style(palette.accent if in_view or lit else palette.text, bold=in_view))], width)]
    if shown.array is None:
        lines.append(line([(look.glyphs.blank, style(palette.dim))], width))
        return Picture(lines, lambda x, y: in_layer(spotlight, layer) if y == 0 and x < width else None)
    array = shown.array if shape is None else shown.array[unit].reshape(shape)
    rows, columns = array.shape
    marked = None
    if lit and spotlight.input is not None:
        flat = spotlight.input if shape is not None else spotlight.unit * layer.inputs + spotlight.input
        marked = divmod(flat, columns)
    if shape is not None:
        drawn = weight_image_lines(array, width, height - 1, look)
    else:
        ways = (look.glyphs.down, "=", look.glyphs.up) if shown.symbol == "ΔW" else None
        drawn = heatmap_lines(array, width, height - 1, look, spotlight=marked, sign_glyphs=ways)
    layout = heatmap_layout(rows, columns, width, height - 1, look, None if shape is None else False)
    if len(drawn) < height - 2:
        drawn.append(legend_line(symmetric_limit(array), width, look))

    def at(x: int, y: int) -> Spotlight | None:
        if y == 0 and x < width:
            return in_layer(spotlight, layer)
        entry = layout.entry_at(x, y - 1)
        if entry is None:
            return None
        row, column = entry
        place = (unit, row * columns + column) if shape is not None else entry
        return spotlight.at(layer, *place)

    return Picture(lines + drawn, at)


def zeros_line(session: Session, view: View, width: int) -> Strip:
    """`exactly 0: 79,360 of 101,632 gradients (78.1%)`, of those weights whose gradients are there by now."""
    look = view.look
    found = exact_zeros(session)
    zeros, count = sum(layer.zeros for layer in found), sum(layer.count for layer in found)
    text = f"exactly 0: {format_count(zeros)} of {format_count(count)}"
    share = f" ({format_number(100 * zeros / count, 5, 3, look.glyphs)}%)" if count else ""
    texts = [f"{text} weights' gradients{share}", f"{text} gradients", text]
    if not found:
        texts = ["gradients are blank until the backward pass", "blank until backward"]
    return shortened(texts, view, width)


def moves_line(session: Session, view: View, width: int) -> Strip:
    """`this step moves 5 weights ↑, 1 ↓, 0 not at all`, of those whose change is settled by now."""
    found = step_moves(session)
    up, down, still = (format_count(count) for count in (found.up, found.down, found.still))
    texts = [
        f"this step moves {up} of the weights ↑, {down} ↓, {still} not at all",
        f"weights moved: {up} ↑ {down} ↓ {still} =",
        f"weights: {up} ↑ {down} ↓ {still} =",
        f"{up} ↑ {down} ↓ {still} =",
    ]
    if not found.layers:
        texts = ["ΔW is blank until this step's update is settled", "no update settled yet"]
    return shortened(texts, view, width)


def shortened(texts: Sequence[str], view: View, width: int) -> Strip:
    """The first of the texts that has room, else the last, cut."""
    look = view.look
    text = next((text for text in map(look.text, texts) if cell_len(text) <= width), texts[-1])
    return line([(fit(text, width, look), style(look.palette.text))], width)
