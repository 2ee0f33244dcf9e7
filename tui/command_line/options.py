"""The options of the command line, for one command at a time."""

from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from typing import NoReturn

from backprop_tui.core.preset.hidden import hidden_names
from backprop_tui.core.preset.schema import Place, PresetError, described, suggestion

from .command_words import (
    COMMANDS,
    CONFIGURED,
    HIDE,
    HIDING,
    OPEN,
    OWN_DATA,
    PRESET,
    REASONS,
    SERVE,
    SEVERAL,
    UNHEEDED,
    WITH_JSON,
    WITH_OWN_DATA,
    WITHOUT_PRESET,
    WORDS,
)
from .help_layout import command_parser
from .option_numbers import positive, whole
from .own_words import OwnWords, is_playground, url_argument
from .shells import SHELLS

JSON = "--json"
PLAIN = "--plain"
VERIFIED = ("--preset", "--activations", "--loss-kind", "--optimizer", "--learning-rate")
"""What `verify` is told of a step."""
WITH_VALUE = (
    "--seed",
    "--set",
    "--fps",
    "--steps",
    "--record",
    "--save",
    "--csv",
    "--inputs",
    "--start",
    "--fail-on",
    "--step",
    "--weight",
    "--digits",
    "--students",
    "--out",
    "--format",
    "--budget",
    "--vary",
    "--seeds",
    "--jobs",
    "--by",
    "--dask",
    "--host",
    "--port",
    "--name",
    "--visitors",
    HIDE,
    *OWN_DATA,
    *VERIFIED,
)
NAMED = "id of a built-in preset, a TOML file, or a recording"
FAILING = ("warning", "error")
MOST_SEEDS, MOST_JOBS = 10_000, 1_024
FASTEST = 120


class UsageError(Exception):
    """A command line that cannot be followed; the message is one line for who typed it."""


class Parser(ArgumentParser):
    """An argparse parser that raises UsageError where argparse would print and exit."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def parse(argv: Sequence[str]) -> tuple[Parser, Namespace]:
    """The options of a command line, `command` among them, and the parser that knows their help.

    Raises UsageError for what the command does not know and for values that cannot be.
    """
    command, words = split(list(argv))
    parser = build(command)
    options, unknown = parser.parse_known_args(words)
    options.command = command
    if options.help or options.version:
        return parser, options
    if command in WITH_OWN_DATA:
        take_own_data(options)
    preset = getattr(options, "preset", None) or next(iter(getattr(options, "presets", ())), None)
    if unknown:
        raise UsageError(about(unknown[0], command, preset, options_of(parser)))
    if command == "verify" and options.file is None and len(options.activations or ()) > 1:
        # Words that go on to the end of the line take the file with them.
        options.file = options.activations.pop()
    if command == "verify" and options.file is None:
        raise UsageError("verify needs the file of a step, for example backprop-tui verify step.npz")
    if command == "verify" and options.hide and not options.app:
        raise UsageError(f"{HIDE} takes keys and pages of the app away: say --app too, or leave it out")
    if command == "verify" and options.app and options.json:
        raise UsageError("--app opens the app and --json prints a document: leave out one of them")
    if command == "config" and options.path and options.default:
        raise UsageError("--path says where the file is, and --default prints another: leave out one of them")
    if command == "completion" and options.shell not in SHELLS:
        found = "" if options.shell is None else f", found {described(options.shell)}"
        raise UsageError(f'expected a shell, one of {", ".join(SHELLS)}{found}: eval "$(backprop-tui completion bash)"')
    if command == "sweep" and options.dask is not None and options.jobs is not None:
        raise UsageError("--jobs is of processes of this machine, and --dask hands the runs to others: leave one out")
    if command == "predict" and options.inputs is None:
        raise UsageError("predict needs the new rows, for example backprop-tui predict xor --inputs points.csv")
    if command not in WITHOUT_PRESET and preset is None:
        example = "mine.toml" if command == "check-preset" else "xor"
        raise UsageError(f"{command} needs a preset, for example backprop-tui {command} {example}")
    return parser, options


def take_own_data(options: Namespace) -> None:
    """Have somebody's own data, or the experiment of a URL, stand where a preset does."""
    if options.url is not None:
        others = named_presets(options)
        others = [*others, *(["--data"] if options.data is not None else [])]
        if others:
            raise UsageError(f"--url stands in place of a preset: leave out {described(others[0])}")
        set_preset(options, url_argument(options.url))
        return
    if options.data is None:
        take_urls(options)
        for name, value in (("--target", options.target), ("--test", options.test)):
            if value:
                raise UsageError(f"{name} is of your own data: say --data FILE too")
        return
    named = named_presets(options)
    if named:
        raise UsageError(
            f"--data stands in place of a preset: leave out {described(named[0])}, or give the preset these data with "
            f"--set data.path={options.data}"
        )
    set_preset(options, OwnWords(options.data, tuple(options.target or ()), options.test).argument)


def take_urls(options: Namespace) -> None:
    """Have the URLs of TensorFlow Playground among the presets stand for their experiments."""
    if options.command in SEVERAL:
        options.presets = [url_argument(word) if is_playground(word) else word for word in options.presets]
    elif options.preset is not None and is_playground(options.preset):
        options.preset = url_argument(options.preset)


def named_presets(options: Namespace) -> list[str]:
    """The presets that a command line names."""
    return options.presets if options.command in SEVERAL else [options.preset] if options.preset else []


def set_preset(options: Namespace, argument: str) -> None:
    if options.command in SEVERAL:
        options.presets = [argument]
    else:
        options.preset = argument


def split(words: list[str]) -> tuple[str, list[str]]:
    """The command, which is the first word that is neither an option nor its value, and the rest of the line."""
    place = 0
    while place < len(words) and words[place].startswith("-") and words[place] != "--":
        place += 2 if words[place] in WITH_VALUE else 1
    if place < len(words) and words[place] in COMMANDS:
        return words[place], words[:place] + words[place + 1 :]
    return OPEN, words


def about(word: str, command: str, preset: str | None, known: Sequence[str]) -> str:
    """What is wrong with a word that was left over; the command has the options that are `known`."""
    if word.startswith("-"):
        name = word.partition("=")[0]
        if name == PLAIN:
            return f"{PLAIN} is the app as lines of text: {command} is that already, leave it out"
        if name == HIDE:
            return f"{HIDE} takes keys and pages of the app away: {command} has none, leave it out"
        whose = "" if command == OPEN else f" of {command}"
        if name == JSON and command == "explain":
            return f"there is no option {JSON}{whose}: --format json is that"
        others = of_others(name)
        near = [option for option in known if option.startswith(name)] if others else known
        return f"there is no option {name}{whose}{suggestion(name, near) if near else ''}{others}"
    if command == OPEN:
        return f"there is no command {described(preset)}{suggestion(preset, list(COMMANDS))}"
    return f"{command} does not know what to do with {described(word)}; see backprop-tui {command} --help"


def of_others(name: str) -> str:
    """`; --steps is of train, sweep`: the commands that have an option."""
    having = [
        "the app" if command == OPEN else command for command in (OPEN, *COMMANDS) if name in options_of(build(command))
    ]
    return f"; {name} is of {', '.join(having)}" if having else ""


def options_of(parser: ArgumentParser) -> list[str]:
    """The long names of the options that a command heeds."""
    told = (action for action in parser._actions if action.help != SUPPRESS)
    return [name for action in told for name in action.option_strings if name.startswith("--")]


def unheeded(options: Namespace) -> list[str]:
    """A line for each common option that was given and changes nothing of the command."""
    command = options.command
    given = (name for name in UNHEEDED.get(command, ()) if getattr(options, name[2:]) not in (None, [], False))
    return [f"{name} changes nothing of {command}: {REASONS[name]}" for name in given]


def usages(command: str) -> tuple[str, ...]:
    """The ways in which a command is called."""
    if command == OPEN:
        return (
            "backprop-tui [PRESET | FILE.toml | --data FILE | --url URL] [options]",
            "backprop-tui COMMAND … [options]",
        )
    return (f"backprop-tui {command} {WORDS.get(command, PRESET)}[options]",)


def build(command: str) -> Parser:
    """The parser of one command."""
    parser = command_parser(Parser, command, usages(command))
    if command == "compare":
        help = "one preset, to be compared with its variants, or several"
        parser.add_argument("presets", metavar="PRESET", nargs="*", help=help)
    elif command == SERVE:
        help = "what there is to open; one opens at once, several are chosen from, and without any all built-in ones"
        parser.add_argument("presets", metavar="PRESET", nargs="*", help=help)
    elif command == "verify":
        help = "a .npz or .json file of one step, a folder with a .csv file for each array, or verify-1 … verify-5"
        parser.add_argument("file", metavar="FILE", nargs="?", help=help)
    elif command == "help":
        help = "a page of the documentation, or a command; without one all pages are listed"
        parser.add_argument("topic", metavar="TOPIC", nargs="?", help=help)
    elif command == "completion":
        parser.add_argument(
            "shell", metavar="SHELL", nargs="?", help=f"{', '.join(SHELLS)}: its script, for its start file"
        )
    elif command not in ("list", "config", "version"):
        metavar = "FILE" if command == "check-preset" else "PRESET"
        parser.add_argument("preset", metavar=metavar, nargs="?", help=NAMED)
    add_own(parser, command)
    if command in WITH_OWN_DATA:
        add_own_data(parser)
    if command in HIDING:
        add_hide(parser)
    if command == OPEN:
        help = "tell it as lines of text and take words for keys: for screen readers, pipes and dumb terminals"
        parser.add_argument(PLAIN, action="store_true", help=f"{help}; see help plain")
    if command == "config":
        parser.add_argument("--path", action="store_true", help="print where the file is, or would be, and no more")
        help = "print a file with every setting as the program comes, and what it does, to begin with"
        parser.add_argument("--default", action="store_true", help=help)
    if command in CONFIGURED:
        help = "heed no settings of your own, and keep nothing of what is chosen or opened: see help config"
        parser.add_argument("--no-config", action="store_true", help=help)
    add_common(parser, UNHEEDED.get(command, ()))
    return parser


def add_own(parser: Parser, command: str) -> None:
    """The options that only some commands have."""
    from .explain_options import add_explained  # Not needed to open.
    from .serve_options import add_served

    if command in WITH_JSON:
        parser.add_argument("--json", action="store_true", help="print one JSON document")
    if command == "show":
        help = "toml (the default), or the URL that opens the same experiment in TensorFlow Playground"
        parser.add_argument("--format", choices=("toml", "url"), help=help)
    if command == "sweep":
        add_sweep(parser)
    if command in ("train", "diagnose", "compare", "predict", "sweep"):
        parser.add_argument(
            "--steps", metavar="N", type=whole(1), help="train for N steps, whatever the preset says about stopping"
        )
    if command == "train":
        help = "record the run in a new file, to be opened, gone back in and gone on from later"
        parser.add_argument("--record", metavar="FILE.backprop", help=help)
        help = "keep the weights at the end in a new file, for --set training.start=FILE.npz to go on from"
        parser.add_argument("--save", metavar="FILE.npz", help=help)
        help = "names in that file: own (the default), or torch, for load_state_dict of an nn.Sequential"
        parser.add_argument("--format", choices=("own", "torch"), help=help)
        help = "write the loss of every step to a new file, with what was measured at some: test loss, gradient norms"
        parser.add_argument("--csv", metavar="FILE.csv", help=help)
    if command == "predict":
        help = "the new rows: a table of text with the columns of the inputs, or .npz, .npy or idx images"
        parser.add_argument("--inputs", metavar="FILE", help=help)
        help = "the weights that train --save or W kept; without them it trains first, as train does"
        parser.add_argument("--start", metavar="WEIGHTS.npz", help=help)
    if command == "verify":
        add_verified(parser)
    if command == SERVE:
        add_served(parser)
    if command == "diagnose":
        parser.add_argument(
            "--no-measure",
            dest="measure",
            action="store_false",
            help="name what may help without trying it",
        )
        help = "exit with status 1 where something of this severity, or a graver one, is found and still there"
        parser.add_argument("--fail-on", metavar="warning|error", choices=FAILING, help=help)
    if command in ("explain", "check"):
        parser.add_argument(
            "--step", metavar="N", type=whole(1), default=1, help=f"the step to {command}; 1, the default, is the first"
        )
    if command == "explain":
        add_explained(parser)
    if command == "estimate":
        parser.add_argument(
            "--budget", metavar="N", type=whole(1), help="forward passes that each method may use; 1,000 unless told"
        )


def add_sweep(parser: Parser) -> None:
    """What a sweep varies, and how it is done."""
    from backprop_tui.core.sweep.job import MEASURES  # Not needed to open.

    help = "values of a key, each tried with all of the others, e.g. optimizer.learning_rate=0.03,0.1; may be repeated"
    parser.add_argument("--vary", metavar="KEY=V1,V2,…", action="append", default=[], help=help)
    help = "train each of them with N seeds, the preset's own and those after it"
    parser.add_argument("--seeds", metavar="N", type=whole(1, MOST_SEEDS), default=1, help=help)
    help = "train N at a time; as many as there are processors unless told"
    parser.add_argument("--jobs", metavar="N", type=whole(1, MOST_JOBS), help=help)
    help = "what is best: test_loss (the default; loss without a test part), test_accuracy, accuracy or steps"
    parser.add_argument("--by", metavar="FIGURE", choices=MEASURES, help=help)
    help = "hand the runs to the Dask scheduler there, e.g. tcp://host:8786; needs pip install 'backprop-tui[dask]'"
    parser.add_argument("--dask", metavar="ADDRESS", help=help)


def add_own_data(parser: Parser) -> None:
    """Somebody's own data, in place of a preset."""
    own = parser.add_argument_group("your own data")
    help = "csv, npz, npy or idx, on a network that suits them, in place of a preset"
    own.add_argument("--data", metavar="FILE", help=help)
    help = "the columns to predict, by name or number (-1 is the last); found out unless told"
    own.add_argument("--target", metavar="COLUMN", nargs="+", action="extend", help=help)
    own.add_argument("--test", metavar="FILE", help="the test part; a fifth of the data unless told")
    help = "the experiment of a TensorFlow Playground URL, in place of a preset: the same points, weights and losses"
    own.add_argument("--url", metavar="URL", help=help)


def add_hide(parser: Parser) -> None:
    """What the app keeps out of sight, beside what the preset hides; a printed preset has it as its own."""
    help = "keep pages, keys, panes, views or settings out of sight, beside what the preset hides; may be repeated"
    parser.add_argument(
        HIDE, metavar="NAME,NAME,…", type=names_to_hide, action="extend", default=[], help=f"{help}: see help hide"
    )


def names_to_hide(text: str) -> tuple[str, ...]:
    """Reads names with commas between them."""
    try:
        found = hidden_names(text.split(","), Place(""))
    except PresetError as problem:
        raise ArgumentTypeError(str(problem)) from None
    if not found:
        raise ArgumentTypeError(f"expected names such as settings,diagnosis, found {described(text)}")
    return found


def add_verified(parser: Parser) -> None:
    """What `verify` may be told; what it is not told it finds out from the numbers, and says."""
    parser.add_argument("--preset", metavar="PRESET", help="the network, settings and data of a preset, or a TOML file")
    parser.add_argument("--activations", metavar="WORD", nargs="+", help="one a layer: tanh softmax, or tanh,softmax")
    parser.add_argument("--loss-kind", "--loss_kind", metavar="KIND", help="cross_entropy, mean_squared_error, …")
    parser.add_argument("--optimizer", metavar="KIND", help="sgd, momentum, adam, …")
    help = "of the update, where that is to be checked and the file does not say"
    parser.add_argument("--learning-rate", "--learning_rate", metavar="RATE", type=positive, help=help)
    help = "open the step in the app, your numbers beside its own; the exit status is then the app's"
    parser.add_argument("--app", action="store_true", help=help)


def add_common(parser: ArgumentParser, without: Sequence[str]) -> None:
    """The options that every command takes; help says nothing of those `without` a meaning for it."""
    common = parser.add_argument_group("common options")

    def told(name: str, help: str) -> str:
        return SUPPRESS if name in without else help

    help = told("--seed", "draw data and start weights from seed N")
    common.add_argument("--seed", metavar="N", type=whole(0), help=help)
    help = "change the preset, e.g. optimizer.learning_rate=0.1 or layers.0.activation=relu; may be repeated"
    common.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], help=told("--set", help))
    help = told("--fps", f"pictures a second of the app at the most: 15, or 10 by SSH, unless told; up to {FASTEST}")
    common.add_argument("--fps", metavar="N", type=whole(1, FASTEST), help=help)
    help = told("--ascii", "plain ASCII, no symbols and no drawings beyond it")
    common.add_argument("--ascii", action="store_true", help=help)
    common.add_argument("--version", action="store_true", help="print the version")
    common.add_argument("--help", "-h", action="store_true", help="print this help")
