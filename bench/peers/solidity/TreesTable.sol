// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Store} from "./Store.sol";

/// @title Trees as a loop over a table of nodes that a contract's code holds.
contract TreesTable {
    Store private immutable STORE;
    uint256 private immutable TREES;
    uint256 private immutable NODES; // where they begin in the table; so the next two
    uint256 private immutable LEAVES;
    uint256 private immutable COLUMNS;
    int256 private immutable BASE;

    /// @param table For each tree its root, int16; for each node its feature, uint8, threshold, uint32, and children, int16;
    /// for each leaf its value, int32; for each column its first byte and its number of bytes. A negative child is ~leaf.
    constructor(bytes memory table, uint256 trees, uint256 nodes, uint256 leaves, int256 base) {
        STORE = new Store(table);
        TREES = trees;
        NODES = 2 * trees;
        LEAVES = NODES + 9 * nodes;
        COLUMNS = LEAVES + 4 * leaves;
        BASE = base;
    }

    fallback(bytes calldata row) external returns (bytes memory) {
        bytes memory table = address(STORE).code;
        unchecked {
            uint256[] memory x = new uint256[]((table.length - 1 - COLUMNS) / 2);
            for (uint256 i = 0; i < x.length; i++) {
                uint256 column = read(table, COLUMNS + 2 * i, 2);
                x[i] = uint256(bytes32(row[column >> 8:])) >> (256 - 8 * (column & 255));
            }
            int256 sum = BASE;
            for (uint256 tree = 0; tree < TREES; tree++) {
                int256 child = int16(uint16(read(table, 2 * tree, 2)));
                while (child >= 0) {
                    uint256 node = read(table, NODES + 9 * uint256(child), 9);
                    bool right = x[node >> 64] > uint32(node >> 32);
                    child = int16(uint16(right ? node : node >> 16));
                }
                sum += int32(uint32(read(table, LEAVES + 4 * uint256(~child), 4)));
            }
            return abi.encode(sum);
        }
    }

    /// @return value Big-endian, of `width` bytes; the store's STOP comes first.
    function read(bytes memory table, uint256 at, uint256 width) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(sub(256, mul(8, width)), mload(add(add(table, 33), at)))
        }
    }
}
