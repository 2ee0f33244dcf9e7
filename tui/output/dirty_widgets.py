"""Which widgets are asked for their rows when a part of a screen is painted: those that lie where something changed.

Textual asks all that lie within the smallest rectangle around all changes, for every row that they have: where the
first line of a screen has changed and the last, that is the whole screen. This knows its compositor, of 8.2; where that
is made otherwise, Textual paints as ever.
"""

from collections.abc import Iterable

from textual._compositor import Compositor
from textual.geometry import Region
from textual.strip import Strip


class SparingCompositor(Compositor):
    """Paints of a partial update the widgets, and of these the rows, that its dirty regions reach."""

    def __init__(self) -> None:
        super().__init__()
        self.changed: tuple[Region, ...] = ()
        """What is being painted, of an update that is partial."""

    def render_partial_update(self):  # type: ignore[no-untyped-def]
        self.changed = tuple(getattr(self, "_dirty_regions", ()))
        try:
            return super().render_partial_update()
        finally:
            self.changed = ()

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        if not self.changed:
            yield from super()._get_renders(crop)
            return
        for widget, (region, clip) in self.visible_widgets.items():
            seen = region.intersection(clip)
            if parts := [part for part in map(seen.intersection, self.changed) if part]:
                first, last = min(part.y for part in parts), max(part.bottom for part in parts)
                rows = Region(seen.x, first, seen.width, last - first)
                yield region, rows, widget.render_lines(rows.translate(-region.offset))
