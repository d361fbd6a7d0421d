//! Facts about one module, for people and tools (`stylus-ai check`).
//!
//! Works on modules that the chain refuses as well: what is wrong, where, and which crate brought it.

use wasmparser::{ExternalKind, TypeRef, Validator, WasmFeatures};

use crate::activate::{ActivationContext, activate};
use crate::code::{self, CLASSIC_PREFIX, FRAGMENT_PREFIX};
use crate::fees::data_fee_at_zero_demand;
use crate::meter::FunctionMeter;
use crate::module::Module;
use crate::operators::{self, Problem};
use crate::pages;
use crate::params::StylusParams;
use crate::prices::{arbos, hostio};

mod facts;
pub mod symbols;

pub use facts::{
    Costs, CustomFacts, ExportFacts, Facts, FunctionFacts, ImportFacts, MemoryFacts, OperatorFacts,
    Verdict,
};

/// ArbOS versions that a verdict is given for.
pub const PROFILES: [u64; 3] = [51, 60, 61];
/// Largest code of an account, in bytes (rules 8).
pub const MAX_CODE_SIZE: usize = 24_576;

/// The file is not a wasm module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid wasm module: at byte {offset}: {reason}")]
pub struct InspectError {
    /// Offset in the file.
    pub offset: usize,
    /// The parser's reason.
    pub reason: String,
}

impl From<wasmparser::BinaryReaderError> for InspectError {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        Self {
            offset: error.offset(),
            reason: error.message().to_owned(),
        }
    }
}

/// Collects the facts about a module (uncompressed wasm).
pub fn inspect(wasm: &[u8]) -> Result<Facts, InspectError> {
    Validator::new_with_features(WasmFeatures::default()).validate_all(wasm)?;
    let module = Module::parse(wasm, WasmFeatures::default())?;
    let compressed_bytes = code::compress(wasm).len();
    let (floats, unsupported) = problems(&module)?;
    Ok(Facts {
        wasm_bytes: wasm.len(),
        compressed_bytes,
        code_bytes: CLASSIC_PREFIX.len() + 1 + compressed_bytes,
        memory: memory(&module),
        data_bytes: module.data.iter().map(|segment| segment.data.len()).sum(),
        element_bytes: module
            .elements
            .iter()
            .map(|segment| segment.range.len())
            .sum(),
        globals: module.global_count,
        imports: imports(&module),
        exports: exports(&module),
        functions: functions(&module)?,
        floats,
        unsupported,
        custom_sections: module
            .custom
            .iter()
            .map(|(name, bytes)| CustomFacts {
                name: (*name).to_owned(),
                bytes: *bytes,
            })
            .collect(),
        activation: PROFILES
            .map(|arbos| verdict(wasm, compressed_bytes, arbos))
            .into(),
    })
}

fn memory(module: &Module<'_>) -> Option<MemoryFacts> {
    module.memories.first().map(|memory| MemoryFacts {
        initial_pages: memory.initial,
        maximum_pages: memory.maximum,
        can_grow: module.grows(),
    })
}

fn imports(module: &Module<'_>) -> Vec<ImportFacts> {
    let facts = module.imports.iter().map(|import| {
        let kind = match import.ty {
            TypeRef::Func(_) | TypeRef::FuncExact(_) => "function",
            TypeRef::Table(_) => "table",
            TypeRef::Memory(_) => "memory",
            TypeRef::Global(_) => "global",
            TypeRef::Tag(_) => "tag",
        };
        ImportFacts {
            module: import.module.to_owned(),
            name: import.name.to_owned(),
            kind,
            known: hostio::import(import.module, import.name, false).is_some(),
        }
    });
    facts.collect()
}

fn exports(module: &Module<'_>) -> Vec<ExportFacts> {
    let facts = module.exports.iter().map(|export| {
        let kind = match export.kind {
            ExternalKind::Func | ExternalKind::FuncExact => "function",
            ExternalKind::Table => "table",
            ExternalKind::Memory => "memory",
            ExternalKind::Global => "global",
            ExternalKind::Tag => "tag",
        };
        ExportFacts {
            name: export.name.to_owned(),
            kind,
        }
    });
    facts.collect()
}

fn functions(module: &Module<'_>) -> Result<Vec<FunctionFacts>, InspectError> {
    let first = module.imported_functions();
    let mut facts = Vec::with_capacity(module.bodies.len());
    for (body, index) in module.bodies.iter().zip(first..) {
        let meter = FunctionMeter::new(module, body)?;
        let name = demangled(module, index);
        facts.push(FunctionFacts {
            index,
            origin: name.as_deref().and_then(crate_of),
            name,
            bytes: body.as_bytes().len(),
            operators: meter.operators,
            metered_operators: meter.operators_after(module.grows()),
            locals: meter.locals,
            frame_words: meter.frame_words(),
            blocks: meter.blocks.len(),
            static_ink: meter.static_ink(),
        });
    }
    Ok(facts)
}

/// Floating-point operators and unsupported ones, in file order.
fn problems(module: &Module<'_>) -> Result<(Vec<OperatorFacts>, Vec<OperatorFacts>), InspectError> {
    let (mut floats, mut unsupported) = (Vec::new(), Vec::new());
    for (body, function) in module.bodies.iter().zip(module.imported_functions()..) {
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            let (op, offset) = reader.read_with_offset()?;
            let list = match operators::problem(&op) {
                _ if operators::is_float(&op) => &mut floats,
                Some(Problem::Unsupported) => &mut unsupported,
                _ => continue,
            };
            let name = demangled(module, function);
            list.push(OperatorFacts {
                function,
                origin: name.as_deref().and_then(crate_of),
                name,
                operator: operators::mnemonic(&op),
                offset,
            });
        }
    }
    Ok((floats, unsupported))
}

fn demangled(module: &Module<'_>, function: u32) -> Option<String> {
    module
        .function_names
        .get(&function)
        .map(|name| format!("{:#}", rustc_demangle::demangle(name)))
}

/// Crate of a demangled path: its first segment, of whatever stands first in `<… as …>`. Functions that the compiler
/// calls by plain names come from its run-time library.
fn crate_of(name: &str) -> Option<String> {
    const COMPILER_BUILTINS: &str = "compiler_builtins";
    const MEMORY_FUNCTIONS: [&str; 5] = ["memcpy", "memmove", "memset", "memcmp", "bcmp"];
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let head = name
        .split("::")
        .next()
        .filter(|head| head.len() < name.len());
    match head {
        Some(head) => {
            let segment = head
                .rsplit(|letter| !is_word(letter))
                .next()
                .filter(|segment| !segment.is_empty());
            segment.map(str::to_owned)
        }
        None if MEMORY_FUNCTIONS.contains(&name) || name.starts_with("__") => {
            Some(COMPILER_BUILTINS.to_owned())
        }
        None => None,
    }
}

fn verdict(wasm: &[u8], compressed: usize, arbos: u64) -> Verdict {
    let params = StylusParams::for_arbos(arbos);
    let accounts = accounts(compressed);
    let refusal = size_refusal(wasm.len(), accounts, &params);
    let (refusal, costs) = match refusal {
        Some(reason) => (Some(reason), None),
        None => match activate(wasm, &ActivationContext::for_arbos(arbos), u64::MAX) {
            Ok(activated) => (None, Some(costs(&activated, &params, arbos))),
            Err(error) => (Some(error.to_string()), None),
        },
    };
    Verdict {
        arbos,
        accepted: refusal.is_none(),
        refusal,
        accounts,
        costs,
    }
}

/// Accounts that hold a stream: one, or as many fragments as needed.
fn accounts(compressed: usize) -> usize {
    if CLASSIC_PREFIX.len() + 1 + compressed <= MAX_CODE_SIZE {
        return 1;
    }
    compressed.div_ceil(MAX_CODE_SIZE - FRAGMENT_PREFIX.len())
}

fn size_refusal(wasm_len: usize, accounts: usize, params: &StylusParams) -> Option<String> {
    let max_accounts = usize::from(params.max_fragment_count).max(1);
    if wasm_len > params.max_wasm_size as usize {
        return Some(format!(
            "the wasm has {wasm_len} bytes, the chain accepts {}",
            params.max_wasm_size
        ));
    }
    (accounts > max_accounts).then(|| {
        format!("compressed it takes {accounts} accounts of {MAX_CODE_SIZE} bytes of code, the chain accepts {max_accounts}")
    })
}

fn costs(activated: &crate::activate::Activated, params: &StylusParams, arbos: u64) -> Costs {
    let info = &activated.info;
    let memory_gas = pages::cost(info.footprint, 0, 0, params);
    Costs {
        activation_gas: arbos::activation(arbos) + activated.engine_gas,
        engine_gas: activated.engine_gas,
        data_fee_wei: data_fee_at_zero_demand(info.asm_estimate).to_string(),
        asm_estimate: info.asm_estimate,
        call_gas: memory_gas + params.call_gas(info.init_cost, info.cached_cost, false),
        cached_call_gas: memory_gas + params.call_gas(info.init_cost, info.cached_cost, true),
        memory_gas,
        footprint: info.footprint,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crate_is_the_first_segment_of_the_path() {
        let cases = [
            ("stylus_sdk::storage::get", Some("stylus_sdk")),
            (
                "<alloc::vec::Vec<T> as core::ops::drop::Drop>::drop",
                Some("alloc"),
            ),
            ("<u32 as core::fmt::Display>::fmt", Some("core")),
            ("<&mut T as ruint::Fmt>::fmt", Some("ruint")),
            ("__multi3", Some("compiler_builtins")),
            ("memcpy", Some("compiler_builtins")),
            ("user_entrypoint", None),
        ];
        for (name, origin) in cases {
            assert_eq!(crate_of(name).as_deref(), origin, "{name}");
        }
    }

    #[test]
    fn a_stream_over_one_account_is_cut_into_fragments() {
        assert_eq!(accounts(MAX_CODE_SIZE - 4), 1);
        assert_eq!(accounts(MAX_CODE_SIZE - 3), 1);
        assert_eq!(accounts(MAX_CODE_SIZE - 2), 2);
    }
}
