//! Where the hub is, where models are kept, and how patient to be: settled once from the
//! environment, in the variables that Python's `huggingface_hub` reads.

use std::env;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::HubError;
use super::manifest::check_own;
use super::progress::Progress;

/// How models are found and fetched.
#[derive(Clone, Debug)]
pub struct HubOptions {
    /// A folder whose subfolders are models: looked in first for the bundled one (`--models-dir`).
    pub models_dir: Option<PathBuf>,
    /// Where a model inside the program is unpacked: `kuaibao` in `XDG_CACHE_HOME`, else in `~/.cache`.
    pub unpacked: PathBuf,
    /// The Hugging Face cache: `HF_HUB_CACHE`, else `HF_HOME/hub`, else `~/.cache/huggingface/hub`.
    pub cache: PathBuf,
    /// The hub's address, without a slash at its end: `HF_ENDPOINT`, else `https://huggingface.co`.
    pub endpoint: String,
    /// Sent to the endpoint and to no other host: `HF_TOKEN`, else the file of `hf auth login`.
    pub token: Option<Token>,
    /// Never ask the hub: `HF_HUB_OFFLINE` (or `TRANSFORMERS_OFFLINE`) of `1`, `true`, `yes`, `on`.
    pub offline: bool,
    /// What a model is wanted for: decides what is refused.
    pub purpose: Purpose,
    /// How downloads are shown.
    pub progress: Progress,
    /// How often a request is tried again after a passing fault without progress in between.
    pub retries: u32,
    /// The wait before the first new try; it doubles with each.
    pub first_wait: Duration,
    /// The longest wait that a server may ask for (`Retry-After`); beyond it the command ends.
    pub longest_wait: Duration,
    /// How long a server may be silent, or send next to nothing: `HF_HUB_DOWNLOAD_TIMEOUT`, 10 s.
    pub timeout: Duration,
    /// Trusted root certificates in PEM instead of Mozilla's: `SSL_CERT_FILE`, `REQUESTS_CA_BUNDLE`.
    pub certificates: Option<PathBuf>,
    /// The proxy of `https` addresses: `HTTPS_PROXY`, else `ALL_PROXY`, in either case.
    pub https_proxy: Option<String>,
    /// The proxy of `http` addresses: `HTTP_PROXY`, else `ALL_PROXY`, in either case.
    pub http_proxy: Option<String>,
    /// Hosts that are reached without a proxy: `NO_PROXY`.
    pub no_proxy: Vec<String>,
}

/// What a model is wanted for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// To write texts.
    #[default]
    Write,
    /// To judge them.
    Judge,
    /// To have it.
    Any,
}

/// A secret that is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A token without the white space around it; `None` when nothing is left or it cannot be sent.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic()))
            .then(|| Self(text.to_owned()))
    }

    pub(crate) fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl HubOptions {
    /// The settings that the environment gives, with plain progress lines.
    pub fn from_env() -> Result<Self, HubError> {
        check_own()?;
        Self::from_variables(&|name| env::var(name).ok(), env::home_dir().as_deref())
    }

    fn from_variables(
        variable: &dyn Fn(&str) -> Option<String>,
        home: Option<&Path>,
    ) -> Result<Self, HubError> {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let either = |name: &str| set(&name.to_ascii_lowercase()).or_else(|| set(name));
        let path = |name: &str| set(name).map(|value| expand_home(&value, home));
        let hf_home = path("HF_HOME")
            .or_else(|| path("XDG_CACHE_HOME").map(|cache| cache.join("huggingface")))
            .or_else(|| home.map(|home| home.join(".cache/huggingface")));
        let cache = path("HF_HUB_CACHE")
            .or_else(|| path("HUGGINGFACE_HUB_CACHE"))
            .or_else(|| hf_home.as_ref().map(|home| home.join("hub")))
            .ok_or(HubError::NoHome)?;
        let endpoint = set("HF_ENDPOINT").unwrap_or_else(|| "https://huggingface.co".to_owned());
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        if !(endpoint.starts_with("https://") || endpoint.starts_with("http://")) {
            return Err(HubError::BadSetting {
                variable: "HF_ENDPOINT",
                value: endpoint,
                why: "it must begin with https:// or http://".to_owned(),
            });
        }
        let token_file = path("HF_TOKEN_PATH").or_else(|| hf_home.map(|home| home.join("token")));
        let implicit = !set("HF_HUB_DISABLE_IMPLICIT_TOKEN").is_some_and(|v| is_true(&v));
        let token = set("HF_TOKEN")
            .or_else(|| set("HUGGING_FACE_HUB_TOKEN"))
            .or_else(|| fs::read_to_string(token_file?).ok())
            .filter(|_| implicit)
            .as_deref()
            .and_then(Token::new);
        let offline = set("HF_HUB_OFFLINE").or_else(|| set("TRANSFORMERS_OFFLINE"));
        let timeout = match set("HF_HUB_DOWNLOAD_TIMEOUT") {
            None => Duration::from_secs(10),
            Some(value) => match value.parse() {
                Ok(seconds @ 1..) => Duration::from_secs(seconds),
                _ => {
                    return Err(HubError::BadSetting {
                        variable: "HF_HUB_DOWNLOAD_TIMEOUT",
                        value,
                        why: "it must be a whole number of seconds".to_owned(),
                    });
                }
            },
        };
        Ok(Self {
            models_dir: None,
            unpacked: path("XDG_CACHE_HOME")
                .or_else(|| home.map(|home| home.join(".cache")))
                .unwrap_or_else(env::temp_dir)
                .join("kuaibao"),
            cache,
            endpoint,
            token,
            purpose: Purpose::Write,
            offline: offline.is_some_and(|value| is_true(&value)),
            progress: Progress::Lines,
            retries: 5,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_mins(2),
            timeout,
            certificates: path("SSL_CERT_FILE").or_else(|| path("REQUESTS_CA_BUNDLE")),
            https_proxy: either("HTTPS_PROXY").or_else(|| either("ALL_PROXY")),
            http_proxy: either("HTTP_PROXY").or_else(|| either("ALL_PROXY")),
            no_proxy: either("NO_PROXY")
                .unwrap_or_default()
                .split(',')
                .map(|host| host.trim().to_owned())
                .filter(|host| !host.is_empty())
                .collect(),
        })
    }
}

/// `huggingface_hub`'s reading of a flag.
fn is_true(value: &str) -> bool {
    ["1", "on", "yes", "true"].contains(&value.to_ascii_lowercase().as_str())
}

fn expand_home(path: &str, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(variables: &[(&str, &str)]) -> Result<HubOptions, HubError> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        HubOptions::from_variables(&variable, Some(Path::new("/home/lin")))
    }

    #[test]
    fn the_cache_is_where_python_has_it() {
        for (variables, cache) in [
            (&[][..], "/home/lin/.cache/huggingface/hub"),
            (&[("XDG_CACHE_HOME", "/c")], "/c/huggingface/hub"),
            (&[("HF_HOME", "/h"), ("XDG_CACHE_HOME", "/c")], "/h/hub"),
            (&[("HF_HOME", "~/h")], "/home/lin/h/hub"),
            (
                &[("HF_HOME", "/h"), ("HUGGINGFACE_HUB_CACHE", "/old")],
                "/old",
            ),
            (
                &[("HF_HUB_CACHE", "/new"), ("HUGGINGFACE_HUB_CACHE", "/old")],
                "/new",
            ),
            (&[("HF_HOME", "")], "/home/lin/.cache/huggingface/hub"),
        ] {
            assert_eq!(
                options(variables).unwrap().cache,
                Path::new(cache),
                "{variables:?}"
            );
        }
        assert!(matches!(
            HubOptions::from_variables(&|_| None, None),
            Err(HubError::NoHome)
        ));
    }

    #[test]
    fn endpoint_and_flags() {
        assert_eq!(options(&[]).unwrap().endpoint, "https://huggingface.co");
        let mirror = options(&[("HF_ENDPOINT", "http://mirror:8080/hf/")]).unwrap();
        assert_eq!(mirror.endpoint, "http://mirror:8080/hf");
        assert!(options(&[("HF_ENDPOINT", "mirror")]).is_err());
        for (value, offline) in [
            ("1", true),
            ("TRUE", true),
            ("yes", true),
            ("0", false),
            ("no", false),
        ] {
            assert_eq!(
                options(&[("HF_HUB_OFFLINE", value)]).unwrap().offline,
                offline,
                "{value}"
            );
        }
        assert!(options(&[("TRANSFORMERS_OFFLINE", "1")]).unwrap().offline);
        let patient = options(&[("HF_HUB_DOWNLOAD_TIMEOUT", "90")]).unwrap();
        assert_eq!(patient.timeout, Duration::from_secs(90));
        assert!(options(&[("HF_HUB_DOWNLOAD_TIMEOUT", "0")]).is_err());
    }

    #[test]
    fn proxies_are_chosen_by_scheme() {
        let both = [
            ("https_proxy", "http://a:1"),
            ("ALL_PROXY", "socks5://b:2"),
            ("NO_PROXY", "x.cn, ,.y.cn"),
        ];
        let options = options(&both).unwrap();
        assert_eq!(options.https_proxy.as_deref(), Some("http://a:1"));
        assert_eq!(options.http_proxy.as_deref(), Some("socks5://b:2"));
        assert_eq!(options.no_proxy, ["x.cn", ".y.cn"]);
    }

    #[test]
    fn a_token_is_trimmed_and_never_printed() {
        let with = options(&[("HF_TOKEN", " hf_secret\n")]).unwrap();
        assert_eq!(with.token.as_ref().map(Token::secret), Some("hf_secret"));
        assert!(!format!("{with:?}").contains("hf_secret"));
        assert_eq!(
            options(&[("HF_TOKEN", "a\r\nX-Evil: b")]).unwrap().token,
            None
        );
        let disabled = [
            ("HF_TOKEN", "hf_secret"),
            ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1"),
        ];
        assert_eq!(options(&disabled).unwrap().token, None);
    }
}
