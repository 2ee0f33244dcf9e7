"""What a typed line is answered by: a word, a number's name, a change, or a guess."""

from collections.abc import Iterable, Iterator

from backprop_tui.core.preset.schema import PresetError, described, nearest
from backprop_tui.tui.running.going import NEURON
from backprop_tui.tui.running.hiding import refusal

from . import changes, numbers_answer
from .predict_answer import guess, is_guess
from .run import PlainRun
from .vocabulary import BY_NAME, NOT_HERE, SIGNS, WORDS, word_in

GIVEN = ("X", "Y")
"""Keys of the screen that are quantities here."""
OF_CONVERSATION = ("open", "presets", "quit")
"""Words that are not of the run in view."""


def answer(run: PlainRun, line: str) -> Iterable[str]:
    """The lines that answer a line. Raises PresetError where it cannot be answered; words of settings say what they
    expected."""
    if is_guess(run, line):
        return guess(run, line)
    if NEURON.fullmatch(line) is not None and line[:1] in "az":
        # The neuron's own page; A1[2,1] is one of its numbers.
        line = f"neuron {line}"
    if (entry := numbers_answer.entry_in(run, line)) is not None:
        return numbers_answer.entry_answer(run, *entry)
    found = word_in(line)
    if found is not None:
        word, rest = found
        if name := word.hidden(run.hide):
            raise PresetError(refusal(word.name, name))
        return word.answer(run, rest)
    if "=" in line and line.strip("= "):
        return changes.set_value(run, line)
    known = numbers_answer.quantities(run)
    key = SIGNS.get(line, line)
    if (key not in NOT_HERE or key in GIVEN) and (quantity := known.get(line)) is not None:
        return numbers_answer.array_answer(run, quantity, whole=False)
    if key in NOT_HERE:
        return iter((NOT_HERE[key],))
    return unknown(line, (*known, *BY_NAME, *OF_CONVERSATION))


def unknown(line: str, known: Iterable[str]) -> Iterator[str]:
    """For a word that there is not the nearest that there is."""
    names = [name for name in known if len(name) > 1]
    near = nearest(line, names) or nearest(line.split()[0], names)
    hint = f'; did you mean "{near}"? help lists all words' if near else "; help lists all words"
    raise PresetError(f"there is no word {described(line)}{hint}")


def names() -> list[str]:
    """Every word, without those of quantities."""
    return [*(word.name for word in WORDS), *OF_CONVERSATION]
