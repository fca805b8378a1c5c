//! Runs what may panic, without a word on standard error.
//!
//! Comes in: a function. Goes out: what it gives, or nothing if it panicked. The program's own
//! panics are reported as before.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;
use std::thread;

thread_local! {
    /// Whether panics of this thread are expected.
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// Deep enough for objects nested as deeply as the reader follows them.
const STACK: usize = 64 << 20;

/// What `run` gives on a thread of its own; `None` if it panics.
pub(super) fn caught<T: Send>(run: impl FnOnce() -> T + Send) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let report = take_hook();
        set_hook(Box::new(move |panic| {
            if !EXPECTED.get() {
                report(panic);
            }
        }));
    });
    thread::scope(|scope| {
        thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, || {
                EXPECTED.set(true);
                catch_unwind(AssertUnwindSafe(run)).ok()
            })
            .ok()?
            .join()
            .ok()
            .flatten()
    })
}
