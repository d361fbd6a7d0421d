//! Layer 0: 7 values to 5, dense pair 8 bits.
//!
//! Every slot is proven wide enough, so that what wraps is only what is meant to.

use stylus_kernels::{positive16, put_word, steps16_narrow, word};

/// All outputs of the layer.
#[inline(never)]
pub(crate) fn layer(x: &[u8; 4]) -> [u8; 8] {
    // part: layer 0
    let mut y = [0; 8];
    let w0 = word(x, 0);
    let x1 = w0 & 0xf0f;
    let x0 = (w0 >> 4) & 0xf0f;
    let x5 = (w0 >> 16) & 0xf;
    let x4 = (w0 >> 20) & 0xf0f;
    let t = 0x3c4b_4b2d_0f0f_2d1e_u64;
    let t = t.wrapping_add(x0.wrapping_mul(0x300_fdff_0000_fefe));
    let t = t.wrapping_add(x1.wrapping_mul(0xff01_feff_0000_0000));
    let t = t.wrapping_add(x4.wrapping_mul(0xfffe_00ff_ff03_0000));
    let t = t.wrapping_add(x5.wrapping_mul(0xff00_0200_0100_0100));
    let odd_0_0 = (t >> 8) & 0xff_00ff_00ff_00ff;
    let u = 0x8092_8088_802a_807f_u64.wrapping_sub(odd_0_0);
    let u = 0x803c_803c_803c_803c_u64.wrapping_sub(positive16(u));
    let q0 = steps16_narrow(positive16(u), 15, 63, 6);
    let t = 0xf_963c_u64;
    let t = t.wrapping_add(x0.wrapping_mul(0x1fd));
    let t = t.wrapping_add(x5.wrapping_mul(0xffff_ffff_ffff_fb00));
    let t = t.wrapping_add(x1.wrapping_mul(0xffff_ffff_ffff_feff));
    let odd_0_0 = (t >> 8) & 0xff_00ff_00ff_00ff;
    let u = 0x8001_8001_8001_80c7_u64.wrapping_sub(odd_0_0);
    let u = 0x8000_8000_8000_803c_u64.wrapping_sub(positive16(u));
    let q1 = steps16_narrow(positive16(u), 15, 63, 6);
    put_word(&mut y, 0, q0 | (q1 << 8));
    y
}
