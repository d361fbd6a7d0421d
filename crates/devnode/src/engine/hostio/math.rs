//! 256-bit arithmetic, big-endian, in place at the first pointer. Division by zero gives 0, as in the EVM.

use revm::primitives::U256;
use stylus_rules::prices::hostio::math_pow;

use crate::engine::host::Call;
use crate::engine::outcome::Stop;

pub fn div(call: &mut Call<'_>, value: u32, divisor: u32) -> Result<(), Stop> {
    let (a, b) = (call.word(value)?, call.word(divisor)?);
    call.put_word(value, a.checked_div(b).unwrap_or_default())
}

pub fn modulo(call: &mut Call<'_>, value: u32, modulus: u32) -> Result<(), Stop> {
    let (a, b) = (call.word(value)?, call.word(modulus)?);
    call.put_word(value, a.checked_rem(b).unwrap_or_default())
}

/// Powers wrap at 2^256.
pub fn pow(call: &mut Call<'_>, value: u32, exponent: u32) -> Result<(), Stop> {
    let (a, b) = (call.word(value)?, call.word(exponent)?);
    call.meter.pay(math_pow(&b.to_be_bytes()))?;
    call.put_word(value, a.wrapping_pow(b))
}

pub fn add_mod(call: &mut Call<'_>, value: u32, addend: u32, modulus: u32) -> Result<(), Stop> {
    let (a, b, c) = (call.word(value)?, call.word(addend)?, call.word(modulus)?);
    call.put_word(
        value,
        if c.is_zero() {
            U256::ZERO
        } else {
            a.add_mod(b, c)
        },
    )
}

pub fn mul_mod(call: &mut Call<'_>, value: u32, multiplier: u32, modulus: u32) -> Result<(), Stop> {
    let (a, b, c) = (
        call.word(value)?,
        call.word(multiplier)?,
        call.word(modulus)?,
    );
    call.put_word(
        value,
        if c.is_zero() {
            U256::ZERO
        } else {
            a.mul_mod(b, c)
        },
    )
}
