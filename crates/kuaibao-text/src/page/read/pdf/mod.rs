//! PDF: the text layer with its positions, read by `hayro-interpret`.
//!
//! Comes in: a file's bytes. Goes out: set lines in reading order, a form feed between pages. Never
//! draws anything, never follows a link, never prints; what would take memory or time out of
//! proportion is refused ([`limits`]).
//!
//! The reader was chosen for being pure Rust, permissively licensed, fuzzed, and for carrying the
//! predefined Chinese character maps, so that fonts that are not embedded are read too.
//! `pdf-extract` reads no such maps and panics on much; `pdf_oxide` weighs more than twice as much;
//! `mupdf` is AGPL; `pdfium` and poppler are not Rust.

mod layout;
mod limits;
mod panics;
mod scan;

use hayro_interpret::font::GlyphRun;
use hayro_interpret::hayro_cmap::{BfString, WritingMode};
use hayro_interpret::hayro_syntax::page::Page;
use hayro_interpret::hayro_syntax::{LoadPdfError, Pdf};
use hayro_interpret::kurbo::{Affine, BezPath, Point, Rect, Shape, Vec2};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
    InterpreterCache, InterpreterSettings, RenderContent, SoftMask, TransformExt, interpret_page,
};

use crate::page::characters;
use crate::page::read::ReadError;
use crate::page::read::plain::Plain;
use layout::Glyph;
use limits::Survey;
pub use scan::Scan;

pub(super) fn read(bytes: &[u8]) -> Result<Plain, ReadError> {
    if limits::unpacks_too_much(bytes) {
        return Err(too_much());
    }
    // Its own stack, as deep as objects may be nested; a page that the interpreter cannot take
    // must not end the run.
    panics::caught(|| pages(bytes)).unwrap_or_else(|| Err(broken()))
}

fn too_much() -> ReadError {
    ReadError::Pdf("it unpacks to far more than a newspaper's page holds".to_owned())
}

/// Gives the pages of a file that are pictures, until somebody has seen enough.
pub fn scans(bytes: &[u8], each: &mut (dyn FnMut(Scan) -> bool + Send)) -> Result<(), ReadError> {
    if limits::unpacks_too_much(bytes) {
        return Err(too_much());
    }
    let all = || {
        let pdf = load(bytes)?;
        let cache = InterpreterCache::new();
        let mut survey = Survey::new(&pdf).ok_or_else(too_much)?;
        for page in pdf.pages().iter() {
            if !survey.admits(page) {
                return Err(too_much());
            }
            let seen = scan::scan(page, &pdf, &cache);
            if seen.is_some_and(|scan| !each(scan)) {
                break;
            }
        }
        Ok(())
    };
    panics::caught(all).unwrap_or_else(|| Err(broken()))
}

fn broken() -> ReadError {
    ReadError::Pdf("its structure is broken".to_owned())
}

fn load(bytes: &[u8]) -> Result<Pdf, ReadError> {
    Pdf::new(bytes.to_vec()).map_err(|error| {
        ReadError::Pdf(match error {
            LoadPdfError::Decryption(_) => {
                "it is encrypted; save a copy without a password first".to_owned()
            }
            LoadPdfError::Invalid => "it is not a PDF, or a broken one".to_owned(),
        })
    })
}

fn pages(bytes: &[u8]) -> Result<Plain, ReadError> {
    let pdf = load(bytes)?;
    let cache = InterpreterCache::new();
    let mut survey = Survey::new(&pdf).ok_or_else(too_much)?;
    let mut plain = Plain::set_lines();
    let mut lost = Lost::default();
    let mut scanned = 0;
    for (i, page) in pdf.pages().iter().enumerate() {
        if !survey.admits(page) {
            return Err(too_much());
        }
        if i > 0 {
            plain.page_break();
        }
        let drawn = drawn_on(page, &pdf, &cache).ok_or_else(too_much)?;
        lost.count(&drawn.glyphs);
        if drawn.glyphs.is_empty() && drawn.images > 0 {
            scanned += 1;
        }
        layout::append_page(drawn.glyphs, &drawn.boxes, &mut plain);
    }
    if plain.text.trim().is_empty() {
        return Err(ReadError::NoCharacters("it has no text layer"));
    }
    if lost.most() {
        return Err(ReadError::NoCharacters(
            "its fonts do not say which characters they draw",
        ));
    }
    plain.markup.scanned_pages = scanned;
    Ok(plain)
}

/// How many glyphs say which characters they stand for.
#[derive(Default)]
struct Lost {
    lost: usize,
    all: usize,
}

impl Lost {
    fn count(&mut self, glyphs: &[Glyph]) {
        self.all += glyphs.len();
        self.lost += glyphs.iter().filter(|g| g.text == UNKNOWN).count();
    }

    fn most(&self) -> bool {
        self.lost * 2 > self.all
    }
}

/// What a glyph stands for that nobody can name.
const UNKNOWN: &str = "\u{fffd}";

/// What a page shows; `None` if there are too many characters.
fn drawn_on<'a>(page: &Page<'a>, pdf: &'a Pdf, cache: &InterpreterCache<'a>) -> Option<Drawn> {
    let mut device = Glyphs {
        area: area_of(page),
        seen: Drawn::default(),
        left: limits::MOST_GLYPHS,
    };
    interpret(page, pdf, cache, &mut device);
    (device.left > 0).then_some(device.seen)
}

fn area_of(page: &Page) -> Rect {
    let (width, height) = page.render_dimensions();
    Rect::new(0.0, 0.0, f64::from(width), f64::from(height))
}

/// Shows a device what a page draws, the first row of the page on top.
fn interpret<'a>(
    page: &Page<'a>,
    pdf: &'a Pdf,
    cache: &InterpreterCache<'a>,
    device: &mut impl Device<'a>,
) {
    let settings = InterpreterSettings {
        render_content: RenderContent::PAGE,
        ..InterpreterSettings::default()
    };
    let mut context = Context::new(
        page.initial_transform(true).to_kurbo(),
        area_of(page),
        cache,
        pdf.xref(),
        settings,
    );
    interpret_page(page, &mut context, device);
}

/// What a page draws.
#[derive(Default)]
struct Drawn {
    glyphs: Vec<Glyph>,
    /// Filled or framed rectangles.
    boxes: Vec<Rect>,
    images: usize,
}

/// Boxes that are looked at on a page.
const MOST_BOXES: usize = 400;

/// Collects the characters that a page draws, and draws nothing.
struct Glyphs {
    area: Rect,
    seen: Drawn,
    /// Bytes of text that are still taken.
    left: usize,
}

impl Device<'_> for Glyphs {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, '_>, props: DrawProps<'_>, _: &DrawMode) {
        let vertical = run.writing_mode() == WritingMode::Vertical;
        let gbk = gbk_in_simple_font(run);
        let mut start = None;
        let mut texts = gbk.iter().flatten().cloned();
        for (i, glyph) in run.glyphs().iter().enumerate() {
            let place: Affine = props.transform * glyph.transform();
            let mut at = place * Point::ZERO;
            if gbk.is_some() {
                // The widths are those of Latin letters; two bytes are as wide as a character.
                let step = (place * Point::new(500.0, 0.0) - at) * i as f64;
                at = *start.get_or_insert(at) + step;
            }
            let text = match texts.next().unwrap_or_else(|| glyph.as_unicode()) {
                Some(BfString::Char(c)) => characters::meant(c).to_string(),
                Some(BfString::String(text)) => text,
                None => UNKNOWN.to_owned(),
            };
            self.left = self.left.saturating_sub(text.len());
            if self.left == 0 {
                return;
            }
            // Printers' marks and notes stand outside the page.
            if !self.area.contains(at) || text.is_empty() {
                continue;
            }
            // Glyph space has a thousand units to the em.
            let origin = place * Point::ZERO;
            let up = place * Point::new(0.0, 1000.0) - origin;
            let along = place * Point::new(1000.0, 0.0) - origin;
            let advance = match &**glyph {
                hayro_interpret::font::Glyph::Outline(outline) => outline.advance_width(),
                hayro_interpret::font::Glyph::Type3(_) => None,
            };
            self.seen.glyphs.push(Glyph {
                x: at.x,
                y: at.y,
                size: Vec2::hypot(up),
                advance: advance
                    .filter(|_| !vertical)
                    .map(|a| f64::from(a) / 1000.0 * along.hypot()),
                direction: layout::Direction::new(along.atan2(), vertical),
                text,
            });
        }
    }

    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'_>, _: &DrawMode) {
        let bounds = (props.transform * path.clone()).bounding_box();
        if self.seen.boxes.len() < MOST_BOXES && path.elements().len() <= 8 {
            self.seen.boxes.push(bounds);
        }
    }

    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'_, '_>, _: ImageDrawProps<'_>) {
        self.seen.images += 1;
    }
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

/// The texts of a run's glyphs, where a font of one-byte codes was shown Chinese in GBK, two bytes a
/// character: fonts such as `仿宋_GB2312` that are not embedded and claim a Latin encoding. The second
/// glyph of each pair has none.
fn gbk_in_simple_font(run: &GlyphRun<'_, '_>) -> Option<Vec<Option<BfString>>> {
    let codes: Vec<u8> = run
        .glyphs()
        .iter()
        .map(|g| u8::try_from(g.char_code()).ok())
        .collect::<Option<_>>()?;
    // A font that names Chinese characters, or by a high code a character of ASCII, is none that
    // claims a Latin encoding: it has names of its own.
    let names = |g: &hayro_interpret::font::Glyph<'_>, code: u8| {
        let is_own = |c: char| c > '\u{ff}' || c.is_ascii() && code >= 0x81;
        match g.as_unicode() {
            Some(BfString::Char(c)) => is_own(c),
            Some(BfString::String(text)) => text.chars().any(is_own),
            None => false,
        }
    };
    if run
        .glyphs()
        .iter()
        .zip(&codes)
        .any(|(g, code)| names(g, *code))
    {
        return None;
    }
    let mut texts = Vec::with_capacity(codes.len());
    let (mut common, mut pairs, mut alone) = (0, 0, 0);
    let mut i = 0;
    while i < codes.len() {
        if codes[i] < 0x81 {
            texts.push(run.glyphs()[i].as_unicode());
            i += 1;
            continue;
        }
        let pair = codes.get(i..i + 2)?;
        let (text, bad) = encoding_rs::GBK.decode_without_bom_handling(pair);
        if bad {
            alone += 1;
            texts.push(run.glyphs()[i].as_unicode());
            i += 1;
            continue;
        }
        // Punctuation, and the frequent half of GB2312.
        common += usize::from(matches!(pair[0], 0xa1..=0xa3 | 0xb0..=0xd7) && pair[1] >= 0xa1);
        pairs += 1;
        texts.push(Some(BfString::String(text.into_owned())));
        texts.push(Some(BfString::String(String::new())));
        i += 2;
    }
    (pairs >= 2 && alone == 0 && common * 10 >= pairs * 8).then_some(texts)
}
