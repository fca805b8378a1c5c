// Runs the kernels of a GPU on a CPU, a thread for each of a block, and compares what they give with plain loops:
//
//     c++ -std=c++20 -O1 -pthread -o emulated emulated.cpp && ./emulated
//
// Blocks run one after the other, so that what a block shares is a static variable.

#include <atomic>
#include <barrier>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <set>
#include <thread>
#include <vector>

struct Place {
    unsigned x = 0, y = 0, z = 0;
};
thread_local Place threadIdx;
Place blockIdx, blockDim, gridDim;
std::unique_ptr<std::barrier<>> block;
std::vector<std::unique_ptr<std::barrier<>>> warps;
uint32_t exchanged[1024];

#define __device__
#define __global__
#define __shared__ static

template <typename To, typename From> To bits(From from) {
    static_assert(sizeof(To) == sizeof(From));
    To to;
    memcpy(&to, &from, sizeof to);
    return to;
}
float __uint_as_float(unsigned x) { return bits<float>(x); }
unsigned __float_as_uint(float x) { return bits<unsigned>(x); }
void __syncthreads() { block->arrive_and_wait(); }
template <typename T> T __shfl_xor_sync(unsigned, T x, unsigned step) {
    auto &warp = *warps[threadIdx.x / 32];
    exchanged[threadIdx.x] = bits<uint32_t>(x);
    warp.arrive_and_wait();
    T other = bits<T>(exchanged[threadIdx.x ^ step]);
    warp.arrive_and_wait();
    return other;
}
struct f16;
float load(f16 x);
void store(f16 *to, float x);

#include "../../src/nn/cuda/kernels.cu"

float load(f16 x) { return (float)bits<_Float16>(x.bits); }
void store(f16 *to, float x) { to->bits = bits<unsigned short>((_Float16)x); }

template <typename F> void launch(Place grid, unsigned threads, F kernel) {
    gridDim = grid;
    blockDim = {threads, 1, 1};
    block = std::make_unique<std::barrier<>>(threads);
    warps.clear();
    for (unsigned i = 0; i < threads; i += 32) warps.push_back(std::make_unique<std::barrier<>>(32));
    for (unsigned y = 0; y < grid.y; y++)
        for (unsigned x = 0; x < grid.x; x++) {
            blockIdx = {x, y, 0};
            std::vector<std::thread> all;
            for (unsigned i = 0; i < threads; i++)
                all.emplace_back([&, i] {
                    threadIdx = {i, 0, 0};
                    kernel();
                });
            for (auto &thread : all) thread.join();
        }
}

int failures = 0;
void check(const char *what, double found, double wanted, double near) {
    bool same = found == wanted || std::abs(found - wanted) <= near * (1 + std::abs(wanted)) || (std::isnan(found) && std::isnan(wanted));
    if (!same && failures++ < 20) printf("%s: %.9g, not %.9g\n", what, found, wanted);
}

// The same numbers on every machine.
uint64_t state = 1;
double number() {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 40) / (1 << 23) - 1;
}
template <typename T> std::vector<T> numbers(size_t count) {
    std::vector<T> all(count);
    for (auto &x : all) store(&x, (float)number());
    return all;
}

template <typename T, typename F> void attends(F kernel, const char *name, unsigned heads, unsigned dim, bool biased, double near) {
    const unsigned width = heads * dim, slots = 60, q_stride = width + 5, kv_stride = 2 * width, reach = 4;
    const std::vector<unsigned> lengths = {1, 37, 4, 16, 17};
    const unsigned rows = lengths.size(), longest = 37;
    auto q = numbers<T>(rows * q_stride), kv = numbers<T>(slots * kv_stride);
    std::vector<float> bias = numbers<float>(heads * (2 * reach + 1));
    std::vector<unsigned> index(rows * longest, 0);
    for (auto &slot : index) slot = (unsigned)((number() + 1) * slots / 2) % slots;
    std::vector<T> out(rows * width);
    const float scale = 0.4f;
    launch({rows, heads, 1}, 128, [&] {
        kernel(q.data(), kv.data(), kv.data() + width, index.data(), lengths.data(), biased ? bias.data() : nullptr, out.data(), q_stride, kv_stride,
               longest, dim, reach, scale);
    });
    for (unsigned row = 0; row < rows; row++)
        for (unsigned head = 0; head < heads; head++) {
            std::vector<double> weights;
            double sum = 0;
            for (unsigned key = 0; key < lengths[row]; key++) {
                double score = 0;
                for (unsigned i = 0; i < dim; i++)
                    score += (double)load(q[row * q_stride + head * dim + i]) * load(kv[index[row * longest + key] * kv_stride + head * dim + i]);
                score *= scale;
                int distance = (int)key - (int)(lengths[row] - 1);
                if (biased) score += bias[head * (2 * reach + 1) + std::max(distance, -(int)reach) + reach];
                weights.push_back(std::exp(score));
                sum += weights.back();
            }
            for (unsigned i = 0; i < dim; i++) {
                double y = 0;
                for (unsigned key = 0; key < lengths[row]; key++)
                    y += weights[key] / sum * load(kv[index[row * longest + key] * kv_stride + width + head * dim + i]);
                check(name, load(out[row * width + head * dim + i]), y, near);
            }
        }
}

template <typename T, typename F> void finds(F kernel, const char *name, unsigned columns, unsigned keep, std::vector<unsigned> barred, bool renormalised) {
    const unsigned rows = 3;
    auto logits = numbers<T>(rows * columns);
    // Equals, what cannot be chosen, and a row with what is no number.
    for (unsigned i = 0; i + 7 < columns; i += 5) logits[i] = logits[i + 7];
    store(&logits[columns / 2], -INFINITY);
    store(&logits[2 * columns], NAN);
    std::vector<float> out(rows * (2 * keep + 1), 0);
    launch({rows, 1, 1}, 256, [&] { kernel(logits.data(), barred.data(), out.data(), columns, (unsigned)barred.size(), keep, (unsigned)renormalised); });
    for (unsigned row = 0; row < rows; row++) {
        const float *found = &out[row * (2 * keep + 1)];
        std::set<unsigned> taken(barred.begin(), barred.end());
        double sum = 0;
        for (unsigned c = 0; c < columns; c++)
            if (!renormalised || !taken.count(c)) sum += std::exp((double)load(logits[row * columns + c]));
        check(name, found[2 * keep], std::log(sum), 1e-5);
        for (unsigned place = 0; place < keep; place++) {
            double most = -INFINITY;
            unsigned column = 0;
            for (unsigned c = 0; c < columns; c++)
                if (!taken.count(c) && load(logits[row * columns + c]) > most) most = load(logits[row * columns + c]), column = c;
            check(name, found[keep + place], most, 0);
            if (most > -INFINITY) check(name, found[place], column, 0);
            taken.insert(column);
        }
    }
}

template <typename T, typename F> void norms(F kernel, const char *name, bool two, double near) {
    const unsigned rows = 3, width = 300;
    auto x = numbers<T>(rows * width), y = numbers<T>(rows * width), weight = numbers<T>(width), bias = numbers<T>(width), out = numbers<T>(rows * width);
    launch({rows, 1, 1}, 128, [&] { kernel(x.data(), two ? y.data() : nullptr, weight.data(), bias.data(), out.data(), width, 1e-5f); });
    for (unsigned row = 0; row < rows; row++) {
        auto of = [&](unsigned i) { return (double)load(x[row * width + i]) + (two ? load(y[row * width + i]) : 0); };
        double mean = 0, variance = 0;
        for (unsigned i = 0; i < width; i++) mean += of(i) / width;
        for (unsigned i = 0; i < width; i++) variance += (of(i) - mean) * (of(i) - mean) / width;
        for (unsigned i = 0; i < width; i++)
            check(name, load(out[row * width + i]), (of(i) - mean) / std::sqrt(variance + 1e-5) * load(weight[i]) + load(bias[i]), near);
    }
}

template <typename T, typename F, typename G> void adds(F add, G copy, const char *name, double near) {
    const unsigned rows = 5, width = 37, stride = 50;
    auto x = numbers<T>(rows * width), bias = numbers<T>(width), from = numbers<T>(rows * stride), to = numbers<T>(rows * width);
    auto before = x;
    launch({2, 1, 1}, 64, [&] { add(x.data(), bias.data(), rows * width, width, 1u); });
    launch({2, 1, 1}, 64, [&] { copy(from.data(), to.data(), rows * width, width, stride); });
    for (unsigned i = 0; i < rows * width; i++) {
        check(name, load(x[i]), std::max(0.0, (double)load(before[i]) + load(bias[i % width])), near);
        check(name, load(to[i]), load(from[i / width * stride + i % width]), 0);
    }
}

#define EACH(T, NEAR)                                                              \
    attends<T>(attention_1_##T, "attention_1_" #T, 3, 20, true, NEAR);             \
    attends<T>(attention_2_##T, "attention_2_" #T, 2, 64, false, NEAR);            \
    attends<T>(attention_4_##T, "attention_4_" #T, 2, 100, false, NEAR);           \
    attends<T>(attention_8_##T, "attention_8_" #T, 1, 256, true, NEAR);            \
    finds<T>(best_##T, "best_" #T, 1000, 1, {}, false);                            \
    finds<T>(best_##T, "best_" #T, 1000, 12, {0, 17, 999}, false);                 \
    finds<T>(best_##T, "best_" #T, 301, 8, {3}, true);                             \
    finds<T>(best_##T, "best_" #T, 5, 7, {2}, false);                              \
    norms<T>(sum_layer_norm_##T, "sum_layer_norm_" #T, true, NEAR);                \
    norms<T>(sum_layer_norm_##T, "sum_layer_norm_" #T, false, NEAR);               \
    adds<T>(add_bias_##T, copy_rows_##T, "add_bias_" #T, NEAR);

int main() {
    EACH(f32, 1e-5)
    EACH(f16, 1e-3)
    EACH(bf16, 8e-3)
    printf("%d failures\n", failures);
    return failures > 0;
}
