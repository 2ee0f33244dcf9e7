"""The characters that a terminal shows, made of what it was sent: of codes those that move, and those that erase."""

import re
from codecs import getincrementaldecoder

CODE = re.compile(
    r"\x1b(?:\[([0-9;?<>=$ ]*)([@-~])|[PX^_\]][^\x07\x1b]*(?:\x07|\x1b\\)|[()][A-Z0-9]|[78=>cDEHM])|[\r\n]|[^\x1b\r\n]+"
)
LONGEST = 64
"""Characters of a code at the most: what is longer and has no end is none."""


class Shown:
    """What stands where, after all that was fed; colours are left out, and each character counts as one cell."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns = columns
        self.rows = [[" "] * columns for _ in range(rows)]
        self.x = self.y = 0
        self.rest = ""
        self.decoder = getincrementaldecoder("utf-8")("replace")

    @property
    def text(self) -> str:
        return "\n".join("".join(row) for row in self.rows)

    def row(self, number: int) -> str:
        return "".join(self.rows[number])

    def feed(self, data: bytes) -> None:
        """Take in what was sent next; a code that is cut off waits for its rest."""
        text = self.rest + self.decoder.decode(data)
        last = text.rfind("\x1b")
        cut = last >= 0 and len(text) - last < LONGEST and CODE.match(text, last) is None
        self.rest, text = (text[last:], text[:last]) if cut else ("", text)
        for found in CODE.finditer(text):
            if found[2] is not None:
                self.obey(found[1], found[2])
            elif found[0] == "\r":
                self.x = 0
            elif found[0] == "\n":
                self.y = min(self.y + 1, len(self.rows) - 1)
            elif not found[0].startswith("\x1b"):
                self.write(found[0])

    def write(self, text: str) -> None:
        shown = text[: max(self.columns - self.x, 0)]
        self.rows[self.y][self.x : self.x + len(shown)] = shown
        self.x += len(shown)

    def obey(self, given: str, kind: str) -> None:
        numbers = [int(number or 1) for number in given.split(";")] if re.fullmatch(r"[\d;]*", given) else []
        if kind == "H" and numbers:
            self.y = min(numbers[0], len(self.rows)) - 1
            self.x = min(numbers[1] if len(numbers) > 1 else 1, self.columns) - 1
        elif kind == "G" and numbers:
            self.x = min(numbers[0], self.columns) - 1
        elif kind == "C" and numbers:
            self.x = min(self.x + numbers[0], self.columns - 1)
        elif kind == "J" and given == "2":
            self.rows = [[" "] * self.columns for _ in self.rows]
