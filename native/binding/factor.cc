// Factorisations of single matrices that lie in typed arrays of JavaScript.
#include "cpu/factor.h"

#include "binding/call.h"

namespace gb {

namespace {

// The memory of a typed array of this type and length.
template <class T>
T* ArrayAt(Call& call, size_t i, napi_typedarray_type expected, int64_t elements) {
  napi_typedarray_type type;
  size_t length;
  void* data;
  napi_status status = napi_get_typedarray_info(call.env(), call.Value(i), &type, &length, &data, nullptr, nullptr);
  if (status != napi_ok || type != expected || elements < 0 || static_cast<int64_t>(length) != elements) {
    ThrowType("argument %zu: expected a typed array of %lld elements of another type or length", i + 1,
              static_cast<long long>(elements));
  }
  return static_cast<T*>(data);
}

double* Doubles(Call& call, size_t i, int64_t elements) {
  return ArrayAt<double>(call, i, napi_float64_array, elements);
}

int64_t Size(Call& call, size_t i) {
  const int64_t size = call.Integer(i);
  if (size < 0 || size > (int64_t{1} << 31))
    ThrowRange("argument %zu: %g is no size of a matrix", i + 1, call.Number(i));
  return size;
}

napi_value FactorLuOf(Call& call) {
  const int64_t rows = Size(call, 1), columns = Size(call, 2);
  auto* exchanges = ArrayAt<int32_t>(call, 3, napi_int32_array, rows < columns ? rows : columns);
  FactorLu(Doubles(call, 0, rows * columns), rows, columns, exchanges);
  return nullptr;
}

napi_value FactorCholeskyOf(Call& call) {
  const int64_t n = Size(call, 1);
  return call.MakeNumber(static_cast<double>(FactorCholesky(Doubles(call, 0, n * n), n)));
}

napi_value FactorQrOf(Call& call) {
  const int64_t rows = Size(call, 1), columns = Size(call, 2), width = Size(call, 4);
  if (width > rows || width < (rows < columns ? rows : columns)) {
    ThrowRange("factorQr: Q cannot have %lld columns", static_cast<long long>(width));
  }
  FactorQr(Doubles(call, 0, rows * columns), rows, columns, Doubles(call, 3, rows * width), width);
  return nullptr;
}

napi_value SolveTriangleOf(Call& call) {
  const int64_t n = Size(call, 1), columns = Size(call, 3);
  SolveTriangle(Doubles(call, 0, n * n), n, Doubles(call, 2, n * columns), columns, call.Boolean(4), call.Boolean(5));
  return nullptr;
}

}  // namespace

const Function kFactorFunctions[] = {{"factorLu", Entry<FactorLuOf>},
                                     {"factorCholesky", Entry<FactorCholeskyOf>},
                                     {"factorQr", Entry<FactorQrOf>},
                                     {"solveTriangle", Entry<SolveTriangleOf>},
                                     {nullptr, nullptr}};

}  // namespace gb
