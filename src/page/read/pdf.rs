//! PDF: the text layer with its positions, read by `hayro-interpret`.
//!
//! Chosen for being pure Rust, permissively licensed, fuzzed, and for carrying the predefined
//! Chinese character maps, so that fonts that are not embedded are read too. `pdf-extract` reads
//! no such maps and panics on much; `pdf_oxide` weighs more than twice as much; `mupdf` is AGPL;
//! `pdfium` and poppler are not Rust.

use std::panic::{AssertUnwindSafe, catch_unwind};

use hayro_interpret::font::GlyphRun;
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::hayro_syntax::{LoadPdfError, Pdf};
use hayro_interpret::kurbo::{Affine, BezPath, Point, Rect, Vec2};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
    InterpreterCache, InterpreterSettings, SoftMask, TransformExt, interpret_page,
};

use super::ReadError;
use super::layout::{Glyph, append_page};
use super::plain::Plain;

pub(super) fn read(bytes: &[u8]) -> Result<Plain, ReadError> {
    // A page that the interpreter cannot take must not end the run.
    catch_unwind(AssertUnwindSafe(|| pages(bytes)))
        .unwrap_or_else(|_| Err(ReadError::Pdf("its structure is broken".to_owned())))
}

fn pages(bytes: &[u8]) -> Result<Plain, ReadError> {
    let pdf = Pdf::new(bytes.to_vec()).map_err(|error| {
        ReadError::Pdf(match error {
            LoadPdfError::Decryption(_) => "it is encrypted".to_owned(),
            LoadPdfError::Invalid => "it is not a PDF, or a broken one".to_owned(),
        })
    })?;
    let cache = InterpreterCache::new();
    let mut plain = Plain::set_lines();
    for page in pdf.pages().iter() {
        let (width, height) = page.render_dimensions();
        let mut context = Context::new(
            page.initial_transform(true).to_kurbo(),
            Rect::new(0.0, 0.0, f64::from(width), f64::from(height)),
            &cache,
            pdf.xref(),
            InterpreterSettings::default(),
        );
        let mut glyphs = Glyphs::default();
        interpret_page(page, &mut context, &mut glyphs);
        append_page(glyphs.0, &mut plain);
    }
    if plain.text.trim().is_empty() {
        return Err(ReadError::Pdf(
            "it has no text layer; recognise its characters (OCR) first".to_owned(),
        ));
    }
    Ok(plain)
}

/// Collects the characters that a page draws, and draws nothing.
#[derive(Default)]
struct Glyphs(Vec<Glyph>);

impl Device<'_> for Glyphs {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, '_>, props: DrawProps<'_>, _: &DrawMode) {
        for glyph in run.glyphs() {
            let place: Affine = props.transform * glyph.transform();
            let at = place * Point::ZERO;
            // Glyph space has a thousand units to the em.
            let up = place * Point::new(0.0, 1000.0) - at;
            self.0.push(Glyph {
                x: at.x,
                y: at.y,
                size: Vec2::hypot(up),
                text: match glyph.as_unicode() {
                    Some(BfString::Char(c)) => c.to_string(),
                    Some(BfString::String(text)) => text,
                    None => '\u{fffd}'.to_string(),
                },
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
