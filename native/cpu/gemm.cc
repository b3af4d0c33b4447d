// Matrix multiplication: C (+)= A·B + bias, optionally with ReLU, for any strides and broadcast batch dims.
//
// Floats: loops after Goto and van de Geijn around the register tile of gemm_tile.h. A block of B (kDepth by
// kMaxColumns) is packed once by all threads and stays in the second-level cache. Each task then takes a panel of A's
// rows, packs it just before use and multiplies it with one panel of B after the other, so threads meet once for each
// block of B. Transposed operands cost nothing extra: packing reads any strides, A may be read in place, and the whole
// problem may be turned around (Cᵀ = Bᵀ·Aᵀ) so that the operand that is cheaper to read as vectors becomes B. A is
// packed only when it is read often enough to pay for it, B only then or when its rows are not contiguous. Rows are
// dealt out evenly over the panels, so an edge costs no whole tile. Limited by the multiply-add units for large sizes
// (0.92 to 0.97 of the rate of PyTorch's library at 1024 and 512), by packing and memory for small ones.
#include "core/storage.h"
#include "core/threads.h"
#include "cpu/gemm_pack.h"
#include "cpu/gemm_tile.h"
#include "cpu/tables.h"

namespace gb {
namespace GB_ISA {
namespace {

constexpr int64_t kMaxColumns = 512;       // of B packed at once: with kDepth they stay in the second-level cache
constexpr int64_t kParallelWork = 400000;  // multiply-adds worth waking other threads for
constexpr int64_t kTaskWork = 200000;      // multiply-adds in a task, at least
constexpr int64_t kTogether = 4;           // panels of B packed at once
constexpr int64_t kRowsTogether = 4;       // and of A

// Of k in a block.
template <class T>
constexpr int64_t kDepth = 1408 / static_cast<int64_t>(sizeof(T));

int64_t DivideUp(int64_t a, int64_t b) { return (a + b - 1) / b; }
int64_t RoundUp(int64_t a, int64_t b) { return DivideUp(a, b) * b; }

template <class T>
struct Problem {
  int64_t m, n, k;
  const T* a;
  int64_t a_row, a_k;
  const T* b;
  int64_t b_k, b_column;
  T* c;
  int64_t c_row, c_column;
  Bias bias_kind;
  const T* bias;
  bool accumulate, relu;
};

template <class T>
Problem<T> Turned(const Problem<T>& p) {
  Problem<T> q = p;
  q.m = p.n;
  q.n = p.m;
  q.a = p.b;
  q.a_row = p.b_column;
  q.a_k = p.b_k;
  q.b = p.a;
  q.b_k = p.a_k;
  q.b_column = p.a_row;
  q.c_row = p.c_column;
  q.c_column = p.c_row;
  if (p.bias_kind == Bias::kColumns) q.bias_kind = Bias::kRows;
  return q;
}

// Rows whose distance is a multiple of this fall into the same few sets of the first-level cache.
template <class T>
bool Collides(int64_t stride) {
  return stride * static_cast<int64_t>(sizeof(T)) % 2048 == 0;
}

template <class T>
bool PacksA(const Problem<T>& p) {
  if (p.a_row != 1 && p.a_k != 1) return true;
  if (p.n <= 2 * kTileVectors * kWidth<T>) return false;
  if (p.a_row == 1 && p.n > 8 * kWidth<T>) return true;
  return Collides<T>(p.a_row == 1 ? p.a_k : p.a_row) || (p.n > 16 * kWidth<T> && p.m * p.k > 512 * 512);
}

template <class T>
bool PacksB(const Problem<T>& p) {
  if (p.b_column != 1) return true;
  if (Collides<T>(p.b_k)) return p.m > 8 * kTileRows;
  return p.m > 4 * kTileRows && p.k * p.b_k * static_cast<int64_t>(sizeof(T)) > 65536;
}

// Estimated cycles, to choose between the problem and its turned form.
template <class T>
double Cost(const Problem<T>& p) {
  double m = static_cast<double>(p.m), n = static_cast<double>(p.n), k = static_cast<double>(p.k);
  double vectors = static_cast<double>(DivideUp(p.n, kWidth<T>));
  double panel = p.m < kTileRows ? m : static_cast<double>(kTileRows);
  double chains = panel * (vectors < 2 ? 1.0 : 2.0);  // independent sums; 8 fill the units
  double cycles = m * vectors * k * 0.5 * (chains < 8 ? 8 / chains : 1.0);
  if (PacksB(p)) cycles += n * k * (p.b_column == 1 ? 0.15 : 0.35);
  if (PacksA(p) || p.a_row == 1) cycles += m * k * (p.a_row == 1 ? 0.25 : 0.35);
  cycles += m * n * (p.c_column == 1 ? 0.15 : 0.6);
  return cycles;
}

// Rows dealt out evenly over panels: the first ones take one more.
struct Deal {
  int64_t panels, rows, longer;

  explicit Deal(int64_t total) : panels(DivideUp(total, kTileRows)), rows(total / panels), longer(total % panels) {}
  int64_t First(int64_t panel) const { return panel * rows + Min(panel, longer); }
  int64_t Rows(int64_t panel) const { return rows + (panel < longer ? 1 : 0); }
};

template <class T>
class Multiplication {
 public:
  explicit Multiplication(const Problem<T>& problem)
      : p_(problem), packs_a_(PacksA(problem)), packs_b_(PacksB(problem)) {}

  void Run() {
    const int64_t k_blocks = Max(int64_t{1}, DivideUp(p_.k, kDepth<T>));
    const int64_t max_k = DivideUp(p_.k, k_blocks);
    const int64_t n_blocks = packs_b_ ? DivideUp(p_.n, kMaxColumns) : 1;
    const int64_t max_n = RoundUp(DivideUp(p_.n, n_blocks), kPanel);
    // Without packing, a last panel that is not full may have to be packed: its vectors would read beyond the matrix.
    const int64_t b_columns = packs_b_ ? max_n : kPanel;
    Scratch scratch((b_columns * max_k + kPanel) * static_cast<int64_t>(sizeof(T)));
    b_packed_ = static_cast<T*>(scratch.data());
    for (n0_ = 0; n0_ < p_.n; n0_ += max_n) {
      n_ = Min(max_n, p_.n - n0_);
      column_panels_ = DivideUp(n_, kPanel);
      in_place_ = packs_b_ ? 0 : kMaskedMoves ? column_panels_ : n_ / kPanel;
      for (int64_t block = 0; block < k_blocks; block++) {
        k0_ = p_.k * block / k_blocks;
        k_ = p_.k * (block + 1) / k_blocks - k0_;
        first_ = block == 0;
        last_ = block + 1 == k_blocks;
        PackB();
        Multiply();
      }
    }
  }

 private:
  static constexpr int64_t kPanel = kTileVectors * kWidth<T>;

  void PackB() {
    const int64_t first = in_place_;
    ParallelFor(DivideUp(column_panels_ - first, kTogether), 1, [&](int64_t begin, int64_t end) {
      for (int64_t group = begin; group < end; group++) {
        Panel<T> panels[kTogether];
        const int64_t from = first + group * kTogether, count = Min(kTogether, column_panels_ - from);
        for (int64_t i = 0; i < count; i++) {
          const int64_t column = (from + i) * kPanel, columns = Min(kPanel, n_ - column);
          panels[i] = {p_.b + k0_ * p_.b_k + (n0_ + column) * p_.b_column, columns, p_.n - n0_ - column,
                       b_packed_ + (from + i - first) * kPanel * k_, RoundUp(columns, kWidth<T>)};
        }
        PackPanels(panels, count, k_, p_.b_k, p_.b_column);
      }
    });
  }

  // Tasks are row panels by groups of column panels: all columns, unless there are too few rows for the threads.
  void Multiply() {
    const int64_t work = p_.m * n_ * Max(int64_t{1}, k_);
    const Deal deal(p_.m);
    int64_t groups = 1;
    if (work >= kParallelWork && Threads() > 1) {
      const int64_t wanted = Min(work / kTaskWork, static_cast<int64_t>(Threads()) * 6);
      groups = Min(column_panels_, DivideUp(wanted, deal.panels));
    }
    const int64_t tasks = deal.panels * groups;
    const int64_t grain = work < kParallelWork ? tasks : Max(int64_t{1}, kTaskWork * tasks / work);
    ParallelFor(tasks, grain, [&](int64_t begin, int64_t end) {
      alignas(64) T a_packed[kRowsTogether * (kTileRows * kDepth<T> + kWidth<T>)];
      for (int64_t task = begin; task < end;) {
        const int64_t panel = task % deal.panels, group = task / deal.panels;
        const int64_t count = Min(Min(kRowsTogether, end - task), deal.panels - panel);
        Rows(deal, panel, count, column_panels_ * group / groups, column_panels_ * (group + 1) / groups, a_packed);
        task += count;
      }
    });
  }

  // Some panels of A times some panels of B. One of A stays in the first-level cache, those of B stream from the
  // second.
  void Rows(const Deal& deal, int64_t first, int64_t count, int64_t column_begin, int64_t column_end,
            T* a_packed) const {
    Panel<T> panels[kRowsTogether];
    for (int64_t i = 0; i < count; i++) {
      const int64_t row = deal.First(first + i), rows = deal.Rows(first + i);
      panels[i] = {p_.a + row * p_.a_row + k0_ * p_.a_k, rows, p_.m - row, a_packed, rows};
      a_packed += rows * k_ + kWidth<T>;
    }
    if (packs_a_) PackPanels(panels, count, k_, p_.a_k, p_.a_row);
    for (int64_t i = 0; i < count; i++) Row(deal.First(first + i), panels[i], column_begin, column_end);
  }

  void Row(int64_t m, const Panel<T>& panel, int64_t column_begin, int64_t column_end) const {
    static constexpr TileTable<T> tiles;
    TileTask<T> task;
    task.k = k_;
    task.c_row = p_.c_row;
    task.c_column = p_.c_column;
    task.load = p_.accumulate || !first_;
    task.relu = p_.relu && last_;
    task.bias_kind = last_ ? p_.bias_kind : Bias::kNone;
    task.a = packs_a_ ? panel.to : panel.from;
    task.a_row = packs_a_ ? 1 : p_.a_row;
    task.a_k = packs_a_ ? panel.stride : p_.a_k;
    const TileFunction<T>* tile = (task.a_row == 1 ? tiles.by_columns : tiles.by_rows)[panel.lines - 1];
    for (int64_t column = column_begin; column < column_end; column++) {
      const int64_t n = column * kPanel;
      task.columns = Min(kPanel, n_ - n);
      const int64_t vectors = DivideUp(task.columns, kWidth<T>);
      if (column >= in_place_) {
        task.b = b_packed_ + (column - in_place_) * kPanel * k_;
        task.b_k = vectors * kWidth<T>;
      } else {
        task.b = p_.b + k0_ * p_.b_k + n0_ + n;
        task.b_k = p_.b_k;
      }
      task.c = p_.c + m * p_.c_row + (n0_ + n) * p_.c_column;
      task.bias = p_.bias_kind == Bias::kRows ? p_.bias + m : p_.bias + n0_ + n;
      tile[vectors - 1](task);
    }
  }

  const Problem<T>& p_;
  const bool packs_a_, packs_b_;
  T* b_packed_;
  int64_t n0_, n_, k0_, k_;
  int64_t column_panels_;
  int64_t in_place_;  // of them, the first ones, read where they are
  bool first_, last_;
};

// One row times a matrix whose columns are contiguous: a dot product for each, four at a time.
template <class T>
void MultiplyDots(const Problem<T>& p) {
  Scratch scratch(p.k * static_cast<int64_t>(sizeof(T)));
  T* a = static_cast<T*>(scratch.data());
  for (int64_t l = 0; l < p.k; l++) a[l] = p.a[l * p.a_k];
  constexpr int64_t kGroup = 4;
  const int64_t whole = p.k / kWidth<T> * kWidth<T>;
  ParallelFor(DivideUp(p.n, kGroup), Max(int64_t{1}, 32768 / Max(int64_t{1}, p.k)), [&](int64_t begin, int64_t end) {
    for (int64_t j = begin * kGroup; j < Min(p.n, end * kGroup); j += kGroup) {
      const int64_t columns = Min(kGroup, p.n - j);
      const T* b[kGroup];
      Vector<T> sums[kGroup] = {};
      for (int64_t g = 0; g < kGroup; g++) b[g] = p.b + (j + Min(g, columns - 1)) * p.b_column;
      for (int64_t l = 0; l < whole; l += kWidth<T>) {
        const Vector<T> x = Load(a + l);
#pragma GCC unroll 4
        for (int64_t g = 0; g < kGroup; g++) sums[g] += x * Load(b[g] + l);
      }
      for (int64_t g = 0; g < columns; g++) {
        T sum = p.bias_kind == Bias::kNone ? T(0) : p.bias[p.bias_kind == Bias::kColumns ? j + g : 0];
        for (int lane = 0; lane < kWidth<T>; lane++) sum += sums[g][lane];
        for (int64_t l = whole; l < p.k; l++) sum += a[l] * b[g][l];
        T* c = p.c + (j + g) * p.c_column;
        if (p.accumulate) sum += *c;
        *c = p.relu && sum < T(0) ? T(0) : sum;
      }
    }
  });
}

template <class T>
void MultiplyFloats(const Problem<T>& p) {
  Problem<T> turned = Turned(p);
  if (p.m == 1 && p.b_k == 1 && p.k > kWidth<T>) return MultiplyDots(p);
  if (p.n == 1 && p.a_k == 1 && p.k > kWidth<T>) {
    // A row bias of the turned problem is its column bias, one number for all of them.
    return MultiplyDots(turned);
  }
  const Problem<T>& chosen = Cost(turned) < Cost(p) ? turned : p;
  Multiplication<T>(chosen).Run();
}

// Integers: row by row, no packing; the compiler vectorises along contiguous columns.
template <class T>
void MultiplyIntegers(const Problem<T>& p) {
  ParallelFor(p.m, Max(int64_t{1}, kTaskWork / Max(int64_t{1}, p.n * p.k)), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      T* c = p.c + i * p.c_row;
      for (int64_t j = 0; j < p.n; j++) {
        T start = p.accumulate ? c[j * p.c_column] : T(0);
        if (p.bias_kind == Bias::kColumns) start = static_cast<T>(start + p.bias[j]);
        c[j * p.c_column] = start;
      }
      for (int64_t l = 0; l < p.k; l++) {
        const T x = p.a[i * p.a_row + l * p.a_k];
        const T* b = p.b + l * p.b_k;
        if (p.b_column == 1 && p.c_column == 1) {
          GB_INDEPENDENT
          for (int64_t j = 0; j < p.n; j++) c[j] = static_cast<T>(c[j] + x * b[j]);
        } else {
          for (int64_t j = 0; j < p.n; j++) {
            c[j * p.c_column] = static_cast<T>(c[j * p.c_column] + x * b[j * p.b_column]);
          }
        }
      }
      if (!p.relu) continue;
      for (int64_t j = 0; j < p.n; j++) c[j * p.c_column] = Max(c[j * p.c_column], T(0));
    }
  });
}

void MultiplyOne(const Problem<float>& p) { MultiplyFloats(p); }
void MultiplyOne(const Problem<double>& p) { MultiplyFloats(p); }
template <class T>
void MultiplyOne(const Problem<T>& p) {
  MultiplyIntegers(p);
}

// Strides of the batch dims, broadcast ones 0; dims counted from the out tensor's first.
struct Batch {
  int dims;
  int64_t count;
  int64_t sizes[kMaxDims], a[kMaxDims], b[kMaxDims], c[kMaxDims];

  static int64_t Stride(const Tensor& t, int dims, int dim) {
    int own = dim - (dims - (t.dims - 2));
    return own < 0 || t.sizes[own] == 1 ? 0 : t.strides[own];
  }

  Batch(const Tensor& out, const Tensor& x, const Tensor& y) : dims(out.dims - 2), count(1) {
    for (int dim = 0; dim < dims; dim++) {
      sizes[dim] = out.sizes[dim];
      count *= sizes[dim];
      a[dim] = Stride(x, dims, dim);
      b[dim] = Stride(y, dims, dim);
      c[dim] = out.strides[dim];
    }
  }
};

template <class T>
void MultiplyTyped(const Tensor& out, const Tensor& a, const Tensor& b, const Tensor* bias,
                   const GemmOptions& options) {
  Problem<T> p;
  p.m = out.sizes[out.dims - 2];
  p.n = out.sizes[out.dims - 1];
  p.k = a.sizes[a.dims - 1];
  p.a = reinterpret_cast<const T*>(a.data);
  p.a_row = a.strides[a.dims - 2];
  p.a_k = a.strides[a.dims - 1];
  p.b = reinterpret_cast<const T*>(b.data);
  p.b_k = b.strides[b.dims - 2];
  p.b_column = b.strides[b.dims - 1];
  p.c = reinterpret_cast<T*>(out.data);
  p.c_row = out.strides[out.dims - 2];
  p.c_column = out.strides[out.dims - 1];
  p.bias_kind = bias ? Bias::kColumns : Bias::kNone;
  p.bias = nullptr;
  p.accumulate = options.accumulate;
  p.relu = options.relu;
  // The stride of a dim of size 1 means nothing; 1 is the one that needs no packing.
  if (p.n == 1) p.b_column = p.c_column = 1;
  if (p.m == 1) p.a_row = 1;
  // Whole vectors of the bias are read.
  const int64_t padded = p.n + 2 * kTileVectors * kWidth<T>;
  Scratch scratch(bias ? padded * static_cast<int64_t>(sizeof(T)) : 1);
  if (bias) {
    T* copy = static_cast<T*>(scratch.data());
    const T* from = reinterpret_cast<const T*>(bias->data);
    for (int64_t j = 0; j < p.n; j++) copy[j] = from[j * bias->strides[bias->dims - 1]];
    for (int64_t j = p.n; j < padded; j++) copy[j] = T(0);
    p.bias = copy;
  }
  Batch batch(out, a, b);
  // One shared B under rows that follow one another: a single taller product.
  while (batch.dims > 0) {
    int dim = batch.dims - 1;
    bool folds = batch.b[dim] == 0 && batch.a[dim] == p.m * p.a_row && batch.c[dim] == p.m * p.c_row;
    if (!folds && batch.sizes[dim] != 1) break;
    if (batch.sizes[dim] != 1) p.m *= batch.sizes[dim];
    batch.count = batch.sizes[dim] ? batch.count / batch.sizes[dim] : 0;
    batch.dims--;
  }
  if (p.m == 0 || p.n == 0 || batch.count == 0) return;
  auto run = [&](int64_t begin, int64_t end) {
    for (int64_t index = begin; index < end; index++) {
      Problem<T> one = p;
      int64_t rest = index;
      for (int dim = batch.dims - 1; dim >= 0; dim--) {
        int64_t at = rest % batch.sizes[dim];
        rest /= batch.sizes[dim];
        one.a += at * batch.a[dim];
        one.b += at * batch.b[dim];
        one.c += at * batch.c[dim];
      }
      MultiplyOne(one);
    }
  };
  const int64_t work = p.m * p.n * Max(int64_t{1}, p.k);
  if (work > 16 * kParallelWork || batch.count == 1) {
    run(0, batch.count);
  } else {
    ParallelFor(batch.count, Max(int64_t{1}, kTaskWork / work), run);
  }
}

}  // namespace

void Gemm(const Tensor& out, const Tensor& a, const Tensor& b, const Tensor* bias, const GemmOptions& options) {
  switch (out.dtype) {
    case DType::kFloat32:
      return MultiplyTyped<float>(out, a, b, bias, options);
    case DType::kFloat64:
      return MultiplyTyped<double>(out, a, b, bias, options);
    case DType::kInt32:
      return MultiplyTyped<int32_t>(out, a, b, bias, options);
    case DType::kInt64:
      return MultiplyTyped<int64_t>(out, a, b, bias, options);
    case DType::kUint8:
    case DType::kBool:
      return MultiplyTyped<uint8_t>(out, a, b, bias, options);
  }
}

}  // namespace GB_ISA
}  // namespace gb
