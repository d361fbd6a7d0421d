//! Contracts for tests: Stylus programs in the text format, EVM code by mnemonics.

use alloy_primitives::{Address, U256};

/// All host functions of `vm_hooks` with their types (rules 4), imported as `$name`.
const HOOKS: &str = "
    read_args: i32
    write_result: i32 i32
    exit_early: i32
    storage_load_bytes32: i32 i32
    storage_cache_bytes32: i32 i32
    storage_flush_cache: i32
    transient_load_bytes32: i32 i32
    transient_store_bytes32: i32 i32
    call_contract: i32 i32 i32 i32 i64 i32 -> i32
    delegate_call_contract: i32 i32 i32 i64 i32 -> i32
    static_call_contract: i32 i32 i32 i64 i32 -> i32
    create1: i32 i32 i32 i32 i32
    create2: i32 i32 i32 i32 i32 i32
    read_return_data: i32 i32 i32 -> i32
    return_data_size: -> i32
    emit_log: i32 i32 i32
    account_balance: i32 i32
    account_code: i32 i32 i32 i32 -> i32
    account_code_size: i32 -> i32
    account_codehash: i32 i32
    evm_gas_left: -> i64
    evm_ink_left: -> i64
    block_basefee: i32
    chainid: -> i64
    block_coinbase: i32
    block_gas_limit: -> i64
    block_number: -> i64
    block_timestamp: -> i64
    contract_address: i32
    math_div: i32 i32
    math_mod: i32 i32
    math_pow: i32 i32
    math_add_mod: i32 i32 i32
    math_mul_mod: i32 i32 i32
    msg_reentrant: -> i32
    msg_sender: i32
    msg_value: i32
    native_keccak256: i32 i32 i32
    tx_gas_price: i32
    tx_ink_price: -> i32
    tx_origin: i32
    pay_for_memory_grow: i32
";

/// A program with one page of memory that imports all host functions. `parts` are more fields of the module (data,
/// functions); `body` is the entry point's, which has the calldata's length in `$len`.
pub fn program(parts: &str, body: &str) -> Vec<u8> {
    program_with_memory("1 1", parts, body)
}

/// As [`program`], with a memory of these limits.
pub fn program_with_memory(limits: &str, parts: &str, body: &str) -> Vec<u8> {
    let imports = HOOKS.lines().filter_map(|line| line.trim().split_once(':'));
    let imports: String = imports
        .map(|(name, ty)| {
            let (params, result) = ty.split_once("->").unwrap_or((ty, ""));
            let result = match result.trim() {
                "" => String::new(),
                ty => format!("(result {ty})"),
            };
            format!("(import \"vm_hooks\" \"{name}\" (func ${name} (param {params}) {result}))\n")
        })
        .collect();
    let wat = format!(
        "(module {imports} (memory (export \"memory\") {limits}) {parts}
            (func $main (export \"user_entrypoint\") (param $len i32) (result i32) {body}))"
    );
    wat::parse_str(&wat).unwrap_or_else(|error| panic!("{error}\n{wat}"))
}

/// A call of a host function, `name argument …`, whose result, if it has one, is dropped.
pub fn statement(call: &str) -> String {
    let name = call.split(' ').next().unwrap_or_default();
    let gives = HOOKS.lines().any(|line| {
        let hook = line.trim().split_once(':');
        hook.is_some_and(|(hook, ty)| hook == name && ty.contains("->"))
    });
    if gives {
        format!("(drop (call ${call}))")
    } else {
        format!("(call ${call})")
    }
}

/// A data segment that puts these bytes at `at`.
pub fn data(at: u32, bytes: &[u8]) -> String {
    let hex: String = bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
    format!("(data (i32.const {at}) \"{hex}\")")
}

/// EVM code, written by appending.
#[derive(Clone, Debug, Default)]
pub struct Evm(pub Vec<u8>);

/// Opcodes by name.
pub mod op {
    pub const STOP: u8 = 0x00;
    pub const ADD: u8 = 0x01;
    pub const SUB: u8 = 0x03;
    pub const CLZ: u8 = 0x1e;
    pub const ADDRESS: u8 = 0x30;
    pub const BALANCE: u8 = 0x31;
    pub const ORIGIN: u8 = 0x32;
    pub const CALLER: u8 = 0x33;
    pub const CALLDATALOAD: u8 = 0x35;
    pub const CALLDATASIZE: u8 = 0x36;
    pub const CALLDATACOPY: u8 = 0x37;
    pub const GASPRICE: u8 = 0x3a;
    pub const EXTCODESIZE: u8 = 0x3b;
    pub const RETURNDATASIZE: u8 = 0x3d;
    pub const RETURNDATACOPY: u8 = 0x3e;
    pub const EXTCODEHASH: u8 = 0x3f;
    pub const BLOCKHASH: u8 = 0x40;
    pub const COINBASE: u8 = 0x41;
    pub const TIMESTAMP: u8 = 0x42;
    pub const NUMBER: u8 = 0x43;
    pub const PREVRANDAO: u8 = 0x44;
    pub const GASLIMIT: u8 = 0x45;
    pub const CHAINID: u8 = 0x46;
    pub const SELFBALANCE: u8 = 0x47;
    pub const BASEFEE: u8 = 0x48;
    pub const BLOBHASH: u8 = 0x49;
    pub const BLOBBASEFEE: u8 = 0x4a;
    pub const POP: u8 = 0x50;
    pub const MLOAD: u8 = 0x51;
    pub const MSTORE: u8 = 0x52;
    pub const SLOAD: u8 = 0x54;
    pub const SSTORE: u8 = 0x55;
    pub const GAS: u8 = 0x5a;
    pub const TLOAD: u8 = 0x5c;
    pub const TSTORE: u8 = 0x5d;
    pub const MCOPY: u8 = 0x5e;
    pub const PUSH0: u8 = 0x5f;
    pub const SWAP1: u8 = 0x90;
    pub const CREATE: u8 = 0xf0;
    pub const CALL: u8 = 0xf1;
    pub const RETURN: u8 = 0xf3;
    pub const DELEGATECALL: u8 = 0xf4;
    pub const CREATE2: u8 = 0xf5;
    pub const STATICCALL: u8 = 0xfa;
    pub const SELFDESTRUCT: u8 = 0xff;
}

impl Evm {
    pub fn new() -> Self {
        Self::default()
    }

    /// One opcode without immediate.
    pub fn op(mut self, opcode: u8) -> Self {
        self.0.push(opcode);
        self
    }

    /// PUSH of the least width, at least one byte.
    pub fn push(self, value: u64) -> Self {
        self.word(U256::from(value))
    }

    /// As [`Self::push`], of a whole word.
    pub fn word(mut self, value: U256) -> Self {
        let bytes = value.to_be_bytes_trimmed_vec();
        let bytes = if bytes.is_empty() { vec![0] } else { bytes };
        self.0.push(0x5f + bytes.len() as u8);
        self.0.extend(bytes);
        self
    }

    /// PUSH20 of an address.
    pub fn address(mut self, address: Address) -> Self {
        self.0.push(0x73);
        self.0.extend(address);
        self
    }

    /// Writes the top of the stack to a word of memory.
    pub fn store(self, word: u64) -> Self {
        self.push(word * 32).op(op::MSTORE)
    }

    /// Returns the first words of memory.
    pub fn give(self, words: u64) -> Self {
        self.push(words * 32).push(0).op(op::RETURN)
    }

    /// Copies the calldata to memory and calls `to` with it by this opcode, all gas, and no value; leaves the success
    /// on the stack.
    pub fn forward(self, opcode: u8, to: Address) -> Self {
        let copied = self
            .op(op::CALLDATASIZE)
            .push(0)
            .push(0)
            .op(op::CALLDATACOPY);
        let arguments = copied.push(0).push(0).op(op::CALLDATASIZE).push(0);
        let with_value = if opcode == op::CALL {
            arguments.push(0)
        } else {
            arguments
        };
        with_value.address(to).op(op::GAS).op(opcode)
    }

    /// Gas of [`Self::forward`] with so many bytes of calldata, beside access to the account and what the callee takes.
    pub const fn forwarding(opcode: u8, len: u64) -> u64 {
        const SIZE: u64 = 2; // CALLDATASIZE, GAS
        const PUSH: u64 = 3;
        let words = len.div_ceil(32);
        let memory = 3 * words + words * words / 512;
        let copied = SIZE + 2 * PUSH + 3 + 3 * words + memory;
        let value = if opcode == op::CALL { PUSH } else { 0 };
        copied + 3 * PUSH + SIZE + value + PUSH + SIZE
    }

    /// Puts the gas that `code` takes into a word of memory. `code` must leave the stack as it was.
    pub fn measure(self, word: u64, code: Self) -> Self {
        const MEASURING: u64 = 2; // the second GAS itself
        let mut before = self.op(op::GAS);
        before.0.extend(code.0);
        before
            .op(op::GAS)
            .op(op::SWAP1)
            .op(op::SUB)
            .push(MEASURING)
            .op(op::SWAP1)
            .op(op::SUB)
            .store(word)
    }

    /// Init code that deploys this code.
    pub fn init_code(&self) -> Vec<u8> {
        stylus_rules::code::init_code(&self.0)
    }
}
