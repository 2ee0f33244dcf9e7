"""The network as what it is: one function in another, `σ(W⁽²⁾ σ(W⁽¹⁾ X + b⁽¹⁾) + b⁽²⁾)`, op by op from inside out.

Each forward op puts something before and behind what is inside it; backward ops are about the forward op that they
go back through.
"""

from collections.abc import Collection

from backprop_tui.core.ops.event import Op
from backprop_tui.core.ops.quantity import Quantity
from backprop_tui.core.training.plan import Plan
from backprop_tui.core.value_class import dataclass


@dataclass(frozen=True, slots=True)
class Station:
    """A forward op in the nested function: what it writes before and behind what is inside, and what it makes.

    `summed`: as an argument of what multiplies it, it stands in brackets.
    """

    op: Op
    before: str
    behind: str
    made: Quantity
    summed: bool = False

    @property
    def gradient(self) -> str:
        """The symbol of the gradient at what it makes."""
        return f"d{self.made.symbol}"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the expression: its text and the station that it belongs to, None for what is innermost."""

    text: str
    station: Station | None


def stations(plan: Plan) -> list[Station]:
    """The forward ops as stations, from the innermost out."""
    found: list[Station] = []
    for op in plan.ops:
        if op.phase == "forward":
            found.append(station(op, summed=bool(found) and found[-1].summed))
    return found


def station(op: Op, *, summed: bool) -> Station:
    """What a forward op writes around what is inside; that is a sum or a product of its own where `summed`."""
    if op.name == "Z":
        W, _, *bias = op.reads
        brackets = ("(", ")") if summed else ("", "")
        behind = f"{brackets[1]} + {bias[0].name}" if bias else brackets[1]
        return Station(op, f"{W.name} {brackets[0]}", behind, op.result)
    symbols = [quantity.symbol for quantity in op.writes]
    if "N" in symbols:
        return Station(op, "norm(", ")", op.writes[symbols.index("N")])
    mask = next((quantity for quantity in (*op.reads, *op.writes) if quantity.symbol == "M"), None)
    if mask is not None:
        return Station(op, f"{mask.name} ⊙ ", "", op.result, summed=True)
    if len(op.reads) == 2:
        return Station(op, f"{op.reads[0].name} + ", "", op.result, summed=True)
    return Station(op, f"{function_name(op)}(", ")", op.result)


def function_name(op: Op) -> str:
    """`σ` of the rule `A = σ(Z)   σ(z) = …`."""
    return op.rule.partition(" = ")[2].partition("(")[0]


def expression(
    found: list[Station], innermost: str, first: int = 0, shown: Collection[int] | None = None
) -> list[Piece]:
    """The pieces of the nested function in reading order, with `innermost` in place of all before station `first`.

    Of stations whose layers are not in `shown` an ellipsis is left, on either side.
    """
    left: list[Piece] = []
    right: list[Piece] = []
    for one in found[first:]:
        if shown is not None and one.op.layer not in shown:
            if not left or left[0].text != "… ":
                left.insert(0, Piece("… ", None))
                right.append(Piece(" …", None))
            continue
        left.insert(0, Piece(one.before, one))
        right.append(Piece(one.behind, one))
    return [piece for piece in (*left, Piece(innermost, None), *right) if piece.text]


def station_of(op: Op, found: list[Station]) -> Station | None:
    """The station that an op is about: itself, or what it goes back through; None of the loss and its slope.

    An update is about the weights of its layer.
    """
    if op.phase == "forward":
        return next((one for one in found if one.op is op), None)
    return next((one for one in reversed(found) if one.op.layer == op.layer and passes(op, one)), None)


def passes(op: Op, one: Station) -> bool:
    """Whether an op that goes back, or an update, is about a forward op of its layer."""
    made, symbol = one.made.symbol, op.result.symbol
    if op.phase == "update" or symbol == "dW" or (op.local is not None and op.local.symbol == "W"):
        return one.op.name == "Z"
    if any(quantity.symbol == "Ẑ" for quantity in op.reads):
        return made == "N"
    if symbol == "dF":
        return "⊙" in one.before
    return symbol in ("dZ", "dN") and made in ("A", "F") and one.before.endswith("(")


def computed_stations(found: list[Station], events: int) -> int:
    """How many of the stations have run after so many events of a step."""
    return sum(one.op.place < events for one in found)
