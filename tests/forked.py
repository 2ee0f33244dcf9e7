"""Programs that begin with the same long import: one process has done it and is forked for each of them.

What is forked runs its code as a module of its own name, `__main__`, and then ends as any interpreter does.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

PARENT = """
import json, os, sys
{imports}
for line in sys.stdin:
    request = json.loads(line)
    if "wait" in request:
        print(os.waitstatus_to_exitcode(os.waitpid(request["wait"], 0)[1]), flush=True)
        continue
    forked = os.fork()
    if not forked:
        break
    print(forked, flush=True)
else:
    sys.exit()
os.chdir(request["folder"])
for stream, path in enumerate((os.devnull, *request["out"])):
    opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    os.dup2(opened, stream)
    os.close(opened)
exec(compile(request["code"], "<string>", "exec"))
"""


class Ended(NamedTuple):
    returncode: int
    """Below 0 the number of the signal that ended it."""
    stdout: str
    stderr: str


class Forked:
    """A process that has imported something, to be forked."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.started = 0

    def asked(self, **request: object) -> int:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def run(self, folder: Path, *codes: str) -> list[Ended]:
        """Run programs in a folder, beside each other, until the last has ended."""
        children = []
        for code in codes:
            self.started += 1
            # Beside the folder: what a program leaves in it is looked at.
            out = [str(folder.with_name(f"{folder.name}-{self.started}-{stream}")) for stream in ("out", "err")]
            children.append((self.asked(folder=str(folder), out=out, code=code), out))
        return [Ended(self.asked(wait=child), *(Path(path).read_text() for path in out)) for child, out in children]


@contextmanager
def forked(imports: str, *options: str, **environment: str) -> Iterator[Forked]:
    """A process that has run the line `imports`; `options` are those of Python, `environment` is added to this one."""
    command = [sys.executable, *options, "-c", PARENT.format(imports=imports)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | environment
    ) as process:
        yield Forked(process)
        assert process.stdin
        process.stdin.close()
        assert process.wait() == 0
