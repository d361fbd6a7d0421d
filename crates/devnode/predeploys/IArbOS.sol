// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// The functions of ArbOS' precompiles that the contracts of this folder call.

interface IArbOwnerPublic {
    function isChainOwner(address account) external view returns (bool);
    function getNetworkFeeAccount() external view returns (address);
}

interface IArbWasm {
    function activateProgram(address program) external payable returns (uint16 version, uint256 dataFee);
    function codehashVersion(bytes32 codehash) external view returns (uint16 version);
    function codehashAsmSize(bytes32 codehash) external view returns (uint32 size);
}

interface IArbWasmCache {
    function cacheProgram(address program) external;
    function evictCodehash(bytes32 codehash) external;
    function codehashIsCached(bytes32 codehash) external view returns (bool);
}

IArbOwnerPublic constant ARB_OWNER_PUBLIC = IArbOwnerPublic(address(0x6b));
IArbWasm constant ARB_WASM = IArbWasm(address(0x71));
IArbWasmCache constant ARB_WASM_CACHE = IArbWasmCache(address(0x72));
