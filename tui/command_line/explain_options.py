"""The options of `explain`: of the worked solution, and of worksheets."""

from argparse import ArgumentParser

from .option_numbers import whole

FORMATS = ("text", "markdown", "latex", "json")
MOST_DIGITS = 9
"""As many as a worksheet prints."""


def add_explained(parser: ArgumentParser) -> None:
    """What is explained, how it is written, and what of it is left blank for whom."""
    parser.add_argument(
        "--weight", metavar="'W2[1,3]'", help="derive this weight alone, or a bias such as 'b1[2]' or 'gamma1[2]'"
    )
    parser.add_argument("--format", choices=FORMATS, default="text", help="text (the default), markdown, latex or json")
    parser.add_argument(
        "--worksheet",
        action="store_true",
        help="leave blank what the step computes, and put the answers behind; --seed draws other start weights",
    )
    help = "give no number of more than N significant digits on a worksheet, so that it can be done by hand"
    parser.add_argument("--digits", metavar="N", type=whole(1, MOST_DIGITS), help=help)
    help = "a worksheet for each of N students, or of those in a list of names, all different, the keys apart"
    parser.add_argument("--students", metavar="N|FILE", help=help)
    help = "the new folder of these worksheets; PRESET-worksheets unless told"
    parser.add_argument("--out", metavar="FOLDER", help=help)
