// What a step of a decoder takes on a GPU, beside its matrix products. `build.rs` makes PTX of it.
//
// A step of a small model is some hundred operations of a few microseconds of arithmetic each: what it costs is that they
// are started. So each kernel here does at once what candle has a chain of operations for. All compute in f32, whatever is
// stored. Every function stands once a type: `NAME_f32`, `NAME_f16`, `NAME_bf16`.
//
// `tests/cuda/emulated.cpp` runs this file on a CPU, a thread for each of a block.

struct f16 {
    unsigned short bits;
};
struct bf16 {
    unsigned short bits;
};

__device__ inline float load(float x) { return x; }
__device__ inline float load(bf16 x) { return __uint_as_float((unsigned)x.bits << 16); }
__device__ inline void store(float *to, float x) { *to = x; }
__device__ inline void store(bf16 *to, float x) {
    unsigned bits = __float_as_uint(x);
    // To the nearest, of two to the even one; what is no number stays none.
    to->bits = x != x ? 0x7fff : (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}
#ifdef __CUDACC__
__device__ inline float load(f16 x) {
    float y;
    asm("cvt.f32.f16 %0, %1;" : "=f"(y) : "h"(x.bits));
    return y;
}
__device__ inline void store(f16 *to, float x) {
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(to->bits) : "f"(x));
}
#endif

const unsigned LANES = 32, ALL = 0xffffffff;
// Not -INFINITY, which NVCC has only with a header.
__device__ inline float least() { return __uint_as_float(0xff800000); }

__device__ inline float sum_of_warp(float x) {
    for (unsigned step = LANES / 2; step > 0; step /= 2) x += __shfl_xor_sync(ALL, x, step);
    return x;
}

// The sum over a block of at most 32 whole warps; `room` has a place a warp.
__device__ inline float sum_of_block(float x, float *room) {
    x = sum_of_warp(x);
    if (threadIdx.x % LANES == 0) room[threadIdx.x / LANES] = x;
    __syncthreads();
    float sum = 0;
    for (unsigned warp = 0; warp < blockDim.x / LANES; warp++) sum += room[warp];
    __syncthreads();
    return sum;
}

// Attention of one query a row over the keys that are listed for its row, where they lie (Vaswani et al. 2017), with the sum of
// exponentials as it grows (Milakov & Gimelshein 2018). Block (row, head), four warps, each of which takes four keys at a time;
// a lane has PER numbers of a head.
//
// q: (rows, heads · dim), `q_stride` from row to row; k, v: (slots, heads · dim), `kv_stride`; index: (rows, longest);
// lengths: (rows); bias: null or (heads, 2 · reach + 1), by key less query, the query being the last of its list;
// out: (rows, heads · dim)
const unsigned WARPS = 4, KEYS = 4;

template <typename T, unsigned PER>
__device__ void attention(const T *q, const T *k, const T *v, const unsigned *index, const unsigned *lengths, const float *bias,
                          T *out, unsigned q_stride, unsigned kv_stride, unsigned longest, unsigned dim, unsigned reach, float scale) {
    __shared__ float tops[WARPS], sums[WARPS], parts[WARPS][PER * LANES];
    const unsigned row = blockIdx.x, head = blockIdx.y, lane = threadIdx.x % LANES, warp = threadIdx.x / LANES;
    const unsigned length = lengths[row];
    index += (unsigned long long)row * longest;
    q += (unsigned long long)row * q_stride + head * dim;
    k += head * dim;
    v += head * dim;
    float query[PER], found[PER];
    for (unsigned i = 0; i < PER; i++) {
        const unsigned at = lane + i * LANES;
        query[i] = at < dim ? load(q[at]) : 0;
        found[i] = 0;
    }
    float top = least(), sum = 0;
    for (unsigned first = warp * KEYS; first < length; first += WARPS * KEYS) {
        unsigned long long slot[KEYS];
        float score[KEYS];
        for (unsigned i = 0; i < KEYS; i++) {
            const unsigned key = first + i < length ? first + i : length - 1;
            slot[i] = (unsigned long long)index[key] * kv_stride;
        }
        for (unsigned i = 0; i < KEYS; i++) {
            score[i] = 0;
            for (unsigned j = 0; j < PER; j++) {
                const unsigned at = lane + j * LANES;
                if (at < dim) score[i] += query[j] * load(k[slot[i] + at]);
            }
        }
        float highest = top;
        for (unsigned i = 0; i < KEYS; i++) {
            score[i] = sum_of_warp(score[i]) * scale;
            if (bias) {
                const int distance = (int)(first + i) - (int)(length - 1), most = reach;
                const int column = (distance < -most ? -most : distance > most ? most : distance) + most;
                score[i] += bias[head * (2 * reach + 1) + column];
            }
            if (first + i >= length) score[i] = least();
            highest = fmaxf(highest, score[i]);
        }
        const float shrink = expf(top - highest);
        sum *= shrink;
        for (unsigned j = 0; j < PER; j++) found[j] *= shrink;
        for (unsigned i = 0; i < KEYS; i++) {
            const float weight = expf(score[i] - highest);
            sum += weight;
            for (unsigned j = 0; j < PER; j++) {
                const unsigned at = lane + j * LANES;
                if (at < dim) found[j] += weight * load(v[slot[i] + at]);
            }
        }
        top = highest;
    }
    if (lane == 0) {
        tops[warp] = top;
        sums[warp] = sum;
    }
    for (unsigned i = 0; i < PER; i++) parts[warp][lane + i * LANES] = found[i];
    __syncthreads();
    float highest = least(), total = 0;
    for (unsigned i = 0; i < WARPS; i++) highest = fmaxf(highest, tops[i]);
    for (unsigned i = 0; i < WARPS; i++) total += sums[i] * expf(tops[i] - highest);
    for (unsigned at = threadIdx.x; at < dim; at += blockDim.x) {
        float y = 0;
        for (unsigned i = 0; i < WARPS; i++) y += parts[i][at] * expf(tops[i] - highest);
        store(out + ((unsigned long long)row * gridDim.y + head) * dim + at, y / total);
    }
}

// A score and its column, in the order of what is better: the higher, of equals the first column.
struct Scored {
    float score;
    unsigned column;
};

__device__ inline bool better(Scored a, Scored b) {
    return a.score > b.score || (a.score == b.score && a.column < b.column);
}

// The best columns of each row of logits, best first, and ln Σ exp. A block a row; each thread has the columns that follow from its
// number and offers its best one; who wins looks for its next.
//
// logits: (rows, columns); barred: (bars), columns that are no candidates and, with `renormalised`, not in the sum;
// out: (rows, 2 · keep + 1): columns, scores, ln Σ exp. Where there are fewer columns than `keep` scores are -inf.
template <typename T>
__device__ void best(const T *logits, const unsigned *barred, float *out, unsigned columns, unsigned bars, unsigned keep, unsigned renormalised) {
    __shared__ float room[LANES];
    __shared__ Scored leaders[LANES];
    const unsigned row = blockIdx.x, lane = threadIdx.x % LANES, warp = threadIdx.x / LANES, warps = blockDim.x / LANES;
    logits += (unsigned long long)row * columns;
    out += (unsigned long long)row * (2 * keep + 1);
    const Scored none = {least(), ALL};
    Scored own = none;
    float top = least(), sum = 0;
    for (unsigned column = threadIdx.x; column < columns; column += blockDim.x) {
        const float x = load(logits[column]);
        bool bar = false;
        for (unsigned i = 0; i < bars; i++) bar |= barred[i] == column;
        if (!bar && x > own.score) own = {x, column};
        if (x == least() || (bar && renormalised)) continue;
        if (x > top) {
            sum = sum * expf(top - x) + 1;
            top = x;
        } else {
            sum += expf(x - top);
        }
    }
    float highest = top;
    for (unsigned step = LANES / 2; step > 0; step /= 2) highest = fmaxf(highest, __shfl_xor_sync(ALL, highest, step));
    if (lane == 0) room[warp] = highest;
    __syncthreads();
    for (unsigned i = 0; i < warps; i++) highest = fmaxf(highest, room[i]);
    __syncthreads();
    // A thread that saw nothing has no highest one: 0 · exp(-inf).
    sum = sum_of_block(sum == 0 ? 0 : sum * expf(top - highest), room);
    if (threadIdx.x == 0) out[2 * keep] = highest + logf(sum);
    for (unsigned place = 0; place < keep; place++) {
        Scored winner = own;
        for (unsigned step = LANES / 2; step > 0; step /= 2) {
            const Scored other = {__shfl_xor_sync(ALL, winner.score, step), __shfl_xor_sync(ALL, winner.column, step)};
            if (better(other, winner)) winner = other;
        }
        if (lane == 0) leaders[warp] = winner;
        __syncthreads();
        for (unsigned i = 0; i < warps; i++)
            if (better(leaders[i], winner)) winner = leaders[i];
        __syncthreads();
        if (threadIdx.x == 0) {
            out[place] = winner.column == ALL ? 0 : winner.column;
            out[keep + place] = winner.score;
        }
        if (own.column != winner.column || winner.column == ALL) continue;
        own = none;
        for (unsigned column = threadIdx.x; column < columns; column += blockDim.x) {
            const Scored next = {load(logits[column]), column};
            bool bar = false;
            for (unsigned i = 0; i < bars; i++) bar |= barred[i] == column;
            if (!bar && better(winner, next) && next.score > own.score) own = next;
        }
    }
}

// Layer norm (Ba et al. 2016) of the sum of two tensors, or of one where `y` is null. A block a row.
// x, y, out: (rows, width); weight, bias: (width)
template <typename T>
__device__ void sum_layer_norm(const T *x, const T *y, const T *weight, const T *bias, T *out, unsigned width, float epsilon) {
    __shared__ float room[LANES];
    const unsigned long long from = (unsigned long long)blockIdx.x * width;
    float sum = 0;
    for (unsigned i = threadIdx.x; i < width; i += blockDim.x) sum += load(x[from + i]) + (y ? load(y[from + i]) : 0);
    const float mean = sum_of_block(sum, room) / width;
    float squares = 0;
    for (unsigned i = threadIdx.x; i < width; i += blockDim.x) {
        const float away = load(x[from + i]) + (y ? load(y[from + i]) : 0) - mean;
        squares += away * away;
    }
    const float scale = 1 / sqrtf(sum_of_block(squares, room) / width + epsilon);
    for (unsigned i = threadIdx.x; i < width; i += blockDim.x) {
        const float away = load(x[from + i]) + (y ? load(y[from + i]) : 0) - mean;
        store(out + from + i, away * scale * load(weight[i]) + load(bias[i]));
    }
}

// Adds a bias to each row, in place, and with `relu` keeps what is positive. x: (count / width, width)
template <typename T>
__device__ void add_bias(T *x, const T *bias, unsigned long long count, unsigned width, unsigned relu) {
    const unsigned long long step = (unsigned long long)gridDim.x * blockDim.x;
    for (unsigned long long i = (unsigned long long)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step) {
        const float y = load(x[i]) + load(bias[i % width]);
        // What is no number stays none.
        store(x + i, relu && y < 0 ? 0 : y);
    }
}

// Copies rows into a tensor whose rows follow each other. from: (count / width, width), `stride` from row to row
template <typename T>
__device__ void copy_rows(const T *from, T *to, unsigned long long count, unsigned width, unsigned stride) {
    const unsigned long long step = (unsigned long long)gridDim.x * blockDim.x;
    for (unsigned long long i = (unsigned long long)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step)
        to[i] = from[i / width * stride + i % width];
}

#define ATTENTION(T, PER)                                                                                                              \
    extern "C" __global__ void attention_##PER##_##T(const T *q, const T *k, const T *v, const unsigned *index, const unsigned *lengths, \
                                                     const float *bias, T *out, unsigned q_stride, unsigned kv_stride,                 \
                                                     unsigned longest, unsigned dim, unsigned reach, float scale) {                    \
        attention<T, PER>(q, k, v, index, lengths, bias, out, q_stride, kv_stride, longest, dim, reach, scale);                        \
    }
#define KERNELS(T)                                                                                                                  \
    ATTENTION(T, 1) ATTENTION(T, 2) ATTENTION(T, 4) ATTENTION(T, 8)                                                                 \
    extern "C" __global__ void best_##T(const T *logits, const unsigned *barred, float *out, unsigned columns, unsigned bars,       \
                                        unsigned keep, unsigned renormalised) {                                                     \
        best<T>(logits, barred, out, columns, bars, keep, renormalised);                                                            \
    }                                                                                                                               \
    extern "C" __global__ void sum_layer_norm_##T(const T *x, const T *y, const T *weight, const T *bias, T *out, unsigned width,   \
                                                  float epsilon) {                                                                  \
        sum_layer_norm<T>(x, y, weight, bias, out, width, epsilon);                                                                 \
    }                                                                                                                               \
    extern "C" __global__ void add_bias_##T(T *x, const T *bias, unsigned long long count, unsigned width, unsigned relu) {         \
        add_bias<T>(x, bias, count, width, relu);                                                                                   \
    }                                                                                                                               \
    extern "C" __global__ void copy_rows_##T(const T *from, T *to, unsigned long long count, unsigned width, unsigned stride) {     \
        copy_rows<T>(from, to, count, width, stride);                                                                               \
    }
typedef float f32;
KERNELS(f32)
KERNELS(f16)
KERNELS(bf16)
