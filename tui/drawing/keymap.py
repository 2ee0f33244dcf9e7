"""Which keys a person presses in place of those that the program is written with, and how these are written then.

Screens, pages and lessons know their keys by the program's own names alone: what is pressed is translated before it is
answered, what is written before it is drawn.
"""

import re
from collections.abc import Mapping

from .key_names import KEY_NAMES, key_name

TOKEN = re.compile(r"[←→↑↓]|[^\s←→↑↓]+|\s+")
UNITS = "1-5"
"""How all units are written together."""
SPOTLIGHT = "shift+arrows"
ARROWS = ("up", "down", "left", "right")
CODE = re.compile(r"`([^`\n]+)`")
CALLED = {sign: name for name, sign in KEY_NAMES.items()}
"""What Textual calls the keys that are not written by their names."""


class Keymap:
    """`pressed` has for each of the program's keys that was moved those that are pressed now, none for no key.

    `meant` says of keys that are pressed which of the program's is meant, "" where they mean nothing any more.
    """

    __slots__ = ("meant", "pressed")

    def __init__(
        self, pressed: Mapping[str, tuple[str, ...]] | None = None, meant: Mapping[str, str] | None = None
    ) -> None:
        self.pressed, self.meant = pressed or {}, meant or {}

    def __bool__(self) -> bool:
        return bool(self.meant)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Keymap) and (self.pressed, self.meant) == (other.pressed, other.meant)

    def __hash__(self) -> int:
        return hash(tuple(self.meant.items()))

    def key(self, pressed: str) -> str:
        """The program's key behind one that is pressed, "" for none."""
        return self.meant.get(pressed, pressed)

    def sign(self, key: str) -> str:
        """One of the program's keys as it is to be pressed, written as on the keyboard; "" where it has none."""
        keys = self.pressed.get(key, (key,))
        return key_name(keys[0]) if keys else ""

    def written(self, text: str) -> str:
        """Keys as a hint has them, `↑↓ enter`, `1-5`, with those that are to be pressed; "" where one has none."""
        if not self:
            return text
        if text == UNITS and any(unit in self.pressed for unit in "12345"):
            return " ".join(filter(None, (self.sign(unit) for unit in "12345")))
        if text == SPOTLIGHT and any(f"shift+{arrow}" in self.pressed for arrow in ARROWS):
            return " ".join(filter(None, (self.sign(f"shift+{arrow}") for arrow in ARROWS)))
        return " ".join("".join(self.token(token) for token in TOKEN.findall(text)).split())

    def token(self, token: str) -> str:
        if not token.strip():
            return token
        return self.sign(name) if (name := CALLED.get(token, token)) in self.pressed else token

    def said(self, key: str) -> str:
        """One of the program's keys, as it is written, within a sentence; where none is left, how to do it then."""
        if (name := CALLED.get(key, key)) not in self.pressed:
            return key
        return self.sign(name) or "ctrl+p"

    def prose(self, text: str) -> str:
        """A text whose keys stand in backticks, with those that are to be pressed."""
        return CODE.sub(lambda found: f"`{self.several(found[1])}`", text) if self else text

    def several(self, code: str) -> str:
        """Keys within backticks, `↑ ↓`, or a word that is none."""
        return self.said(code) if code in CALLED else " ".join(map(self.said, code.split(" ")))


USUAL = Keymap()
