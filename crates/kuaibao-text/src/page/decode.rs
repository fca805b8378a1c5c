//! Bytes to text: which encoding, and where it breaks.
//!
//! Comes in: the bytes of one file. Goes out: its text without a byte order mark, and the name of
//! the encoding. Never replaces a byte by `U+FFFD`: what cannot be decoded is an error.

use encoding_rs::{BIG5, DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

/// Decoded text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without a byte order mark.
    pub text: String,
    /// The encoding, by its WHATWG name (`UTF-8`, `GB18030`, `Big5`, `UTF-16LE`, …).
    pub encoding: &'static str,
}

/// Why bytes are not text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Not text at all.
    #[error(
        "looks like a binary file: byte {offset} is not text (give the encoding if it is text after all)"
    )]
    Binary {
        /// Offset of the first byte that no text has.
        offset: usize,
    },
    /// A byte sequence that the encoding does not have.
    #[error(
        "not valid {encoding}: byte {offset} cannot be decoded (give another encoding, repair the file, or leave such bytes out with --lossy)"
    )]
    Malformed {
        /// The encoding that was given or detected.
        encoding: &'static str,
        /// Offset of the first byte of the bad sequence.
        offset: usize,
    },
    /// Partly UTF-8, partly not: two files in one.
    #[error(
        "is UTF-8 in one part and another encoding in the other: byte {offset} is the first that is not UTF-8 (split the file, or save it anew in one encoding)"
    )]
    Mixed {
        /// Offset of the first byte that is not UTF-8.
        offset: usize,
    },
    /// Text of another language, in an encoding that is not guessed.
    #[error(
        "looks like {language} text in {encoding}, not Chinese (to read it all the same, give the encoding)"
    )]
    OtherLanguage {
        /// The language.
        language: &'static str,
        /// Its encoding.
        encoding: &'static str,
    },
    /// An encoding that nobody knows.
    #[error(
        "unknown encoding `{0}`: use a WHATWG label such as utf-8, gb18030, gbk, big5, utf-16le or utf-16be"
    )]
    UnknownEncoding(String),
}

/// Decodes a file's bytes, in the given encoding or in the one they look like.
///
/// A byte order mark is believed first; then bytes that are valid UTF-8 are UTF-8; then UTF-16
/// without a mark, GB18030 (which holds GBK and GB2312) and Big5 are told apart by how common the
/// characters are that they would give.
pub fn decode(bytes: &[u8], encoding: Option<&str>) -> Result<Decoded, DecodeError> {
    if let Some(label) = encoding {
        let encoding = Encoding::for_label(label.trim().as_bytes())
            .ok_or_else(|| DecodeError::UnknownEncoding(label.to_owned()))?;
        return decode_as(bytes, encoding);
    }
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return decode_as(bytes, encoding);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => match control_character(bytes) {
            None => {
                return Ok(Decoded {
                    text: text.to_owned(),
                    encoding: UTF_8.name(),
                });
            }
            Some(offset) => return decode_utf16(bytes).ok_or(DecodeError::Binary { offset }),
        },
        Err(error) if mostly_utf8(bytes) => {
            return Err(DecodeError::Malformed {
                encoding: UTF_8.name(),
                offset: error.valid_up_to(),
            });
        }
        Err(error) if holds_utf8(bytes) => {
            return Err(DecodeError::Mixed {
                offset: error.valid_up_to(),
            });
        }
        Err(_) => {}
    }
    if let Some((encoding, language)) = other_language(bytes) {
        return Err(DecodeError::OtherLanguage {
            language,
            encoding: encoding.name(),
        });
    }
    if let Some(offset) = control_character(bytes) {
        return decode_utf16(bytes).ok_or(DecodeError::Binary { offset });
    }
    let guess = legacy_encoding(bytes);
    decode_as(bytes, guess).or_else(|error| {
        let other = if guess == BIG5 { GB18030 } else { BIG5 };
        decode_as(bytes, other).map_err(|_| error)
    })
}

/// Decodes as [`decode`] does, but each byte that the encoding does not have becomes a `U+FFFD` instead
/// of an error.
pub fn decode_lossy(bytes: &[u8], encoding: Option<&str>) -> Result<Decoded, DecodeError> {
    let (bad, name) = match decode(bytes, encoding) {
        Err(error @ DecodeError::Malformed { encoding, .. }) => (error, encoding),
        Err(error @ DecodeError::Mixed { .. }) => (error, UTF_8.name()),
        other => return other,
    };
    let encoding = Encoding::for_label(name.as_bytes()).ok_or(bad)?;
    decode_or(bytes, encoding, BadByte::IsReplaced)
}

/// What a byte is that the encoding does not have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BadByte {
    IsAnError,
    IsReplaced,
}

/// Strict decoding, without the byte order mark of that encoding.
fn decode_as(bytes: &[u8], encoding: &'static Encoding) -> Result<Decoded, DecodeError> {
    decode_or(bytes, encoding, BadByte::IsAnError)
}

fn decode_or(
    bytes: &[u8],
    encoding: &'static Encoding,
    bad: BadByte,
) -> Result<Decoded, DecodeError> {
    let mark = match Encoding::for_bom(bytes) {
        Some((marked, len)) if marked == encoding => len,
        _ => 0,
    };
    let name = canonical_name(encoding);
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(bytes.len() - mark);
    let mut read = mark;
    loop {
        let left = &bytes[read..];
        text.reserve(
            decoder
                .max_utf8_buffer_length_without_replacement(left.len())
                .unwrap_or(left.len())
                .min(left.len() * 2 + 64),
        );
        let (result, consumed) =
            decoder.decode_to_string_without_replacement(left, &mut text, true);
        read += consumed;
        match result {
            DecoderResult::InputEmpty => break,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(len, _) if bad == BadByte::IsReplaced => {
                text.extend(std::iter::repeat_n('\u{fffd}', usize::from(len)));
            }
            DecoderResult::Malformed(len, behind) => {
                return Err(DecodeError::Malformed {
                    encoding: name,
                    offset: read.saturating_sub(usize::from(len) + usize::from(behind)),
                });
            }
        }
    }
    if let Some(offset) = control_character(text.as_bytes()) {
        return Err(DecodeError::Binary {
            offset: offset.min(bytes.len()),
        });
    }
    Ok(Decoded {
        text,
        encoding: name,
    })
}

/// `GBK` bytes are read by the GB18030 decoder, so that one name stands for both.
fn canonical_name(encoding: &'static Encoding) -> &'static str {
    match encoding.name() {
        "GBK" | "gb18030" => "GB18030",
        other => other,
    }
}

/// The first control character that no text file has.
///
/// Tab, line ends, form feed, backspace, Ctrl-Z, escape and the separators `1C`–`1F` do occur.
fn control_character(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|b| matches!(b, 0..=7 | 0x0e..=0x19))
}

/// UTF-16 without a byte order mark, when the result is mostly Chinese or ASCII text.
fn decode_utf16(bytes: &[u8]) -> Option<Decoded> {
    if !bytes.len().is_multiple_of(2) {
        return None;
    }
    [UTF_16LE, UTF_16BE].into_iter().find_map(|encoding| {
        let decoded = decode_as(bytes, encoding).ok()?;
        let (plausible, all) = decoded.text.chars().take(4096).fold((0, 0), |(p, n), c| {
            let plain = matches!(c, '\n' | '\r' | '\t' | ' '..='~'
                | '\u{3000}'..='\u{303f}' | '\u{4e00}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}'
                | '\u{2010}'..='\u{2030}');
            (p + usize::from(plain), n + 1)
        });
        (plausible * 10 >= all * 9).then_some(decoded)
    })
}

/// Whether bytes that are not valid UTF-8 were still meant to be UTF-8: nearly all of their
/// multi-byte sequences are right.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut right, mut wrong) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        right += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        wrong += usize::from(!chunk.invalid().is_empty());
    }
    right > 4 * wrong
}

/// Whether bytes that are not UTF-8 as a whole hold a passage that is: so many Chinese characters in a
/// row are no accident of another encoding.
fn holds_utf8(bytes: &[u8]) -> bool {
    const PASSAGE: usize = 12;
    bytes.utf8_chunks().any(|chunk| {
        let mut row = 0;
        chunk.valid().chars().any(|c| {
            let chinese = matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff65}');
            row = if chinese { row + 1 } else { 0 };
            row >= PASSAGE
        })
    })
}

/// Japanese and Korean encodings, which GB18030 would read as Chinese characters of no sense: known
/// by the kana, which no Chinese text has, and by the syllables of Hangul between spaces.
fn other_language(bytes: &[u8]) -> Option<(&'static Encoding, &'static str)> {
    let sample = &bytes[..bytes.len().min(1 << 16)];
    let share = |encoding: &'static Encoding, is_own: fn(char) -> bool| {
        let (text, _) = encoding.decode_without_bom_handling(sample);
        let (mut own, mut all, mut spaces) = (0_usize, 0_usize, 0_usize);
        for c in text.chars() {
            own += usize::from(is_own(c));
            all += usize::from(!c.is_ascii());
            spaces += usize::from(c == ' ');
        }
        (
            own as f64 / all.max(1) as f64,
            spaces as f64 / all.max(1) as f64,
            all,
        )
    };
    let is_kana = |c: char| matches!(c, '\u{3041}'..='\u{30ff}');
    for encoding in [encoding_rs::EUC_JP, encoding_rs::SHIFT_JIS] {
        let (kana, _, all) = share(encoding, is_kana);
        if all >= 8 && kana > 0.25 {
            return Some((encoding, "Japanese"));
        }
    }
    let (hangul, spaces, all) = share(encoding_rs::EUC_KR, |c| {
        matches!(c, '\u{ac00}'..='\u{d7a3}')
    });
    (all >= 8 && hangul > 0.95 && spaces > 0.1).then_some((encoding_rs::EUC_KR, "Korean"))
}

/// GB18030 or Big5. Both give *some* character for nearly all byte pairs, but each keeps its
/// frequent characters in a first plane: GB2312 level 1 is lead bytes B0–D7 (3,755 characters),
/// Big5 level 1 is A4–C6 (5,401 characters), trail bytes from 40.
fn legacy_encoding(bytes: &[u8]) -> &'static Encoding {
    let (mut gb, mut big5) = (0_i64, 0_i64);
    let mut at = 0;
    let sample = &bytes[..bytes.len().min(1 << 16)];
    while at + 1 < sample.len() {
        let (lead, trail) = (sample[at], sample[at + 1]);
        if lead < 0x80 {
            at += 1;
            continue;
        }
        // Pairs are cut the same way in both, so that the two counts are comparable.
        at += 2;
        let in_gb2312 = trail >= 0xa1;
        gb += match lead {
            0xb0..=0xd7 | 0xa1..=0xa3 if in_gb2312 => 2,
            0xd8..=0xf7 if in_gb2312 => 0,
            _ => -2,
        };
        let in_big5 = matches!(trail, 0x40..=0x7e | 0xa1..=0xfe);
        big5 += match lead {
            0xa1..=0xc6 if in_big5 => 2,
            0xc9..=0xf9 if in_big5 => 0,
            _ => -2,
        };
    }
    // A trail byte below A1 is rare in GBK and half of all trail bytes in Big5.
    if big5 > gb { BIG5 } else { GB18030 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIMPLIFIED: &str =
        "青禾县今年新建乡村公路三十二公里，惠及村民八千多人。\n县长说，这是第一步。";
    const TRADITIONAL: &str =
        "青禾縣今年新建鄉村公路三十二公里，惠及村民八千多人。\n縣長說，這是第一步。";

    fn utf16(text: &str, big_endian: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| {
                if big_endian {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    }

    #[track_caller]
    fn check(bytes: &[u8], text: &str, encoding: &str) {
        let decoded = decode(bytes, None).unwrap();
        assert_eq!((&*decoded.text, decoded.encoding), (text, encoding));
    }

    #[test]
    fn encodings_are_told_apart() {
        check(SIMPLIFIED.as_bytes(), SIMPLIFIED, "UTF-8");
        check(
            format!("\u{feff}{SIMPLIFIED}").as_bytes(),
            SIMPLIFIED,
            "UTF-8",
        );
        check(&GB18030.encode(SIMPLIFIED).0, SIMPLIFIED, "GB18030");
        check(&GB18030.encode(TRADITIONAL).0, TRADITIONAL, "GB18030");
        check(&BIG5.encode(TRADITIONAL).0, TRADITIONAL, "Big5");
        check(&utf16(SIMPLIFIED, false), SIMPLIFIED, "UTF-16LE");
        check(&utf16(SIMPLIFIED, true), SIMPLIFIED, "UTF-16BE");
        let marked = format!("\u{feff}{SIMPLIFIED}");
        check(&utf16(&marked, false), SIMPLIFIED, "UTF-16LE");
        check(&utf16(&marked, true), SIMPLIFIED, "UTF-16BE");
        check(b"", "", "UTF-8");
    }

    #[test]
    fn an_encoding_can_be_given() {
        let bytes = BIG5.encode(TRADITIONAL).0;
        assert_eq!(decode(&bytes, Some("big5")).unwrap().text, TRADITIONAL);
        assert!(matches!(
            decode(&bytes, Some("klingon")),
            Err(DecodeError::UnknownEncoding(_))
        ));
    }

    #[test]
    fn broken_bytes_are_an_error_with_their_offset() {
        let mut bytes = SIMPLIFIED.as_bytes().to_vec();
        bytes[30] = 0xff;
        assert_eq!(
            decode(&bytes, None),
            Err(DecodeError::Malformed {
                encoding: "UTF-8",
                offset: 30
            })
        );
        let mut bytes = GB18030.encode(SIMPLIFIED).0.into_owned();
        bytes[20] = 0xff;
        assert_eq!(
            decode(&bytes, Some("gbk")),
            Err(DecodeError::Malformed {
                encoding: "GB18030",
                offset: 20
            })
        );
    }

    #[test]
    fn what_is_not_chinese_is_said_not_read_as_chinese() {
        const JAPANESE: &str =
            "市は本日、新しい図書館を開設したと発表しました。利用者は年間二万人になる見込みです。";
        const KOREAN: &str =
            "시는 오늘 새 도서관을 열었다고 밝혔다. 이용자는 연간 이만 명에 이를 것으로 보인다.";
        for (encoding, text, language) in [
            (encoding_rs::EUC_JP, JAPANESE, "Japanese"),
            (encoding_rs::SHIFT_JIS, JAPANESE, "Japanese"),
            (encoding_rs::EUC_KR, KOREAN, "Korean"),
        ] {
            let bytes = encoding.encode(text).0;
            match decode(&bytes, None) {
                Err(DecodeError::OtherLanguage { language: said, .. }) => {
                    assert_eq!(said, language);
                }
                other => panic!("{} {other:?}", encoding.name()),
            }
            assert_eq!(decode(&bytes, Some(encoding.name())).unwrap().text, text);
        }
    }

    #[test]
    fn two_encodings_in_one_file_are_said() {
        let bytes = [SIMPLIFIED.as_bytes(), &GB18030.encode(SIMPLIFIED).0].concat();
        assert_eq!(
            decode(&bytes, None),
            Err(DecodeError::Mixed {
                offset: SIMPLIFIED.len()
            })
        );
        let bytes = [&GB18030.encode(SIMPLIFIED).0, SIMPLIFIED.as_bytes()].concat();
        assert_eq!(decode(&bytes, None), Err(DecodeError::Mixed { offset: 0 }));
    }

    #[test]
    fn a_bad_byte_is_replaced_where_that_is_asked_for() {
        let mut bytes = SIMPLIFIED.as_bytes().to_vec();
        bytes.insert(30, 0xff);
        let text = decode_lossy(&bytes, None).unwrap().text;
        assert_eq!(text.replace('\u{fffd}', ""), SIMPLIFIED);
        assert_eq!(text.matches('\u{fffd}').count(), 1);
        // Two of a character's three bytes are two bad bytes.
        bytes.splice(30..31, [0xe4, 0xbd]);
        let text = decode_lossy(&bytes, None).unwrap().text;
        assert_eq!(text.replace('\u{fffd}', ""), SIMPLIFIED);
        assert_eq!(text.matches('\u{fffd}').count(), 2);
        assert!(decode_lossy(b"\x7fELF\0\0\0", None).is_err());
    }

    #[test]
    fn binary_files_are_refused() {
        let png = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00";
        assert!(matches!(decode(png, None), Err(DecodeError::Binary { .. })));
        let elf = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0";
        assert!(matches!(decode(elf, None), Err(DecodeError::Binary { .. })));
    }
}
