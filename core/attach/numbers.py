"""NumPy arrays from whatever holds numbers: tensors, JAX's and other arrays, lists."""

import sys
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def is_tensor(value: object) -> bool:
    """Whether it is one of PyTorch's; without PyTorch nothing is."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def to_array(value: Any) -> Array:
    """A NumPy array of its own, which nobody else changes; half precision as float32.

    Raises TypeError for what holds no real numbers.
    """
    return of_numbers(np.array(of_tensor(value) if is_tensor(value) else value))


def own_array(tensor: Any) -> Array:
    """The same of a tensor that is nobody else's; where it lies in this memory, the array is the tensor's own."""
    return of_numbers(of_tensor(tensor))


def of_numbers(array: Array) -> Array:
    """The array in a type that is recorded. Raises TypeError for what holds no real numbers."""
    kind, size = array.dtype.kind, array.dtype.itemsize
    # JAX's bfloat16 is of no kind that NumPy knows; long doubles are of 12 or 16 bytes.
    if kind == "V" or (kind == "f" and size not in (4, 8)):
        array = array.astype(np.float32 if size <= 2 else np.float64)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"expected an array of numbers, found one of {array.dtype}")
    return array


def of_tensor(tensor: Any) -> Array:
    """The numbers of a tensor, from wherever it lies; not copied where that can be left out."""
    torch = sys.modules["torch"]
    tensor = tensor.detach()
    with suppress(TypeError, RuntimeError):
        # Where there is nothing to be brought over or turned into other numbers first.
        plain: Array = tensor.numpy()
        return plain
    if tensor.layout != torch.strided:
        tensor = tensor.to_dense()
    if tensor.dtype in (torch.float16, torch.bfloat16):
        tensor = tensor.float()
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    found: Array = tensor.cpu().resolve_neg().resolve_conj().numpy()
    return found


def loss_of(loss: Any) -> Any:
    """A loss as it is kept until its number is asked for: a float, or a copy that stays where the loss lies.

    What waits for a device, `item`, is not called for tensors that lie on one.
    """
    if isinstance(loss, float):
        return float(loss)
    if is_tensor(loss):
        if not loss.is_cpu:
            return loss.detach().clone()
        return float(loss.item()) if loss.numel() == 1 else mean(loss)
    if hasattr(loss, "block_until_ready"):
        # JAX's arrays never change, so that they can wait.
        return loss
    try:
        return float(loss)
    except (TypeError, ValueError):
        return mean(loss)


def mean(loss: Any) -> float:
    """The mean of a loss of several numbers, such as one a device."""
    return float(np.mean(to_array(loss), dtype=np.float64))


def fetched(losses: list[Any]) -> list[float]:
    """The numbers of losses that have waited."""
    if all(type(loss) is float for loss in losses):
        return losses
    waiting = [loss for loss in losses if is_tensor(loss) and loss.numel() == 1]
    if len(waiting) == len(losses):
        # All of them at once: each would wait for the device by itself.
        torch = sys.modules["torch"]
        return [float(value) for value in torch.stack([loss.reshape(()) for loss in losses]).tolist()]
    return [loss if type(loss) is float else mean(loss) for loss in losses]
