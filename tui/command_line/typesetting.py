"""A LaTeX document as a PDF, where there is a LaTeX on this machine."""

import re
import shutil
import subprocess
from pathlib import Path
from tempfile import mkdtemp

from .leaving import HOLDERS, Holder

PROGRAM = "pdflatex"
PAGES = re.compile(rb"\((\d+) pages?[,)]")
FAULT = re.compile(rb"^! .*$", re.MULTILINE)


def can_typeset() -> bool:
    """Whether there is a LaTeX that makes PDFs."""
    return shutil.which(PROGRAM) is not None


class Typesetting(Holder):
    """One document being typeset in a folder of its own; a context, after which nothing is left of it."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.folder = Path(mkdtemp(prefix="backprop-tui-"))
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Typesetting":
        HOLDERS.append(self)
        return self

    def __exit__(self, *ending: object) -> None:
        HOLDERS.remove(self)
        self.give_back()

    def give_back(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def result(self) -> tuple[bytes, int]:
        """The PDF and how many pages it has; raises ValueError, saying why, where LaTeX cannot make one."""
        (self.folder / "document.tex").write_text(self.source, encoding="ascii")
        # No commands of a document are obeyed, and nothing is asked for.
        options = ("-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error")
        self.process = subprocess.Popen(
            (PROGRAM, *options, "document.tex"),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        said, _ = self.process.communicate()
        made = self.folder / "document.pdf"
        if self.process.returncode != 0 or not made.is_file():
            fault = FAULT.search(said)
            raise ValueError(fault[0].decode(errors="replace") if fault else f"{PROGRAM} made no PDF")
        pages = PAGES.search(said.replace(b"\n", b""))
        return made.read_bytes(), int(pages[1]) if pages else 0


def typeset(source: str) -> tuple[bytes, int]:
    """The PDF of a LaTeX document, and how many pages it has.

    Raises ValueError where LaTeX cannot make one, OSError where it cannot be started.
    """
    with Typesetting(source) as typesetting:
        return typesetting.result()
