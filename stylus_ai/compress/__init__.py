"""FloatModel to Program: everything that changes a model's numbers.

Takes a ``FloatModel``; gives a verified ``Program`` with a proven bound on what rounding moved.
"""

from stylus_ai.compress.quantise import quantise

__all__ = ["quantise"]
