"""The integer program: its operations, its meaning (the interpreter) and its proof (``verify``).

Takes nothing but numbers; gives ``Program``, which every later stage reads. The arithmetic is
docs/numerics.md. Needs numpy alone.
"""

from stylus_ai.ir.answers import Answer, answers
from stylus_ai.ir.columns import Bin, Clipped, Column, Filled, Member, Value, Within
from stylus_ai.ir.edges import edge_rows, edge_values, random_rows, uniform_rows
from stylus_ai.ir.encoded import over_columns
from stylus_ai.ir.feature import Feature
from stylus_ai.ir.features import Features
from stylus_ai.ir.image import image
from stylus_ai.ir.interpreter import all_values, interpret, leaves, run_op
from stylus_ai.ir.intervals import Interval, Intervals
from stylus_ai.ir.ops import (
    Affine,
    Argmax,
    AtLeast,
    Conv2d,
    Encode,
    MaxPool2d,
    Op,
    Requantise,
    Sigmoid,
    Softmax,
    SumPool2d,
    TreeSum,
)
from stylus_ai.ir.program import Family, Program, Task
from stylus_ai.ir.tensor import IntTensor, tensor
from stylus_ai.ir.tree import Tree
from stylus_ai.ir.verify import Bounds, verify
from stylus_ai.ir.windows import Windows

__all__ = [
    "Affine",
    "Answer",
    "Argmax",
    "AtLeast",
    "Bin",
    "Bounds",
    "Clipped",
    "Column",
    "Conv2d",
    "Encode",
    "Family",
    "Feature",
    "Features",
    "Filled",
    "IntTensor",
    "Interval",
    "Intervals",
    "MaxPool2d",
    "Member",
    "Op",
    "Program",
    "Requantise",
    "Sigmoid",
    "Softmax",
    "SumPool2d",
    "Task",
    "Tree",
    "TreeSum",
    "Value",
    "Windows",
    "Within",
    "all_values",
    "answers",
    "edge_rows",
    "edge_values",
    "image",
    "interpret",
    "leaves",
    "over_columns",
    "random_rows",
    "run_op",
    "tensor",
    "uniform_rows",
    "verify",
]
