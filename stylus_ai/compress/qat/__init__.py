"""Quantisation-aware training: integer rows to a network of small integers, with numpy alone.

What is trained is the integer program itself (``network.py``), so nothing is lost afterwards::

    bent = WarpedImages(images, pool=2, levels=15)      # 28 x 28 bytes to 14 x 14 of 4 bits
    recipe = MlpRecipe(hidden=(64,), weights="int4", epochs=60)
    trained = train_mlp(recipe, pooled(images, 2, 15), labels, "multiclass", source=bent)
    program = trained.network.program(name="digits", features=..., parent=trained.digest, ...)

Small CNNs are in ``cnn.py`` and need PyTorch. ``fine_tune.py`` begins at a float MLP.
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
