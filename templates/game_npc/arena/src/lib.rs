//! The arena: a traveller and bandits take turns on the chain, and a model plays the bandits.
//!
//! A turn takes three transactions. The player commits to a move and a secret; the keeper of the
//! table reveals the next link of a chain of hashes that was fixed before anybody sat down; the
//! player says the move and the secret. Secret and link make the dice, so neither of the two could
//! choose them. Who stays silent loses: a player his turn, a keeper the table.
//!
//! `rules.rs` has the rules of the game, `packed.rs` its storage, `brain.rs` the call of the model.
#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]
#![cfg_attr(not(any(test, feature = "export-abi")), no_std)]
extern crate alloc;

mod brain;
mod packed;
mod rules;

use alloc::{vec, vec::Vec};

use alloy_primitives::{Address, B256, FixedBytes, U8, U32, U256, keccak256};
use alloy_sol_types::sol;
use stylus_sdk::{abi::Bytes, prelude::*};

use crate::rules::{Dice, Move, State, WORST};

/// Seconds that each side has for its step. A block's time is good enough as a clock, never as dice.
const PATIENCE: u32 = 300;

/// Whose step is next.
const FREE: u8 = 0;
const COMMIT: u8 = 1;
const ANSWER: u8 = 2;
const ACT: u8 = 3;
const OVER: u8 = 4;

sol! {
    event Opened(uint256 indexed table, uint8 bandits, bytes32 tip);
    event Joined(uint256 indexed table, address indexed player);
    event Committed(uint256 indexed table, bytes32 commitment);
    event Answered(uint256 indexed table, bytes32 link);
    event Played(uint256 indexed table, uint8 turn, uint8 move, uint8 target, uint8 hurt, uint32 version, bytes actions);
    event QuestUnlocked(uint256 indexed table, uint8 turn);
    event QuestBroken(uint256 indexed table, uint8 turn);
    event Over(uint256 indexed table, uint8 outcome);

    error NoRegistry();
    error BadCrowd(uint8 bandits);
    error NotNow(uint8 phase);
    error NotThePlayer(address caller);
    error WrongLink();
    error WrongSecret();
    error BadMove(uint8 move, uint8 target);
    error TooEarly(uint32 until);
    error NoAnswer();
}

/// Why a call is refused.
#[derive(SolidityError)]
pub enum ArenaError {
    /// An arena without a registry has nobody to ask.
    NoRegistry(NoRegistry),
    /// A table has 1 to 64 bandits.
    BadCrowd(BadCrowd),
    /// It is another step's turn, or the table does not exist.
    NotNow(NotNow),
    /// Somebody else plays at this table.
    NotThePlayer(NotThePlayer),
    /// The link does not hash to the one before it.
    WrongLink(WrongLink),
    /// Secret and move are not those that were committed to.
    WrongSecret(WrongSecret),
    /// There is no such move now: a target that does not stand, no potion left.
    BadMove(BadMove),
    /// The other side still has time.
    TooEarly(TooEarly),
    /// The registry has no model, or the model answers nonsense.
    NoAnswer(NoAnswer),
}

sol_storage! {
    #[entrypoint]
    pub struct Arena {
        address registry;
        mapping(uint256 => Table) tables;
        uint256 opened;
    }

    pub struct Table {
        address player; // these three share a word
        uint32 deadline;
        uint8 phase;
        bytes32 state; // see packed.rs
        bytes32 commitment;
        bytes32 link;
        mapping(uint8 => bytes32) crowd; // eight bandits each
    }
}

#[public]
impl Arena {
    /// The registry says which model plays the bandits.
    #[constructor]
    pub fn constructor(&mut self, registry: Address) -> Result<(), ArenaError> {
        if registry.is_zero() {
            return Err(ArenaError::NoRegistry(NoRegistry {}));
        }
        self.registry.set(registry);
        Ok(())
    }

    /// Opens a table; returns its number. Whoever does is its keeper.
    ///
    /// `tip` is a secret seed hashed 24 times, once for each turn until night: every answer of the
    /// keeper is fixed by it, before there is a player.
    pub fn open(&mut self, bandits: u8, tip: B256) -> Result<U256, ArenaError> {
        if bandits == 0 || bandits > rules::MAX_BANDITS {
            return Err(ArenaError::BadCrowd(BadCrowd { bandits }));
        }
        let number = self.opened.get().saturating_add(U256::ONE);
        self.opened.set(number);
        self.save(number, &rules::start(bandits));
        self.tables.setter(number).link.set(tip);
        self.vm().log(Opened {
            table: number,
            bandits,
            tip,
        });
        Ok(number)
    }

    /// Sits down at an open table.
    pub fn join(&mut self, table: U256) -> Result<(), ArenaError> {
        if self.tables.getter(table).link.get().is_zero() {
            return Err(ArenaError::NotNow(NotNow { phase: OVER }));
        }
        self.expect(table, FREE)?;
        let player = self.vm().msg_sender();
        self.tables.setter(table).player.set(player);
        self.next(table, COMMIT);
        self.vm().log(Joined { table, player });
        Ok(())
    }

    /// First step of a turn: the player fixes a move, and hides it.
    ///
    /// The commitment is `keccak256(abi.encodePacked(bytes32 secret, uint8 move, uint8 target))`.
    pub fn commit(&mut self, table: U256, commitment: B256) -> Result<(), ArenaError> {
        self.expect(table, COMMIT)?;
        self.only_player(table)?;
        self.tables.setter(table).commitment.set(commitment);
        self.next(table, ANSWER);
        self.vm().log(Committed { table, commitment });
        Ok(())
    }

    /// Second step: the keeper reveals the next link. Nobody else knows it, so anybody may send it.
    pub fn answer(&mut self, table: U256, link: B256) -> Result<(), ArenaError> {
        self.expect(table, ANSWER)?;
        if keccak256(link) != self.tables.getter(table).link.get() {
            return Err(ArenaError::WrongLink(WrongLink {}));
        }
        self.tables.setter(table).link.set(link);
        self.next(table, ACT);
        self.vm().log(Answered { table, link });
        Ok(())
    }

    /// Third step: the player says what the move was, and everybody acts.
    pub fn act(
        &mut self,
        table: U256,
        chosen: u8,
        target: u8,
        secret: B256,
    ) -> Result<(), ArenaError> {
        self.expect(table, ACT)?;
        self.only_player(table)?;
        let mut said = [0; 34];
        said[..32].copy_from_slice(secret.as_slice());
        said[32] = chosen;
        said[33] = target;
        if keccak256(said) != self.tables.getter(table).commitment.get() {
            return Err(ArenaError::WrongSecret(WrongSecret {}));
        }
        let state = self.game(table);
        let choice = Move::from_number(chosen)
            .filter(|choice| rules::allowed(&state, *choice, target))
            .ok_or(ArenaError::BadMove(BadMove {
                r#move: chosen,
                target,
            }))?;
        let mut both = [0; 64];
        both[..32].copy_from_slice(secret.as_slice());
        both[32..].copy_from_slice(self.tables.getter(table).link.get().as_slice());
        let dice = keccak256(both);
        let dice = Dice {
            player: keccak256(dice)[0] & 15,
            nibbles: dice.0,
        };
        self.play(table, state, (choice, chosen), target, &dice)
    }

    /// Ends the wait for a player who does not say his move: the turn is lost, at the worst dice.
    pub fn forfeit(&mut self, table: U256) -> Result<(), ArenaError> {
        self.expect(table, ACT)?;
        self.too_late(table)?;
        let state = self.game(table);
        self.play(table, state, (Move::Nothing, 4), 0, &WORST)
    }

    /// Ends the wait for a keeper who does not answer: the player has won.
    pub fn claim(&mut self, table: U256) -> Result<(), ArenaError> {
        self.expect(table, ANSWER)?;
        self.too_late(table)?;
        let mut state = self.game(table);
        state.outcome = rules::WON;
        self.tables
            .setter(table)
            .state
            .set(FixedBytes(packed::player(&state)));
        self.end(table, state.outcome);
        Ok(())
    }

    /// The player, whose step is next (0 nobody's yet, 1 to commit, 2 to answer, 3 to act, 4 over),
    /// until when, the last link, and the player's side of the game as `packed.rs` lays it out.
    pub fn table(&self, table: U256) -> (Address, u8, u32, B256, B256) {
        let stored = self.tables.getter(table);
        (
            stored.player.get(),
            stored.phase.get().to(),
            stored.deadline.get().to(),
            stored.link.get(),
            stored.state.get(),
        )
    }

    /// The bandits, four bytes each: health, distance and role, morale and trust, stance.
    pub fn bandits(&self, table: U256) -> Bytes {
        let state = self.game(table);
        let mut bytes: Vec<u8> = packed::crowd(&state).into_flattened();
        bytes.truncate(state.bandits.len().saturating_mul(4));
        bytes.into()
    }

    /// How many tables were opened; the last has this number.
    pub fn opened(&self) -> U256 {
        self.opened.get()
    }

    /// Where the arena asks for the current model.
    pub fn registry(&self) -> Address {
        self.registry.get()
    }
}

impl Arena {
    /// One turn, dice and all: the player's half, the model's decisions, the bandits' half.
    fn play(
        &mut self,
        table: U256,
        mut state: State,
        (choice, number): (Move, u8),
        target: u8,
        dice: &Dice,
    ) -> Result<(), ArenaError> {
        let quest = state.quest;
        rules::player_half(&mut state, choice, target, dice.player);
        let standing = rules::standing(&state);
        let (version, actions) = if standing == 0 {
            (0, vec![])
        } else {
            let rows = rules::rows(&state);
            brain::decide(&self.vm(), self.registry.get(), rows, standing)
                .map_err(|_| ArenaError::NoAnswer(NoAnswer {}))?
        };
        let hurt = rules::bandit_half(&mut state, &actions, dice, choice == Move::Guard);
        self.save(table, &state);
        self.vm().log(Played {
            table,
            turn: state.turn,
            r#move: number,
            target,
            hurt,
            version,
            actions: actions
                .iter()
                .map(|action| *action as u8)
                .collect::<Vec<u8>>()
                .into(),
        });
        self.tell_of_quest(table, quest, &state);
        if state.outcome == rules::PLAYING {
            self.next(table, COMMIT);
        } else {
            self.end(table, state.outcome);
        }
        Ok(())
    }

    fn tell_of_quest(&self, table: U256, before: u8, state: &State) {
        let turn = state.turn;
        match (before, state.quest) {
            (rules::HIDDEN, rules::OPEN) => self.vm().log(QuestUnlocked { table, turn }),
            (rules::OPEN, rules::BROKEN) => self.vm().log(QuestBroken { table, turn }),
            _ => {}
        }
    }

    fn game(&self, table: U256) -> State {
        let stored = self.tables.getter(table);
        let player = stored.state.get().0;
        let words = packed::count(&player).div_ceil(8);
        let crowd = (0..words).map(|word| stored.crowd.getter(U8::from(word)).get().0);
        packed::unpack(&player, crowd)
    }

    fn save(&mut self, table: U256, state: &State) {
        let mut stored = self.tables.setter(table);
        stored.state.set(FixedBytes(packed::player(state)));
        for (number, word) in (0_u8..).zip(packed::crowd(state)) {
            stored.crowd.setter(U8::from(number)).set(FixedBytes(word));
        }
    }

    fn next(&mut self, table: U256, phase: u8) {
        let now = u32::try_from(self.vm().block_timestamp()).unwrap_or(u32::MAX);
        let mut stored = self.tables.setter(table);
        stored.phase.set(U8::from(phase));
        stored.deadline.set(U32::from(now.saturating_add(PATIENCE)));
    }

    fn end(&mut self, table: U256, outcome: u8) {
        self.next(table, OVER);
        self.vm().log(Over { table, outcome });
    }

    fn expect(&self, table: U256, phase: u8) -> Result<(), ArenaError> {
        let found = self.tables.getter(table).phase.get().to::<u8>();
        if found == phase {
            return Ok(());
        }
        Err(ArenaError::NotNow(NotNow { phase: found }))
    }

    fn only_player(&self, table: U256) -> Result<(), ArenaError> {
        let caller = self.vm().msg_sender();
        if caller == self.tables.getter(table).player.get() {
            return Ok(());
        }
        Err(ArenaError::NotThePlayer(NotThePlayer { caller }))
    }

    fn too_late(&self, table: U256) -> Result<(), ArenaError> {
        let until = self.tables.getter(table).deadline.get().to::<u32>();
        if self.vm().block_timestamp() > u64::from(until) {
            return Ok(());
        }
        Err(ArenaError::TooEarly(TooEarly { until }))
    }
}
