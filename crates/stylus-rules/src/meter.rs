//! What instrumentation will do to one function, before it is done (rules 2.2 to 2.4, 7.2).

use wasmparser::{BinaryReaderError, FunctionBody, Operator};

use crate::module::Module;
use crate::prices::opcode::{BLOCK_HEADER, ends_block, operator_ink};
use crate::stack::StackHeight;

/// Operators that instrumentation adds, by what it adds them to (rules 7.2).
const PER_BLOCK: u64 = 12;
const PER_BULK: u64 = 17;
const PER_ENTRY: u64 = 12;
const PER_RETURN: u64 = 4;
const PER_GROW: u64 = 4;

/// Words of a stack frame beside operands and locals (rules 2.4).
const FRAME_FIXED: u32 = 4;

/// Static facts of one function.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FunctionMeter {
    /// Operators as written.
    pub operators: u64,
    /// Basic blocks in order.
    pub blocks: Vec<Block>,
    /// `memory.fill` and `memory.copy`.
    pub bulk: u64,
    /// `return`, as written.
    pub returns: u64,
    /// `memory.grow`.
    pub grows: u64,
    /// Declared locals.
    pub locals: u32,
    /// Worst operand stack height.
    pub worst_height: u32,
}

/// Static facts of one basic block.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Block {
    /// Ink of its operators and its header.
    pub ink: u64,
    /// Whether anything outside of the function may look at the ink before the next block is charged: it calls, may trap
    /// or leaves the function.
    pub visible: bool,
    /// Whether it must not begin without enough ink: it calls or leaves the function, or it begins the body of a loop,
    /// which might never end.
    pub checked: bool,
}

impl FunctionMeter {
    pub fn new(module: &Module<'_>, body: &FunctionBody<'_>) -> Result<Self, BinaryReaderError> {
        let parameters_of = |index| {
            module
                .types
                .get(index as usize)
                .map(|ty| ty.params.len() as u64)
        };
        let mut meter = Self {
            locals: declared_locals(body)?,
            ..Self::default()
        };
        let mut stack = StackHeight::new(module);
        let mut block = Block::default();
        let mut depth = 0;
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let op = operators.read()?;
            if block.ink == 0 {
                block.ink = BLOCK_HEADER;
                stack.block_header();
            }
            if is_bulk(&op) {
                stack.bulk_preamble();
            }
            stack.operator(&op);
            meter.count(&op);
            block.ink = block.ink.saturating_add(operator_ink(&op, parameters_of));
            let ends = leaves(&op, depth) || operators.eof();
            block.visible |= may_trap(&op) || ends;
            block.checked |= calls(&op) || ends;
            match op {
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => depth += 1,
                Operator::End => depth = depth.saturating_sub(1),
                _ => {}
            }
            if ends_block(&op) {
                meter.blocks.push(block);
                block = Block {
                    checked: matches!(op, Operator::Loop { .. }),
                    ..Block::default()
                };
            }
        }
        meter.worst_height = stack.worst();
        Ok(meter)
    }

    fn count(&mut self, op: &Operator<'_>) {
        self.operators += 1;
        match op {
            Operator::Return => self.returns += 1,
            Operator::MemoryGrow { .. } => self.grows += 1,
            op if is_bulk(op) => self.bulk += 1,
            _ => {}
        }
    }

    /// Operators after instrumentation; `pays_growth` tells whether growth is paid through the host (rules 7.2). The
    /// function's end counts as one more `return`.
    pub fn operators_after(&self, pays_growth: bool) -> u64 {
        let grows = if pays_growth { self.grows } else { 0 };
        let added_return = 1 + PER_RETURN;
        self.operators
            + PER_BLOCK * self.blocks.len() as u64
            + PER_BULK * self.bulk
            + PER_ENTRY
            + added_return
            + PER_RETURN * self.returns
            + PER_GROW * grows
    }

    /// Words that a call takes of the stack depth (rules 2.4).
    pub fn frame_words(&self) -> u32 {
        self.worst_height
            .saturating_add(self.locals)
            .saturating_add(FRAME_FIXED)
    }

    /// Ink of all blocks, each once.
    pub fn static_ink(&self) -> u64 {
        self.blocks
            .iter()
            .fold(0, |sum: u64, block| sum.saturating_add(block.ink))
    }
}

/// Whether the operator gives control to other code, which sees the ink.
fn calls(op: &Operator<'_>) -> bool {
    matches!(
        op,
        Operator::Call { .. } | Operator::CallIndirect { .. } | Operator::MemoryGrow { .. }
    )
}

/// Whether the operator leaves the function; `depth` scopes are open in it.
fn leaves(op: &Operator<'_>, depth: u32) -> bool {
    match op {
        Operator::Return => true,
        Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => {
            *relative_depth == depth
        }
        Operator::BrTable { targets } => {
            let mut labels = targets.targets().map_while(Result::ok);
            targets.default() == depth || labels.any(|label| label == depth)
        }
        _ => false,
    }
}

/// Whether the operator may trap or call. What is not known to be harmless counts as that.
fn may_trap(op: &Operator<'_>) -> bool {
    use Operator::*;
    let harmless = matches!(
        op,
        Nop | Block { .. }
            | Loop { .. }
            | If { .. }
            | Else
            | End
            | Br { .. }
            | BrIf { .. }
            | BrTable { .. }
            | Return
            | Drop
            | Select
            | LocalGet { .. }
            | LocalSet { .. }
            | LocalTee { .. }
            | GlobalGet { .. }
            | GlobalSet { .. }
            | I32Const { .. }
            | I64Const { .. }
            | MemorySize { .. }
            | I32Add
            | I32Sub
            | I32Mul
            | I32And
            | I32Or
            | I32Xor
            | I32Shl
            | I32ShrS
            | I32ShrU
            | I32Rotl
            | I32Rotr
            | I64Add
            | I64Sub
            | I64Mul
            | I64And
            | I64Or
            | I64Xor
            | I64Shl
            | I64ShrS
            | I64ShrU
            | I64Rotl
            | I64Rotr
            | I32Clz
            | I32Ctz
            | I32Popcnt
            | I64Clz
            | I64Ctz
            | I64Popcnt
            | I32Eqz
            | I32Eq
            | I32Ne
            | I32LtS
            | I32LtU
            | I32GtS
            | I32GtU
            | I32LeS
            | I32LeU
            | I32GeS
            | I32GeU
            | I64Eqz
            | I64Eq
            | I64Ne
            | I64LtS
            | I64LtU
            | I64GtS
            | I64GtU
            | I64LeS
            | I64LeU
            | I64GeS
            | I64GeU
            | I32WrapI64
            | I64ExtendI32S
            | I64ExtendI32U
            | I32Extend8S
            | I32Extend16S
            | I64Extend8S
            | I64Extend16S
            | I64Extend32S
    );
    !harmless
}

/// Whether the operator's price depends on a length at run time (rules 2.3).
pub(crate) fn is_bulk(op: &Operator<'_>) -> bool {
    matches!(
        op,
        Operator::MemoryFill { .. } | Operator::MemoryCopy { .. }
    )
}

fn declared_locals(body: &FunctionBody<'_>) -> Result<u32, BinaryReaderError> {
    let mut sum: u32 = 0;
    for group in body.get_locals_reader()? {
        sum = sum.saturating_add(group?.0);
    }
    Ok(sum)
}
