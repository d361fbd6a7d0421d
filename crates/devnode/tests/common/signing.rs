//! Signed transactions of every type.

use alloy_consensus::{SignableTransaction, Signed, TxEnvelope};
use alloy_eips::eip2718::Encodable2718;
use alloy_eips::eip7702::{Authorization, SignedAuthorization};
use alloy_primitives::{Address, B256, Signature, U256, hex};
use k256::ecdsa::SigningKey;

/// The chain's id.
pub const CHAIN_ID: u64 = 412_346;
/// What transactions offer: four times the base fee.
pub const PRICE: u128 = 400_000_000;

fn signature(key: &[u8; 32], hash: B256) -> Signature {
    let key = SigningKey::from_slice(key).expect("a private key");
    let (signature, recovery) = key
        .sign_prehash_recoverable(hash.as_slice())
        .expect("a hash can be signed");
    Signature::from_signature_and_parity(signature, recovery.is_y_odd())
}

/// The account of a key.
pub fn account(key: &[u8; 32]) -> Address {
    Address::from_private_key(&SigningKey::from_slice(key).expect("a private key"))
}

/// A transaction as it is sent.
pub fn raw<T>(key: &[u8; 32], tx: T) -> String
where
    T: SignableTransaction<Signature>,
    Signed<T>: Into<TxEnvelope>,
{
    let signature = signature(key, tx.signature_hash());
    let envelope: TxEnvelope = tx.into_signed(signature).into();
    hex::encode_prefixed(envelope.encoded_2718())
}

/// A delegation (EIP-7702).
pub fn authorize(
    key: &[u8; 32],
    chain_id: u64,
    address: Address,
    nonce: u64,
) -> SignedAuthorization {
    let authorization = Authorization {
        chain_id: U256::from(chain_id),
        address,
        nonce,
    };
    let signature = signature(key, authorization.signature_hash());
    authorization.into_signed(signature)
}
