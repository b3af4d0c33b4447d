// What native code and child processes write to the file descriptors 1 and 2, where no JavaScript stream sees it: both
// become pipes that the caller reads.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "binding/call.h"

namespace gb {

namespace {

constexpr int kPipeBytes = 1 << 20;  // a writer waits while so much is unread
constexpr size_t kReadBytes = 1 << 16;

[[noreturn]] void Fail(const char* what) { Throw("captureOutput: %s failed: %s", what, std::strerror(errno)); }

// Puts the writing end of a new pipe in the place of `descriptor` and returns the reading end, which never blocks.
int Redirect(int descriptor) {
  int ends[2];
  if (pipe(ends) != 0) Fail("pipe");
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
#ifdef F_SETPIPE_SZ
  fcntl(ends[1], F_SETPIPE_SZ, kPipeBytes);  // where the system refuses, its own size does too
#endif
  const int result = dup2(ends[1], descriptor);
  close(ends[1]);
  if (result < 0) {
    close(ends[0]);
    Fail("dup2");
  }
  return ends[0];
}

// { stdout, stderr }: where to read from now on; log: what descriptor 2 was.
napi_value CaptureOutput(Call& call) {
  const int log = fcntl(2, F_DUPFD_CLOEXEC, 3);
  if (log < 0) Fail("dup");
  napi_value result;
  call.Check(napi_create_object(call.env(), &result));
  auto set = [&](const char* name, int descriptor) {
    call.Check(napi_set_named_property(call.env(), result, name, call.MakeNumber(descriptor)));
  };
  set("log", log);
  set("stdout", Redirect(1));
  set("stderr", Redirect(2));
  return result;
}

// What waits at a reading end, at most kReadBytes; undefined when there is nothing.
napi_value ReadOutput(Call& call) {
  char bytes[kReadBytes];
  const ssize_t count = read(static_cast<int>(call.Integer(0)), bytes, sizeof bytes);
  if (count <= 0) return nullptr;
  napi_value result;
  void* unused;
  call.Check(napi_create_buffer_copy(call.env(), static_cast<size_t>(count), bytes, &unused, &result));
  return result;
}

}  // namespace

const Function kOutputFunctions[] = {
    {"captureOutput", Entry<CaptureOutput>}, {"readOutput", Entry<ReadOutput>}, {nullptr, nullptr}};

}  // namespace gb
