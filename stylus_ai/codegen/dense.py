"""A dense layer as Rust: words, segments and flushes, one statement for each product."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stylus_ai.codegen.text import Source, part_mark
from stylus_ai.plan.dense import DenseLayer, Part, Slot
from stylus_ai.plan.lanes import Group, Mode, Node, Segment, Unit
from stylus_ai.plan.layout import BITS
from stylus_ai.plan.rescale import Rescale

_WORD = (1 << 64) - 1


def layer_source(layer: DenseLayer, number: int) -> str:
    """A module ``layer_<number>.rs``.

    Args:
        layer: Its plan.
        number: Of the layer, from 0, for names.
    """
    return _Writer(layer, number).text()


def literal(value: int) -> str:
    """A constant of 64 bits as Rust writes it well: hexadecimal, in fours."""
    digits = f"{value & _WORD:x}"
    head = len(digits) % 4
    groups = [digits[:head]] if head else []
    groups += [digits[k : k + 4] for k in range(head, len(digits), 4)]
    return f"0x{'_'.join(groups)}"


def shifted(word: str, bits: int) -> str:
    """``word`` moved down; clippy has no liking for a shift by nothing."""
    return f"({word} >> {bits})" if bits else word


class _Writer:
    def __init__(self, layer: DenseLayer, number: int) -> None:
        self._layer = layer
        self._number = number
        self._kernels: set[str] = set()

    def text(self) -> str:
        layer = self._layer
        body = Source()
        if len(layer.parts) == 1:
            self._whole(body, layer.parts[0])
        else:
            self._combine(body)
            for n, part in enumerate(layer.parts):
                self._part(body, n, part)
        out = Source()
        inputs, outputs = len(layer.places), len(layer.slots)
        out.line(f"//! Layer {self._number}: {inputs} values to {outputs}, {layer.kernel} bits.")
        out.line("//!")
        out.line(
            "//! Every slot is proven wide enough, so that what wraps is only what is meant to."
        )
        out.line()
        if self._kernels:
            out.lines(_use(sorted(self._kernels)))
            out.line()
        out.lines(body.text().splitlines())
        return out.text()

    def _head(self) -> str:
        return f"pub(crate) fn layer(x: &{self._layer.takes.rust}) -> {self._layer.gives.rust}"

    def _whole(self, out: Source, part: Part) -> None:
        """One function, from the input to the output."""
        out.line("/// All outputs of the layer.")
        out.line("#[inline(never)]")
        with out.block(self._head()):
            out.line(part_mark(f"layer {self._number}"))
            out.line(f"let mut y = [0; {self._layer.gives.length}];")
            self._inputs(out, part.units)
            finish = _Finish(self._layer, self._kernels)
            for group in part.sums:
                for word in self._sum(out, group.total):
                    out.lines(finish.take(word))
            out.lines(finish.rest())
            out.line("y")

    def _combine(self, out: Source) -> None:
        """The layer as the sum of its parts."""
        out.line("/// All outputs of the layer.")
        out.line("#[inline(never)]")
        with out.block(self._head()):
            out.line(part_mark(f"layer {self._number}"))
            out.line(f"let mut y = [0; {self._layer.gives.length}];")
            finish = _Finish(self._layer, self._kernels)
            for span in sorted({part.groups for part in self._layer.parts}):
                mine = [n for n, part in enumerate(self._layer.parts) if part.groups == span]
                out.lines(f"let p{n} = part_{n}(x);" for n in mine)
                words = sum(group.words for group in self._layer.parts[mine[0]].sums)
                for k in range(words):
                    total = f"p{mine[0]}[{k}]"
                    for n in mine[1:]:
                        total += f".wrapping_add(p{n}[{k}])"
                    out.line(f"let s = {total};")
                    out.lines(finish.take("s"))
            out.lines(finish.rest())
            out.line("y")

    def _part(self, out: Source, number: int, part: Part) -> None:
        """Some inputs and some outputs, as words of sums."""
        words = sum(group.words for group in part.sums)
        out.line()
        out.line(f"/// Sums of {len(part.units)} words of inputs for {len(part.sums)} groups.")
        out.line("#[inline(never)]")
        with out.block(f"fn part_{number}(x: &{self._layer.takes.rust}) -> [u64; {words}]"):
            out.line(part_mark(f"layer {self._number}"))
            out.line(f"let mut y = [0; {words}];")
            self._inputs(out, part.units)
            at = 0
            for group in part.sums:
                for word in self._sum(out, group.total):
                    out.line(f"y[{at}] = {word};")
                    at += 1
            out.line("y")

    def _inputs(self, out: Source, units: Sequence[Unit]) -> None:
        """Every input, or pair, into a local variable."""
        layer = self._layer
        if layer.takes.wide:
            widen = "i64::from({}) as u64" if layer.takes.element == "i32" else "{} as u64"
            for (i,) in units:
                out.line(f"let x{i} = {widen.format(f'x[{layer.places[i].at}]')};")
            return
        for at in sorted({layer.places[unit[0]].at for unit in units}):
            self._kernels.add("word")
            out.line(f"let w{at} = word(x, {at});")
        single = (1 << BITS[layer.takes.element]) - 1
        for unit in units:
            place = layer.places[unit[0]]
            if layer.scheme.mode is Mode.MASK:
                self._kernels.add("bit_mask")
                out.line(f"let x{unit[0]} = bit_mask(w{place.at}, {place.shift});")
                continue
            mask = single << layer.scheme.bits | single if len(unit) == 2 else single
            word = shifted(f"w{place.at}", place.shift)
            out.line(f"let x{unit[0]} = {word} & {literal(mask)};")

    def _sum(self, out: Source, node: Node, depth: int = 0) -> list[str]:
        """Statements that compute a sum; returns the names of its words."""
        if isinstance(node, Segment):
            out.line(f"let t = {literal(node.start)}_u64;")
            for term in node.terms:
                x, constant = f"x{term.inputs[0]}", literal(term.constant)
                if self._layer.scheme.mode is Mode.MASK:
                    out.line(f"let t = t.wrapping_add({x} & {constant});")
                else:
                    out.line(f"let t = t.wrapping_add({x}.wrapping_mul({constant}));")
            return ["t"]
        names = [f"{depth}_{k}" for k in range(len(node.masks))]
        for number, part in enumerate(node.parts):
            words = self._sum(out, part, depth + 1)
            for name, word, mask in zip(names, words, node.masks, strict=True):
                odd = f"({word} >> {node.bits}) & {literal(mask)}"
                if number:
                    out.line(f"let odd_{name} = odd_{name}.wrapping_add({odd});")
                else:
                    out.line(f"let odd_{name} = {odd};")
                if node.only_odd:
                    continue
                if number:
                    out.line(f"let all_{name} = all_{name}.wrapping_add({word});")
                else:
                    out.line(f"let all_{name} = {word};")
        found = []
        for name in names:
            if not node.only_odd:
                even = f"all_{name}.wrapping_sub(odd_{name} << {node.bits})"
                out.line(f"let even_{name} = {even};")
                found.append(f"even_{name}")
            found.append(f"odd_{name}")
        return found


class _Finish:
    """Statements that take the layer's words, one after the other, and write its elements."""

    def __init__(self, layer: DenseLayer, kernels: set[str]) -> None:
        self._layer = layer
        self._kernels = kernels
        self._word = 0
        self._by_word: dict[int, list[tuple[int, Slot]]] = {}
        for output, slot in enumerate(layer.slots):
            self._by_word.setdefault(slot.word, []).append((output, slot))

    def take(self, name: str) -> Iterator[str]:
        """The next word, under its name."""
        number, self._word = self._word, self._word + 1
        if self._layer.rescale is not None:
            yield from self._lanes(self._layer.rescale, name, number)
            return
        for output, slot in sorted(self._by_word.get(number, [])):
            yield from self._single(name, output, slot)

    def rest(self) -> Iterator[str]:
        """What is left when all words have been taken."""
        across = self._across
        if self._layer.rescale is not None and self._word % across:
            yield from self._store(self._word // across, self._word % across)

    @property
    def _across(self) -> int:
        """Words whose bytes share one: a lane of 16 bits has room for two."""
        return self._layer.scheme.pitch // 8

    def _single(self, name: str, output: int, slot: Slot) -> Iterator[str]:
        """One sum, out of its lane."""
        layer = self._layer
        value = name
        if slot.width < 64:
            value = f"{shifted(name, slot.shift)} & {literal((1 << slot.width) - 1)}"
        value = f"({value}) as i64" if value != name else f"{name} as i64"
        yield f"let v = ({value}).wrapping_add({slot.add});"
        op = layer.stage.requantise
        if op is not None:
            self._kernels.add("requantise")
            factor = op.multipliers[output * len(op.multipliers) // len(layer.slots)]
            zero = op.zero_point
            limits = f"{op.low - zero}, {op.high - zero}"
            yield f"let v = requantise(v, {factor}, {op.shift}, {limits});"
            add = zero - layer.gives.offset
            if add:
                yield f"let v = v.wrapping_add({add});"
        cast = "v" if layer.gives.element == "i64" else f"v as {layer.gives.element}"
        yield f"y[{layer.gives.position[output]}] = {cast};"

    def _lanes(self, rescale: Rescale, name: str, number: int) -> Iterator[str]:
        """All sums of a word at once; see ``plan.rescale``."""
        pitch = self._layer.scheme.pitch
        half = 1 << (pitch - 1)
        lanes = 64 // pitch
        top = rescale.floor + rescale.depth
        # A lane without an output ends as one that is far below.
        start = [half + rescale.depth + 1] * lanes
        for _, slot in self._by_word.get(number, []):
            start[slot.shift // pitch] = half + top - slot.add
        self._kernels.add(f"positive{pitch}")
        yield f"let u = {literal(_spread(start, pitch))}_u64.wrapping_sub({name});"
        depth = literal(_spread([half + rescale.depth] * lanes, pitch))
        yield f"let u = {depth}_u64.wrapping_sub(positive{pitch}(u));"
        steps = "steps32"
        if pitch == 16:
            steps = "steps16" if rescale.lane > 16 else "steps16_narrow"
        self._kernels.add(steps)
        place = number % self._across
        numbers = f"{rescale.multiplier}, {rescale.half}, {rescale.shift}"
        yield f"let q{place} = {steps}(positive{pitch}(u), {numbers});"
        if place == self._across - 1:
            yield from self._store(number // self._across, self._across)

    def _store(self, word: int, count: int) -> Iterator[str]:
        """Interleave the bytes of some words, and write them."""
        layer = self._layer
        assert layer.rescale is not None
        self._kernels.add("put_word")
        both = " | ".join(["q0", *(f"(q{k} << {8 * k})" for k in range(1, count))])
        low = layer.rescale.low - layer.gives.offset
        if low:
            yield f"let q = ({both}).wrapping_add({literal(_spread([low] * 8, 8))});"
            both = "q"
        yield f"put_word(&mut y, {8 * word}, {both});"


def _spread(values: Sequence[int], bits: int) -> int:
    """Values in lanes."""
    return sum(value << (bits * k) for k, value in enumerate(values)) & _WORD


def _use(names: Sequence[str]) -> list[str]:
    """The import of some kernels."""
    if len(names) == 1:
        return [f"use stylus_kernels::{names[0]};"]
    return [f"use stylus_kernels::{{{', '.join(names)}}};"]


__all__ = ["Group", "layer_source", "literal", "shifted"]
