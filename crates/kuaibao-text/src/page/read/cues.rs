//! Subtitles (SRT, WebVTT) and the Chinese of XLIFF: texts that stand each for itself.
//!
//! Numbers, times, notes and styles of subtitles are furniture; the lines of a cue are one.

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;

use super::ReadError;
use super::plain::Plain;

/// The cues, a line each.
pub(super) fn subtitles(text: &str) -> Result<Plain, ReadError> {
    let cues = cues(text);
    if cues.is_empty() && !text.trim().is_empty() {
        let why = "no line says when a cue begins and ends".to_owned();
        return Err(ReadError::Broken("a file of subtitles", why));
    }
    let mut plain = Plain::default();
    for cue in cues {
        plain.push_exactly(&cue);
        plain.end_line(false);
    }
    plain.markup.one_article = true;
    Ok(plain)
}

/// The texts of the cues, without their tags.
fn cues(text: &str) -> Vec<String> {
    let mut cues = Vec::new();
    let mut open: Option<String> = None;
    for line in text
        .lines()
        .map(|line| line.trim_matches(['\u{feff}', ' ', '\t', '\r']))
    {
        if line.is_empty() {
            cues.extend(open.take());
        } else if is_timing(line) {
            cues.extend(open.take());
            open = Some(String::new());
        } else if let Some(cue) = &mut open {
            cue.push_str(&untagged(line));
        }
    }
    cues.extend(open);
    cues.retain(|cue| !cue.trim().is_empty());
    cues
}

/// `00:01:02,500 --> 00:01:04,000`.
pub fn is_timing(line: &str) -> bool {
    let time = |text: &str| {
        let text = text.trim();
        text.contains(':') && text.chars().next().is_some_and(|c| c.is_ascii_digit())
    };
    line.split_once("-->")
        .is_some_and(|(from, to)| time(from) && time(to))
}

/// A line without `<i>` and `{\an8}`.
pub fn untagged(line: &str) -> String {
    let mut words = String::new();
    let mut within = None;
    for c in line.chars() {
        match (within, c) {
            (None, '<') => within = Some('>'),
            (None, '{') => within = Some('}'),
            (None, c) => words.push(c),
            (Some(end), c) if c == end => within = None,
            (Some(_), _) => {}
        }
    }
    // What opens and never closes is no tag.
    if within.is_some() {
        line.to_owned()
    } else {
        words
    }
}

/// The Chinese of the units of an XLIFF file, a line each.
pub(super) fn xliff(xml: &str) -> Result<Plain, ReadError> {
    let broken = |why: String| ReadError::Broken("an XLIFF file", why);
    let mut reader = Reader::from_str(xml);
    let mut plain = Plain::default();
    // Depths: within a source, within matches that are only offered.
    let (mut source, mut offered, mut is_xliff) = (0_usize, 0_usize, false);
    loop {
        match reader.read_event().map_err(|e| broken(e.to_string()))? {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "xliff" => is_xliff = true,
                "alt-trans" | "matches" => offered += 1,
                "source" if offered == 0 => source += 1,
                _ => {}
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                "alt-trans" | "matches" => offered = offered.saturating_sub(1),
                "source" if offered == 0 => {
                    source = source.saturating_sub(1);
                    plain.end_line(false);
                }
                _ => {}
            },
            Event::Text(words) if source > 0 => plain.push_exactly(&words),
            Event::CData(words) if source > 0 => plain.push_exactly(&words),
            Event::GeneralRef(name) if source > 0 => {
                if let Ok(words) = unescape(&format!("&{};", &*name)) {
                    plain.push_exactly(&words);
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if !is_xliff {
        return Err(broken("it has no <xliff>".to_owned()));
    }
    plain.markup.one_article = true;
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cues_are_lines() {
        let srt = "1\r\n00:00:01,000 --> 00:00:03,000\r\n{\\an8}<i>云州港</i>\r\n昨日开港。\r\n\r\n2\r\n00:00:04,000 --> 00:00:05,000\r\n3 < 4 米\r\n";
        assert_eq!(subtitles(srt).unwrap().text, "云州港昨日开港。\n3 < 4 米\n");
        let vtt = "WEBVTT\n\nNOTE 不译\n\nSTYLE\n::cue {}\n\nid\n00:01.000 --> 00:02.000 align:start\n山路通车。\n";
        assert_eq!(subtitles(vtt).unwrap().text, "山路通车。\n");
        assert!(subtitles("本报讯 云州港昨日开港。").is_err());
    }

    #[test]
    fn sources_are_lines() {
        let xml = "<xliff version='1.2'><file><body><trans-unit id='1'><source>甲 &amp; <g id='1'>乙</g>。</source><target>A</target>\
            <alt-trans><source>丙</source></alt-trans></trans-unit></body></file></xliff>";
        assert_eq!(xliff(xml).unwrap().text, "甲 & 乙。\n");
        assert!(xliff("<html></html>").is_err());
    }
}
