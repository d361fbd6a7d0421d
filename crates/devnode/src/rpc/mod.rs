//! JSON-RPC over HTTP on 127.0.0.1.

mod account;
mod error;
mod guard;
mod logs;
mod methods;
mod node_interface;
mod params;
mod tracing;
mod view;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;

use jsonrpsee::RpcModule;
use jsonrpsee::server::{BatchRequestConfig, ServerBuilder, ServerConfig, ServerHandle};
use jsonrpsee::types::ErrorObjectOwned;
use serde_json::Value;

use crate::chain::Chain;
use crate::executor::Executor;
use error::RpcError;
use guard::GuardLayer;
use params::Params;

/// Largest request: a transaction of 95 KB in hex, or a call with some overrides of full-size code.
const MAX_REQUEST: u32 = 8 << 20;
/// Largest answer: a long list of logs or a long trace.
const MAX_RESPONSE: u32 = 64 << 20;
/// Calls in one batch.
const MAX_BATCH: u32 = 1000;
/// Connections at the same time.
const MAX_CONNECTIONS: u32 = 500;

/// What every method needs.
#[derive(Clone, Debug)]
pub struct Node {
    /// The chain.
    pub chain: Arc<Chain>,
    /// Where contracts run.
    pub executor: Executor,
}

/// Takes a port of 127.0.0.1; 0 takes any that is free.
pub fn bind(port: u16) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Answers requests until the handle is stopped.
pub fn serve(listener: TcpListener, node: Node) -> io::Result<ServerHandle> {
    let config = ServerConfig::builder()
        .http_only()
        .max_request_body_size(MAX_REQUEST)
        .max_response_body_size(MAX_RESPONSE)
        .max_connections(MAX_CONNECTIONS)
        .set_batch_request_config(BatchRequestConfig::Limit(MAX_BATCH))
        .set_tcp_no_delay(true)
        .build();
    let server = ServerBuilder::with_config(config)
        .set_http_middleware(tower::ServiceBuilder::new().layer(GuardLayer))
        .build_from_tcp(listener)?;
    Ok(server.start(module(node).map_err(io::Error::other)?))
}

fn module(node: Node) -> Result<RpcModule<Node>, jsonrpsee::core::RegisterMethodError> {
    let mut module = RpcModule::new(node);
    for method in methods::METHODS {
        module.register_async_method(method, move |params, node, _| async move {
            let params = parse(params.as_str())?;
            let chain = Arc::clone(&node.chain);
            let answer = node
                .executor
                .run(move || methods::answer(&chain, method, &params))
                .await;
            answer
                .unwrap_or(Err(RpcError::Internal))
                .map_err(ErrorObjectOwned::from)
        })?;
    }
    Ok(module)
}

fn parse(params: Option<&str>) -> Result<Params, RpcError> {
    let Some(text) = params else {
        return Ok(Params(Vec::new()));
    };
    match serde_json::from_str(text) {
        Ok(Value::Array(params)) => Ok(Params(params)),
        Ok(Value::Null) => Ok(Params(Vec::new())),
        Ok(_) => Err(RpcError::Params(
            "parameters are a list, by position".into(),
        )),
        Err(error) => Err(RpcError::Params(error.to_string())),
    }
}
