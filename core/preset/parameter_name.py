"""Names of single parameters, such as W2[1,3], b1[2] and gamma1[2]: layer and indices count from 1."""

import re

from backprop_tui.core.ops.quantity import TYPED, Index
from backprop_tui.core.value_class import dataclass

from .schema import Place
from .tables import LayerPreset

SYMBOLS = {typed: symbol for symbol, typed in TYPED.items()}
PATTERN = re.compile(
    r"(?P<symbol>W|b|gamma|beta|γ|β)(?P<layer>[0-9]{1,9})\[(?P<row>[0-9]{1,9})(?:, ?(?P<column>[0-9]{1,9}))?\]"
)


@dataclass(frozen=True, slots=True)
class ParameterName:
    """One weight, `symbol` W, or one parameter of a unit, `symbol` b, γ or β, whose `column` is None."""

    symbol: str
    layer: int
    row: int
    column: int | None = None

    def __str__(self) -> str:
        indices = f"{self.row}" if self.column is None else f"{self.row},{self.column}"
        return f"{TYPED.get(self.symbol, self.symbol)}{self.layer}[{indices}]"

    @property
    def index(self) -> Index:
        """Its place in the parameter's array, from 0."""
        return (self.row - 1,) if self.column is None else (self.row - 1, self.column - 1)


def read_name(text: str, place: Place) -> ParameterName:
    """What `text` says, of whatever network. Raises PresetError for what is no name of a parameter."""
    match = PATTERN.fullmatch(text.strip())
    if not match or (match["symbol"] == "W") != (match["column"] is not None):
        raise place.expected(
            "a weight such as W1[1,1] or a bias such as b1[2], or gamma1[2], beta1[2] of a batch norm", text
        )
    symbol, column = SYMBOLS.get(match["symbol"], match["symbol"]), match["column"]
    return ParameterName(symbol, int(match["layer"]), int(match["row"]), int(column) if column else None)


def parameter_name(
    text: str, layers: tuple[LayerPreset, ...], features: int | None, place: Place | None = None
) -> ParameterName:
    """The parameter that `text` names; `features` is the number of inputs, None if it is not known yet.

    Raises PresetError for what is no such name, and for a parameter that the network does not have.
    """
    place = place or Place("")
    name = read_name(text, place)
    if not 1 <= name.layer <= len(layers):
        raise place.error(f"{name}: there is no layer {name.layer}, the network has layers 1 to {len(layers)}")
    layer = layers[name.layer - 1]
    inputs = features if name.layer == 1 else layers[name.layer - 2].units
    if name.symbol == "b" and not layer.bias:
        raise place.error(f"{name}: layer {name.layer} has no biases")
    if name.symbol in TYPED and not layer.batch_norm:
        raise place.error(f"{name}: layer {name.layer} has no batch norm")
    if not 1 <= name.row <= layer.units:
        raise place.error(f"{name}: layer {name.layer} has units 1 to {layer.units}")
    if name.column is not None and (name.column < 1 or (inputs is not None and name.column > inputs)):
        raise place.error(f"{name}: layer {name.layer} has inputs 1 to {inputs or '…'}")
    return name
