#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/pod/health_service.hpp"
#include "unit/net/run.hpp"
#include "unit/pod/scripted_source.hpp"

namespace sidecar::pod {

/// A health service whose API calls are scripted, and its clients.
class ServiceWorld : public testing::Test {
 protected:
  using query = std::shared_ptr<test::started<health::answer>>;

  ServiceWorld() {
    settings.answers.hold.stale_grace = std::chrono::seconds{30};
    settings.answer_timeout = std::chrono::hours{1};
    settings.log = [this](const journal::transition& now) { logged.push_back(now); };
  }

  /// Begins with the first use.
  health_service& service() {
    if (!service_) {
      service_.emplace(context.get_executor(), settings, &source);
      asio::co_spawn(context, service_->run(), [](std::exception_ptr error) { ASSERT_EQ(error, nullptr); });
      settle();
    }
    return *service_;
  }

  void settle() { test::run_ready(context); }
  template <class Condition>
  bool run_until(Condition condition) {
    return test::run_until(context, condition);
  }

  query ask(std::string container = {}) {
    auto asked = test::start(context, service().answer(std::move(container)));
    settle();
    return asked;
  }
  health::answer wait_for(const query& asked) {
    EXPECT_TRUE(run_until([&] { return asked->value.has_value(); })) << "no answer";
    return asked->value.value_or(health::answer{});
  }

  /// The call's request is written.
  void close_batch(std::size_t number) {
    source.calls.at(number)->go.set();
    settle();
  }
  void finish(std::size_t number, kube::fetch_result result, const std::string& list_version = {}) {
    close_batch(number);
    auto& call = *source.calls.at(number);
    if (result) result->observed = call.started;
    call.result = std::move(result);
    call.version = list_version;
    call.answered.set();
    settle();
  }

  asio::io_context context{1};
  scripted_source source{context.get_executor()};
  health_settings settings;
  std::vector<journal::transition> logged;

 private:
  std::optional<health_service> service_;
};

}  // namespace sidecar::pod
