"""Every mistake that can be made in a network: the contract's ids, each where it can stand and as it can be written."""

from collections.abc import Iterator

from .network import Form, Mistake, Network
from .student_activations import OF_OUTPUT

CONTRACT = """
missing_activation_derivative derivative_at_activation derivative_formula_on_z relu_mask_of_gradient
softmax_derivative_twice sigmoid_derivative_twice wrong_sign loss_gradient_factor missing_mean double_mean
preactivation_instead_of_activation activation_of_wrong_layer bias_gradient_of_one_example bias_gradient_summed
bias_gradient_zero bias_gradient_missing_mean transposed_gradient transposed_weights weights_left_out
weights_of_wrong_layer updated_weights_used last_example_only bias_left_out_forward gradient_ascent
biases_not_updated learning_rate_factor learning_rate_over_m dropout_mask_not_applied dropout_scale_missing
batch_norm_statistics_constant batch_norm_running_statistics penalty_missing penalty_factor penalty_on_biases
penalty_in_loss_only clipping_per_layer momentum_dampened adam_without_bias_correction adam_step_off_by_one
epsilon_inside_sqrt weight_decay_coupled gradient_accumulated float_precision
"""
ADDED = """
softmax_derivative_diagonal derivative_of_other_activation derivative_formula_in_part activation_instead_of_derivative
velocity_factor look_ahead_missing
"""
IDS = (*CONTRACT.split(), *ADDED.split())
OF_W_BETWEEN = ("transposed_weights", "weights_left_out", "weights_of_wrong_layer", "updated_weights_used")
"""Mistakes between two layers: the one whose W it is and the one whose dA it is are both a right answer."""

AVERAGED = ("mean_squared_error", "binary_cross_entropy")
"""Losses that are averaged over the outputs."""


def places(network: Network, *, later: bool = False) -> Iterator[Mistake]:
    """All mistakes that can be made in a network, one at a time; `later` is after the first step."""
    for number in range(1, network.depth + 1):
        for name, form in (*in_activation(network, number), *in_gradients(network, number), *below(network, number)):
            yield Mistake(name, number, form)
    for name, form in (*in_whole(network), *in_update(network), *(in_later_steps(network) if later else ())):
        yield Mistake(name, None, form)


def in_activation(network: Network, number: int) -> Iterator[tuple[str, Form]]:
    """Where dA goes through dropout, f′ and batch norm, and in the forward pass beside them."""
    layer = network.layer(number)
    fused = network.fused and number == network.depth
    if not fused and layer.activation != "identity":
        yield "missing_activation_derivative", None
    if not fused and layer.activation not in ("identity", "softmax"):
        yield "derivative_at_activation", None
        if number < network.depth:
            yield "wrong_sign", None
    if not fused and layer.activation != "softmax":
        for other in ("sigmoid", "tanh", "relu"):
            # Of few outputs all may be above 0, where relu's slope is that of identity.
            if other != layer.activation and (other, layer.activation) != ("relu", "identity"):
                yield "derivative_of_other_activation", other
    if not fused and layer.activation in ("sigmoid", "tanh"):
        yield "derivative_formula_in_part", None
    if not fused and layer.activation not in ("identity", "softmax"):
        yield "activation_instead_of_derivative", None
    if not fused and layer.activation in OF_OUTPUT:
        yield "derivative_formula_on_z", None
    if not fused and layer.activation == "relu":
        yield "relu_mask_of_gradient", None
    if layer.activation == "softmax":
        yield "softmax_derivative_diagonal", None
        yield "softmax_derivative_twice", None
        if fused:
            yield "softmax_derivative_twice", "diagonal"
    if layer.activation == "sigmoid":
        yield "sigmoid_derivative_twice", None
    if layer.dropout:
        yield "dropout_mask_not_applied", None
        yield "dropout_mask_not_applied", "forward"
        yield "dropout_scale_missing", None
        yield "dropout_scale_missing", "backward"
    if layer.batch_norm:
        yield "batch_norm_statistics_constant", None
        yield "batch_norm_running_statistics", None
        yield "batch_norm_running_statistics", "updated"
        yield "batch_norm_running_statistics", "full"
    yield "bias_left_out_forward", None


def in_gradients(network: Network, number: int) -> Iterator[tuple[str, Form]]:
    """Where dW and db come from dZ."""
    if not network.mean_early:
        yield "missing_mean", None
        yield "bias_gradient_missing_mean", None
    yield "double_mean", None
    if number > 1:
        yield "preactivation_instead_of_activation", None
        if network.layer(number - 1).activation != "identity":
            yield "preactivation_instead_of_activation", "forward"
    for other in range(network.depth + 1):
        if other != number - 1 and network.units(other) == network.units(number - 1):
            yield "activation_of_wrong_layer", other
    yield "bias_gradient_of_one_example", None
    yield "bias_gradient_of_one_example", "first"
    yield "bias_gradient_of_one_example", "divided"
    if network.units(number) > 1:
        yield "bias_gradient_summed", None
        yield "bias_gradient_summed", "number"
    yield "bias_gradient_zero", None
    if network.units(number) > 1 and network.units(number - 1) > 1:
        yield "transposed_gradient", None
    yield "last_example_only", None
    yield "last_example_only", "undivided"


def below(network: Network, number: int) -> Iterator[tuple[str, Form]]:
    """Where dA of the layer below comes from dZ and W."""
    if number == 1:
        return
    square = network.units(number) == network.units(number - 1)
    if square and network.units(number) > 1:
        yield "transposed_weights", None
    yield "weights_left_out", None if square or network.units(number) == 1 else "ones"
    for other in range(1, network.depth + 1):
        same = network.units(other) == network.units(number) and network.units(other - 1) == network.units(number - 1)
        if other != number and same:
            yield "weights_of_wrong_layer", other
    if "clip_norm" not in network.optimizer:
        yield "updated_weights_used", None


def in_whole(network: Network) -> Iterator[tuple[str, Form]]:
    """In all layers at once, and where the backward pass begins."""
    yield "wrong_sign", None
    yield "loss_gradient_factor", 2.0
    yield "loss_gradient_factor", 0.5
    if network.units(network.depth) > 1:
        yield "loss_gradient_factor", "outputs" if network.loss.endswith(AVERAGED) else "over outputs"
    for name in ("missing_mean", "double_mean", "bias_gradient_zero", "bias_left_out_forward", "last_example_only"):
        yield name, None
    if not network.mean_early:
        yield "bias_gradient_missing_mean", None
    if network.depth > 1 and "clip_norm" not in network.optimizer:
        yield "updated_weights_used", None
    yield "gradient_accumulated", None
    yield "float_precision", "float32"
    if network.optimizer["kind"] in ("sgd", "momentum", "nesterov"):
        # The ε of the others is 0 in half precision.
        yield "float_precision", "float16"


def in_update(network: Network) -> Iterator[tuple[str, Form]]:
    """In what the optimizer does."""
    settings = network.optimizer
    kind = settings["kind"]
    yield "gradient_ascent", None
    yield "biases_not_updated", None
    for factor in (0.1, 0.5, 2.0, 10.0):
        yield "learning_rate_factor", factor
    yield "learning_rate_over_m", None
    if settings.get("l1") or settings.get("l2"):
        yield "penalty_missing", None
        yield "penalty_on_biases", None
        yield "penalty_in_loss_only", None
        for form in (2.0, 0.5, "over m"):
            yield "penalty_factor", form
    if settings.get("clip_norm"):
        yield "clipping_per_layer", None
        yield "clipping_per_layer", "array"
    if kind in ("momentum", "nesterov"):
        yield "momentum_dampened", None
    if kind == "nesterov":
        yield "look_ahead_missing", None
    if kind in ("adam", "adamw"):
        yield "adam_without_bias_correction", None
        yield "adam_step_off_by_one", None
    if kind in ("adam", "adamw", "rmsprop", "adagrad"):
        yield "epsilon_inside_sqrt", None
    if kind == "adamw" and settings.get("weight_decay"):
        yield "weight_decay_coupled", None


def in_later_steps(network: Network) -> Iterator[tuple[str, Form]]:
    """What depends on the steps before."""
    if network.optimizer["kind"] == "sgd":
        yield "gradient_accumulated", "step before"
    if network.optimizer["kind"] in ("adam", "adamw"):
        yield "adam_step_off_by_one", "before"
    if network.optimizer["kind"] in ("momentum", "nesterov"):
        for form in (None, "turned", "whole", "rest"):
            yield "velocity_factor", form


OF_BIASES = ("bias_gradient_missing_mean", "bias_gradient_summed", "bias_gradient_zero")
"""Silent in front of batch norm, where the bias has no effect and db is 0."""


def is_silent(network: Network, mistake: Mistake) -> bool:
    """Whether the mistake changes no number: what it confuses is the same in that place."""
    if mistake.layer is None:
        return False
    layer = network.layer(mistake.layer)
    if mistake.id in OF_BIASES:
        return layer.batch_norm
    if mistake.id == "derivative_at_activation":
        return layer.activation in ("relu", "leaky_relu")
    if mistake.id == "preactivation_instead_of_activation":
        below = network.layer(mistake.layer - 1)
        return below.activation == "identity" and not below.dropout
    return False
