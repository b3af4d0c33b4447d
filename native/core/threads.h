// The thread pool. Ranges are whole grains: a kernel that keeps its partial results per grain gives the same result
// with any number of threads. Idle threads spin for some microseconds (training steps fork every few), then sleep.
#pragma once

#include <atomic>
#include <cstdint>

namespace gb {

// While one exists, this thread looks at a number now and then: once it is not zero, `asked` says whether this work is
// to stop, and then it ends early, by throwing Stopped. Its output is left half done: where somebody has seen that
// before, `asked` must say no. A null flag stops nothing.
class Stoppable {
 public:
  Stoppable(const std::atomic<int32_t>* flag, bool (*asked)(void* context), void* context);
  ~Stoppable();
  Stoppable(const Stoppable&) = delete;
  Stoppable& operator=(const Stoppable&) = delete;

  void Look();

 private:
  const std::atomic<int32_t>* flag_;
  bool (*asked_)(void* context);
  void* context_;
  Stoppable* outer_;
};

// Looks, on a thread that has a Stoppable. RunParallel does; this is for loops that run long between two such calls.
void CheckStop();

using RangeFunction = void (*)(void* context, int64_t begin, int64_t end);

// Calls function(context, begin, end) for consecutive ranges of [0, total), each a multiple of `grain` long but for the
// last, on the pool's threads and the calling one; returns when all are done. Runs inline where there is but one grain,
// inside another parallel call, or while another JavaScript thread has the pool. Rethrows the first exception.
void RunParallel(int64_t total, int64_t grain, RangeFunction function, void* context);

// From now on the calling thread computes without the pool: one that works beside others leaves the processors to them.
void ComputeAlone();

int Threads();
// Throws RangeError unless 1 <= threads <= 256.
void SetThreads(int threads);

// The same with a callable. Internal linkage: each instruction set's objects keep their own copy.
template <class F>
static inline void ParallelFor(int64_t total, int64_t grain, const F& function) {
  if (total <= 0) return;
  if (total <= grain) {
    function(int64_t{0}, total);
    return;
  }
  RunParallel(
      total, grain, [](void* context, int64_t begin, int64_t end) { (*static_cast<const F*>(context))(begin, end); },
      const_cast<F*>(&function));
}

}  // namespace gb
