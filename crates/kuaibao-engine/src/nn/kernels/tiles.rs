//! Matrix products tile by tile: what is common to all number formats.

use std::ops::Range;

use super::{
    Epilogue,
    lanes::{LANES, Lanes},
};

/// A product of rows and panels of [`LANES`] outputs, whose sums are kept in `S`.
pub(super) trait Tiles<S> {
    /// Rows, at most 8, and panels, at most 3, whose sums, with one line of weights a panel, fit the
    /// registers.
    const SIZE: (usize, usize);

    /// Puts the outputs of `M` rows by `N` panels into `target`.
    fn tile<const M: usize, const N: usize>(&self, row: usize, panel: usize, target: &mut Target);
}

/// Where the outputs of some panels go: `(rows, outputs of these panels)`.
pub(super) struct Target<'a> {
    out: &'a mut [f32],
    rows: usize,
    panels: Range<usize>,
    columns: Range<usize>,
    epilogue: Epilogue,
}

impl<'a> Target<'a> {
    /// For some panels of a map with so many outputs.
    pub(super) fn new(
        out: &'a mut [f32],
        panels: Range<usize>,
        outputs: usize,
        epilogue: Epilogue,
    ) -> Self {
        let columns = panels.start * LANES..outputs.min(panels.end * LANES);
        let rows = out.len() / columns.len().max(1);
        debug_assert_eq!(out.len(), rows * columns.len());
        Self {
            out,
            rows,
            panels,
            columns,
            epilogue,
        }
    }

    /// Writes the outputs of one row and panel, less those that only fill the panel up.
    #[inline(always)]
    pub(super) fn put<L: Lanes>(&mut self, row: usize, panel: usize, mut y: L) {
        if self.epilogue == Epilogue::Relu {
            y = y.max(L::splat(0.0));
        }
        let first = panel * LANES;
        let at = row * self.columns.len() + first - self.columns.start;
        match self.out[at..].first_chunk_mut::<LANES>() {
            Some(out) if first + LANES <= self.columns.end => y.store(out),
            _ => {
                let count = LANES.min(self.columns.end - first);
                self.out[at..at + count].copy_from_slice(&y.to_array()[..count]);
            }
        }
    }
}

/// Computes all tiles.
#[inline(always)]
pub(super) fn fill<S, T: Tiles<S>>(product: &T, target: &mut Target) {
    let (height, width) = T::SIZE;
    let (rows, panels) = (target.rows, target.panels.clone());
    for panel in panels.clone().step_by(width) {
        for row in (0..rows).step_by(height) {
            let height = height.min(rows - row);
            match width.min(panels.end - panel) {
                1 => of_width::<S, T, 1>(product, height, row, panel, target),
                2 => of_width::<S, T, 2>(product, height, row, panel, target),
                _ => of_width::<S, T, 3>(product, height, row, panel, target),
            }
        }
    }
}

#[inline(always)]
fn of_width<S, T: Tiles<S>, const N: usize>(
    product: &T,
    height: usize,
    row: usize,
    panel: usize,
    target: &mut Target,
) {
    match height {
        1 => product.tile::<1, N>(row, panel, target),
        2 => product.tile::<2, N>(row, panel, target),
        3 => product.tile::<3, N>(row, panel, target),
        4 => product.tile::<4, N>(row, panel, target),
        5 => product.tile::<5, N>(row, panel, target),
        6 => product.tile::<6, N>(row, panel, target),
        7 => product.tile::<7, N>(row, panel, target),
        _ => product.tile::<8, N>(row, panel, target),
    }
}
