//! ArbWasmCache: which programs start without their init cost (rules 9, 11).

use alloy_sol_types::{SolCall, sol};
use revm::primitives::B256;
use stylus_rules::prices::arbos::CODE_HASH;

use super::arb_wasm::inactive;
use super::call::{Access, Call, Fail, decode};
use crate::arbos::programs::{DAY, Inactive};
use crate::arbos::store::Roster;

sol! {
    #[allow(missing_docs)]
    interface IArbWasmCache {
        function isCacheManager(address manager) external view returns (bool);
        function allCacheManagers() external view returns (address[] memory managers);
        function cacheCodehash(bytes32 codehash) external;
        function cacheProgram(address addr) external;
        function evictCodehash(bytes32 codehash) external;
        function codehashIsCached(bytes32 codehash) external view returns (bool);

        event UpdateProgramCache(address indexed manager, bytes32 indexed codehash, bool cached);
    }
}
use IArbWasmCache::IArbWasmCacheCalls as Calls;

/// Runs one call.
pub fn run(call: &mut Call<'_>, input: &[u8]) -> Result<Vec<u8>, Fail> {
    use IArbWasmCache as I;
    match decode::<Calls>(input)? {
        Calls::isCacheManager(args) => {
            call.enter(Access::View)?;
            call.pay_read()?;
            let is = call.arbos().is_on(Roster::CacheManagers, args.manager);
            Ok(I::isCacheManagerCall::abi_encode_returns(&is))
        }
        Calls::allCacheManagers(_) => {
            call.enter(Access::View)?;
            let managers = call.roster(Roster::CacheManagers)?;
            Ok(I::allCacheManagersCall::abi_encode_returns(&managers))
        }
        Calls::codehashIsCached(args) => {
            call.enter(Access::View)?;
            call.pay_read()?;
            let cached = call.arbos().program(args.codehash).cached;
            Ok(I::codehashIsCachedCall::abi_encode_returns(&cached))
        }
        Calls::cacheCodehash(args) => {
            call.until(30)?;
            call.enter(Access::Write)?;
            set_cached(call, args.codehash, true)
        }
        Calls::cacheProgram(args) => {
            call.since(31)?;
            call.enter(Access::Write)?;
            call.burn(CODE_HASH)?;
            let code_hash = call.account(args.addr).code_hash;
            set_cached(call, code_hash, true)
        }
        Calls::evictCodehash(args) => {
            call.enter(Access::Write)?;
            set_cached(call, args.codehash, false)
        }
    }
}

fn set_cached(call: &mut Call<'_>, code_hash: B256, cached: bool) -> Result<Vec<u8>, Fail> {
    if !may_cache(call)? {
        return Err(Fail::AllGas);
    }
    let params = call.params()?;
    call.pay_read()?;
    let mut entry = call.arbos().program(code_hash);
    if cached {
        if entry.version != params.version {
            return Err(inactive(Inactive::NeedsUpgrade {
                version: entry.version,
                current: params.version,
            }));
        }
        let age = entry.age(call.now());
        if age > u64::from(params.expiry_days) * DAY {
            return Err(inactive(Inactive::Expired(age)));
        }
    }
    if entry.cached == cached {
        return Ok(Vec::new());
    }
    call.emit(&IArbWasmCache::UpdateProgramCache {
        manager: call.caller,
        codehash: code_hash,
        cached,
    })?;
    call.burn(entry.init_cost.into())?;
    call.pay_read()?; // the module hash
    call.pay_write()?;
    entry.cached = cached;
    call.arbos().set_program(code_hash, &entry);
    Ok(Vec::new())
}

/// Cache managers may, and chain owners, who are looked up second.
fn may_cache(call: &mut Call<'_>) -> Result<bool, Fail> {
    let caller = call.caller;
    for roster in [Roster::CacheManagers, Roster::Owners] {
        call.pay_read()?;
        if call.arbos().is_on(roster, caller) {
            return Ok(true);
        }
    }
    Ok(false)
}
