//! The chain: blocks of at most one transaction each, and the state after every one of them.

pub mod block;
pub mod clock;
pub mod genesis;
pub mod history;
pub mod l1;
pub mod predeploys;
pub mod signing;
pub mod simulate;
pub mod tx;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use revm::context::result::EVMError;
use revm::primitives::{Address, B256, U256};

use crate::arbos::ArbosVersion;
use crate::arbos::store::{Arbos, Field};
use crate::engine::effort::Compiler;
use crate::engine::{Engine, EngineError};
use crate::evm::transact::{self, BlockFacts, Execution, Mode};
use crate::evm::tx_state::Watch;
use block::{Block, Included};
use clock::{Clock, now};
use tx::{PooledTx, Rejected};

/// Chain id of nitro's development chain (rules 10).
pub const CHAIN_ID: u64 = 412_346;
/// Wei per gas: the minimum, which a chain with little load stays at (rules 10).
pub const BASE_FEE: u64 = 100_000_000;

/// What a chain starts with.
#[derive(Clone, Debug)]
pub struct Config {
    /// ArbOS version.
    pub arbos: ArbosVersion,
    /// Accounts with 1,000 ETH that are chain owners.
    pub owners: Vec<Address>,
    /// Wei per unit of L1 data (rules 16).
    pub l1_price: U256,
    /// Whether the contracts of real development nodes are there from the start.
    pub predeploys: bool,
}

#[derive(Debug, Default)]
struct Index {
    blocks: Vec<Arc<Block>>,
    by_hash: HashMap<B256, u64>,
    by_transaction: HashMap<B256, u64>,
}

/// The chain. All methods may be called from any thread; blocks are made one at a time.
#[derive(Debug)]
pub struct Chain {
    /// Compiled programs.
    pub engine: Arc<Engine>,
    /// What time blocks have.
    pub clock: Clock,
    index: RwLock<Index>,
    producing: Mutex<()>,
}

impl Chain {
    /// A chain that consists of its genesis block; `compiler` compiles all its programs, each its own if none is given.
    pub fn new(config: &Config, compiler: Option<Compiler>) -> Result<Self, EngineError> {
        let engine = Arc::new(Engine::new(compiler)?);
        let genesis = block::genesis(genesis::state(config), config.arbos, now());
        let chain = Self {
            engine,
            clock: Clock::default(),
            index: RwLock::default(),
            producing: Mutex::default(),
        };
        chain.push(genesis);
        Ok(chain)
    }

    fn read<T>(&self, get: impl FnOnce(&Index) -> T) -> T {
        get(&self.index.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn push(&self, block: Block) -> Arc<Block> {
        let block = Arc::new(block);
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        index.by_hash.insert(block.hash, block.header.number);
        if let Some(included) = &block.included {
            index
                .by_transaction
                .insert(included.hash(), block.header.number);
        }
        index.blocks.push(Arc::clone(&block));
        block
    }

    /// The newest block.
    #[expect(
        clippy::expect_used,
        reason = "the genesis block is pushed when the chain is made and never removed"
    )]
    pub fn head(&self) -> Arc<Block> {
        self.read(|index| index.blocks.last().cloned())
            .expect("a chain has its genesis block")
    }

    /// The block of a number.
    pub fn block(&self, number: u64) -> Option<Arc<Block>> {
        self.read(|index| {
            usize::try_from(number)
                .ok()
                .and_then(|at| index.blocks.get(at).cloned())
        })
    }

    /// The block of a hash.
    pub fn block_by_hash(&self, hash: B256) -> Option<Arc<Block>> {
        let number = self.read(|index| index.by_hash.get(&hash).copied())?;
        self.block(number)
    }

    /// The block that holds a transaction.
    pub fn block_of_transaction(&self, hash: B256) -> Option<Arc<Block>> {
        let number = self.read(|index| index.by_transaction.get(&hash).copied())?;
        self.block(number)
    }

    /// Facts of the block that would come after `parent`.
    pub fn next_facts(&self, parent: &Block) -> BlockFacts {
        let mut facts = parent.facts;
        facts.number += 1;
        facts.timestamp = self.clock.next_block(parent.header.timestamp);
        let mut state = parent.state.clone();
        let mut arbos = Arbos(&mut state);
        let scheduled = arbos.field(Field::ScheduledVersion).saturating_to();
        let is_due = arbos.field(Field::ScheduledAt) <= U256::from(facts.timestamp);
        if scheduled > facts.arbos.0 && is_due {
            facts.arbos = ArbosVersion(scheduled);
            facts.gas_cap = facts.arbos.transaction_gas_cap();
        }
        facts
    }

    /// Takes a signed transaction and makes a block of it.
    pub fn submit(&self, raw: &[u8]) -> Result<Arc<Block>, Rejected> {
        let pooled = PooledTx::decode(raw)?;
        let _turn = self
            .producing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let parent = self.head();
        let facts = self.next_facts(&parent);
        pooled.check(&parent.state, &facts)?;
        let (mut state, l1_gas) = Self::before(&parent, &facts, &pooled);
        let mode = Mode::Block { l1_gas };
        let execution = self.execute(&state, &facts, pooled.env(), mode, Watch::Nothing);
        let mut execution = execution.map_err(|error| match error {
            EVMError::Transaction(invalid) => Rejected::Invalid(invalid),
            other => Rejected::Machine(format!("{other:?}")),
        })?;
        state.commit(std::mem::take(&mut execution.changes));
        l1::collect(&mut state, &facts, l1_gas);
        let included = Included::new(pooled, execution);
        self.clock.block_made();
        Ok(self.push(block::after(&parent, facts, state, Some(included))))
    }

    /// Makes a block without a transaction.
    pub fn mine(&self) -> Arc<Block> {
        let _turn = self
            .producing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let parent = self.head();
        let facts = self.next_facts(&parent);
        let state = genesis::upgraded(&parent, &facts);
        self.clock.block_made();
        self.push(block::after(&parent, facts, state, None))
    }

    /// The state that a transaction after `parent` runs on, and the gas of its L1 data.
    pub fn before(parent: &Block, facts: &BlockFacts, tx: &PooledTx) -> (crate::state::State, u64) {
        let mut state = genesis::upgraded(parent, facts);
        let l1_gas = l1::count(&mut state, facts, &tx.envelope);
        (state, l1_gas)
    }

    /// Runs a transaction on a state without keeping what it changes.
    pub fn execute(
        &self,
        state: &crate::state::State,
        facts: &BlockFacts,
        env: revm::context::TxEnv,
        mode: Mode,
        watch: Watch,
    ) -> Result<Execution, crate::evm::handler::Error> {
        transact::execute(state.clone(), facts, env, mode, &self.engine, watch)
    }
}
