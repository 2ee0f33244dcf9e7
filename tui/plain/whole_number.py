"""A whole number that is typed behind a word."""

import re

DIGITS = re.compile(r"0*([0-9]{1,15})")


def whole_number(text: str, least: int, most: int) -> int | None:
    """The number that a text says, with or without commas between its digits; None where it is not within bounds."""
    found = DIGITS.fullmatch(text.replace(",", ""))
    if found is None or not least <= int(found[1]) <= most:
        return None
    return int(found[1])
