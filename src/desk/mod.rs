//! The desk: briefs, their review and the translator in a browser and to other programs.
//!
//! Comes in: requests of this machine (or, with a token, of others) and pages that are dropped or laid
//! in a watched folder. Goes out: pages, JSON, files below the output folder, corrections in the memory.
//! `http` lets a request in and answers it, `api` translates and checks, `queue` puts requests
//! together, `review` shows and corrects, `intake` briefs in the background. What stands in an
//! article is only ever data here: pages are filled by a script that sets text.

mod api;
mod http;
mod intake;
mod message;
mod queue;
mod review;
mod shelf;

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, atomic::AtomicBool},
};

use crate::{
    engine::Engine,
    judges::Vectors,
    memory::{MemoryError, Store},
    ocr::Ocr,
    pipeline::Settings,
};
pub use http::Guard;
use intake::Intake;
use queue::Queue;
use shelf::Shelf;

/// What a desk works with.
pub struct Desk {
    engine: Engine,
    /// The settings without the memory.
    plain: Settings,
    /// The settings with the memory as it was read last.
    settings: RwLock<Arc<Settings>>,
    store: Mutex<Store>,
    /// The folder of the briefs.
    output: PathBuf,
    /// Who corrects, where a browser does not say.
    who: String,
    /// Most bytes of a page, and of a request.
    max_bytes: u64,
    encoding: Option<String>,
    lossy: bool,
    ocr: Option<Ocr>,
    watch_list: Vec<String>,
    guard: Guard,
    queue: Queue,
    intake: Intake,
    shelf: Shelf,
    /// What an encoder makes of sentences and corrections.
    vectors: Vectors,
}

/// How a desk is set up.
pub struct Setup {
    /// The models.
    pub engine: Engine,
    /// The settings of briefs.
    pub settings: Settings,
    /// The corrections.
    pub store: Store,
    /// The folder of the briefs.
    pub output: PathBuf,
    /// A folder whose pages are briefed as they come.
    pub watched: Option<PathBuf>,
    /// Who corrects, where a browser does not say.
    pub who: String,
    /// Most bytes of a page, and of a request.
    pub max_bytes: u64,
    /// The encoding of text files, instead of a guess.
    pub encoding: Option<String>,
    /// Whether a page is kept with bytes that cannot be decoded.
    pub lossy: bool,
    /// Briefs that hold one of these words come first in the index.
    pub watch_list: Vec<String>,
    /// The program that reads pictures, where there is one.
    pub ocr: Option<Ocr>,
    /// Who may ask.
    pub guard: Guard,
    /// Requests that may wait.
    pub waiting: usize,
}

/// Serves until the process ends. `ready` is told once requests are taken.
pub fn serve(
    setup: Setup,
    address: SocketAddr,
    stop: &'static AtomicBool,
    ready: impl FnOnce(),
) -> Result<(), std::io::Error> {
    let (queue, waiting) = Queue::new(setup.waiting);
    let (intake, jobs) = Intake::new(setup.watched);
    let desk = Arc::new(Desk {
        engine: setup.engine,
        settings: RwLock::new(Arc::new(setup.settings.clone())),
        plain: setup.settings,
        store: Mutex::new(setup.store),
        output: setup.output,
        who: setup.who,
        max_bytes: setup.max_bytes,
        encoding: setup.encoding,
        lossy: setup.lossy,
        watch_list: setup.watch_list,
        ocr: setup.ocr,
        guard: setup.guard,
        queue,
        intake,
        shelf: Shelf::default(),
        vectors: Vectors::default(),
    });
    desk.remember().map_err(std::io::Error::other)?;
    http::serve(desk, address, waiting, jobs, stop, ready)
}

impl Desk {
    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in the memory as it is now.
    fn remember(&self) -> Result<(), MemoryError> {
        let memory = self.store().snapshot()?;
        let settings = Arc::new(self.plain.clone().remembering(memory));
        *self
            .settings
            .write()
            .unwrap_or_else(PoisonError::into_inner) = settings;
        Ok(())
    }

    /// The settings with the memory as it is now, whoever wrote to it.
    fn settings(&self) -> Result<Arc<Settings>, MemoryError> {
        let changed = self.store().changed_by_others()?;
        if changed {
            self.remember()?;
        }
        let settings = self.settings.read();
        Ok(settings.unwrap_or_else(PoisonError::into_inner).clone())
    }
}
