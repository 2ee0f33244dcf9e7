"""What a NumPy array file (`.npy`) declares of itself, read before any room is made for what it declares."""

import re
import struct
from math import prod
from typing import IO, Any

import numpy as np

from backprop_tui.core.value_class import dataclass

MAGIC = b"\x93NUMPY"
LENGTHS = {1: "<H", 2: "<I", 3: "<I"}
"""How the length of a header is written, by the format's version."""
LONGEST_HEADER = 10_000
DESCRIPTION = re.compile(r"""['"]descr['"]: *['"](?P<dtype>[<>|=]?[fiubUS][1-9][0-9]{0,5})['"]""")
"""Real numbers, integers, truth values, and texts; no objects, no records."""
FIELD = re.compile(r"""\( ?['"]([^'"\\]{1,200})['"], ?['"]([<>|=]?[fiubUS][1-9][0-9]{0,5})['"] ?\)""")
RECORDS = re.compile(rf"""['"]descr['"]: *\[ *(?:{FIELD.pattern}(?:, *| *(?=\])))+\]""")
"""Records of named fields, each a plain entry."""
ORDER = re.compile(r"""['"]fortran_order['"]: *(?P<order>True|False)""")
SHAPE = re.compile(r"""['"]shape['"]: *\((?P<shape>(?:[0-9]{1,18}L?, *)*(?:[0-9]{1,18}L?)?)\)""")


@dataclass(frozen=True, slots=True)
class Header:
    """What a `.npy` file declares; its numbers begin at byte `start`."""

    dtype: np.dtype[Any]
    fortran: bool
    shape: tuple[int, ...]
    start: int

    @property
    def bytes(self) -> int:
        return self.dtype.itemsize * prod(self.shape)


class HeaderError(ValueError):
    """What is no array, or none of plain entries; the message goes on from the name of what was read."""


def read_array_header(stream: IO[bytes], records: bool = False) -> Header:
    """The header that a stream begins with; `records`: whether it may be one of records, whose fields have names.

    Raises HeaderError for anything but an array of numbers or texts, struct.error where the stream ends within it.
    """
    opening = stream.read(len(MAGIC) + 2)
    form = LENGTHS.get(opening[-2]) if opening.startswith(MAGIC) and len(opening) == len(MAGIC) + 2 else None
    if form is None:
        raise HeaderError(" is no array")
    length = struct.unpack(form, stream.read(struct.calcsize(form)))[0]
    text = stream.read(min(length, LONGEST_HEADER)).decode("latin-1")
    descr, order, shape = (pattern.search(text) for pattern in (DESCRIPTION, ORDER, SHAPE))
    fields = RECORDS.search(text) if records and not descr else None
    if not (descr or fields) or not (order and shape) or length > LONGEST_HEADER:
        raise HeaderError(": expected an array of numbers, found another kind of array")
    try:
        dtype = np.dtype(FIELD.findall(fields[0]) if fields else descr["dtype"] if descr else None)
    except (TypeError, ValueError):
        raise HeaderError(": expected an array of numbers, found an unknown type") from None
    sizes = tuple(int(number) for number in re.findall("[0-9]+", shape["shape"]))
    return Header(dtype, order["order"] == "True", sizes, len(MAGIC) + 2 + struct.calcsize(form) + length)
