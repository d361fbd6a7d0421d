//! What is put between the operators of one function.
//!
//! The ink stands in a local while a function runs, and in the exported global wherever anything outside can look: before
//! a call, a trap or the function's end it is stored there, after a call it is loaded from there. In between the charges
//! only subtract, and the ink may fall below 0: nobody can tell when a frame that loses everything has lost it. It is
//! looked at before every call and every end of a function, at every turn of a loop, and by the host after a trap.
//!
//! Code that ends with the ink lies once at the function's end: the body stands in a block of its own, whose label the
//! charges branch to.

use wasm_encoder::{BlockType, Encode, Instruction, ValType};
use wasmparser::{FunctionBody, Operator};

use super::hooks::Hooks;
use super::{Form, MAX_INK};
use crate::meter::{Block, FunctionMeter, is_bulk};
use crate::module::Module;
use crate::prices::hostio::PAY_FOR_MEMORY_GROW;
use crate::prices::opcode::{BULK_BYTE, ends_block};

/// Blocks dearer than this hold an operator that must never run.
const MAX_CHARGE: u64 = MAX_INK;

/// Indices of the globals that instrumentation adds. (The chain's own form adds four, which count in its figures.)
pub(super) struct AddedGlobals {
    pub ink: u32,
    pub stack: u32,
}

pub(super) struct Emitter<'m> {
    module: &'m Module<'m>,
    form: Form,
    pub globals: AddedGlobals,
    hooks: Hooks,
    /// Function index of the host function to call before memory grows, if growth is paid.
    pay_for_growth: Option<u32>,
    /// Blocks of the functions written so far: a profiler counts them through the module.
    blocks: u32,
}

impl<'m> Emitter<'m> {
    pub fn new(module: &'m Module<'m>, form: Form) -> Self {
        let first = module.global_count;
        let pay = module
            .imports
            .iter()
            .position(|import| import.name == PAY_FOR_MEMORY_GROW);
        Self {
            module,
            form,
            globals: AddedGlobals {
                ink: first,
                stack: first + 1,
            },
            hooks: Hooks::of(module),
            pay_for_growth: pay.filter(|_| module.grows()).map(|index| index as u32),
            blocks: 0,
        }
    }

    /// A function by its index among the bodies: its locals and one for the ink, the stack check, then block by block the
    /// charge and the operators.
    pub fn function(&mut self, index: usize, meter: &FunctionMeter) -> wasmparser::Result<Vec<u8>> {
        let body = &self.module.bodies[index];
        if self.form == Form::Bare {
            return Ok(body.as_bytes().to_vec());
        }
        let params = self
            .module
            .function_signature(self.module.imported_functions() + index as u32)
            .params
            .len() as u32;
        let first = params + meter.locals;
        let mut writer = Writer {
            emitter: self,
            code: locals(body, meter)?,
            ink: first,
            scratch: first + 1,
            frame: meter.frame_words(),
            depth: 0,
            block: 0,
        };
        writer.body(body, meter)?;
        let code = writer.code;
        self.blocks += meter.blocks.len() as u32;
        Ok(code)
    }
}

/// The declared locals, one for the ink and, where a length or a number of pages is put aside, one for that.
fn locals(body: &FunctionBody<'_>, meter: &FunctionMeter) -> wasmparser::Result<Vec<u8>> {
    let declared = body.get_locals_reader()?;
    let scratch = meter.bulk + meter.grows > 0;
    let mut code = Vec::new();
    (declared.get_count() + 1 + u32::from(scratch)).encode(&mut code);
    for group in declared {
        let (count, ty) = group?;
        count.encode(&mut code);
        number(ty).encode(&mut code);
    }
    1_u32.encode(&mut code);
    ValType::I64.encode(&mut code);
    if scratch {
        1_u32.encode(&mut code);
        ValType::I32.encode(&mut code);
    }
    Ok(code)
}

/// The only types of values that the features of the chain allow.
fn number(ty: wasmparser::ValType) -> ValType {
    match ty {
        wasmparser::ValType::I64 => ValType::I64,
        wasmparser::ValType::F32 => ValType::F32,
        wasmparser::ValType::F64 => ValType::F64,
        _ => ValType::I32,
    }
}

/// The code of one function in the making.
struct Writer<'e, 'm> {
    emitter: &'e Emitter<'m>,
    code: Vec<u8>,
    /// Local that holds the ink.
    ink: u32,
    /// Local for a length or a number of pages, where the function has any.
    scratch: u32,
    /// Words of stack depth that the function takes.
    frame: u32,
    /// Scopes open in the body, the function's own not counted.
    depth: u32,
    /// The block that is being written, counted through the module.
    block: u32,
}

impl Writer<'_, '_> {
    fn body(&mut self, body: &FunctionBody<'_>, meter: &FunctionMeter) -> wasmparser::Result<()> {
        let bytes = body.as_bytes();
        let base = body.range().start;
        let mut operators = body.get_operators_reader()?;
        self.enter();
        let mut blocks = meter.blocks.iter().zip(self.emitter.blocks..);
        let mut at_start = true;
        while !operators.eof() {
            let (op, start) = operators.read_with_offset()?;
            let source = &bytes[start - base..operators.original_position() - base];
            if at_start && let Some((block, number)) = blocks.next() {
                self.block = number;
                self.charge_block(block);
            }
            at_start = ends_block(&op);
            if operators.eof() {
                self.finish();
            } else {
                self.operator(&op, source);
            }
        }
        Ok(())
    }

    /// One operator of the original with what belongs before and after it.
    fn operator(&mut self, op: &Operator<'_>, source: &[u8]) {
        match op {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => self.depth += 1,
            Operator::End => self.depth -= 1,
            Operator::Return => self.leave(),
            Operator::MemoryGrow { .. } => self.pay_growth(),
            op if is_bulk(op) => self.charge_bytes(),
            _ => {}
        }
        match op {
            Operator::Br { relative_depth } => {
                self.put(&[Instruction::Br(self.label(*relative_depth))])
            }
            Operator::BrIf { relative_depth } => {
                self.put(&[Instruction::BrIf(self.label(*relative_depth))]);
            }
            Operator::BrTable { targets } => {
                let labels = targets.targets().map_while(Result::ok);
                let labels: Vec<u32> = labels.map(|label| self.label(label)).collect();
                let default = self.label(targets.default());
                self.put(&[Instruction::BrTable(labels.into(), default)]);
            }
            _ => self.code.extend_from_slice(source),
        }
        if matches!(op, Operator::Call { .. } | Operator::CallIndirect { .. }) {
            self.load_ink();
            self.tell(self.emitter.hooks.back);
        }
    }

    /// A label of the original: the function's own lies one further out.
    fn label(&self, relative: u32) -> u32 {
        relative + u32::from(relative == self.depth)
    }

    /// Takes a frame of the stack depth, or traps with none left (rules 2.4); opens the block that charges can leave.
    fn enter(&mut self) {
        let stack = self.emitter.globals.stack;
        let words = Instruction::I32Const(self.frame.cast_signed());
        self.put(&[
            Instruction::GlobalGet(stack),
            words.clone(),
            Instruction::I32LeU,
            Instruction::If(BlockType::Empty),
            Instruction::I32Const(0),
            Instruction::GlobalSet(stack),
            Instruction::Unreachable,
            Instruction::End,
            Instruction::GlobalGet(stack),
            words,
            Instruction::I32Sub,
            Instruction::GlobalSet(stack),
        ]);
        self.load_ink();
        self.put(&[Instruction::Block(BlockType::Empty)]);
    }

    /// Gives the frame back. A branch to the function's own label passes this by, as on the chain.
    fn leave(&mut self) {
        let stack = self.emitter.globals.stack;
        self.put(&[
            Instruction::GlobalGet(stack),
            Instruction::I32Const(self.frame.cast_signed()),
            Instruction::I32Add,
            Instruction::GlobalSet(stack),
        ]);
    }

    /// The end of the body, and behind it where charges go that cannot be paid.
    fn finish(&mut self) {
        self.leave();
        self.put(&[
            Instruction::Return,
            Instruction::End,
            Instruction::I64Const(-1),
            Instruction::GlobalSet(self.emitter.globals.ink),
            Instruction::Unreachable,
            Instruction::End,
        ]);
    }

    /// Ink of a block, before its first operator (rules 2.2).
    fn charge_block(&mut self, block: &Block) {
        self.tell(self.emitter.hooks.block);
        let profiled = self.emitter.form == Form::Profiled;
        let cost = Instruction::I64Const(block.ink.min(MAX_CHARGE).cast_signed());
        if block.checked || block.ink > MAX_CHARGE || profiled {
            self.exhaust_below(cost.clone());
        }
        self.put(&[
            Instruction::LocalGet(self.ink),
            cost,
            Instruction::I64Sub,
            Instruction::LocalSet(self.ink),
        ]);
        if block.visible || profiled {
            self.store_ink();
        }
    }

    /// Ink by the length on top of the stack (rules 2.3).
    fn charge_bytes(&mut self) {
        self.put(&[
            Instruction::LocalSet(self.scratch),
            Instruction::LocalGet(self.ink),
            Instruction::LocalGet(self.scratch),
            Instruction::I64ExtendI32U,
            Instruction::I64Const(BULK_BYTE.cast_signed()),
            Instruction::I64Mul,
            Instruction::I64Sub,
            Instruction::LocalSet(self.ink),
        ]);
        self.exhaust_below(Instruction::I64Const(0));
        self.store_ink();
        self.put(&[Instruction::LocalGet(self.scratch)]);
    }

    /// Ends with the ink if there is less than this.
    fn exhaust_below(&mut self, cost: Instruction<'_>) {
        self.put(&[
            Instruction::LocalGet(self.ink),
            cost,
            Instruction::I64LtS,
            Instruction::BrIf(self.depth),
        ]);
    }

    /// The host is paid for the pages on top of the stack (rules 2.3).
    fn pay_growth(&mut self) {
        let Some(pay) = self.emitter.pay_for_growth else {
            return;
        };
        self.put(&[
            Instruction::LocalTee(self.scratch),
            Instruction::Call(pay),
            Instruction::LocalGet(self.scratch),
        ]);
        self.load_ink();
    }

    /// Calls a profiler's hook, where there is one, with the present block.
    fn tell(&mut self, hook: u32) {
        if self.emitter.form == Form::Profiled {
            let block = Instruction::I32Const(self.block.cast_signed());
            self.put(&[block, Instruction::Call(hook)]);
        }
    }

    /// Now others may look.
    fn store_ink(&mut self) {
        self.put(&[
            Instruction::LocalGet(self.ink),
            Instruction::GlobalSet(self.emitter.globals.ink),
        ]);
    }

    /// What a callee or the host has left.
    fn load_ink(&mut self) {
        self.put(&[
            Instruction::GlobalGet(self.emitter.globals.ink),
            Instruction::LocalSet(self.ink),
        ]);
    }

    fn put(&mut self, instructions: &[Instruction<'_>]) {
        for instruction in instructions {
            instruction.encode(&mut self.code);
        }
    }
}
