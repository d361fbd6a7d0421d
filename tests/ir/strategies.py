"""Random features, trees and programs for property tests; small, and at the edges on purpose."""

from __future__ import annotations

import math

from hypothesis import strategies as st

from stylus_ai.ir import (
    Affine,
    Argmax,
    AtLeast,
    Bin,
    Clipped,
    Column,
    Conv2d,
    Encode,
    Feature,
    Features,
    Filled,
    IntTensor,
    MaxPool2d,
    Member,
    Op,
    Program,
    Requantise,
    Sigmoid,
    Softmax,
    SumPool2d,
    Task,
    Tree,
    TreeSum,
    Value,
    Windows,
    Within,
    tensor,
)

INT32 = 2**31 - 1
EDGES = (0, 1, -1, 255, 256, -128, -129, 65_535, 65_536, 2**30, INT32, -INT32)


@st.composite
def features(draw: st.DrawFn, most: int = 4) -> Features:
    """One to ``most`` integer features, ranges at the widths' edges."""
    columns = []
    for i in range(draw(st.integers(1, most))):
        low = draw(st.sampled_from(EDGES) | st.integers(-300, 300))
        width = draw(st.sampled_from((0, 1, 255, 65_535, 2**30 - 1, 2**30, INT32)))
        columns.append(Feature(f"f{i}", low, min(low + width, INT32)))
    return Features(tuple(columns))


@st.composite
def trees(draw: st.DrawFn, columns: Features, width: int, column: int, limit: int) -> Tree:
    """A random tree in canonical order, leaves up to ``limit`` in size."""
    nodes = draw(st.integers(0, 15))
    feature: list[int] = []
    threshold: list[int] = []
    left: list[int] = []
    right: list[int] = []
    leaf_count = 0

    def grow(budget: int) -> int:
        nonlocal leaf_count
        if budget == 0:
            leaf_count += 1
            return ~(leaf_count - 1)
        node = len(feature)
        position = draw(st.integers(0, len(columns) - 1))
        low, high = columns[position].q_low, columns[position].q_high
        feature.append(position)
        threshold.append(draw(st.sampled_from((low - 1, low, high)) | st.integers(low - 1, high)))
        left.append(0)
        right.append(0)
        share = draw(st.integers(0, budget - 1))
        left[node] = grow(share)
        right[node] = grow(budget - 1 - share)
        return node

    grow(nodes)
    value = st.sampled_from((-limit, -1, 0, 1, limit)) | st.integers(-limit, limit)
    values = tuple(tuple(draw(value) for _ in range(width)) for _ in range(leaf_count))
    return Tree(
        feature=tuple(feature),
        threshold=tuple(threshold),
        left=tuple(left),
        right=tuple(right),
        values=values,
        leaf_ids=tuple(range(100, 100 + leaf_count)),
        column=column,
    )


@st.composite
def bodies(draw: st.DrawFn, columns: Features, outputs: int) -> Op:
    """A sum of trees or a weighted sum, its values near 2^31, 2^40 or small."""
    limit = draw(st.sampled_from((3, 2**31 - 1, 2**40)))
    value = st.sampled_from((-limit, 0, limit)) | st.integers(-limit, limit)
    bits = draw(st.integers(0, 52))
    if draw(st.booleans()):
        count = draw(st.integers(1, 4))
        width = draw(st.sampled_from((1, outputs)))
        members = [
            draw(trees(columns, width, draw(st.integers(0, outputs - width)), limit))
            for _ in range(count)
        ]
        base = tuple(draw(value) for _ in range(outputs))
        return TreeSum(0, tuple(members), base, bits, draw(st.integers(1, count)))
    # |w * q| stays below 2^61 / 4 features, so that the program is always provable.
    limit = min(limit, 2**26)
    weight = st.sampled_from((-limit, 0, limit)) | st.integers(-limit, limit)
    weights = tuple(tuple(draw(weight) for _ in range(len(columns))) for _ in range(outputs))
    return Affine(0, tensor(weights), tensor([draw(value) for _ in range(outputs)]), bits)


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """A random program of any task."""
    columns = draw(features())
    tasks: tuple[Task, ...] = ("binary", "multiclass", "regression")
    task = draw(st.sampled_from(tasks))
    outputs = draw(st.integers(3, 4)) if task == "multiclass" else 1
    body = draw(bodies(columns, outputs))
    ops: tuple[Op, ...]
    named: tuple[tuple[str, int], ...]
    classes: tuple[str, ...]
    if task == "regression":
        ops, named, classes = (body,), (("value", 1),), ()
    elif task == "multiclass":
        ops, named = (body, Argmax(1)), (("logits", 1), ("class", 2))
        classes = tuple(f"c{k}" for k in range(outputs))
    else:
        score: Op = draw(
            st.builds(Sigmoid, st.just(1), st.integers(0, 52))
            | st.builds(
                Requantise,
                st.just(1),
                st.tuples(st.integers(1, 2**15)),
                st.integers(0, 62),
                st.just(0),
                st.just(10_000),
            )
        )
        cut = draw(st.sampled_from((-(2**63), 0, 2**63 - 1)) | st.integers(-100, 100))
        ops = (body, score, AtLeast(1, cut))
        named = (("logit", 1), ("score", 2), ("decision", 3))
        classes = ("no", "yes")
    return Program(
        name="random",
        features=columns,
        task=task,
        family="tree" if isinstance(body, TreeSum) else "linear",
        ops=ops,
        outputs=named,
        reference=tuple(column.q_low for column in columns),
        classes=classes,
        source="tests",
        parent="0" * 64,
        rounding_bound=0.0,
    )


@st.composite
def windows(draw: st.DrawFn, channels: int, height: int, width: int) -> Windows:
    """Windows that fit an image, with any stride and padding."""
    kernel = (draw(st.integers(1, min(3, height))), draw(st.integers(1, min(3, width))))
    pads = [draw(st.integers(0, kernel[i % 2] - 1)) for i in range(4)]
    stride = (draw(st.integers(1, 3)), draw(st.integers(1, 3)))
    return Windows(channels, height, width, kernel, stride, (pads[0], pads[1], pads[2], pads[3]))


@st.composite
def tensors(draw: st.DrawFn, shape: tuple[int, ...], limit: int) -> IntTensor:
    """Integers up to ``limit`` in size, often at it or 0."""
    value = st.sampled_from((-limit, 0, limit)) | st.integers(-limit, limit)
    flat = [draw(value) for _ in range(math.prod(shape))]
    return IntTensor(tensor(flat).array.reshape(shape))


@st.composite
def networks(draw: st.DrawFn) -> Program:
    """A random network over a small image: convolutions, pools, requantisation, dense, softmax."""
    bits = draw(st.sampled_from((1, 2, 4, None)))
    top = 255 if bits is None else 2**bits - 1
    channels, height, width = (draw(st.integers(1, 3)) for _ in range(3))
    limit = draw(st.sampled_from((1, 7, 127)))
    ops: list[Op] = []
    size = channels * height * width
    for _ in range(draw(st.integers(0, 3))):
        at = len(ops)
        where = draw(windows(channels, height, width))
        kind = draw(st.sampled_from(("conv", "depthwise", "max", "sum")))
        if kind in {"conv", "depthwise"}:
            groups = channels if kind == "depthwise" else 1
            channels = channels * draw(st.integers(1, 2)) if groups > 1 else draw(st.integers(1, 3))
            shape = (channels, where.channels // groups, *where.kernel)
            weights, bias = draw(tensors(shape, limit)), draw(tensors((channels,), 500))
            ops.append(Conv2d(at, where, weights, bias, groups))
        else:
            ops.append(MaxPool2d(at, where) if kind == "max" else SumPool2d(at, where))
        height, width = where.out_height, where.out_width
        size = channels * height * width
        count = draw(st.sampled_from((1, channels)))
        factors = tuple(draw(st.integers(1, 2**15)) for _ in range(count))
        low = draw(st.sampled_from((0, -8)))
        zero = draw(st.integers(-3, 3))
        ops.append(Requantise(at + 1, factors, draw(st.integers(0, 30)), low, 15, zero))
    outputs = draw(st.integers(3, 5))
    weights, bias = draw(tensors((outputs, size), limit)), draw(tensors((outputs,), 500))
    ops.append(Affine(len(ops), weights, bias))
    logits = len(ops)
    ops.append(Softmax(logits, draw(st.integers(0, 20))))
    ops.append(Argmax(logits))
    return Program(
        name="random",
        features=Features(
            tuple(Feature(f"f{i}", 0, top) for i in range(_size(ops[0]) or size)), bits
        ),
        task="multiclass",
        family="cnn",
        ops=tuple(ops),
        outputs=(("logits", logits), ("scores", logits + 1), ("class", logits + 2)),
        reference=(0,) * (_size(ops[0]) or size),
        classes=tuple(f"c{k}" for k in range(outputs)),
        source="tests",
        parent="0" * 64,
        rounding_bound=None,
    )


def _size(op: Op) -> int:
    """Inputs of a program that begins with an image; 0 for another."""
    return op.windows.size if isinstance(op, Conv2d | MaxPool2d | SumPool2d) else 0


@st.composite
def encoded(draw: st.DrawFn) -> Program:
    """Trees over encoded columns, some of features that may be missing."""
    raw = Features(
        tuple(
            Feature(f"f{i}", 0, draw(st.sampled_from((3, 254, 255))), missing=draw(st.booleans()))
            for i in range(draw(st.integers(1, 3)))
        )
    )
    columns: list[Column] = []
    seen: list[Feature] = []
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(raw) - 1))
        code = st.integers(raw[at].q_low, raw[at].q_top)
        some = tuple(sorted(draw(st.sets(code, min_size=1, max_size=3))))
        choices: tuple[Column, ...] = (
            Value(at),
            Filled(at, raw[at].q_top, -1),
            Member(at, some),
            Bin(at, some),
            Within(at, some[0], some[-1]),
            Clipped(at, some[0], some[-1]),
        )
        column = draw(st.sampled_from(choices))
        columns.append(column)
        high = {Member: 1, Within: 1, Bin: len(some), Clipped: some[-1]}.get(
            type(column), raw[at].q_top
        )
        low = {Filled: -1, Clipped: some[0]}.get(type(column), 0)
        seen.append(Feature(f"c{len(seen)}", low, high))
    tree = draw(trees(Features(tuple(seen)), 1, 0, 1000))
    ops = (Encode(0, tuple(columns)), TreeSum(1, (tree,), (3,), 4))
    return Program(
        name="random",
        features=raw,
        task="regression",
        family="tree",
        ops=ops,
        outputs=(("value", 2),),
        reference=tuple(column.q_low for column in raw),
        classes=(),
        source="tests",
        parent="0" * 64,
        rounding_bound=0.0,
    )
