"""``input.rs``: from bytes, or from integers, to a row that the model function may have."""

from __future__ import annotations

from stylus_ai.codegen.text import Source
from stylus_ai.ir import Feature, Features, Program
from stylus_ai.plan.network import reads_packed


def input_source(program: Program) -> str:
    """The module, for rows of integers or for packed ones."""
    if reads_packed(program):
        return _packed_source(program.features)
    out = Source()
    out.line("//! Rows: unpacked and checked.")
    out.line("//!")
    out.line("//! The ranges stand in code, not in a table: Stylus charges for each byte of data")
    out.line("//! on every call. The good case takes one branch for all features.")
    out.line()
    out.line("use crate::{FEATURES, InputError, PACKED_LEN, Row, range::outside};")
    out.line()
    _write_unpack(out, program)
    out.line()
    _write_from_values(out)
    out.line()
    _write_check(out, program)
    out.line()
    _write_offender(out, program)
    return out.text()


def _write_unpack(out: Source, program: Program) -> None:
    out.line("/// Reads a packed row: big-endian, tight, in feature order, as Solidity's")
    out.line("/// `abi.encodePacked`.")
    out.line("///")
    out.line("/// # Errors")
    out.line("/// `Length` if there are not `PACKED_LEN` bytes, `OutOfRange` for the first value")
    out.line("/// outside its feature's range.")
    out.line("#[inline]")
    with out.block("pub fn unpack(packed: &[u8]) -> Result<Row, InputError>"):
        with out.block("let Ok(p) = <&[u8; PACKED_LEN]>::try_from(packed) else", tail="};"):
            out.line("let got = packed.len();")
            out.line("let expected = PACKED_LEN;")
            out.line("return Err(InputError::Length { got, expected });")
        out.line("let mut row: Row = [0; FEATURES];")
        if program.features.bits is None:
            at = 0
            for i, column in enumerate(program.features):
                _unpack_one(out, i, column, at)
                at += column.width
        else:
            _unpack_bits(out, program.features, program.features.bits)
        out.line("check(&row)?;")
        out.line("Ok(row)")


def _write_check(out: Source, program: Program) -> None:
    out.line("/// Checks every value's range.")
    out.line("///")
    out.line("/// # Errors")
    out.line("/// `OutOfRange` for the first value outside its feature's range.")
    with out.block("pub fn check(row: &Row) -> Result<(), InputError>"):
        out.line("let mut bad = 0;")
        for i, column in enumerate(program.features):
            out.line(f"bad |= outside(row[{i}], {column.q_low}, {column.q_top});")
        with out.block("if bad < 0"):
            out.line("return Err(offender(row));")
        out.line("Ok(())")


def _write_offender(out: Source, program: Program) -> None:
    out.line("/// The first value out of range, once it is known that there is one.")
    out.line("#[cold]")
    out.line("#[inline(never)]")
    with out.block("fn offender(row: &Row) -> InputError"):
        for i, column in enumerate(program.features):
            low, high = column.q_low, column.q_top
            found = f"InputError::out_of_range({i}, i64::from(row[{i}]), {low}, {high})"
            if i == len(program.features) - 1:
                out.line(found)
            else:
                with out.block(f"if outside(row[{i}], {low}, {high}) < 0"):
                    out.line(f"return {found};")


def _unpack_one(out: Source, i: int, column: Feature, at: int) -> None:
    """Read one feature at byte ``at``."""
    name = f"{'i' if column.signed else 'u'}{8 * column.width}"
    parts = ", ".join(f"p[{at + k}]" for k in range(column.width))
    if column.width == 4:
        if not column.signed:
            # A row holds i32: what is beyond it is refused here, with its true value.
            with out.block(f"if p[{at}] > 0x7f"):
                out.line(f"let value = i64::from(u32::from_be_bytes([{parts}]));")
                bounds = f"{column.q_low}, {column.q_top}"
                out.line(f"return Err(InputError::out_of_range({i}, value, {bounds}));")
        out.line(f"row[{i}] = i32::from_be_bytes([{parts}]);")
    elif column.width == 1 and not column.signed:
        out.line(f"row[{i}] = i32::from(p[{at}]);")
    else:
        out.line(f"row[{i}] = i32::from({name}::from_be_bytes([{parts}]));")


def _unpack_bits(out: Source, features: Features, bits: int) -> None:
    """Read features that share bytes, the first in the highest bits."""
    for i in range(len(features)):
        byte, place = divmod(i * bits, 8)
        shift = 8 - bits - place
        value = f"p[{byte}] >> {shift}" if shift else f"p[{byte}]"
        if place:
            value = f"({value}) & {(1 << bits) - 1}" if shift else f"{value} & {(1 << bits) - 1}"
        out.line(f"row[{i}] = i32::from({value});")
    unused = -len(features) * bits % 8
    if unused:
        last = features.packed_length - 1
        _write_rest(out, f"p[{last}]", len(features), unused)


def _write_rest(out: Source, byte: str, features: int, unused: int) -> None:
    """Refuse bits after the last value."""
    out.line(f"let rest = {byte} & {(1 << unused) - 1};")
    with out.block("if rest > 0"):
        out.line(f"return Err(InputError::out_of_range({features}, i64::from(rest), 0, 0));")


def _write_from_values(out: Source) -> None:
    out.line("/// A row of one integer for each feature.")
    out.line("///")
    out.line("/// # Errors")
    out.line("/// `OutOfRange` for the first value outside its feature's range.")
    with out.block("pub fn from_values(values: &[i32; FEATURES]) -> Result<Row, InputError>"):
        out.line("check(values)?;")
        out.line("Ok(*values)")


def _packed_source(features: Features) -> str:
    """The module where any bits are a row, but for those after the last value."""
    out = Source()
    out.line("//! Rows: the packed bytes themselves, since every value of their bits is a value of")
    out.line("//! its feature.")
    out.line()
    out.line("use crate::{FEATURES, InputError, PACKED_LEN, Row, range::outside};")
    out.line()
    out.line("/// Takes a packed row.")
    out.line("///")
    out.line("/// # Errors")
    out.line(
        "/// `Length` if there are not `PACKED_LEN` bytes, `OutOfRange` for bits after the last"
    )
    out.line("/// value.")
    out.line("#[inline]")
    with out.block("pub fn unpack(packed: &[u8]) -> Result<&Row, InputError>"):
        with out.block("let Ok(row) = <&Row>::try_from(packed) else", tail="};"):
            out.line("let got = packed.len();")
            out.line("let expected = PACKED_LEN;")
            out.line("return Err(InputError::Length { got, expected });")
        out.line("check(row)?;")
        out.line("Ok(row)")
    out.line()
    _write_pack(out, features.bits or 8)
    out.line()
    out.line("/// Checks the bits after the last value.")
    out.line("///")
    out.line("/// # Errors")
    out.line("/// `OutOfRange` if they are not 0.")
    unused = -len(features) * (features.bits or 8) % 8
    row = "row" if unused else "_row"
    with out.block(f"pub fn check({row}: &Row) -> Result<(), InputError>"):
        if unused:
            _write_rest(out, f"row[{features.packed_length - 1}]", len(features), unused)
        out.line("Ok(())")
    return out.text()


def _write_pack(out: Source, bits: int) -> None:
    """``from_values``, which packs."""
    top = (1 << bits) - 1
    shifts = ", ".join(str(shift) for shift in range(8 - bits, -1, -bits))
    out.line("/// Packs one integer for each feature.")
    out.line("///")
    out.line("/// # Errors")
    out.line("/// `OutOfRange` for the first value outside its feature's range.")
    with out.block("pub fn from_values(values: &[i32; FEATURES]) -> Result<Row, InputError>"):
        out.line("for (feature, value) in (0..).zip(values) {")
        with out.block(f"    if outside(*value, 0, {top}) < 0", tail="    }"):
            value = "i64::from(*value)"
            out.line(f"    return Err(InputError::out_of_range(feature, {value}, 0, {top}));")
        out.line("}")
        out.line("let mut row: Row = [0; PACKED_LEN];")
        out.line(f"for (byte, group) in row.iter_mut().zip(values.chunks({8 // bits})) {{")
        with out.block(f"    for (value, shift) in group.iter().zip([{shifts}])", tail="    }"):
            out.line("    *byte |= (*value as u8).wrapping_shl(shift);")
        out.line("}")
        out.line("Ok(row)")
