//! What a host function works on: the program's frame, its memory and its ink.

use revm::primitives::{Address, Bytes, U256};
use stylus_rules::params::StylusParams;
use stylus_rules::prices::evm;
use stylus_rules::prices::hostio::{read, write};
use wasmtime::{Caller, Global, Memory, StoreLimits, Val};

use super::meter::Meter;
use super::outcome::Stop;
use super::storage_cache::StorageCache;
use super::trace::Entry;
use crate::evm::StylusEvm;

/// Facts of the frame that do not change while the program runs.
#[derive(Clone, Debug)]
pub struct FrameFacts {
    /// Account that the program acts as.
    pub address: Address,
    /// Account that called.
    pub caller: Address,
    /// Value of the call.
    pub value: U256,
    /// Whether nothing may change.
    pub is_static: bool,
    /// Calldata.
    pub input: Bytes,
    /// Stylus' parameters when the frame began: what it changes of them by ArbOwner is for later frames.
    pub params: StylusParams,
    /// ArbOS version.
    pub arbos: u64,
}

/// The instance's exports that the host touches.
#[derive(Clone, Copy, Debug)]
pub struct Exports {
    /// Memory 0.
    pub memory: Memory,
    /// Ink left.
    pub ink: Global,
}

/// The data of a program's store.
#[derive(Debug)]
pub struct Host {
    /// The EVM, lent for as long as the program runs.
    pub evm: StylusEvm,
    /// The frame's facts.
    pub frame: FrameFacts,
    /// Set right after instantiation, before the program runs.
    pub exports: Option<Exports>,
    /// What the program sets as its result.
    pub output: Vec<u8>,
    /// What the last sub-call returned.
    pub return_data: Bytes,
    /// Storage cache of this frame.
    pub storage: StorageCache,
    /// The code read last, if it was not empty: reading the same again is cheaper.
    pub last_code: Option<(Address, Bytes)>,
    /// Refund earned so far.
    pub refund: i64,
    /// Lines that the program may still write to standard error.
    pub console_lines: u32,
    /// Most memory that the program may have.
    pub limits: StoreLimits,
}

/// One call of a host function.
pub struct Call<'a> {
    /// The store's data.
    pub host: &'a mut Host,
    /// The ink; every charge goes through it.
    pub meter: Meter,
    memory: &'a mut [u8],
    /// Arguments and results, where a trace was asked for.
    notes: Option<(Vec<u8>, Vec<u8>)>,
}

/// Runs the body of a host function: takes the ink from the program, charges the base price, gives the rest back.
pub fn enter<R>(
    mut caller: Caller<'_, Host>,
    name: &'static str,
    base: u64,
    body: impl FnOnce(&mut Call<'_>) -> Result<R, Stop>,
) -> wasmtime::Result<R> {
    let Some(exports) = caller.data().exports else {
        return Err(Stop::Machine(
            "a host function was called before the program was set up".into(),
        )
        .into());
    };
    let start_ink = exports
        .ink
        .get(&mut caller)
        .i64()
        .unwrap_or_default()
        .cast_unsigned();
    let (memory, host) = exports.memory.data_and_store_mut(&mut caller);
    let meter = Meter::new(start_ink, host.frame.params.ink_price);
    let notes = host.evm.tx().trace.is_some().then(Default::default);
    let accounted = host.evm.tx().profile.as_mut().map(|profile| {
        profile.enter_host(name, start_ink);
        profile.accounted()
    });
    let mut call = Call {
        host,
        meter,
        memory,
        notes,
    };
    let result = call.meter.pay(base).and_then(|()| body(&mut call));
    let end_ink = call.meter.ink();
    call.record(name, start_ink);
    if let (Some(profile), Some(before)) = (&mut call.host.evm.tx().profile, accounted) {
        let nested = profile.accounted() - before;
        profile.leave_host(end_ink, nested);
    }
    exports
        .ink
        .set(&mut caller, Val::I64(end_ink.cast_signed()))?;
    Ok(result?)
}

impl Call<'_> {
    fn record(&mut self, name: &'static str, start_ink: u64) {
        let end_ink = self.meter.ink();
        let Some((args, outs)) = self.notes.take() else {
            return;
        };
        if let Some(trace) = &mut self.host.evm.tx().trace {
            trace.push(Entry {
                name,
                args: args.into(),
                outs: outs.into(),
                start_ink,
                end_ink,
            });
        }
    }

    /// Notes an argument for the trace.
    pub fn note_arg(&mut self, bytes: impl AsRef<[u8]>) {
        if let Some((args, _)) = &mut self.notes {
            args.extend_from_slice(bytes.as_ref());
        }
    }

    /// Notes a result for the trace.
    pub fn note_out(&mut self, bytes: impl AsRef<[u8]>) {
        if let Some((_, outs)) = &mut self.notes {
            outs.extend_from_slice(bytes.as_ref());
        }
    }

    fn span(&mut self, at: u32, len: usize) -> Result<&mut [u8], Stop> {
        let start = at as usize;
        start
            .checked_add(len)
            .and_then(|end| self.memory.get_mut(start..end))
            .ok_or(Stop::Failure("pointer outside the program's memory"))
    }

    /// Bytes of the program's memory, without a charge.
    pub fn peek(&mut self, at: u32, len: usize) -> Result<&[u8], Stop> {
        self.span(at, len).map(|span| &*span)
    }

    /// Puts bytes into the program's memory, without a charge.
    pub fn put(&mut self, at: u32, bytes: &[u8]) -> Result<(), Stop> {
        self.span(at, bytes.len())?.copy_from_slice(bytes);
        self.note_out(bytes);
        Ok(())
    }

    /// A word of 32 bytes from the program's memory.
    pub fn word(&mut self, at: u32) -> Result<U256, Stop> {
        let word: [u8; 32] = self.fixed(at)?;
        Ok(U256::from_be_bytes(word))
    }

    /// An address from the program's memory.
    pub fn address(&mut self, at: u32) -> Result<Address, Stop> {
        self.fixed(at).map(Address::new)
    }

    fn fixed<const N: usize>(&mut self, at: u32) -> Result<[u8; N], Stop> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.peek(at, N)?);
        self.note_arg(bytes);
        Ok(bytes)
    }

    /// Puts a word of 32 bytes into the program's memory.
    pub fn put_word(&mut self, at: u32, value: U256) -> Result<(), Stop> {
        self.put(at, &value.to_be_bytes::<32>())
    }

    /// Charges for reading `len` bytes of any length.
    pub fn pay_for_read(&mut self, len: u32) -> Result<(), Stop> {
        self.meter.pay(read(len.into()))
    }

    /// Charges for writing `len` bytes of any length.
    pub fn pay_for_write(&mut self, len: usize) -> Result<(), Stop> {
        self.meter.pay(write(len as u64))
    }

    /// Bytes of any length from the program's memory, without a charge.
    pub fn bytes(&mut self, at: u32, len: u32) -> Result<Bytes, Stop> {
        let bytes = Bytes::copy_from_slice(self.peek(at, len as usize)?);
        self.note_arg(&bytes);
        Ok(bytes)
    }

    /// Stops the program where the frame may not change anything.
    pub fn refuse_static(&self) -> Result<(), Stop> {
        if self.host.frame.is_static {
            return Err(Stop::Failure("not allowed in a static call"));
        }
        Ok(())
    }

    /// Requires and pays for reading an account that may be cold.
    pub fn pay_for_account(&mut self, cold: bool) -> Result<(), Stop> {
        self.meter.pay_gas(evm::account(cold))
    }
}
