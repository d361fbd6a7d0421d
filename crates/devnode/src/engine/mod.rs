//! Stylus programs on wasmtime: compilation, the call of one program, host functions.
//!
//! Gas is counted by the module's own instrumentation and by [`meter`]; the engine has no fuel, no epochs and no timers.
//! Which compiler a module gets is [`effort`]'s to say.

pub mod effort;
pub mod frame;
pub mod host;
pub mod hostio;
pub mod meter;
pub mod outcome;
pub mod profile;
pub mod run;
pub mod storage_cache;
pub mod trace;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use revm::primitives::B256;
use stylus_rules::activate::ActivationContext;
use stylus_rules::instrument::{self, Form, Instrumented};
use wasmtime::{Config, InstancePre, Linker, Module, OptLevel, Strategy};

use crate::executor::address_space_is_limited;
use effort::{Compiler, Effort};
use host::Host;
use run::MAX_MEMORY;

/// Native stack that one program may use. The instrumentation stops a program long before: the deepest chain setting,
/// 262,144 words, takes under 48 bytes a word by either compiler (tests/depth.rs).
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
    /// Neither compiler may be let at the program, though a real node takes it.
    #[error(
        "this node does not compile the program: its operators of several results move up to {moved} values, and {} are \
         the most; write functions and blocks of one result",
        effort::MAX_MOVED
    )]
    Effort {
        /// Values moved.
        moved: u64,
    },
}

/// One compiled program.
pub struct Program {
    /// The module, linked to the host functions.
    pub module: InstancePre<Host>,
    /// First basic block of each function, as profiles count them.
    pub starts: Arc<[u32]>,
}

/// What a compiled program is known by: code hash, Stylus version, form.
type Known = (B256, u16, Form);

/// One compiler with the host functions for what it compiles.
struct Backend {
    engine: wasmtime::Engine,
    linker: Linker<Host>,
}

impl Backend {
    fn new(compiler: Compiler) -> wasmtime::Result<Self> {
        let mut config = Config::new();
        match compiler {
            Compiler::Optimizing => config.cranelift_opt_level(OptLevel::Speed),
            Compiler::Baseline => config.strategy(Strategy::Winch),
        };
        config
            .async_stack_size(2 * WASM_STACK)
            .max_wasm_stack(WASM_STACK)
            .wasm_backtrace_max_frames(None)
            .native_unwind_info(false);
        if address_space_is_limited() {
            // Else each running program reserves 4 GiB, which spares it a check at each access.
            config
                .memory_reservation(MAX_MEMORY as u64)
                .memory_reservation_for_growth(0)
                .memory_guard_size(0);
        }
        let engine = wasmtime::Engine::new(&config)?;
        let linker = hostio::link(&engine)?;
        Ok(Self { engine, linker })
    }

    fn compile(&self, wasm: &[u8]) -> wasmtime::Result<InstancePre<Host>> {
        self.linker
            .instantiate_pre(&Module::new(&self.engine, wasm)?)
    }
}

/// The wasm engine with its compilers, host functions and compiled programs.
pub struct Engine {
    optimizing: Backend,
    baseline: Backend,
    forced: Option<Compiler>,
    programs: Mutex<HashMap<Known, Arc<Program>>>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine without programs; `forced` compiles all that come, whatever effort they take.
    pub fn new(forced: Option<Compiler>) -> Result<Self, EngineError> {
        let backend = |compiler| Backend::new(compiler).map_err(EngineError::Setup);
        Ok(Self {
            optimizing: backend(Compiler::Optimizing)?,
            baseline: backend(Compiler::Baseline)?,
            forced,
            programs: Mutex::default(),
        })
    }

    /// The compiled program of a code hash in a form; `load` gives its wasm where it is not compiled yet.
    pub fn program(
        &self,
        code_hash: B256,
        context: &ActivationContext,
        form: Form,
        load: impl FnOnce() -> Result<Vec<u8>, EngineError>,
    ) -> Result<Arc<Program>, EngineError> {
        let known = (code_hash, context.version, form);
        if let Some(program) = self.known(&known) {
            return Ok(program);
        }
        let wasm = load()?;
        let metered = instrument::instrument(&wasm, context, form)
            .map_err(|refusal| EngineError::Prepare(refusal.to_string()))?;
        self.compile(known, &metered)
    }

    /// Compiles an instrumented module and keeps it.
    pub fn compile(
        &self,
        known: Known,
        instrumented: &Instrumented,
    ) -> Result<Arc<Program>, EngineError> {
        if let Some(program) = self.known(&known) {
            return Ok(program);
        }
        let backend = match self.compiler(instrumented)? {
            Compiler::Optimizing => &self.optimizing,
            Compiler::Baseline => &self.baseline,
        };
        let module = backend
            .compile(&instrumented.bytes)
            .map_err(|error| EngineError::Prepare(format!("{error:#}")))?;
        let functions = instrumented.functions.iter();
        let program = Arc::new(Program {
            module,
            starts: functions.map(|function| function.first_block).collect(),
        });
        let mut programs = self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        if programs.len() >= KEPT_PROGRAMS {
            programs.clear();
        }
        programs.insert(known, Arc::clone(&program));
        Ok(program)
    }

    fn compiler(&self, instrumented: &Instrumented) -> Result<Compiler, EngineError> {
        if let Some(forced) = self.forced {
            return Ok(forced);
        }
        let effort =
            Effort::of(instrumented).map_err(|error| EngineError::Prepare(error.to_string()))?;
        effort.compiler().ok_or(EngineError::Effort {
            moved: effort.moved,
        })
    }

    fn known(&self, known: &Known) -> Option<Arc<Program>> {
        self.programs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(known)
            .cloned()
    }
}
