"""What a case is of, by kind: each makes its files in the present folder, and gives what is typed."""

import gzip
import io
import json
import random
import sqlite3
import struct
import tomllib
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from backprop_tui import presets
from backprop_tui.core.preset.preset import parse
from backprop_tui.core.preset.setting_paths import setting_paths
from backprop_tui.core.preset.toml_text import toml_text
from backprop_tui.core.recording.recorder import Recorder
from backprop_tui.core.recording.writer import Writer
from backprop_tui.core.session.session import Session
from backprop_tui.tui.command_line.loading import load
from backprop_tui.tui.config.config import config_path, read_config
from backprop_tui.tui.config.shown import default_text

from . import mutations
from .trial import Case

SMALL = ("xor", "by-hand", "first-steps", "residual", "batch-norm", "moons", "sine", "schedule", "hiker", "clipping")
"""Presets that are opened in a moment."""
ASKED: tuple[tuple[str, ...], ...] = (
    *(("train", "--steps", "2"), ("train", "--steps", "3", "--json"), ("show",), ("check-preset",)),
    *(("explain",), ("explain", "--step", "2", "--format", "json", "--json"), ("explain", "--worksheet")),
    *(("check",), ("diagnose", "--steps", "4", "--json"), ("compare", "--steps", "2", "--json")),
    *(("estimate", "--budget", "8", "--json"), ("--plain",)),
)
"""Commands on a preset; how often each is asked differs, since some take long."""
OFTEN = (8, 4, 3, 2, 1, 1, 1, 1, 1, 1, 1, 2)
SPOKEN = (
    *("right", "right 3 steps", "back", "step 4", "op", "epoch", "W1[1,1]", "W2[1,3]", "paths", "paths 2", "decay"),
    *("what if", "what if W1[1,1] = 0.5", "set optimizer.learning_rate = 0.3", "W1[1,1] = 1e308", "undo", "redo"),
    *("check", "diagnose", "compare 3", "statistics", "loss", "gradients", "weights", "data", "predict", "source"),
    *("lesson", "breakpoints", "break loss_rises", "play 3", "help", "help right", "dW1", "A1[1,1]", "all W1", "depth"),
    *(
        "nested",
        "measures",
        "settings",
        "restart",
        "restart 3",
        "variant",
        "long way",
        "neuron 1",
        "a1[1]",
        "home",
        "end",
    ),
)

ODD_NUMBERS = ("²", "٣", "½", "9" * 400, "9" * 5000, "0000000000000000000000019999", "1,000", "1_000", "-3", "+2")

SAID_NUMBERS = [number for number in mutations.NUMBERS if number != 2**31]
"""Without steps that can be made, and take hours: `step 2147483648` is done as it is asked for."""


def command(chance: random.Random, preset: str) -> Case:
    """A command on a preset."""
    (word, *options) = chance.choices(ASKED, OFTEN)[0]
    if word == "--plain":
        return Case((preset, "--plain"), "\n".join(chance.choices(SPOKEN, k=4)))
    return Case((word, preset, *options))


@cache
def texts() -> tuple[bytes, ...]:
    return tuple(presets.text(name).encode() for name in SMALL)


@cache
def tables() -> tuple[dict[str, Any], ...]:
    return tuple(parse(text.decode(), "a preset") for text in texts())


def written(table: dict[str, Any]) -> str:
    """A preset file of a table, as far as TOML can say it."""
    try:
        Path("case.toml").write_text(toml_text(table), encoding="utf-8", errors="surrogateescape")
    except (TypeError, ValueError, RecursionError):
        Path("case.toml").write_text("title = 'no TOML can say it'")
    return "case.toml"


# Presets


def preset_bytes(chance: random.Random) -> Case:
    Path("case.toml").write_bytes(mutations.damaged(chance, chance.choice(texts()), texts()))
    return command(chance, "case.toml")


def preset_structure(chance: random.Random) -> Case:
    first, second = chance.choice(tables()), chance.choice(tables())
    return command(chance, written(mutations.other_structure(chance, first, second)))


def preset_values(chance: random.Random) -> Case:
    return command(chance, written(mutations.other_values(chance, chance.choice(tables()))))


@cache
def paths() -> tuple[Any, ...]:
    return tuple(setting_paths(2))


def settings(chance: random.Random) -> Case:
    """`--set`, one to three of them: any setting, any value, words of its own more often, or no setting at all."""
    typed: list[str] = []
    for _ in range(chance.choice((1, 1, 2, 3))):
        path = chance.choice(paths())
        found = chance.choice(path.words) if path.words and chance.random() < 0.6 else mutations.value(chance)
        text = found if isinstance(found, str) else toml_value(found)
        setting = f"{path.path}={text}"
        if chance.random() < 0.15:
            setting = mutations.damaged(chance, setting.encode("utf-8", "surrogateescape")).decode("utf-8", "replace")
        typed += ["--set", setting]
    made = command(chance, chance.choice(SMALL))
    return Case((*made.argv, *typed), made.spoken)


def toml_value(found: Any) -> str:
    return toml_text({"a": found}).partition("=")[2].strip() if not isinstance(found, dict) else "{ a = 1 }"


# Data files


def rows(chance: random.Random) -> bytes:
    """A table of text, of the kinds that people have."""
    separator = chance.choice((",", ",", ";", "\t", " ", "|"))
    lines = [] if chance.random() < 0.3 else [separator.join(("length", "width", "kind"))]
    for row in range(chance.choice((3, 12, 40))):
        cells = [
            f"{chance.gauss(0, 3):.{chance.randrange(5)}f}",
            f"{row}",
            chance.choice(("red", "blue", "3", '"a, b"')),
        ]
        lines.append(separator.join(cells))
    return chance.choice(("\n", "\n", "\r\n", "\r")).join(lines).encode(chance.choice(("utf-8", "utf-8-sig", "utf-16")))


def of_data(chance: random.Random, path: str) -> Case:
    """A command on somebody's own data, or on a preset that names them."""
    if chance.random() < 0.6:
        options = ("--target", chance.choice(("kind", "length", "3", "0", "nothing"))) if chance.random() < 0.4 else ()
        asked = chance.choice((("train", "--steps", "2"), ("show",), ("explain",)))
        return Case((asked[0], "--data", path, *options, *asked[1:]))
    kind = Path(path).name.split(".")[-1] if path.endswith(("csv", "npz")) else "idx"
    data: dict[str, Any] = {"kind": kind, "path": path, "train_ratio": chance.choice((1.0, 0.5))}
    if kind == "csv":
        data |= {"targets": [chance.choice(("kind", "width", "nothing"))], "missing": chance.choice(("drop", "median"))}
    layers = [{"units": 3, "activation": "tanh"}, {"units": chance.choice((1, 2)), "activation": "identity"}]
    return Case(("train", written({"title": "Own", "data": data, "layers": layers}), "--steps", "2"))


def csv(chance: random.Random) -> Case:
    content = rows(chance)
    Path("case.csv").write_bytes(
        mutations.damaged(chance, content, (rows(chance),)) if chance.random() < 0.9 else content
    )
    return of_data(chance, "case.csv")


def array(chance: random.Random) -> bytes:
    """A NumPy file, mostly with a header that lies."""
    kind = chance.choice(
        ("<f8", "<f4", "<i8", "|u1", "|b1", "<U3", "<c16", "|O", "|V9", "<M8[s]", ">f8", "|V2000000000")
    )
    shape = chance.choice(
        ("(6, 2)", "(6,)", "(6, 1)", "()", "(0, 2)", "(1000000000000, 2)", "(True, 2)", "(-1, 2)", "(6, 2")
    )
    if chance.random() < 0.5:
        kind, shape = "<f8", "(6, 2)"
    header = f"{{'descr': '{kind}', 'fortran_order': {chance.choice((True, False, 0))}, 'shape': {shape}, }}"
    words = header.ljust(117).encode() + b"\n"
    body = np.random.default_rng(chance.randrange(9)).normal(size=12).tobytes()
    made = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(words)) + words + body
    return mutations.damaged(chance, made) if chance.random() < 0.3 else made


def archive(chance: random.Random, names: tuple[str, ...]) -> bytes:
    """A zip of arrays, damaged as a whole now and then."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as file:
        for name in dict.fromkeys(chance.choices(names, k=chance.choice((1, 2, len(names))))):
            file.writestr(name, array(chance))
    content = packed.getvalue()
    return mutations.damaged(chance, content) if chance.random() < 0.5 else content


def npz(chance: random.Random) -> Case:
    names = ("inputs.npy", "targets.npy", "X.npy", "y.npy", "x_train.npy", "y_train.npy", "readme.txt", "../a.npy")
    Path("case.npz").write_bytes(archive(chance, names))
    return of_data(chance, "case.npz")


def start(chance: random.Random) -> Case:
    Path("case.npz").write_bytes(
        archive(chance, ("W1.npy", "b1.npy", "W2.npy", "b2.npy", "0.weight.npy", "fc1.bias.npy"))
    )
    if chance.random() < 0.2:
        # Weights that are there already are replaced, anything else is left alone.
        return Case(("train", "xor", "--steps", "1", "--save", "case.npz"))
    made = command(chance, chance.choice(SMALL))
    return Case((*made.argv, "--set", "training.start=case.npz"), made.spoken)


def idx(chance: random.Random) -> Case:
    """A pair of files of images and labels, one of them damaged, packed or not."""
    count, side = chance.choice((1, 5, 20)), chance.choice((1, 4, 8))
    declared = chance.choice((count, count, count, 0, count + 1, 2**31, 2**32 - 1))
    images = struct.pack(">HBBIII", 0, 8, 3, declared, side, side) + chance.randbytes(count * side * side)
    labels = struct.pack(">HBBI", 0, 8, 1, count) + bytes(chance.randrange(3) for _ in range(count))
    ending = chance.choice(("", ".gz"))
    for name, content in ((f"case-images-idx3-ubyte{ending}", images), (f"case-labels-idx1-ubyte{ending}", labels)):
        made = mutations.damaged(chance, content) if chance.random() < 0.4 else content
        packed = gzip.compress(made, mtime=0) if ending else made
        Path(name).write_bytes(mutations.damaged(chance, packed) if ending and chance.random() < 0.2 else packed)
    for other in Path().glob("case-*-ubyte*"):
        if other.name.endswith(".gz") != bool(ending):
            other.unlink()
    return of_data(chance, f"case-images-idx3-ubyte{ending}")


# Recordings, hand-ins, URLs, words


@cache
def recordings() -> tuple[bytes, bytes]:
    """A recording of a run of ours, and one of somebody's own loop."""
    session = Session(*load("xor"))
    with Recorder(session, Path("own.backprop")):
        session.advance(session.timeline.finish_of(60))
    draw = np.random.default_rng(0)
    with Writer.create(Path("arrays.backprop"), "arrays", {"title": "mine"}) as writer:
        writer.add_losses(draw.normal(size=3000).tolist())
        for step in (1, 10, 100):
            writer.keep(step, 0.5, {"learning_rate": 0.1}, {"θ/W": draw.normal(size=(4, 3)), "g/W": np.zeros((4, 3))})
    found = Path("own.backprop").read_bytes(), Path("arrays.backprop").read_bytes()
    for name in ("own.backprop", "arrays.backprop"):
        Path(name).unlink()
    return found


CHANGED = (
    *(
        "UPDATE arrays SET data = ?",
        "UPDATE steps SET facts = ?",
        "UPDATE steps SET seconds = ?",
        "UPDATE arrays SET name = ?",
    ),
    *(
        "UPDATE meta SET value = ? WHERE rowid % 2",
        "UPDATE meta SET name = ? WHERE rowid = 2",
        "UPDATE losses SET low = ?",
    ),
    *("UPDATE losses SET width = ?", "UPDATE OR IGNORE losses SET first = ?", "UPDATE OR IGNORE steps SET step = ?"),
    *("DELETE FROM meta WHERE value > ?", "DELETE FROM arrays WHERE step > ?", "UPDATE files SET data = ?"),
)


def recording(chance: random.Random) -> Case:
    path = Path("case.backprop")
    content = chance.choice(recordings())
    if chance.random() < 0.5:
        path.write_bytes(mutations.damaged(chance, content, recordings()))
    else:
        path.write_bytes(content)
        found = chance.choice(
            (*mutations.NUMBERS, *mutations.WORDS, b"\xff\x00", json.dumps({"a": [1]}), "[]", "{}", None)
        )
        bound = str(found) if isinstance(found, int) and abs(found) >= 2**63 else found
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.execute(chance.choice(CHANGED), (bound,))
        except sqlite3.Error:
            pass
        finally:
            connection.close()
    asked = (("diagnose", "--json"), ("explain",), ("show",), ("check",), ("train", "--steps", "70"))
    (word, *options) = chance.choice(asked)
    if chance.random() < 0.4:
        return Case(("case.backprop", "--plain"), "\n".join(chance.choices(SPOKEN, k=5)))
    return Case((word, "case.backprop", *options))


@cache
def handed_in() -> tuple[bytes, ...]:
    folder = presets.folder()
    return tuple((folder / f"verify-{number}.json").read_bytes() for number in (1, 2, 3))


def hand_in(chance: random.Random) -> Case:
    """A step for `verify`, with other values or other bytes."""
    if chance.random() < 0.3:
        names = (
            "X.npy",
            "Y.npy",
            "W1.npy",
            "b1.npy",
            "Z1.npy",
            "A1.npy",
            "dW1.npy",
            "W1_new.npy",
            "loss.npy",
            "dZ1.npy",
        )
        Path("case.npz").write_bytes(archive(chance, names))
        return Case(("verify", "case.npz", "--json"))
    content = chance.choice(handed_in())
    if chance.random() < 0.5:
        made = json.dumps(mutations.other_values(chance, json.loads(content)))
        Path("case.json").write_text(made, encoding="utf-8", errors="surrogatepass")
    else:
        Path("case.json").write_bytes(mutations.damaged(chance, content, handed_in()))
    return Case(("verify", "case.json", *chance.choice(((), ("--json",)))))


URL = "activation=tanh&batchSize=10&dataset=circle&regDataset=reg-plane&learningRate=0.03&regularizationRate=0"
URL += "&noise=0&networkShape=4,2&seed=0.5&showTestData=false&discretize=false&percTrainData=50&x=true&y=true&problem="


def url(chance: random.Random) -> Case:
    parts = URL.split("&") + chance.choices(URL.split("&"), k=2)
    for _ in range(chance.choice((1, 2, 3))):
        place = chance.randrange(len(parts))
        parts[place] = f"{parts[place].partition('=')[0]}={chance.choice((*mutations.NUMBERS, *mutations.WORDS))}"
    text = mutations.damaged(chance, "&".join(parts).encode()).decode("utf-8", "replace")
    asked = chance.choice((("train", "--steps", "2"), ("show",), ("explain",)))
    return Case((asked[0], "--url", text.replace("\x00", ""), *asked[1:]))


def words(chance: random.Random) -> Case:
    """Lines of plain mode, of which some mean nothing."""
    lines: list[str] = []
    for _ in range(chance.choice((3, 8, 20))):
        line = chance.choice(SPOKEN)
        match chance.randrange(5):
            case 0:
                line = mutations.damaged(chance, line.encode()).decode("utf-8", "surrogateescape")
            case 1:
                line = f"{line.split()[0]} {chance.choice((*SAID_NUMBERS, *mutations.WORDS, *ODD_NUMBERS))}"
            case 2:
                path = chance.choice(paths())
                line = f"set {path.path} = {chance.choice((*mutations.NUMBERS, *mutations.WORDS, *path.words))}"
        lines.append(line)
    return Case((chance.choice(SMALL), "--plain", *chance.choice(((), ("--ascii",)))), "\n".join(lines))


def command_line(chance: random.Random) -> Case:
    """Words in any order: commands, options and their values, some of them wrong."""
    options = ("--steps", "--seed", "--json", "--set", "--weight", "--format", "--worksheet", "--budget", "--help")
    options += (
        "--version",
        "--hide",
        "--ascii",
        "--fps",
        "--step",
        "--digits",
        "--vary",
        "--data",
        "--target",
        "--plain",
    )
    commands = (
        "train",
        "explain",
        "check",
        "diagnose",
        "compare",
        "show",
        "list",
        "estimate",
        "predict",
        "verify",
        "help",
    )
    found: list[str] = [chance.choice(commands), chance.choice(SMALL)]
    for _ in range(chance.randrange(4)):
        found.insert(chance.randrange(len(found) + 1), chance.choice(options))
        found.insert(
            chance.randrange(len(found) + 1), str(chance.choice((*mutations.NUMBERS[:12], *mutations.WORDS, 3)))
        )
    # The app itself is asked for nowhere: without a terminal it would say so.
    return Case((*found, *(("--steps", "3") if found[0] in ("train", "compare", "diagnose") else ())))


# Settings that stay


@cache
def config_tables() -> tuple[dict[str, Any], ...]:
    whole = "\n".join(line.removeprefix("# ") if " = " in line else line for line in default_text().splitlines())
    return tomllib.loads(whole), {"theme": "nord", "keys": {"play": ["space", "k"], "quit": "ctrl+x"}}


def config(chance: random.Random) -> Case:
    """A file of settings, which is read, told of, and then written by a choice."""
    path = config_path()
    assert path is not None
    path.parent.mkdir(parents=True, exist_ok=True)
    table = chance.choice(config_tables())
    changed = chance.choice((mutations.other_values, mutations.other_structure))
    try:
        made = changed(chance, table, *([table] if changed is mutations.other_structure else []))
        content = toml_text(made).encode("utf-8", "surrogateescape")
    except (TypeError, ValueError, RecursionError):
        content = b"theme = 3"
    content = mutations.damaged(chance, content) if chance.random() < 0.4 else content
    path.write_bytes(content)
    kept = read_config()
    kept.choose(chance.choice(("theme", "views.loss", "panes.first")), chance.choice(("map", 'a"b', "\\", "é\x1b")))
    kept.write()
    if kept.broken and path.read_bytes() != content:
        raise AssertionError("a file that is none was written over")
    return Case(("config",) if chance.random() < 0.9 else ("help", "keys"))


KINDS: dict[str, Callable[[random.Random], Case]] = {
    "bytes": preset_bytes,
    "structure": preset_structure,
    "values": preset_values,
    "set": settings,
    "csv": csv,
    "npz": npz,
    "idx": idx,
    "start": start,
    "recording": recording,
    "hand-in": hand_in,
    "url": url,
    "words": words,
    "command-line": command_line,
    "config": config,
}


def case(kind: str, number: int) -> Case:
    """The case of a kind with that number; its files are in the present folder."""
    return KINDS[kind](random.Random(f"{kind} {number}"))
