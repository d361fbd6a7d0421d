"""FloatModel to Program: everything that changes a model's numbers.

Takes a ``FloatModel``; gives a verified ``Program``, with a proven bound on what rounding moved
where there is one. ``qat`` trains networks on the grid from the start.
"""

from stylus_ai.compress.chain import Precision
from stylus_ai.compress.prune_trees import merge_leaves, prune_by_cost, share_thresholds
from stylus_ai.compress.qat.fine_tune import fine_tune
from stylus_ai.compress.quantise import quantise
from stylus_ai.compress.quantise_network import quantise_network

__all__ = [
    "Precision",
    "fine_tune",
    "merge_leaves",
    "prune_by_cost",
    "quantise",
    "quantise_network",
    "share_thresholds",
]
