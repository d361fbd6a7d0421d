// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {ARB_WASM} from "./IArbOS.sol";

/// Creates, activates and initialises a Stylus contract in one transaction, with the interface of Arbitrum's
/// StylusDeployer, as cargo-stylus calls it for contracts with a constructor. Written for this node from the public
/// interface and documentation; its code and its gas are not those of the contract on Arbitrum One.
contract StylusDeployer {
    event ContractDeployed(address deployedContract);

    error ContractDeploymentError(bytes bytecode);
    error ContractInitializationError(address newContract);
    error RefundExcessValueError(uint256 excessValue);
    error EmptyBytecode();
    error InitValueButNotInitData();

    /// How the code of a Stylus program begins, and how that of one in fragments does.
    bytes3 private constant PROGRAM = 0xeff000;
    bytes3 private constant ROOT = 0xeff002;

    /// @param bytecode Init code of the contract.
    /// @param initData Calldata of its first call, the constructor's; none if empty.
    /// @param initValue Wei sent with that call.
    /// @param salt 0 for an address that follows from this contract's nonce, else for one that follows from the
    /// arguments. The value sent pays for the data of the activation too; what is left comes back to the caller.
    function deploy(
        bytes calldata bytecode,
        bytes calldata initData,
        uint256 initValue,
        bytes32 salt
    ) external payable returns (address) {
        if (bytecode.length == 0) revert EmptyBytecode();
        if (initValue != 0 && initData.length == 0) revert InitValueButNotInitData();
        address created = _create(bytecode, initData, salt);
        uint256 left = msg.value - initValue;
        if (_needsActivation(created)) {
            (, uint256 dataFee) = ARB_WASM.activateProgram{value: left}(created);
            left -= dataFee;
        }
        if (initData.length != 0) {
            (bool initialised, ) = created.call{value: initValue}(initData);
            if (!initialised) revert ContractInitializationError(created);
        }
        if (left != 0) {
            (bool refunded, ) = msg.sender.call{value: left}("");
            if (!refunded) revert RefundExcessValueError(left);
        }
        emit ContractDeployed(created);
        return created;
    }

    /// Salt of CREATE2: with the calldata in it, nobody can take an address with another initialisation.
    function initSalt(bytes32 salt, bytes calldata initData) public pure returns (bytes32) {
        return keccak256(abi.encodePacked(salt, initData));
    }

    function _create(bytes memory bytecode, bytes calldata initData, bytes32 salt) private returns (address created) {
        if (salt == 0) {
            assembly ("memory-safe") {
                created := create(0, add(bytecode, 32), mload(bytecode))
            }
        } else {
            bytes32 full = initSalt(salt, initData);
            assembly ("memory-safe") {
                created := create2(0, add(bytecode, 32), mload(bytecode), full)
            }
        }
        if (created == address(0)) revert ContractDeploymentError(bytecode);
    }

    /// Activation is of the code: a second contract of the same code needs none.
    function _needsActivation(address created) private view returns (bool) {
        bytes32 start;
        assembly ("memory-safe") {
            mstore(0, 0)
            extcodecopy(created, 0, 0, 3)
            start := mload(0)
        }
        if (bytes3(start) != PROGRAM && bytes3(start) != ROOT) return false;
        try ARB_WASM.codehashVersion(created.codehash) {
            return false;
        } catch {
            return true;
        }
    }
}
