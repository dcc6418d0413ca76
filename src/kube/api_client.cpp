#include "sidecar/kube/api_client.hpp"

#include <random>
#include <utility>

#include "sidecar/kube/api_connection.hpp"
#include "sidecar/kube/api_endpoint.hpp"
#include "sidecar/kube/classify.hpp"
#include "sidecar/kube/request.hpp"
#include "sidecar/kube/response_cache.hpp"
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

/// Shared by all calls of a client.
struct shared_parts {
  shared_parts(const asio::any_io_executor& executor, api_client_settings chosen, service_account& credentials)
      : settings(std::move(chosen)),
        endpoint(executor, settings.url, settings.timeout, settings.limiter, credentials),
        mutex(executor),
        max_lifetime{settings.max_idle, jittered(settings.max_life)},
        get(render_get(settings.pod, endpoint.authority(), settings.user_agent)),
        list(render_list(settings.pod, endpoint.authority(), settings.user_agent)),
        cache(settings.pod) {}

  api_client_settings settings;
  api_endpoint endpoint;
  net::coroutine_mutex mutex;
  api_connection::lifetime max_lifetime;
  std::string get;
  std::string list;
  std::optional<api_connection> connection{};
  response_cache cache;
};

class call final : public pod_call {
 public:
  call(shared_parts& client, net::coroutine_mutex::lock lock, time_point started)
      : client_(client),
        lock_(std::move(lock)),
        limit_(client.endpoint.executor(), client.settings.timeout),
        started_(started) {}

  asio::awaitable<std::optional<failure>> prepare() override;
  asio::awaitable<fetch_result> get_pod() override;
  asio::awaitable<list_result> list_pod() override;

 private:
  struct dated_response {
    api_response response;
    time_point started;
  };
  using outcome = std::variant<dated_response, failure>;

  enum class connection_state : std::uint8_t { usable, none, broken };

  connection_state check_connection();
  asio::awaitable<std::optional<failure>> connect();
  asio::awaitable<outcome> request(const std::string& head);
  asio::awaitable<bool> may_retry(attempt_outcome last);
  asio::awaitable<void> wait_for_rate();
  failure failure_of(const api_connection::exchange& last) const;

  shared_parts& client_;
  net::coroutine_mutex::lock lock_;
  net::deadline limit_;
  time_point started_;  ///< as noted in the rate limiter
  retry_policy policy_;
  call_phase where_ = call_phase::lookup;
};

/// Once more right before each request: the token or the CA bundle may have been rotated since the batch was prepared.
asio::awaitable<std::optional<failure>> call::prepare() {
  client_.endpoint.refresh_credentials();
  while (!limit_.has_passed()) {
    const auto state = check_connection();
    if (state == connection_state::broken) {
      co_return failure{reason::api_unreachable,
                        "before the response: the server closed the connection or sent unsolicited bytes",
                        {}};
    }
    if (state == connection_state::none) {
      auto problem = co_await connect();
      if (problem) co_return problem;
    } else if (client_.endpoint.is_latest(started_)) {
      co_return std::nullopt;
    } else {
      co_await wait_for_rate();
    }
  }
  co_return client_.endpoint.timeout_failure(where_);
}

/// Drops a kept connection that may not carry another request.
call::connection_state call::check_connection() {
  auto& connection = client_.connection;
  if (!connection) return connection_state::none;
  const auto generation = client_.endpoint.credentials().ca_generation();
  if (connection->is_usable(generation, boottime_clock::now())) return connection_state::usable;
  const bool was_new = connection->is_new() && !connection->is_outdated(generation);
  connection.reset();
  return was_new ? connection_state::broken : connection_state::none;
}

asio::awaitable<std::optional<failure>> call::connect() {
  auto made = co_await client_.endpoint.connect(limit_, where_);
  if (auto* fresh = std::get_if<api_endpoint::connection>(&made)) {
    client_.connection.emplace(std::move(fresh->stream), fresh->ca_generation, client_.max_lifetime,
                               boottime_clock::now());
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
  auto& credentials = client_.endpoint.credentials();
  switch (policy_.next(last)) {
    case retry_action::none:
      co_return false;
    case retry_action::new_connection:
      break;
    case retry_action::reread_token:
      if (!client_.endpoint.is_tls() || !credentials.refresh_token(true)) co_return false;
      break;
    case retry_action::reread_ca:
      if (!credentials.refresh_ca(true)) co_return false;
      break;
  }
  co_await wait_for_rate();
  co_return true;
}

asio::awaitable<void> call::wait_for_rate() {
  where_ = call_phase::rate_limit;
  started_ = co_await client_.endpoint.wait_for_rate(limit_);
}

asio::awaitable<call::outcome> call::request(const std::string& head) {
  for (;;) {
    auto prepare_failure = co_await prepare();
    if (prepare_failure) co_return std::move(*prepare_failure);
    started_ = boottime_clock::now();
    const auto started = started_;
    client_.endpoint.note_request(started);
    const auto bytes = head + client_.endpoint.closing_fields();
    auto came = co_await client_.connection->round_trip(bytes, client_.settings.limits, limit_, where_);
    if (client_.connection->is_spent()) client_.connection.reset();
    const bool again = co_await may_retry(came.outcome);
    if (again) continue;
    if (!came.response) co_return failure_of(came);
    co_return dated_response{std::move(*came.response), started};
  }
}

failure call::failure_of(const api_connection::exchange& last) const {
  if (last.problem.empty()) return client_.endpoint.timeout_failure(where_);
  return {last.is_protocol ? reason::api_protocol : reason::api_unreachable, last.problem, {}};
}

asio::awaitable<fetch_result> call::get_pod() {
  auto came = co_await request(client_.get);
  if (auto* problem = std::get_if<failure>(&came)) co_return std::move(*problem);
  auto& [response, started] = std::get<dated_response>(came);
  auto meaning = client_.cache.classify(std::move(response));
  if (auto* problem = std::get_if<failure>(&meaning)) co_return std::move(*problem);
  co_return health::snapshot{std::move(std::get<health::pod_state>(meaning)), started};
}

asio::awaitable<list_result> call::list_pod() {
  auto came = co_await request(client_.list);
  if (auto* problem = std::get_if<failure>(&came)) co_return list_result{std::move(*problem)};
  const auto& [response, started] = std::get<dated_response>(came);
  auto meaning = classify_list(response, client_.settings.pod);
  if (auto* problem = std::get_if<failure>(&meaning)) co_return list_result{std::move(*problem)};
  auto& [pod, version] = std::get<pod_list>(meaning);
  co_return list_result{health::snapshot{std::move(pod), started}, std::move(version)};
}

class client final : public api_client {
 public:
  client(const asio::any_io_executor& executor, api_client_settings settings, service_account& credentials)
      : parts_(executor, std::move(settings), credentials) {}

  asio::awaitable<std::unique_ptr<pod_call>> begin_call() override {
    auto lock = co_await parts_.mutex.acquire();
    const net::deadline no_limit(parts_.endpoint.executor());
    const auto started = co_await parts_.endpoint.wait_for_rate(no_limit);
    co_return std::make_unique<call>(parts_, std::move(lock), started);
  }
  bool is_looking_up() const noexcept override { return parts_.endpoint.is_looking_up(); }

 private:
  shared_parts parts_;
};

}  // namespace

std::unique_ptr<api_client> create_api_client(asio::any_io_executor executor, api_client_settings settings,
                                              service_account& credentials) {
  return std::make_unique<client>(executor, std::move(settings), credentials);
}

}  // namespace sidecar::kube
