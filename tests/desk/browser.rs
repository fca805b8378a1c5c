//! A real browser, driven over its DevTools protocol: <https://chromedevtools.github.io/devtools-protocol/>.

#![allow(dead_code, reason = "each test uses its own part of it")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

pub(crate) struct Browser {
    child: Child,
    port: u16,
    _profile: tempfile::TempDir,
}

/// A tab of a browser.
pub(crate) struct Tab {
    stream: BufReader<TcpStream>,
    serial: u64,
    /// What its console and its errors said.
    pub(crate) complaints: Vec<String>,
}

impl Browser {
    /// `None` where no Chromium is installed.
    pub(crate) fn start() -> Option<Self> {
        let name = ["chromium", "chromium-browser", "google-chrome"]
            .into_iter()
            .find(|name| {
                let mut version = Command::new(name);
                version
                    .arg("--version")
                    .stdout(Stdio::null())
                    .stderr(Stdio::null());
                version.status().is_ok_and(|status| status.success())
            });
        let Some(name) = name else {
            eprintln!("skipped: no Chromium is installed");
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        let mut child = Command::new(name)
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
            ])
            .args(["--no-first-run", "--remote-debugging-port=0", "about:blank"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut told = BufReader::new(child.stderr.take().unwrap());
        let port = loop {
            let mut line = String::new();
            assert!(told.read_line(&mut line).unwrap() > 0, "the browser ended");
            if let Some((_, rest)) = line.split_once("DevTools listening on ws://") {
                let host = rest.split('/').next().unwrap();
                break host.rsplit(':').next().unwrap().parse().unwrap();
            }
        };
        thread::spawn(move || told.lines().for_each(drop));
        Some(Self {
            child,
            port,
            _profile: profile,
        })
    }

    pub(crate) fn tab(&self) -> Tab {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let host = format!("127.0.0.1:{}", self.port);
        write!(
            stream,
            "PUT /json/new?about:blank HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let told: Value = serde_json::from_slice(&body).unwrap();
        let address = told["webSocketDebuggerUrl"].as_str().unwrap();
        let path = &address[address.find("/devtools").unwrap()..];
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_mins(2)))
            .unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        .unwrap();
        let mut stream = BufReader::new(stream);
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            if line.trim().is_empty() {
                break;
            }
        }
        let mut tab = Tab {
            stream,
            serial: 0,
            complaints: Vec::new(),
        };
        for domain in ["Page", "Runtime", "Log", "DOM"] {
            tab.call(&format!("{domain}.enable"), json!({}));
        }
        tab
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Tab {
    /// One command and its result; what the page says in between is noted.
    pub(crate) fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.serial += 1;
        let serial = self.serial;
        let message = json!({"id": serial, "method": method, "params": parameters});
        self.send(message.to_string().as_bytes());
        loop {
            let message: Value = serde_json::from_slice(&self.receive()).unwrap();
            if message["id"] == serial {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].clone();
            }
            match message["method"].as_str() {
                Some("Runtime.exceptionThrown") => self.complaints.push(message.to_string()),
                Some("Log.entryAdded") if message["params"]["entry"]["level"] == "error" => {
                    self.complaints.push(message.to_string());
                }
                _ => {}
            }
        }
    }

    /// A masked text frame: <https://www.rfc-editor.org/rfc/rfc6455#section-5.2>. The mask may be zero.
    fn send(&mut self, payload: &[u8]) {
        let mut frame = vec![0x81];
        match payload.len() {
            length @ 0..=125 => frame.push(0x80 | length as u8),
            length @ 126..=0xffff => {
                frame.push(0xfe);
                frame.extend((length as u16).to_be_bytes());
            }
            length => {
                frame.push(0xff);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(payload);
        self.stream.get_mut().write_all(&frame).unwrap();
    }

    fn receive(&mut self) -> Vec<u8> {
        let mut whole = Vec::new();
        loop {
            let mut head = [0; 2];
            self.stream.read_exact(&mut head).unwrap();
            let mut bytes = |count: usize| {
                let mut bytes = vec![0; count];
                self.stream.read_exact(&mut bytes).unwrap();
                bytes
            };
            let number = |bytes: Vec<u8>| bytes.iter().fold(0, |n, b| n << 8 | usize::from(*b));
            let length = match head[1] & 0x7f {
                126 => number(bytes(2)),
                127 => number(bytes(8)),
                length => length.into(),
            };
            let payload = bytes(length);
            // Pings and the like are not answered: no test lasts that long.
            if head[0] & 0x0f <= 2 {
                whole.extend(payload);
                if head[0] & 0x80 != 0 {
                    return whole;
                }
            }
        }
    }

    pub(crate) fn open(&mut self, address: &str) {
        self.call("Page.navigate", json!({"url": address}));
        self.wait(&format!(
            "document.readyState === 'complete' && location.href === {}",
            json!(address)
        ));
    }

    /// The value of an expression, promises waited for.
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let parameters = json!({"expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true});
        let result = self.call("Runtime.evaluate", parameters);
        assert!(
            result["exceptionDetails"].is_null(),
            "{expression}: {result}"
        );
        result["result"]["value"].clone()
    }

    /// Waits until an expression is true.
    pub(crate) fn wait(&mut self, expression: &str) {
        let since = Instant::now();
        while self.value(&format!("Boolean({expression})")) != true {
            assert!(
                since.elapsed() < Duration::from_mins(2),
                "never: {expression}: {}",
                self.value("document.body.innerText")
            );
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Presses a key, as a person does.
    pub(crate) fn press(&mut self, key: &str, ctrl: bool) {
        let text = match key {
            "Enter" => "\r",
            key if key.chars().count() == 1 => key,
            _ => "",
        };
        let code = match key {
            "Enter" => 13,
            "Escape" => 27,
            "Tab" => 9,
            key => key.to_uppercase().bytes().next().map_or(0, u32::from),
        };
        let modifiers = if ctrl { 2 } else { 0 };
        let text = if ctrl { "" } else { text };
        let down = if text.is_empty() {
            "rawKeyDown"
        } else {
            "keyDown"
        };
        for kind in [down, "keyUp"] {
            let mut event = json!({"type": kind, "key": key, "modifiers": modifiers, "windowsVirtualKeyCode": code});
            if kind == "keyDown" {
                event["text"] = text.into();
            }
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// Types a text where the cursor is.
    pub(crate) fn enter(&mut self, text: &str) {
        self.call("Input.insertText", json!({"text": text}));
    }

    /// Gives files to a field, as dropping them does.
    pub(crate) fn give_files(&mut self, selector: &str, files: &[String]) {
        let document = self.call("DOM.getDocument", json!({}));
        let root = document["root"]["nodeId"].clone();
        let node = self.call(
            "DOM.querySelector",
            json!({"nodeId": root, "selector": selector}),
        );
        self.call(
            "DOM.setFileInputFiles",
            json!({"nodeId": node["nodeId"], "files": files}),
        );
    }
}
