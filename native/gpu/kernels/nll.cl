// Negative log likelihood. `at` tells for each position of the target where its input line begins (operand 1: target, in bytes of
// its type; 2: input, 0: loss, in bytes of T). LABEL: type of the target; separate: no reduction; weighted: by class.
// A label that is no class makes the result NaN and is reported through `fault`.
KERNEL nll(POINTER(out), POINTER(total), POINTER(input), POINTER(target), POINTER(weight), POINTER(fault), long classes,
           long class_stride, long weight_stride, long ignore, int mean, int weighted, int separate, Nest nest) {
  SHARED REAL losses[GROUP_ITEMS];
  SHARED REAL totals[GROUP_ITEMS];
  int item = (int)ITEM(0);
  REAL loss = 0, sum = 0;
  for (long i = item; i < nest.count; i += GROUP_ITEMS) {
    long at[4];
    walk(&nest, i, at);
    long label = (long)*(MEMORY const LABEL *)(target_buffer + target_offset + at[1]);
    T value = 0;
    if (label != ignore) {
      if (label < 0 || label >= classes) {
        report(AT(long, fault), 1, i, label, classes);
        value = NAN;
        sum = NAN;
      } else {
        T w = (weighted ? AT(const T, weight)[label * weight_stride] : (T)1);
        value = -w * *(MEMORY const T *)(input_buffer + input_offset + at[2] + label * class_stride);
        sum += w;
      }
    }
    if (separate) *(MEMORY T *)(out_buffer + out_offset + at[0]) = value;
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
    if (!separate) *AT(T, out) = (T)(mean ? losses[0] / totals[0] : losses[0]);
  }
}

KERNEL nll_gradient(POINTER(out), POINTER(dy), POINTER(total), POINTER(target), POINTER(weight), long classes,
                    long class_stride, long weight_stride, long ignore, int mean, int weighted, int separate, Nest nest) {
  long i = (long)GLOBAL_ITEM(0);
  if (i >= nest.count) return;
  long at[4];
  walk(&nest, i, at);
  long label = (long)*(MEMORY const LABEL *)(target_buffer + target_offset + at[1]);
  if (label == ignore || label < 0 || label >= classes) return;
  T scale = *(MEMORY const T *)(dy_buffer + dy_offset + (separate ? at[0] : 0));
  if (mean) scale /= *AT(const T, total);
  *(MEMORY T *)(out_buffer + out_offset + at[2] + label * class_stride) =
      -(weighted ? AT(const T, weight)[label * weight_stride] : (T)1) * scale;
}
