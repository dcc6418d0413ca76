#include "sidecar/kube/api_client.hpp"

#include <random>
#include <utility>

#include "sidecar/kube/api_connection.hpp"
#include "sidecar/kube/call_phase.hpp"
#include "sidecar/kube/classify.hpp"
#include "sidecar/kube/request.hpp"
#include "sidecar/kube/retry_policy.hpp"
#include "sidecar/net/coroutine_mutex.hpp"

namespace sidecar::kube {
namespace {

namespace asio = boost::asio;
using health::reason;

/// +-20 %, so that sidecars that started together do not reconnect together.
std::chrono::seconds jittered(std::chrono::seconds life) {
  std::minstd_rand random{std::random_device{}()};
  std::uniform_int_distribution<std::chrono::seconds::rep> percent{80, 120};
  return life * percent(random) / 100;
}

class client final : public api_client {
 public:
  client(const asio::any_io_executor& executor, api_client_settings settings, service_account& credentials)
      : endpoint(executor, std::move(settings), credentials),
        mutex(executor),
        cache(endpoint.settings().pod, endpoint.settings().maintenance_label),
        max_life(jittered(endpoint.settings().max_life)),
        on_first_pod(endpoint.settings().on_first_pod) {}

  asio::awaitable<std::unique_ptr<pod_call>> begin_call() override;
  bool is_looking_up() const noexcept override { return endpoint.is_looking_up(); }

  /// A copy of the body for `on_first_pod`; empty if that has had its call.
  std::string keep_body(const api_response& response) const { return on_first_pod ? response.body : std::string{}; }
  void show(std::string body, const health::pod_state& found) {
    if (!on_first_pod || !std::holds_alternative<health::pod>(found)) return;
    std::exchange(on_first_pod, nullptr)(std::move(body));
  }

  // Used by one call at a time.
  api_endpoint endpoint;
  net::coroutine_mutex mutex;
  response_cache cache;
  std::chrono::seconds max_life;
  std::optional<api_connection> connection;
  std::function<void(std::string json)> on_first_pod;
};

class call final : public pod_call {
 public:
  call(client& owner, net::coroutine_mutex::lock lock, time_point started)
      : client_(owner),
        endpoint_(owner.endpoint),
        lock_(std::move(lock)),
        limit_(endpoint_.executor(), endpoint_.settings().timeout),
        begun_(started),
        started_(started) {}

  asio::awaitable<std::optional<failure>> prepare() override;
  asio::awaitable<fetch_result> get_pod() override;
  asio::awaitable<list_result> list_pod() override;

 private:
  using outcome = std::variant<api_response, failure>;

  asio::awaitable<std::optional<failure>> make_ready();
  asio::awaitable<std::optional<failure>> connect();
  asio::awaitable<outcome> request(std::string_view target);
  asio::awaitable<bool> may_retry(attempt_outcome last);
  asio::awaitable<void> wait_for_rate();
  fetch_result read_pod(outcome& came);
  list_result read_list(outcome came);
  void count(verb what, const failure* problem) const;

  client& client_;
  api_endpoint& endpoint_;
  net::coroutine_mutex::lock lock_;
  net::deadline limit_;
  time_point begun_;    ///< of the call
  time_point started_;  ///< as noted in the rate limiter; at last that of the request
  retry_policy policy_;
  std::string_view where_ = call_phase::lookup;
};

asio::awaitable<std::optional<failure>> call::prepare() {
  auto problem = co_await make_ready();
  if (problem) count(verb::get, &*problem);
  co_return problem;
}

/// Once more right before each request: the token or the CA bundle may have been rotated since the batch was prepared.
asio::awaitable<std::optional<failure>> call::make_ready() {
  endpoint_.refresh_credentials();
  auto& connection = client_.connection;
  while (!limit_.has_passed()) {
    const auto generation = endpoint_.credentials().ca_generation();
    if (!connection) {
      auto problem = co_await connect();
      if (problem) co_return problem;
    } else if (!connection->is_usable(generation, boottime_clock::now())) {
      const bool was_promising = connection->is_new() && !connection->is_outdated(generation);
      connection.reset();
      if (!was_promising) continue;
      co_return failure{reason::api_unreachable,
                        "before the response: the server closed the connection or sent unsolicited bytes",
                        {}};
    } else if (endpoint_.settings().limiter->is_latest(started_)) {
      co_return std::nullopt;
    } else {
      co_await wait_for_rate();
    }
  }
  co_return endpoint_.timeout_failure(where_);
}

asio::awaitable<std::optional<failure>> call::connect() {
  auto made = co_await endpoint_.connect(limit_, where_);
  if (auto* fresh = std::get_if<api_endpoint::connection>(&made)) {
    client_.connection.emplace(std::move(*fresh), endpoint_.settings(), client_.max_life, boottime_clock::now());
    co_return std::nullopt;
  }
  auto& refused = std::get<api_endpoint::refusal>(made);
  const auto cause = refused.is_untrusted ? attempt_outcome::untrusted : attempt_outcome::failed;
  const bool again = co_await may_retry(cause);
  if (again) co_return std::nullopt;
  co_return std::move(refused.problem);
}

/// Whether a failed attempt is retried; waits for the rate limit.
asio::awaitable<bool> call::may_retry(attempt_outcome last) {
  if (!policy_.allows_retry(last)) co_return false;
  auto& credentials = endpoint_.credentials();
  const bool is_plain = !endpoint_.settings().url.tls;
  if (last == attempt_outcome::unauthorized && (is_plain || !credentials.refresh_token(true))) co_return false;
  if (last == attempt_outcome::untrusted && !credentials.refresh_ca(true)) co_return false;
  co_await wait_for_rate();
  co_return true;
}

asio::awaitable<void> call::wait_for_rate() {
  where_ = call_phase::rate_limit;
  started_ = co_await endpoint_.wait_for_rate(limit_);
}

asio::awaitable<call::outcome> call::request(std::string_view target) {
  for (;;) {
    auto unready = co_await make_ready();
    if (unready) co_return std::move(*unready);
    started_ = boottime_clock::now();
    endpoint_.settings().limiter->note_start(started_);
    const auto bytes = endpoint_.render(target);
    auto came = co_await client_.connection->round_trip(bytes, limit_, where_);
    if (client_.connection->is_spent()) client_.connection.reset();
    const bool again = co_await may_retry(came.outcome);
    if (again) continue;
    if (came.response) co_return std::move(*came.response);
    co_return came.problem ? std::move(*came.problem) : endpoint_.timeout_failure(where_);
  }
}

asio::awaitable<fetch_result> call::get_pod() {
  const auto target = get_target(endpoint_.settings().pod);
  auto came = co_await request(target);
  co_return read_pod(came);
}

/// Counts here, where a result need not be moved once more for it.
fetch_result call::read_pod(outcome& came) {
  if (auto* problem = std::get_if<failure>(&came)) {
    count(verb::get, problem);
    return std::move(*problem);
  }
  auto& response = std::get<api_response>(came);
  auto body = client_.keep_body(response);
  auto meaning = client_.cache.classify(std::move(response));
  auto* problem = std::get_if<failure>(&meaning);
  count(verb::get, problem);
  if (problem != nullptr) return std::move(*problem);
  auto& found = std::get<health::pod_state>(meaning);
  client_.show(std::move(body), found);
  return health::snapshot{std::move(found), started_};
}

asio::awaitable<list_result> call::list_pod() {
  const auto target = list_target(endpoint_.settings().pod);
  auto came = co_await request(target);
  auto result = read_list(std::move(came));
  count(verb::list, std::get_if<failure>(&result.found));
  co_return result;
}

list_result call::read_list(outcome came) {
  if (auto* problem = std::get_if<failure>(&came)) return {std::move(*problem)};
  const auto& response = std::get<api_response>(came);
  auto meaning = classify_list(response, endpoint_.settings().pod, endpoint_.settings().maintenance_label);
  if (auto* problem = std::get_if<failure>(&meaning)) return {std::move(*problem)};
  auto& [pod, version] = std::get<pod_list>(meaning);
  client_.show(client_.keep_body(response), pod);
  return {health::snapshot{std::move(pod), started_}, std::move(version)};
}

/// Each call ends by one of these, once: its preparation fails, or its request has a result.
void call::count(verb what, const failure* problem) const {
  const auto why = problem != nullptr ? std::optional{problem->why} : std::nullopt;
  endpoint_.settings().statistics->note(what, begun_, boottime_clock::now(), why);
}

asio::awaitable<std::unique_ptr<pod_call>> client::begin_call() {
  auto lock = co_await mutex.acquire();
  const net::deadline no_limit(endpoint.executor());
  const auto started = co_await endpoint.wait_for_rate(no_limit);
  co_return std::make_unique<call>(*this, std::move(lock), started);
}

}  // namespace

std::unique_ptr<api_client> create_api_client(asio::any_io_executor executor, api_client_settings settings,
                                              service_account& credentials) {
  return std::make_unique<client>(executor, std::move(settings), credentials);
}

}  // namespace sidecar::kube
