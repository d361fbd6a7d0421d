//! Functions of debug chains, free apart from the call (rules 4, end). Their output goes to standard error.

use wasmtime::{Caller, Linker};

use crate::engine::host::Host;
use crate::engine::outcome::Stop;

/// Longest text shown of one `log_txt`.
const MAX_TEXT: usize = 4096;

/// Registers the modules `console` and `debug`.
pub fn link(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    linker.func_wrap(
        "console",
        "log_txt",
        |caller: Caller<'_, Host>, at: u32, len: u32| log_text(caller, at, len),
    )?;
    linker.func_wrap("console", "log_i32", |value: i32| show(&value))?;
    linker.func_wrap("console", "log_i64", |value: i64| show(&value))?;
    linker.func_wrap("console", "log_f32", |value: f32| show(&value))?;
    linker.func_wrap("console", "log_f64", |value: f64| show(&value))?;
    linker.func_wrap("console", "tee_i32", tee::<i32>)?;
    linker.func_wrap("console", "tee_i64", tee::<i64>)?;
    linker.func_wrap("console", "tee_f32", tee::<f32>)?;
    linker.func_wrap("console", "tee_f64", tee::<f64>)?;
    linker.func_wrap("debug", "null_host", || {})?;
    linker.func_wrap("debug", "start_benchmark", || {})?;
    linker.func_wrap("debug", "end_benchmark", || {})?;
    Ok(())
}

fn show(value: &dyn std::fmt::Display) {
    eprintln!("program: {value}");
}

fn tee<T: std::fmt::Display>(value: T) -> T {
    show(&value);
    value
}

fn log_text(caller: Caller<'_, Host>, at: u32, len: u32) -> wasmtime::Result<()> {
    let memory = caller.data().exports.map(|exports| exports.memory);
    let text = memory.and_then(|memory| {
        let end = (at as usize).checked_add(len as usize)?;
        memory
            .data(&caller)
            .get(at as usize..end)
            .map(<[u8]>::to_vec)
    });
    let text = text.ok_or(Stop::Failure("pointer outside the program's memory"))?;
    show(&String::from_utf8_lossy(&text[..text.len().min(MAX_TEXT)]));
    Ok(())
}
