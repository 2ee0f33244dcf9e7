"""Numbers as options have them: in bounds, or told in a few words what was expected."""

import re
from argparse import ArgumentTypeError
from collections.abc import Callable

from backprop_tui.core.preset.schema import LARGEST_INTEGER, described


def positive(text: str) -> float:
    """Reads a finite number above 0."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise ArgumentTypeError(f"expected a number above 0, found {described(text)}")
    return value


def whole(least: int, most: int = LARGEST_INTEGER) -> Callable[[str], int]:
    """A reader of whole numbers from `least` to `most`."""
    wanted = (
        f"a whole number from {least} to {most}" if most < LARGEST_INTEGER else f"a whole number of {least} or more"
    )

    def reader(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,19}", text) or not least <= int(text) <= most:
            too_large = most == LARGEST_INTEGER and re.fullmatch(r"[0-9]{19,}", text)
            said = f"at most {most}" if too_large else wanted
            raise ArgumentTypeError(f"expected {said}, found {described(text)}")
        return int(text)

    return reader
