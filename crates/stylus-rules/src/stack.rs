//! Operand stack heights, counted linearly over a function's operators (rules 2.4).

use wasmparser::{BlockType, Operator};

use crate::module::Module;

/// Runs along a function's operators and remembers the worst height.
///
/// The operators that instrumentation adds are given by [`Self::block_header`] and [`Self::bulk_preamble`]; those of the
/// stack check itself do not count.
pub(crate) struct StackHeight<'m> {
    module: &'m Module<'m>,
    height: u32,
    worst: u32,
    scopes: Vec<u32>,
}

impl<'m> StackHeight<'m> {
    pub fn new(module: &'m Module<'m>) -> Self {
        Self {
            module,
            height: 0,
            worst: 0,
            scopes: Vec::new(),
        }
    }

    /// Highest number of operands so far.
    pub fn worst(&self) -> u32 {
        self.worst
    }

    /// The charge before a block has two operands above the height.
    pub fn block_header(&mut self) {
        self.push(2);
        self.pop(2);
    }

    /// The charge before `memory.fill` or `memory.copy` puts the length aside, has four operands above the rest, and
    /// brings the length back. (Rules 2.4 say three; the node's recorded frames show four.)
    pub fn bulk_preamble(&mut self) {
        self.pop(1);
        self.push(4);
        self.pop(3);
    }

    /// One operator of the original function.
    pub fn operator(&mut self, op: &Operator<'_>) {
        use Operator::*;
        match op {
            Block { blockty } | Loop { blockty } => self.open(*blockty),
            If { blockty } => {
                self.pop(1);
                self.open(*blockty);
            }
            Else => self.height = self.scopes.last().copied().unwrap_or(0),
            End => self.height = self.scopes.pop().unwrap_or(0),
            Call { function_index } => {
                let signature = self.module.function_signature(*function_index);
                self.push(signature.results.len() as u32);
                self.pop(signature.params.len() as u32);
            }
            CallIndirect { type_index, .. } => {
                let signature = self.module.signature(*type_index);
                self.push(signature.results.len() as u32);
                self.pop(signature.params.len() as u32 + 1);
            }
            simple => match effect(simple) {
                Effect::Push => self.push(1),
                Effect::Keep => {}
                Effect::Pop(count) => self.pop(count),
            },
        }
    }

    /// Results stand on the stack from a block's start on (rules 2.4).
    fn open(&mut self, ty: BlockType) {
        match ty {
            BlockType::Empty => {}
            BlockType::Type(_) => self.push(1),
            BlockType::FuncType(index) => {
                let signature = self.module.signature(index);
                self.push(signature.results.len() as u32);
                self.pop(signature.params.len() as u32);
            }
        }
        self.scopes.push(self.height);
    }

    fn push(&mut self, count: u32) {
        self.height = self.height.saturating_add(count);
        self.worst = self.worst.max(self.height);
    }

    fn pop(&mut self, count: u32) {
        self.height = self.height.saturating_sub(count);
    }
}

enum Effect {
    Push,
    Keep,
    Pop(u32),
}

/// Net effect of an operator that is neither control nor call (rules 2.4). Operators that the chain refuses anyway count
/// as [`Effect::Keep`].
fn effect(op: &Operator<'_>) -> Effect {
    use Operator::*;
    match op {
        I32Const { .. } | I64Const { .. } | F32Const { .. } | F64Const { .. } => Effect::Push,
        LocalGet { .. } | GlobalGet { .. } | MemorySize { .. } => Effect::Push,

        I32Add | I32Sub | I32Mul | I32DivS | I32DivU | I32RemS | I32RemU => Effect::Pop(1),
        I32And | I32Or | I32Xor | I32Shl | I32ShrS | I32ShrU | I32Rotl | I32Rotr => Effect::Pop(1),
        I64Add | I64Sub | I64Mul | I64DivS | I64DivU | I64RemS | I64RemU => Effect::Pop(1),
        I64And | I64Or | I64Xor | I64Shl | I64ShrS | I64ShrU | I64Rotl | I64Rotr => Effect::Pop(1),
        I32Eq | I32Ne | I32LtS | I32LtU | I32GtS | I32GtU | I32LeS | I32LeU | I32GeS | I32GeU => {
            Effect::Pop(1)
        }
        I64Eq | I64Ne | I64LtS | I64LtU | I64GtS | I64GtU | I64LeS | I64LeU | I64GeS | I64GeU => {
            Effect::Pop(1)
        }
        Drop | BrIf { .. } | BrTable { .. } | LocalSet { .. } | GlobalSet { .. } => Effect::Pop(1),

        Select => Effect::Pop(2),
        I32Store { .. } | I32Store8 { .. } | I32Store16 { .. } => Effect::Pop(2),
        I64Store { .. } | I64Store8 { .. } | I64Store16 { .. } | I64Store32 { .. } => {
            Effect::Pop(2)
        }
        F32Store { .. } | F64Store { .. } => Effect::Pop(2),

        MemoryFill { .. } | MemoryCopy { .. } => Effect::Pop(3),
        _ => Effect::Keep,
    }
}
