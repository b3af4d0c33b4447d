// Factorisations and triangular systems of one float64 matrix, row-major and in place, in LAPACK's conventions.
#pragma once

#include <cstdint>

namespace gb {

// P A = L U with partial pivoting: L (its diagonal is 1) below the diagonal, U above. Row j changed places with row
// exchanges[j], counted from 1; there are min(rows, columns) of them.
void FactorLu(double* a, int64_t rows, int64_t columns, int32_t* exchanges);

// The U with A = Uᵀ U, from A's upper triangle; what lies below stays. Returns the order of the first leading minor
// that is not positive, or 0.
int64_t FactorCholesky(double* a, int64_t n);

// A = Q R for Q [rows, width], where width is at least min(rows, columns): R replaces A, with zeros below the diagonal.
void FactorQr(double* a, int64_t rows, int64_t columns, double* q, int64_t width);

// B [n, columns] becomes the X with T X = B for a triangle of t; `unit`: its diagonal counts as 1.
void SolveTriangle(const double* t, int64_t n, double* b, int64_t columns, bool upper, bool unit);

}  // namespace gb
