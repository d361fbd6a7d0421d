"""FloatModel to Program: everything that changes a model's numbers.

Takes a ``FloatModel``; gives a verified ``Program`` with a proven bound on what rounding moved.
"""

from stylus_ai.compress.chain import Precision
from stylus_ai.compress.quantise import quantise
from stylus_ai.compress.quantise_network import quantise_network

__all__ = ["Precision", "quantise", "quantise_network"]
