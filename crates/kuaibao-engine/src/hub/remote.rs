//! The hub over HTTP: what a repository holds at a revision, and a file's bytes from any point on.
//!
//! Redirects are followed here, not by the HTTP client: the hub states a file's hash on the answer
//! that redirects to its content delivery network (`X-Linked-Etag`), and the token goes to the
//! endpoint's own origin alone. Nothing here writes to disk or decides whether bytes are right.

use std::io::{self, Read};
use std::time::Duration;

use serde::Deserialize;
use ureq::http::{HeaderMap, Response, StatusCode, Uri, header};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body, Proxy};

use super::HubModel;
use super::digest::{BlobId, sha256_hex};
use super::error::{AtPath, HubError};
use super::manifest::Manifest;
use super::progress::Display;
use super::settings::HubOptions;

/// More redirects than this are a loop (`huggingface_hub` stops at the same number).
const MOST_REDIRECTS: usize = 10;
/// A repository's listing is a few kilobytes; one of 10,000 files is under this.
const LARGEST_LISTING: u64 = 32 << 20;

/// A repository at one commit.
pub(crate) struct Listing {
    pub(crate) commit: String,
    pub(crate) files: Vec<RemoteFile>,
}

/// A file as the hub lists it.
#[derive(Clone, Debug)]
pub(crate) struct RemoteFile {
    pub(crate) name: String,
    /// Length and hash, which some mirrors leave out of the listing.
    pub(crate) stated: Option<Stated>,
}

/// What the hub states of a file's contents.
#[derive(Clone, Debug)]
pub(crate) struct Stated {
    pub(crate) size: u64,
    pub(crate) id: BlobId,
}

/// A file's bytes, on their way.
pub(crate) struct Download {
    /// Where in the file they begin.
    pub(crate) start: u64,
    /// The file's whole length, where the server states it.
    pub(crate) size: Option<u64>,
    /// The hash that the hub names the file by now.
    pub(crate) id: Option<BlobId>,
    /// Who sends them.
    pub(crate) host: String,
    pub(crate) body: Box<dyn Read + Send>,
}

/// One hub.
pub(crate) struct Remote<'a> {
    options: &'a HubOptions,
    origin: Origin,
    https: Agent,
    http: Agent,
}

/// Scheme, host and port: what the token is bound to.
#[derive(PartialEq, Eq)]
struct Origin {
    https: bool,
    host: String,
    port: u16,
}

/// The last answer of a chain of redirects, and what the hub said of the file on the way.
struct Answer {
    response: Response<Body>,
    url: Uri,
    from_hub: bool,
    id: Option<BlobId>,
    size: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Get,
    Head,
}

/// Says, once, that whoever listens on the way can read the token.
fn warn_of_clear_token(endpoint: &str) {
    static SAID: std::sync::Once = std::sync::Once::new();
    SAID.call_once(|| {
        eprintln!("warning: the token goes to {endpoint} in clear; use https, or unset HF_TOKEN");
    });
}

impl<'a> Remote<'a> {
    pub(crate) fn new(options: &'a HubOptions) -> Result<Self, HubError> {
        let endpoint = parse_url(&options.endpoint)?;
        if options.token.is_some() && endpoint.scheme_str() == Some("http") {
            warn_of_clear_token(&options.endpoint);
        }
        let roots = match &options.certificates {
            None => RootCerts::WebPki,
            Some(path) => certificates(path)?,
        };
        let agent = |proxy: Option<Proxy>| -> Agent {
            Agent::config_builder()
                .user_agent(concat!("kuaibao/", env!("CARGO_PKG_VERSION")))
                .accept_encoding("identity")
                .http_status_as_error(false)
                .max_redirects(0)
                .max_redirects_will_error(false)
                .proxy(proxy)
                .tls_config(TlsConfig::builder().root_certs(roots.clone()).build())
                .timeout_connect(Some(options.timeout))
                .timeout_recv_response(Some(options.timeout))
                .timeout_per_read(Some(options.timeout))
                .build()
                .into()
        };
        Ok(Self {
            origin: Origin::of(&endpoint),
            https: agent(proxy(
                "HTTPS_PROXY",
                options.https_proxy.as_deref(),
                options,
            )?),
            http: agent(proxy("HTTP_PROXY", options.http_proxy.as_deref(), options)?),
            options,
        })
    }

    /// What the repository holds at the revision.
    pub(crate) fn listing(&self, model: &HubModel) -> Result<Listing, HubError> {
        #[derive(Deserialize)]
        struct Reply {
            sha: String,
            siblings: Vec<Sibling>,
        }
        #[derive(Deserialize)]
        struct Sibling {
            rfilename: String,
            #[serde(rename = "blobId")]
            blob_id: Option<String>,
            size: Option<u64>,
            lfs: Option<Lfs>,
        }
        #[derive(Deserialize)]
        struct Lfs {
            #[serde(alias = "oid")]
            sha256: Option<String>,
            size: Option<u64>,
        }
        if let (Some(_), Some(manifest)) = (model.url, model.manifest) {
            return Ok(pinned(manifest));
        }
        let url = format!(
            "{}/api/models/{}/revision/{}?blobs=true",
            self.options.endpoint,
            model.id,
            escape(&model.revision)
        );
        let answer = self.send(Method::Get, &url, None)?;
        if answer.response.status() != StatusCode::OK {
            return Err(self.refusal(&answer, model, None));
        }
        let host = host(&answer.url);
        let mut body = answer.response.into_body();
        let json = body
            .with_config()
            .limit(LARGEST_LISTING)
            .read_to_vec()
            .map_err(|error| self.failure(error, &host))?;
        let reply: Reply = serde_json::from_slice(&json).map_err(|error| HubError::NotAHub {
            url: url.clone(),
            why: format!("no listing of a repository: {error}"),
        })?;
        if !super::cache::is_commit(&reply.sha) {
            return Err(HubError::NotAHub {
                url,
                why: format!("{:?} is no commit", reply.sha),
            });
        }
        let stated = |sibling: &Sibling| {
            let (size, id) = match &sibling.lfs {
                Some(lfs) => (lfs.size.or(sibling.size), lfs.sha256.as_ref()),
                None => (sibling.size, sibling.blob_id.as_ref()),
            };
            Some(Stated {
                size: size?,
                id: BlobId::parse(id?)?,
            })
        };
        let files = reply.siblings.iter().filter_map(|sibling| {
            Some(RemoteFile {
                name: model.local(&sibling.rfilename)?.to_owned(),
                stated: stated(sibling),
            })
        });
        Ok(Listing {
            commit: reply.sha,
            files: files.collect(),
        })
    }

    /// What the hub states of one file, where the listing did not.
    pub(crate) fn stated(
        &self,
        model: &HubModel,
        commit: &str,
        file: &str,
    ) -> Result<Stated, HubError> {
        let url = self.file_url(model, commit, file);
        let answer = self.send(Method::Head, &url, None)?;
        let status = answer.response.status();
        if !(status.is_success() || status.is_redirection()) {
            return Err(self.refusal(&answer, model, Some(file)));
        }
        match (answer.size, answer.id) {
            (Some(size), Some(id)) => Ok(Stated { size, id }),
            _ => Err(HubError::NoHash {
                file: file.to_owned(),
                host: host(&answer.url),
            }),
        }
    }

    /// A file's bytes from `start` on; a server that cannot begin there sends it from the start,
    /// and `None` means that there is nothing behind `start`.
    pub(crate) fn download(
        &self,
        model: &HubModel,
        commit: &str,
        file: &str,
        start: u64,
    ) -> Result<Option<Download>, HubError> {
        let url = self.file_url(model, commit, file);
        let answer = self.send(Method::Get, &url, Some(start))?;
        let headers = answer.response.headers();
        let (start, size) = match answer.response.status() {
            StatusCode::OK => (0, number(headers, "content-length")),
            StatusCode::PARTIAL_CONTENT => match content_range(headers) {
                Some((first, size)) if first == start => (start, size),
                _ => {
                    return Err(HubError::NotAHub {
                        url,
                        why: "another range than was asked for".to_owned(),
                    });
                }
            },
            StatusCode::RANGE_NOT_SATISFIABLE => return Ok(None),
            _ => return Err(self.refusal(&answer, model, Some(file))),
        };
        Ok(Some(Download {
            start,
            size,
            id: answer.id,
            host: host(&answer.url),
            body: Box::new(answer.response.into_body().into_reader()),
        }))
    }

    /// Tries a request again after a passing fault, waiting longer each time or as long as the
    /// server asks. A hub that cannot be reached at all is given up sooner.
    pub(crate) fn with_retries<T>(
        &self,
        display: &Display,
        mut request: impl FnMut() -> Result<T, HubError>,
    ) -> Result<T, HubError> {
        let mut tries = 0;
        loop {
            let error = match request() {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            tries += 1;
            let most = match error {
                HubError::NoNetwork { .. } => self.options.retries.min(2),
                _ => self.options.retries,
            };
            if tries > most {
                return Err(error);
            }
            self.wait(display, error, tries)?;
        }
    }

    /// Waits before the `tries`-th new try; gives the error back when it will not pass, or when the
    /// server asks for more patience than there is.
    pub(crate) fn wait(
        &self,
        display: &Display,
        error: HubError,
        tries: u32,
    ) -> Result<(), HubError> {
        if !error.is_transient() {
            return Err(error);
        }
        let backoff =
            self.options.first_wait * 2_u32.saturating_pow(tries.saturating_sub(1).min(6));
        let asked = error.retry_after().unwrap_or_default();
        if asked > self.options.longest_wait {
            return Err(error);
        }
        let wait = backoff.max(asked);
        let message = format!(
            "{}; trying again in {:.1} s",
            error.cause(),
            wait.as_secs_f64()
        );
        log::info!("try {tries} failed ({error}): waiting {wait:?}");
        display.say(&message);
        std::thread::sleep(wait);
        Ok(())
    }

    /// A failure to read a body that began to arrive.
    pub(crate) fn broken_body(&self, error: io::Error, host: &str) -> HubError {
        self.failure(ureq::Error::from(error), host)
    }

    fn file_url(&self, model: &HubModel, commit: &str, file: &str) -> String {
        if let Some(url) = model.url {
            return format!("{url}/{}", escape(file));
        }
        let path: Vec<String> = model.path(file).split('/').map(escape).collect();
        format!(
            "{}/{}/resolve/{commit}/{}",
            self.options.endpoint,
            model.id,
            path.join("/")
        )
    }

    /// Sends a request and follows redirects, noting what the hub says of the file on the way.
    fn send(&self, method: Method, url: &str, start: Option<u64>) -> Result<Answer, HubError> {
        let mut current = parse_url(url)?;
        let (mut id, mut size) = (None, None);
        for _ in 0..=MOST_REDIRECTS {
            let from_endpoint = Origin::of(&current) == self.origin;
            // Without its query: addresses of a content delivery network are signed there.
            log::debug!(
                "{method:?} {}{} from byte {}",
                host(&current),
                current.path(),
                start.unwrap_or(0)
            );
            let response = self
                .send_once(method, &current, start, from_endpoint)
                .map_err(|error| self.failure(error, &host(&current)))?;
            let headers = response.headers();
            let next = response
                .status()
                .is_redirection()
                .then(|| headers.get(header::LOCATION)?.to_str().ok())
                .flatten()
                .map(|location| join(&current, location))
                .transpose()?;
            // A content delivery network has an ETag of its own, which says nothing of the hash.
            let from_hub = from_endpoint || headers.contains_key("x-repo-commit");
            if from_hub {
                let plain = |name: &str| headers.get(name).filter(|_| next.is_none());
                id = headers
                    .get("x-linked-etag")
                    .or_else(|| plain("etag"))
                    .and_then(|value| BlobId::parse(value.to_str().ok()?))
                    .or(id);
                let full = next.is_none() && response.status() == StatusCode::OK;
                size = number(headers, "x-linked-size")
                    .or_else(|| number(headers, "content-length").filter(|_| full))
                    .or(size);
            }
            let leaves_hub = next
                .as_ref()
                .is_some_and(|next| Origin::of(next) != self.origin);
            let known = method == Method::Head && leaves_hub && id.is_some() && size.is_some();
            match next {
                Some(next) if !known => {
                    if current.scheme_str() == Some("https") && next.scheme_str() != Some("https") {
                        return Err(HubError::NotAHub {
                            url: current.to_string(),
                            why: "it redirects to an address without TLS".to_owned(),
                        });
                    }
                    current = next;
                }
                _ => {
                    return Ok(Answer {
                        response,
                        url: current,
                        from_hub,
                        id,
                        size,
                    });
                }
            }
        }
        Err(HubError::RedirectLoop {
            url: url.to_owned(),
        })
    }

    fn send_once(
        &self,
        method: Method,
        url: &Uri,
        start: Option<u64>,
        with_token: bool,
    ) -> Result<Response<Body>, ureq::Error> {
        let agent = match url.scheme_str() {
            Some("https") => &self.https,
            _ => &self.http,
        };
        let mut request = match method {
            Method::Get => agent.get(url),
            Method::Head => agent.head(url),
        };
        if let Some(start @ 1..) = start {
            request = request.header(header::RANGE, format!("bytes={start}-"));
        }
        if let Some(token) = self.options.token.as_ref().filter(|_| with_token) {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", token.secret()));
        }
        request.call()
    }

    /// What a status other than success means. The hub names its reasons in `X-Error-Code`; an
    /// unknown repository is answered with 401 where no token was sent.
    fn refusal(&self, answer: &Answer, model: &HubModel, file: Option<&str>) -> HubError {
        let endpoint = self.options.endpoint.clone();
        let repo = model.id.clone();
        let with_token = self.options.token.is_some();
        let headers = answer.response.headers();
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let status = answer.response.status();
        let unknown = |endpoint, repo| HubError::UnknownRepo {
            endpoint,
            repo,
            with_token,
        };
        match (text("x-error-code"), status.as_u16()) {
            (Some("GatedRepo"), _) => HubError::Gated {
                endpoint,
                repo,
                with_token,
            },
            (Some("RepoNotFound"), _) => unknown(endpoint, repo),
            (Some("RevisionNotFound"), _) => HubError::UnknownRevision {
                endpoint,
                repo,
                revision: model.revision.clone(),
            },
            (_, 408 | 500..) => HubError::Server {
                host: host(&answer.url),
                status: status.as_u16(),
                after: retry_after(headers),
            },
            (_, 429) => HubError::RateLimited {
                host: host(&answer.url),
                after: retry_after(headers),
            },
            // An address signed for a while that is over: asking the hub anew gives a fresh one.
            (_, 401 | 403) if !answer.from_hub => HubError::Server {
                host: host(&answer.url),
                status: status.as_u16(),
                after: None,
            },
            (_, 401) if with_token => HubError::BadToken { endpoint },
            (_, 401) => unknown(endpoint, repo),
            (_, 403) => HubError::Forbidden {
                endpoint,
                repo,
                why: text("x-error-message").unwrap_or("HTTP 403").to_owned(),
            },
            (_, 404) => match file {
                Some(file) => HubError::MissingFile {
                    endpoint,
                    repo,
                    file: file.to_owned(),
                },
                None => unknown(endpoint, repo),
            },
            (_, status) => HubError::NotAHub {
                url: answer.url.to_string(),
                why: format!("HTTP {status}"),
            },
        }
    }

    /// What a failure below HTTP means.
    fn failure(&self, error: ureq::Error, host: &str) -> HubError {
        let host = host.to_owned();
        match error {
            ureq::Error::Timeout(_) => HubError::Timeout {
                host,
                after: self.options.timeout,
            },
            ureq::Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => {
                HubError::Timeout {
                    host,
                    after: self.options.timeout,
                }
            }
            ureq::Error::HostNotFound => HubError::NoNetwork {
                host,
                why: "its name is not known here".to_owned(),
            },
            // rustls reports a bad certificate as invalid data on the connection.
            ureq::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => HubError::Tls {
                host,
                why: error.to_string(),
            },
            ureq::Error::Io(error) => HubError::NoNetwork {
                host,
                why: error.to_string(),
            },
            error @ (ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::Pem(_)) => {
                HubError::Tls {
                    host,
                    why: error.to_string(),
                }
            }
            error @ (ureq::Error::ConnectionFailed | ureq::Error::ConnectProxyFailed(_)) => {
                HubError::NoNetwork {
                    host,
                    why: error.to_string(),
                }
            }
            error => HubError::NotAHub {
                url: host,
                why: error.to_string(),
            },
        }
    }
}

/// What a manifest says of files that no hub lists; where one is known packed and not, the packed one.
fn pinned(manifest: &Manifest) -> Listing {
    let files = manifest.files.iter();
    let fetched = files.filter(|file| manifest.file(&format!("{}.gz", file.name)).is_none());
    let files = fetched.map(|file| RemoteFile {
        name: file.name.clone(),
        stated: file
            .size
            .zip(file.sha256.clone())
            .map(|(size, hash)| Stated {
                size,
                id: BlobId::Sha256(hash),
            }),
    });
    Listing {
        commit: pinned_commit(manifest),
        files: files.collect(),
    }
}

/// What stands for the commit of files that no hub keeps: a hash of all that is pinned.
pub(crate) fn pinned_commit(manifest: &Manifest) -> String {
    let files = manifest.files.iter();
    let lines = files.map(|f| format!("{}  {}\n", f.sha256.as_deref().unwrap_or_default(), f.name));
    let mut commit = sha256_hex(lines.collect::<String>().as_bytes());
    commit.truncate(40);
    commit
}

impl Origin {
    fn of(url: &Uri) -> Self {
        let https = url.scheme_str() == Some("https");
        Self {
            https,
            host: url.host().unwrap_or_default().to_ascii_lowercase(),
            port: url.port_u16().unwrap_or(if https { 443 } else { 80 }),
        }
    }
}

/// `host` or `host:port`, as messages name it.
fn host(url: &Uri) -> String {
    let host = url.host().unwrap_or("the server");
    match url.port_u16() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn parse_url(url: &str) -> Result<Uri, HubError> {
    let bad = |why: &str| HubError::NotAHub {
        url: url.to_owned(),
        why: why.to_owned(),
    };
    let parsed: Uri = url.parse().map_err(|_| bad("no valid address"))?;
    match (parsed.scheme_str(), parsed.host()) {
        (Some("http" | "https"), Some(host)) if !host.is_empty() => Ok(parsed),
        _ => Err(bad("no valid address")),
    }
}

/// The address that a `Location` means (RFC 3986, section 5.2.2; a path relative to another is
/// taken below its folder).
fn join(base: &Uri, location: &str) -> Result<Uri, HubError> {
    let scheme = base.scheme_str().unwrap_or("https");
    let authority = base.authority().map_or("", |a| a.as_str());
    if location.starts_with("http://") || location.starts_with("https://") {
        parse_url(location)
    } else if location.starts_with("//") {
        parse_url(&format!("{scheme}:{location}"))
    } else if location.starts_with('/') {
        parse_url(&format!("{scheme}://{authority}{location}"))
    } else {
        let folder = base
            .path()
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder);
        parse_url(&format!("{scheme}://{authority}{folder}/{location}"))
    }
}

/// One segment of a path, percent-encoded (RFC 3986, section 2.3).
fn escape(segment: &str) -> String {
    segment.bytes().fold(String::new(), |mut escaped, byte| {
        use std::fmt::Write;
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
        escaped
    })
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// First byte and whole length of `Content-Range: bytes 5-9/10`.
fn content_range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let value = headers.get(header::CONTENT_RANGE)?.to_str().ok()?;
    let (range, size) = value.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, _) = range.split_once('-')?;
    Some((first.trim().parse().ok()?, size.trim().parse().ok()))
}

/// `Retry-After` in seconds, or the reset time of the hub's `RateLimit: "api";r=0;t=55`.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let from_ratelimit = || {
        let value = headers.get("ratelimit")?.to_str().ok()?;
        let field = |name: &str| {
            let mut fields = value.split(';');
            fields.find_map(|field| field.trim().strip_prefix(name)?.parse::<u64>().ok())
        };
        field("t=").filter(|_| field("r=") == Some(0))
    };
    number(headers, "retry-after")
        .or_else(from_ratelimit)
        .map(Duration::from_secs)
}

fn certificates(path: &std::path::Path) -> Result<RootCerts, HubError> {
    let pem = std::fs::read(path).at("read", path)?;
    let mut found = Vec::new();
    for item in parse_pem(&pem) {
        if let Ok(PemItem::Certificate(certificate)) = item {
            found.push(certificate);
        }
    }
    if found.is_empty() {
        return Err(HubError::BadSetting {
            variable: "SSL_CERT_FILE",
            value: path.display().to_string(),
            why: "it holds no certificate in PEM".to_owned(),
        });
    }
    Ok(RootCerts::from(found))
}

fn proxy(
    variable: &'static str,
    address: Option<&str>,
    options: &HubOptions,
) -> Result<Option<Proxy>, HubError> {
    let Some(address) = address else {
        return Ok(None);
    };
    let bad = |_| HubError::BadSetting {
        variable,
        value: address.to_owned(),
        why: "no proxy's address".to_owned(),
    };
    let plain = Proxy::new(address).map_err(bad)?;
    let mut builder = Proxy::builder(plain.protocol())
        .host(plain.host())
        .port(plain.port())
        .resolve_target(plain.resolve_target());
    if let Some(name) = plain.username() {
        builder = builder.username(name);
    }
    if let Some(password) = plain.password() {
        builder = builder.password(password);
    }
    for host in &options.no_proxy {
        builder = builder.no_proxy(host);
    }
    builder.build().map(Some).map_err(bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_are_resolved_against_where_they_came_from() {
        let base = parse_url("https://hub.example/org/name/resolve/main/config.json?x=1").unwrap();
        for (location, joined) in [
            ("https://cdn.example/a?b=c", "https://cdn.example/a?b=c"),
            ("//cdn.example/a", "https://cdn.example/a"),
            (
                "/api/resolve-cache/a?etag=%22b%22",
                "https://hub.example/api/resolve-cache/a?etag=%22b%22",
            ),
            (
                "other.json",
                "https://hub.example/org/name/resolve/main/other.json",
            ),
        ] {
            assert_eq!(join(&base, location).unwrap().to_string(), joined);
        }
        for bad in ["http://", "https:// /", "//"] {
            assert!(join(&base, bad).is_err(), "{bad} was accepted");
        }
    }

    #[test]
    fn origins_differ_by_scheme_host_and_port() {
        let same = |a: &str, b: &str| {
            Origin::of(&parse_url(a).unwrap()) == Origin::of(&parse_url(b).unwrap())
        };
        assert!(same("https://Hub.example/a", "https://hub.example:443/b"));
        assert!(!same("https://hub.example", "http://hub.example"));
        assert!(!same("http://hub.example:8000", "http://hub.example:8001"));
        assert!(!same(
            "https://hub.example",
            "https://hub.example.evil.example"
        ));
    }

    #[test]
    fn headers_are_read() {
        let mut headers = HeaderMap::new();
        headers.insert("content-range", "bytes 5-9/10".parse().unwrap());
        assert_eq!(content_range(&headers), Some((5, Some(10))));
        headers.insert("content-range", "bytes 5-9/*".parse().unwrap());
        assert_eq!(content_range(&headers), Some((5, None)));
        headers.insert("content-range", "bytes */10".parse().unwrap());
        assert_eq!(content_range(&headers), None);
        headers.insert("ratelimit", "\"api\";r=0;t=55".parse().unwrap());
        assert_eq!(retry_after(&headers), Some(Duration::from_secs(55)));
        headers.insert("ratelimit", "\"api\";r=3;t=55".parse().unwrap());
        assert_eq!(retry_after(&headers), None);
        headers.insert("retry-after", "7".parse().unwrap());
        assert_eq!(retry_after(&headers), Some(Duration::from_secs(7)));
        assert_eq!(escape("refs/pr/1 ü"), "refs%2Fpr%2F1%20%C3%BC");
    }
}
