// out[i] = OP(a[i], b[i], c[i]) for every element i, one work-item each. T: type of the
// inputs (FIRST: of the first), R: of the output; WIDE:
// positions need 64 bits; LINEAR: all tensors lie densely in the same order, else nest says where elements are; B_IS, C_IS: 0
// a tensor, 1 a number. OP and its helpers stand before this text.
#if WIDE
typedef long Index;
#else
typedef int Index;
#endif

KERNEL elementwise(POINTER(out), POINTER(a), POINTER(b), POINTER(c), T b_number, T c_number, T p0, T p1, long count
#if !LINEAR
                   , Nest nest
#endif
) {
  Index i = (Index)GLOBAL_ITEM(0);
  if (i >= (Index)count) return;
#if LINEAR
  Index at_out = i * (Index)sizeof(R), at_a = i * (Index)sizeof(FIRST), at_b = i * (Index)sizeof(T), at_c = at_b;
#else
  Index at_out = 0, at_a = 0, at_b = 0, at_c = 0, rest = i;
  for (int dim = 0; dim < nest.dims; dim++) {
    Index size = (Index)nest.sizes[dim], next = rest / size, at = rest - next * size;
    rest = next;
    at_out += at * (Index)nest.strides[0][dim];
    at_a += at * (Index)nest.strides[1][dim];
#if INPUTS > 1
    at_b += at * (Index)nest.strides[2][dim];
#endif
#if INPUTS > 2
    at_c += at * (Index)nest.strides[3][dim];
#endif
  }
#endif
#define LOAD(type, name) (*(MEMORY const type *)(name##_buffer + name##_offset + at_##name))
  FIRST x = LOAD(FIRST, a);
#if INPUTS == 1
  *(MEMORY R *)(out_buffer + out_offset + at_out) = RESULT(OP(x, p0, p1));
#elif INPUTS == 2
  T y = B_IS ? b_number : LOAD(T, b);
  *(MEMORY R *)(out_buffer + out_offset + at_out) = RESULT(OP(x, y, p0, p1));
#else
  T y = B_IS ? b_number : LOAD(T, b), z = C_IS ? c_number : LOAD(T, c);
  *(MEMORY R *)(out_buffer + out_offset + at_out) = RESULT(OP(x, y, z, p0, p1));
#endif
}
