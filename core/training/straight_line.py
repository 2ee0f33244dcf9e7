"""A list of calls as one function of straight-line code: the same calls in the same order, with nothing in between.

What a loop over the calls costs beside them, its turns and the unpacking of arguments, is a part of a small network's
step. Of a large one it is the memory that its optimizer goes through, which straight-line code can go through better:

- Where several calls in a row go elementwise over the same long vectors, the function goes through all of them block
  by block, so that a block is fetched once.
- A vector that a step leaves in a place of its own can be written over the one that it came from, where nothing looks
  at that afterwards.
- Neighbours in memory that are multiplied by the same number, as the gradients of the layers are by 1/m, are multiplied
  by one call.

All of this leaves every element the same arithmetic in the same order: no number changes.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import groupby, pairwise
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from backprop_tui.core.ops.event import Call
from backprop_tui.core.ops.quantity import Array

BLOCK = 1 << 16
"""Elements of a block of float32: those of some five vectors are in a processor's own memory together."""


class Source:
    """Lines of code, and the objects that their names stand for, each named once."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.named: dict[int, tuple[str, object]] = {}

    def name(self, thing: object) -> str:
        """What the lines call a thing."""
        return self.named.setdefault(id(thing), (f"v{len(self.named)}", thing))[0]

    def call(self, call: Call) -> str:
        """The line that makes a call."""
        function, arguments, keywords = parts(call)
        texts = [self.name(value) for value in arguments]
        texts += [f"{key}={self.name(value)}" for key, value in keywords.items()]
        return f"{self.name(function)}({', '.join(texts)})"

    def in_blocks(self, calls: Sequence[Call], block: int, unseen: Sequence[Array] = ()) -> None:
        """Write a loop over the blocks of the vectors, in which every call is made for one block.

        Of the vectors that are `unseen` every block is laid in the memory of the first.
        """
        vectors = [array for array in arrays_of(calls) if array.ndim]
        size = vectors[0].size
        passing = [any(span(vector) == span(one) for one in unseen) for vector in vectors]
        blocks = [
            tuple(
                vector[: min(block, size - begin)] if passes else vector[begin : begin + block]
                for vector, passes in zip(vectors, passing, strict=True)
            )
            for begin in range(0, size, block)
        ]
        # Names of their own: elsewhere in the function the same vectors are meant whole.
        standing = {id(vector): Vector() for vector in vectors}
        self.lines.append(f"for {', '.join(map(self.name, standing.values()))}, in {self.name(blocks)}:")
        for call in calls:
            function, arguments, keywords = parts(call)
            arguments = tuple(standing.get(id(value), value) for value in arguments)
            keywords = {key: standing.get(id(value), value) for key, value in keywords.items()}
            self.lines.append("    " + self.call(partial(function, *arguments, **keywords)))

    def function(self) -> Callable[[], None]:
        """The function whose body the lines are."""
        body = "\n        ".join(self.lines or ["pass"])
        names = [name for name, _ in self.named.values()]
        scope: dict[str, Any] = {}
        exec(f"def build({', '.join(names)}):\n    def run():\n        {body}\n    return run\n", scope)
        run: Callable[[], None] = scope["build"](*(thing for _, thing in self.named.values()))
        return run


class Vector:
    """What stands for a block of a vector in the lines of a loop."""


def parts(call: Call) -> tuple[Callable[..., object], tuple[Any, ...], dict[str, Any]]:
    """A call's function, arguments and keywords."""
    return (call.func, call.args, call.keywords) if isinstance(call, partial) else (call, (), {})


def straight_line(calls: Sequence[Call], block: int = BLOCK, unseen: Sequence[Array] = ()) -> Callable[[], None]:
    """One function that makes all the calls, in blocks of so many elements where they go over the same long vectors.

    Nothing looks afterwards at the `unseen` among the vectors that the calls write.
    """
    source = Source()
    calls = merged(calls)
    for size, group in groupby(calls, elements):
        run = list(group)
        if len(run) > 1 and size > block and apart(run):
            others = [call for call in calls if not any(call is one for one in run)]
            source.in_blocks(run, block, [array for array in unseen if passes(array, run, others)])
        else:
            source.lines += [source.call(call) for call in run]
    return source.function()


def merged(calls: Sequence[Call]) -> list[Call]:
    """The calls with those of one kind that change neighbours by the same number made one.

    Each waits until another call touches what it changes.
    """
    found: list[Call] = []
    waiting: dict[tuple[int, int], list[Call]] = {}
    for call in calls:
        function, arguments, _ = parts(call)
        own = (id(function), id(arguments[1])) if changes_by_a_number(call) else None
        for key, others in list(waiting.items()):
            # Those of its own kind may read the number, too.
            kept = arrays_of(others) if key != own else [all_of(other)[-1] for other in others]
            if any(touches(one, other) for one in arrays_of([call]) for other in kept):
                found += joined(waiting.pop(key))
        if own is None:
            found.append(call)
        else:
            waiting.setdefault(own, []).append(call)
    return found + [call for others in waiting.values() for call in joined(others)]


def changes_by_a_number(call: Call) -> bool:
    """Whether a call changes an array, all in one piece, in its place, by a number: `multiply(G, c, G)`."""
    function, arguments, keywords = parts(call)
    if not isinstance(function, np.ufunc) or keywords or len(arguments) != 3 or arguments[0] is not arguments[2]:
        return False
    array, number = arguments[:2]
    return all(isinstance(one, np.ndarray) for one in (array, number)) and array.flags.c_contiguous and not number.ndim


def joined(calls: list[Call]) -> list[Call]:
    """Calls that change an array each by the same number, with one for those that lie behind each other in memory."""
    in_order = sorted(calls, key=lambda call: span(all_of(call)[-1]))
    groups: list[list[Call]] = []
    for call in in_order:
        behind = groups and follows(all_of(call)[-1], all_of(groups[-1][-1])[-1])
        groups[-1].append(call) if behind else groups.append([call])
    return [over_all(group) if len(group) > 1 else group[0] for group in groups]


def follows(array: Array, other: Array) -> bool:
    """Whether an array begins in memory where the other ends."""
    return span(other)[1] == span(array)[0] and array.dtype == other.dtype


def over_all(calls: list[Call]) -> Call:
    """One call for those that change neighbours, in the order of memory."""
    function, (first, number, _), _ = parts(calls[0])
    whole = as_strided(first.reshape(-1), (sum(all_of(call)[-1].size for call in calls),))
    return partial(function, whole, number, whole)


def elements(call: Call) -> int:
    """How many elements an elementwise call goes over, each by itself: vectors of that size and numbers; else 0."""
    function, _, keywords = parts(call)
    vectors = [array for array in arrays_of([call]) if array.ndim]
    if not isinstance(function, np.ufunc) or not vectors or keywords.keys() - {"out"}:
        return 0
    sizes = {array.size if array.ndim == 1 and array.flags.c_contiguous else 0 for array in vectors}
    return sizes.pop() if len(sizes) == 1 else 0


def arrays_of(calls: Sequence[Call]) -> list[Array]:
    """All arrays of the calls, each once."""
    return list({id(array): array for call in calls for array in held(call)}.values())


def held(thing: object) -> Iterator[Array]:
    """The arrays in a call, or in a container that it is given: a call touches no others."""
    if isinstance(thing, np.ndarray):
        yield thing
    elif isinstance(thing, partial):
        for part in (thing.func, *all_of(thing)):
            yield from held(part)
    elif isinstance(thing, dict | list | tuple):
        for part in thing.values() if isinstance(thing, dict) else thing:
            yield from held(part)
    elif isinstance(owner := getattr(thing, "__self__", None), np.ndarray):
        # A method of an array, such as `A.dot`.
        yield owner


def span(array: Array) -> tuple[int, int]:
    """Where the memory of an array begins and ends."""
    begin, end = np.lib.array_utils.byte_bounds(array)
    return int(begin), int(end)


def apart(calls: Sequence[Call]) -> bool:
    """Whether any two arrays of the calls are the same memory, element by element, or share none."""
    spans = sorted({span(array) for array in arrays_of(calls)})
    return all(end <= begin for (_, end), (begin, _) in pairwise(spans))


def passes(array: Array, run: Sequence[Call], others: Sequence[Call]) -> bool:
    """Whether a vector is written in `run` before it is read there, and is touched nowhere else."""
    if any(touches(array, one) for one in arrays_of(others)):
        return False
    first = next((call for call in run if any(touches(array, one) for one in arrays_of([call]))), None)
    return first is not None and not any(
        touches(array, one) for one in all_of(first)[:-1] if isinstance(one, np.ndarray)
    )


def in_place(calls: Sequence[Call], home: Array, away: Array) -> list[Call] | None:
    """The calls with the rows of `home` in place of those of `away`: (rows, n) each.

    Of calls that read one of them and write the other: what is written goes over what was read. None where that would
    change a number: where a row is read when its other is written, or something else than an elementwise call over
    whole rows touches one.
    """
    rows = {span(row): (half, number) for half, rows in enumerate((home, away)) for number, row in enumerate(rows)}
    written: set[tuple[int, int]] = set()
    found: list[Call] = []
    for call in calls:
        touched = [array for array in arrays_of([call]) if touches(array, home) or touches(array, away)]
        if not touched:
            found.append(call)
            continue
        if not elements(call) or not rows.keys() >= {span(array) for array in touched}:
            return None
        function, arguments, keywords = parts(call)
        *read, out = (rows.get(span(value)) if isinstance(value, np.ndarray) else None for value in all_of(call))
        if any(place and place not in written and (1 - place[0], place[1]) in written for place in read):
            return None
        written |= {out} if out else set()
        moved = {id(array): home[rows[span(array)][1]] for array in touched}
        arguments = tuple(moved.get(id(value), value) for value in arguments)
        keywords = {key: moved.get(id(value), value) for key, value in keywords.items()}
        found.append(partial(function, *arguments, **keywords))
    return found


def all_of(call: Call) -> tuple[Any, ...]:
    """Everything that a call is given; the array that a ufunc writes comes last."""
    _, arguments, keywords = parts(call)
    return (*arguments, *keywords.values())


def touches(array: Array, other: Array) -> bool:
    """Whether two arrays may have memory in common."""
    (begin, end), (other_begin, other_end) = span(array), span(other)
    return begin < other_end and other_begin < end
