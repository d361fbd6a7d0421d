"""The program's meaning once more, on Python's unbounded integers, one row at a time.

Written apart from the interpreter: no numpy, no shared code, so that a mistake would have to be
made twice.
"""

from __future__ import annotations

from fractions import Fraction
from typing import assert_never

from stylus_ai.ir import Affine, Argmax, AtLeast, Program, Requantise, Sigmoid, Tree, TreeSum


def walk(tree: Tree, row: list[int]) -> int:
    """Leaf that a row reaches."""
    child = 0 if tree.feature else -1
    while child >= 0:
        goes_left = row[tree.feature[child]] <= tree.threshold[child]
        child = tree.left[child] if goes_left else tree.right[child]
    return -child - 1


def run(program: Program, row: list[int]) -> list[list[int]]:
    """All values of a program for one row, value 0 included."""
    values = [list(row)]
    for op in program.ops:
        x = values[op.source]
        match op:
            case TreeSum(trees=trees, base=base):
                y = list(base)
                for tree in trees:
                    for k, value in enumerate(tree.values[walk(tree, row)]):
                        y[tree.column + k] += value
            case Affine(weights=weights, bias=bias):
                y = [
                    start + sum(w * xi for w, xi in zip(line, x, strict=True))
                    for line, start in zip(weights, bias, strict=True)
                ]
            case Requantise(multiplier=m, shift=s, low=low, high=high):
                half = Fraction(1, 2) if s else Fraction(0)
                y = [min(max((Fraction(v * m, 2**s) + half).__floor__(), low), high) for v in x]
            case AtLeast(threshold=threshold):
                y = [int(v >= threshold) for v in x]
            case Argmax():
                y = [x.index(max(x))]
            case Sigmoid(frac_bits=bits):
                y = [logistic(v, bits) for v in x]
            case _:
                assert_never(op)
        values.append(y)
    return values


def logistic(x: int, bits: int) -> int:
    """Equation 9, read from docs/numerics.md."""
    limit = 11 * 2**bits
    z: int = (min(max(x, -limit), limit) * 2**16) // 2**bits
    a = abs(z) * 1_549_082_005
    n, r = divmod(a, 2**46)
    r //= 2**16
    p: int = 0
    for c in (7_356_202, -57_204_804, 257_158_261, -744_180_571, 1_073_741_824):
        p = c + p * r // 2**30
    e = p // 2**n
    y: int = (10_000 * 2**30 + (2**30 + e) // 2) // (2**30 + e)
    return 10_000 - y if z < 0 else y
