//! Integer operators and memory accesses of wasm on a stack of 64-bit cells; an i32 stands in the lower half, the upper half is zero.

use wasmparser::{MemArg, Operator};

/// Applies a numeric operator; `Err` is a trap.
pub fn apply(op: &Operator<'_>, stack: &mut Vec<u64>) -> Result<(), ()> {
    let mut pop = || {
        stack
            .pop()
            .unwrap_or_else(|| unreachable!("validated code has its operands"))
    };
    let result = if let Some(result) = unary(op, &mut pop) {
        result
    } else {
        let (b, a) = (pop(), pop());
        match binary32(op, a as u32, b as u32).or_else(|| binary64(op, a, b)) {
            Some(result) => result?,
            None => unreachable!("{op:?} is not generated"),
        }
    };
    stack.push(result);
    Ok(())
}

/// Takes its operand only if the operator is one of these.
fn unary(op: &Operator<'_>, mut pop: impl FnMut() -> u64) -> Option<u64> {
    use Operator::*;
    Some(match op {
        I32Eqz => u64::from(pop() as u32 == 0),
        I32Clz => u64::from((pop() as u32).leading_zeros()),
        I32Ctz => u64::from((pop() as u32).trailing_zeros()),
        I32Popcnt => u64::from((pop() as u32).count_ones()),
        I32WrapI64 | I64ExtendI32U => u64::from(pop() as u32),
        I32Extend8S => pop() as i8 as i32 as u32 as u64,
        I32Extend16S => pop() as i16 as i32 as u32 as u64,
        I64Eqz => u64::from(pop() == 0),
        I64Clz => u64::from(pop().leading_zeros()),
        I64Ctz => u64::from(pop().trailing_zeros()),
        I64Popcnt => u64::from(pop().count_ones()),
        I64Extend8S => pop() as i8 as i64 as u64,
        I64Extend16S => pop() as i16 as i64 as u64,
        I64Extend32S | I64ExtendI32S => pop() as i32 as i64 as u64,
        _ => return None,
    })
}

type Binary = Option<Result<u64, ()>>;

fn binary32(op: &Operator<'_>, a: u32, b: u32) -> Binary {
    use Operator::*;
    let (sa, sb) = (a as i32, b as i32);
    let value = match op {
        I32Add => a.wrapping_add(b),
        I32Sub => a.wrapping_sub(b),
        I32Mul => a.wrapping_mul(b),
        I32DivS => match sa.checked_div(sb) {
            Some(quotient) => quotient as u32,
            None => return Some(Err(())),
        },
        I32DivU => match a.checked_div(b) {
            Some(quotient) => quotient,
            None => return Some(Err(())),
        },
        I32RemS if b == 0 => return Some(Err(())),
        I32RemS => sa.wrapping_rem(sb) as u32,
        I32RemU => match a.checked_rem(b) {
            Some(remainder) => remainder,
            None => return Some(Err(())),
        },
        I32And => a & b,
        I32Or => a | b,
        I32Xor => a ^ b,
        I32Shl => a.wrapping_shl(b),
        I32ShrS => sa.wrapping_shr(b) as u32,
        I32ShrU => a.wrapping_shr(b),
        I32Rotl => a.rotate_left(b & 31),
        I32Rotr => a.rotate_right(b & 31),
        I32Eq => u32::from(a == b),
        I32Ne => u32::from(a != b),
        I32LtS => u32::from(sa < sb),
        I32LtU => u32::from(a < b),
        I32GtS => u32::from(sa > sb),
        I32GtU => u32::from(a > b),
        I32LeS => u32::from(sa <= sb),
        I32LeU => u32::from(a <= b),
        I32GeS => u32::from(sa >= sb),
        I32GeU => u32::from(a >= b),
        _ => return None,
    };
    Some(Ok(u64::from(value)))
}

fn binary64(op: &Operator<'_>, a: u64, b: u64) -> Binary {
    use Operator::*;
    let (sa, sb) = (a as i64, b as i64);
    let value = match op {
        I64Add => a.wrapping_add(b),
        I64Sub => a.wrapping_sub(b),
        I64Mul => a.wrapping_mul(b),
        I64DivS => match sa.checked_div(sb) {
            Some(quotient) => quotient as u64,
            None => return Some(Err(())),
        },
        I64DivU => match a.checked_div(b) {
            Some(quotient) => quotient,
            None => return Some(Err(())),
        },
        I64RemS if b == 0 => return Some(Err(())),
        I64RemS => sa.wrapping_rem(sb) as u64,
        I64RemU => match a.checked_rem(b) {
            Some(remainder) => remainder,
            None => return Some(Err(())),
        },
        I64And => a & b,
        I64Or => a | b,
        I64Xor => a ^ b,
        I64Shl => a.wrapping_shl(b as u32),
        I64ShrS => sa.wrapping_shr(b as u32) as u64,
        I64ShrU => a.wrapping_shr(b as u32),
        I64Rotl => a.rotate_left((b & 63) as u32),
        I64Rotr => a.rotate_right((b & 63) as u32),
        I64Eq => u64::from(a == b),
        I64Ne => u64::from(a != b),
        I64LtS => u64::from(sa < sb),
        I64LtU => u64::from(a < b),
        I64GtS => u64::from(sa > sb),
        I64GtU => u64::from(a > b),
        I64LeS => u64::from(sa <= sb),
        I64LeU => u64::from(a <= b),
        I64GeS => u64::from(sa >= sb),
        I64GeU => u64::from(a >= b),
        _ => return None,
    };
    Some(Ok(value))
}

/// Bytes, sign extension and width of a load.
pub fn load<'o>(op: &'o Operator<'_>) -> Option<(&'o MemArg, usize, bool, bool)> {
    use Operator::*;
    Some(match op {
        I32Load { memarg } => (memarg, 4, false, false),
        I32Load8S { memarg } => (memarg, 1, true, false),
        I32Load8U { memarg } => (memarg, 1, false, false),
        I32Load16S { memarg } => (memarg, 2, true, false),
        I32Load16U { memarg } => (memarg, 2, false, false),
        I64Load { memarg } => (memarg, 8, false, true),
        I64Load8S { memarg } => (memarg, 1, true, true),
        I64Load8U { memarg } => (memarg, 1, false, true),
        I64Load16S { memarg } => (memarg, 2, true, true),
        I64Load16U { memarg } => (memarg, 2, false, true),
        I64Load32S { memarg } => (memarg, 4, true, true),
        I64Load32U { memarg } => (memarg, 4, false, true),
        _ => return None,
    })
}

/// Bytes of a store.
pub fn store<'o>(op: &'o Operator<'_>) -> Option<(&'o MemArg, usize)> {
    use Operator::*;
    Some(match op {
        I32Store { memarg } | I64Store32 { memarg } => (memarg, 4),
        I32Store8 { memarg } | I64Store8 { memarg } => (memarg, 1),
        I32Store16 { memarg } | I64Store16 { memarg } => (memarg, 2),
        I64Store { memarg } => (memarg, 8),
        _ => return None,
    })
}
