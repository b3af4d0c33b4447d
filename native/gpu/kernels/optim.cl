// Fused optimizer steps over one parameter: PyTorch's formulas in PyTorch's order of operations.
KERNEL sgd(POINTER(param), POINTER(grad), POINTER(momentum), long count, T sign, T decay, T lr, T keep, T take, T ahead,
           T direct, int first, int with_state) {
  long i = (long)GLOBAL_ITEM(0);
  if (i >= count) return;
  T w = AT(T, param)[i], d = AT(const T, grad)[i] * sign + decay * w, step = d;
  if (with_state) {
    T b = first ? d : keep * AT(T, momentum)[i] + take * d;
    AT(T, momentum)[i] = b;
    step = direct * d + ahead * b;
  }
  AT(T, param)[i] = w - lr * step;
}

KERNEL adam(POINTER(param), POINTER(grad), POINTER(average), POINTER(square), POINTER(largest), long count, T step_size,
            T root2, T sign, T decay, T shrink, T weight1, T beta2, T weight2, T eps, int with_state) {
  long i = (long)GLOBAL_ITEM(0);
  if (i >= count) return;
  T w = AT(T, param)[i] * shrink, g = AT(const T, grad)[i] * sign + decay * w;
  T m = AT(T, average)[i], v = AT(T, square)[i] * beta2 + weight2 * g * g;
  m += weight1 * (g - m);
  AT(T, average)[i] = m;
  AT(T, square)[i] = v;
  if (with_state) {
    T before = AT(T, largest)[i];
    v = before > v || before != before ? before : v;
    AT(T, largest)[i] = v;
  }
  AT(T, param)[i] = w - step_size * (m / (sqrt(v) / root2 + eps));
}
