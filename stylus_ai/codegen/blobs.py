"""Dense layers with too many weights for code: `packed.rs` of the kernels reads them from blobs.

The weights of a layer are a run of bytes: the panels of each block of inputs, as
``stylus_kernels::packed`` reads them, then the biases, 4 bytes each. The layers' runs follow each
other in one chain of blobs, whose first address the crate holds as a constant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stylus_ai.blobs import BlobChain, blob_chain
from stylus_ai.codegen.text import Source
from stylus_ai.ir import Affine, Requantise
from stylus_ai.ir.intervals import Intervals
from stylus_ai.ir.tensor import Ints

OUTPUTS = 16
"""Outputs of a panel."""

ROWS = 512
"""Most inputs of a block."""

LARGEST = 15
"""Largest stored weight, and largest input: 4 bits."""

LANE = 255
"""Largest sum of products in a lane of 8 bits, before it is split."""

BLOCK_LANE = 65_535
"""Largest sum of products of a block, in a lane of 16 bits."""

INT32 = 2**31


@dataclass(frozen=True)
class BlobLayer:
    """How a dense layer is laid out in blobs.

    Attributes:
        op: The layer.
        requantise: What follows it; None for sums as they are.
        least: Its least weight, which is stored as 0.
        rows: Inputs of a block; the last block may have fewer.
        terms: Products that are added before their lanes are split: 1, 2 or 4.
    """

    op: Affine
    requantise: Requantise | None
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

    @property
    def element(self) -> str:
        """Rust type of an element that it writes."""
        return "i64" if self.requantise is None else "u8"

    def data(self) -> bytes:
        """The layer's run of bytes."""
        stored = self.op.weights.array - self.least
        starts = range(0, self.inputs, self.rows)
        blocks = [panels(stored[:, start : start + self.rows]) for start in starts]
        return b"".join([*blocks, self.op.bias.array.astype("<i4").tobytes()])


def blob_layer(
    op: Affine, requantise: Requantise | None, x: Intervals, sums: Intervals
) -> BlobLayer | None:
    """How to lay a dense layer out in blobs; None if it is not for them.

    Its weights must lie within 15 of each other, its inputs in 0..15, its sums in 32 bits; a
    requantisation must have one multiplier, and results that fit a byte.

    Args:
        op: The layer.
        requantise: What follows it, if that is a requantisation.
        x: Proven intervals of the value that it reads.
        sums: Proven intervals of its partial sums.
    """
    weights = op.weights.array
    least, most = int(weights.min()), int(weights.max())
    if most - least > LARGEST or x.hull.low < 0 or x.hull.high > LARGEST:
        return None
    if not sums.hull.fits(INT32):
        return None
    if requantise is not None and not _for_bytes(requantise):
        return None
    product = max(1, (most - least) * x.hull.high)
    terms = max(count for count in (1, 2, 4) if count == 1 or count * product <= LANE)
    blocks = -(-weights.shape[1] // min(ROWS, BLOCK_LANE // product))
    return BlobLayer(op, requantise, least, -(-weights.shape[1] // blocks), terms)


def _for_bytes(op: Requantise) -> bool:
    return len(op.multipliers) == 1 and op.low >= 0 and op.high <= 0xFF


def panels(stored: Ints) -> bytes:
    """The panels of a block.

    Output ``4a + 2b + h`` of a panel stands in byte ``4h + 2b + a % 2`` of each word, in the high
    half where ``a`` is 2 or 3: so the kernel's lanes come out in order.

    Args:
        stored: int64[outputs, rows], 0..15.
    """
    outputs, rows = stored.shape
    groups = -(-outputs // OUTPUTS)
    padded = np.zeros((groups * OUTPUTS, rows), dtype=np.uint8)
    padded[:outputs] = stored
    # [group, high half, odd byte, b, h, row] -> [group, row, h, b, odd byte, high half]
    halves = padded.reshape(groups, 2, 2, 2, 2, rows).transpose(0, 5, 4, 3, 2, 1)
    return (halves[..., 0] | halves[..., 1] << 4).tobytes()


def chain_of(layers: Sequence[BlobLayer]) -> BlobChain:
    """The blobs that hold the weights of some layers, which read them in this order."""
    return blob_chain(b"".join(layer.data() for layer in layers))


def layer_source(layer: BlobLayer, number: int) -> str:
    """A module ``layer_<number>.rs``: the function that reads the layer from the blobs."""
    out = Source()
    out.line(f"//! Layer {number}: {layer.inputs} values to {layer.outputs}, weights in blobs.")
    out.line()
    if layer.requantise is not None:
        out.line("use stylus_kernels::requantise;")
    out.line("use stylus_kernels::blob::{Missing, ReadCode, Stream};")
    out.line("use stylus_kernels::packed::{Sums, biased, dense};")
    out.line()
    out.line("/// All outputs of the layer.")
    out.line("///")
    out.line("/// # Errors")
    out.line("/// `Missing` if a blob is not on this chain.")
    out.line("#[inline(never)]")
    out.line("pub(crate) fn layer<R: ReadCode>(")
    out.line(f"    x: &[u8; {layer.inputs}],")
    out.line("    weights: &mut Stream<'_, R>,")
    with out.block(f") -> Result<[{layer.element}; {layer.outputs}], Missing>"):
        out.line(f"let mut sums = [Sums::ZERO; {layer.groups}];")
        out.line(f"let total = dense::<{layer.terms}, _>(weights, x, {layer.rows}, &mut sums)?;")
        out.line(
            f"let sums: [i32; {layer.outputs}] = biased(weights, &sums, total, {layer.least})?;"
        )
        op = layer.requantise
        if op is None:
            out.line("Ok(sums.map(i64::from))")
        else:
            zero = op.zero_point
            numbers = f"{op.multipliers[0]}, {op.shift}, {op.low - zero}, {op.high - zero}"
            result = f"requantise(i64::from(sum), {numbers})"
            if zero:
                result += f".wrapping_add({zero})"
            out.line(f"Ok(sums.map(|sum| {result} as u8))")
    return out.text()
