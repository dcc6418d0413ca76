#include "sidecar/doctor/api_session.hpp"

#include <memory>
#include <string>
#include <utility>

#include "sidecar/base/clock.hpp"
#include "sidecar/base/version.hpp"
#include "sidecar/kube/request.hpp"
#include "sidecar/net/deadline.hpp"

namespace sidecar::doctor {

namespace asio = boost::asio;

namespace {

kube::api_client_settings endpoint_settings(const config::config& settings) {
  return {.url = *settings.api_server,
          .pod = {},
          .timeout = settings.api_timeout,
          .limiter = std::make_shared<kube::rate_limiter>(settings.api_qps),
          .user_agent = std::string{"http-healthcheck-sidecar/"}.append(version).append(" doctor")};
}

}  // namespace

api_session::api_session(const asio::any_io_executor& executor, const config::config& settings,
                         kube::service_account& credentials)
    : settings_(settings), endpoint_(executor, endpoint_settings(settings), credentials) {
  if (credentials.tls()) net::record_server(*credentials.tls(), server_);
}

asio::awaitable<connection_facts> api_session::connect() {
  connection_facts facts{.url = *settings_.api_server};
  const net::deadline limit(endpoint_.executor(), settings_.api_timeout);
  const auto start = boottime_clock::now();
  facts.problem = co_await connect(limit, facts.reached);
  facts.took = std::chrono::duration_cast<std::chrono::milliseconds>(boottime_clock::now() - start);
  facts.server = server_;
  facts.protocol = protocol_;
  co_return facts;
}

asio::awaitable<std::optional<kube::failure>> api_session::connect(const net::deadline& limit,
                                                                   kube::call_phase& where) {
  auto made = co_await endpoint_.connect(limit, where);
  if (auto* refused = std::get_if<kube::api_endpoint::refusal>(&made)) co_return std::move(refused->problem);
  auto& fresh = std::get<kube::api_endpoint::connection>(made);
  if (auto* native = fresh.stream->native_tls()) protocol_ = net::protocol_of(native);
  connection_.emplace(std::move(fresh), endpoint_.settings(), boottime_clock::now());
  co_return std::nullopt;
}

asio::awaitable<api_session::response> api_session::get(const kube::pod_name& pod) {
  co_return co_await call(kube::get_target(pod), {});
}

asio::awaitable<api_session::response> api_session::get(const kube::node_name& node) {
  co_return co_await call(kube::get_target(node), {});
}

asio::awaitable<api_session::response> api_session::list(const kube::node_name& node) {
  co_return co_await call(kube::list_target(node), {});
}

asio::awaitable<api_session::response> api_session::post(const review_request& review) {
  co_return co_await call(std::string{review.path}, review.body);
}

asio::awaitable<api_session::response> api_session::call(std::string target, std::string body) {
  // API_TIMEOUT is for the call, not for the pause that API_QPS puts between two.
  const net::deadline no_limit(endpoint_.executor());
  co_await endpoint_.wait_for_rate(no_limit);
  const net::deadline limit(endpoint_.executor(), settings_.api_timeout);
  auto where = kube::call_phase::request;
  const bool is_usable =
      connection_ && connection_->is_usable(endpoint_.credentials().ca_generation(), boottime_clock::now());
  if (!is_usable) {
    auto failed = co_await connect(limit, where);
    if (failed) co_return std::move(*failed);
  }
  const auto bytes = endpoint_.render(target, body);
  auto exchange = co_await connection_->round_trip(bytes, limit, where);
  if (exchange.response) co_return std::move(*exchange.response);
  co_return exchange.problem ? std::move(*exchange.problem) : endpoint_.timeout_failure(where, limit);
}

}  // namespace sidecar::doctor
