"""Random damage: to bytes, and to the tables that a preset is made of."""

import copy
import random
from collections.abc import Sequence
from typing import Any

CONTROL = "\x1b]0;pwned\x07\x1b[31m\x9b2J\u202e"
"""What a terminal would obey, or turn round."""
NUMBERS: tuple[Any, ...] = (
    *(0, 1, 2, 3, -1, 7, 1000, 2**31, 2**63 - 1, 2**63, -(2**63), 10**18, 10**30),
    *(0.0, -0.0, 0.5, 1.0, -1.5, 1e-300, 5e-324, 1e-8, 1e8, 1e100, 1e300, 1.7e308, float("nan"), float("inf"), -1e308),
)
WORDS: tuple[Any, ...] = (
    *("", " ", "a", "relu", "softmax", "cross_entropy", "adam", "csv", "npz", "idx", "spiral", "inline", "digits"),
    *("W1[1,1]", "W9[9,9]", "b1[0]", "gamma1[1]", "W1[1,1", "..", "../secret.csv", "/etc/passwd", "/dev/zero", "a.csv"),
    *("x" * 3000, "\N{GREEK SMALL LETTER ETA}é→🔎", CONTROL, "\x00", "nan", "1e999", "0x10", "optimizer.learning_rate"),
)
OTHERS: tuple[Any, ...] = (True, False, [], {}, [[]], [[1.0]], [1, "a"], {"a": 1}, [{}], [[1.0, 2.0], [3.0]], [0] * 500)
PIECES = (
    *(
        b"\x00",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\xe9",
        b"\xed\xb2\x80",
        b"\n",
        b"\r",
        b"\r\n",
        b"\t",
        b'"',
        b'"""',
        b"'",
        b"\\",
    ),
    *(b"[", b"]", b"[[", b"{", b"}", b"=", b",", b";", b".", b"#", b"-", b"nan", b"inf", b"1e999", b"9" * 400, b"0x"),
    *(b"[[layers]]\n", b"[data]\n", b"[" * 600, b"a." * 300, b"\x1b[31m", b"0", b"NA", b"1979-05-27T07:32:00Z"),
)


def damaged(chance: random.Random, content: bytes, others: Sequence[bytes] = ()) -> bytes:
    """`content` with a few of its bytes changed, cut, repeated, or taken from one of `others`."""
    found = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        place = chance.randrange(len(found) + 1)
        length = chance.choice((1, 1, 2, 8, 40, 300))
        match chance.randrange(8):
            case 0:
                found[place : place + length] = b""
            case 1:
                found[place:place] = chance.choice(PIECES)
            case 2:
                found[place : place + length] = chance.randbytes(min(length, len(found) - place))
            case 3 if place < len(found):
                found[place] ^= 1 << chance.randrange(8)
            case 4:
                found[place:place] = found[place : place + length] * chance.choice((1, 2, 30))
            case 5:
                del found[place:]
            case 6 if others:
                other = chance.choice(others)
                start = chance.randrange(len(other) + 1)
                found[place : place + length] = other[start : start + length]
            case _:
                found[place : place + length] = chance.choice(PIECES)
    return bytes(found)


def value(chance: random.Random) -> Any:
    """Something that stands nowhere in a preset, or elsewhere."""
    found = chance.choice(chance.choice((NUMBERS, NUMBERS, WORDS, OTHERS)))
    return copy.deepcopy(found)


def places(table: Any) -> list[tuple[Any, Any]]:
    """Every table or list within a table, with each of its keys."""
    found: list[tuple[Any, Any]] = []
    left = [table]
    while left:
        inside = left.pop()
        found += [(inside, key) for key in keys(inside)]
        left += [inside[key] for key in keys(inside) if isinstance(inside[key], dict | list)]
    return found


def keys(inside: Any) -> list[Any]:
    """The keys of a table, the places of a list."""
    return list(inside) if isinstance(inside, dict) else list(range(len(inside)))


def other_values(chance: random.Random, table: dict[str, Any]) -> dict[str, Any]:
    """A copy of `table`, in which one to three keys have another value."""
    made = copy.deepcopy(table)
    for _ in range(chance.choice((1, 1, 2, 3))):
        if found := places(made):
            inside, key = chance.choice(found)
            inside[key] = value(chance)
    return made


def other_structure(chance: random.Random, table: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """A copy of `table` less some keys, with parts of `second` or deep tables in any place."""
    made = copy.deepcopy(table)
    for _ in range(chance.choice((1, 2, 4))):
        inside, key = chance.choice(places(made) or [(made, "title")])
        strange, strange_key = chance.choice(places(second))
        part = copy.deepcopy(strange[strange_key])
        name = chance.choice((strange_key, "units", "kind", "", "a b", CONTROL, "set"))
        match chance.randrange(6):
            case 0:
                inside.pop(key, None) if isinstance(inside, dict) else inside.pop(key)
            case 1:
                inside[key] = part
            case 2 if isinstance(inside, dict):
                inside[str(name)] = part
            case 3 if isinstance(inside, list):
                inside.extend([part] * chance.choice((1, 3, 200)))
            case 4:
                inside[key] = {str(name): inside[key]} if chance.random() < 0.5 and key in keys(inside) else [part]
            case _:
                for _ in range(chance.choice((3, 30, 90))):
                    part = [part] if chance.random() < 0.5 else {"a": part}
                inside[key] = part
    return made
