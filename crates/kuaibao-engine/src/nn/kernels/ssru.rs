//! The cell of a simpler simple recurrent unit.

use super::{
    Strided,
    lanes::{Kernel, LANES, Lanes, dispatch, exp},
};

/// For each row `f · before + (1 − f) · candidate`, where `gates` holds the candidate and then what f
/// is the sigmoid of.
pub(in crate::nn) fn ssru_cell(gates: Strided, before: Strided, rows: usize) -> Vec<f32> {
    dispatch(Cell {
        gates,
        before,
        rows,
    })
}

struct Cell<'a> {
    gates: Strided<'a>,
    before: Strided<'a>,
    rows: usize,
}

impl Kernel for Cell<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn run<L: Lanes>(self) -> Vec<f32> {
        let width = self.before.width;
        let mut all = vec![0.0; self.rows * width];
        for (row, out) in all.chunks_exact_mut(width.max(1)).enumerate() {
            let (candidate, forget) = self.gates.row(row).split_at(width);
            let (candidate, candidate_rest) = candidate.as_chunks::<LANES>();
            let (forget, forget_rest) = forget.as_chunks::<LANES>();
            let (before, before_rest) = self.before.row(row).as_chunks::<LANES>();
            let (out, rest) = out.as_chunks_mut::<LANES>();
            for (i, out) in out.iter_mut().enumerate() {
                let [c, f, b] = [candidate[i], forget[i], before[i]].map(|x| L::load(&x));
                cell(c, f, b).store(out);
            }
            let padded = |values: &[f32]| {
                let mut lanes = [0.0; LANES];
                lanes[..values.len()].copy_from_slice(values);
                L::load(&lanes)
            };
            let last = cell(
                padded(candidate_rest),
                padded(forget_rest),
                padded(before_rest),
            );
            rest.copy_from_slice(&last.to_array()[..rest.len()]);
        }
        all
    }
}

#[inline(always)]
fn cell<L: Lanes>(candidate: L, forget: L, before: L) -> L {
    let one = L::splat(1.0);
    let forget = one.div(one.add(exp(L::splat(0.0).sub(forget))));
    forget.mul_add(before, one.sub(forget).mul(candidate))
}
