//! What [`super::inspect`] finds, as plain values.

use serde::Serialize;

/// What there is to say about a module. All sizes are bytes, all ink and gas exact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facts {
    /// The wasm as it is.
    pub wasm_bytes: usize,
    /// Its brotli stream.
    pub compressed_bytes: usize,
    /// The code of one account that holds it: prefix, dictionary byte, stream.
    pub code_bytes: usize,
    /// Its first memory.
    pub memory: Option<MemoryFacts>,
    /// Payload of all data segments.
    pub data_bytes: usize,
    /// Element segments as encoded.
    pub element_bytes: usize,
    /// Globals, without those that metering adds.
    pub globals: u32,
    /// Imports in order.
    pub imports: Vec<ImportFacts>,
    /// Exports in order.
    pub exports: Vec<ExportFacts>,
    /// Functions with a body, in order.
    pub functions: Vec<FunctionFacts>,
    /// Every floating-point operator: none of them can run.
    pub floats: Vec<OperatorFacts>,
    /// Every operator of a wasm feature that the chain does not know.
    pub unsupported: Vec<OperatorFacts>,
    /// Custom sections; they cost size and are dropped by re-encoding.
    pub custom_sections: Vec<CustomFacts>,
    /// What each ArbOS version says to it.
    pub activation: Vec<Verdict>,
}

/// A memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MemoryFacts {
    /// Pages of 64 KiB at the start; each above the second costs gas on every call.
    pub initial_pages: u64,
    /// Largest number of pages, if limited.
    pub maximum_pages: Option<u64>,
    /// Whether it can grow, so that `pay_for_memory_grow` must be imported.
    pub can_grow: bool,
}

/// An import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportFacts {
    /// Module imported from.
    pub module: String,
    /// Name imported.
    pub name: String,
    /// function, table, memory, global or tag.
    pub kind: &'static str,
    /// Whether the chain offers it.
    pub known: bool,
}

/// An export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExportFacts {
    /// Name exported.
    pub name: String,
    /// function, table, memory, global or tag.
    pub kind: &'static str,
}

/// A custom section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CustomFacts {
    /// Its name.
    pub name: String,
    /// Its content.
    pub bytes: usize,
}

/// A function with a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FunctionFacts {
    /// Index, imported functions counted first.
    pub index: u32,
    /// Demangled name, if the module has names.
    pub name: Option<String>,
    /// Crate that it comes from, guessed from the name.
    #[serde(rename = "crate")]
    pub origin: Option<String>,
    /// Body as encoded.
    pub bytes: usize,
    /// Operators as written.
    pub operators: u64,
    /// Operators after metering; 65,536 is the limit.
    pub metered_operators: u64,
    /// Declared locals; 348 is the limit.
    pub locals: u32,
    /// Words of stack depth per call.
    pub frame_words: u32,
    /// Basic blocks.
    pub blocks: usize,
    /// Ink of all blocks, each once.
    pub static_ink: u64,
}

/// An operator that the chain refuses or can never run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OperatorFacts {
    /// Index of the function.
    pub function: u32,
    /// Demangled name of the function.
    pub name: Option<String>,
    /// Crate of the function, guessed from the name.
    #[serde(rename = "crate")]
    pub origin: Option<String>,
    /// The operator in the text format.
    pub operator: String,
    /// Where it stands in the file.
    pub offset: usize,
}

/// What one ArbOS version says to the module as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// ArbOS version.
    pub arbos: u64,
    /// Whether it deploys and activates.
    pub accepted: bool,
    /// Why not: first reason found.
    pub refusal: Option<String>,
    /// Accounts of code that it takes; more than one are fragments beside their root.
    pub accounts: usize,
    /// Its costs, when it activates.
    pub costs: Option<Costs>,
}

/// Costs of an accepted module under default parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Costs {
    /// Gas of the precompile call that activates, fragments' reading left out.
    pub activation_gas: u64,
    /// The engine's share of it.
    pub engine_gas: u64,
    /// Wei to send along when nothing else was activated lately, in decimal.
    pub data_fee_wei: String,
    /// Estimate of the compiled size in bytes, which the fee is by.
    pub asm_estimate: u32,
    /// Gas before the first operator of an uncached call, memory included.
    pub call_gas: u64,
    /// The same once cached.
    pub cached_call_gas: u64,
    /// Gas of the initial pages, part of both.
    pub memory_gas: u64,
    /// Initial pages.
    pub footprint: u16,
}
