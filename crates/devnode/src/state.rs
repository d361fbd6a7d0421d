//! The chain's accounts as a persistent map: a copy is a pointer, so every block keeps its own state and a call works on
//! a snapshot without a lock.

use std::convert::Infallible;

use revm::Database;
use revm::bytecode::Bytecode;
use revm::context::Journal;
use revm::primitives::{Address, AddressMap, B256, KECCAK_EMPTY, U256};
use revm::state::{Account, AccountInfo};
use rpds::{HashTrieMap, HashTrieMapSync, Vector, VectorSync};

type Map<K, V> = HashTrieMapSync<K, V>;

/// One account as it stands after a block.
#[derive(Clone, Debug)]
pub struct StoredAccount {
    /// Balance, nonce, code hash and code.
    pub info: AccountInfo,
    /// Slots that are not zero.
    pub storage: Map<U256, U256>,
}

impl StoredAccount {
    fn new(info: AccountInfo) -> Self {
        Self {
            info,
            storage: HashTrieMap::new_sync(),
        }
    }
}

/// All accounts after one block. Cloning is cheap and shares everything.
#[derive(Clone, Debug)]
pub struct State {
    accounts: Map<Address, StoredAccount>,
    /// Hashes of all blocks up to the one that left this state, by number.
    block_hashes: VectorSync<B256>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            accounts: HashTrieMap::new_sync(),
            block_hashes: Vector::new_sync(),
        }
    }
}

impl State {
    /// The account, or `None` where nothing was ever stored.
    pub fn account(&self, address: &Address) -> Option<&StoredAccount> {
        self.accounts.get(address)
    }

    /// Balance, nonce and code of an account; the empty account where nothing was stored.
    pub fn info(&self, address: &Address) -> AccountInfo {
        self.account(address)
            .map(|account| account.info.clone())
            .unwrap_or_default()
    }

    /// One storage slot; 0 where nothing was stored.
    pub fn slot(&self, address: &Address, key: &U256) -> U256 {
        self.account(address)
            .and_then(|account| account.storage.get(key).copied())
            .unwrap_or_default()
    }

    /// Changes an account's balance, nonce or code in place (genesis, state overrides).
    pub fn edit(&mut self, address: Address, change: impl FnOnce(&mut AccountInfo)) {
        let mut account = self.take(address);
        change(&mut account.info);
        self.accounts.insert_mut(address, account);
    }

    /// Writes slots in place (genesis, state overrides). `clear` drops all others first.
    pub fn edit_storage(
        &mut self,
        address: Address,
        clear: bool,
        slots: impl IntoIterator<Item = (U256, U256)>,
    ) {
        let mut account = self.take(address);
        if clear {
            account.storage = StoredAccount::new(AccountInfo::default()).storage;
        }
        for (key, value) in slots {
            store(&mut account.storage, key, value);
        }
        self.accounts.insert_mut(address, account);
    }

    fn take(&self, address: Address) -> StoredAccount {
        self.account(&address)
            .cloned()
            .unwrap_or_else(|| StoredAccount::new(AccountInfo::default()))
    }

    /// Applies what a transaction changed.
    pub fn commit(&mut self, changes: AddressMap<Account>) {
        for (address, change) in changes {
            if change.is_touched() {
                self.commit_account(address, change);
            }
        }
    }

    fn commit_account(&mut self, address: Address, change: Account) {
        let emptied = change.is_selfdestructed() || change.is_empty();
        if emptied {
            self.accounts.remove_mut(&address);
            return;
        }
        let mut account = if change.is_created() {
            StoredAccount::new(AccountInfo::default())
        } else {
            self.take(address)
        };
        for (key, slot) in change.changed_storage_slots() {
            store(&mut account.storage, *key, slot.present_value());
        }
        let known_code = account.info.code.take();
        account.info = change.info;
        if account.info.code.is_none() {
            account.info.code = known_code;
        }
        self.accounts.insert_mut(address, account);
    }

    /// Hash of block `number`, if it is known.
    pub fn block_hash_of(&self, number: u64) -> Option<B256> {
        usize::try_from(number)
            .ok()
            .and_then(|at| self.block_hashes.get(at).copied())
    }

    /// Records the hash of the block that left this state.
    pub fn push_block_hash(&mut self, hash: B256) {
        self.block_hashes.push_back_mut(hash);
    }
}

fn store(storage: &mut Map<U256, U256>, key: U256, value: U256) {
    if value.is_zero() {
        storage.remove_mut(&key);
    } else {
        storage.insert_mut(key, value);
    }
}

/// An account as a running transaction sees it, without making it warm: what the chain itself looks at makes nobody's next
/// access cheaper.
pub fn peek(journal: &Journal<State>, address: &Address) -> AccountInfo {
    match journal.state.get(address) {
        Some(account) => account.info.clone(),
        None => journal.database.info(address),
    }
}

impl Database for State {
    type Error = Infallible;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Infallible> {
        Ok(self.account(&address).map(|account| account.info.clone()))
    }

    fn code_by_hash(&mut self, code_hash: B256) -> Result<Bytecode, Infallible> {
        // Every stored account carries its code, so the EVM asks for no code but the empty one.
        debug_assert!(code_hash == KECCAK_EMPTY || code_hash.is_zero());
        Ok(Bytecode::default())
    }

    fn storage(&mut self, address: Address, index: U256) -> Result<U256, Infallible> {
        Ok(self.slot(&address, &index))
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, Infallible> {
        Ok(self.block_hash_of(number).unwrap_or_default())
    }
}
