"""`python -m backprop_tui` is the same as `backprop-tui`."""

import sys

from backprop_tui.tui.cli import main

sys.exit(main())
