// Scaled dot-product attention and its gradient. One task is a block of queries of one batch element and head (for the
// gradient: all its blocks, one after the other, because they add to the same keys and values): its scores stay in the
// second-level cache from the product that makes them to the one that uses them, and are never written to memory. The
// gradient computes the weights again, which costs less than keeping them. Limited by the products.
#include <algorithm>
#include <limits>
#include <utility>

#include "core/errors.h"
#include "core/storage.h"
#include "core/threads.h"
#include "cpu/api.h"

namespace gb {

namespace {

constexpr int64_t kScores = 65536;  // elements of a block
constexpr int64_t kRows = 128;      // queries of a block, at most

// Sizes that all tensors share.
struct Heads {
  int64_t batch, queries, keys, features, values;
};

// [..., rows, columns] in batch element `index` as a matrix of rows begin … end.
Tensor MatrixOf(const Tensor& tensor, int64_t index, int64_t begin, int64_t end) {
  Tensor matrix = tensor;
  matrix.dims = 2;
  int64_t at = begin * tensor.strides[tensor.dims - 2];
  for (int dim = tensor.dims - 3; dim >= 0; dim--) {
    at += index % tensor.sizes[dim] * tensor.strides[dim];
    index /= tensor.sizes[dim];
  }
  for (int dim = 0; dim < 2; dim++) {
    matrix.sizes[dim] = tensor.sizes[tensor.dims - 2 + dim];
    matrix.strides[dim] = tensor.strides[tensor.dims - 2 + dim];
  }
  matrix.sizes[0] = end - begin;
  matrix.data += at * ItemSize(tensor.dtype);
  return matrix;
}

Tensor Transposed(const Tensor& matrix) {
  Tensor turned = matrix;
  std::swap(turned.sizes[0], turned.sizes[1]);
  std::swap(turned.strides[0], turned.strides[1]);
  return turned;
}

// A contiguous matrix in scratch memory.
Tensor MatrixAt(char* data, DType dtype, int64_t rows, int64_t columns) {
  Tensor matrix{};
  matrix.data = data;
  matrix.dtype = dtype;
  matrix.dims = 2;
  matrix.sizes[0] = rows;
  matrix.sizes[1] = columns;
  SetContiguous(&matrix);
  return matrix;
}

Heads Check(const AttentionInputs& in, const char* what) {
  const Tensor &q = in.query, &k = in.key, &v = in.value;
  if (!IsFloat(q.dtype)) Throw("%s: expected float32 or float64, found %s", what, Name(q.dtype));
  RequireSameDType(q, k, what);
  RequireSameDType(q, v, what);
  bool fits = q.dims >= 2 && k.dims == q.dims && v.dims == q.dims;
  Heads heads{1, 0, 0, 0, 0};
  for (int dim = 0; fits && dim < q.dims - 2; dim++) {
    fits = k.sizes[dim] == q.sizes[dim] && v.sizes[dim] == q.sizes[dim];
    heads.batch *= q.sizes[dim];
  }
  if (fits) {
    const int last = q.dims - 1;
    heads.queries = q.sizes[last - 1];
    heads.features = q.sizes[last];
    heads.keys = k.sizes[last - 1];
    heads.values = v.sizes[last];
    fits = k.sizes[last] == heads.features && v.sizes[last - 1] == heads.keys;
  }
  if (!fits) {
    Throw("%s: queries %s, keys %s and values %s do not fit: expected [..., L, E], [..., S, E] and [..., S, Ev]", what,
          Sizes(q).c_str(), Sizes(k).c_str(), Sizes(v).c_str());
  }
  if (in.mask) {
    RequireSameDType(q, *in.mask, what);
    bool broadcasts = in.mask->dims == q.dims;
    for (int dim = 0; broadcasts && dim < q.dims; dim++) {
      const int64_t size = dim < q.dims - 2 ? q.sizes[dim] : dim == q.dims - 2 ? heads.queries : heads.keys;
      broadcasts = in.mask->sizes[dim] == size;
    }
    if (!broadcasts) {
      Throw("%s: a mask of sizes %s does not fit queries %s and keys %s", what, Sizes(*in.mask).c_str(),
            Sizes(q).c_str(), Sizes(k).c_str());
    }
  }
  return heads;
}

void RequireAlike(const Tensor& tensor, const Tensor& like, int64_t columns, const char* what) {
  bool fits = tensor.dims == like.dims && tensor.dtype == like.dtype;
  for (int dim = 0; fits && dim < like.dims; dim++) {
    fits = tensor.sizes[dim] == (dim == like.dims - 1 ? columns : like.sizes[dim]);
  }
  if (!fits) {
    Throw("%s: sizes %s of %s do not fit inputs of sizes %s", what, Sizes(tensor).c_str(), Name(tensor.dtype),
          Sizes(like).c_str());
  }
}

template <class T>
class Block {
 public:
  Block(const AttentionInputs& in, const Heads& heads)
      : in_(in), heads_(heads), rows_(std::min({kRows, heads.queries, std::max<int64_t>(16, kScores / heads.keys)})) {}

  int64_t rows() const { return rows_; }
  int64_t count() const { return (heads_.queries + rows_ - 1) / rows_; }
  // Elements of scratch memory: scaled queries, weights, and as much again for the gradient.
  int64_t scratch(bool gradient) const { return rows_ * (heads_.features + heads_.keys * (gradient ? 2 : 1)); }

  // The weights of queries begin … end; keys behind the last one that any of them sees are left out.
  void Weigh(T* scratch, int64_t index, int64_t begin, int64_t end) {
    const int64_t n = end - begin;
    keys = in_.causal ? std::min(heads_.keys, end) : heads_.keys;
    queries = MatrixAt(reinterpret_cast<char*>(scratch), in_.query.dtype, n, heads_.features);
    weights = MatrixAt(reinterpret_cast<char*>(scratch + rows_ * heads_.features), in_.query.dtype, n, keys);
    Scale(queries, MatrixOf(in_.query, index, begin, end), in_.scale);
    kernels().gemm(weights, queries, Transposed(Keys(in_.key, index)), nullptr, GemmOptions{false, false});
    T* scores = reinterpret_cast<T*>(weights.data);
    for (int64_t i = 0; in_.causal && i < n; i++) {
      for (int64_t j = begin + i + 1; j < keys; j++) scores[i * keys + j] = -kInfinity;
    }
    if (in_.mask) AddMask(scores, MatrixOf(*in_.mask, index, begin, end));
    kernels().softmax(weights, weights, 1, false);
    // Where a query sees nothing, the softmax is 0/0 and the weights are to be 0.
    for (int64_t i = 0; in_.mask && i < n; i++) {
      if (blind_[i]) std::fill_n(scores + i * keys, keys, T(0));
    }
  }

  // The rows of the keys (or of what has a row for each) that the block sees.
  Tensor Keys(const Tensor& tensor, int64_t index) const { return MatrixOf(tensor, index, 0, keys); }

  static void Scale(const Tensor& out, const Tensor& a, double factor) {
    for (int64_t i = 0; i < out.sizes[0]; i++) {
      const T* from = reinterpret_cast<const T*>(a.data) + i * a.strides[0];
      T* to = reinterpret_cast<T*>(out.data) + i * out.strides[0];
      for (int64_t j = 0; j < out.sizes[1]; j++) {
        to[j * out.strides[1]] = from[j * a.strides[1]] * static_cast<T>(factor);
      }
    }
  }

  Tensor queries, weights;
  int64_t keys = 0;

 private:
  static constexpr T kInfinity = std::numeric_limits<T>::infinity();

  void AddMask(T* scores, const Tensor& mask) {
    for (int64_t i = 0; i < mask.sizes[0]; i++) {
      const T* added = reinterpret_cast<const T*>(mask.data) + i * mask.strides[0];
      T* row = scores + i * keys;
      bool blind = true;
      for (int64_t j = 0; j < keys; j++) {
        const T x = added[j * mask.strides[1]];
        blind = blind && x == -kInfinity;
        row[j] += x;
      }
      blind_[i] = blind;
    }
  }

  const AttentionInputs& in_;
  const Heads& heads_;
  int64_t rows_;
  bool blind_[kRows];
};

template <class T>
void Forward(const Tensor& out, const AttentionInputs& in, const Heads& heads) {
  const int64_t blocks = Block<T>(in, heads).count();
  ParallelFor(heads.batch * blocks, 1, [&](int64_t begin, int64_t end) {
    Block<T> block(in, heads);
    Scratch scratch(block.scratch(false) * static_cast<int64_t>(sizeof(T)));
    for (int64_t task = begin; task < end; task++) {
      const int64_t index = task / blocks, first = task % blocks * block.rows();
      const int64_t last = std::min(first + block.rows(), heads.queries);
      block.Weigh(static_cast<T*>(scratch.data()), index, first, last);
      kernels().gemm(MatrixOf(out, index, first, last), block.weights, block.Keys(in.value, index), nullptr,
                     GemmOptions{false, false});
    }
  });
}

template <class T>
void Backward(const AttentionGradients& out, const Tensor& dy, const AttentionInputs& in, const Heads& heads) {
  const GemmOptions set{false, false}, add{true, false};
  ParallelFor(heads.batch, 1, [&](int64_t begin, int64_t end) {
    Block<T> block(in, heads);
    Scratch scratch(block.scratch(true) * static_cast<int64_t>(sizeof(T)));
    T* memory = static_cast<T*>(scratch.data());
    T* second = memory + block.scratch(false);
    for (int64_t task = begin * block.count(); task < end * block.count(); task++) {
      const int64_t index = task / block.count(), first = task % block.count() * block.rows();
      const int64_t last = std::min(first + block.rows(), heads.queries);
      block.Weigh(memory, index, first, last);
      const Tensor grad = MatrixOf(dy, index, first, last);
      const Tensor scores = MatrixAt(reinterpret_cast<char*>(second), dy.dtype, last - first, block.keys);
      const Tensor dq = MatrixOf(out.query, index, first, last);
      kernels().gemm(block.Keys(out.value, index), Transposed(block.weights), grad, nullptr, add);
      kernels().gemm(scores, grad, Transposed(block.Keys(in.value, index)), nullptr, set);
      kernels().softmax_backward(scores, scores, block.weights, 1, false);
      kernels().gemm(dq, scores, block.Keys(in.key, index), nullptr, set);
      Block<T>::Scale(dq, dq, in.scale);
      // The queries are scaled already.
      kernels().gemm(block.Keys(out.key, index), Transposed(scores), block.queries, nullptr, add);
    }
  });
}

}  // namespace

void Attention(const Tensor& out, const AttentionInputs& in) {
  const Heads heads = Check(in, "attention");
  RequireAlike(out, in.query, heads.values, "attention: the output");
  if (Count(out) == 0) return;
  if (heads.keys == 0) return Fill(out, 0);
  if (out.dtype == DType::kFloat32) {
    Forward<float>(out, in, heads);
  } else {
    Forward<double>(out, in, heads);
  }
}

void AttentionGradient(const AttentionGradients& out, const Tensor& dy, const AttentionInputs& in) {
  const Heads heads = Check(in, "attention gradient");
  RequireAlike(dy, in.query, heads.values, "attention gradient: dy");
  RequireAlike(out.query, in.query, heads.features, "attention gradient: dq");
  RequireAlike(out.key, in.key, heads.features, "attention gradient: dk");
  RequireAlike(out.value, in.value, heads.values, "attention gradient: dv");
  for (const Tensor* tensor : {&out.query, &out.key, &out.value}) {
    if (Count(*tensor) > 0) Fill(*tensor, 0);
  }
  if (heads.batch * heads.queries * heads.keys == 0) return;
  if (dy.dtype == DType::kFloat32) {
    Backward<float>(out, dy, in, heads);
  } else {
    Backward<double>(out, dy, in, heads);
  }
}

}  // namespace gb
