//! Ctrl-C and SIGTERM: obeyed within two seconds, whatever is being computed.
//!
//! Whatever is written is written whole, so that the process may end at any moment. A run that would
//! rather end by itself asks for [`grace`] and looks at the flag it is given; everything else ends at
//! once.

use std::{
    io,
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use crate::report::remove_partial_files;

/// Set once the run is to end.
static STOP: AtomicBool = AtomicBool::new(false);
/// Whether a run is there that ends by itself.
static GRACE: AtomicBool = AtomicBool::new(false);

/// The exit code of an interrupted run.
const INTERRUPTED: i32 = 130;

/// Begins to listen, once, for as long as the process lives.
pub fn listen() {
    let heard = ctrlc::set_handler(|| {
        if !GRACE.load(Ordering::Relaxed) || STOP.swap(true, Ordering::Relaxed) {
            exit();
        }
    });
    if let Err(error) = heard {
        // The system's own way then: the process ends without a word.
        log::info!("cannot listen for Ctrl-C: {error}");
    }
}

/// The flag of a run that ends by itself soon after it is set; a second signal does not wait.
pub fn grace() -> &'static AtomicBool {
    GRACE.store(true, Ordering::Relaxed);
    &STOP
}

/// Ends the process as interrupted.
pub fn exit() -> ! {
    // A line under way on standard output is finished, if somebody reads it.
    let (idle, finished) = mpsc::channel();
    thread::spawn(move || {
        let _lock = io::stdout().lock();
        let _ = idle.send(());
        thread::park();
    });
    let _ = finished.recv_timeout(Duration::from_millis(200));
    remove_partial_files();
    std::process::exit(INTERRUPTED);
}
