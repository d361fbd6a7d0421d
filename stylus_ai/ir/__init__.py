"""The integer program: its operations, its meaning (the interpreter) and its proof (``verify``).

Takes nothing but numbers; gives ``Program``, which every later stage reads. The arithmetic is
docs/numerics.md. Needs numpy alone.
"""

from stylus_ai.ir.edges import edge_rows, edge_values, random_rows, uniform_rows
from stylus_ai.ir.feature import Feature
from stylus_ai.ir.features import Features
from stylus_ai.ir.interpreter import interpret, leaves
from stylus_ai.ir.ops import Affine, Argmax, AtLeast, Op, Requantise, Sigmoid, TreeSum
from stylus_ai.ir.program import Family, Program, Task
from stylus_ai.ir.tree import Tree
from stylus_ai.ir.verify import Bounds, Interval, verify

__all__ = [
    "Affine",
    "Argmax",
    "AtLeast",
    "Bounds",
    "Family",
    "Feature",
    "Features",
    "Interval",
    "Op",
    "Program",
    "Requantise",
    "Sigmoid",
    "Task",
    "Tree",
    "TreeSum",
    "edge_rows",
    "edge_values",
    "interpret",
    "leaves",
    "random_rows",
    "uniform_rows",
    "verify",
]
