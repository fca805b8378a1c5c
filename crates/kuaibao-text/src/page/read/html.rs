//! HTML: the article with its headline, without menus, advertisements and comments.
//!
//! Which part of a page is the article is found by `dom_smoothie` (Mozilla's Readability in Rust);
//! where it finds none, the whole body is taken. What stands between the headline and the end of the
//! article and is not of it is kept as lines beside it, so that the page's ledger shows what was
//! left out. The headline is the page's own heading, held against its titles.

use std::collections::HashMap;

use dom_query::{Document, NodeRef};
use dom_smoothie::{Config, Readability};
use encoding_rs::Encoding;

use super::ReadError;
use super::plain::Plain;
use crate::page::byline;
use crate::page::furniture::{page_head, paper_name, stated_date};
use crate::page::line::{End, end_of};
use crate::page::words::OUTLET;
use crate::text::squeezed;

pub(super) fn read(html: &str) -> Result<Plain, ReadError> {
    if is_tangled(html) {
        return Err(ReadError::TangledHtml);
    }
    Ok(article(html))
}

/// All the lines of a text that has no menus and advertisements: a chapter, a mail, an entry of a feed.
pub(super) fn push_whole(html: &str, plain: &mut Plain) -> Result<(), ReadError> {
    if is_tangled(html) {
        return Err(ReadError::TangledHtml);
    }
    let document = Document::from(html);
    let body = document.select("body").nodes().first().copied();
    for line in lines_of(&body.unwrap_or(document.root())) {
        plain.push_exactly(&line.text);
        plain.end_line(line.kind == LineKind::Heading);
    }
    Ok(())
}

/// The same alone.
pub(super) fn whole(html: &str) -> Result<Plain, ReadError> {
    let mut plain = Plain::default();
    push_whole(html, &mut plain)?;
    Ok(plain)
}

fn article(html: &str) -> Plain {
    let document = Document::from(html);
    let all = lines_of(
        &document
            .select("body")
            .nodes()
            .first()
            .copied()
            .unwrap_or(document.root()),
    );
    let headline = headline(&document, &all);
    let mut markup = crate::page::markup::Markup {
        date: date(&document).or_else(|| date_near(headline.as_deref(), &all)),
        one_article: document.select("h1").length() <= 1,
        ..Default::default()
    };
    let config = Config {
        // A Chinese character says as much as two or three Latin ones; the default is 500.
        char_threshold: 150,
        ..Config::default()
    };
    let found =
        Readability::with_document(document, None, Some(config)).and_then(|mut page| page.parse());
    let body = match &found {
        Ok(article) => {
            let published = article.published_time.as_deref().and_then(stated_date);
            markup.date = markup.date.take().or(published);
            markup.paper = article.site_name.as_deref().and_then(paper_name);
            lines_of(&Document::from(article.content.clone()).root())
        }
        Err(_) => all.clone(),
    };
    let lines = with_lines_beside(headline, all, body);
    let mut plain = Plain::default();
    for line in &lines {
        let start = plain.text.len();
        match line.kind {
            LineKind::Beside => markup.beside.push(start),
            LineKind::Caption => markup.captions.push(start),
            _ => {}
        }
        plain.push_exactly(&line.text);
        plain.end_line(matches!(line.kind, LineKind::Heading | LineKind::Headline));
        if line.kind == LineKind::Headline
            && let Some((_, size)) = plain.markup.headings.last_mut()
        {
            *size = HEADLINE_SIZE;
        }
    }
    markup.headings = std::mem::take(&mut plain.markup.headings);
    plain.markup = markup;
    plain
}

/// A line of a page.
#[derive(Clone, Debug)]
struct PageLine {
    text: String,
    kind: LineKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LineKind {
    Text,
    Heading,
    /// The page's own heading: others beside it are its kicker or its sub-headline.
    Headline,
    /// Below a picture.
    Caption,
    /// No part of the article.
    Beside,
}

/// The size of the page's own heading, in hundredths of the text's: no other heading is as large.
const HEADLINE_SIZE: u16 = 200;

/// Lines of a head that say when and by whom an article was published stand within so many lines
/// of its headline.
const HEAD_LINES: usize = 8;

/// The headline, the article, and between them what else stands there.
fn with_lines_beside(
    headline: Option<String>,
    all: Vec<PageLine>,
    mut body: Vec<PageLine>,
) -> Vec<PageLine> {
    let title = headline.as_deref().map(squeezed);
    let is_title = |line: &PageLine| title.as_ref().is_some_and(|t| squeezed(&line.text) == *t);
    let mut whole: Vec<PageLine> = Vec::new();
    // Headings of the article that stand above its headline: its kickers.
    let above = all.iter().position(is_title).unwrap_or(0);
    if let Some(first) = body.first().filter(|l| l.kind == LineKind::Heading) {
        let is_first = |l: &PageLine| l.text == first.text && !is_title(l);
        if all[..above].iter().rev().take(HEAD_LINES).any(is_first) {
            whole.push(body.remove(0));
        }
    }
    let repeated = body.iter().take(HEAD_LINES).position(is_title);
    if let Some(text) = headline {
        whole.push(PageLine {
            text,
            kind: LineKind::Headline,
        });
        if let Some(repeated) = repeated {
            body.remove(repeated);
        }
    }
    // Lines of the body by their text, so that they are found in the page.
    let mut left: HashMap<String, usize> = HashMap::new();
    for line in &body {
        *left.entry(squeezed(&line.text)).or_default() += 1;
    }
    let from = all.iter().position(is_title).map_or(0, |at| at + 1);
    let is_of_body = |line: &PageLine| left.contains_key(&squeezed(&line.text));
    let first = all
        .iter()
        .skip(from)
        .position(is_of_body)
        .map_or(from, |at| from + at);
    let end = all.iter().rposition(is_of_body).map_or(from, |at| at + 1);
    let found = all[from.min(end)..end]
        .iter()
        .filter(|l| is_of_body(l))
        .count();
    let tells = |line: &PageLine| {
        stated_date(&line.text).is_some()
            || line.text.starts_with("——")
            || byline::info(&line.text).is_some()
            || byline::byline(&line.text, false).is_some()
    };
    if title.is_none() || found * 10 < body.len() * 9 {
        // The reader changed the lines: what it gives is taken as it is.
        let head = all[from.min(end)..first.min(from + HEAD_LINES).max(from.min(end))].iter();
        whole.extend(
            head.filter(|l| title.is_some() && l.text.chars().count() <= 120 && tells(l))
                .cloned(),
        );
        whole.extend(body);
        return whole;
    }
    for (i, line) in all[from..end].iter().enumerate() {
        let mut line = line.clone();
        let count = left
            .get_mut(&squeezed(&line.text))
            .filter(|count| **count > 0);
        let is_body = count.map(|count| *count -= 1).is_some();
        let is_subheadline = i == 0 && line.kind == LineKind::Heading && !is_title(&line);
        let is_head = from + i < first && i < HEAD_LINES && (tells(&line) || is_subheadline);
        if !is_body && !is_head {
            line.kind = LineKind::Beside;
        } else if is_head && line.text.starts_with("——") {
            line.kind = LineKind::Heading;
        }
        whole.push(line);
    }
    whole
}

/// The headline: the page's one heading of the first rank, or the one that its title repeats; else
/// its title without the names of site and section.
fn headline(document: &Document, lines: &[PageLine]) -> Option<String> {
    let clean = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let content = |selector: &str| {
        let selection = document.select(selector);
        selection
            .attr("content")
            .map(|c| clean(&c))
            .filter(|c| !c.is_empty())
    };
    let title = clean(&document.select("title").text());
    // The last is the name that the sites of offices have it under.
    let shared = content("meta[property='og:title']")
        .or_else(|| content("meta[name='title']"))
        .or_else(|| content("meta[name='ArticleTitle']"));
    let headings: Vec<String> = document
        .select("h1")
        .nodes()
        .iter()
        .map(|node| {
            let mut plain = Plain::default();
            walk(node, &mut plain, &mut Walk::default());
            plain.end_line(false);
            clean(&plain.text)
        })
        .filter(|h| (4..=120).contains(&h.chars().count()))
        .collect();
    let titles: Vec<String> = shared.iter().chain([&title]).map(|t| squeezed(t)).collect();
    let repeats = |heading: &&String| {
        let heading = squeezed(heading);
        titles
            .iter()
            .any(|t| t.contains(&heading) || heading.contains(t.as_str()) && t.chars().count() > 4)
    };
    headings
        .iter()
        .filter(repeats)
        .max_by_key(|h| h.chars().count())
        .or_else(|| headings.first().filter(|_| headings.len() == 1))
        .cloned()
        .or_else(|| repeated_title(&title, lines))
        .or_else(|| {
            let whole = shared.filter(|s| {
                let s = squeezed(s);
                squeezed(&title).starts_with(&s) || title.is_empty() || is_line(lines, &s)
            });
            Some(without_site(&whole.unwrap_or(title))).filter(|t| !t.is_empty())
        })
}

/// Whether a text, squeezed, is a line of the page.
fn is_line(lines: &[PageLine], squeezed_text: &str) -> bool {
    lines.iter().any(|l| squeezed(&l.text) == squeezed_text)
}

/// A title up to where the names of section and site begin, or from where they end, if that is a line
/// of the page: `云州老街改造见闻-社会-云州新闻网`.
fn repeated_title(title: &str, lines: &[PageLine]) -> Option<String> {
    let parts = |c: &(usize, char)| matches!(c.1, '-' | '_' | '|' | '｜' | '–' | '—');
    let ends = title.char_indices().rev().filter(parts);
    let starts = title.char_indices().filter(parts);
    ends.map(|(at, _)| title[..at].trim())
        .chain(starts.map(|(at, c)| title[at + c.len_utf8()..].trim()))
        .filter(|part| part.chars().count() >= 4)
        .find(|part| is_line(lines, &squeezed(part)))
        .map(str::to_owned)
}

/// A title without the names of site and section: `云州老街改造见闻_社会_云州新闻网`.
fn without_site(title: &str) -> String {
    let parts: Vec<&str> = title
        .split(['_', '|', '｜'])
        .flat_map(|part| part.split(" - "))
        .flat_map(|part| part.split("--"))
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    let is_site = |part: &&&str| OUTLET.end(part).is_some() && part.chars().count() <= 10;
    let first = parts.iter().find(|part| !is_site(part));
    first
        .or(parts.first())
        .map_or_else(String::new, |part| (*part).to_owned())
}

/// The date that the page's metadata states.
fn date(document: &Document) -> Option<String> {
    let stated =
        |node: &NodeRef, attribute: &str| node.attr(attribute).and_then(|v| stated_date(&v));
    let names = ["name", "property", "itemprop"];
    let meta = document.select("meta").nodes().iter().find_map(|node| {
        let name = names
            .iter()
            .find_map(|n| node.attr(n))?
            .to_ascii_lowercase();
        let tells = [
            "publ",
            "pubdate",
            "release_date",
            "datecreated",
            "article.created",
        ];
        tells
            .iter()
            .any(|t| name.contains(t))
            .then(|| stated(node, "content"))?
    });
    meta.or_else(|| {
        document
            .select("time")
            .nodes()
            .iter()
            .find_map(|node| stated(node, "datetime").or_else(|| stated_date(&node.text())))
    })
}

/// The date that a line near the headline states among what a page says of an article.
fn date_near(headline: Option<&str>, lines: &[PageLine]) -> Option<String> {
    let title = squeezed(headline?);
    let at = lines.iter().position(|l| squeezed(&l.text) == title)?;
    let below = lines[at + 1..].iter().take(HEAD_LINES);
    let above = lines[..at].iter().rev().take(HEAD_LINES);
    below.chain(above).find_map(|line| {
        let head = page_head(&line.text, true).and_then(|head| head.date);
        let tells = || {
            let begins = line.text.starts_with(|c: char| c.is_ascii_digit());
            byline::info(&line.text).is_some()
                || begins && line.text.chars().count() <= 40 && !line.text.contains(['，', '。'])
        };
        head.or_else(|| stated_date(&line.text).filter(|_| tells()))
    })
}

/// The lines of an element: its blocks.
fn lines_of(node: &NodeRef) -> Vec<PageLine> {
    let mut plain = Plain::default();
    walk(node, &mut plain, &mut Walk::default());
    plain.end_line(false);
    let mut at = 0;
    let mut lines = Vec::new();
    for text in plain.text.split_inclusive('\n') {
        let start = at + text.len() - text.trim_start().len();
        let is_heading = plain.markup.heading(start).is_some();
        let is_caption = plain.markup.captions.binary_search(&start).is_ok();
        at += text.len();
        let text = text.trim();
        if !text.is_empty() {
            lines.push(PageLine {
                text: text.to_owned(),
                kind: if is_heading {
                    LineKind::Heading
                } else if is_caption {
                    LineKind::Caption
                } else {
                    LineKind::Text
                },
            });
        }
    }
    lines
}

/// Where in a page a walk is.
#[derive(Default)]
struct Walk {
    /// Depth within cells of tables: their blocks are no lines.
    cell: usize,
    /// The next number of each open list, where it has numbers.
    numbers: Vec<Option<u64>>,
    /// Whether its lines are headings.
    heading: bool,
    /// Whether a picture stands before, and nothing between.
    behind_picture: bool,
}

fn walk(node: &NodeRef, plain: &mut Plain, state: &mut Walk) {
    let parted = is_info_bar(node);
    for child in node.children_it(false) {
        if parted {
            plain.push_gap();
        }
        if child.is_text() {
            let text = child.text();
            state.behind_picture &= text.trim().is_empty();
            // White space between elements is seen as a space.
            if text.trim().is_empty() && !text.is_empty() {
                plain.push_gap();
            } else {
                plain.push(&text);
            }
            continue;
        }
        let Some(name) = child.node_name().filter(|_| child.is_element()) else {
            continue;
        };
        element(&name, &child, plain, state);
    }
}

fn element(name: &str, node: &NodeRef, plain: &mut Plain, state: &mut Walk) {
    match name {
        "script" | "style" | "noscript" | "template" | "svg" | "select" | "button" | "iframe"
        | "textarea" | "head" | "object" | "video" | "audio" => {}
        "img" => state.behind_picture = true,
        "br" if state.cell > 0 => plain.push_gap(),
        "br" | "hr" => plain.end_line(state.heading),
        // Tables were how pages were laid out.
        "td" | "th" if is_laid_out(node) => {
            let cell = std::mem::take(&mut state.cell);
            block(node, plain, state, false);
            state.cell = cell;
        }
        "td" | "th" => {
            if state.cell == 0 && !plain.is_at_start() {
                plain.push_exactly("\u{3000}");
            }
            state.cell += 1;
            walk(node, plain, state);
            state.cell -= 1;
        }
        "ul" | "ol" => {
            let first = || node.attr("start").and_then(|s| s.parse().ok()).unwrap_or(1);
            state.numbers.push((name == "ol").then(first));
            block(node, plain, state, false);
            state.numbers.pop();
        }
        "li" => {
            if state.cell == 0 {
                plain.end_line(false);
                if let Some(Some(number)) = state.numbers.last_mut() {
                    plain.push_exactly(&format!("{number}. "));
                    *number += 1;
                }
            }
            walk(node, plain, state);
            if state.cell == 0 {
                plain.end_line(false);
            }
        }
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => block(node, plain, state, true),
        "figcaption" | "p" | "div" | "section" | "center"
            if state.cell == 0 && is_caption(name, node, state) =>
        {
            plain.end_line(false);
            let start = plain.text.len();
            walk(node, plain, state);
            let lead = plain.text.len() - plain.text[start..].trim_start().len();
            plain.markup.captions.push(lead);
            plain.end_line(false);
        }
        "p" | "div" if state.cell == 0 && state.numbers.is_empty() && is_bold_line(node) => {
            block(node, plain, state, true);
        }
        "p" if state.numbers.last().is_some_and(Option::is_some) && state.cell == 0 => {
            // The paragraph of a list item stands on its number's line.
            walk(node, plain, state);
            plain.end_line(false);
        }
        _ if BLOCKS.contains(&name) => block(node, plain, state, false),
        _ => walk(node, plain, state),
    }
}

/// Whether a block is the caption of the picture before it: it says so, or is a short line in the middle.
fn is_caption(name: &str, node: &NodeRef, state: &Walk) -> bool {
    if name != "figcaption" && !state.behind_picture {
        return false;
    }
    let is_one_line = short_text(node, LONGEST_CAPTION)
        .is_some_and(|text| !text.trim().is_empty() && !has_blocks(node));
    if !is_one_line {
        return false;
    }
    let style = || {
        let says = |name: &str| node.attr(name).is_some_and(|v| v.contains("center"));
        name == "center" || says("align") || says("style")
    };
    let class = || {
        let class = node.attr("class").unwrap_or_default().to_ascii_lowercase();
        ["caption", "pic", "img", "photo"]
            .iter()
            .any(|c| class.contains(c))
    };
    name == "figcaption" || style() || class()
}

/// An element's text, where it has no more than so many characters and [`MOST_WITHIN`] elements: no more
/// of it is looked at, so that elements within elements take no time of their own.
fn short_text(node: &NodeRef, most: usize) -> Option<String> {
    let mut text = String::new();
    for (i, part) in node.descendants_it().enumerate() {
        if part.is_text() {
            text.push_str(&part.text());
        }
        if i >= MOST_WITHIN || text.len() > most && text.chars().nth(most).is_some() {
            return None;
        }
    }
    Some(text)
}

/// Elements and texts within an element that is a line.
const MOST_WITHIN: usize = 200;

/// Characters of a caption.
const LONGEST_CAPTION: usize = 80;

/// Whether blocks stand within an element.
fn has_blocks(node: &NodeRef) -> bool {
    node.descendants_it().take(MOST_WITHIN).any(|d| {
        d.node_name().is_some_and(|name| {
            BLOCKS.contains(&&*name) || name.starts_with('h') && name.len() == 2
        })
    })
}

/// Whether a cell holds a part of the page rather than a datum: blocks with running text.
fn is_laid_out(cell: &NodeRef) -> bool {
    short_text(cell, LONGEST_DATUM).is_none() && has_blocks(cell)
}

/// Characters of a cell that holds a datum.
const LONGEST_DATUM: usize = 60;

/// Whether an element holds what a page says of an article, each field an element of its own: a line
/// with a date, without text between them.
fn is_info_bar(node: &NodeRef) -> bool {
    let mut elements = 0;
    for child in node.children_it(false) {
        if child.is_text() && !child.text().trim().is_empty() {
            return false;
        }
        elements += usize::from(child.is_element());
    }
    if elements < 2 {
        return false;
    }
    short_text(node, LONGEST_CAPTION).is_some_and(|text| {
        text.contains(|c: char| c.is_ascii_digit())
            && !text.contains('。')
            && stated_date(&text).is_some()
    })
}

fn block(node: &NodeRef, plain: &mut Plain, state: &mut Walk, is_heading: bool) {
    if state.cell > 0 {
        plain.push_gap();
        return walk(node, plain, state);
    }
    plain.end_line(false);
    let around = std::mem::replace(&mut state.heading, is_heading);
    walk(node, plain, state);
    state.heading = around;
    plain.end_line(is_heading);
}

/// Whether a block is a short line that is bold as a whole: a heading that is no heading element.
fn is_bold_line(node: &NodeRef) -> bool {
    let Some(text) = short_text(node, 4 * LONGEST_BOLD) else {
        return false;
    };
    let chars = text.chars().filter(|c| !c.is_whitespace()).count();
    if !(2..=LONGEST_BOLD).contains(&chars) || end_of(text.trim()) != End::Word {
        return false;
    }
    let mut bold = *node;
    loop {
        let mut inner = bold.children_it(false).filter(|child| {
            child.is_element() && child.node_name().as_deref() != Some("br")
                || child.is_text() && !child.text().trim().is_empty()
        });
        let (Some(only), None) = (inner.next(), inner.next()) else {
            return false;
        };
        match only.node_name().as_deref().filter(|_| only.is_element()) {
            Some("strong" | "b") => return true,
            Some("span" | "font" | "center") => bold = only,
            _ => return false,
        }
    }
}

/// A bold line of more characters is a text that is stressed.
const LONGEST_BOLD: usize = 40;

/// Elements that begin and end lines.
const BLOCKS: [&str; 33] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "center",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "header",
    "html",
    "legend",
    "main",
    "menu",
    "nav",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "tfoot",
    "thead",
    "tr",
];

/// Elements within elements, deeper than any real page has them.
const DEEPEST: usize = 500;
/// Formatting elements that the parser opens anew in each paragraph because nothing closed them.
const MOST_REOPENED: usize = 2_000_000;

/// Tags, comments and references that are no characters: more of them are no page that somebody reads.
const MOST_TAGS: usize = 200_000;
const MOST_COMMENTS: usize = 5_000;
const MOST_STRAY_AMPERSANDS: usize = 20_000;
/// Attributes of one tag: the parser holds each against all before it.
const MOST_ATTRIBUTES: usize = 1_000;

/// Whether parsing would take time or memory out of proportion: the HTML standard's algorithm
/// looks through all open elements at each tag, and opens unclosed `<b>`s again in each `<p>`.
/// What is counted here is the budget of a page: the parser's time and memory follow from it, on any
/// machine alike. One pass: what was looked for and not found is not looked for again.
fn is_tangled(html: &str) -> bool {
    let (mut depth, mut formatting, mut reopened) = (0_usize, 0_usize, 0_usize);
    let (mut tags, mut comments) = (0_usize, 0_usize);
    let bytes = html.as_bytes();
    let is_stray = |at: usize| {
        !bytes[at + 1..bytes.len().min(at + 32)]
            .iter()
            .take_while(|b| !matches!(b, b'&' | b'<' | b' '))
            .any(|b| *b == b';')
    };
    let ampersands = bytes
        .iter()
        .enumerate()
        .filter(|(at, b)| **b == b'&' && is_stray(*at));
    if ampersands.take(MOST_STRAY_AMPERSANDS).count() == MOST_STRAY_AMPERSANDS {
        return true;
    }
    // The next `>` that is known, so that it is looked for once.
    let mut close = 0;
    // Bytes of tags that were looked through for attributes.
    let mut looked_through = 0;
    let mut at = 0;
    while let Some(open) = html[at..].find('<').map(|i| at + i) {
        at = open + 1;
        let rest = &html[at..];
        comments += usize::from(rest.starts_with("!--"));
        tags += 1;
        let closes = rest.starts_with('/');
        let name = rest.trim_start_matches('/');
        let name = &name[..name
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(name.len())];
        at += name.len();
        if !name.is_empty() {
            let (attributes, length) = attributes(&bytes[at..]);
            looked_through += length;
            // A quotation mark that nothing closes ends a tag somewhere far away, each time.
            if attributes > MOST_ATTRIBUTES || looked_through > 8 * bytes.len() {
                return true;
            }
        }
        let name = name.to_ascii_lowercase();
        if matches!(name.as_str(), "script" | "style") && !closes {
            // What stands within is no markup.
            at = html[at..].find("</").map_or(html.len(), |end| at + end);
            continue;
        }
        if close < at {
            close = html[at..].find('>').map_or(html.len(), |end| at + end);
        }
        let is_void = close > 0 && bytes[close - 1] == b'/';
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
        if depth > DEEPEST
            || reopened > MOST_REOPENED
            || tags > MOST_TAGS
            || comments > MOST_COMMENTS
        {
            return true;
        }
    }
    false
}

/// The number of attributes of a tag, from behind its name to its end or to one too many, and the bytes
/// between.
fn attributes(tag: &[u8]) -> (usize, usize) {
    let (mut count, mut quote, mut before) = (0, None, b' ');
    for (at, &byte) in tag.iter().enumerate() {
        if let Some(mark) = quote {
            if byte == mark {
                (quote, before) = (None, mark);
            }
            continue;
        }
        let separates = |byte: u8| byte.is_ascii_whitespace() || byte == b'/';
        match byte {
            b'>' => return (count, at),
            b'"' | b'\'' if before == b'=' => quote = Some(byte),
            _ if !separates(byte) && (separates(before) || matches!(before, b'"' | b'\'')) => {
                count += 1;
            }
            _ => {}
        }
        if count > MOST_ATTRIBUTES {
            return (count, at);
        }
        // White space around an equals sign belongs to it.
        if !(separates(byte) && before == b'=') {
            before = byte;
        }
    }
    (count, tag.len())
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
    fn a_headline_is_the_page_s_own_heading() {
        for (head, title) in [
            (
                "<title>老街改造见闻_社会_云州新闻网</title><h1>老街改造见闻</h1>",
                "老街改造见闻",
            ),
            ("<title>老街改造见闻 - 云州网</title>", "老街改造见闻"),
            ("<title>云州网|老街改造见闻</title>", "老街改造见闻"),
            (
                "<title>老街换新颜 居民住得安_云州网</title><h1>老街换新颜 居民住得安</h1>",
                "老街换新颜 居民住得安",
            ),
            (
                "<meta property=og:title content=老街改造见闻><title>老街改造见闻（组图）</title><h1>云州新闻网站</h1><h1>老街改造见闻</h1>",
                "老街改造见闻",
            ),
            (
                "<title>老街改造见闻-社会-云州网</title><body><div>老街改造见闻</div>",
                "老街改造见闻",
            ),
        ] {
            let lines = lines_of(&Document::from(head).root());
            assert_eq!(
                headline(&Document::from(head), &lines).as_deref(),
                Some(title),
                "{head}"
            );
        }
    }

    #[test]
    fn a_line_that_is_bold_as_a_whole_is_a_heading() {
        let html = "<p>云州港扩建。</p><p><strong>难在哪里</strong></p><p><span><b>补上短板</b></span><br></p>\
            <p><b>记者</b>获悉</p><p><b>工程已经完工。</b></p>";
        let lines = lines_of(&Document::from(html).root());
        let headings = lines.iter().filter(|l| l.kind == LineKind::Heading);
        assert_eq!(
            headings.map(|l| l.text.as_str()).collect::<Vec<_>>(),
            ["难在哪里", "补上短板"]
        );
    }

    #[test]
    fn dates_are_found_where_sites_have_them() {
        for html in [
            "<meta name=publishdate content='2031-04-03 08:00'>",
            "<meta property='article:published_time' content='2031-04-03T08:00:00+08:00'>",
            "<body><time datetime=2031-04-03>昨天</time>",
        ] {
            assert_eq!(
                date(&Document::from(html)).as_deref(),
                Some("2031-04-03"),
                "{html}"
            );
        }
    }

    #[test]
    fn a_page_without_an_article_keeps_its_body() {
        let plain = read("<html><body><p>短讯一则。</p><p>短讯又一则。</p></body></html>").unwrap();
        assert_eq!(plain.text, "短讯一则。\n短讯又一则。\n");
    }

    /// `y0x y1x y2x …`
    fn numbered(count: usize, name: &str) -> String {
        let names: Vec<_> = (0..count).map(|i| format!("y{i}{name}")).collect();
        names.join(" ")
    }

    #[test]
    fn tangled_markup_is_refused() {
        for html in [
            "<div>".repeat(600),
            "<b>".repeat(400) + &"<p>x".repeat(10_000),
            "<".repeat(1 << 20),
            "&".repeat(1 << 20),
            "<!--".repeat(200_000),
            format!("<a {}>云州</a>", numbered(20_000, "x")),
            format!("<a b='>' {}>云州</a>", numbered(20_000, "x")),
            format!("<!-- <a b=\" --><p {}>", numbered(20_000, "x=\"a\"/")),
            format!("<p>云州</p>{}", "<a b='".repeat(100_000)),
        ] {
            assert!(
                matches!(read(&html), Err(ReadError::TangledHtml)),
                "{html:.60}"
            );
        }
        // What a script left in one attribute is one.
        let quoted = format!("<p data-state='{}'>云州</p>", numbered(20_000, "x"));
        assert!(read(&quoted).is_ok());
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
