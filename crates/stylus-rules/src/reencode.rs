//! From what the compiler emits to what the chain accepts: every number in its shortest encoding, no DataCount section,
//! no custom sections (rules 3).
//!
//! rustc and lld pad the table index of `call_indirect`, which the chain's parser refuses; binaryen writes a DataCount
//! section, which it refuses too. Nothing that runs is changed here.

use std::borrow::Cow;
use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, CustomSection, DataSection, ElementSection, ExportSection, FunctionSection,
    GlobalSection, ImportSection, MemorySection, Module as Output, StartSection, TableSection,
    TypeSection,
};
use wasmparser::{Parser, Payload, Validator, WasmFeatures};

use crate::module::Module;
use crate::operators::{self, Problem};

/// Custom section by which cargo-stylus ties a contract to its sources.
const PROJECT_HASH: &str = "project_hash";
const NAMES: &str = "name";

/// What [`reencode`] does beside re-encoding.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReencodeOptions {
    /// Keeps the names of functions, for profiles; they cost size.
    pub keep_names: bool,
    /// Adds this as custom section `project_hash`.
    pub project_hash: Option<[u8; 32]>,
    /// Makes the memory's maximum its initial size, so that `pay_for_memory_grow` need not be imported. A module that
    /// uses `memory.grow` keeps its maximum.
    pub pin_memory: bool,
}

/// Why a module cannot be re-encoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReencodeError {
    /// Not a valid wasm module.
    #[error("not a valid wasm module: at byte {offset}: {reason}")]
    Invalid {
        /// Offset in the file.
        offset: usize,
        /// The parser's reason.
        reason: String,
    },
    /// An operator that no encoding makes acceptable.
    #[error(
        "{function} uses {operator}, which the chain does not know: build without this wasm feature \
         (accepted are the MVP, sign extension, memory.copy and memory.fill)"
    )]
    Unsupported {
        /// Index and name of the function.
        function: String,
        /// The operator in the text format.
        operator: String,
    },
    /// A section or type that no encoding makes acceptable.
    #[error("the module cannot be written in the chain's wasm: {0}")]
    Inexpressible(String),
}

impl From<wasmparser::BinaryReaderError> for ReencodeError {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        Self::Invalid {
            offset: error.offset(),
            reason: error.message().to_owned(),
        }
    }
}

impl From<Error<Infallible>> for ReencodeError {
    fn from(error: Error<Infallible>) -> Self {
        Self::Inexpressible(error.to_string())
    }
}

/// Re-encodes a module. Float operators pass: whether the result activates is for [`crate::inspect`] to say.
pub fn reencode(wasm: &[u8], options: &ReencodeOptions) -> Result<Vec<u8>, ReencodeError> {
    Validator::new_with_features(WasmFeatures::default()).validate_all(wasm)?;
    let module = Module::parse(wasm, WasmFeatures::default())?;
    let uses_growth = check_operators(&module)?;
    let pin_memory = options.pin_memory && !uses_growth;

    let mut output = Output::new();
    for payload in Parser::new(0).parse_all(wasm) {
        copy(&mut output, payload?, wasm, pin_memory, options)?;
    }
    if let Some(hash) = options.project_hash {
        output.section(&CustomSection {
            name: Cow::Borrowed(PROJECT_HASH),
            data: Cow::Borrowed(&hash),
        });
    }
    Ok(output.finish())
}

/// Refuses operators that the chain does not know; tells whether any grows the memory.
fn check_operators(module: &Module<'_>) -> Result<bool, ReencodeError> {
    let mut uses_growth = false;
    for (index, body) in module.bodies.iter().enumerate() {
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            let op = reader.read()?;
            if operators::problem(&op) == Some(Problem::Unsupported) {
                return Err(ReencodeError::Unsupported {
                    function: module.describe(index),
                    operator: operators::mnemonic(&op),
                });
            }
            uses_growth |= matches!(op, wasmparser::Operator::MemoryGrow { .. });
        }
    }
    Ok(uses_growth)
}

/// Writes one section again, or leaves it out.
fn copy(
    output: &mut Output,
    payload: Payload<'_>,
    wasm: &[u8],
    pin_memory: bool,
    options: &ReencodeOptions,
) -> Result<(), ReencodeError> {
    let mut encoder = RoundtripReencoder;
    match payload {
        Payload::TypeSection(reader) => {
            let mut section = TypeSection::new();
            encoder.parse_type_section(&mut section, reader)?;
            output.section(&section);
        }
        Payload::ImportSection(reader) => {
            let mut section = ImportSection::new();
            encoder.parse_import_section(&mut section, reader)?;
            output.section(&section);
        }
        Payload::FunctionSection(reader) => {
            let mut section = FunctionSection::new();
            encoder.parse_function_section(&mut section, reader)?;
            output.section(&section);
        }
        Payload::TableSection(reader) => {
            let mut section = TableSection::new();
            encoder.parse_table_section(&mut section, reader)?;
            output.section(&section);
        }
        Payload::MemorySection(reader) => {
            let mut section = MemorySection::new();
            for memory in reader {
                let mut memory = memory?;
                if pin_memory {
                    memory.maximum = Some(memory.initial);
                }
                section.memory(encoder.memory_type(memory)?);
            }
            output.section(&section);
        }
        Payload::GlobalSection(reader) => {
            let mut section = GlobalSection::new();
            encoder.parse_global_section(&mut section, reader)?;
            output.section(&section);
        }
        Payload::ExportSection(reader) => {
            let mut section = ExportSection::new();
            encoder.parse_export_section(&mut section, reader)?;
            output.section(&section);
        }
        Payload::StartSection { func, .. } => {
            output.section(&StartSection {
                function_index: func,
            });
        }
        Payload::ElementSection(reader) => {
            let mut section = ElementSection::new();
            encoder.parse_element_section(&mut section, reader)?;
            output.section(&section);
        }
        Payload::CodeSectionStart { range, .. } => {
            let reader = wasmparser::BinaryReader::new(&wasm[range.clone()], range.start);
            let mut section = CodeSection::new();
            encoder
                .parse_code_section(&mut section, wasmparser::CodeSectionReader::new(reader)?)?;
            output.section(&section);
        }
        Payload::DataSection(reader) => {
            let mut section = DataSection::new();
            encoder.parse_data_section(&mut section, reader)?;
            output.section(&section);
        }
        Payload::CustomSection(section) if options.keep_names && section.name() == NAMES => {
            output.section(&CustomSection {
                name: Cow::Borrowed(NAMES),
                data: Cow::Borrowed(section.data()),
            });
        }
        Payload::TagSection(_) => {
            return Err(ReencodeError::Inexpressible(
                "it has a section of exception tags".to_owned(),
            ));
        }
        Payload::Version { .. }
        | Payload::DataCountSection { .. }
        | Payload::CodeSectionEntry(_)
        | Payload::CustomSection(_)
        | Payload::End(_) => {}
        _ => {
            return Err(ReencodeError::Inexpressible(
                "it has a section that is not of a wasm module".to_owned(),
            ));
        }
    }
    Ok(())
}
