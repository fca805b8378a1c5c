//! HTML: the article without menus, advertisements and comments.
//!
//! Boilerplate is removed by `dom_smoothie` (Mozilla's Readability in Rust), which gives Markdown;
//! where it finds no article, the whole body is taken.

use dom_query::Document;
use dom_smoothie::{Config, Readability, TextMode};
use encoding_rs::Encoding;

use super::plain::Plain;
use super::{ReadError, markdown};
use crate::page::furniture::{paper_name, stated_date};

pub(super) fn read(html: &str) -> Result<Plain, ReadError> {
    if is_tangled(html) {
        return Err(ReadError::TangledHtml);
    }
    Ok(article(html))
}

fn article(html: &str) -> Plain {
    let config = Config {
        text_mode: TextMode::Markdown,
        // A Chinese character says as much as two or three Latin ones; the default is 500.
        char_threshold: 150,
        ..Config::default()
    };
    let article = Readability::new(html, None, Some(config)).and_then(|mut page| page.parse());
    let Ok(article) = article else {
        return markdown::read(&Document::from(html).md(None));
    };
    let mut plain = markdown::read(&article.text_content);
    plain.markup.date = article.published_time.as_deref().and_then(stated_date);
    plain.markup.paper = article.site_name.as_deref().and_then(paper_name);
    let title = article.title.trim();
    if title.is_empty() || plain.text.starts_with(title) {
        plain
    } else {
        plain.with_title(title)
    }
}

/// Elements within elements, deeper than any real page has them.
const DEEPEST: usize = 500;
/// Formatting elements that the parser opens anew in each paragraph because nothing closed them.
const MOST_REOPENED: usize = 2_000_000;

/// Whether parsing would take time or memory out of proportion: the HTML standard's algorithm
/// looks through all open elements at each tag, and opens unclosed `<b>`s again in each `<p>`.
fn is_tangled(html: &str) -> bool {
    let (mut depth, mut formatting, mut reopened) = (0_usize, 0_usize, 0_usize);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let closes = rest.starts_with('/');
        let name = rest.trim_start_matches('/');
        let name = &name[..name
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(name.len())];
        let name = name.to_ascii_lowercase();
        if matches!(name.as_str(), "script" | "style") && !closes {
            // What stands within is no markup.
            rest = rest.find("</").map_or("", |end| &rest[end..]);
            continue;
        }
        let is_void = rest[..rest.find('>').unwrap_or(rest.len())].ends_with('/');
        if name.is_empty() || is_void || VOID_OR_CLOSED_BY_ITSELF.contains(&name.as_str()) {
            reopened += formatting;
        } else {
            let step = |count: usize| {
                if closes {
                    count.saturating_sub(1)
                } else {
                    count + 1
                }
            };
            depth = step(depth);
            if FORMATTING.contains(&name.as_str()) {
                formatting = step(formatting);
            }
            reopened += formatting;
        }
        if depth > DEEPEST || reopened > MOST_REOPENED {
            return true;
        }
    }
    false
}

/// Elements without an end tag, or whose end tag may be left out.
const VOID_OR_CLOSED_BY_ITSELF: [&str; 31] = [
    "area", "base", "body", "br", "col", "colgroup", "dd", "dt", "embed", "head", "hr", "html",
    "img", "input", "li", "link", "meta", "optgroup", "option", "p", "param", "rp", "rt", "source",
    "tbody", "td", "tfoot", "th", "thead", "tr", "wbr",
];
/// Elements that the parser opens anew where they were left open.
const FORMATTING: [&str; 14] = [
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
];

/// The encoding that a page's `<meta>` declares, for bytes that are not UTF-8.
pub(super) fn declared_encoding(bytes: &[u8]) -> Option<&'static str> {
    if std::str::from_utf8(bytes).is_ok() || Encoding::for_bom(bytes).is_some() {
        return None;
    }
    // The HTML standard looks at the first 1024 bytes.
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_ascii_lowercase();
    let value = head
        .split_once("charset")?
        .1
        .trim_start()
        .strip_prefix('=')?;
    let value = value.trim_start().trim_start_matches(['"', '\'']);
    let end = value.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_')?;
    Some(Encoding::for_label(&value.as_bytes()[..end])?.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn menus_and_scripts_go() {
        let paragraphs =
            "<p>云州港一季度完成货物吞吐量6830万吨，同比增长7.4%，其中集装箱152万标箱。</p>"
                .repeat(8);
        let html = format!(
            "<html><head><title>云州港创新高</title><script>var a='广告';</script></head><body>\
             <nav><a href=/>首页</a><a href=/sz>时政</a></nav><article><h1>云州港创新高</h1>{paragraphs}</article>\
             <footer>版权所有</footer></body></html>"
        );
        let plain = read(&html).unwrap();
        assert!(
            plain.text.starts_with("云州港创新高\n云州港一季度"),
            "{}",
            plain.text
        );
        assert!(!plain.text.contains("首页") && !plain.text.contains("广告"));
        assert_eq!(plain.text.lines().count(), 9);
    }

    #[test]
    fn a_page_without_an_article_keeps_its_body() {
        let plain = read("<html><body><p>短讯一则。</p><p>短讯又一则。</p></body></html>").unwrap();
        assert_eq!(plain.text, "短讯一则。\n短讯又一则。\n");
    }

    #[test]
    fn tangled_markup_is_refused() {
        for html in [
            "<div>".repeat(600),
            "<b>".repeat(400) + &"<p>x".repeat(10_000),
        ] {
            assert!(matches!(read(&html), Err(ReadError::TangledHtml)));
        }
        let scripted = format!("<script>{}</script><p>云州</p>", "a<b;".repeat(100_000));
        assert!(read(&scripted).is_ok());
    }

    #[test]
    fn the_declared_encoding_is_found() {
        let (bytes, _, _) = encoding_rs::GBK.encode("<meta charset=\"gb2312\"><p>云州</p>");
        assert_eq!(declared_encoding(&bytes), Some("GBK"));
        assert_eq!(declared_encoding("<meta charset=gbk>云州".as_bytes()), None);
    }
}
