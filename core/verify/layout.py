"""How somebody's arrays are laid out, and the same arrays as this program lays them: examples as columns.

Found out from the shapes; where these leave it open, every reading that is left is handed on.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.preset.named_file import LARGEST, size
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.value_class import dataclass

from .names import Key, written

Array = NDArray[Any]
Arrays = Mapping[Key, Array]

OF_WEIGHTS = ("W", "dW", "W_new", "dW_previous", "m_W", "v_W", "s_W")
OF_EXAMPLES = ("Z", "A", "N", "Z_hat", "mask", "dA", "dZ", "dN")
GIVEN = ("X", "Y", "W", "b", "gamma", "beta", "mask", "m_W", "v_W", "s_W", "m_b", "v_b", "s_b")
"""What a step starts from, in whose shapes nothing may be wrong."""


@dataclass(frozen=True, slots=True)
class Layout:
    """`rows`: each example is a row, else a column. `inputs_first`: weights are (inputs, units), else (units, inputs).

    `biases`: the shape of somebody's biases with units as `u`: `(u,)`, `(u, 1)` or `(1, u)`.
    """

    rows: bool
    inputs_first: bool
    biases: str = "(u,)"

    @property
    def examples(self) -> str:
        return "rows" if self.rows else "columns"

    @property
    def weights(self) -> str:
        return "inputs_units" if self.inputs_first else "units_inputs"


def layouts(arrays: Arrays, given: Arrays, source: str) -> list[Layout]:
    """The layouts that the shapes allow, those first that more arrays fit. `given`: what is there without the file.

    Raises PresetError where what the step starts from fits together in none.
    """
    biases = bias_shape(array for (symbol, _), array in arrays.items() if symbol in ("b", "db", "b_new"))
    weight_keys(arrays, given, source)
    if ("X", None) not in arrays and ("X", None) not in given:
        raise PresetError(f'{source}: expected the inputs of the step, called "X"; found none')
    found: list[tuple[int, int, Layout]] = []
    problems: list[MisfitError] = []
    for rows in (True, False):
        for inputs_first in (True, False):
            layout = Layout(rows, inputs_first, biases)
            try:
                shapes = widths(arrays, given, layout, source)
            except MisfitError as problem:
                problems.append(problem)
                continue
            found.append((misfits(arrays, layout, shapes), len(found), layout))
    if not found:
        raise max(problems, key=lambda problem: problem.fitted)
    return [layout for _, _, layout in sorted(found, key=lambda entry: entry[:2])]


class MisfitError(PresetError):
    """A shape that does not fit in a layout, where `fitted` arrays did before it."""

    def __init__(self, message: str, fitted: int) -> None:
        super().__init__(message)
        self.fitted = fitted


def bias_shape(arrays: Iterable[Array]) -> str:
    """How biases stand, by the first that tells."""
    for array in arrays:
        if array.ndim == 2 and array.shape[0] != array.shape[1]:
            return "(u, 1)" if array.shape[1] == 1 else "(1, u)"
    return "(u,)"


@dataclass(frozen=True, slots=True)
class Widths:
    """`units`: those of the inputs and of each layer; `examples`: how many there are."""

    units: tuple[int, ...]
    examples: int

    @property
    def layers(self) -> int:
        return len(self.units) - 1


def widths(arrays: Arrays, given: Arrays, layout: Layout, source: str) -> Widths:
    """The sizes of the network; raises PresetError where the shapes do not fit in this layout."""
    weights = [
        laid_weights(arrays[key], layout) if key in arrays else given[key] for key in weight_keys(arrays, given, source)
    ]
    units = [weights[0].shape[1], *(array.shape[0] for array in weights)]
    fitted = 0
    for layer, array in enumerate(weights, 1):
        if array.shape[1] != units[layer - 1]:
            wanted = f"{units[layer - 1]} inputs, as many as the layer below has units"
            raise misfit(source, arrays, ("W", layer), wanted, fitted)
        fitted += 1
    for layer in range(1, len(units)):
        if ("b", layer) in arrays and arrays["b", layer].size != units[layer]:
            raise misfit(source, arrays, ("b", layer), f"{units[layer]} number(s), one a unit", fitted)
        fitted += 1
    inputs = inputs_of(arrays, given, layout, units[0], source, fitted)
    return Widths(tuple(units), inputs.shape[1])


def misfit(source: str, arrays: Arrays, key: Key, wanted: str, fitted: int) -> MisfitError:
    shape = f"of shape {arrays[key].shape}" if key in arrays else "in the preset"
    return MisfitError(f"{source}: {written(key)}: expected {wanted}, found an array {shape}", fitted)


def weight_keys(arrays: Arrays, given: Arrays, source: str) -> list[Key]:
    """W of each layer, 1 … L; raises PresetError where one is missing or is no matrix."""
    keys = sorted({key for key in (*arrays, *given) if key[0] == "W"}, key=lambda key: key[1] or 0)
    if not keys:
        raise PresetError(f"{source}: expected weights before the update, called W1, W2, …; found none")
    for place, key in enumerate(keys, 1):
        if key[1] != place:
            raise PresetError(f"{source}: expected weights of all layers 1 … {keys[-1][1]}, found no W{place}")
        if key in arrays and arrays[key].ndim != 2:
            raise PresetError(f"{source}: {written(key)}: expected a matrix, found shape {arrays[key].shape}")
        if key in arrays and not arrays[key].size:
            raise PresetError(f"{source}: {written(key)}: expected a matrix of numbers, found an empty one")
    return keys


def laid_weights(array: Array, layout: Layout) -> Array:
    """(units, inputs)."""
    return array.T if layout.inputs_first else array


def inputs_of(arrays: Arrays, given: Arrays, layout: Layout, features: int, source: str, fitted: int) -> Array:
    """X: (features, m)."""
    key = ("X", None)
    if key not in arrays:
        X = given[key]
    else:
        X = arrays[key]
        if X.ndim > 2 and layout.rows:
            # Images: each example's numbers in a row.
            X = X.reshape(len(X), -1)
        X = laid_examples(X, features, layout)
    if X.ndim != 2 or X.shape[0] != features or not X.size:
        shape = arrays[key].shape if key in arrays else X.shape
        raise MisfitError(
            f"{source}: X: expected {features} feature(s), as many as W1 has inputs, found shape {shape}", fitted
        )
    return X


def laid_examples(array: Array, units: int, layout: Layout) -> Array:
    """(units, m) of an array of one row or column an example; one axis is one example, or one unit."""
    if array.ndim == 0:
        return array.reshape(1, 1)
    if array.ndim == 1:
        return array.reshape(-1, 1) if array.size == units else array.reshape(1, -1)
    return array.T if layout.rows and array.ndim == 2 else array


def misfits(arrays: Arrays, layout: Layout, found: Widths) -> int:
    """How many computed arrays do not have the shape that they have in this layout."""
    return sum(
        laid(key, array, layout, found).shape != shape_of(key, found)
        for key, array in arrays.items()
        if key[0] in (*OF_WEIGHTS, *OF_EXAMPLES) and key[1] is not None
    ) + (raw_targets_misfit(arrays, layout, found))


def raw_targets_misfit(arrays: Arrays, layout: Layout, found: Widths) -> int:
    Y = arrays.get(("Y", None))
    if Y is None or Y.ndim != 2 or 1 in Y.shape:
        return 0
    return int(laid_examples(Y, found.units[-1], layout).shape != (found.units[-1], found.examples))


def shape_of(key: Key, found: Widths) -> tuple[int, ...]:
    """The shape of a quantity as this program lays it."""
    symbol, layer = key
    if layer is None:
        return {"X": (found.units[0], found.examples), "Y": (found.units[-1], found.examples)}.get(symbol, ())
    if symbol in OF_WEIGHTS:
        return found.units[layer], found.units[layer - 1]
    if symbol in OF_EXAMPLES:
        return found.units[layer], found.examples
    return (found.units[layer],)


def laid(key: Key, array: Array, layout: Layout, found: Widths) -> Array:
    """An array as this program lays it; one that has another shape stays what it is, turned as the others are.

    An array of one number an example that only fits when it is turned is turned.
    """
    symbol, layer = key
    wanted = shape_of(key, found)
    if layer is None:
        return array
    if symbol in OF_WEIGHTS:
        return laid_weights(array, layout) if array.ndim == 2 else array
    if symbol in OF_EXAMPLES:
        turned = laid_examples(array, wanted[0], layout)
        return turned.T if turned.shape != wanted and turned.T.shape == wanted else turned
    return array.reshape(-1) if array.size == wanted[0] and array.ndim <= 2 else array


def laid_targets(array: Array, found: Widths, layout: Layout, source: str) -> tuple[Array, bool]:
    """Y: (outputs, m), and whether it was made of class numbers."""
    K, m = found.units[-1], found.examples
    if array.size == m and K > 1:
        return one_hot(array.reshape(-1), K, source), True
    Y = laid_examples(array, K, layout)
    if Y.shape != (K, m) and Y.T.shape == (K, m):
        Y = Y.T
    if Y.shape != (K, m):
        raise PresetError(
            f"{source}: Y: expected {K} target(s) for each of {m} example(s), or a class number for each, found shape "
            f"{array.shape}"
        )
    return Y.astype(np.float64), False


def one_hot(classes: Array, K: int, source: str) -> Array:
    """(K, m) from class numbers, from 0 or, where K is among them and 0 is not, from 1."""
    numbers = classes.astype(np.float64)
    if (numbers != np.round(numbers)).any() or numbers.min() < 0 or numbers.max() > K:
        raise PresetError(f"{source}: Y: expected class numbers from 0 to {K - 1}, found others")
    first = int(numbers.max() == K)
    if first and numbers.min() == 0:
        raise PresetError(f"{source}: Y: expected {K} classes, as many as outputs, found class numbers 0 to {K}")
    found = np.zeros((K, numbers.size))
    found[numbers.astype(int) - first, np.arange(numbers.size)] = 1
    return found


def check_room(found: Widths, source: str) -> None:
    """Raises PresetError where the arrays of a step would need more than 1 GB."""
    needed = 8 * (20 * sum(found.units) * found.examples + 12 * sum(map(area, found.units, found.units[1:])))
    if needed > LARGEST:
        raise PresetError(f"{source}: a step of this network would need {size(needed)}, the limit is {size(LARGEST)}")


def area(inputs: int, units: int) -> int:
    return inputs * units
