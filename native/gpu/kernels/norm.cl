// Normalisation of x seen as [samples, channels, inner]. A set of elements shares its mean and scale (1 / sqrt(variance + eps)):
// a channel of all samples (by_channel), or of one sample a group of channels; rows with statistics of their own are samples
// with one group. Sums run in REAL; their order depends on sizes alone.
FUNCTION REAL total_of(SHARED REAL *shared, int item, REAL value) {
  shared[item] = value;
  BARRIER;
  for (int apart = GROUP_ITEMS / 2; apart > 0; apart /= 2) {
    if (item < apart) shared[item] += shared[item + apart];
    BARRIER;
  }
  REAL total = shared[0];
  BARRIER;
  return total;
}

FUNCTION long set_size(const NormShape *s) {
  return s->by_channel ? s->samples * s->inner : s->channels / s->groups * s->inner;
}
// Where element i of a set lies.
FUNCTION long place_in_set(const NormShape *s, long set, long i) {
  if (!s->by_channel) return set * (s->channels / s->groups * s->inner) + i;
  return (i / s->inner * s->channels + set) * s->inner + i % s->inner;
}
FUNCTION long channel_of(const NormShape *s, long at) { return at / s->inner % s->channels; }
FUNCTION long set_of(const NormShape *s, long at) {
  if (s->by_channel) return channel_of(s, at);
  return at / s->inner / (s->channels / s->groups);
}

// A group for each set. root: by the root of the mean square, nothing subtracted. running: 1 mean, 2 variance are blended.
KERNEL moments(POINTER(mean), POINTER(scale), POINTER(x), POINTER(running_mean), POINTER(running_variance), REAL momentum,
               REAL eps, int root, int running, NormShape s) {
  SHARED REAL shared[GROUP_ITEMS];
  long set = (long)GROUP(0), count = set_size(&s);
  int item = (int)ITEM(0);
  REAL sum = 0, squares = 0;
  for (long i = item; i < count; i += GROUP_ITEMS) sum += (REAL)AT(const T, x)[place_in_set(&s, set, i)];
  REAL middle = root ? (REAL)0 : total_of(shared, item, sum) / (REAL)count;
  for (long i = item; i < count; i += GROUP_ITEMS) {
    REAL off = (REAL)AT(const T, x)[place_in_set(&s, set, i)] - middle;
    squares += off * off;
  }
  REAL variance = total_of(shared, item, squares) / (REAL)count;
  if (item > 0) return;
  AT(T, mean)[set] = (T)middle;
  AT(T, scale)[set] = (T)(1 / sqrt(variance + eps));
  if (running & 1) AT(T, running_mean)[set] = (T)((1 - momentum) * AT(T, running_mean)[set] + momentum * (REAL)(T)middle);
  if (running & 2) {
    REAL unbiased = variance * (REAL)count / (REAL)(count - 1);
    AT(T, running_variance)[set] = (T)((1 - momentum) * AT(T, running_variance)[set] + momentum * unbiased);
  }
}

// The same from the running statistics.
KERNEL use_running(POINTER(mean), POINTER(scale), POINTER(running_mean), POINTER(running_variance), REAL eps, long count) {
  long i = (long)GLOBAL_ITEM(0);
  if (i >= count) return;
  AT(T, mean)[i] = AT(const T, running_mean)[i];
  AT(T, scale)[i] = (T)(1 / sqrt((REAL)AT(const T, running_variance)[i] + eps));
}

KERNEL norm_apply(POINTER(y), POINTER(x), POINTER(mean), POINTER(scale), POINTER(weight), POINTER(bias), int weighted,
                 int biased, NormShape s) {
  long at = (long)GLOBAL_ITEM(0);
  if (at >= s.samples * s.channels * s.inner) return;
  long set = set_of(&s, at), channel = channel_of(&s, at);
  T value = (AT(const T, x)[at] - AT(const T, mean)[set]) * AT(const T, scale)[set];
  if (weighted) value *= AT(const T, weight)[channel];
  if (biased) value += AT(const T, bias)[channel];
  AT(T, y)[at] = value;
}

// For each set Σ g and Σ g · (x − mean), g = dy · weight. A group for each.
KERNEL norm_sums(POINTER(sums), POINTER(dy), POINTER(x), POINTER(mean), POINTER(weight), int weighted, NormShape s) {
  SHARED REAL shared[GROUP_ITEMS];
  long set = (long)GROUP(0), count = set_size(&s);
  int item = (int)ITEM(0);
  T middle = AT(const T, mean)[set];
  REAL sum = 0, product = 0;
  for (long i = item; i < count; i += GROUP_ITEMS) {
    long at = place_in_set(&s, set, i);
    T g = AT(const T, dy)[at];
    if (weighted) g *= AT(const T, weight)[channel_of(&s, at)];
    sum += (REAL)g;
    product += (REAL)g * (REAL)(AT(const T, x)[at] - middle);
  }
  sum = total_of(shared, item, sum);
  product = total_of(shared, item, product);
  if (item > 0) return;
  AT(REAL, sums)[2 * set] = sum;
  AT(REAL, sums)[2 * set + 1] = product;
}

// Gradients of weight and bias: a group for each channel. wanted: 1 weight, 2 bias.
KERNEL norm_factors(POINTER(dweight), POINTER(dbias), POINTER(dy), POINTER(x), POINTER(mean), POINTER(scale), int wanted,
                    NormShape s) {
  SHARED REAL shared[GROUP_ITEMS];
  long channel = (long)GROUP(0), count = s.samples * s.inner;
  int item = (int)ITEM(0);
  REAL sum = 0, product = 0;
  for (long i = item; i < count; i += GROUP_ITEMS) {
    long at = (i / s.inner * s.channels + channel) * s.inner + i % s.inner, set = set_of(&s, at);
    T g = AT(const T, dy)[at];
    sum += (REAL)g;
    product += (REAL)(g * (AT(const T, x)[at] - AT(const T, mean)[set]) * AT(const T, scale)[set]);
  }
  sum = total_of(shared, item, sum);
  product = total_of(shared, item, product);
  if (item > 0) return;
  if (wanted & 1) AT(T, dweight)[channel] = (T)product;
  if (wanted & 2) AT(T, dbias)[channel] = (T)sum;
}

// fixed: the statistics do not depend on x.
KERNEL norm_gradient(POINTER(dx), POINTER(dy), POINTER(x), POINTER(mean), POINTER(scale), POINTER(weight), POINTER(sums),
                     int weighted, int root, int is_fixed, NormShape s) {
  long at = (long)GLOBAL_ITEM(0);
  if (at >= s.samples * s.channels * s.inner) return;
  long set = set_of(&s, at);
  T g = AT(const T, dy)[at], factor = AT(const T, scale)[set];
  if (weighted) g *= AT(const T, weight)[channel_of(&s, at)];
  if (!is_fixed) {
    REAL count = (REAL)set_size(&s), wide = (REAL)factor;
    T offset = root ? (T)0 : (T)(AT(const REAL, sums)[2 * set] / count);
    T slope = (T)(AT(const REAL, sums)[2 * set + 1] / count * wide * wide);
    g = g - offset - (AT(const T, x)[at] - AT(const T, mean)[set]) * slope;
  }
  AT(T, dx)[at] = g * factor;
}
