"""A dense layer whose weights are too many for code: they stream from blobs, 4 bits each.

``crates/kernels`` (``packed.rs``) says how such a layer is computed, `codegen.blobs` how its bytes
are laid out. A blob costs 3,381 gas however little of it is used, and in code the same weights cost
nothing to read; so code is filled first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stylus_ai.blobs import PAYLOAD
from stylus_ai.ir import Affine, Conv2d
from stylus_ai.ir.verify import Bounds
from stylus_ai.plan import prices
from stylus_ai.plan.layout import Layout, plain
from stylus_ai.plan.rescale import Rescale, find_rescale
from stylus_ai.plan.stage import Stage
from stylus_ai.units import Bytes, Ink

OUTPUTS = 16
"""Outputs of a panel."""

ROWS = 512
"""Most inputs of a block."""

LARGEST = 15
"""Largest stored weight, and largest input: 4 bits."""

LANE = 255
"""Largest sum of products in a lane of 8 bits, before it is split."""

WIDE_LANE = 65_535
"""Largest sum of products in a lane of 16 bits, before it is widened."""

SUMS_LIMIT = 2**30
"""The kernel stores sums with 2^30 added, in 32 bits."""

CODE_BUDGET = Bytes(18_000)
"""Of the 24,576 bytes of a contract, what weights may take; the rest is the interface."""

BYTES_PER_BIT = 1 / 3
"""Compressed code for each bit of entropy of a weight: 1.1 bytes for 4-bit weights as trained."""

READ_INK = Ink(33_070_000 + 6_000)
"""Reading a blob: 3,300 gas of a cold account and of its code, the host function (rules 4), and the
rest of the blob before, which moves."""

BYTE_INK = Ink(30)
"""A byte of a blob (rules 4)."""

WORD_INK = Ink(3 * prices.LOCAL_GET + prices.I32_ALU + prices.I64_LOAD)
"""A word of weights: its address, the load, a local."""

PRODUCTS_INK = Ink(
    2 * (prices.I64_BY_CONST + prices.LOCAL_GET + prices.MUL)
    + prices.LOCAL_GET
    + prices.I64_BY_CONST
)
"""Both halves of a word times an input."""

SPLIT_INK = Ink(2 * (2 * prices.LOCAL_GET + 2 * prices.I64_ALU + 2 * prices.I64_BY_CONST))
"""Products of both halves, each split into even and odd lanes and added."""

# Measured on the node.
PANEL_INK = Ink(11_800)
"""For each batch of 64 inputs and each panel: sums read and written, the loop."""
BATCH = 64
ENTRY_INK = Ink(1_690)
"""An input into locals, each time that panels are in memory."""
INPUT_INK = Ink(2_900)
"""An input into the list of those that are not 0."""
GROUP_INK = Ink(52_000)
"""Sixteen sums at the end: cleared, widened, biased, requantised."""
LAYER_INK = Ink(400_000)
"""What every layer costs: its list of inputs, cleared."""

KERNEL_BYTES = Bytes(12_000)
"""Raw wasm of the kernels, once."""


@dataclass(frozen=True)
class BlobLayer:
    """The plan of a dense layer with its weights in blobs.

    Attributes:
        stage: What it computes.
        op: Its weighted sums.
        takes: Layout of its input, of bytes or halves of bytes.
        gives: Layout of its output.
        inputs: Values that the kernel reads, those that stand for nothing included.
        least: The least weight, which is stored as 0.
        rows: Inputs of a block; the last block may have fewer.
        terms: Products that are added before their lanes are split: 1, 2 or 4.
        most: Products that a lane of 16 bits holds.
        rescale: Requantisation by the kernel, if it can.
        ink: Of the layer's function without its blobs, see ``reading_ink``, if no input is 0.
        bytes: Raw wasm.
    """

    stage: Stage
    op: Affine
    takes: Layout
    gives: Layout
    inputs: int
    least: int
    rows: int
    terms: int
    most: int
    rescale: Rescale | None
    ink: Ink
    bytes: Bytes

    @property
    def kernel(self) -> str:
        """Name of the kernel, for people."""
        return "dense from blobs"

    @property
    def outputs(self) -> int:
        """Sums."""
        return len(self.op.bias.array)

    @property
    def groups(self) -> int:
        """Panels of a block."""
        return -(-self.outputs // OUTPUTS)

    @property
    def size(self) -> Bytes:
        """Of its weights and biases in blobs."""
        return Bytes(8 * self.inputs * self.groups + 4 * OUTPUTS * self.groups)

    @property
    def places(self) -> list[int]:
        """Which of the kernel's inputs each input is."""
        return _places(self.takes)


def far_stages(chain: Sequence[Stage]) -> set[int]:
    """Numbers of the dense layers whose weights do not fit into code: the largest ones."""
    sizes = {number: code_bytes(stage) for number, stage in enumerate(chain)}
    used, far = 0.0, set()
    for number in sorted(sizes, key=lambda number: sizes[number]):
        used += sizes[number]
        if used > CODE_BUDGET and isinstance(chain[number].op, Affine):
            far.add(number)
    return far


def code_bytes(stage: Stage) -> float:
    """About the compressed bytes of a layer's weights as code."""
    if not isinstance(stage.op, Affine | Conv2d):
        return 0.0
    weights = stage.op.weights.array
    _, counts = np.unique(weights, return_counts=True)
    share = counts / weights.size
    return float(-(share * np.log2(share)).sum() * weights.size * BYTES_PER_BIT)


def plan_layer(
    stage: Stage, bounds: Bounds, takes: Layout, wanted: Layout | None
) -> BlobLayer | None:
    """Lay a dense layer out in blobs; None if it is not for them.

    Its weights must lie within 15 of each other, and its inputs be bytes or halves of bytes that
    hold 0..15.

    Args:
        stage: An ``Affine``, with or without a requantisation.
        bounds: Of the program.
        takes: Layout of its input.
        wanted: Layout that the next layer asks for; None if any order will do.
    """
    op, x = stage.op, bounds.values[stage.source]
    if not isinstance(op, Affine) or takes.element not in {"u4", "u8"}:
        return None
    largest = max(x.hull.high - takes.offset, takes.pad)
    if x.hull.low < takes.offset or largest > LARGEST or takes.pad < 0:
        return None
    inputs = 2 * takes.bytes if takes.element == "u4" else takes.length
    weights = op.weights.array
    spare = [0] if inputs > len(takes.position) else []
    least, most = min([int(weights.min()), *spare]), max([int(weights.max()), *spare])
    sums = bounds.values[stage.sums].hull
    if most - least > LARGEST or not sums.fits(SUMS_LIMIT):
        return None
    gives = _gives(stage, bounds)
    if gives is None or (wanted is not None and wanted != gives):
        return None
    product = max(1, (most - least) * largest)
    terms = max(count for count in (1, 2, 4) if count == 1 or count * product <= LANE)
    blocks = -(-inputs // ROWS)
    rows = -(-inputs // blocks)
    return BlobLayer(
        stage=stage,
        op=op,
        takes=takes,
        gives=gives,
        inputs=inputs,
        least=least,
        rows=rows,
        terms=terms,
        most=WIDE_LANE // product,
        rescale=_rescale(stage, bounds),
        ink=_ink(inputs, len(weights), rows, terms),
        bytes=KERNEL_BYTES,
    )


def reading_ink(size: int) -> Ink:
    """Reading all blobs of a network, with ``size`` bytes in them."""
    return Ink(-(-size // PAYLOAD) * READ_INK + size * BYTE_INK)


def _gives(stage: Stage, bounds: Bounds) -> Layout | None:
    results = bounds.values[stage.value]
    if stage.requantise is None:
        return Layout("i64", len(results), tuple(range(len(results))))
    layout = plain(results)
    return None if layout.wide else layout


def _rescale(stage: Stage, bounds: Bounds) -> Rescale | None:
    op = stage.requantise
    if op is None or len(op.multipliers) > 1:
        return None
    found = find_rescale(op, bounds.values[stage.sums].hull)
    if found is None or found.lane > 32 or abs(found.floor) + found.depth >= SUMS_LIMIT:
        return None
    return found


def _places(takes: Layout) -> list[int]:
    if takes.element == "u8":
        return list(takes.position)
    # The kernel reads all high halves, then all low ones.
    return [position // 2 + position % 2 * takes.bytes for position in takes.position]


def _ink(inputs: int, outputs: int, rows: int, terms: int) -> Ink:
    groups = -(-outputs // OUTPUTS)
    refills = groups * 8 * rows / PAYLOAD
    split = (SPLIT_INK + (terms - 1) * 2 * prices.I64_ALU) / terms
    word = WORD_INK + PRODUCTS_INK + split + PANEL_INK / BATCH
    return Ink(
        round(
            inputs * groups * word
            + inputs * (INPUT_INK + ENTRY_INK * max(1.0, refills))
            + groups * GROUP_INK
            + LAYER_INK
        )
    )
