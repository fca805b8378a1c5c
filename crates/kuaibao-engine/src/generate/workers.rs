//! Workers: one thread a core, each computing a batch of its own over shared weights.

use std::{
    sync::{Arc, Mutex, mpsc},
    thread,
};

type Job = Box<dyn FnOnce() + Send>;

/// A queue of jobs and the threads that work it off, oldest first.
///
/// Each thread is its own rayon pool of one: rayon inside one small matrix product costs more than
/// it gives, several products side by side do not. Dropping the value lets the queue run empty.
pub struct Workers {
    jobs: Option<mpsc::Sender<Job>>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Workers {
    /// Starts `count` threads, at least one.
    ///
    /// # Panics
    /// When the system cannot start a thread.
    pub fn start(count: usize) -> Self {
        let (jobs, queue) = mpsc::channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        let threads = (0..count.max(1))
            .map(|i| {
                let queue = Arc::clone(&queue);
                thread::Builder::new()
                    .name(format!("worker {i}"))
                    .spawn(move || work(&queue))
                    .expect("the system can start a thread")
            })
            .collect();
        Self {
            jobs: Some(jobs),
            threads,
        }
    }

    /// Number of threads.
    pub fn count(&self) -> usize {
        self.threads.len()
    }

    /// Puts a job behind all others.
    pub(super) fn submit(&self, job: impl FnOnce() + Send + 'static) {
        let jobs = self.jobs.as_ref().expect("open until dropped");
        jobs.send(Box::new(job)).expect("workers outlive the queue");
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            // A panic in a job is reported where its result is missed.
            let _ = thread.join();
        }
    }
}

fn work(queue: &Mutex<mpsc::Receiver<Job>>) {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .use_current_thread()
        .build();
    loop {
        // The lock is held while waiting: whoever holds it is next.
        let job = match queue.lock() {
            Ok(queue) => queue.recv(),
            Err(_) => return,
        };
        match (job, &pool) {
            (Ok(job), Ok(pool)) => pool.install(job),
            (Ok(job), Err(_)) => job(),
            (Err(_), _) => return,
        }
    }
}
