//! Each limit of rules 3, at the limit and one above it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use stylus_rules::activate::{ActivationContext, ActivationError, activate};

/// A production chain of ArbOS 51.
const PRODUCTION: ActivationContext = ActivationContext::for_arbos(51);
/// A development chain, which keeps a module's own exports and names.
const DEVELOPMENT: ActivationContext = ActivationContext {
    debug: true,
    ..PRODUCTION
};

const MEMORY: &str = "(memory (export \"memory\") 1 1)";
const ENTRY: &str = "(func (export \"user_entrypoint\") (param i32) (result i32) i32.const 0)";

fn contract(parts: &str) -> Vec<u8> {
    wat::parse_str(format!("(module {parts} {MEMORY} {ENTRY})")).unwrap()
}

/// The module is accepted with `limit` of something and refused with one more, for the reason given.
fn at_most(
    context: &ActivationContext,
    limit: usize,
    reason: &str,
    module: impl Fn(usize) -> Vec<u8>,
) {
    let accepted = activate(&module(limit), context, u64::MAX);
    assert!(accepted.is_ok(), "{limit}: {:?}", accepted.err());
    match activate(&module(limit + 1), context, u64::MAX) {
        Err(ActivationError::Refused(refusal)) => {
            assert!(refusal.reason().contains(reason), "{}", refusal.reason());
        }
        other => panic!("one above {limit} {reason}: {other:?}"),
    }
}

#[test]
fn data_segments() {
    at_most(&PRODUCTION, 128, "data segments", |count| {
        contract(&"(data \"\")".repeat(count))
    });
}

#[test]
fn element_segments() {
    at_most(&PRODUCTION, 128, "element segments", |count| {
        contract(&format!(
            "(table 1 1 funcref) {}",
            "(elem func)".repeat(count)
        ))
    });
}

#[test]
fn exports_with_the_four_globals_where_they_are_kept() {
    let module = |total: usize| {
        let own = total - 4 - 2;
        let exports = (0..own).map(|index| format!("(export \"e{index}\" (func $f))"));
        contract(&format!("(func $f) {}", exports.collect::<String>()))
    };
    at_most(&DEVELOPMENT, 1024, "exports", module);
    assert!(activate(&module(2000), &PRODUCTION, u64::MAX).is_ok());
}

#[test]
fn a_start_function_is_one_more_export() {
    at_most(&DEVELOPMENT, 1024, "exports", |total| {
        let own = total - 4 - 2 - 1;
        let exports = (0..own).map(|index| format!("(export \"e{index}\" (func $f))"));
        contract(&format!(
            "(func $f) (start $f) {}",
            exports.collect::<String>()
        ))
    });
}

#[test]
fn functions() {
    at_most(&PRODUCTION, 4096, "functions", |count| {
        contract(&"(func)".repeat(count - 1))
    });
}

#[test]
fn globals_with_the_four_of_the_instrumentation() {
    at_most(&PRODUCTION, 32_768, "globals", |total| {
        contract(&"(global i32 (i32.const 0))".repeat(total - 4))
    });
}

#[test]
fn declared_locals() {
    at_most(&PRODUCTION, 348, "locals", |count| {
        contract(&format!(
            "(func (param i64) (local {}))",
            "i64 ".repeat(count)
        ))
    });
}

#[test]
fn operators_after_instrumentation() {
    // n + 12 per block + 12 at the entry + one `return` with its 4 (rules 7.2); the last `end` is one of the n.
    at_most(&PRODUCTION, 65_536, "operators after metering", |total| {
        let own = total - 12 - 12 - 5;
        contract(&format!("(func {})", "nop ".repeat(own - 1)))
    });
}

#[test]
fn operands_at_once() {
    at_most(&PRODUCTION, 4096, "operands", |height| {
        contract(&format!(
            "(func {} {})",
            "i32.const 0 ".repeat(height),
            "drop ".repeat(height)
        ))
    });
}

#[test]
fn imports_from_arbos_32_on() {
    let module = |count: usize| {
        let import = "(import \"vm_hooks\" \"msg_reentrant\" (func (result i32)))";
        contract(&import.repeat(count))
    };
    at_most(&PRODUCTION, 513, "imports", module);
    assert!(activate(&module(514), &ActivationContext::for_arbos(31), u64::MAX).is_ok());
}

#[test]
fn table_entries() {
    at_most(&PRODUCTION, 4096, "table entries", |count| {
        contract(&format!("(table {count} funcref)"))
    });
}

#[test]
fn bytes_of_element_segments_as_encoded() {
    // A segment of n indices below 128: flag, `i32.const 0`, `end`, n in two bytes, n bytes.
    at_most(&PRODUCTION, 4096, "bytes of element segments", |bytes| {
        let indices = bytes - 1 - 2 - 1 - 2;
        contract(&format!(
            "(table 4096 funcref) (func $f) (elem (i32.const 0) func {})",
            "$f ".repeat(indices)
        ))
    });
}

#[test]
fn bytes_of_an_exports_name_where_it_is_kept() {
    let module = |len: usize| contract(&format!("(func (export \"{}\"))", "n".repeat(len)));
    at_most(&DEVELOPMENT, 512, "bytes in an export's name", module);
    assert!(activate(&module(1000), &PRODUCTION, u64::MAX).is_ok());
}

#[test]
fn bytes_of_the_modules_name_where_it_is_kept() {
    let module = |len: usize| {
        wat::parse_str(format!("(module ${} {MEMORY} {ENTRY})", "n".repeat(len))).unwrap()
    };
    at_most(&DEVELOPMENT, 512, "bytes in the module's name", module);
    assert!(activate(&module(1000), &PRODUCTION, u64::MAX).is_ok());
}

#[test]
fn initial_memory_pages() {
    let module = |pages: usize| {
        wat::parse_str(format!(
            "(module (memory (export \"memory\") {pages} {pages}) {ENTRY})"
        ))
        .unwrap()
    };
    at_most(&PRODUCTION, 128, "initial memory pages", module);
    // The chain's limit less what the transaction has open (rules 1.2).
    let some_open = ActivationContext {
        page_limit: 128 - 28,
        ..PRODUCTION
    };
    at_most(&some_open, 100, "initial memory pages", module);
}

#[test]
fn start_cost_of_16_bits() {
    // floor(F*8252/1000) + floor(T*1059/1000) + floor(W*1286/10000) (rules 7.3): 4,096 functions of 7 values each are
    // near the limit, and every 8 bytes of a custom section add one.
    let cost = |wasm: &[u8]| {
        4096 * 8252 / 1000 + (4095 * 6 + 2) * 1059 / 1000 + wasm.len() as u64 * 1286 / 10_000
    };
    let module = |filling: usize| {
        let function = "(func (param i32 i32 i32 i32 i32 i32))";
        contract(&format!(
            "{} (@custom \"filling\" \"{}\")",
            function.repeat(4095),
            "f".repeat(filling)
        ))
    };
    let least = (0..131_072)
        .step_by(8)
        .collect::<Vec<_>>()
        .partition_point(|filling| cost(&module(*filling)) <= 65_535);
    let filling = (8 * least - 8..)
        .find(|filling| cost(&module(*filling)) > 65_535)
        .unwrap();
    at_most(&PRODUCTION, filling - 1, "init cost 65536", module);
}

#[test]
fn cached_start_cost_of_16_bits() {
    // floor(F*13420/100000) + floor(T*89/100000) + floor(W*122/100000) + floor(G*1628/1000) +
    // floor(D*75244/100000) + 5*P (rules 7.3), of which all but W and D is 0 + 0 + 6 + 5 here.
    let cost = |wasm: &[u8], payload: usize| {
        let segment = payload + 1 + 2 + 1 + 3;
        wasm.len() as u64 * 122 / 100_000
            + 4 * 1628 / 1000
            + segment as u64 * 75_244 / 100_000
            + 5 * 2
    };
    let module = |payload: usize| {
        wat::parse_str(format!(
            "(module (memory (export \"memory\") 2 2) {ENTRY} (data (i32.const 0) \"{}\"))",
            "d".repeat(payload)
        ))
        .unwrap()
    };
    let payload = (80_000..)
        .find(|payload| cost(&module(*payload), *payload) > 65_535)
        .unwrap();
    at_most(&PRODUCTION, payload - 1, "cached init cost 65536", module);
}
