// The dialect of these kernels: what OpenCL C and CUDA C++ write differently has one name here.
#if defined(__OPENCL_VERSION__)
#if FLOAT64
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#endif
#define KERNEL __kernel void
#define FUNCTION static
#define MEMORY __global
#define SHARED __local
#define CONSTANT __constant
#define GROUP(dim) get_group_id(dim)
#define ITEM(dim) get_local_id(dim)
#define ITEMS(dim) get_local_size(dim)
#define GLOBAL_ITEM(dim) get_global_id(dim)
#define BARRIER barrier(CLK_LOCAL_MEM_FENCE)
#else
typedef unsigned char uchar;
typedef unsigned int uint;
typedef unsigned long long ulong;
#define long long long
#define KERNEL extern "C" __global__ void
#define FUNCTION static __device__ __forceinline__
#define MEMORY
#define SHARED __shared__
#define CONSTANT __constant__
#define GROUP(dim) ((dim) == 0 ? blockIdx.x : (dim) == 1 ? blockIdx.y : blockIdx.z)
#define ITEM(dim) ((dim) == 0 ? threadIdx.x : (dim) == 1 ? threadIdx.y : threadIdx.z)
#define ITEMS(dim) ((dim) == 0 ? blockDim.x : (dim) == 1 ? blockDim.y : blockDim.z)
#define GLOBAL_ITEM(dim) ((ulong)GROUP(dim) * ITEMS(dim) + ITEM(dim))
#define BARRIER __syncthreads()
#define INFINITY __int_as_float(0x7f800000)
#define NAN __int_as_float(0x7fc00000)
#define INT_MIN (-2147483647 - 1)
#define INT_MAX 2147483647
#define LONG_MIN (-9223372036854775807LL - 1)
#define LONG_MAX 9223372036854775807LL
#endif

// The widest arithmetic that the device has.
#if FLOAT64
typedef double REAL;
#else
typedef float REAL;
#endif

// A tensor among the parameters: a buffer and where in it the tensor's first element lies, in bytes (OpenCL has no pointers
// into buffers). AT makes a pointer of the two.
#define POINTER(name) MEMORY char *name##_buffer, ulong name##_offset
#define AT(type, name) ((MEMORY type *)(name##_buffer + name##_offset))

#define MAX_DIMS 12

// Dims of up to four tensors that are walked together, innermost first; strides in bytes.
typedef struct {
  long count;
  int dims;
  int unused;
  long sizes[MAX_DIMS];
  long strides[4][MAX_DIMS];
} Nest;

// Matrices of a batch; strides in elements.
typedef struct {
  long m, n, k;
  long a_row, a_column, b_row, b_column, out_row, out_column, bias_stride;
  int a_along_k, b_along_k;  // whether that is the dim in which elements lie closest
  int has_bias, accumulate, relu, batch_dims;
  long batch_sizes[MAX_DIMS];
  long batch_strides[3][MAX_DIMS];
} GemmShape;

// A convolution, as ConvGeometry in cpu/kernels.h: dims are depth, height and width. m, n and k are those of the product that
// computes it.
typedef struct {
  long m, n, k;
  long images, groups, in_channels, out_channels, taps, in_plane, out_plane;
  long input[3], output[3], window[3], stride[3], padding[3], dilation[3];
  long parts, part;  // how many parts the sum is cut into, and how long one is
  int has_bias, unused;
} ConvShape;

// Pooling, as PoolGeometry in cpu/pooling.h.
typedef struct {
  long planes;
  long in[3], out[3];
  long window[3], stride[3], padding[3], dilation[3];
  long divisor;
  int count_padding, unused;
} PoolShape;

// A reduction: for each output element (kept) the elements of `reduced` are combined.
typedef struct {
  Nest kept;     // operand 0: output, 1: input
  Nest reduced;  // operand 1: input
} ReduceShape;

// Normalisation of [samples, channels, inner].
typedef struct {
  long samples, channels, inner, groups;
  int by_channel, unused;
} NormShape;

// Offsets of element i of a nest in its operands, in bytes.
FUNCTION void walk(const Nest *nest, long i, long *at) {
  at[0] = at[1] = at[2] = at[3] = 0;
  for (int dim = 0; dim < nest->dims; dim++) {
    long next = i / nest->sizes[dim], own = i - next * nest->sizes[dim];
    for (int operand = 0; operand < 4; operand++) at[operand] += own * nest->strides[operand][dim];
    i = next;
  }
}

// Notes that an operation met an index out of range: what it was, where it stood, and how many elements there are. The host
// looks at it when it reads from the device.
FUNCTION void report(MEMORY long *fault, int what, long position, long value, long size) {
  fault[0] = what;
  fault[1] = position;
  fault[2] = value;
  fault[3] = size;
}
