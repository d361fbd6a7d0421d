//! Layer 1: 5 values to 3, dense pair 8 bits.
//!
//! Every slot is proven wide enough, so that what wraps is only what is meant to.

use stylus_kernels::word;

/// All outputs of the layer.
#[inline(never)]
pub(crate) fn layer(x: &[u8; 8]) -> [i64; 3] {
    // part: layer 1
    let mut y = [0; 3];
    let w0 = word(x, 0);
    let x4 = w0 & 0xffff;
    let x0 = (w0 >> 16) & 0xff;
    let x2 = (w0 >> 32) & 0xff;
    let x3 = (w0 >> 48) & 0xff;
    let t = 0x2800_050a_0b00_u64;
    let t = t.wrapping_add(x3.wrapping_mul(0xffff_fd00_0100_0000));
    let t = t.wrapping_add(x4.wrapping_mul(0x202_00fe_ff01));
    let t = t.wrapping_add(x2.wrapping_mul(0x100_00ff_ff00));
    let t = t.wrapping_add(x0.wrapping_mul(0x100_0100_0000));
    let odd_0_0 = (t >> 8) & 0xff_00ff_00ff_00ff;
    let v = (((odd_0_0 >> 32) & 0xffff) as i64).wrapping_add(-43);
    y[0] = v;
    let v = (((odd_0_0 >> 16) & 0xffff) as i64).wrapping_add(-4);
    y[1] = v;
    let v = ((odd_0_0 & 0xffff) as i64).wrapping_add(14);
    y[2] = v;
    y
}
