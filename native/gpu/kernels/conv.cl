// Convolutions as matrix products whose matrices are never made, for gemm.cl: their elements are fetched from the images.
// FORWARD: y[o, p] = Σ weight[o, (c, t)] · x[c, place(p, t)] for each image and group;
// INPUT: dx[c, q] = Σ weight[(o), c, t] · dy[o, p] over the p and t that read q; WEIGHT: dw[o, (c, t)] = Σ dy[o, (i, p)] · x[…],
// a sum over all images and positions that is cut into parts; their results are added up afterwards.
typedef ConvShape Shape;

// Offset in its plane of the element that tap `tap` of output position `at` reads; -1 outside of the image.
FUNCTION long source(const ConvShape *s, long at, long tap) {
  long offset = 0;
  long w = at % s->output[2], h = at / s->output[2] % s->output[1], d = at / s->output[2] / s->output[1];
  long tw = tap % s->window[2], th = tap / s->window[2] % s->window[1], td = tap / s->window[2] / s->window[1];
  d = d * s->stride[0] - s->padding[0] + td * s->dilation[0];
  h = h * s->stride[1] - s->padding[1] + th * s->dilation[1];
  w = w * s->stride[2] - s->padding[2] + tw * s->dilation[2];
  if (d < 0 || d >= s->input[0] || h < 0 || h >= s->input[1] || w < 0 || w >= s->input[2]) return -1;
  return (d * s->input[1] + h) * s->input[2] + w;
}

// Offset in its plane of the output position that reads input position `at` by tap `tap`; -1 if there is none.
FUNCTION long reader(const ConvShape *s, long at, long tap) {
  long place[3] = {at / s->input[2] / s->input[1], at / s->input[2] % s->input[1], at % s->input[2]};
  long taps[3] = {tap / s->window[2] / s->window[1], tap / s->window[2] % s->window[1], tap % s->window[2]};
  long offset = 0;
  for (int dim = 0; dim < 3; dim++) {
    long p = place[dim] + s->padding[dim] - taps[dim] * s->dilation[dim];
    if (p < 0 || p % s->stride[dim] != 0 || p / s->stride[dim] >= s->output[dim]) return -1;
    offset = offset * s->output[dim] + p / s->stride[dim];
  }
  return offset;
}

FUNCTION T element(MEMORY const T *plane, long at) { return at < 0 ? (T)0 : plane[at]; }

#if FORWARD
#define PLACE                                                                                                            \
  long image = batch / s.groups, group = batch % s.groups;                                                               \
  MEMORY const T *weights = AT(const T, a) + group * s.m * s.k;                                                          \
  MEMORY const T *planes = AT(const T, b) + (image * s.groups + group) * s.in_channels * s.in_plane;                     \
  MEMORY T *results = AT(T, out) + (image * s.groups + group) * s.out_channels * s.out_plane
#define FIRST_K 0
#define END_K s.k
#define A_AT(row, tap) weights[row * s.k + tap]
#define B_AT(tap, at) element(planes + tap / s.taps * s.in_plane, source(&s, at, tap % s.taps))
#define A_ALONG_K 1
#define B_ALONG_K 0
#define PUT(row, at, value) \
  results[row * s.out_plane + at] = value + (s.has_bias ? AT(const T, bias)[group * s.out_channels + row] : (T)0)
#elif INPUT
#define PLACE                                                                                                            \
  long image = batch / s.groups, group = batch % s.groups;                                                               \
  MEMORY const T *weights = AT(const T, a) + group * s.out_channels * s.in_channels * s.taps;                            \
  MEMORY const T *planes = AT(const T, b) + (image * s.groups + group) * s.out_channels * s.out_plane;                   \
  MEMORY T *results = AT(T, out) + (image * s.groups + group) * s.in_channels * s.in_plane
#define FIRST_K 0
#define END_K s.k
#define A_AT(row, tap) weights[(tap / s.taps * s.in_channels + row) * s.taps + tap % s.taps]
#define B_AT(tap, at) element(planes + tap / s.taps * s.out_plane, reader(&s, at, tap % s.taps))
#define A_ALONG_K 1
#define B_ALONG_K 0
#define PUT(row, at, value) \
  results[row * s.in_plane + at] = value + (s.has_bias ? AT(const T, bias)[group * s.in_channels + row] : (T)0)
#else
#define PLACE                                                                                                            \
  long part = batch / s.groups, group = batch % s.groups;                                                                \
  long first = part * s.part, end = first + s.part < s.k ? first + s.part : s.k;                                         \
  MEMORY const T *gradients = AT(const T, a) + group * s.out_channels * s.out_plane;                                     \
  MEMORY const T *planes = AT(const T, b) + group * s.in_channels * s.in_plane;                                          \
  MEMORY T *results = AT(T, out) + (part * s.groups + group) * s.m * s.n
#define FIRST_K first
#define END_K end
#define A_AT(row, at) \
  gradients[(at / s.out_plane * s.groups * s.out_channels + row) * s.out_plane + at % s.out_plane]
#define B_AT(at, tap)                                                                           \
  element(planes + (at / s.out_plane * s.groups * s.in_channels + tap / s.taps) * s.in_plane, \
          source(&s, at % s.out_plane, tap % s.taps))
#define A_ALONG_K 1
#define B_ALONG_K 1
#define PUT(row, column, value) results[row * s.n + column] = value
#endif
