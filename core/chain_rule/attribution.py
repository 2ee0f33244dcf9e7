"""Attribution of decay: which parts of the layers made a gradient larger or smaller on its way down.

The Frobenius norm over the batch changes at every op of the backward pass. Between two neighbours the ratio of norms
belongs to what stands between them: ‖dN‖/‖dA‖ to the slopes of the activation, ‖dA⁽ˡ⁻¹⁾‖/‖dZ⁽ˡ⁾‖ to the weights.
Their logarithms add up to that of the whole way, exactly, since every norm but the ends' is divided out.
"""

from itertools import groupby, pairwise
from math import inf, isfinite, isnan, log10, nan
from typing import Literal

from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.norm import norm
from backprop_tui.core.ops.quantity import Quantity, of_layer
from backprop_tui.core.training.plan import Plan
from backprop_tui.core.value_class import dataclass

Kind = Literal["mask", "slope", "batch norm", "weights", "input"]
BELOW: dict[str, Kind] = {"dA": "weights", "dF": "mask", "dN": "slope", "dZ": "slope"}
"""What the gradient has just passed, by the symbol that it bears there; dZ behind dN has passed the batch norm."""

EVEN = 1e-12
"""A change of log₁₀ below this is rounding."""


@dataclass(frozen=True, slots=True)
class Link:
    """One part that the gradient passes: its layer, and name and norm of the gradient before (above) and after it.

    `detail` is the activation of slopes, `residual` of weights with a shortcut past them, else empty. Of a parameter's
    gradient, of kind `input`, it is the name of what the weights were given to multiply.
    """

    layer: int
    kind: Kind
    detail: str
    above: str
    below: str
    norm_above: float
    norm_below: float

    @property
    def log10(self) -> float:
        """log₁₀ of the ratio; −inf where the part made the gradient 0, 0 where it was 0 already."""
        return change(self.norm_above, self.norm_below)

    @property
    def title(self) -> str:
        """`slopes of sigmoid`, `weights`."""
        match self.kind:
            case "slope":
                return f"slopes of {self.detail}"
            case "mask":
                return "dropout masks"
            case "weights":
                return "weights and the shortcuts past them" if self.detail else "weights"
            case "input":
                return "inputs of the weights"
        return "batch norm"


@dataclass(frozen=True, slots=True)
class Group:
    """All parts of one kind on a way: log₁₀ of what they did together, and how many they are."""

    title: str
    log10: float
    links: tuple[Link, ...]

    @property
    def each(self) -> float:
        """The geometric mean of their ratios."""
        return power(self.log10 / len(self.links))

    @property
    def extent(self) -> str:
        """`0.23 a layer`, `0.23 in layer 2`; of inputs, which stand at the ends of a way, `0.23 from layer 5 to 1`."""
        first, last = self.links[0], self.links[-1]
        if first.kind == "input":
            return f"{power(self.log10):.2g} from layer {first.layer} to {last.layer}"
        return f"{self.each:.2g} a layer" if len(self.links) > 1 else f"{self.each:.2g} in layer {first.layer}"


@dataclass(frozen=True, slots=True)
class Way:
    """What a gradient passed between two places, in the order in which it did."""

    links: tuple[Link, ...]

    @property
    def log10(self) -> float:
        """log₁₀ of the last norm over the first; NaN where the first is 0: then there is nothing to compare with.

        The sum of the links' logarithms, unless the gradient was 0 on the way and a shortcut brought it back.
        """
        if not self.links:
            return 0.0
        first, last = self.links[0].norm_above, self.links[-1].norm_below
        return nan if first == 0 else change(first, last)

    @property
    def stopped_by(self) -> Link | None:
        """The part that made the gradient 0 for good; None where it arrives, or never set out."""
        if not self.links or self.links[-1].norm_below != 0:
            return None
        return next((link for link in reversed(self.links) if link.norm_above != 0), None)

    @property
    def groups(self) -> tuple[Group, ...]:
        """The parts by kind, the greatest decay first."""

        def title(link: Link) -> str:
            return link.title

        together = [(name, tuple(links)) for name, links in groupby(sorted(self.links, key=title), key=title)]
        found = [Group(name, sum(link.log10 for link in links), links) for name, links in together]
        return tuple(sorted(found, key=lambda group: inf if isnan(group.log10) else group.log10))


@dataclass(frozen=True, slots=True)
class LayerDecay:
    """One layer's part, in log₁₀: ‖dZ‖/‖dA‖, split into mask, slope and batch norm, and ‖dA of the layer below‖/‖dZ‖.

    None for a part that the layer does not have: where output and loss are one op there is no slope, and layer 1 hands
    nothing on. `total` is ‖dZ‖ of this layer over that of the last, `input` is ‖dW‖/‖dZ‖.
    """

    layer: int
    mask: float | None
    slope: float | None
    batch_norm: float | None
    weights: float | None
    residual: bool
    input: float
    total: float

    @property
    def activation(self) -> float:
        """‖dZ‖/‖dA‖, of what there is of it."""
        return sum(part for part in (self.mask, self.slope, self.batch_norm) if part is not None)


@dataclass(frozen=True, slots=True)
class Attribution:
    """Every part that the gradient passes from the loss down to dZ⁽¹⁾, and for each layer from dZ to dW."""

    links: tuple[Link, ...]
    inputs: tuple[Link, ...]

    def between(self, lower: int, upper: int) -> Way:
        """From dZ of layer `upper` down to dZ of layer `lower`, lower ≤ upper."""
        start, end = of_layer("dZ", upper), of_layer("dZ", lower)
        if start == end:
            return Way(())
        names = [link.above for link in self.links]
        last = next(i for i, link in enumerate(self.links) if link.below == end)
        return Way(self.links[names.index(start) : last + 1])

    def between_weights(self, lower: int, upper: int) -> Way:
        """From dW of layer `upper` to dW of layer `lower`: up to its dZ, down to the other, and to its dW."""
        if lower == upper:
            return Way(())
        top, bottom = self.inputs[upper - 1], self.inputs[lower - 1]
        back = Link(upper, "input", top.detail, top.below, top.above, top.norm_below, top.norm_above)
        return Way((back, *self.between(lower, upper).links, bottom))

    @property
    def layers(self) -> tuple[LayerDecay, ...]:
        """Layer by layer, 1 … L."""
        last = len(self.inputs)
        return tuple(self.of_layer(number, last) for number in range(1, last + 1))

    def of_layer(self, number: int, last: int) -> LayerDecay:
        own = {link.kind: link for link in self.links if link.layer == number}
        logs = {kind: link.log10 for kind, link in own.items()}
        return LayerDecay(
            layer=number,
            mask=logs.get("mask"),
            slope=logs.get("slope"),
            batch_norm=logs.get("batch norm"),
            weights=logs.get("weights"),
            residual="weights" in own and own["weights"].detail == "residual",
            input=self.inputs[number - 1].log10,
            total=self.between(number, last).log10,
        )


def attribution(plan: Plan, layers: tuple[Layer, ...]) -> Attribution:
    """The attribution of a step whose backward pass has run."""
    norms = {quantity: norm(quantity.array) for quantity in plan.quantities.values() if quantity.place > 0}
    chain = sorted((q for q in norms if q.symbol in BELOW and q.layer is not None), key=lambda q: q.place)

    def link(above: Quantity, below: Quantity) -> Link:
        # What stands between a dA and the dZ above it are the weights of the layer of that dZ.
        kind: Kind = "batch norm" if above.symbol == "dN" else BELOW[below.symbol]
        number = (above if kind == "weights" else below).layer or 0
        layer = layers[number - 1]
        detail = layer.activation if kind == "slope" else "residual" if kind == "weights" and layer.residual else ""
        return Link(number, kind, detail, above.name, below.name, norms[above], norms[below])

    def to_weights(layer: Layer) -> Link:
        dZ, dW = plan["dZ", layer.number], plan["dW", layer.number]
        given = "X" if layer.number == 1 else of_layer("A", layer.number - 1)
        return Link(layer.number, "input", given, dZ.name, dW.name, norms[dZ], norms[dW])

    return Attribution(
        links=tuple(link(above, below) for above, below in pairwise(chain)),
        inputs=tuple(to_weights(layer) for layer in layers),
    )


def culprit(found: Attribution, lower: int = 1, upper: int | None = None) -> str:
    """In words, what did most to the gradient of the weights between two layers, by default the first and the last.

    Where the upper layer's weights get none, since all their inputs are 0, it is followed from that layer's dZ.
    """
    way = found.between_weights(lower, len(found.inputs) if upper is None else upper)
    if not way.links:
        return "there is nothing between a layer and itself"
    if way.links[0].norm_above == 0:
        way = Way(way.links[1:])
    broken = next((link for link in way.links if not isfinite(link.norm_below)), None)
    if not isfinite(way.links[0].norm_above):
        return f"{way.links[0].above} is not finite"
    if broken is not None:
        return f"{broken.below} is not finite, behind the {broken.title} in layer {broken.layer}"
    if way.links[0].norm_above == 0:
        return f"{way.links[0].above} is 0: there is no gradient to begin with"
    stopped = way.stopped_by
    if stopped is not None:
        return f"{stopped.title} in layer {stopped.layer}: {stopped.below} is 0"
    if abs(way.log10) < EVEN:
        return "nothing: both gradients are of the same size"
    blocked = next((link for link in way.links if link.log10 == -inf), None)
    if blocked is not None:
        return f"{blocked.title} in layer {blocked.layer}: {blocked.below} is 0, only the shortcut passes them"
    strongest = way.groups[0 if way.log10 < 0 else -1]
    return f"{strongest.title}: {strongest.extent}"


def change(above: float, below: float) -> float:
    """log₁₀(below/above) of two norms, as a difference of logarithms; 0 where both are 0. NaN for what is no number."""
    if above == 0:
        return 0.0 if below == 0 else nan if isnan(below) else inf
    if below == 0:
        return nan if isnan(above) else -inf
    return log10(below) - log10(above)


def power(exponent: float) -> float:
    """10 to the power, inf where that is too large for a float."""
    return inf if exponent > 308 else 10.0**exponent
