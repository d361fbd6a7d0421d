//! The node over HTTP: what a client sees.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::time::{Duration, Instant};

use alloy_primitives::{Address, U256, hex};
use common::{DEV, Node, Tx, binary, echo, number, sign};
use serde_json::json;

const SOMEBODY: Address = Address::repeat_byte(0xab);
/// Creates a contract that reverts with the word 42.
const REVERTING: [u8; 22] = hex!("600a600c600039600a6000f3602a60005260206000fd");

#[test]
fn the_chain_is_nitros_development_chain() {
    let node = Node::start(&[]);
    assert_eq!(node.ready["chainId"], 412_346);
    assert_eq!(node.ask("eth_chainId", json!([])), "0x64aba");
    assert_eq!(node.ask("net_version", json!([])), "412346");
    assert_eq!(node.ask("eth_gasPrice", json!([])), "0x5f5e100");
    let balance = node.ask("eth_getBalance", json!([DEV, "latest"]));
    assert_eq!(
        balance,
        json!(U256::from(1000) * U256::from(10).pow(U256::from(18)))
    );
}

#[test]
fn a_signed_transaction_makes_a_block() {
    let node = Node::start(&[]);
    let receipt = node.send(Tx {
        value: U256::from(5),
        ..Tx::call(SOMEBODY, vec![])
    });
    assert_eq!(
        (receipt["status"].as_str(), number(&receipt["gasUsed"])),
        (Some("0x1"), 21_000)
    );
    assert_eq!(node.ask("eth_blockNumber", json!([])), "0x1");
    assert_eq!(
        node.ask("eth_getBalance", json!([SOMEBODY, "latest"])),
        "0x5"
    );
    assert_eq!(node.ask("eth_getBalance", json!([SOMEBODY, "0x0"])), "0x0");
    let block = node.ask("eth_getBlockByNumber", json!(["0x1", true]));
    assert_eq!(block["transactions"][0]["hash"], receipt["transactionHash"]);
    assert_eq!(block["hash"], receipt["blockHash"]);
    let tx = node.ask(
        "eth_getTransactionByHash",
        json!([receipt["transactionHash"]]),
    );
    assert_eq!(
        tx["from"].as_str().unwrap().to_lowercase(),
        DEV.to_lowercase()
    );
}

#[test]
fn a_program_is_deployed_activated_and_called() {
    let node = Node::start(&[]);
    let program = node.deploy_program(&echo(1));
    let called = json!([{ "to": program, "data": "0x1234" }, "latest"]);
    assert_eq!(node.ask("eth_call", called), "0x1234");
    let estimate = number(&node.ask(
        "eth_estimateGas",
        json!([{ "from": DEV, "to": program, "data": "0x1234" }]),
    ));
    let receipt = node.send(Tx {
        gas: estimate,
        ..Tx::call(program, vec![0x12, 0x34])
    });
    assert_eq!(
        (receipt["status"].as_str(), number(&receipt["gasUsed"])),
        (Some("0x1"), estimate)
    );
    let short = node.send(Tx {
        gas: estimate - 1,
        ..Tx::call(program, vec![0x12, 0x34])
    });
    assert_eq!(short["status"], "0x0");
}

#[test]
fn the_tracer_lists_host_functions() {
    let node = Node::start(&[]);
    let program = node.deploy_program(&echo(2));
    let receipt = node.send(Tx::call(program, vec![7]));
    let trace = node.ask(
        "debug_traceTransaction",
        json!([receipt["transactionHash"], { "tracer": "stylusTracer" }]),
    );
    let names: Vec<_> = trace
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["read_args", "write_result"]);
    assert_eq!(
        (trace[0]["outs"].as_str(), trace[1]["args"].as_str()),
        (Some("0x07"), Some("0x07"))
    );
    assert!(trace[0]["startInk"].as_u64().unwrap() > trace[0]["endInk"].as_u64().unwrap());
    let call = json!([{ "to": program, "data": "0x07" }, "latest", { "tracer": "stylusTracer" }]);
    assert_eq!(
        node.ask("debug_traceCall", call).as_array().unwrap().len(),
        2
    );
    let missing = node.rpc(
        "debug_traceTransaction",
        json!([receipt["transactionHash"], { "tracer": "other" }]),
    );
    assert!(
        missing.unwrap_err()["message"]
            .as_str()
            .unwrap()
            .contains("stylusTracer")
    );
}

#[test]
fn a_program_that_is_not_activated_says_so() {
    let node = Node::start(&[]);
    let code = stylus_rules::code::program_code(&echo(3));
    let deployed = node.send(Tx {
        data: stylus_rules::code::init_code(&code).into(),
        ..Tx::create()
    });
    let error = node
        .rpc("eth_call", json!([{ "to": deployed["contractAddress"] }]))
        .unwrap_err();
    assert_eq!(
        (error["code"].as_i64(), error["message"].as_str()),
        (Some(-32000), Some("error ProgramNotActivated()"))
    );
}

#[test]
fn revert_data_comes_with_code_3() {
    let node = Node::start(&[]);
    let deployed = node.send(Tx {
        data: REVERTING.to_vec().into(),
        ..Tx::create()
    });
    let word = format!("0x{:064x}", 42);
    for method in ["eth_call", "eth_estimateGas"] {
        let error = node
            .rpc(method, json!([{ "to": deployed["contractAddress"] }]))
            .unwrap_err();
        assert_eq!(
            (error["code"].as_i64(), error["data"].as_str()),
            (Some(3), Some(word.as_str())),
            "{method}"
        );
    }
    let sent = node.send(Tx::call(
        deployed["contractAddress"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap(),
        vec![],
    ));
    assert_eq!(sent["status"], "0x0");
}

#[test]
fn state_can_be_overridden_for_a_call() {
    let node = Node::start(&[]);
    // Runtime code: returns storage slot 0 plus the balance of the account itself.
    let code = "0x4760005401600052602060 00f3".replace(' ', "");
    let slot = format!("0x{:064x}", 0);
    let overrides = json!({ SOMEBODY.to_string(): {
        "code": code, "balance": "0x5", "stateDiff": { slot: format!("0x{:064x}", 37) }
    }});
    let answer = node.ask("eth_call", json!([{ "to": SOMEBODY }, "latest", overrides]));
    assert_eq!(answer, format!("0x{:064x}", 42));
    assert_eq!(node.ask("eth_getCode", json!([SOMEBODY, "latest"])), "0x");
}

#[test]
fn logs_are_found_by_topic_and_address() {
    let node = Node::start(&[]);
    let program = node.deploy_program(&echo(4));
    let activated = "0xc0e812780707128d9a180db8ee4d1c1f1300b6dd0626d577b5d9ac759b76253c";
    let logs = node.ask(
        "eth_getLogs",
        json!([{ "fromBlock": "0x0", "topics": [activated] }]),
    );
    assert_eq!(logs.as_array().unwrap().len(), 1);
    assert_eq!(
        logs[0]["address"],
        "0x0000000000000000000000000000000000000071"
    );
    let none = node.ask(
        "eth_getLogs",
        json!([{ "fromBlock": "0x0", "address": program }]),
    );
    assert_eq!(none, json!([]));
}

#[test]
fn the_owner_is_funded_and_owns_the_chain() {
    let owner = "0x000000000000000000000000000000000000beef";
    let node = Node::start(&["--owner", owner]);
    assert_eq!(node.ready["owner"], owner);
    assert_ne!(node.ask("eth_getBalance", json!([owner, "latest"])), "0x0");
    let is_owner = format!("0x26ef7f68{:0>64}", &owner[2..]);
    let answer = node.ask(
        "eth_call",
        json!([{ "to": "0x000000000000000000000000000000000000006b", "data": is_owner }]),
    );
    assert_eq!(answer, format!("0x{:064x}", 1));
}

#[test]
fn later_versions_can_be_chosen() {
    for (arbos, max_fragments) in [("60", 2), ("61", 4)] {
        let node = Node::start(&["--arbos", arbos]);
        let fragments =
            json!([{ "to": "0x000000000000000000000000000000000000006b", "data": "0xe5a7f893" }]);
        assert_eq!(
            node.ask("eth_call", fragments),
            format!("0x{max_fragments:064x}")
        );
    }
}

#[test]
fn refused_transactions_name_the_cause() {
    let node = Node::start(&[]);
    let to = Tx {
        gas: 21_000,
        ..Tx::call(SOMEBODY, vec![])
    };
    let refused = |raw: String| {
        let error = node
            .rpc("eth_sendRawTransaction", json!([raw]))
            .unwrap_err();
        assert_eq!(error["code"], -32000);
        error["message"].as_str().unwrap().to_owned()
    };
    assert!(
        refused(node.sign(Tx {
            chain_id: 1,
            ..to.clone()
        }))
        .contains("invalid chain id")
    );
    assert!(
        refused(node.sign(Tx {
            nonce: Some(5),
            ..to.clone()
        }))
        .contains("nonce too high")
    );
    assert!(
        refused(node.sign(Tx {
            gas: 20_999,
            ..to.clone()
        }))
        .contains("intrinsic gas too low")
    );
    assert!(
        refused(node.sign(Tx {
            price: 1,
            ..to.clone()
        }))
        .contains("less than block base fee")
    );
    assert!(refused(sign(&[1; 32], to.clone())).contains("insufficient funds"));
    assert!(refused("0x02c0".to_owned()).contains("does not decode"));
    node.send(to.clone());
    assert!(
        refused(node.sign(Tx {
            nonce: Some(0),
            ..to
        }))
        .contains("nonce too low")
    );
    assert_eq!(node.ask("eth_blockNumber", json!([])), "0x1");
}

#[test]
fn requests_that_are_none_get_errors() {
    let node = Node::start(&[]);
    let error_code = |body: &str| {
        let answer: serde_json::Value = serde_json::from_str(&node.post(body)).unwrap();
        answer["error"]["code"].as_i64()
    };
    assert_eq!(error_code("{"), Some(-32700));
    assert_eq!(
        error_code(r#"{"jsonrpc":"2.0","id":1,"method":"eth_nothing"}"#),
        Some(-32601)
    );
    assert_eq!(
        error_code(r#"{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":["0x12"]}"#),
        Some(-32602)
    );
    assert_eq!(
        error_code(r#"{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":{"a":1}}"#),
        Some(-32602)
    );
    let unknown_block = json!([SOMEBODY, "0xffffff"]);
    assert_eq!(
        node.rpc("eth_getBalance", unknown_block).unwrap_err()["code"],
        -32000
    );
    let batch = r#"[{"jsonrpc":"2.0","id":1,"method":"eth_chainId"},{"jsonrpc":"2.0","id":2,"method":"eth_blockNumber"}]"#;
    let answers: serde_json::Value = serde_json::from_str(&node.post(batch)).unwrap();
    assert_eq!(answers.as_array().unwrap().len(), 2);
}

#[test]
fn an_oversized_request_is_cut_off() {
    let node = Node::start(&[]);
    let head = format!(
        "POST / HTTP/1.1\r\nHost: localhost:{}\r\nContent-Type: application/json",
        node.port
    );
    let (status, _) = node.http_announcing(9 << 20, &head, "");
    assert_eq!(status, 413);
    assert_eq!(node.ask("eth_chainId", json!([])), "0x64aba");
}

/// Status and whole answer to one request with this `Host` and these other headers.
fn ask_as(node: &Node, method: &str, host: &str, more: &[&str]) -> (u16, String) {
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}"#;
    let mut head = vec![
        format!("{method} / HTTP/1.1"),
        format!("Host: {host}"),
        "Content-Type: application/json".to_owned(),
    ];
    head.extend(more.iter().map(|line| (*line).to_owned()));
    node.http_with_head(&head.join("\r\n"), if method == "POST" { body } else { "" })
}

#[test]
fn clients_of_this_machine_are_answered() {
    let node = Node::start(&[]);
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        let named = format!("{host}:{}", node.port);
        let (status, answer) = ask_as(&node, "POST", &named, &[]);
        assert_eq!(status, 200, "{host}");
        assert!(answer.contains("0x64aba"), "{answer}");
        // Nobody asked for them.
        assert!(!answer.contains("access-control"), "{answer}");
    }
}

#[test]
fn local_pages_may_read_the_answers() {
    let node = Node::start(&[]);
    for origin in [
        "http://localhost:5173",
        "http://127.0.0.1:8600",
        "http://[::1]",
        "https://localhost",
        "chrome-extension://nkbihfbeogaeaoehlefnkodbefgpgknn",
    ] {
        let (status, answer) = ask_as(&node, "POST", "localhost", &[&format!("Origin: {origin}")]);
        assert_eq!(status, 200, "{origin}");
        assert!(answer.contains("0x64aba"), "{answer}");
        assert!(answer.contains(&format!("access-control-allow-origin: {origin}\r\n")));
        assert!(answer.contains("vary: origin\r\n"), "{answer}");
    }
}

#[test]
fn a_preflight_of_a_local_page_allows_json() {
    let node = Node::start(&[]);
    let asked = [
        "Origin: http://localhost:5173",
        "Access-Control-Request-Method: POST",
        "Access-Control-Request-Headers: content-type",
    ];
    let (status, answer) = ask_as(&node, "OPTIONS", "127.0.0.1", &asked);
    assert_eq!(status, 204);
    for line in [
        "access-control-allow-origin: http://localhost:5173\r\n",
        "access-control-allow-methods: POST, OPTIONS\r\n",
        "access-control-allow-headers: content-type\r\n",
    ] {
        assert!(answer.contains(line), "{line}: {answer}");
    }
}

#[test]
fn foreign_pages_and_foreign_names_get_an_error_of_json_rpc() {
    let node = Node::start(&[]);
    let refused = |method: &str, host: &str, more: &[&str]| {
        let (status, answer) = ask_as(&node, method, host, more);
        assert_eq!(status, 403, "{host} {more:?}");
        assert!(!answer.contains("access-control"), "{answer}");
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let error: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(error["jsonrpc"], "2.0");
        assert_eq!(error["error"]["code"], -32000);
        error["error"]["message"].as_str().unwrap().to_owned()
    };
    for origin in [
        "https://example.com",
        "http://localhost.example.com",
        "http://192.168.0.7:8547",
        "null",
    ] {
        let header = format!("Origin: {origin}");
        for method in ["POST", "OPTIONS"] {
            let message = refused(method, "127.0.0.1", &[&header]);
            assert!(message.contains("serve the page from localhost"));
        }
    }
    // A second origin does not hide behind a good one.
    let both = ["Origin: http://localhost", "Origin: https://example.com"];
    refused("POST", "127.0.0.1", &both);
    // A name that was made to point to 127.0.0.1, as in DNS rebinding.
    for host in ["example.com", "example.com:8547", "127.0.0.1.example.com"] {
        let message = refused("POST", host, &[]);
        assert!(message.contains("localhost and 127.0.0.1 only"));
        refused("POST", host, &["Origin: http://localhost"]);
    }
}

#[test]
fn the_node_signs_for_the_development_account() {
    let node = Node::start(&[]);
    assert_eq!(
        node.ask("eth_accounts", json!([])),
        json!([DEV.to_lowercase()])
    );
    let hash = node.ask(
        "eth_sendTransaction",
        json!([{ "from": DEV, "to": SOMEBODY, "value": "0x7" }]),
    );
    let receipt = node.ask("eth_getTransactionReceipt", json!([hash]));
    assert_eq!(
        (receipt["status"].as_str(), number(&receipt["gasUsed"])),
        (Some("0x1"), 21_000)
    );
    let sent = node.ask("eth_getTransactionByHash", json!([hash]));
    assert_eq!(number(&sent["gas"]), 21_000);
    assert_eq!(
        node.ask("eth_getBalance", json!([SOMEBODY, "latest"])),
        "0x7"
    );
}

#[test]
fn what_a_transaction_to_sign_names_is_kept() {
    let node = Node::start(&[]);
    let wanted = json!([{
        "from": DEV, "to": SOMEBODY, "gas": "0x7530", "nonce": "0x0", "maxFeePerGas": "0x77359400", "input": "0x01",
    }]);
    let hash = node.ask("eth_sendTransaction", wanted.clone());
    let sent = node.ask("eth_getTransactionByHash", json!([hash]));
    assert_eq!(
        (&sent["gas"], &sent["maxFeePerGas"], &sent["input"]),
        (&json!("0x7530"), &json!("0x77359400"), &json!("0x01"))
    );
    // The same nonce again.
    let error = node.rpc("eth_sendTransaction", wanted).unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("nonce too low"));
}

#[test]
fn the_node_signs_for_nobody_else() {
    let node = Node::start(&[]);
    for request in [json!({ "to": SOMEBODY }), json!({ "from": SOMEBODY })] {
        let error = node
            .rpc("eth_sendTransaction", json!([request]))
            .unwrap_err();
        assert_eq!(error["code"], -32000);
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("unknown account"), "{message}");
        assert!(message.contains("eth_sendRawTransaction"), "{message}");
    }
}

#[test]
fn a_transaction_to_sign_that_would_revert_is_not_sent() {
    let node = Node::start(&[]);
    let deployed = node.send(Tx {
        data: REVERTING.to_vec().into(),
        ..Tx::create()
    });
    let request = json!([{ "from": DEV, "to": deployed["contractAddress"] }]);
    let error = node.rpc("eth_sendTransaction", request).unwrap_err();
    assert_eq!(error["data"], format!("0x{:064x}", 42));
    assert_eq!(node.ask("eth_blockNumber", json!([])), "0x1");
}

#[test]
fn a_port_in_use_is_named() {
    let node = Node::start(&[]);
    let second = binary()
        .args(["--port", &node.port.to_string()])
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(1));
    let message = String::from_utf8(second.stderr).unwrap();
    assert!(
        message.contains(&node.port.to_string()) && message.contains("--port"),
        "{message}"
    );
    assert_eq!(message.lines().count(), 1);
}

#[test]
fn a_terminated_node_ends_at_once_and_well() {
    let mut node = Node::start(&[]);
    let begin = Instant::now();
    let killed = std::process::Command::new("kill")
        .args(["-TERM", &node.pid().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    assert_eq!(node.wait(), Some(0));
    assert!(begin.elapsed() < Duration::from_secs(2));
}

#[test]
fn a_node_ends_with_its_parent() {
    let mut parent = std::process::Command::new("sleep")
        .arg("600")
        .spawn()
        .unwrap();
    let mut node = Node::start(&["--parent-pid", &parent.id().to_string()]);
    assert_eq!(node.ask("eth_chainId", json!([])), "0x64aba");
    parent.kill().unwrap();
    parent.wait().unwrap();
    assert_eq!(node.wait(), Some(0));
}

#[test]
fn the_node_interface_estimates() {
    let node = Node::start(&[]);
    // gasEstimateComponents(SOMEBODY, false, "")
    let data = format!(
        "0xc94e6eeb{:0>64}{:064x}{:064x}{:064x}",
        hex::encode(SOMEBODY),
        0,
        0x60,
        0
    );
    let answer = node.ask(
        "eth_call",
        json!([{ "from": DEV, "to": format!("0x{:040x}", 0xc8), "data": data }]),
    );
    let answer = answer.as_str().unwrap();
    assert_eq!(answer[2..66], format!("{:064x}", 21_000));
    assert_eq!(answer[130..194], format!("{:064x}", 100_000_000));
}

#[test]
fn the_create2_factory_deploys_to_the_address_that_the_code_decides() {
    let node = Node::start(&[]);
    let factory: Address = "0x4e59b44847b379578588920cA78FbF26c0B4956C"
        .parse()
        .unwrap();
    let salt = [7; 32];
    let receipt = node.send(Tx::call(factory, [salt.as_slice(), &REVERTING].concat()));
    assert_eq!(receipt["status"], "0x1");
    let created = factory.create2_from_code(salt, REVERTING);
    assert_eq!(
        node.ask("eth_getCode", json!([created, "latest"])),
        "0x602a60005260206000fd"
    );
}

#[test]
fn a_transaction_sees_32_million_gas_whatever_its_limit() {
    let node = Node::start(&[]);
    // Returns the GAS it sees.
    let deployed = node.send(Tx {
        data: hex!("6009600c60003960096000f35a60005260206000f3")
            .to_vec()
            .into(),
        ..Tx::create()
    });
    let question = json!([{ "to": deployed["contractAddress"], "gas": "0x2faf080" }]);
    let seen = node.ask("eth_call", question);
    assert_eq!(seen, format!("0x{:064x}", 32_000_000 - 2));
}
