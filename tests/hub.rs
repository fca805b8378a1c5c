//! Models from a hub: what is fetched, what is refused, what a fault leaves behind.
//!
//! The hub is our own (`hub/server.rs`); that it answers as the real one does is shown by Python's
//! `huggingface_hub` downloading from it, where Python has it.

#[path = "hub/server.rs"]
mod server;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use kuaibao_engine::hub::{self, HubError, HubOptions, Progress, State, Token, Verdict};
use kuaibao_engine::tokenizer::Tokenizer;
use server::{Fault, Hub, Repo, Request, git_id, sha256};
use tempfile::TempDir;

const MODEL: &str = "xinwen/tiny-zh-en";

/// Bytes that no file shares with another.
fn bytes(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    (0..length)
        .map(|_| {
            // xorshift64 (Marsaglia 2003)
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        })
        .collect()
}

/// A small Marian repository with the twins that must stay on the hub.
fn marian() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        (".gitattributes", b"*.bin filter=lfs\n".to_vec()),
        ("README.md", b"# A model\n".to_vec()),
        (
            "config.json",
            include_bytes!("fixtures/marian-tiny/config.json").to_vec(),
        ),
        ("generation_config.json", br#"{"num_beams": 6}"#.to_vec()),
        ("tokenizer_config.json", b"{}".to_vec()),
        (
            "source.spm",
            include_bytes!("fixtures/marian-tiny/source.spm").to_vec(),
        ),
        (
            "target.spm",
            include_bytes!("fixtures/marian-tiny/target.spm").to_vec(),
        ),
        (
            "vocab.json",
            include_bytes!("fixtures/marian-tiny/vocab.json").to_vec(),
        ),
        ("model.safetensors", bytes(3, 900_000)),
        ("pytorch_model.bin", bytes(4, 900_000)),
        ("tf_model.h5", bytes(5, 1_000)),
        ("flax_model.msgpack", bytes(6, 1_000)),
        ("rust_model.ot", bytes(7, 1_000)),
        ("onnx/model.onnx", bytes(8, 1_000)),
    ]
}

const NEEDED: [&str; 7] = [
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "source.spm",
    "target.spm",
    "tokenizer_config.json",
    "vocab.json",
];

struct Desk {
    hub: Hub,
    folder: TempDir,
    options: HubOptions,
}

impl Desk {
    /// A hub with one model, an empty cache, and little patience.
    fn new() -> Self {
        Self::with(Repo::with_files(marian()))
    }

    fn with(repo: Repo) -> Self {
        let hub = Hub::start();
        hub.add(MODEL, repo);
        let folder = tempfile::tempdir().unwrap();
        let options = HubOptions {
            models_dir: None,
            unpacked: folder.path().join("unpacked"),
            cache: folder.path().join("cache"),
            endpoint: hub.endpoint.clone(),
            token: None,
            offline: false,
            purpose: hub::Purpose::Write,
            progress: Progress::Quiet,
            retries: 3,
            first_wait: Duration::from_millis(10),
            longest_wait: Duration::from_secs(5),
            timeout: Duration::from_secs(2),
            certificates: None,
            https_proxy: None,
            http_proxy: None,
            no_proxy: Vec::new(),
        };
        Self {
            hub,
            folder,
            options,
        }
    }

    fn offline(&self) -> HubOptions {
        HubOptions {
            offline: true,
            ..self.options.clone()
        }
    }

    fn resolve(&self) -> Result<hub::Location, HubError> {
        hub::resolve(MODEL, &self.options)
    }

    fn repo_folder(&self) -> PathBuf {
        self.options.cache.join("models--xinwen--tiny-zh-en")
    }

    /// The binary in this desk's surroundings, and no others.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kuaibao"));
        command.arg("models").args(args);
        clear(&mut command);
        command
            .env("HF_HOME", self.folder.path().join("home"))
            .env("HF_HUB_CACHE", &self.options.cache)
            .env("HF_ENDPOINT", &self.options.endpoint);
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// The snapshot holds what the hub does, and nothing half done lies about.
    fn check_whole(&self, location: &hub::Location) {
        for name in NEEDED {
            let found = fs::read(location.dir.join(name)).unwrap();
            assert!(found == bytes_of(name), "{name} differs");
        }
        assert_eq!(self.partials(), Vec::<String>::new());
    }

    fn partials(&self) -> Vec<String> {
        names(&self.repo_folder().join("blobs"))
            .into_iter()
            .filter(|name| name.ends_with(".incomplete"))
            .collect()
    }
}

fn bytes_of(name: &str) -> Vec<u8> {
    let found = marian().into_iter().find(|(file, _)| *file == name);
    found.unwrap().1
}

fn clear(command: &mut Command) {
    for (name, _) in std::env::vars() {
        let name_upper = name.to_ascii_uppercase();
        if name.starts_with("HF_")
            || name.starts_with("HUGGING")
            || name_upper.ends_with("_PROXY")
            || name == "TRANSFORMERS_OFFLINE"
            || name == "KUAIBAO_MODELS"
            || name == "KUAIBAO_MANIFESTS"
        {
            command.env_remove(name);
        }
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Bytes that the requests for one blob asked for, given its size.
fn asked_for(log: &[Request], blob: &str, size: u64) -> u64 {
    let requests = log.iter().filter(|r| r.cdn && r.path.contains(blob));
    requests.map(|r| size - r.range.unwrap_or(0)).sum()
}

#[test]
fn only_the_needed_files_come_and_they_come_once() {
    let desk = Desk::new();
    let location = desk.resolve().unwrap();
    desk.check_whole(&location);
    let commit = location.revision.clone().unwrap();
    assert_eq!(location.name, MODEL);
    assert_eq!(
        location.dir,
        desk.repo_folder().join("snapshots").join(&commit)
    );
    assert_eq!(names(&location.dir), NEEDED);

    // The layout of the Hugging Face cache: a ref, blobs named by hash, relative links.
    let main = fs::read_to_string(desk.repo_folder().join("refs/main")).unwrap();
    assert_eq!(main, commit);
    let blobs: BTreeSet<String> = names(&desk.repo_folder().join("blobs"))
        .into_iter()
        .collect();
    let expected = NEEDED.iter().map(|name| {
        let bytes = bytes_of(name);
        if server::is_lfs(name) {
            sha256(&bytes)
        } else {
            git_id(&bytes)
        }
    });
    assert_eq!(blobs, expected.collect());
    #[cfg(unix)]
    assert_eq!(
        fs::read_link(location.dir.join("model.safetensors")).unwrap(),
        Path::new("../../blobs").join(sha256(&bytes_of("model.safetensors")))
    );

    // A second time, and offline, nothing is asked.
    desk.hub.take_log();
    assert_eq!(desk.resolve().unwrap().revision, Some(commit.clone()));
    assert_eq!(
        hub::resolve(MODEL, &desk.offline()).unwrap().revision,
        Some(commit)
    );
    assert!(desk.hub.take_log().is_empty());
}

#[test]
fn weights_come_in_the_best_form_there_is() {
    let without = |names: &[&str]| {
        let files = marian()
            .into_iter()
            .filter(|(name, _)| !names.contains(name));
        files.collect::<Vec<_>>()
    };
    let desk = Desk::with(Repo::with_files(without(&["model.safetensors"])));
    let location = desk.resolve().unwrap();
    assert!(location.dir.join("pytorch_model.bin").is_file());

    let mut sharded = without(&["model.safetensors"]);
    let index = serde_json::json!({"weight_map": {
        "a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors",
    }});
    sharded.push((
        "model.safetensors.index.json",
        index.to_string().into_bytes(),
    ));
    sharded.push(("model-00001-of-00002.safetensors", bytes(11, 200_000)));
    sharded.push(("model-00002-of-00002.safetensors", bytes(12, 200_000)));
    sharded.push(("model-00003-of-00003.safetensors", bytes(13, 200_000)));
    let desk = Desk::with(Repo::with_files(sharded));
    let location = desk.resolve().unwrap();
    let shards: Vec<String> = names(&location.dir)
        .into_iter()
        .filter(|n| n.starts_with("model"))
        .collect();
    assert_eq!(
        shards,
        [
            "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors",
            "model.safetensors.index.json"
        ]
    );

    let desk = Desk::with(Repo::with_files(without(&[
        "model.safetensors",
        "pytorch_model.bin",
    ])));
    let error = desk.resolve().unwrap_err();
    assert!(matches!(error, HubError::Unusable { .. }), "{error}");
    assert!(error.to_string().contains("tf_model.h5"), "{error}");

    let mut hostile = without(&["model.safetensors"]);
    let index = br#"{"weight_map": {"a": "../../../../escape.safetensors"}}"#;
    hostile.push(("model.safetensors.index.json", index.to_vec()));
    let desk = Desk::with(Repo::with_files(hostile));
    let error = desk.resolve().unwrap_err();
    assert!(matches!(error, HubError::Unusable { .. }), "{error}");
}

#[test]
fn revisions_are_branches_tags_and_commits() {
    let mut repo = Repo::with_files(marian());
    let first = repo.head().to_owned();
    repo.refs.insert("v1.0".to_owned(), first.clone());
    let mut files = marian();
    files[8].1 = bytes(33, 1_000);
    let second = repo.commit("refs/pr/1", files);
    let desk = Desk::with(repo);
    for (revision, commit) in [
        ("main", &first),
        ("v1.0", &first),
        ("refs/pr/1", &second),
        (&second, &second),
    ] {
        let reference = format!("{MODEL}@{revision}");
        let location = hub::resolve(&reference, &desk.options).unwrap();
        assert_eq!(location.revision.as_ref(), Some(commit), "{reference}");
        assert!(
            hub::resolve(&reference, &desk.offline()).is_ok(),
            "{reference} offline"
        );
    }
    let error = hub::resolve(&format!("{MODEL}@v9"), &desk.options).unwrap_err();
    assert!(matches!(error, HubError::UnknownRevision { .. }), "{error}");

    // A branch that moves is followed by `pull`, not by `resolve`.
    desk.hub.change(MODEL, |repo| {
        repo.refs.insert("main".to_owned(), second.clone());
    });
    assert_eq!(desk.resolve().unwrap().revision, Some(first));
    assert_eq!(
        hub::pull(MODEL, &desk.options).unwrap().revision,
        Some(second.clone())
    );
    assert_eq!(desk.resolve().unwrap().revision, Some(second));
}

/// A part of the paths that go wrong, how, and the error that it must end in.
#[rustfmt::skip]
fn faults() -> Vec<(String, Fault, &'static str)> {
    let status = |status| Fault::Status(status, vec![]);
    let code = |status, code: &str| Fault::Status(status, vec![("X-Error-Code", code.to_owned())]);
    let silence = Fault::Silence(Duration::from_secs(6));
    let drip = Fault::Pace(20, Duration::from_millis(100));
    let blob = format!("/blobs/{}", sha256(&bytes_of("model.safetensors")));
    let cases = [
        ("/api/", status(401), "UnknownRepo"),
        ("/api/", status(403), "Forbidden"),
        ("/api/", status(404), "UnknownRepo"),
        ("/api/", status(429), "RateLimited"),
        ("/api/", status(500), "Server"),
        ("/api/", status(503), "Server"),
        ("/api/", code(404, "RevisionNotFound"), "UnknownRevision"),
        ("/api/", Fault::LoginPage, "NotAHub"),
        ("/api/", Fault::CutAfter(50), "NoNetwork"),
        ("/api/", silence.clone(), "Timeout"),
        ("/api/", Fault::Loop, "RedirectLoop"),
        ("/resolve/", code(403, "GatedRepo"), "Gated"),
        ("/resolve/", code(404, "EntryNotFound"), "MissingFile"),
        ("/resolve/", Fault::Renamed, "Changed"),
        (&blob, status(403), "Server"),
        (&blob, status(503), "Server"),
        (&blob, Fault::CutAfter(100), "Cut"),
        (&blob, Fault::Longer(5), "WrongSize"),
        (&blob, Fault::Longer(-5), "WrongSize"),
        (&blob, Fault::Flip(1_234), "WrongHash"),
        (&blob, Fault::Loop, "RedirectLoop"),
        (&blob, drip, "Timeout"),
        (&blob, silence, "Timeout"),
    ];
    cases.map(|(part, fault, error)| (part.to_owned(), fault, error)).into()
}

/// Every fault ends in its own error; afterwards a good run succeeds with nothing cleaned by hand.
#[test]
fn each_fault_has_its_own_error_and_leaves_nothing_in_the_way() {
    // Side by side: most of the time is spent waiting.
    thread::scope(|scope| {
        for (part, fault, expected) in faults() {
            scope.spawn(move || {
                let name = format!("{fault:?} at {part}");
                let desk = Desk::new();
                desk.hub.fail(&part, usize::MAX, fault);
                let error = desk.resolve().expect_err(&name);
                let variant = format!("{error:?}");
                assert!(
                    variant.starts_with(&format!("{expected} {{")),
                    "{name}: {variant}"
                );
                let snapshots = desk.repo_folder().join("snapshots");
                assert!(names(&snapshots).is_empty(), "{name} left a snapshot");

                desk.hub.heal();
                let location = desk
                    .resolve()
                    .unwrap_or_else(|e| panic!("{name}, then: {e}"));
                desk.check_whole(&location);
            });
        }
    });
}

#[test]
fn a_cut_download_goes_on_where_it_stopped() {
    let desk = Desk::new();
    let size = 900_000;
    let blob = sha256(&bytes_of("model.safetensors"));
    desk.hub.fail(&blob, 2, Fault::CutAfter(300_000));
    desk.check_whole(&desk.resolve().unwrap());
    let ranges: Vec<Option<u64>> = desk
        .hub
        .take_log()
        .iter()
        .filter(|request| request.cdn && request.path.contains(&blob))
        .map(|request| request.range)
        .collect();
    assert_eq!(ranges, [None, Some(300_000), Some(600_000)]);

    // More cuts than retries, each with progress in between, are no reason to give up.
    let desk = Desk::new();
    desk.hub.fail(&blob, 8, Fault::CutAfter(100_000));
    desk.check_whole(&desk.resolve().unwrap());
    assert!(asked_for(&desk.hub.take_log(), &blob, size) > size);

    // A server that knows no ranges sends all of it again.
    let desk = Desk::new();
    desk.hub.fail(&blob, 1, Fault::CutAfter(300_000));
    desk.hub.fail(&blob, 1, Fault::NoRanges);
    desk.check_whole(&desk.resolve().unwrap());
}

#[test]
fn a_file_that_changes_between_two_ranges_is_not_patched_together() {
    // The hub names the new file: that is noticed at once.
    let desk = Desk::new();
    let blob = sha256(&bytes_of("model.safetensors"));
    desk.hub.fail(&blob, 1, Fault::CutAfter(300_000));
    desk.hub
        .fail_after(1, "/model.safetensors", 1, Fault::Renamed);
    let error = desk.resolve().unwrap_err();
    assert!(matches!(error, HubError::Changed { .. }), "{error}");
    assert_eq!(desk.partials(), Vec::<String>::new());
    desk.hub.heal();
    desk.check_whole(&desk.resolve().unwrap());

    // The network alone changes it: the hash of the whole gives it away.
    let desk = Desk::new();
    desk.hub.fail(&blob, 1, Fault::CutAfter(300_000));
    desk.hub.fail(&blob, 1, Fault::Flip(600_000));
    let error = desk.resolve().unwrap_err();
    assert!(matches!(error, HubError::WrongHash { .. }), "{error}");
    desk.check_whole(&desk.resolve().unwrap());
}

#[test]
fn what_an_earlier_run_left_is_used_or_thrown_away() {
    let whole = bytes(3, 900_000);
    let blob = sha256(&whole);
    let leave = |contents: &[u8]| {
        let desk = Desk::new();
        let folder = desk.repo_folder().join("blobs");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{blob}.incomplete")), contents).unwrap();
        let location = desk.resolve().unwrap();
        desk.check_whole(&location);
        asked_for(&desk.hub.take_log(), &blob, 900_000)
    };
    assert_eq!(leave(&whole[..500_000]), 400_000);
    assert_eq!(leave(&whole), 0);
    assert_eq!(leave(&[]), 900_000);
    // Zeros, as a power cut leaves them: found out by the hash, fetched once more from the start.
    assert_eq!(leave(&vec![0; 500_000]), 400_000 + 900_000);
    assert_eq!(leave(&vec![0; 900_000]), 900_000);
    assert_eq!(leave(&vec![0; 900_001]), 900_000);
}

#[test]
fn a_server_that_asks_to_wait_is_given_the_time() {
    let desk = Desk::new();
    let wait = |seconds: &str| Fault::Status(429, vec![("Retry-After", seconds.to_owned())]);
    desk.hub.fail("/api/", 1, wait("2"));
    let begun = Instant::now();
    desk.resolve().unwrap();
    assert!(
        begun.elapsed() >= Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );

    // Longer than anyone wants to wait: said, not waited for.
    let desk = Desk::new();
    desk.hub.fail("/api/", 1, wait("3600"));
    let begun = Instant::now();
    let error = desk.resolve().unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(2));
    assert!(error.to_string().contains("3600 s"), "{error}");
}

#[test]
fn a_token_that_goes_in_clear_is_warned_of_once() {
    let desk = Desk::new();
    let pull = ["pull", MODEL];
    for (token, times) in [(None, 0), (Some("hf_any"), 1)] {
        let mut command = desk.command(&pull);
        command.envs(token.map(|token| ("HF_TOKEN", token)));
        let said = stderr(&command.output().unwrap());
        assert_eq!(said.matches("in clear").count(), times, "{said}");
        assert!(!said.contains("hf_any"), "{said}");
    }
}

#[test]
fn the_token_goes_to_the_hub_alone() {
    let mut desk = Desk::new();
    desk.hub.accept_token("hf_right");
    desk.hub.change(MODEL, |repo| repo.gated = true);
    let error = desk.resolve().unwrap_err();
    assert!(
        matches!(
            error,
            HubError::Gated {
                with_token: false,
                ..
            }
        ),
        "{error}"
    );
    let message = error.to_string();
    assert!(
        message.contains(&format!("{}/{MODEL}", desk.hub.endpoint)),
        "{message}"
    );
    assert!(message.contains("HF_TOKEN"), "{message}");

    desk.options.token = Token::new("hf_wrong");
    let error = desk.resolve().unwrap_err();
    assert!(matches!(error, HubError::BadToken { .. }), "{error}");
    assert!(!error.to_string().contains("hf_wrong"), "{error}");

    desk.options.token = Token::new("hf_right");
    desk.hub.take_log();
    desk.check_whole(&desk.resolve().unwrap());
    let log = desk.hub.take_log();
    assert!(log.iter().any(|request| request.cdn));
    for request in log {
        let expected = (!request.cdn).then(|| "hf_right".to_owned());
        assert_eq!(
            request.token, expected,
            "{} {}",
            request.method, request.path
        );
    }

    let mut desk = Desk::new();
    desk.hub.accept_token("hf_right");
    desk.hub.change(MODEL, |repo| repo.private = true);
    let error = desk.resolve().unwrap_err();
    assert!(
        matches!(
            error,
            HubError::UnknownRepo {
                with_token: false,
                ..
            }
        ),
        "{error}"
    );
    desk.options.token = Token::new("hf_right");
    desk.check_whole(&desk.resolve().unwrap());
}

#[test]
fn a_mirror_that_lists_no_hashes_is_asked_for_each() {
    let desk = Desk::new();
    desk.hub.leave_hashes_out_of_listings();
    desk.check_whole(&desk.resolve().unwrap());
    let log = desk.hub.take_log();
    let heads: Vec<&Request> = log.iter().filter(|r| r.method == "HEAD").collect();
    assert!(heads.iter().any(|r| r.path.contains("model.safetensors")));
    assert!(
        heads.iter().all(|r| !r.cdn),
        "the network's ETag is no hash"
    );
}

#[test]
fn proxies_are_used_and_passed_by() {
    let mut desk = Desk::new();
    desk.options.http_proxy = Some(desk.hub.endpoint.clone());
    desk.options.endpoint = "http://hub.invalid".to_owned();
    desk.check_whole(&desk.resolve().unwrap());
    assert!(
        desk.hub
            .take_log()
            .iter()
            .any(|request| request.path.starts_with("/api/"))
    );

    let mut desk = Desk::new();
    desk.options.http_proxy = Some("http://127.0.0.1:9".to_owned());
    let error = desk.resolve().unwrap_err();
    assert!(matches!(error, HubError::NoNetwork { .. }), "{error}");
    desk.options.no_proxy = vec!["127.0.0.1".to_owned()];
    desk.check_whole(&desk.resolve().unwrap());
}

#[test]
fn no_network_no_tls_no_space() {
    let mut desk = Desk::new();
    let good = desk.options.endpoint.clone();
    for (endpoint, is_right) in [
        (
            "http://127.0.0.1:9",
            (|e| matches!(e, HubError::NoNetwork { .. })) as fn(&HubError) -> bool,
        ),
        ("http://hub.invalid", |e| {
            matches!(e, HubError::NoNetwork { .. })
        }),
        (&good.replace("http://", "https://"), |e| {
            matches!(e, HubError::Tls { .. })
        }),
    ] {
        desk.options.endpoint = endpoint.to_owned();
        let error = desk.resolve().unwrap_err();
        assert!(is_right(&error), "{endpoint}: {error:?}");
    }
    desk.options.endpoint = good;

    desk.hub.claim_size("model.safetensors", 1 << 60);
    let error = desk.resolve().unwrap_err();
    assert!(matches!(error, HubError::NoSpace { .. }), "{error}");
    let fetched = desk.hub.take_log();
    assert!(
        !fetched.iter().any(|r| r.path.contains("model.safetensors")),
        "it was begun"
    );
}

#[test]
fn offline_says_how_to_carry_the_model() {
    let desk = Desk::new();
    let error = hub::resolve(MODEL, &desk.offline()).unwrap_err();
    assert!(matches!(error, HubError::Offline { .. }), "{error}");
    for part in [
        "models pull",
        "models export",
        "models import",
        "HF_HUB_OFFLINE",
    ] {
        assert!(error.to_string().contains(part), "{error}");
    }
    assert!(desk.hub.take_log().is_empty());
}

/// A manifest's commit and hashes win over what the hub says.
#[test]
fn a_hub_that_contradicts_a_manifest_is_refused() {
    let manifest = hub::manifest("opus-mt-zh-en").unwrap();
    let id = manifest.repo.as_deref().unwrap();
    let pinned = manifest.revision.as_deref().unwrap();
    let desk = Desk::new();

    // Another commit under the pinned name.
    let mut repo = Repo::with_files(marian());
    let head = repo.head().to_owned();
    repo.refs.insert(pinned.to_owned(), head.clone());
    desk.hub.add(id, repo.clone());
    let error = hub::resolve("opus-mt-zh-en", &desk.options).unwrap_err();
    assert!(matches!(error, HubError::Contradicts { .. }), "{error}");

    // The right commit with other contents.
    let files = repo.commits.remove(&head).unwrap();
    repo.commits.insert(pinned.to_owned(), files);
    repo.refs.clear();
    desk.hub.add(id, repo);
    let error = hub::resolve(id, &desk.options).unwrap_err();
    assert!(matches!(error, HubError::Contradicts { .. }), "{error}");
    let log = desk.hub.take_log();
    assert!(
        !log.iter().any(|request| request.cdn),
        "it was begun all the same"
    );
    assert!(
        !desk
            .options
            .cache
            .join("models--Helsinki-NLP--opus-mt-zh-en/snapshots")
            .exists()
    );
}

#[test]
fn a_model_without_generation_config_is_asked_about_once() {
    let files = || {
        marian()
            .into_iter()
            .filter(|(name, _)| *name != "generation_config.json")
    };
    let desk = Desk::with(Repo::with_files(files()));
    desk.resolve().unwrap();
    desk.hub.take_log();
    desk.resolve().unwrap();
    assert!(
        desk.hub.take_log().is_empty(),
        "that there is none was not remembered"
    );

    // Fetched file by file by something else: what is missing is fetched, the rest is kept.
    let desk = Desk::new();
    let location = desk.resolve().unwrap();
    fs::remove_file(location.dir.join("generation_config.json")).unwrap();
    desk.hub.take_log();
    assert!(hub::resolve(MODEL, &desk.offline()).is_ok());
    desk.check_whole(&desk.resolve().unwrap());
    assert!(desk.hub.take_log().iter().all(|request| !request.cdn));
}

#[test]
fn damage_on_disk_is_found_and_repaired() {
    let desk = Desk::new();
    let location = desk.resolve().unwrap();
    let (_, verdicts) = hub::verify(MODEL, &desk.options).unwrap();
    assert_eq!(verdicts.len(), NEEDED.len());
    assert!(
        verdicts
            .iter()
            .all(|(_, verdict)| *verdict == Verdict::Good)
    );

    let mut damaged = bytes_of("model.safetensors");
    damaged[77] ^= 1;
    let blob = location
        .dir
        .join("model.safetensors")
        .canonicalize()
        .unwrap();
    fs::write(&blob, &damaged).unwrap();
    let output = desk.run(&["verify"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(
        stdout(&output).contains(&format!("{MODEL}/model.safetensors: DAMAGED")),
        "{}",
        stdout(&output)
    );
    assert!(
        stderr(&output).contains(&format!("kuaibao models pull {MODEL}")),
        "{}",
        stderr(&output)
    );

    desk.hub.take_log();
    desk.check_whole(&hub::pull(MODEL, &desk.options).unwrap());
    let again: Vec<Request> = desk
        .hub
        .take_log()
        .into_iter()
        .filter(|r| r.path.contains("resolve/"))
        .collect();
    assert_eq!(
        again.len(),
        1,
        "only the damaged file is fetched: {again:?}"
    );
    let output = desk.run(&["verify", MODEL]);
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn a_model_travels_as_one_file() {
    let desk = Desk::new();
    let file = desk.folder.path().join("model.tar");
    let error = hub::export(MODEL, &file, &desk.options).unwrap_err();
    assert!(matches!(error, HubError::NotHere { .. }), "{error}");
    let revision = desk.resolve().unwrap().revision;
    hub::export(MODEL, &file, &desk.options).unwrap();
    let first = fs::read(&file).unwrap();
    hub::export(MODEL, &file, &desk.options).unwrap();
    assert!(first == fs::read(&file).unwrap(), "two exports differ");

    assert!(hub::remove(MODEL, &desk.options).unwrap() > 900_000);
    assert!(hub::resolve(MODEL, &desk.offline()).is_err());
    let imported = hub::import(&file, &desk.offline()).unwrap();
    assert_eq!(imported.revision, revision);
    desk.check_whole(&hub::resolve(MODEL, &desk.offline()).unwrap());
    // Once more over what is there.
    hub::import(&file, &desk.offline()).unwrap();
    desk.check_whole(&hub::resolve(MODEL, &desk.offline()).unwrap());

    // Any tar unpacks it into a cache.
    let other = desk.folder.path().join("other");
    fs::create_dir_all(&other).unwrap();
    let untar = Command::new("tar")
        .arg("-xf")
        .arg(&file)
        .arg("-C")
        .arg(&other)
        .status();
    if untar.is_ok_and(|status| status.success()) {
        let options = HubOptions {
            cache: other,
            ..desk.offline()
        };
        assert_eq!(hub::resolve(MODEL, &options).unwrap().revision, revision);
    } else {
        eprintln!("skipped: no tar program");
    }

    // A blob that went bad is not carried on.
    let blob = imported
        .dir
        .join("model.safetensors")
        .canonicalize()
        .unwrap();
    fs::write(blob, bytes(9, 900_000)).unwrap();
    let error = hub::export(MODEL, &file, &desk.options).unwrap_err();
    assert!(matches!(error, HubError::Damaged { .. }), "{error}");
    assert!(
        first == fs::read(&file).unwrap(),
        "a good file was overwritten"
    );
}

/// Header, name, contents.
type Entry = (tar::Header, String, Vec<u8>);
type Change = fn(&mut Vec<Entry>);

#[test]
fn a_tampered_file_is_not_imported() {
    let desk = Desk::new();
    desk.resolve().unwrap();
    let file = desk.folder.path().join("model.tar");
    hub::export(MODEL, &file, &desk.options).unwrap();
    let good = fs::read(&file).unwrap();

    // Entry by entry: what an attacker, a bad disk or another program might make of it.
    let changes: [(&str, Change); 13] = [
        ("a blob's byte", |entries| entries[1].2[5] ^= 1),
        ("a blob is missing", |entries| drop(entries.remove(1))),
        ("a blob twice", |entries| entries.push(entries[1].clone())),
        ("the contents are missing", |entries| {
            drop(entries.remove(0));
        }),
        ("the contents come last", |entries| entries.rotate_left(1)),
        ("an absolute path", |entries| {
            entries[1].1 = "/kuaibao-escaped/a".to_owned();
        }),
        ("a path upwards", |entries| {
            entries[1].1 = "../kuaibao-escaped".to_owned();
        }),
        ("a path upwards within", |entries| {
            entries[1].1 = "models--xinwen--tiny-zh-en/blobs/../../../kuaibao-escaped".to_owned();
        }),
        ("a link out", |entries| {
            let last = entries.last_mut().unwrap();
            last.0
                .set_link_name_literal(b"../../../../../../etc/passwd")
                .unwrap();
        }),
        ("a link where a blob was", |entries| {
            entries[1].0.set_entry_type(tar::EntryType::Symlink);
            entries[1].0.set_link_name_literal(b"/etc/passwd").unwrap();
            entries[1].2.clear();
        }),
        ("a hard link", |entries| {
            let last = entries.last_mut().unwrap();
            last.0.set_entry_type(tar::EntryType::Link);
        }),
        ("another repository", |entries| {
            let json = String::from_utf8(entries[0].2.clone()).unwrap();
            entries[0].2 = json.replace(MODEL, "../../etc/tiny").into_bytes();
        }),
        ("a file with a path", |entries| {
            let json = String::from_utf8(entries[0].2.clone()).unwrap();
            entries[0].2 = json
                .replace("\"vocab.json\"", "\"../vocab.json\"")
                .into_bytes();
        }),
    ];
    for (name, change) in changes {
        let mut entries = Vec::new();
        for entry in tar::Archive::new(&good[..]).entries().unwrap() {
            let mut entry = entry.unwrap();
            let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
            let mut contents = Vec::new();
            std::io::copy(&mut entry, &mut contents).unwrap();
            entries.push((entry.header().clone(), path, contents));
        }
        change(&mut entries);
        refuse(&desk, name, &archive(&entries));
    }
    for (name, bytes) in [
        ("an empty file", Vec::new()),
        ("noise", bytes(1, 5_000)),
        ("cut within a blob", good[..good.len() / 2].to_vec()),
        ("cut within the contents", good[..600].to_vec()),
    ] {
        refuse(&desk, name, &bytes);
    }
}

/// A tar of these entries, whose names are written as they are.
fn archive(entries: &[Entry]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (header, path, contents) in entries {
        let mut header = header.clone();
        let name = &mut header.as_old_mut().name;
        name.fill(0);
        if path.len() < name.len() {
            name[..path.len()].copy_from_slice(path.as_bytes());
        } else {
            // A long name takes an entry of its own (GNU).
            let mut long = tar::Header::new_gnu();
            long.set_entry_type(tar::EntryType::GNULongName);
            long.set_size(path.len() as u64 + 1);
            long.set_mode(0o644);
            long.as_old_mut().name[..13].copy_from_slice(b"././@LongLink");
            long.set_cksum();
            let bytes: Vec<u8> = path.bytes().chain([0]).collect();
            tar.append(&long, &bytes[..]).unwrap();
        }
        header.set_size(contents.len() as u64);
        header.set_cksum();
        tar.append(&header, &contents[..]).unwrap();
    }
    tar.into_inner().unwrap()
}

fn refuse(desk: &Desk, name: &str, bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bad.tar");
    fs::write(&file, bytes).unwrap();
    let options = HubOptions {
        cache: folder.path().join("a/b/cache"),
        ..desk.offline()
    };
    let error = hub::import(&file, &options).expect_err(name);
    assert!(
        matches!(error, HubError::BadBundle { .. }),
        "{name}: {error:?}"
    );
    assert!(
        hub::resolve(MODEL, &options).is_err(),
        "{name}: it can be used"
    );
    assert_eq!(
        names(folder.path()),
        if options.cache.exists() {
            vec!["a", "bad.tar"]
        } else {
            vec!["bad.tar"]
        },
        "{name}"
    );
    assert!(!Path::new("/kuaibao-escaped").exists(), "{name}");
    let repo = options.cache.join("models--xinwen--tiny-zh-en");
    assert!(!repo.join("snapshots").exists(), "{name} left a snapshot");
    for blob in names(&repo.join("blobs")) {
        assert!(!blob.ends_with(".incomplete"), "{name} left {blob}");
    }
}

fn pull_slowly(desk: &Desk) -> Child {
    let mut command = desk.command(&["pull", MODEL]);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

#[test]
fn killed_in_mid_download_it_goes_on() {
    let desk = Desk::new();
    let whole = bytes_of("model.safetensors");
    let blob = sha256(&whole);
    let partial = desk
        .repo_folder()
        .join("blobs")
        .join(format!("{blob}.incomplete"));
    desk.hub
        .fail(&blob, 1, Fault::Pace(30_000, Duration::from_millis(50)));
    let mut child = pull_slowly(&desk);
    let deadline = Instant::now() + Duration::from_secs(20);
    let there = loop {
        let length = fs::metadata(&partial).map_or(0, |metadata| metadata.len());
        if length >= 200_000 {
            break length;
        }
        assert!(Instant::now() < deadline, "the download did not begin");
        thread::sleep(Duration::from_millis(5));
    };
    // SIGKILL: nothing can be tidied up.
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(partial.exists() && !desk.repo_folder().join("blobs").join(&blob).exists());
    assert!(!desk.repo_folder().join("snapshots").exists());

    desk.hub.take_log();
    let output = desk.run(&["pull", MODEL]);
    assert!(output.status.success(), "{}", stderr(&output));
    desk.check_whole(&hub::resolve(MODEL, &desk.offline()).unwrap());
    let log = desk.hub.take_log();
    let rest = asked_for(&log, &blob, whole.len() as u64);
    assert!(
        rest <= whole.len() as u64 - there,
        "{rest} bytes were asked for, {there} were there"
    );
}

#[test]
fn two_processes_fetch_it_once() {
    let desk = Desk::new();
    let blob = sha256(&bytes_of("model.safetensors"));
    desk.hub.fail(
        &blob,
        usize::MAX,
        Fault::Pace(90_000, Duration::from_millis(100)),
    );
    let children = [pull_slowly(&desk), pull_slowly(&desk)];
    let outputs = children.map(|child| child.wait_with_output().unwrap());
    for output in &outputs {
        assert!(output.status.success(), "{}", stderr(output));
    }
    assert!(
        outputs
            .iter()
            .any(|output| stderr(output).contains("another process"))
    );
    desk.check_whole(&desk.resolve().unwrap());
    assert_eq!(asked_for(&desk.hub.take_log(), &blob, 900_000), 900_000);
}

#[test]
fn the_commands_tell_what_they_did() {
    let desk = Desk::new();
    let list = |desk: &Desk| {
        let output = desk.run(&["list", "--json"]);
        let lines: Vec<serde_json::Value> = stdout(&output)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        lines
    };
    let row = |rows: &[serde_json::Value], name: &str| {
        rows.iter().find(|row| row["name"] == name).cloned()
    };
    let before = list(&desk);
    assert_eq!(before.len(), hub::manifests().len());
    assert_eq!(
        row(&before, "opus-mt-zh-en").unwrap()["licence"],
        "CC-BY-4.0"
    );
    assert_eq!(row(&before, "nllb-600m").unwrap()["commercial"], false);

    let output = desk.run(&["path", MODEL]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("models pull"),
        "{}",
        stderr(&output)
    );

    let output = desk.run(&["pull", MODEL]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stdout(&output).contains("licence"), "{}", stdout(&output));
    let output = desk.run(&["path", MODEL]);
    let path = PathBuf::from(stdout(&output).trim());
    assert!(path.join("config.json").is_file(), "{}", path.display());
    assert_eq!(row(&list(&desk), MODEL).unwrap()["state"], "here");

    fs::remove_file(path.join("model.safetensors")).unwrap();
    assert_eq!(row(&list(&desk), MODEL).unwrap()["state"], "in part");
    let output = desk.run(&["remove", MODEL]);
    assert!(
        output.status.success() && stdout(&output).contains("freed"),
        "{}",
        stderr(&output)
    );
    assert!(row(&list(&desk), MODEL).is_none());
    assert!(!desk.repo_folder().exists());

    let output = desk.run(&["remove", "kuaibao-tiny-zh-en"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("comes with the program"),
        "{}",
        stderr(&output)
    );
    for args in [["pull", "nope"], ["pull", "a/b@.."], ["path", "./nowhere"]] {
        let output = desk.run(&args);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{args:?}: {}",
            stderr(&output)
        );
        assert_eq!(
            stderr(&output).lines().count(),
            1,
            "{args:?}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn the_bundled_model_is_found_and_checked() {
    let desk = Desk::new();
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let mut options = desk.offline();
    options.models_dir = Some(models.clone());
    let location = hub::resolve(hub::DEFAULT_TRANSLATOR, &options).unwrap();
    assert_eq!(location.dir, models.join(hub::DEFAULT_TRANSLATOR));
    assert!(location.revision.as_ref().unwrap().starts_with("sha256:"));
    let bundled = hub::holdings(&options)
        .into_iter()
        .find(|h| h.state == State::Bundled);
    assert_eq!(bundled.unwrap().name, hub::DEFAULT_TRANSLATOR);

    // By its path it is the same model; with another file it is another, and no longer the bundled.
    let copy = desk.folder.path().join(hub::DEFAULT_TRANSLATOR);
    fs::create_dir_all(&copy).unwrap();
    for name in names(&location.dir) {
        fs::copy(location.dir.join(&name), copy.join(&name)).unwrap();
    }
    let by_path = hub::resolve(copy.to_str().unwrap(), &options).unwrap();
    assert_eq!(by_path.revision, location.revision);
    fs::write(copy.join("generation_config.json"), "{}").unwrap();
    let by_path = hub::resolve(copy.to_str().unwrap(), &options).unwrap();
    assert_ne!(by_path.revision, location.revision);
    options.models_dir = Some(desk.folder.path().to_owned());
    let error = hub::resolve(hub::DEFAULT_TRANSLATOR, &options).unwrap_err();
    assert!(matches!(error, HubError::NotAsPublished { .. }), "{error}");

    fs::remove_file(copy.join("model.safetensors")).unwrap();
    let error = hub::resolve(copy.to_str().unwrap(), &options).unwrap_err();
    assert!(error.to_string().contains("no weights"), "{error}");
}

/// Python with `huggingface_hub`: `$KUAIBAO_PYTHON`, else `python3`.
fn python(desk: &Desk, script: &str) -> Option<Output> {
    let program = std::env::var("KUAIBAO_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has_it = Command::new(&program)
        .args(["-c", "import huggingface_hub"])
        .stderr(Stdio::null())
        .status();
    if !has_it.is_ok_and(|status| status.success()) {
        eprintln!("skipped: {program} has no huggingface_hub (KUAIBAO_PYTHON names another)");
        return None;
    }
    let mut command = Command::new(program);
    clear(&mut command);
    let output = command
        .args(["-c", script])
        .env("HF_HOME", desk.folder.path().join("home"))
        .env("HF_HUB_CACHE", &desk.options.cache)
        .env("HF_ENDPOINT", &desk.options.endpoint)
        .env("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        .env("HF_HUB_DISABLE_TELEMETRY", "1")
        .output()
        .unwrap();
    Some(output)
}

/// The fake hub is one to Python's client, and what that fetched is found here.
#[test]
fn what_python_fetched_is_found() {
    let desk = Desk::new();
    let script = format!(
        "import huggingface_hub as h\n\
         print(h.__version__, h.snapshot_download('{MODEL}', allow_patterns={NEEDED:?}))\n\
         h.hf_hub_download('{MODEL}', 'config.json')\n\
         h.hf_hub_download('{MODEL}', 'tf_model.h5', revision='main')\n\
         assert [f for f in h.list_repo_files('{MODEL}')]\n\
         for call in (lambda: h.model_info('no/such'), lambda: h.hf_hub_download('{MODEL}', 'none.json')):\n\
         \x20   try: call()\n\
         \x20   except (h.errors.RepositoryNotFoundError, h.errors.EntryNotFoundError) as e: print(type(e).__name__)\n\
         \x20   else: raise SystemExit('no error')\n"
    );
    let Some(output) = python(&desk, &script) else {
        return;
    };
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(
        stdout(&output).contains("RepositoryNotFoundError"),
        "{}",
        stdout(&output)
    );
    desk.hub.take_log();
    desk.check_whole(&desk.resolve().unwrap());
    assert!(desk.hub.take_log().is_empty());
    let (_, verdicts) = hub::verify(MODEL, &desk.options).unwrap();
    assert!(
        verdicts
            .iter()
            .all(|(_, verdict)| *verdict == Verdict::Good),
        "{verdicts:?}"
    );
}

/// What was fetched here Python finds, offline and without a request.
#[test]
fn what_was_fetched_here_python_finds() {
    let desk = Desk::new();
    let location = desk.resolve().unwrap();
    desk.hub.take_log();
    let script = format!(
        "import os\n\
         os.environ['HF_HUB_OFFLINE'] = '1'\n\
         import huggingface_hub as h\n\
         print(h.snapshot_download('{MODEL}'))\n\
         print(h.hf_hub_download('{MODEL}', 'model.safetensors'))\n\
         report = h.scan_cache_dir()\n\
         assert not report.warnings, report.warnings\n\
         print([r.repo_id for r in report.repos])\n"
    );
    let Some(output) = python(&desk, &script) else {
        return;
    };
    assert!(output.status.success(), "{}", stderr(&output));
    let out = stdout(&output);
    let mut lines = out.lines();
    assert_eq!(lines.next().map(Path::new), Some(location.dir.as_path()));
    assert_eq!(
        lines.next().map(Path::new),
        Some(&*location.dir.join("model.safetensors"))
    );
    assert_eq!(lines.next(), Some(&*format!("['{MODEL}']")));
    assert!(desk.hub.take_log().is_empty());
}

/// The folder of bundled models.
fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models")
}

/// The bundled model as a repository of the hub: one that translates.
fn bundled_model() -> Repo {
    let folder = models().join("kuaibao-tiny-zh-en");
    let files: Vec<String> = names(&folder);
    Repo::with_files(
        files
            .iter()
            .map(|name| (name.as_str(), fs::read(folder.join(name)).unwrap())),
    )
}

/// From an empty cache, then without a network, then carried over in a file.
#[test]
fn a_fetched_model_translates() {
    let repo = bundled_model();
    let reference = format!("{MODEL}@{}", repo.head());
    let desk = Desk::with(repo);
    let article = desk.folder.path().join("a.txt");
    fs::write(&article, "海州港昨日开港。\n").unwrap();
    let translate = |offline: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kuaibao"));
        clear(&mut command);
        command
            .args([
                "translate",
                "--lines",
                "--quiet",
                "--translator",
                &reference,
            ])
            .arg(&article)
            .env("HF_HUB_CACHE", &desk.options.cache)
            .env("HF_ENDPOINT", &desk.options.endpoint)
            .env("HF_HUB_OFFLINE", offline);
        command.output().unwrap()
    };
    let first = translate("0");
    assert!(first.status.success(), "{}", stderr(&first));
    assert_eq!(stdout(&first).lines().count(), 1, "{}", stdout(&first));
    assert_eq!(stdout(&translate("1")), stdout(&first));

    let file = desk.folder.path().join("model.tar");
    hub::export(&reference, &file, &desk.options).unwrap();
    hub::remove(&reference, &desk.options).unwrap();
    let without = translate("1");
    assert_eq!(without.status.code(), Some(2), "{}", stderr(&without));
    assert!(
        stderr(&without).contains("models import"),
        "{}",
        stderr(&without)
    );
    hub::import(&file, &desk.options).unwrap();
    assert_eq!(stdout(&translate("1")), stdout(&first));
}

#[test]
fn setup_fetches_a_model_tries_it_and_tells() {
    let desk = Desk::with(bundled_model());
    let setup = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kuaibao"));
        clear(&mut command);
        command
            .args([
                "setup",
                MODEL,
                "--quiet",
                "--precision",
                "f32",
                "--beam",
                "1",
            ])
            .env("KUAIBAO_MODELS", models())
            .env("HF_HUB_CACHE", &desk.options.cache)
            .env("HF_ENDPOINT", &desk.options.endpoint);
        command.output().unwrap()
    };
    let first = setup();
    assert!(first.status.success(), "{}", stderr(&first));
    let said = stdout(&first);
    let snapshot = desk.repo_folder().join("snapshots");
    assert!(said.contains(&snapshot.display().to_string()), "{said}");
    assert!(
        said.contains(&format!("licence see {}/{MODEL}", desk.hub.endpoint)),
        "{said}"
    );
    assert!(
        said.contains(&format!("translator = \"{MODEL}\"")),
        "{said}"
    );
    // Name, sentences a second, "0.12 s" of loading, BLEU, chrF2++, "50.0 %" of figures: the same
    // weights, so the same scores, of twenty sentences that were translated.
    let row = |name: &str| {
        let line = said
            .lines()
            .find(|line| line.starts_with(&format!("{name} ")));
        let words: Vec<&str> = line
            .unwrap_or_else(|| panic!("{said}"))
            .split_whitespace()
            .collect();
        let numbers = [1, 2, 4, 5, 6].map(|i| words[i].parse::<f64>().unwrap());
        assert!(numbers[0] > 0.0 && numbers[3] > 20.0, "{said}");
        numbers[2..].to_vec()
    };
    assert!(said.contains("20 lines of news"), "{said}");
    // Its table has no line of that name before the model's own.
    let table = said.split("lines of news").nth(1).unwrap();
    assert!(
        table.contains("kuaibao-tiny-zh-en") && table.contains(MODEL),
        "{said}"
    );
    assert_eq!(row("kuaibao-tiny-zh-en"), row(MODEL));

    // What is here is not fetched again.
    desk.hub.take_log();
    assert!(setup().status.success());
    let fetched = desk.hub.take_log();
    assert!(
        !fetched.iter().any(|r| r.path.contains("safetensors")),
        "{fetched:?}"
    );
}

/// The published configuration of a model that is not run here: its type and a few of its numbers.
fn foreign(model_type: &str) -> Vec<u8> {
    let config = serde_json::json!({
        "model_type": model_type, "is_encoder_decoder": true, "vocab_size": 50_265, "d_model": 768,
        "encoder_layers": 6, "decoder_layers": 6, "max_encoder_position_embeddings": 16_384,
    });
    config.to_string().into_bytes()
}

/// What cannot run is refused by what is small, its listing, configuration and tokenizer, and the refusal
/// says what would do the job.
#[test]
fn what_cannot_run_is_not_fetched() {
    const WEIGHTS: usize = 6_000_000;
    let config = |bytes: Vec<u8>| ("config.json", bytes);
    let weights = || ("model.safetensors", bytes(1, WEIGHTS));
    let tokenizer = || ("tokenizer.json", bytes(2, 3_000_000));
    let bart = || include_bytes!("fixtures/families/bart/config.json").to_vec();
    let positions = String::from_utf8(bart()).unwrap();
    let positions = positions.replace("_embeddings\": 160", "_embeddings\": 10000000");
    let t5 = || include_bytes!("fixtures/families/t5/config.json").to_vec();
    for (files, why) in [
        (
            vec![config(foreign("t5gemma")), tokenizer(), weights()],
            "t5gemma",
        ),
        (
            vec![config(foreign("led")), tokenizer(), weights()],
            "`led`",
        ),
        (
            vec![config(foreign("nllb-moe")), tokenizer(), weights()],
            "nllb-moe",
        ),
        (vec![config(b"{".to_vec()), tokenizer(), weights()], "JSON"),
        (
            vec![config(positions.into_bytes()), tokenizer(), weights()],
            "max_position_embeddings",
        ),
        (
            vec![config(bart()), ("merges.txt", b"#".to_vec()), weights()],
            "no tokenizer",
        ),
        (
            vec![config(bart()), ("vocab.txt", b"a\nb\n".to_vec()), weights()],
            "[CLS]",
        ),
        (
            vec![config(t5()), ("vocab.txt", b"[UNK]\n".to_vec()), weights()],
            "vocab.txt",
        ),
        (
            vec![config(t5()), ("spiece.model", bytes(3, 100_000)), weights()],
            "spiece.model",
        ),
    ] {
        let desk = Desk::with(Repo::with_files(files));
        let article = desk.folder.path().join("a.txt");
        fs::write(&article, "海州港昨日开港。\n").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_kuaibao"));
        clear(&mut command);
        command
            .args(["translate", "--lines", "--quiet", "--translator", MODEL])
            .arg(&article)
            .env("HF_HUB_CACHE", &desk.options.cache)
            .env("HF_ENDPOINT", &desk.options.endpoint);
        let output = command.output().unwrap();
        let error = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(stdout(&output).is_empty());
        assert!(error.contains(why) && error.contains(MODEL), "{error}");
        for able in [
            "opus-mt-zh-en",
            "bart-large-cnn",
            "weights were not fetched",
        ] {
            assert!(error.contains(able), "{why}: {error}");
        }
        let sent = desk.hub.sent();
        assert!(sent < 2_000_000, "{why}: {sent} bytes were fetched");
        // And it stays refused: what is here is no model.
        assert!(hub::resolve(MODEL, &desk.offline()).is_err(), "{why}");
    }
}

/// A model that writes several languages is told which, or refused with their codes.
#[test]
fn a_model_of_several_languages_is_told_which() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/families/marian-multi");
    let told = folder.join("translations.json");
    let told: serde_json::Value = serde_json::from_slice(&fs::read(told).unwrap()).unwrap();
    let rows = |name: &str| -> Vec<String> { serde_json::from_value(told[name].clone()).unwrap() };
    let dir = tempfile::tempdir().unwrap();
    let lines = dir.path().join("lines.zh");
    fs::write(&lines, rows("texts").join("\n") + "\n").unwrap();
    let translate = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kuaibao"));
        clear(&mut command);
        command
            .args([
                "translate",
                "--lines",
                "--raw",
                "--quiet",
                "--precision",
                "f32",
            ])
            .arg("--translator")
            .arg(&folder)
            .args(more)
            .arg(&lines);
        command.output().unwrap()
    };
    let refused = translate(&[]);
    let error = stderr(&refused);
    assert_eq!(refused.status.code(), Some(2), "{error}");
    assert!(
        error.contains("--target-lang") && error.contains("deu, eng"),
        "{error}"
    );
    let english = translate(&["--target-lang", "eng"]);
    assert!(english.status.success(), "{}", stderr(&english));
    assert_eq!(
        stdout(&english).lines().collect::<Vec<_>>(),
        rows("translations")
    );
    let german = translate(&["--target-lang", "deu"]);
    assert!(german.status.success() && stdout(&german) != stdout(&english));
}

/// An encoder of sentences is fetched with the modules that make its vectors, and travels with them; one whose
/// modules are not known is refused without its weights.
#[cfg(feature = "judge")]
#[test]
fn a_judge_comes_with_its_modules() {
    let judge = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/judge");
    let files = |pooling: &str| -> Vec<(&str, Vec<u8>)> {
        let names = [
            ("encoder", "config.json"),
            ("encoder", "model.safetensors"),
            ("encoder", "tokenizer.json"),
            ("modules", "modules.json"),
            ("modules", "1_Pooling/config.json"),
            ("modules", "2_Dense/config.json"),
            ("modules", "2_Dense/model.safetensors"),
        ];
        let read = |(folder, name): (&str, &'static str)| {
            let bytes = fs::read(judge.join(folder).join(name)).unwrap();
            match name {
                "1_Pooling/config.json" => {
                    let text = String::from_utf8(bytes).unwrap();
                    (name, text.replace("cls_token", pooling).into_bytes())
                }
                _ => (name, bytes),
            }
        };
        names.map(read).into()
    };
    let desk = Desk::with(Repo::with_files(files("cls_token")));
    let folder = desk.folder.path();
    let local = folder.join("local");
    for (name, bytes) in files("cls_token") {
        let path = local.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let (zh, en) = (folder.join("a.zh"), folder.join("a.en"));
    fs::write(&zh, "海州港昨日开港。\n").unwrap();
    fs::write(&en, "Haizhou Port opened yesterday.\n").unwrap();
    let check = |desk: &Desk, judge: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kuaibao"));
        clear(&mut command);
        command
            .args(["check", "--json", "--quiet", "--judge", judge])
            .arg("--source")
            .arg(&zh)
            .arg("--target")
            .arg(&en)
            .env("HF_HUB_CACHE", &desk.options.cache)
            .env("HF_ENDPOINT", &desk.options.endpoint);
        command.output().unwrap()
    };
    let similarity = |output: &Output| {
        assert!(output.status.success(), "{}", stderr(output));
        let record: serde_json::Value = serde_json::from_str(&stdout(output)).unwrap();
        record["judge"]["similarity"].as_f64().unwrap()
    };
    let expected = similarity(&check(&desk, local.to_str().unwrap()));
    assert_eq!(similarity(&check(&desk, MODEL)), expected);
    let bare = similarity(&check(&desk, judge.join("encoder").to_str().unwrap()));
    assert!(
        (bare - expected).abs() > 0.001,
        "the modules make no difference"
    );

    // All of it is verified, and goes into the one file of an export.
    let verified = stdout(&desk.run(&["verify", MODEL]));
    assert_eq!(verified.matches(": good").count(), 7, "{verified}");
    let file = folder.join("judge.tar");
    let exported = desk.run(&["export", MODEL, file.to_str().unwrap()]);
    assert!(exported.status.success(), "{}", stderr(&exported));
    let other = Desk::with(Repo::with_files(files("max_tokens")));
    let imported = other.run(&["import", file.to_str().unwrap()]);
    assert!(imported.status.success(), "{}", stderr(&imported));
    assert_eq!(similarity(&check(&other, MODEL)), expected);

    let refused = Desk::with(Repo::with_files(files("max_tokens")));
    let output = check(&refused, MODEL);
    let error = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(
        error.contains("max_tokens") && error.contains("labse"),
        "{error}"
    );
    let log = refused.hub.take_log();
    assert!(
        log.iter()
            .all(|request| !request.path.ends_with(".safetensors"))
    );
}

/// The files of a Marian-native fixture, as a mirror of Firefox's models names them.
fn firefox(folder: &str) -> Vec<(String, Vec<u8>)> {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/marian/joint");
    let file = |(name, ours): (&str, &str)| {
        let bytes = fs::read(fixture.join(ours)).unwrap();
        (format!("{folder}{name}"), bytes)
    };
    [
        ("lex.50.50.zhx.s2t.bin", "lex.s2t.bin"),
        ("model.zhx.intgemm.alphas.bin", "model.alphas.bin"),
        ("vocab.zhx.spm", "vocab.spm"),
    ]
    .map(file)
    .into()
}

/// What that fixture makes of its sentences: its stored bytes as plain numbers.
fn firefox_english() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/marian/joint");
    let expected = fs::read(folder.join("expected.json")).unwrap();
    let expected: serde_json::Value = serde_json::from_slice(&expected).unwrap();
    let answers = expected["int8"]["dequantised"]["translations"].as_array();
    let sources = expected["source_tokens"].as_array().unwrap();
    let tokenizer = Tokenizer::from_dir(&folder).unwrap();
    let line = |(answer, source): (&serde_json::Value, &serde_json::Value)| {
        // The reference allows four tokens more than Marian does.
        let most = 2 * source.as_array().unwrap().len();
        let tokens = answer["tokens"].as_array().unwrap().iter().take(most);
        let tokens: Vec<u32> = tokens.map(|id| id.as_u64().unwrap() as u32).collect();
        tokenizer.decode(&tokens).unwrap() + "\n"
    };
    answers.unwrap().iter().zip(sources).map(line).collect()
}

impl Desk {
    /// `kuaibao translate` of the sentences of that fixture.
    fn translate(&self, reference: &str, variables: &[(&str, &str)]) -> Output {
        let sources = "tests/fixtures/marian/joint/sources.txt";
        let mut command = Command::new(env!("CARGO_BIN_EXE_kuaibao"));
        clear(&mut command);
        command.args(["translate", "--lines", "--precision", "f32", "--beam", "1"]);
        command.args(["--device", "cpu", "--translator", reference]);
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(sources));
        command
            .env("HF_HUB_CACHE", &self.options.cache)
            .env("HF_ENDPOINT", &self.options.endpoint)
            .envs(variables.iter().copied());
        command.output().unwrap()
    }
}

/// A repository whose folders are models, as mirrors of Firefox's have them.
#[test]
fn a_model_in_a_folder_of_a_repository() {
    let zhen = firefox("zhen/");
    let mut files: Vec<(&str, Vec<u8>)> = vec![
        ("README.md", b"# Models\n".to_vec()),
        ("zhen/metadata.json", b"{}".to_vec()),
        ("zhen/old/model.zhx.intgemm.alphas.bin", bytes(9, 5_000)),
        ("ruen/model.ruen.intgemm.alphas.bin", bytes(10, 5_000)),
        ("ruen/vocab.ruen.spm", bytes(11, 5_000)),
    ];
    files.extend(
        zhen.iter()
            .map(|(name, bytes)| (name.as_str(), bytes.clone())),
    );
    let repo = Repo::with_files(files);
    let commit = repo.head().to_owned();
    let desk = Desk::with(repo);
    let reference = &*format!("{MODEL}/zhen@{commit}");
    let run = |args: &[&str]| {
        let done = desk.run(args);
        assert!(done.status.success(), "{args:?}: {}", stderr(&done));
        stdout(&done)
    };
    run(&["pull", reference]);
    let snapshot = desk.repo_folder().join("snapshots").join(&commit);
    assert_eq!(names(&snapshot), ["zhen"]);
    let wanted = [
        "lex.50.50.zhx.s2t.bin",
        "model.zhx.intgemm.alphas.bin",
        "vocab.zhx.spm",
    ];
    let folder = snapshot.join("zhen");
    assert_eq!(names(&folder), wanted);
    assert_eq!(
        run(&["path", reference]).trim_end(),
        folder.to_str().unwrap()
    );
    let verified = run(&["verify", reference]);
    assert_eq!(verified.matches(": good").count(), 3, "{verified}");
    let held = hub::holdings(&desk.options).into_iter().map(|h| h.name);
    let held: Vec<String> = held.filter(|name| name.contains('/')).collect();
    assert_eq!(held, [reference]);

    let offline = [("HF_HUB_OFFLINE", "1")];
    let english = || {
        let done = desk.translate(reference, &offline);
        assert!(done.status.success(), "{}", stderr(&done));
        stdout(&done)
    };
    assert_eq!(english(), firefox_english());

    let file = desk.folder.path().join("model.tar");
    let file = file.to_str().unwrap();
    run(&["export", reference, file]);
    run(&["remove", reference]);
    assert!(!desk.translate(reference, &offline).status.success());
    let imported = desk
        .command(&["import", file])
        .env("HF_HUB_OFFLINE", "1")
        .output();
    assert!(imported.unwrap().status.success());
    assert_eq!(names(&folder), wanted);
    assert_eq!(english(), firefox_english());
    // A damaged blob is found and fetched again.
    let blob = fs::canonicalize(folder.join("vocab.zhx.spm")).unwrap();
    fs::write(&blob, b"other").unwrap();
    let damaged = desk.run(&["verify", reference]);
    assert!(stdout(&damaged).contains("vocab.zhx.spm: DAMAGED"));
    assert_eq!(damaged.status.code(), Some(2));
    run(&["pull", reference]);
    assert_eq!(english(), firefox_english());

    let none = hub::resolve(&format!("{MODEL}/deen"), &desk.options).unwrap_err();
    assert!(none.to_string().contains("config.json"), "{none}");
}

/// The manifest of a house: its own address first, then mirrors, and the bytes that alone count.
fn house(mirrors: &str) -> String {
    let mut manifest = format!(
        "name = \"house\"\ntasks = [\"translate\"]\nfamily = \"marian\"\n\
         url = \"https://models.house.invalid/zhen\"\nmirrors = [{mirrors}]\n\
         licence = \"MPL-2.0\"\nlanguages = \"Chinese → English\"\ngood-at = \"tests\"\n"
    );
    for (name, bytes) in firefox("") {
        let (size, hash) = (bytes.len(), sha256(&bytes));
        let file = format!("[[files]]\nname = {name:?}\nsize = {size}\nsha256 = {hash:?}\n");
        manifest.push_str(&file);
    }
    manifest
}

/// Of several places the first that has the pinned bytes is taken: the house's address cannot be
/// reached, the first mirror has nothing, the next other bytes, the next promises the right ones and
/// sends others, the last has them.
#[test]
fn the_next_mirror_is_tried() {
    let desk = Desk::new();
    let repo = |files: &[(String, Vec<u8>)]| {
        let files = files
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.clone()));
        Repo::with_files(files)
    };
    let good = firefox("zhen/");
    let mut other = good.clone();
    other[1].1[100_000] ^= 1;
    desk.hub.add("one/other", repo(&other));
    desk.hub.add("two/torn", repo(&good));
    desk.hub.add("three/good", repo(&good));
    let manifests = desk.folder.path().join("manifests");
    fs::create_dir(&manifests).unwrap();
    let own = manifests.join("house.toml");
    let mirrors = r#""no/where/zhen", "one/other/zhen", "two/torn/zhen", "three/good/zhen""#;
    fs::write(&own, house(mirrors)).unwrap();
    let variables = [
        ("KUAIBAO_MANIFESTS", manifests.to_str().unwrap()),
        // Whatever is not the hub cannot be reached.
        ("HTTPS_PROXY", "http://127.0.0.1:9"),
    ];
    let models = |args: &[&str]| desk.command(args).envs(variables).output().unwrap();
    // The blob is the same wherever it lies: the first that asks for it gets a wrong byte.
    let (_, weights) = &good[1];
    desk.hub.fail(&sha256(weights), 1, Fault::Flip(150_000));
    let pulled = models(&["pull", "--retries", "0", "house"]);
    let said = stderr(&pulled);
    assert!(pulled.status.success(), "{said}");
    for place in ["models.house.invalid", "no/where", "one/other", "two/torn"] {
        let failed = said
            .lines()
            .any(|line| line.contains(place) && line.contains("; trying "));
        assert!(failed, "{place}: {said}");
    }
    let log = desk.hub.take_log();
    let fetched = |repo: &str| {
        let from = |r: &&Request| r.path.contains(&format!("{repo}/resolve/"));
        let mut from = log.iter().filter(from);
        from.any(|r| r.path.ends_with(".bin") && r.path.contains("model."))
    };
    assert!(!fetched("one/other"), "other bytes were fetched");
    assert!(fetched("two/torn") && fetched("three/good"));
    let verified = stdout(&models(&["verify", "house"]));
    assert_eq!(verified.matches(": good").count(), 3, "{verified}");

    let english = desk.translate(
        "house",
        &[&variables[..], &[("HF_HUB_OFFLINE", "1")]].concat(),
    );
    assert_eq!(stdout(&english), firefox_english(), "{}", stderr(&english));

    // A slip in a house's manifest is an error that names it, whatever model is asked for.
    fs::write(&own, house("\"not a place\"")).unwrap();
    let refused = models(&["list"]);
    let said = stderr(&refused);
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(
        said.contains("house.toml") && said.contains("not a place"),
        "{said}"
    );
}

/// The model of the other direction is known, pinned, and does not take Chinese.
#[test]
fn a_model_into_chinese_is_refused_chinese() {
    let desk = Desk::new();
    let done = desk.translate("firefox-en-zh", &[]);
    let said = stderr(&done);
    assert_eq!(done.status.code(), Some(2), "{said}");
    assert!(
        said.contains("translate English into Chinese") && said.contains("firefox-zh-en"),
        "{said}"
    );
    assert!(desk.hub.take_log().is_empty());
}

/// Firefox's model is taken from a mirror only if its bytes are Mozilla's.
#[test]
fn a_mirror_is_trusted_only_with_the_pinned_bytes() {
    let mut desk = Desk::new();
    // Whatever is not the hub cannot be reached.
    desk.options.https_proxy = Some("http://127.0.0.1:9".to_owned());
    desk.options.retries = 0;
    let files = [
        ("zhen/model.zhen.intgemm.alphas.bin", bytes(9, 5_000)),
        ("zhen/vocab.zhen.spm", bytes(11, 5_000)),
        ("zhen/lex.50.50.zhen.s2t.bin", bytes(12, 5_000)),
    ];
    desk.hub
        .add("AbrahamPJ/nightmare-translate", Repo::with_files(files));
    let error = hub::resolve("firefox-zh-en", &desk.options).unwrap_err();
    assert!(matches!(error, HubError::NoNetwork { .. }), "{error}");
    let log = desk.hub.take_log();
    assert!(
        log.iter()
            .any(|r| r.path.contains("nightmare-translate/revision/main"))
    );
    assert!(
        log.iter().all(|r| !r.path.contains("/resolve/")),
        "bytes were fetched"
    );
}

/// Killed when it goes out of scope.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A caching mirror, Python's `olah`, between us and the hub; `KUAIBAO_OLAH` names its `olah-cli`.
#[test]
fn a_caching_mirror_in_between_changes_nothing() {
    let Ok(program) = std::env::var("KUAIBAO_OLAH") else {
        eprintln!("skipped: KUAIBAO_OLAH does not name an olah-cli");
        return;
    };
    let mut desk = Desk::new();
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mirror = format!("127.0.0.1:{port}");
    let mut command = Command::new(program);
    clear(&mut command);
    let netloc = |address: &str| address.trim_start_matches("http://").to_owned();
    let child = command
        .current_dir(desk.folder.path())
        .args(["--host", "127.0.0.1", "--port", &port.to_string()])
        .args([
            "--hf-scheme",
            "http",
            "--hf-netloc",
            &netloc(&desk.hub.endpoint),
        ])
        .args(["--hf-lfs-netloc", &netloc(&desk.hub.cdn)])
        .args([
            "--mirror-scheme",
            "http",
            "--mirror-netloc",
            &mirror,
            "--mirror-lfs-netloc",
            &mirror,
        ])
        .arg("--repos-path")
        .arg(desk.folder.path().join("mirror"))
        .arg("--log-path")
        .arg(desk.folder.path().join("log"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _server = Server(child);
    let deadline = Instant::now() + Duration::from_mins(1);
    while std::net::TcpStream::connect(&mirror).is_err() {
        assert!(Instant::now() < deadline, "the mirror does not start");
        thread::sleep(Duration::from_millis(100));
    }
    desk.options.endpoint = format!("http://{mirror}");
    desk.options.timeout = Duration::from_secs(10);
    desk.check_whole(&desk.resolve().unwrap());

    // From the mirror's own cache.
    hub::remove(MODEL, &desk.options).unwrap();
    desk.hub.take_log();
    desk.check_whole(&desk.resolve().unwrap());
    let log = desk.hub.take_log();
    assert!(
        !log.iter()
            .any(|request| request.cdn && request.method == "GET"),
        "{log:?}"
    );
}
