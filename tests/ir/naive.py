"""The program's meaning once more, on Python's unbounded integers, one row at a time.

Written apart from the interpreter: no numpy, no shared code, so that a mistake would have to be
made twice.
"""

from __future__ import annotations

from fractions import Fraction
from typing import assert_never

from stylus_ai.ir import (
    Affine,
    Argmax,
    AtLeast,
    Bin,
    Clipped,
    Column,
    Conv2d,
    Encode,
    Filled,
    MaxPool2d,
    Member,
    Program,
    Requantise,
    Sigmoid,
    Softmax,
    SumPool2d,
    Tree,
    TreeSum,
    Value,
    Windows,
    Within,
)


def walk(tree: Tree, row: list[int]) -> int:
    """Leaf that a row reaches."""
    child = 0 if tree.feature else -1
    while child >= 0:
        goes_left = row[tree.feature[child]] <= tree.threshold[child]
        child = tree.left[child] if goes_left else tree.right[child]
    return -child - 1


def run(program: Program, row: list[int]) -> list[list[int]]:  # noqa: C901, PLR0912 - by op
    """All values of a program for one row, value 0 included."""
    values = [list(row)]
    for op in program.ops:
        x = values[op.source]
        match op:
            case Encode(columns=columns):
                y = [encoded(column, x[column.feature]) for column in columns]
            case TreeSum(trees=trees, base=base):
                y = list(base)
                for tree in trees:
                    for k, value in enumerate(tree.values[walk(tree, x)]):
                        y[tree.column + k] += value
            case Affine(weights=weights, bias=bias):
                y = [
                    start + sum(w * xi for w, xi in zip(line, x, strict=True))
                    for line, start in zip(weights.tolist(), bias.tolist(), strict=True)
                ]
            case Conv2d():
                y = convolved(op, x)
            case MaxPool2d(windows=windows):
                y = [max(v for v in seen if v is not None) for seen in pooled(windows, x)]
            case SumPool2d(windows=windows):
                y = [sum(v or 0 for v in seen) for seen in pooled(windows, x)]
            case Requantise(shift=s, low=low, high=high, zero_point=z):
                half = Fraction(1, 2) if s else Fraction(0)
                run_length = len(x) // len(op.multipliers)
                y = []
                for i, v in enumerate(x):
                    scaled = Fraction(v * op.multipliers[i // run_length], 2**s) + half
                    y.append(min(max(scaled.__floor__() + z, low), high))
            case AtLeast(threshold=threshold):
                y = [int(v >= threshold) for v in x]
            case Argmax():
                y = [x.index(max(x))]
            case Sigmoid(frac_bits=bits):
                y = [logistic(v, bits) for v in x]
            case Softmax(frac_bits=bits):
                gaps = [max(x) - v for v in x]
                near = [gap <= 11 * 2**bits for gap in gaps]
                e = [
                    n * exponential(n * gap * 2**16 // 2**bits)
                    for n, gap in zip(near, gaps, strict=True)
                ]
                y = [(10_000 * each + sum(e) // 2) // sum(e) for each in e]
            case _:
                assert_never(op)
        values.append(y)
    return values


def encoded(column: Column, x: int) -> int:
    """Equation 12."""
    match column:
        case Value():
            return x
        case Filled(missing=missing, fill=fill):
            return fill if x == missing else x
        case Member(codes=codes):
            return int(x in codes)
        case Within(low=low, high=high):
            return 1 if low <= x <= high else 0
        case Clipped(low=low, high=high):
            return min(max(x, low), high)
        case Bin(edges=edges):
            return sum(edge < x for edge in edges)
    assert_never(column)


def at(windows: Windows, x: list[int], channel: int, row: int, column: int) -> int | None:
    """A pixel, None in the padding."""
    if not (0 <= row < windows.height and 0 <= column < windows.width):
        return None
    return x[(channel * windows.height + row) * windows.width + column]


def seen_by(windows: Windows, x: list[int], channel: int, place: int) -> list[int | None]:
    """What the window at a position sees of a channel."""
    top, left, _, _ = windows.padding
    first_row = place // windows.out_width * windows.stride[0] - top
    first_column = place % windows.out_width * windows.stride[1] - left
    return [
        at(windows, x, channel, first_row + i, first_column + j)
        for i in range(windows.kernel[0])
        for j in range(windows.kernel[1])
    ]


def pooled(windows: Windows, x: list[int]) -> list[list[int | None]]:
    """Windows of all channels, one after the other."""
    return [
        seen_by(windows, x, channel, place)
        for channel in range(windows.channels)
        for place in range(windows.out_height * windows.out_width)
    ]


def convolved(op: Conv2d, x: list[int]) -> list[int]:
    """Equation 13."""
    weights, bias = op.weights.tolist(), op.bias.tolist()
    inputs = op.windows.channels // op.groups
    outputs = len(weights) // op.groups
    y = []
    for o, filters in enumerate(weights):
        first = o // outputs * inputs
        for place in range(op.windows.out_height * op.windows.out_width):
            total = bias[o]
            for c, taps in enumerate(filters):
                flat = [w for line in taps for w in line]
                seen = seen_by(op.windows, x, first + c, place)
                total += sum(w * (v or 0) for w, v in zip(flat, seen, strict=True))
            y.append(total)
    return y


def logistic(x: int, bits: int) -> int:
    """Equation 9, read from docs/numerics.md."""
    limit = 11 * 2**bits
    z: int = (min(max(x, -limit), limit) * 2**16) // 2**bits
    e = exponential(abs(z))
    y: int = (10_000 * 2**30 + (2**30 + e) // 2) // (2**30 + e)
    return 10_000 - y if z < 0 else y


def exponential(z: int) -> int:
    """The e of equation 9, for a z of 16 fractional bits."""
    n, r = divmod(z * 1_549_082_005, 2**46)
    r //= 2**16
    p: int = 0
    for c in (7_356_202, -57_204_804, 257_158_261, -744_180_571, 1_073_741_824):
        p = c + p * r // 2**30
    e: int = p // 2**n
    return e
