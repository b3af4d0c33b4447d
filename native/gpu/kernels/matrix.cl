// Matrices in memory, for gemm.cl: (+)= a · b (+ bias) (then max with 0).
typedef GemmShape Shape;
#define PLACE                                        \
  long at_out = 0, at_a = 0, at_b = 0;               \
  for (int dim = 0; dim < s.batch_dims; dim++) {     \
    long at = batch % s.batch_sizes[dim];            \
    batch /= s.batch_sizes[dim];                     \
    at_out += at * s.batch_strides[0][dim];          \
    at_a += at * s.batch_strides[1][dim];            \
    at_b += at * s.batch_strides[2][dim];            \
  }                                                  \
  MEMORY const T *a_matrix = AT(const T, a) + at_a;  \
  MEMORY const T *b_matrix = AT(const T, b) + at_b;  \
  MEMORY T *out_matrix = AT(T, out) + at_out
#define FIRST_K 0
#define END_K s.k
#define A_AT(m, k) a_matrix[m * s.a_row + k * s.a_column]
#define B_AT(k, n) b_matrix[k * s.b_row + n * s.b_column]
#define A_ALONG_K s.a_along_k
#define B_ALONG_K s.b_along_k
#define PUT(m, n, value) put(&out_matrix[m * s.out_row + n * s.out_column], value, AT(const T, bias), n, &s)

FUNCTION void put(MEMORY T *to, T value, MEMORY const T *bias, long n, const GemmShape *s) {
  if (s->has_bias) value += bias[n * s->bias_stride];
  if (s->accumulate) value += *to;
  if (s->relu && value < 0) value = 0;
  *to = value;
}
