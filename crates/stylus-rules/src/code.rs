//! The deployed form of a program: prefixes, brotli, fragments, init code (rules 8, 15.7, 15.8).

use brotli::enc::StandardAlloc;
use brotli::enc::backward_references::BrotliEncoderParams;
use brotli::{BrotliDecompressStream, BrotliResult, BrotliState};

/// Prefix of a whole program.
pub const CLASSIC_PREFIX: [u8; 3] = [0xef, 0xf0, 0x00];
/// Prefix of one fragment of a program (from ArbOS 60).
pub const FRAGMENT_PREFIX: [u8; 3] = [0xef, 0xf0, 0x01];
/// Prefix of the root that lists a program's fragments (from ArbOS 60).
pub const ROOT_PREFIX: [u8; 3] = [0xef, 0xf0, 0x02];
/// First ArbOS version with fragments.
pub const FRAGMENTS_FROM: u64 = 60;
/// The dictionary byte of code compressed without a dictionary, as cargo-stylus does.
pub const NO_DICTIONARY: u8 = 0;

/// Brotli's largest standard window, as cargo-stylus compresses.
const WINDOW_BITS: i32 = 22;
const QUALITY: i32 = 11;
const ADDRESS: usize = 20;

/// The parts of a Stylus account's code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code<'a> {
    /// A whole program: dictionary and brotli stream.
    Classic {
        /// Dictionary byte.
        dict: u8,
        /// Brotli stream.
        payload: &'a [u8],
    },
    /// A part of a program's brotli stream; cannot be activated or called itself.
    Fragment {
        /// Part of a brotli stream.
        payload: &'a [u8],
    },
    /// The list of a program's fragments.
    Root {
        /// Dictionary byte.
        dict: u8,
        /// Length of the wasm, uncompressed; must be met exactly.
        len: u32,
        /// Accounts that hold the fragments, in order.
        addresses: Vec<[u8; ADDRESS]>,
    },
}

/// Why code is not a program that can be activated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// No code at all.
    #[error("the account has no code: deploy the program first")]
    Empty,
    /// Code without a Stylus prefix, or nothing after it.
    #[error("the code is not a Stylus program (it does not begin with 0xeff000)")]
    NotStylus,
    /// A root that ends within a field or an address.
    #[error(
        "the fragment root is cut off or has trailing bytes: its length must be 8 + 20 per fragment"
    )]
    MalformedRoot,
    /// A root that lists too few or too many fragments.
    #[error("the fragment root lists {count} fragments, the chain accepts 1 to {max}")]
    FragmentCount {
        /// Fragments listed.
        count: usize,
        /// Fragments that the chain accepts.
        max: u8,
    },
    /// A root that announces more wasm than the chain accepts.
    #[error("the fragment root announces {len} bytes of wasm, the chain accepts {max}")]
    RootTooLarge {
        /// Bytes announced.
        len: u32,
        /// Bytes that the chain accepts.
        max: u32,
    },
}

/// Splits a Stylus account's code. Whether the chain's version knows fragments is for [`is_program`] and the caller.
pub fn parse_code(code: &[u8]) -> Result<Code<'_>, CodeError> {
    if code.is_empty() {
        return Err(CodeError::Empty);
    }
    let Some((prefix, rest)) = code.split_first_chunk::<3>() else {
        return Err(CodeError::NotStylus);
    };
    match *prefix {
        CLASSIC_PREFIX => match rest.split_first() {
            Some((dict, payload)) => Ok(Code::Classic {
                dict: *dict,
                payload,
            }),
            None => Err(CodeError::NotStylus),
        },
        FRAGMENT_PREFIX if !rest.is_empty() => Ok(Code::Fragment { payload: rest }),
        ROOT_PREFIX => parse_root(rest),
        _ => Err(CodeError::NotStylus),
    }
}

fn parse_root(rest: &[u8]) -> Result<Code<'_>, CodeError> {
    let (dict, rest) = rest.split_first().ok_or(CodeError::MalformedRoot)?;
    let (len, rest) = rest
        .split_first_chunk::<4>()
        .ok_or(CodeError::MalformedRoot)?;
    let (addresses, trailing) = rest.as_chunks::<ADDRESS>();
    if !trailing.is_empty() {
        return Err(CodeError::MalformedRoot);
    }
    Ok(Code::Root {
        dict: *dict,
        len: u32::from_be_bytes(*len),
        addresses: addresses.to_vec(),
    })
}

/// What a root must satisfy before its fragments are read (rules 8, 15.8).
pub fn check_root(
    len: u32,
    fragments: usize,
    max_len: u32,
    max_fragments: u8,
) -> Result<(), CodeError> {
    if fragments == 0 || fragments > usize::from(max_fragments) {
        return Err(CodeError::FragmentCount {
            count: fragments,
            max: max_fragments,
        });
    }
    if len > max_len {
        return Err(CodeError::RootTooLarge { len, max: max_len });
    }
    Ok(())
}

/// Whether an account with this code runs as a Stylus program (rules 6, end).
pub fn is_program(code: &[u8], arbos: u64) -> bool {
    code.len() > 3
        && (code.starts_with(&CLASSIC_PREFIX)
            || (arbos >= FRAGMENTS_FROM && code.starts_with(&ROOT_PREFIX)))
}

/// Whether init code may return this code although it begins with 0xEF (rules 8, EIP-3541 exception).
pub fn may_deploy(code: &[u8], arbos: u64) -> bool {
    is_program(code, arbos)
        || (arbos >= FRAGMENTS_FROM && code.len() > 3 && code.starts_with(&FRAGMENT_PREFIX))
}

/// Why a payload does not decompress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecompressError {
    /// A dictionary byte other than [`NO_DICTIONARY`].
    #[error("dictionary {0} is not known here: compress without a dictionary (0)")]
    Dictionary(u8),
    /// Not a brotli stream, or a stream that is cut off.
    #[error("the payload is not a complete brotli stream")]
    Corrupt,
    /// More bytes than allowed come out.
    #[error("the wasm is larger than {0} bytes, the chain's limit for uncompressed wasm")]
    TooLarge(usize),
    /// A root's announced length is not met.
    #[error("the fragments decompress to {actual} bytes, the root announces {announced}")]
    Length {
        /// Bytes that came out.
        actual: usize,
        /// Bytes announced.
        announced: u32,
    },
}

/// Decompresses a payload to at most `max` bytes; bytes after the end of the stream are ignored (rules 15.8).
///
/// Takes memory for the output and for brotli's standard window only.
pub fn decompress(payload: &[u8], dict: u8, max: usize) -> Result<Vec<u8>, DecompressError> {
    if dict != NO_DICTIONARY {
        return Err(DecompressError::Dictionary(dict));
    }
    let alloc = StandardAlloc::default;
    let mut state = BrotliState::new_strict(alloc(), alloc(), alloc());
    let mut wasm = Vec::new();
    let mut chunk = [0; 16 * 1024];
    let (mut left, mut at, mut total) = (payload.len(), 0, 0);
    loop {
        let (mut room, mut filled) = (chunk.len(), 0);
        let result = BrotliDecompressStream(
            &mut left,
            &mut at,
            payload,
            &mut room,
            &mut filled,
            &mut chunk,
            &mut total,
            &mut state,
        );
        wasm.extend_from_slice(&chunk[..filled]);
        if wasm.len() > max {
            return Err(DecompressError::TooLarge(max));
        }
        match result {
            BrotliResult::ResultSuccess => return Ok(wasm),
            BrotliResult::NeedsMoreOutput => {}
            BrotliResult::NeedsMoreInput | BrotliResult::ResultFailure => {
                return Err(DecompressError::Corrupt);
            }
        }
    }
}

/// Joins the fragments' payloads, in order, and decompresses them to exactly `len` bytes (rules 8).
pub fn decompress_fragments(
    payloads: &[&[u8]],
    dict: u8,
    len: u32,
    max: usize,
) -> Result<Vec<u8>, DecompressError> {
    let wasm = decompress(&payloads.concat(), dict, max)?;
    if wasm.len() != len as usize {
        return Err(DecompressError::Length {
            actual: wasm.len(),
            announced: len,
        });
    }
    Ok(wasm)
}

/// Brotli stream of a wasm as cargo-stylus makes it: quality 11, no dictionary.
pub fn compress(wasm: &[u8]) -> Vec<u8> {
    let params = BrotliEncoderParams {
        quality: QUALITY,
        lgwin: WINDOW_BITS,
        ..Default::default()
    };
    let mut stream = Vec::new();
    let written = brotli::BrotliCompress(&mut &wasm[..], &mut stream, &params);
    debug_assert!(written.is_ok(), "writing to a Vec cannot fail");
    stream
}

/// Code of a whole program: prefix, dictionary byte, brotli stream.
pub fn program_code(wasm: &[u8]) -> Vec<u8> {
    let mut code = CLASSIC_PREFIX.to_vec();
    code.push(NO_DICTIONARY);
    code.extend(compress(wasm));
    code
}

/// Init code that deploys `code` as cargo-stylus does: a prelude of 43 bytes, then the code (rules 8).
pub fn init_code(code: &[u8]) -> Vec<u8> {
    const RETURN_REST: [u8; 10] = [0x80, 0x60, 0x2b, 0x60, 0x00, 0x39, 0x60, 0x00, 0xf3, 0x00];
    let mut init = vec![0x7f];
    init.extend([0; 24]);
    init.extend((code.len() as u64).to_be_bytes());
    init.extend(RETURN_REST);
    init.extend_from_slice(code);
    init
}
