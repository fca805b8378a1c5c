//! A request, read, and its answer.

use oxhttp::model::{Method, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{memory::MemoryError, pipeline::BriefError};
use kuaibao_engine::generate::GenerateError;

/// An answer.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) kind: &'static str,
    pub(super) body: Vec<u8>,
    pub(super) headers: Vec<(header::HeaderName, String)>,
}

impl Reply {
    pub(super) fn new(kind: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: StatusCode::OK,
            kind,
            body: body.into(),
            headers: Vec::new(),
        }
    }

    pub(super) fn json(value: &impl Serialize) -> Result<Self, Failure> {
        let body = serde_json::to_vec(value).map_err(|e| Failure::defect(&e))?;
        Ok(Self::new("application/json", body))
    }

    pub(super) fn with(mut self, name: header::HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// Why there is no answer, in words for who asked.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) status: StatusCode,
    pub(super) message: String,
    /// What goes with the message.
    pub(super) more: Map<String, Value>,
}

impl Failure {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            more: Map::new(),
        }
    }

    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn missing(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("there is no {what}"))
    }

    pub(super) fn defect(error: &dyn std::error::Error) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            crate::error::with_causes(error),
        )
    }

    pub(super) fn reply(self) -> Reply {
        let mut object = self.more;
        object.insert("error".to_owned(), Value::from(self.message));
        let body = Value::Object(object).to_string();
        let mut reply = Reply::new("application/json", body);
        reply.status = self.status;
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            reply = reply.with(header::RETRY_AFTER, "1");
        }
        reply
    }
}

impl From<MemoryError> for Failure {
    fn from(error: MemoryError) -> Self {
        Self::defect(&error)
    }
}

impl From<GenerateError> for Failure {
    fn from(error: GenerateError) -> Self {
        Self::defect(&error)
    }
}

impl From<BriefError> for Failure {
    fn from(error: BriefError) -> Self {
        match error {
            BriefError::Overfull(error) => Self::bad(error.to_string()),
            BriefError::Generate(error) => error.into(),
        }
    }
}

pub(super) type Answer = Result<Reply, Failure>;

/// A request, read.
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) path: String,
    /// What stands behind the `?`.
    pub(super) query: Map<String, Value>,
    pub(super) kind: String,
    /// What stands between the parts of a form with files.
    pub(super) boundary: Option<String>,
    pub(super) body: Vec<u8>,
}

/// A file of a form.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct File<'a> {
    pub(super) name: String,
    pub(super) bytes: &'a [u8],
}

impl Asked {
    /// The files of the body: those of a form, else all of it, which the address names.
    pub(super) fn files(&self) -> Result<Vec<File<'_>>, Failure> {
        match &self.boundary {
            Some(boundary) => Ok(parts(&self.body, boundary)?.1),
            None => Ok(vec![File {
                name: text(&self.query, "name")?,
                bytes: &self.body,
            }]),
        }
    }

    /// The fields of the body: a JSON object, or a form; of the address where there is no body.
    pub(super) fn fields(&self) -> Result<Map<String, Value>, Failure> {
        if self.body.is_empty() {
            return Ok(self.query.clone());
        }
        if self.kind == "application/x-www-form-urlencoded" {
            return Ok(form(&self.body));
        }
        if let Some(boundary) = &self.boundary {
            return Ok(parts(&self.body, boundary)?.0);
        }
        // Clients that name no type, or a wrong one, send JSON all the same.
        serde_json::from_slice(&self.body)
            .map_err(|e| Failure::bad(format!("the body is neither a JSON object nor a form: {e}")))
    }
}

/// The fields of a form; a name that comes twice has a list.
pub(super) fn form(bytes: &[u8]) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, value) in form_urlencoded::parse(bytes) {
        add(&mut fields, name.into_owned(), value.into_owned());
    }
    fields
}

fn add(fields: &mut Map<String, Value>, name: String, value: String) {
    let value = Value::from(value);
    match fields.get_mut(&name) {
        None => {
            fields.insert(name, value);
        }
        Some(Value::Array(all)) => all.push(value),
        Some(one) => *one = Value::Array(vec![one.take(), value]),
    }
}

/// The fields and the files of a form that has files (RFC 7578).
fn parts<'a>(
    body: &'a [u8],
    boundary: &str,
) -> Result<(Map<String, Value>, Vec<File<'a>>), Failure> {
    let broken = |why: &str| Failure::bad(format!("the form cannot be read: {why}"));
    let find = |text: &[u8], what: &[u8]| text.windows(what.len()).position(|w| w == what);
    let line = format!("--{boundary}");
    let between = format!("\r\n{line}");
    let (mut fields, mut files) = (Map::new(), Vec::new());
    let mut rest = body
        .strip_prefix(line.as_bytes())
        .ok_or_else(|| broken("it does not begin with its boundary"))?;
    while !rest.starts_with(b"--") {
        let head = find(rest, b"\r\n\r\n").ok_or_else(|| broken("a part has no head"))?;
        let (head, behind) = (&rest[..head], &rest[head + 4..]);
        let end = find(behind, between.as_bytes()).ok_or_else(|| broken("a part has no end"))?;
        let content = &behind[..end];
        rest = &behind[end + between.len()..];
        let head = String::from_utf8_lossy(head);
        let disposition = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let is_it = name.trim().eq_ignore_ascii_case("content-disposition");
            is_it.then_some(value)
        });
        let of = |name: &str| parameter(disposition?, name);
        let name = of("name").ok_or_else(|| broken("a part has no name"))?;
        match of("filename") {
            Some(name) => files.push(File {
                name,
                bytes: content,
            }),
            None => {
                let text = std::str::from_utf8(content).map_err(|_| broken("it is not UTF-8"))?;
                add(&mut fields, name, text.to_owned());
            }
        }
    }
    Ok((fields, files))
}

/// A parameter of a line in a head, `; name="…"`; browsers write a quotation mark in it as `%22`.
pub(super) fn parameter(line: &str, name: &str) -> Option<String> {
    line.split(';').skip(1).find_map(|parameter| {
        let (own, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"').replace("%22", "\"");
        (own.trim().eq_ignore_ascii_case(name)).then_some(value)
    })
}

/// A field that is a text.
pub(super) fn text(fields: &Map<String, Value>, name: &str) -> Result<String, Failure> {
    optional(fields, name)?.ok_or_else(|| Failure::bad(format!("`{name}` is missing")))
}

/// A field that may be a text.
pub(super) fn optional(fields: &Map<String, Value>, name: &str) -> Result<Option<String>, Failure> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Failure::bad(format!("`{name}` must be a text"))),
    }
}

/// A field that says yes or no; forms have words for it.
pub(super) fn flag(fields: &Map<String, Value>, name: &str) -> Result<bool, Failure> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(yes)) => Ok(*yes),
        Some(Value::String(word)) => match word.as_str() {
            "true" | "1" | "yes" | "on" => Ok(true),
            "false" | "0" | "no" | "off" | "" => Ok(false),
            _ => Err(Failure::bad(format!("`{name}` must be true or false"))),
        },
        Some(_) => Err(Failure::bad(format!("`{name}` must be true or false"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn forms_have_files() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"q\"\r\n\r\n云州港\r\n--x\r\n\
            content-disposition: form-data; name=\"file\"; filename=\"a%22b.txt\"\r\nContent-Type: text/plain\r\n\r\n\
            甲\r\n--y\r\n\r\n--x--\r\n";
        let (fields, files) = parts(body.as_bytes(), "x").unwrap();
        assert_eq!(Value::Object(fields), json!({"q": "云州港"}));
        let bytes = "甲\r\n--y\r\n".as_bytes();
        let name = "a\"b.txt".to_owned();
        assert_eq!(files, [File { name, bytes }]);
        for broken in ["", "--x", "--x\r\n\r\n", "--x\r\nA: b\r\n\r\nc\r\n--x--"] {
            assert!(parts(broken.as_bytes(), "x").is_err(), "{broken}");
        }
    }

    #[test]
    fn forms_have_fields() {
        let fields = form("q=%E4%BD%A0%E5%A5%BD&q=b+c&source=zh".as_bytes());
        assert_eq!(
            Value::Object(fields),
            json!({"q": ["你好", "b c"], "source": "zh"})
        );
    }
}
