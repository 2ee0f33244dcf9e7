"""How numbers, equations and places are said: each number with its name, nothing that has to be seen."""

from collections.abc import Iterator

import numpy as np

from backprop_tui.core.chain_rule.printed import is_rounding, spelled
from backprop_tui.core.chain_rule.statements import summary
from backprop_tui.core.ops.expression import Expression
from backprop_tui.core.ops.quantity import Quantity
from backprop_tui.tui.chain_rule.said_numbers import DIGITS, ROUNDING, in_digits
from backprop_tui.tui.drawing.numbers import format_number, format_precise

WHOLE = 48
"""Entries of a quantity that are told one by one without being asked for; of larger ones extent and norm are."""
BLANK = "not computed yet in this step"


def said(value: float | None) -> str:
    """A number in six digits; what there is none of yet is said to be blank."""
    return BLANK if value is None else format_number(value, 12, DIGITS)


def named(name: str, value: float | None) -> str:
    """`W⁽¹⁾₁,₁ = 0.15`, or that it is not computed yet."""
    return f"{name} is {BLANK}" if value is None else f"{name} = {said(value)}"


def exact(value: float) -> str:
    return format_precise(value)


def equation(name: str, expression: Expression, value: float) -> str:
    """`name = symbols = numbers = value`, with as many digits as the result asks for."""
    symbols, result = expression.symbols(), in_digits(value, DIGITS)
    numbers = spelled(expression, value, in_digits, DIGITS).numbers(str)
    parts = [name, symbols, *([] if numbers in (result, symbols) else [numbers])]
    if symbols != result:
        parts.append(result + (ROUNDING if is_rounding(expression, value) else ""))
    return " = ".join(parts)


def plainly(text: str) -> str:
    """A text without the signs that part its words on the screen."""
    return text.replace(" · ", ", ")


def size_text(shape: tuple[int, ...]) -> str:
    """`2 by 3`; a single number has no size."""
    return " by ".join(f"{size:,}" for size in shape)


def extent_text(quantity: Quantity, name: str | None = None) -> str:
    """`dW⁽¹⁾, 2 by 2: from −0.1 to 0.2, norm 0.3`."""
    found = summary(quantity)
    size = f", {size_text(quantity.array.shape)}" if quantity.array.shape else ""
    per_example = ", per example" if quantity.per_example and quantity.array.shape[-1] > 1 else ""
    head = f"{name or quantity.name}{size}{per_example}"
    return f"{head}: from {said(found.low)} to {said(found.high)}, norm {said(found.norm)}"


def entries(quantity: Quantity, most: int | None = None) -> Iterator[str]:
    """`dW⁽¹⁾₁,₂ = 0.1`, each entry under its name, row by row; of more than `most` the first."""
    size = quantity.array.size
    for place, index in enumerate(np.ndindex(quantity.array.shape)):
        if most is not None and place == most:
            yield f"{size - most:,} more entries; type all {quantity.typed()} for every one."
            return
        yield f"{quantity.entry(index)} = {said(quantity.value(index))}"
