//! Feeds (RSS, RDF and Atom): each entry is an article, set apart from the one before.

use std::fmt::Write as _;

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;

use super::plain::Plain;
use super::{ReadError, html};
use crate::page::furniture::stated_date;

const FORM: &str = "a feed";

/// An entry under way.
#[derive(Default)]
struct Entry {
    title: String,
    /// What it says: the longest of its summary and its content.
    body: String,
    date: String,
}

/// Whether an XML text is a feed.
pub(super) fn is_feed(xml: &str) -> bool {
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                return matches!(tag.local_name().as_ref(), "rss" | "feed" | "RDF");
            }
            Ok(Event::Eof) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

pub(super) fn read(xml: &str) -> Result<Plain, ReadError> {
    let broken = |why: &dyn std::fmt::Display| ReadError::Broken(FORM, why.to_string());
    if !is_feed(xml) {
        return Err(broken(&"it is neither RSS nor Atom"));
    }
    let mut reader = Reader::from_str(xml);
    let mut plain = Plain::default();
    let mut dates: Vec<Option<String>> = Vec::new();
    let mut entry: Option<Entry> = None;
    // What is open below an entry: a field's text, or markup inside it.
    let mut field: Option<(&'static str, String, usize)> = None;
    loop {
        let event = reader.read_event().map_err(|e| broken(&e))?;
        match event {
            Event::Start(tag) => {
                let name = tag.local_name().as_ref().to_owned();
                if let Some((_, text, depth)) = &mut field {
                    *depth += 1;
                    // XHTML stands in Atom as it is.
                    let _ = write!(text, "<{}>", &*tag);
                } else if entry.is_some() {
                    field = field_of(&name).map(|kind| (kind, String::new(), 0));
                } else if matches!(name.as_str(), "item" | "entry") {
                    entry = Some(Entry::default());
                }
            }
            Event::Empty(tag) => {
                if let Some((_, text, _)) = &mut field {
                    let _ = write!(text, "<{}/>", &*tag);
                }
            }
            Event::End(tag) => match &mut field {
                Some((_, text, depth)) if *depth > 0 => {
                    *depth -= 1;
                    let _ = write!(text, "</{}>", tag.name().as_ref());
                }
                Some(_) => {
                    if let (Some((kind, text, _)), Some(entry)) = (field.take(), &mut entry) {
                        entry.take(kind, text);
                    }
                }
                None => {
                    if matches!(tag.local_name().as_ref(), "item" | "entry")
                        && let Some(entry) = entry.take()
                    {
                        dates.push(entry.push(&mut plain)?);
                    }
                }
            },
            Event::Text(words) => {
                if let Some((_, text, depth)) = &mut field {
                    match depth {
                        0 => text.push_str(&words),
                        _ => text.push_str(&words.replace('<', "&lt;")),
                    }
                }
            }
            Event::CData(words) => {
                if let Some((_, text, _)) = &mut field {
                    text.push_str(&words);
                }
            }
            Event::GeneralRef(name) => {
                if let Some((_, text, depth)) = &mut field {
                    let reference = format!("&{};", &*name);
                    match unescape(&reference) {
                        Ok(words) if *depth == 0 => text.push_str(&words),
                        _ => text.push_str(&reference),
                    }
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    // A date is of the whole source: one that all entries share.
    let first = dates.first().cloned().flatten();
    if dates.iter().all(|date| *date == first) {
        plain.markup.date = first;
    }
    Ok(plain)
}

fn field_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "title" => "title",
        "description" | "summary" | "content" | "encoded" => "body",
        "pubDate" | "published" | "date" => "date",
        _ => return None,
    })
}

impl Entry {
    fn take(&mut self, kind: &str, text: String) {
        match kind {
            "title" if self.title.is_empty() => self.title = text,
            "body" if text.len() > self.body.len() => self.body = text,
            "date" if self.date.is_empty() => self.date = text,
            _ => {}
        }
    }

    /// Adds the entry; gives its date.
    fn push(self, plain: &mut Plain) -> Result<Option<String>, ReadError> {
        if !plain.text.is_empty() {
            plain.begin_part();
        }
        let mut title = Plain::default();
        html::push_whole(&self.title, &mut title)?;
        plain.push_exactly(title.text.trim());
        plain.end_line(true);
        html::push_whole(&self.body, plain)?;
        Ok(date(self.date.trim()))
    }
}

/// `Wed, 18 Mar 2026 08:00:00 +0800`, or ISO 8601.
fn date(text: &str) -> Option<String> {
    if let Some(date) = stated_date(text) {
        return Some(date);
    }
    let parsed = jiff::fmt::rfc2822::DateTimeParser::new().parse_zoned_datetime(text);
    Some(parsed.ok()?.date().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_articles() {
        let rss = "<?xml version='1.0'?><rss version='2.0'><channel><title>云州日报</title>\
            <item><title>云州港开港</title><description>&lt;p&gt;云州港昨日开港。&lt;/p&gt;&lt;p&gt;总投资90亿元。&lt;/p&gt;</description><pubDate>Wed, 18 Mar 2026 08:00:00 +0800</pubDate></item>\
            <item><title><![CDATA[山路 & 通车]]></title><description>短。</description><content:encoded xmlns:content='c'><![CDATA[<p>山路昨日通车。</p>]]></content:encoded><pubDate>Wed, 18 Mar 2026 09:00:00 +0800</pubDate></item>\
            </channel></rss>";
        let plain = read(rss).unwrap();
        let lines: Vec<&str> = plain.text.lines().filter(|l| !l.is_empty()).collect();
        assert_eq!(
            lines,
            [
                "云州港开港",
                "云州港昨日开港。",
                "总投资90亿元。",
                "山路 & 通车",
                "山路昨日通车。"
            ]
        );
        assert_eq!(plain.markup.headings.len(), 2);
        assert_eq!(plain.markup.parts.len(), 1);
        assert_eq!(plain.markup.date.as_deref(), Some("2026-03-18"));
        let atom = "<feed xmlns='a'><entry><title>开港</title><published>2026-03-18T08:00:00+08:00</published>\
            <content type='xhtml'><div><p>云州港&amp;昨日<b>开港</b>。</p></div></content></entry></feed>";
        let plain = read(atom).unwrap();
        assert_eq!(plain.text, "开港\n云州港&昨日开港。\n");
        assert_eq!(plain.markup.date.as_deref(), Some("2026-03-18"));
    }

    #[test]
    fn what_is_no_feed_is_refused() {
        for text in ["<svg/>", "<svg></svg>", "", "<rss><item>", "本报讯"] {
            assert!(
                read(text).map_or(true, |plain| plain.text.is_empty()),
                "{text}"
            );
        }
        assert!(!is_feed("<svg></svg>"));
    }
}
