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
    /// Ink of each basic block in order, header included.
    pub blocks: Vec<u64>,
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
        let mut block = 0;
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let op = operators.read()?;
            if block == 0 {
                block = BLOCK_HEADER;
                stack.block_header();
            }
            if is_bulk(&op) {
                stack.bulk_preamble();
            }
            stack.operator(&op);
            meter.count(&op);
            block = block.saturating_add(operator_ink(&op, parameters_of));
            if ends_block(&op) {
                meter.blocks.push(block);
                block = 0;
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
            .fold(0, |sum: u64, block| sum.saturating_add(*block))
    }
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
