//! The auction of places in the program cache: who bids more has one, and bids lose value.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::thread::sleep;
use std::time::Duration;

use alloy_primitives::{Address, B256, U256, address, aliases::U192, keccak256};
use alloy_sol_types::{SolCall, SolError, sol};
use common::sol::{OTHER, bytes, events, failed, init_code};
use common::{ARB_WASM, DEV, Node, Tx, echo, number};
use serde_json::{Value, json};

sol! {
    #![sol(all_derives)]

    struct Entry { bytes32 code; uint64 size; uint192 bid; }

    function cacheSize() view returns (uint64);
    function queueSize() view returns (uint64);
    function decay() view returns (uint64);
    function isPaused() view returns (bool);
    function entries(uint256 index) view returns (bytes32 code, uint64 size, uint192 bid);
    function getEntries() view returns (Entry[]);
    function getSmallestEntries(uint256 k) view returns (Entry[]);
    function placeBid(address program) payable;
    function makeSpace(uint64 size) payable returns (uint64 space);
    function setCacheSize(uint64 newSize);
    function setDecayRate(uint64 newDecay);
    function evictAll();
    function evictPrograms(uint256 count);
    function paused();
    function unpause();
    function sweepFunds();
    interface MinBid {
        function getMinBid(address program) view returns (uint192 min);
    }
    interface MinBidOfCode {
        function getMinBid(bytes32 codehash) view returns (uint192 min);
    }
    interface MinBidOfSize {
        function getMinBid(uint64 size) view returns (uint192 min);
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
    error BidTooSmall(uint192 bid, uint192 min);
    error BidsArePaused();
    error MakeSpaceTooLarge(uint64 size, uint64 limit);
    error ProgramNotActivated();

    struct Call { address target; bytes callData; }
    function aggregate(Call[] calls) payable returns (uint256 blockNumber, bytes[] returnData);
    function getCurrentBlockTimestamp() view returns (uint256 timestamp);

    function allCacheManagers() view returns (address[]);
    function programInitGas(address program) view returns (uint64 gas, uint64 gasWhenCached);
    function codehashAsmSize(bytes32 codehash) view returns (uint32 size);
    event UpdateProgramCache(address indexed manager, bytes32 indexed codehash, bool cached);
}

const CACHE_MANAGER: Address = address!("0f1F89AAF1c6fDb7ff9D361E4388F5F3997f12A8");
const MULTICALL3: Address = address!("cA11bde05977b3631167028862bE2a173976CA11");
const ARB_WASM_CACHE: Address = Address::with_last_byte(0x72);
/// 1 ETH.
const ETHER: u64 = 1_000_000_000_000_000_000;
/// Enough for one echo program, and not for two.
const ONE_PLACE: u64 = 800_000;

/// A node whose cache holds one program, and whose bids do not decay.
fn node_with_one_place() -> Node {
    let node = Node::start(&[]);
    owner_sets(&node, &setCacheSizeCall { newSize: ONE_PLACE });
    owner_sets(&node, &setDecayRateCall { newDecay: 0 });
    node
}

fn owner_sets(node: &Node, call: &impl SolCall) -> Value {
    node.act(CACHE_MANAGER, call, U256::ZERO)
}

fn bid(node: &Node, program: Address, value: u64) -> Value {
    node.act(CACHE_MANAGER, &placeBidCall { program }, U256::from(value))
}

/// What a bid by somebody without rights would fail with.
fn refused(node: &Node, program: Address, value: u64) -> Vec<u8> {
    node.fund_other();
    let call = placeBidCall { program };
    node.view_as(OTHER, U256::from(value), CACHE_MANAGER, &call)
        .err()
        .unwrap()
}

fn min_bid(node: &Node, program: Address) -> U192 {
    let call = MinBid::getMinBidCall { program };
    node.view(CACHE_MANAGER, &call).unwrap()
}

fn code_hash(node: &Node, program: Address) -> B256 {
    keccak256(bytes(&node.ask("eth_getCode", json!([program, "latest"]))))
}

fn gas_of_calling(node: &Node, program: Address) -> u64 {
    number(&node.ask(
        "eth_estimateGas",
        json!([{ "to": program, "data": "0x01" }]),
    ))
}

fn time_of(node: &Node, receipt: &Value) -> u64 {
    let block = node.ask("eth_getBlockByHash", json!([receipt["blockHash"], false]));
    number(&block["timestamp"])
}

#[test]
fn the_manager_is_registered_with_the_size_and_decay_of_arbitrum() {
    let node = Node::start(&[]);
    let managers = node.view(ARB_WASM_CACHE, &allCacheManagersCall {});
    assert_eq!(managers, Ok(vec![CACHE_MANAGER]));
    let (size, rate) = (cacheSizeCall {}, decayCall {});
    assert_eq!(node.view(CACHE_MANAGER, &size), Ok(536_870_912));
    assert_eq!(node.view(CACHE_MANAGER, &rate), Ok(10_322_197_911));
    assert_eq!(node.view(CACHE_MANAGER, &queueSizeCall {}), Ok(0));
    assert_eq!(node.view(CACHE_MANAGER, &isPausedCall {}), Ok(false));
    assert_eq!(node.view(CACHE_MANAGER, &getEntriesCall {}), Ok(vec![]));
}

#[test]
fn a_bid_saves_the_initialisation_of_every_later_call() {
    let node = Node::start(&[]);
    let program = node.deploy_program(&echo(1));
    let codehash = code_hash(&node, program);
    let costs = node
        .view(ARB_WASM, &programInitGasCall { program })
        .unwrap();
    let size = node
        .view(ARB_WASM, &codehashAsmSizeCall { codehash })
        .unwrap()
        .into();
    let before = gas_of_calling(&node, program);
    assert_eq!(min_bid(&node, program), U192::ZERO, "there is space");

    node.fund_other();
    let receipt = node.act_as_other(CACHE_MANAGER, &placeBidCall { program }, U256::from(3));

    let saved = before - gas_of_calling(&node, program);
    assert_eq!(saved, costs.gas - costs.gasWhenCached);
    let decayed = U192::from(10_322_197_911_u64) * U192::from(time_of(&node, &receipt));
    let bid = decayed + U192::from(3);
    let inserted = InsertBid {
        codehash,
        program,
        bid,
        size,
    };
    assert_eq!(events::<InsertBid>(&receipt), [inserted]);
    let updated = UpdateProgramCache {
        manager: CACHE_MANAGER,
        codehash,
        cached: true,
    };
    assert_eq!(events::<UpdateProgramCache>(&receipt), [updated]);
    let entry = Entry {
        code: codehash,
        size,
        bid,
    };
    assert_eq!(
        node.view(CACHE_MANAGER, &getEntriesCall {}),
        Ok(vec![entry])
    );
    assert_eq!(node.view(CACHE_MANAGER, &queueSizeCall {}), Ok(size));
    assert_eq!(node.balance(CACHE_MANAGER), U256::from(3));
    assert_eq!(
        refused(&node, program, 9),
        AlreadyCached { codehash }.abi_encode()
    );
}

#[test]
fn a_higher_bid_takes_the_place_of_a_lower_one() {
    let node = node_with_one_place();
    let (first, second) = (node.deploy_program(&echo(1)), node.deploy_program(&echo(2)));
    let uncached = gas_of_calling(&node, first);
    bid(&node, first, 50);
    let cached = gas_of_calling(&node, first);
    let size = node.view(CACHE_MANAGER, &queueSizeCall {}).unwrap();

    let hash = code_hash(&node, second);
    let by_hash = MinBidOfCode::getMinBidCall { codehash: hash };
    let by_size = MinBidOfSize::getMinBidCall { size };
    assert_eq!(min_bid(&node, second), U192::from(50));
    assert_eq!(node.view(CACHE_MANAGER, &by_hash), Ok(U192::from(50)));
    assert_eq!(node.view(CACHE_MANAGER, &by_size), Ok(U192::from(50)));
    let (given, min) = (U192::from(49), U192::from(50));
    assert_eq!(
        refused(&node, second, 49),
        BidTooSmall { bid: given, min }.abi_encode()
    );

    let receipt = bid(&node, second, 50);
    let deleted = DeleteBid {
        codehash: code_hash(&node, first),
        bid: min,
        size,
    };
    assert_eq!(events::<DeleteBid>(&receipt), [deleted]);
    assert_eq!(gas_of_calling(&node, first), uncached);
    assert_eq!(gas_of_calling(&node, second), cached);
    assert_eq!(node.view(CACHE_MANAGER, &queueSizeCall {}), Ok(size));
}

#[test]
fn a_bid_loses_the_decay_rate_each_second() {
    let node = node_with_one_place();
    let (first, second) = (node.deploy_program(&echo(1)), node.deploy_program(&echo(2)));
    let rate = ETHER / 1_000_000;
    owner_sets(&node, &setDecayRateCall { newDecay: rate });
    let placed = time_of(&node, &bid(&node, first, ETHER));
    sleep(Duration::from_millis(1100));

    // Time and bid of the same moment.
    let asked = [
        (MULTICALL3, getCurrentBlockTimestampCall {}.abi_encode()),
        (
            CACHE_MANAGER,
            MinBid::getMinBidCall { program: second }.abi_encode(),
        ),
    ];
    let calls = asked.map(|(target, data)| Call {
        target,
        callData: data.into(),
    });
    let calls = calls.into();
    let answer = node.view(MULTICALL3, &aggregateCall { calls }).unwrap();
    let [now, min] = [0, 1].map(|at| U256::from_be_slice(&answer.returnData[at]).to::<u64>());
    assert!(now > placed);
    assert_eq!(min, ETHER - rate * (now - placed));
    bid(&node, second, min);
}

#[test]
fn the_smallest_bids_go_first() {
    let node = Node::start(&[]);
    owner_sets(&node, &setDecayRateCall { newDecay: 0 });
    let bids = [7_u64, 3, 9, 1, 8, 2, 11, 5, 10, 4, 6, 0];
    for (salt, value) in (0..).zip(bids) {
        bid(&node, node.deploy_program(&echo(salt)), value);
    }
    let values =
        |entries: Vec<Entry>| -> Vec<u64> { entries.iter().map(|entry| entry.bid.to()).collect() };
    let smallest = |k: u64| {
        let k = U256::from(k);
        values(
            node.view(CACHE_MANAGER, &getSmallestEntriesCall { k })
                .unwrap(),
        )
    };
    assert_eq!(smallest(4), [0, 1, 2, 3]);
    assert_eq!(smallest(100), (0..12).collect::<Vec<_>>());
    let first = node.view(CACHE_MANAGER, &entriesCall { index: U256::ZERO });
    assert_eq!(first.unwrap().bid, U192::ZERO);

    for count in [1_u64, 2, 3, 4] {
        let evicted = evictProgramsCall {
            count: U256::from(count),
        };
        let expected = smallest(count);
        let receipt = owner_sets(&node, &evicted);
        let deleted: Vec<u64> = events::<DeleteBid>(&receipt)
            .iter()
            .map(|event| event.bid.to())
            .collect();
        assert_eq!(deleted, expected);
    }
    assert_eq!(smallest(100), [10, 11]);
    let receipt = owner_sets(&node, &evictAllCall {});
    assert_eq!(events::<DeleteBid>(&receipt).len(), 2);
    assert_eq!(node.view(CACHE_MANAGER, &queueSizeCall {}), Ok(0));
    assert_eq!(node.view(CACHE_MANAGER, &getEntriesCall {}), Ok(vec![]));
}

#[test]
fn space_can_be_made_without_a_program() {
    let node = node_with_one_place();
    let program = node.deploy_program(&echo(1));
    bid(&node, program, 50);
    let free = ONE_PLACE - node.view(CACHE_MANAGER, &queueSizeCall {}).unwrap();
    let make = |size, value: u64| {
        node.view_as(
            DEV,
            U256::from(value),
            CACHE_MANAGER,
            &makeSpaceCall { size },
        )
    };
    assert_eq!(make(free, 0), Ok(free));
    assert_eq!(make(free + 1, 50), Ok(ONE_PLACE));
    let (given, min) = (U192::from(49), U192::from(50));
    assert_eq!(make(free + 1, 49), failed(&BidTooSmall { bid: given, min }));
    let (size, limit) = (5 * 1024 * 1024 + 1, 5 * 1024 * 1024);
    assert_eq!(make(size, 50), failed(&MakeSpaceTooLarge { size, limit }));
    node.act(
        CACHE_MANAGER,
        &makeSpaceCall { size: free + 1 },
        U256::from(50),
    );
    assert_eq!(node.view(CACHE_MANAGER, &queueSizeCall {}), Ok(0));
}

#[test]
fn what_cannot_be_cached_is_refused_with_its_cause() {
    let node = Node::start(&[]);
    let deployed = node.send(Tx {
        data: init_code(&echo(1)),
        ..Tx::create()
    });
    let inactive: Address = deployed["contractAddress"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(
        refused(&node, inactive, 1),
        ProgramNotActivated {}.abi_encode()
    );
    let asked = MinBid::getMinBidCall { program: inactive };
    assert_eq!(
        node.view(CACHE_MANAGER, &asked),
        failed(&ProgramNotActivated {})
    );

    let program = node.deploy_program(&echo(2));
    let size = node.view(
        ARB_WASM,
        &codehashAsmSizeCall {
            codehash: code_hash(&node, program),
        },
    );
    owner_sets(&node, &setCacheSizeCall { newSize: 10_000 });
    let too_large = AsmTooLarge {
        asm: U256::from(size.unwrap()),
        queueSize: U256::ZERO,
        cacheSize: U256::from(10_000),
    };
    assert_eq!(refused(&node, program, 1), too_large.abi_encode());
    let asked = MinBid::getMinBidCall { program };
    assert_eq!(node.view(CACHE_MANAGER, &asked), failed(&too_large));

    let paused = owner_sets(&node, &pausedCall {});
    assert_eq!(events::<Pause>(&paused).len(), 1);
    assert_eq!(refused(&node, program, 1), BidsArePaused {}.abi_encode());
    let unpaused = owner_sets(&node, &unpauseCall {});
    assert_eq!(events::<Unpause>(&unpaused).len(), 1);
    assert_eq!(refused(&node, program, 1), too_large.abi_encode());
}

#[test]
fn settings_are_the_chain_owners() {
    let node = Node::start(&[]);
    let sender = OTHER.parse().unwrap();
    let count = U256::ONE;
    let calls = [
        setCacheSizeCall { newSize: 1 }.abi_encode(),
        setDecayRateCall { newDecay: 1 }.abi_encode(),
        evictAllCall {}.abi_encode(),
        evictProgramsCall { count }.abi_encode(),
        pausedCall {}.abi_encode(),
        unpauseCall {}.abi_encode(),
    ];
    for data in calls {
        let data = alloy_primitives::hex::encode_prefixed(data);
        let call = json!([{ "from": OTHER, "to": CACHE_MANAGER, "data": data }, "latest"]);
        let error = node.rpc("eth_call", call).unwrap_err();
        assert_eq!(bytes(&error["data"]), NotChainOwner { sender }.abi_encode());
    }
    let sized = owner_sets(&node, &setCacheSizeCall { newSize: 123 });
    assert_eq!(events::<SetCacheSize>(&sized)[0].size, 123);
    assert_eq!(node.view(CACHE_MANAGER, &cacheSizeCall {}), Ok(123));
    let slowed = owner_sets(&node, &setDecayRateCall { newDecay: 45 });
    assert_eq!(events::<SetDecayRate>(&slowed)[0].decay, 45);
    assert_eq!(node.view(CACHE_MANAGER, &decayCall {}), Ok(45));
}

#[test]
fn what_was_paid_goes_to_the_network_fee_account() {
    let node = Node::start(&[]);
    bid(&node, node.deploy_program(&echo(1)), 1_000);
    let fees = Address::ZERO;
    let before = node.balance(fees);
    let receipt = owner_sets(&node, &sweepFundsCall {});
    let gas = number(&receipt["gasUsed"]) * number(&receipt["effectiveGasPrice"]);
    assert_eq!(node.balance(CACHE_MANAGER), U256::ZERO);
    assert_eq!(node.balance(fees) - before, U256::from(gas + 1_000));
}
