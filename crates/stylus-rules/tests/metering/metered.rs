//! A metered module in an engine that knows nothing of Stylus.

use stylus_rules::instrument::{ENTRYPOINT, INK_LEFT, Instrumented, MEMORY, STACK_LEFT};
use wasmtime::{
    Caller, Config, Engine, Error, ExternType, FuncType, Linker, Module, OptLevel, Store,
    StoreLimits, StoreLimitsBuilder, Val, ValType,
};

use super::host::Host;
use super::interpreter::{Exit, Outcome, digest};
use super::loading::{MAX_PAGES, PAGE};

/// Deeper than any recursion that the stack depth allows; a part of the thread's.
const MAX_STACK: usize = 64 << 20;

/// What the engine's store holds.
struct Data {
    host: Host,
    /// The host found too little ink.
    ink_ran_out: bool,
    limits: StoreLimits,
}

/// A compiled program.
pub struct Metered {
    engine: Engine,
    module: Module,
}

impl Metered {
    pub fn new(program: &Instrumented) -> Self {
        let mut config = Config::new();
        config
            .cranelift_opt_level(OptLevel::None)
            .async_stack_size(2 * MAX_STACK)
            .max_wasm_stack(MAX_STACK);
        let engine = Engine::new(&config).unwrap();
        let module = Module::new(&engine, &program.bytes).unwrap();
        Self { engine, module }
    }

    /// Runs the entry point with so much ink and stack depth, on a stack of its own.
    pub fn run(&self, argument: i32, ink: u64, stack_words: u32) -> Outcome {
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(2 * MAX_STACK);
            let run = thread.spawn_scoped(scope, || run_here(self, argument, ink, stack_words));
            run.unwrap().join().unwrap()
        })
    }
}

fn run_here(metered: &Metered, argument: i32, ink: u64, stack_words: u32) -> Outcome {
    let Metered { engine, module } = metered;
    let data = Data {
        host: Host::default(),
        ink_ran_out: false,
        limits: StoreLimitsBuilder::new()
            .memory_size(MAX_PAGES * PAGE)
            .build(),
    };
    let mut store = Store::new(engine, data);
    store.limiter(|data| &mut data.limits);
    let instance = link(engine, module)
        .instantiate(&mut store, module)
        .unwrap();
    let mut global = |name: &str| instance.get_global(&mut store, name).unwrap();
    let (ink_left, stack_left) = (global(INK_LEFT), global(STACK_LEFT));
    let memory = instance.get_memory(&mut store, MEMORY).unwrap();
    ink_left
        .set(&mut store, Val::I64(ink.cast_signed()))
        .unwrap();
    stack_left
        .set(&mut store, Val::I32(stack_words.cast_signed()))
        .unwrap();

    let entry = instance
        .get_typed_func::<i32, i32>(&mut store, ENTRYPOINT)
        .unwrap();
    let result = entry.call(&mut store, argument);
    let ink_left = ink_left.get(&mut store).i64().unwrap();
    let stack_left = stack_left.get(&mut store).i32().unwrap().cast_unsigned();
    let end = match result {
        Err(_) if stack_left == 0 => Exit::OutOfStack,
        _ if ink_left < 0 || store.data().ink_ran_out => Exit::OutOfInk,
        Ok(value) => Exit::Returned(value),
        Err(_) => Exit::Trapped,
    };
    let ink_left = if end == Exit::OutOfInk {
        0
    } else {
        ink_left.cast_unsigned()
    };
    Outcome {
        end,
        ink_left,
        stack_left,
        memory: digest(end, memory.data(&store)),
        asked: store.into_data().host.0,
    }
}

/// Answers whatever the module imports.
fn link(engine: &Engine, module: &Module) -> Linker<Data> {
    let mut linker = Linker::new(engine);
    for import in module.imports() {
        let ExternType::Func(ty) = import.ty() else {
            unreachable!("only functions can be imported")
        };
        let (name, result) = (import.name().to_owned(), ty.results().next());
        let ty: FuncType = ty.clone();
        let answer = move |caller: Caller<'_, Data>, arguments: &[Val], results: &mut [Val]| {
            let answer = ask(caller, &name, arguments)?;
            if let (Some(slot), Some(ty)) = (results.first_mut(), &result) {
                *slot = match ty {
                    ValType::I64 => Val::I64(answer.cast_signed()),
                    _ => Val::I32((answer as u32).cast_signed()),
                };
            }
            Ok(())
        };
        // The same import twice is one function of the host.
        let _ = linker.func_new(import.module(), import.name(), ty, answer);
    }
    linker
}

/// One call of a host function: takes its price from the program, as the chain's host functions do.
fn ask(mut caller: Caller<'_, Data>, name: &str, arguments: &[Val]) -> Result<u64, Error> {
    let global = caller
        .get_export(INK_LEFT)
        .and_then(|export| export.into_global())
        .unwrap();
    let ink = global.get(&mut caller).i64().unwrap().cast_unsigned();
    let arguments: Vec<u64> = arguments
        .iter()
        .map(|value| match value {
            Val::I32(value) => u64::from(value.cast_unsigned()),
            Val::I64(value) => value.cast_unsigned(),
            other => unreachable!("no host function takes {other:?}"),
        })
        .collect();
    let Some((answer, left)) = caller.data_mut().host.ask(name, &arguments, ink) else {
        caller.data_mut().ink_ran_out = true;
        return Err(Error::msg("out of ink"));
    };
    global
        .set(&mut caller, Val::I64(left.cast_signed()))
        .unwrap();
    Ok(answer)
}
