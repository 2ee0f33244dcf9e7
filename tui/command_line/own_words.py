"""What stands in place of a preset: `--data FILE --target COLUMN … --test FILE` or `--url URL`, as one argument.

What a command takes a preset by is text: an id, a file, or such words as they are typed.
"""

import os
import re
import shlex
from typing import Any

from backprop_tui.core.value_class import dataclass

OPTION = "--data"
URL = "--url"
COPIED = re.compile(r"(https?://)?(www\.)?playground\.tensorflow\.org(/|#|$)|#[A-Za-z0-9_]+=", re.IGNORECASE)
COUNTED = re.compile(r"-?[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class OwnWords:
    """The file, its target columns, by name or number, and the file of the test part."""

    path: str
    targets: tuple[str, ...] = ()
    test: str | None = None

    @property
    def argument(self) -> str:
        """These words as they are typed in a shell."""
        words = [OPTION, self.path]
        words += ["--target", *self.targets] if self.targets else []
        words += ["--test", self.test] if self.test is not None else []
        return shlex.join(words)

    @property
    def files(self) -> tuple[str, ...]:
        return (self.path,) if self.test is None else (self.path, self.test)

    @property
    def data(self) -> dict[str, Any]:
        """What `[data]` of a preset says of them."""
        data: dict[str, Any] = {"path": self.path}
        if self.test is not None:
            data["test"] = self.test
        if self.targets:
            data["targets"] = [int(word) if COUNTED.fullmatch(word) else word for word in self.targets]
        return data


def is_own(argument: str) -> bool:
    """Whether an argument is these words."""
    return argument.startswith(f"{OPTION} ")


def own_words(argument: str) -> OwnWords:
    """The words of an argument that is such."""
    _, path, *rest = shlex.split(argument)
    test = None
    if "--test" in rest[-2:-1]:
        *rest, _, test = rest
    return OwnWords(path, tuple(rest[1:]), test)


def url_argument(url: str) -> str:
    """The words that name an experiment of TensorFlow Playground, as they are typed in a shell."""
    return shlex.join([URL, url])


def is_url(argument: str) -> bool:
    """Whether an argument is these words."""
    return argument.startswith(f"{URL} ")


def is_playground(argument: str) -> bool:
    """Whether an argument is a URL of TensorFlow Playground as it is copied, or the part of one behind the `#`."""
    return bool(COPIED.match(argument)) and not os.path.lexists(argument)


def url_of(argument: str) -> str:
    """The URL of an argument that is such."""
    return shlex.split(argument)[1]
