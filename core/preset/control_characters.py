"""Control characters: what a terminal would obey, or would turn the order of a line's characters by, is shown instead.

They are the ASCII and Latin ones but for tab and line feed, the marks that set the direction of writing, the separators
of lines and paragraphs, and the surrogates that Python keeps in the place of bytes that are no UTF-8.
"""

import re

CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]",
)


def shown(text: str) -> str:
    r"""`text` with its control characters spelled out, as `\x1b` or `\u202e`."""
    return CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def escaped(text: str) -> str:
    r"""`text` with its control characters in the one notation that TOML has for all of them, `\u001b`."""
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
