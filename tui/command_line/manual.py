"""The manual page, in the language of `man`, made of the parsers: `backprop-tui help man`."""

import re
from argparse import SUPPRESS, Action, ArgumentParser
from collections.abc import Iterator

from backprop_tui import __version__

from .command_words import COMMANDS, EXAMPLES, FAILURES, OPEN, WITH_OWN_DATA, statuses
from .help_layout import sentence
from .options import build, usages

NAME = "backprop-tui"
SUMMARY = "see a neural network learn: the chain rule, op by op, with its real numbers"
ABOUT = (
    "A terminal app in which a person watches a real network train, stops at any op, reads the one application of the "
    "chain rule that is happening, with its real numbers, and goes on, or back. Without a command it opens the app: on "
    "a gallery of presets, on a preset, on data, or on a recording.",
    "In the app ? shows the keys of what is on the screen, ctrl+p every command, and q quits.",
)
STREAMS = (
    "Whatever is wrong is one line on standard error. Results go to standard output and all else to standard error; "
    "with --json standard output is one document of strict JSON."
)
ENVIRONMENT = {
    "NO_COLOR": "where it is set, nothing is coloured.",
    "TERM": "with dumb the app is not drawn; --plain works everywhere.",
    "SSH_CONNECTION": "where it is set, the app draws 10 pictures a second unless --fps says otherwise.",
    "COLUMNS": "the width of what is printed, where the terminal does not say.",
    "OPENBLAS_NUM_THREADS, OMP_NUM_THREADS, MKL_NUM_THREADS": "threads of a product; 1 unless they are set.",
}
FILES = {
    "config.toml": "the settings that stay, in the folder of your settings; backprop-tui config --path says where.",
    "fault-1.txt": "a report of a fault of this program, with its number, in the folder where programs keep their "
    "state; the app names it.",
    "FILE.toml": "a preset: backprop-tui help preset.",
    "FILE.backprop": "a recording, an SQLite database: backprop-tui help recording.",
}
ELSEWHERE = (
    "backprop-tui help lists the pages of the documentation, and backprop-tui help TOPIC prints one: presets, keys, "
    "data, recordings, plain mode and others."
)
SPECIAL = {"\\": "\\e", "-": "\\-", "'": "\\(aq", '"': "\\(dq", "^": "\\(ha", "~": "\\(ti", "`": "\\(ga", "…": "..."}


def manual() -> str:
    """The source of the manual page, in ASCII."""
    return "\n".join(lines())


def lines() -> Iterator[str]:
    yield r".\" Made by: backprop-tui help man"
    yield f'.TH {NAME.upper()} 1 "" "{NAME} {__version__}" "User Commands"'
    # Nothing is parted or stretched: options and commands are to be copied as they stand.
    yield from (".nh", ".ad l")
    yield from section("NAME", f"{roff(NAME)} \\- {roff(SUMMARY)}")
    yield from section("SYNOPSIS", *synopsis(OPEN))
    yield from section("DESCRIPTION", *(line for about in ABOUT for line in (".PP", roff(about))))
    yield from section("COMMANDS", roff("Options stand before or behind a command."))
    for command in COMMANDS:
        yield from of_command(command)
    yield from section("OPTIONS", roff("Of the app:"), *of_options(build(OPEN), "options"))
    taking = ", ".join(command for command in WITH_OWN_DATA if command != OPEN)
    yield from (".SS Your own data", roff(f"Of the app, and of {taking}."), *of_options(build(OPEN), "your own data"))
    yield ".SS Common options"
    yield roff(
        "A command names in its help those that it heeds. It takes the others, and says that they change nothing."
    )
    yield from of_options(build(OPEN), "common options")
    yield from section("EXIT STATUS", *tagged(all_statuses()), ".PP", roff(STREAMS))
    yield from section("ENVIRONMENT", *tagged(ENVIRONMENT))
    yield from section("FILES", *tagged(FILES))
    yield from section("EXAMPLES", *tagged(EXAMPLES[OPEN]))
    yield from section("SEE ALSO", roff(ELSEWHERE))


def section(heading: str, *body: str) -> Iterator[str]:
    yield f".SH {heading}"
    yield from body


def synopsis(command: str) -> Iterator[str]:
    """How a command is called, a line each."""
    for number, line in enumerate(usages(command)):
        yield from (*([".br"] if number else []), f"\\fB{roff(NAME)}\\fR {roff(line.removeprefix(NAME).strip())}")


def of_command(command: str) -> Iterator[str]:
    """A command with its own options and examples; what all share stands elsewhere."""
    parser = build(command)
    yield f".SS {roff(command)}"
    yield from synopsis(command)
    yield from (".PP", roff(sentence(COMMANDS[command])))
    yield from of_options(parser, "positional arguments", "options")
    if command in FAILURES:
        yield from (".PP", roff(f"Exit status 1: {FAILURES[command]}."))
    if examples := EXAMPLES.get(command):
        yield from (".PP", "For example", *tagged(examples))


def of_options(parser: ArgumentParser, *groups: str) -> Iterator[str]:
    """What a parser has in groups, by their titles."""
    # What argparse says in its own words is told by these only.
    for group in parser._action_groups:
        if group.title in groups:
            for action in group._group_actions:
                if action.help != SUPPRESS:
                    yield from (".TP", named(action), roff(action.help or value_of(action)))


def named(action: Action) -> str:
    """`--seed N`, the name bold and what it takes italic."""
    value = value_of(action)
    # Other spellings of a name are left out.
    names = ", ".join(f"\\fB{roff(name)}\\fR" for name in action.option_strings if "_" not in name)
    return " ".join(filter(None, (names, f"\\fI{roff(value)}\\fR" if value else "")))


def value_of(action: Action) -> str:
    """What stands behind an option's name; nothing behind one that takes no value."""
    value = "" if action.nargs == 0 else str(action.metavar or "|".join(map(str, action.choices or ("VALUE",))))
    return f"{value} ..." if action.nargs == "+" else value


def all_statuses() -> dict[str, str]:
    """What the exit statuses say of all commands."""
    told = statuses(OPEN)
    failures = [f"{command}: {text}" for command, text in FAILURES.items() if command != OPEN]
    return {**told, "1": "; ".join((*failures, f"the app: {FAILURES[OPEN]}"))}


def tagged(rows: dict[str, str]) -> Iterator[str]:
    for name, meaning in rows.items():
        yield from (".TP", f"\\fB{roff(name)}\\fR", roff(meaning))


def roff(text: str) -> str:
    """Text as it stands, in ASCII: nothing of it is a request or an escape, and a hyphen can be copied as one."""
    escaped = "".join(SPECIAL.get(sign) or (sign if sign.isascii() else f"\\[u{ord(sign):04X}]") for sign in text)
    return re.sub(r"^(?=\.)", r"\\&", escaped)
