"""A class that finishes itself later is, from its first instance on, what the standard library would have made."""

import copy
import dataclasses
import pickle
import threading
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from backprop_tui.core import value_class
from backprop_tui.core.value_class import dataclass


def described(make: Callable[..., Any], **options: bool) -> tuple[type, type]:
    """The same two classes, one derived of the other, by `make`."""

    @make(slots=True, **options)
    class Point:
        """A place."""

        kind: ClassVar[str] = "point"
        x: float
        y: float = 2.0
        names: list[str] = dataclasses.field(default_factory=list, compare=False, repr=False)

        @property
        def total(self) -> float:
            return self.x + self.y

    @make(slots=True, **options)
    class Named(Point):
        name: str = "P"
        y: float = 3.0

    return Point, Named


def seen(cls: type, **named: Any) -> dict[str, Any]:
    """What can be told of a class by its instances."""
    one, same, other = cls(x=1.0, **named), cls(x=1.0, **named), cls(x=1.5, **named)
    assert one.names == []  # type: ignore[attr-defined]
    return {
        "repr": repr(one).partition(" at ")[0],
        "equal": (one == same, one == other, one == 1),
        "hashed": cls.__hash__ is None or (hash(one) == hash(same)),
        "fields": [(field.name, field.default, field.compare) for field in dataclasses.fields(one)],
        "replaced": dataclasses.astuple(dataclasses.replace(one, x=7.0)),  # type: ignore[type-var]
        "match": cls.__match_args__,  # type: ignore[attr-defined]
        "slots": (cls.__slots__, hasattr(one, "__dict__")),  # type: ignore[attr-defined]
        "doc": cls.__doc__,
        "kind": cls.kind,  # type: ignore[attr-defined]
        "total": one.total,  # type: ignore[attr-defined]
        "copied": copy.copy(one) == one or copy.deepcopy(one).x,
    }


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"frozen": True},
        {"eq": False},
        {"frozen": True, "eq": False},
        {"frozen": True, "order": True},
        {"kw_only": True},
        {"repr": False},
        {"unsafe_hash": True, "match_args": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("derived", [0, 1])
def test_it_is_what_the_standard_library_makes(options: dict[str, bool], derived: int) -> None:
    ours, theirs = described(dataclass, **options)[derived], described(dataclasses.dataclass, **options)[derived]
    assert seen(ours, y=4.0) == seen(theirs, y=4.0)
    with pytest.raises(TypeError) as mine:
        ours()
    with pytest.raises(TypeError) as known:
        theirs()
    assert str(mine.value) == str(known.value)


def test_the_fields_can_be_asked_for_before_there_is_an_instance() -> None:
    point, named = described(dataclass)
    assert dataclasses.is_dataclass(named)
    assert [field.name for field in dataclasses.fields(named)] == ["x", "y", "names", "name"]
    assert [field.name for field in dataclasses.fields(point)] == ["x", "y", "names"]


def test_nothing_is_compiled_before_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    real = dataclasses.dataclass

    def counted(*given: Any, **options: Any) -> Any:
        return lambda cls: made.append(cls.__name__) or real(*given, **options)(cls)

    monkeypatch.setattr(value_class.dataclasses, "dataclass", counted)
    _, named = described(dataclass, frozen=True)
    assert made == []
    named(1.0)
    assert sorted(made) == ["Named", "Point"]
    named(2.0)
    assert sorted(made) == ["Named", "Point"]


def test_frozen_ones_cannot_be_changed() -> None:
    point, _ = described(dataclass, frozen=True)
    one = point(1.0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.x = 2.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        del one.x


@dataclass(frozen=True, slots=True)
class Sent:
    """What goes to another process."""

    x: float
    name: str = "sent"


@dataclass(slots=True)
class Changed:
    """The same, and can be changed."""

    x: float


def test_it_is_pickled_and_is_whole_where_it_comes_out_first() -> None:
    """In a process that has made none yet: here a class that takes the place of the one that was pickled."""
    written = [pickle.dumps(one, protocol) for one in (Sent(1.5), Changed(2.5)) for protocol in (2, 5)]
    first, again = Sent, Changed
    try:
        globals()["Sent"] = dataclass(frozen=True, slots=True)(unslotted(first))
        globals()["Changed"] = dataclass(slots=True)(unslotted(again))
        found = [pickle.loads(text) for text in written]
        assert [repr(one) for one in found] == ["Sent(x=1.5, name='sent')"] * 2 + ["Changed(x=2.5)"] * 2
        assert found[0] == found[1]
        assert len({found[0], found[1]}) == 1
        assert found[2] == found[3]
    finally:
        globals().update(Sent=first, Changed=again)


def unslotted(cls: type) -> type:
    """The class as it was described."""
    fields = dataclasses.fields(cls)  # type: ignore[arg-type]
    defaults = {field.name: field.default for field in fields if field.default is not dataclasses.MISSING}
    annotations = {field.name: field.type for field in fields}
    body = {"__annotations__": annotations, "__module__": __name__, **defaults}
    return type(cls.__name__, (), body)


def test_many_threads_that_make_the_first_one_make_whole_ones() -> None:
    for _ in range(20):
        _, named = described(dataclass, frozen=True)
        gate = threading.Barrier(4)
        found: list[Any] = []

        def work(named: type = named, gate: threading.Barrier = gate, found: list[Any] = found) -> None:
            gate.wait()
            found.append(named(1.0))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(map(repr, found))) == 1
        assert len(found) == 4
        assert all(one == found[0] for one in found)


def test_a_default_that_nobody_can_give_is_there_in_a_derived_class_too() -> None:
    @dataclass(slots=True)
    class Counted:
        count: int = dataclasses.field(init=False, default=4)
        later: int = dataclasses.field(init=False)

    @dataclass(slots=True)
    class Named(Counted):
        name: str = "N"

    assert (Counted().count, Named().count, Named().name) == (4, 4, "N")
    copied = copy.copy(Named())
    assert not hasattr(copied, "later")
    copied.later = 5
    assert repr(copied) == repr(copied).partition("Named(")[0] + "Named(count=4, later=5, name='N')"


def test_its_own_ways_to_be_pickled_are_kept() -> None:
    @dataclass(slots=True)
    class Own:
        x: int

        def __getstate__(self) -> int:
            return self.x + 1

        def __setstate__(self, state: int) -> None:
            self.x = state

    assert copy.copy(Own(5)).x == 6


def test_its_own_beginning_is_kept() -> None:
    @dataclass(slots=True)
    class Own:
        x: int

        def __init__(self) -> None:
            self.x = 5

    assert Own().x == 5
    assert Own() == Own()
