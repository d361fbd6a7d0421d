//! A node of its own for each test, and the little of a client that the tests need.

#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

pub mod contracts;
pub mod signing;
pub mod sol;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use alloy_consensus::TxEip1559;
use alloy_primitives::{Address, Bytes, TxKind, U256, hex};
use serde_json::{Value, json};

/// The public development key of nitro-devnode.
pub const DEV_KEY: [u8; 32] =
    hex!("b6b15c8cb491557369f3c7d2c287b053eb229daa9c22138887752191c9520659");
/// Its account.
pub const DEV: &str = "0x3f1Eae7D46d88F08fc2F8ed27FCb2AB183EB2d0E";
/// ArbWasm.
pub const ARB_WASM: Address = Address::with_last_byte(0x71);

/// The built binary.
pub fn binary() -> Command {
    Command::new(env!("CARGO_BIN_EXE_stylus-devnode"))
}

/// A running node; stopped when dropped.
pub struct Node {
    process: Child,
    pub port: u16,
    pub ready: Value,
}

impl Node {
    /// A node on a free port.
    pub fn start(options: &[&str]) -> Self {
        Self::start_as(binary(), options)
    }

    /// As [`Self::start`], with so much address space.
    pub fn start_within(gigabytes: u64) -> Self {
        let mut shell = Command::new("sh");
        let script = format!(r#"ulimit -v {} && exec "$0" "$@""#, gigabytes << 20);
        shell.args(["-c", &script]).arg(binary().get_program());
        Self::start_as(shell, &[])
    }

    fn start_as(mut command: Command, options: &[&str]) -> Self {
        command
            .args(["--port", "0"])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let port = ready["rpc"]
            .as_str()
            .unwrap()
            .rsplit(':')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        Self {
            process,
            port,
            ready,
        }
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Most memory that the process has had so far, in KB.
    pub fn peak_memory(&self) -> u64 {
        memory(self.pid(), "VmHWM:")
    }

    /// Sends the process a signal, such as INT.
    pub fn signal(&self, name: &str) {
        let mut kill = Command::new("kill");
        let sent = kill.args([&format!("-{name}"), &self.pid().to_string()]);
        assert!(sent.status().unwrap().success());
    }

    /// Waits for the end of the process.
    pub fn wait(&mut self) -> Option<i32> {
        self.process.wait().unwrap().code()
    }

    /// One HTTP request; status and body.
    pub fn http(&self, head: &str, body: &str) -> (u16, String) {
        self.http_announcing(body.len(), head, body)
    }

    /// As [`Self::http`], with a length announced that need not be the body's.
    pub fn http_announcing(&self, length: usize, head: &str, body: &str) -> (u16, String) {
        let (status, answer) = self.exchange(length, head, body);
        let body = answer.split_once("\r\n\r\n").map(|(_, body)| body);
        (status, body.unwrap_or_default().to_owned())
    }

    /// As [`Self::http`], but the whole answer: status line, headers, body.
    pub fn http_with_head(&self, head: &str, body: &str) -> (u16, String) {
        self.exchange(body.len(), head, body)
    }

    fn exchange(&self, length: usize, head: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        write!(
            stream,
            "{head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok())
            .unwrap();
        (status, answer)
    }

    /// One request of JSON text; the body of the answer.
    pub fn post(&self, body: &str) -> String {
        let head = format!(
            "POST / HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json",
            self.port
        );
        self.http(&head, body).1
    }

    /// Sends one request of JSON text without waiting for the answer.
    pub fn begin(&self, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(
            stream,
            "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        stream
    }

    /// One call; result or error.
    pub fn rpc(&self, method: &str, params: Value) -> Result<Value, Value> {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let mut answer: Value = serde_json::from_str(&self.post(&request.to_string())).unwrap();
        match answer.get("error") {
            Some(error) => Err(error.clone()),
            None => Ok(answer["result"].take()),
        }
    }

    /// One call that must succeed.
    pub fn ask(&self, method: &str, params: Value) -> Value {
        self.rpc(method, params)
            .unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Sends a transaction of the development account and gives its receipt.
    pub fn send(&self, tx: Tx) -> Value {
        let hash = self.ask("eth_sendRawTransaction", json!([self.sign(tx)]));
        self.ask("eth_getTransactionReceipt", json!([hash]))
    }

    /// Signs with the development account's key.
    pub fn sign(&self, tx: Tx) -> String {
        let nonce = self.ask("eth_getTransactionCount", json!([DEV, "latest"]));
        sign(
            &DEV_KEY,
            Tx {
                nonce: tx.nonce.or_else(|| Some(number(&nonce))),
                ..tx
            },
        )
    }

    /// The host functions that a call makes and the ink that each takes. The program must not fail.
    pub fn ink(&self, call: Value) -> Vec<(String, u64)> {
        let tracer = json!({ "tracer": "stylusTracer" });
        let trace = self.ask("debug_traceCall", json!([call, "latest", tracer]));
        let entries = trace.as_array().unwrap().iter();
        entries
            .map(|entry| {
                let ink = |name: &str| entry[name].as_u64().unwrap();
                let name = entry["name"].as_str().unwrap().to_owned();
                (name, ink("startInk") - ink("endInk"))
            })
            .collect()
    }

    /// Runs EVM code on a fresh account; what it returns, in words.
    pub fn run(&self, code: &contracts::Evm) -> Vec<U256> {
        self.run_with(code, json!({}))
    }

    /// As [`Self::run`], with more fields of the call.
    pub fn run_with(&self, code: &contracts::Evm, fields: Value) -> Vec<U256> {
        let mut call = json!({ "to": SCRATCH });
        for (name, value) in fields.as_object().unwrap() {
            call[name] = value.clone();
        }
        let overrides = json!({ SCRATCH.to_string(): { "code": hex::encode_prefixed(&code.0) } });
        let output = self.ask("eth_call", json!([call, "latest", overrides]));
        words(&output)
    }

    /// Activates the program of this wasm without deploying it; the error if that fails.
    pub fn try_activation(&self, wasm: &[u8]) -> Result<Value, Value> {
        let code = hex::encode_prefixed(stylus_rules::code::program_code(wasm));
        let call = json!({
            "from": DEV, "to": ARB_WASM, "value": "0x56bc75e2d63100000", "data": activation_of(SCRATCH),
        });
        let overrides = json!({ SCRATCH.to_string(): { "code": code } });
        self.rpc("eth_call", json!([call, "latest", overrides]))
    }

    /// Deploys EVM code.
    pub fn deploy(&self, code: &contracts::Evm) -> Address {
        let receipt = self.send(Tx {
            data: code.init_code().into(),
            ..Tx::create()
        });
        assert_eq!(receipt["status"], "0x1", "{receipt}");
        receipt["contractAddress"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap()
    }

    /// Deploys a program as cargo-stylus does and activates it.
    pub fn deploy_program(&self, wasm: &[u8]) -> Address {
        let code = stylus_rules::code::program_code(wasm);
        let deployed = self.send(Tx {
            data: stylus_rules::code::init_code(&code).into(),
            ..Tx::create()
        });
        let address: Address = deployed["contractAddress"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        let activated = self.send(Tx {
            to: TxKind::Call(ARB_WASM),
            data: activation_of(address),
            value: U256::from(10).pow(U256::from(17)),
            ..Tx::create()
        });
        assert_eq!(activated["status"], "0x1", "{activated}");
        address
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Calldata of `activateProgram(address)`.
pub fn activation_of(program: Address) -> Bytes {
    let mut data = hex!("58c780c2").to_vec();
    data.extend(program.into_word());
    data.into()
}

/// What a test sends.
#[derive(Clone)]
pub struct Tx {
    pub to: TxKind,
    pub data: Bytes,
    pub value: U256,
    pub gas: u64,
    pub nonce: Option<u64>,
    pub chain_id: u64,
    pub price: u128,
}

impl Tx {
    /// A creation with generous gas.
    pub fn create() -> Self {
        Self {
            to: TxKind::Create,
            data: Bytes::new(),
            value: U256::ZERO,
            gas: 20_000_000,
            nonce: None,
            chain_id: 412_346,
            price: 400_000_000,
        }
    }

    /// A call with generous gas.
    pub fn call(to: Address, data: impl Into<Bytes>) -> Self {
        Self {
            to: TxKind::Call(to),
            data: data.into(),
            ..Self::create()
        }
    }
}

/// Signs a transaction of type 2.
pub fn sign(key: &[u8; 32], tx: Tx) -> String {
    let tx = TxEip1559 {
        chain_id: tx.chain_id,
        nonce: tx.nonce.unwrap_or_default(),
        gas_limit: tx.gas,
        max_fee_per_gas: tx.price,
        max_priority_fee_per_gas: 0,
        to: tx.to,
        value: tx.value,
        access_list: Default::default(),
        input: tx.data,
    };
    signing::raw(key, tx)
}

/// A figure of a process's memory in KB, by its name in /proc; 0 once the process has ended.
pub fn memory(pid: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.and_then(|line| line.split_whitespace().next());
    kilobytes.map_or(0, |text| text.parse().unwrap())
}

/// Account that [`Node::run`] puts its code at.
pub const SCRATCH: Address = Address::repeat_byte(0x5c);

/// The words of a hex string.
pub fn words(output: &Value) -> Vec<U256> {
    let bytes = hex::decode(output.as_str().unwrap()).unwrap();
    bytes.chunks(32).map(U256::from_be_slice).collect()
}

/// A hex number of JSON-RPC.
pub fn number(value: &Value) -> u64 {
    u64::from_str_radix(value.as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
}

/// A program that returns its calldata; `salt` makes its code its own.
pub fn echo(salt: u32) -> Vec<u8> {
    program(salt, |body| {
        body.i32_const(0)
            .call(READ_ARGS)
            .i32_const(0)
            .local_get(0)
            .call(WRITE_RESULT)
            .i32_const(0)
            .end();
    })
}

/// Index of `read_args` in [`program`].
pub const READ_ARGS: u32 = 0;
/// Index of `write_result` in [`program`].
pub const WRITE_RESULT: u32 = 1;
/// Index of `call_contract` in [`program`].
pub const CALL_CONTRACT: u32 = 2;
/// Index of the entry point in [`program`].
pub const ENTRY: u32 = 3;

/// A program with one page of memory and this entry point: (length of the calldata) -> status.
pub fn program(salt: u32, body: impl FnOnce(&mut wasm_encoder::InstructionSink<'_>)) -> Vec<u8> {
    use wasm_encoder::*;
    let (i32, i64) = (ValType::I32, ValType::I64);
    let mut types = TypeSection::new();
    types.ty().function([i32], [i32]);
    types.ty().function([i32], []);
    types.ty().function([i32, i32], []);
    types.ty().function([i32, i32, i32, i32, i64, i32], [i32]);
    let mut imports = ImportSection::new();
    for (name, ty) in [("read_args", 1), ("write_result", 2), ("call_contract", 3)] {
        imports.import("vm_hooks", name, EntityType::Function(ty));
    }
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: Some(1),
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0).export(
        "user_entrypoint",
        ExportKind::Func,
        ENTRY,
    );
    let mut function = Function::new([]);
    body(&mut function.instructions());
    let mut code = CodeSection::new();
    code.function(&function);
    let salt = salt.to_le_bytes();
    let custom = CustomSection {
        name: "salt".into(),
        data: salt.as_slice().into(),
    };
    let mut module = Module::new();
    module
        .section(&types)
        .section(&imports)
        .section(&functions)
        .section(&memories)
        .section(&exports)
        .section(&code)
        .section(&custom);
    module.finish()
}
