"""The command line: one command, its exit status, and one line on standard error where something is wrong.

Whatever takes time to import is imported by who needs it: help and version need nothing, the headless commands
never need textual.
"""

import gc
import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from backprop_tui.core.preset.schema import PresetError, nearest
from backprop_tui.tui.command_line.command_words import COMMANDS, OPEN, SERVE
from backprop_tui.tui.command_line.console import Signs, complain, emit, flush_streams, in_ascii
from backprop_tui.tui.command_line.loading import is_recording, recording_of
from backprop_tui.tui.command_line.options import UsageError, parse, unheeded
from backprop_tui.tui.command_line.other_file import misplaced
from backprop_tui.tui.command_line.shells import SHELLS
from backprop_tui.tui.command_line.terminal import lacking, trust_terminal
from backprop_tui.tui.command_line.visitor import VISIT, is_visitor

if TYPE_CHECKING:
    from backprop_tui.core.recording.reader import Recording
    from backprop_tui.core.recording.recorded_session import RecordedSession
    from backprop_tui.core.session.session import Session

    from .app import AppRequest
    from .config.config import Config

BLAS_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
COMPLETE = "complete"
"""A word that shells say, and nobody types."""
SCREEN_RATE = "1000"
"""How often a second textual may look for something to draw: a key is answered sooner than at its own 60."""
SWITCH = 0.001
"""Seconds after which the thread that reads keys gets its turn while another trains; usually it is 5 ms."""
WRONG_USAGE = 2
WITHOUT_SERVE = "serve needs textual-serve, which is not installed: pip install 'backprop-tui[serve]' brings it"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (by default the program's own) and return the exit status."""
    for name in BLAS_THREADS:
        # More threads make small products slower, and all of them when another program runs.
        os.environ.setdefault(name, "1")
    words = sys.argv[1:] if argv is None else argv
    Signs.ascii = "--ascii" in words
    try:
        return run(words)
    except (UsageError, PresetError) as problem:
        complain(str(problem))
    except OSError as problem:
        complain(f"{problem.filename or 'input or output'}: {problem.strerror or problem}")
    finally:
        flush_streams()
    return WRONG_USAGE


def run(argv: Sequence[str]) -> int:
    """The command of `argv`; raises UsageError or PresetError where it cannot be followed."""
    if argv[:1] == [COMPLETE]:
        return complete(argv[1:])
    if argv[:1] == [VISIT] and argv[1:] and is_visitor():
        return open_visit(argv[1:])
    parser, options = parse(argv)
    if options.help:
        text = parser.format_help()
        emit(in_ascii(text) if Signs.ascii else text)
        return 0
    for line in unheeded(options):
        complain(line)
    if options.version or options.command == "version":
        from backprop_tui import __version__

        emit(f"backprop-tui {__version__}")
        return 0
    if problem := misplaced(options):
        raise UsageError(problem)
    if options.command == "completion":
        emit(SHELLS[options.shell])
        return 0
    if options.command == "help":
        return print_help(options)
    if options.command == "config":
        return show_config(options)
    if options.command == "check-preset":
        return check_preset(options)
    if options.command == OPEN:
        return open_plain(options) if options.plain else open_app(options)
    if options.command == "verify" and options.app:
        return open_handed_in(options)
    if options.command == "sweep":
        return sweep(options)
    if options.command == SERVE:
        return serve(options)
    from backprop_tui.tui.command_line.commands import HEADLESS

    return HEADLESS[options.command](options)


def complete(words: Sequence[str]) -> int:
    """What the last of the words may become: asked by a shell, whose script `completion` prints."""
    from backprop_tui.tui.command_line.completion import completion_lines

    if lines := list(completion_lines(words)):
        emit("\n".join(lines))
    return 0


def print_help(options: Namespace) -> int:
    """`help`: a page of the documentation, or the names of all."""
    from backprop_tui.tui.command_line.commands import columns, emit_text

    from .help_pages import help_text

    keys = [config_of(options).keymap] if options.topic in ("keys", "keys.md") else []
    emit_text(help_text(options.topic, columns(), *keys), options)
    return 0


def show_config(options: Namespace) -> int:
    """`config`: where the settings are kept, and what stands there; 2 where something of it is wrong."""
    from .config.config import THEME, config_path, read_config
    from .config.shown import config_text, default_text

    path = config_path()
    if options.default:
        emit(default_text())
        return 0
    if path is None:
        raise UsageError("there is no home folder to keep settings in; XDG_CONFIG_HOME=/some/folder names one")
    if options.path:
        emit(str(path))
        return 0
    config = read_config()
    if THEME in config.values:
        from textual.theme import BUILTIN_THEMES

        config.check_theme(BUILTIN_THEMES)
    emit(config_text(config))
    for problem in config.problems:
        complain(problem)
    return WRONG_USAGE if config.problems else 0


def config_of(options: Namespace) -> "Config":
    """The settings that stay; none, where that was asked for, and for a visitor of a server, whose they are not."""
    from .config.config import Config, read_config

    without = getattr(options, "no_config", False) or is_visitor()
    return Config() if without else read_config()


def check_preset(options: Namespace) -> int:
    """`check-preset`: all that is wrong with a preset and its lesson; 2 where something is, as for any bad file."""
    from backprop_tui.tui.command_line.commands import emit_json, emit_text
    from backprop_tui.tui.command_line.preset_report import report_json, report_on_preset, report_text

    from .help_pages import known_to_lessons

    report = report_on_preset(options.preset, options.set, options.seed, known_to_lessons)
    if options.json:
        emit_json(report_json(report))
    else:
        emit_text(report_text(report), options)
    return WRONG_USAGE if report.problems else 0


def sweep(options: Namespace) -> int:
    """`sweep`, and the app on what of it is chosen at the end."""
    from backprop_tui.tui.command_line.sweeping import Chosen
    from backprop_tui.tui.command_line.sweeping import sweep as swept

    chosen = swept(options)
    if not isinstance(chosen, Chosen):
        return chosen
    typed = {**vars(options), "set": [*options.set, *chosen.settings], "seed": chosen.seed}
    return open_app(Namespace(**{"hide": [], **typed}))


def serve(options: Namespace) -> int:
    """`serve`: the app in browsers, until a signal ends it; what could not be opened is told before it begins."""
    from importlib.util import find_spec

    from backprop_tui.presets import names
    from backprop_tui.tui.command_line.offer import Offer, offers, visit_words

    if find_spec("textual_serve") is None:
        raise UsageError(WITHOUT_SERVE)
    for preset in options.presets or [None]:
        checked = Namespace(**{**vars(options), "preset": preset})
        if preset is not None and is_recording(preset):
            checked_recording(checked)
        else:
            checked_session(checked)
    offered = offers(options.presets)
    from .serving.site import Site, serve

    by_name = {offer.name: visit_words(options, offered, offer.name) for offer in offered or map(Offer, names())}
    what = ", ".join(offer.name for offer in offered) or "the gallery"
    what = f"{what} {'are' if len(offered) > 1 else 'is'}"
    site = Site(visit_words(options, offered), by_name, options.visitors, (options.host, *options.name))
    return serve(site, options.host, options.port, what)


def open_visit(words: Sequence[str]) -> int:
    """Open the app for a visitor of `serve`: on what he wants, which is the first word, or on the gallery."""
    from backprop_tui.tui.command_line.offer import wanted_offer
    from backprop_tui.tui.command_line.options import build

    options = build(SERVE).parse_args(words[1:], Namespace(command=OPEN))
    wanted = wanted_offer(words[0], options.presets)
    options.preset = None if wanted is None else wanted.entered()
    options.offered = tuple(options.presets)
    return open_app(options)


def open_app(options: Namespace) -> int:
    """Open the app on a preset, or on the gallery; everything is checked before the screen is touched."""
    # Opening makes many objects that stay; the collector would go through all of them again and again. The app turns
    # it on when it is there.
    gc.disable()
    config = heeded(options)
    if options.preset is not None and is_recording(options.preset):
        return open_recorded(options, config)
    session = checked_session(options)
    prepare_terminal()
    from .start import run_app

    return run_app(request_of(options, config, tuple(options.set), options.seed), session)


def heeded(options: Namespace) -> "Config":
    """The settings that stay, with what of them is an option, too, beside what was said on the command line."""
    config = config_of(options)
    options.hide = [*options.hide, *config.get("hide", ())]
    options.ascii = options.ascii or config.get("ascii", False)
    return config


def request_of(
    options: Namespace, config: "Config", settings: tuple[str, ...] = (), seed: int | None = None
) -> "AppRequest":
    """What the app is asked for, on a preset or a recording."""
    from .app import AppRequest

    preset = getattr(options, "preset", None) if options.command != "verify" else None
    offered, hide = getattr(options, "offered", ()), tuple(options.hide)
    return AppRequest(preset, settings, seed, options.fps, options.ascii, hide, offered, config)


def open_plain(options: Namespace) -> int:
    """Tell the same as lines of text, without a screen, and take words for keys; it needs no terminal.

    What comes through a pipe is heard the same whoever sends it: the settings are those of somebody who types.
    """
    options.no_config = options.no_config or not (sys.stdin is not None and sys.stdin.isatty())
    config = heeded(options)
    for problem in config.problems:
        complain(problem)
    if options.preset is not None and is_recording(options.preset):
        return open_recorded_plainly(options, config)
    session = checked_session(options)
    from .plain.conversation import Conversation
    from .plain.voice import Voice

    return Conversation(session, Voice(ascii=options.ascii), options.hide, config=config).hold()


def open_recorded_plainly(options: Namespace, config: "Config") -> int:
    """The same of a recording: as a run, or somebody's own training by its kept steps alone."""
    from backprop_tui.core.recording.recorded_session import RecordedSession

    from .plain.conversation import Conversation
    from .plain.recorded import RecordedConversation
    from .plain.voice import Voice

    found, voice = opened_recording(options), Voice(ascii=options.ascii)
    if isinstance(found, RecordedSession):
        return Conversation(found.session, voice, options.hide, found, config).hold()
    return RecordedConversation(found, voice).hold()


def opened_recording(options: Namespace) -> "Recording | RecordedSession":
    """A recording as far as it can be gone through. Raises UsageError for options that are of presets."""
    from backprop_tui.core.recording.recorded_session import opened

    if options.set or options.seed is not None:
        raise UsageError("a recording is opened as it is: --set and --seed are for presets")
    return opened(recording_of(options.preset))


def checked_recording(options: Namespace) -> "Recording | RecordedSession":
    """The recording that the app opens with; raises what `opened_recording` does, and where it has no step to show."""
    from backprop_tui.core.recording.recorded_session import RecordedSession

    from .recording.kept_run import KeptRun

    recording = opened_recording(options)
    if not isinstance(recording, RecordedSession):
        # Raises PresetError where the step that the screen begins with cannot be read.
        KeptRun(recording)
    return recording


def open_recorded(options: Namespace, config: "Config") -> int:
    """Open the app on a recording; what is wrong with the file is told before the screen is touched."""
    recording = checked_recording(options)
    prepare_terminal()
    from .start import run_app

    return run_app(request_of(options, config), recording=recording)


def open_handed_in(options: Namespace) -> int:
    """Open the app on a step that was handed in, somebody's own numbers beside those of a run; the app's own status."""
    from backprop_tui.core.verify.handed_in import opened
    from backprop_tui.tui.command_line.commands import report_on

    gc.disable()
    config = heeded(options)
    session, handed_in = opened(report_on(options))
    prepare_terminal()
    from .start import run_app

    # What was set is of the step alone: presets that are opened later are as they stand.
    return run_app(request_of(options, config), session, handed_in)


def prepare_terminal() -> None:
    """Before textual is imported; raises UsageError where there is no terminal to draw in."""
    if not is_visitor():
        if problem := lacking():
            raise UsageError(problem)
        trust_terminal()
    os.environ.setdefault("TEXTUAL_FPS", SCREEN_RATE)
    sys.setswitchinterval(SWITCH)


def checked_session(options: Namespace) -> "Session | None":
    """The session that the app opens with, None for the gallery; raises PresetError for what it could not open."""
    if options.preset is None:
        from backprop_tui.core.preset.settings import apply_setting

        for setting in options.set:
            apply_setting({}, setting)
        return None
    from backprop_tui.core.session.session import Session
    from backprop_tui.presets import names
    from backprop_tui.tui.command_line.loading import is_file, load

    if options.preset not in names() and not is_file(options.preset):
        near = nearest(options.preset, [*names(), *COMMANDS])
        if near in COMMANDS:
            raise UsageError(f'there is no preset and no command "{options.preset}"; did you mean "{near}"?')
    return Session(*load(options.preset, settings=options.set, seed=options.seed, hide=options.hide, told=True))
