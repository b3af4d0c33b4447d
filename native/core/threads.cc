// One job at a time. The caller publishes it under a new generation number; the workers that see the number join it.
// Each thread has a part of the range, the same one in every job of that length, so that it finds in its caches what it
// wrote in the job before. It takes its part in shares, large ones first, and then helps the others with theirs, so
// that all threads finish together and one that the system delays costs little. The caller waits until every worker
// that entered the job has left it: the job lives on the caller's stack.
#include "core/threads.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <thread>

#include "core/errors.h"

namespace gb {

namespace {

constexpr int kMaxThreads = 256;
constexpr auto kSpin = std::chrono::microseconds(30);

thread_local bool inside_job = false;
thread_local Stoppable* stoppable = nullptr;

inline void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Spins until `done` holds or the time is over; says whether it holds.
template <class Condition>
bool Spin(const Condition& done) {
  auto deadline = std::chrono::steady_clock::now() + kSpin;
  do {
    for (int i = 0; i < 16; i++) {
      if (done()) return true;
      Pause();
    }
  } while (std::chrono::steady_clock::now() < deadline);
  return done();
}

// What the control group of a container allows, in whole threads: more of them would only wait for one another.
int QuotaThreads() {
  long long quota, period;
  int threads = kMaxThreads;
  if (FILE* file = std::fopen("/sys/fs/cgroup/cpu.max", "r")) {
    if (std::fscanf(file, "%lld %lld", &quota, &period) == 2 && period > 0) {
      threads = static_cast<int>(std::max(1LL, (quota + period - 1) / period));
    }
    std::fclose(file);
  }
  return threads;
}

// A thread's part of the job, in grains, on a cache line of its own.
struct alignas(64) Part {
  std::atomic<int64_t> next;  // the first one that nobody has taken
  int64_t end;

  // Takes half of what is left, in whole grains, because callers rely on chunks that begin at one.
  int64_t Take(int64_t* begin) {
    *begin = next.load(std::memory_order_relaxed);
    for (;;) {
      const int64_t left = end - *begin;
      if (left <= 0) return 0;
      const int64_t share = (left + 1) / 2;
      if (next.compare_exchange_weak(*begin, *begin + share, std::memory_order_relaxed)) return share;
    }
  }
};

struct Job {
  RangeFunction function;
  void* context;
  int64_t total;
  int64_t grain;
  int threads;
  Part* parts;
  std::atomic<bool> failed{false};
  std::exception_ptr error;

  void Work(int thread) {
    int64_t begin;
    for (int i = 0; i < threads; i++) {
      Part& part = parts[(thread + i) % threads];
      while (const int64_t share = part.Take(&begin)) {
        if (failed.load(std::memory_order_relaxed)) return;
        try {
          CheckStop();
          function(context, begin * grain, std::min(total, (begin + share) * grain));
        } catch (...) {
          if (!failed.exchange(true)) error = std::current_exception();
        }
      }
    }
  }
};

class ThreadPool {
 public:
  ThreadPool() {
    int threads = std::min(static_cast<int>(std::thread::hardware_concurrency()), QuotaThreads());
    if (const char* text = std::getenv("GRADBOOK_THREADS")) {
      int wanted = std::atoi(text);
      if (wanted > 0) threads = wanted;
    }
    threads_ = std::max(1, std::min(threads, kMaxThreads));
  }

  int threads() const { return threads_; }

  void set_threads(int threads) {
    std::lock_guard<std::mutex> busy(busy_);
    threads_ = threads;
  }

  void Run(int64_t total, int64_t grain, RangeFunction function, void* context) {
    std::unique_lock<std::mutex> busy(busy_, std::defer_lock);
    if (threads_ == 1 || inside_job || !busy.try_lock()) {
      function(context, 0, total);
      return;
    }
    const int64_t grains = (total + grain - 1) / grain;
    Job job;
    job.function = function;
    job.context = context;
    job.total = total;
    job.grain = grain;
    job.threads = static_cast<int>(std::min<int64_t>(threads_, grains));
    job.parts = parts_;
    for (int i = 0; i < job.threads; i++) {
      parts_[i].next.store(grains * i / job.threads, std::memory_order_relaxed);
      parts_[i].end = grains * (i + 1) / job.threads;
    }
    StartWorkers(job.threads - 1);
    inside_job = true;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      job_ = &job;
      generation_.fetch_add(1, std::memory_order_release);
    }
    if (sleepers_.load() > 0) wake_.notify_all();
    job.Work(0);
    {
      // Nobody joins any more; those already inside finish their share.
      std::lock_guard<std::mutex> lock(mutex_);
      job_ = nullptr;
    }
    auto left = [this] { return inside_.load(std::memory_order_acquire) == 0; };
    if (!Spin(left)) {
      std::unique_lock<std::mutex> lock(mutex_);
      done_.wait(lock, left);
    }
    inside_job = false;
    if (job.error) std::rethrow_exception(job.error);
  }

 private:
  void StartWorkers(int count) {
    while (workers_ < count) {
      // Detached and never joined: an idle worker sleeps on objects that are never destroyed, so the process may exit
      // at any time. The addon's library is linked with -z nodelete for the same reason.
      std::thread([this, thread = ++workers_] { Serve(thread); }).detach();
    }
  }

  // The caller of a job is thread 0.
  void Serve(int thread) {
    inside_job = true;
    uint64_t seen = 0;
    for (;;) {
      auto fresh = [&] { return generation_.load(std::memory_order_acquire) != seen; };
      if (!Spin(fresh)) {
        std::unique_lock<std::mutex> lock(mutex_);
        sleepers_.fetch_add(1);
        wake_.wait(lock, fresh);
        sleepers_.fetch_sub(1);
      }
      Job* job = nullptr;
      {
        std::lock_guard<std::mutex> lock(mutex_);
        seen = generation_.load(std::memory_order_relaxed);
        if (job_ && thread < job_->threads) {
          job = job_;
          inside_.fetch_add(1);
        }
      }
      if (!job) continue;
      job->Work(thread);
      {
        std::lock_guard<std::mutex> lock(mutex_);
        inside_.fetch_sub(1, std::memory_order_release);
      }
      done_.notify_one();
    }
  }

  std::mutex busy_;  // held by the JavaScript thread whose job runs
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  std::atomic<uint64_t> generation_{0};
  std::atomic<int> sleepers_{0};
  std::atomic<int> inside_{0};
  Job* job_ = nullptr;
  Part parts_[kMaxThreads];
  int workers_ = 0;
  std::atomic<int> threads_{1};
};

// Never destroyed: see StartWorkers.
ThreadPool& Instance() {
  static ThreadPool* pool = new ThreadPool;
  return *pool;
}

}  // namespace

Stoppable::Stoppable(const std::atomic<int32_t>* flag, bool (*asked)(void* context), void* context)
    : flag_(flag), asked_(asked), context_(context), outer_(stoppable) {
  stoppable = this;
}

Stoppable::~Stoppable() { stoppable = outer_; }

void Stoppable::Look() {
  if (!flag_ || flag_->load(std::memory_order_relaxed) == 0) return;
  flag_ = nullptr;  // asked once, and either way there is nothing more to look at
  if (asked_(context_)) ThrowStopped();
}

void CheckStop() {
  if (stoppable) stoppable->Look();
}

void ComputeAlone() { inside_job = true; }

void RunParallel(int64_t total, int64_t grain, RangeFunction function, void* context) {
  if (total <= 0) return;
  CheckStop();
  if (total <= grain) {
    function(context, 0, total);
    return;
  }
  Instance().Run(total, grain, function, context);
}

int Threads() { return Instance().threads(); }

void SetThreads(int threads) {
  if (threads < 1 || threads > kMaxThreads) {
    ThrowRange("setThreads: %d is out of range; expected 1 to %d", threads, kMaxThreads);
  }
  Instance().set_threads(threads);
}

}  // namespace gb
