//! `serve`: the node from start to stop.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::arbos::ArbosVersion;
use crate::chain::genesis::DEV_ACCOUNT;
use crate::chain::{CHAIN_ID, Chain, Config};
use crate::cli::Serve;
use crate::engine::EngineError;
use crate::executor::Executor;
use crate::rpc::{self, Node};

/// Why the node does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The port cannot be taken.
    #[error(
        "port {port} of 127.0.0.1 is in use ({cause}): stop what uses it, or choose another with --port (0: any)"
    )]
    Port {
        /// The port asked for.
        port: u16,
        /// The system's reason.
        cause: io::Error,
    },
    /// The engine does not start.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The system refuses something else.
    #[error("the node cannot start: {0}")]
    System(#[from] io::Error),
}

/// How often the parent process is looked for.
const PARENT_CHECK: Duration = Duration::from_millis(500);

/// Serves a fresh chain until a signal comes or the parent process is gone.
pub fn run(options: &Serve) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let served = runtime.block_on(serve(options));
    // Whatever still runs is left behind; nothing of it is kept.
    runtime.shutdown_background();
    served.map(|()| ExitCode::SUCCESS).map_err(Into::into)
}

async fn serve(options: &Serve) -> Result<(), ServeError> {
    let listener = rpc::bind(options.port).map_err(|cause| ServeError::Port {
        port: options.port,
        cause,
    })?;
    let port = listener.local_addr()?.port();
    let mut owners = vec![DEV_ACCOUNT];
    owners.extend(options.owner.filter(|owner| *owner != DEV_ACCOUNT));
    let config = Config {
        arbos: ArbosVersion(options.arbos),
        owners,
        l1_price: options.l1_price,
        predeploys: true,
    };
    let chain = Arc::new(Chain::new(&config, options.compiler)?);
    let threads = std::thread::available_parallelism().map_or(2, |count| count.get().clamp(2, 8));
    let node = Node {
        chain,
        executor: Executor::start(threads)?,
    };
    let server = rpc::serve(listener, node)?;
    // Before anyone is told of the node, so that no signal finds it unprepared.
    let signals = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    announce(port, options)?;
    wait(signals, options.parent_pid).await;
    // It can only have stopped by itself already.
    let _stopped = server.stop();
    Ok(())
}

/// One line on standard output tells that the node is ready.
fn announce(port: u16, options: &Serve) -> io::Result<()> {
    let ready = json!({
        "rpc": format!("http://127.0.0.1:{port}"),
        "chainId": CHAIN_ID,
        "arbos": options.arbos,
        "owner": options.owner.unwrap_or(DEV_ACCOUNT),
        "pid": std::process::id(),
    });
    let mut out = io::stdout().lock();
    writeln!(out, "{ready}")?;
    out.flush()
}

async fn wait((mut interrupt, mut terminate): (Signal, Signal), parent: Option<u32>) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        () = orphaned(parent) => eprintln!("stylus-devnode: the parent process is gone, stopping"),
    }
}

/// Ends when the process of this id is gone; never without one.
async fn orphaned(parent: Option<u32>) {
    let Some(pid) = parent else {
        return std::future::pending().await;
    };
    while is_running(pid) {
        tokio::time::sleep(PARENT_CHECK).await;
    }
}

/// Whether a process of this id runs: it is there and not a zombie.
fn is_running(pid: u32) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
        // Without /proc (other systems than Linux) an id that was our parent once still is, until we are handed on.
        return !std::path::Path::new("/proc").exists()
            && std::os::unix::process::parent_id() == pid;
    };
    let state = stat
        .rsplit_once(')')
        .and_then(|(_, rest)| rest.trim_start().chars().next());
    !matches!(state, Some('Z' | 'X'))
}
