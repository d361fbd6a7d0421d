"""NetworkBuilder: layers as PyTorch and ONNX know them, one after the other, to a FloatNetwork.

Batch normalisation and scaling are folded into the layer before them, or into the input's scale;
what has no effect on the answer (dropout, flatten, a softmax before an argmax) leaves no trace.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NoReturn

import numpy as np
import numpy.typing as npt

from stylus_ai.errors import ModelError
from stylus_ai.frontends.labels import flipped, names, ordered, text
from stylus_ai.frontends.model import (
    AveragePool,
    Convolution,
    Dense,
    FloatModel,
    FloatNetwork,
    Layer,
    MaxPool,
    Relu,
    check_finite,
)
from stylus_ai.ir import Family, Features, Task, Windows

Floats = npt.NDArray[np.float64]
Pair = tuple[int, int]
Padding = tuple[int, int, int, int]


def turned(model: FloatModel, positive: object) -> FloatModel:
    """A network of two classes whose score is the probability of ``positive``.

    Raises:
        ModelError: It has no such class, or other than two.
    """
    if positive is None:
        return model
    labels = ordered(list(model.classes), text(positive))
    if not flipped(labels):
        return model
    network = model.body
    last = network.layers[-1] if isinstance(network, FloatNetwork) else None
    if not (isinstance(network, FloatNetwork) and isinstance(last, Dense)):
        raise ModelError("The last layer of a network is dense.")
    layers = (*network.layers[:-1], Dense(-last.weights, -last.bias))
    return replace(model, body=replace(network, layers=layers), classes=names(labels))


Ending = Literal["logits", "softmax", "argmax", "sigmoid"]
"""What the network ends in; all but a sigmoid leave the order of the classes."""


class NetworkBuilder:
    """Collects layers and follows the shape of the value between them.

    Args:
        shape: Of the input, without the batch: (features,) or (channels, height, width).
        features: One for each input, in order.

    Attributes:
        where: What messages call the place that is read, set before each call.
        shape: Of the value, without the batch.

    Raises:
        ModelError: The shape is of another kind, or holds another number of features.
    """

    def __init__(self, shape: Sequence[int], features: Features) -> None:
        self.where = "The input"
        self.shape = tuple(int(size) for size in shape)
        if len(self.shape) not in {1, 3} or min(self.shape) < 1:
            self.refuse(f"has the shape {tuple(shape)}", "(features,) or (channels, height, width)")
        if math.prod(self.shape) != len(features):
            raise ModelError(
                f"The network takes {math.prod(self.shape)} inputs, but {len(features)} features "
                "are given.",
                "Give one Feature for each input; for an image: image(height, width).",
            )
        self._features = features
        self._layers: list[Layer] = []
        self._slope: Floats = np.ones(math.prod(self.shape))
        self._offset: Floats = np.zeros(math.prod(self.shape))
        self._ending: Ending = "logits"

    def refuse(self, what: str, nearest: str) -> NoReturn:
        """Raise for a layer that has no integer form here.

        Raises:
            ModelError: Names the place, the reason and the nearest thing that is supported.
        """
        raise ModelError(f"{self.where} {what}.", f"Supported: {nearest}.")

    def dense(self, weights: Floats, bias: Floats) -> None:
        """A linear layer, ``weights`` float[outputs, inputs]."""
        self._go_on()
        if len(self.shape) != 1:
            self.refuse("is a linear layer over an image", "Flatten before it")
        if weights.ndim != 2 or bias.shape != weights.shape[:1] or weights.shape[1:] != self.shape:
            self.refuse(
                f"has weights {weights.shape} and bias {bias.shape} on {self.shape[0]} inputs",
                "weights [outputs, inputs] and bias [outputs] that fit",
            )
        self._check(weights, bias)
        self._layers.append(Dense(weights, bias))
        self.shape = (len(bias),)

    def conv(
        self,
        weights: Floats,
        bias: Floats,
        *,
        stride: Pair = (1, 1),
        padding: Padding = (0, 0, 0, 0),
        dilation: Pair = (1, 1),
        groups: int = 1,
    ) -> None:
        """A convolution, ``weights`` float[outputs, channels / groups, rows, columns]."""
        self._go_on()
        if weights.ndim != 4:
            self.refuse(f"is a convolution over {weights.ndim - 2} axes", "Conv2d")
        if tuple(dilation) != (1, 1):
            self.refuse(f"has the dilation {tuple(dilation)}", "dilation 1 with a larger kernel")
        windows = self._windows((weights.shape[2], weights.shape[3]), stride, padding)
        if (
            groups < 1
            or windows.channels % groups
            or weights.shape[1] != windows.channels // groups
            or weights.shape[0] % groups
            or bias.shape != weights.shape[:1]
        ):
            self.refuse(
                f"has weights {weights.shape}, bias {bias.shape} and {groups} groups on "
                f"{windows.channels} channels",
                "weights [outputs, channels / groups, rows, columns] that fit",
            )
        self._check(weights, bias)
        self._layers.append(Convolution(windows, weights, bias, groups))
        self.shape = (len(bias), windows.out_height, windows.out_width)

    def scale(self, factor: Floats, shift: Floats) -> None:
        """``x * factor + shift`` for each channel: batch normalisation, or a constant.

        Args:
            factor: float[channels] or float[1].
            shift: The same.
        """
        self._go_on()
        channels = self.shape[0]
        for what, array in (("factor", factor), ("shift", shift)):
            if array.ndim != 1 or len(array) not in {1, channels}:
                self.refuse(f"scales {channels} channels by a {what} of {array.shape}", "one each")
        self._check(factor, shift)
        factor = np.broadcast_to(factor, (channels,)).astype(np.float64)
        shift = np.broadcast_to(shift, (channels,)).astype(np.float64)
        if not self._layers:
            run = math.prod(self.shape) // channels
            self._slope = self._slope * np.repeat(factor, run)
            self._offset = self._offset * np.repeat(factor, run) + np.repeat(shift, run)
            return
        last = self._layers[-1]
        if not isinstance(last, Dense | Convolution):
            self.refuse(
                f"scales what a {type(last).__name__} gives",
                "batch normalisation directly behind a Linear or Conv2d",
            )
        weights = last.weights * factor.reshape(-1, *[1] * (last.weights.ndim - 1))
        self._layers[-1] = replace(last, weights=weights, bias=last.bias * factor + shift)

    def batch_norm(
        self, gamma: Floats, beta: Floats, mean: Floats, variance: Floats, epsilon: float
    ) -> None:
        """Batch normalisation with its running statistics, float[channels] each."""
        if (variance + epsilon <= 0).any():
            self.refuse("has a variance that is not positive", "a trained batch normalisation")
        factor = gamma / np.sqrt(variance + epsilon)
        self.scale(factor, beta - mean * factor)

    def relu(self, high: float = math.inf) -> None:
        """``min(max(x, 0), high)``."""
        self._go_on()
        if not high > 0:
            self.refuse(f"clips at {high!r}", "a positive upper limit, as in ReLU6")
        self._layers.append(Relu(float(high)))

    def max_pool(self, kernel: Pair, stride: Pair, padding: Padding = (0, 0, 0, 0)) -> None:
        """Largest element of each window."""
        self._go_on()
        self._pool(MaxPool(self._windows(kernel, stride, padding)))

    def average_pool(self, kernel: Pair, stride: Pair, padding: Padding = (0, 0, 0, 0)) -> None:
        """Mean of each window, padding counted as zeros."""
        self._go_on()
        self._pool(AveragePool(self._windows(kernel, stride, padding)))

    def adaptive_average_pool(self, size: Pair) -> None:
        """Mean of equal parts of the image, ``size`` rows and columns of them."""
        _, height, width = self._image()
        if min(size) < 1 or height % size[0] or width % size[1]:
            self.refuse(f"divides {height} x {width} into {tuple(size)}", "a size that divides it")
        kernel = (height // size[0], width // size[1])
        self.average_pool(kernel, kernel)

    @property
    def started(self) -> bool:
        """True once a layer has been added."""
        return bool(self._layers)

    def reshape(self, shape: Sequence[int]) -> None:
        """Read the input as an image, before the first layer."""
        self._go_on()
        if self._layers or math.prod(shape) != math.prod(self.shape) or min(shape) < 1:
            self.refuse(f"reshapes {self.shape} to {tuple(shape)}", "an image at first")
        self.shape = tuple(shape)

    def flatten(self) -> None:
        """An image as a row: its numbers lie so already."""
        self._go_on()
        self.shape = (math.prod(self.shape),)

    def end(self, ending: Ending) -> None:
        """A softmax, argmax or sigmoid: nothing but another softmax or argmax may follow."""
        if len(self.shape) != 1 or self._ending == "sigmoid":
            self.refuse("does not stand at the end", "softmax, argmax or sigmoid at the end")
        if ending == "sigmoid" and self.shape != (1,):
            self.refuse(
                f"is a sigmoid over {self.shape[0]} outputs", "a sigmoid over one, or ReLU inside"
            )
        self._ending = ending

    def finish(
        self,
        *,
        task: Literal["classification", "regression"],
        names: Sequence[str] | None,
        source: str,
    ) -> FloatModel:
        """The whole as a model.

        Args:
            task: Classification takes the outputs as logits: one (of yes) or one for each class.
            names: Labels of the classes, or of several targets; by default numbers.
            source: Library, version and type.

        Raises:
            ModelError: Sizes do not fit each other.
        """
        self.where = "The network"
        if not any(isinstance(layer, Dense | Convolution) for layer in self._layers):
            self.refuse("has no layer with weights", "Linear and Conv2d")
        if len(self.shape) != 1:
            self.refuse(f"ends in an image of {self.shape}", "a Linear or a Flatten at the end")
        outputs = self.shape[0]
        layers, classes, kind = self._head(task, outputs, names)
        network = FloatNetwork(
            slope=self._slope,
            offset=self._offset,
            layers=tuple(layers),
            link="identity" if kind == "regression" else "logistic",
        )
        convolves = any(isinstance(layer, Convolution) for layer in self._layers)
        family: Family = "cnn" if convolves else "mlp"
        return FloatModel(
            features=self._features,
            task=kind,
            family=family,
            body=network,
            classes=classes,
            source=source,
        )

    def _head(
        self,
        task: Literal["classification", "regression"],
        outputs: int,
        names: Sequence[str] | None,
    ) -> tuple[list[Layer], tuple[str, ...], Task]:
        """Layers, class names and task."""
        layers = self._layers
        if task == "regression":
            if self._ending != "logits":
                self.refuse(f"ends in a {self._ending}", 'task="classification" for it')
            given = tuple(names or [f"target_{k}" for k in range(outputs)])
            self._check_names(given, outputs)
            return layers, given if outputs > 1 else (), "regression"
        given = tuple(names or map(str, range(max(outputs, 2))))
        self._check_names(given, max(outputs, 2))
        if outputs == 1:
            return layers, given, "binary"
        if outputs > 2:
            return layers, given, "multiclass"
        last = layers[-1]
        if not isinstance(last, Dense):
            self.refuse("has two outputs that no Linear gives", "a Linear at the end")
        # softmax over two logits is the logistic function of their difference.
        one = Dense(last.weights[1:] - last.weights[:1], last.bias[1:] - last.bias[:1])
        return [*layers[:-1], one], given, "binary"

    def _check_names(self, names: tuple[str, ...], outputs: int) -> None:
        if len(names) != outputs:
            self.refuse(f"has {outputs} outputs, but {len(names)} names are given", "one each")

    def _go_on(self) -> None:
        if self._ending != "logits":
            self.refuse(f"stands behind a {self._ending}", "softmax, argmax or sigmoid at the end")

    def _pool(self, layer: MaxPool | AveragePool) -> None:
        self._layers.append(layer)
        windows = layer.windows
        self.shape = (windows.channels, windows.out_height, windows.out_width)

    def _image(self) -> tuple[int, int, int]:
        if len(self.shape) != 3:
            self.refuse("looks at an image, but gets a row", "an input (channels, height, width)")
        return self.shape[0], self.shape[1], self.shape[2]

    def _windows(self, kernel: Pair, stride: Pair, padding: Padding) -> Windows:
        try:
            return Windows(*self._image(), kernel, stride, padding)
        except ModelError as error:
            raise ModelError(f"{self.where}: {error.cause}", error.next_step) from None

    def _check(self, *arrays: Floats) -> None:
        for array in arrays:
            check_finite(self.where, array)
