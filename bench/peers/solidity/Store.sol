// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// @title A contract whose code is data: the cheapest place that Solidity has for what never changes.
contract Store {
    /// @param data What to keep. A STOP goes before it, so that nobody can run it.
    constructor(bytes memory data) {
        bytes memory code = bytes.concat(hex"00", data);
        assembly ("memory-safe") {
            return(add(code, 32), mload(code))
        }
    }
}
