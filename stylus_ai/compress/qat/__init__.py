"""Quantisation-aware training: integer rows to a network of small integers, with numpy alone.

What is trained is the integer program itself (``network.py``), so nothing is lost afterwards.
"""

from stylus_ai.compress.qat.grids import GRIDS, Weights
from stylus_ai.compress.qat.images import NONE, Distortion, WarpedImages, pooled
from stylus_ai.compress.qat.integer import IntegerNetwork
from stylus_ai.compress.qat.pruning import empty_groups, keep_largest
from stylus_ai.compress.qat.recipe import MlpRecipe, Rescale
from stylus_ai.compress.qat.train import PlainRows, RowSource, Teacher, Trained, train_mlp

__all__ = [
    "GRIDS",
    "NONE",
    "Distortion",
    "IntegerNetwork",
    "MlpRecipe",
    "PlainRows",
    "Rescale",
    "RowSource",
    "Teacher",
    "Trained",
    "WarpedImages",
    "Weights",
    "empty_groups",
    "keep_largest",
    "pooled",
    "train_mlp",
]
