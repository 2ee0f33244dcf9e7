"""Readers of single keys that hold more than the plain values of TOML: targets, columns, classes, changes."""

from typing import Any

from .schema import LARGEST_INTEGER, Place, Reader, at_least, filled_text, list_of, matrix, number, reads

Vector = tuple[float, ...]
Matrix = tuple[Vector, ...]
Names = tuple[str, ...]
Column = str | int
"""The name of a column, or its number: from 1 on, or −1 for the last."""


finite = number()


@reads("string or number")
def word_or_number(value: Any, place: Place) -> Column | float:
    """Reads a word, true or false as the words they are, or a finite number; whole ones stay whole."""
    if isinstance(value, str):
        return str(filled_text(value, place))
    if isinstance(value, bool):
        return str(value).lower()
    found: float = finite(value, place)
    return value if isinstance(value, int) else found


words_or_numbers = list_of(word_or_number)
lists_of_words_or_numbers = list_of(words_or_numbers, empty=True)
examples = list_of(at_least(1), empty=True)


@reads("rows of numbers; one class or number an example; or names or numbers of columns")
def targets(value: Any, place: Place) -> Matrix | tuple[Column | float, ...]:
    """Reads rows of numbers (inline), one class or number an example (inline), or names or numbers of columns (csv)."""
    if isinstance(value, list) and value and not isinstance(value[0], list):
        return tuple(words_or_numbers(value, place))
    return matrix(value, place)


@reads("name of a column, or its number: from 1 on, or -1 for the last")
def column(value: Any, place: Place) -> Column:
    """Reads the name of a column, or its number: from 1 on, or −1 for the last, −2 for the one before it."""
    if isinstance(value, str):
        return str(filled_text(value, place))
    if isinstance(value, bool) or not isinstance(value, int) or value == 0 or abs(value) > LARGEST_INTEGER:
        raise place.expected("the name of a column, or its number counted from 1 (-1 is the last)", value)
    return value


several_columns = list_of(column, empty=True)


@reads("list, each name of a column, or its number: from 1 on, or -1 for the last")
def columns(value: Any, place: Place) -> tuple[Column, ...]:
    """Reads a list of columns; a single one need not stand in a list, as on a command line."""
    return tuple(several_columns(value if isinstance(value, list) else [value], place))


@reads("true, false, or list of names")
def classes(value: Any, place: Place) -> bool | Names:
    """Reads true, false, or the names of all classes in their order, each once."""
    if isinstance(value, bool):
        return value
    if not isinstance(value, list):
        raise place.expected('true, false or a list of names such as ["no", "yes"]', value)
    names = tuple(str(name) for name in words_or_numbers(value, place))
    if len(set(names)) != len(names):
        raise place.error("expected each class once, found two that are alike")
    return names


def mark(marks: Names, wanted: str) -> Reader:
    """A reader of one of the characters `marks`."""

    @reads(wanted)
    def reader(value: Any, place: Place) -> str:
        if not isinstance(value, str) or value not in marks:
            raise place.expected(wanted, value)
        return value

    return reader


@reads("list of points, each two numbers, then its class or its target")
def added(value: Any, place: Place) -> tuple[tuple[Column | float, ...], ...]:
    """Reads points: two inputs, then a class or as many targets as there are outputs."""
    points: tuple[tuple[Column | float, ...], ...] = lists_of_words_or_numbers(value, place)
    for index, point in enumerate(points):
        if len(point) < 3 or isinstance(point[0], str) or isinstance(point[1], str):
            raise (place / index).expected("two numbers, then a class or targets, such as [0.5, -1.2, 1]", value[index])
    return points


@reads("list of numbers of examples, from 1")
def removed(value: Any, place: Place) -> tuple[int, ...]:
    """Reads numbers of examples, each once."""
    numbers: tuple[int, ...] = examples(value, place)
    if len(set(numbers)) != len(numbers):
        raise place.error("expected each example once, found one twice")
    return numbers


@reads("table of dotted paths and values")
def changes(value: Any, place: Place) -> dict[str, Any]:
    """Reads the `set` table of a variant: dotted paths and their new values."""
    if not isinstance(value, dict) or not value:
        raise place.expected('a table of changes such as { "layers.0.activation" = "relu" }', value)
    return value
