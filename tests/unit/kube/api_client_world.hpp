#pragma once

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/kube/api_client.hpp"
#include "support/api_server.hpp"
#include "support/service_account_files.hpp"
#include "support/temp_dir.hpp"
#include "unit/net/run.hpp"

namespace sidecar::kube {

/// A client, its mounted credentials, and an API server that has the pod demo/game-0 and lets the client see it.
struct client_world {
  explicit client_world(const test::api_server::options& options = {}) : server(options) {
    server.put_pod(test::pod{});
    server.allow();
    settings.url = {options.tls, options.address, server.port()};
  }

  /// A GET, as the fetch loop makes it: the batch closes between prepare() and get_pod(), one turn of the loop later.
  static boost::asio::awaitable<fetch_result> get(client_world& world) {
    const auto call = co_await world.client->begin_call();
    auto unprepared = co_await call->prepare();
    if (unprepared) co_return std::move(*unprepared);
    co_await boost::asio::post(world.context, boost::asio::use_awaitable);
    world.at_close.push_back(world.server.counts());
    co_return co_await call->get_pod();
  }

  /// A LIST, as the watch loop makes it.
  static boost::asio::awaitable<list_result> list(client_world& world) {
    const auto call = co_await world.client->begin_call();
    co_return co_await call->list_pod();
  }

  /// Made by the first call, so that `settings` can be changed before.
  void make_client() {
    if (!client) client = create_api_client(context.get_executor(), settings, credentials);
  }

  std::shared_ptr<test::started<fetch_result>> start() {
    make_client();
    return test::start(context, get(*this));
  }

  std::shared_ptr<test::started<list_result>> start_list() {
    make_client();
    return test::start(context, list(*this));
  }

  template <class Condition>
  bool run_until(Condition condition) {
    return test::run_until(context, std::move(condition));
  }

  template <class T>
  T finish(const std::shared_ptr<test::started<T>>& call) {
    EXPECT_TRUE(run_until([&] { return call->value || call->error; })) << "the call does not end";
    EXPECT_EQ(call->error, nullptr);
    return call->value.value_or(T{failure{health::reason::draining, "the call did not end", {}}});
  }

  fetch_result fetch() { return finish(start()); }
  list_result fetch_list() { return finish(start_list()); }

  bool succeeds() { return fetch().has_value(); }

  /// Runs until the server has read so many requests.
  bool run_until_requested(std::uint64_t requests) {
    return run_until([&] { return server.counts().requests >= requests; });
  }

  /// True once the server has no connection left.
  bool all_closed() {
    return run_until([&] { return server.counts().open == 0; });
  }

  test::api_server server;
  std::string token = server.add_token();
  test::temp_dir directory;
  test::service_account_files files{directory.path() / "sa", token, server.ca(), "demo"};
  service_account credentials{files.path().string()};
  boost::asio::io_context context{1};
  api_client_settings settings{
      .url = {}, .pod = {"demo", "game-0"}, .timeout = std::chrono::seconds{5}, .user_agent = "test/1"};
  std::vector<test::server_counts> at_close;  ///< of each call's batch
  std::unique_ptr<pod_source> client;
};

/// For calls that are meant to run into their deadline; enough for one that is not, on a busy machine.
constexpr std::chrono::milliseconds short_timeout{400};

inline std::string body_of_pod() { return test::pod{}.text(); }

/// A complete response with that body; `fields` end with CRLF each.
inline std::string response_with(const std::string& body, const std::string& fields = {},
                                 const std::string& status = "200 OK") {
  return "HTTP/1.1 " + status + "\r\n" + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// The failure of a call that must fail.
inline failure failure_of(const fetch_result& result) {
  EXPECT_FALSE(result) << "the call succeeded";
  return result ? failure{health::reason::all_containers_ready, "success", {}} : result.error();
}

}  // namespace sidecar::kube
