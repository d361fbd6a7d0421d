//! Where a transaction's ink goes: by program, wasm function, basic block and host function, for each way of getting
//! there.
//!
//! Programs run in the form that calls the hooks below at every block (`stylus_rules::instrument::Form::Profiled`).
//! Between two events ink can only have gone to what ran between them, so all of it is accounted for and the sum is the
//! transaction's gas.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use revm::primitives::{Address, B256};
use stylus_rules::instrument::{BACK_HOOK, BLOCK_HOOK, HOOKS};
use stylus_rules::prices::gas_to_ink;
use wasmtime::{Caller, Linker};

use super::host::Host;

/// Places of a profile: beyond so many, what is called counts for its caller.
const MAX_NODES: usize = 50_000;
/// Blocks of all places: those beyond are not told apart.
const MAX_BLOCKS: usize = 500_000;

/// What a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The transaction; its own ink is the intrinsic gas and the gas of L1 data.
    Transaction,
    /// A Stylus program; its own ink is what rounding to gas takes, and its return data where that is dearer.
    Program(Address, B256),
    /// A contract of EVM code, or code that creates one.
    Contract(Address),
    /// A precompiled contract.
    Precompile(Address),
    /// A wasm function, by its index in the module.
    Function(u32),
    /// A host function; its own ink is its price without what it called.
    Host(&'static str),
    /// The price of starting a program.
    Start,
    /// The price of the pages that a program's memory begins with.
    Memory,
    /// What a frame had left when it ran out of ink or stack depth.
    Lost,
}

/// One way of getting to a place, and what was paid there.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Where it was called from; the transaction's own for the transaction.
    pub parent: usize,
    /// How often.
    pub calls: u64,
    /// Ink paid here, not by what was called from here.
    pub ink: u64,
    /// Of a function: times and ink of each of its basic blocks, as the module counts them.
    pub blocks: BTreeMap<u32, (u64, u64)>,
}

/// A frame that runs.
#[derive(Clone, Debug)]
struct Frame {
    node: usize,
    /// Gas that it began with.
    gas: u64,
    /// All ink that is accounted for below it.
    accounted: u64,
    /// Of a program: the first block of each function, and the functions that run, with the block that each is in.
    starts: Arc<[u32]>,
    running: Vec<(usize, u32)>,
    /// Ink at the last event.
    ink: u64,
}

/// A profile in the making.
#[derive(Clone, Debug)]
pub struct Profile {
    /// All places, callers before what they call.
    pub nodes: Vec<Node>,
    children: HashMap<(usize, Kind), usize>,
    blocks: usize,
    frames: Vec<Frame>,
    /// Ink per gas outside of programs.
    ink_price: u32,
    /// Whether places were left out.
    pub truncated: bool,
}

impl Profile {
    /// The profile of a transaction that has done nothing yet.
    pub fn new(ink_price: u32) -> Self {
        let mut profile = Self {
            nodes: Vec::new(),
            children: HashMap::new(),
            blocks: 0,
            frames: Vec::new(),
            ink_price,
            truncated: false,
        };
        profile.nodes.push(Node::new(Kind::Transaction, 0));
        profile.nodes[0].calls = 1;
        profile
    }

    /// Ink per gas.
    pub const fn ink_price(&self) -> u32 {
        self.ink_price
    }

    /// The place that runs: the innermost function or frame.
    fn here(&self) -> usize {
        let Some(frame) = self.frames.last() else {
            return 0;
        };
        frame.running.last().map_or(frame.node, |(node, _)| *node)
    }

    fn child(&mut self, parent: usize, kind: Kind) -> usize {
        if let Some(known) = self.children.get(&(parent, kind)) {
            return *known;
        }
        if self.nodes.len() >= MAX_NODES {
            self.truncated = true;
            return parent;
        }
        self.nodes.push(Node::new(kind, parent));
        self.children.insert((parent, kind), self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    /// Ink paid at a place of its own below `parent`.
    fn leaf(&mut self, parent: usize, kind: Kind, ink: u64) {
        if ink > 0 {
            let node = self.child(parent, kind);
            self.nodes[node].calls += 1;
            self.nodes[node].ink += ink;
        }
    }

    /// A frame of the EVM begins: a contract's, or what may turn out to be a program's.
    pub fn open(&mut self, kind: Kind, gas: u64) {
        let node = self.child(self.here(), kind);
        self.nodes[node].calls += 1;
        self.frames.push(Frame {
            node,
            gas,
            accounted: 0,
            starts: Arc::new([]),
            running: Vec::new(),
            ink: 0,
        });
    }

    /// The frame that was opened last ends with so much gas; what nothing else accounts for was its own.
    pub fn close(&mut self, gas_left: u64) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        let total = gas_to_ink(frame.gas.saturating_sub(gas_left), self.ink_price);
        self.nodes[frame.node].ink += total.saturating_sub(frame.accounted);
        self.account(total);
    }

    /// A call that opens no frame, such as that of a precompiled contract.
    pub fn call(&mut self, kind: Kind, gas: u64) {
        self.open(kind, gas);
        self.close(0);
    }

    fn account(&mut self, ink: u64) {
        if let Some(frame) = self.frames.last_mut() {
            frame.accounted = frame.accounted.saturating_add(ink);
        }
    }

    /// The frame is a program's, started for this gas and with this ink; `starts` are its functions' first blocks.
    pub fn start(&mut self, start_gas: u64, memory_gas: u64, ink: u64, starts: &Arc<[u32]>) {
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        frame.ink = ink;
        frame.starts = Arc::clone(starts);
        let node = frame.node;
        for (kind, gas) in [(Kind::Start, start_gas), (Kind::Memory, memory_gas)] {
            let ink = gas_to_ink(gas, self.ink_price);
            self.leaf(node, kind, ink);
            self.account(ink);
        }
    }

    /// The program has ended and leaves so much ink, or loses it all.
    pub fn end(&mut self, ink_left: u64, lost: bool) {
        if !lost {
            self.spend(ink_left);
        }
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        frame.running.clear();
        if lost {
            let (node, rest) = (frame.node, std::mem::take(&mut frame.ink));
            self.leaf(node, Kind::Lost, rest);
            self.account(rest);
        }
    }

    /// What went since the last event is the running block's.
    fn spend(&mut self, ink_left: u64) {
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        let spent = frame.ink.saturating_sub(ink_left);
        frame.ink = ink_left;
        frame.accounted = frame.accounted.saturating_add(spent);
        let Some((node, block)) = frame.running.last() else {
            self.nodes[frame.node].ink += spent;
            return;
        };
        let node = &mut self.nodes[*node];
        node.ink += spent;
        if let Some((_, ink)) = node.blocks.get_mut(block) {
            *ink += spent;
        }
    }

    /// A block is charged next. The first block of a function can only be entered by a call.
    fn block(&mut self, block: u32, ink: u64) {
        self.spend(ink);
        let here = self.here();
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        let node = match frame.starts.binary_search(&block) {
            Ok(function) => {
                let node = self.child(here, Kind::Function(function as u32));
                self.nodes[node].calls += 1;
                if let Some(frame) = self.frames.last_mut() {
                    frame.running.push((node, block));
                }
                node
            }
            Err(_) => {
                if let Some((_, at)) = frame.running.last_mut() {
                    *at = block;
                }
                here
            }
        };
        self.count(node, block);
    }

    fn count(&mut self, node: usize, block: u32) {
        let blocks = &mut self.nodes[node].blocks;
        if let Some((times, _)) = blocks.get_mut(&block) {
            *times += 1;
        } else if self.blocks < MAX_BLOCKS {
            self.blocks += 1;
            blocks.insert(block, (1, 0));
        } else {
            self.truncated = true;
        }
    }

    /// What this block called has returned. An imported function that was called through the table never ran here.
    fn back(&mut self, block: u32, ink: u64) {
        self.spend(ink);
        if let Some(frame) = self.frames.last_mut()
            && frame.running.last().is_some_and(|(_, at)| *at != block)
        {
            frame.running.pop();
        }
    }

    /// A host function begins.
    pub fn enter_host(&mut self, name: &'static str, ink: u64) {
        self.spend(ink);
        let node = self.child(self.here(), Kind::Host(name));
        self.nodes[node].calls += 1;
        if let Some(frame) = self.frames.last_mut() {
            frame.running.push((node, u32::MAX));
        }
    }

    /// The host function ends; what it called has accounted for itself.
    pub fn leave_host(&mut self, ink: u64, nested: u64) {
        if let Some(frame) = self.frames.last_mut() {
            // The frames below have added their ink to this frame's account already.
            frame.ink = frame.ink.saturating_sub(nested);
            self.spend(ink);
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.running.pop();
        }
    }

    /// Ink that the running frame has accounted for: by its difference a host function knows what it called.
    pub fn accounted(&self) -> u64 {
        self.frames.last().map_or(0, |frame| frame.accounted)
    }

    /// The transaction has ended, having spent so much gas before refunds; its own part is what no frame spent.
    pub fn finish(&mut self, gas_spent: u64) {
        let below: u64 = self.nodes.iter().map(|node| node.ink).sum();
        self.nodes[0].ink = gas_to_ink(gas_spent, self.ink_price).saturating_sub(below);
    }
}

impl Node {
    const fn new(kind: Kind, parent: usize) -> Self {
        Self {
            kind,
            parent,
            calls: 0,
            ink: 0,
            blocks: BTreeMap::new(),
        }
    }
}

/// Registers the hooks.
pub fn link(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    linker.func_wrap(
        HOOKS,
        BLOCK_HOOK,
        |mut caller: Caller<'_, Host>, block: u32| {
            event(&mut caller, |profile, ink| profile.block(block, ink));
        },
    )?;
    linker.func_wrap(
        HOOKS,
        BACK_HOOK,
        |mut caller: Caller<'_, Host>, block: u32| {
            event(&mut caller, |profile, ink| profile.back(block, ink));
        },
    )?;
    Ok(())
}

fn event(caller: &mut Caller<'_, Host>, note: impl FnOnce(&mut Profile, u64)) {
    let Some(exports) = caller.data().exports else {
        return;
    };
    let ink = exports.ink.get(&mut *caller).i64().unwrap_or_default();
    if let Some(profile) = &mut caller.data_mut().evm.tx().profile {
        note(profile, ink.cast_unsigned());
    }
}
