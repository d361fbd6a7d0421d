//! One run of one program.

use revm::primitives::Bytes;
use stylus_rules::instrument::{ENTRYPOINT, INK_LEFT, MAX_INK, MEMORY, STACK_LEFT};
use stylus_rules::pages::PAGE;
use wasmtime::{Error, Global, Instance, Store, StoreLimitsBuilder, Val};

use super::Program;
use super::host::{Exports, FrameFacts, Host};
use super::outcome::{Ending, Outcome, Stop};
use super::storage_cache::StorageCache;
use crate::evm::StylusEvm;
use crate::executor::has_room;

/// Bytes of memory that one program can have: more than 128 pages cannot be paid (rules 5). A growth that the payment
/// does not see, as it counts pages in 16 bits, fails at this limit.
pub const MAX_MEMORY: usize = 128 * PAGE as usize;
/// Lines that one program may write to standard error by `console`, which is free of gas.
const CONSOLE_LINES: u32 = 10_000;

/// What a program is started with.
#[derive(Debug)]
pub struct Start {
    /// The frame's facts.
    pub frame: FrameFacts,
    /// Ink that it may use.
    pub ink: u64,
    /// Words of stack depth that it may use.
    pub stack: u32,
}

struct Globals {
    ink: Global,
    stack: Global,
}

/// Runs a program to its end. `evm` is lent to the program and filled again in every case.
pub fn run(evm: &mut StylusEvm, program: &Program, start: Start) -> Result<Outcome, Stop> {
    if !has_room() {
        let (output, stack_left) = (Bytes::new(), 0);
        return Ok(Outcome {
            ending: Ending::OutOfStack,
            output,
            ink_left: start.ink,
            stack_left,
            refund: 0,
        });
    }
    let input_len = start.frame.input.len() as u32;
    let host = Host {
        evm: evm.lend(),
        frame: start.frame,
        exports: None,
        output: Vec::new(),
        return_data: Default::default(),
        storage: StorageCache::default(),
        last_code: None,
        refund: 0,
        console_lines: CONSOLE_LINES,
        limits: StoreLimitsBuilder::new().memory_size(MAX_MEMORY).build(),
    };
    let mut store = Store::new(program.module.module().engine(), host);
    store.limiter(|host| &mut host.limits);
    let ran = enter(&mut store, program, start.ink, start.stack, input_len);
    let host = store.into_data();
    *evm = host.evm;
    let (ending, ink_left, stack_left) = ran?;
    Ok(Outcome {
        ending,
        output: host.output.into(),
        ink_left,
        stack_left,
        refund: host.refund,
    })
}

fn enter(
    store: &mut Store<Host>,
    program: &Program,
    ink: u64,
    stack: u32,
    input_len: u32,
) -> Result<(Ending, u64, u32), Stop> {
    let machine = |error: Error| Stop::Machine(format!("the program does not start: {error:#}"));
    let instance = program.module.instantiate(&mut *store).map_err(machine)?;
    let (exports, globals) = exports(store, &instance)?;
    store.data_mut().exports = Some(exports);
    globals
        .ink
        .set(&mut *store, Val::I64(ink.min(MAX_INK).cast_signed()))
        .map_err(machine)?;
    globals
        .stack
        .set(&mut *store, Val::I32(stack.cast_signed()))
        .map_err(machine)?;
    let entry = instance
        .get_typed_func::<u32, u32>(&mut *store, ENTRYPOINT)
        .map_err(machine)?;
    let result = entry.call(&mut *store, input_len);
    let stack_left = globals
        .stack
        .get(&mut *store)
        .i32()
        .unwrap_or_default()
        .cast_unsigned();
    let ink = globals.ink.get(&mut *store).i64().unwrap_or_default();
    let ending = ending(result, stack_left == 0, ink < 0)?;
    // A frame that ran out of either has nothing left, whatever stands in the global.
    let exhausted = matches!(ending, Ending::OutOfInk | Ending::OutOfStack);
    let ink_left = if exhausted { 0 } else { ink.cast_unsigned() };
    Ok((ending, ink_left, stack_left))
}

fn exports(store: &mut Store<Host>, instance: &Instance) -> Result<(Exports, Globals), Stop> {
    let missing = |name: &str| Stop::Machine(format!("the metered module does not export {name}"));
    let memory = instance
        .get_memory(&mut *store, MEMORY)
        .ok_or_else(|| missing(MEMORY))?;
    let mut global = |name: &str| {
        instance
            .get_global(&mut *store, name)
            .ok_or_else(|| missing(name))
    };
    let globals = Globals {
        ink: global(INK_LEFT)?,
        stack: global(STACK_LEFT)?,
    };
    Ok((
        Exports {
            memory,
            ink: globals.ink,
        },
        globals,
    ))
}

/// Sorts out why a program ended. Stack depth is looked at before ink (rules 2.4).
fn ending(result: Result<u32, Error>, no_stack: bool, no_ink: bool) -> Result<Ending, Stop> {
    let by_status = |status: u32| {
        if status == 0 {
            Ending::Success
        } else {
            Ending::Revert
        }
    };
    let error = match result {
        Ok(status) => return Ok(by_status(status)),
        Err(error) => error,
    };
    match error.downcast_ref::<Stop>() {
        Some(Stop::Exit(status)) => Ok(by_status(*status)),
        Some(Stop::OutOfInk) => Ok(Ending::OutOfInk),
        Some(Stop::Failure(cause)) => Ok(Ending::Failure((*cause).to_owned())),
        Some(Stop::Machine(cause)) => Err(Stop::Machine(cause.clone())),
        None if no_stack => Ok(Ending::OutOfStack),
        None if no_ink => Ok(Ending::OutOfInk),
        None => Ok(trap(&error)),
    }
}

/// A trap of the wasm engine. Native stack that ends before the counted depth counts as depth (rules 2.4, end).
fn trap(error: &Error) -> Ending {
    match error.downcast_ref::<wasmtime::Trap>() {
        Some(wasmtime::Trap::StackOverflow) => Ending::OutOfStack,
        Some(trap) => Ending::Failure(trap.to_string()),
        None => Ending::Failure(format!("{error:#}")),
    }
}
