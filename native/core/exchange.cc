// One table of exchanges for the process, each a table of tensors by ticket. Whoever closes an exchange drops what
// nobody took.
#include "core/exchange.h"

#include <mutex>
#include <unordered_map>

#include "core/errors.h"
#include "core/storage.h"

namespace gb {

namespace {

using Tickets = std::unordered_map<int64_t, Tensor>;

struct Exchanges {
  std::mutex mutex;
  std::unordered_map<int64_t, Tickets> open;
  int64_t last = 0;  // number given to an exchange or a ticket
};

// Never destroyed: threads may outlive static destructors.
Exchanges& Instance() {
  static Exchanges* exchanges = new Exchanges;
  return *exchanges;
}

}  // namespace

int64_t OpenExchange() {
  Exchanges& all = Instance();
  std::lock_guard<std::mutex> lock(all.mutex);
  all.open.emplace(++all.last, Tickets{});
  return all.last;
}

void CloseExchange(int64_t exchange) {
  Exchanges& all = Instance();
  Tickets left;
  {
    std::lock_guard<std::mutex> lock(all.mutex);
    auto found = all.open.find(exchange);
    if (found == all.open.end()) return;
    left = std::move(found->second);
    all.open.erase(found);
  }
  for (auto& [ticket, tensor] : left) Release(tensor.storage);
}

int64_t PutIntoExchange(int64_t exchange, const Tensor& tensor) {
  Exchanges& all = Instance();
  {
    std::lock_guard<std::mutex> lock(all.mutex);
    auto found = all.open.find(exchange);
    if (found != all.open.end()) {
      found->second.emplace(++all.last, tensor);
      return all.last;
    }
  }
  Release(tensor.storage);
  return 0;
}

Tensor TakeFromExchange(int64_t exchange, int64_t ticket, bool keep) {
  Exchanges& all = Instance();
  std::lock_guard<std::mutex> lock(all.mutex);
  auto found = all.open.find(exchange);
  if (found != all.open.end()) {
    auto entry = found->second.find(ticket);
    if (entry != found->second.end()) {
      Tensor tensor = entry->second;
      if (keep) {
        Retain(tensor.storage);
      } else {
        found->second.erase(entry);
      }
      return tensor;
    }
  }
  ThrowRange("take: exchange %lld has no tensor with the ticket %lld", static_cast<long long>(exchange),
             static_cast<long long>(ticket));
}

}  // namespace gb
