//! Pages that are pictures, as grey pixels: what a program that knows characters reads.
//!
//! Comes in: a page. Goes out: its pictures where they lie on it, strips of a scanner put together.
//! Text and lines are not drawn. A picture of more pixels than a newspaper's page has is left out.

use hayro_interpret::font::GlyphRun;
use hayro_interpret::hayro_syntax::Pdf;
use hayro_interpret::hayro_syntax::page::Page;
use hayro_interpret::kurbo::{Affine, BezPath, Point, Rect};
use hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageData, ImageDrawProps,
    InterpreterCache, LumaData, SoftMask,
};

/// Pixels of a page: a broadsheet at 400 dots an inch.
const MOST_PIXELS: f64 = 64e6;

/// A page as a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// Pixels of a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Row by row, 0 is black.
    pub grey: Vec<u8>,
}

impl Scan {
    /// As a file that programs for pictures read (PGM, <https://netpbm.sourceforge.net/doc/pgm.html>).
    pub fn pgm(&self) -> Vec<u8> {
        let mut file = format!("P5\n{} {}\n255\n", self.width, self.height).into_bytes();
        file.extend_from_slice(&self.grey);
        file
    }
}

/// The pictures of a page put together; `None` if it has none that can be read.
pub(super) fn scan<'a>(
    page: &Page<'a>,
    pdf: &'a Pdf,
    cache: &InterpreterCache<'a>,
) -> Option<Scan> {
    let mut pictures = Pictures::default();
    super::interpret(page, pdf, cache, &mut pictures);
    let (width, height) = page.render_dimensions();
    let area = f64::from(width) * f64::from(height);
    // As fine as the finest picture that is more than an ornament.
    let finest = pictures.found.iter().map(Picture::fineness);
    let finest = finest.fold(0.0, f64::max).min(MOST_PIXELS / area);
    let scale = finest.sqrt();
    let (columns, rows) = (f64::from(width) * scale, f64::from(height) * scale);
    if pictures.found.is_empty() || !(columns >= 1.0 && rows >= 1.0) {
        return None;
    }
    let mut scan = Scan {
        width: columns as usize,
        height: rows as usize,
        grey: vec![255; columns as usize * rows as usize],
    };
    for picture in &pictures.found {
        picture.draw(&mut scan, scale);
    }
    Some(scan)
}

/// Pictures of a page, decoded.
#[derive(Default)]
struct Pictures {
    found: Vec<Picture>,
    pixels: f64,
}

struct Picture {
    grey: Vec<u8>,
    width: usize,
    height: usize,
    /// From its pixels to the page.
    place: Affine,
}

impl Picture {
    /// Pixels to a unit of area of the page.
    fn fineness(&self) -> f64 {
        const ORNAMENT: usize = 10_000;
        match self.width * self.height > ORNAMENT {
            true => 1.0 / self.place.determinant().abs(),
            false => 0.0,
        }
    }

    fn draw(&self, scan: &mut Scan, scale: f64) {
        let place = Affine::scale(scale) * self.place;
        if !place.determinant().is_normal() {
            return;
        }
        let own = Rect::new(0.0, 0.0, self.width as f64, self.height as f64);
        let page = Rect::new(0.0, 0.0, scan.width as f64, scan.height as f64);
        let covered = place.transform_rect_bbox(own).intersect(page);
        let back = place.inverse();
        for y in covered.y0 as usize..(covered.y1.ceil() as usize).min(scan.height) {
            for x in covered.x0 as usize..(covered.x1.ceil() as usize).min(scan.width) {
                let from = back * Point::new(x as f64 + 0.5, y as f64 + 0.5);
                if own.contains(from) {
                    let pixel = self.grey[from.y as usize * self.width + from.x as usize];
                    scan.grey[y * scan.width + x] = pixel;
                }
            }
        }
    }
}

impl Pictures {
    fn push(&mut self, luma: LumaData, place: Affine) {
        let (across, down) = luma.scale_factors;
        self.found.push(Picture {
            grey: luma.data,
            width: luma.width as usize,
            height: luma.height as usize,
            place: place * Affine::scale_non_uniform(f64::from(across), f64::from(down)),
        });
    }
}

impl Device<'_> for Pictures {
    fn draw_image(&mut self, image: Image<'_, '_>, props: ImageDrawProps<'_>) {
        self.pixels += f64::from(image.width()) * f64::from(image.height());
        if self.pixels > MOST_PIXELS {
            return;
        }
        match image {
            Image::Raster(image) => image.with_rgba(
                |data, alpha| self.push(on_paper(grey(data), alpha), props.transform),
                None,
            ),
            // Paint through a mask: scanners of one bit write dark on paper.
            Image::Stencil(image) => image.with_stencil(
                |mut mask, _| {
                    mask.data
                        .iter_mut()
                        .for_each(|painted| *painted = 255 - *painted);
                    self.push(mask, props.transform);
                },
                None,
            ),
        }
    }

    fn draw_glyph_run(&mut self, _: &GlyphRun<'_, '_>, _: DrawProps<'_>, _: &DrawMode) {}
    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'_>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

/// A picture without its colours, by how bright they are (ITU-R BT.601).
fn grey(data: ImageData) -> LumaData {
    match data {
        ImageData::Luma(luma) => luma,
        ImageData::Rgb(rgb) => LumaData {
            data: rgb
                .data
                .chunks_exact(3)
                .map(|c| {
                    let [red, green, blue] = [c[0], c[1], c[2]].map(u32::from);
                    ((299 * red + 587 * green + 114 * blue) / 1000) as u8
                })
                .collect(),
            width: rgb.width,
            height: rgb.height,
            interpolate: rgb.interpolate,
            scale_factors: rgb.scale_factors,
        },
    }
}

/// A picture on white paper, as far as it is opaque.
fn on_paper(mut luma: LumaData, alpha: Option<LumaData>) -> LumaData {
    if let Some(alpha) = alpha.filter(|a| (a.width, a.height) == (luma.width, luma.height)) {
        for (grey, opaque) in luma.data.iter_mut().zip(alpha.data) {
            let opaque = u32::from(opaque);
            *grey = ((u32::from(*grey) * opaque + 255 * (255 - opaque)) / 255) as u8;
        }
    }
    luma
}

#[cfg(test)]
mod tests {
    use super::super::scans;

    /// A page of 200 × 100 units with a picture, its left half black, once in each half; the lower one is
    /// mirrored.
    fn pdf() -> Vec<u8> {
        let mut file = b"%PDF-1.4\n1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj\n\
            2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj\n\
            3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R /Resources <</XObject <</I 5 0 R>>>>>> endobj\n\
            4 0 obj <</Length 77>> stream\nq 200 0 0 50 0 50 cm /I Do Q q -200 0 0 50 200 0 cm /I Do Q                  \nendstream endobj\n\
            5 0 obj <</Type /XObject /Subtype /Image /Width 200 /Height 100 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 20000>> stream\n".to_vec();
        let row = [[0; 100], [255; 100]].concat();
        file.extend(row.repeat(100));
        file.extend(b"\nendstream endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n");
        file
    }

    #[test]
    fn strips_of_a_page_are_one_picture() {
        let mut seen = Vec::new();
        scans(&pdf(), &mut |scan| {
            seen.push(scan);
            true
        })
        .unwrap();
        let [scan] = &seen[..] else {
            panic!("{} pictures", seen.len());
        };
        // Each strip has two pixels to a unit of area.
        assert_eq!((scan.width, scan.height), (282, 141));
        let at = |x: usize, y: usize| scan.grey[y * scan.width + x];
        let corners = [at(20, 20), at(260, 20), at(20, 120), at(260, 120)];
        assert_eq!(corners, [0, 255, 255, 0]);
        assert_eq!(scan.pgm().len(), b"P5\n282 141\n255\n".len() + 282 * 141);
    }
}
