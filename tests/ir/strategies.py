"""Random features, trees and programs for property tests; small, and at the edges on purpose."""

from __future__ import annotations

from hypothesis import strategies as st

from stylus_ai.ir import (
    Affine,
    Argmax,
    AtLeast,
    Feature,
    Features,
    Op,
    Program,
    Requantise,
    Sigmoid,
    Task,
    Tree,
    TreeSum,
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
    return Affine(0, weights, tuple(draw(value) for _ in range(outputs)), bits)


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
                st.integers(1, 2**15),
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
