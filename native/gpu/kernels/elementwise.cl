// out[i] = OP(a[i], b[i], c[i]) for every element i, one work-item each. The text is repeated for each op of a program,
// behind the definitions of NAME, INPUTS, OP, FIRST (type of the first input), T (of the others) and R (of the output, into
// which RESULT turns what OP gives). dense: all tensors lie densely in the same order, else nest says where elements are;
// numbers: whether b (1) and c (2) are numbers. WIDE: positions need 64 bits.
#if WIDE
#define INDEX long
#else
#define INDEX int
#endif

KERNEL NAME(POINTER(out), POINTER(a), POINTER(b), POINTER(c), T b_number, T c_number, T p0, T p1, int dense, int numbers,
            Nest nest) {
  INDEX i = (INDEX)GLOBAL_ITEM(0);
  if (i >= (INDEX)nest.count) return;
  INDEX at_out = i * (INDEX)sizeof(R), at_a = i * (INDEX)sizeof(FIRST), at_b = i * (INDEX)sizeof(T), at_c = at_b;
  if (!dense) {
    INDEX rest = i;
    at_out = at_a = at_b = at_c = 0;
    for (int dim = 0; dim < nest.dims; dim++) {
      INDEX size = (INDEX)nest.sizes[dim], next = rest / size, at = rest - next * size;
      rest = next;
      at_out += at * (INDEX)nest.strides[0][dim];
      at_a += at * (INDEX)nest.strides[1][dim];
#if INPUTS > 1
      at_b += at * (INDEX)nest.strides[2][dim];
#endif
#if INPUTS > 2
      at_c += at * (INDEX)nest.strides[3][dim];
#endif
    }
  }
  FIRST x = *(MEMORY const FIRST *)(a_buffer + a_offset + at_a);
#if INPUTS > 1
  T y = b_number;
  if (!(numbers & 1)) y = *(MEMORY const T *)(b_buffer + b_offset + at_b);
#endif
#if INPUTS > 2
  T z = c_number;
  if (!(numbers & 2)) z = *(MEMORY const T *)(c_buffer + c_offset + at_c);
#endif
#if INPUTS == 1
  *(MEMORY R *)(out_buffer + out_offset + at_out) = RESULT(OP(x, p0, p1));
#elif INPUTS == 2
  *(MEMORY R *)(out_buffer + out_offset + at_out) = RESULT(OP(x, y, p0, p1));
#else
  *(MEMORY R *)(out_buffer + out_offset + at_out) = RESULT(OP(x, y, z, p0, p1));
#endif
}
#undef NAME
#undef INPUTS
#undef OP
#undef FIRST
#undef R
#undef RESULT
#undef INDEX
