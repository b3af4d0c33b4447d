// Histograms: each element's bin first, then a group adds up each bin, in an order that sizes alone decide.

// Bins between ascending edges; −1 for what lies outside. search: 0 among edges, 1 by equal widths, 2 by widths and then edges.
KERNEL find_bins(POINTER(numbers), POINTER(a), POINTER(edges), long bins, long count, int search) {
  long i = (long)GLOBAL_ITEM(0), bin = -1;
  if (i >= count) return;
  MEMORY const T *edge = AT(const T, edges);
  T x = AT(const T, a)[i];
  if (x >= edge[0] && x <= edge[bins]) {
    T share = (x - edge[0]) * (T)bins / (edge[bins] - edge[0]);
    long low = 0, high = bins + 1;
    // Widths that overflow, or are 0, give no number of a bin.
    int by_width = search != 0 && share >= 0 && share <= (T)bins;
    if (by_width) bin = (long)share;
    if (by_width && search == 2) {
      low = bin > 0 ? bin - 1 : 0;
      high = bin + 2 < bins + 1 ? bin + 2 : bins + 1;
    }
    if (!by_width || search == 2) {
      while (low < high) {
        long middle = low + (high - low) / 2;
        if (edge[middle] > x) {
          high = middle;
        } else {
          low = middle + 1;
        }
      }
      bin = low - 1;
    }
    bin = bin < 0 ? 0 : (bin > bins - 1 ? bins - 1 : bin);
  }
  AT(long, numbers)[i] = bin;
}

// R: the output's and the weights' type, W: in which they are added up. Numbers beyond the bins are reported if `what` is
// not 0.
KERNEL sum_bins(POINTER(out), POINTER(numbers), POINTER(weights), POINTER(fault), long count, long bins, int weighted,
                int what) {
  SHARED W shared[GROUP_ITEMS];
  long bin = (long)GROUP(0);
  int item = (int)ITEM(0);
  W sum = 0;
  for (long i = item; i < count; i += GROUP_ITEMS) {
    long number = AT(const long, numbers)[i];
    if (what != 0 && bin == 0 && (number < 0 || number >= bins)) report(AT(long, fault), what, i, number, bins);
    if (number != bin) continue;
    if (weighted) {
      sum += (W)AT(const R, weights)[i];
    } else {
      sum += 1;
    }
  }
  shared[item] = sum;
  BARRIER;
  for (int apart = GROUP_ITEMS / 2; apart > 0; apart /= 2) {
    if (item < apart) shared[item] += shared[item + apart];
    BARRIER;
  }
  if (item == 0) AT(R, out)[bin] = (R)shared[0];
}
