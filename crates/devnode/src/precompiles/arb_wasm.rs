//! ArbWasm: activation of programs and what is known about them (rules 7, 9).

use alloy_sol_types::{SolCall, SolInterface, sol};
use revm::context::JournalTr;
use revm::primitives::{Address, B256, Bytes, U256, keccak256};
use stylus_rules::activate::{ActivationContext, activate};
use stylus_rules::code::{self, Code, DecompressError};
use stylus_rules::fees;
use stylus_rules::instrument::Form;
use stylus_rules::params::{
    COST_SCALAR_PERCENT, MIN_CACHED_GAS_UNIT, MIN_INIT_GAS_UNIT, PAGE_RAMP, StylusParams,
};
use stylus_rules::prices::arbos::{ACTIVATION, CODE_HASH, fragment};

use super::call::{Access, Call, Fail, decode, revert};
use crate::arbos::NETWORK_FEE;
use crate::arbos::programs::{DAY, Inactive, ProgramEntry};
use crate::arbos::store::Field;
use crate::programs;

sol! {
    #[allow(missing_docs)]
    interface IArbWasm {
        function activateProgram(address program) external payable returns (uint16 version, uint256 dataFee);
        function stylusVersion() external view returns (uint16 version);
        function codehashVersion(bytes32 codehash) external view returns (uint16 version);
        function codehashKeepalive(bytes32 codehash) external payable;
        function codehashAsmSize(bytes32 codehash) external view returns (uint32 size);
        function programVersion(address program) external view returns (uint16 version);
        function programInitGas(address program) external view returns (uint64 gas, uint64 gasWhenCached);
        function programMemoryFootprint(address program) external view returns (uint16 footprint);
        function programTimeLeft(address program) external view returns (uint64 secs);
        function inkPrice() external view returns (uint32 price);
        function maxStackDepth() external view returns (uint32 depth);
        function freePages() external view returns (uint16 pages);
        function pageGas() external view returns (uint16 gas);
        function pageRamp() external view returns (uint64 ramp);
        function pageLimit() external view returns (uint16 limit);
        function minInitGas() external view returns (uint64 gas, uint64 cached);
        function initCostScalar() external view returns (uint64 percent);
        function expiryDays() external view returns (uint16 days_);
        function keepaliveDays() external view returns (uint16 days_);
        function blockCacheSize() external view returns (uint16 count);
        function activationGas() external view returns (uint64 gas);

        event ProgramActivated(bytes32 indexed codehash, bytes32 moduleHash, address program, uint256 dataFee, uint16 version);
        event ProgramLifetimeExtended(bytes32 indexed codehash, uint256 dataFee);

        error ProgramNotWasm();
        error ProgramNotActivated();
        error ProgramNeedsUpgrade(uint16 version, uint16 stylusVersion);
        error ProgramExpired(uint64 ageInSeconds);
        error ProgramUpToDate();
        error ProgramKeepaliveTooSoon(uint64 ageInSeconds);
        error ProgramInsufficientValue(uint256 have, uint256 want);
    }
}
use IArbWasm::IArbWasmCalls as Calls;

/// Dictionary byte of the dictionary that Nitro ships (rules 8).
const STYLUS_DICTIONARY: u8 = 1;
/// Words that the data pricer reads and writes (rules 7.1).
const PRICER_READS: u64 = 5;
const PRICER_WRITES: u64 = 2;

/// The Solidity error of a program that may not run.
pub fn inactive(reason: Inactive) -> Fail {
    match reason {
        Inactive::NotActivated => revert(&IArbWasm::ProgramNotActivated {}),
        Inactive::NeedsUpgrade { version, current } => revert(&IArbWasm::ProgramNeedsUpgrade {
            version,
            stylusVersion: current,
        }),
        Inactive::Expired(age) => revert(&IArbWasm::ProgramExpired { ageInSeconds: age }),
    }
}

/// Runs one call.
pub fn run(call: &mut Call<'_>, input: &[u8]) -> Result<Vec<u8>, Fail> {
    use IArbWasm as I;
    match decode::<Calls>(input)? {
        Calls::activateProgram(args) => activate_program(call, args.program),
        Calls::codehashKeepalive(args) => keepalive(call, args.codehash),

        Calls::codehashVersion(args) => {
            let (entry, _) = by_hash(call, args.codehash)?;
            Ok(I::codehashVersionCall::abi_encode_returns(&entry.version))
        }
        Calls::codehashAsmSize(args) => {
            let (entry, _) = by_hash(call, args.codehash)?;
            Ok(I::codehashAsmSizeCall::abi_encode_returns(
                &entry.asm_estimate_kb.saturating_mul(1024),
            ))
        }
        Calls::programVersion(args) => {
            let (entry, _) = by_address(call, args.program)?;
            Ok(I::programVersionCall::abi_encode_returns(&entry.version))
        }
        Calls::programInitGas(args) => {
            let (entry, params) = by_address(call, args.program)?;
            let cached = params.cached_gas(entry.cached_cost);
            let gas = params.call_gas(entry.init_cost, entry.cached_cost, false);
            Ok(I::programInitGasCall::abi_encode_returns(
                &(gas, cached).into(),
            ))
        }
        Calls::programMemoryFootprint(args) => {
            let (entry, _) = by_address(call, args.program)?;
            Ok(I::programMemoryFootprintCall::abi_encode_returns(
                &entry.footprint,
            ))
        }
        Calls::programTimeLeft(args) => {
            let (entry, params) = by_address(call, args.program)?;
            let left = (u64::from(params.expiry_days) * DAY).saturating_sub(entry.age(call.now()));
            Ok(I::programTimeLeftCall::abi_encode_returns(&left))
        }

        Calls::stylusVersion(_) => Ok(I::stylusVersionCall::abi_encode_returns(
            &parameters(call)?.version,
        )),
        Calls::inkPrice(_) => Ok(I::inkPriceCall::abi_encode_returns(
            &parameters(call)?.ink_price,
        )),
        Calls::maxStackDepth(_) => Ok(I::maxStackDepthCall::abi_encode_returns(
            &parameters(call)?.max_stack_depth,
        )),
        Calls::freePages(_) => Ok(I::freePagesCall::abi_encode_returns(
            &parameters(call)?.free_pages,
        )),
        Calls::pageGas(_) => Ok(I::pageGasCall::abi_encode_returns(
            &parameters(call)?.page_gas,
        )),
        Calls::pageRamp(_) => {
            parameters(call).map(|_| I::pageRampCall::abi_encode_returns(&PAGE_RAMP))
        }
        Calls::pageLimit(_) => Ok(I::pageLimitCall::abi_encode_returns(
            &parameters(call)?.page_limit,
        )),
        Calls::expiryDays(_) => Ok(I::expiryDaysCall::abi_encode_returns(
            &parameters(call)?.expiry_days,
        )),
        Calls::keepaliveDays(_) => Ok(I::keepaliveDaysCall::abi_encode_returns(
            &parameters(call)?.keepalive_days,
        )),
        Calls::blockCacheSize(_) => Ok(I::blockCacheSizeCall::abi_encode_returns(
            &parameters(call)?.block_cache_size,
        )),
        Calls::initCostScalar(_) => {
            let percent = u64::from(parameters(call)?.init_cost_scalar) * COST_SCALAR_PERCENT;
            Ok(I::initCostScalarCall::abi_encode_returns(&percent))
        }
        Calls::minInitGas(_) => {
            let params = parameters(call)?;
            // The function exists since ArbOS 30 and reverts before 32 (rules 1.1).
            call.since(32)?;
            let gas = u64::from(params.min_init_gas) * MIN_INIT_GAS_UNIT;
            let cached = u64::from(params.min_cached_init_gas) * MIN_CACHED_GAS_UNIT;
            Ok(I::minInitGasCall::abi_encode_returns(&(gas, cached).into()))
        }
        Calls::activationGas(_) => {
            call.since(60)?;
            call.enter(Access::View)?;
            let gas = call.read(Field::ActivationGas)?.saturating_to();
            Ok(I::activationGasCall::abi_encode_returns(&gas))
        }
    }
}

fn parameters(call: &mut Call<'_>) -> Result<StylusParams, Fail> {
    call.enter(Access::View)?;
    call.params()
}

/// The entry of an active program by address.
fn by_address(call: &mut Call<'_>, program: Address) -> Result<(ProgramEntry, StylusParams), Fail> {
    call.enter(Access::View)?;
    call.burn(CODE_HASH)?;
    let code_hash = call.account(program).code_hash;
    active(call, code_hash)
}

/// The entry of an active program by code hash.
fn by_hash(call: &mut Call<'_>, code_hash: B256) -> Result<(ProgramEntry, StylusParams), Fail> {
    call.enter(Access::View)?;
    active(call, code_hash)
}

fn active(call: &mut Call<'_>, code_hash: B256) -> Result<(ProgramEntry, StylusParams), Fail> {
    let params = call.params()?;
    call.pay_read()?;
    let entry = call.arbos().program(code_hash);
    entry.check_active(&params, call.now()).map_err(inactive)?;
    Ok((entry, params))
}

/// Adds to demand and gives the data fee in wei (rules 7.4).
fn charge_data(call: &mut Call<'_>, bytes: u32) -> Result<U256, Fail> {
    for _ in 0..PRICER_READS {
        call.pay_read()?;
    }
    for _ in 0..PRICER_WRITES {
        call.pay_write()?;
    }
    let mut pricer = call.arbos().pricer();
    let fee = pricer.charge(bytes, call.now());
    call.arbos().set_pricer(&pricer);
    Ok(U256::from(fee))
}

/// Keeps the data fee and gives the rest of the value back.
fn collect(call: &mut Call<'_>, fee: U256) -> Result<(), Fail> {
    let Some(rest) = call.value.checked_sub(fee) else {
        return Err(revert(&IArbWasm::ProgramInsufficientValue {
            have: call.value,
            want: fee,
        }));
    };
    call.pay_read()?;
    let (from, to) = (call.address, call.caller);
    for (receiver, amount) in [(NETWORK_FEE, fee), (to, rest)] {
        let Ok(failure) = call.ctx.journaled_state.transfer(from, receiver, amount);
        if failure.is_some() {
            return Err(Fail::Plain);
        }
    }
    Ok(())
}

fn activate_program(call: &mut Call<'_>, program: Address) -> Result<Vec<u8>, Fail> {
    call.enter(Access::Payable)?;
    call.burn(ACTIVATION)?;
    let code_hash = call.account(program).code_hash;
    let params = call.params()?;
    call.pay_read()?;
    let old = call.arbos().program(code_hash);
    if call.arbos_version() >= 60 {
        let extra = call.read(Field::ActivationGas)?.saturating_to();
        call.burn(extra)?;
    }
    if old.check_active(&params, call.now()).is_ok() {
        return Err(revert(&IArbWasm::ProgramUpToDate {}));
    }
    let wasm = load(call, program, &params)?;

    let context = ActivationContext {
        arbos: call.arbos_version(),
        debug: call.ctx.chain.env.debug,
        page_limit: params.page_limit.saturating_sub(call.ctx.chain.pages.open),
        version: params.version,
    };
    let activated = activate(&wasm, &context, call.gas_left()).map_err(|error| {
        call.ctx.chain.fail(error.to_string());
        Fail::AllGas
    })?;
    call.burn(activated.engine_gas)?;
    let engine = call.ctx.chain.engine.clone();
    engine
        .compile(
            (code_hash, params.version, Form::Metered),
            &activated.program,
        )
        .map_err(|error| {
            call.ctx.chain.fail(error.to_string());
            Fail::AllGas
        })?;

    if old.cached {
        call.pay_read()?;
    }
    let module_hash = keccak256(&activated.program.bytes);
    call.pay_write()?;
    call.arbos().set_module_hash(code_hash, module_hash);
    let fee = charge_data(call, activated.info.asm_estimate)?;
    call.pay_write()?;
    let entry = ProgramEntry {
        cached: old.cached,
        ..ProgramEntry::activated(&activated.info, call.now())
    };
    call.arbos().set_program(code_hash, &entry);
    collect(call, fee)?;
    let version = params.version;
    call.emit(&IArbWasm::ProgramActivated {
        codehash: code_hash,
        moduleHash: module_hash,
        program,
        dataFee: fee,
        version,
    })?;
    Ok(IArbWasm::activateProgramCall::abi_encode_returns(
        &(version, fee).into(),
    ))
}

/// The wasm behind an address, with the charges for fragments (rules 7.1, 15.7, 15.8).
fn load(call: &mut Call<'_>, program: Address, params: &StylusParams) -> Result<Vec<u8>, Fail> {
    let code = call.account(program).code.unwrap_or_default();
    let code = code.original_bytes();
    if code.is_empty() {
        return Err(revert(&IArbWasm::ProgramNotWasm {}));
    }
    let arbos = call.arbos_version();
    pay_for_fragments(call, &code, arbos, params)?;
    programs::load(&call.ctx.journaled_state, &code, arbos, params).map_err(|error| {
        call.ctx.chain.fail(error.to_string());
        match error {
            // The chain has the dictionary and this node has not. What was compressed without it comes out as no wasm
            // on the chain, which takes all gas.
            programs::LoadError::Decompress(DecompressError::Dictionary(STYLUS_DICTIONARY)) => {
                Fail::AllGas
            }
            programs::LoadError::Code(code::CodeError::NotStylus)
                if arbos >= code::FRAGMENTS_FROM =>
            {
                revert(&IArbWasm::ProgramNotWasm {})
            }
            _ => Fail::Plain,
        }
    })
}

fn pay_for_fragments(
    call: &mut Call<'_>,
    code: &Bytes,
    arbos: u64,
    params: &StylusParams,
) -> Result<(), Fail> {
    let Ok(Code::Root { len, addresses, .. }) = code::parse_code(code) else {
        return Ok(());
    };
    let accepted = code::check_root(
        len,
        addresses.len(),
        params.max_wasm_size,
        params.max_fragment_count,
    )
    .is_ok();
    if arbos < code::FRAGMENTS_FROM || !accepted {
        return Ok(());
    }
    for address in addresses {
        let Ok(part) = call.ctx.journaled_state.code(Address::new(address));
        call.burn(fragment(part.is_cold, part.data.len() as u64))?;
    }
    Ok(())
}

fn keepalive(call: &mut Call<'_>, code_hash: B256) -> Result<Vec<u8>, Fail> {
    call.enter(Access::Payable)?;
    let (mut entry, params) = active(call, code_hash)?;
    let age = entry.age(call.now());
    if age < u64::from(params.keepalive_days) * DAY {
        return Err(revert(&IArbWasm::ProgramKeepaliveTooSoon {
            ageInSeconds: age,
        }));
    }
    let fee = charge_data(call, entry.asm_estimate_kb.saturating_mul(1024))?;
    entry.activated_at = fees::hours_since_start(call.now());
    call.pay_write()?;
    call.arbos().set_program(code_hash, &entry);
    collect(call, fee)?;
    call.emit(&IArbWasm::ProgramLifetimeExtended {
        codehash: code_hash,
        dataFee: fee,
    })?;
    Ok(Vec::new())
}

/// Name and arguments of one of the errors above, as Solidity writes them.
pub fn error_name(data: &[u8]) -> Option<String> {
    use IArbWasm::IArbWasmErrors as Errors;
    Some(match Errors::abi_decode(data).ok()? {
        Errors::ProgramNotWasm(_) => "ProgramNotWasm()".to_owned(),
        Errors::ProgramNotActivated(_) => "ProgramNotActivated()".to_owned(),
        Errors::ProgramUpToDate(_) => "ProgramUpToDate()".to_owned(),
        Errors::ProgramExpired(e) => format!("ProgramExpired({})", e.ageInSeconds),
        Errors::ProgramKeepaliveTooSoon(e) => {
            format!("ProgramKeepaliveTooSoon({})", e.ageInSeconds)
        }
        Errors::ProgramNeedsUpgrade(e) => {
            format!("ProgramNeedsUpgrade({}, {})", e.version, e.stylusVersion)
        }
        Errors::ProgramInsufficientValue(e) => {
            format!("ProgramInsufficientValue({}, {})", e.have, e.want)
        }
    })
}
