"""The commands of the program, and in words what each takes, gives and ends with: for help, manual and completion."""

OPEN = "open"
"""The command of a line that names none: open the app."""
SERVE = "serve"
COMMANDS = {
    "list": "list the built-in presets",
    "show": "print a preset's TOML, ready to save and edit",
    "train": "train without the app and print what came of it",
    "explain": "print the worked solution of one step, with every number, or a worksheet of it",
    "check": "compare the gradient with central differences of the loss",
    "diagnose": "train without the app and report what is wrong, why, and what helps",
    "compare": "train presets, or a preset and its variants, in lockstep",
    "sweep": "train every combination of some settings, several at a time, as a table",
    "estimate": "compare backpropagation with its alternatives, at equal cost",
    "predict": "print what a trained network says of new rows",
    "check-preset": "say all that is wrong with a preset and its lesson",
    "verify": "say which op of somebody's own backpropagation is wrong, and which mistake it is",
    SERVE: "show the app in web browsers, with a run of its own for each visitor",
    "completion": "print what lets bash, zsh or fish complete words: commands, presets, options, settings",
    "config": "print where the settings that stay are kept, and what they are",
    "help": "print a page of the documentation",
    "version": "print the version",
}
PRESET = "(PRESET | --data FILE | --url URL) "
WORDS = {
    "list": "",
    "compare": "(PRESET [PRESET ...] | --data FILE | --url URL) ",
    "sweep": f"{PRESET}--vary KEY=V1,V2,… ",
    "predict": f"{PRESET}--inputs FILE ",
    "check-preset": "FILE ",
    "verify": "FILE ",
    SERVE: "[PRESET ... | --data FILE | --url URL] ",
    "completion": "SHELL ",
    "config": "",
    "help": "[TOPIC] ",
    "version": "",
}
"""What stands behind a command, where that is not one preset, `PRESET`."""
SEVERAL = ("compare", SERVE)
"""The commands that take several presets."""
OWN_DATA = ("--data", "--target", "--test", "--url")
WITH_OWN_DATA = (
    *(OPEN, "show", "train", "explain", "check", "diagnose", "compare", "sweep", "estimate", "predict"),
    SERVE,
)
"""The commands that take somebody's own data, or a URL, in place of a preset."""
HIDE = "--hide"
HIDING = (OPEN, "show", "verify", SERVE)
"""The commands that open the app, or print a preset that does: what they show can be kept out of sight."""
CONFIGURED = (OPEN, "sweep", "verify", "help")
"""The commands that open the app, or tell of its keys: they heed the settings that stay, unless told not to."""
WITH_JSON = (
    "list",
    "train",
    "check",
    "diagnose",
    "compare",
    "sweep",
    "estimate",
    "predict",
    "check-preset",
    "verify",
)
"""The commands that print one JSON document where they are asked for it."""
COMMON = ("--seed", "--set", "--fps", "--ascii")
"""The options that every command takes; `help` and `version` aside."""
WITHOUT_PRESET = (OPEN, "list", "verify", SERVE, "completion", "config", "help", "version")
"""The commands that go without a preset."""
UNHEEDED: dict[str, tuple[str, ...]] = {
    "list": ("--seed", "--set", "--fps"),
    "show": ("--fps", "--ascii"),
    "train": ("--fps",),
    "explain": ("--fps",),
    "check": ("--fps",),
    "diagnose": ("--fps",),
    "compare": ("--fps",),
    "estimate": ("--fps",),
    "predict": ("--fps", "--ascii"),
    "check-preset": ("--fps",),
    "completion": COMMON,
    "config": COMMON,
    "help": ("--seed", "--set", "--fps"),
    "version": COMMON,
}
"""The common options that change nothing of a command: they are taken, with a word about it, and no help names them."""
REASONS = {
    "--seed": "it is of no preset",
    "--set": "it is of no preset",
    "--fps": "it draws no pictures",
    "--ascii": "it prints what stands there",
}
"""Why an option changes nothing of a command."""
DONE = "done"
WRONG_USAGE = "wrong usage, or a file that cannot be used"
SIGNALLED = "ended by ctrl+c, SIGTERM or SIGHUP"
FAILURES = {
    OPEN: "a fault of the program itself, after which it could not go on",
    "train": "training became non-finite",
    "check": "a gradient is wrong",
    "diagnose": "with --fail-on: there is such a finding",
    "sweep": "no run came to an end",
    "predict": "training became non-finite, so that there are no answers",
    "verify": "a number is wrong",
}
"""What exit status 1 says of a command."""
EXAMPLES = {
    OPEN: {
        "backprop-tui": "the gallery of presets",
        "backprop-tui xor": "a preset, paused before its first op",
        "backprop-tui mine.toml --set seed=3": "a file of your own",
        "backprop-tui --data iris.csv": "your own data",
        "backprop-tui compare vanishing": "a preset beside its variants",
        "backprop-tui verify step.npz": "what is wrong with your own",
    },
    "list": {"backprop-tui list --json": "with titles, summaries and tags"},
    "show": {
        "backprop-tui show xor > mine.toml": "to be edited and opened",
        "backprop-tui show circle --format url": "for TensorFlow Playground",
    },
    "train": {
        "backprop-tui train spiral --seed 7": "with other data and weights",
        "backprop-tui train xor --save xor.npz": "and keep the weights",
        "backprop-tui train --data iris.csv": "on your own data",
    },
    "explain": {
        "backprop-tui explain first-steps --step 2": "the second update",
        "backprop-tui explain xor --weight 'W2[1,3]'": "one weight, derived",
        "backprop-tui explain by-hand --worksheet": "an exercise with its key",
    },
    "check": {"backprop-tui check spiral --step 100": "the gradient of step 100"},
    "diagnose": {
        "backprop-tui diagnose vanishing": "what is wrong, and what helps",
        "backprop-tui diagnose run.backprop --fail-on error": "for a CI",
    },
    "compare": {
        "backprop-tui compare vanishing": "a preset beside its variants",
        "backprop-tui compare circle gauss": "two presets",
    },
    "sweep": {"backprop-tui sweep xor --vary seed=1,2,3,4": "four at once, best first"},
    "estimate": {"backprop-tui estimate xor --budget 500": "500 forward passes each"},
    "predict": {"backprop-tui predict xor --inputs points.csv": "train, then ask"},
    "check-preset": {"backprop-tui check-preset mine.toml": "all that is wrong, by lines"},
    "verify": {
        "backprop-tui verify step.npz": "which op is wrong",
        "backprop-tui verify verify-1 --app": "beside the right numbers",
    },
    SERVE: {
        "backprop-tui serve": "the gallery, for this machine",
        "backprop-tui serve xor spiral --host 0.0.0.0": "two presets, for a class",
    },
    "completion": {'eval "$(backprop-tui completion bash)"': "in ~/.bashrc"},
    "config": {
        "backprop-tui config": "the settings, and what is wrong with them",
        "backprop-tui config --path": "where they are, for an editor",
    },
    "help": {
        "backprop-tui help preset": "every key of a preset",
        "backprop-tui help man | man -l -": "the manual, where it is not installed",
    },
}
"""Lines to begin with, and what they do."""


def statuses(command: str) -> dict[str, str]:
    """The exit statuses of a command, in the order of their numbers."""
    failure = {"1": FAILURES[command]} if command in FAILURES else {}
    return {"0": DONE, **failure, "2": WRONG_USAGE, "130, 143, 129": SIGNALLED}
