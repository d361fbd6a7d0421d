//! A metered module in an engine that knows nothing of Stylus.

use stylus_rules::instrument::{ENTRYPOINT, INK_LEFT, INK_STATUS, Instrumented, STACK_LEFT};
use wasmi::{Caller, Config, Engine, Linker, Module, Store, Val};

use super::interpreter::{Exit, Outcome};

/// Deeper than any recursion that the stack depth allows: a frame takes 4 words at least.
const MAX_RECURSION: usize = 262_144 / 4 + 1;
const MAX_STACK: usize = 64 << 20;

/// Runs the entry point with so much ink and stack depth.
pub fn run_metered(program: &Instrumented, argument: i32, ink: u64, stack_words: u32) -> Outcome {
    let mut config = Config::default();
    config
        .set_max_recursion_depth(MAX_RECURSION)
        .set_max_stack_height(MAX_STACK);
    let engine = Engine::new(&config);
    let module = Module::new(&engine, &program.bytes).unwrap();
    let mut store = Store::new(&engine, Vec::new());
    let mut linker = Linker::new(&engine);
    let pay = |mut caller: Caller<'_, Vec<u16>>, pages: i32| caller.data_mut().push(pages as u16);
    linker
        .func_wrap("vm_hooks", "pay_for_memory_grow", pay)
        .unwrap();
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    let global = |name: &str| instance.get_global(&store, name).unwrap();
    let (ink_left, status, stack_left) = (global(INK_LEFT), global(INK_STATUS), global(STACK_LEFT));
    ink_left
        .set(&mut store, Val::I64(ink.cast_signed()))
        .unwrap();
    stack_left
        .set(&mut store, Val::I32(stack_words.cast_signed()))
        .unwrap();

    let entry = instance
        .get_typed_func::<i32, i32>(&store, ENTRYPOINT)
        .unwrap();
    let result = entry.call(&mut store, argument);
    let ink_left = ink_left.get(&store).i64().unwrap().cast_unsigned();
    let stack_left = stack_left.get(&store).i32().unwrap().cast_unsigned();
    let end = match result {
        Ok(value) => Exit::Returned(value),
        Err(_) if stack_left == 0 => Exit::OutOfStack,
        Err(_) if status.get(&store).i32() == Some(1) => Exit::OutOfInk,
        Err(_) => Exit::Trapped,
    };
    let ink_left = if end == Exit::OutOfInk { 0 } else { ink_left };
    Outcome {
        end,
        ink_left,
        stack_left,
        grown: store.into_data(),
    }
}
