//! From an account's code to the wasm of its program (rules 8).

use revm::context::Journal;
use revm::primitives::{Address, Bytes};
use stylus_rules::code::{self, Code, CodeError, DecompressError};
use stylus_rules::params::StylusParams;

use crate::state::{State, peek};

/// Why code gives no wasm.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The code is not a whole program.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// A fragment cannot be activated or called itself.
    #[error("this account holds a fragment of a program: activate the root that lists it")]
    Fragment,
    /// An account that a root lists holds no fragment.
    #[error("account {0}, which the root lists, holds no fragment")]
    NotAFragment(Address),
    /// The payload does not decompress.
    #[error(transparent)]
    Decompress(#[from] DecompressError),
}

/// The wasm of a program whose code is `code`; reads the fragments that a root lists, which stay as cold as they are.
pub fn load(
    journal: &Journal<State>,
    code: &Bytes,
    arbos: u64,
    params: &StylusParams,
) -> Result<Vec<u8>, LoadError> {
    let max = params.max_wasm_size as usize;
    match code::parse_code(code)? {
        Code::Classic { dict, payload } => Ok(code::decompress(payload, dict, max)?),
        Code::Root {
            dict,
            len,
            addresses,
        } if arbos >= code::FRAGMENTS_FROM => {
            code::check_root(
                len,
                addresses.len(),
                params.max_wasm_size,
                params.max_fragment_count,
            )?;
            let mut fragments = Vec::with_capacity(addresses.len());
            for address in addresses {
                fragments.push(fragment(journal, Address::new(address))?);
            }
            let payloads: Vec<&[u8]> = fragments
                .iter()
                .map(|code| &code[code::FRAGMENT_PREFIX.len()..])
                .collect();
            Ok(code::decompress_fragments(&payloads, dict, len, max)?)
        }
        Code::Fragment { .. } if arbos >= code::FRAGMENTS_FROM => Err(LoadError::Fragment),
        Code::Root { .. } | Code::Fragment { .. } => Err(CodeError::NotStylus.into()),
    }
}

fn fragment(journal: &Journal<State>, address: Address) -> Result<Bytes, LoadError> {
    let code = peek(journal, &address)
        .code
        .unwrap_or_default()
        .original_bytes();
    match code::parse_code(&code) {
        Ok(Code::Fragment { .. }) => Ok(code),
        _ => Err(LoadError::NotAFragment(address)),
    }
}
