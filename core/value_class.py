"""Data classes whose methods are written when the first of them is made.

`dataclasses.dataclass` writes and compiles the methods of a class when the class is described, which takes up to a
millisecond. In a program of some hundred such classes that is a good part of the time until it has begun, and most of
them are of things that nobody has asked for yet. The `dataclass` of this file takes the same options. A class with
slots is finished by the one of the standard library when the first instance is made or unpickled, or when its fields
are asked for; from then on there is no difference, nor before to anybody but a mistake in the description, which is
found later.
"""

import dataclasses
import inspect
import sys
from collections.abc import Callable
from functools import partial
from threading import RLock
from typing import TYPE_CHECKING, Any, ClassVar, get_origin

if TYPE_CHECKING:
    # To those who check types it is the standard library's.
    from dataclasses import dataclass as dataclass
else:

    def dataclass(described: type | None = None, /, *, slots: bool = False, **options: bool) -> Any:
        """As `dataclasses.dataclass`; without slots it is just that."""
        if not slots:
            return dataclasses.dataclass(described, **options)
        return partial(later, options) if described is None else later(options, described)


FIELDS = "__dataclass_fields__"
"""The attribute by which the standard library knows its data classes."""
OF_THE_TYPE = ("__dict__", "__weakref__")
"""What each class has of its own."""
LOCK = RLock()


class UntilAsked:
    """Stands in place of a class's fields until somebody asks for them."""

    def __init__(self, finish: Callable[[], None]) -> None:
        self.finish = finish

    def __get__(self, _: object, owner: type) -> Any:
        self.finish()
        return getattr(owner, FIELDS)


def later(options: dict[str, bool], described: type) -> type:
    """The class with slots for its fields, that finishes itself when it is first needed."""
    before = dict(described.__dict__)
    if "__init__" in before:
        return dataclasses.dataclass(slots=True, **options)(described)
    names = own_fields(described)
    taken = {name for base in described.__mro__[1:] for name in base.__dict__.get("__slots__", ())}
    body = {name: value for name, value in before.items() if name not in (*names, *OF_THE_TYPE)}
    body["__slots__"] = tuple(name for name in names if name not in taken)
    cls: Any = type(described)(described.__name__, described.__bases__, body)
    cls.__qualname__ = described.__qualname__
    waiting = True

    def finish() -> None:
        nonlocal waiting
        with LOCK:
            if not waiting:
                return
            # With slots, though `cls` has them already: those who make instances then set what has a default alone.
            finished: type = dataclasses.dataclass(slots=True, **options)(described)
            waiting = False
            kept = {*finished.__dict__[FIELDS], *OF_THE_TYPE, "__slots__", *ways_to_pickle}
            # What makes instances is the last, so that none is made by another thread before all is there.
            for name, value in sorted(finished.__dict__.items(), key=lambda item: item[0] == "__init__"):
                if name not in kept and before.get(name, described) is not value:
                    setattr(cls, name, value)

    def first_made(self: object, *values: Any, **named: Any) -> None:
        finish()
        cls.__init__(self, *values, **named)

    def state(self: Any) -> dict[str, Any]:
        names = [field.name for field in dataclasses.fields(self)]
        return {name: getattr(self, name) for name in names if hasattr(self, name)}

    def set_state(self: Any, values: dict[str, Any]) -> None:
        dataclasses.fields(self)  # Finishes the class.
        for name, value in values.items():
            object.__setattr__(self, name, value)  # Frozen ones refuse their own.

    ways_to_pickle = {"__getstate__": state, "__setstate__": set_state}
    cls.__init__ = first_made
    for name, way in ways_to_pickle.items():
        setattr(cls, name, before.get(name, way))
    setattr(cls, FIELDS, UntilAsked(finish))
    made: type = cls
    return made


def own_fields(described: type) -> list[str]:
    """The names that the class itself annotates, but for what is the class's."""
    if sys.version_info >= (3, 14):
        from annotationlib import Format, get_annotations

        annotations = get_annotations(described, format=Format.FORWARDREF)
    else:
        annotations = inspect.get_annotations(described)
    return [name for name, kind in annotations.items() if not of_the_class(kind)]


def of_the_class(kind: Any) -> bool:
    """Whether an annotation says that the value is the class's, not an instance's."""
    return kind is ClassVar or get_origin(kind) is ClassVar or (isinstance(kind, str) and "ClassVar" in kind)
