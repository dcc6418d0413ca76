#include "sidecar/kube/node_object_source.hpp"

#include <utility>

#include "sidecar/kube/api_call.hpp"
#include "sidecar/kube/classify_node.hpp"
#include "sidecar/kube/request.hpp"

namespace sidecar::kube {
namespace {

namespace asio = boost::asio;

node_read read_get(const outcome<api_response>& response, const node_name& wanted, time_point started) {
  if (!response) return response.error();
  auto meaning = classify_node(*response, wanted);
  if (!meaning) return meaning.error();
  return read_node{{std::move(*meaning), started}};
}

node_read read_list(const outcome<api_response>& response, const node_name& wanted, time_point started) {
  if (!response) return response.error();
  auto meaning = classify_node_list(*response, wanted);
  if (!meaning) return meaning.error();
  auto& [node, version] = *meaning;
  return read_node{{std::move(node), started}, std::move(version)};
}

class api_node_object_source final : public node_object_source {
 public:
  api_node_object_source(const asio::any_io_executor& executor, api_client_settings settings,
                         service_account& credentials)
      : channel_(executor, std::move(settings), credentials) {}

  asio::awaitable<node_read> get_node(node_name wanted) override {
    co_return co_await read(verb::get, get_target(wanted), wanted);
  }
  asio::awaitable<node_read> list_node(node_name wanted) override {
    co_return co_await read(verb::list, list_target(wanted), wanted);
  }

 private:
  asio::awaitable<node_read> read(verb what, std::string target, const node_name& wanted) {
    auto granted = co_await channel_.wait_for_permit();
    api_call call(channel_, std::move(granted));
    const auto response = co_await call.request(target);
    const auto started = call.request_started();
    auto result = what == verb::get ? read_get(response, wanted, started) : read_list(response, wanted, started);
    call.count(what, failure_reason(result));
    co_return result;
  }

  api_channel channel_;
};

}  // namespace

std::unique_ptr<node_object_source> create_node_object_source(const asio::any_io_executor& executor,
                                                              api_client_settings settings,
                                                              service_account& credentials) {
  return std::make_unique<api_node_object_source>(executor, std::move(settings), credentials);
}

}  // namespace sidecar::kube
