//! Files whose texts are put into English where they stand: subtitles (SRT, WebVTT) keep their cues,
//! XLIFF gets its targets.
//!
//! Everything but the texts comes out as it went in. A target that somebody has filled stays.

use std::{borrow::Cow, fmt::Write as _, ops::Range};

use kuaibao_text::page::{is_timing, untagged};
use quick_xml::{
    Reader, Writer,
    escape::unescape,
    events::{BytesEnd, BytesStart, BytesText, Event},
};

use super::FormatError;
use crate::memory::tmx::allowed;

/// A file with the places of its texts.
pub struct Form {
    kind: Kind,
    text: String,
    /// The Chinese texts, in order.
    pub texts: Vec<String>,
}

enum Kind {
    /// The bytes of the lines of each cue, and the tags around them.
    Subtitles(Vec<Cue>),
    /// Which sources have a text that is to be filled in, in the order of their ends.
    Xliff(Vec<bool>),
}

struct Cue {
    lines: Range<usize>,
    before: String,
    after: String,
}

/// Characters of a line of subtitles: what most stations allow.
const LINE: usize = 42;

impl Form {
    /// Whether a file of this name is one whose texts are filled in.
    pub fn is_known(extension: &str) -> bool {
        ["srt", "vtt", "xlf", "xliff"].contains(&extension.to_ascii_lowercase().as_str())
    }

    /// Finds the texts of a file.
    pub fn new(text: String, extension: &str) -> Result<Self, String> {
        let is_xliff = extension.to_ascii_lowercase().starts_with("xl");
        let (kind, texts) = if is_xliff {
            let (filled, texts) = sources(&text)?;
            (Kind::Xliff(filled), texts)
        } else {
            let (cues, texts) = cues(&text);
            if cues.is_empty() && !text.trim().is_empty() {
                return Err("no line says when a cue begins and ends".to_owned());
            }
            (Kind::Subtitles(cues), texts)
        };
        Ok(Self { kind, text, texts })
    }

    /// The file with the English of its texts, in their order.
    pub fn fill(&self, english: &[&str]) -> Result<String, FormatError> {
        match &self.kind {
            Kind::Subtitles(cues) => {
                let mut made = String::new();
                let mut end = 0;
                for (cue, en) in cues.iter().zip(english) {
                    made.push_str(&self.text[end..cue.lines.start]);
                    let newline = if self.text.contains("\r\n") {
                        "\r\n"
                    } else {
                        "\n"
                    };
                    let en = en.replace("-->", "→");
                    let lines = wrapped(&en, LINE).join(newline);
                    let _ = write!(made, "{}{lines}{}", cue.before, cue.after);
                    end = cue.lines.end;
                }
                made.push_str(&self.text[end..]);
                Ok(made)
            }
            Kind::Xliff(wanted) => filled(&self.text, wanted, english),
        }
    }
}

/// The cues of subtitles with the bytes of their lines.
fn cues(text: &str) -> (Vec<Cue>, Vec<String>) {
    let (mut cues, mut texts) = (Vec::new(), Vec::new());
    let mut open: Option<Range<usize>> = None;
    let mut timed = false;
    let mut close = |open: &mut Option<Range<usize>>| {
        let Some(lines) = open.take() else { return };
        let whole = &text[lines.clone()];
        let (before, inner, after) = tags_around(whole);
        let words: String = inner.lines().map(|line| untagged(line.trim())).collect();
        if !words.trim().is_empty() {
            texts.push(words.trim().to_owned());
            cues.push(Cue {
                before: before.to_owned(),
                after: after.to_owned(),
                lines,
            });
        }
    };
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let words = line.trim_end_matches(['\n', '\r']);
        if words.trim().is_empty() {
            close(&mut open);
            timed = false;
        } else if is_timing(words.trim()) {
            close(&mut open);
            timed = true;
        } else if timed {
            let start = open.as_ref().map_or(at, |open| open.start);
            open = Some(start..at + words.len());
        }
        at += line.len();
    }
    close(&mut open);
    (cues, texts)
}

/// What stands around the words of a cue: `{\an8}<i>` and `</i>`.
fn tags_around(cue: &str) -> (&str, &str, &str) {
    let (mut start, mut end) = (0, cue.len());
    while let Some(close) = match cue[start..end].chars().next() {
        Some('<') => cue[start..end].find('>'),
        Some('{') => cue[start..end].find('}'),
        _ => None,
    } {
        start += close + 1;
    }
    while cue[start..end].ends_with('>')
        && let Some(open) = cue[start..end].rfind("</")
    {
        end = start + open;
    }
    (&cue[..start], &cue[start..end], &cue[end..])
}

/// A text in lines of about so many characters.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last().map_or(0, |line| line.chars().count());
        if line > 0 && line + 1 + word.chars().count() > width {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// A source of XLIFF, read.
#[derive(Default)]
struct Source {
    text: String,
    /// Whether a target beside it says something, or nobody is to translate it.
    is_settled: bool,
}

/// Walks an XLIFF file; gives for each source whether it is to be filled in, and those texts.
fn sources(xml: &str) -> Result<(Vec<bool>, Vec<String>), String> {
    let mut reader = Reader::from_str(xml);
    let mut sources: Vec<Source> = Vec::new();
    let (mut is_xliff, mut offered) = (false, 0_usize);
    // What is open: the source or the target of a unit.
    let mut open: Option<&'static str> = None;
    let mut fixed: Vec<bool> = Vec::new();
    let add = |words: &str, open: Option<&str>, sources: &mut Vec<Source>| {
        if let Some(source) = sources.last_mut() {
            match open {
                Some("source") => source.text.push_str(words),
                Some("target") => source.is_settled |= !words.trim().is_empty(),
                _ => {}
            }
        }
    };
    loop {
        match reader.read_event().map_err(|e| e.to_string())? {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "xliff" => is_xliff = true,
                "alt-trans" | "matches" => offered += 1,
                "unit" | "trans-unit" | "file" | "group" => {
                    let no = tag
                        .attributes()
                        .flatten()
                        .find(|a| a.key.as_ref() == "translate");
                    let outer = fixed.last().copied().unwrap_or(false);
                    fixed.push(no.map_or(outer, |a| &*a.value == "no"));
                }
                "source" if offered == 0 => {
                    open = Some("source");
                    sources.push(Source {
                        is_settled: fixed.last().copied().unwrap_or(false),
                        ..Source::default()
                    });
                }
                "target" if offered == 0 => open = Some("target"),
                _ => {}
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                "alt-trans" | "matches" => offered = offered.saturating_sub(1),
                "unit" | "trans-unit" | "file" | "group" => drop(fixed.pop()),
                "source" | "target" if offered == 0 => open = None,
                _ => {}
            },
            Event::Text(words) => add(&words, open, &mut sources),
            Event::CData(words) => add(&words, open, &mut sources),
            Event::GeneralRef(name) => {
                let words = unescape(&format!("&{};", &*name)).map(Cow::into_owned);
                add(&words.map_err(|e| e.to_string())?, open, &mut sources);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if !is_xliff {
        return Err("it has no <xliff>".to_owned());
    }
    let wanted = |s: &Source| !s.is_settled && !s.text.trim().is_empty();
    let filled = sources.iter().map(wanted).collect();
    let texts = sources.iter().filter(|s| wanted(s));
    Ok((filled, texts.map(|s| s.text.trim().to_owned()).collect()))
}

/// Writes an XLIFF file again with the targets that are wanted.
fn filled(xml: &str, wanted: &[bool], english: &[&str]) -> Result<String, FormatError> {
    let failed = |e: &dyn std::fmt::Display| std::io::Error::other(e.to_string());
    let mut reader = Reader::from_str(xml);
    let mut writer = Writer::new(Vec::new());
    let (mut wanted, mut english) = (wanted.iter(), english.iter());
    // The English that waits for its place: behind the source, or its segmented form, or in the target.
    let mut waiting: Option<&str> = None;
    let (mut offered, mut segmented, mut skipping) = (0_usize, false, false);
    let target = |writer: &mut Writer<Vec<u8>>, attributes: Option<BytesStart>, en: &str| {
        let start = attributes.unwrap_or_else(|| BytesStart::new("target"));
        let end = BytesEnd::new(start.name().as_ref().to_owned());
        writer.write_event(Event::Start(start))?;
        writer.write_event(Event::Text(BytesText::new(&allowed(en))))?;
        writer.write_event(Event::End(end))
    };
    loop {
        let event = reader.read_event().map_err(|e| failed(&e))?;
        let name = match &event {
            Event::Start(tag) | Event::Empty(tag) => tag.local_name().as_ref().to_owned(),
            Event::End(tag) => tag.local_name().as_ref().to_owned(),
            _ => String::new(),
        };
        let outside = offered == 0;
        match (&event, name.as_str()) {
            (Event::Start(_), "alt-trans" | "matches") => offered += 1,
            (Event::End(_), "alt-trans" | "matches") => offered = offered.saturating_sub(1),
            _ => {}
        }
        if skipping {
            // The empty target that has been filled.
            skipping = !(matches!(event, Event::End(_)) && name == "target");
            continue;
        }
        if outside && let Some(en) = waiting {
            let is_tag = matches!(event, Event::Start(_) | Event::Empty(_) | Event::End(_));
            match (&event, name.as_str()) {
                (Event::Empty(tag) | Event::Start(tag), "target") => {
                    target(&mut writer, Some(tag.to_owned()), en)?;
                    waiting = None;
                    skipping = matches!(event, Event::Start(_));
                    continue;
                }
                (Event::Start(_), "seg-source") => segmented = true,
                (Event::End(_), "seg-source") => segmented = false,
                _ if is_tag && !segmented => {
                    target(&mut writer, None, en)?;
                    waiting = None;
                }
                _ => {}
            }
        }
        let ends_source = offered == 0 && name == "source" && matches!(event, Event::End(_));
        match event {
            Event::Eof => break,
            event => writer.write_event(event)?,
        }
        if ends_source && wanted.next() == Some(&true) {
            waiting = english.next().copied();
        }
    }
    String::from_utf8(writer.into_inner()).map_err(|e| failed(&e).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cues_are_kept() {
        let srt = "1\r\n00:00:01,000 --> 00:00:03,000\r\n{\\an8}<i>云州港\r\n昨日开港。</i>\r\n\r\n2\r\n00:00:04,000 --> 00:00:05,000\r\n♪\r\n\r\n";
        let form = Form::new(srt.to_owned(), "srt").unwrap();
        assert_eq!(form.texts, ["云州港昨日开港。", "♪"]);
        let long = "The port of Yunzhou opened for ships from all over the world yesterday.";
        let made = form.fill(&[long, "♪ --> ♪"]).unwrap();
        assert_eq!(
            made,
            "1\r\n00:00:01,000 --> 00:00:03,000\r\n{\\an8}<i>The port of Yunzhou opened for ships from\r\nall over the world yesterday.</i>\r\n\r\n2\r\n00:00:04,000 --> 00:00:05,000\r\n♪ → ♪\r\n\r\n"
        );
        let same = form
            .fill(&form.texts.iter().map(String::as_str).collect::<Vec<_>>())
            .unwrap();
        assert_eq!(same.matches("-->").count(), 2);
    }

    #[test]
    fn targets_are_filled_in() {
        let xml = |one: &str, two: &str, three: &str| {
            format!(
                "<?xml version=\"1.0\"?>\n<xliff version=\"1.2\"><file><body>\n\
             <trans-unit id=\"1\"><source>甲 &amp; <g id=\"1\">乙</g>。</source>{one}<alt-trans><source>x</source><target>y</target></alt-trans></trans-unit>\n\
             <trans-unit id=\"2\"><source>丙。</source><seg-source><mrk>丙。</mrk></seg-source>\n{two}<note>n</note></trans-unit>\n\
             <trans-unit id=\"3\"><source>丁。</source>{three}</trans-unit>\n\
             <trans-unit id=\"4\" translate=\"no\"><source>戊。</source></trans-unit>\n</body></file></xliff>"
            )
        };
        let form = Form::new(xml("", "", "<target>D</target>"), "xlf").unwrap();
        assert_eq!(form.texts, ["甲 & 乙。", "丙。"]);
        let made = form.fill(&["A & B.", "C."]).unwrap();
        assert_eq!(
            made,
            xml(
                "<target>A &amp; B.</target>",
                "<target>C.</target>",
                "<target>D</target>"
            )
        );
        let form = Form::new(
            xml(
                "<target state=\"new\"/>",
                "<target></target>",
                "<target> </target>",
            ),
            "xlf",
        )
        .unwrap();
        assert_eq!(form.texts.len(), 3);
        let made = form.fill(&["A.", "C.", "D."]).unwrap();
        assert_eq!(
            made,
            xml(
                "<target state=\"new\">A.</target>",
                "<target>C.</target>",
                "<target>D.</target>"
            )
        );
        assert!(Form::new("<html></html>".to_owned(), "xlf").is_err());
    }
}
