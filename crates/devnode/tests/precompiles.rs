//! ArbOS' precompiles and NodeInterface as wallets and tools call them, over HTTP.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use alloy_primitives::{Address, B256, Bytes, I256, U256, address, hex, keccak256};
use alloy_sol_types::{SolCall, SolEvent, SolValue, sol};
use common::{DEV, Node, Tx, number};
use serde_json::{Value, json};

sol! {
    #[allow(clippy::too_many_arguments)]
    interface ArbSys {
        function arbBlockNumber() external view returns (uint256);
        function isTopLevelCall() external view returns (bool);
        function wasMyCallersAddressAliased() external view returns (bool);
        function myCallersAddressWithoutAliasing() external view returns (address);
        function withdrawEth(address destination) external payable returns (uint256);
        function sendTxToL1(address destination, bytes calldata data) external payable returns (uint256);
        function sendMerkleTreeState() external view returns (uint256 size, bytes32 root, bytes32[] memory partials);
        event L2ToL1Tx(
            address caller, address indexed destination, uint256 indexed hash, uint256 indexed position,
            uint256 arbBlockNum, uint256 ethBlockNum, uint256 timestamp, uint256 callvalue, bytes data
        );
        event SendMerkleUpdate(uint256 indexed reserved, bytes32 indexed hash, uint256 indexed position);
    }
    interface ArbGasInfo {
        function getMaxTxGasLimit() external view returns (uint256);
        function getMaxBlockGasLimit() external view returns (uint64);
        function getMinimumGasPrice() external view returns (uint256);
        function getGasBacklog() external view returns (uint64);
        function getPricingInertia() external view returns (uint64);
        function getGasBacklogTolerance() external view returns (uint64);
        function getGasPricingConstraints() external view returns (uint64[3][] memory);
        function getPricesInArbGasWithAggregator(address aggregator) external view returns (uint256, uint256, uint256);
        function getL1BaseFeeEstimate() external view returns (uint256);
        function getL1BaseFeeEstimateInertia() external view returns (uint64);
        function getL1RewardRate() external view returns (uint64);
        function getL1RewardRecipient() external view returns (address);
        function getL1PricingSurplus() external view returns (int256);
        function getLastL1PricingSurplus() external view returns (int256);
        function getLastL1PricingUpdateTime() external view returns (uint64);
        function getL1PricingFundsDueForRewards() external view returns (uint256);
        function getL1PricingUnitsSinceUpdate() external view returns (uint64);
        function getL1PricingEquilibrationUnits() external view returns (uint256);
        function getL1FeesAvailable() external view returns (uint256);
        function getPerBatchGasCharge() external view returns (int64);
        function getAmortizedCostCapBips() external view returns (uint64);
    }
    interface ArbOwner {
        function setL1PricingInertia(uint64 inertia) external;
        function setL1BaseFeeEstimateInertia(uint64 inertia) external;
        function setL1PricingEquilibrationUnits(uint256 equilibrationUnits) external;
        function setL1PricingRewardRecipient(address recipient) external;
        function setL1PricingRewardRate(uint64 weiPerUnit) external;
        function setPerBatchGasCharge(int64 cost) external;
        function setAmortizedCostCapBips(uint64 cap) external;
        function setParentGasFloorPerToken(uint64 floorPerToken) external;
        function getInfraFeeAccount() external view returns (address);
        function scheduleArbOSUpgrade(uint64 newVersion, uint64 timestamp) external;
    }
    interface ArbOwnerPublic {
        function getBrotliCompressionLevel() external view returns (uint64);
        function getScheduledUpgrade() external view returns (uint64 arbosVersion, uint64 scheduledForTimestamp);
        function isCalldataPriceIncreaseEnabled() external view returns (bool);
        function isNativeTokenOwner(address addr) external view returns (bool);
        function getAllNativeTokenOwners() external view returns (address[] memory);
        function getParentGasFloorPerToken() external view returns (uint64);
        function getCollectTips() external view returns (bool);
        function getAllTransactionFilterers() external view returns (address[] memory);
    }
    interface ArbOthers {
        function getPreferredAggregator(address addr) external view returns (address, bool);
        function getDefaultAggregator() external view returns (address);
        function getBatchPosters() external view returns (address[] memory);
        function getFeeCollector(address batchPoster) external view returns (address);
        function getStats() external view returns (uint256, uint256, uint256, uint256, uint256, uint256);
        function getLifetime() external view returns (uint256);
        function getTimeout(bytes32 ticketId) external view returns (uint256);
    }
    interface NodeInterface {
        function nitroGenesisBlock() external pure returns (uint256 number);
        function blockL1Num(uint64 l2BlockNum) external view returns (uint64 l1BlockNum);
        function l2BlockRangeForL1(uint64 blockNum) external view returns (uint64 firstBlock, uint64 lastBlock);
        function getL1Confirmations(bytes32 blockHash) external view returns (uint64 confirmations);
        function findBatchContainingBlock(uint64 blockNum) external view returns (uint64 batch);
        function constructOutboxProof(uint64 size, uint64 leaf) external view;
        function estimateRetryableTicket(
            address sender, uint256 deposit, address to, uint256 l2CallValue, address excessFeeRefundAddress,
            address callValueRefundAddress, bytes calldata data
        ) external;
    }
}

const SOMEBODY: Address = Address::repeat_byte(0xab);
const BATCH_POSTER: Address = address!("a4b000000000000000000073657175656e636572");

const fn low(byte: u8) -> Address {
    Address::with_last_byte(byte)
}
const ARB_SYS: Address = low(0x64);
const ARB_OWNER_PUBLIC: Address = low(0x6b);
const ARB_GAS_INFO: Address = low(0x6c);
const ARB_OWNER: Address = low(0x70);
const NODE_INTERFACE: Address = low(0xc8);

/// Calls with the first word of calldata as address, the rest as data and the value; returns or reverts what it answers.
const FORWARDER: [u8; 54] = hex!(
    "602a600c600039602a6000f3" // deploys what follows
    "60203603806020600037" // copies calldata[32..] to 0
    "600090600090600034" // nothing expected, what was copied, the value
    "6000355af13d600060003e3d906026576000fd5b6000f3" // calls, copies the answer, reverts or returns with it
);

fn ask<C: SolCall>(node: &Node, to: Address, call: &C) -> C::Return {
    let answer = node.ask("eth_call", question(to, call));
    C::abi_decode_returns(&hex::decode(answer.as_str().unwrap()).unwrap()).unwrap()
}

fn question<C: SolCall>(to: Address, call: &C) -> Value {
    json!([{ "from": DEV, "to": to, "data": Bytes::from(call.abi_encode()) }])
}

fn fails<C: SolCall>(node: &Node, to: Address, call: &C) -> String {
    let error = node.rpc("eth_call", question(to, call)).unwrap_err();
    error["message"].as_str().unwrap().to_owned()
}

fn send<C: SolCall>(node: &Node, to: Address, call: &C, value: u64) -> Value {
    node.send(Tx {
        value: U256::from(value),
        ..Tx::call(to, call.abi_encode())
    })
}

fn deploy(node: &Node, code: &[u8]) -> Address {
    let deployed = node.send(Tx {
        data: code.to_vec().into(),
        ..Tx::create()
    });
    deployed["contractAddress"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap()
}

/// Calldata of a forwarder.
fn through(target: Address, data: Vec<u8>) -> Vec<u8> {
    [target.into_word().to_vec(), data].concat()
}

#[test]
fn gas_info_answers_what_a_new_chain_has() {
    let node = Node::start(&[]);
    let to = ARB_GAS_INFO;
    use ArbGasInfo as G;
    assert_eq!(
        ask(&node, to, &G::getMaxTxGasLimitCall {}),
        U256::from(32_000_000)
    );
    assert_eq!(ask(&node, to, &G::getMaxBlockGasLimitCall {}), 32_000_000);
    assert_eq!(
        ask(&node, to, &G::getMinimumGasPriceCall {}),
        U256::from(100_000_000)
    );
    assert_eq!(ask(&node, to, &G::getGasBacklogCall {}), 0);
    assert_eq!(ask(&node, to, &G::getPricingInertiaCall {}), 102);
    assert_eq!(ask(&node, to, &G::getGasBacklogToleranceCall {}), 10);
    assert!(ask(&node, to, &G::getGasPricingConstraintsCall {}).is_empty());
    let aggregator = SOMEBODY;
    let prices = ask(
        &node,
        to,
        &G::getPricesInArbGasWithAggregatorCall { aggregator },
    );
    assert_eq!((prices._0, prices._2), (U256::ZERO, U256::from(20_000)));
    assert_eq!(ask(&node, to, &G::getL1BaseFeeEstimateCall {}), U256::ZERO);
    assert_eq!(ask(&node, to, &G::getL1BaseFeeEstimateInertiaCall {}), 10);
    assert_eq!(ask(&node, to, &G::getL1RewardRateCall {}), 10);
    assert_eq!(
        ask(&node, to, &G::getL1RewardRecipientCall {}),
        Address::ZERO
    );
    assert_eq!(ask(&node, to, &G::getL1PricingSurplusCall {}), I256::ZERO);
    assert_eq!(
        ask(&node, to, &G::getLastL1PricingSurplusCall {}),
        I256::ZERO
    );
    assert_eq!(ask(&node, to, &G::getLastL1PricingUpdateTimeCall {}), 0);
    assert_eq!(
        ask(&node, to, &G::getL1PricingFundsDueForRewardsCall {}),
        U256::ZERO
    );
    assert_eq!(ask(&node, to, &G::getL1PricingUnitsSinceUpdateCall {}), 0);
    let units = ask(&node, to, &G::getL1PricingEquilibrationUnitsCall {});
    assert_eq!(units, U256::from(160_000_000));
    assert_eq!(ask(&node, to, &G::getL1FeesAvailableCall {}), U256::ZERO);
    assert_eq!(ask(&node, to, &G::getPerBatchGasChargeCall {}), 210_000);
    assert_eq!(ask(&node, to, &G::getAmortizedCostCapBipsCall {}), 0);
}

#[test]
fn getters_cost_the_open_state_and_a_read() {
    let node = Node::start(&[]);
    let intrinsic = 21_000 + 4 * 16;
    let getter = send(&node, ARB_GAS_INFO, &ArbGasInfo::getL1RewardRateCall {}, 0);
    assert_eq!(number(&getter["gasUsed"]), intrinsic + 800 + 800 + 3);
    let surplus = send(
        &node,
        ARB_GAS_INFO,
        &ArbGasInfo::getL1PricingSurplusCall {},
        0,
    );
    assert_eq!(number(&surplus["gasUsed"]), intrinsic + 800 + 3 * 800 + 3);
}

#[test]
fn the_owner_sets_how_l1_data_is_priced() {
    let node = Node::start(&[]);
    use {ArbGasInfo as G, ArbOwner as O};
    let set = |data: Vec<u8>| {
        let receipt = node.send(Tx::call(ARB_OWNER, data));
        assert_eq!(receipt["status"], "0x1");
        assert_eq!(receipt["logs"].as_array().unwrap().len(), 1);
    };
    set(O::setL1PricingInertiaCall { inertia: 7 }.abi_encode());
    assert_eq!(
        ask(&node, ARB_GAS_INFO, &G::getL1BaseFeeEstimateInertiaCall {}),
        7
    );
    set(O::setL1BaseFeeEstimateInertiaCall { inertia: 8 }.abi_encode());
    assert_eq!(
        ask(&node, ARB_GAS_INFO, &G::getL1BaseFeeEstimateInertiaCall {}),
        8
    );
    let equilibration_units = U256::from(9);
    set(O::setL1PricingEquilibrationUnitsCall {
        equilibrationUnits: equilibration_units,
    }
    .abi_encode());
    let units = ask(
        &node,
        ARB_GAS_INFO,
        &G::getL1PricingEquilibrationUnitsCall {},
    );
    assert_eq!(units, equilibration_units);
    set(O::setL1PricingRewardRecipientCall {
        recipient: SOMEBODY,
    }
    .abi_encode());
    assert_eq!(
        ask(&node, ARB_GAS_INFO, &G::getL1RewardRecipientCall {}),
        SOMEBODY
    );
    set(O::setL1PricingRewardRateCall { weiPerUnit: 11 }.abi_encode());
    assert_eq!(ask(&node, ARB_GAS_INFO, &G::getL1RewardRateCall {}), 11);
    set(O::setPerBatchGasChargeCall { cost: -12 }.abi_encode());
    assert_eq!(
        ask(&node, ARB_GAS_INFO, &G::getPerBatchGasChargeCall {}),
        -12
    );
    set(O::setAmortizedCostCapBipsCall { cap: 13 }.abi_encode());
    assert_eq!(
        ask(&node, ARB_GAS_INFO, &G::getAmortizedCostCapBipsCall {}),
        13
    );
    set(O::setParentGasFloorPerTokenCall { floorPerToken: 14 }.abi_encode());
    let floor = ask(
        &node,
        ARB_OWNER_PUBLIC,
        &ArbOwnerPublic::getParentGasFloorPerTokenCall {},
    );
    assert_eq!(floor, 14);
    assert_eq!(
        ask(&node, ARB_OWNER, &O::getInfraFeeAccountCall {}),
        Address::ZERO
    );
}

#[test]
fn anyone_may_know_the_settings_of_the_version() {
    use ArbOwnerPublic as P;
    let to = ARB_OWNER_PUBLIC;
    let node = Node::start(&[]);
    assert_eq!(ask(&node, to, &P::getBrotliCompressionLevelCall {}), 1);
    assert!(!ask(&node, to, &P::isCalldataPriceIncreaseEnabledCall {}));
    assert!(!ask(
        &node,
        to,
        &P::isNativeTokenOwnerCall { addr: SOMEBODY }
    ));
    assert!(ask(&node, to, &P::getAllNativeTokenOwnersCall {}).is_empty());
    assert_eq!(
        fails(&node, to, &P::getCollectTipsCall {}),
        "execution reverted"
    );
    let newer = Node::start(&["--arbos", "60"]);
    assert!(!ask(&newer, to, &P::getCollectTipsCall {}));
    assert!(ask(&newer, to, &P::getAllTransactionFilterersCall {}).is_empty());
}

#[test]
fn an_upgrade_waits_for_its_time() {
    let node = Node::start(&[]);
    let scheduled = |version: u64, timestamp: u64| {
        let call = ArbOwner::scheduleArbOSUpgradeCall {
            newVersion: version,
            timestamp,
        };
        send(&node, ARB_OWNER, &call, 0)["status"] == "0x1"
    };
    let upgrade = || {
        let call = ArbOwnerPublic::getScheduledUpgradeCall {};
        let upgrade = ask(&node, ARB_OWNER_PUBLIC, &call);
        (upgrade.arbosVersion, upgrade.scheduledForTimestamp)
    };
    let has_upgraded = || {
        let asked = question(ARB_OWNER_PUBLIC, &ArbOwnerPublic::getCollectTipsCall {});
        node.rpc("eth_call", asked).is_ok()
    };
    assert_eq!(upgrade(), (0, 0));
    let late = u64::from(u32::MAX);
    assert!(scheduled(60, late));
    assert_eq!((upgrade(), has_upgraded()), ((60, late), false));
    assert!(!scheduled(62, 0), "a version that this node does not know");
    assert!(scheduled(60, 0));
    assert_eq!((upgrade(), has_upgraded()), ((0, 0), true));
}

#[test]
fn callers_are_told_by_the_frame_that_asks() {
    let node = Node::start(&[]);
    let (first, second) = (deploy(&node, &FORWARDER), deploy(&node, &FORWARDER));
    let asked = ArbSys::myCallersAddressWithoutAliasingCall {}.abi_encode();
    let top = ArbSys::isTopLevelCallCall {}.abi_encode();
    let call = |to: Address, data: Vec<u8>| -> U256 {
        let data = Bytes::from(data);
        let answer = node.ask("eth_call", json!([{ "from": DEV, "to": to, "data": data }]));
        answer.as_str().unwrap().parse().unwrap()
    };
    let account = |word: U256| Address::from_word(word.into());
    assert_eq!(call(ARB_SYS, asked.clone()), U256::ZERO);
    let once = through(ARB_SYS, asked);
    assert_eq!(
        account(call(first, once.clone())),
        DEV.parse::<Address>().unwrap()
    );
    assert_eq!(account(call(first, through(second, once))), first);
    let once = through(ARB_SYS, top);
    assert_eq!(call(first, once.clone()), U256::ONE);
    assert_eq!(call(first, through(second, once)), U256::ZERO);
    assert!(!ask(
        &node,
        ARB_SYS,
        &ArbSys::wasMyCallersAddressAliasedCall {}
    ));
}

/// The hash of a message by its fields, as contracts on L1 compute it.
fn message(block: &Value, receipt: &Value, value: u64, data: &[u8]) -> B256 {
    let words = [
        number(&receipt["blockNumber"]),
        0,
        number(&block["timestamp"]),
        value,
    ];
    let words = words.map(|word| U256::from(word).to_be_bytes::<32>());
    let sender: Address = DEV.parse().unwrap();
    let fields = [
        sender.as_slice(),
        SOMEBODY.as_slice(),
        words.as_flattened(),
        data,
    ];
    keccak256(fields.concat())
}

#[test]
fn withdrawn_money_leaves_the_chain() {
    let node = Node::start(&[]);
    let call = ArbSys::withdrawEthCall {
        destination: SOMEBODY,
    };
    let receipt = send(&node, ARB_SYS, &call, 1000);
    let block = node.ask("eth_getBlockByNumber", json!(["latest", false]));
    let hash = message(&block, &receipt, 1000, &[]);
    assert_eq!(
        node.ask("eth_getBalance", json!([ARB_SYS, "latest"])),
        "0x0"
    );
    let log = &receipt["logs"][0];
    assert_eq!(
        log["topics"],
        json!([
            ArbSys::L2ToL1Tx::SIGNATURE_HASH,
            SOMEBODY.into_word(),
            hash,
            B256::ZERO
        ])
    );
    let expected = (
        DEV.parse::<Address>().unwrap(),
        U256::from(number(&receipt["blockNumber"])),
        U256::ZERO,
        U256::from(number(&block["timestamp"])),
        U256::from(1000),
        Bytes::new(),
    );
    assert_eq!(
        log["data"],
        json!(Bytes::from(expected.abi_encode_params()))
    );
    assert_eq!(block["sendCount"], "0x1");
    assert_eq!(block["sendRoot"], json!(keccak256(hash)));
    assert_eq!(block["extraData"], block["sendRoot"]);
}

#[test]
fn sending_costs_what_the_tree_reads_and_writes() {
    let node = Node::start(&[]);
    let call = ArbSys::sendTxToL1Call {
        destination: SOMEBODY,
        data: vec![1; 40].into(),
    };
    let data = call.abi_encode();
    let calldata: u64 = data
        .iter()
        .map(|byte| if *byte == 0 { 4 } else { 16 })
        .sum();
    let words = (data.len() as u64 - 4) / 32;
    let event = |data: u64| 375 * 5 + 8 * data;
    // State and arguments, native token, L1 block, hash of 208 bytes, count twice and once written, node, event, result.
    let first = 800
        + 3 * words
        + 800
        + 800
        + (30 + 6 * 7)
        + 800
        + 20_000
        + 20_000
        + 800
        + event(9 * 32)
        + 3;
    assert_eq!(
        number(&send(&node, ARB_SYS, &call, 0)["gasUsed"]),
        21_000 + calldata + first
    );
    // The waiting node is read, hashed and cleared, and the node above announced.
    let second = first + 800 + (30 + 6 * 2) + 5000 + event(0);
    assert_eq!(
        number(&send(&node, ARB_SYS, &call, 0)["gasUsed"]),
        21_000 + calldata + second
    );
    // Below the second level nothing waits, which has to be read.
    assert_eq!(
        number(&send(&node, ARB_SYS, &call, 0)["gasUsed"]),
        21_000 + calldata + first + 800
    );
}

#[test]
fn messages_are_counted_and_put_into_a_tree() {
    let node = Node::start(&[]);
    let call = ArbSys::sendTxToL1Call {
        destination: SOMEBODY,
        data: vec![5; 3].into(),
    };
    let mut leaves = Vec::new();
    let mut last = Value::Null;
    for value in [0, 7] {
        last = send(&node, ARB_SYS, &call, value);
        let block = node.ask("eth_getBlockByNumber", json!(["latest", false]));
        leaves.push(keccak256(message(&block, &last, value, &[5; 3])));
    }
    let root = keccak256([leaves[0], leaves[1]].concat());
    let update = &last["logs"][0]["topics"];
    assert_eq!(update[0], json!(ArbSys::SendMerkleUpdate::SIGNATURE_HASH));
    assert_eq!((&update[1], &update[2]), (&json!(B256::ZERO), &json!(root)));
    let position = (U256::ONE << 192) | U256::ONE;
    assert_eq!(update[3], json!(B256::from(position)));
    assert_eq!(last["logs"][1]["topics"][3], json!(B256::with_last_byte(1)));
    let state = json!([{ "to": ARB_SYS, "data": Bytes::from(ArbSys::sendMerkleTreeStateCall {}.abi_encode()) }]);
    let answer = node.ask("eth_call", state);
    let tree = ArbSys::sendMerkleTreeStateCall::abi_decode_returns(
        &hex::decode(answer.as_str().unwrap()).unwrap(),
    )
    .unwrap();
    assert_eq!((tree.size, tree.root), (U256::from(2), root));
    assert_eq!(tree.partials, [B256::ZERO, root]);
    assert_eq!(
        fails(&node, ARB_SYS, &ArbSys::sendMerkleTreeStateCall {}),
        "execution reverted"
    );
}

#[test]
fn a_message_of_a_reverted_call_was_not_sent() {
    let node = Node::start(&[]);
    // Forwards 36 bytes of calldata and the value to ArbSys, then reverts.
    let reverting = hex!(
        "6017600c60003960176000f3" "36600060003760006000366000346064" "5af160006000fd"
    );
    let contract = deploy(&node, &reverting);
    let call = ArbSys::withdrawEthCall {
        destination: SOMEBODY,
    };
    assert_eq!(send(&node, contract, &call, 5)["status"], "0x0");
    let block = node.ask("eth_getBlockByNumber", json!(["latest", false]));
    assert_eq!(
        (&block["sendCount"], &block["sendRoot"]),
        (&json!("0x0"), &json!(B256::ZERO))
    );
}

#[test]
fn contracts_of_batches_and_tickets_answer_as_without_any() {
    let node = Node::start(&[]);
    use ArbOthers as O;
    let (aggregator, retryable, statistics) = (low(0x6d), low(0x6e), low(0x6f));
    let preferred = ask(
        &node,
        aggregator,
        &O::getPreferredAggregatorCall { addr: SOMEBODY },
    );
    assert_eq!((preferred._0, preferred._1), (BATCH_POSTER, true));
    assert_eq!(
        ask(&node, aggregator, &O::getDefaultAggregatorCall {}),
        BATCH_POSTER
    );
    assert_eq!(
        ask(&node, aggregator, &O::getBatchPostersCall {}),
        [BATCH_POSTER]
    );
    let collector = O::getFeeCollectorCall {
        batchPoster: BATCH_POSTER,
    };
    assert_eq!(ask(&node, aggregator, &collector), BATCH_POSTER);
    let nobody = O::getFeeCollectorCall {
        batchPoster: SOMEBODY,
    };
    assert_eq!(fails(&node, aggregator, &nobody), "execution reverted");
    assert_eq!(ask(&node, statistics, &O::getStatsCall {})._0, U256::ONE);
    assert_eq!(
        ask(&node, retryable, &O::getLifetimeCall {}),
        U256::from(604_800)
    );
    let timeout = O::getTimeoutCall {
        ticketId: B256::ZERO,
    };
    let error = node
        .rpc("eth_call", question(retryable, &timeout))
        .unwrap_err();
    assert_eq!(
        error["data"],
        json!(Bytes::copy_from_slice(&keccak256("NoTicketWithID()")[..4]))
    );
}

#[test]
fn the_node_interface_knows_blocks_and_no_l1() {
    let node = Node::start(&[]);
    node.send(Tx::call(SOMEBODY, vec![]));
    use NodeInterface as N;
    let to = NODE_INTERFACE;
    assert_eq!(ask(&node, to, &N::nitroGenesisBlockCall {}), U256::ZERO);
    assert_eq!(ask(&node, to, &N::blockL1NumCall { l2BlockNum: 1 }), 0);
    let range = ask(&node, to, &N::l2BlockRangeForL1Call { blockNum: 0 });
    assert_eq!((range.firstBlock, range.lastBlock), (0, 1));
    let head = node.ask("eth_getBlockByNumber", json!(["latest", false]));
    let hash: B256 = head["hash"].as_str().unwrap().parse().unwrap();
    assert_eq!(
        ask(&node, to, &N::getL1ConfirmationsCall { blockHash: hash }),
        0
    );
    let unknown = [
        fails(&node, to, &N::blockL1NumCall { l2BlockNum: 2 }),
        fails(&node, to, &N::l2BlockRangeForL1Call { blockNum: 1 }),
        fails(
            &node,
            to,
            &N::getL1ConfirmationsCall {
                blockHash: B256::ZERO,
            },
        ),
    ];
    assert_eq!(unknown, ["no such block on this chain"; 3]);
    let ticket = N::estimateRetryableTicketCall {
        sender: SOMEBODY,
        deposit: U256::ZERO,
        to: SOMEBODY,
        l2CallValue: U256::ZERO,
        excessFeeRefundAddress: SOMEBODY,
        callValueRefundAddress: SOMEBODY,
        data: Bytes::new(),
    };
    let without = [
        fails(&node, to, &N::findBatchContainingBlockCall { blockNum: 1 }),
        fails(&node, to, &N::constructOutboxProofCall { size: 1, leaf: 0 }),
        fails(&node, to, &ticket),
    ];
    assert!(
        without
            .iter()
            .all(|text| text.starts_with("this chain has no L1")),
        "{without:?}"
    );
    let estimate = node
        .rpc("eth_estimateGas", question(to, &ticket))
        .unwrap_err();
    assert!(estimate["message"].as_str().unwrap().contains("no L1"));
}
