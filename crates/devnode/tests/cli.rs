//! The commands beside `serve`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::path::PathBuf;

use common::{binary, echo};
use serde_json::Value;

fn scratch(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("stylus-devnode-{}-{name}", std::process::id()))
}

#[test]
fn reencoding_drops_what_the_chain_refuses() {
    let (input, output) = (scratch("in.wasm"), scratch("out.wasm"));
    std::fs::write(&input, echo(1)).unwrap();
    let done = binary()
        .arg("reencode")
        .args([&input, &output])
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
    let smaller = std::fs::read(&output).unwrap();
    assert!(smaller.len() < echo(1).len());
    assert_eq!(smaller[..4], *b"\0asm");
    for file in [input, output] {
        std::fs::remove_file(file).unwrap();
    }
}

#[test]
fn inspection_is_json() {
    let file = scratch("inspect.wasm");
    std::fs::write(&file, echo(1)).unwrap();
    let done = binary()
        .arg("inspect")
        .arg(&file)
        .arg("--json")
        .output()
        .unwrap();
    let facts: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(facts["wasm_bytes"], echo(1).len());
    std::fs::remove_file(file).unwrap();
}

#[test]
fn files_that_are_no_wasm_are_refused_in_one_line() {
    let file = scratch("text.wasm");
    std::fs::write(&file, "no wasm").unwrap();
    let output = scratch("never.wasm");
    for arguments in [vec!["inspect"], vec!["reencode"], vec!["replay"]] {
        let mut command = binary();
        command.args(&arguments).arg(&file);
        if arguments == ["reencode"] {
            command.arg(&output);
        }
        let done = command.output().unwrap();
        assert_eq!(done.status.code(), Some(1), "{arguments:?}");
        let message = String::from_utf8(done.stderr).unwrap();
        assert_eq!(message.lines().count(), 1, "{message}");
        assert!(message.contains("text.wasm"), "{message}");
    }
    assert!(!output.exists());
    let missing = binary()
        .args(["inspect", "no-such-file.wasm"])
        .output()
        .unwrap();
    assert!(
        String::from_utf8(missing.stderr)
            .unwrap()
            .contains("no-such-file.wasm")
    );
    std::fs::remove_file(file).unwrap();
}

#[test]
fn unknown_options_and_versions_are_refused() {
    for arguments in [
        ["--arbos", "52"],
        ["--owner", "nobody"],
        ["--port", "70000"],
        ["--host", "0.0.0.0"],
    ] {
        let done = binary().args(arguments).output().unwrap();
        assert_eq!(done.status.code(), Some(2), "{arguments:?}");
        assert!(
            String::from_utf8(done.stderr)
                .unwrap()
                .contains(arguments[0]),
            "{arguments:?}"
        );
    }
}
