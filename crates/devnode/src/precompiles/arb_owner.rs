//! ArbOwner: the chain's settings, as far as Stylus and the price of L1 data are concerned (rules 9, 16).

use alloy_sol_types::{SolCall, SolEvent, sol};
use revm::context::JournalTr;
use revm::primitives::{Bytes, FixedBytes, I256, Log, U256};
use stylus_rules::params::{
    COST_SCALAR_PERCENT, MIN_CACHED_GAS_UNIT, MIN_INIT_GAS_UNIT, StylusParams,
};

use super::call::{Access, Call, Fail, decode};
use crate::arbos::store::{Field, Roster};
use crate::arbos::{NETWORK_FEE, NEWEST};

sol! {
    #[allow(missing_docs)]
    interface IArbOwner {
        function addChainOwner(address newOwner) external;
        function removeChainOwner(address ownerToRemove) external;
        function isChainOwner(address addr) external view returns (bool);
        function getAllChainOwners() external view returns (address[] memory);
        function getNetworkFeeAccount() external view returns (address);
        function getInfraFeeAccount() external view returns (address);
        function setL1PricePerUnit(uint256 pricePerUnit) external;
        function setL1BaseFeeEstimateInertia(uint64 inertia) external;
        function setL1PricingInertia(uint64 inertia) external;
        function setL1PricingEquilibrationUnits(uint256 equilibrationUnits) external;
        function setL1PricingRewardRecipient(address recipient) external;
        function setL1PricingRewardRate(uint64 weiPerUnit) external;
        function setPerBatchGasCharge(int64 cost) external;
        function setAmortizedCostCapBips(uint64 cap) external;
        function setParentGasFloorPerToken(uint64 floorPerToken) external;
        function setSpeedLimit(uint64 limit) external;
        function scheduleArbOSUpgrade(uint64 newVersion, uint64 timestamp) external;
        function setInkPrice(uint32 price) external;
        function setWasmMaxStackDepth(uint32 depth) external;
        function setWasmFreePages(uint16 pages) external;
        function setWasmPageGas(uint16 gas) external;
        function setWasmPageLimit(uint16 limit) external;
        function setWasmMaxSize(uint32 size) external;
        function setWasmMinInitGas(uint8 gas, uint16 cached) external;
        function setWasmInitCostScalar(uint64 percent) external;
        function setWasmExpiryDays(uint16 _days) external;
        function setWasmKeepaliveDays(uint16 _days) external;
        function setWasmBlockCacheSize(uint16 count) external;
        function addWasmCacheManager(address manager) external;
        function removeWasmCacheManager(address manager) external;
        function setWasmActivationGas(uint64 gas) external;
        function setMaxStylusContractFragments(uint8 maxFragments) external;

        event OwnerActs(bytes4 indexed method, address indexed owner, bytes data);
    }
}
use IArbOwner::IArbOwnerCalls as Calls;

/// Largest ink price: it is stored in 24 bits.
const MAX_INK_PRICE: u32 = (1 << 24) - 1;

/// Runs one call of ArbOwner. Only chain owners may, and pay no gas; each change is logged.
pub fn run(call: &mut Call<'_>, input: &[u8]) -> Result<Vec<u8>, Fail> {
    let caller = call.caller;
    if !call.arbos().is_on(Roster::Owners, caller) {
        call.ctx
            .chain
            .fail("unauthorized caller to access-controlled method");
        return Err(Fail::AllGas);
    }
    let output = act(call, input)?;
    if !call.is_static() {
        let method = FixedBytes::<4>::from_slice(&input[..4]);
        let acted = IArbOwner::OwnerActs {
            method,
            owner: caller,
            data: Bytes::copy_from_slice(input),
        };
        let log = Log {
            address: call.address,
            data: acted.encode_log_data(),
        };
        call.ctx.journaled_state.log(log);
    }
    Ok(output)
}

fn act(call: &mut Call<'_>, input: &[u8]) -> Result<Vec<u8>, Fail> {
    use IArbOwner as I;
    let calls = decode::<Calls>(input)?;
    let is_view = matches!(
        calls,
        Calls::isChainOwner(_)
            | Calls::getAllChainOwners(_)
            | Calls::getNetworkFeeAccount(_)
            | Calls::getInfraFeeAccount(_)
    );
    call.enter(if is_view { Access::View } else { Access::Write })?;
    match calls {
        Calls::isChainOwner(args) => Ok(I::isChainOwnerCall::abi_encode_returns(
            &call.arbos().is_on(Roster::Owners, args.addr),
        )),
        Calls::getAllChainOwners(_) => Ok(I::getAllChainOwnersCall::abi_encode_returns(
            &call.arbos().all_on(Roster::Owners),
        )),
        Calls::getNetworkFeeAccount(_) | Calls::getInfraFeeAccount(_) => Ok(
            I::getNetworkFeeAccountCall::abi_encode_returns(&NETWORK_FEE),
        ),
        Calls::addChainOwner(args) => {
            call.arbos().add(Roster::Owners, args.newOwner);
            Ok(Vec::new())
        }
        Calls::removeChainOwner(args) => {
            done(call.arbos().remove(Roster::Owners, args.ownerToRemove))
        }
        Calls::addWasmCacheManager(args) => {
            call.arbos().add(Roster::CacheManagers, args.manager);
            Ok(Vec::new())
        }
        Calls::removeWasmCacheManager(args) => {
            done(call.arbos().remove(Roster::CacheManagers, args.manager))
        }
        Calls::scheduleArbOSUpgrade(args) => schedule(call, args.newVersion, args.timestamp),
        other => {
            if let Some((field, value)) = plain_value(call, &other)? {
                call.arbos().set_field(field, value);
                return Ok(Vec::new());
            }
            let mut params = call.arbos().params();
            change(call, &mut params, &other)?;
            call.arbos().set_params(&params);
            Ok(Vec::new())
        }
    }
}

fn done(found: bool) -> Result<Vec<u8>, Fail> {
    if found {
        Ok(Vec::new())
    } else {
        Err(Fail::Plain)
    }
}

fn schedule(call: &mut Call<'_>, version: u64, timestamp: u64) -> Result<Vec<u8>, Fail> {
    // A real node would take it and stop when the time comes.
    if version > NEWEST {
        call.ctx.chain.fail(format!(
            "ArbOS {version} is not known: this node knows versions up to {NEWEST}"
        ));
        return Err(Fail::Plain);
    }
    let mut arbos = call.arbos();
    arbos.set_field(Field::ScheduledVersion, U256::from(version));
    arbos.set_field(Field::ScheduledAt, U256::from(timestamp));
    Ok(Vec::new())
}

/// What a function sets to which value, if that is all that it does.
fn plain_value(call: &Call<'_>, calls: &Calls) -> Result<Option<(Field, U256)>, Fail> {
    Ok(Some(match calls {
        Calls::setL1PricePerUnit(args) => (Field::L1Price, args.pricePerUnit),
        Calls::setL1BaseFeeEstimateInertia(args) => (Field::L1Inertia, U256::from(args.inertia)),
        Calls::setL1PricingInertia(args) => (Field::L1Inertia, U256::from(args.inertia)),
        Calls::setL1PricingEquilibrationUnits(args) => {
            (Field::L1EquilibrationUnits, args.equilibrationUnits)
        }
        Calls::setL1PricingRewardRecipient(args) => {
            let recipient = args.recipient.into_word();
            (Field::L1RewardRecipient, recipient.into())
        }
        Calls::setL1PricingRewardRate(args) => (Field::L1RewardRate, U256::from(args.weiPerUnit)),
        Calls::setPerBatchGasCharge(args) => {
            let signed = I256::unchecked_from(args.cost);
            (Field::L1BatchGas, signed.into_raw())
        }
        Calls::setAmortizedCostCapBips(args) => (Field::L1CostCap, U256::from(args.cap)),
        Calls::setParentGasFloorPerToken(args) => {
            call.since(50)?;
            (Field::L1GasFloor, U256::from(args.floorPerToken))
        }
        Calls::setSpeedLimit(args) => (Field::SpeedLimit, U256::from(args.limit)),
        Calls::setWasmActivationGas(args) => {
            call.since(60)?;
            (Field::ActivationGas, U256::from(args.gas))
        }
        _ => return Ok(None),
    }))
}

/// Changes one of Stylus' parameters.
fn change(call: &Call<'_>, params: &mut StylusParams, calls: &Calls) -> Result<(), Fail> {
    match calls {
        Calls::setInkPrice(args) if args.price == 0 || args.price > MAX_INK_PRICE => {
            return Err(Fail::Plain);
        }
        Calls::setInkPrice(args) => params.ink_price = args.price,
        Calls::setWasmMaxStackDepth(args) => params.max_stack_depth = args.depth,
        Calls::setWasmFreePages(args) => params.free_pages = args.pages,
        Calls::setWasmPageGas(args) => params.page_gas = args.gas,
        Calls::setWasmPageLimit(args) => params.page_limit = args.limit,
        Calls::setWasmMaxSize(args) => {
            call.since(40)?;
            params.max_wasm_size = args.size;
        }
        // Given in gas, stored in units, rounded up (rules 15.6).
        Calls::setWasmMinInitGas(args) => {
            params.min_init_gas = units(args.gas.into(), MIN_INIT_GAS_UNIT);
            params.min_cached_init_gas = units(args.cached.into(), MIN_CACHED_GAS_UNIT);
        }
        Calls::setWasmInitCostScalar(args) => {
            params.init_cost_scalar = units(args.percent, COST_SCALAR_PERCENT)
        }
        Calls::setWasmExpiryDays(args) => params.expiry_days = args._days,
        Calls::setWasmKeepaliveDays(args) => params.keepalive_days = args._days,
        Calls::setWasmBlockCacheSize(args) => params.block_cache_size = args.count,
        Calls::setMaxStylusContractFragments(args) => {
            call.since(60)?;
            params.max_fragment_count = args.maxFragments;
        }
        _ => return Err(Fail::AllGas),
    }
    Ok(())
}

fn units(amount: u64, unit: u64) -> u8 {
    u8::try_from(amount.div_ceil(unit)).unwrap_or(u8::MAX)
}
