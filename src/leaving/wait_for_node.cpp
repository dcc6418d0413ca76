#include "sidecar/leaving/wait_for_node.hpp"

#include <utility>

namespace sidecar::leaving {

namespace asio = boost::asio;

namespace {

class call_after_node final : public kube::pod_call {
 public:
  call_after_node(std::unique_ptr<kube::pod_call> call, node_watcher& node) : call_(std::move(call)), node_(node) {}

  asio::awaitable<std::optional<kube::failure>> prepare() override { return call_->prepare(); }
  asio::awaitable<kube::fetch_result> get_pod() override;
  asio::awaitable<kube::list_result> list_pod() override { return call_->list_pod(); }

 private:
  std::unique_ptr<kube::pod_call> call_;
  node_watcher& node_;
};

/// The call ends before the wait, which would keep other calls from the connection.
asio::awaitable<kube::fetch_result> call_after_node::get_pod() {
  auto result = co_await call_->get_pod();
  call_.reset();
  result ? node_.follow(health::node_of(result->state), result->observed) : node_.note_outage();
  co_await node_.wait_for_result();
  co_return result;
}

}  // namespace

asio::awaitable<std::unique_ptr<kube::pod_call>> pod_source_after_node::begin_call() {
  auto call = co_await pods_.begin_call();
  co_return std::make_unique<call_after_node>(std::move(call), node_);
}

asio::awaitable<kube::outcome<kube::node_pods>> node_pods_source_after_node::list_pods() {
  auto result = co_await pods_.list_pods();
  result ? node_.follow(name_, result->observed) : node_.note_outage();
  co_await node_.wait_for_result();
  co_return result;
}

}  // namespace sidecar::leaving
