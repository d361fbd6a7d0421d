//! Functions of debug chains, free apart from the call (rules 4, end). Their output goes to standard error.

use std::fmt::Display;

use wasmtime::{Caller, Linker, WasmTy};

use crate::engine::host::Host;
use crate::engine::outcome::Stop;

/// Longest text shown of one `log_txt`.
const MAX_TEXT: usize = 4096;

/// Registers the modules `console` and `debug`.
pub fn link(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    linker.func_wrap("console", "log_txt", log_text)?;
    linker.func_wrap("console", "log_i32", log::<i32>)?;
    linker.func_wrap("console", "log_i64", log::<i64>)?;
    linker.func_wrap("console", "log_f32", log::<f32>)?;
    linker.func_wrap("console", "log_f64", log::<f64>)?;
    linker.func_wrap("console", "tee_i32", tee::<i32>)?;
    linker.func_wrap("console", "tee_i64", tee::<i64>)?;
    linker.func_wrap("console", "tee_f32", tee::<f32>)?;
    linker.func_wrap("console", "tee_f64", tee::<f64>)?;
    linker.func_wrap("debug", "null_host", || {})?;
    linker.func_wrap("debug", "start_benchmark", || {})?;
    linker.func_wrap("debug", "end_benchmark", || {})?;
    Ok(())
}

/// Shows a line unless the program has written too many.
fn show(host: &mut Host, line: &dyn Display) {
    if host.console_lines == 0 {
        return;
    }
    host.console_lines -= 1;
    eprintln!("program {}: {line}", host.frame.address);
}

fn log<T: Display + WasmTy>(mut caller: Caller<'_, Host>, value: T) {
    show(caller.data_mut(), &value);
}

fn tee<T: Display + WasmTy>(mut caller: Caller<'_, Host>, value: T) -> T {
    show(caller.data_mut(), &value);
    value
}

fn log_text(mut caller: Caller<'_, Host>, at: u32, len: u32) -> wasmtime::Result<()> {
    let memory = caller.data().exports.map(|exports| exports.memory);
    let text = memory.and_then(|memory| {
        let end = (at as usize).checked_add(len as usize)?;
        let text = memory.data(&caller).get(at as usize..end)?;
        Some(String::from_utf8_lossy(&text[..text.len().min(MAX_TEXT)]).into_owned())
    });
    let text = text.ok_or(Stop::Failure("pointer outside the program's memory"))?;
    show(caller.data_mut(), &text);
    Ok(())
}
