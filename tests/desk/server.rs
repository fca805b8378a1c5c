//! A desk for a test, and the plainest of clients.
#![allow(dead_code, reason = "each test uses its own part of it")]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) port: u16,
}

/// `kuaibao serve` on a folder, as soon as it is open.
pub(crate) fn serve(dir: &Path, arguments: &[&str]) -> Server {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kuaibao"))
        .env(
            "KUAIBAO_MODELS",
            concat!(env!("CARGO_MANIFEST_DIR"), "/models"),
        )
        .env("HF_HUB_OFFLINE", "1")
        .env("USER", "lin")
        .args(["serve", "--port", "0", "--beam", "1", "--quiet"])
        .args(arguments)
        .arg(dir)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    let port = loop {
        let mut line = String::new();
        assert!(
            told.read_line(&mut line).unwrap() > 0,
            "the desk did not open: {said}"
        );
        said.push_str(&line);
        if let Some((_, rest)) = line.split_once("the desk is open at http://") {
            let port = rest
                .trim()
                .trim_end_matches('/')
                .rsplit(':')
                .next()
                .unwrap();
            break port.parse().unwrap();
        }
    };
    // What it says later is of use when a test fails.
    thread::spawn(move || {
        for line in told.lines().map_while(Result::ok) {
            eprintln!("desk: {line}");
        }
    });
    let server = Server { child, port };
    let since = Instant::now();
    while TcpStream::connect(("127.0.0.1", server.port)).is_err() {
        assert!(since.elapsed() < Duration::from_secs(10));
        thread::sleep(Duration::from_millis(20));
    }
    server
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer: its status, its head, its body.
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {} {text}", self.status))
    }
}

impl Server {
    /// Asks with these lines in the head, besides what every request has.
    pub(crate) fn ask(&self, method: &str, path: &str, head: &[&str], body: &[u8]) -> Got {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_mins(5)))
            .unwrap();
        let host = match head.iter().any(|line| line.starts_with("Host:")) {
            true => String::new(),
            false => format!("Host: 127.0.0.1:{}\r\n", self.port),
        };
        let lines = head
            .iter()
            .fold(String::new(), |all, line| all + line + "\r\n");
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\n{host}{lines}Content-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        // A body that is refused may not be read to its end.
        let _ = stream.write_all(body);
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer
            .windows(4)
            .position(|w| w == b"\r\n\r\n")
            .expect("a head");
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Got {
            status,
            body: answer[end + 4..].to_vec(),
            head: head.to_lowercase(),
        }
    }

    pub(crate) fn get(&self, path: &str) -> Got {
        self.ask("GET", path, &[], b"")
    }

    pub(crate) fn post(&self, path: &str, fields: Value) -> Got {
        let body = fields.to_string();
        self.ask(
            "POST",
            path,
            &["Content-Type: application/json"],
            body.as_bytes(),
        )
    }

    pub(crate) fn upload(&self, name: &str, bytes: &[u8]) -> Got {
        self.ask("POST", &format!("/desk/upload?name={name}"), &[], bytes)
    }

    /// Waits until so many pages are briefed and none is on its way; gives what the index shows.
    pub(crate) fn briefed(&self, count: usize) -> Value {
        let since = Instant::now();
        loop {
            let pages = self.get("/desk/pages").json();
            let jobs = pages["jobs"].as_array().unwrap();
            let failed: Vec<&Value> = jobs.iter().filter(|j| j["state"] == "failed").collect();
            assert!(failed.is_empty(), "{failed:?}");
            let rests = jobs.iter().all(|job| job["state"] == "done");
            if rests && pages["briefs"].as_array().unwrap().len() >= count {
                return pages;
            }
            assert!(since.elapsed() < Duration::from_mins(3), "{pages}");
            thread::sleep(Duration::from_millis(50));
        }
    }
}

/// A brief of an output folder.
pub(crate) fn brief(dir: &Path, page: &str) -> Value {
    let file: PathBuf = dir.join(page).join("1.json");
    serde_json::from_slice(&fs::read(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display())))
        .unwrap()
}
