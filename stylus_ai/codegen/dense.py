"""A dense layer as Rust: words, segments and flushes, one statement for each product."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stylus_ai.codegen.text import Source, part_mark
from stylus_ai.plan.dense import DenseLayer, Part, Slot
from stylus_ai.plan.lanes import Mode, Node, Segment, Unit
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


def sums_source(layer: DenseLayer) -> str:
    """A module whose ``layer`` gives the words of the first part's sums: what a benchmark measures.

    Args:
        layer: Its plan.
    """
    return _Writer(layer, 0).sums_text()


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
                body.line()
                self._part(body, f"fn part_{n}", part)
        return self._module(body)

    def sums_text(self) -> str:
        body = Source()
        self._part(body, "pub(crate) fn layer", self._layer.parts[0])
        return self._module(body)

    def _module(self, body: Source) -> str:
        layer, out = self._layer, Source()
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
        name = "x" if any(part.units for part in self._layer.parts) else "_x"
        takes, gives = self._layer.takes.rust, self._layer.gives.rust
        return f"pub(crate) fn layer({name}: &{takes}) -> {gives}"

    def _whole(self, out: Source, part: Part) -> None:
        """One function, from the input to the output."""
        out.line("/// All outputs of the layer.")
        out.line("#[inline(never)]")
        with out.block(self._head()):
            out.line(part_mark(f"layer {self._number}"))
            out.line(f"let mut y = [{self._layer.gives.pad}; {self._layer.gives.length}];")
            self._inputs(out, part.units)
            finish = _Finish(self._layer, self._kernels)
            for group in part.sums:
                names = self._sum(out, group.total, group.used)
                for word in range(group.words):
                    out.lines(finish.take(names.get(word)))
            out.lines(finish.rest())
            out.line("y")

    def _combine(self, out: Source) -> None:
        """The layer as the sum of its parts."""
        out.line("/// All outputs of the layer.")
        out.line("#[inline(never)]")
        with out.block(self._head()):
            out.line(part_mark(f"layer {self._number}"))
            out.line(f"let mut y = [{self._layer.gives.pad}; {self._layer.gives.length}];")
            finish = _Finish(self._layer, self._kernels)
            for span in sorted({part.groups for part in self._layer.parts}):
                mine = [n for n, part in enumerate(self._layer.parts) if part.groups == span]
                out.lines(f"let p{n} = part_{n}(x);" for n in mine)
                at = 0
                for group in self._layer.parts[mine[0]].sums:
                    for word in range(group.words):
                        if word not in group.used:
                            out.lines(finish.take(None))
                            continue
                        out.line(f"let s = p{mine[0]}[{at}];")
                        out.lines(f"let s = s.wrapping_add(p{n}[{at}]);" for n in mine[1:])
                        out.lines(finish.take("s"))
                        at += 1
            out.lines(finish.rest())
            out.line("y")

    def _part(self, out: Source, head: str, part: Part) -> None:
        """Some inputs and some outputs, as words of sums."""
        words = sum(len(group.used) for group in part.sums)
        out.line(f"/// Sums of {len(part.units)} words of inputs for {len(part.sums)} groups.")
        out.line("#[inline(never)]")
        with out.block(f"{head}(x: &{self._layer.takes.rust}) -> [u64; {words}]"):
            out.line(part_mark(f"layer {self._number}"))
            out.line(f"let mut y = [0; {words}];")
            self._inputs(out, part.units)
            at = 0
            for group in part.sums:
                for _, name in sorted(self._sum(out, group.total, group.used).items()):
                    out.line(f"y[{at}] = {name};")
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

    def _sum(
        self, out: Source, node: Node, words: frozenset[int], depth: int = 0
    ) -> dict[int, str]:
        """Statements that compute some words of a sum; returns their names."""
        if isinstance(node, Segment):
            self._segment(out, node)
            return {0: "t"}
        origins = sorted(node.origins(words))
        for number, part in enumerate(node.parts):
            names = self._sum(out, part, frozenset(origins), depth + 1)
            for origin in origins:
                odd = f"({names[origin]} >> {node.bits}) & {literal(node.masks[origin])}"
                _accumulate(out, f"odd_{depth}_{origin}", odd, first=not number)
                if node.keeps_even(origin, words):
                    _accumulate(out, f"all_{depth}_{origin}", names[origin], first=not number)
        found = {}
        for origin in origins:
            name = f"{depth}_{origin}"
            if node.keeps_even(origin, words):
                even = f"all_{name}.wrapping_sub(odd_{name} << {node.bits})"
                out.line(f"let even_{name} = {even};")
                found[2 * origin] = f"even_{name}"
            found[origin if node.only_odd else 2 * origin + 1] = f"odd_{name}"
        return {word: name for word, name in found.items() if word in words}

    def _segment(self, out: Source, segment: Segment) -> None:
        """``t``: the sum of a segment's products."""
        out.line(f"let t = {literal(segment.start)}_u64;")
        for term in segment.terms:
            x, constant = f"x{term.inputs[0]}", literal(term.constant)
            if self._layer.scheme.mode is Mode.MASK:
                out.line(f"let t = t.wrapping_add({x} & {constant});")
            else:
                out.line(f"let t = t.wrapping_add({x}.wrapping_mul({constant}));")


def _accumulate(out: Source, name: str, value: str, *, first: bool) -> None:
    out.line(f"let {name} = {value};" if first else f"let {name} = {name}.wrapping_add({value});")


class _Finish:
    """Statements that take the layer's words, one after the other, and write its elements."""

    def __init__(self, layer: DenseLayer, kernels: set[str]) -> None:
        self._layer = layer
        self._kernels = kernels
        self._word = 0
        self._waiting: list[int] = []
        self._by_word: dict[int, list[tuple[int, Slot]]] = {}
        for output, slot in enumerate(layer.slots):
            self._by_word.setdefault(slot.word, []).append((output, slot))

    def take(self, name: str | None) -> Iterator[str]:
        """The next word, under its name; None for a word that holds no sum."""
        number, self._word = self._word, self._word + 1
        if not self._layer.rescales:
            for output, slot in self._by_word.get(number, []):
                yield from self._single(name or "", output, slot)
            return
        place = number % self._across
        if name is not None:
            self._waiting.append(place)
            yield from self._lanes(name, number)
        if place == self._across - 1:
            yield from self._store(number // self._across)

    def rest(self) -> Iterator[str]:
        """What is left when all words have been taken."""
        if self._layer.rescales and self._word % self._across:
            yield from self._store(self._word // self._across)

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

    def _lanes(self, name: str, number: int) -> Iterator[str]:
        """All sums of a word at once; see ``plan.rescale``."""
        pitch = self._layer.scheme.pitch
        half = 1 << (pitch - 1)
        lanes = [
            (slot.shift // pitch, self._layer.rescales[output], slot)
            for output, slot in self._by_word[number]
        ]
        # Lanes without an output end as those that are far below.
        depth, start = [half] * (64 // pitch), [half + 1] * (64 // pitch)
        for lane, rescale, slot in lanes:
            depth[lane] = half + rescale.depth
            start[lane] = half + rescale.floor + rescale.depth - slot.add
        self._kernels.add(f"positive{pitch}")
        yield f"let u = {literal(_spread(start, pitch))}_u64.wrapping_sub({name});"
        yield f"let u = {literal(_spread(depth, pitch))}_u64.wrapping_sub(positive{pitch}(u));"
        place = number % self._across
        scales = {(rescale.multiplier, rescale.half, rescale.shift) for _, rescale, _ in lanes}
        if len(scales) > 1:
            yield f"let u = positive{pitch}(u);"
            yield from self._one_by_one(place, [(lane, rescale) for lane, rescale, _ in lanes])
            return
        steps = "steps32"
        if pitch == 16:
            narrow = max(rescale.lane for _, rescale, _ in lanes) <= 16
            steps = "steps16_narrow" if narrow else "steps16"
        self._kernels.add(steps)
        (numbers,) = scales
        yield f"let q{place} = {steps}(positive{pitch}(u), {', '.join(map(str, numbers))});"

    def _one_by_one(self, place: int, lanes: list[tuple[int, Rescale]]) -> Iterator[str]:
        """Lanes of a word whose multipliers differ."""
        pitch = self._layer.scheme.pitch
        self._kernels.add("step")
        for n, (lane, rescale) in enumerate(lanes):
            field = f"{shifted('u', lane * pitch)} & {literal((1 << pitch) - 1)}"
            numbers = f"{rescale.multiplier}, {rescale.half}, {rescale.shift}"
            value = f"step({field}, {numbers})"
            value = f"{value} << {lane * pitch}" if lane else value
            yield f"let q{place} = q{place} | ({value});" if n else f"let q{place} = {value};"

    def _store(self, word: int) -> Iterator[str]:
        """Interleave the bytes of the words that wait, and write them."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        self._kernels.add("put_word")
        eight = " | ".join(f"(q{place} << {8 * place})" if place else "q0" for place in waiting)
        low = [0] * 8
        for number in range(word * self._across, (word + 1) * self._across):
            for output, slot in self._by_word.get(number, []):
                place = slot.shift // 8 + number % self._across
                low[place] = self._layer.rescales[output].low - self._layer.gives.offset
        if any(low):
            yield f"let q = ({eight}).wrapping_add({literal(_spread(low, 8))});"
            eight = "q"
        yield f"put_word(&mut y, {8 * word}, {eight});"


def _spread(values: Sequence[int], bits: int) -> int:
    """Values in lanes."""
    return sum(value << (bits * k) for k, value in enumerate(values)) & _WORD


def _use(names: Sequence[str]) -> list[str]:
    """The import of some kernels."""
    if len(names) == 1:
        return [f"use stylus_kernels::{names[0]};"]
    return [f"use stylus_kernels::{{{', '.join(names)}}};"]
