"""Numbers by their names: `W2[1,3]`, `dZ1`, the spotlight, and another neuron or example to look at."""

import re
from collections.abc import Iterator
from dataclasses import replace

from backprop_tui.core.chain_rule.entry_names import entry_names
from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.chain_rule.statements import origin_text, statement
from backprop_tui.core.inquiry.given import known_matrix
from backprop_tui.core.ops.quantity import Quantity
from backprop_tui.core.preset.parameter_name import parameter_name
from backprop_tui.core.preset.schema import PresetError, suggestion
from backprop_tui.core.session.excursion import in_view
from backprop_tui.tui.drawing.symbols import ascii_symbols

from .run import PlainRun
from .said import BLANK, WHOLE, entries, equation, extent_text, plainly, said, size_text
from .whole_number import whole_number

ENTRY = re.compile(r"(?P<array>[^\[\]=]+?)\s*\[(?P<index>[0-9]{1,9}(?:\s*,\s*[0-9]{1,9})*)\]")
PARAMETERS = re.compile(r"(?:W|b|gamma|beta|γ|β)[0-9]{1,9}")
MOVES = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)}


def quantities(run: PlainRun) -> dict[str, Quantity]:
    """Every quantity of the step in hand by its name as it is typed, as it is told, and by how both read in ASCII."""
    found: dict[str, Quantity] = {}
    for quantity in run.session.plan.quantities.values():
        for name in (quantity.typed(), quantity.name):
            found.setdefault(name, quantity)
            found.setdefault(ascii_symbols(name), quantity)
    return found


def entry_in(run: PlainRun, line: str) -> tuple[str, str] | None:
    """The array and the index that a line names, `W2[1,3]` or as it is told, `W⁽²⁾₁,₃`; None where it names none."""
    found = ENTRY.fullmatch(ascii_symbols(line))
    if found is None or (" " in found["array"] and found["array"] not in quantities(run)):
        return None
    return found["array"], found["index"]


def entry_answer(run: PlainRun, array: str, index_text: str) -> Iterator[str]:
    """One entry; a parameter comes into the spotlight, and what its update is made of is told with it."""
    session, layers = run.session, run.session.preset.layers
    if PARAMETERS.fullmatch(array):
        name = parameter_name(f"{array}[{index_text}]", layers, len(session.dataset.inputs))
        run.view.spotlight = Spotlight.named(name, run.spotlight.example)
        run.view.wanted = None
        yield from spotlight_answer(run)
        return
    known = quantities(run)
    quantity = known.get(array) or known.get(array[:1].upper() + array[1:])
    if quantity is None:
        raise PresetError(f"there is no number called {array}[{index_text}]{suggestion(array, list(known))}")
    index = tuple(int(part) - 1 for part in index_text.split(","))
    shape = quantity.array.shape
    if len(index) != len(shape) or not all(0 <= place < size for place, size in zip(index, shape, strict=True)):
        raise PresetError(f"{quantity.typed()} is {size_text(shape)}, and has no [{index_text}]")
    yield from entry_sentences(run, quantity, index)


def entry_sentences(run: PlainRun, quantity: Quantity, index: tuple[int, ...]) -> Iterator[str]:
    """How one entry came about, as far as this step has got."""
    session, plan = run.session, run.session.plan
    if not session.computed(quantity) or not in_view(session):
        matrix = known_matrix(session, quantity)
        if matrix is not None:
            yield f"{quantity.entry(index)} = {said(float(matrix[index]))}, given."
            return
        op = plan.writer(quantity)
        maker = f": {plainly(origin_text(quantity, op, run.last))} will make it" if op is not None else ""
        yield f"{quantity.entry(index)} is {BLANK}{maker}."
        return
    op = plan.writer(quantity)
    if op is None or op.phase == "start":
        yield f"{quantity.entry(index)} = {said(quantity.value(index))}, {origin_text(quantity, op, run.last)}."
    elif (session.position.finished and op.phase == "update") or "chain_rule" in run.hide:
        yield f"{quantity.entry(index)} = {said(quantity.value(index))}"
    else:
        shown = statement(op, quantity, index, example=run.example(), spotlight=run.spotlight)
        yield equation(shown.name, shown.expression, shown.value)
    for name in entry_names(quantity, index, session.dataset, run.last):
        yield f'{name.kind} {name.number} is "{name.name}"'


def array_answer(run: PlainRun, quantity: Quantity, *, whole: bool) -> Iterator[str]:
    """All of a quantity: what it is, how large, and its entries, each under its name."""
    session = run.session
    known = known_matrix(session, quantity)
    what = f"{quantity.name} is {quantity.meaning}" if quantity.meaning else quantity.name
    if known is None or (not session.computed(quantity) and quantity.symbol not in ("X", "Y")):
        op = session.plan.writer(quantity)
        maker = f": {plainly(origin_text(quantity, op, run.last))} will make it" if op is not None else ""
        yield f"{what}, {size_text(quantity.array.shape) or 'one number'}. It is {BLANK}{maker}."
        return
    shown = Quantity(quantity.symbol, quantity.layer, known, quantity.axes, quantity.meaning)
    yield f"{what}."
    if known.size > 1:
        yield f"{extent_text(shown)}."
    yield from entries(shown, None if whole else WHOLE)


def all_of(run: PlainRun, text: str) -> Iterator[str]:
    """Every entry of a quantity, however many there are."""
    known = quantities(run)
    if text not in known:
        raise PresetError(f"expected a quantity such as dW1 or A2, found {text!r}{suggestion(text, list(known))}")
    yield from array_answer(run, known[text], whole=True)


def spotlight_answer(run: PlainRun) -> Iterator[str]:
    """The parameter that is looked at: its value, its gradient and what its update does to it; and the example."""
    session, spotlight = run.session, run.spotlight
    plan, index = session.plan, spotlight.index
    parameter = plan[spotlight.parameter, spotlight.layer]
    size = plan.examples
    yield f"In the spotlight: {parameter.entry(index)}, and example {run.example() + 1} of {size}."
    yield f"{parameter.entry(index)} = {said(parameter.value(index))}"
    for symbol in (f"d{parameter.symbol}", f"Δ{parameter.symbol}"):
        yield from entry_sentences(run, plan[symbol, spotlight.layer], index)
    for name in entry_names(parameter, index, session.dataset, run.last):
        yield f'{name.kind} {name.number} is "{name.name}"'


def move_spotlight(run: PlainRun, text: str) -> Iterator[str]:
    """`spotlight right`: to the next parameter, as shift and an arrow do; `spotlight W2[1,3]` to that one."""
    if not text:
        yield from spotlight_answer(run)
        return
    if text in MOVES:
        run.view.spotlight = run.spotlight.moved(run.session.trainer.layers, *MOVES[text])
        run.view.wanted = None
        yield from spotlight_answer(run)
        return
    if (entry := entry_in(run, text)) is None:
        raise PresetError(f"expected up, down, left, right or a parameter such as W2[1,3], found {text!r}")
    yield from entry_answer(run, *entry)


def example_word(run: PlainRun, text: str) -> Iterator[str]:
    """`example 5`: the example of the batch whose numbers are followed."""
    size = run.session.plan.examples
    if (number := whole_number(text, 1, size)) is None:
        raise PresetError(f"expected an example from 1 to {size}, those of this step's batch, found {text!r}")
    run.view.spotlight = replace(run.spotlight, example=number - 1)
    yield from spotlight_answer(run)
