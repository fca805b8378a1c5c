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

use hayro_interpret::font::GlyphRun;
use hayro_interpret::hayro_cmap::{BfString, WritingMode};
use hayro_interpret::hayro_syntax::page::Page;
use hayro_interpret::hayro_syntax::{LoadPdfError, Pdf};
use hayro_interpret::kurbo::{Affine, BezPath, Point, Rect, Vec2};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
    InterpreterCache, InterpreterSettings, RenderContent, SoftMask, TransformExt, interpret_page,
};

use crate::page::read::ReadError;
use crate::page::read::plain::Plain;
use layout::Glyph;
use limits::Survey;

pub(super) fn read(bytes: &[u8]) -> Result<Plain, ReadError> {
    if limits::unpacks_too_much(bytes) {
        return Err(too_much());
    }
    // Its own stack, as deep as objects may be nested; a page that the interpreter cannot take
    // must not end the run.
    panics::caught(|| pages(bytes))
        .unwrap_or_else(|| Err(ReadError::Pdf("its structure is broken".to_owned())))
}

fn too_much() -> ReadError {
    ReadError::Pdf("it unpacks to far more than a newspaper's page holds".to_owned())
}

fn pages(bytes: &[u8]) -> Result<Plain, ReadError> {
    let pdf = Pdf::new(bytes.to_vec()).map_err(|error| {
        ReadError::Pdf(match error {
            LoadPdfError::Decryption(_) => {
                "it is encrypted; save a copy without a password first".to_owned()
            }
            LoadPdfError::Invalid => "it is not a PDF, or a broken one".to_owned(),
        })
    })?;
    let cache = InterpreterCache::new();
    let mut survey = Survey::new(&pdf).ok_or_else(too_much)?;
    let mut plain = Plain::set_lines();
    let mut lost = Lost::default();
    for (i, page) in pdf.pages().iter().enumerate() {
        if !survey.admits(page) {
            return Err(too_much());
        }
        if i > 0 {
            plain.page_break();
        }
        let glyphs = glyphs_of(page, &pdf, &cache).ok_or_else(too_much)?;
        lost.count(&glyphs);
        layout::append_page(glyphs, &mut plain);
    }
    if plain.text.trim().is_empty() {
        return Err(ReadError::Pdf(
            "it has no text layer; recognise its characters (OCR) first".to_owned(),
        ));
    }
    if lost.most() {
        return Err(ReadError::Pdf(
            "its fonts do not say which characters they draw; recognise its characters (OCR) first"
                .to_owned(),
        ));
    }
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

/// The characters that a page shows; `None` if they are too many.
fn glyphs_of<'a>(
    page: &Page<'a>,
    pdf: &'a Pdf,
    cache: &InterpreterCache<'a>,
) -> Option<Vec<Glyph>> {
    let (width, height) = page.render_dimensions();
    let area = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let settings = InterpreterSettings {
        render_content: RenderContent::PAGE,
        ..InterpreterSettings::default()
    };
    let mut context = Context::new(
        page.initial_transform(true).to_kurbo(),
        area,
        cache,
        pdf.xref(),
        settings,
    );
    let mut device = Glyphs {
        area,
        seen: Vec::new(),
        left: limits::MOST_GLYPHS,
    };
    interpret_page(page, &mut context, &mut device);
    (device.left > 0).then_some(device.seen)
}

/// Collects the characters that a page draws, and draws nothing.
struct Glyphs {
    area: Rect,
    seen: Vec<Glyph>,
    /// Bytes of text that are still taken.
    left: usize,
}

impl Device<'_> for Glyphs {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, '_>, props: DrawProps<'_>, _: &DrawMode) {
        let vertical = run.writing_mode() == WritingMode::Vertical;
        for glyph in run.glyphs() {
            let place: Affine = props.transform * glyph.transform();
            let at = place * Point::ZERO;
            let text = match glyph.as_unicode() {
                Some(BfString::Char(c)) => layout::upright(c).to_string(),
                Some(BfString::String(text)) => text,
                None => UNKNOWN.to_owned(),
            };
            self.left = self.left.saturating_sub(text.len());
            if self.left == 0 {
                return;
            }
            // Printers' marks and notes stand outside the page.
            if !self.area.contains(at) {
                continue;
            }
            // Glyph space has a thousand units to the em.
            let up = place * Point::new(0.0, 1000.0) - at;
            let along = place * Point::new(1000.0, 0.0) - at;
            self.seen.push(Glyph {
                x: at.x,
                y: at.y,
                size: Vec2::hypot(up),
                direction: layout::Direction::new(along.atan2(), vertical),
                text,
            });
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'_>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'_, '_>, _: ImageDrawProps<'_>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
