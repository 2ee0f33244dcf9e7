"""Where a small network's nodes and edges have room: what stands in a node, how wide it is, how far columns are apart.

What has no room is left out in this order: numbers on the edges, digits, values, the whole diagram. Where each node
has a map of its answers, the maps get smaller first, and the values of the inputs go before those of the layers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rich.cells import cell_len

from .glyphs import Look
from .palette import FloatArray

MOST_UNITS, MOST_MAPPED = 10, 16
"""Units of a layer that a diagram is drawn of: without maps, and with them."""
MOST_EDGES = 512
"""Edges of a network with so many units in a layer; more of them hide one another."""
LEAST_GAP, LABEL_GAP, MOST_GAP = 4, 13, 24
"""Cells between two columns of nodes: at least, from where edges get labels, and at most."""
MOST_NAME, SHORT_NAME = 16, 6
BOTH_DIGITS = (4, 3)
"""Digits of values beside preactivations."""
NARROWER = ((LABEL_GAP, (4, 3, 2), SHORT_NAME), (LEAST_GAP, (3, 2, 0), SHORT_NAME))
"""Gap, digits and the cells of a name, in the order in which they are tried where the widest has no room."""


@dataclass(frozen=True, eq=False)
class DiagramLayer:
    """One layer: weights (units, inputs), biases (units,) or None, values (units,) or None where not computed yet.

    `chosen` is a unit's own parameter in the spotlight, as (symbol, unit, value); of `title` the first words stay.
    `before` are the units' preactivations, shown beside their values where there is room for both.
    """

    weights: FloatArray
    biases: FloatArray | None
    values: FloatArray | None
    names: Sequence[str]
    title: str = ""
    chosen: tuple[str, int, float] | None = None
    before: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class DiagramInput:
    """The inputs of the network: names, and values (inputs,) or None."""

    names: Sequence[str]
    values: FloatArray | None
    title: str = "input"


Column = DiagramInput | DiagramLayer


@dataclass(frozen=True)
class Shape:
    """All of a column that its layout depends on: names, and whether it is a layer, has biases, and has a title."""

    names: tuple[str, ...]
    is_layer: bool = False
    has_bias: bool = False
    titled: bool = False

    @classmethod
    def of(cls, column: Column) -> "Shape":
        is_layer = isinstance(column, DiagramLayer)
        has_bias = isinstance(column, DiagramLayer) and column.biases is not None
        return cls(tuple(column.names), is_layer, has_bias, bool(column.title))


@dataclass(frozen=True)
class Node:
    """What the nodes of a column look like: digits of numbers (0: none), cells of a name and of the whole.

    `both`: it has its preactivation beside its value. With a map it is `lines` high; the map is `map_width` cells wide,
    beside its texts, or under them where it is `stacked`.
    """

    digits: int
    name: int
    width: int
    both: bool = False
    lines: int = 1
    map_width: int = 0
    stacked: bool = False
    has_bias: bool = False

    @property
    def number(self) -> int:
        """Cells of a number."""
        return self.digits + 3

    @property
    def above(self) -> int:
        """Lines of text over a map that stands under them."""
        return 1 + self.has_bias if self.stacked else 0

    @property
    def map_left(self) -> int:
        """Where in the node its map begins."""
        return 1 if self.stacked else self.width - self.map_width - (self.lines == 1 and self.has_bias)

    @property
    def bias_line(self) -> int | None:
        """On which of its lines the bias stands; None without."""
        if not self.has_bias:
            return None
        if self.stacked or self.lines == 1:
            return self.lines > 1
        return 2 if self.lines > 2 and self.digits else 1

    def map_shape(self, look: Look) -> tuple[int, int]:
        """Rows and columns of its map: two rows a line in colour; the last is left free, so that maps stay apart."""
        lines = self.lines - self.above
        if look.ramps:
            return max(1, lines - (self.lines > 1)), self.map_width
        return (2 if self.lines == 1 else 2 * lines - 1), self.map_width


@dataclass(frozen=True)
class Layout:
    """How the columns of nodes stand: one node for each, the gap between them, and their height with all edges."""

    nodes: tuple[Node, ...]
    gap: int
    height: int
    top: int

    @property
    def lefts(self) -> list[int]:
        widths = [node.width + self.gap for node in self.nodes]
        return [sum(widths[:place]) for place in range(len(widths))]

    @property
    def mapped(self) -> bool:
        return self.nodes[0].map_width > 0

    def rows(self, counts: Sequence[int]) -> list[list[int]]:
        """The first row of each of so many nodes: spread evenly over the height, with maps equally far apart."""
        height, found = self.height - self.top, []
        for count, node in zip(counts, self.nodes, strict=True):
            pitch = height // count
            if self.mapped:
                first = self.top + (height - pitch * count) // 2 + (pitch - node.lines) // 2
                found.append([first + place * pitch for place in range(count)])
            else:
                found.append([self.top + ((2 * place + 1) * height) // (2 * count) for place in range(count)])
        return found


@dataclass(frozen=True)
class MappedWish:
    """What a diagram with maps is to have: a gap, digits, the widest map, and whether maps may stand under texts.

    `input_digits`: those of the inputs' values.
    """

    gap: int
    digits: int
    map_width: int
    stacked: bool = False
    input_digits: int | None = None


WISHES = (
    *(MappedWish(LABEL_GAP, 4, width) for width in (10, 8, 6)),
    *(MappedWish(LABEL_GAP, 3, width) for width in (6, 4)),
    *(MappedWish(8, 3, width) for width in (6, 4)),
    *(MappedWish(6, 3, width, stacked=True) for width in (8, 6, 4)),
    *(MappedWish(LEAST_GAP, digits, width, stacked=True) for digits in (3, 2) for width in (6, 4)),
    MappedWish(LEAST_GAP, 2, 4, stacked=True, input_digits=0),
    *(MappedWish(LEAST_GAP, 0, width) for width in (6, 4, 3)),
)
"""Those that are tried, in this order."""


@lru_cache(maxsize=256)
def laid(shapes: tuple[Shape, ...], width: int, height: int, look: Look, *, mapped: bool) -> Layout | None:
    """The layout in `width` × `height` cells, with maps where that is asked for and fits; None without room.

    It is the same for all states of a network, and kept.
    """
    most = max(len(shape.names) for shape in shapes)
    if len(shapes) < 2 or most > height or min(len(shape.names) for shape in shapes) == 0:
        return None
    top = 1 if height > most and any(shape.titled for shape in shapes) else 0
    edges = sum(len(one.names) * len(other.names) for one, other in pairwise(shapes))
    few = most <= MOST_UNITS or (most <= MOST_MAPPED and edges <= MOST_EDGES)
    found = mapped_layout(shapes, width, height, top, look) if mapped and few else None
    if found is not None or most > MOST_UNITS:
        return found
    return plain_layout(shapes, width, min(height, top + 4 * most), top, look)


def longest_name(shapes: Sequence[Shape], look: Look) -> int:
    return max((cell_len(look.text(text)) for shape in shapes for text in shape.names), default=1)


def plain_layout(shapes: Sequence[Shape], width: int, height: int, top: int, look: Look) -> Layout | None:
    """The layout with most digits, and room for labels where that costs no more than a digit or two."""
    longest, count = longest_name(shapes, look), len(shapes)

    def layout(node: Node, gap: int) -> Layout:
        return Layout((node,) * count, min(gap, MOST_GAP), height, top)

    for digits in BOTH_DIGITS:
        node = Node(digits, min(longest, MOST_NAME), min(longest, MOST_NAME) + 4 + 2 * (digits + 3), both=True)
        if (gap := (width - count * node.width) // (count - 1)) >= LABEL_GAP:
            return layout(node, gap)
    for least, most_digits, most_name in ((LABEL_GAP, (4,), MOST_NAME), *NARROWER):
        for digits in most_digits:
            name = min(longest, most_name)
            node = Node(digits, name, name + 2 + (digits + 4 if digits else 0) - (digits == 2))
            if (gap := (width - count * node.width) // (count - 1)) >= least:
                return layout(node, gap)
    return None


def mapped_layout(shapes: Sequence[Shape], width: int, height: int, top: int, look: Look) -> Layout | None:
    """The first of the wishes that fits."""
    most = max(len(shape.names) for shape in shapes)
    for wish in WISHES:
        own_height = min(height, top + most * (wish.map_width // 2 + 2))
        nodes = tuple(mapped_node(shape, own_height - top, wish, look) for shape in shapes)
        gap = (width - sum(node.width for node in nodes)) // (len(shapes) - 1)
        if gap >= wish.gap:
            return Layout(nodes, min(gap, MOST_GAP), own_height, top)
    return None


def mapped_node(shape: Shape, height: int, wish: MappedWish, look: Look) -> Node:
    """The node of a column, as high as its share of the lines lets it be and its map wants it."""
    share, has_bias = height // len(shape.names), shape.has_bias
    digits = wish.digits if shape.is_layer or wish.input_digits is None else wish.input_digits
    name = min(longest_name([shape], look), MOST_NAME if wish.gap >= LABEL_GAP else SHORT_NAME)
    number = digits + 4 if digits else 0
    above = 1 + has_bias
    if wish.stacked and share >= above + 2:
        map_lines = min(wish.map_width // 2, share - above)
        map_width = max(2 * map_lines, 4)
        width = 1 + max(name + number, map_width, 2 if has_bias else 0)
        return Node(digits, name, width, False, above + map_lines, map_width, True, has_bias)
    lines = max(1, min(wish.map_width // 2, share))
    map_width = min(wish.map_width, max(2 * lines, 4))
    texts = name + number + has_bias if lines == 1 else max(name + number, 2) + 1
    return Node(digits, name, 1 + texts + map_width, False, lines, map_width, False, has_bias)


def centers(rows: Sequence[int], node: Node, *, mapped: bool) -> list[float]:
    """Where the edges of a column's nodes begin and end, in rows."""
    middle = (node.lines - 1) / 2 if mapped else 0.0
    return [row + middle for row in rows]
