// Adaptive, fractional and stochastic pooling, and moving elements by their index in a plane. One item for each output, or as
// said; compiled behind pool.cl.
FUNCTION long adaptive_begin(const PoolShape *s, int dim, long at) { return at * s->in[dim] / s->out[dim]; }
FUNCTION long adaptive_end(const PoolShape *s, int dim, long at) {
  return ((at + 1) * s->in[dim] + s->out[dim] - 1) / s->out[dim];
}

// The largest element of a box with its index in the plane; the first of equals, and the last NaN.
FUNCTION T largest_of(MEMORY const T *x, const PoolShape *s, const long *begin, const long *end, long *index) {
  *index = (begin[0] * s->in[1] + begin[1]) * s->in[2] + begin[2];
  T best = x[*index];
  for (long d = begin[0]; d < end[0]; d++) {
    for (long h = begin[1]; h < end[1]; h++) {
      for (long w = begin[2]; w < end[2]; w++) {
        long at = (d * s->in[1] + h) * s->in[2] + w;
        if (x[at] > best || x[at] != x[at]) {
          best = x[at];
          *index = at;
        }
      }
    }
  }
  return best;
}

KERNEL adaptive_max(POINTER(out), POINTER(indices), POINTER(a), PoolShape s) {
  long i = (long)GLOBAL_ITEM(0), plane, at[3], begin[3], end[3], index, sizes[3] = {s.out[0], s.out[1], s.out[2]};
  if (i >= s.planes * s.out[0] * s.out[1] * s.out[2]) return;
  split(i, sizes, &plane, at);
  for (int dim = 0; dim < 3; dim++) {
    begin[dim] = adaptive_begin(&s, dim, at[dim]);
    end[dim] = adaptive_end(&s, dim, at[dim]);
  }
  AT(T, out)[i] = largest_of(AT(const T, a) + plane * s.in[0] * s.in[1] * s.in[2], &s, begin, end, &index);
  AT(long, indices)[i] = index;
}

#if IS_FLOAT
KERNEL adaptive_average(POINTER(out), POINTER(a), PoolShape s) {
  long i = (long)GLOBAL_ITEM(0), plane, at[3], sizes[3] = {s.out[0], s.out[1], s.out[2]}, count = 1;
  if (i >= s.planes * s.out[0] * s.out[1] * s.out[2]) return;
  split(i, sizes, &plane, at);
  MEMORY const T *x = AT(const T, a) + plane * s.in[0] * s.in[1] * s.in[2];
  REAL sum = 0;
  for (int dim = 0; dim < 3; dim++) count *= adaptive_end(&s, dim, at[dim]) - adaptive_begin(&s, dim, at[dim]);
  for (long d = adaptive_begin(&s, 0, at[0]); d < adaptive_end(&s, 0, at[0]); d++) {
    for (long h = adaptive_begin(&s, 1, at[1]); h < adaptive_end(&s, 1, at[1]); h++) {
      for (long w = adaptive_begin(&s, 2, at[2]); w < adaptive_end(&s, 2, at[2]); w++)
        sum += (REAL)x[(d * s.in[1] + h) * s.in[2] + w];
    }
  }
  AT(T, out)[i] = (T)(sum / (REAL)count);
}

// One item for each input: the windows that cover it, in order.
KERNEL adaptive_average_gradient(POINTER(dx), POINTER(dy), PoolShape s) {
  long i = (long)GLOBAL_ITEM(0), plane, at[3], first[3], end[3], sizes[3] = {s.in[0], s.in[1], s.in[2]};
  if (i >= s.planes * s.in[0] * s.in[1] * s.in[2]) return;
  split(i, sizes, &plane, at);
  for (int dim = 0; dim < 3; dim++) {
    first[dim] = at[dim] * s.out[dim] / s.in[dim];
    while (first[dim] > 0 && adaptive_end(&s, dim, first[dim] - 1) > at[dim]) first[dim]--;
    end[dim] = first[dim];
    while (end[dim] < s.out[dim] && adaptive_begin(&s, dim, end[dim]) <= at[dim]) end[dim]++;
  }
  T sum = 0;
  for (long d = first[0]; d < end[0]; d++) {
    for (long h = first[1]; h < end[1]; h++) {
      for (long w = first[2]; w < end[2]; w++) {
        long window[3] = {d, h, w}, count = 1;
        for (int dim = 0; dim < 3; dim++)
          count *= adaptive_end(&s, dim, window[dim]) - adaptive_begin(&s, dim, window[dim]);
        sum += AT(const T, dy)[((plane * s.out[0] + d) * s.out[1] + h) * s.out[2] + w] / (T)count;
      }
    }
  }
  AT(T, dx)[i] = sum;
}

// Where a window begins that a number of [0, 1) places; the last one ends with the plane.
FUNCTION long fractional_begin(const PoolShape *s, int dim, long at, T sample) {
  long last = s->in[dim] - s->window[dim];
  if (at == s->out[dim] - 1) return last;
  T alpha = (T)last / (T)(s->out[dim] - 1);
  long begin = (long)(((T)at + sample) * alpha) - (long)(sample * alpha);
  return begin < last ? begin : last;
}

KERNEL fractional_max(POINTER(out), POINTER(indices), POINTER(a), POINTER(samples), int spatial, PoolShape s) {
  long i = (long)GLOBAL_ITEM(0), plane, at[3], begin[3], end[3], index, sizes[3] = {s.out[0], s.out[1], s.out[2]};
  if (i >= s.planes * s.out[0] * s.out[1] * s.out[2]) return;
  split(i, sizes, &plane, at);
  for (int dim = 0; dim < 3; dim++) {
    begin[dim] = 0;
    end[dim] = 1;
    if (dim < 3 - spatial) continue;
    T sample = AT(const T, samples)[plane * spatial + (spatial == 2 ? 2 - dim : dim)];
    begin[dim] = fractional_begin(&s, dim, at[dim], sample);
    end[dim] = begin[dim] + s.window[dim];
  }
  AT(T, out)[i] = largest_of(AT(const T, a) + plane * s.in[0] * s.in[1] * s.in[2], &s, begin, end, &index);
  AT(long, indices)[i] = index;
}

// An element of each window drawn with a probability in proportion to its size.
KERNEL stochastic_pool(POINTER(out), POINTER(codes), POINTER(a), POINTER(noise), PoolShape s) {
  long i = (long)GLOBAL_ITEM(0), plane, at[3], sizes[3] = {s.out[0], s.out[1], s.out[2]}, code = -1, last = 0;
  if (i >= s.planes * s.out[0] * s.out[1] * s.out[2]) return;
  split(i, sizes, &plane, at);
  MEMORY const T *x = AT(const T, a) + plane * s.in[0] * s.in[1] * s.in[2];
  REAL sum = 0, total = 0;
  T chosen = 0;
  // The total first, then the element at which the running sum passes its drawn share. Rounding may leave the target beyond
  // the sum of all: then the last positive one is taken.
  for (int pass = 0; pass < 2; pass++) {
    for (long d = first_tap(&s, 0, at[0]); d < end_tap(&s, 0, at[0]); d++) {
      for (long h = first_tap(&s, 1, at[1]); h < end_tap(&s, 1, at[1]); h++) {
        for (long w = first_tap(&s, 2, at[2]); w < end_tap(&s, 2, at[2]); w++) {
          T value = x[(place_of(&s, 0, at[0], d) * s.in[1] + place_of(&s, 1, at[1], h)) * s.in[2] +
                      place_of(&s, 2, at[2], w)];
          if (!(value > 0) || code >= 0) continue;
          if (pass == 0) {
            total += (REAL)value;
            continue;
          }
          sum += (REAL)value;
          last = (d * s.window[1] + h) * s.window[2] + w;
          chosen = value;
          if (sum > (REAL)AT(const T, noise)[i] * total) code = last;
        }
      }
    }
  }
  AT(T, out)[i] = chosen;
  AT(C, codes)[i] = (C)(code >= 0 ? code : last);
}
#endif

// Where in its plane the element lies that a code names.
KERNEL pool_indices(POINTER(indices), POINTER(codes), PoolShape s) {
  long i = (long)GLOBAL_ITEM(0), plane, at[3], sizes[3] = {s.out[0], s.out[1], s.out[2]};
  if (i >= s.planes * s.out[0] * s.out[1] * s.out[2]) return;
  split(i, sizes, &plane, at);
  long code = (long)AT(const C, codes)[i], w = code % s.window[2], h = code / s.window[2] % s.window[1];
  long d = code / s.window[2] / s.window[1];
  AT(long, indices)[i] =
      (place_of(&s, 0, at[0], d) * s.in[1] + place_of(&s, 1, at[1], h)) * s.in[2] + place_of(&s, 2, at[2], w);
}

KERNEL plane_take(POINTER(out), POINTER(a), POINTER(indices), POINTER(fault), int what, long plane_in, long plane_out,
                  long count) {
  long i = (long)GLOBAL_ITEM(0);
  if (i >= count) return;
  long index = AT(const long, indices)[i];
  if (index < 0 || index >= plane_in) {
    report(AT(long, fault), what, i, index, plane_in);
    return;
  }
  AT(T, out)[i] = AT(const T, a)[i / plane_out * plane_in + index];
}

// One item for each plane.
KERNEL plane_put(POINTER(out), POINTER(y), POINTER(indices), POINTER(fault), int what, long plane_out, long plane_in,
                 long planes, int add) {
  long plane = (long)GLOBAL_ITEM(0);
  if (plane >= planes) return;
  MEMORY T *to = AT(T, out) + plane * plane_out;
  for (long i = 0; i < plane_out; i++) to[i] = 0;
  for (long i = plane * plane_in; i < (plane + 1) * plane_in; i++) {
    long index = AT(const long, indices)[i];
    if (index < 0 || index >= plane_out) {
      report(AT(long, fault), what, i, index, plane_out);
      continue;
    }
    T old = add ? to[index] : (T)0;
    to[index] = (T)(old + AT(const T, y)[i]);
  }
}
