//! Ink of wasm operators and of the blocks they stand in (rules 2.1 to 2.3).

use wasmparser::Operator;

/// Ink that every basic block costs beside its operators (rules 2.2).
pub const BLOCK_HEADER: u64 = 2450;

/// Ink per byte that `memory.fill` or `memory.copy` moves, beside [`operator_ink`] (rules 2.3).
pub const BULK_BYTE: u64 = 100;

/// Ink of an operator that must never run; its block can never be paid (rules 2.1, last row).
pub const UNPAYABLE: u64 = u64::MAX;

/// Static ink of one operator.
///
/// `parameters_of` gives the number of parameters of a function type by index; only `call_indirect` asks for it, and an
/// unknown index (impossible in a validated module) makes the operator [`UNPAYABLE`]. Source: rules 2.1.
pub fn operator_ink(op: &Operator<'_>, parameters_of: impl Fn(u32) -> Option<u64>) -> u64 {
    use Operator::*;
    match op {
        Unreachable | Return | Nop | I32Const { .. } | I64Const { .. } => 1,
        Block { .. } | Loop { .. } | Else | End => 1,
        Drop => 9,

        I32Add | I32Sub | I32And | I32Or | I32Xor => 70,
        I32Shl | I32ShrS | I32ShrU | I32Rotl | I32Rotr => 70,
        LocalGet { .. } | LocalTee { .. } => 75,

        I64Add | I64Sub | I64And | I64Or | I64Xor => 100,
        I64Shl | I64ShrS | I64ShrU | I64Rotl | I64Rotr => 100,
        I32WrapI64 | I64ExtendI32S | I64ExtendI32U => 100,
        I32Extend8S | I32Extend16S | I64Extend8S | I64Extend16S | I64Extend32S => 100,

        I32Mul | I64Mul => 160,
        I32Eqz | I32Eq | I32Ne | I32LtS | I32LtU | I32GtS | I32GtU => 170,
        I32LeS | I32LeU | I32GeS | I32GeU => 170,
        LocalSet { .. } | I32Clz | I32Ctz | I64Clz | I64Ctz => 210,
        GlobalGet { .. } => 225,
        I64Eqz | I64Eq | I64Ne | I64LtS | I64LtU | I64GtS | I64GtU => 225,
        I64LeS | I64LeU | I64GeS | I64GeU => 225,
        GlobalSet { .. } => 575,

        I32Load { .. } | I32Load8S { .. } | I32Load8U { .. } => 670,
        I32Load16S { .. } | I32Load16U { .. } => 670,
        I64Load { .. } | I64Load8S { .. } | I64Load8U { .. } | I64Load16S { .. } => 680,
        I64Load16U { .. } | I64Load32S { .. } | I64Load32U { .. } => 680,
        Br { .. } | BrIf { .. } | If { .. } => 765,
        I32Store { .. } | I32Store8 { .. } | I32Store16 { .. } => 825,
        I64Store { .. } | I64Store8 { .. } | I64Store16 { .. } | I64Store32 { .. } => 950,
        MemoryCopy { .. } | MemoryFill { .. } => 950,

        I32DivS | I32DivU | I32RemS | I32RemU => 1120,
        Select => 1250,
        I64DivS | I64DivU | I64RemS | I64RemU => 1270,
        I32Popcnt => 2650,
        MemorySize { .. } => 3000,
        Call { .. } => 3800,
        I64Popcnt => 6000,
        MemoryGrow { .. } => 8050,

        BrTable { targets } => 2400 + 325 * u64::from(targets.len()),
        CallIndirect { type_index, .. } => {
            parameters_of(*type_index).map_or(UNPAYABLE, |params| 13_610 + 650 * params)
        }
        _ => UNPAYABLE,
    }
}

/// Whether a basic block ends with this operator (inclusive; rules 2.2).
pub const fn ends_block(op: &Operator<'_>) -> bool {
    use Operator::*;
    matches!(
        op,
        End | Else
            | Return
            | Loop { .. }
            | Br { .. }
            | BrTable { .. }
            | BrIf { .. }
            | If { .. }
            | Call { .. }
            | CallIndirect { .. }
    )
}
