#include "support/server_state.hpp"

#include <algorithm>
#include <utility>

namespace sidecar::test {
namespace {

bool ends_before_answer(const fault& trouble) {
  return trouble.at == phase::request && (trouble.kind == fault_kind::silence || trouble.kind == fault_kind::reset ||
                                          trouble.kind == fault_kind::close);
}

}  // namespace

void server_state::drop_expired_faults() {
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(faults, [now](const active_fault& entry) { return entry.until && *entry.until <= now; });
}

std::optional<fault> server_state::take_locked(std::initializer_list<phase> phases) {
  if (faults.empty()) return std::nullopt;
  drop_expired_faults();
  const auto found = std::find_if(faults.begin(), faults.end(), [phases](const active_fault& entry) {
    return entry.what.kind != fault_kind::refuse &&
           std::find(phases.begin(), phases.end(), entry.what.at) != phases.end();
  });
  if (found == faults.end()) return std::nullopt;
  fault result = found->what;
  if (found->what.count != 0 && --found->what.count == 0) faults.erase(found);
  return result;
}

std::optional<fault> server_state::take(std::initializer_list<phase> phases) {
  const std::lock_guard lock{mutex};
  return take_locked(phases);
}

server_state::decision server_state::decide(const http_request& request, std::uint64_t connection,
                                            const std::shared_ptr<session>& asker, std::string server_name) {
  decision result;
  {
    const std::lock_guard lock{mutex};
    ++counts.requests;
    requests.push_back({std::chrono::steady_clock::now(), connection, std::string{request.method},
                        std::string{request.target}, std::string{request.field("Authorization").value_or("")},
                        std::string{request.head}, std::move(server_name), ++last_number});
    result.number = last_number;
    result.trouble = take_locked({phase::request, phase::headers, phase::body});
    const bool replaced = result.trouble && result.trouble->kind == fault_kind::reply;
    result.reply = replaced && result.trouble->reply ? result.trouble->reply() : holdings.respond(request, !replaced);
    requests.back().status = result.reply.status;
    requests.back().faulty = result.trouble.has_value();
    if (requests.size() > requests_remembered) requests.pop_front();
    result.service_time = service_time;
    result.service_work = service_work;
    if (holding && !(result.trouble && ends_before_answer(*result.trouble))) {
      result.held = true;
      gate.push_back(asker);
      ++counts.held;
    }
  }
  changed.notify_all();
  return result;
}

void server_state::note_answered(std::uint64_t number) {
  const std::lock_guard lock{mutex};
  const auto found = std::find_if(requests.rbegin(), requests.rend(),
                                  [number](const seen_request& seen) { return seen.number == number; });
  if (found != requests.rend()) found->answered = std::chrono::steady_clock::now();
}

}  // namespace sidecar::test
