//! Which transactions are taken, and delegations of accounts (EIP-7702) beside Stylus.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use alloy_consensus::{TxEip1559, TxEip2930, TxEip4844, TxEip7702, TxLegacy};
use alloy_eips::eip7702::SignedAuthorization;
use alloy_primitives::{Address, Bytes, TxKind, U256, hex, keccak256};
use common::contracts::{Evm, op};
use common::signing::{CHAIN_ID, PRICE, account, authorize, raw};
use common::{DEV_KEY, Node, Tx, echo, number};
use serde_json::{Value, json};

const SOMEBODY: Address = Address::repeat_byte(0xab);
/// A key beside the development account's.
const KEY: [u8; 32] = [7; 32];

fn nonce(node: &Node, address: Address) -> u64 {
    number(&node.ask("eth_getTransactionCount", json!([address, "latest"])))
}

/// Why a transaction is refused; `None` if it is taken.
fn refusal(node: &Node, signed: String) -> Option<String> {
    let error = node.rpc("eth_sendRawTransaction", json!([signed])).err()?;
    assert_eq!(error["code"], -32000);
    Some(error["message"].as_str().unwrap().to_owned())
}

/// A node where the account of [`KEY`] has one ether.
fn funded() -> (Node, Address) {
    let node = Node::start(&[]);
    let address = account(&KEY);
    let sent = node.send(Tx {
        value: U256::from(10).pow(U256::from(18)),
        ..Tx::call(address, vec![])
    });
    assert_eq!(sent["status"], "0x1");
    (node, address)
}

#[test]
fn every_type_is_signed_for_this_chain() {
    let (node, _) = funded();
    let to = TxKind::Call(SOMEBODY);
    let legacy = |chain_id| TxLegacy {
        chain_id,
        gas_price: PRICE,
        gas_limit: 21_000,
        to,
        ..TxLegacy::default()
    };
    let listed = TxEip2930 {
        chain_id: 1,
        gas_price: PRICE,
        gas_limit: 21_000,
        to,
        ..TxEip2930::default()
    };
    let dynamic = TxEip1559 {
        chain_id: 1,
        max_fee_per_gas: PRICE,
        gas_limit: 21_000,
        to,
        ..TxEip1559::default()
    };
    let delegating = TxEip7702 {
        chain_id: 1,
        max_fee_per_gas: PRICE,
        gas_limit: 100_000,
        to: SOMEBODY,
        authorization_list: vec![authorize(&KEY, 0, SOMEBODY, 1)],
        ..TxEip7702::default()
    };
    for signed in [
        raw(&KEY, legacy(Some(1))),
        raw(&KEY, listed),
        raw(&KEY, dynamic),
        raw(&KEY, delegating),
    ] {
        let message = refusal(&node, signed).unwrap();
        assert!(message.contains("invalid chain id"), "{message}");
    }
    // A transaction without a chain id fits every chain.
    assert_eq!(refusal(&node, raw(&KEY, legacy(None))), None);
}

#[test]
fn blob_transactions_are_refused() {
    let (node, _) = funded();
    let blob = TxEip4844 {
        chain_id: CHAIN_ID,
        max_fee_per_gas: PRICE,
        gas_limit: 21_000,
        to: SOMEBODY,
        max_fee_per_blob_gas: 1,
        blob_versioned_hashes: vec![U256::ONE.into()],
        ..TxEip4844::default()
    };
    let message = refusal(&node, raw(&KEY, blob)).unwrap();
    assert!(
        message.contains("transaction type 3 not supported"),
        "{message}"
    );
}

#[test]
fn tips_and_limits_must_make_sense() {
    let (node, _) = funded();
    let to = TxKind::Call(SOMEBODY);
    let tx = TxEip1559 {
        chain_id: CHAIN_ID,
        max_fee_per_gas: PRICE,
        gas_limit: 21_000,
        to,
        ..TxEip1559::default()
    };
    let tipped = TxEip1559 {
        max_priority_fee_per_gas: PRICE + 1,
        ..tx.clone()
    };
    assert!(
        refusal(&node, raw(&KEY, tipped))
            .unwrap()
            .contains("priority fee")
    );
    let short = TxEip1559 {
        gas_limit: 20_999,
        ..tx.clone()
    };
    assert!(
        refusal(&node, raw(&KEY, short))
            .unwrap()
            .contains("intrinsic gas too low")
    );
    // Gas limits above 32 million are taken (rules 15.13); what they cost at most must be there.
    let large = TxEip1559 {
        gas_limit: 1 << 31,
        ..tx.clone()
    };
    assert_eq!(refusal(&node, raw(&KEY, large)), None);
    let nonce = 1;
    let larger = TxEip1559 {
        nonce,
        gas_limit: 1 << 32,
        ..tx.clone()
    };
    assert!(
        refusal(&node, raw(&KEY, larger))
            .unwrap()
            .contains("insufficient funds")
    );
    assert_eq!(refusal(&node, raw(&KEY, TxEip1559 { nonce, ..tx })), None);
}

#[test]
fn an_account_with_code_sends_nothing_unless_it_delegates() {
    let (node, address) = funded();
    let overwrite = |code: &[u8]| {
        let mut data = keccak256("overwriteContractCode(address,bytes)")[..4].to_vec();
        data.extend(address.into_word());
        data.extend(U256::from(0x40).to_be_bytes::<32>());
        data.extend(U256::from(code.len()).to_be_bytes::<32>());
        data.extend(code);
        data.resize(data.len().next_multiple_of(32) + 4, 0);
        let sent = node.send(Tx::call(Address::with_last_byte(0xff), data));
        assert_eq!(sent["status"], "0x1", "{sent}");
    };
    let transfer = || {
        let to = TxKind::Call(SOMEBODY);
        let (chain_id, nonce) = (CHAIN_ID, nonce(&node, address));
        raw(
            &KEY,
            TxEip1559 {
                chain_id,
                nonce,
                max_fee_per_gas: PRICE,
                gas_limit: 100_000,
                to,
                ..TxEip1559::default()
            },
        )
    };
    overwrite(&[op::STOP]);
    assert!(refusal(&node, transfer()).is_some());
    overwrite(&stylus_rules::code::program_code(&echo(1)));
    assert!(refusal(&node, transfer()).is_some());
    overwrite(&[hex!("ef0100").as_slice(), SOMEBODY.as_slice()].concat());
    assert_eq!(refusal(&node, transfer()), None);
}

/// Sends a transaction of type 4 from the development account; its receipt.
fn delegate(node: &Node, to: Address, data: Vec<u8>, list: Vec<SignedAuthorization>) -> Value {
    let tx = TxEip7702 {
        chain_id: CHAIN_ID,
        nonce: nonce(node, account(&DEV_KEY)),
        max_fee_per_gas: PRICE,
        gas_limit: 1_000_000,
        to,
        input: data.into(),
        authorization_list: list,
        ..TxEip7702::default()
    };
    let hash = node.ask("eth_sendRawTransaction", json!([raw(&DEV_KEY, tx)]));
    node.ask("eth_getTransactionReceipt", json!([hash]))
}

fn code_of(node: &Node, address: Address) -> Bytes {
    serde_json::from_value(node.ask("eth_getCode", json!([address, "latest"]))).unwrap()
}

#[test]
fn an_account_can_delegate_to_a_program_and_back() {
    let (node, address) = funded();
    let program = node.deploy_program(&echo(1));
    let designator = [hex!("ef0100").as_slice(), program.as_slice()].concat();
    let receipt = delegate(
        &node,
        SOMEBODY,
        vec![],
        vec![authorize(&KEY, CHAIN_ID, program, 0)],
    );
    // 25,000 for an authorization, of which half comes back where the account exists; a fifth at most.
    let used = 21_000 + 25_000;
    assert_eq!(
        number(&receipt["gasUsed"]),
        used - (used / 5_u64).min(12_500)
    );
    assert_eq!(code_of(&node, address), designator);
    assert_eq!(nonce(&node, address), 1);
    assert_eq!(
        node.ask("eth_call", json!([{ "to": address, "data": "0x1234" }])),
        "0x1234"
    );
    // Called directly: the delegate is warm from the start, and the program costs what it costs elsewhere.
    let gas = |to: Address| number(&node.send(Tx::call(to, vec![1, 2]))["gasUsed"]);
    assert_eq!(gas(address), gas(program));
    // Called by a contract: the cold delegate is paid beside the cold account (EIP-7702).
    let measured = |to: Address| {
        node.run(
            &Evm::new()
                .measure(0, Evm::new().forward(op::CALL, to).op(op::POP))
                .give(1),
        )[0]
    };
    assert_eq!(measured(address) - measured(program), U256::from(2600));
    delegate(
        &node,
        SOMEBODY,
        vec![],
        vec![authorize(&KEY, 0, Address::ZERO, 1)],
    );
    assert!(code_of(&node, address).is_empty());
}

#[test]
fn an_authorization_that_does_not_fit_is_passed_over() {
    let (node, address) = funded();
    let program = node.deploy_program(&echo(1));
    for (chain_id, nonce) in [(1, 0), (CHAIN_ID, 1), (CHAIN_ID, u64::MAX)] {
        let receipt = delegate(
            &node,
            SOMEBODY,
            vec![],
            vec![authorize(&KEY, chain_id, program, nonce)],
        );
        assert_eq!(
            (&receipt["status"], number(&receipt["gasUsed"])),
            (&json!("0x1"), 21_000 + 25_000)
        );
        assert!(code_of(&node, address).is_empty());
    }
    // An account with code does not delegate, a program's neither; the last of several stands.
    let list = vec![
        authorize(&KEY, CHAIN_ID, SOMEBODY, 0),
        authorize(&KEY, 0, program, 1),
    ];
    delegate(&node, SOMEBODY, vec![], list);
    assert_eq!(
        code_of(&node, address),
        [hex!("ef0100").as_slice(), program.as_slice()].concat()
    );
}

#[test]
fn a_delegation_is_not_followed_twice() {
    let (node, address) = funded();
    let program = node.deploy_program(&echo(1));
    let second = account(&[8; 32]);
    let list = vec![
        authorize(&KEY, CHAIN_ID, program, 0),
        authorize(&[8; 32], CHAIN_ID, address, 0),
    ];
    delegate(&node, SOMEBODY, vec![], list);
    assert_eq!(
        node.ask("eth_call", json!([{ "to": address, "data": "0x07" }])),
        "0x07"
    );
    // What the second account would run is a designator, whose first byte is no opcode.
    assert!(
        node.rpc("eth_call", json!([{ "to": second, "data": "0x07" }]))
            .is_err()
    );
}

#[test]
fn a_delegation_and_a_call_of_it_fit_one_transaction() {
    let (node, address) = funded();
    let stores_its_address = "(call $contract_address (i32.const 44))
        (call $storage_cache_bytes32 (i32.const 0) (i32.const 32)) (call $storage_flush_cache (i32.const 0)) i32.const 0";
    let program = node.deploy_program(&common::contracts::program("", stores_its_address));
    let receipt = delegate(
        &node,
        address,
        vec![],
        vec![authorize(&KEY, CHAIN_ID, program, 0)],
    );
    assert_eq!(receipt["status"], "0x1");
    let stored = |account: Address| node.ask("eth_getStorageAt", json!([account, "0x0", "latest"]));
    assert_eq!(stored(address), json!(address.into_word()));
    assert_eq!(stored(program), json!(Address::ZERO.into_word()));
}
