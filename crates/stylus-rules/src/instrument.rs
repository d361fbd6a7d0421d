//! Metering by instrumentation (rules 2): a plain wasm engine runs the result and stops by itself when ink or stack
//! depth ends.
//!
//! Operators are copied byte by byte from the original; what is put between them is written by `emitter`. It charges what
//! the chain's own instrumentation charges, where that charges it, but is not the same code: what the chain counts of its
//! own (operators, frame sizes) comes from `meter`.

mod emitter;
mod hooks;

use wasm_encoder::{
    CodeSection, ExportKind, ExportSection, GlobalSection, GlobalType, Module as Output,
    RawSection, SectionId, ValType,
};
use wasmparser::{BinaryReader, ExternalKind};

use crate::activate::{ActivationContext, Refusal, prepare};
use crate::meter::FunctionMeter;
use crate::module::Module;
use crate::validate::{self, check_operators};
use emitter::{AddedGlobals, Emitter};
pub use hooks::{BACK_HOOK, BLOCK_HOOK, HOOKS};

/// Exported global, mutable i64: ink that is left. A run that ended in a trap with less than 0 has run out of it. The host
/// sets it before a call, to [`MAX_INK`] at most, and charges host functions from it.
pub const INK_LEFT: &str = "stylus_ink_left";
/// Most ink that a program can be started with. No transaction can pay for more.
pub const MAX_INK: u64 = i64::MAX as u64;
/// Exported global, mutable i32: words of stack depth left; 0 once they have run out.
pub const STACK_LEFT: &str = "stylus_stack_left";
/// Exported memory.
pub const MEMORY: &str = validate::MEMORY;
/// Exported entry point, (i32 length of the calldata) -> (i32 status).
pub const ENTRYPOINT: &str = validate::ENTRYPOINT;

/// What is put between a module's operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// The charges of the chain: how programs run.
    Metered,
    /// The same, and calls of the functions of [`HOOKS`] that tell a profiler where the program is.
    Profiled,
    /// Nothing: what the others are measured against. Runs without end if the module does.
    Bare,
}

/// A metered module. It exports [`MEMORY`], [`ENTRYPOINT`], [`INK_LEFT`] and [`STACK_LEFT`], nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instrumented {
    /// The wasm to run.
    pub bytes: Vec<u8>,
    /// Initial pages of its memory.
    pub footprint: u16,
    /// Facts of each defined function, in order.
    pub functions: Vec<FunctionFacts>,
}

/// Static facts of one function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionFacts {
    /// Index in the module, imported functions counted first.
    pub index: u32,
    /// Name in the module's name section.
    pub name: Option<String>,
    /// Operators as written.
    pub operators: u64,
    /// Operators after instrumentation, as the chain counts them.
    pub metered_operators: u64,
    /// Parameters.
    pub parameters: u32,
    /// Words that each call takes of the stack depth.
    pub frame_words: u32,
    /// Ink of all its blocks, each once.
    pub static_ink: u64,
    /// Its first basic block, counted through the module.
    pub first_block: u32,
}

/// Checks a module as activation does and writes it in this form, without computing costs.
pub fn instrument(
    wasm: &[u8],
    context: &ActivationContext,
    form: Form,
) -> Result<Instrumented, Refusal> {
    let (module, meters) = prepare(wasm, context)?;
    for body in 0..module.bodies.len() {
        check_operators(&module, body)?;
    }
    emit(&module, &meters, form)
}

/// Writes a checked module in this form.
pub(crate) fn emit(
    module: &Module<'_>,
    meters: &[FunctionMeter],
    form: Form,
) -> Result<Instrumented, Refusal> {
    let mut emitter = Emitter::new(module, form);
    let mut code = CodeSection::new();
    for (index, meter) in meters.iter().enumerate() {
        code.raw(&emitter.function(index, meter).map_err(Refusal::invalid)?);
    }
    let first = module.imported_functions();
    let mut blocks = 0;
    let functions = meters.iter().zip(first..).map(|(meter, index)| {
        let first_block = blocks;
        blocks += meter.blocks.len() as u32;
        FunctionFacts {
            index,
            name: module
                .function_names
                .get(&index)
                .map(|name| (*name).to_owned()),
            operators: meter.operators,
            metered_operators: meter.operators_after(module.grows()),
            parameters: module.function_signature(index).params.len() as u32,
            frame_words: meter.frame_words(),
            static_ink: meter.static_ink(),
            first_block,
        }
    });
    let mut bytes = assemble(module, &emitter.globals, &code).map_err(Refusal::invalid)?;
    if form == Form::Profiled {
        bytes = hooks::link(&bytes, module)?;
    }
    Ok(Instrumented {
        bytes,
        footprint: module
            .memories
            .first()
            .map_or(0, |memory| memory.initial as u16),
        functions: functions.collect(),
    })
}

/// Puts the sections together: the original's, with globals and exports changed and new code; no custom sections, no
/// start function.
fn assemble(
    module: &Module<'_>,
    added: &AddedGlobals,
    code: &CodeSection,
) -> wasmparser::Result<Vec<u8>> {
    let mut output = Output::new();
    let copy = |output: &mut Output, id: SectionId| {
        if let Some(range) = module.sections.get(&(id as u8)) {
            output.section(&RawSection {
                id: id as u8,
                data: &module.wasm[range.clone()],
            });
        }
    };
    for id in [
        SectionId::Type,
        SectionId::Import,
        SectionId::Function,
        SectionId::Table,
        SectionId::Memory,
    ] {
        copy(&mut output, id);
    }
    output.section(&globals(module)?);
    output.section(&exports(module, added));
    copy(&mut output, SectionId::Element);
    output.section(code);
    copy(&mut output, SectionId::Data);
    Ok(output.finish())
}

/// The original globals, then those of [`AddedGlobals`]. The host sets their values; until then nothing can run.
fn globals(module: &Module<'_>) -> wasmparser::Result<GlobalSection> {
    let mut section = GlobalSection::new();
    if let Some(range) = module.sections.get(&(SectionId::Global as u8)) {
        let reader = BinaryReader::new(&module.wasm[range.clone()], range.start);
        for global in wasmparser::GlobalSectionReader::new(reader)?.into_iter_with_offsets() {
            let (offset, global) = global?;
            let init = global.init_expr.get_binary_reader();
            let end = init.original_position() + init.bytes_remaining();
            section.raw(&module.wasm[offset..end]);
        }
    }
    let zeroed = [ValType::I64, ValType::I32];
    for val_type in zeroed {
        let init = if val_type == ValType::I64 {
            wasm_encoder::ConstExpr::i64_const(0)
        } else {
            wasm_encoder::ConstExpr::i32_const(0)
        };
        section.global(
            GlobalType {
                val_type,
                mutable: true,
                shared: false,
            },
            &init,
        );
    }
    Ok(section)
}

fn exports(module: &Module<'_>, added: &AddedGlobals) -> ExportSection {
    let mut section = ExportSection::new();
    for export in &module.exports {
        match (export.name, export.kind) {
            (MEMORY, ExternalKind::Memory) => {
                section.export(MEMORY, ExportKind::Memory, export.index)
            }
            (ENTRYPOINT, ExternalKind::Func) => {
                section.export(ENTRYPOINT, ExportKind::Func, export.index)
            }
            _ => &mut section,
        };
    }
    section.export(INK_LEFT, ExportKind::Global, added.ink);
    section.export(STACK_LEFT, ExportKind::Global, added.stack);
    section
}
