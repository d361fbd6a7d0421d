// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Store} from "./Store.sol";

/// @title 196-64-10 as a first version in Solidity: two nested loops over weights in a contract's code.
contract MlpLoops {
    uint256 private constant PIXELS = 196;
    uint256 private constant HIDDEN = 64;
    uint256 private constant DIGITS = 10;

    Store private immutable STORE;
    uint256 private immutable SHIFT;
    int16[HIDDEN] private bias1;
    int16[DIGITS] private bias2;

    /// @param weights w1, then w2, row by row, one signed byte each.
    constructor(bytes memory weights, int16[HIDDEN] memory b1, uint256 shift, int16[DIGITS] memory b2) {
        STORE = new Store(weights);
        SHIFT = shift;
        bias1 = b1;
        bias2 = b2;
    }

    /// @param image 98 bytes: two pixels each, the first in the high half.
    /// @return The digit in byte 11, then ten logits of 16 bits.
    function answer(bytes calldata image) external view returns (bytes32) {
        bytes memory weights = address(STORE).code;
        int256[PIXELS] memory pixels;
        for (uint256 i = 0; i < PIXELS / 2; i++) {
            pixels[2 * i] = int256(uint256(uint8(image[i]) >> 4));
            pixels[2 * i + 1] = int256(uint256(uint8(image[i]) & 15));
        }
        uint256 at = 1; // behind the store's STOP
        int256[HIDDEN] memory hidden;
        for (uint256 j = 0; j < HIDDEN; j++) {
            int256 sum = bias1[j];
            for (uint256 i = 0; i < PIXELS; i++) {
                sum += int8(uint8(weights[at++])) * pixels[i];
            }
            sum = (sum + int256(1 << SHIFT >> 1)) >> SHIFT;
            hidden[j] = sum < 0 ? int256(0) : sum > 15 ? int256(15) : sum;
        }
        int256 best = type(int256).min;
        uint256 digit;
        uint256 logits;
        for (uint256 k = 0; k < DIGITS; k++) {
            int256 logit = bias2[k];
            for (uint256 j = 0; j < HIDDEN; j++) {
                logit += int8(uint8(weights[at++])) * hidden[j];
            }
            if (logit > best) {
                best = logit;
                digit = k;
            }
            logits = logits << 16 | uint16(int16(logit));
        }
        return bytes32(digit << 160 | logits);
    }
}
