"""Dense layers whose weights are too many for code: `packed.rs` reads them from blobs.

The weights of a layer are a run of bytes: the panels that ``stylus_kernels::packed`` describes,
block after block, then the biases, 4 bytes each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stylus_ai.codegen.text import Source
from stylus_ai.errors import ModelError
from stylus_ai.ir import Affine
from stylus_ai.ir.intervals import Intervals
from stylus_ai.ir.tensor import Ints

OUTPUTS = 16
"""Outputs of a panel."""

ROWS = 512
"""Most inputs of a block."""

LARGEST_WEIGHT = 15
"""Largest stored weight: 4 bits."""

LARGEST_INPUT = 15

LANE = 255
"""Largest sum of products that fits a lane of 8 bits before it is split."""


BLOCK_LANE = 65_535
"""Largest sum of a block."""


@dataclass(frozen=True)
class BlobLayer:
    """How a dense layer is laid out in blobs.

    Attributes:
        op: The layer.
        least: Its least weight, which is stored as 0.
        rows: Inputs of a block; the last block may have fewer.
        terms: Products that are added before their lanes are split: 1, 2 or 4.
    """

    op: Affine
    least: int
    rows: int
    terms: int

    @property
    def inputs(self) -> int:
        """Elements that it reads."""
        return self.op.weights.shape[1]

    @property
    def outputs(self) -> int:
        """Elements that it writes."""
        return self.op.weights.shape[0]

    @property
    def groups(self) -> int:
        """Panels of a block."""
        return -(-self.outputs // OUTPUTS)

    def data(self) -> bytes:
        """The layer's run of bytes."""
        stored = self.op.weights.array - self.least
        blocks = [
            panels(stored[:, start : start + self.rows])
            for start in range(0, self.inputs, self.rows)
        ]
        return b"".join([*blocks, self.op.bias.array.astype("<i4").tobytes()])


def blob_layer(op: Affine, x: Intervals, sums: Intervals) -> BlobLayer | None:
    """How to lay a dense layer out in blobs; None if it is not for them.

    Its weights must lie within 15 of each other, its inputs in 0..15, its sums in 32 bits.

    Args:
        op: The layer.
        x: Proven intervals of the value that it reads.
        sums: Proven intervals of its partial sums.
    """
    weights = op.weights.array
    least, most = int(weights.min()), int(weights.max())
    hull = x.hull
    if most - least > LARGEST_WEIGHT or hull.low < 0 or hull.high > LARGEST_INPUT:
        return None
    if not sums.hull.fits(2**31):
        return None
    product = max(1, (most - least) * hull.high)
    terms = max(t for t in (1, 2, 4) if t == 1 or t * product <= LANE)
    blocks = -(-weights.shape[1] // min(ROWS, BLOCK_LANE // product))
    return BlobLayer(op, least, -(-weights.shape[1] // blocks), terms)


def panels(stored: Ints) -> bytes:
    """The panels of a block.

    Args:
        stored: int64[outputs, rows], 0..15.

    Output ``4a + 2b + h`` of a panel stands in byte ``4h + 2b + a % 2`` of each word, in the high
    half where ``a`` is 2 or 3: so the kernel's lanes come out in order.
    """
    outputs, rows = stored.shape
    groups = -(-outputs // OUTPUTS)
    padded = np.zeros((groups * OUTPUTS, rows), dtype=np.uint8)
    padded[:outputs] = stored
    #         [group, high half, odd byte, b, h, row] -> [group, row, h, b, odd byte, high half]
    halves = padded.reshape(groups, 2, 2, 2, 2, rows).transpose(0, 5, 4, 3, 2, 1)
    return (halves[..., 0] | halves[..., 1] << 4).tobytes()


def layer_source(layer: BlobLayer) -> str:
    """``layer_<k>.rs``: the function that reads the layer from the stream of blobs."""
    if layer.terms not in {1, 2, 4}:
        raise ModelError(f"No kernel adds {layer.terms} products in a lane.")
    out = Source()
    out.line(f"//! A dense layer, {layer.inputs} to {layer.outputs}, with its weights in blobs.")
    out.line()
    out.line("use stylus_kernels::blob::{Missing, ReadCode, Stream};")
    out.line("use stylus_kernels::packed::{Sums, biased, dense};")
    out.line()
    out.line("/// Weighted sums of `x`.")
    out.line("///")
    out.line("/// # Errors")
    out.line("///")
    out.line("/// [`Missing`] if a blob is not on this chain.")
    out.line("pub(crate) fn layer<R: ReadCode>(")
    out.line(f"    x: &[u8; {layer.inputs}],")
    out.line("    weights: &mut Stream<'_, R>,")
    with out.block(f") -> Result<[i32; {layer.outputs}], Missing>"):
        out.line(f"let mut sums = [Sums::ZERO; {layer.groups}];")
        out.line(f"let total = dense::<{layer.terms}, _>(weights, x, {layer.rows}, &mut sums)?;")
        out.line(f"biased(weights, &sums, total, {layer.least})")
    return out.text()
