//! The storage cache of a program's frame (rules 4.1): fees by the number of accesses, and what flushes cost and earn.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use alloy_primitives::{Address, Bytes, U256, hex};
use common::contracts::{Evm, op, program};
use common::{Node, Tx, number};
use serde_json::json;

/// Base prices of the functions, in ink, and ink of gas at the default price.
const LOAD: u64 = 18_480;
const CACHE: u64 = 18_480;
const FLUSH: u64 = 68_073;
const fn gas(gas: u64) -> u64 {
    gas * 10_000
}

/// A program that repeats a statement `count` times.
fn repeating(count: u32, statement: &str) -> Vec<u8> {
    let body = format!(
        "(local $left i32)
         (local.set $left (i32.const {count}))
         (loop $again
            {statement}
            (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
         i32.const 0"
    );
    program("", &body)
}

#[test]
fn reads_cost_more_after_the_32nd_and_the_128th() {
    let node = Node::start(&[]);
    let load = "(call $storage_load_bytes32 (i32.const 0) (i32.const 32))";
    let address = node.deploy_program(&repeating(131, load));
    let found: Vec<u64> = node
        .ink(json!({ "to": address }))
        .into_iter()
        .map(|(_, ink)| ink)
        .collect();
    let fee = |nth: u64| match nth {
        1..=32 => 0,
        33..=128 => 2,
        _ => 10,
    };
    let miss = |nth: u64| if nth == 1 { 2100 + 5 } else { 0 };
    let expected: Vec<u64> = (1..=131)
        .map(|nth| LOAD + gas(miss(nth) + fee(nth)))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn writes_cost_more_after_the_8th_and_the_64th_and_clearing_does_not_begin_anew() {
    let node = Node::start(&[]);
    // Zero is written to a slot that was read as zero, so that nothing is dirty and flushing costs its base.
    let statement = "(call $storage_load_bytes32 (i32.const 0) (i32.const 32))
        (call $storage_cache_bytes32 (i32.const 0) (i32.const 64))
        (call $storage_flush_cache (i32.const 1))";
    let address = node.deploy_program(&repeating(67, statement));
    let ink = node.ink(json!({ "to": address, "gas": "0x1c9c380" }));
    let of = |name: &str| -> Vec<u64> {
        let named = ink.iter().filter(|(called, _)| called == name);
        named.map(|(_, ink)| *ink).collect()
    };
    let fee = |nth: u64| match nth {
        1..=8 => 0,
        9..=64 => 7,
        _ => 10,
    };
    let expected: Vec<u64> = (1..=67).map(|nth| CACHE + gas(fee(nth))).collect();
    assert_eq!(of("storage_cache_bytes32"), expected);
    assert_eq!(of("storage_flush_cache"), vec![FLUSH; 67]);
}

/// Gas of one write (rules 4.1, end; EIP-2929, EIP-3529).
fn write_gas(original: u64, current: u64, new: u64, cold: bool) -> u64 {
    let slot = if cold { 2100 } else { 0 };
    slot + match () {
        () if new == current => 100,
        () if original == current && original == 0 => 20_000,
        () if original == current => 2900,
        () => 100,
    }
}

/// What one write adds to the refund (rules 4.1, end).
fn write_refund(original: u64, current: u64, new: u64) -> i64 {
    if new == current {
        return 0;
    }
    if original == current {
        return if original != 0 && new == 0 { 4800 } else { 0 };
    }
    let cleared = match (original, current, new) {
        (0, _, _) => 0,
        (_, 0, _) => -4800,
        (_, _, 0) => 4800,
        _ => 0,
    };
    let restored = match new == original {
        true if original == 0 => 19_900,
        true => 2800,
        false => 0,
    };
    cleared + restored
}

/// A program that writes each word of its calldata to slot 0 and flushes after each.
fn writer() -> Vec<u8> {
    program(
        "",
        "(local $at i32)
         (call $read_args (i32.const 1024))
         (loop $again
            (call $storage_cache_bytes32 (i32.const 0) (i32.add (local.get $at) (i32.const 1024)))
            (call $storage_flush_cache (i32.const 0))
            (local.set $at (i32.add (local.get $at) (i32.const 32)))
            (br_if $again (i32.lt_u (local.get $at) (local.get $len))))
         i32.const 0",
    )
}

fn calldata(values: &[u64]) -> Bytes {
    let words = values
        .iter()
        .flat_map(|value| U256::from(*value).to_be_bytes::<32>());
    words.collect()
}

/// Every way through three writes, from an original value of 0 or 1.
fn ways() -> impl Iterator<Item = (u64, [u64; 3])> {
    (0..54).map(|way| (way / 27, [way / 9 % 3, way / 3 % 3, way % 3]))
}

#[test]
fn each_flush_costs_as_a_write_of_the_evm() {
    let node = Node::start(&[]);
    let address = node.deploy_program(&writer());
    for (original, values) in ways() {
        let slot = format!("0x{:064x}", 0);
        let overrides =
            json!({ address.to_string(): { "stateDiff": { slot: format!("0x{original:064x}") } } });
        let options = json!({ "tracer": "stylusTracer", "stateOverrides": overrides });
        let call = json!({ "to": address, "data": calldata(&values) });
        let trace = node.ask("debug_traceCall", json!([call, "latest", options]));
        let entries = trace.as_array().unwrap().iter();
        let flushes: Vec<u64> = entries
            .filter(|entry| entry["name"] == "storage_flush_cache")
            .map(|entry| entry["startInk"].as_u64().unwrap() - entry["endInk"].as_u64().unwrap())
            .collect();
        let (mut current, mut cold, mut known, mut expected) = (original, true, None, Vec::new());
        for value in values {
            // What the cache knows to be there already is not written.
            let written = known != Some(value);
            expected.push(
                FLUSH
                    + if written {
                        gas(write_gas(original, current, value, cold))
                    } else {
                        0
                    },
            );
            (current, cold, known) = (value, false, Some(value));
        }
        assert_eq!(flushes, expected, "{original}, then {values:?}");
    }
}

/// Gas that the program takes in a frame of its own, before refunds: measured from an EVM contract.
fn frame_gas(node: &Node, program: Address, values: &[u64]) -> u64 {
    let data = calldata(values);
    let call = Evm::new().forward(op::CALL, program).op(op::POP);
    let around = Evm::forwarding(op::CALL, data.len() as u64) + 2600 + 2;
    let measured = node.run_with(
        &Evm::new().measure(0, call).give(1),
        json!({ "data": data }),
    );
    measured[0].to::<u64>() - around
}

#[test]
fn refunds_are_the_evms_and_at_most_a_fifth() {
    let node = Node::start(&[]);
    let address = node.deploy_program(&writer());
    for (original, values) in ways() {
        node.send(Tx::call(address, calldata(&[original])));
        let data = calldata(&values);
        let calldata_gas: u64 = data
            .iter()
            .map(|byte| if *byte == 0 { 4 } else { 16 })
            .sum();
        let used = 21_000 + calldata_gas + frame_gas(&node, address, &values);
        let (mut current, mut refund) = (original, 0);
        for value in values {
            refund += write_refund(original, current, value);
            current = value;
        }
        let receipt = node.send(Tx::call(address, data));
        let expected = used - u64::try_from(refund).unwrap().min(used / 5);
        assert_eq!(
            number(&receipt["gasUsed"]),
            expected,
            "{original}, then {values:?}"
        );
    }
}

#[test]
fn what_is_not_flushed_is_lost() {
    let node = Node::start(&[]);
    let cache = "(call $storage_cache_bytes32 (i32.const 0) (i32.const 32))";
    let value = common::contracts::data(63, &[9]);
    let lost = node.deploy_program(&program(&value, &format!("{cache} i32.const 0")));
    let kept = node.deploy_program(&program(
        &value,
        &format!("{cache} (call $storage_flush_cache (i32.const 0)) i32.const 0"),
    ));
    for (address, stored) in [(lost, 0), (kept, 9)] {
        assert_eq!(node.send(Tx::call(address, vec![]))["status"], "0x1");
        let word = node.ask("eth_getStorageAt", json!([address, "0x0", "latest"]));
        assert_eq!(
            word,
            hex::encode_prefixed(U256::from(stored).to_be_bytes::<32>())
        );
    }
}
