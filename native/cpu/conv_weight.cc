// The gradient of a convolution by its weight: for each tap and each pair of channels a sum over all output positions
// of all images. A tile of the result is kRows taps (of any input channels) by vectors of output channels; it stays in
// registers while the positions pass: the gradient of the output is transposed once to [position][output channel], and
// the prepared images (conv_image.h) are read in place, one broadcast element for each tap.
// Small weights are summed up over chunks of images, each on its own, and the chunks added in order; large ones are
// shared out tile by tile. With few output channels in a group (depthwise), vectors run along positions instead.
// Every sum has one order, whatever the number of threads.
#include "core/storage.h"
#include "core/threads.h"
#include "cpu/conv_image.h"
#include "cpu/gemm_tile.h"
#include "cpu/tables.h"

namespace gb {
namespace GB_ISA {
namespace {

constexpr int kWeightRows = kTileRows - 1;  // two steps at once need registers for both
constexpr int64_t kChunks = 16;             // of images, for small weights
constexpr int64_t kSmallWeight = 1 << 18;   // bytes of accumulators for one chunk
constexpr int64_t kBlockBytes = 12 << 20;   // of prepared images at once, for large weights
constexpr int64_t kFewOutputs = 4;          // up to which vectors run along positions
constexpr int64_t kLongestSum = 512;        // positions added up in registers, so that rounding errors stay small
constexpr int64_t kTaskWork = 200000;       // multiply-adds in a task, at least

// The output positions of an image, as lines that are contiguous in the prepared image.
struct Lines {
  int64_t count_z, count_y, length, source_z, source_y;
};

template <class T>
struct WeightTile {
  const T* image;     // prepared
  const int64_t* at;  // offsets of the taps
  const T* dy;        // [image][position][kVectors vectors]
  T* sums;            // [kRows][row_step]
  int64_t row_step;
  int64_t images, image_step, dy_step;
  Lines lines;
};

template <class T, int kRows, int kVectors>
void SumPositions(const WeightTile<T>& t) {
  Vector<T> acc[kRows][kVectors] = {};
  const int64_t* const at = t.at;
  const int64_t lines = t.lines.count_z * t.lines.count_y;
  int64_t since = 0;  // positions in the registers' sums
  for (int64_t n = 0; n < t.images; n++) {
    const T* dy = t.dy + n * t.dy_step;
    for (int64_t line = 0; line < lines; line++) {
      const T* x = t.image + n * t.image_step + line / t.lines.count_y * t.lines.source_z +
                   line % t.lines.count_y * t.lines.source_y;
      int64_t i = 0;
      for (; i + 2 <= t.lines.length; i += 2, x += 2, dy += 2 * kVectors * kWidth<T>) {
        Vector<T> v[2][kVectors];
#pragma GCC unroll 2
        for (int j = 0; j < kVectors; j++) {
          v[0][j] = Load(dy + j * kWidth<T>);
          v[1][j] = Load(dy + (kVectors + j) * kWidth<T>);
        }
#pragma GCC unroll 16
        for (int r = 0; r < kRows; r++) {
          const T* p = x + at[r];
          const Vector<T> first = Splat<T>(p[0]);
#pragma GCC unroll 2
          for (int j = 0; j < kVectors; j++) acc[r][j] += first * v[0][j];
          const Vector<T> second = Splat<T>(p[1]);
#pragma GCC unroll 2
          for (int j = 0; j < kVectors; j++) acc[r][j] += second * v[1][j];
        }
      }
      for (; i < t.lines.length; i++, x++, dy += kVectors * kWidth<T>) {
#pragma GCC unroll 16
        for (int r = 0; r < kRows; r++) {
          const Vector<T> first = Splat<T>(x[at[r]]);
#pragma GCC unroll 2
          for (int j = 0; j < kVectors; j++) acc[r][j] += first * Load(dy + j * kWidth<T>);
        }
      }
      since += t.lines.length;
      if (since < kLongestSum && (n + 1 < t.images || line + 1 < lines)) continue;
      since = 0;
#pragma GCC unroll 16
      for (int r = 0; r < kRows; r++) {
#pragma GCC unroll 2
        for (int j = 0; j < kVectors; j++) {
          T* sum = t.sums + r * t.row_step + j * kWidth<T>;
          StoreVector<T>(sum, Load(sum) + acc[r][j]);
          acc[r][j] = Vector<T>{};
        }
      }
    }
  }
}

template <class T>
using WeightFunction = void (*)(const WeightTile<T>&);

template <class T>
struct WeightTable {
  WeightFunction<T> tiles[kWeightRows][kTileVectors];

  template <int kRows>
  constexpr void Fill() {
    tiles[kRows - 1][0] = SumPositions<T, kRows, 1>;
    tiles[kRows - 1][1] = SumPositions<T, kRows, 2>;
    if constexpr (kRows > 1) Fill<kRows - 1>();
  }

  constexpr WeightTable() : tiles{} { Fill<kWeightRows>(); }
};

// Lines of `count` (at most one vector's width) channels as [position][step], zeros in the channels that are not there.
template <class T>
void TransposeChannels(T* to, int64_t step, const T* from, int64_t positions, int64_t count) {
  int64_t i = 0;
  for (; i + kWidth<T> <= positions; i += kWidth<T>) {
    Vector<T> block[kWidth<T>];
#pragma GCC unroll 16
    for (int c = 0; c < kWidth<T>; c++) block[c] = c < count ? Load(from + c * positions + i) : Vector<T>{};
    TransposeSquare<T>(block);
#pragma GCC unroll 16
    for (int j = 0; j < kWidth<T>; j++) StoreVector<T>(to + (i + j) * step, block[j]);
  }
  for (; i < positions; i++) {
    for (int64_t c = 0; c < kWidth<T>; c++) to[i * step + c] = c < count ? from[c * positions + i] : T(0);
  }
}

template <class T>
class WeightGradient {
 public:
  WeightGradient(const ConvGeometry& geometry, T* dw, const T* x, const T* dy)
      : g_(geometry), layout_(InputLayout(geometry)), dw_(dw), x_(x), dy_(dy) {
    taps_ = Product(g_.kernel);
    k_ = g_.in_channels * taps_;
    positions_ = Product(g_.output);
    in_place_ = layout_.InPlace();
    image_size_ = layout_.Image();
    lines_ = {g_.output[0], g_.output[1], g_.output[2], layout_.Plane(), layout_.Pitch()};
    for (int round = 0; round < 2; round++) {
      if (lines_.source_y == lines_.length) {
        lines_.length *= lines_.count_y;
        lines_.count_y = lines_.count_z;
        lines_.count_z = 1;
        lines_.source_y = lines_.source_z;
      }
    }
  }

  void Run() {
    Scratch tables((k_ + 1) * static_cast<int64_t>(sizeof(int64_t)));
    at_ = static_cast<int64_t*>(tables.data());
    int64_t index = 0, tap[3];
    for (int64_t channel = 0; channel < g_.in_channels; channel++) {
      for (tap[0] = 0; tap[0] < g_.kernel[0]; tap[0]++) {
        for (tap[1] = 0; tap[1] < g_.kernel[1]; tap[1]++) {
          for (tap[2] = 0; tap[2] < g_.kernel[2]; tap[2]++) {
            at_[index++] = channel * layout_.Channel() + InputOffset(g_, layout_, tap);
          }
        }
      }
    }
    padded_outputs_ = RoundUp(g_.out_channels, kW);
    const int64_t sums = k_ * padded_outputs_;
    if (g_.out_channels <= kFewOutputs) {
      RunAlongPositions();
    } else if (sums * kItem <= kSmallWeight) {
      RunChunks(sums);
    } else {
      RunTiles();
    }
  }

 private:
  static constexpr int64_t kW = kWidth<T>;
  static constexpr int64_t kItem = sizeof(T);
  static constexpr int64_t kPanel = kTileVectors * kW;

  const T* ImageAt(int64_t image, int64_t group) const {
    return x_ + (image * g_.groups + group) * g_.in_channels * Product(g_.input);
  }
  const T* GradientAt(int64_t image, int64_t group) const {
    return dy_ + (image * g_.groups + group) * g_.out_channels * positions_;
  }

  const T* Prepare(T* to, int64_t image, int64_t group) const {
    const T* from = ImageAt(image, group);
    if (in_place_) return from;
    const int64_t size = Product(g_.input), padded = layout_.Channel();
    for (int64_t c = 0; c < g_.in_channels; c++) PrepareChannel(layout_, to + c * padded, from + c * size);
    return to;
  }

  // As panels of one or two vectors of channels: [panel][position][channels], with `step` elements between panels.
  void TransposePanel(T* to, const T* from, int64_t panel) const {
    const int64_t width = Width(panel);
    for (int64_t c = 0; c < width; c += kW) {
      const int64_t channel = panel * kPanel + c;
      TransposeChannels(to + c, width, from + channel * positions_, positions_, Min(kW, g_.out_channels - channel));
    }
  }

  int64_t Panels() const { return DivideUp(padded_outputs_, kPanel); }
  int64_t Width(int64_t panel) const { return Min(kPanel, padded_outputs_ - panel * kPanel); }
  int64_t TapPanels() const { return DivideUp(k_, kWeightRows); }
  int64_t FirstTap(int64_t panel) const { return k_ * panel / TapPanels(); }

  // The tile of taps number `row` by output channels number `panel`, over `images` images.
  void Multiply(T* sums, const T* image, int64_t image_step, const T* dy, int64_t dy_step, int64_t images, int64_t row,
                int64_t panel) const {
    static constexpr WeightTable<T> table;
    const int64_t first = FirstTap(row), width = Width(panel);
    const WeightTile<T> tile{image,           at_ + first, dy,         sums + first * padded_outputs_ + panel * kPanel,
                             padded_outputs_, images,      image_step, dy_step,
                             lines_};
    table.tiles[FirstTap(row + 1) - first - 1][width / kW - 1](tile);
  }

  // The same for large weights: the tile's sums are added to dw itself, or set there.
  void MultiplyInto(T* dw, bool set, const T* image, int64_t image_step, const T* dy, int64_t dy_step, int64_t images,
                    int64_t row, int64_t panel) const {
    static constexpr WeightTable<T> table;
    const int64_t first = FirstTap(row), count = FirstTap(row + 1) - first, width = Width(panel);
    alignas(64) T sums[(kWeightRows + kW) * kPanel];
    FillZeros(sums, (kWeightRows + kW) * kPanel);
    const WeightTile<T> tile{image, at_ + first, dy, sums, width, images, image_step, dy_step, lines_};
    table.tiles[count - 1][width / kW - 1](tile);
    const int64_t outputs = Min(width, g_.out_channels - panel * kPanel);
    for (int64_t r = 0; r < count; r += kW) {
      for (int64_t o = 0; o < outputs; o += kW) {
        Vector<T> block[kW];
        for (int i = 0; i < kW; i++) block[i] = Load(sums + (r + i) * width + o);
        TransposeSquare<T>(block);
        T* to = dw + (panel * kPanel + o) * k_ + first + r;
        const int64_t lanes = Min(kW, count - r);
        for (int64_t j = 0; j < Min(kW, outputs - o); j++, to += k_) {
          StorePart(to, set ? block[j] : block[j] + LoadPart(to, lanes), lanes);
        }
      }
    }
  }

  // [tap][output channel] to [output channel][tap].
  void Finish(const T* sums, int64_t group) const {
    T* to = dw_ + group * g_.out_channels * k_;
    constexpr int64_t kBlock = 64;
    ParallelFor(DivideUp(k_, kBlock), Max(int64_t{1}, 512 / g_.out_channels), [&](int64_t begin, int64_t end) {
      for (int64_t k = begin * kBlock; k < Min(k_, end * kBlock); k += kBlock) {
        Transpose(reinterpret_cast<char*>(to + k), k_ * kItem,
                  reinterpret_cast<const char*>(sums + k * padded_outputs_), padded_outputs_ * kItem,
                  Min(kBlock, k_ - k), g_.out_channels, kItem);
      }
    });
  }

  // Each chunk of images has sums of its own.
  void RunChunks(int64_t sums) {
    const int64_t chunks = Min(kChunks, g_.images);
    Scratch all(g_.groups * chunks * sums * kItem);
    T* base = static_cast<T*>(all.data());
    const int64_t dy_size = positions_ * padded_outputs_;
    const int64_t work = k_ * dy_size * g_.images / chunks + 1;
    ParallelFor(g_.groups * chunks, Max(int64_t{1}, kTaskWork / work), [&](int64_t begin, int64_t end) {
      Scratch prepared(((in_place_ ? 0 : image_size_) + dy_size) * kItem);
      T* dy = static_cast<T*>(prepared.data());
      for (int64_t index = begin; index < end; index++) {
        const int64_t group = index / chunks, chunk = index % chunks;
        T* own = base + index * sums;
        FillZeros(own, sums);
        for (int64_t n = g_.images * chunk / chunks; n < g_.images * (chunk + 1) / chunks; n++) {
          const T* image = Prepare(dy + dy_size, n, group);
          for (int64_t panel = 0; panel < Panels(); panel++) {
            T* to = dy + panel * kPanel * positions_;
            TransposePanel(to, GradientAt(n, group), panel);
            for (int64_t row = 0; row < TapPanels(); row++) Multiply(own, image, 0, to, 0, 1, row, panel);
          }
        }
      }
    });
    for (int64_t group = 0; group < g_.groups; group++) {
      T* own = base + group * chunks * sums;
      for (int64_t chunk = 1; chunk < chunks; chunk++) {
        const T* other = own + chunk * sums;
        GB_INDEPENDENT
        for (int64_t i = 0; i < sums; i++) own[i] += other[i];
      }
      Finish(own, group);
    }
  }

  void RunTiles() {
    const int64_t dy_size = positions_ * padded_outputs_, own_image = in_place_ ? 0 : image_size_;
    const int64_t block = Max(int64_t{1}, Min(g_.images, kBlockBytes / Max(int64_t{1}, (dy_size + own_image) * kItem)));
    Scratch prepared(block * (dy_size + own_image) * kItem);
    T* dy = static_cast<T*>(prepared.data());
    T* images = dy + block * dy_size;
    for (int64_t group = 0; group < g_.groups; group++) {
      for (int64_t n = 0; n < g_.images; n += block) {
        const int64_t count = Min(block, g_.images - n);
        ParallelFor(count * Panels(), 1, [&](int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; i++) {
            const int64_t image = i / Panels(), panel = i % Panels();
            TransposePanel(dy + image * dy_size + panel * kPanel * positions_, GradientAt(n + image, group), panel);
            if (panel == 0) Prepare(images + image * own_image, n + image, group);
          }
        });
        const T* from = in_place_ ? ImageAt(n, group) : images;
        const int64_t step = in_place_ ? g_.groups * image_size_ : image_size_;
        const int64_t work = count * positions_ * kWeightRows * kPanel;
        const int64_t rows = TapPanels();
        ParallelFor(rows * Panels(), Max(int64_t{1}, kTaskWork / work), [&](int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; i++) {
            const int64_t row = i % rows, panel = i / rows;
            MultiplyInto(dw_ + group * g_.out_channels * k_, n == 0, from, step, dy + panel * kPanel * positions_,
                         dy_size, count, row, panel);
          }
        });
      }
    }
  }

  // ---- few output channels ------------------------------------------------------------------------------------------

  // A task is one input channel of a group: all its taps and all output channels of the group.
  void RunAlongPositions() {
    const int64_t work = g_.images * positions_ * taps_ * g_.out_channels;
    ParallelFor(g_.groups * g_.in_channels, Max(int64_t{1}, kTaskWork / Max(int64_t{1}, work)),
                [&](int64_t begin, int64_t end) {
                  const int64_t size = layout_.Channel();
                  Scratch prepared((in_place_ ? 0 : size) * kItem + 1);
                  T* to = static_cast<T*>(prepared.data());
                  for (int64_t index = begin; index < end; index++) {
                    const int64_t group = index / g_.in_channels, channel = index % g_.in_channels;
                    T* dw = dw_ + group * g_.out_channels * k_ + channel * taps_;
                    for (int64_t o = 0; o < g_.out_channels; o++) FillZeros(dw + o * k_, taps_);
                    for (int64_t n = 0; n < g_.images; n++) {
                      const T* image = ImageAt(n, group) + channel * Product(g_.input);
                      if (!in_place_) {
                        PrepareChannel(layout_, to, image);
                        image = to;
                      }
                      for (int64_t o = 0; o < g_.out_channels; o++) {
                        SumTaps(dw + o * k_, image, GradientAt(n, group) + o * positions_);
                      }
                    }
                  }
                });
  }

  static constexpr int kTaps = 8;  // sums at once

  void SumTaps(T* dw, const T* image, const T* dy) const {
    for (int64_t first = 0; first < taps_; first += kTaps) {
      const int64_t count = Min<int64_t>(kTaps, taps_ - first);
      int64_t at[kTaps];
      for (int64_t i = 0; i < kTaps; i++) at[i] = at_[first + Min(i, count - 1)];
      Vector<T> sums[kTaps] = {};
      const T* d = dy;
      for (int64_t line = 0; line < lines_.count_z * lines_.count_y; line++, d += lines_.length) {
        const T* x = image + line / lines_.count_y * lines_.source_z + line % lines_.count_y * lines_.source_y;
        int64_t i = 0;
        for (; i + kW <= lines_.length; i += kW) {
          const Vector<T> v = Load(d + i);
#pragma GCC unroll 8
          for (int t = 0; t < kTaps; t++) sums[t] += v * Load(x + at[t] + i);
        }
        if (i < lines_.length) {
          const int64_t rest = lines_.length - i;
          const Vector<T> v = LoadPart(d + i, rest);
#pragma GCC unroll 8
          for (int t = 0; t < kTaps; t++) sums[t] += v * LoadPart(x + at[t] + i, rest);
        }
      }
      for (int64_t t = 0; t < count; t++) {
        T sum = T(0);
        for (int lane = 0; lane < kW; lane++) sum += sums[t][lane];
        dw[first + t] += sum;
      }
    }
  }

  const ConvGeometry& g_;
  const ImageLayout layout_;
  T* dw_;
  const T* x_;
  const T* dy_;
  int64_t taps_, k_, positions_, image_size_, padded_outputs_;
  bool in_place_;
  Lines lines_;
  int64_t* at_;
};

}  // namespace

void ConvBackwardWeight(const ConvGeometry& g, DType dtype, void* dw, const void* x, const void* dy) {
  if (dtype == DType::kFloat32) {
    WeightGradient<float>(g, static_cast<float*>(dw), static_cast<const float*>(x), static_cast<const float*>(dy))
        .Run();
  } else {
    WeightGradient<double>(g, static_cast<double*>(dw), static_cast<const double*>(x), static_cast<const double*>(dy))
        .Run();
  }
}

}  // namespace GB_ISA
}  // namespace gb
