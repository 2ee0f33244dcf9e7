"""See a neural network learn: the chain rule, op by op, with its real numbers."""

from os.path import basename, dirname

__version__ = "0.3.0"

if basename(dirname(__path__[0])) == ".pkg":
    # This is the project's own folder, not an installed copy: core, presets and tui stand two folders up. Beside this
    # file are only links to them, which are text files where git or an unpacker knows no links.
    __path__.append(dirname(dirname(__path__[0])))
