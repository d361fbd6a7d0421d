// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// @title 196-64-10 as cheap as we know how in the EVM: see `MlpLanesCode`.
contract MlpLanes {
    /// @param tables What bench/peers/lanes.py packs. They end the code, where CODECOPY finds them without an account access.
    constructor(bytes memory tables) {
        bytes memory code = bytes.concat(type(MlpLanesCode).runtimeCode, tables);
        assembly ("memory-safe") {
            return(add(code, 32), mload(code))
        }
    }
}

/// @title Its code. Calldata is the image alone, 98 bytes; the result is the digit in byte 11 and ten logits of 16 bits.
/// @dev Layer 1: a word holds the weights of one pixel for 22 neurons in lanes of 11 bits, so one multiplication does 22 of the
/// layer's. Blank bytes of the image, two in three, cost their test alone; of the others the rows are copied from the code.
/// After 28 pixels the sums move to lanes of 22 bits: lanes.py has proven that they fit until then.
/// Hidden values: all lanes of a word are rounded and clamped at once. Layer 2: with the weights in reverse order, lane 10 of
/// a product is a dot product of 11 terms.
contract MlpLanesCode {
    uint256 private constant ONES = 0x10000040000100000400001000004000010000040000100000400001; // in lanes of 22 bits
    uint256 private constant EVEN = 0x7ff001ffc007ff001ffc007ff001ffc007ff001ffc007ff001ffc007ff; // every other lane of 11 bits
    uint256 private constant OVER = 0x1ffff07fffc1ffff07fffc1ffff07fffc1ffff07fffc1ffff07fffc1ffff0; // 2^21 - 16: what is above 15 carries into bit 21
    uint256 private constant NIBBLES = 0xf00003c0000f00003c0000f00003c0000f00003c0000f00003c0000f; // 15 in lanes of 22 bits
    uint256 private constant SIGNS = 0x008000800080008000800080008000800080008000; // 2^15 in lanes of 16 bits
    uint256 private constant TABLES = 21408; // bytes: 98 * 192 of rows, then what is copied to 256

    fallback() external {
        assembly {
            // Adds 22 lanes of 11 bits, which an offset keeps from being negative, to two words of 11 lanes.
            function spread(sums, offset, to) {
                sums := add(sums, offset)
                mstore(to, add(mload(to), and(sums, EVEN)))
                to := add(to, 32)
                mstore(to, add(mload(to), and(shr(11, sums), EVEN)))
            }
            // Eleven hidden values: sums, 2^21 and some offsets too much, are rounded and clamped to 0..15.
            function clamped(sums, offsets, shift, mask) -> hidden {
                sums := sub(sums, offsets)
                let positive := and(shr(21, sums), ONES)
                hidden := and(shr(shift, and(sums, mul(positive, 0x1fffff))), mask)
                let above := and(shr(21, add(hidden, OVER)), ONES)
                hidden := and(or(hidden, mul(above, 15)), NIBBLES)
            }

            if sub(calldatasize(), 98) { revert(0, 0) }
            let row := sub(codesize(), TABLES)
            codecopy(256, add(row, 18816), 2592)
            let groups := 0
            for { let at := 0 } lt(at, 98) { at := add(at, 14) } {
                let bytes14 := calldataload(at)
                if shr(144, bytes14) {
                    let a := 0
                    let b := 0
                    let c := 0
                    // The same 14 times: a function costs 60 gas more for each call, a loop more still.
                    if byte(0, bytes14) {
                        codecopy(0, row, 192)
                        let y := byte(0, bytes14)
                        let x := shr(4, y)
                        a := add(a, mul(x, mload(0)))
                        b := add(b, mul(x, mload(32)))
                        c := add(c, mul(x, mload(64)))
                        y := and(y, 15)
                        a := add(a, mul(y, mload(96)))
                        b := add(b, mul(y, mload(128)))
                        c := add(c, mul(y, mload(160)))
                    }
                    if byte(1, bytes14) {
                        codecopy(0, add(row, 192), 192)
                        let y := byte(1, bytes14)
                        let x := shr(4, y)
                        a := add(a, mul(x, mload(0)))
                        b := add(b, mul(x, mload(32)))
                        c := add(c, mul(x, mload(64)))
                        y := and(y, 15)
                        a := add(a, mul(y, mload(96)))
                        b := add(b, mul(y, mload(128)))
                        c := add(c, mul(y, mload(160)))
                    }
                    if byte(2, bytes14) {
                        codecopy(0, add(row, 384), 192)
                        let y := byte(2, bytes14)
                        let x := shr(4, y)
                        a := add(a, mul(x, mload(0)))
                        b := add(b, mul(x, mload(32)))
                        c := add(c, mul(x, mload(64)))
                        y := and(y, 15)
                        a := add(a, mul(y, mload(96)))
                        b := add(b, mul(y, mload(128)))
                        c := add(c, mul(y, mload(160)))
                    }
                    if byte(3, bytes14) {
                        codecopy(0, add(row, 576), 192)
                        let y := byte(3, bytes14)
                        let x := shr(4, y)
                        a := add(a, mul(x, mload(0)))
                        b := add(b, mul(x, mload(32)))
                        c := add(c, mul(x, mload(64)))
                        y := and(y, 15)
                        a := add(a, mul(y, mload(96)))
                        b := add(b, mul(y, mload(128)))
                        c := add(c, mul(y, mload(160)))
                    }
                    if byte(4, bytes14) {
                        codecopy(0, add(row, 768), 192)
                        let y := byte(4, bytes14)
                        let x := shr(4, y)
                        a := add(a, mul(x, mload(0)))
                        b := add(b, mul(x, mload(32)))
                        c := add(c, mul(x, mload(64)))
                        y := and(y, 15)
                        a := add(a, mul(y, mload(96)))
                        b := add(b, mul(y, mload(128)))
                        c := add(c, mul(y, mload(160)))
                    }
                    if byte(5, bytes14) {
                        codecopy(0, add(row, 960), 192)
                        let y := byte(5, bytes14)
                        let x := shr(4, y)
                        a := add(a, mul(x, mload(0)))
                        b := add(b, mul(x, mload(32)))
                        c := add(c, mul(x, mload(64)))
                        y := and(y, 15)
                        a := add(a, mul(y, mload(96)))
                        b := add(b, mul(y, mload(128)))
                        c := add(c, mul(y, mload(160)))
                    }
                    if byte(6, bytes14) {
                        codecopy(0, add(row, 1152), 192)
                        let y := byte(6, bytes14)
                        let x := shr(4, y)
                        a := add(a, mul(x, mload(0)))
                        b := add(b, mul(x, mload(32)))
                        c := add(c, mul(x, mload(64)))
                        y := and(y, 15)
                        a := add(a, mul(y, mload(96)))
                        b := add(b, mul(y, mload(128)))
                        c := add(c, mul(y, mload(160)))
                    }
                    if byte(7, bytes14) {
                        codecopy(0, add(row, 1344), 192)
                        let y := byte(7, bytes14)
                        let x := shr(4, y)
                        a := add(a, mul(x, mload(0)))
                        b := add(b, mul(x, mload(32)))
                        c := add(c, mul(x, mload(64)))
                        y := and(y, 15)
                        a := add(a, mul(y, mload(96)))
                        b := add(b, mul(y, mload(128)))
                        c := add(c, mul(y, mload(160)))
                    }
                    if byte(8, bytes14) {
                        codecopy(0, add(row, 1536), 192)
                        let y := byte(8, bytes14)
                        let x := shr(4, y)
                        a := add(a, mul(x, mload(0)))
                        b := add(b, mul(x, mload(32)))
                        c := add(c, mul(x, mload(64)))
                        y := and(y, 15)
                        a := add(a, mul(y, mload(96)))
                        b := add(b, mul(y, mload(128)))
                        c := add(c, mul(y, mload(160)))
                    }
                    if byte(9, bytes14) {
                        codecopy(0, add(row, 1728), 192)
                        let y := byte(9, bytes14)
                        let x := shr(4, y)
                        a := add(a, mul(x, mload(0)))
                        b := add(b, mul(x, mload(32)))
                        c := add(c, mul(x, mload(64)))
                        y := and(y, 15)
                        a := add(a, mul(y, mload(96)))
                        b := add(b, mul(y, mload(128)))
                        c := add(c, mul(y, mload(160)))
                    }
                    if byte(10, bytes14) {
                        codecopy(0, add(row, 1920), 192)
                        let y := byte(10, bytes14)
                        let x := shr(4, y)
                        a := add(a, mul(x, mload(0)))
                        b := add(b, mul(x, mload(32)))
                        c := add(c, mul(x, mload(64)))
                        y := and(y, 15)
                        a := add(a, mul(y, mload(96)))
                        b := add(b, mul(y, mload(128)))
                        c := add(c, mul(y, mload(160)))
                    }
                    if byte(11, bytes14) {
                        codecopy(0, add(row, 2112), 192)
                        let y := byte(11, bytes14)
                        let x := shr(4, y)
                        a := add(a, mul(x, mload(0)))
                        b := add(b, mul(x, mload(32)))
                        c := add(c, mul(x, mload(64)))
                        y := and(y, 15)
                        a := add(a, mul(y, mload(96)))
                        b := add(b, mul(y, mload(128)))
                        c := add(c, mul(y, mload(160)))
                    }
                    if byte(12, bytes14) {
                        codecopy(0, add(row, 2304), 192)
                        let y := byte(12, bytes14)
                        let x := shr(4, y)
                        a := add(a, mul(x, mload(0)))
                        b := add(b, mul(x, mload(32)))
                        c := add(c, mul(x, mload(64)))
                        y := and(y, 15)
                        a := add(a, mul(y, mload(96)))
                        b := add(b, mul(y, mload(128)))
                        c := add(c, mul(y, mload(160)))
                    }
                    if byte(13, bytes14) {
                        codecopy(0, add(row, 2496), 192)
                        let y := byte(13, bytes14)
                        let x := shr(4, y)
                        a := add(a, mul(x, mload(0)))
                        b := add(b, mul(x, mload(32)))
                        c := add(c, mul(x, mload(64)))
                        y := and(y, 15)
                        a := add(a, mul(y, mload(96)))
                        b := add(b, mul(y, mload(128)))
                        c := add(c, mul(y, mload(160)))
                    }
                    spread(a, mload(512), 256)
                    spread(b, mload(544), 320)
                    spread(c, mload(576), 384)
                    groups := add(groups, 1)
                }
                row := add(row, 2688)
            }

            let shift := mload(448)
            let mask := mload(480)
            let h0 := clamped(mload(256), mul(groups, and(mload(512), EVEN)), shift, mask)
            let h1 := clamped(mload(288), mul(groups, and(shr(11, mload(512)), EVEN)), shift, mask)
            let h2 := clamped(mload(320), mul(groups, and(mload(544), EVEN)), shift, mask)
            let h3 := clamped(mload(352), mul(groups, and(shr(11, mload(544)), EVEN)), shift, mask)
            let h4 := clamped(mload(384), mul(groups, and(mload(576), EVEN)), shift, mask)
            let h5 := clamped(mload(416), mul(groups, and(shr(11, mload(576)), EVEN)), shift, mask)
            // Weights of layer 2 are 8 too much.
            let excess := mul(add(add(add(h0, h1), add(h2, h3)), add(h4, h5)), ONES)
            excess := shl(3, and(shr(220, excess), 0x3fffff))

            let answer := 0
            let best := 0
            let rank := 9
            for { let at := 608 } lt(at, 2848) { at := add(at, 224) } {
                let sums := add(mload(at), mul(h0, mload(add(at, 32))))
                sums := add(sums, add(mul(h1, mload(add(at, 64))), mul(h2, mload(add(at, 96)))))
                sums := add(sums, add(mul(h3, mload(add(at, 128))), mul(h4, mload(add(at, 160)))))
                sums := add(sums, mul(h5, mload(add(at, 192))))
                let logit := sub(and(shr(220, sums), 0x3fffff), excess) // 2^15 too much
                answer := or(shl(16, answer), logit)
                logit := or(shl(4, logit), rank) // of equal logits the first is the largest
                if gt(logit, best) { best := logit }
                rank := sub(rank, 1)
            }
            mstore(0, or(shl(160, sub(9, and(best, 15))), xor(answer, SIGNS)))
            return(0, 32)
        }
    }
}
