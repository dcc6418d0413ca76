#pragma once

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "sidecar/health/evaluate.hpp"
#include "sidecar/kube/pod_source.hpp"
#include "sidecar/net/coroutine_mutex.hpp"
#include "sidecar/net/one_shot_event.hpp"

namespace sidecar::pod {

namespace asio = boost::asio;

inline health::pod_state pod_with(bool ready, std::string uid = "uid-1") {
  health::pod pod;
  pod.name = "game-0";
  pod.namespace_name = "demo";
  pod.uid = std::move(uid);
  pod.phase = "Running";
  pod.containers.push_back({"game", health::container::kind::regular});
  pod.statuses.push_back({"game", ready});
  return pod;
}

inline const health::answer ready_answer{verdict_of(health::reason::all_containers_ready)};
inline const health::answer not_ready_answer{verdict_of(health::reason::container_not_ready)};

/// A pod_source whose every step waits for the test.
class scripted_source final : public kube::pod_source {
 public:
  struct call {
    explicit call(const asio::any_io_executor& executor) : go(executor), answered(executor) {}

    net::one_shot_event go;  ///< a request can be written
    net::one_shot_event answered;
    std::optional<kube::failure> unprepared{};
    time_point started{};  ///< when the request was written
    kube::fetch_result result;
    std::string version{};  ///< of a list
  };

  explicit scripted_source(asio::any_io_executor executor) : executor_(executor), mutex_(std::move(executor)) {}

  asio::awaitable<std::unique_ptr<kube::pod_call>> begin_call() override {
    auto lock = co_await mutex_.acquire();
    calls.push_back(std::make_unique<call>(executor_));
    max_pending = std::max(max_pending, ++*pending_);
    co_return std::make_unique<pod_call>(*this, *calls.back(), std::move(lock));
  }

  std::deque<std::unique_ptr<call>> calls;
  bool fails_at_once = false;  ///< a LIST, without waiting for anything
  int max_pending = 0;         ///< calls at once

 private:
  class pod_call final : public kube::pod_call {
   public:
    pod_call(scripted_source& source, call& script, net::coroutine_mutex::lock lock)
        : source_(source), pending_(source.pending_), script_(script), lock_(std::move(lock)) {}
    ~pod_call() override { --*pending_; }
    pod_call(const pod_call&) = delete;
    pod_call& operator=(const pod_call&) = delete;

    asio::awaitable<std::optional<kube::failure>> prepare() override {
      co_await script_.go.wait();
      co_return script_.unprepared;
    }
    asio::awaitable<kube::fetch_result> get_pod() override {
      script_.started = boottime_clock::now();
      co_await script_.answered.wait();
      co_return script_.result;
    }
    asio::awaitable<kube::list_result> list_pod() override {
      if (source_.fails_at_once) co_return kube::list_result{kube::failure{health::reason::api_unreachable, "", {}}};
      co_await script_.go.wait();
      auto found = co_await get_pod();
      co_return kube::list_result{std::move(found), script_.version};
    }

   private:
    scripted_source& source_;
    std::shared_ptr<int> pending_;  // a call that ends with its io_context outlives the source
    call& script_;
    net::coroutine_mutex::lock lock_;
  };

  asio::any_io_executor executor_;
  std::shared_ptr<int> pending_ = std::make_shared<int>(0);
  net::coroutine_mutex mutex_;
};

}  // namespace sidecar::pod
