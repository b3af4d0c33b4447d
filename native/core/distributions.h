// Distributions beyond the uniform and the normal one, drawn as PyTorch's CPU generator draws them.
#pragma once

#include "core/random.h"
#include "core/tensor.h"

namespace gb {

// Fill a tensor of any strides in the order of its memory.
void FillExponential(const Tensor& out, Generator* generator, double lambda);
void FillGeometric(const Tensor& out, Generator* generator, double p);
void FillCauchy(const Tensor& out, Generator* generator, double median, double sigma);
void FillLogNormal(const Tensor& out, Generator* generator, double mean, double std);
// Every whole number that the dtype can hold exactly, from 0 upwards.
void FillAnyInteger(const Tensor& out, Generator* generator);

// out[i] is drawn with the parameters at i; all contiguous, floating, of one dtype and of the same sizes.
void FillPoisson(const Tensor& out, Generator* generator, const Tensor& rates);
void FillBinomial(const Tensor& out, Generator* generator, const Tensor& counts, const Tensor& probabilities);
void FillBernoulliOf(const Tensor& out, Generator* generator, const Tensor& probabilities);

// out [rows, draws] int64 from weights [rows, categories], with replacement; both contiguous.
void FillMultinomial(const Tensor& out, Generator* generator, const Tensor& weights);

}  // namespace gb
