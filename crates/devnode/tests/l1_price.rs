//! What L1 data costs when it has a price: receipts, accounts, limits, refunds, estimates.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use alloy_consensus::{SignableTransaction, TxEip7702, TxEnvelope};
use alloy_eips::eip2718::Encodable2718;
use alloy_eips::eip7702::Authorization;
use alloy_primitives::{Address, Bytes, Signature, U256, hex, keccak256};
use alloy_rlp::Encodable;
use alloy_sol_types::{SolCall, sol};
use common::{DEV, DEV_KEY, Node, Tx, binary, echo, number, sign};
use k256::ecdsa::SigningKey;
use serde_json::{Value, json};
use stylus_rules::l1::brotli;

sol! {
    interface Arbitrum {
        function setL1PricePerUnit(uint256 pricePerUnit) external;
        function getCurrentTxL1GasFees() external view returns (uint256);
        function getL1PricingUnitsSinceUpdate() external view returns (uint64);
        function getL1FeesAvailable() external view returns (uint256);
        function getPricesInWei() external view returns (uint256, uint256, uint256, uint256, uint256, uint256);
        function getPricesInArbGas() external view returns (uint256, uint256, uint256);
        function gasEstimateComponents(address to, bool contractCreation, bytes calldata data) external payable
            returns (uint64 total, uint64 forL1, uint256 baseFee, uint256 l1Price);
        function gasEstimateL1Component(address to, bool contractCreation, bytes calldata data) external payable
            returns (uint64 forL1, uint256 baseFee, uint256 l1Price);
    }
}

const SOMEBODY: Address = Address::repeat_byte(0xab);
const ARB_GAS_INFO: Address = Address::with_last_byte(0x6c);
const ARB_OWNER: Address = Address::with_last_byte(0x70);
const NODE_INTERFACE: Address = Address::with_last_byte(0xc8);
const L1_FUNDS: &str = "0xa4b00000000000000000000000000000000000f6";
const NETWORK_FEE: &str = "0x0000000000000000000000000000000000000000";
const BASE_FEE: u64 = 100_000_000;

/// Gas of the L1 data of a raw transaction.
fn l1_gas(price: u64, raw: &str) -> u64 {
    let units = 16 * brotli::length(&hex::decode(raw).unwrap()) as u64;
    (u128::from(price) * u128::from(units) / u128::from(BASE_FEE)) as u64
}

/// Sends a raw transaction and gives its receipt.
fn send_raw(node: &Node, raw: &str) -> Value {
    let hash = node.ask("eth_sendRawTransaction", json!([raw]));
    node.ask("eth_getTransactionReceipt", json!([hash]))
}

fn used(receipt: &Value) -> (u64, u64) {
    (
        number(&receipt["gasUsed"]),
        number(&receipt["gasUsedForL1"]),
    )
}

fn balance(node: &Node, account: &str) -> U256 {
    let balance = node.ask("eth_getBalance", json!([account, "latest"]));
    balance.as_str().unwrap().parse().unwrap()
}

fn ask<C: SolCall>(node: &Node, to: Address, call: &C) -> C::Return {
    let data = Bytes::from(call.abi_encode());
    let answer = node.ask("eth_call", json!([{ "from": DEV, "to": to, "data": data }]));
    C::abi_decode_returns(&hex::decode(answer.as_str().unwrap()).unwrap()).unwrap()
}

/// Bytes that do not compress.
fn noise(len: usize) -> Vec<u8> {
    let hashes = (0_u64..).flat_map(|number| keccak256(number.to_be_bytes()).0);
    hashes.take(len).collect()
}

#[test]
fn data_is_free_unless_it_has_a_price() {
    let node = Node::start(&[]);
    assert_eq!(used(&node.send(Tx::call(SOMEBODY, vec![]))), (21_000, 0));
}

#[test]
fn a_transaction_pays_by_its_compressed_size() {
    let node = Node::start(&["--l1-price", "0.5gwei"]);
    for data in [vec![], vec![0; 30_000], noise(30_000)] {
        let raw = node.sign(Tx::call(SOMEBODY, data.clone()));
        let calldata: u64 = data
            .iter()
            .map(|byte| if *byte == 0 { 4 } else { 16 })
            .sum();
        let expected = l1_gas(500_000_000, &raw);
        assert!(expected > 0);
        let receipt = send_raw(&node, &raw);
        assert_eq!(used(&receipt), (21_000 + calldata + expected, expected));
    }
}

#[test]
fn the_chain_owner_sets_the_price() {
    let node = Node::start(&[]);
    let set = Arbitrum::setL1PricePerUnitCall {
        pricePerUnit: U256::from(7 * BASE_FEE),
    };
    let receipt = node.send(Tx::call(ARB_OWNER, set.abi_encode()));
    assert_eq!(number(&receipt["gasUsedForL1"]), 0);
    let raw = node.sign(Tx::call(SOMEBODY, vec![1]));
    let expected = l1_gas(7 * BASE_FEE, &raw);
    assert_eq!(number(&send_raw(&node, &raw)["gasUsedForL1"]), expected);
}

#[test]
fn data_is_paid_to_an_account_of_its_own() {
    let node = Node::start(&["--l1-price", "2gwei"]);
    let (before, paid_before) = (balance(&node, NETWORK_FEE), balance(&node, DEV));
    let (gas, l1_gas) = used(&node.send(Tx::call(SOMEBODY, vec![1, 2, 3])));
    let value = |gas: u64| U256::from(gas) * U256::from(BASE_FEE);
    assert_eq!(balance(&node, L1_FUNDS), value(l1_gas));
    assert_eq!(balance(&node, NETWORK_FEE) - before, value(gas - l1_gas));
    assert_eq!(paid_before - balance(&node, DEV), value(gas));
}

#[test]
fn a_limit_below_the_data_is_refused() {
    let node = Node::start(&["--l1-price", "1gwei"]);
    // The limit is a part of the data, which has more than 100 bytes: the first limit that suffices.
    let with_limit = |gas: u64| {
        let tx = Tx {
            gas,
            nonce: Some(0),
            ..Tx::call(SOMEBODY, vec![])
        };
        sign(&DEV_KEY, tx)
    };
    let suffices = |gas: u64| gas >= 21_000 + l1_gas(1_000_000_000, &with_limit(gas));
    let needed = (21_000 + 16 * 10 * 100..)
        .find(|gas| suffices(*gas))
        .unwrap();
    let refused = node
        .rpc("eth_sendRawTransaction", json!([with_limit(needed - 1)]))
        .unwrap_err();
    let message = refused["message"].as_str().unwrap();
    assert!(message.contains("intrinsic gas too low"), "{message}");
    assert_eq!(send_raw(&node, &with_limit(needed))["status"], "0x1");
}

#[test]
fn data_is_not_part_of_the_gas_that_the_execution_sees() {
    let node = Node::start(&["--l1-price", "10gwei"]);
    // Returns the GAS it sees.
    let deployed = node.send(Tx {
        data: hex!("6009600c60003960096000f35a60005260206000f3")
            .to_vec()
            .into(),
        ..Tx::create()
    });
    let question = json!([{ "to": deployed["contractAddress"], "gas": "0x2faf080" }]);
    let seen = node.ask("eth_call", question);
    assert_eq!(seen, format!("0x{:064x}", 32_000_000 - 2));
}

/// Creates a contract with 1 in 20 slots, which clears them when it is called.
fn clearing() -> Bytes {
    let each = |value: u8| (0..20).flat_map(move |slot| [0x60, value, 0x60, slot, 0x55]);
    let runtime: Vec<u8> = each(0).collect();
    let mut code: Vec<u8> = each(1).collect();
    let (len, from) = (runtime.len() as u8, code.len() as u8 + 12);
    code.extend([
        0x60, len, 0x60, from, 0x60, 0, 0x39, 0x60, len, 0x60, 0, 0xf3,
    ]);
    code.extend(runtime);
    code.into()
}

#[test]
fn data_raises_no_refund() {
    let clear = |options: &[&str]| {
        let node = Node::start(options);
        let deployed = node.send(Tx {
            data: clearing(),
            ..Tx::create()
        });
        let contract = deployed["contractAddress"].as_str().unwrap();
        used(&node.send(Tx::call(contract.parse().unwrap(), vec![])))
    };
    let (free, _) = clear(&[]);
    let (gas, l1_gas) = clear(&["--l1-price", "100gwei"]);
    assert!(l1_gas > free, "the data must be worth a larger refund");
    assert_eq!(gas - l1_gas, free);
}

#[test]
fn estimates_suffice_at_any_price_and_size() {
    for price in ["1", "0.01gwei", "1gwei", "50gwei"] {
        let node = Node::start(&["--l1-price", price]);
        let program = node.deploy_program(&echo(5));
        for (to, len) in [
            (program, 0),
            (program, 100),
            (program, 5000),
            (SOMEBODY, 20_000),
            (SOMEBODY, 80_000),
        ] {
            for data in [vec![0; len], noise(len)] {
                let data = Bytes::from(data);
                let asked = json!([{ "from": DEV, "to": to, "data": data }]);
                let gas = number(&node.ask("eth_estimateGas", asked));
                let receipt = node.send(Tx {
                    gas,
                    ..Tx::call(to, data)
                });
                assert_eq!(receipt["status"], "0x1", "{price} {to} {len}");
            }
        }
        let asked = json!([{ "from": DEV, "data": clearing() }]);
        let gas = number(&node.ask("eth_estimateGas", asked));
        let receipt = node.send(Tx {
            gas,
            data: clearing(),
            ..Tx::create()
        });
        assert_eq!(receipt["status"], "0x1", "{price}");
    }
}

#[test]
fn estimates_suffice_for_delegations() {
    let node = Node::start(&["--l1-price", "20gwei"]);
    let key = SigningKey::from_slice(&DEV_KEY).unwrap();
    let sign = |hash: &[u8]| {
        let (signature, recovery) = key.sign_prehash_recoverable(hash).unwrap();
        Signature::from_signature_and_parity(signature, recovery.is_y_odd())
    };
    let chain = U256::from(412_346);
    let authorizations: Vec<_> = (1..=8)
        .map(|nonce| {
            let authorization = Authorization {
                chain_id: chain,
                address: Address::with_last_byte(nonce),
                nonce: nonce.into(),
            };
            let signature = sign(authorization.signature_hash().as_slice());
            authorization.into_signed(signature)
        })
        .collect();
    let listed: Vec<Value> = authorizations
        .iter()
        .map(|entry| {
            json!({
                "chainId": chain, "address": entry.address, "nonce": format!("{:#x}", entry.nonce),
                "yParity": format!("{:#x}", entry.y_parity()), "r": entry.r(), "s": entry.s(),
            })
        })
        .collect();
    let asked = json!([{ "from": DEV, "to": SOMEBODY, "authorizationList": listed }]);
    let tx = TxEip7702 {
        chain_id: 412_346,
        nonce: 0,
        gas_limit: number(&node.ask("eth_estimateGas", asked)),
        max_fee_per_gas: BASE_FEE.into(),
        max_priority_fee_per_gas: 0,
        to: SOMEBODY,
        value: U256::ZERO,
        access_list: Default::default(),
        authorization_list: authorizations,
        input: Bytes::new(),
    };
    let signature = sign(tx.signature_hash().as_slice());
    let raw = TxEnvelope::from(tx.into_signed(signature)).encoded_2718();
    let receipt = send_raw(&node, &hex::encode_prefixed(raw));
    assert_eq!(receipt["status"], "0x1");
}

#[test]
fn the_node_interface_tells_the_part_for_l1() {
    let node = Node::start(&["--l1-price", "1gwei"]);
    let data = Bytes::from(noise(500));
    let (to, creation) = (SOMEBODY, false);
    let both = ask(
        &node,
        NODE_INTERFACE,
        &Arbitrum::gasEstimateComponentsCall {
            to,
            contractCreation: creation,
            data: data.clone(),
        },
    );
    let part = ask(
        &node,
        NODE_INTERFACE,
        &Arbitrum::gasEstimateL1ComponentCall {
            to,
            contractCreation: creation,
            data: data.clone(),
        },
    );
    let zeros = data.iter().filter(|byte| **byte == 0).count() as u64;
    let computed = 21_000 + 16 * (500 - zeros) + 4 * zeros;
    assert_eq!(both.total - both.forL1, computed);
    assert_eq!(part.forL1, both.forL1);
    assert_eq!(both.baseFee, U256::from(BASE_FEE));
    assert_eq!(both.l1Price, U256::from(1_000_000_000));
    let asked = json!([{ "from": DEV, "to": to, "data": data }]);
    assert_eq!(
        number(&node.ask("eth_estimateGas", asked.clone())),
        both.total
    );
    let paid = number(&node.send(Tx::call(to, data))["gasUsedForL1"]);
    assert!(paid < both.forL1 && both.forL1 < paid * 5 / 4);
}

#[test]
fn a_question_pays_for_a_transaction_that_is_made_up() {
    let node = Node::start(&["--l1-price", "3gwei"]);
    let call = Arbitrum::getCurrentTxL1GasFeesCall {};
    let first = |name: &str, bytes: usize| U256::from_be_slice(&keccak256(name)[..bytes]);
    let mut fields = Vec::new();
    for number in [
        U256::ZERO,
        first("Nonce", 8),
        first("GasTipCap", 4),
        first("GasFeeCap", 4),
        U256::from(1_000_000),
    ] {
        number.encode(&mut fields);
    }
    ARB_GAS_INFO.encode(&mut fields);
    U256::ZERO.encode(&mut fields);
    Bytes::from(call.abi_encode()).encode(&mut fields);
    fields.push(0xc0); // no access list
    for number in [
        U256::from(3 * 42_161),
        U256::from_be_bytes(keccak256("R").0),
        U256::from_be_bytes(keccak256("S").0),
    ] {
        number.encode(&mut fields);
    }
    let mut encoded = vec![2];
    alloy_rlp::Header {
        list: true,
        payload_length: fields.len(),
    }
    .encode(&mut encoded);
    encoded.extend(fields);
    let units = (16 * brotli::length(&encoded) as u64 + 256) * 10_100 / 10_000;
    let gas = 3_000_000_000 * units / BASE_FEE;
    let answer = node.ask(
        "eth_call",
        json!([{ "to": ARB_GAS_INFO, "data": Bytes::from(call.abi_encode()), "gas": "0xf4240" }]),
    );
    assert_eq!(answer, format!("0x{:064x}", gas * BASE_FEE));
}

#[test]
fn units_and_fees_add_up() {
    let node = Node::start(&["--l1-price", "1gwei"]);
    let (mut units, mut fees) = (0, 0);
    for data in [vec![], noise(300)] {
        let raw = node.sign(Tx::call(SOMEBODY, data));
        units += 16 * brotli::length(&hex::decode(&raw).unwrap()) as u64;
        fees += number(&send_raw(&node, &raw)["gasUsedForL1"]) * BASE_FEE;
    }
    assert_eq!(
        ask(
            &node,
            ARB_GAS_INFO,
            &Arbitrum::getL1PricingUnitsSinceUpdateCall {}
        ),
        units
    );
    assert_eq!(
        ask(&node, ARB_GAS_INFO, &Arbitrum::getL1FeesAvailableCall {}),
        U256::from(fees)
    );
}

#[test]
fn prices_are_told_in_wei_and_in_gas() {
    let node = Node::start(&["--l1-price", "1gwei"]);
    let wei = ask(&node, ARB_GAS_INFO, &Arbitrum::getPricesInWeiCall {});
    let gas = ask(&node, ARB_GAS_INFO, &Arbitrum::getPricesInArbGasCall {});
    let byte = 16_000_000_000_u64;
    assert_eq!((wei._0, wei._1), (U256::from(140 * byte), U256::from(byte)));
    assert_eq!(
        (gas._0, gas._1),
        (
            U256::from(140 * byte / BASE_FEE),
            U256::from(byte / BASE_FEE)
        )
    );
}

#[test]
fn prices_are_taken_in_wei_and_with_units() {
    for (price, wei) in [
        ("25000000", 25_000_000),
        ("0.025gwei", 25_000_000),
        ("3 wei", 3),
        ("0.000000001ether", 1_000_000_000_u64),
    ] {
        let node = Node::start(&["--l1-price", price]);
        let asked = Arbitrum::gasEstimateL1ComponentCall {
            to: SOMEBODY,
            contractCreation: false,
            data: Bytes::new(),
        };
        assert_eq!(ask(&node, NODE_INTERFACE, &asked).l1Price, U256::from(wei));
    }
    for price in ["1.5", "0.1wei", "gwei", "-1", "1e9", "0.0000000001gwei"] {
        let refused = binary()
            .arg(format!("--l1-price={price}"))
            .output()
            .unwrap();
        assert_eq!(refused.status.code(), Some(2), "{price}");
    }
}

#[test]
fn a_traced_transaction_pays_again() {
    let node = Node::start(&["--l1-price", "1gwei"]);
    let program = node.deploy_program(&echo(6));
    let receipt = node.send(Tx::call(program, vec![7]));
    let trace = node.ask(
        "debug_traceTransaction",
        json!([receipt["transactionHash"], { "tracer": "stylusTracer" }]),
    );
    assert_eq!(trace.as_array().unwrap().len(), 2);
}
