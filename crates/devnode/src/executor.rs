//! Threads with large stacks on which contracts run.
//!
//! Nested calls nest natively, up to 1,024 deep with a program's own stack each. The stack is virtual memory; only what
//! is used is ever real.

use std::cell::Cell;
use std::io;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;

use tokio::sync::oneshot;

/// Stack sizes to try, largest first: some machines limit virtual memory.
const STACKS: [usize; 3] = [4 << 30, 1 << 30, SMALL_STACK];
/// Stack where the address space is limited, so that programs find room beside it.
const SMALL_STACK: usize = 256 << 20;
/// Native stack that must be left for a program to begin.
const RESERVE: usize = 20 << 20;

thread_local! {
    /// Address of the stack's low end, 0 where it is not known.
    static FLOOR: Cell<usize> = const { Cell::new(0) };
}

type Job = Box<dyn FnOnce() + Send>;

/// A pool of threads for contracts.
#[derive(Clone, Debug)]
pub struct Executor(mpsc::Sender<Job>);

impl Executor {
    /// Starts the threads.
    pub fn start(threads: usize) -> io::Result<Self> {
        let (sender, jobs) = mpsc::channel::<Job>();
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..threads.max(1) {
            spawn(&jobs)?;
        }
        Ok(Self(sender))
    }

    /// Runs `work` on one of the threads; `None` if it panicked or the pool is gone.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (answer, receive) = oneshot::channel();
        self.send(Box::new(move || drop(answer.send(work()))));
        receive.await.ok()
    }

    /// As [`Self::run`], for callers without an async runtime.
    pub fn run_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (answer, receive) = mpsc::channel();
        self.send(Box::new(move || drop(answer.send(work()))));
        receive.recv().ok()
    }

    fn send(&self, job: Job) {
        // Without receivers the job is dropped, and the caller sees its answer channel close.
        drop(self.0.send(job));
    }
}

fn spawn(jobs: &Arc<Mutex<mpsc::Receiver<Job>>>) -> io::Result<()> {
    let mut refused = io::Error::other("no stack size to try");
    let limited = address_space_is_limited();
    for size in STACKS {
        if limited && size > SMALL_STACK {
            continue;
        }
        let jobs = Arc::clone(jobs);
        let thread = thread::Builder::new()
            .name("contracts".into())
            .stack_size(size);
        match thread.spawn(move || serve(&jobs, size)) {
            Ok(_) => return Ok(()),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

fn serve(jobs: &Mutex<mpsc::Receiver<Job>>, stack: usize) {
    FLOOR.set(here().saturating_sub(stack - RESERVE / 4));
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        // A panic is a bug of this node; it must not take the other requests with it.
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(job)).is_err() {
            eprintln!("stylus-devnode: a request failed by a bug of the node; please report it");
        }
    }
}

/// Whether this process may have only so much address space (`ulimit -v`), where the system tells.
pub fn address_space_is_limited() -> bool {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max address space"));
    let soft = line.and_then(|line| line.split_whitespace().next());
    soft.is_some_and(|soft| soft != "unlimited")
}

/// Roughly where the stack pointer is.
fn here() -> usize {
    let marker = 0_u8;
    std::ptr::from_ref(&marker).addr()
}

/// Whether the native stack has room for one more program. Threads of other origin are trusted.
pub fn has_room() -> bool {
    let floor = FLOOR.get();
    floor == 0 || here().saturating_sub(floor) > RESERVE
}
