//! Which model answers: the versions of a model, in the order in which they were published.
//!
//! Applications hold the address of this contract and ask it for the current model's, so that a new
//! model needs no new application. Versions are numbered from 1, and none is ever changed or
//! removed: a rollback makes an earlier one current again, and whoever knows the number of the
//! version that once answered can ask that model again.
#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]
#![cfg_attr(not(any(test, feature = "export-abi")), no_std)]
extern crate alloc;

use alloc::{vec, vec::Vec};

use alloy_primitives::{Address, FixedBytes, U32, U64};
use alloy_sol_types::{SolCall, sol};
use stylus_sdk::prelude::*;

// What is told to whoever listens, and why a call is refused. The model is asked for its hash.
sol! {
    event Published(uint32 indexed version, address indexed model, bytes32 codeHash, bytes32 modelHash, bytes32 note);
    event RolledBack(uint32 from, uint32 to);
    event OwnershipOffered(address indexed owner, address indexed candidate);
    event OwnershipTransferred(address indexed from, address indexed to);

    error NotOwner(address caller);
    error NotCandidate(address caller);
    error NoOwner();
    error NoModel(address at);
    error WrongCode(address model, bytes32 expected, bytes32 found);
    error WrongModel(address model, bytes32 expected, bytes32 found);
    error NothingPublished();
    error UnknownVersion(uint32 version, uint32 count);
    error AlreadyCurrent(uint32 version);

    function modelHash() external view returns (bytes32);
}

/// Why a call is refused.
#[derive(SolidityError)]
pub enum RegistryError {
    /// Only the owner may do this.
    NotOwner(NotOwner),
    /// Only whom the owner has offered the registry may accept it.
    NotCandidate(NotCandidate),
    /// A registry without an owner could never be used.
    NoOwner(NoOwner),
    /// The contract at this address does not answer `modelHash()`.
    NoModel(NoModel),
    /// The code at the address is not the code that was to be published.
    WrongCode(WrongCode),
    /// The contract holds another model than the one that was to be published.
    WrongModel(WrongModel),
    /// There is no version yet.
    NothingPublished(NothingPublished),
    /// There is no version of that number.
    UnknownVersion(UnknownVersion),
    /// A rollback to the current version would change nothing.
    AlreadyCurrent(AlreadyCurrent),
}

sol_storage! {
    #[entrypoint]
    pub struct Registry {
        address owner;
        uint32 count;
        uint32 current; // 0 before the first version
        address candidate;
        mapping(uint32 => Version) versions;
    }

    pub struct Version {
        address model;
        uint64 time;
        bytes32 code_hash;
        bytes32 model_hash;
        bytes32 note;
    }
}

/// A version: model, code hash, model hash, note, and the second since 1970 of its publication.
type Entry = (Address, FixedBytes<32>, FixedBytes<32>, FixedBytes<32>, u64);

#[public]
impl Registry {
    /// Whoever deploys names the owner: the caller of a constructor is a contract that deploys.
    #[constructor]
    pub fn constructor(&mut self, owner: Address) -> Result<(), RegistryError> {
        if owner.is_zero() {
            return Err(RegistryError::NoOwner(NoOwner {}));
        }
        self.take_over(owner);
        Ok(())
    }

    /// Adds a version and makes it current; returns its number. The owner's alone.
    ///
    /// The chain is asked whether code and model at the address are those that the owner means.
    /// The note is for people: a text of at most 32 bytes, zeros behind it.
    pub fn publish(
        &mut self,
        model: Address,
        code_hash: FixedBytes<32>,
        model_hash: FixedBytes<32>,
        note: FixedBytes<32>,
    ) -> Result<u32, RegistryError> {
        self.only_owner()?;
        self.check_code(model, code_hash)?;
        self.check_model(model, model_hash)?;
        let version = self.count().saturating_add(1);
        let time = self.vm().block_timestamp();
        let mut entry = self.versions.setter(U32::from(version));
        entry.model.set(model);
        entry.time.set(U64::from(time));
        entry.code_hash.set(code_hash);
        entry.model_hash.set(model_hash);
        entry.note.set(note);
        self.count.set(U32::from(version));
        self.current.set(U32::from(version));
        self.vm().log(Published {
            version,
            model,
            codeHash: code_hash,
            modelHash: model_hash,
            note,
        });
        Ok(version)
    }

    /// Makes another published version current, an earlier one or a later. The owner's alone.
    pub fn rollback(&mut self, version: u32) -> Result<(), RegistryError> {
        self.only_owner()?;
        self.known(version)?;
        let from = self.current.get().to::<u32>();
        if from == version {
            return Err(RegistryError::AlreadyCurrent(AlreadyCurrent { version }));
        }
        self.current.set(U32::from(version));
        self.vm().log(RolledBack { from, to: version });
        Ok(())
    }

    /// Number and address of the model that answers now.
    pub fn current(&self) -> Result<(u32, Address), RegistryError> {
        let version = self.current.get().to::<u32>();
        if version == 0 {
            return Err(RegistryError::NothingPublished(NothingPublished {}));
        }
        let model = self.versions.getter(U32::from(version)).model.get();
        Ok((version, model))
    }

    /// A version's model, code hash, model hash, note, and when it was published (seconds).
    pub fn version(&self, version: u32) -> Result<Entry, RegistryError> {
        self.known(version)?;
        let entry = self.versions.getter(U32::from(version));
        Ok((
            entry.model.get(),
            entry.code_hash.get(),
            entry.model_hash.get(),
            entry.note.get(),
            entry.time.get().to(),
        ))
    }

    /// How many versions there are; the last has this number.
    pub fn count(&self) -> u32 {
        self.count.get().to()
    }

    /// Who may publish.
    pub fn owner(&self) -> Address {
        self.owner.get()
    }

    /// To whom the registry is offered; zero if to nobody.
    pub fn pending_owner(&self) -> Address {
        self.candidate.get()
    }

    /// Offers the registry to an account, which must accept: a wrong address loses nothing.
    pub fn transfer_ownership(&mut self, candidate: Address) -> Result<(), RegistryError> {
        self.only_owner()?;
        self.candidate.set(candidate);
        let owner = self.owner.get();
        self.vm().log(OwnershipOffered { owner, candidate });
        Ok(())
    }

    /// Takes the registry over, for whom it was offered to.
    pub fn accept_ownership(&mut self) -> Result<(), RegistryError> {
        let caller = self.vm().msg_sender();
        if caller != self.candidate.get() {
            return Err(RegistryError::NotCandidate(NotCandidate { caller }));
        }
        self.candidate.set(Address::ZERO);
        self.take_over(caller);
        Ok(())
    }
}

impl Registry {
    fn take_over(&mut self, to: Address) {
        let from = self.owner.get();
        self.owner.set(to);
        self.vm().log(OwnershipTransferred { from, to });
    }

    fn only_owner(&self) -> Result<(), RegistryError> {
        let caller = self.vm().msg_sender();
        if caller == self.owner.get() {
            return Ok(());
        }
        Err(RegistryError::NotOwner(NotOwner { caller }))
    }

    fn known(&self, version: u32) -> Result<(), RegistryError> {
        let count = self.count();
        if version == 0 || version > count {
            return Err(RegistryError::UnknownVersion(UnknownVersion {
                version,
                count,
            }));
        }
        Ok(())
    }

    fn check_code(&self, model: Address, expected: FixedBytes<32>) -> Result<(), RegistryError> {
        let found = self.vm().code_hash(model);
        if found == expected {
            return Ok(());
        }
        Err(RegistryError::WrongCode(WrongCode {
            model,
            expected,
            found,
        }))
    }

    fn check_model(&self, model: Address, expected: FixedBytes<32>) -> Result<(), RegistryError> {
        let answer = static_call(self.vm(), Call::new(), model, &modelHashCall::SELECTOR);
        let Ok(found) = FixedBytes::try_from(answer.unwrap_or_default().as_slice()) else {
            return Err(RegistryError::NoModel(NoModel { at: model }));
        };
        if found == expected {
            return Ok(());
        }
        Err(RegistryError::WrongModel(WrongModel {
            model,
            expected,
            found,
        }))
    }
}
