//! Stylus programs on wasmtime: compilation, the call of one program, host functions.
//!
//! Gas is counted by the module's own instrumentation and by [`meter`]; the engine has no fuel, no epochs and no timers.

pub mod frame;
pub mod host;
pub mod hostio;
pub mod meter;
pub mod outcome;
pub mod run;
pub mod storage_cache;
pub mod trace;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use revm::primitives::B256;
use stylus_rules::activate::ActivationContext;
use stylus_rules::instrument::{self, Form, Instrumented};
use wasmtime::{Config, InstancePre, Linker, Module, OptLevel};

use host::Host;

/// Native stack that one program may use. The instrumentation stops a program long before: the deepest chain setting,
/// 262,144 words, takes under 48 bytes a word.
const WASM_STACK: usize = 16 << 20;
/// Compiled programs kept. More than any development chain runs at once; each takes about ten times its wasm.
const KEPT_PROGRAMS: usize = 512;

/// Why a program cannot be prepared to run, although the chain activated it.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The host could not set up the engine.
    #[error("the wasm engine does not start on this machine: {0}")]
    Setup(wasmtime::Error),
    /// The code of an active program is not what was activated.
    #[error("the program's code cannot be prepared: {0}")]
    Prepare(String),
}

/// One compiled program.
pub type Program = InstancePre<Host>;

/// The wasm engine with its host functions and compiled programs.
pub struct Engine {
    wasmtime: wasmtime::Engine,
    linker: Linker<Host>,
    programs: Mutex<HashMap<(B256, u16), Arc<Program>>>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine without programs.
    pub fn new() -> Result<Self, EngineError> {
        let mut config = Config::new();
        config
            .cranelift_opt_level(OptLevel::Speed)
            .async_stack_size(2 * WASM_STACK)
            .max_wasm_stack(WASM_STACK)
            .wasm_backtrace_max_frames(None)
            .native_unwind_info(false);
        let wasmtime = wasmtime::Engine::new(&config).map_err(EngineError::Setup)?;
        let linker = hostio::link(&wasmtime).map_err(EngineError::Setup)?;
        Ok(Self {
            wasmtime,
            linker,
            programs: Mutex::default(),
        })
    }

    /// The compiled program of a code hash; `load` gives its wasm where it is not compiled yet.
    pub fn program(
        &self,
        code_hash: B256,
        context: &ActivationContext,
        load: impl FnOnce() -> Result<Vec<u8>, EngineError>,
    ) -> Result<Arc<Program>, EngineError> {
        if let Some(program) = self.known(code_hash, context.version) {
            return Ok(program);
        }
        let wasm = load()?;
        let metered = instrument::instrument(&wasm, context, Form::Metered)
            .map_err(|refusal| EngineError::Prepare(refusal.to_string()))?;
        self.compile(code_hash, context.version, &metered)
    }

    /// Compiles a metered module and keeps it under its code hash.
    pub fn compile(
        &self,
        code_hash: B256,
        version: u16,
        metered: &Instrumented,
    ) -> Result<Arc<Program>, EngineError> {
        if let Some(program) = self.known(code_hash, version) {
            return Ok(program);
        }
        let prepared = Module::new(&self.wasmtime, &metered.bytes)
            .and_then(|module| self.linker.instantiate_pre(&module));
        let program =
            Arc::new(prepared.map_err(|error| EngineError::Prepare(format!("{error:#}")))?);
        let mut programs = self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        if programs.len() >= KEPT_PROGRAMS {
            programs.clear();
        }
        programs.insert((code_hash, version), Arc::clone(&program));
        Ok(program)
    }

    fn known(&self, code_hash: B256, version: u16) -> Option<Arc<Program>> {
        self.programs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&(code_hash, version))
            .cloned()
    }

    /// wasmtime's engine, to make stores with.
    pub fn wasmtime(&self) -> &wasmtime::Engine {
        &self.wasmtime
    }
}
