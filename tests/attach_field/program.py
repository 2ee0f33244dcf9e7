"""The program's commands as somebody calls them, in this process, and what they answer."""

import contextlib
import io
import json
from typing import Any, NamedTuple

from backprop_tui.tui import cli


class Answer(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as strict JSON."""

        def refuse(constant: str) -> None:
            raise AssertionError(f"{constant} is no JSON")

        return json.loads(self.out, parse_constant=refuse)


def program(*arguments: object) -> Answer:
    """Call `backprop-tui` with these arguments; its output is no terminal."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = cli.main([str(argument) for argument in arguments])
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else 1
    return Answer(status, out.getvalue(), err.getvalue())


def findings(path: object, *arguments: object) -> list[dict[str, Any]]:
    """What `diagnose` finds in a recording, the first of them first."""
    answer = program("diagnose", path, "--json", *arguments)
    assert answer.status == 0, answer
    return answer.json["findings"]


def is_one_line(text: str) -> bool:
    """Whether a message is one line, without escape codes or a traceback."""
    return text.count("\n") == 1 and text.endswith("\n") and text[:-1].isprintable() and "Traceback" not in text
