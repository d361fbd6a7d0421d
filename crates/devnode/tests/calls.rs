//! Calls and creations from programs (rules 4.2, 4.3), and code that begins with 0xEF (rules 8).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use alloy_primitives::{Address, Bytes, U256, hex};
use common::contracts::{Evm, data, op, program, program_with_memory, statement};
use common::{Node, SCRATCH, Tx, words};
use serde_json::{Value, json};

const CALL_BASE: u64 = 83_193 + 2 * 16_381; // with no data
const INVALID: [u8; 1] = [0xfe];

/// Calls the account at `at` with no data, all gas and the word at `value` as value; the status is dropped.
fn calling(at: u32, value: u32) -> String {
    statement(&format!(
        "call_contract (i32.const {at}) (i32.const 0) (i32.const 0) (i32.const {value}) (i64.const -1) (i32.const 4000)"
    ))
}

/// Trace of a call with overrides of code: name, ink before, ink taken.
fn trace(node: &Node, call: Value, codes: &[(Address, Bytes)]) -> Vec<(String, u64, u64)> {
    let mut overrides = json!({});
    for (address, code) in codes {
        overrides[address.to_string()] = json!({ "code": code });
    }
    let options = json!({ "tracer": "stylusTracer", "stateOverrides": overrides });
    let trace = node.ask("debug_traceCall", json!([call, "latest", options]));
    let entries = trace.as_array().unwrap().iter();
    entries
        .map(|entry| {
            let ink = |name: &str| entry[name].as_u64().unwrap();
            let name = entry["name"].as_str().unwrap().to_owned();
            (name, ink("startInk"), ink("startInk") - ink("endInk"))
        })
        .collect()
}

#[test]
fn a_callee_that_fails_takes_63_of_64_parts() {
    let node = Node::start(&[]);
    let callee = Address::repeat_byte(0xcc);
    let address = node.deploy_program(&program(
        &data(0, callee.as_slice()),
        &format!("{} i32.const 0", calling(0, 64)),
    ));
    for gas in [100_000_u64, 100_001, 3_000_037] {
        let call = json!({ "to": address, "gas": format!("{gas:#x}") });
        let found = trace(&node, call, &[(callee, INVALID.into())]);
        let (_, before, taken) = found[0].clone();
        let gas_left = (before - CALL_BASE) / 10_000;
        let base = 2600;
        assert_eq!(
            taken,
            CALL_BASE + 10_000 * (base + 63 * (gas_left - base) / 64)
        );
    }
}

#[test]
fn a_callee_gets_no_more_than_was_asked_for() {
    let node = Node::start(&[]);
    let callee = Address::repeat_byte(0xcc);
    let call = statement(
        "static_call_contract (i32.const 0) (i32.const 0) (i32.const 0) (i64.const 5000) (i32.const 4000)",
    );
    let address = node.deploy_program(&program(
        &data(0, callee.as_slice()),
        &format!("{call} i32.const 0"),
    ));
    let found = trace(&node, json!({ "to": address }), &[(callee, INVALID.into())]);
    assert_eq!(found[0].2, CALL_BASE + 10_000 * (2600 + 5000));
}

#[test]
fn failed_init_code_takes_what_it_was_given() {
    let node = Node::start(&[]);
    let create = statement(
        "create1 (i32.const 0) (i32.const 1) (i32.const 64) (i32.const 96) (i32.const 128)",
    );
    let address = node.deploy_program(&program(
        &data(0, &INVALID),
        &format!("{create} i32.const 0"),
    ));
    let found = trace(&node, json!({ "to": address, "gas": "0x1e8480" }), &[]);
    let (_, before, taken) = found[0].clone();
    let hostio = 83_193 + 2 * 16_381;
    let gas_left = (before - hostio) / 10_000;
    let kept = (gas_left - 32_000) / 64;
    assert_eq!(taken, hostio + 10_000 * (gas_left - kept));
}

/// Code of an account that delegates (EIP-7702).
fn delegating_to(address: Address) -> Bytes {
    [hex!("ef0100").as_slice(), address.as_slice()]
        .concat()
        .into()
}

#[test]
fn a_programs_call_pays_nothing_for_a_delegation_and_leaves_it_cold() {
    let node = Node::start(&[]);
    let (account, delegate) = (Address::repeat_byte(0xaa), Address::repeat_byte(0xdd));
    let parts = [data(0, account.as_slice()), data(32, delegate.as_slice())].concat();
    let balance = statement("account_balance (i32.const 32) (i32.const 64)");
    let address = node.deploy_program(&program(
        &parts,
        &format!("{}{balance} i32.const 0", calling(0, 96)),
    ));
    let codes = [
        (account, delegating_to(delegate)),
        (delegate, vec![op::STOP].into()),
    ];
    let found = trace(&node, json!({ "to": address }), &codes);
    assert_eq!(found[0].2, CALL_BASE + 10_000 * 2600);
    assert_eq!(found[1].2, 78_153 + 10_000 * 2600);
}

#[test]
fn an_account_that_delegates_to_a_program_runs_it_as_itself() {
    let node = Node::start(&[]);
    let account = Address::repeat_byte(0xaa);
    let own_address = "(call $contract_address (i32.const 12)) (call $write_result (i32.const 0) (i32.const 32)) i32.const 0";
    let delegate = node.deploy_program(&program("", own_address));
    // Forwards from a program: calls the account and returns what comes back.
    let forward = format!(
        "{} (call $write_result (i32.const 64) (call $read_return_data (i32.const 64) (i32.const 0) (i32.const 32))) i32.const 0",
        calling(0, 128)
    );
    let from_program = node.deploy_program(&program(&data(0, account.as_slice()), &forward));
    let from_evm = Evm::new()
        .forward(op::CALL, account)
        .op(op::POP)
        .push(32)
        .push(0)
        .push(0)
        .op(op::RETURNDATACOPY)
        .give(1);
    let overrides = json!({
        account.to_string(): { "code": delegating_to(delegate) },
        SCRATCH.to_string(): { "code": Bytes::from(from_evm.0) },
    });
    for caller in [account, SCRATCH, from_program] {
        let output = node.ask("eth_call", json!([{ "to": caller }, "latest", overrides]));
        assert_eq!(
            words(&output),
            [U256::from_be_slice(account.as_slice())],
            "through {caller}"
        );
    }
}

#[test]
fn what_arbos_looks_at_stays_cold() {
    let node = Node::start(&[]);
    let program = node.deploy_program(&common::echo(1));
    let somebody = Address::repeat_byte(0xcc);
    let arb_info = Address::with_last_byte(0x65);
    let cases = [
        (hex!("f8b2cb4f"), arb_info, somebody),        // getBalance
        (hex!("7e105ce2"), arb_info, somebody),        // getCode
        (hex!("cc8f4e88"), common::ARB_WASM, program), // programVersion
    ];
    for (selector, precompile, address) in cases {
        let input = [selector.as_slice(), address.into_word().as_slice()].concat();
        let call = Evm::new().forward(op::STATICCALL, precompile).store(1);
        let balance = Evm::new().address(address).op(op::BALANCE).op(op::POP);
        let code = Evm([call.0, Evm::new().measure(0, balance).0].concat()).give(2);
        let output = node.run_with(&code, json!({ "data": Bytes::from(input) }));
        assert_eq!(
            output,
            [U256::from(3 + 2600 + 2), U256::ONE],
            "{}",
            hex::encode(selector)
        );
    }
}

/// The ways to create a contract.
#[derive(Clone, Copy, Debug)]
enum Way {
    Transaction,
    Create,
    Create2,
    ProgramCreate1,
    ProgramCreate2,
}
const WAYS: [Way; 5] = [
    Way::Transaction,
    Way::Create,
    Way::Create2,
    Way::ProgramCreate1,
    Way::ProgramCreate2,
];

/// A program that creates from its calldata and returns the address.
fn creator(function: &str) -> Vec<u8> {
    let salt = if function == "create2" {
        "(i32.const 0)"
    } else {
        ""
    };
    let body = format!(
        "(call $read_args (i32.const 256))
         (call ${function} (i32.const 256) (local.get $len) (i32.const 0) {salt} (i32.const 76) (i32.const 128))
         (call $write_result (i32.const 64) (i32.const 32))
         i32.const 0"
    );
    program_with_memory("2 2", "", &body)
}

/// EVM code that creates from its calldata and returns the address.
fn evm_creator(opcode: u8) -> Evm {
    let copied = Evm::new()
        .op(op::CALLDATASIZE)
        .push(0)
        .push(0)
        .op(op::CALLDATACOPY);
    let salted = if opcode == op::CREATE2 {
        copied.push(0)
    } else {
        copied
    };
    salted
        .op(op::CALLDATASIZE)
        .push(0)
        .push(0)
        .op(opcode)
        .store(0)
        .give(1)
}

/// A node with contracts that create.
struct Creators {
    node: Node,
    programs: [Address; 2],
}

impl Creators {
    fn start(arbos: &str) -> Self {
        let node = Node::start(&["--arbos", arbos]);
        let programs =
            ["create1", "create2"].map(|function| node.deploy_program(&creator(function)));
        Self { node, programs }
    }

    /// Whether the init code makes a contract.
    fn creates(&self, way: Way, init: &[u8]) -> bool {
        let call = json!({ "data": Bytes::copy_from_slice(init), "gas": "0x1312d00" });
        let address_of = |output: Vec<U256>| !output[0].is_zero();
        let through = |to: Address| {
            let mut call = call.clone();
            call["to"] = json!(to);
            address_of(words(&self.node.ask("eth_call", json!([call]))))
        };
        match way {
            Way::Transaction => self.node.rpc("eth_call", json!([call])).is_ok(),
            Way::Create => address_of(self.node.run_with(&evm_creator(op::CREATE), call)),
            Way::Create2 => address_of(self.node.run_with(&evm_creator(op::CREATE2), call)),
            Way::ProgramCreate1 => through(self.programs[0]),
            Way::ProgramCreate2 => through(self.programs[1]),
        }
    }

    /// Whether this code can be deployed, which must not depend on the way.
    fn deploys(&self, code: &[u8]) -> bool {
        let init = stylus_rules::code::init_code(code);
        let every = WAYS.map(|way| self.creates(way, &init));
        assert!(
            every.iter().all(|ok| *ok == every[0]),
            "{}: {every:?}",
            hex::encode(code)
        );
        every[0]
    }
}

#[test]
fn code_that_begins_with_ef_is_a_programs_or_refused_wherever_it_is_created() {
    let cases: [(&[u8], bool, bool); 11] = [
        (&hex!("ef"), false, false),
        (&hex!("ef00"), false, false),
        (&hex!("eff0"), false, false),
        (&hex!("eff000"), false, false),
        (&hex!("eff00000"), true, true),
        (&hex!("eff001"), false, false),
        (&hex!("eff00100"), false, true),
        (&hex!("eff002"), false, false),
        (&hex!("eff00200"), false, true),
        (&hex!("eff00300"), false, false),
        // A delegation is nothing that init code may return.
        (
            &hex!("ef0100cccccccccccccccccccccccccccccccccccccccc"),
            false,
            false,
        ),
    ];
    let (classic, fragments) = (Creators::start("51"), Creators::start("60"));
    for (code, at_51, at_60) in cases {
        assert_eq!(classic.deploys(code), at_51, "{} at 51", hex::encode(code));
        assert_eq!(
            fragments.deploys(code),
            at_60,
            "{} at 60",
            hex::encode(code)
        );
    }
}

#[test]
fn code_has_at_most_24576_bytes_wherever_it_is_created() {
    let creators = Creators::start("51");
    assert!(creators.deploys(&[0; 24_576]));
    assert!(!creators.deploys(&[0; 24_577]));
}

#[test]
fn init_code_has_at_most_49152_bytes_in_transactions_and_the_evm() {
    let creators = Creators::start("51");
    for way in [Way::Transaction, Way::Create, Way::Create2] {
        // STOP and zeroes: a contract without code.
        let ok = [49_152, 49_153].map(|len| match way {
            // The frame of CREATE fails as a whole.
            Way::Create | Way::Create2 => {
                let opcode = if matches!(way, Way::Create) {
                    op::CREATE
                } else {
                    op::CREATE2
                };
                let code = Bytes::from(evm_creator(opcode).0);
                let overrides = json!({ SCRATCH.to_string(): { "code": code } });
                let call = json!({ "to": SCRATCH, "data": Bytes::from(vec![0; len]) });
                creators
                    .node
                    .rpc("eth_call", json!([call, "latest", overrides]))
                    .is_ok()
            }
            _ => creators.creates(way, &vec![0; len]),
        });
        assert_eq!(ok, [true, false], "{way:?}");
    }
    // A program's creation knows no such limit, as it pays nothing by the word (rules 4.3).
    for way in [Way::ProgramCreate1, Way::ProgramCreate2] {
        assert!(creators.creates(way, &vec![0; 49_153]));
    }
}

#[test]
fn a_creation_that_cannot_be_paid_for_gives_its_gas_back() {
    let node = Node::start(&[]);
    let create = statement(
        "create1 (i32.const 0) (i32.const 1) (i32.const 64) (i32.const 96) (i32.const 128)",
    );
    let parts = [data(0, &INVALID), data(95, &[1])].concat();
    let body = format!("{create} (call $write_result (i32.const 96) (i32.const 32)) i32.const 0");
    let address = node.deploy_program(&program(&parts, &body));
    let found = node.ink(json!({ "to": address }));
    assert_eq!(found[0].1, 83_193 + 2 * 16_381 + 10_000 * 32_000);
    let output = node.ask("eth_call", json!([{ "to": address }]));
    assert_eq!(words(&output), [U256::ZERO]);
}

#[test]
fn selfdestruct_acting_as_a_program_reverts() {
    let node = Node::start(&[]);
    let killer = node.deploy(&Evm::new().push(0).op(op::SELFDESTRUCT));
    let delegate = statement("delegate_call_contract (i32.const 0) (i32.const 0) (i32.const 0) (i64.const -1) (i32.const 64)")
        .replace("(drop ", "(return ");
    let program = node.deploy_program(&program(&data(0, killer.as_slice()), &delegate));
    let sent = node.send(Tx::call(program, vec![]));
    assert_eq!(sent["status"], "0x0", "status 2 is what the program gives");
    assert_ne!(node.ask("eth_getCode", json!([program, "latest"])), "0x");
    assert_eq!(node.send(Tx::call(killer, vec![]))["status"], "0x1");
}
