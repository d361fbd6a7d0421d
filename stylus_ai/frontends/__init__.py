"""Trained models of other libraries as ``FloatModel``: one file for each library.

Takes a fitted model and its ``Features``; gives a frozen ``FloatModel`` or a ``ModelError`` that
names what is not supported and the nearest thing that is.
"""

from stylus_ai.frontends.model import (
    AveragePool,
    Body,
    Convolution,
    Dense,
    FloatLinear,
    FloatModel,
    FloatNetwork,
    FloatTree,
    FloatTrees,
    Layer,
    MaxPool,
    Relu,
)
from stylus_ai.frontends.onnx import from_onnx
from stylus_ai.frontends.sklearn import from_sklearn
from stylus_ai.frontends.torch import from_torch

__all__ = [
    "AveragePool",
    "Body",
    "Convolution",
    "Dense",
    "FloatLinear",
    "FloatModel",
    "FloatNetwork",
    "FloatTree",
    "FloatTrees",
    "Layer",
    "MaxPool",
    "Relu",
    "from_onnx",
    "from_sklearn",
    "from_torch",
]
