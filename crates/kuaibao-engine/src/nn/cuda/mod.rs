//! Kernels for a GPU, where candle has a chain of operations: what a step costs there is that they are started.
//!
//! `kernels.cu` says what each computes; everything that it takes lies on the device. `tests/cuda` runs it on a CPU.
#![expect(
    unsafe_code,
    reason = "a kernel is a foreign function; the shapes that it reads and writes are checked here"
)]

use std::ops::Deref;

use candle_core::{
    CpuStorage, CudaDevice, CudaStorage, CustomOp1, CustomOp2, CustomOp3, DType, InplaceOp2,
    Layout, Shape, Storage, Tensor, bail,
    cuda_backend::{
        CudaDType, WrapErr,
        cudarc::driver::{CudaFunction, CudaView, DeviceRepr, LaunchConfig, PushKernelArg},
    },
};
use half::{bf16, f16};

type Result<T> = candle_core::Result<T>;

const PTX: &str = include_str!(concat!(env!("OUT_DIR"), "/kernels.ptx"));
/// Threads of a warp.
const LANES: usize = 32;
/// Threads of a block of `attention`: its four warps.
const ATTENTION_THREADS: usize = 128;
/// Numbers of a head that a lane of `attention` can have.
const HEAD_PARTS: [usize; 4] = [1, 2, 4, 8];

/// Calls what is generic over the numbers of a storage with those that it has.
macro_rules! in_its_type {
    ($storage:expr, $this:ident.run($($argument:expr),*)) => {
        match dtype($storage) {
            DType::F32 => $this.run::<f32>($($argument),*),
            DType::F16 => $this.run::<f16>($($argument),*),
            _ => $this.run::<bf16>($($argument),*),
        }
    };
}

/// Whether the kernels serve a tensor.
pub(super) fn serves(x: &Tensor) -> bool {
    x.device().is_cuda() && matches!(x.dtype(), DType::F32 | DType::F16 | DType::BF16)
}

/// Whether [`attention`] takes heads of so many numbers.
pub(super) fn serves_heads(dim: usize) -> bool {
    dim <= LANES * HEAD_PARTS[HEAD_PARTS.len() - 1]
}

/// Which rows of keys and values each query attends to.
#[derive(Clone, Copy)]
pub(super) struct Listed<'a> {
    /// Row numbers, `(lists · longest)`; what stands behind a list's own is not read.
    pub(super) index: &'a Tensor,
    /// How many each list has, one at least, `(lists)`.
    pub(super) counts: &'a Tensor,
    pub(super) longest: usize,
}

/// Row `r` attends to list `r` of the rows of `k` and `v`: `(rows, width)` → the same. `bias` is a table `(heads, 2 · reach + 1)` in
/// f32 by how far a key is behind the list's last one, with its reach.
pub(super) fn attention(
    q: &Tensor,
    k: &Tensor,
    v: &Tensor,
    lists: Listed,
    (heads, scale): (usize, f32),
    bias: Option<(&Tensor, usize)>,
) -> Result<Tensor> {
    let op = Attention {
        lists,
        heads,
        scale,
        bias,
    };
    q.apply_op3_no_bwd(k, v, &op)
}

/// The `keep` best columns of each row of logits, the `barred` ones left out of them, and with `renormalised` out of the sum too:
/// `(rows, 2 · keep + 1)` in f32, columns, their logits, and ln Σ exp. A logit of -inf says that there is no such column.
pub(super) fn best(
    logits: &Tensor,
    keep: usize,
    barred: &[usize],
    renormalised: bool,
) -> Result<Tensor> {
    let op = BestColumns {
        keep,
        barred,
        renormalised,
    };
    logits.contiguous()?.apply_op1_no_bwd(&op)
}

/// The layer norm of `x + y`.
pub(super) fn sum_layer_norm(
    x: &Tensor,
    y: &Tensor,
    weight: &Tensor,
    bias: &Tensor,
    epsilon: f32,
) -> Result<Tensor> {
    let op = SumLayerNorm {
        weight,
        bias,
        epsilon,
    };
    x.contiguous()?.apply_op2_no_bwd(&y.contiguous()?, &op)
}

/// Adds a bias to each row of a tensor that nothing else uses, and with `relu` keeps what is positive.
pub(super) fn add_bias(x: &Tensor, bias: &Tensor, relu: bool) -> Result<()> {
    x.inplace_op2(bias, &AddBias { relu })
}

/// Copies the rows of `from` over those of `into` from row `at` on.
pub(super) fn copy_rows(into: &Tensor, at: usize, from: &Tensor) -> Result<()> {
    into.inplace_op2(from, &CopyRows { at })
}

struct Attention<'a> {
    lists: Listed<'a>,
    heads: usize,
    scale: f32,
    bias: Option<(&'a Tensor, usize)>,
}

impl CustomOp3 for Attention<'_> {
    fn name(&self) -> &'static str {
        "listed-attention"
    }

    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        bail!("a CPU has a kernel of its own")
    }

    fn cuda_fwd(
        &self,
        q: &CudaStorage,
        q_layout: &Layout,
        k: &CudaStorage,
        k_layout: &Layout,
        v: &CudaStorage,
        v_layout: &Layout,
    ) -> Result<(CudaStorage, Shape)> {
        let sides = [(q, q_layout), (k, k_layout), (v, v_layout)];
        let made = match q_layout.shape().dims2()? {
            (0, _) => bail!("attention of no rows"),
            _ => in_its_type!(q, self.run(sides))?,
        };
        Ok((made, q_layout.shape().clone()))
    }
}

impl Attention<'_> {
    fn run<T: Number>(&self, [q, k, v]: [(&CudaStorage, &Layout); 3]) -> Result<CudaStorage> {
        let device = q.0.device.clone();
        let (rows, width) = q.1.shape().dims2()?;
        let (q, q_stride) = rows_of::<T>(q)?;
        let (k, k_stride) = rows_of::<T>(k)?;
        let (v, v_stride) = rows_of::<T>(v)?;
        let dim = width / self.heads;
        let Some(parts) = HEAD_PARTS.into_iter().find(|parts| dim <= parts * LANES) else {
            bail!("a head of {dim} numbers")
        };
        if k_stride != v_stride || self.lists.counts.elem_count() != rows {
            bail!("keys and values lie differently, or there is no list for each row")
        }
        let index = OnDevice::of(self.lists.index);
        let lengths = OnDevice::of(self.lists.counts);
        let (index, lengths) = (index.view::<u32>()?, lengths.view::<u32>()?);
        let table = self.bias.map(|(table, _)| OnDevice::of(table));
        let table = table.as_ref().map(OnDevice::view::<f32>).transpose()?;
        let name = format!("attention_{parts}_{}", T::NAME);
        let function = function(&device, &name)?;
        // SAFETY: the kernel writes each element.
        let mut out = unsafe { device.alloc::<T>(rows * width)? };
        let (longest, reach) = (
            self.lists.longest as u32,
            self.bias.map_or(0, |b| b.1) as u32,
        );
        let (q_stride, kv_stride, dim) = (q_stride as u32, k_stride as u32, dim as u32);
        let none = 0u64; // a null pointer
        let stream = device.cuda_stream();
        let mut launch = stream.launch_builder(&function);
        launch.arg(&q).arg(&k).arg(&v).arg(&index).arg(&lengths);
        match &table {
            Some(table) => launch.arg(table),
            None => launch.arg(&none),
        };
        launch.arg(&mut out).arg(&q_stride).arg(&kv_stride);
        launch.arg(&longest).arg(&dim).arg(&reach).arg(&self.scale);
        let grid = (rows as u32, self.heads as u32, 1);
        // SAFETY: `index` has `longest` entries for each of `rows` rows, all of which are rows of k and v; `lengths` none above
        // `longest`; the table a column for each distance within `reach`.
        unsafe { launch.launch(blocks(grid, ATTENTION_THREADS)) }.w()?;
        Ok(CudaStorage::wrap_cuda_slice(out, device))
    }
}

struct BestColumns<'a> {
    keep: usize,
    barred: &'a [usize],
    renormalised: bool,
}

impl CustomOp1 for BestColumns<'_> {
    fn name(&self) -> &'static str {
        "best-columns"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        bail!("a CPU has a kernel of its own")
    }

    fn cuda_fwd(&self, logits: &CudaStorage, layout: &Layout) -> Result<(CudaStorage, Shape)> {
        let found = in_its_type!(logits, self.run(logits, layout))?;
        let (rows, _) = layout.shape().dims2()?;
        Ok((found, (rows, 2 * self.keep + 1).into()))
    }
}

impl BestColumns<'_> {
    /// Threads of a block: some sixteen columns each of a vocabulary of 8,000.
    const THREADS: usize = 512;

    fn run<T: Number>(&self, logits: &CudaStorage, layout: &Layout) -> Result<CudaStorage> {
        let device = logits.device.clone();
        let (rows, columns) = layout.shape().dims2()?;
        let (logits, _) = rows_of::<T>((logits, layout))?;
        let barred: Vec<u32> = self.barred.iter().map(|&column| column as u32).collect();
        let (bars, columns) = (barred.len() as u32, columns as u32);
        let barred = device.clone_htod(if barred.is_empty() { &[0][..] } else { &barred })?;
        let function = function(&device, &format!("best_{}", T::NAME))?;
        // SAFETY: the kernel writes each element.
        let mut out = unsafe { device.alloc::<f32>(rows * (2 * self.keep + 1))? };
        let (keep, renormalised) = (self.keep as u32, u32::from(self.renormalised));
        let stream = device.cuda_stream();
        let mut launch = stream.launch_builder(&function);
        launch.arg(&logits).arg(&barred).arg(&mut out);
        launch
            .arg(&columns)
            .arg(&bars)
            .arg(&keep)
            .arg(&renormalised);
        // SAFETY: `logits` has `columns` for each of `rows` rows, `barred` `bars` entries.
        unsafe { launch.launch(blocks((rows as u32, 1, 1), Self::THREADS)) }.w()?;
        Ok(CudaStorage::wrap_cuda_slice(out, device))
    }
}

struct SumLayerNorm<'a> {
    weight: &'a Tensor,
    bias: &'a Tensor,
    epsilon: f32,
}

impl CustomOp2 for SumLayerNorm<'_> {
    fn name(&self) -> &'static str {
        "sum-layer-norm"
    }

    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        bail!("a CPU has a kernel of its own")
    }

    fn cuda_fwd(
        &self,
        x: &CudaStorage,
        x_layout: &Layout,
        y: &CudaStorage,
        y_layout: &Layout,
    ) -> Result<(CudaStorage, Shape)> {
        let sides = [(x, x_layout), (y, y_layout)];
        let made = in_its_type!(x, self.run(sides))?;
        Ok((made, x_layout.shape().clone()))
    }
}

impl SumLayerNorm<'_> {
    fn run<T: Number>(&self, [x, y]: [(&CudaStorage, &Layout); 2]) -> Result<CudaStorage> {
        let device = x.0.device.clone();
        let (rows, width) = x.1.shape().dims2()?;
        if x.1.shape() != y.1.shape() || self.weight.elem_count() != width {
            bail!("a norm of {:?} and {:?}", x.1.shape(), y.1.shape())
        }
        let (x, y) = (rows_of::<T>(x)?.0, rows_of::<T>(y)?.0);
        let (weight, bias) = (OnDevice::of(self.weight), OnDevice::of(self.bias));
        let (weight, bias) = (weight.view::<T>()?, bias.view::<T>()?);
        let function = function(&device, &format!("sum_layer_norm_{}", T::NAME))?;
        // SAFETY: the kernel writes each element.
        let mut out = unsafe { device.alloc::<T>(rows * width)? };
        let threads = width.next_multiple_of(LANES).min(256);
        let width = width as u32;
        let stream = device.cuda_stream();
        let mut launch = stream.launch_builder(&function);
        launch.arg(&x).arg(&y).arg(&weight).arg(&bias);
        launch.arg(&mut out).arg(&width).arg(&self.epsilon);
        // SAFETY: x, y and `out` have `rows` rows of `width`, weight and bias one.
        unsafe { launch.launch(blocks((rows as u32, 1, 1), threads)) }.w()?;
        Ok(CudaStorage::wrap_cuda_slice(out, device))
    }
}

struct AddBias {
    relu: bool,
}

impl InplaceOp2 for AddBias {
    fn name(&self) -> &'static str {
        "add-bias"
    }

    fn cpu_fwd(&self, _: &mut CpuStorage, _: &Layout, _: &CpuStorage, _: &Layout) -> Result<()> {
        bail!("a CPU has a kernel of its own")
    }

    fn cuda_fwd(
        &self,
        x: &mut CudaStorage,
        x_layout: &Layout,
        bias: &CudaStorage,
        bias_layout: &Layout,
    ) -> Result<()> {
        in_its_type!(x, self.run(x, x_layout, bias, bias_layout))
    }
}

impl AddBias {
    fn run<T: Number>(
        &self,
        x: &mut CudaStorage,
        x_layout: &Layout,
        bias: &CudaStorage,
        bias_layout: &Layout,
    ) -> Result<()> {
        let device = x.device.clone();
        let (width, count) = (
            bias_layout.shape().elem_count(),
            x_layout.shape().elem_count(),
        );
        let (Some((first, end)), Some((from, _))) = (
            x_layout.contiguous_offsets(),
            bias_layout.contiguous_offsets(),
        ) else {
            bail!("a bias is added to whole rows")
        };
        if x_layout.shape().dims().last() != Some(&width) {
            bail!("a bias of {width} for {:?}", x_layout.shape())
        }
        let mut x = x.as_cuda_slice_mut::<T>()?.slice_mut(first..end);
        let bias = bias.as_cuda_slice::<T>()?.slice(from..);
        let function = function(&device, &format!("add_bias_{}", T::NAME))?;
        let (elements, width, relu) = (count as u64, width as u32, u32::from(self.relu));
        let stream = device.cuda_stream();
        let mut launch = stream.launch_builder(&function);
        launch.arg(&mut x).arg(&bias).arg(&elements);
        launch.arg(&width).arg(&relu);
        // SAFETY: x has so many elements, `bias` `width`.
        unsafe { launch.launch(LaunchConfig::for_num_elems(count as u32)) }.w()?;
        Ok(())
    }
}

struct CopyRows {
    at: usize,
}

impl InplaceOp2 for CopyRows {
    fn name(&self) -> &'static str {
        "copy-rows"
    }

    fn cpu_fwd(&self, _: &mut CpuStorage, _: &Layout, _: &CpuStorage, _: &Layout) -> Result<()> {
        bail!("a CPU copies by itself")
    }

    fn cuda_fwd(
        &self,
        into: &mut CudaStorage,
        into_layout: &Layout,
        from: &CudaStorage,
        from_layout: &Layout,
    ) -> Result<()> {
        let sides = (into_layout, (from, from_layout));
        in_its_type!(from, self.run(into, sides))
    }
}

impl CopyRows {
    fn run<T: Number>(
        &self,
        into: &mut CudaStorage,
        (into_layout, from): (&Layout, (&CudaStorage, &Layout)),
    ) -> Result<()> {
        let device = into.device.clone();
        let (rows, width) = from.1.shape().dims2()?;
        let (all, as_wide) = into_layout.shape().dims2()?;
        let Some((first, end)) = into_layout.contiguous_offsets() else {
            bail!("rows are copied into a whole tensor")
        };
        if width != as_wide || self.at + rows > all {
            bail!(
                "{rows} rows of {width} do not fit {all} of {as_wide} from {}",
                self.at
            )
        }
        let (from, stride) = rows_of::<T>(from)?;
        let into = into.as_cuda_slice_mut::<T>()?;
        let mut into = into.slice_mut(first + self.at * width..end);
        let function = function(&device, &format!("copy_rows_{}", T::NAME))?;
        let (elements, wide, stride) = ((rows * width) as u64, width as u32, stride as u32);
        let stream = device.cuda_stream();
        let mut launch = stream.launch_builder(&function);
        launch.arg(&from).arg(&mut into).arg(&elements);
        launch.arg(&wide).arg(&stride);
        // SAFETY: `from` has `rows` rows of `width`, and so has `into` from there on.
        unsafe { launch.launch(LaunchConfig::for_num_elems((rows * width) as u32)) }.w()?;
        Ok(())
    }
}

/// What the kernels compute with, as their names say it.
trait Number: CudaDType + DeviceRepr {
    const NAME: &'static str;
}

impl Number for f32 {
    const NAME: &'static str = "f32";
}

impl Number for f16 {
    const NAME: &'static str = "f16";
}

impl Number for bf16 {
    const NAME: &'static str = "bf16";
}

fn dtype(storage: &CudaStorage) -> DType {
    use candle_core::backend::BackendStorage;
    storage.dtype()
}

fn function(device: &CudaDevice, name: &str) -> Result<CudaFunction> {
    let function = device.get_or_load_custom_func(name, "kuaibao", PTX)?;
    Ok(function.into_cuda_function())
}

fn blocks(grid_dim: (u32, u32, u32), threads: usize) -> LaunchConfig {
    LaunchConfig {
        grid_dim,
        block_dim: (threads as u32, 1, 1),
        shared_mem_bytes: 0,
    }
}

/// The elements of `(rows, width)` from the first on, and how far rows lie apart.
fn rows_of<'a, T: Number>(
    (storage, layout): (&'a CudaStorage, &Layout),
) -> Result<(CudaView<'a, T>, usize)> {
    let &[stride, 1] = layout.stride() else {
        bail!("rows must be contiguous")
    };
    let (rows, width) = layout.shape().dims2()?;
    let first = layout.start_offset();
    let end = first + rows.saturating_sub(1) * stride + width;
    Ok((storage.as_cuda_slice::<T>()?.slice(first..end), stride))
}

/// A contiguous tensor of the device, held while a kernel is started.
struct OnDevice<'a, S> {
    storage: S,
    layout: &'a Layout,
}

impl<'a> OnDevice<'a, ()> {
    fn of(tensor: &'a Tensor) -> OnDevice<'a, impl Deref<Target = Storage> + 'a> {
        let (storage, layout) = tensor.storage_and_layout();
        OnDevice { storage, layout }
    }
}

impl<S: Deref<Target = Storage>> OnDevice<'_, S> {
    fn view<T: CudaDType>(&self) -> Result<CudaView<'_, T>> {
        match (&*self.storage, self.layout.contiguous_offsets()) {
            (Storage::Cuda(storage), Some((first, end))) => {
                Ok(storage.as_cuda_slice::<T>()?.slice(first..end))
            }
            _ => bail!("a kernel reads what lies on its device, end to end"),
        }
    }
}
