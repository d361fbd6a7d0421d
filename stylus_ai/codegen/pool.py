"""A max pool as Rust: eight pixels to a word, one channel after the other."""

from __future__ import annotations

from stylus_ai.codegen.pixels import WORD, filling, imported, pixels_of, splat
from stylus_ai.codegen.text import Source, word
from stylus_ai.plan.channels import LANE_BITS
from stylus_ai.plan.conv import MaxLayer, taps
from stylus_ai.plan.image import LANES, windows_of

KERNELS = ("even_lanes", "join", "larger", "put", "word")


def layer_source(layer: MaxLayer, number: int) -> str:
    """The module of a max pool.

    Args:
        layer: Its plan.
        number: Of the layer.
    """
    out = Source()
    _write_layer(out, layer, number)
    body = out.text()
    source, target = layer.source, layer.target
    head = Source()
    shape = f"{source.channels} x {source.height} x {source.width}"
    made = f"{target.channels} x {target.height} x {target.width}"
    head.line(f"//! Layer {number}: the largest pixels of windows, {shape} to {made}.")
    head.line()
    if "Wrapping(" in body:
        head.line("use core::num::Wrapping;")
        head.line()
    head.lines(imported(KERNELS, body))
    head.line()
    return head.text() + body


def _write_layer(out: Source, layer: MaxLayer, number: int) -> None:
    source, target = layer.source, layer.target
    windows = windows_of(layer.stage)
    if windows is None:
        raise TypeError(f"not a pool: {layer.stage!r}")
    first, last = target.top * target.row_length, (target.top + target.height) * target.row_length
    with filling(out, layer, number):
        out.line(f"let (rows, _) = x.as_chunks::<{source.row_length}>();")
        out.line(f"let (targets, _) = out[{first}..{last}].as_chunks_mut::<{target.row_length}>();")
        out.line(f"let windows = rows.array_windows::<{windows.kernel[0]}>();")
        step = f".step_by({windows.stride[0]})" if windows.stride[0] > 1 else ""
        with (
            out.block(f"for (rows, target) in windows{step}.zip(targets)"),
            out.block(f"for c in 0..{source.channels}"),
        ):
            out.line(f"let c = c * {LANES};")
            for phase in range(target.phases):
                _write_word(out, layer, phase)


def _write_word(out: Source, layer: MaxLayer, phase: int) -> None:
    """The largest of all pixels that one word of the target sees."""
    source, target = layer.source, layer.target
    windows = windows_of(layer.stage)
    if windows is None:
        raise TypeError(f"not a pool: {layer.stage!r}")
    narrow = layer.most < 1 << (LANE_BITS - 1)
    started = False
    for row in range(windows.kernel[0]):
        for tap in taps(windows, source, phase):
            at = f"c + {tap.phase * source.phase_length}" if tap.phase else "c"
            read = f"word(&rows[{row}], {at})"
            if tap.move:
                read += f" {'<<' if tap.move < 0 else '>>'} {LANE_BITS * abs(tap.move)}"
            if narrow:
                _larger(out, "y", read, LANE_BITS, started=started)
            else:
                out.line(f"let x = {read};")
                wide = 2 * LANE_BITS
                _larger(out, "even", f"x & even_lanes({LANE_BITS})", wide, started=started)
                odd = f"(x >> {LANE_BITS}) & even_lanes({LANE_BITS})"
                _larger(out, "odd", odd, wide, started=started)
            started = True
    if not narrow:
        out.line(f"let y = join(even, odd, {LANE_BITS});")
    valid = pixels_of(target)
    if valid != splat(0xFF, LANE_BITS):
        out.line(f"let y = y & {word(valid)};")
    shift = source.offset - target.offset
    if shift:
        out.line(f"let y = y + {word(shift * (valid // 0xFF) % (1 << WORD))};")
    pads = splat(target.pad, LANE_BITS) & ~valid
    if pads:
        out.line(f"let y = y | {word(pads)};")
    at = f"c + {phase * target.phase_length}" if phase else "c"
    out.line(f"put(target, {at}, y);")


def _larger(out: Source, name: str, read: str, bits: int, *, started: bool) -> None:
    out.line(
        f"let {name} = larger({name}, {read}, {bits});" if started else f"let {name} = {read};"
    )
