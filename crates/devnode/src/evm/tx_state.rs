//! What a transaction keeps beside the journal: memory pages, open frames, the trace.

use std::sync::Arc;

use revm::handler::FrameData;
use revm::interpreter::FrameInput;
use revm::primitives::{Address, AddressMap};
use stylus_rules::pages;
use stylus_rules::params::StylusParams;

use super::block_cache::BlockCache;
use crate::arbos::ArbosVersion;
use crate::engine::Engine;
use crate::engine::outcome::ProgramFrame;
use crate::engine::profile::Profile;
use crate::engine::trace::Trace;

/// Memory pages of a transaction's programs (rules 5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// Pages that running programs hold.
    pub open: u16,
    /// Most pages that were ever held at once.
    pub ever: u16,
}

impl Pages {
    /// Gas of `new` more pages.
    pub fn cost(&self, new: u16, params: &StylusParams) -> u64 {
        pages::cost(new, self.open, self.ever, params)
    }

    /// Takes `new` more pages.
    pub fn add(&mut self, new: u16) {
        self.open = self.open.saturating_add(new);
        self.ever = self.ever.max(self.open);
    }
}

/// Facts of the block and the chain that the EVM's own environment has no place for.
#[derive(Clone, Debug)]
pub struct ArbEnv {
    /// ArbOS version of the block.
    pub arbos: ArbosVersion,
    /// Number of the L2 block; the EVM's block number is that of L1.
    pub l2_block: u64,
    /// Base fee of the block, also where a call sees 0 because it offers no price.
    pub base_fee: u64,
    /// Whether debug precompiles and debug host functions exist.
    pub debug: bool,
    /// Most gas that the execution sees, beside the intrinsic gas.
    pub gas_cap: u64,
    /// Gas of the transaction's L1 data (rules 16).
    pub l1_gas: u64,
}

/// What is noted while a transaction runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// Nothing but its result.
    Nothing,
    /// The host functions that its programs call.
    HostCalls,
    /// Where its ink goes; outside of programs `price` ink are one gas.
    Ink {
        /// Ink per gas.
        price: u32,
    },
}

/// The state of one transaction beside the journal.
#[derive(Debug)]
pub struct TxState {
    /// Facts of the block and the chain.
    pub env: ArbEnv,
    /// Compiled programs.
    pub engine: Arc<Engine>,
    /// Memory pages of this transaction.
    pub pages: Pages,
    /// Programs called in this block. A block holds one transaction, so this begins empty.
    pub block_cache: BlockCache,
    /// Host functions called, if a trace was asked for.
    pub trace: Option<Trace>,
    /// Where ink goes, if a profile was asked for.
    pub profile: Option<Profile>,
    /// What the program frame that ended last was charged, for `replay`.
    pub last_program: Option<ProgramFrame>,
    /// Gas that the transaction's cap keeps from its execution; it comes back at the end.
    pub held_gas: u64,
    /// Why the outermost failure happened, in words, where the EVM has no word for it.
    pub failure: Option<String>,
    /// Open frames by the account that they act as.
    acting: AddressMap<u32>,
    /// Who called each of the open frames, the outermost first.
    callers: Vec<Address>,
}

impl TxState {
    /// The state of a transaction that has done nothing yet.
    pub fn new(env: ArbEnv, engine: Arc<Engine>, watch: Watch) -> Self {
        Self {
            env,
            engine,
            pages: Pages::default(),
            block_cache: BlockCache::default(),
            trace: (watch == Watch::HostCalls).then(Trace::default),
            profile: match watch {
                Watch::Ink { price } => Some(Profile::new(price)),
                Watch::Nothing | Watch::HostCalls => None,
            },
            last_program: None,
            held_gas: 0,
            failure: None,
            acting: AddressMap::default(),
            callers: Vec::new(),
        }
    }

    /// Counts a frame that begins.
    pub fn open_frame(&mut self, input: &FrameInput, data: &FrameData) {
        self.callers.push(caller(input));
        if let Some(address) = acts_as(input, data) {
            *self.acting.entry(address).or_default() += 1;
        }
    }

    /// Counts a frame that ends.
    pub fn close_frame(&mut self, input: &FrameInput, data: &FrameData) {
        self.callers.pop();
        if let Some(count) = acts_as(input, data).and_then(|address| self.acting.get_mut(&address))
        {
            *count = count.saturating_sub(1);
        }
    }

    /// Whether more than one open frame acts as `address` (rules 4, `msg_reentrant`).
    pub fn is_reentered(&self, address: Address) -> bool {
        self.acting.get(&address).is_some_and(|count| *count > 1)
    }

    /// Who called the frame that runs; nobody if none does, as when a precompile is called by a transaction.
    pub fn caller(&self) -> Address {
        self.callers.last().copied().unwrap_or_default()
    }

    /// Notes why a frame failed; the text of the last one stands.
    pub fn fail(&mut self, reason: impl Into<String>) {
        self.failure = Some(reason.into());
    }
}

fn caller(input: &FrameInput) -> Address {
    match input {
        FrameInput::Call(call) => call.caller,
        FrameInput::Create(create) => create.caller(),
        FrameInput::Empty => Address::ZERO,
    }
}

/// The account that a frame acts as by its own right; delegate calls borrow their caller's.
fn acts_as(input: &FrameInput, data: &FrameData) -> Option<Address> {
    match (input, data) {
        (FrameInput::Call(call), _)
            if call.scheme.is_delegate_call() || call.scheme.is_call_code() =>
        {
            None
        }
        (FrameInput::Call(call), _) => Some(call.target_address),
        (_, FrameData::Create(create)) => Some(create.created_address),
        _ => None,
    }
}
