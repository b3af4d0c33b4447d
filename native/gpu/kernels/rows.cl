// Softmax and cross entropy: a group works on one line of `size` elements that lie `stride` apart. in_logs: of the softmax.
FUNCTION T joined(SHARED T *shared, int item, T value, int largest) {
  shared[item] = value;
  BARRIER;
  for (int apart = GROUP_ITEMS / 2; apart > 0; apart /= 2) {
    if (item < apart) {
      T a = shared[item], b = shared[item + apart];
      shared[item] = largest ? (a > b || a != a ? a : b) : a + b;
    }
    BARRIER;
  }
  T result = shared[0];
  BARRIER;
  return result;
}

// Lines: `outer` · `inner` of them; line l begins at (l / inner) · size · inner + l % inner, as in a contiguous tensor.
KERNEL softmax(POINTER(out), POINTER(a), long size, long inner, int in_logs) {
  SHARED T shared[GROUP_ITEMS];
  long line = (long)GROUP(0), begin = line / inner * size * inner + line % inner;
  MEMORY const T *from = AT(const T, a) + begin;
  MEMORY T *to = AT(T, out) + begin;
  int item = (int)ITEM(0);
  T most = -INFINITY, sum = 0;
  for (long i = item; i < size; i += GROUP_ITEMS) {
    T x = from[i * inner];
    if (x > most || x != x) most = x;
  }
  most = joined(shared, item, most, 1);
  for (long i = item; i < size; i += GROUP_ITEMS) sum += exp(from[i * inner] - most);
  sum = joined(shared, item, sum, 0);
  if (in_logs) {
    T shift = most + log(sum);
    for (long i = item; i < size; i += GROUP_ITEMS) to[i * inner] = from[i * inner] - shift;
  } else {
    for (long i = item; i < size; i += GROUP_ITEMS) to[i * inner] = exp(from[i * inner] - most) / sum;
  }
}

KERNEL softmax_gradient(POINTER(out), POINTER(dy), POINTER(y), long size, long inner, int in_logs) {
  SHARED T shared[GROUP_ITEMS];
  long line = (long)GROUP(0), begin = line / inner * size * inner + line % inner;
  MEMORY const T *dy_at = AT(const T, dy) + begin;
  MEMORY const T *y_at = AT(const T, y) + begin;
  MEMORY T *to = AT(T, out) + begin;
  int item = (int)ITEM(0);
  T sum = 0;
  for (long i = item; i < size; i += GROUP_ITEMS) sum += in_logs ? dy_at[i * inner] : dy_at[i * inner] * y_at[i * inner];
  sum = joined(shared, item, sum, 0);
  for (long i = item; i < size; i += GROUP_ITEMS) {
    T d = dy_at[i * inner], v = y_at[i * inner];
    to[i * inner] = in_logs ? d - exp(v) * sum : v * (d - sum);
  }
}
