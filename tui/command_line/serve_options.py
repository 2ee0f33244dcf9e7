"""The options of `serve`: where the app is served, and to how many at a time."""

import re
from argparse import ArgumentParser, ArgumentTypeError

from backprop_tui.core.preset.schema import described

from .option_numbers import whole

HOST, PORT, VISITORS = "127.0.0.1", 8000, 50
NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", re.ASCII | re.IGNORECASE)
"""A name of a host, without a scheme, a port or a path."""
LAST_PORT, MOST_VISITORS = 65_535, 10_000


def add_served(parser: ArgumentParser) -> None:
    """Give the parser of `serve` its options."""
    help = f"the address to be reached at: {HOST}, which is this machine alone, unless told; 0.0.0.0: all that it has"
    parser.add_argument("--host", metavar="H", default=HOST, help=help)
    help = f"the port there, {PORT} unless told; 0: one that is free"
    parser.add_argument("--port", metavar="N", type=whole(0, LAST_PORT), default=PORT, help=help)
    help = "a name by which browsers call it, such as school.example, where it has one on the Internet; repeatable"
    parser.add_argument("--name", metavar="NAME", type=host_name, action="append", default=[], help=help)
    help = f"how many may be there at the same time, each of whom takes some 100 MB; {VISITORS} unless told"
    parser.add_argument("--visitors", metavar="N", type=whole(1, MOST_VISITORS), default=VISITORS, help=help)


def host_name(text: str) -> str:
    """A name as a browser says it. Raises ArgumentTypeError for what is none, such as a whole address."""
    try:
        name = text.encode("idna").decode()
    except UnicodeError:
        name = ""
    if not NAME.fullmatch(name):
        raise ArgumentTypeError(f"expected a name alone, such as school.example, found {described(text)}")
    return name
