//! The EVM: revm, with Stylus programs run where an account's code says so (rules 6, end).

pub mod block_cache;
pub mod frames;
pub mod handler;
pub mod instructions;
pub mod transact;
pub mod tx_state;

use revm::context::{BlockEnv, CfgEnv, Context, Evm, FrameStack, Journal, TxEnv};
use revm::handler::evm::{ContextDbError, FrameInitResult};
use revm::handler::instructions::EthInstructions;
use revm::handler::{EthFrame, EvmTr, FrameInitOrResult, FrameResult, ItemOrResult};
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::interpreter_action::FrameInit;

use crate::engine::profile::Kind;
use crate::precompiles::Precompiles;
use crate::state::State;
pub use tx_state::TxState;

/// Everything that a running transaction works on.
pub type Ctx = Context<BlockEnv, TxEnv, CfgEnv, State, Journal<State>, TxState>;
/// The EVM's instructions over [`Ctx`].
pub type Instructions = EthInstructions<EthInterpreter, Ctx>;
/// One EVM frame; a Stylus program's frame has the same shape, only its interpreter never runs.
pub type Frame = EthFrame<EthInterpreter>;
/// Error of the EVM's machinery, not of a contract.
pub type MachineError = ContextDbError<Ctx>;
type Revm = Evm<Ctx, (), Instructions, Precompiles, Frame>;

/// revm with Stylus.
///
/// While a program runs, the program's store owns the EVM so that host functions reach it; what stays behind then is
/// empty. Moving it is moving one pointer.
#[derive(Debug)]
pub struct StylusEvm(Option<Box<Revm>>);

impl StylusEvm {
    /// An EVM over `ctx`.
    pub fn new(ctx: Ctx, instructions: Instructions, precompiles: Precompiles) -> Self {
        Self(Some(Box::new(Evm::new(ctx, instructions, precompiles))))
    }

    /// Takes the EVM out and leaves an empty shell.
    pub fn lend(&mut self) -> Self {
        Self(self.0.take())
    }

    #[expect(
        clippy::expect_used,
        reason = "the shell is only empty while the one borrower that fills it again runs"
    )]
    fn revm(&self) -> &Revm {
        self.0
            .as_deref()
            .expect("the EVM is lent to a running program")
    }

    #[expect(
        clippy::expect_used,
        reason = "the shell is only empty while the one borrower that fills it again runs"
    )]
    fn revm_mut(&mut self) -> &mut Revm {
        self.0
            .as_deref_mut()
            .expect("the EVM is lent to a running program")
    }

    /// Context and the frame that runs.
    pub fn parts(&mut self) -> (&mut Ctx, &mut Frame) {
        let revm = self.revm_mut();
        (&mut revm.ctx, revm.frame_stack.get())
    }

    /// The state of this transaction beside the journal.
    pub fn tx(&mut self) -> &mut TxState {
        &mut self.revm_mut().ctx.chain
    }
}

impl EvmTr for StylusEvm {
    type Context = Ctx;
    type Instructions = Instructions;
    type Precompiles = Precompiles;
    type Frame = Frame;

    fn all(&self) -> (&Ctx, &Instructions, &Precompiles, &FrameStack<Frame>) {
        self.revm().all()
    }

    fn all_mut(
        &mut self,
    ) -> (
        &mut Ctx,
        &mut Instructions,
        &mut Precompiles,
        &mut FrameStack<Frame>,
    ) {
        self.revm_mut().all_mut()
    }

    fn frame_init(&mut self, input: FrameInit) -> Result<FrameInitResult<'_, Frame>, MachineError> {
        let called = frames::called(&input.frame_input);
        if let ItemOrResult::Result(result) = self.revm_mut().frame_init(input)? {
            if let Some(profile) = &mut self.tx().profile {
                let spent = result.gas().limit() - frames::returned_gas(&result);
                profile.call(Kind::Precompile(called), spent);
            }
            return Ok(ItemOrResult::Result(result));
        }
        frames::open(self);
        Ok(ItemOrResult::Item(self.parts().1))
    }

    fn frame_run(&mut self) -> Result<FrameInitOrResult<Frame>, MachineError> {
        let outcome = frames::run(self)?;
        if let ItemOrResult::Result(result) = &outcome {
            frames::close(self, result);
        }
        Ok(outcome)
    }

    fn frame_return_result(
        &mut self,
        result: FrameResult,
    ) -> Result<Option<FrameResult>, MachineError> {
        self.revm_mut().frame_return_result(result)
    }
}

impl StylusEvm {
    /// Runs a frame that a program asks for, with everything below it, and returns its result.
    pub fn run_nested(
        &mut self,
        input: revm::interpreter::FrameInput,
    ) -> Result<FrameResult, MachineError> {
        let (_, frame) = self.parts();
        let init = FrameInit {
            depth: frame.depth + 1,
            memory: frame.interpreter.memory.new_child_context(),
            frame_input: input,
        };
        let result = self.run_to_end(init);
        let (_, frame) = self.parts();
        frame.interpreter.memory.free_child_context();
        result
    }

    fn run_to_end(&mut self, init: FrameInit) -> Result<FrameResult, MachineError> {
        let base = self.frame_stack().index();
        if let ItemOrResult::Result(result) = self.frame_init(init)? {
            return Ok(result);
        }
        let first = self.frame_stack().index();
        debug_assert_ne!(base, first);
        loop {
            let result = match self.frame_run()? {
                ItemOrResult::Item(init) => match self.frame_init(init)? {
                    ItemOrResult::Item(_) => continue,
                    ItemOrResult::Result(result) => result,
                },
                ItemOrResult::Result(result) if self.frame_stack().index() == first => {
                    self.frame_stack().pop();
                    return Ok(result);
                }
                ItemOrResult::Result(result) => result,
            };
            self.frame_return_result(result)?;
        }
    }
}
