//! Whether a PDF asks for memory or time out of proportion.
//!
//! Comes in: a file's bytes, then its pages. Goes out: whether they are read. A small file can
//! unpack to anything, draw one form within another until the end of time, or nest one packing in
//! another; nothing that a newspaper prints comes near these limits.

use std::collections::HashMap;
use std::io::{self, Cursor, Read};

use aho_corasick::AhoCorasick;
use flate2::read::DeflateDecoder;
use hayro_interpret::hayro_syntax::content::TypedIter;
use hayro_interpret::hayro_syntax::content::ops::TypedInstruction;
use hayro_interpret::hayro_syntax::object::{
    Array, Name, Object, ObjectIdentifier, Stream, String,
};
use hayro_interpret::hayro_syntax::page::{Page, Resources};
use hayro_interpret::hayro_syntax::{Filter, Pdf};

/// Bytes that one stream unpacks to.
const LONGEST_STREAM: u64 = 256 << 20;
/// Bytes that all streams unpack to, for each byte of the file, beyond [`LONGEST_STREAM`].
const MOST_RATIO: u64 = 64;
/// Bytes of a stream that is packed by the old LZW method, which packs up to 2,700 times.
const LONGEST_LZW: usize = 256 << 10;
/// Bytes of what a document's pages draw, what is drawn again and again counted each time.
const MOST_DRAWN: u64 = 256 << 20;
/// Bytes of text shown at once.
const LONGEST_STRING: usize = 1 << 16;
/// Forms within forms.
const DEEPEST: usize = 50;
/// Bytes of text on one page.
pub(super) const MOST_GLYPHS: usize = 4 << 20;

/// Whether the file's streams unpack to more than is read. Unpacks them piece by piece.
pub(super) fn unpacks_too_much(bytes: &[u8]) -> bool {
    let Ok(keyword) = AhoCorasick::new(["stream\n", "stream\r\n"]) else {
        return true;
    };
    let most = LONGEST_STREAM + MOST_RATIO * bytes.len() as u64;
    let mut all = 0;
    for found in keyword.find_iter(bytes) {
        let length = unpacked_length(&bytes[found.end()..], 0);
        all += length;
        if length > LONGEST_STREAM || all > most {
            return true;
        }
    }
    false
}

/// How long a stream is once it is unpacked, and unpacked again if it holds another: the longest.
fn unpacked_length(packed: impl Read, depth: usize) -> u64 {
    let mut head = [0; 2];
    let mut packed = packed;
    let Ok(read) = read_some(&mut packed, &mut head) else {
        return 0;
    };
    let header = head[0] & 0x0f == 8 && u16::from_be_bytes(head) % 31 == 0 && head[1] & 0x20 == 0;
    if read < 2 || depth > 0 && !header {
        return 0;
    }
    let head = if header { &[][..] } else { &head[..] };
    let mut counted = Counted {
        inner: DeflateDecoder::new(Cursor::new(head.to_vec()).chain(packed)),
        length: 0,
    };
    let within = if depth < 3 {
        // `dyn`, or the type would have no end.
        unpacked_length(&mut counted as &mut dyn Read, depth + 1)
    } else {
        0
    };
    let mut rest = [0; 1 << 14];
    while counted.length <= LONGEST_STREAM && matches!(counted.read(&mut rest), Ok(1..)) {}
    counted.length.max(within)
}

fn read_some(from: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while read < into.len() {
        match from.read(&mut into[read..])? {
            0 => break,
            n => read += n,
        }
    }
    Ok(read)
}

/// Counts what is read, and ends after [`LONGEST_STREAM`].
struct Counted<R> {
    inner: R,
    length: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.length > LONGEST_STREAM {
            return Ok(0);
        }
        let read = self.inner.read(into)?;
        self.length += read as u64;
        Ok(read)
    }
}

/// Looks through what the pages draw before any of it is drawn.
pub(super) struct Survey {
    left: u64,
    /// What a form draws, by itself and by the form whose resources it uses.
    known: HashMap<(ObjectIdentifier, ObjectIdentifier), Option<u64>>,
}

impl Survey {
    /// `None` if a stream is packed in a way that nothing but an attack is.
    pub(super) fn new(pdf: &Pdf) -> Option<Self> {
        let tame = pdf.objects().into_iter().all(|object| match object {
            Object::Stream(stream) => is_tame(&stream),
            _ => true,
        });
        tame.then(|| Self {
            left: MOST_DRAWN,
            known: HashMap::new(),
        })
    }

    /// Whether the page's content, with all that it draws again, is read.
    pub(super) fn admits(&mut self, page: &Page) -> bool {
        let mut length = 0;
        if let Some(parts) = page.raw().get::<Array>("Contents") {
            for part in parts.iter::<Stream>() {
                length += part.decoded_data().map_or(0, |data| data.len() as u64);
                if length > self.left {
                    return false;
                }
            }
        }
        let Some(content) = page.page_stream() else {
            return true;
        };
        let nobody = ObjectIdentifier::new(0, 0);
        match self.drawn(content, page.resources(), nobody, 0) {
            Some(drawn) if drawn <= self.left => {
                self.left -= drawn;
                true
            }
            _ => false,
        }
    }

    /// Bytes that a content stream and its forms draw; `None` if they are too many.
    fn drawn(
        &mut self,
        content: &[u8],
        resources: &Resources,
        owner: ObjectIdentifier,
        depth: usize,
    ) -> Option<u64> {
        let mut drawn = content.len() as u64;
        let mut instructions = TypedIter::new(content);
        while let Some(instruction) = instructions.next() {
            let shown = match &instruction {
                TypedInstruction::XObject(form) => {
                    drawn = drawn.checked_add(self.form(form.0, resources, owner, depth)?)?;
                    0
                }
                TypedInstruction::ShowText(text) => text.0.as_bytes().len(),
                TypedInstruction::NextLineAndShowText(text) => text.0.as_bytes().len(),
                TypedInstruction::ShowTextWithParameters(text) => text.2.as_bytes().len(),
                TypedInstruction::ShowTexts(texts) => {
                    let parts = texts.0.iter::<Object>();
                    parts
                        .filter_map(|part| match part {
                            Object::String(text) => Some(String::as_bytes(&text).len()),
                            _ => None,
                        })
                        .sum()
                }
                _ => 0,
            };
            if drawn > MOST_DRAWN || shown > LONGEST_STRING {
                return None;
            }
        }
        Some(drawn)
    }

    fn form(
        &mut self,
        name: &Name,
        resources: &Resources,
        owner: ObjectIdentifier,
        depth: usize,
    ) -> Option<u64> {
        let Some(form) = resources.get_x_object(name) else {
            return Some(0);
        };
        let is_form = form
            .dict()
            .get::<Name>("Subtype")
            .is_some_and(|subtype| &*subtype == b"Form");
        if !is_form {
            return Some(0);
        }
        let own = form.dict().get("Resources").map(Resources::new);
        let owner = if own.is_some() { form.obj_id() } else { owner };
        let key = (form.obj_id(), owner);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        if depth == DEEPEST {
            return None;
        }
        // A form that draws itself has no end.
        self.known.insert(key, None);
        let content = form.decoded_data().ok();
        let drawn = content.map_or(Some(0), |content| {
            self.drawn(
                &content,
                own.as_ref().unwrap_or(resources),
                owner,
                depth + 1,
            )
        });
        self.known.insert(key, drawn);
        drawn
    }
}

/// Whether a stream is packed at most once, and not too tightly.
fn is_tame(stream: &Stream) -> bool {
    let filters = stream.filters();
    let packs = |filter: &&Filter| {
        matches!(
            filter,
            Filter::FlateDecode | Filter::LzwDecode | Filter::RunLengthDecode
        )
    };
    let by_lzw = filters.contains(&Filter::LzwDecode);
    let is_image = stream
        .dict()
        .get::<Name>("Subtype")
        .is_some_and(|subtype| &*subtype == b"Image");
    is_image
        || filters.iter().filter(packs).count() < 2
            && !(by_lzw && stream.raw_data().len() > LONGEST_LZW)
}
