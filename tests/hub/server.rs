//! A hub of our own, faithful to huggingface.co as far as its clients can see: the model API, files
//! behind a redirect to a content delivery network on another origin, hashes in `X-Linked-Etag`,
//! byte ranges, error codes — and faults on demand. It listens on two ports of the loopback
//! interface, one for the hub, one for the network.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};

/// A running hub; it stops listening to new requests when the process ends.
pub(crate) struct Hub {
    pub(crate) endpoint: String,
    pub(crate) cdn: String,
    state: Arc<Mutex<State>>,
}

/// One repository: commits by id, branches and tags by name.
#[derive(Clone, Default)]
pub(crate) struct Repo {
    pub(crate) commits: BTreeMap<String, BTreeMap<String, Arc<Vec<u8>>>>,
    pub(crate) refs: BTreeMap<String, String>,
    pub(crate) gated: bool,
    pub(crate) private: bool,
}

/// A request as the hub or its network saw it.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) cdn: bool,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) host: String,
    pub(crate) range: Option<u64>,
    pub(crate) token: Option<String>,
    pub(crate) body: String,
    /// The host that a proxy was asked for.
    pub(crate) proxied_to: Option<String>,
}

/// What goes wrong with a request.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// This status, with these headers.
    Status(u16, Vec<(&'static str, String)>),
    /// The connection ends after so many bytes of the body.
    CutAfter(usize),
    /// The body is so much longer (or shorter) than listed, and says so.
    Longer(isize),
    /// The body has the right length and a wrong byte at this place.
    Flip(usize),
    /// The answer redirects to itself.
    Loop,
    /// So many bytes at a time, with so long a pause between.
    Pace(usize, Duration),
    /// Headers, then silence.
    Silence(Duration),
    /// `Range` is ignored.
    NoRanges,
    /// The hub names another hash than it listed.
    Renamed,
    /// An HTML page, as a login page in between gives.
    LoginPage,
}

#[derive(Default)]
struct State {
    repos: BTreeMap<String, Repo>,
    tokens: Vec<String>,
    log: Vec<Request>,
    /// Bytes of all bodies, as they would be without ranges and faults.
    sent: usize,
    faults: Vec<Planned>,
    /// A mirror that leaves hashes out of its listings.
    bare_listings: bool,
    /// Sizes that the hub claims, by file name.
    claimed_sizes: BTreeMap<String, u64>,
}

/// A fault to come.
struct Planned {
    part: String,
    /// So many requests that fit go well first.
    skip: usize,
    times: usize,
    fault: Fault,
}

struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Arc<Vec<u8>>,
}

impl Hub {
    pub(crate) fn start() -> Self {
        let hub = TcpListener::bind("127.0.0.1:0").unwrap();
        let cdn = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", hub.local_addr().unwrap());
        let cdn_address = format!("http://{}", cdn.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        for (listener, is_cdn) in [(hub, false), (cdn, true)] {
            let (state, cdn_address) = (Arc::clone(&state), cdn_address.clone());
            thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    let (state, cdn_address) = (Arc::clone(&state), cdn_address.clone());
                    thread::spawn(move || serve(&stream, is_cdn, &cdn_address, &state));
                }
            });
        }
        Self {
            endpoint,
            cdn: cdn_address,
            state,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn add(&self, id: &str, repo: Repo) {
        self.state().repos.insert(id.to_owned(), repo);
    }

    pub(crate) fn change(&self, id: &str, change: impl FnOnce(&mut Repo)) {
        change(self.state().repos.get_mut(id).unwrap());
    }

    pub(crate) fn accept_token(&self, token: &str) {
        self.state().tokens.push(token.to_owned());
    }

    pub(crate) fn leave_hashes_out_of_listings(&self) {
        self.state().bare_listings = true;
    }

    pub(crate) fn claim_size(&self, file: &str, size: u64) {
        self.state().claimed_sizes.insert(file.to_owned(), size);
    }

    /// The next `times` requests whose path contains `part` go wrong; of several faults that fit,
    /// the first that was given.
    pub(crate) fn fail(&self, part: &str, times: usize, fault: Fault) {
        self.fail_after(0, part, times, fault);
    }

    /// As [`Hub::fail`], once `skip` such requests went well.
    pub(crate) fn fail_after(&self, skip: usize, part: &str, times: usize, fault: Fault) {
        self.state().faults.push(Planned {
            part: part.to_owned(),
            skip,
            times,
            fault,
        });
    }

    pub(crate) fn heal(&self) {
        self.state().faults.clear();
    }

    /// Bytes that were sent, at most.
    pub(crate) fn sent(&self) -> usize {
        self.state().sent
    }

    /// The requests since the last call.
    pub(crate) fn take_log(&self) -> Vec<Request> {
        std::mem::take(&mut self.state().log)
    }
}

impl State {
    fn next_fault(&mut self, path: &str) -> Option<Fault> {
        for planned in &mut self.faults {
            if !path.contains(&planned.part) || planned.times == 0 {
                continue;
            }
            if planned.skip > 0 {
                planned.skip -= 1;
                continue;
            }
            planned.times -= 1;
            return Some(planned.fault.clone());
        }
        None
    }
}

impl Repo {
    /// A repository with one commit, which `main` points to.
    pub(crate) fn with_files<'a>(files: impl IntoIterator<Item = (&'a str, Vec<u8>)>) -> Self {
        let mut repo = Self::default();
        repo.commit("main", files);
        repo
    }

    /// Adds a commit and moves a branch to it; gives its id.
    pub(crate) fn commit<'a>(
        &mut self,
        branch: &str,
        files: impl IntoIterator<Item = (&'a str, Vec<u8>)>,
    ) -> String {
        let files: BTreeMap<String, Arc<Vec<u8>>> = files
            .into_iter()
            .map(|(name, bytes)| (name.to_owned(), Arc::new(bytes)))
            .collect();
        let mut listing = String::new();
        for (name, bytes) in &files {
            let _ = writeln!(listing, "{name} {}", sha256(bytes));
        }
        let commit = git_id(listing.as_bytes());
        self.commits.insert(commit.clone(), files);
        self.refs.insert(branch.to_owned(), commit.clone());
        commit
    }

    pub(crate) fn head(&self) -> &str {
        &self.refs["main"]
    }

    fn resolve<'a>(&'a self, revision: &'a str) -> Option<&'a str> {
        let commit = self.refs.get(revision).map_or(revision, String::as_str);
        self.commits.contains_key(commit).then_some(commit)
    }
}

/// Large files are in git-lfs, as `.gitattributes` of a model repository has it.
pub(crate) fn is_lfs(name: &str) -> bool {
    [
        ".safetensors",
        ".bin",
        ".h5",
        ".msgpack",
        ".onnx",
        ".ot",
        ".spm",
    ]
    .iter()
    .any(|end| name.ends_with(end))
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(digest(&SHA256, bytes).as_ref())
}

pub(crate) fn git_id(bytes: &[u8]) -> String {
    let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    context.update(format!("blob {}\0", bytes.len()).as_bytes());
    context.update(bytes);
    hex(context.finish().as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn serve(mut stream: &TcpStream, cdn: bool, cdn_address: &str, state: &Mutex<State>) {
    let mut first = [0];
    if stream.peek(&mut first).is_ok_and(|read| read == 1) && first[0] == 0x16 {
        // A TLS handshake on a plain port.
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        return;
    }
    let mut reader = BufReader::new(stream);
    let mut cdn = cdn;
    while let Ok(Some(mut request)) = read_request(&mut reader) {
        if let Some(host) = &request.proxied_to {
            cdn = *host == cdn_address["http://".len()..];
        }
        request.cdn = cdn;
        if request.method == "CONNECT" {
            // As a proxy would: whatever host was asked for, it is here.
            if stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").is_err() {
                return;
            }
            continue;
        }
        let fault = {
            let mut state = state.lock().unwrap();
            state.log.push(request.clone());
            state.next_fault(&request.path)
        };
        let answer = answer(&request, cdn_address, state, fault.as_ref());
        if request.method != "HEAD" {
            state.lock().unwrap().sent += answer.body.len();
        }
        if send(stream, &request, answer, fault.as_ref()).is_err() {
            return;
        }
    }
}

fn read_request(reader: &mut impl BufRead) -> io::Result<Option<Request>> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Ok(None);
    };
    // A proxy is told the whole address, or asked for a tunnel to a host.
    let (proxied_to, path) = match (method, target.strip_prefix("http://")) {
        ("CONNECT", _) => (Some(target), ""),
        (_, Some(rest)) => {
            let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            (Some(host), path)
        }
        (_, None) => (None, target),
    };
    let mut request = Request {
        cdn: false,
        method: method.to_owned(),
        path: path.to_owned(),
        host: String::new(),
        range: None,
        token: None,
        body: String::new(),
        proxied_to: proxied_to.map(str::to_owned),
    };
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else {
            let mut body = vec![0; length];
            reader.read_exact(&mut body)?;
            request.body = String::from_utf8_lossy(&body).into_owned();
            return Ok(Some(request));
        };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "range" => {
                let first = value
                    .strip_prefix("bytes=")
                    .and_then(|r| r.split('-').next());
                request.range = first.and_then(|first| first.parse().ok());
            }
            "authorization" => request.token = value.strip_prefix("Bearer ").map(str::to_owned),
            "content-length" => length = value.parse().unwrap_or(0),
            "host" => value.clone_into(&mut request.host),
            _ => {}
        }
    }
}

fn answer(
    request: &Request,
    cdn_address: &str,
    state: &Mutex<State>,
    fault: Option<&Fault>,
) -> Answer {
    match fault {
        Some(Fault::Status(status, headers)) => {
            let empty = Answer::empty(*status);
            let headers = headers.iter();
            return headers.fold(empty, |answer, (name, value)| answer.with(name, value));
        }
        Some(Fault::Loop) => {
            let itself = format!("http://{}{}", request.host, request.path);
            return Answer::empty(302).with("Location", &itself);
        }
        Some(Fault::LoginPage) => {
            let page = b"<html><body>Please log in</body></html>".to_vec();
            return Answer::ok(Arc::new(page)).with("Content-Type", "text/html");
        }
        _ => {}
    }
    let state = state.lock().unwrap();
    let path = unescape(request.path.split('?').next().unwrap_or_default());
    if request.cdn {
        return blob(&state, &path);
    }
    let token = request.token.as_ref();
    let known = token.is_some_and(|token| state.tokens.contains(token));
    if token.is_some() && !known {
        return Answer::error(401, "", "Invalid credentials in Authorization header");
    }
    let (kind, rest) = ["/api/models/", "/api/resolve-cache/models/", "/"]
        .into_iter()
        .find_map(|kind| Some((kind, path.strip_prefix(kind)?)))
        .unwrap();
    let mut parts = rest.splitn(3, '/');
    let mut part = || parts.next().unwrap_or_default();
    let (id, rest) = (format!("{}/{}", part(), part()), part());
    let Some(repo) = state.repos.get(&id).filter(|repo| !repo.private || known) else {
        // Whoever is not logged in is not told whether there is such a repository.
        let status = if known { 404 } else { 401 };
        return Answer::error(status, "RepoNotFound", "Repository not found");
    };
    if kind == "/api/models/" {
        return api(&id, repo, rest, request, &state);
    }
    if repo.gated && !known {
        return Answer::error(401, "GatedRepo", "Access to this model is restricted");
    }
    let renamed = matches!(fault, Some(Fault::Renamed));
    match rest.strip_prefix("resolve/") {
        Some(rest) => resolve(&id, repo, rest, &state, cdn_address, renamed),
        None => small_file(repo, rest, renamed),
    }
}

/// A file on the content delivery network.
fn blob(state: &State, path: &str) -> Answer {
    let found = state
        .repos
        .values()
        .flat_map(|repo| repo.commits.values())
        .flat_map(BTreeMap::values)
        .find(|bytes| path == format!("/blobs/{}", sha256(bytes)));
    match found {
        // The network's ETag looks like a hash of the file and is none.
        Some(bytes) => {
            let etag = format!("\"{}\"", sha256(path.as_bytes()));
            Answer::ok(Arc::clone(bytes)).with("ETag", &etag)
        }
        None => Answer::empty(403),
    }
}

/// `/api/models/{id}[/revision/{revision} | /tree/{revision} | /paths-info/{revision}]`.
fn api(id: &str, repo: &Repo, rest: &str, request: &Request, state: &State) -> Answer {
    let (what, revision) = match rest.split_once('/') {
        None if rest.is_empty() => ("revision", "main"),
        None => return Answer::empty(404),
        Some(listing) => listing,
    };
    match (what, repo.resolve(revision)) {
        (_, None) => Answer::error(404, "RevisionNotFound", "Invalid rev id"),
        ("tree", Some(commit)) => tree(repo, commit, |_| true),
        ("paths-info", Some(commit)) => {
            // A form: `paths=a&paths=b`.
            let fields = request.body.split('&');
            let paths = fields.filter_map(|field| field.strip_prefix("paths="));
            let paths: Vec<String> = paths.map(unescape).collect();
            tree(repo, commit, |name| paths.iter().any(|path| path == name))
        }
        ("revision", Some(commit)) => {
            let blobs = request.path.contains("blobs=") && !state.bare_listings;
            info(id, repo, commit, blobs, &state.claimed_sizes)
        }
        _ => Answer::empty(404),
    }
}

/// The commit and the file of `{revision}/{file}`, where both may hold slashes.
fn commit_and_file<'a>(repo: &'a Repo, path: &'a str) -> Result<(&'a str, &'a str), Answer> {
    let found = path.match_indices('/').rev().find_map(|(at, _)| {
        let commit = repo.resolve(&path[..at])?;
        Some((commit, &path[at + 1..]))
    });
    let Some((commit, name)) = found else {
        return Err(Answer::error(404, "RevisionNotFound", "Invalid rev id"));
    };
    if !repo.commits[commit].contains_key(name) {
        let answer = Answer::error(404, "EntryNotFound", "Entry not found");
        return Err(answer.with("X-Repo-Commit", commit));
    }
    Ok((commit, name))
}

/// `/{id}/resolve/{revision}/{file}`: to the network for what git-lfs holds, else to the hub's own
/// cache.
fn resolve(
    id: &str,
    repo: &Repo,
    path: &str,
    state: &State,
    cdn_address: &str,
    renamed: bool,
) -> Answer {
    let (commit, name) = match commit_and_file(repo, path) {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let bytes = &repo.commits[commit][name];
    if !is_lfs(name) {
        let etag = stated(git_id(bytes), git_id(b"another file"), renamed);
        let location = format!("/api/resolve-cache/models/{id}/{commit}/{name}?etag=%22{etag}%22");
        return Answer::empty(307)
            .with("Location", &location)
            .with("X-Repo-Commit", commit);
    }
    let hash = sha256(bytes);
    let size = state.claimed_sizes.get(name).copied();
    let location = format!("{cdn_address}/blobs/{hash}?X-Amz-Expires=3600&Signature=abc");
    let etag = stated(hash, sha256(b"another file"), renamed);
    Answer::empty(302)
        .with("Location", &location)
        .with("X-Repo-Commit", commit)
        .with(
            "X-Linked-Size",
            &size.unwrap_or(bytes.len() as u64).to_string(),
        )
        .with("X-Linked-Etag", &format!("\"{etag}\""))
        .with("ETag", "W/\"redirect-body\"")
}

/// `/api/resolve-cache/models/{id}/{commit}/{file}`.
fn small_file(repo: &Repo, path: &str, renamed: bool) -> Answer {
    let (commit, name) = match commit_and_file(repo, path) {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let bytes = &repo.commits[commit][name];
    let etag = stated(git_id(bytes), git_id(b"another file"), renamed);
    Answer::ok(Arc::clone(bytes))
        .with("X-Repo-Commit", commit)
        .with("ETag", &format!("\"{etag}\""))
}

fn stated(hash: String, other: String, renamed: bool) -> String {
    if renamed { other } else { hash }
}

/// `/api/models/{id}/revision/{revision}`.
fn info(
    id: &str,
    repo: &Repo,
    commit: &str,
    blobs: bool,
    claimed: &BTreeMap<String, u64>,
) -> Answer {
    let siblings: Vec<_> = repo.commits[commit]
        .iter()
        .map(|(name, bytes)| {
            let mut sibling = serde_json::json!({ "rfilename": name });
            if blobs {
                let size = claimed.get(name).copied().unwrap_or(bytes.len() as u64);
                sibling["size"] = size.into();
                sibling["blobId"] = pointer_or_blob(name, bytes).into();
                if is_lfs(name) {
                    sibling["lfs"] = serde_json::json!({"sha256": sha256(bytes), "size": size, "pointerSize": 134});
                }
            }
            sibling
        })
        .collect();
    json(&serde_json::json!({
        "_id": "0", "id": id, "modelId": id, "author": id.split('/').next(), "sha": commit,
        "private": repo.private, "gated": if repo.gated { serde_json::json!("auto") } else { false.into() },
        "disabled": false, "downloads": 0, "likes": 0, "tags": [], "pipeline_tag": "translation",
        "createdAt": "2024-01-01T00:00:00.000Z", "lastModified": "2024-01-01T00:00:00.000Z", "siblings": siblings,
    }))
}

/// `/api/models/{id}/tree/{revision}`, and `/paths-info/` for some of its files.
fn tree(repo: &Repo, commit: &str, is_wanted: impl Fn(&str) -> bool) -> Answer {
    let entries: Vec<_> = repo.commits[commit]
        .iter()
        .filter(|(name, _)| is_wanted(name))
        .map(|(name, bytes)| {
            let mut entry = serde_json::json!({
                "type": "file", "path": name, "size": bytes.len(), "oid": pointer_or_blob(name, bytes),
            });
            if is_lfs(name) {
                entry["lfs"] = serde_json::json!({"oid": sha256(bytes), "size": bytes.len(), "pointerSize": 134});
            }
            entry
        })
        .collect();
    json(&serde_json::Value::from(entries))
}

/// Git's id of what is in the repository: the file, or the pointer that git-lfs puts in its place.
fn pointer_or_blob(name: &str, bytes: &[u8]) -> String {
    if !is_lfs(name) {
        return git_id(bytes);
    }
    let (hash, size) = (sha256(bytes), bytes.len());
    let pointer =
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{hash}\nsize {size}\n");
    git_id(pointer.as_bytes())
}

fn json(value: &serde_json::Value) -> Answer {
    Answer::ok(Arc::new(value.to_string().into_bytes())).with("Content-Type", "application/json")
}

impl Answer {
    fn ok(body: Arc<Vec<u8>>) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body,
        }
    }

    fn empty(status: u16) -> Self {
        Self {
            status,
            ..Self::ok(Arc::default())
        }
    }

    fn error(status: u16, code: &str, message: &str) -> Self {
        let answer = Self::empty(status).with("X-Error-Message", message);
        if code.is_empty() {
            return answer;
        }
        answer.with("X-Error-Code", code)
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

fn send(
    mut stream: &TcpStream,
    request: &Request,
    answer: Answer,
    fault: Option<&Fault>,
) -> io::Result<()> {
    let Answer {
        mut status,
        mut headers,
        body,
    } = answer;
    let mut body = body.as_ref().clone();
    let total = body.len();
    match fault {
        Some(Fault::Longer(by)) => body.resize(total.saturating_add_signed(*by), b'!'),
        Some(Fault::Flip(at)) if *at < total => body[*at] ^= 1,
        _ => {}
    }
    let total = body.len();
    if status == 200 {
        headers.push(("Accept-Ranges".to_owned(), "bytes".to_owned()));
        let ranges = !matches!(fault, Some(Fault::NoRanges));
        if let Some(first) = request.range.filter(|_| ranges) {
            let first = usize::try_from(first).unwrap_or(usize::MAX);
            if first >= total {
                status = 416;
                headers.push(("Content-Range".to_owned(), format!("bytes */{total}")));
                body.clear();
            } else {
                status = 206;
                headers.push((
                    "Content-Range".to_owned(),
                    format!("bytes {first}-{}/{total}", total - 1),
                ));
                body.drain(..first);
            }
        }
    }
    let mut head = format!(
        "HTTP/1.1 {status} Status\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in &headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    if request.method == "HEAD" {
        return Ok(());
    }
    match fault {
        Some(Fault::CutAfter(bytes)) => {
            stream.write_all(&body[..body.len().min(*bytes)])?;
            stream.flush()?;
            stream.shutdown(std::net::Shutdown::Both)?;
            Err(io::Error::other("cut"))
        }
        Some(Fault::Silence(length)) => {
            stream.flush()?;
            thread::sleep(*length);
            Err(io::Error::other("silent"))
        }
        Some(Fault::Pace(bytes, pause)) => {
            for piece in body.chunks(*bytes) {
                stream.write_all(piece)?;
                stream.flush()?;
                thread::sleep(*pause);
            }
            Ok(())
        }
        _ => stream.write_all(&body),
    }
}

fn unescape(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = || u8::from_str_radix(std::str::from_utf8(tail.get(..2)?).ok()?, 16).ok();
        if let Some(byte) = (*first == b'%').then(escaped).flatten() {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
