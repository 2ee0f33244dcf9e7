"""The built-in presets by subject, where to start first; and which of them what is typed finds.

Presets say by their tags what they are about. A word finds what begins like it, in whatever form: `explode` finds
`exploding`. Words that articles use and presets do not stand for a tag.
"""

from collections.abc import Iterable, Sequence

from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.command_line.loading import GalleryEntry

START = "Start here"
FIRST = ("tour", "first-steps", "by-hand", "vanishing")
"""The presets to start with, in this order."""
SUBJECTS: tuple[tuple[str, frozenset[str]], ...] = (
    ("Find the mistake", frozenset({"verify"})),
    ("What goes wrong, and what helps", frozenset({"diagnosis", "schedule"})),
    ("Digits", frozenset({"digits"})),
    ("Number by number", frozenset({"by hand", "chain rule", "hidden layer"})),
    ("More to play with", frozenset({"playground"})),
)
"""A preset is of the first of these that one of its tags belongs to."""
OTHER = "Others"
ORDER = (
    START,
    "Number by number",
    "Digits",
    "What goes wrong, and what helps",
    "More to play with",
    "Find the mistake",
    OTHER,
)
MEANT = {
    "mnist": ("digits",),
    "minibatch": ("mini-batch",),
    "image": ("digits",),
    "picture": ("digits",),
    "tutorial": ("tour", "beginner"),
    "introduction": ("tour", "beginner"),
    "basic": ("tour", "beginner"),
    "easy": ("beginner",),
    "example": ("by hand",),
    "calculation": ("by hand",),
    "derivative": ("chain rule",),
    "gradient": ("chain rule", "vanishing", "exploding"),
    "deep": ("depth",),
    "dying": ("dead units",),
    "divergence": ("divergence", "exploding"),
    "unstable": ("divergence", "exploding"),
    "inf": ("divergence", "exploding"),
    "nan": ("divergence", "exploding"),
    "shortcut": ("residual",),
    "skip": ("residual",),
    "resnet": ("residual",),
    "standardization": ("normalization",),
    "scaling": ("normalization",),
    "momentum": ("optimizers",),
    "rmsprop": ("optimizers",),
    "decay": ("schedule",),
    "annealing": ("schedule",),
    "regularization": ("regularization",),
    "weights": ("initialization",),
    "xavier": ("initialization",),
    "he": ("initialization",),
    "bug": ("verify",),
    "exercise": ("verify", "by hand"),
    "debugging": ("verify", "diagnosis"),
    "stuck": ("plateau", "local minimum"),
    "valley": ("local minimum",),
    "error": ("verify",),
}
"""Words that articles use, and the tags that they mean."""
ENDINGS = ("isation", "ization", "ations", "ation", "ings", "ing", "ions", "ion", "ers", "er", "es", "ed", "e", "s")
LEAST_STEM = 4


@dataclass(frozen=True, slots=True)
class Section:
    """A subject with its presets."""

    title: str
    entries: tuple[GalleryEntry, ...]


def subject(entry: GalleryEntry) -> str:
    """The section that an entry stands in."""
    if entry.id in FIRST:
        return START
    return next((title for title, tags in SUBJECTS if tags & set(entry.tags)), OTHER)


def sections(entries: Sequence[GalleryEntry]) -> list[Section]:
    """The entries by subject, those to start with first; of a subject in the order in which they come."""
    found: dict[str, list[GalleryEntry]] = {title: [] for title in ORDER}
    for entry in entries:
        found[subject(entry)].append(entry)
    found[START].sort(key=lambda entry: FIRST.index(entry.id))
    return [Section(title, tuple(those)) for title, those in found.items() if those]


def search(entries: Sequence[GalleryEntry], typed: str) -> list[GalleryEntry]:
    """The entries that every typed word finds; by what their lessons say where no entry itself says it."""
    words = typed.lower().split()
    found = [entry for entry in entries if all(says(said_of(entry), word, entry.tags) for word in words)]
    if found or not words:
        return found
    return [entry for entry in entries if all(stem(word) in entry.lesson.lower() for word in words)]


def best(entries: Sequence[GalleryEntry], typed: str) -> GalleryEntry | None:
    """The one to be chosen first: the one whose id begins as typed, or like it, else the first."""
    name = typed.strip().lower()
    begun = (entry for begin in (name, stem(name)) if begin for entry in entries if entry.id.startswith(begin))
    return next(begun, next(iter(entries), None))


def said_of(entry: GalleryEntry) -> str:
    """What an entry itself says."""
    return " ".join((entry.id, entry.title, entry.summary, entry.shape, *entry.tags, subject(entry))).lower()


def says(text: str, word: str, tags: Iterable[str]) -> bool:
    """Whether a text has a word, in whatever form, or one of the tags is what the word means."""
    if stem(word) in text:
        return True
    meant = {tag for name, those in MEANT.items() if stem(name) == stem(word) for tag in those}
    return bool(meant & set(tags))


def stem(word: str) -> str:
    """A word without its ending, where enough is left of it: `explod` of `explodes` and of `exploding`."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= LEAST_STEM:
            return word.removesuffix(ending)
    return word
