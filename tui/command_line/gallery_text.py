"""What `list` prints for people; it needs no NumPy."""

from collections.abc import Sequence
from textwrap import wrap

from .loading import GalleryEntry

NARROWEST = 40


def gallery_text(entries: Sequence[GalleryEntry], width: int | None) -> str:
    """Every preset: id, title and shape in columns, the summary below, wrapped to `width` where there is one."""
    indent = max(len(entry.id) for entry in entries) + 2
    titles = max(len(entry.title) for entry in entries) + 2
    lines = []
    for entry in entries:
        lines.append(f"{entry.id:{indent}}{entry.title:{titles}}{entry.shape}")
        room = max(NARROWEST, width - indent) if width else 0
        lines += [" " * indent + line for line in (wrap(entry.summary, room) if room else [entry.summary])]
    return "\n".join(lines)
