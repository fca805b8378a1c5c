//! A brief as a page: self-contained, inert, for an editor's screen, phone or paper.
//!
//! Every value passes the template engine's escaping and [`visible`](super::visible) on its way
//! out; the page's policy allows the one script and the one style that stand in it, by their
//! hashes, and no network at all. An article cannot make the page do anything.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use minijinja::{
    AutoEscape, Environment, Output, State, UndefinedBehavior, Value, context,
    syntax::SyntaxConfig, value::Serde,
};

use super::{ReportError, view::View, visible::visible};
use crate::brief::record::Brief;
use kuaibao_engine::hub::sha256;

const COMMON_STYLE: &str = include_str!("templates/common.css");
const BRIEF_STYLE: &str = include_str!("templates/brief.css");
const BRIEF_SCRIPT: &str = include_str!("templates/brief.js");

/// What lies around a brief's page.
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings<'a> {
    /// The name that the page shares with its JSON and Markdown, without extension.
    pub stem: Option<&'a str>,
    /// The folder's index, as a relative path.
    pub index: Option<&'a str>,
    /// The page itself, relative to the index: where the index finds what comes before and behind it.
    pub own: Option<&'a str>,
    /// The text that offsets count in, where it is not the source itself.
    pub source_text: Option<&'a str>,
}

/// The brief as a page.
pub fn document(brief: &Brief, around: &Surroundings) -> Result<String, ReportError> {
    let style = [COMMON_STYLE, BRIEF_STYLE].concat();
    let view = View::new(brief);
    render(
        "brief.html",
        &brief.source,
        context! {
            doubtful => view.doubtful(),
            brief => Serde(view),
            stem => around.stem,
            index => around.index,
            own => around.own,
            source_text => around.source_text,
            policy => policy(&style, BRIEF_SCRIPT),
            style,
            script => BRIEF_SCRIPT,
        },
    )
}

/// Fills one of the compiled-in templates.
pub(super) fn render(template: &str, page: &str, values: Value) -> Result<String, ReportError> {
    TEMPLATES
        .get_template(template)
        .and_then(|template| template.render(values))
        .map_err(|source| ReportError::Template {
            page: page.to_owned(),
            source,
        })
}

/// The Content-Security-Policy of a page with this style and this script.
///
/// The hashes are of the exact text between the tags:
/// <https://www.w3.org/TR/CSP3/#grammardef-hash-source>.
pub(super) fn policy(style: &str, script: &str) -> String {
    let hash = |text: &str| BASE64.encode(sha256(text.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; \
         form-action 'none'",
        hash(style),
        hash(script)
    )
}

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    environment(&[
        ("brief.html", include_str!("templates/brief.html")),
        ("index.html", include_str!("templates/index.html")),
    ])
});

/// Templates of web pages: every value is escaped and made visible, and a name that is not there is
/// an error.
pub(crate) fn environment(templates: &[(&'static str, &'static str)]) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_formatter(print);
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()
            .expect("the usual delimiters"),
    );
    for (name, text) in templates {
        environment
            .add_template(name, text)
            .expect("the compiled-in templates parse");
    }
    environment
}

/// The one way out of a template: what would not show is made to, and markup is escaped.
fn print(out: &mut Output, state: &mut State, value: &Value) -> Result<(), minijinja::Error> {
    match value.as_str() {
        Some(text) if !value.is_safe() => {
            minijinja::escape_formatter(out, state, &Value::from(visible(text)))
        }
        _ => minijinja::escape_formatter(out, state, value),
    }
}
