"""The rule of an op in whole matrices: what is multiplied or added, and what comes of it, to be drawn side by side.

A bias is drawn as what it is to the op: one more weight, whose input is always 1.
"""

import numpy as np

from backprop_tui.core.ops.event import Op
from backprop_tui.core.ops.expression import Quotient
from backprop_tui.core.ops.quantity import Array, Index, Quantity
from backprop_tui.core.value_class import dataclass

Part = Quantity | None
"""What a block is put together of: quantities, and None for ones."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A matrix with its name; `parts` stand side by side in it, or where `stacked` one below the other."""

    name: str
    array: Array
    parts: tuple[Part, ...]
    stacked: bool = False
    transposed: bool = False

    def place_of(self, quantity: Quantity, index: Index) -> tuple[int, int] | None:
        """Where an entry of a quantity stands in it, as row and column; None of what it does not hold."""
        if quantity not in self.parts:
            return None
        before = 0
        for part in self.parts[: self.parts.index(quantity)]:
            size = () if part is None else part.array.shape
            before += 1 if len(size) < 2 else size[0 if self.stacked else 1]
        row, column = index if len(index) == 2 else (index[0], 0)
        place = (row + before, column) if self.stacked else (row, column + before)
        return (place[1], place[0]) if self.transposed else place


Token = Block | str
"""A matrix, or what stands between two: `·`, `relu(`, `) =`."""


def matrix_rule(op: Op) -> tuple[Token, ...]:
    """The rule of an op as blocks with signs between them; empty for an op whose rule is no such line."""
    if op.phase == "forward":
        return forward_rule(op)
    if op.phase == "loss":
        return error_rule(op)
    return backward_rule(op) if op.phase == "backward" else ()


def forward_rule(op: Op) -> tuple[Token, ...]:
    """`[W | b] · [A; 1] = Z`, and `relu( Z ) = A`."""
    if op.name == "Z":
        W, below, *bias = op.reads
        inputs = beside_ones(below) if bias else block(below)
        return (side_by_side(W, *bias), "·", inputs, "=", block(op.result))
    if len(op.reads) == 1 and op.reads[0].symbol in ("Z", "N") and op.result.symbol in ("A", "F"):
        name = op.rule.partition(" = ")[2].partition("(")[0]
        return (f"{name}(", block(op.reads[0]), ") =", block(op.result))
    return ()


def error_rule(op: Op) -> tuple[Token, ...]:
    """`A − Y = E` of a squared error; the other losses have no such matrix."""
    error = next((quantity for quantity in op.writes if quantity.symbol == "E"), None)
    if error is None:
        return ()
    A, Y = op.reads
    return (block(A), "−", block(Y), "=", block(error))


def backward_rule(op: Op) -> tuple[Token, ...]:
    """`1/m · dZ · [A; 1]ᵀ = [dW | db]`, `Wᵀ · dZ = dA`, `dA ⊙ f′(Z) = dZ`, and `A − Y = dZ`."""
    if op.result.symbol == "dW":
        dZ, below = op.reads
        m = dZ.array.shape[1]
        share = (f"1/{m} ·",) if m > 1 else ()
        inputs = beside_ones(below) if len(op.writes) > 1 else block(below)
        return (*share, block(dZ), "·", transposed(inputs), "=", side_by_side(*op.writes))
    if op.result.symbol == "dA" and op.local is not None and op.local.symbol == "W":
        dZ, W, *past = op.reads
        added: tuple[Token, ...] = ("+", block(past[0])) if past else ()
        return (transposed(block(W)), "·", block(dZ), *added, "=", block(op.result))
    if op.upstream is not None and op.local is not None and op.local.symbol.partition("(")[0].endswith("′"):
        return (block(op.upstream), "⊙", block(op.local), "=", block(op.result))
    if [quantity.symbol for quantity in op.reads] == ["A", "Y"] and op.upstream is None:
        A, Y = op.reads
        made = op.explain(op.result, (0, 0))
        if isinstance(made, Quotient):
            return ("(", block(A), "−", block(Y), f") / {A.array.shape[0]} =", block(op.result))
        return (block(A), "−", block(Y), "=", block(op.result))
    return ()


def block(quantity: Quantity) -> Block:
    """A quantity alone; a vector as one column."""
    array = quantity.array
    return Block(quantity.name, array.reshape(len(array), -1), (quantity,))


def side_by_side(first: Quantity, *others: Quantity) -> Block:
    """`[W | b]`: a layer's weights with its biases as one more column."""
    if not others:
        return block(first)
    parts = (first, *others)
    name = "[" + " | ".join(part.name for part in parts) + "]"
    return Block(name, np.column_stack([part.array for part in parts]), parts)


def beside_ones(below: Quantity) -> Block:
    """`[A ; 1]`: what weights multiply, and below it the 1 that a bias does."""
    ones = np.ones((1, below.array.shape[1]), below.array.dtype)
    return Block(f"[{below.name} ; 1]", np.vstack([below.array, ones]), (below, None), stacked=True)


def transposed(of: Block) -> Block:
    """The same on its side: `(W⁽²⁾)ᵀ`, `[A⁽¹⁾ ; 1]ᵀ`, `Xᵀ`."""
    name = f"({of.name})ᵀ" if "⁽" in of.name and not of.name.startswith("[") else f"{of.name}ᵀ"
    return Block(name, of.array.T, of.parts, of.stacked, not of.transposed)
