"""``stylus-ai setup``: the one thing that pip cannot bring, the compiler's wasm target."""

from __future__ import annotations

from scaffold.cli.options import JsonOutput, examples
from scaffold.console import Console


@examples("stylus-ai setup", "STYLUS_AI_WASM_ROAD=rust-src stylus-ai setup")
def command(*, json_output: JsonOutput = False) -> None:
    """Provide the wasm target of the Rust compiler, without root; changes nothing if it is there.

    Takes the first road that leads there: it is there already; rustup; the distribution's rust-src
    of the same version. STYLUS_AI_WASM_ROAD=present, rustup or rust-src forces one. An interrupted
    run goes on where it stopped.
    """
    from stylus_ai.build import wasm_target  # noqa: PLC0415 - pulls in the build stage

    console = Console(json_output=json_output)
    target = wasm_target.ensure(console.step)
    value = {
        "rustc": target.toolchain.version,
        "road": target.road.value,
        "folder": str(target.toolchain.target_folder),
    }
    console.result(
        value, lambda: console.line(f"rustc {value['rustc']} builds wasm ({value['road']})")
    )
