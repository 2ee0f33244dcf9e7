"""What a redraw of the weights pane costs while a network trains: `python tests/benchmarks/diagram.py`.

For networks with and without maps in their nodes, at the sizes that the pane has on screens of 120 × 36 and 200 × 50,
and alone on them: the processor time of a drawing, its median and its 99th percentile, each of another state. A pane is
drawn every quarter of a second at most; the limit is that this takes a tenth of it. Exits with status 1 beyond that.
"""

import sys
from time import process_time

import numpy as np

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.session.session import Session
from backprop_tui.tui.command_line.loading import load
from backprop_tui.tui.panes.node_maps import NodeMaps
from backprop_tui.tui.panes.view import View
from backprop_tui.tui.panes.weights import WeightsPane, offered, weights_picture

PRESETS = ("xor", "circle", "spiral", "vanishing", "digits")
SIZES = ((36, 14), (62, 20), (116, 29), (196, 43))
"""Cells of the pane beside others and alone, on the two screens."""
DRAWINGS, BEFORE = 200, 5
LIMIT = WeightsPane.interval / 10


def seconds(session: Session, width: int, height: int) -> list[float]:
    """Of each drawing, with its list of views, as the pane has them at full speed."""
    view, maps, found = View(Spotlight(1, 0, 0), playing=True), NodeMaps(), []
    for _ in range(BEFORE + DRAWINGS):
        session.forward("step")
        begin = process_time()
        weights_picture(session, view, width, height, None, maps)
        offered(session, view, width, height, None)
        found.append(process_time() - begin)
    return found[BEFORE:]


def main() -> int:
    slowest = 0.0
    for preset in PRESETS:
        for width, height in SIZES:
            median, late = np.percentile(seconds(Session(*load(preset)), width, height), (50, 99))
            slowest = max(slowest, float(median))
            print(f"{preset:10} {width:3} x {height:2}   median {median * 1e3:6.2f} ms   99 % {late * 1e3:6.2f} ms")
    print(f"slowest median {slowest * 1e3:.2f} ms, limit {LIMIT * 1e3:.0f} ms")
    return int(slowest > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
