//! `Applicant`: a row as a Solidity struct, one field for each feature.
//!
//! Written by hand rather than by `sol!`: every field is a 32-byte word, so that one loop decodes
//! them all, where the derived code spends 3 KB on a struct of 18 fields. A word that does not fit
//! its type is not refused while decoding; it saturates and ends in `InputError::OutOfRange`, which
//! names the feature.

use stylus_sdk::abi::{AbiType, ConstString};
use stylus_sdk::alloy_primitives::B256;
use stylus_sdk::alloy_sol_types::{
    SolType, Word,
    abi::token::{FixedSeqToken, WordToken},
    private::SolTypeValue,
};

use crate::{FEATURES, InputError, Row, check, constants::ABI_TYPES};

/// A decoded struct; not yet checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applicant {
    words: [i64; FEATURES],
}

impl From<Row> for Applicant {
    fn from(row: Row) -> Self {
        Self {
            words: row.map(i64::from),
        }
    }
}

impl TryFrom<Applicant> for Row {
    type Error = InputError;

    /// The row, its ranges checked.
    fn try_from(applicant: Applicant) -> Result<Self, InputError> {
        let mut row = [0; FEATURES];
        for (value, word) in row.iter_mut().zip(applicant.words) {
            // The largest and the smallest i32 belong to no feature's range on that side.
            *value = i32::try_from(word).unwrap_or(if word < 0 { i32::MIN } else { i32::MAX });
        }
        check(&row)?;
        Ok(row)
    }
}

/// A word as a signed number, saturated if it does not fit 64 bits.
#[inline(never)]
fn narrow(word: &Word) -> i64 {
    let (head, tail) = word.split_at(24);
    let mut low = 0_i64;
    for byte in tail {
        low = low.wrapping_shl(8) | i64::from(*byte);
    }
    // The 24 bytes above must repeat the sign.
    let fill = if low < 0 { u8::MAX } else { 0 };
    if head.iter().all(|byte| *byte == fill) {
        low
    } else if head.first().is_some_and(|byte| *byte > 127) {
        i64::MIN
    } else {
        i64::MAX
    }
}

impl AbiType for Applicant {
    type SolType = Self;
    const ABI: ConstString = ConstString::new("Applicant");
    const SELECTOR_ABI: ConstString = ConstString::new(ABI_TYPES);
    const EXPORT_ABI_ARG: ConstString = ConstString::new("Applicant calldata");
    const EXPORT_ABI_RET: ConstString = ConstString::new("Applicant memory");
}

impl SolType for Applicant {
    type RustType = Self;
    type Token<'a> = FixedSeqToken<WordToken, FEATURES>;
    const SOL_NAME: &'static str = ABI_TYPES;
    const ENCODED_SIZE: Option<usize> = Some(32 * FEATURES);
    const PACKED_ENCODED_SIZE: Option<usize> = None;

    fn valid_token(_: &Self::Token<'_>) -> bool {
        true
    }

    #[inline(never)]
    fn detokenize(token: Self::Token<'_>) -> Self {
        let mut words = [0; FEATURES];
        for (value, word) in words.iter_mut().zip(&token.0) {
            *value = narrow(&word.0);
        }
        Self { words }
    }
}

impl SolTypeValue<Self> for Applicant {
    fn stv_to_tokens(&self) -> <Self as SolType>::Token<'_> {
        FixedSeqToken(self.words.map(|value| WordToken(word_of(value))))
    }

    fn stv_abi_encode_packed_to(&self, out: &mut stylus_sdk::alloy_sol_types::private::Vec<u8>) {
        // As Solidity packs a struct's fields inside an array: padded to words.
        for value in self.words {
            out.extend_from_slice(word_of(value).as_slice());
        }
    }

    fn stv_eip712_data_word(&self) -> Word {
        let mut packed = stylus_sdk::alloy_sol_types::private::Vec::new();
        SolTypeValue::<Self>::stv_abi_encode_packed_to(self, &mut packed);
        stylus_sdk::alloy_primitives::keccak256(packed)
    }
}

/// The two's complement word of a number.
fn word_of(value: i64) -> Word {
    let fill = if value < 0 { u8::MAX } else { 0 };
    let mut word = [fill; 32];
    for (byte, source) in word.iter_mut().skip(24).zip(value.to_be_bytes()) {
        *byte = source;
    }
    B256::from(word)
}

#[cfg(test)]
mod tests {
    use super::{narrow, word_of};
    use stylus_sdk::alloy_primitives::B256;

    #[test]
    fn a_word_that_fits_is_read_as_two_s_complement() {
        for value in [0, 1, -1, 255, -256, i64::MAX, i64::MIN] {
            assert_eq!(narrow(&word_of(value)), value);
        }
    }

    #[test]
    fn a_word_that_does_not_fit_saturates_on_its_side() {
        for index in 0..24 {
            let mut word = [0; 32];
            *word.get_mut(index).expect("a byte of the word") = 1;
            assert_eq!(narrow(&B256::from(word)), i64::MAX);
            let mut word = [u8::MAX; 32];
            *word.get_mut(index).expect("a byte of the word") = 254;
            assert_eq!(narrow(&B256::from(word)), i64::MIN);
        }
        // The lower half looks negative, the word is not.
        let mut word = [0; 32];
        *word.get_mut(24).expect("a byte of the word") = 128;
        assert_eq!(narrow(&B256::from(word)), i64::MAX);
    }
}
