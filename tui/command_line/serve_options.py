"""The options of `serve`: where the app is served, and to how many at a time."""

from argparse import ArgumentParser

from .option_numbers import whole

HOST, PORT, VISITORS = "127.0.0.1", 8000, 50
LAST_PORT, MOST_VISITORS = 65_535, 10_000


def add_served(parser: ArgumentParser) -> None:
    """Give the parser of `serve` its options."""
    help = f"the address to be reached at: {HOST}, which is this machine alone, unless told; 0.0.0.0: all that it has"
    parser.add_argument("--host", metavar="H", default=HOST, help=help)
    help = f"the port there, {PORT} unless told; 0: one that is free"
    parser.add_argument("--port", metavar="N", type=whole(0, LAST_PORT), default=PORT, help=help)
    help = f"how many may be there at the same time, each of whom takes some 100 MB; {VISITORS} unless told"
    parser.add_argument("--visitors", metavar="N", type=whole(1, MOST_VISITORS), default=VISITORS, help=help)
