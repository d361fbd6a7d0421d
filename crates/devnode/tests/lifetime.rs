//! Expiry and keepalive of programs, on a clock that the test moves (rules 6.1, 7.4).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use alloy_primitives::{Address, B256, Bytes, TxKind, U256, hex, keccak256};
use common::{ARB_WASM, DEV, Node, Tx, activation_of, echo, number, words};
use serde_json::{Value, json};

const DAY: u64 = 86_400;
/// Unix second that activations are counted from, in hours (rules 7.4).
const ARBITRUM_START: u64 = 1_421_388_000;
const ETHER: u128 = 1_000_000_000_000_000_000;

/// A node with one program.
struct Stage {
    node: Node,
    program: Address,
    code_hash: B256,
    /// Unix second that the program's age is counted from: the hour of its activation.
    born: u64,
}

impl Stage {
    fn new() -> Self {
        let node = Node::start(&[]);
        let program = node.deploy_program(&echo(1));
        let code: Bytes =
            serde_json::from_value(node.ask("eth_getCode", json!([program, "latest"]))).unwrap();
        let mut stage = Self {
            node,
            program,
            code_hash: keccak256(&code),
            born: 0,
        };
        stage.born = stage.hour_of_newest_block();
        stage
    }

    fn hour_of_newest_block(&self) -> u64 {
        let block = self
            .node
            .ask("eth_getBlockByNumber", json!(["latest", false]));
        let since = number(&block["timestamp"]) - ARBITRUM_START;
        ARBITRUM_START + since / 3600 * 3600
    }

    /// Makes the program this many seconds old in the next block.
    fn age(&self, seconds: u64) {
        self.node
            .ask("evm_setNextBlockTimestamp", json!([self.born + seconds]));
    }

    /// Asks ArbWasm.
    fn ask(&self, selector: [u8; 4], word: B256, value: u128) -> Result<Vec<U256>, Value> {
        let data: Bytes = [selector.as_slice(), word.as_slice()].concat().into();
        let call =
            json!({ "from": DEV, "to": ARB_WASM, "data": data, "value": format!("{value:#x}") });
        self.node
            .rpc("eth_call", json!([call]))
            .map(|output| words(&output))
    }

    fn time_left(&self) -> Result<Vec<U256>, Value> {
        self.ask(hex!("c775a62a"), self.program.into_word(), 0)
    }

    fn keepalive(&self, value: u128) -> Value {
        self.node.send(Tx {
            value: U256::from(value),
            ..self.keepalive_call()
        })
    }

    fn keepalive_call(&self) -> Tx {
        Tx::call(
            ARB_WASM,
            [hex!("c689bad5").as_slice(), self.code_hash.as_slice()].concat(),
        )
    }
}

/// An error of ArbWasm with one number.
fn error_data(signature: &str, number: u64) -> String {
    let selector = &keccak256(signature)[..4];
    hex::encode_prefixed([selector, &U256::from(number).to_be_bytes::<32>()].concat())
}

#[test]
fn a_program_runs_through_its_last_day_and_not_a_second_longer() {
    let stage = Stage::new();
    let call = json!([{ "to": stage.program, "data": "0x07" }]);
    stage.age(365 * DAY);
    assert_eq!(stage.node.ask("eth_call", call.clone()), "0x07");
    assert_eq!(stage.time_left().unwrap(), [U256::ZERO]);
    let age = 365 * DAY + 1;
    stage.age(age);
    let error = stage.node.rpc("eth_call", call).unwrap_err();
    assert_eq!(error["message"], format!("error ProgramExpired({age})"));
    assert_eq!(
        stage.time_left().unwrap_err()["data"],
        error_data("ProgramExpired(uint64)", age)
    );
    // A call of it takes all gas.
    let receipt = stage.node.send(Tx {
        gas: 100_000,
        ..Tx::call(stage.program, vec![7])
    });
    assert_eq!(
        (&receipt["status"], number(&receipt["gasUsed"])),
        (&json!("0x0"), 100_000)
    );
}

#[test]
fn time_left_counts_down() {
    let stage = Stage::new();
    stage.age(100 * DAY + 17);
    assert_eq!(stage.time_left().unwrap(), [U256::from(265 * DAY - 17)]);
}

#[test]
fn an_expired_program_can_be_activated_again_but_not_kept_alive() {
    let stage = Stage::new();
    let activation = Tx {
        value: U256::from(ETHER / 10),
        ..Tx::call(ARB_WASM, activation_of(stage.program))
    };
    let early = stage.node.send(activation.clone());
    assert_eq!(early["status"], "0x0");
    stage.age(366 * DAY);
    assert_eq!(stage.keepalive(ETHER)["status"], "0x0");
    assert_eq!(stage.node.send(activation)["status"], "0x1");
    assert_eq!(
        stage
            .node
            .ask("eth_call", json!([{ "to": stage.program, "data": "0x07" }])),
        "0x07"
    );
}

#[test]
fn keeping_alive_begins_with_day_31_and_restores_the_time() {
    let stage = Stage::new();
    let keepalive = |stage: &Stage, value| stage.ask(hex!("c689bad5"), stage.code_hash, value);
    let age = 31 * DAY - 1;
    stage.age(age);
    let early = keepalive(&stage, ETHER).unwrap_err();
    assert_eq!(
        early["data"],
        error_data("ProgramKeepaliveTooSoon(uint64)", age)
    );
    stage.age(31 * DAY);
    let receipt = stage.keepalive(ETHER);
    assert_eq!(receipt["status"], "0x1");
    // 800 to open, 3 of argument, 100 of parameters, 800 of the entry, 5 reads and 2 writes of the pricer, 20,000 of the
    // entry, 800 of the fee account, a log of two topics and 32 bytes (rules 7.1, 7.4; 67,884 measured, rules 15.14).
    let precompile = 800 + 3 + 100 + 800 + 5 * 800 + 2 * 20_000 + 20_000 + 800 + (375 * 3 + 8 * 32);
    assert_eq!(precompile, 67_884);
    let calldata: u64 = stage
        .keepalive_call()
        .data
        .iter()
        .map(|byte| if *byte == 0 { 4 } else { 16 })
        .sum();
    assert_eq!(number(&receipt["gasUsed"]), 21_000 + calldata + precompile);
    let left = 365 * DAY - (stage.born + 31 * DAY - stage.hour_of_newest_block());
    stage.node.ask(
        "evm_setNextBlockTimestamp",
        json!([stage.born + 31 * DAY + 1]),
    );
    assert_eq!(stage.time_left().unwrap(), [U256::from(left - 1)]);
}

#[test]
fn keeping_alive_costs_the_data_fee_of_whole_kilobytes() {
    let stage = Stage::new();
    stage.age(40 * DAY);
    // The demand of the activation is gone after 40 days, so the program's own bytes are all that is demanded.
    let bytes = stage.ask(hex!("4089267f"), stage.code_hash, 0).unwrap()[0].to::<u64>();
    assert_eq!(bytes % 1024, 0);
    let exponent = 10_000 * u128::from(bytes) / 21_360_419;
    let e = (1..=11_u128)
        .rev()
        .fold(10_000 + exponent / 12, |sum, term| {
            10_000 + sum * exponent / (term * 10_000)
        });
    let fee = 82_928_201 * e / 10_000 * u128::from(bytes);
    let too_little = stage
        .ask(hex!("c689bad5"), stage.code_hash, fee - 1)
        .unwrap_err();
    let expected = [
        &keccak256("ProgramInsufficientValue(uint256,uint256)")[..4],
        &U256::from(fee - 1).to_be_bytes::<32>(),
        &U256::from(fee).to_be_bytes::<32>(),
    ];
    assert_eq!(too_little["data"], hex::encode_prefixed(expected.concat()));
    // What is too much comes back.
    let balance = |address: &str| -> U256 {
        serde_json::from_value(stage.node.ask("eth_getBalance", json!([address, "latest"])))
            .unwrap()
    };
    stage.age(40 * DAY);
    let before = balance(DEV);
    let receipt = stage.keepalive(fee + 12_345);
    let gas = U256::from(number(&receipt["gasUsed"]) * 100_000_000);
    assert_eq!(before - balance(DEV), U256::from(fee) + gas);
    let logged = words(&receipt["logs"][0]["data"]);
    assert_eq!(logged, [U256::from(fee)]);
}

#[test]
fn the_owner_sets_how_long_programs_live() {
    let stage = Stage::new();
    let set = |signature: &str, days: u64| {
        let data = [
            &keccak256(signature)[..4],
            &U256::from(days).to_be_bytes::<32>(),
        ]
        .concat();
        let sent = stage
            .node
            .send(Tx::call(Address::with_last_byte(0x70), data));
        assert_eq!(sent["status"], "0x1");
    };
    set("setWasmExpiryDays(uint16)", 10);
    set("setWasmKeepaliveDays(uint16)", 5);
    stage.age(5 * DAY);
    assert!(stage.ask(hex!("c689bad5"), stage.code_hash, ETHER).is_ok());
    stage.age(5 * DAY - 1);
    assert!(stage.ask(hex!("c689bad5"), stage.code_hash, ETHER).is_err());
    stage.age(10 * DAY);
    assert_eq!(stage.time_left().unwrap(), [U256::ZERO]);
    stage.age(10 * DAY + 1);
    assert!(stage.time_left().is_err());
}

#[test]
fn demand_raises_the_fee_of_the_next_activation_and_falls_with_time() {
    let node = Node::start(&[]);
    let deploy = |salt| {
        let code = stylus_rules::code::program_code(&echo(salt));
        let deployed = node.send(Tx {
            data: stylus_rules::code::init_code(&code).into(),
            ..Tx::create()
        });
        deployed["contractAddress"]
            .as_str()
            .unwrap()
            .parse::<Address>()
            .unwrap()
    };
    let fee = |program: Address| {
        let call = json!([{ "from": DEV, "to": ARB_WASM, "data": activation_of(program), "value": "0xde0b6b3a7640000" }]);
        words(&node.ask("eth_call", call))[1]
    };
    let (first, second) = (deploy(1), deploy(2));
    let idle = fee(first);
    assert_eq!(idle, fee(second));
    let activated = node.send(Tx {
        to: TxKind::Call(ARB_WASM),
        data: activation_of(first),
        value: U256::from(ETHER),
        ..Tx::create()
    });
    assert_eq!(activated["status"], "0x1");
    // The same size of program again; some seconds may pass, in which 34,865 bytes each are forgotten.
    assert!(fee(second) > idle);
    node.ask("evm_increaseTime", json!([60]));
    assert_eq!(fee(second), idle);
}

#[test]
fn the_clock_is_moved_by_clients() {
    let node = Node::start(&[]);
    let newest = || {
        let block = node.ask("eth_getBlockByNumber", json!(["latest", true]));
        (
            number(&block["number"]),
            number(&block["timestamp"]),
            block["transactions"].as_array().unwrap().len(),
        )
    };
    let (_, start, _) = newest();
    assert_eq!(node.ask("evm_increaseTime", json!([1000])), 1000);
    assert_eq!(node.ask("evm_increaseTime", json!(["0x3e8"])), 2000);
    assert_eq!(newest().0, 0);
    assert_eq!(node.ask("evm_mine", json!([])), "0x0");
    let (height, time, transactions) = newest();
    assert_eq!((height, transactions), (1, 0));
    assert!((start + 2000..start + 2060).contains(&time));
    node.ask("evm_setNextBlockTimestamp", json!([start + 5000]));
    node.ask("evm_mine", json!([]));
    assert_eq!(newest().1, start + 5000);
    node.ask("evm_mine", json!([start + 9000]));
    assert_eq!(newest().1, start + 9000);
    for method in ["evm_setNextBlockTimestamp", "evm_mine"] {
        let error = node.rpc(method, json!([start + 9000])).unwrap_err();
        assert_eq!(error["code"], -32602, "{error}");
    }
    assert_eq!(newest().0, 3);
}
