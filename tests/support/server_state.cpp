#include "support/server_state.hpp"

#include <algorithm>
#include <utility>

namespace sidecar::test {
namespace {

bool ends_before_answer(const fault& trouble) {
  return trouble.at == phase::request && (trouble.kind == fault_kind::silence || trouble.kind == fault_kind::reset ||
                                          trouble.kind == fault_kind::close);
}

/// Whether a request, or a connection that has none yet, is one for the fault.
bool concerns(const fault& trouble, const std::optional<resource_request>& wanted) {
  const bool is_for_all = trouble.only == asked_for::anything && trouble.count == 0;
  if (trouble.whom == meets::nodes ? !is_of_nodes(wanted) : is_of_nodes(wanted) && !is_for_all) return false;
  if (trouble.only != asked_for::anything && trouble.only != kind_of(wanted)) return false;
  return trouble.kind != fault_kind::behind || wanted->not_older != 0;
}

bool speaks_for_itself(const std::optional<fault>& trouble) {
  return trouble && (trouble->kind == fault_kind::raw || trouble->kind == fault_kind::flood);
}

}  // namespace

void server_state::drop_expired_faults() {
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(faults, [now](const active_fault& entry) { return entry.until && *entry.until <= now; });
}

std::optional<fault> server_state::take_locked(std::initializer_list<phase> phases,
                                               const std::optional<resource_request>& wanted) {
  if (faults.empty()) return std::nullopt;
  drop_expired_faults();
  const auto found = std::find_if(faults.begin(), faults.end(), [phases, &wanted](const active_fault& entry) {
    return entry.what.kind != fault_kind::refuse && concerns(entry.what, wanted) &&
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

seen_request& server_state::enter(const http_request& request, std::uint64_t connection,
                                  const std::optional<resource_request>& wanted, std::string server_name) {
  const auto now = std::chrono::steady_clock::now();
  const bool of_nodes = is_of_nodes(wanted);
  auto& entered = of_nodes ? node_requests : requests;
  entered.push_back({now, connection, std::string{request.method}, std::string{request.target},
                     std::string{request.field("Authorization").value_or("")}, std::string{request.head},
                     std::move(server_name), ++last_number});
  if (entered.size() > requests_remembered) entered.pop_front();
  if (of_nodes) {
    count_node_request(kind_of(wanted));
  } else {
    count_request(kind_of(wanted), now);
  }
  return entered.back();
}

void server_state::count_node_request(asked_for kind) {
  ++counts.nodes.requests;
  if (kind == asked_for::get) ++counts.nodes.gets;
  if (kind == asked_for::list) ++counts.nodes.lists;
  if (kind == asked_for::watch) ++counts.nodes.watch_requests;
}

void server_state::count_request(asked_for kind, std::chrono::steady_clock::time_point now) {
  traffic& tenth = tenths.at(now);
  ++counts.requests;
  ++tenth.requests;
  if (kind == asked_for::get) ++counts.gets, ++tenth.gets;
  if (kind == asked_for::list) ++counts.lists;
  if (kind == asked_for::watch) ++counts.watch_requests, ++tenth.watch_requests;
}

server_state::decision server_state::decide(const http_request& request, std::uint64_t connection,
                                            const std::shared_ptr<session>& asker, std::string server_name) {
  decision result;
  {
    const std::lock_guard lock{mutex};
    const auto wanted = parse_resource(request);
    seen_request& entered = enter(request, connection, wanted, std::move(server_name));
    result.number = entered.number;
    result.of_nodes = is_of_nodes(wanted);

    result.trouble = take_locked({phase::request, phase::headers, phase::body}, wanted);
    const bool replaced = result.trouble && result.trouble->kind == fault_kind::reply;
    if (replaced && result.trouble->reply) {
      result.reply = result.trouble->reply();
    } else if (result.trouble && result.trouble->kind == fault_kind::behind) {
      result.reply = make_too_large_version(wanted->not_older, wanted->not_older - 1);
    } else {
      cluster::response response = holdings.respond(request, !replaced);
      result.reply = std::move(response.reply);
      if (response.watch && !speaks_for_itself(result.trouble)) open(result, *std::move(response.watch), asker);
    }
    entered.status = result.watch ? 200 : result.reply.status;
    entered.faulty = result.trouble.has_value();
    result.service_time = service_time;
    result.service_work = service_work;
    if ((result.of_nodes ? holding_nodes : holding) && !(result.trouble && ends_before_answer(*result.trouble))) {
      result.held = true;
      gate.push_back(asker);
      ++counts.held;
    }
  }
  changed.notify_all();
  return result;
}

void server_state::note_answered(std::uint64_t number, bool of_nodes) {
  const std::lock_guard lock{mutex};
  auto& entered = of_nodes ? node_requests : requests;
  const auto found = std::find_if(entered.rbegin(), entered.rend(),
                                  [number](const seen_request& seen) { return seen.number == number; });
  if (found != entered.rend()) found->answered = std::chrono::steady_clock::now();
}

void server_state::open(decision& result, watch_request wanted, const std::shared_ptr<session>& asker) {
  const cluster::watch_start start = holdings.start(wanted);
  if (start.too_late && habits.gone_as_status) {
    result.reply = make_failure(410, wanted.since.value_or(0), start.oldest);
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  odd_watch oddity = result.trouble ? oddity_of(*result.trouble) : odd_watch{};
  std::uint64_t& opened = result.of_nodes ? counts.nodes.watches : counts.watches;
  result.watch = std::make_shared<watch_stream>(++opened, std::move(wanted), habits, std::move(oddity), now);
  result.watch->begin(start, now);
  watches.insert_or_assign(asker.get(), open_watch{result.watch, asker});
  ++watching(*result.watch);
}

std::uint64_t& server_state::watching(const watch_stream& stream) noexcept {
  return stream.kind() == resource_kind::nodes ? counts.nodes.watching : counts.watching;
}

void server_state::wake(const open_watch& watch) {
  // Whoever put the first one in has the thread look.
  if (due.empty() && poke) poke();
  due.push_back(watch.owner);
}

void server_state::publish() {
  const auto now = std::chrono::steady_clock::now();
  for (const object_change& change : holdings.take_changes()) {
    if (unsigned& missed = missed_by_all[change.kind()]; missed != 0) {
      --missed;
      continue;
    }
    for (const auto& [owner, watch] : watches) {
      if (watch.stream->offer(change, now)) wake(watch);
    }
  }
}

void server_state::for_all_watches(resource_kind kind, const std::function<void(watch_stream&)>& action) {
  for (const auto& [owner, watch] : watches) {
    if (watch.stream->kind() != kind) continue;
    action(*watch.stream);
    wake(watch);
  }
}

watch_stream::step server_state::next_step(watch_stream& stream) {
  const std::lock_guard lock{mutex};
  if (events_held.contains(stream.kind())) return {};
  return stream.next(holdings.resource_version(), std::chrono::steady_clock::now());
}

void server_state::note_events(const watch_stream& stream, std::uint64_t connection, const watch_stream::step& step) {
  if (stream.kind() != resource_kind::pods) return;
  const std::lock_guard lock{mutex};
  const auto now = std::chrono::steady_clock::now();
  for (const watch_stream::due_event& due_now : step.events) {
    events.push_back({stream.number(), connection, due_now.event.type, due_now.event.version, due_now.changed, now});
    if (events.size() > events_remembered) events.pop_front();
  }
}

void server_state::count_events(const watch_stream& stream, std::size_t count) {
  {
    const std::lock_guard lock{mutex};
    if (stream.kind() == resource_kind::nodes) {
      counts.nodes.events += count;
    } else {
      counts.events += count;
      tenths.at(std::chrono::steady_clock::now()).events += count;
    }
  }
  changed.notify_all();
}

void server_state::close_watch(const session* owner) {
  {
    const std::lock_guard lock{mutex};
    const auto found = watches.find(owner);
    if (found == watches.end()) return;
    --watching(*found->second.stream);
    watches.erase(found);
  }
  changed.notify_all();
}

}  // namespace sidecar::test
