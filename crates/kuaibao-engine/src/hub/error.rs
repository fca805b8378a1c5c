//! What can go wrong between a model's name and its files, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::HumanBytes;

/// Why a model could not be had.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// The reference is no manifest, no folder, and not of the form `org/name`.
    #[error(
        "no model is called {reference:?}: name one of {known}; or org/name[/folder][@revision] on the hub; \
         or a folder with a model in it"
    )]
    UnknownModel {
        /// What was typed.
        reference: String,
        /// The manifests' names.
        known: String,
    },

    /// The revision in a reference cannot be a git revision.
    #[error("{reference:?}: {revision:?} cannot be a branch, tag or commit")]
    BadRevision {
        /// What was typed.
        reference: String,
        /// The part behind the `@`.
        revision: String,
    },

    /// A folder that was named is not a model.
    #[error("{}: {missing}; a model's folder holds its weights, its tokenizer files and config.json, or those of Marian", path.display())]
    NotAModel {
        /// The folder.
        path: PathBuf,
        /// What is missing.
        missing: String,
    },

    /// The bundled model's folder is in none of the places where it is looked for.
    #[error(
        "the bundled model {name} was not found in {}: give its parent folder with --models-dir or KUAIBAO_MODELS",
        list(looked_in)
    )]
    BundledNotFound {
        /// The model's name.
        name: String,
        /// Where it was looked for.
        looked_in: Vec<PathBuf>,
    },

    /// The bundled model is not the one this version of the program came with.
    #[error(
        "{} is not the file that this version came with: put it back, or name its folder (./…/{name}) to use it as it is",
        path.display()
    )]
    NotAsPublished {
        /// The file.
        path: PathBuf,
        /// The model's name.
        name: String,
    },

    /// There is neither `HF_HOME` nor a home folder to keep models in.
    #[error("no home folder to keep models in: set HF_HOME to a folder")]
    NoHome,

    /// A setting from the environment cannot be used.
    #[error("{variable}={value:?}: {why}")]
    BadSetting {
        /// The variable's name.
        variable: &'static str,
        /// What it holds.
        value: String,
        /// What is wrong with it.
        why: String,
    },

    /// The model is not in the cache and the hub must not be asked.
    #[error(
        "{model} is not in {} and HF_HUB_OFFLINE is set: where there is a network run `kuaibao models pull {model}` \
         and `kuaibao models export {model} FILE.tar`, then here `kuaibao models import FILE.tar`",
        cache.display()
    )]
    Offline {
        /// The model's reference.
        model: String,
        /// The cache that was searched.
        cache: PathBuf,
    },

    /// The hub cannot be reached.
    #[error(
        "no network: {host} cannot be reached ({why}); check the connection and HTTPS_PROXY, name a mirror with \
         HF_ENDPOINT, or carry the model over with `kuaibao models export` and `import`"
    )]
    NoNetwork {
        /// The host.
        host: String,
        /// What the system said.
        why: String,
    },

    /// TLS failed: a wrong clock, an intercepting proxy, a self-signed mirror.
    #[error(
        "no secure connection to {host} ({why}); where the network inspects TLS, set SSL_CERT_FILE to its \
         certificate bundle (PEM)"
    )]
    Tls {
        /// The host.
        host: String,
        /// What the TLS library said.
        why: String,
    },

    /// The other side fell silent, or sends next to nothing.
    #[error(
        "timeout: {host} sent too little for {}; run the same command again, it goes on where it stopped \
         (HF_HUB_DOWNLOAD_TIMEOUT=SECONDS waits longer)",
        seconds(*after)
    )]
    Timeout {
        /// The host.
        host: String,
        /// How long it was waited for.
        after: Duration,
    },

    /// The connection broke in the middle of a file, again and again.
    #[error(
        "{file}: the connection to {host} was cut after {received} of {size} bytes ({why}); run the same command again, it goes on from there"
    )]
    Cut {
        /// The file.
        file: String,
        /// The host.
        host: String,
        /// Bytes that are on disk.
        received: u64,
        /// Bytes there should be.
        size: u64,
        /// What broke.
        why: String,
    },

    /// The hub knows no such repository, or hides it from this user.
    #[error(
        "{endpoint} has no repository {repo}{}",
        if *with_token { ", or your token may not see it: check the name and the token's permissions" }
        else { ": check the name; a private one needs a token in HF_TOKEN" }
    )]
    UnknownRepo {
        /// The hub's address.
        endpoint: String,
        /// `org/name`.
        repo: String,
        /// Whether a token was sent.
        with_token: bool,
    },

    /// The repository has no such branch, tag or commit.
    #[error("{repo} has no revision {revision:?}: see {endpoint}/{repo}/commits/main")]
    UnknownRevision {
        /// The hub's address.
        endpoint: String,
        /// `org/name`.
        repo: String,
        /// What was asked for.
        revision: String,
    },

    /// The repository lists a file that it does not have.
    #[error("{repo} has no file {file} at this revision: see {endpoint}/{repo}/tree/main")]
    MissingFile {
        /// The hub's address.
        endpoint: String,
        /// `org/name`.
        repo: String,
        /// The file.
        file: String,
    },

    /// The repository's owner wants to know who downloads.
    #[error(
        "{repo} is gated: ask for access at {endpoint}/{repo} with your account, then {}",
        if *with_token { "try again; the token in use has no access yet" }
        else { "set HF_TOKEN to a token of that account (https://huggingface.co/settings/tokens)" }
    )]
    Gated {
        /// The hub's address.
        endpoint: String,
        /// `org/name`.
        repo: String,
        /// Whether a token was sent.
        with_token: bool,
    },

    /// The token is wrong or expired.
    #[error(
        "{endpoint} refuses the token: it is wrong or has expired; make a new one at \
         https://huggingface.co/settings/tokens and set HF_TOKEN (without a token, public models still work)"
    )]
    BadToken {
        /// The hub's address.
        endpoint: String,
    },

    /// The hub forbids this for another reason.
    #[error("{endpoint} forbids access to {repo} ({why}): check the token's permissions")]
    Forbidden {
        /// The hub's address.
        endpoint: String,
        /// `org/name`.
        repo: String,
        /// What the hub said.
        why: String,
    },

    /// Too many requests.
    #[error(
        "{host} limits the rate of requests{}: try again later; a token in HF_TOKEN raises the limit",
        after.map_or_else(String::new, |after| format!(" and asks to wait {}", seconds(after)))
    )]
    RateLimited {
        /// The host.
        host: String,
        /// How long it asks to wait.
        after: Option<Duration>,
    },

    /// The server has a fault of its own.
    #[error("{host} answers with an error of its own (HTTP {status}): try again later")]
    Server {
        /// The host.
        host: String,
        /// The HTTP status.
        status: u16,
        /// How long it asks to wait.
        after: Option<Duration>,
    },

    /// An answer that no hub gives.
    #[error(
        "{url} does not answer like a hub ({why}): check HF_ENDPOINT, and whether a proxy or a login page answers instead"
    )]
    NotAHub {
        /// What was asked.
        url: String,
        /// What came.
        why: String,
    },

    /// Redirects without end.
    #[error("{url} is redirected without end: check HF_ENDPOINT")]
    RedirectLoop {
        /// Where it began.
        url: String,
    },

    /// The disk is too full.
    #[error(
        "no space: {} has {} free{}; free some, or set HF_HOME to a larger disk",
        dir.display(), HumanBytes(*free),
        needed.map_or_else(String::new, |needed| format!(" and needs {}", HumanBytes(needed)))
    )]
    NoSpace {
        /// Where it was to be written.
        dir: PathBuf,
        /// Bytes still to write, where that is known.
        needed: Option<u64>,
        /// Bytes free.
        free: u64,
    },

    /// A file has another length than the hub stated.
    #[error(
        "{file}: {host} sends {found} bytes where the repository lists {expected}: a broken mirror or proxy; nothing was kept"
    )]
    WrongSize {
        /// The file.
        file: String,
        /// The host.
        host: String,
        /// The stated length.
        expected: u64,
        /// The length that came.
        found: u64,
    },

    /// A file's contents are not what was promised.
    #[error(
        "{file}: wrong hash: {found} came where {expected} was promised: a broken mirror or proxy, or tampering; nothing was kept"
    )]
    WrongHash {
        /// The file.
        file: String,
        /// The promised hash.
        expected: String,
        /// The hash of what came.
        found: String,
    },

    /// A file was replaced on the server while it was fetched.
    #[error(
        "{file} changed on {host} while it was fetched (the hub now names it {now}): nothing was kept; run the same command again"
    )]
    Changed {
        /// The file.
        file: String,
        /// The host.
        host: String,
        /// Its new name.
        now: String,
    },

    /// The hub's answer contradicts a manifest.
    #[error(
        "{repo}: {what} is {found} on the hub, the manifest holds it to {pinned}: the repository was changed, or this is not the true hub"
    )]
    Contradicts {
        /// `org/name`.
        repo: String,
        /// What differs.
        what: String,
        /// What the manifest states.
        pinned: String,
        /// What the hub states.
        found: String,
    },

    /// The hub states no hash of a file, so it cannot be checked.
    #[error(
        "{file}: {host} states no hash, so what it sends cannot be checked: use a mirror that passes on X-Linked-Etag"
    )]
    NoHash {
        /// The file.
        file: String,
        /// The host.
        host: String,
    },

    /// The model is of a kind that is not run here.
    #[error(
        "{repo} cannot be run: {reason}; its weights were not fetched; models that can be run: {able}"
    )]
    Unsupported {
        /// How it was named.
        repo: String,
        /// What of its configuration is not supported.
        reason: String,
        /// The names of those that are known to run.
        able: String,
    },

    /// The repository lacks what a model needs.
    #[error("{repo} cannot be used: {missing}")]
    Unusable {
        /// `org/name` with its revision.
        repo: String,
        /// What it lacks.
        missing: String,
    },

    /// A file on disk is not what its name says.
    #[error(
        "{bad} of {checked} files are damaged ({files}): `kuaibao models pull {model}` fetches them anew"
    )]
    Damaged {
        /// The model's reference.
        model: String,
        /// The damaged files.
        files: String,
        /// How many.
        bad: usize,
        /// Of how many.
        checked: usize,
    },

    /// The model is not on this machine.
    #[error("{model} is not on this machine: `kuaibao models pull {model}` fetches it")]
    NotHere {
        /// The model's reference.
        model: String,
    },

    /// The command has no meaning for a model that was not downloaded.
    #[error("{model} was not downloaded but lies in {}: {advice}", path.display())]
    NotDownloaded {
        /// The model's reference.
        model: String,
        /// Where it lies.
        path: PathBuf,
        /// What to do instead.
        advice: &'static str,
    },

    /// A file to import is not one that `export` wrote, or was damaged or tampered with.
    #[error("{}: {why}; nothing of it is used", path.display())]
    BadBundle {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },

    /// Reading or writing failed.
    #[error("{}: cannot {action}: {source}", path.display())]
    Io {
        /// What was being done.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl HubError {
    /// Whether the same request may well succeed a little later.
    pub(crate) const fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::NoNetwork { .. }
                | Self::Timeout { .. }
                | Self::Cut { .. }
                | Self::RateLimited { .. }
                | Self::Server { .. }
        )
    }

    /// What happened, without the advice that a final message gives.
    pub(crate) fn cause(&self) -> String {
        match self {
            Self::NoNetwork { host, why } => format!("{host} cannot be reached ({why})"),
            Self::Timeout { host, .. } => format!("{host} sends too little"),
            Self::Cut {
                file,
                received,
                size,
                why,
                ..
            } => {
                format!("{file}: cut after {received} of {size} bytes ({why})")
            }
            Self::RateLimited { host, .. } => format!("{host} limits the rate of requests"),
            Self::Server { host, status, .. } => format!("{host} answers HTTP {status}"),
            error => error.to_string(),
        }
    }

    /// How long the server asks to wait before the next request.
    pub(crate) const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { after, .. } | Self::Server { after, .. } => *after,
            _ => None,
        }
    }

    /// An I/O failure; a full disk is told apart.
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                let dir = path.parent().unwrap_or(path);
                Self::NoSpace {
                    dir: dir.to_owned(),
                    needed: None,
                    free: fs4::available_space(dir).unwrap_or(0),
                }
            }
            _ => Self::Io {
                action,
                path: path.to_owned(),
                source,
            },
        }
    }
}

/// `result` with the path it concerns.
pub(crate) trait AtPath<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T, HubError>;
}

impl<T> AtPath<T> for io::Result<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T, HubError> {
        self.map_err(|source| HubError::io(action, path, source))
    }
}

fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64().ceil())
}

fn list(paths: &[PathBuf]) -> String {
    let paths: Vec<_> = paths.iter().map(|p| p.display().to_string()).collect();
    paths.join(", ")
}
