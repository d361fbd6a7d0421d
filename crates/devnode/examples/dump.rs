use stylus_rules::activate::ActivationContext;
use stylus_rules::instrument::{Form, instrument};
fn main() {
    let wat = std::fs::read(std::env::args().nth(1).unwrap()).unwrap();
    let wasm = wat::parse_bytes(&wat).unwrap();
    for (form, name) in [(Form::Metered, "metered"), (Form::Bare, "bare")] {
        let bytes = instrument(&wasm, &ActivationContext::for_arbos(51), form).unwrap().bytes;
        std::fs::write(format!("/tmp/dump/{name}.wasm"), &bytes).unwrap();
        let engine = wasmtime::Engine::new(wasmtime::Config::new().cranelift_opt_level(wasmtime::OptLevel::Speed)).unwrap();
        std::fs::write(format!("/tmp/dump/{name}.elf"), engine.precompile_module(&bytes).unwrap()).unwrap();
    }
}
