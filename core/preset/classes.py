"""Classes: which targets are classes rather than numbers, in which order, and what a network is given of them.

Words and true/false are always classes. Whole numbers are classes where the network says so: it has as many outputs as
there are values, or one sigmoid or tanh for exactly two. The key `classes` of a preset decides otherwise.
"""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.value_class import dataclass

from .schema import Place, nearest

Names = tuple[str, ...]
TWO_SIDED = ("sigmoid", "tanh")
"""Activations of a single output whose two ends are two classes."""
NAMES_TOLD = 6
"""Classes that a message lists."""


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """Targets that are classes: `names` in the order of the outputs, `numbers` (n,), the place of each example's."""

    names: Names
    numbers: NDArray[np.int64]


def classes_of(
    values: Sequence[Any] | NDArray[Any],
    wanted: bool | Names | None,
    outputs: int,
    output_activation: str,
    place: Place,
) -> Classes | None:
    """The classes of one target an example, (n,): words, true/false or numbers; None where they are numbers.

    `wanted` is the key `classes`. Raises PresetError at `place` for values that are no classes where they have to be,
    or too many for the outputs.
    """
    array = np.asarray(values)
    if array.dtype.kind in "fiu":
        return _of_numbers(array, wanted, outputs, output_activation, place)
    found, numbers = np.unique(array.astype(np.str_), return_inverse=True)
    return of_words([str(word) for word in found], numbers, wanted, place)


def of_words(words: Sequence[str], numbers: NDArray[Any], wanted: bool | Names | None, place: Place) -> Classes:
    """The classes of examples (n,) whose `numbers` are places in `words`, which are all different."""
    if wanted is False:
        raise place.error(f"expected numbers, since classes = false, found words such as {quoted(words[:1])}")
    order = wanted if isinstance(wanted, tuple) else tuple(sorted(words, key=natural))
    return Classes(order, _places(words, order, place)[numbers])


def encoded(classes: Classes, outputs: int, signed: bool, place: Place) -> NDArray[np.float64]:
    """Targets, (outputs, n): a 1 in the row of the class; of a single output 0 and 1, or −1 and 1 where `signed`.

    Raises PresetError at `place` where there are not as many outputs as classes, or two classes for a single one.
    """
    found = len(classes.names)
    if outputs == 1:
        if found != 2:
            raise place.error(
                f"{counted(classes.names)}, but the last layer has 1 unit, which tells 2 apart; "
                + (f'give it units = {found} and activation = "softmax"' if found > 2 else "there is nothing to learn")
            )
        sides = classes.numbers[np.newaxis].astype(np.float64)
        return 2 * sides - 1 if signed else sides
    if found != outputs:
        raise place.error(
            f"{counted(classes.names)}, but the last layer has {outputs} units; give it units = {found}"
            + (", or list all classes in data.classes" if found < outputs else "")
        )
    targets = np.zeros((outputs, len(classes.numbers)))
    targets[classes.numbers, np.arange(len(classes.numbers))] = 1.0
    return targets


def placed(values: Sequence[Any] | NDArray[Any], names: Names, place: Place) -> Classes:
    """The classes of further examples (n,), such as those of a test part, by the names of those known.

    Raises PresetError at `place` for a class that is not among them.
    """
    array = np.asarray(values)
    if array.dtype.kind in "fiu":
        found, numbers = np.unique(array, return_inverse=True)
        return Classes(names, _places_of_numbers(found, names, place)[numbers])
    found, numbers = np.unique(array.astype(np.str_), return_inverse=True)
    return Classes(names, _places([str(word) for word in found], names, place)[numbers])


def natural(word: str) -> tuple[Any, ...]:
    """What words are sorted by: numbers in them by their size, so that "10" is after "9"; small and capital alike."""
    parts = re.split("([0-9]+)", word)
    digits = ((len(part.lstrip("0")), part.lstrip("0")) for part in parts[1::2])
    return (*[item for pair in zip(map(str.casefold, parts[::2]), [*digits, ()], strict=True) for item in pair], word)


def number_name(value: float) -> str:
    """A number as the name of a class: `3`, `0.5`."""
    return str(int(value)) if value == int(value) else repr(float(value))


def quoted(names: Sequence[str]) -> str:
    """`"a", "b"`; only the first ones of many."""
    told = ", ".join(f'"{name}"' for name in names[:NAMES_TOLD])
    return told + (f", … ({len(names):,} in all)" if len(names) > NAMES_TOLD else "")


def counted(names: Sequence[str]) -> str:
    """`3 classes (a, b, c)`."""
    told = ", ".join(names[:NAMES_TOLD]) + (", …" if len(names) > NAMES_TOLD else "")
    return f"the targets are {len(names):,} {'class' if len(names) == 1 else 'classes'} ({told})"


def _of_numbers(
    values: NDArray[Any], wanted: bool | Names | None, outputs: int, activation: str, place: Place
) -> Classes | None:
    if wanted is False or not np.isfinite(values).all():
        return None
    if wanted is None and not _asked_for(values, outputs, activation):
        return None
    found, numbers = np.unique(values, return_inverse=True)
    if isinstance(wanted, tuple):
        return Classes(wanted, _places_of_numbers(found, wanted, place)[numbers])
    whole = (found == np.floor(found)).all()
    if whole and len(found) < outputs and found[0] >= 0 and found[-1] < outputs:
        # Classes of which no example was seen have their outputs too, as those of labels 0 to 9 have.
        return Classes(tuple(str(number) for number in range(outputs)), values.astype(np.int64))
    return Classes(tuple(number_name(float(value)) for value in found), numbers.astype(np.int64))


def _asked_for(values: NDArray[Any], outputs: int, activation: str) -> bool:
    """Whether whole numbers are classes for a network with such an output, by what it has to tell apart."""
    if outputs == 1 and activation not in TWO_SIDED:
        return False
    if (values != np.floor(values)).any():
        return False
    if outputs == 1:
        return len(np.unique(values)) == 2
    # One number an example is never what several outputs are to be near.
    return True


def _places(words: Sequence[str], names: Names, place: Place) -> NDArray[np.int64]:
    numbers = {name: number for number, name in enumerate(names)}
    for word in words:
        if word not in numbers:
            near = nearest(word, names)
            hint = f'; did you mean "{near}"?' if near else ""
            raise place.error(f"expected one of the classes {quoted(names)}, found {quoted([word])}{hint}")
    return np.array([numbers[word] for word in words], dtype=np.int64)


def _places_of_numbers(values: NDArray[Any], names: Names, place: Place) -> NDArray[np.int64]:
    """The places among `names` of the different `values`, which are numbers, as the names are, however written."""
    known: dict[float, int] = {}
    for number, name in enumerate(names):
        try:
            known[float(name)] = number
        except ValueError:
            continue
    for value in values.tolist():
        if value not in known:
            raise place.error(f"expected one of the classes {quoted(names)}, found {number_name(value)}")
    return np.array([known[value] for value in values.tolist()], dtype=np.int64)
