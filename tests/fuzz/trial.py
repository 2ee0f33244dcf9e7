"""One case: a command line, run in this process as the program runs it, and what is wrong with how it went."""

import json
import re
import resource
import sys
import traceback
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from unittest import mock

from backprop_tui.tui.cli import main
from backprop_tui.tui.command_line import fault_report

MOST_MEMORY = 2**30
LONGEST_LINE = 3000
"""Characters of a line on standard error."""
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What a terminal would obey, and no result has."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is typed; `spoken` comes on standard input."""

    argv: tuple[str, ...]
    spoken: str = ""


def peak() -> int:
    """The most memory that this process has taken since `forget_peak`, in bytes."""
    with suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
        if found:
            return int(found[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def forget_peak() -> None:
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def wrong_with(case: Case) -> str:
    """Run a case; what is wrong with it, empty where nothing is."""
    streams = {name: TextIOWrapper(BytesIO(), encoding="utf-8", errors="backslashreplace") for name in ("out", "err")}
    spoken = TextIOWrapper(BytesIO(case.spoken.encode("utf-8", "surrogateescape")), encoding="utf-8")
    forget_peak()
    before = peak()
    with (
        mock.patch.multiple(sys, stdin=spoken, stdout=streams["out"], stderr=streams["err"]),
        mock.patch.object(fault_report, "written", {}),
    ):
        try:
            status: object = main(case.argv)
        except SystemExit as leaving:
            status = leaving.code
        except BaseException:
            return traceback.format_exc()
        faults = list(fault_report.written.values())
    said = {}
    for name, stream in streams.items():
        stream.flush()
        said[name] = stream.buffer.getvalue().decode("utf-8")  # type: ignore[attr-defined]
    wrong = [*wrong_words(case, said["out"], said["err"], status)]
    wrong += [f"a fault: {'' if path is None else path.read_text(encoding='utf-8')}" for path in faults]
    if (taken := peak() - before) > MOST_MEMORY:
        wrong.append(f"took {taken / 2**20:,.0f} MB")
    return "\n".join(wrong)


def wrong_words(case: Case, out: str, err: str, status: object) -> list[str]:
    """What is wrong with what was said."""
    wrong = [] if status in (0, 1, 2) else [f"exit status {status}"]
    if status == 2 and not (err + out * ("check-preset" in case.argv)).strip():
        wrong.append("refused without a word")
    if "Traceback" in out + err:
        wrong.append(f"a traceback: {err[-2000:]}")
    wrong += [f"a control character: {found[0]!r}" for text in (out, err) for found in [OBEYED.search(text)] if found]
    if (longest := max(map(len, err.splitlines()), default=0)) > LONGEST_LINE:
        wrong.append(f"a line of {longest} characters on standard error")
    if "--json" in case.argv and status != 2 and not {"--help", "--version", "help"} & {*case.argv}:
        try:
            json.loads(out, parse_constant=lambda name: wrong.append(f"{name} in JSON"))
        except ValueError as problem:
            wrong.append(f"no JSON: {problem}")
    return wrong
