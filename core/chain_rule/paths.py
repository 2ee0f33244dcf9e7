"""The paths of one gradient: every way from the loss down to a parameter, as a product of local factors.

A path takes one term out of every sum of the backward pass. So the gradient is the sum of its paths, and in a deep
network of very many that cancel each other. They are expanded by the very expressions that the ops give for their
numbers, back to the first gradient of the backward pass: whatever a layer consists of, its paths need no rule of
their own. Where batch norm couples the examples of a batch, paths run through the other examples as well.

How they are counted, added and ranked without being listed is in `path_graph`.
"""

from itertools import groupby
from math import inf, log10
from typing import Literal

import numpy as np

from backprop_tui.core.ops.expression import Constant, Expression, Reference
from backprop_tui.core.ops.quantity import Index, Quantity
from backprop_tui.core.training.plan import Plan
from backprop_tui.core.value_class import dataclass

from .path_graph import Node, PathGraph
from .printed import cancelled

LIMIT = 512
"""Up to so many paths all of them are listed."""

STRONGEST = 24
"""Of more paths so many are listed: the strongest."""

Kind = Literal["upstream", "slope", "weight", "shortcut", "mask", "normalization", "input", "mean", "constant", "sign"]
KINDS: dict[str, Kind] = {
    "W": "weight",
    "M": "mask",
    "γ/s": "normalization",
    "Ẑ": "normalization",
    "1/m": "mean",
    "−1": "sign",
}


@dataclass(frozen=True, slots=True)
class Factor:
    """One number of a path. `layer` is the layer in whose backward pass it is multiplied; `reference` is there
    where it is one entry of a quantity, and leads to the op that made it."""

    symbol: str
    value: float
    layer: int | None
    kind: Kind
    reference: Reference | None = None

    @property
    def log10(self) -> float:
        return magnitude(self.value)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a path does in one layer: log₁₀ of its factors there, and of all factors from the loss down to there."""

    layer: int | None
    log10: float
    total: float


@dataclass(frozen=True, slots=True)
class Path:
    """Factors from the loss down to the parameter, and their product. `share` is its part of all |products|."""

    factors: tuple[Factor, ...]
    product: float
    share: float

    @property
    def log10(self) -> float:
        """The sum of the factors' logarithms: finite even where the product is too small for a float."""
        return sum(factor.log10 for factor in self.factors)

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """The path layer by layer, from the loss down."""
        found, total = [], 0.0
        for layer, factors in groupby(self.factors, key=lambda factor: factor.layer):
            here = sum(factor.log10 for factor in factors)
            total += here
            found.append(Stretch(layer, here, total))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class PathView:
    """The paths of ∂ℒ/∂`parameter`, strongest first; all `count` of them, or the strongest.

    `example` is the example whose part of the gradient they add up to, None for the whole gradient. `gradient` is the
    whole gradient as the step computed it, and `part` what it computed of it for that example, 1/m included: so
    the parts of all examples add up to the gradient. `signed_sum` and `magnitude_sum` are Σ products and Σ |products|
    over all paths, whether listed or not; `cancels`: the first, and the gradient, are no more than the rounding of the
    second. `of_all` is the number of paths of all entries of the parameter together. `starts` counts the examples at
    whose loss paths begin: more than one for one example's part where batch norm couples them.
    """

    parameter: str
    example: int | None
    gradient: float
    part: float
    count: int
    of_all: int
    starts: int
    signed_sum: float
    magnitude_sum: float
    cancels: bool
    paths: tuple[Path, ...]

    @property
    def complete(self) -> bool:
        """Whether every path is listed."""
        return len(self.paths) == self.count

    @property
    def coupled(self) -> bool:
        """Whether paths of one example's part run through other examples."""
        return self.example is not None and self.starts > 1

    @property
    def strongest_share(self) -> float:
        """The strongest path's share of Σ |products|."""
        return self.paths[0].share if self.paths else 0.0

    @property
    def listed_share(self) -> float:
        """The share of Σ |products| that the listed paths have together."""
        return sum(path.share for path in self.paths)

    @property
    def remainder(self) -> float:
        """|Σ products| / Σ |products|: 1 where all paths pull the same way, near 0 where they cancel; 0 without any."""
        return ratio(abs(self.signed_sum), self.magnitude_sum)


def path_view(
    plan: Plan, gradient: Quantity, index: Index, example: int | None = None, strongest: int = STRONGEST
) -> PathView:
    """The paths of the entry `index` of a parameter's gradient (dW, db, dγ, dβ), once the step has computed it.

    `example` counts from 0, and in a batch with fewer examples is the last.
    """
    chosen = None if example is None else min(example, plan.examples - 1)
    with np.errstate(all="ignore"):
        graph = PathGraph(plan, Reference(gradient, index), chosen)
        root = graph.root
        most = root.count if root.count <= LIMIT else strongest
        graph.rank(most)
        part = graph.gathered()
    magnitudes = float(root.magnitudes[0])
    known: dict[tuple[int, int], list[Factors]] = {}
    parameter = plan.find(gradient.symbol[1:], gradient.layer) or gradient
    own = abs(gradient.value(index) if chosen is None else part)
    return PathView(
        parameter=parameter.entry(index),
        example=chosen,
        gradient=gradient.value(index),
        part=part,
        count=root.count,
        of_all=root.count * gradient.array.size,
        starts=len(graph.examples),
        signed_sum=float(root.signed[0]),
        magnitude_sum=magnitudes,
        cancels=cancelled(max(own, abs(float(root.signed[0]))), magnitudes, float(np.finfo(gradient.array.dtype).eps)),
        paths=tuple(listed(graph, position, magnitudes, known) for position in range(len(root.product))),
    )


Factors = tuple[Factor, ...]


def listed(graph: PathGraph, position: int, magnitudes: float, known: dict[tuple[int, int], list[Factors]]) -> Path:
    """A path with its factors, from the loss down; `known` are those of terms that other paths have taken too."""
    steps: list[Factors] = []
    for node, number, example in graph.walk(position):
        key = id(node), example
        if key not in known:
            known[key] = factors_of(graph, node, example)
        steps.append(known[key][number])
        end = node.terms[number].child.quantity, node.terms[number].child.index(example)
    first = Factor(
        end[0].entry(end[1]), end[0].value(end[1]), layer_of(graph.plan, end[0]), "upstream", Reference(*end)
    )
    product = float(graph.root.product[position, 0])
    below = (factor for factors in reversed(steps) for factor in factors)
    return Path((first, *below), product, ratio(abs(product), magnitudes))


def factors_of(graph: PathGraph, node: Node, example: int) -> list[Factors]:
    """The local factors of each term. Past a layer, by its residual connection, there is none; it is shown as 1."""
    layer = layer_of(graph.plan, node.quantity)
    shortcut = Factor("1", 1.0, layer, "shortcut")
    return [
        (shortcut,)
        if node.quantity.symbol == reference.quantity.symbol == "dA"
        else tuple(factor_of(factor, node.quantity, layer) for factor in local)
        for local, reference in graph.terms_at(node, example)
    ]


def factor_of(local: Expression, gradient: Quantity, layer: int | None) -> Factor:
    """A local factor of an entry of `gradient`."""
    reference = local if isinstance(local, Reference) else None
    return Factor(local.symbols(), local.value(), layer, kind_of(local, gradient), reference)


def kind_of(local: Expression, gradient: Quantity) -> Kind:
    """What a local factor is: by its own symbol, else by what it helps to make."""
    symbol = local.quantity.symbol if isinstance(local, Reference) else local.symbols()
    if symbol in KINDS:
        return KINDS[symbol]
    if isinstance(local, Constant):
        return "constant"
    return "slope" if gradient.per_example else "input"


def layer_of(plan: Plan, quantity: Quantity) -> int | None:
    """The layer of the op that writes a quantity; that of layer 3 writes dA⁽²⁾, from W⁽³⁾."""
    op = plan.writer(quantity)
    return None if op is None else op.layer


def magnitude(value: float) -> float:
    """log₁₀|value|, −inf of 0."""
    return log10(abs(value)) if value != 0 else -inf


def ratio(part: float, whole_sum: float) -> float:
    """part / whole, 0 of nothing."""
    return part / whole_sum if whole_sum != 0 else 0.0
