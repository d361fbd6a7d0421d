// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {ARB_OWNER_PUBLIC, ARB_WASM, ARB_WASM_CACHE} from "./IArbOS.sol";

/// The auction for places in the cache of Stylus programs, with the interface and the rules of Arbitrum's CacheManager:
/// whoever bids most has a place, and bids lose value by the second. Written for this node from the public interface
/// and documentation; its code and its gas are not those of the contract on Arbitrum One.
contract CacheManager {
    /// A place in the cache. `bid` is what was paid plus the decay at that time, so that bids of different times
    /// compare: a later bid of the same value is larger.
    struct Entry {
        bytes32 code;
        uint64 size;
        uint192 bid;
    }

    event InsertBid(bytes32 indexed codehash, address program, uint192 bid, uint64 size);
    event DeleteBid(bytes32 indexed codehash, uint192 bid, uint64 size);
    event SetCacheSize(uint64 size);
    event SetDecayRate(uint64 decay);
    event Pause();
    event Unpause();

    error NotChainOwner(address sender);
    error AsmTooLarge(uint256 asm, uint256 queueSize, uint256 cacheSize);
    error AlreadyCached(bytes32 codehash);
    error BidTooLarge(uint256 bid);
    error BidTooSmall(uint192 bid, uint192 min);
    error BidsArePaused();
    error MakeSpaceTooLarge(uint64 size, uint64 limit);

    /// Half a GiB and about 0.33 ETH a year: what Arbitrum's deployment script sets.
    uint64 private constant FIRST_CACHE_SIZE = 536_870_912;
    uint64 private constant FIRST_DECAY = 10_322_197_911;
    /// Small programs count as much.
    uint64 private constant MIN_SIZE = 4096;
    /// Most that one call of `makeSpace` may free.
    uint64 private constant MAX_MAKE_SPACE = 5 * 1024 * 1024;

    /// The bids as a binary heap: the children of entry i are 2i+1 and 2i+2, and neither is smaller.
    Entry[] public entries;
    /// Sum of the sizes of all entries.
    uint64 public queueSize;
    bool public isPaused;
    /// Stored as differences from the first values, so that the contract needs no constructor: it is put into the
    /// genesis state as code alone.
    uint64 private cacheSizeChange;
    uint64 private decayChange;

    modifier onlyOwner() {
        if (!ARB_OWNER_PUBLIC.isChainOwner(msg.sender)) revert NotChainOwner(msg.sender);
        _;
    }

    /// Bytes that all cached programs together may have.
    function cacheSize() public view returns (uint64) {
        return FIRST_CACHE_SIZE ^ cacheSizeChange;
    }

    /// Wei by which a bid loses value each second.
    function decay() public view returns (uint64) {
        return FIRST_DECAY ^ decayChange;
    }

    /// Does not evict: the next bid does, if it needs the space.
    function setCacheSize(uint64 newSize) external onlyOwner {
        cacheSizeChange = FIRST_CACHE_SIZE ^ newSize;
        emit SetCacheSize(newSize);
    }

    function setDecayRate(uint64 newDecay) external onlyOwner {
        decayChange = FIRST_DECAY ^ newDecay;
        emit SetDecayRate(newDecay);
    }

    function paused() external onlyOwner {
        isPaused = true;
        emit Pause();
    }

    function unpause() external onlyOwner {
        isPaused = false;
        emit Unpause();
    }

    function evictAll() external onlyOwner {
        _evict(entries.length);
    }

    /// Evicts the `count` smallest bids.
    function evictPrograms(uint256 count) external onlyOwner {
        _evict(count < entries.length ? count : entries.length);
    }

    /// Sends what was paid to the network fee account. Anyone may ask for it.
    function sweepFunds() external {
        (bool sent, ) = ARB_OWNER_PUBLIC.getNetworkFeeAccount().call{value: address(this).balance}("");
        require(sent);
    }

    /// Evicts programs whose bids are not above the value sent until `size` bytes are free.
    function makeSpace(uint64 size) external payable returns (uint64 space) {
        if (isPaused) revert BidsArePaused();
        if (size > MAX_MAKE_SPACE) revert MakeSpaceTooLarge(size, MAX_MAKE_SPACE);
        _makeSpace(_toBid(msg.value), size);
        return cacheSize() - queueSize;
    }

    /// Caches an active program, if the value sent is at least `getMinBid`. The value is kept.
    function placeBid(address program) external payable {
        if (isPaused) revert BidsArePaused();
        bytes32 code = program.codehash;
        if (ARB_WASM_CACHE.codehashIsCached(code)) revert AlreadyCached(code);
        Entry memory entry = Entry(code, _sizeOf(code), _toBid(msg.value));
        _makeSpace(entry.bid, entry.size);
        _insert(entry);
        queueSize += entry.size;
        emit InsertBid(code, program, entry.bid, entry.size);
        ARB_WASM_CACHE.cacheProgram(program);
    }

    function getMinBid(address program) external view returns (uint192 min) {
        return getMinBid(program.codehash);
    }

    function getMinBid(bytes32 codehash) public view returns (uint192 min) {
        return getMinBid(_sizeOf(codehash));
    }

    /// Least value that `placeBid` takes now for a program of this size: the largest bid that it would evict.
    function getMinBid(uint64 size) public view returns (uint192 min) {
        uint64 capacity = cacheSize();
        uint256 taken = uint256(queueSize) + size;
        if (size > capacity) revert AsmTooLarge(size, queueSize, capacity);
        if (taken <= capacity) return 0;
        Entry[] memory rest = entries;
        for (uint256 left = rest.length; taken > capacity; left--) {
            Entry memory smallest = _takeSmallest(rest, left);
            taken -= smallest.size;
            min = smallest.bid;
        }
        uint256 lost = _decayed();
        return min > lost ? uint192(min - lost) : 0;
    }

    function getEntries() external view returns (Entry[] memory) {
        return entries;
    }

    /// The `k` smallest bids, smallest first; all if there are fewer.
    function getSmallestEntries(uint256 k) external view returns (Entry[] memory result) {
        Entry[] memory rest = entries;
        result = new Entry[](k < rest.length ? k : rest.length);
        for (uint256 i = 0; i < result.length; i++) {
            result[i] = _takeSmallest(rest, rest.length - i);
        }
    }

    /// Wei that a bid made at time 0 would have lost by now.
    function _decayed() private view returns (uint256) {
        return uint256(decay()) * block.timestamp;
    }

    function _toBid(uint256 value) private view returns (uint192) {
        uint256 bid = value + _decayed();
        if (bid > type(uint192).max) revert BidTooLarge(bid);
        return uint192(bid);
    }

    /// What an active program takes; fails as ArbWasm does for one that is not active.
    function _sizeOf(bytes32 code) private view returns (uint64) {
        uint64 size = ARB_WASM.codehashAsmSize(code);
        return size > MIN_SIZE ? size : MIN_SIZE;
    }

    /// Evicts the smallest bids until `size` bytes are free; fails if `bid` is below one of them.
    function _makeSpace(uint192 bid, uint64 size) private {
        uint64 capacity = cacheSize();
        if (size > capacity) revert AsmTooLarge(size, queueSize, capacity);
        uint192 min = 0;
        while (uint256(queueSize) + size > capacity) {
            min = entries[0].bid;
            _evict(1);
        }
        if (bid < min) revert BidTooSmall(bid, min);
    }

    /// Evicts the `count` smallest bids; there must be as many.
    function _evict(uint256 count) private {
        for (; count > 0; count--) {
            Entry memory entry = _removeSmallest();
            queueSize -= entry.size;
            emit DeleteBid(entry.code, entry.bid, entry.size);
            ARB_WASM_CACHE.evictCodehash(entry.code);
        }
    }

    /// Adds to the heap: from the end up, until the parent is not larger.
    function _insert(Entry memory entry) private {
        uint256 at = entries.length;
        entries.push(entry);
        while (at > 0) {
            Entry memory parent = entries[(at - 1) / 2];
            if (parent.bid <= entry.bid) break;
            entries[at] = parent;
            at = (at - 1) / 2;
        }
        entries[at] = entry;
    }

    /// Takes the root from the heap: the last entry takes its place, and sinks until no child is smaller.
    function _removeSmallest() private returns (Entry memory smallest) {
        smallest = entries[0];
        uint256 count = entries.length - 1;
        Entry memory last = entries[count];
        entries.pop();
        if (count == 0) return smallest;
        uint256 at = 0;
        for (uint256 child = 1; child < count; child = 2 * at + 1) {
            if (child + 1 < count && entries[child + 1].bid < entries[child].bid) child++;
            if (last.bid <= entries[child].bid) break;
            entries[at] = entries[child];
            at = child;
        }
        entries[at] = last;
    }

    /// The smallest of the first `count` entries of a copy; the last of them takes its place.
    function _takeSmallest(Entry[] memory rest, uint256 count) private pure returns (Entry memory smallest) {
        uint256 found = 0;
        for (uint256 i = 1; i < count; i++) {
            if (rest[i].bid < rest[found].bid) found = i;
        }
        smallest = rest[found];
        rest[found] = rest[count - 1];
    }
}
