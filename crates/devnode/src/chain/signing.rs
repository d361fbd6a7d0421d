//! Signing with keys that the node has: the recorded ones, and that of the public development account.

use alloy_consensus::{SignableTransaction, TxEip1559, TxEip2930, TxEip7702, TxEnvelope, TxLegacy};
use alloy_eips::eip2718::Encodable2718;
use alloy_eips::eip2930::AccessList;
use alloy_eips::eip7702::{Authorization, SignedAuthorization};
use k256::ecdsa::SigningKey;
use revm::primitives::alloy_primitives::Signature;
use revm::primitives::{Address, B256, Bytes, TxKind, U256};

use super::{BASE_FEE, CHAIN_ID};

/// What a transaction offers at most for a gas, in wei, unless it says so itself. It pays the base fee; all recorded ones
/// offered this.
pub const PRICE: u128 = 4 * BASE_FEE as u128;

/// A key and its account.
#[derive(Clone, Debug)]
pub struct Signer {
    key: SigningKey,
    /// The account.
    pub address: Address,
}

/// What is signed.
#[derive(Clone, Debug)]
pub struct Unsigned {
    /// Transaction type: 0, 1, 2 or 4.
    pub ty: u64,
    /// Nonce.
    pub nonce: u64,
    /// Gas limit.
    pub gas: u64,
    /// Wei for a gas at most.
    pub price: u128,
    /// Receiver, or none to create.
    pub to: TxKind,
    /// Wei.
    pub value: U256,
    /// Calldata or init code.
    pub data: Bytes,
    /// Accounts and slots announced.
    pub access_list: AccessList,
    /// Delegations (type 4).
    pub authorizations: Vec<SignedAuthorization>,
}

impl Signer {
    /// From a key of 32 bytes.
    pub fn new(key: B256) -> Result<Self, String> {
        let key = SigningKey::from_slice(key.as_slice())
            .map_err(|error| format!("not a private key: {error}"))?;
        let address = Address::from_private_key(&key);
        Ok(Self { key, address })
    }

    fn sign(&self, hash: B256) -> Result<Signature, String> {
        let (signature, recovery) = self
            .key
            .sign_prehash_recoverable(hash.as_slice())
            .map_err(|error| format!("signing failed: {error}"))?;
        Ok(Signature::from_signature_and_parity(
            signature,
            recovery.is_y_odd(),
        ))
    }

    /// Signs a delegation.
    pub fn authorize(
        &self,
        chain_id: u64,
        address: Address,
        nonce: u64,
    ) -> Result<SignedAuthorization, String> {
        let authorization = Authorization {
            chain_id: U256::from(chain_id),
            address,
            nonce,
        };
        let signature = self.sign(authorization.signature_hash())?;
        Ok(authorization.into_signed(signature))
    }

    /// The bytes of a signed transaction.
    pub fn transaction(&self, tx: Unsigned) -> Result<Vec<u8>, String> {
        let Unsigned {
            ty,
            nonce,
            gas: gas_limit,
            price,
            to,
            value,
            data: input,
            access_list,
            authorizations,
        } = tx;
        let chain_id = CHAIN_ID;
        let envelope: TxEnvelope = match ty {
            0 => self.envelope(TxLegacy {
                chain_id: Some(chain_id),
                nonce,
                gas_price: price,
                gas_limit,
                to,
                value,
                input,
            })?,
            1 => self.envelope(TxEip2930 {
                chain_id,
                nonce,
                gas_price: price,
                gas_limit,
                to,
                value,
                access_list,
                input,
            })?,
            2 => self.envelope(TxEip1559 {
                chain_id,
                nonce,
                gas_limit,
                max_fee_per_gas: price,
                max_priority_fee_per_gas: 0,
                to,
                value,
                access_list,
                input,
            })?,
            4 => self.envelope(TxEip7702 {
                chain_id,
                nonce,
                gas_limit,
                max_fee_per_gas: price,
                max_priority_fee_per_gas: 0,
                to: to
                    .into_to()
                    .ok_or("a transaction of type 4 needs a receiver")?,
                value,
                access_list,
                authorization_list: authorizations,
                input,
            })?,
            other => return Err(format!("transaction type {other} is not known")),
        };
        Ok(envelope.encoded_2718())
    }

    fn envelope<T>(&self, tx: T) -> Result<TxEnvelope, String>
    where
        T: SignableTransaction<Signature>,
        alloy_consensus::Signed<T>: Into<TxEnvelope>,
    {
        let signature = self.sign(tx.signature_hash())?;
        Ok(tx.into_signed(signature).into())
    }
}
