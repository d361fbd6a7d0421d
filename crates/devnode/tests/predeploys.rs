//! Multicall3 and StylusDeployer, which are there from the start.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use alloy_primitives::{Address, Bytes, U256, address, b256, hex, keccak256};
use alloy_sol_types::{SolCall, SolError, sol};
use common::sol::{bytes, events, failed, init_code};
use common::{CALL_CONTRACT, DEV, Node, READ_ARGS, echo, number, program};
use serde_json::json;

sol! {
    #![sol(all_derives)]

    struct Call3 { address target; bool allowFailure; bytes callData; }
    struct Call3Value { address target; bool allowFailure; uint256 value; bytes callData; }
    struct Outcome { bool success; bytes returnData; }

    function aggregate3(Call3[] calls) payable returns (Outcome[] returnData);
    function aggregate3Value(Call3Value[] calls) payable returns (Outcome[] returnData);
    function getBlockNumber() view returns (uint256);
    function getChainId() view returns (uint256);
    function getEthBalance(address account) view returns (uint256);

    function deploy(bytes bytecode, bytes initData, uint256 initValue, bytes32 salt) payable returns (address);
    function initSalt(bytes32 salt, bytes initData) pure returns (bytes32);
    event ContractDeployed(address deployedContract);
    error ContractDeploymentError(bytes bytecode);
    error ContractInitializationError(address newContract);
    error RefundExcessValueError(uint256 excessValue);
    error EmptyBytecode();
    error InitValueButNotInitData();

    event ProgramActivated(bytes32 indexed codehash, bytes32 moduleHash, address program, uint256 dataFee, uint16 version);
    error ProgramInsufficientValue(uint256 have, uint256 want);
    error Error(string message);
}

const MULTICALL3: Address = address!("cA11bde05977b3631167028862bE2a173976CA11");
const STYLUS_DEPLOYER: Address = address!("cEcba2F1DC234f70Dd89F2041029807F8D03A990");
/// More than any activation costs.
const PLENTY: u64 = 1_000_000_000_000_000_000;
/// Init code of a contract whose code is one STOP.
const STOP: [u8; 5] = hex!("60016000f3");
/// Init code that reverts.
const REVERT: [u8; 5] = hex!("60006000fd");

/// A program that fails where its calldata begins with a byte other than 0, and sends nothing back.
fn fussy(salt: u32) -> Vec<u8> {
    program(salt, |body| {
        body.i32_const(0)
            .call(READ_ARGS)
            .i32_const(0)
            .i32_load8_u(wasm_encoder::MemArg {
                offset: 0,
                align: 0,
                memory_index: 0,
            })
            .end();
    })
}

fn deploying(bytecode: &Bytes, init_data: &[u8], init_value: u64, salt: u8) -> deployCall {
    deployCall {
        bytecode: bytecode.clone(),
        initData: Bytes::copy_from_slice(init_data),
        initValue: U256::from(init_value),
        salt: U256::from(salt).into(),
    }
}

#[test]
fn multicall3_is_the_public_deployment() {
    let node = Node::start(&[]);
    let code = bytes(&node.ask("eth_getCode", json!([MULTICALL3, "latest"])));
    assert_eq!(
        keccak256(code),
        b256!("d5c15df687b16f2ff992fc8d767b4216323184a2bbc6ee2f9c398c318e770891")
    );
}

#[test]
fn calls_are_aggregated_and_may_fail_where_that_is_allowed() {
    let node = Node::start(&[]);
    let echo = node.deploy_program(&echo(1));
    let fussy = node.deploy_program(&fussy(2));
    let calls = |allow: bool| aggregate3Call {
        calls: [(echo, false), (fussy, allow)]
            .map(|(target, allow)| Call3 {
                target,
                allowFailure: allow,
                callData: vec![9].into(),
            })
            .into(),
    };
    let outcome = |success, data: &[u8]| Outcome {
        success,
        returnData: Bytes::copy_from_slice(data),
    };
    assert_eq!(
        node.view(MULTICALL3, &calls(true)),
        Ok(vec![outcome(true, &[9]), outcome(false, &[])])
    );
    let message = "Multicall3: call failed".to_owned();
    assert_eq!(
        node.view(MULTICALL3, &calls(false)),
        failed(&Error { message })
    );
}

#[test]
fn multicall3_knows_the_chain() {
    let node = Node::start(&[]);
    let chain = node.view(MULTICALL3, &getChainIdCall {});
    assert_eq!(chain, Ok(U256::from(412_346)));
    let account: Address = DEV.parse().unwrap();
    assert_eq!(
        node.view(MULTICALL3, &getEthBalanceCall { account }),
        Ok(node.balance(DEV))
    );
    // Code that returns NUMBER: what a block number is in a contract, multicall or not.
    let there = json!({ DEV: { "code": "0x4360005260206000f3" } });
    let block = node.ask("eth_call", json!([{ "to": DEV }, "latest", there]));
    assert_eq!(
        node.view(MULTICALL3, &getBlockNumberCall {}),
        Ok(U256::from_be_slice(&bytes(&block)))
    );
}

#[test]
fn a_contract_is_created_activated_and_initialised_in_one_transaction() {
    let node = Node::start(&[]);
    let wasm = fussy(3);
    let before = node.balance(DEV);
    let call = deploying(&init_code(&wasm), &[0, 1, 2], 5, 0);
    let receipt = node.act(STYLUS_DEPLOYER, &call, U256::from(PLENTY));

    let [
        ContractDeployed {
            deployedContract: created,
        },
    ] = events(&receipt)[..]
    else {
        panic!("{receipt}");
    };
    let code = node.ask("eth_getCode", json!([created, "latest"]));
    assert_eq!(bytes(&code), stylus_rules::code::program_code(&wasm));
    let [
        ProgramActivated {
            program, dataFee, ..
        },
    ] = events(&receipt)[..]
    else {
        panic!("{receipt}");
    };
    assert_eq!(program, created);

    let traced = json!([receipt["transactionHash"], { "tracer": "stylusTracer" }]);
    let hosts = node.ask("debug_traceTransaction", traced);
    let seen = (&hosts[0]["name"], &hosts[0]["outs"]);
    assert_eq!(seen, (&json!("read_args"), &json!("0x000102")));
    assert_eq!(node.balance(created), U256::from(5));
    let gas = number(&receipt["gasUsed"]) * number(&receipt["effectiveGasPrice"]);
    assert_eq!(
        before - node.balance(DEV),
        U256::from(gas) + U256::from(5) + dataFee,
        "the rest came back"
    );
    assert_eq!(node.balance(STYLUS_DEPLOYER), U256::ZERO);
}

#[test]
fn code_that_is_active_is_not_activated_again() {
    let node = Node::start(&[]);
    let wasm = echo(4);
    node.deploy_program(&wasm);
    let receipt = node.act(
        STYLUS_DEPLOYER,
        &deploying(&init_code(&wasm), &[], 0, 0),
        U256::ZERO,
    );
    assert_eq!(events::<ProgramActivated>(&receipt).len(), 0);
    let [
        ContractDeployed {
            deployedContract: created,
        },
    ] = events(&receipt)[..]
    else {
        panic!("{receipt}");
    };
    let called = json!([{ "to": created, "data": "0x1234" }, "latest"]);
    assert_eq!(node.ask("eth_call", called), "0x1234");
}

#[test]
fn a_contract_that_is_no_program_is_deployed_too() {
    let node = Node::start(&[]);
    let call = deploying(&STOP.into(), &[1, 2, 3, 4], 7, 0);
    let receipt = node.act(STYLUS_DEPLOYER, &call, U256::from(9));
    let [
        ContractDeployed {
            deployedContract: created,
        },
    ] = events(&receipt)[..]
    else {
        panic!("{receipt}");
    };
    assert_eq!(node.balance(created), U256::from(7));
    assert_eq!(node.balance(STYLUS_DEPLOYER), U256::ZERO);
}

#[test]
fn an_address_with_a_salt_follows_from_salt_calldata_and_code() {
    let node = Node::start(&[]);
    let bytecode: Bytes = STOP.into();
    for init_data in [vec![], vec![1, 2, 3, 4]] {
        let call = deploying(&bytecode, &init_data, 0, 8);
        let salt = keccak256([call.salt.as_slice(), &init_data].concat());
        let expected = STYLUS_DEPLOYER.create2_from_code(salt, &bytecode);
        let asked = initSaltCall {
            salt: call.salt,
            initData: init_data.into(),
        };
        assert_eq!(node.view(STYLUS_DEPLOYER, &asked), Ok(salt));
        assert_eq!(node.view(STYLUS_DEPLOYER, &call), Ok(expected));
        node.act(STYLUS_DEPLOYER, &call, U256::ZERO);
        assert_eq!(
            node.view(STYLUS_DEPLOYER, &call),
            failed(&ContractDeploymentError {
                bytecode: bytecode.clone()
            }),
            "it is there already"
        );
    }
}

#[test]
fn what_cannot_be_deployed_is_refused_with_its_cause() {
    let node = Node::start(&[]);
    let refused = |call: &deployCall, value: u64| {
        node.view_as(DEV, U256::from(value), STYLUS_DEPLOYER, call)
            .unwrap_err()
    };
    let program = init_code(&fussy(5));
    let empty = deploying(&Bytes::new(), &[], 0, 0);
    assert_eq!(refused(&empty, 0), EmptyBytecode {}.abi_encode());
    let valued = deploying(&program, &[], 1, 0);
    assert_eq!(
        refused(&valued, PLENTY),
        InitValueButNotInitData {}.abi_encode()
    );
    let reverting: Bytes = REVERT.into();
    assert_eq!(
        refused(&deploying(&reverting, &[], 0, 0), 0),
        ContractDeploymentError {
            bytecode: reverting
        }
        .abi_encode()
    );
    let unpaid = refused(&deploying(&program, &[], 0, 0), 1);
    let ProgramInsufficientValue { have, want } =
        ProgramInsufficientValue::abi_decode(&unpaid).unwrap();
    assert!(have == U256::ONE && want > have);
    assert_eq!(
        refused(&deploying(&program, &[1], 0, 0), PLENTY),
        ContractInitializationError {
            newContract: STYLUS_DEPLOYER.create(1)
        }
        .abi_encode()
    );
    // More sent with the initialisation than came.
    assert_ne!(refused(&deploying(&STOP.into(), &[0], 2, 0), 1), [0; 0]);
    assert_eq!(node.ask("eth_blockNumber", json!([])), "0x0");
}

#[test]
fn a_caller_that_takes_no_money_back_is_refused() {
    let node = Node::start(&[]);
    // Multicall3 has no function that takes money as such.
    let call = aggregate3ValueCall {
        calls: vec![Call3Value {
            target: STYLUS_DEPLOYER,
            allowFailure: true,
            value: U256::from(3),
            callData: deploying(&STOP.into(), &[], 0, 0).abi_encode().into(),
        }],
    };
    let answer = node.view_as(DEV, U256::from(3), MULTICALL3, &call).unwrap();
    let error = RefundExcessValueError {
        excessValue: U256::from(3),
    };
    assert_eq!(
        answer,
        [Outcome {
            success: false,
            returnData: error.abi_encode().into()
        }]
    );
}

#[test]
fn a_program_can_be_deployed_by_a_program() {
    let node = Node::start(&[]);
    // Calls the StylusDeployer, whose address comes first in the calldata, with the rest of it and no value.
    let caller = node.deploy_program(&program(6, |body| {
        body.i32_const(0).call(READ_ARGS);
        body.i32_const(0).i32_const(20);
        body.local_get(0).i32_const(20).i32_sub();
        body.i32_const(60_000).i64_const(-1).i32_const(60_032);
        body.call(CALL_CONTRACT).end();
    }));
    let call = deploying(&STOP.into(), &[], 0, 0);
    let data = [STYLUS_DEPLOYER.as_slice(), &call.abi_encode()].concat();
    let receipt = node.send(common::Tx::call(caller, data));
    assert_eq!(receipt["status"], "0x1", "{receipt}");
    assert_eq!(events::<ContractDeployed>(&receipt).len(), 1);
}
