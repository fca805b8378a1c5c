//! RTF: paragraphs become lines; what word processors keep beside the text is not read.
//!
//! Bytes are in the code page of the font that they are set in, else of the document
//! (<https://learn.microsoft.com/en-us/openspecs/exchange_server_protocols/ms-oxrtfcp/>).

use std::collections::{HashMap, HashSet};

use encoding_rs::{BIG5, EUC_KR, Encoding, GBK, SHIFT_JIS, WINDOWS_1252};

use super::ReadError;
use super::plain::Plain;

/// Groups in groups; a word processor writes some dozens.
const DEEPEST: usize = 500;
/// Groups that hold no text of the document.
const BESIDE: [&str; 29] = [
    "colortbl",
    "info",
    "pict",
    "object",
    "header",
    "headerl",
    "headerr",
    "headerf",
    "footer",
    "footerl",
    "footerr",
    "footerf",
    "fldinst",
    "annotation",
    "atnid",
    "atnauthor",
    "xe",
    "tc",
    "listtable",
    "listoverridetable",
    "rsidtbl",
    "generator",
    "themedata",
    "datastore",
    "filetbl",
    "revtbl",
    "ftnsep",
    "ftnsepc",
    "bkmkstart",
];

/// What holds within a group.
#[derive(Clone, Copy)]
struct State {
    encoding: &'static Encoding,
    hidden: bool,
    /// Whether the group is the table of fonts.
    fonts: bool,
    /// Whether the group is the table of styles.
    styles: bool,
    /// Characters that stand for each `\u` where it is not understood.
    substitutes: usize,
    heading: bool,
}

struct Document {
    plain: Plain,
    states: Vec<State>,
    now: State,
    /// Bytes in the code page, not yet decoded.
    bytes: Vec<u8>,
    /// Units of UTF-16 that wait for their other half.
    high: Option<u16>,
    skip: usize,
    fonts: HashMap<i32, &'static Encoding>,
    /// The font whose entry in the table is open.
    font: i32,
    /// The style whose entry in the table is open, and its name as far as it was read.
    style: (Option<i32>, Vec<u8>),
    /// The styles of headings.
    headings: HashSet<i32>,
    page: &'static Encoding,
}

pub(super) fn read(bytes: &[u8]) -> Result<Plain, ReadError> {
    let broken = |why: &str| ReadError::Broken("an RTF file", why.to_owned());
    if !bytes.trim_ascii_start().starts_with(b"{\\rtf") {
        return Err(broken("it does not begin like one"));
    }
    let state = State {
        encoding: WINDOWS_1252,
        hidden: false,
        fonts: false,
        styles: false,
        substitutes: 1,
        heading: false,
    };
    let mut document = Document {
        plain: Plain::default(),
        states: Vec::new(),
        now: state,
        bytes: Vec::new(),
        high: None,
        skip: 0,
        fonts: HashMap::new(),
        font: 0,
        style: (None, Vec::new()),
        headings: HashSet::new(),
        page: WINDOWS_1252,
    };
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        at += 1;
        match byte {
            b'{' => {
                document.flush();
                if document.states.len() >= DEEPEST {
                    return Err(broken("its groups are nested too deeply"));
                }
                document.states.push(document.now);
            }
            b'}' => {
                document.flush();
                document.close_style();
                document.now = document.states.pop().unwrap_or(state);
            }
            b'\\' => at = document.control(bytes, at),
            b'\r' | b'\n' => {}
            byte => document.byte(byte),
        }
    }
    document.flush();
    document.plain.end_line(false);
    Ok(document.plain)
}

impl Document {
    /// A control behind its backslash; gives the place behind it.
    fn control(&mut self, bytes: &[u8], at: usize) -> usize {
        let Some(&first) = bytes.get(at) else {
            return at;
        };
        if !first.is_ascii_alphabetic() {
            return self.symbol(bytes, at, first);
        }
        let letters = bytes[at..].iter().take_while(|b| b.is_ascii_alphabetic());
        let end = at + letters.count();
        let word = std::str::from_utf8(&bytes[at..end]).unwrap_or_default();
        let mut behind = end;
        if bytes.get(behind) == Some(&b'-') {
            behind += 1;
        }
        behind += bytes[behind..]
            .iter()
            .take(10)
            .take_while(|b| b.is_ascii_digit())
            .count();
        let number = std::str::from_utf8(&bytes[end..behind]).ok();
        let number: Option<i32> = number.and_then(|n| n.parse().ok());
        if number.is_none() {
            behind = end;
        }
        self.word(word, number);
        if word == "bin" {
            return behind
                .saturating_add(number.unwrap_or(0).max(0) as usize)
                .min(bytes.len());
        }
        behind + usize::from(bytes.get(behind) == Some(&b' '))
    }

    fn symbol(&mut self, bytes: &[u8], at: usize, symbol: u8) -> usize {
        match symbol {
            b'\'' => {
                let digits = bytes.get(at + 1..at + 3);
                let digits = digits.and_then(|d| std::str::from_utf8(d).ok());
                let Some(byte) = digits.and_then(|d| u8::from_str_radix(d, 16).ok()) else {
                    return at + 1;
                };
                self.byte(byte);
                return at + 3;
            }
            // A group that only newer programs know.
            b'*' => self.now.hidden = true,
            b'\\' | b'{' | b'}' => self.byte(symbol),
            b'~' => self.push("\u{a0}"),
            b'_' => self.push("-"),
            b'\r' | b'\n' => self.line(),
            _ => {}
        }
        at + 1
    }

    fn word(&mut self, word: &str, number: Option<i32>) {
        self.flush();
        let on = number != Some(0);
        match word {
            "par" | "sect" | "row" | "line" | "page" => self.line(),
            "cell" | "tab" | "nestcell" => self.push("\u{3000}"),
            "emdash" => self.push("—"),
            "endash" => self.push("–"),
            "lquote" => self.push("‘"),
            "rquote" => self.push("’"),
            "ldblquote" => self.push("“"),
            "rdblquote" => self.push("”"),
            "bullet" => self.push("•"),
            "pard" => self.now.heading = false,
            "outlinelevel" => self.now.heading = number.is_some_and(|level| level < 3),
            "v" | "deleted" => self.now.hidden |= on,
            "ansicpg" => {
                self.page = code_page(number.unwrap_or(0));
                self.now.encoding = self.page;
            }
            "stylesheet" => (self.now.styles, self.now.hidden) = (true, true),
            "s" if self.now.styles => self.style.0 = number,
            "s" => self.now.heading = number.is_some_and(|n| self.headings.contains(&n)),
            "fonttbl" => (self.now.fonts, self.now.hidden) = (true, true),
            "f" if self.now.fonts => self.font = number.unwrap_or(0),
            "f" | "af" | "dbch" | "loch" | "hich" => {
                if let Some(font) = number {
                    self.now.encoding = self.fonts.get(&font).copied().unwrap_or(self.page);
                }
            }
            "fcharset" => {
                if let Some(encoding) = charset(number.unwrap_or(0)) {
                    self.fonts.insert(self.font, encoding);
                }
            }
            "uc" => self.now.substitutes = number.unwrap_or(1).clamp(0, 8) as usize,
            "u" => self.unicode(number.unwrap_or(0)),
            word if BESIDE.contains(&word) => self.now.hidden = true,
            _ => {}
        }
    }

    /// A unit of UTF-16, written as a signed number.
    fn unicode(&mut self, number: i32) {
        self.skip = self.now.substitutes;
        let unit = number as u16;
        let units = [self.high.take().unwrap_or(0), unit];
        if (0xd800..0xdc00).contains(&unit) {
            self.high = Some(unit);
            return;
        }
        let units = if units[0] == 0 {
            &units[1..]
        } else {
            &units[..]
        };
        let text = String::from_utf16_lossy(units);
        self.push(&text);
    }

    fn byte(&mut self, byte: u8) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.now.styles {
            self.style.1.push(byte);
        } else if !self.now.hidden {
            self.bytes.push(byte);
        }
    }

    /// The entry of a style ends with its name: `heading 1` in Word, `Heading 1` elsewhere, `标题 1` in China.
    fn close_style(&mut self) {
        let (style, name) = std::mem::take(&mut self.style);
        let (name, _) = self.page.decode_without_bom_handling(&name);
        let name = name.trim().trim_end_matches(';').to_lowercase();
        let level = ["heading ", "标题 "]
            .iter()
            .find_map(|head| name.strip_prefix(head));
        if let (Some(style), Some("1" | "2" | "3")) = (style, level) {
            self.headings.insert(style);
        }
    }

    fn push(&mut self, text: &str) {
        self.flush();
        if !self.now.hidden {
            self.plain.push_exactly(text);
        }
    }

    fn line(&mut self) {
        self.flush();
        if !self.now.hidden {
            self.plain.end_line(self.now.heading);
        }
    }

    fn flush(&mut self) {
        if !self.bytes.is_empty() {
            let (text, _) = self.now.encoding.decode_without_bom_handling(&self.bytes);
            self.plain.push_exactly(&text);
            self.bytes.clear();
        }
        // Substitutes stand right behind their character.
    }
}

fn code_page(number: i32) -> &'static Encoding {
    match number {
        936 | 54936 => GBK,
        950 => BIG5,
        932 => SHIFT_JIS,
        949 => EUC_KR,
        65001 => encoding_rs::UTF_8,
        _ => WINDOWS_1252,
    }
}

/// The code page of a font's character set, where it is one of its own.
fn charset(number: i32) -> Option<&'static Encoding> {
    Some(match number {
        134 => GBK,
        136 => BIG5,
        128 => SHIFT_JIS,
        129 => EUC_KR,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_in_the_code_page_of_its_font() {
        let rtf = br"{\rtf1\ansi\ansicpg936{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset134 \'cb\'ce\'cc\'e5;}}{\info{\title x}}{\*\generator W;}\pard\outlinelevel0 \f1\'d4\'c6\'d6\'dd\'b8\'db\'bf\'aa\'b8\'db\par\pard \u26412?\u25253?\u-29777? \'d4\'c6\'d6\'dd\'b8\'db{\b\'d7\'f2\'c8\'d5}\'bf\'aa\'b8\'db\'a1\'a3{\v hidden}\par 90\{\}\par}";
        let plain = read(rtf).unwrap();
        assert_eq!(plain.text, "云州港开港\n本报讯 云州港昨日开港。\n90{}\n");
        assert!(plain.markup.has_headings());
    }

    #[test]
    fn a_heading_is_told_by_its_style() {
        let rtf = br"{\rtf1\ansi\ansicpg936{\stylesheet{\s0 Normal;}{\s1\b \'b1\'ea\'cc\'e2 1;}{\*\cs2 Heading 1;}}\pard\s1 \'d4\'c6\'d6\'dd\par\pard\s0 90\par}";
        let plain = read(rtf).unwrap();
        assert_eq!(plain.text, "云州\n90\n");
        assert_eq!(plain.markup.headings.len(), 1);
    }

    #[test]
    fn bad_files_are_refused_or_read_as_far_as_they_go() {
        assert!(read("本报讯".as_bytes()).is_err());
        let deep = [b"{\\rtf1".to_vec(), b"{".repeat(9999)].concat();
        assert!(read(&deep).is_err());
        for odd in [
            &b"{\\rtf1\\"[..],
            b"{\\rtf1\\'",
            b"{\\rtf1\\'zz}",
            b"{\\rtf1\\u",
            b"{\\rtf1\\bin99999999 x}",
            b"{\\rtf1}}}}",
            b"{\\rtf1\\u-1?\\u55357?}",
        ] {
            assert!(read(odd).is_ok());
        }
    }
}
