// Node breaks a script by SIGINT where it was asked to, but a real signal may come when the script has just ended: then
// the default action stands for a moment, and the process ends with all variables of the session. So the handler that
// stands while such a script runs is remembered, and called as a function.
#include <signal.h>

#include <atomic>

#include "binding/call.h"

namespace gb {

namespace {

using Handler = void (*)(int signal, siginfo_t* info, void* context);

// Shared by all threads: one asks for what happens in another.
std::atomic<Handler> breaker{nullptr};

napi_value RememberBreak(Call&) {
  struct sigaction action;
  if (sigaction(SIGINT, nullptr, &action) == 0) breaker.store(action.sa_sigaction);
  return nullptr;
}

napi_value BreakScript(Call& call) {
  const Handler handler = breaker.load();
  if (handler) handler(SIGINT, nullptr, nullptr);
  return call.MakeBoolean(handler != nullptr);
}

}  // namespace

const Function kBreakFunctions[] = {
    {"rememberBreak", Entry<RememberBreak>}, {"breakScript", Entry<BreakScript>}, {nullptr, nullptr}};

}  // namespace gb
