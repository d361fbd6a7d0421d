"""Convolutions and pools pixel by pixel, in 64 bits: dear, but for any range and size."""

from __future__ import annotations

import numpy as np

from stylus_ai.codegen.pixels import ALLOWED, element, place
from stylus_ai.codegen.text import Source, array, part_mark
from stylus_ai.ir import Conv2d, MaxPool2d
from stylus_ai.plan.conv import LoopLayer


def layer_source(layer: LoopLayer, number: int) -> str:
    """The module.

    Args:
        layer: Its plan.
        number: Of the layer.
    """
    windows, op = layer.windows, layer.stage.op
    out = Source()
    out.line(
        f"//! Layer {number}: windows of {windows.kernel[0]} x {windows.kernel[1]}, one by one."
    )
    out.line()
    if layer.stage.requantise is not None:
        out.line("use stylus_kernels::requantise;")
        out.line()
    if isinstance(op, Conv2d):
        flat = [str(weight) for weight in op.weights.array.reshape(-1).tolist()]
        kind = "i8" if np.abs(op.weights.array).max() < 128 else "i64"
        out.line("#[rustfmt::skip] // numbers, as many to a line as there is room for")
        out.lines(array(f"const WEIGHTS: [{kind}; {len(flat)}] = ", flat))
        bias = [str(start) for start in op.bias.array.tolist()]
        out.line("#[rustfmt::skip]")
        out.lines(array(f"const BIAS: [i64; {len(bias)}] = ", bias))
    if layer.stage.requantise is not None:
        factors = layer.stage.requantise.multipliers
        out.line("#[rustfmt::skip]")
        out.lines(array(f"const FACTORS: [i64; {len(factors)}] = ", [str(one) for one in factors]))
    if isinstance(op, Conv2d) or layer.stage.requantise is not None:
        out.line()
    pad = layer.gives.pad
    out.line("/// The whole image.")
    out.line("#[inline(never)]")
    out.lines(ALLOWED)
    with out.block(f"pub(crate) fn layer(x: &{layer.takes.rust}) -> {layer.gives.rust}"):
        out.line(part_mark(f"layer {number}"))
        out.line(f"let mut out = [{pad}; {layer.gives.length}];")
        with (
            out.block(f"for o in 0..{layer.channels}"),
            out.block(f"for down in 0..{windows.out_height}"),
            out.block(f"for across in 0..{windows.out_width}"),
        ):
            _write_pixel(out, layer)
        out.line("out")
    return out.text()


def _write_pixel(out: Source, layer: LoopLayer) -> None:
    windows, op = layer.windows, layer.stage.op
    conv = isinstance(op, Conv2d)
    inputs = op.weights.shape[1] if isinstance(op, Conv2d) else 1
    start = "BIAS[o]" if conv else "i64::MIN" if isinstance(op, MaxPool2d) else "0_i64"
    out.line(f"let mut y = {start};")
    each = layer.channels // (op.groups if isinstance(op, Conv2d) else layer.channels)
    with (
        out.block(f"for i in 0..{inputs}"),
        out.block(f"for ky in 0..{windows.kernel[0]}"),
        out.block(f"for kx in 0..{windows.kernel[1]}"),
    ):
        top, left, _, _ = windows.padding
        out.line(f"let row = down * {windows.stride[0]} + ky;")
        out.line(f"let column = across * {windows.stride[1]} + kx;")
        rows = f"({top}..{top + windows.height}).contains(&row)"
        columns = f"({left}..{left + windows.width}).contains(&column)"
        with out.block(f"if !{rows} || !{columns}"):
            out.line("continue;")
        out.line(f"let (row, column) = (row - {top}, column - {left});")
        out.line(f"let c = o / {each} * {inputs} + i;")
        out.line(f"let at = {place(layer.source, windows)};")
        read = element(layer.takes, "at")
        read = f"({read})" if " " in read else read
        less = f" + {layer.takes.offset}" if layer.takes.offset else ""
        cast = (
            read
            if layer.takes.element == "i64"
            else f"i64::from({read.removeprefix('(').removesuffix(')') if ' ' in read else read})"
        )
        out.line(f"let pixel = {cast}{less};")
        match op:
            case Conv2d():
                kernel = f"{windows.kernel[0]} + ky) * {windows.kernel[1]} + kx"
                out.line(f"let weight = WEIGHTS[((o * {inputs} + i) * {kernel}];")
                out.line("y += pixel * i64::from(weight);")
            case MaxPool2d():
                out.line("y = y.max(pixel);")
            case _:
                out.line("y += pixel;")
    _write_result(out, layer)


def _write_result(out: Source, layer: LoopLayer) -> None:
    windows, op = layer.windows, layer.stage.requantise
    if op is not None:
        total = layer.channels * windows.positions
        run = total // len(op.multipliers)
        flat = f"(o * {windows.out_height} + down) * {windows.out_width} + across"
        out.line(f"let factor = FACTORS[({flat}) / {run}];")
        zero = op.zero_point
        limits = f"{op.low - zero}, {op.high - zero}"
        out.line(f"let y = requantise(y, factor, {op.shift}, {limits}) + {zero};")
    out.line("let (c, row, column) = (o, down, across);")
    less = f" - {layer.gives.offset}" if layer.gives.offset else ""
    value = f"y{less}" if layer.gives.element == "i64" else f"(y{less}) as {layer.gives.element}"
    value = value.replace("(y) as", "y as")
    shape = type(windows)(layer.channels, windows.out_height, windows.out_width, (1, 1))
    out.line(f"out[{place(layer.target, shape)}] = {value};")
