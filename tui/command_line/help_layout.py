"""How help is laid out: lines of at most eighty cells, lists in two columns."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator, Mapping, Sequence
from shutil import get_terminal_size
from textwrap import wrap
from typing import TypeVar

from .command_words import COMMANDS, EXAMPLES, OPEN, statuses

AnyParser = TypeVar("AnyParser", bound=ArgumentParser)
WIDEST = 80
NARROWEST = 40
USAGE = "usage: "
INDENT = "  "
GAP = 2
LEAST = 24
"""Cells that the second column has, or it stands below the first."""


def help_width() -> int:
    """Cells that a line of help may take: as many as the terminal has, within what can be read."""
    return max(NARROWEST, min(WIDEST, get_terminal_size().columns))


class HelpLayout(RawDescriptionHelpFormatter):
    """What argparse prints, no wider than can be read."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=help_width() - 1)


def behind(command: str) -> str:
    """What the help of a command ends with: of the program its commands; examples, and exit statuses."""
    lists = {"commands": COMMANDS} if command == OPEN else {}
    lists |= {"examples": EXAMPLES.get(command, {}), "exit status": statuses(command)}
    if command == OPEN:
        lists |= {"more": {"backprop-tui COMMAND --help": "what a command takes", "backprop-tui help": "all pages"}}
    return "\n\n".join("\n".join((f"{title}:", *listed(rows))) for title, rows in lists.items() if rows)


def listed(rows: Mapping[str, str]) -> Iterator[str]:
    """Names with what they mean, in two columns where there is room for these."""
    width = help_width() - 1
    column = len(INDENT) + max(map(len, rows)) + GAP
    for name, meaning in rows.items():
        if width - column < LEAST:
            yield f"{INDENT}{name}"
            yield from wrap(meaning, width, initial_indent=INDENT * 3, subsequent_indent=INDENT * 3)
            continue
        first, *others = wrap(meaning, width - column)
        yield f"{f'{INDENT}{name}':{column}}{first}"
        yield from (" " * column + other for other in others)


def sentence(text: str) -> str:
    """A summary as a sentence; its capitals stay."""
    return f"{text[:1].upper()}{text[1:]}."


def command_parser(kind: type[AnyParser], command: str, usages: Sequence[str]) -> AnyParser:
    """The parser of a command without options, with all that its help says around these."""
    program = "See a neural network learn: the chain rule, op by op, with its real numbers."
    about = program if command == OPEN else sentence(COMMANDS[command])
    room, below = help_width() - 1 - len(USAGE), f"\n{' ' * len(USAGE)}"
    called = below.join(below.join(wrap(usage, room, subsequent_indent=INDENT * 2)) for usage in usages)
    return kind(
        prog="backprop-tui" if command == OPEN else f"backprop-tui {command}",
        usage=called,
        description="\n".join(wrap(about, help_width() - 1)),
        epilog=behind(command),
        formatter_class=HelpLayout,
        add_help=False,
        allow_abbrev=False,
    )
