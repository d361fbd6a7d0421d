//! Metering by instrumentation (rules 2): a plain wasm engine runs the result and stops by itself when ink or stack
//! depth ends.
//!
//! Operators are copied byte by byte from the original; what is put between them is encoded here. Order, as the chain's:
//! ink of each block, ink by length, payment of memory growth, stack depth.

use wasm_encoder::{
    CodeSection, ExportKind, ExportSection, GlobalSection, GlobalType, Instruction,
    Module as Output, RawSection, SectionId, ValType,
};
use wasmparser::{BinaryReader, ExternalKind, FunctionBody, Operator};

use crate::activate::{ActivationContext, Refusal, prepare};
use crate::meter::{FunctionMeter, is_bulk};
use crate::module::Module;
use crate::prices::hostio::PAY_FOR_MEMORY_GROW;
use crate::prices::opcode::{BULK_BYTE, ends_block};
use crate::validate::{self, check_operators};

/// Exported global, mutable i64: ink that is left; the host sets it before and reads it after a call, and charges host
/// functions from it. Meaningless, to be taken as 0, once [`INK_STATUS`] is 1.
pub const INK_LEFT: &str = "stylus_ink_left";
/// Exported global, mutable i32: 1 once ink has run out inside wasm.
pub const INK_STATUS: &str = "stylus_ink_status";
/// Exported global, mutable i32: words of stack depth left; 0 once they have run out.
pub const STACK_LEFT: &str = "stylus_stack_left";
/// Exported memory.
pub const MEMORY: &str = validate::MEMORY;
/// Exported entry point, (i32 length of the calldata) -> (i32 status).
pub const ENTRYPOINT: &str = validate::ENTRYPOINT;

/// A metered module. It exports [`MEMORY`], [`ENTRYPOINT`], [`INK_LEFT`], [`INK_STATUS`] and [`STACK_LEFT`], nothing else.
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
    /// Words that each call takes of the stack depth.
    pub frame_words: u32,
    /// Ink of all its blocks, each once.
    pub static_ink: u64,
}

/// Checks and meters a module as activation does, without computing costs.
pub fn instrument(wasm: &[u8], context: &ActivationContext) -> Result<Instrumented, Refusal> {
    let (module, meters) = prepare(wasm, context)?;
    for body in 0..module.bodies.len() {
        check_operators(&module, body)?;
    }
    emit(&module, &meters)
}

/// Writes the metered form of a checked module.
pub(crate) fn emit(module: &Module<'_>, meters: &[FunctionMeter]) -> Result<Instrumented, Refusal> {
    let emitter = Emitter::new(module);
    let mut code = CodeSection::new();
    for (body, meter) in module.bodies.iter().zip(meters) {
        code.raw(&emitter.function(body, meter).map_err(Refusal::invalid)?);
    }
    let first = module.imported_functions();
    let functions = meters
        .iter()
        .zip(first..)
        .map(|(meter, index)| FunctionFacts {
            index,
            name: module
                .function_names
                .get(&index)
                .map(|name| (*name).to_owned()),
            operators: meter.operators,
            metered_operators: meter.operators_after(module.grows()),
            frame_words: meter.frame_words(),
            static_ink: meter.static_ink(),
        });
    Ok(Instrumented {
        bytes: assemble(module, &emitter.globals, &code).map_err(Refusal::invalid)?,
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

/// The original globals, then the four of [`AddedGlobals`]. The host sets their values; until then nothing can run.
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
    let zeroed = [ValType::I64, ValType::I32, ValType::I32, ValType::I32];
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
    section.export(INK_STATUS, ExportKind::Global, added.status);
    section.export(STACK_LEFT, ExportKind::Global, added.stack);
    section
}

/// Indices of the globals that instrumentation adds, in the chain's order (rules 2.2).
struct AddedGlobals {
    ink: u32,
    status: u32,
    scratch: u32,
    stack: u32,
}

struct Emitter {
    globals: AddedGlobals,
    /// Function index of the host function to call before memory grows, if growth is paid.
    pay_for_growth: Option<u32>,
}

impl Emitter {
    fn new(module: &Module<'_>) -> Self {
        let first = module.global_count;
        let pay = module
            .imports
            .iter()
            .position(|import| import.name == PAY_FOR_MEMORY_GROW);
        Self {
            globals: AddedGlobals {
                ink: first,
                status: first + 1,
                scratch: first + 2,
                stack: first + 3,
            },
            pay_for_growth: pay.filter(|_| module.grows()).map(|index| index as u32),
        }
    }

    /// The body of one function: its locals, the stack check, then block by block the charge and the operators.
    fn function(
        &self,
        body: &FunctionBody<'_>,
        meter: &FunctionMeter,
    ) -> wasmparser::Result<Vec<u8>> {
        let frame = meter.frame_words();
        let bytes = body.as_bytes();
        let base = body.range().start;
        let mut operators = body.get_operators_reader()?;
        let mut sink = Sink(bytes[..operators.original_position() - base].to_vec());
        self.enter(&mut sink, frame);
        let mut blocks = meter.blocks.iter();
        let mut at_start = true;
        while !operators.eof() {
            let (op, start) = operators.read_with_offset()?;
            if at_start && let Some(cost) = blocks.next() {
                self.charge_block(&mut sink, *cost);
            }
            self.before(&mut sink, &op, frame, operators.eof());
            sink.0
                .extend_from_slice(&bytes[start - base..operators.original_position() - base]);
            at_start = ends_block(&op);
        }
        Ok(sink.0)
    }

    /// What goes directly before an operator.
    fn before(&self, sink: &mut Sink, op: &Operator<'_>, frame: u32, last: bool) {
        match op {
            op if is_bulk(op) => self.charge_bytes(sink),
            Operator::MemoryGrow { .. } => self.pay_growth(sink),
            Operator::Return => self.leave(sink, frame),
            Operator::End if last => {
                self.leave(sink, frame);
                sink.put(&[Instruction::Return]);
            }
            _ => {}
        }
    }

    /// Ink of a block, before its first operator (rules 2.2).
    fn charge_block(&self, sink: &mut Sink, cost: u64) {
        let cost = Instruction::I64Const(cost.cast_signed());
        sink.put(&[
            Instruction::GlobalGet(self.globals.ink),
            cost.clone(),
            Instruction::I64LtU,
        ]);
        self.exhaust_if(sink);
        sink.put(&[
            Instruction::GlobalGet(self.globals.ink),
            cost,
            Instruction::I64Sub,
            Instruction::GlobalSet(self.globals.ink),
        ]);
    }

    /// Ink by the length on top of the stack (rules 2.3): subtracts, and finds the ink exhausted if it has wrapped.
    fn charge_bytes(&self, sink: &mut Sink) {
        let AddedGlobals { ink, scratch, .. } = self.globals;
        sink.put(&[
            Instruction::GlobalSet(scratch),
            Instruction::GlobalGet(ink),
            Instruction::GlobalGet(ink),
            Instruction::GlobalGet(scratch),
            Instruction::I64ExtendI32U,
            Instruction::I64Const(BULK_BYTE.cast_signed()),
            Instruction::I64Mul,
            Instruction::I64Sub,
            Instruction::GlobalSet(ink),
            Instruction::GlobalGet(ink),
            Instruction::I64LtU,
        ]);
        self.exhaust_if(sink);
        sink.put(&[Instruction::GlobalGet(scratch)]);
    }

    /// Consumes a condition; if it holds, marks the ink as exhausted and traps.
    fn exhaust_if(&self, sink: &mut Sink) {
        sink.trap_if(self.globals.status, 1);
    }

    /// The host is paid for the pages on top of the stack (rules 2.3).
    fn pay_growth(&self, sink: &mut Sink) {
        let Some(pay) = self.pay_for_growth else {
            return;
        };
        let scratch = self.globals.scratch;
        sink.put(&[
            Instruction::GlobalSet(scratch),
            Instruction::GlobalGet(scratch),
            Instruction::Call(pay),
            Instruction::GlobalGet(scratch),
        ]);
    }

    /// Takes a frame of the stack depth, or traps with none left (rules 2.4).
    fn enter(&self, sink: &mut Sink, words: u32) {
        let stack = self.globals.stack;
        let words = Instruction::I32Const(words.cast_signed());
        sink.put(&[
            Instruction::GlobalGet(stack),
            words.clone(),
            Instruction::I32LeU,
        ]);
        sink.trap_if(stack, 0);
        sink.put(&[
            Instruction::GlobalGet(stack),
            words,
            Instruction::I32Sub,
            Instruction::GlobalSet(stack),
        ]);
    }

    /// Gives the frame back. A branch to the function's own label passes this by, as on the chain.
    fn leave(&self, sink: &mut Sink, words: u32) {
        let stack = self.globals.stack;
        let words = Instruction::I32Const(words.cast_signed());
        sink.put(&[
            Instruction::GlobalGet(stack),
            words,
            Instruction::I32Add,
            Instruction::GlobalSet(stack),
        ]);
    }
}

/// Bytes of a function body.
struct Sink(Vec<u8>);

impl Sink {
    fn put(&mut self, instructions: &[Instruction<'_>]) {
        for instruction in instructions {
            wasm_encoder::Encode::encode(instruction, &mut self.0);
        }
    }

    /// Consumes a condition; if it holds, sets a global and traps.
    fn trap_if(&mut self, global: u32, value: i32) {
        self.put(&[
            Instruction::If(wasm_encoder::BlockType::Empty),
            Instruction::I32Const(value),
            Instruction::GlobalSet(global),
            Instruction::Unreachable,
            Instruction::End,
        ]);
    }
}
