"""What it is that a rule compares with its limit, in a few words: by the rule and its form."""

UNITS, EXAMPLES = "share of the layer's units", "share of the training examples"
STEP = "‖ΔW‖/‖W‖"

VALUE_NAMES: dict[tuple[str, str], str] = {
    ("exploding_gradient", "dZ"): "‖dZ‖ over that of the last layer",
    ("vanishing_gradient", "dZ"): "‖dZ‖ over that of the last layer",
    ("vanishing_gradient", "dW"): "‖dW‖ over that of the last layer",
    ("dead_units", ""): UNITS,
    ("dead_units", "batch"): UNITS,
    ("saturated_units", ""): UNITS,
    ("poor_initialization", ""): UNITS,
    ("poor_initialization", "weights"): "mean square of W and what suits it, the larger over the smaller",
    ("poor_initialization", "spread"): "variances of Z in the first and last hidden layer, the larger over the smaller",
    ("poor_initialization", "loss"): "first loss over that of answers that favour no class",
    ("symmetric_weights", ""): UNITS,
    ("inputs_not_scaled", ""): "root mean square of the largest input",
    ("inputs_not_scaled", "small"): "standard deviation of the input that differs most",
    ("targets_not_scaled", ""): "root mean square of the targets",
    ("targets_out_of_range", ""): EXAMPLES,
    ("fixed_answer", ""): EXAMPLES,
    ("fixed_answer", "much"): EXAMPLES,
    ("symmetric_outputs", "mirror"): "share of the targets' mean square",
    ("symmetric_outputs", ""): "share of the outputs",
    ("batch_norm_of_one", ""): "examples a batch",
    ("batch_norm_of_one", "rest"): "examples of the last batch",
    ("sorted_examples", ""): "examples a batch",
    ("penalty_too_strong", ""): "‖θ‖ over that at the start",
    ("dropout_too_strong", ""): "rate of dropout",
    ("learning_rate_too_high", "worse"): "loss over that of the start",
    ("learning_rate_too_high", "step"): STEP,
    ("learning_rate_too_high", "thrown"): STEP,
    ("learning_rate_too_low", ""): STEP,
    ("slow_convergence", ""): "steps that the loss takes to halve over those done",
    ("plateau", ""): "periods without a lower mean loss",
    ("plateau", "optimum"): "periods without a lower mean loss",
    ("too_few_units", ""): "units of the layer",
    ("overfitting", ""): "test loss over its lowest",
}
"""Rules without a limit have none."""


def value_name(rule: str, form: str) -> str:
    """What the value of a symptom is; empty where its evidence alone says so."""
    return VALUE_NAMES.get((rule, form), "")
