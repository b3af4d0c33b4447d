// The table of this instruction set.
#include "cpu/tables.h"

#define GB_QUOTE(x) #x
#define GB_STRING(x) GB_QUOTE(x)

namespace gb {
namespace GB_ISA {

extern const Kernels& Table();

const Kernels& Table() {
  static Kernels table = [] {
    Kernels t{};
    t.name = GB_STRING(GB_ISA);
    t.elementwise = ElementwiseTable(&t.elementwise_count);
    Convert(t.convert);
    t.where[1] = Where1;
    t.where[4] = Where4;
    t.where[8] = Where8;
    t.fill = FillElements;
    t.copy_plane = CopyPlane;
    t.reduce = Reduce;
    t.reduce_with_index = ReduceWithIndex;
    t.gemm = Gemm;
    t.softmax = Softmax;
    t.softmax_backward = SoftmaxBackward;
    t.add_rows = AddRows;
    t.resample = Resample;
    t.taps = Taps;
    t.warp_nearest = WarpNearest;
    t.warp_bilinear = WarpBilinear;
    t.sgd = Sgd;
    t.adam = Adam;
    t.conv_forward = ConvForward;
    t.conv_backward_input = ConvBackwardInput;
    t.conv_backward_weight = ConvBackwardWeight;
    t.max_pool = MaxPool;
    t.max_pool_backward = MaxPoolBackward;
    t.average_pool = AveragePool;
    t.average_pool_backward = AveragePoolBackward;
    t.batch_norm = BatchNorm;
    t.batch_norm_backward = BatchNormBackward;
    t.group_norm = GroupNorm;
    t.group_norm_backward = GroupNormBackward;
    t.layer_norm = LayerNorm;
    t.layer_norm_backward = LayerNormBackward;
    t.recurrent_forward = RecurrentForward;
    t.recurrent_backward = RecurrentBackward;
    t.normal_fill = NormalFill;
    return t;
  }();
  return table;
}

}  // namespace GB_ISA
}  // namespace gb
