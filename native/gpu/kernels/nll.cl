// Negative log likelihood. `at` tells for each position of the target where its input line begins (operand 1: target, in bytes of
// its type; 2: input, 0: loss, in bytes of T). LABEL: type of the target; EACH: no reduction; WEIGHTED: weights by class.
// A label that is no class makes the result NaN and is reported through `fault`.
FUNCTION T weight_of(MEMORY const T *weight, long label, long stride) { return WEIGHTED ? weight[label * stride] : (T)1; }

KERNEL nll(POINTER(out), POINTER(total), POINTER(input), POINTER(target), POINTER(weight), POINTER(fault), long classes,
           long class_stride, long weight_stride, long ignore, int mean, Nest nest) {
  SHARED double losses[GROUP_ITEMS];
  SHARED double totals[GROUP_ITEMS];
  int item = (int)ITEM(0);
  double loss = 0, sum = 0;
  for (long i = item; i < nest.count; i += GROUP_ITEMS) {
    long rest = i, at_out = 0, at_target = 0, at_input = 0;
    for (int dim = 0; dim < nest.dims; dim++) {
      long at = rest % nest.sizes[dim];
      rest /= nest.sizes[dim];
      at_out += at * nest.strides[0][dim];
      at_target += at * nest.strides[1][dim];
      at_input += at * nest.strides[2][dim];
    }
    long label = (long)*(MEMORY const LABEL *)(target_buffer + target_offset + at_target);
    T value = 0;
    if (label != ignore) {
      if (label < 0 || label >= classes) {
        MEMORY long *report = AT(long, fault);
        report[0] = 1;
        report[1] = i;
        report[2] = label;
        report[3] = classes;
        value = NAN;
        sum = NAN;
      } else {
        T w = weight_of(AT(const T, weight), label, weight_stride);
        value = -w * *(MEMORY const T *)(input_buffer + input_offset + at_input + label * class_stride);
        sum += w;
      }
    }
#if EACH
    *(MEMORY T *)(out_buffer + out_offset + at_out) = value;
#endif
    loss += value;
  }
  losses[item] = loss;
  totals[item] = sum;
  BARRIER;
  for (int apart = GROUP_ITEMS / 2; apart > 0; apart /= 2) {
    if (item < apart) {
      losses[item] += losses[item + apart];
      totals[item] += totals[item + apart];
    }
    BARRIER;
  }
  if (item == 0) {
    *AT(T, total) = (T)totals[0];
#if !EACH
    *AT(T, out) = (T)(mean ? losses[0] / totals[0] : losses[0]);
#endif
  }
}

KERNEL nll_gradient(POINTER(out), POINTER(dy), POINTER(total), POINTER(target), POINTER(weight), long classes,
                    long class_stride, long weight_stride, long ignore, int mean, Nest nest) {
  long i = (long)GLOBAL_ITEM(0);
  if (i >= nest.count) return;
  long rest = i, at_dy = 0, at_target = 0, at_out = 0;
  for (int dim = 0; dim < nest.dims; dim++) {
    long at = rest % nest.sizes[dim];
    rest /= nest.sizes[dim];
    at_dy += at * nest.strides[0][dim];
    at_target += at * nest.strides[1][dim];
    at_out += at * nest.strides[2][dim];
  }
  long label = (long)*(MEMORY const LABEL *)(target_buffer + target_offset + at_target);
  if (label == ignore || label < 0 || label >= classes) return;
  T scale = *(MEMORY const T *)(dy_buffer + dy_offset + (EACH ? at_dy : 0));
  if (mean) scale /= *AT(const T, total);
  *(MEMORY T *)(out_buffer + out_offset + at_out + label * class_stride) =
      -weight_of(AT(const T, weight), label, weight_stride) * scale;
}
