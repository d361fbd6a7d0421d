"""PyTorch networks to FloatModel: a chain of dense or convolutional layers.

The module is traced by ``torch.fx``, so that ``nn.Sequential`` and modules with a ``forward`` of
their own read alike. Needs the extra ``torch``; to use a network where PyTorch is not installed,
export it to ONNX.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal, cast

import numpy as np

from stylus_ai.errors import ModelError
from stylus_ai.frontends.labels import text
from stylus_ai.frontends.layers import Floats, NetworkBuilder, Padding, Pair, turned
from stylus_ai.frontends.model import FloatModel
from stylus_ai.ir import Features

_NEAREST = {
    "LeakyReLU": "ReLU",
    "PReLU": "ReLU",
    "ELU": "ReLU",
    "SELU": "ReLU",
    "GELU": "ReLU",
    "SiLU": "ReLU",
    "Tanh": "ReLU or Hardtanh(0, 1)",
    "Hardswish": "ReLU6",
    "LSTM": "a network without memory between calls",
    "GRU": "a network without memory between calls",
    "LayerNorm": "BatchNorm2d or BatchNorm1d",
    "GroupNorm": "BatchNorm2d",
    "ConvTranspose2d": "Conv2d",
    "Conv1d": "Conv2d with a kernel of one row",
    "MultiheadAttention": "Linear and Conv2d",
    "Embedding": "one-hot features before a Linear",
}


def matches(model: object) -> bool:
    """A ``torch.nn.Module``, told by the modules of its base classes: PyTorch stays unloaded."""
    return any(base.__module__ == "torch.nn.modules.module" for base in type(model).__mro__)


def read(
    model: object,
    features: Features,
    *,
    positive: object = None,
    classes: Sequence[object] = (),
    targets: Sequence[str] = (),
) -> FloatModel:
    """Freeze a network that reads a row, see ``registry``; ``targets`` makes it a regression.

    One that reads an image needs its shape: read it by ``from_torch``, or export it to ONNX.
    """
    return turned(
        from_torch(
            model,
            features,
            task="regression" if targets else "classification",
            names=[text(name) for name in targets or classes] or None,
        ),
        positive,
    )


def from_torch(
    model: Any,
    features: Features,
    *,
    shape: Sequence[int] | None = None,
    task: Literal["classification", "regression"] = "classification",
    names: Sequence[str] | None = None,
) -> FloatModel:
    """Read a trained ``torch.nn.Module``.

    Args:
        model: The module; read as in ``eval`` mode, and left as it is.
        features: One for each input; of an image channel by channel, each row by row.
        shape: Of the input without the batch; by default (features,).
        task: Classification takes the outputs as logits, whether or not a softmax follows.
        names: Labels of the classes, or of several targets; by default numbers.

    Raises:
        ModelError: It cannot be traced, or holds what has no integer form here; names the layer.
    """
    try:
        import torch  # noqa: PLC0415 - an extra
        from torch import fx  # noqa: PLC0415 - an extra
    except ImportError:
        raise ModelError(
            "PyTorch is not installed.", "Run: pip install 'stylus-ai[torch]', or export to ONNX."
        ) from None
    try:
        graph = fx.symbolic_trace(model).graph
    except Exception as error:  # whatever the module's own code raises while it is traced
        raise ModelError(
            f"The module cannot be traced: {type(error).__name__}: {error}.",
            "Write a forward without conditions on the data, or export to ONNX.",
        ) from error
    builder = NetworkBuilder(tuple(shape or (len(features),)), features)
    walk = _Walk(builder, dict(model.named_modules()))
    for node in graph.nodes:
        walk.step(node)
    source = f"PyTorch {torch.__version__} {type(model).__name__}"
    return builder.finish(task=task, names=names, source=source)


class _Walk:
    """Follows the one value from layer to layer."""

    def __init__(self, builder: NetworkBuilder, modules: dict[str, Any]) -> None:
        self._builder = builder
        self._modules = modules
        self._value: Any = None

    def step(self, node: Any) -> None:
        """Take one node of the traced graph."""
        builder = self._builder
        builder.where = f"The layer {node.name}"
        if node.op == "placeholder":
            if self._value is not None:
                builder.refuse("is a second input", "one input")
            self._value = node
            return
        if node.op == "output":
            if node.args[0] is not self._value:
                builder.refuse("is not what the last layer gives", "one output")
            return
        if node.all_input_nodes != [self._value] or node.args[:1] != (self._value,):
            builder.refuse(
                "does not read just what the layer before it gives",
                "a chain of layers without branches or skipped connections",
            )
        if node.op == "call_module":
            _read_module(builder, self._modules[str(node.target)])
        else:
            _read_call(builder, node)
        self._value = node


def _read_module(builder: NetworkBuilder, module: Any) -> None:
    kind = type(module).__name__
    builder.where += f" ({kind})"
    read = _MODULES.get(kind)
    if read is None or not type(module).__module__.startswith("torch.nn."):
        builder.refuse("has no integer form here", _NEAREST.get(kind, ", ".join(sorted(_MODULES))))
    read(builder, module)


def _read_call(builder: NetworkBuilder, node: Any) -> None:
    name = node.target if isinstance(node.target, str) else node.target.__name__
    builder.where += f" ({name})"
    read = _CALLS.get(name)
    if read is None:
        builder.refuse("has no integer form here", f"{', '.join(sorted(_CALLS))}, or modules")
    read(builder, node.args[1:], dict(node.kwargs))


def _numbers(tensor: Any) -> Floats:
    """A parameter as float64."""
    return cast("Floats", tensor.detach().cpu().double().numpy())


def _bias(module: Any, width: int) -> Floats:
    return np.zeros(width) if module.bias is None else _numbers(module.bias)


def _pair(builder: NetworkBuilder, value: Any) -> Pair:
    pair = (value, value) if isinstance(value, int) else value
    if not (isinstance(pair, Sequence) and len(pair) == 2 and all(type(v) is int for v in pair)):
        builder.refuse(f"has the size {value!r}", "one or two numbers")
    return pair[0], pair[1]


def _linear(builder: NetworkBuilder, module: Any) -> None:
    weights = _numbers(module.weight)
    builder.dense(weights, _bias(module, len(weights)))


def _conv2d(builder: NetworkBuilder, module: Any) -> None:
    weights = _numbers(module.weight)
    if module.padding_mode != "zeros":
        builder.refuse(f"pads with {module.padding_mode}", 'padding_mode="zeros"')
    dilation = _pair(builder, module.dilation)
    builder.conv(
        weights,
        _bias(module, len(weights)),
        stride=_pair(builder, module.stride),
        padding=_conv_padding(builder, module.padding, weights.shape[2:]),
        dilation=dilation,
        groups=module.groups,
    )


def _conv_padding(builder: NetworkBuilder, padding: Any, kernel: Sequence[int]) -> Padding:
    if padding == "valid":
        return 0, 0, 0, 0
    if padding == "same":
        # PyTorch puts the odd one behind.
        rows, columns = (side - 1 for side in kernel)
        return rows // 2, columns // 2, rows - rows // 2, columns - columns // 2
    rows, columns = _pair(builder, padding)
    return rows, columns, rows, columns


def _batch_norm(builder: NetworkBuilder, module: Any) -> None:
    if module.running_mean is None or module.running_var is None:
        builder.refuse("keeps no running statistics", "track_running_stats=True")
    mean, variance = _numbers(module.running_mean), _numbers(module.running_var)
    gamma = np.ones(len(mean)) if module.weight is None else _numbers(module.weight)
    beta = np.zeros(len(mean)) if module.bias is None else _numbers(module.bias)
    builder.batch_norm(gamma, beta, mean, variance, module.eps)


def _max_pool(builder: NetworkBuilder, module: Any) -> None:
    if module.ceil_mode or module.return_indices or _pair(builder, module.dilation) != (1, 1):
        builder.refuse("has ceil_mode, indices or dilation", "MaxPool2d without them")
    kernel = _pair(builder, module.kernel_size)
    rows, columns = _pair(builder, module.padding)
    builder.max_pool(kernel, _stride(builder, module, kernel), (rows, columns, rows, columns))


def _average_pool(builder: NetworkBuilder, module: Any) -> None:
    rows, columns = _pair(builder, module.padding)
    if module.ceil_mode or module.divisor_override is not None:
        builder.refuse("has ceil_mode or a divisor of its own", "AvgPool2d without them")
    if (rows or columns) and not module.count_include_pad:
        builder.refuse("does not count its padding", "count_include_pad=True")
    kernel = _pair(builder, module.kernel_size)
    builder.average_pool(kernel, _stride(builder, module, kernel), (rows, columns, rows, columns))


def _stride(builder: NetworkBuilder, module: Any, kernel: Pair) -> Pair:
    return kernel if module.stride is None else _pair(builder, module.stride)


def _adaptive(builder: NetworkBuilder, module: Any) -> None:
    builder.adaptive_average_pool(_pair(builder, module.output_size))


def _hardtanh(builder: NetworkBuilder, module: Any) -> None:
    if module.min_val != 0:
        builder.refuse(f"clips from {module.min_val}", "Hardtanh(0, high), ReLU6 or ReLU")
    builder.relu(module.max_val)


def _flatten(builder: NetworkBuilder, module: Any) -> None:
    if (module.start_dim, module.end_dim) != (1, -1):
        builder.refuse(f"flattens from {module.start_dim} to {module.end_dim}", "Flatten()")
    builder.flatten()


def _unflatten(builder: NetworkBuilder, module: Any) -> None:
    builder.reshape(tuple(module.unflattened_size))


def _nothing(_builder: NetworkBuilder, _module: Any) -> None:
    """Dropout and the like do nothing at inference."""


_MODULES: dict[str, Callable[[NetworkBuilder, Any], None]] = {
    "Linear": _linear,
    "Conv2d": _conv2d,
    "BatchNorm1d": _batch_norm,
    "BatchNorm2d": _batch_norm,
    "ReLU": lambda builder, _module: builder.relu(),
    "ReLU6": lambda builder, _module: builder.relu(6.0),
    "Hardtanh": _hardtanh,
    "MaxPool2d": _max_pool,
    "AvgPool2d": _average_pool,
    "AdaptiveAvgPool2d": _adaptive,
    "Flatten": _flatten,
    "Unflatten": _unflatten,
    "Dropout": _nothing,
    "Dropout2d": _nothing,
    "Identity": _nothing,
    "Softmax": lambda builder, _module: builder.end("softmax"),
    "LogSoftmax": lambda builder, _module: builder.end("softmax"),
    "Sigmoid": lambda builder, _module: builder.end("sigmoid"),
}

_Arguments = tuple[Any, ...]


def _call_flatten(builder: NetworkBuilder, args: _Arguments, kwargs: dict[str, Any]) -> None:
    start = args[0] if args else kwargs.get("start_dim", 0)
    end = args[1] if len(args) > 1 else kwargs.get("end_dim", -1)
    if (start, end) != (1, -1):
        builder.refuse(f"flattens from {start} to {end}", "flatten(x, 1)")
    builder.flatten()


def _call_view(builder: NetworkBuilder, args: _Arguments, _kwargs: dict[str, Any]) -> None:
    shape = args[0] if len(args) == 1 and isinstance(args[0], Sequence) else args
    if len(shape) == 2 and shape[1] in {-1, math.prod(builder.shape)}:
        builder.flatten()
    elif len(shape) == 4 and all(isinstance(size, int) for size in shape):
        builder.reshape(tuple(shape[1:]))
    else:
        builder.refuse(f"reshapes to {tuple(shape)!r}", "flatten(x, 1), or an image at first")


def _call_pool(builder: NetworkBuilder, args: _Arguments, kwargs: dict[str, Any], how: str) -> None:
    named = dict(zip(("kernel_size", "stride", "padding"), args, strict=False)) | kwargs
    kernel = _pair(builder, named.pop("kernel_size", None))
    stride = named.pop("stride", None)
    rows, columns = _pair(builder, named.pop("padding", 0))
    odd = {name: value for name, value in named.items() if value not in (None, False, 1)}
    averaged_padding = how == "average" and (rows or columns)
    if odd or (averaged_padding and named.get("count_include_pad") is False):
        builder.refuse(f"has {named!r}", "kernel, stride and padding alone")
    step = kernel if stride is None else _pair(builder, stride)
    add = builder.max_pool if how == "max" else builder.average_pool
    add(kernel, step, (rows, columns, rows, columns))


def _call_clamp(builder: NetworkBuilder, args: _Arguments, kwargs: dict[str, Any]) -> None:
    named = dict(zip(("min", "max"), args, strict=False)) | kwargs
    if named.get("min") != 0:
        builder.refuse(f"clips from {named.get('min')}", "clamp(0, high), or relu")
    high = named.get("max")
    builder.relu(math.inf if high is None else float(high))


def _call_scale(
    builder: NetworkBuilder, args: _Arguments, change: Callable[[float], tuple[float, float]]
) -> None:
    if len(args) != 1 or not isinstance(args[0], int | float):
        builder.refuse("computes with more than a number", "a number, or a module")
    factor, shift = change(float(args[0]))
    builder.scale(np.array([factor]), np.array([shift]))


def _divided(value: float) -> tuple[float, float]:
    if value == 0:
        raise ModelError("The network divides by 0.")
    return 1 / value, 0.0


_CALLS: dict[str, Callable[[NetworkBuilder, _Arguments, dict[str, Any]], None]] = {
    "relu": lambda builder, _args, _kwargs: builder.relu(),
    "relu6": lambda builder, _args, _kwargs: builder.relu(6.0),
    "clamp": _call_clamp,
    "flatten": _call_flatten,
    "view": _call_view,
    "reshape": _call_view,
    "max_pool2d": lambda builder, args, kwargs: _call_pool(builder, args, kwargs, "max"),
    "boolean_dispatch": lambda builder, args, kwargs: _call_pool(builder, args, kwargs, "max"),
    "avg_pool2d": lambda builder, args, kwargs: _call_pool(builder, args, kwargs, "average"),
    "dropout": lambda _builder, _args, _kwargs: None,
    "softmax": lambda builder, _args, _kwargs: builder.end("softmax"),
    "log_softmax": lambda builder, _args, _kwargs: builder.end("softmax"),
    "sigmoid": lambda builder, _args, _kwargs: builder.end("sigmoid"),
    "argmax": lambda builder, _args, _kwargs: builder.end("argmax"),
    "mul": lambda builder, args, _kwargs: _call_scale(builder, args, lambda v: (v, 0.0)),
    "truediv": lambda builder, args, _kwargs: _call_scale(builder, args, _divided),
    "add": lambda builder, args, _kwargs: _call_scale(builder, args, lambda v: (1.0, v)),
    "sub": lambda builder, args, _kwargs: _call_scale(builder, args, lambda v: (1.0, -v)),
}
