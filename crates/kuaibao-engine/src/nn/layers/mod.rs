//! What models are built from: one layer, one form, whatever the device. Each runs a kernel of
//! [`super::kernels`] on a CPU and candle's operations elsewhere. Never looks at a model's type.

mod attention;
mod gate;
mod head;
mod linear;
mod norm;
mod ssru;

pub(super) use attention::{CrossAttention, Heads, PositionBias, SelfAttention};
pub(super) use gate::gate;
pub use head::{Head, Outputs, Shortlisted};
pub(super) use linear::Linear;
pub(super) use norm::{LayerNorm, RmsNorm};
pub(super) use ssru::Ssru;
