#pragma once

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "sidecar/kube/pod_source.hpp"
#include "sidecar/net/event.hpp"

namespace sidecar::app {

namespace asio = boost::asio;

inline health::pod_truth pod_with(bool ready, std::string uid = "uid-1") {
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
    net::event go;
    net::event answered;
    bool fails_unsealed = false;
    bool throws = false;
    time_point started{};
    kube::fetch_result result;
  };

  explicit scripted_source(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  asio::awaitable<kube::fetch_result> fetch_pod(std::function<void()> seal) override {
    calls.push_back(std::make_unique<call>(executor_));
    auto& mine = *calls.back();
    ++under_way;
    most_under_way = std::max(most_under_way, under_way);
    co_await mine.go.wait();
    if (!mine.fails_unsealed) seal();
    mine.started = boottime_clock::now();
    co_await mine.answered.wait();
    --under_way;
    if (mine.throws) throw std::bad_alloc();
    co_return std::move(mine.result);
  }

  std::deque<std::unique_ptr<call>> calls;
  int under_way = 0;
  int most_under_way = 0;

 private:
  asio::any_io_executor executor_;
};

}  // namespace sidecar::app
