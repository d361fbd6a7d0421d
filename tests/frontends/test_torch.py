"""PyTorch modules: the same outputs as the module, and an error for what has no integer form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from stylus_ai.errors import ModelError
from stylus_ai.frontends import FloatNetwork, from_torch
from stylus_ai.frontends.forward import forward
from stylus_ai.ir import Feature, Features, image

pytestmark = pytest.mark.torch


def features(width: int) -> Features:
    """So many features of 4 bits."""
    return Features(tuple(Feature(f"f{i}", 0, 15) for i in range(width)), 4)


def networks() -> dict[str, tuple[Any, tuple[int, ...]]]:
    """Seeded modules with the shape of their input."""
    import torch
    from torch import nn
    from torch.nn import functional

    class Functional(nn.Module):
        """A forward of its own, in functions."""

        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(1, 4, 3, padding="same")
            self.norm = nn.BatchNorm2d(4)
            self.depthwise = nn.Conv2d(4, 8, (2, 3), stride=(1, 2), groups=4)
            self.linear = nn.Linear(8 * 3 * 1, 3)

        def forward(self, x: Any) -> Any:
            x = x.view(-1, 1, 8, 8) / 15
            x = functional.relu(self.norm(self.conv(x)))
            x = functional.max_pool2d(x, 2)
            x = self.depthwise(x).clamp(0, 2)
            return functional.log_softmax(self.linear(torch.flatten(x, 1)), dim=1)

    torch.manual_seed(0)
    made = {
        "mlp": (
            nn.Sequential(
                nn.Linear(5, 9), nn.BatchNorm1d(9), nn.ReLU6(), nn.Dropout(), nn.Linear(9, 1)
            ),
            (5,),
        ),
        "cnn": (
            nn.Sequential(
                nn.Conv2d(2, 4, 3, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(4),
                nn.ReLU(),
                nn.MaxPool2d(3, 2, 1),
                nn.Conv2d(4, 6, 1),
                nn.Hardtanh(0, 1.5),
                nn.AdaptiveAvgPool2d(1),
                nn.Flatten(),
                nn.Linear(6, 4),
            ),
            (2, 8, 8),
        ),
        "functional": (Functional(), (64,)),
    }
    for module, _ in made.values():
        for part in module.modules():
            if isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d):
                part.running_mean.uniform_(-1, 1)
                part.running_var.uniform_(0.5, 2)
                part.weight.data.uniform_(-2, 2)
                part.bias.data.uniform_(-1, 1)
        module.eval()
    return made


@pytest.mark.parametrize("name", ["mlp", "cnn", "functional"])
def test_outputs_are_the_module_s(name: str) -> None:
    import torch

    module, shape = networks()[name]
    width = int(np.prod(shape))
    model = from_torch(module, features(width), shape=shape)
    assert isinstance(model.body, FloatNetwork)
    x = np.random.default_rng(1).integers(0, 16, size=(50, width))
    with torch.no_grad():
        wanted = module(torch.tensor(x, dtype=torch.float32).reshape(50, *shape)).numpy()
    ours = forward(model.body, x)[-1]
    if name == "functional":
        ours = ours - np.log(np.exp(ours).sum(axis=1, keepdims=True))
    assert np.abs(ours - wanted).max() < 1e-5
    assert model.task == ("binary" if name == "mlp" else "multiclass")


def test_what_has_no_integer_form_is_named() -> None:
    from torch import nn

    class Residual(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(3, 3)

        def forward(self, x: Any) -> Any:
            return self.linear(x) + x

    class Conditional(nn.Module):
        def forward(self, x: Any) -> Any:
            return x if x.sum() > 0 else -x

    for module, message in (
        (nn.Sequential(nn.Linear(3, 3), nn.GELU()), "GELU.*no integer form"),
        (nn.Sequential(nn.Linear(3, 3), nn.Sigmoid()), "sigmoid over 3"),
        (nn.Sequential(nn.Linear(4, 3)), r"weights \(3, 4\)"),
        (Residual(), "does not read just"),
        (Conditional(), "cannot be traced"),
    ):
        with pytest.raises(ModelError, match=message):
            from_torch(module, features(3))


def test_a_convolution_takes_no_dilation() -> None:
    from torch import nn

    module = nn.Sequential(nn.Conv2d(1, 1, 2, dilation=2), nn.Flatten(), nn.Linear(4, 3))
    with pytest.raises(ModelError, match="dilation"):
        from_torch(module, image(4, 4), shape=(1, 4, 4))
