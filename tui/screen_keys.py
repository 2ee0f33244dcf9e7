"""The keys of the training screen: which, the action that each sets off, and what it does, in words."""

from backprop_tui.core.session.timeline import UNITS

from .drawing.key_names import UNBOUND

KEYS = (
    ("space", "play", "play or pause"),
    ("right", "forward", "forward by the chosen unit"),
    ("left", "back", "back by the chosen unit"),
    *((str(i), f"unit('{unit}')", f"unit: {unit}") for i, unit in enumerate(UNITS, 1)),
    ("plus,equals_sign", "faster(1)", "play faster"),
    ("minus", "faster(-1)", "play slower"),
    ("S", "until", "where full speed stops by itself: asked once, and remembered"),
    ("home", "home", "to the start"),
    ("end", "end", "to the latest position"),
    (
        "colon",
        "go_to",
        "go to a step, to the lowest loss, or to W2[1,3]; set anything: W2[1,3] = 0.5",
    ),
    ("r", "restart", "back to the same initial weights"),
    ("R", "redraw", "start again with a new seed"),
    ("tab", "next_pane(1)", "next pane"),
    ("shift+tab", "next_pane(-1)", "previous pane"),
    ("z,f5,shift+f5", "maximise", "maximise the pane, and back (f5 is a remote's start of a show)"),
    ("up", "move(-1)", "up inside the pane"),
    ("down", "move(1)", "down inside the pane"),
    (
        "pageup",
        "page(-1)",
        "back by the chosen unit, for a presenter's remote; in lesson, settings, lists a page up",
    ),
    ("pagedown", "page(1)", "forward by the chosen unit, for a remote; in lesson, settings, lists a page down"),
    ("ctrl+u", "turn(-1)", "a page up inside the pane"),
    ("ctrl+d", "turn(1)", "a page down inside the pane"),
    ("enter", "activate", "open what is selected"),
    ("escape", "leave", "one level out"),
    *(
        (f"shift+{key}", f"spotlight({rows},{columns})", f"move the spotlight {key}")
        for key, rows, columns in (("up", -1, 0), ("down", 1, 0), ("left", 0, -1), ("right", 0, 1))
    ),
    ("E", "edit_value", "type another value of the parameter in the spotlight, in its place"),
    ("w", "next_weights_view", "next view of the weights"),
    ("v", "next_chain_view", "next view of the chain rule"),
    ("m", "next_data_view", "next view of the data: neuron, hidden layer, confusion, measures, most wrong, about"),
    ("T", "test_points", "data: the points of the test part, shown or hidden"),
    ("D", "discretize", "data: answers by their side of the middle alone, or in shades"),
    (
        "comma",
        "slide(-1)",
        "data: the neuron, the pair or the part before; what if: a smaller value; loss: more steps, landscape: wider",
    ),
    (
        "full_stop",
        "slide(1)",
        "data: the next neuron, pair or part; what if: a larger value; loss: fewer steps, landscape: nearer",
    ),
    ("a", "make", "data: put points in, move them, take them out; draw an image"),
    ("l", "log_axis", "loss: linear or log axis"),
    ("left_square_bracket", "pan(-1)", "loss: earlier steps, where not all are shown"),
    ("right_square_bracket", "pan(1)", "loss: later steps"),
    ("M", "smooth", "loss: the mean of how many steps, or none"),
    ("O", "overlay", "loss: other runs laid over: the last one, branches, variants, all"),
    (
        "L",
        "next_loss_view",
        "loss: its curve, a map over two parameters, or over gradient and random direction; the run's path",
    ),
    ("g", "tool('check')", "gradient check here and now"),
    ("e", "settings", "settings: every hyper-parameter, live, beside the panes; branches"),
    ("u", "undo", "undo the last change of a setting or a weight"),
    ("U", "redo", "do it again"),
    ("P", "problem_type", "problem type: classification or regression"),
    ("b", "tool('breakpoints')", "breakpoints"),
    ("c", "tool('compare')", "compare: add or remove a variant"),
    ("d", "tool('diagnosis')", "diagnosis"),
    ("t", "tool('statistics')", "statistics of every layer"),
    ("p", "tool('predict')", "predict the next number, then reveal it"),
    ("s", "tool('source')", "the source of the op on the screen"),
    ("C", "tool('share')", "share: all that can be taken out of the run, to a file or to the clipboard"),
    ("x", "export", "export the worked solution"),
    ("W", "keep", "keep the weights in a file, to go on from them"),
    ("X", "state", "the run as a preset, with its edits, in a new file"),
    ("y", "command", "the run as one command line, to be copied"),
    ("Y", "address", "the URL of the experiment in TensorFlow Playground, to be copied"),
    ("f", "record", "record to a new file in runs/, or stop recording"),
    ("i", "lesson", "the lesson, whose links act"),
    ("o", "open", "open another preset"),
    ("question_mark", "help", "help for what is on the screen"),
    ("q", "quit", "quit"),
)
WITHOUT_KEY = (
    (f"{UNBOUND}estimate", "tool('estimate')", "estimate: backpropagation against its alternatives"),
    (f"{UNBOUND}plot", "take('plot')", "plot of the losses as SVG, in a new file"),
    (f"{UNBOUND}losses", "take('losses')", "losses as csv, in a new file"),
    (f"{UNBOUND}gradients", "take('gradients')", "norms of the gradients as SVG or csv, in a new file"),
    (f"{UNBOUND}answers", "take('answers')", "picture of the answers as SVG, in a new file"),
)
"""What the command palette has besides, each under the name by which it can be given a key."""
OF_THE_APP = (
    (f"{UNBOUND}picture", "take_picture", "picture of whatever is in view as SVG, in a new file"),
    (f"{UNBOUND}themes", "change_theme", "the list of themes, which are the colours"),
)
"""The same of every screen."""
