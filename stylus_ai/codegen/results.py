"""From the sums of a convolution to what it writes: requantisation of all lanes of a word."""

from __future__ import annotations

from stylus_ai.codegen.pixels import pixels_of, splat
from stylus_ai.codegen.text import Source, word
from stylus_ai.plan.channels import LANE_BITS
from stylus_ai.plan.image import LANES, Image, Sums
from stylus_ai.plan.scale import Early, Scale


def top_used(target: Image | Sums, bits: int) -> bool:
    """Whether a pixel stands in the topmost lane of a word, which cannot grow."""
    slices = bits // LANE_BITS
    return target.lanes > (LANES // slices - 1) * slices


class Results:
    """Writes what follows the sums ``all`` and ``some`` of a channel.

    ``all`` holds every narrow lane, as one number; ``some`` the even ones, or the odd ones, each
    with room to grow. The other half is the difference.
    """

    def __init__(self, out: Source, target: Image | Sums, bits: int) -> None:
        self._out = out
        self.target = target
        self.bits = bits
        self._top_used = top_used(target, bits)

    def _write_sums(self, fit: Scale, channel: int) -> None:
        """Sums out of their lanes, as they are."""
        bits, lanes = self.bits, self.target.lanes
        wide = 2 * bits
        ends = self._halves()
        odd = lanes > 1 and self.target.spread % 2
        for name in ends if odd else ["even"]:
            self._out.line(f"let {name} = {ends[name]};")
        if not odd:
            self._out.line("let _ = all;")
        mask = (1 << wide) - 1
        for lane in range(0, lanes, self.target.spread):
            name = "odd" if lane % 2 else "even"
            shift = wide * (lane // 2)
            moved = f"({name} >> {shift})" if shift else name
            self._out.line(f"let sum = ({moved} & {word(mask)}).0 as i32;")
            at = channel * lanes + lane
            self._out.line(f"out[{at}] = sum.wrapping_add({fit.low});")

    def _halves(self) -> dict[str, str]:
        """The even and the odd lanes, with room to grow, as Rust expressions."""
        bits = self.bits
        if self._top_used:
            return {"even": f"all - (some << {bits})", "odd": "some"}
        return {"even": "some", "odd": f"(all - some) >> {bits}"}

    def finish(self, fit: Scale, channel: int) -> None:
        """From sums to bytes."""
        out, bits, target = self._out, self.bits, self.target
        if isinstance(target, Sums):
            self._write_sums(fit, channel)
            return
        if fit.multiplier == 0:
            fixed = splat(fit.low - target.offset, bits)
            out.line(f"let y = {word(fixed, typed=True)};")
            self._store(channel)
            return
        for name, text in self._halves().items():
            out.line(f"let {name} = {text};")
            self._rescale(name, fit)
        out.line(f"let y = join(even, odd, {bits});")
        if fit.floor == bits:
            out.line(f"let y = at_least_zero(y, {bits});")
        if fit.top_bits == bits:
            out.line(f"let y = at_most(y, {fit.top}, {bits});")
        if fit.low != target.offset:
            out.line(f"let y = y + {word(splat(fit.low - target.offset, bits))};")
        self._store(channel)

    def _rescale(self, name: str, fit: Scale) -> None:
        """Half of the sums, from their wide lanes to numbers that fit narrow ones."""
        out, bits = self._out, self.bits
        wide = 2 * bits
        if fit.floor == wide:
            out.line(f"let {name} = at_least_zero({name}, {wide});")
        if fit.early is not None:
            out.line(f"let {name} = at_most({name}, {fit.early.most}, {wide});")
            self._multiply(name, fit.early)
        if fit.shift:
            out.line(f"let {name} = {name} >> {fit.shift};")
        if fit.top_bits == wide or wide - fit.shift < bits:
            # what the shift has brought in from the next lane
            mask = word(splat((1 << (wide - fit.shift)) - 1, wide))
            out.line(f"let {name} = {name} & {mask};")
        if fit.top_bits == wide:
            out.line(f"let {name} = at_most({name}, {fit.top}, {wide});")

    def _multiply(self, name: str, early: Early) -> None:
        wide = 2 * self.bits
        start = word(splat(early.start, wide))
        product = f"{name} * Wrapping({early.multiplier}) + {start}"
        if early.fine is not None:
            m, r, k = early.fine
            mask = word(splat((1 << (wide - k)) - 1, wide))
            fine = f"({name} * Wrapping({m}) + {word(splat(r, wide))}) >> {k}"
            self._out.line(f"let fine = {fine};")
            self._out.line(f"let fine = fine & {mask};")
            product += " + fine"
        self._out.line(f"let {name} = {product};")

    def _store(self, channel: int) -> None:
        """Write the pixels; lanes that hold none get what padding holds."""
        target, at = self.target, channel * LANES
        valid = pixels_of(target)
        pads = splat(target.pad, LANE_BITS) & ~valid
        if self.bits > LANE_BITS:
            self._out.line(f"let y = (y << slice) & {word(valid)};")
            mine = word(splat(0xFF, self.bits), typed=True)
            self._out.line(f"let others = word(out, {at}) & !({mine} << slice);")
            self._out.line("let y = y | others;")
        elif valid != splat(0xFF, LANE_BITS):
            self._out.line(f"let y = y & {word(valid)};")
        if pads:
            self._out.line(f"let y = y | {word(pads)};")
        self._out.line(f"put(out, {at}, y);")
