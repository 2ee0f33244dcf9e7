"""On which line of a TOML text each key stands, which `tomllib` does not say.

The text is one that `tomllib` has read: what is not valid need not be found here. Keys are found where they are
written: in headers, dotted, in inline tables and in lists over several lines; what stands in strings is no key.
"""

import re
from bisect import bisect_right
from collections.abc import Collection

KEY = re.compile(r"""[ \t]*([\w-]+|"(?:[^"\\]|\\.)*"|'[^']*')[ \t]*""")
STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})|\'\'\'.*?\'\'\'(?:\'{0,2})|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL
)
PLAIN = re.compile(r"[^,\]\}\n#]*")
BLANK = re.compile(r"(?:[\s,]|#[^\n]*)*")
ESCAPED = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)")
ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}


def key_lines(text: str, wanted: Collection[str]) -> dict[str, int]:
    """The line, from 1, of each of the dotted paths `wanted` that is written: `layers.0.units`, and of those above."""
    above = {path for full in wanted for path in parents(full)}
    scanner = Scanner(text, above)
    scanner.document()
    return scanner.found


def parents(path: str) -> list[str]:
    """A path, and all that lead to it: `layers.0`, `layers`."""
    names = path.split(".")
    return [".".join(names[:count]) for count in range(1, len(names) + 1)]


def nearest_line(lines: dict[str, int], path: str) -> int | None:
    """The line of a path, or of the nearest above it that is written; None where none is."""
    return next((lines[part] for part in reversed(parents(path)) if part in lines), None)


class Scanner:
    """A walk through a TOML text; `found` are the lines of the `wanted` paths that were met."""

    def __init__(self, text: str, wanted: Collection[str]) -> None:
        self.text, self.wanted, self.place = text, wanted, 0
        self.starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self.found: dict[str, int] = {}
        self.counts: dict[str, int] = {}

    def document(self) -> None:
        """Every header and every pair."""
        table = ""
        while self.skip() < len(self.text):
            if self.text[self.place] == "[":
                table = self.header()
            else:
                self.pair(table)

    def skip(self) -> int:
        """Past blanks, commas and comments; the place that is reached."""
        blank = BLANK.match(self.text, self.place)
        assert blank is not None
        self.place = blank.end()
        return self.place

    def note(self, path: str, place: int) -> None:
        if path in self.wanted:
            self.found.setdefault(path, bisect_right(self.starts, place))

    def names(self) -> list[str]:
        """The names of a dotted key."""
        names = []
        while found := KEY.match(self.text, self.place):
            names.append(unquoted(found[1]))
            self.place = found.end()
            if self.text[self.place : self.place + 1] != ".":
                break
            self.place += 1
        return names

    def header(self) -> str:
        """`[optimizer]` or `[[layers]]`: the path of the table."""
        begin = self.place
        several = self.text.startswith("[[", begin)
        self.place += 1 + several
        path = ""
        names = self.names()
        for name in names:
            path = joined(path, name)
            if path in self.counts and name is not names[-1]:
                path = joined(path, str(self.counts[path] - 1))
        if several:
            self.note(path, begin)
            self.counts[path] = self.counts.get(path, 0) + 1
            path = joined(path, str(self.counts[path] - 1))
        self.note(path, begin)
        self.place = self.end_of_line()
        return path

    def end_of_line(self) -> int:
        end = self.text.find("\n", self.place)
        return len(self.text) if end < 0 else end

    def pair(self, table: str) -> None:
        """`a.b = value`."""
        begin, path = self.place, table
        names = self.names()
        for name in names:
            path = joined(path, name)
            self.note(path, begin)
        if not names or self.text[self.place : self.place + 1] != "=":
            # Nothing that has been read as TOML is here.
            self.place = max(self.end_of_line(), self.place + 1)
            return
        self.place += 1
        self.value(path)

    def value(self, path: str) -> None:
        """A value, and the keys and entries inside it."""
        while self.text[self.place : self.place + 1] in (" ", "\t"):
            self.place += 1
        match self.text[self.place : self.place + 1]:
            case '"' | "'":
                found = STRING.match(self.text, self.place)
                self.place = found.end() if found else len(self.text)
            case "[":
                self.entries(path)
            case "{":
                self.place += 1
                while self.skip() < len(self.text) and self.text[self.place] != "}":
                    self.pair(path)
                self.place += 1
            case _:
                plain = PLAIN.match(self.text, self.place)
                assert plain is not None
                self.place = plain.end()

    def entries(self, path: str) -> None:
        """The entries of a list."""
        self.place += 1
        count = 0
        while self.skip() < len(self.text) and self.text[self.place] != "]":
            entry = joined(path, str(count))
            self.note(entry, self.place)
            self.value(entry)
            count += 1
        self.place += 1


def joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def unquoted(name: str) -> str:
    """A key as it is read."""
    if name[0] == "'":
        return name[1:-1]
    return ESCAPED.sub(plain, name[1:-1]) if name[0] == '"' else name


def plain(found: re.Match[str]) -> str:
    """The character that an escape stands for."""
    code = found[1]
    return chr(int(code[1:], 16)) if code[0] in "uU" and len(code) > 1 else ESCAPES.get(code, code)
