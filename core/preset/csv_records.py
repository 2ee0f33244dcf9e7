"""The records of a table of text: its lines cut into cells, without comments and without lines that hold nothing.

The standard library's csv module does the cutting. Where cells are separated by blanks, any number of them, a line is a
record, and quotes keep what is in them together.
"""

import csv
import re
from collections import deque
from collections.abc import Callable, Iterator
from itertools import takewhile

from .schema import PresetError

LONGEST_RECORD = 10**7
"""Characters of a line of a table with all that is in quotes."""
COMMENTS = ("#", "%")
"""What lines begin with that are no part of a table."""
EXCEL_ERRORS = ("#DIV/0!", "#N/A", "#NA", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")
"""What cells begin with that Excel could not compute."""
BLANK = " "
WORDS = re.compile(r'"((?:[^"]|"")*)"(?=[ \t\r\n]|$)|([^ \t\r\n]+)')
"""What stands between blanks, in quotes or not."""

Row = tuple[int, list[str]]
"""The number of the line that a record begins in, and its cells."""


class Records:
    """The records of the text that `readline` gives, cut at `delimiter`; `error` makes the error of a message.

    `comments` and `hollow` are the numbers of lines left out so far: comments, and records of empty cells alone.
    `last_comment` is the last of those before the first record, `first_comment` the line of the first of them.
    """

    def __init__(self, readline: Callable[[int], str], delimiter: str, error: Callable[[str], PresetError]) -> None:
        self.readline, self.delimiter, self.error = readline, delimiter, error
        self.line = self.began = self.taken = 0
        self.comments = self.first_comment = self.hollow = 0
        self.inner_comments: list[tuple[int, str]] = []
        self.last_comment = ""
        self.begun = False
        self.waiting: deque[str] = deque()

    def __iter__(self) -> Iterator[Row]:
        rows = self._blank_separated() if self.delimiter == BLANK else self._separated()
        for row in rows:
            if any(row):
                self.begun = True
                yield self.began, row
            elif row:
                self.hollow += 1

    def _separated(self) -> Iterator[list[str]]:
        rows = csv.reader(self._lines(), delimiter=self.delimiter, strict=True, skipinitialspace=True)
        while True:
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error:
                raise self.error(
                    f"line {self.began}: expected fields in lines; a quote does not end, or text stands behind one"
                ) from None
            self.taken = 0
            yield row

    def _blank_separated(self) -> Iterator[list[str]]:
        for line in self._lines():
            self.taken = 0
            if '"' not in line and line.isascii():
                yield line.split()
            else:
                yield [
                    found[1].replace('""', '"') if found[1] is not None else found[2] for found in WORDS.finditer(line)
                ]

    def _lines(self) -> Iterator[str]:
        while line := self._line():
            self.line += 1
            if not self.taken:
                if _is_comment(line):
                    self._note(line)
                    continue
                self.began = self.line
            self.taken += len(line)
            if self.taken > LONGEST_RECORD:
                raise self.error(f"line {self.began}: is too long, or a quote in it does not end")
            yield line

    def _line(self) -> str:
        return self.waiting.popleft() if self.waiting else self.readline(LONGEST_RECORD + 1)

    def plain_lines(self, count: int) -> list[str]:
        """The next lines, up to `count`, where none of them is a comment, empty or too long; else none.

        Only between two records. `line` is then the number of the last of them.
        """
        lines = list(takewhile(bool, (self._line() for _ in range(count))))
        self.line += len(lines)
        together = "".join(lines)
        plain = lines and max(map(len, lines)) <= LONGEST_RECORD
        plain = plain and not any(map(str.isspace, lines))
        if plain and not (("#" in together or "%" in together) and any(map(_is_comment, lines))):
            return lines
        self.put_back(lines)
        return []

    def put_back(self, lines: list[str]) -> None:
        """Takes lines that were just given back, to be cut one by one."""
        self.waiting.extendleft(reversed(lines))
        self.line -= len(lines)

    def _note(self, line: str) -> None:
        self.comments += 1
        self.first_comment = self.first_comment or self.line
        if not self.begun:
            self.last_comment = line
        elif len(self.inner_comments) < 100:
            self.inner_comments.append((self.line, line))


def _is_comment(line: str) -> bool:
    start = line if not line[0].isspace() else line.lstrip()
    return start.startswith(COMMENTS) and not start.startswith(EXCEL_ERRORS) and len(line) <= LONGEST_RECORD


def without_quoted(text: str, delimiter: str) -> str | None:
    """Lines whose quoted cells are emptied; None where a quote stands otherwise than round a whole cell of one line."""
    if '"' not in text:
        return text
    if delimiter == BLANK:
        return None
    apart = re.escape(delimiter) + r"\n\r"
    emptied = re.sub(rf'(?<![^{apart}])"(?:[^"\n\r]|"")*"(?![^{apart}])', "", text)
    return None if '"' in emptied else emptied


def over(lines: list[str]) -> Callable[[int], str]:
    """A `readline` of lines that are there already."""
    rest = iter(lines)
    return lambda longest: next(rest, "")
