//! Typed access to ArbOS' slots through the EVM's journal.

use revm::context::Journal;
use revm::context::JournalTr;
use revm::context_interface::journaled_state::account::JournaledAccountTr;
use revm::primitives::{Address, B256, U256, keccak256};
use stylus_rules::fees::DataPricer;
use stylus_rules::params::StylusParams;

use super::ARBOS_STATE;
use super::pricer;
use super::programs::ProgramEntry;
use crate::state::State;

/// A single value of ArbOS' state.
#[derive(Clone, Copy, Debug)]
pub enum Field {
    /// Stylus' parameters, packed (rules 1.2).
    StylusParams = 0,
    /// The data pricer: demand and time of its last update (rules 7.4).
    Pricer = 1,
    /// Extra gas of an activation, from ArbOS 60.
    ActivationGas = 2,
    /// Wei per unit of L1 data (rules 16).
    L1Price = 3,
    /// Gas per second that the chain aims at.
    SpeedLimit = 4,
    /// Number of chain owners.
    OwnerCount = 5,
    /// Number of cache managers.
    ManagerCount = 6,
    /// ArbOS version that a later block upgrades to; 0 for none.
    ScheduledVersion = 7,
    /// Unix second from which on it does.
    ScheduledAt = 8,
    /// Units of L1 data of all transactions; nothing resets it where there is no L1.
    L1Units = 9,
    /// Wei that transactions paid for L1 data.
    L1FeesAvailable = 10,
    /// How slowly the price of L1 data would follow L1.
    L1Inertia = 11,
    /// Units over which the price would bring a deficit into balance.
    L1EquilibrationUnits = 12,
    /// Wei per unit that the reward's recipient would get.
    L1RewardRate = 13,
    /// Who that is.
    L1RewardRecipient = 14,
    /// L1 gas that each batch would be charged beside its data; signed.
    L1BatchGas = 15,
    /// Share of a batch's cost that would be charged at most, in ten thousandths; 0 for all.
    L1CostCap = 16,
    /// L1 gas per token of data below which a batch would not be charged.
    L1GasFloor = 17,
    /// Number of messages sent to L1.
    SendCount = 18,
}

/// A mapping of ArbOS' state.
#[derive(Clone, Copy, Debug)]
enum Table {
    Program = 0x100,
    ModuleHash = 0x101,
    Owner = 0x102,
    OwnerAt = 0x103,
    Manager = 0x104,
    ManagerAt = 0x105,
    Send = 0x106,
}

fn slot_of(table: Table, key: B256) -> U256 {
    let mut preimage = [0; 64];
    preimage[..32].copy_from_slice(&U256::from(table as u64).to_be_bytes::<32>());
    preimage[32..].copy_from_slice(key.as_slice());
    keccak256(preimage).into()
}

/// Which of the two address lists.
#[derive(Clone, Copy, Debug)]
pub enum Roster {
    /// Chain owners.
    Owners,
    /// Accounts that may cache programs.
    CacheManagers,
}

impl Roster {
    const fn tables(self) -> (Field, Table, Table) {
        match self {
            Self::Owners => (Field::OwnerCount, Table::Owner, Table::OwnerAt),
            Self::CacheManagers => (Field::ManagerCount, Table::Manager, Table::ManagerAt),
        }
    }
}

/// Where slots are read from and written to: the journal of a running transaction or a state at rest.
pub trait Slots {
    /// Value of a slot of the ArbOS account.
    fn get(&mut self, key: U256) -> U256;
    /// Writes a slot of the ArbOS account.
    fn set(&mut self, key: U256, value: U256);
}

impl Slots for Journal<State> {
    fn get(&mut self, key: U256) -> U256 {
        let Ok(mut account) = self.load_account_mut(ARBOS_STATE);
        account
            .data
            .sload(key, false)
            .map_or(U256::ZERO, |slot| slot.data.present_value)
    }

    fn set(&mut self, key: U256, value: U256) {
        let Ok(mut account) = self.load_account_mut(ARBOS_STATE);
        account.data.touch();
        // Storing cannot fail: the database is in memory and its error type has no values.
        let _stored = account.data.sstore(key, value, false);
    }
}

impl Slots for State {
    fn get(&mut self, key: U256) -> U256 {
        self.slot(&ARBOS_STATE, &key)
    }

    fn set(&mut self, key: U256, value: U256) {
        self.edit_storage(ARBOS_STATE, false, [(key, value)]);
    }
}

/// ArbOS' state by names.
#[derive(Debug)]
pub struct Arbos<'a, S>(pub &'a mut S);

impl<S: Slots> Arbos<'_, S> {
    /// One plain value.
    pub fn field(&mut self, field: Field) -> U256 {
        self.0.get(U256::from(field as u64))
    }

    /// Writes one plain value.
    pub fn set_field(&mut self, field: Field, value: U256) {
        self.0.set(U256::from(field as u64), value);
    }

    /// Stylus' parameters.
    pub fn params(&mut self) -> StylusParams {
        StylusParams::unpack(&self.field(Field::StylusParams).to_be_bytes())
    }

    /// Writes Stylus' parameters.
    pub fn set_params(&mut self, params: &StylusParams) {
        self.set_field(Field::StylusParams, U256::from_be_bytes(params.pack()));
    }

    /// The data pricer.
    pub fn pricer(&mut self) -> DataPricer {
        pricer::unpack(self.field(Field::Pricer))
    }

    /// Writes the data pricer.
    pub fn set_pricer(&mut self, pricer: &DataPricer) {
        self.set_field(Field::Pricer, pricer::pack(pricer));
    }

    /// What is stored about a program, by code hash.
    pub fn program(&mut self, code_hash: B256) -> ProgramEntry {
        ProgramEntry::unpack(&self.0.get(slot_of(Table::Program, code_hash)).to_be_bytes())
    }

    /// Writes what is stored about a program.
    pub fn set_program(&mut self, code_hash: B256, entry: &ProgramEntry) {
        self.0.set(
            slot_of(Table::Program, code_hash),
            U256::from_be_bytes(entry.pack()),
        );
    }

    /// Writes the module hash of a program.
    pub fn set_module_hash(&mut self, code_hash: B256, module_hash: B256) {
        self.0
            .set(slot_of(Table::ModuleHash, code_hash), module_hash.into());
    }

    /// Node of the tree of messages to L1 that waits at a level; 0 for none.
    pub fn send(&mut self, level: u64) -> B256 {
        self.0
            .get(slot_of(Table::Send, B256::from(U256::from(level))))
            .into()
    }

    /// Writes such a node.
    pub fn set_send(&mut self, level: u64, node: B256) {
        self.0.set(
            slot_of(Table::Send, B256::from(U256::from(level))),
            node.into(),
        );
    }

    /// Whether `who` is on the roster.
    pub fn is_on(&mut self, roster: Roster, who: Address) -> bool {
        let (_, members, _) = roster.tables();
        !self.0.get(slot_of(members, who.into_word())).is_zero()
    }

    /// Everyone on the roster.
    pub fn all_on(&mut self, roster: Roster) -> Vec<Address> {
        let (count, _, at) = roster.tables();
        let count: u64 = self.field(count).saturating_to();
        (1..=count)
            .map(|index| {
                Address::from_word(
                    self.0
                        .get(slot_of(at, B256::from(U256::from(index))))
                        .into(),
                )
            })
            .collect()
    }

    /// Puts `who` on the roster; returns false if already there.
    pub fn add(&mut self, roster: Roster, who: Address) -> bool {
        if self.is_on(roster, who) {
            return false;
        }
        let (count_field, members, at) = roster.tables();
        let count = self.field(count_field) + U256::ONE;
        self.set_field(count_field, count);
        self.0.set(slot_of(members, who.into_word()), count);
        self.0
            .set(slot_of(at, B256::from(count)), who.into_word().into());
        true
    }

    /// Takes `who` off the roster; returns false if not there. The last member takes its place.
    pub fn remove(&mut self, roster: Roster, who: Address) -> bool {
        let (count_field, members, at) = roster.tables();
        let place = self.0.get(slot_of(members, who.into_word()));
        if place.is_zero() {
            return false;
        }
        let count = self.field(count_field);
        let last = self.0.get(slot_of(at, B256::from(count)));
        self.0.set(slot_of(at, B256::from(place)), last);
        self.0.set(slot_of(members, B256::from(last)), place);
        self.0.set(slot_of(at, B256::from(count)), U256::ZERO);
        self.0.set(slot_of(members, who.into_word()), U256::ZERO);
        self.set_field(count_field, count - U256::ONE);
        true
    }
}
