"""The chain rule of any linear module, from what was recorded of it: dW = dZᵀ A, db the sum of dZ, dA = dZ W.

Arrays are as PyTorch lays them, a row an example (or a position of one), and gradients are those of the loss as it was
called backward on, the mean as a rule: so dZ carries its 1/m.
"""

from collections.abc import Callable
from dataclasses import field

import numpy as np

from backprop_tui.core.ops.expression import Constant, Expression, Product, Reference, Sum
from backprop_tui.core.ops.quantity import Index, Quantity
from backprop_tui.core.value_class import dataclass

from .kept_step import Floats, KeptStep
from .recorded_modules import BIAS, Module

MOST_TERMS = 5
"""Of a longer sum the largest terms are shown, and the rest as one number."""
NEAR = 1e-2
"""How near dZᵀA has to be to the recorded gradient for a module of another kind to be told to be linear."""


@dataclass(frozen=True, slots=True, eq=False)
class LinearStep:
    """What a kept step has of a linear module: W (outputs, inputs), A (rows, inputs), dZ (rows, outputs).

    `gradients`: what the optimizer got, by the module's names. `factor`: what gradients were multiplied by between the
    backward pass and the optimizer, as clipping does; 1 where nothing is known of it.
    """

    module: Module
    A: Floats
    dZ: Floats  # noqa: N815 (the field's symbol)
    W: Floats | None = None
    gradients: dict[str, Floats] = field(default_factory=dict)
    factor: float = 1.0

    @property
    def rows(self) -> int:
        return len(self.A)

    def computed(self) -> Floats:
        """dZᵀ A, (outputs, inputs)."""
        with np.errstate(all="ignore"):
            product: Floats = self.dZ.T @ self.A
        return product


@dataclass(frozen=True, slots=True)
class RecordedStatement:
    """`name` = `expression` = `value`; `recorded`: the number that the optimizer got, None where there is none."""

    name: str
    expression: Expression
    value: float
    recorded: float | None = None


def linear_step(step: KeptStep, module: Module) -> LinearStep | None:
    """The arrays of a linear module; None for one of another kind, or where A or dZ was not kept.

    A kind that is not called linear is one all the same where its gradient is dZᵀ A.
    """
    A, dZ = step.array(f"A/{module.number}"), step.array(f"dZ/{module.number}")
    if module.weight is None or A is None or dZ is None or A.ndim != 2 or dZ.ndim != 2 or len(A) != len(dZ):
        return None
    shape = (dZ.shape[1], A.shape[1])
    weight = step.shapes.get(f"θ/{module.weight}") or step.shapes.get(f"g/{module.weight}")
    if not A.size or not dZ.size or (weight is not None and weight[0] != shape):
        return None
    gradients = {own: step.array(f"g/{name}") for own, name in module.parameters.items()}
    fitting = {
        own: g for own, g in gradients.items() if g is not None and g.shape == (shape[:1] if own == BIAS else shape)
    }
    factor = step.number("gradient_factor")
    found = LinearStep(
        module, A, dZ, step.array(f"θ/{module.weight}"), fitting, factor if factor is not None and factor > 0 else 1.0
    )
    if module.kind.endswith("Linear"):
        return found
    distance = apart(found)
    return found if distance is not None and distance < NEAR else None


def apart(linear: LinearStep) -> float | None:
    """‖factor · dZᵀA − gradient‖ / ‖gradient‖ over all weights; None without a recorded gradient."""
    gradient = linear.gradients.get("weight")
    if gradient is None:
        return None
    with np.errstate(all="ignore"):
        distance = float(np.linalg.norm(linear.factor * linear.computed() - gradient))
        size = float(np.linalg.norm(gradient))
    if size == 0:
        return 0.0 if distance == 0 else float("inf")
    return distance / size


def statements(linear: LinearStep, output: int, source: int, row: int) -> list[RecordedStatement]:
    """dW at (`output`, `source`), db at `output`, and dA at (`row`, `source`): with at most a few terms each.

    The term of `row` is among those shown of the sums over rows, that of `output` among those of dA. Places from 0.
    """
    A, dZ = (
        Quantity(name, None, array, ("row", "feature"), "") for name, array in (("A", linear.A), ("dZ", linear.dZ))
    )

    def entry(quantity: Quantity, *index: int) -> Reference:
        return Reference(quantity, index)

    products = linear.dZ[:, output] * linear.A[:, source]
    found = [
        RecordedStatement(
            name_of("dW", (output, source)),
            shortened(products, row, lambda place: Product((entry(dZ, place, output), entry(A, place, source)))),
            float(products.sum()),
            entry_of(linear.gradients.get("weight"), (output, source)),
        )
    ]
    if BIAS in linear.module.parameters:
        column = linear.dZ[:, output]
        of_bias = shortened(column, row, lambda place: entry(dZ, place, output))
        recorded = entry_of(linear.gradients.get(BIAS), (output,))
        found.append(RecordedStatement(name_of("db", (output,)), of_bias, float(column.sum()), recorded))
    if linear.W is not None:
        W = Quantity("W", None, linear.W, ("output", "input"), "")
        back = linear.dZ[row] * linear.W[:, source]
        of_input = shortened(back, output, lambda place: Product((entry(dZ, row, place), entry(W, place, source))))
        found.append(RecordedStatement(name_of("dA", (row, source)), of_input, float(back.sum())))
    return found


def shortened(terms: Floats, keep: int, of: Callable[[int], Expression]) -> Expression:
    """The sum of `terms`, each of which `of` makes by its place: of more than a few the largest and that at `keep`."""
    if len(terms) <= MOST_TERMS:
        return Sum(tuple(of(place) for place in range(len(terms))))
    sizes = np.nan_to_num(np.abs(terms), nan=np.inf)
    sizes[keep] = np.inf
    kept = sorted(np.argsort(-sizes, kind="stable")[: MOST_TERMS - 1].tolist())
    rest = float(np.delete(terms, kept).sum())
    more = Constant(f"[{len(terms) - len(kept)} more]", rest)
    return Sum((*(of(place) for place in kept), more))


def name_of(symbol: str, index: Index) -> str:
    return Quantity(symbol, None, np.empty(0), (), "").entry(index)


def entry_of(array: Floats | None, index: Index) -> float | None:
    return None if array is None else float(array[index])
