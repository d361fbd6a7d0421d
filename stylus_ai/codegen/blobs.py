"""A dense layer that reads its weights from blobs: its bytes, and its Rust.

A layer's weights are a run of bytes: the panels of each block of inputs, as
``stylus_kernels::packed`` reads them, then the biases, 4 bytes each. The runs of all layers follow
each other in one chain of blobs, whose first address the crate holds as a constant.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from stylus_ai.blobs import BlobChain, blob_chain
from stylus_ai.codegen.text import Source, array, part_mark
from stylus_ai.ir import Requantise
from stylus_ai.plan import Plan
from stylus_ai.plan.blob import OUTPUTS, SUMS_LIMIT, BlobLayer
from stylus_ai.plan.rescale import Rescale


def blobs_of(plan: Plan) -> BlobChain | None:
    """The blobs that a planned network reads; None if all its weights are in code."""
    layers = [layer for layer in plan.layers if isinstance(layer, BlobLayer)]
    return chain_of(layers) if layers else None


def chain_of(layers: Sequence[BlobLayer]) -> BlobChain:
    """The blobs that hold the weights of some layers, which read them in this order."""
    return blob_chain(b"".join(layer_data(layer) for layer in layers))


def layer_data(layer: BlobLayer) -> bytes:
    """A layer's run of bytes."""
    op = layer.op
    stored = np.full((layer.outputs, layer.inputs), -layer.least, dtype=np.uint8)
    stored[:, layer.places] += op.weights.array.astype(np.uint8)
    starts = range(0, layer.inputs, layer.rows)
    blocks = [panels(stored[:, start : start + layer.rows]) for start in starts]
    return b"".join([*blocks, _biases(layer)])


def panels(stored: npt.NDArray[np.uint8]) -> bytes:
    """The panels of a block.

    Output ``8a + 4h + 2d + b`` of a panel stands in byte ``4h + 2b + d`` of each word, in the high
    half where ``a`` is 1: so the kernel's lanes come out in order.

    Args:
        stored: Weights of 0..15, [outputs, rows].
    """
    outputs, rows = stored.shape
    groups = -(-outputs // OUTPUTS)
    padded = np.zeros((groups * OUTPUTS, rows), dtype=np.uint8)
    padded[:outputs] = stored
    # [group, a, h, d, b, row] -> [group, row, h, b, d, a]
    halves = padded.reshape(groups, 2, 2, 2, 2, rows).transpose(0, 5, 2, 4, 3, 1)
    return bytes((halves[..., 0] | halves[..., 1] << 4).tobytes())


def _biases(layer: BlobLayer) -> bytes:
    """Biases in the order in which sums lie in the kernel's words."""
    op = layer.op
    # Elements hold ``value - offset``, so that the bias takes what the offset adds.
    bias = op.bias.array + op.weights.array.sum(axis=1) * layer.takes.offset
    padded = np.zeros(layer.groups * OUTPUTS, dtype="<u4")
    padded[: layer.outputs] = bias + SUMS_LIMIT
    # [group, a, h, d, b] -> [group, a, d, b, h]
    ordered = padded.reshape(-1, 2, 2, 2, 2).transpose(0, 1, 3, 4, 2)
    return bytes(ordered.tobytes())


def layer_source(layer: BlobLayer, number: int) -> str:
    """A module ``layer_<number>.rs``: the function that reads the layer from the blobs."""
    halves = layer.takes.element == "u4"
    ending = "requantised" if layer.rescale is not None else "biased"
    packed = ["Ending", "Sums", ending, "dense"]
    packed += ["Rescale"] if layer.rescale is not None else []
    packed += ["halves"] if halves else []
    names = sorted(packed, key=lambda name: (name[0].islower(), name))
    scalar = layer.stage.requantise if layer.rescale is None else None
    out = Source()
    out.line(
        f"//! Layer {number}: {len(layer.takes.position)} values to {layer.outputs}, "
        "its weights in blobs."
    )
    out.line()
    out.line("use stylus_kernels::blob::{Missing, ReadCode, Stream};")
    out.line(f"use stylus_kernels::packed::{{{', '.join(names)}}};")
    if scalar is not None:
        out.line("use stylus_kernels::requantise;")
        out.line()
        _factors(out, layer, scalar)
    out.line()
    out.line("/// All outputs of the layer.")
    out.line("///")
    out.line("/// # Errors")
    out.line("/// `Missing` if a blob is not on this chain.")
    out.line("#[inline(never)]")
    out.line("pub(crate) fn layer<R: ReadCode>(")
    out.line(f"    x: &{layer.takes.rust},")
    out.line("    weights: &mut Stream<'_, R>,")
    with out.block(f") -> Result<{layer.gives.rust}, Missing>"):
        out.line(part_mark(f"layer {number}"))
        if halves:
            out.line(f"let x: &[u8; {layer.inputs}] = &halves(x);")
        out.line(f"let mut sums = [Sums::ZERO; {layer.groups}];")
        shape = f"{layer.rows}, {layer.most}"
        out.line(f"let total = dense::<{layer.terms}, _>(weights, x, {shape}, &mut sums)?;")
        out.line(f"let least = {layer.least};")
        out.line("let ending = Ending { total, least };")
        if layer.rescale is not None:
            with out.block("let rescale = Rescale", tail="};"):
                out.lines(_rescale(layer.rescale, layer.gives.offset))
            out.line("requantised(weights, &sums, ending, rescale)")
        else:
            out.line(f"let sums: [i32; {layer.outputs}] = biased(weights, &sums, ending)?;")
            if scalar is None:
                out.line("Ok(sums.map(i64::from))")
            else:
                _scalar(out, layer, scalar)
    return out.text()


def _rescale(found: Rescale, offset: int) -> list[str]:
    return [
        f"top: {found.floor + found.depth},",
        f"depth: {found.depth},",
        f"multiplier: {found.multiplier},",
        f"half: {found.half},",
        f"shift: {found.shift},",
        f"low: {found.low - offset},",
    ]


def _factors(out: Source, layer: BlobLayer, op: Requantise) -> None:
    run = layer.outputs // len(op.multipliers)
    factors = [str(factor) for factor in op.multipliers for _ in range(run)]
    out.line("/// Multiplier of each output.")
    out.lines(array(f"const FACTORS: [i64; {layer.outputs}] = ", factors))


def _scalar(out: Source, layer: BlobLayer, op: Requantise) -> None:
    """Requantisation one by one, for multipliers by channel or numbers that are too large."""
    zero = op.zero_point
    out.line(f"let mut y = [0; {layer.outputs}];")
    with out.block("for ((y, sum), factor) in y.iter_mut().zip(sums).zip(FACTORS)"):
        limits = f"{op.shift}, {op.low - zero}, {op.high - zero}"
        out.line(f"let v = requantise(i64::from(sum), factor, {limits});")
        add = zero - layer.gives.offset
        out.line(f"*y = v.wrapping_add({add}) as u8;" if add else "*y = v as u8;")
    out.line("Ok(y)")
