"""The program: `python -m backprop_tui`, which is the same as `backprop-tui`."""

import sys


def main() -> int:
    """Answer signals, and only then import the rest, which takes most of the time until there is a screen."""
    try:
        from backprop_tui.tui.command_line.leaving import answer_signals

        answer_signals()
    except KeyboardInterrupt:
        return 128 + 2
    from backprop_tui.tui.cli import main as command_line

    return command_line()


if __name__ == "__main__":
    sys.exit(main())
