//! The EVM as Arbitrum has it at ArbOS 51 to 61: block values, opcodes of the fork, refunds (rules 10, 15.12, 15.13).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use alloy_consensus::{TxEip1559, TxEip2930, TxLegacy};
use alloy_primitives::{Address, TxKind, U256, address, hex};
use common::contracts::{Evm, op, program};
use common::signing::{CHAIN_ID, PRICE, raw};
use common::{DEV_KEY, Node, SCRATCH, Tx, number, words};
use serde_json::json;

const BASE_FEE: u64 = 100_000_000;
const VERSIONS: [&str; 3] = ["51", "60", "61"];

/// Code that returns the results of these opcodes, a word each.
fn values(opcodes: &[u8]) -> Evm {
    let code = (0..)
        .zip(opcodes)
        .fold(Evm::new(), |code, (at, opcode)| code.op(*opcode).store(at));
    code.give(opcodes.len() as u64)
}

#[test]
fn blocks_are_arbitrums() {
    for version in VERSIONS {
        let node = Node::start(&["--arbos", version]);
        let found = node.run(&values(&[
            op::NUMBER,
            op::PREVRANDAO,
            op::COINBASE,
            op::GASLIMIT,
            op::CHAINID,
        ]));
        let coinbase = address!("a4b000000000000000000073657175656e636572");
        let expected = [0, 1, 0, 1 << 50, CHAIN_ID].map(U256::from);
        assert_eq!(
            (found[0], found[1], found[3], found[4]),
            (expected[0], expected[1], expected[3], expected[4])
        );
        assert_eq!(Address::from_word(found[2].into()), coinbase);
    }
}

#[test]
fn hashes_of_l1_blocks_are_unknown() {
    let node = Node::start(&[]);
    node.ask("evm_mine", json!([]));
    for block in [0, 1, 2] {
        assert_eq!(
            node.run(&Evm::new().push(block).op(op::BLOCKHASH).store(0).give(1)),
            [U256::ZERO]
        );
    }
}

#[test]
fn there_are_no_blobs() {
    let node = Node::start(&[]);
    assert_eq!(
        node.run(&Evm::new().push(0).op(op::BLOBHASH).store(0).give(1)),
        [U256::ZERO]
    );
    // BLOBBASEFEE takes all gas (rules 15.13).
    let address = node.deploy(&values(&[op::BLOBBASEFEE]));
    let receipt = node.send(Tx {
        gas: 77_777,
        ..Tx::call(address, vec![])
    });
    assert_eq!(
        (&receipt["status"], number(&receipt["gasUsed"])),
        (&json!("0x0"), 77_777)
    );
}

#[test]
fn opcodes_of_the_fork_are_there_at_their_price() {
    for version in VERSIONS {
        let node = Node::start(&["--arbos", version]);
        let price = |code: Evm| node.run(&Evm::new().measure(1, code).give(2))[1].to::<u64>();
        // CLZ of 1 is 255; 5 gas, beside PUSH and POP.
        let clz = Evm::new().push(1).op(op::CLZ);
        assert_eq!(node.run(&clz.clone().store(0).give(1)), [U256::from(255)]);
        assert_eq!(price(clz.op(op::POP)), 3 + 5 + 2);
        assert_eq!(price(Evm::new().op(op::PUSH0).op(op::POP)), 2 + 2);
        // MCOPY of 32 bytes: 3 and 3 per word, in memory that is there or not (two words: 6).
        let copy = Evm::new().push(32).push(0).push(32).op(op::MCOPY);
        assert_eq!(price(copy), 3 * 3 + 3 + 3 + 6);
        let transient = Evm::new()
            .push(9)
            .push(0)
            .op(op::TSTORE)
            .push(0)
            .op(op::TLOAD)
            .op(op::POP);
        assert_eq!(price(transient), 3 + 3 + 100 + 3 + 100 + 2);
    }
}

#[test]
fn a_question_without_a_price_sees_no_base_fee_and_a_transaction_does() {
    let node = Node::start(&[]);
    let code = values(&[op::BASEFEE, op::GASPRICE]);
    assert_eq!(node.run(&code), [U256::ZERO; 2]);
    let priced = node.run_with(
        &code,
        json!({ "gasPrice": "0x17d78400", "from": common::DEV }),
    );
    assert_eq!(priced, [U256::from(BASE_FEE); 2]);
}

/// Stores word 0 of what `source` gives in slot 0; for all transaction types with a price of four times the base fee.
fn stored_by_types(node: &Node, contract: Address) -> [U256; 4] {
    let to = TxKind::Call(contract);
    let send = |signed: &dyn Fn(u64) -> String| {
        let nonce = number(&node.ask("eth_getTransactionCount", json!([common::DEV, "latest"])));
        let hash = node.ask("eth_sendRawTransaction", json!([signed(nonce)]));
        let receipt = node.ask("eth_getTransactionReceipt", json!([hash]));
        assert_eq!(receipt["status"], "0x1", "{receipt}");
        assert_eq!(number(&receipt["effectiveGasPrice"]), BASE_FEE);
        words(&node.ask("eth_getStorageAt", json!([contract, "0x0", "latest"])))[0]
    };
    let dynamic = |nonce, tip| TxEip1559 {
        chain_id: CHAIN_ID,
        nonce,
        gas_limit: 200_000,
        max_fee_per_gas: PRICE,
        max_priority_fee_per_gas: tip,
        to,
        ..TxEip1559::default()
    };
    [
        send(&|nonce| {
            let (chain_id, gas_price) = (Some(CHAIN_ID), PRICE);
            raw(
                &DEV_KEY,
                TxLegacy {
                    chain_id,
                    nonce,
                    gas_price,
                    gas_limit: 200_000,
                    to,
                    ..TxLegacy::default()
                },
            )
        }),
        send(&|nonce| {
            let (chain_id, gas_price) = (CHAIN_ID, PRICE);
            raw(
                &DEV_KEY,
                TxEip2930 {
                    chain_id,
                    nonce,
                    gas_price,
                    gas_limit: 200_000,
                    to,
                    ..TxEip2930::default()
                },
            )
        }),
        send(&|nonce| raw(&DEV_KEY, dynamic(nonce, 0))),
        send(&|nonce| raw(&DEV_KEY, dynamic(nonce, 1000))),
    ]
}

#[test]
fn the_evm_sees_the_price_that_is_paid() {
    let node = Node::start(&[]);
    let contract = node.deploy(&Evm::new().op(op::GASPRICE).push(0).op(op::SSTORE));
    assert_eq!(
        stored_by_types(&node, contract),
        [BASE_FEE; 4].map(U256::from)
    );
}

#[test]
fn programs_see_the_price_that_is_offered() {
    let node = Node::start(&[]);
    let body = "(call $tx_gas_price (i32.const 32))
        (call $storage_cache_bytes32 (i32.const 0) (i32.const 32)) (call $storage_flush_cache (i32.const 0)) i32.const 0";
    let contract = node.deploy_program(&program("", body));
    let offered = PRICE as u64;
    // Rules 15.12; that a tip counts is not recorded.
    let expected = [offered, offered, BASE_FEE, BASE_FEE + 1000];
    assert_eq!(stored_by_types(&node, contract), expected.map(U256::from));
}

#[test]
fn selfdestruct_removes_only_what_the_transaction_created() {
    let node = Node::start(&[]);
    let killer = Evm::new().push(0xbeef).op(op::SELFDESTRUCT);
    let standing = node.deploy(&killer);
    assert_eq!(node.send(Tx::call(standing, vec![]))["status"], "0x1");
    assert_ne!(node.ask("eth_getCode", json!([standing, "latest"])), "0x");
    // Creates the killer from its calldata and calls it.
    let factory = Evm::new()
        .op(op::CALLDATASIZE)
        .push(0)
        .push(0)
        .op(op::CALLDATACOPY)
        .op(op::CALLDATASIZE)
        .push(0)
        .push(0)
        .op(op::CREATE);
    let calls = [
        op::PUSH0,
        op::PUSH0,
        op::PUSH0,
        op::PUSH0,
        op::PUSH0,
        0x85,
        op::GAS,
        op::CALL,
        op::STOP,
    ];
    let factory = node.deploy(&calls.into_iter().fold(factory, Evm::op));
    let sent = node.send(Tx::call(factory, killer.init_code()));
    assert_eq!(sent["status"], "0x1");
    assert_eq!(
        node.ask("eth_getCode", json!([factory.create(1), "latest"])),
        "0x"
    );
    assert_eq!(
        node.ask(
            "eth_getTransactionCount",
            json!([factory.create(1), "latest"])
        ),
        "0x0"
    );
}

#[test]
fn refunds_are_capped_at_a_fifth_whatever_the_gas_limit() {
    let node = Node::start(&[]);
    // Clears the slots from 1 to 20, which its first call filled.
    let slots = 20_u64;
    let code = (1..=slots).fold(Evm::new(), |code, slot| {
        code.push(0).op(op::CALLDATALOAD).push(slot).op(op::SSTORE)
    });
    let contract = node.deploy(&code);
    let fill = |value: u64| U256::from(value).to_be_bytes::<32>().to_vec();
    let clearing = slots * (3 + 3 + 3 + 2100 + 2900);
    let calldata = 32 * 4;
    let used = 21_000 + calldata + clearing;
    for gas in [1_000_000, 32_000_000, 40_000_000] {
        assert_eq!(node.send(Tx::call(contract, fill(1)))["status"], "0x1");
        let receipt = node.send(Tx {
            gas,
            ..Tx::call(contract, fill(0))
        });
        assert!(slots * 4800 > used / 5);
        assert_eq!(number(&receipt["gasUsed"]), used - used / 5, "{gas}");
    }
}

#[test]
fn access_lists_are_paid_and_make_warm() {
    let node = Node::start(&[]);
    let other = Address::repeat_byte(0xcc);
    let slot = Evm::new().push(7).op(op::SLOAD).op(op::POP);
    let balance = Evm::new().address(other).op(op::BALANCE).op(op::POP);
    let code = Evm::new().measure(0, slot).measure(1, balance).give(2);
    assert_eq!(
        node.run(&code),
        [3 + 2100 + 2, 3 + 2600 + 2].map(U256::from)
    );
    let list = json!([
        { "address": common::SCRATCH, "storageKeys": [format!("0x{:064x}", 7)] },
        { "address": other, "storageKeys": [] }
    ]);
    assert_eq!(
        node.run_with(&code, json!({ "accessList": list })),
        [3 + 100 + 2, 3 + 100 + 2].map(U256::from)
    );
    let transfer = |list| {
        number(&node.ask(
            "eth_estimateGas",
            json!([{ "to": other, "accessList": list }]),
        ))
    };
    assert_eq!(transfer(json!([])), 21_000);
    assert_eq!(transfer(list), 21_000 + 2 * 2400 + 1900);
}

#[test]
fn the_history_contract_gives_hashes_of_l2_blocks() {
    let history = address!("0000F90827F1C53a10cb7A02335B175320002935");
    for version in VERSIONS {
        let node = Node::start(&["--arbos", version]);
        for _ in 0..3 {
            node.ask("evm_mine", json!([]));
        }
        let ask = |block: u64| {
            node.rpc(
                "eth_call",
                json!([{ "to": history, "data": format!("0x{block:064x}") }, "latest"]),
            )
        };
        for block in 0..=3 {
            let header = node.ask(
                "eth_getBlockByNumber",
                json!([format!("{block:#x}"), false]),
            );
            assert_eq!(ask(block).unwrap(), header["hash"], "{block}");
        }
        // The question is asked in block 4, whose hash nobody knows.
        assert_eq!(ask(4).unwrap_err()["data"], "0x");
        let code = node.ask("eth_getCode", json!([history, "latest"]));
        let hash = alloy_primitives::keccak256(hex::decode(code.as_str().unwrap()).unwrap());
        assert_eq!(
            hash.0,
            hex!("ceef1f6ad6c0cb7eb8fb15678abf11da3ce0d3a7c7106aa900c5930e556a43ff")
        );
    }
}

#[test]
fn a_question_at_a_named_block_sees_its_time_and_one_at_the_newest_the_present() {
    let node = Node::start(&[]);
    let code = values(&[op::TIMESTAMP]);
    let overrides = json!({ SCRATCH.to_string(): { "code": hex::encode_prefixed(&code.0) } });
    let at = |block: &str| {
        let asked = json!([{ "to": SCRATCH }, block, overrides]);
        words(&node.ask("eth_call", asked))[0].to::<u64>()
    };
    node.ask("evm_mine", json!([]));
    node.ask("evm_increaseTime", json!([1000]));
    let made =
        |block: &str| number(&node.ask("eth_getBlockByNumber", json!([block, false]))["timestamp"]);
    assert_eq!((at("0x0"), at("0x1")), (made("0x0"), made("0x1")));
    assert!(at("latest") >= made("0x1") + 1000);
}
