//! The sums of `p`: equations 3 and 4 of stylus-ai's numerics.
//!
//! `wrapping_add` never wraps: the program's verifier has bounded every partial sum.

use stylus_kernels::{above, pick};

use crate::Row;

/// Accumulators of the outputs.
type Sums = [i32; 1];

/// Sum of the leaves that `row` reaches, for each output.
pub(crate) fn accumulate(row: &Row) -> [i64; 1] {
    let mut sums: Sums = [0; 1];
    part_0(row, &mut sums);
    sums.map(i64::from)
}

/// Tree 0.
#[inline(never)]
fn part_0(row: &Row, sums: &mut Sums) {
    let x0 = row[0];
    let mut s0 = 0_i32;
    // part: tree 0
    if x0 <= 3 {
        if x0 <= 10 {
            if x0 <= 17 {
                let n6 = pick(above(x0, 45), 0, 1);
                let n7 = pick(above(x0, 52), 2, 3);
                let n5 = pick(above(x0, 38), n6, n7);
                let n9 = pick(above(x0, 66), 4, 5);
                let n10 = pick(above(x0, 73), 6, 7);
                let n8 = pick(above(x0, 59), n9, n10);
                let n4 = pick(above(x0, 31), n5, n8);
                let n13 = pick(above(x0, 94), 8, 9);
                let n14 = pick(above(x0, 0), 10, 11);
                let n12 = pick(above(x0, 87), n13, n14);
                let n16 = pick(above(x0, 14), 12, 13);
                let n17 = pick(above(x0, 21), 14, 15);
                let n15 = pick(above(x0, 7), n16, n17);
                let n11 = pick(above(x0, 80), n12, n15);
                let n3 = pick(above(x0, 24), n4, n11);
                s0 = s0.wrapping_add(n3);
            } else {
                let n21 = pick(above(x0, 49), 16, 17);
                let n22 = pick(above(x0, 56), 18, 19);
                let n20 = pick(above(x0, 42), n21, n22);
                let n24 = pick(above(x0, 70), 20, 21);
                let n25 = pick(above(x0, 77), 22, 23);
                let n23 = pick(above(x0, 63), n24, n25);
                let n19 = pick(above(x0, 35), n20, n23);
                let n28 = pick(above(x0, 98), 24, 25);
                let n29 = pick(above(x0, 4), 26, 27);
                let n27 = pick(above(x0, 91), n28, n29);
                let n31 = pick(above(x0, 18), 28, 29);
                let n32 = pick(above(x0, 25), 30, 31);
                let n30 = pick(above(x0, 11), n31, n32);
                let n26 = pick(above(x0, 84), n27, n30);
                let n18 = pick(above(x0, 28), n19, n26);
                s0 = s0.wrapping_add(n18);
            }
        } else {
            if x0 <= 32 {
                let n37 = pick(above(x0, 60), 32, 33);
                let n38 = pick(above(x0, 67), 34, 35);
                let n36 = pick(above(x0, 53), n37, n38);
                let n40 = pick(above(x0, 81), 36, 37);
                let n41 = pick(above(x0, 88), 38, 39);
                let n39 = pick(above(x0, 74), n40, n41);
                let n35 = pick(above(x0, 46), n36, n39);
                let n44 = pick(above(x0, 8), 40, 41);
                let n45 = pick(above(x0, 15), 42, 43);
                let n43 = pick(above(x0, 1), n44, n45);
                let n47 = pick(above(x0, 29), 44, 45);
                let n48 = pick(above(x0, 36), 46, 47);
                let n46 = pick(above(x0, 22), n47, n48);
                let n42 = pick(above(x0, 95), n43, n46);
                let n34 = pick(above(x0, 39), n35, n42);
                s0 = s0.wrapping_add(n34);
            } else {
                let n52 = pick(above(x0, 64), 48, 49);
                let n53 = pick(above(x0, 71), 50, 51);
                let n51 = pick(above(x0, 57), n52, n53);
                let n55 = pick(above(x0, 85), 52, 53);
                let n56 = pick(above(x0, 92), 54, 55);
                let n54 = pick(above(x0, 78), n55, n56);
                let n50 = pick(above(x0, 50), n51, n54);
                let n59 = pick(above(x0, 12), 56, 57);
                let n60 = pick(above(x0, 19), 58, 59);
                let n58 = pick(above(x0, 5), n59, n60);
                let n62 = pick(above(x0, 33), 60, 61);
                let n63 = pick(above(x0, 40), 62, 63);
                let n61 = pick(above(x0, 26), n62, n63);
                let n57 = pick(above(x0, 99), n58, n61);
                let n49 = pick(above(x0, 43), n50, n57);
                s0 = s0.wrapping_add(n49);
            }
        }
    } else {
        if x0 <= 47 {
            if x0 <= 54 {
                let n69 = pick(above(x0, 82), 64, 65);
                let n70 = pick(above(x0, 89), 66, 67);
                let n68 = pick(above(x0, 75), n69, n70);
                let n72 = pick(above(x0, 2), 68, 69);
                let n73 = pick(above(x0, 9), 70, 71);
                let n71 = pick(above(x0, 96), n72, n73);
                let n67 = pick(above(x0, 68), n68, n71);
                let n76 = pick(above(x0, 30), 72, 73);
                let n77 = pick(above(x0, 37), 74, 75);
                let n75 = pick(above(x0, 23), n76, n77);
                let n79 = pick(above(x0, 51), 76, 77);
                let n80 = pick(above(x0, 58), 78, 79);
                let n78 = pick(above(x0, 44), n79, n80);
                let n74 = pick(above(x0, 16), n75, n78);
                let n66 = pick(above(x0, 61), n67, n74);
                s0 = s0.wrapping_add(n66);
            } else {
                let n84 = pick(above(x0, 86), 80, 81);
                let n85 = pick(above(x0, 93), 82, 83);
                let n83 = pick(above(x0, 79), n84, n85);
                let n87 = pick(above(x0, 6), 84, 85);
                let n88 = pick(above(x0, 13), 86, 87);
                let n86 = pick(above(x0, 100), n87, n88);
                let n82 = pick(above(x0, 72), n83, n86);
                let n91 = pick(above(x0, 34), 88, 89);
                let n92 = pick(above(x0, 41), 90, 91);
                let n90 = pick(above(x0, 27), n91, n92);
                let n94 = pick(above(x0, 55), 92, 93);
                let n95 = pick(above(x0, 62), 94, 95);
                let n93 = pick(above(x0, 48), n94, n95);
                let n89 = pick(above(x0, 20), n90, n93);
                let n81 = pick(above(x0, 65), n82, n89);
                s0 = s0.wrapping_add(n81);
            }
        } else {
            if x0 <= 69 {
                let n100 = pick(above(x0, 97), 96, 97);
                let n101 = pick(above(x0, 3), 98, 99);
                let n99 = pick(above(x0, 90), n100, n101);
                let n103 = pick(above(x0, 17), 100, 101);
                let n104 = pick(above(x0, 24), 102, 103);
                let n102 = pick(above(x0, 10), n103, n104);
                let n98 = pick(above(x0, 83), n99, n102);
                let n107 = pick(above(x0, 45), 104, 105);
                let n108 = pick(above(x0, 52), 106, 107);
                let n106 = pick(above(x0, 38), n107, n108);
                let n110 = pick(above(x0, 66), 108, 109);
                let n111 = pick(above(x0, 73), 110, 111);
                let n109 = pick(above(x0, 59), n110, n111);
                let n105 = pick(above(x0, 31), n106, n109);
                let n97 = pick(above(x0, 76), n98, n105);
                s0 = s0.wrapping_add(n97);
            } else {
                let n115 = pick(above(x0, 0), 112, 113);
                let n116 = pick(above(x0, 7), 114, 115);
                let n114 = pick(above(x0, 94), n115, n116);
                let n118 = pick(above(x0, 21), 116, 117);
                let n119 = pick(above(x0, 28), 118, 119);
                let n117 = pick(above(x0, 14), n118, n119);
                let n113 = pick(above(x0, 87), n114, n117);
                let n122 = pick(above(x0, 49), 120, 121);
                let n123 = pick(above(x0, 56), 122, 123);
                let n121 = pick(above(x0, 42), n122, n123);
                let n125 = pick(above(x0, 70), 124, 125);
                let n126 = pick(above(x0, 77), 126, 127);
                let n124 = pick(above(x0, 63), n125, n126);
                let n120 = pick(above(x0, 35), n121, n124);
                let n112 = pick(above(x0, 80), n113, n120);
                s0 = s0.wrapping_add(n112);
            }
        }
    }
    sums[0] = sums[0].wrapping_add(s0);
}
