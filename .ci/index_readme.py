"""The README as a package index shows it: its links to files of the project lead to the project's own address.

In a checkout they lead to the files beside it. An index has no files beside a README, so hatchling asks this hook for
the text when it builds (`[tool.hatch.metadata.hooks.custom]`).
"""

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

LINK = re.compile(r"(?P<image>!?)\[(?P<label>(?:[^\[\]]|\[[^\]]*\]\([^)]*\))*)\]\((?P<target>[^)\s]+)\)")
"""A link or an image of Markdown; a link's label may hold an image."""
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|#", re.IGNORECASE)
"""How a target begins that is no file of the project."""


def index_readme(text: str, source: str) -> str:
    """`text` whose links to files are absolute: pages below `source`, the address of the project; images are raw."""

    def absolute(link: re.Match[str]) -> str:
        label, target = LINK.sub(absolute, link["label"]), link["target"]
        if not ELSEWHERE.match(target):
            target = f"{source}/{'raw' if link['image'] else 'blob'}/main/{target.removeprefix('./')}"
        return f"{link['image']}[{label}]({target})"

    return LINK.sub(absolute, text)


class CustomMetadataHook(MetadataHookInterface):
    """What hatchling asks for the README, which `pyproject.toml` calls dynamic."""

    def update(self, metadata: dict[str, Any]) -> None:
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        told = index_readme(text, metadata["urls"]["Source"])
        metadata["readme"] = {"content-type": "text/markdown", "text": told}
