//! Requests in, answers out, and who may ask.
//!
//! A browser that visits another site must not be able to use the desk through its user: the host that
//! is asked for must be this one's (a name that was rebound is refused), a request that a page of
//! another site makes is refused, and no answer allows another site to read it. What is asked from
//! another machine needs the token. Bodies, connections and silences have limits.

use std::{
    collections::HashSet,
    io::{self, Read as _},
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::Receiver,
    },
    thread,
    time::{Duration, Instant},
};

use oxhttp::{
    Server,
    model::{Body, Method, Request, Response, StatusCode, header},
};
use serde_json::{Map, Value, json};

use super::{
    Desk, api, intake,
    message::{Answer, Asked, Failure, Reply, form, parameter},
    queue, review,
};
use crate::commands::inputs::caught;
use kuaibao_engine::hub::sha256;

/// Connections at once; more wait to be taken.
const CONNECTIONS: usize = 256;
/// How long a client may be silent in the middle of a request, or before the next.
const SILENCE: Duration = Duration::from_mins(1);
/// How long a body may take to come.
const PATIENCE: Duration = Duration::from_mins(2);
/// The cookie that holds the token in a browser.
const COOKIE: &str = "kuaibao";

/// Who may ask.
#[derive(Clone, Debug)]
pub struct Guard {
    /// Where the desk listens.
    pub address: IpAddr,
    /// What everybody has to know who asks, if anything.
    pub token: Option<String>,
    /// Names that this machine goes by.
    pub names: HashSet<String>,
}

/// Listens, and does what the desk does beside answering, until the process ends.
pub(super) fn serve(
    desk: Arc<Desk>,
    address: SocketAddr,
    waiting: Receiver<queue::Waiting>,
    jobs: Receiver<intake::Order>,
    stop: &'static AtomicBool,
    ready: impl FnOnce(),
) -> io::Result<()> {
    let asked = Arc::clone(&desk);
    Server::new(move |request| handle(&asked, request))
        .bind(address)
        .with_global_timeout(SILENCE)
        .with_max_concurrent_connections(CONNECTIONS)
        .spawn()?;
    ready();
    let desk = &desk;
    thread::scope(|scope| {
        scope.spawn(move || desk.translate_waiting(&waiting));
        scope.spawn(move || desk.brief_ordered(&jobs));
        scope.spawn(move || desk.watch());
        while !stop.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(50));
        }
        // All that is written is written whole.
        crate::interrupt::exit()
    })
}

fn handle(desk: &Arc<Desk>, request: &mut Request<Body>) -> Response<Body> {
    let answer = caught(|| Ok(answer(desk, request)));
    let reply = match answer {
        Ok(Ok(reply)) => reply,
        Ok(Err(failure)) => failure.reply(),
        Err(defect) => Failure::new(StatusCode::INTERNAL_SERVER_ERROR, defect).reply(),
    };
    let mut response = Response::builder()
        .status(reply.status)
        .header(header::CONTENT_TYPE, reply.kind)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::X_FRAME_OPTIONS, "DENY")
        .header(header::REFERRER_POLICY, "no-referrer")
        .header(header::CACHE_CONTROL, "no-store");
    let names: Vec<_> = reply.headers.iter().map(|(name, _)| name.clone()).collect();
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    if !names.contains(&header::CONTENT_SECURITY_POLICY) {
        response = response.header(
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        );
    }
    response.body(Body::from(reply.body)).unwrap_or_else(|_| {
        let mut response = Response::new(Body::from("{\"error\":\"a defect of this program\"}"));
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

fn answer(desk: &Arc<Desk>, request: &mut Request<Body>) -> Answer {
    let of = |name: header::HeaderName| {
        let value = request.headers().get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    let host = of(header::HOST);
    let host = host.ok_or_else(|| Failure::bad("the Host header is missing"))?;
    desk.guard.knows_host(&host)?;
    let uri = request.uri().clone();
    let query = form(uri.query().unwrap_or_default().as_bytes());
    let path = uri.path().to_owned();
    let site = request.headers().get("sec-fetch-site");
    let from_elsewhere = match of(header::ORIGIN) {
        Some(origin) => origin != format!("http://{host}") && origin != format!("https://{host}"),
        None => site.is_some_and(|site| site == "cross-site" || site == "same-site"),
    };
    let reads_a_page = request.method() == Method::GET && of(header::ORIGIN).is_none();
    if from_elsewhere && !reads_a_page {
        return Err(Failure::new(
            StatusCode::FORBIDDEN,
            "pages of other sites may not ask",
        ));
    }
    let bearer = of(header::AUTHORIZATION);
    let bearer = bearer.as_deref().and_then(|b| b.strip_prefix("Bearer "));
    let cookies = of(header::COOKIE).unwrap_or_default();
    let cookie = cookies
        .split("; ")
        .find_map(|cookie| cookie.strip_prefix(COOKIE)?.strip_prefix('='));
    let said = bearer.or(cookie).map(str::to_owned);
    let most = desk.max_bytes;
    let length = of(header::CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    let too_large = || {
        let message = format!("the body has more than {most} bytes");
        Failure::new(StatusCode::PAYLOAD_TOO_LARGE, message)
    };
    if length.is_some_and(|length| length > most) {
        return Err(too_large());
    }
    let line = of(header::CONTENT_TYPE).unwrap_or_default();
    let kind = line.split(';').next().unwrap_or_default().trim();
    let kind = kind.to_ascii_lowercase();
    let boundary = match kind == "multipart/form-data" {
        true => parameter(&line, "boundary"),
        false => None,
    };
    let mut asked = Asked {
        method: request.method().clone(),
        kind,
        boundary,
        path,
        query,
        body: Vec::new(),
    };
    // Before a stranger's body is read.
    if desk.guard.token.is_some() && said.is_none() && !may_hold_key(&asked) {
        return Err(unknown());
    }
    let mut limited = request.body_mut().take(most + 1);
    let since = Instant::now();
    let mut piece = vec![0; 1 << 16];
    loop {
        let read = limited.read(&mut piece);
        let read = read.map_err(|e| Failure::bad(format!("the body cannot be read: {e}")))?;
        if read == 0 {
            break;
        }
        // Byte by byte, a client could hold its connection for ever.
        if since.elapsed() > PATIENCE {
            let message = format!("the body did not come within {} s", PATIENCE.as_secs());
            return Err(Failure::new(StatusCode::REQUEST_TIMEOUT, message));
        }
        asked.body.extend_from_slice(&piece[..read]);
    }
    if asked.body.len() as u64 > most {
        return Err(too_large());
    }
    if let Some(token) = &desk.guard.token {
        let key = said.or_else(|| key_of(&asked));
        if key.is_none_or(|key| sha256(key.as_bytes()) != sha256(token.as_bytes())) {
            return Err(unknown());
        }
        // A browser says the token once.
        if asked.method == Method::GET && asked.query.contains_key("token") {
            let cookie = format!("{COOKIE}={token}; HttpOnly; SameSite=Strict; Path=/");
            let mut reply = Reply::new("text/plain; charset=utf-8", "");
            reply.status = StatusCode::SEE_OTHER;
            return Ok(reply
                .with(header::SET_COOKIE, cookie)
                .with(header::LOCATION, asked.path));
        }
    }
    route(desk, &asked)
}

fn unknown() -> Failure {
    Failure::new(
        StatusCode::UNAUTHORIZED,
        "say the token: Authorization: Bearer TOKEN, api_key in the body, or ?token=TOKEN in a browser",
    )
}

/// Whether a request may say the token elsewhere than in its head.
fn may_hold_key(asked: &Asked) -> bool {
    asked.query.contains_key("token") || api::takes_key(&asked.path)
}

/// The token in the address, or where clients of LibreTranslate say it.
fn key_of(asked: &Asked) -> Option<String> {
    let text = |fields: &Map<String, Value>, name: &str| {
        fields.get(name).and_then(Value::as_str).map(str::to_owned)
    };
    text(&asked.query, "token").or_else(|| text(&asked.fields().ok()?, "api_key"))
}

fn route(desk: &Arc<Desk>, asked: &Asked) -> Answer {
    let path = asked.path.as_str();
    match (asked.method.as_str(), path) {
        ("GET", "/" | "/review") => Ok(review::page()),
        ("POST", "/translate") => api::translate(desk, asked),
        ("POST", "/detect") => api::detect(asked),
        ("GET" | "POST", "/languages") => api::languages(),
        ("POST", "/suggest") => api::suggest(desk, asked),
        ("POST", "/brief") => api::brief(desk, asked),
        ("POST", "/check") => api::check(desk, asked),
        ("GET", "/openapi.json" | "/spec") => Ok(api::description()),
        ("GET", "/health") => Reply::json(&json!({"status": "ok"})),
        ("GET", "/frontend/settings") => api::frontend_settings(),
        ("GET", "/desk/pages") => review::pages(desk),
        ("GET", "/desk/article") => review::article(desk, asked),
        ("GET", "/desk/near") => review::near(desk, asked),
        ("GET", "/desk/export") => review::export(desk, asked),
        ("POST", "/desk/check") => review::check(desk, asked),
        ("POST", "/desk/hypotheses") => review::hypotheses(desk, asked),
        ("POST", "/desk/save") => review::save(desk, asked),
        ("POST", "/desk/everywhere") => review::everywhere(desk, asked),
        ("POST", "/desk/upload") => intake::upload(desk, asked),
        ("GET", path) if path.starts_with("/briefs/") => review::file(desk, path),
        ("GET" | "POST", _) => Err(Failure::missing("such address")),
        _ => Err(Failure::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "only GET and POST are known",
        )),
    }
}

impl Guard {
    /// Refuses a request for a host that is not this one: a name that somebody let point here.
    fn knows_host(&self, host: &str) -> Result<(), Failure> {
        let name = match host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => host.rsplit_once(':').map_or(host, |(name, _)| name),
        };
        let known = match name.parse::<IpAddr>() {
            // Only a name can be rebound; still, a desk for this machine is asked by its address.
            Ok(address) => address.is_loopback() || !self.address.is_loopback(),
            Err(_) => name.eq_ignore_ascii_case("localhost") || self.names.contains(name),
        };
        if known {
            return Ok(());
        }
        Err(Failure::new(
            StatusCode::MISDIRECTED_REQUEST,
            format!("{name} is not a name of this desk (--name)"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_hosts_are_known() {
        let guard = |address: &str, names: &[&str]| Guard {
            address: address.parse().unwrap(),
            token: None,
            names: names.iter().map(|n| (*n).to_owned()).collect(),
        };
        let local = guard("127.0.0.1", &[]);
        for host in ["127.0.0.1:5150", "localhost", "LOCALHOST:80", "[::1]:5150"] {
            assert!(local.knows_host(host).is_ok(), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:5150",
            "192.168.0.7:5150",
            "localhost.evil.example",
            "",
        ] {
            assert!(local.knows_host(host).is_err(), "{host}");
        }
        let open = guard("0.0.0.0", &["desk.example"]);
        assert!(open.knows_host("192.168.0.7:5150").is_ok());
        assert!(open.knows_host("desk.example:5150").is_ok());
        assert!(open.knows_host("evil.example").is_err());
    }
}
