"""The trees that all peers compute, as plain tables, and the sources that are made of them.

A forest here is what any code generator would be handed: integer thresholds and leaves. A row goes
right where its value is above the threshold; the answer is the base plus the leaves reached.
"""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import asdict, dataclass

from stylus_ai.ir import Program, TreeSum

ROOT_INDENT = 12
"""Spaces before a tree's first if."""


@dataclass(frozen=True)
class Column:
    """Where a feature stands in a packed row: first byte and number of bytes, unsigned."""

    at: int
    width: int


@dataclass(frozen=True)
class Nodes:
    """One tree; a child is a node, or ``~leaf`` (negative).

    Attributes:
        feature: Column that each node looks at.
        threshold: Largest value that goes left.
        left: Child for values up to the threshold.
        right: Child for values above it.
        leaves: What a row that ends there adds.
    """

    feature: tuple[int, ...]
    threshold: tuple[int, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    leaves: tuple[int, ...]


@dataclass(frozen=True)
class Forest:
    """Trees, and the rows that they take."""

    columns: tuple[Column, ...]
    trees: tuple[Nodes, ...]
    base: int

    @classmethod
    def of(cls, program: Program) -> Forest:
        """The trees of a program with one output and features that are never negative."""
        columns, at = [], 0
        for feature in program.features:
            assert not feature.signed
            columns.append(Column(at, feature.width))
            at += feature.width
        (sums,) = (op for op in program.ops if isinstance(op, TreeSum))
        trees = tuple(
            Nodes(t.feature, t.threshold, t.left, t.right, tuple(value for (value,) in t.values))
            for t in sums.trees
        )
        return cls(tuple(columns), trees, sums.base[0])

    @property
    def packed(self) -> int:
        """Bytes of a packed row."""
        return self.columns[-1].at + self.columns[-1].width

    @property
    def digest(self) -> str:
        """SHA-256 of all numbers: what was made for these trees and what was not."""
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()


def encode_sum(value: int) -> bytes:
    """What peers answer for a sum of leaves: an int256."""
    return value.to_bytes(32, signed=True)


def rust_row(forest: Forest) -> str:
    """``row.rs``: bytes to integers."""
    types = {1: "u8", 2: "u16", 4: "u32"}
    lines = [
        f"        i64::from({types[column.width]}::from_be_bytes(["
        + ", ".join(f"packed[{column.at + i}]" for i in range(column.width))
        + "])),\n"
        for column in forest.columns
    ]
    return (
        f"pub const LEN: usize = {forest.packed};\n\n"
        f"pub fn decode(packed: &[u8; LEN]) -> [i64; {len(lines)}] {{\n    [\n"
        + "".join(lines)
        + "    ]\n}\n"
    )


def rust_tables(forest: Forest) -> str:
    """``tables.rs``: all trees in one table of nodes and one of leaves."""
    kinds = {"feature": "u8", "threshold": "u32", "leaf": "i32"}
    return f"pub const BASE: i64 = {forest.base};\n" + "".join(
        f"pub static {name.upper()}: [{kinds.get(name, 'i16')}; {len(values)}] = {values};\n"
        for name, values in _joined(forest).items()
    )


def table(forest: Forest) -> bytes:
    """The same as bytes for ``TreesTable.sol``: roots, nodes, leaves, columns."""
    all_of = _joined(forest)
    nodes = zip(*(all_of[name] for name in ("feature", "threshold", "left", "right")), strict=True)
    return b"".join(
        (
            *(struct.pack(">h", root) for root in all_of["root"]),
            *(struct.pack(">BIhh", *node) for node in nodes),
            *(struct.pack(">i", leaf) for leaf in all_of["leaf"]),
            *(struct.pack(">BB", column.at, column.width) for column in forest.columns),
        )
    )


def _joined(forest: Forest) -> dict[str, list[int]]:
    """Tables of all trees, children counted through; a tree without nodes is its leaf."""
    tables: dict[str, list[int]] = {
        name: [] for name in ("root", "feature", "threshold", "left", "right", "leaf")
    }
    for tree in forest.trees:
        nodes, leaves = len(tables["feature"]), len(tables["leaf"])

        def place(child: int, nodes: int = nodes, leaves: int = leaves) -> int:
            return child + nodes if child >= 0 else child - leaves

        tables["root"].append(place(0 if tree.feature else ~0))
        tables["feature"] += tree.feature
        tables["threshold"] += tree.threshold
        tables["left"] += map(place, tree.left)
        tables["right"] += map(place, tree.right)
        tables["leaf"] += tree.leaves
    return tables


def solidity_ifs(forest: Forest) -> str:
    """``TreesIfs.sol``: every tree as nested ifs.

    Each tree's least leaf goes into the base, so that what is added is small and never negative: a
    negative constant of the EVM takes 33 bytes of code. Features are in memory: on the stack, the
    compiler would rather decode them again at each node.
    """
    columns = "".join(
        f"        x[{i}] = uint{8 * c.width}(bytes{c.width}(row[{c.at}:{c.at + c.width}]));\n"
        for i, c in enumerate(forest.columns)
    )
    base = forest.base + sum(min(tree.leaves) for tree in forest.trees)
    ifs = "".join(_ifs(tree, 0 if tree.feature else ~0, ROOT_INDENT) for tree in forest.trees)
    return (
        "// SPDX-License-Identifier: MIT OR Apache-2.0\n"
        "pragma solidity 0.8.30;\n\n"
        "/// @title Trees as nested ifs; bench/peers/forests.py wrote them.\n"
        "contract TreesIfs {\n"
        "    fallback(bytes calldata row) external returns (bytes memory) {\n"
        f"        require(row.length == {forest.packed});\n"
        f"        uint256[{len(forest.columns)}] memory x;\n"
        f"{columns}        uint256 sum;\n        unchecked {{\n{ifs}        }}\n"
        f"        return abi.encode(int256(sum) + ({base}));\n    }}\n}}\n"
    )


def _ifs(tree: Nodes, child: int, indent: int) -> str:
    pad = " " * indent
    if child < 0:
        return f"{pad}sum += {tree.leaves[~child] - min(tree.leaves)};\n"
    return (
        f"{pad}if (x[{tree.feature[child]}] <= {tree.threshold[child]}) {{\n"
        f"{_ifs(tree, tree.left[child], indent + 4)}{pad}}} else {{\n"
        f"{_ifs(tree, tree.right[child], indent + 4)}{pad}}}\n"
    )
