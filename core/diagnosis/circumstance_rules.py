"""Rules about what is so from the start: data that do not suit the network, settings under which it cannot learn."""

from backprop_tui.core.ops.expression import signed

from .findings import Severity, Symptom
from .measurement import Measurement
from .rule import MANY, SLOW_FALL, UNSOLVED, WORSE, Rule, Symptoms

LARGE = 10.0
"""A root mean square from which inputs or targets are not scaled; normalized ones have 1, the Playground's up to 4."""
SMALL = 0.1
"""A standard deviation below which an input hardly tells examples apart; normalized ones have 1."""
STRONG_DROPOUT, FEW_KEPT = 0.6, 2.0
COLLAPSED = 0.5
EARLY_STEPS = 50


def troubled(now: Measurement) -> bool:
    """Whether the run goes badly: the loss grows, hardly falls, or the first layer has no slope left."""
    first = now.layers[0]
    flat = len(now.layers) > 1 and max(first.saturated_share or 0.0, first.inactive_share or 0.0) >= MANY
    return grows(now) or stuck(now) or (flat and now.trend.now >= UNSOLVED)


def grows(now: Measurement) -> bool:
    """Whether the loss is above that of the start, and of the best constant answer."""
    return now.trend.steps > 1 and now.trend.now > WORSE * max(now.trend.first, 1.0)


def stuck(now: Measurement) -> bool:
    """Whether the loss hardly falls, and is not low."""
    return now.trend.fall is not None and now.trend.fall < SLOW_FALL and now.trend.now >= UNSOLVED


def severity(now: Measurement) -> Severity:
    """What may do no harm is no more than info as long as it does none."""
    return "warning" if troubled(now) else "info"


def ends(low: float, high: float) -> str:
    """`−17 to −3`."""
    return f"{signed(f'{low:.4g}')} to {signed(f'{high:.4g}')}"


def inputs_not_scaled(now: Measurement) -> Symptoms:
    sizes = now.circumstances.sizes
    name, size = now.circumstances.largest_input
    if size > LARGE:
        large = int((sizes > LARGE).sum())
        evidence = f"input {name} is {size:.3g} in root mean square over the {now.examples:,} training examples"
        if large > 1:
            evidence += f", the largest of {large} inputs over {LARGE:g}"
        yield Symptom("inputs_not_scaled", severity(now), evidence, size, LARGE)
    elif stuck(now):
        name, deviation = now.circumstances.widest_input
        if 0 < deviation < SMALL:
            evidence = (
                f"the inputs of the {now.examples:,} training examples hardly differ: {name}, which differs most, has "
                f"a standard deviation of {deviation:.3g}"
            )
            yield Symptom("inputs_not_scaled", "warning", evidence, deviation, SMALL, form="small")


def targets_not_scaled(now: Measurement) -> Symptoms:
    about = now.circumstances
    if about.output_range[1] <= 1 or about.classes is not None or about.target_size <= LARGE:
        return
    low, high = about.target_range
    evidence = f"the targets go from {ends(low, high)}, {about.target_size:.3g} in root mean square"
    yield Symptom("targets_not_scaled", severity(now), evidence, about.target_size, LARGE)


def targets_out_of_range(now: Measurement) -> Symptoms:
    about = now.circumstances
    if not about.out_of_range:
        return
    (low, high), (least, most) = about.target_range, about.output_range
    gives = f"only numbers from {least:g} to {most:g}" if most < float("inf") else f"nothing below {least:g}"
    evidence = (
        f"the targets of {about.out_of_range:,} of {now.examples:,} training examples lie where "
        f"{now.layers[-1].activation} gives {gives}; the targets go from {ends(low, high)}"
    )
    value = about.out_of_range / now.examples
    yield Symptom("targets_out_of_range", "warning", evidence, value, 0.0, len(now.layers))


def fixed_answer(now: Measurement) -> Symptoms:
    examples = now.circumstances.fixed_examples
    if examples:
        which = f"example {examples[0]}" if len(examples) == 1 else f"{len(examples)} examples, the first of them "
        which += "" if len(examples) == 1 else f"{examples[0]},"
        evidence = f"the inputs of {which} are all 0, and no layer has a bias: no weight can move the answer to them"
        value, level = len(examples) / now.examples, now.circumstances.fixed_level
        much = level > UNSOLVED
        if much:
            evidence += f"; that alone leaves {level:.0%} of the loss of the best constant answer"
        yield Symptom("fixed_answer", "warning", evidence, value, 0.0, form="much" if much else "")


def symmetric_outputs(now: Measurement) -> Symptoms:
    """Answers that are tied to one another, where the targets are not: by the network's form, or by its weights."""
    share, last = now.circumstances.mirrored, len(now.layers)
    if share > MANY:
        evidence = (
            "without biases the answer to −x mirrors that to x, whatever the weights; the targets do not, and "
            f"{share:.0%} of their mean square is out of reach"
        )
        yield Symptom("symmetric_outputs", "warning", evidence, share, MANY, form="mirror")
    elif last in now.twins:
        units, of = now.twins[last], now.layers[-1].units
        evidence = f"{len(units)} of {of} outputs have the same weights as another, and other targets than it"
        yield Symptom("symmetric_outputs", "warning", evidence, len(units) / of, 0.0, last, units)


def batch_norm_of_one(now: Measurement) -> Symptoms:
    layer = next((layer.number for layer in now.circumstances.normalized), None)
    about = now.circumstances
    if layer is None or about.smallest_batch > 1:
        return
    if about.batch == 1 or now.examples == 1:
        evidence = f"batch norm in layer {layer} with batches of 1 example"
        yield Symptom("batch_norm_of_one", "warning", evidence, 1.0, 2.0, layer)
    else:
        evidence = (
            f"batch norm in layer {layer}, and of {now.examples:,} training examples, {about.batch:,} a batch, 1 is "
            "left for the last batch of each epoch"
        )
        # In the step of the one example all that is normalized is flat: that alone is no trouble of the run.
        grave: Severity = "warning" if grows(now) or stuck(now) else "info"
        yield Symptom("batch_norm_of_one", grave, evidence, 1.0, 2.0, layer, form="rest")


def sorted_examples(now: Measurement) -> Symptoms:
    about = now.circumstances
    if about.sorted_classes:
        evidence = (
            f"the {now.examples:,} training examples come one class after the other, "
            f"{now.batch:,} a batch, and are not shuffled"
        )
        yield Symptom("sorted_examples", severity(now), evidence, float(now.batch), float(now.examples))


def penalty_too_strong(now: Measurement) -> Symptoms:
    kinds = now.circumstances.penalties
    share = now.parameters / now.first_parameters if now.first_parameters else 1.0
    idle = now.trend.fall is not None and now.trend.fall < SLOW_FALL and now.trend.now > UNSOLVED
    if kinds and idle and share < COLLAPSED:
        told = " and ".join(f"{name} = {value:g}" for name, value in kinds.items())
        evidence = f"with {told} ‖θ‖ has gone down to {share:.2g} of what it was, and the loss does not fall"
        yield Symptom("penalty_too_strong", "warning", evidence, share, COLLAPSED)


def dropout_too_strong(now: Measurement) -> Symptoms:
    if now.trend.now < UNSOLVED or now.step < EARLY_STEPS:
        return
    for layer in now.circumstances.dropping:
        kept = (1 - layer.dropout) * layer.units
        if layer.dropout >= STRONG_DROPOUT or kept < FEW_KEPT:
            evidence = (
                f"dropout of {layer.dropout:g} leaves {kept:.2g} of {layer.units} units of layer {layer.number} "
                f"in the mean, and the loss is {now.trend.now:.0%} of that of the best constant answer"
            )
            yield Symptom("dropout_too_strong", "warning", evidence, layer.dropout, STRONG_DROPOUT, layer.number)
            return


RULES = (
    Rule(
        "targets_out_of_range",
        "targets out of range",
        "a target lies where the output's activation gives no number",
        targets_out_of_range,
        patience=1,
    ),
    Rule(
        "inputs_not_scaled",
        "inputs not scaled",
        f"an input is over {LARGE:g} in root mean square, which is info as long as the run does not suffer; or none "
        f"has a standard deviation of {SMALL:g} or more, and the loss hardly falls",
        inputs_not_scaled,
    ),
    Rule(
        "targets_not_scaled",
        "targets not scaled",
        f"the targets are over {LARGE:g} in root mean square; info as long as the run does not suffer",
        targets_not_scaled,
    ),
    Rule(
        "fixed_answer",
        "an answer that cannot move",
        "an example with inputs of 0, no bias in any layer, and a target that is not what the network gives for it",
        fixed_answer,
        patience=1,
    ),
    Rule(
        "symmetric_outputs",
        "symmetric outputs",
        "no layer has a bias and all are odd, so that the answer to −x mirrors that to x, which over half of the "
        "targets' mean square do not; or outputs of other targets keep the same weights",
        symmetric_outputs,
    ),
    Rule(
        "batch_norm_of_one",
        "batch norm of one",
        "a layer with batch norm is trained with batches of one example; info where that is only the last one of an "
        "epoch, and the run does not suffer",
        batch_norm_of_one,
        patience=1,
    ),
    Rule(
        "sorted_examples",
        "sorted examples",
        "the examples come one class after the other, in batches that are not shuffled; info as long as the run does "
        "not suffer",
        sorted_examples,
    ),
    Rule(
        "penalty_too_strong",
        "penalty too strong",
        f"with a penalty or weight decay ‖θ‖ has gone below {COLLAPSED:g} of what it was, the loss falls by less than "
        f"{SLOW_FALL:.0%} and is over {UNSOLVED:.0%} of the best constant answer's",
        penalty_too_strong,
    ),
    Rule(
        "dropout_too_strong",
        "dropout too strong",
        f"dropout of {STRONG_DROPOUT:g} or more, or less than {FEW_KEPT:g} units that are left in the mean, and after "
        f"{EARLY_STEPS} steps the loss is over {UNSOLVED:.0%} of the best constant answer's",
        dropout_too_strong,
    ),
)
