//! The sums of `p`: equations 3 and 4 of stylus-ai's numerics.
//!
//! They are added modulo a power of two, in any order and with differences between,
//! which is exact: the program's verifier has proven that the results fit.

use stylus_kernels::{above, pick, up_to};

use crate::Row;

/// Accumulators of the outputs.
type Sums = [i32; 1];

/// Sum of the leaves that `row` reaches, for each output.
pub(crate) fn accumulate(row: &Row) -> [i64; 1] {
    let mut sums: Sums = [0];
    part_0(row, &mut sums);
    sums.map(i64::from)
}

/// Tree 0.
#[inline(never)]
fn part_0(row: &Row, sums: &mut Sums) {
    let x0 = row[0];
    let mut s0 = 0_i32;
    // part: branches
    if x0 <= 3 {
        // part: branches
        if x0 <= 10 {
            // part: branches
            if x0 <= 17 {
                // part: tree 0
                let n6 = above(x0, 45) & 1;
                let n7 = above(x0, 52) & 1;
                let n5 = pick(above(x0, 38), n6, n7.wrapping_add(2));
                let n9 = above(x0, 66) & 1;
                let n10 = above(x0, 73) & 1;
                let n8 = pick(above(x0, 59), n9, n10.wrapping_add(2));
                let n4 = pick(above(x0, 31), n5, n8.wrapping_add(4));
                let n13 = above(x0, 94) & 1;
                let n14 = above(x0, 0) & 1;
                let n12 = pick(above(x0, 87), n13, n14.wrapping_add(2));
                let n16 = above(x0, 14) & 1;
                let n17 = above(x0, 21) & 1;
                let n15 = pick(above(x0, 7), n16, n17.wrapping_add(2));
                let n11 = pick(above(x0, 80), n12, n15.wrapping_add(4));
                let n3 = pick(above(x0, 24), n4, n11.wrapping_add(8));
                s0 = s0.wrapping_add(n3);
            } else {
                // part: tree 0
                let n21 = above(x0, 49) & 1;
                let n22 = above(x0, 56) & 1;
                let n20 = pick(above(x0, 42), n21, n22.wrapping_add(2));
                let n24 = above(x0, 70) & 1;
                let n25 = above(x0, 77) & 1;
                let n23 = pick(above(x0, 63), n24, n25.wrapping_add(2));
                let n19 = pick(above(x0, 35), n20, n23.wrapping_add(4));
                let n28 = above(x0, 98) & 1;
                let n29 = above(x0, 4) & 1;
                let n27 = pick(above(x0, 91), n28, n29.wrapping_add(2));
                let n31 = above(x0, 18) & 1;
                let n32 = above(x0, 25) & 1;
                let n30 = pick(above(x0, 11), n31, n32.wrapping_add(2));
                let n26 = pick(above(x0, 84), n27, n30.wrapping_add(4));
                let n18 = pick(above(x0, 28), n19, n26.wrapping_add(8));
                s0 = s0.wrapping_add(n18);
                s0 = s0.wrapping_add(16);
            }
        } else {
            // part: branches
            if x0 <= 32 {
                // part: tree 0
                let n37 = above(x0, 60) & 1;
                let n38 = above(x0, 67) & 1;
                let n36 = pick(above(x0, 53), n37, n38.wrapping_add(2));
                let n40 = above(x0, 81) & 1;
                let n41 = above(x0, 88) & 1;
                let n39 = pick(above(x0, 74), n40, n41.wrapping_add(2));
                let n35 = pick(above(x0, 46), n36, n39.wrapping_add(4));
                let n44 = above(x0, 8) & 1;
                let n45 = above(x0, 15) & 1;
                let n43 = pick(above(x0, 1), n44, n45.wrapping_add(2));
                let n47 = above(x0, 29) & 1;
                let n48 = above(x0, 36) & 1;
                let n46 = pick(above(x0, 22), n47, n48.wrapping_add(2));
                let n42 = pick(above(x0, 95), n43, n46.wrapping_add(4));
                let n34 = pick(above(x0, 39), n35, n42.wrapping_add(8));
                s0 = s0.wrapping_add(n34);
            } else {
                // part: tree 0
                let n52 = above(x0, 64) & 1;
                let n53 = above(x0, 71) & 1;
                let n51 = pick(above(x0, 57), n52, n53.wrapping_add(2));
                let n55 = above(x0, 85) & 1;
                let n56 = above(x0, 92) & 1;
                let n54 = pick(above(x0, 78), n55, n56.wrapping_add(2));
                let n50 = pick(above(x0, 50), n51, n54.wrapping_add(4));
                let n59 = above(x0, 12) & 1;
                let n60 = above(x0, 19) & 1;
                let n58 = pick(above(x0, 5), n59, n60.wrapping_add(2));
                let n62 = above(x0, 33) & 1;
                let n63 = above(x0, 40) & 1;
                let n61 = pick(above(x0, 26), n62, n63.wrapping_add(2));
                let n57 = pick(above(x0, 99), n58, n61.wrapping_add(4));
                let n49 = pick(above(x0, 43), n50, n57.wrapping_add(8));
                s0 = s0.wrapping_add(n49);
                s0 = s0.wrapping_add(16);
            }
            s0 = s0.wrapping_add(32);
        }
    } else {
        // part: branches
        if x0 <= 47 {
            // part: branches
            if x0 <= 54 {
                // part: tree 0
                let n69 = above(x0, 82) & 1;
                let n70 = above(x0, 89) & 1;
                let n68 = pick(above(x0, 75), n69, n70.wrapping_add(2));
                let n72 = above(x0, 2) & 1;
                let n73 = above(x0, 9) & 1;
                let n71 = pick(above(x0, 96), n72, n73.wrapping_add(2));
                let n67 = pick(above(x0, 68), n68, n71.wrapping_add(4));
                let n76 = above(x0, 30) & 1;
                let n77 = above(x0, 37) & 1;
                let n75 = pick(above(x0, 23), n76, n77.wrapping_add(2));
                let n79 = above(x0, 51) & 1;
                let n80 = above(x0, 58) & 1;
                let n78 = pick(above(x0, 44), n79, n80.wrapping_add(2));
                let n74 = pick(above(x0, 16), n75, n78.wrapping_add(4));
                let n66 = pick(above(x0, 61), n67, n74.wrapping_add(8));
                s0 = s0.wrapping_add(n66);
            } else {
                // part: tree 0
                let n84 = above(x0, 86) & 1;
                let n85 = above(x0, 93) & 1;
                let n83 = pick(above(x0, 79), n84, n85.wrapping_add(2));
                let n87 = above(x0, 6) & 1;
                let n88 = above(x0, 13) & 1;
                let n86 = pick(above(x0, 100), n87, n88.wrapping_add(2));
                let n82 = pick(above(x0, 72), n83, n86.wrapping_add(4));
                let n91 = above(x0, 34) & 1;
                let n92 = above(x0, 41) & 1;
                let n90 = pick(above(x0, 27), n91, n92.wrapping_add(2));
                let n94 = above(x0, 55) & 1;
                let n95 = above(x0, 62) & 1;
                let n93 = pick(above(x0, 48), n94, n95.wrapping_add(2));
                let n89 = pick(above(x0, 20), n90, n93.wrapping_add(4));
                let n81 = pick(above(x0, 65), n82, n89.wrapping_add(8));
                s0 = s0.wrapping_add(n81);
                s0 = s0.wrapping_add(16);
            }
        } else {
            // part: branches
            if x0 <= 69 {
                // part: tree 0
                let n100 = above(x0, 97) & 1;
                let n101 = above(x0, 3) & 1;
                let n99 = pick(above(x0, 90), n100, n101.wrapping_add(2));
                let n103 = above(x0, 17) & 1;
                let n104 = up_to(x0, 24);
                let n102 = pick(above(x0, 10), n103, n104.wrapping_add(3));
                let n98 = pick(above(x0, 83), n99, n102.wrapping_add(4));
                let n107 = up_to(x0, 45);
                let n108 = up_to(x0, 52);
                let n106 = pick(up_to(x0, 38), n108, n107.wrapping_add(-2));
                let n110 = up_to(x0, 66);
                let n111 = up_to(x0, 73);
                let n109 = pick(up_to(x0, 59), n111, n110.wrapping_add(-2));
                let n105 = pick(up_to(x0, 31), n109, n106.wrapping_add(-4));
                let n97 = pick(above(x0, 76), n98, n105.wrapping_add(15));
                s0 = s0.wrapping_add(n97);
            } else {
                // part: tree 0
                let n115 = up_to(x0, 0);
                let n116 = up_to(x0, 7);
                let n114 = pick(up_to(x0, 94), n116, n115.wrapping_add(-2));
                let n118 = up_to(x0, 21);
                let n119 = up_to(x0, 28);
                let n117 = pick(up_to(x0, 14), n119, n118.wrapping_add(-2));
                let n113 = pick(up_to(x0, 87), n117, n114.wrapping_add(-4));
                let n122 = up_to(x0, 49);
                let n123 = up_to(x0, 56);
                let n121 = pick(up_to(x0, 42), n123, n122.wrapping_add(-2));
                let n125 = up_to(x0, 70);
                let n126 = up_to(x0, 77);
                let n124 = pick(up_to(x0, 63), n126, n125.wrapping_add(-2));
                let n120 = pick(up_to(x0, 35), n124, n121.wrapping_add(-4));
                let n112 = pick(up_to(x0, 80), n120, n113.wrapping_add(-8));
                s0 = s0.wrapping_add(n112);
                s0 = s0.wrapping_add(31);
            }
            s0 = s0.wrapping_add(32);
        }
        s0 = s0.wrapping_add(64);
    }
    sums[0] = sums[0].wrapping_add(s0);
}
