#include "sidecar/kube/node_source.hpp"

#include <utility>

#include "sidecar/kube/api_call.hpp"
#include "sidecar/kube/cache_behind.hpp"
#include "sidecar/kube/classify.hpp"
#include "sidecar/kube/node_list_reader.hpp"
#include "sidecar/kube/request.hpp"
#include "sidecar/kube/resource_version.hpp"

namespace sidecar::kube {
namespace {

namespace asio = boost::asio;

class api_node_source final : public node_source {
 public:
  api_node_source(const asio::any_io_executor& executor, api_client_settings settings, health::requirement require,
                  service_account& credentials)
      : channel_(executor, std::move(settings), credentials), require_(require) {}

  asio::awaitable<std::variant<node_list, failure>> list_node() override;
  bool is_looking_up() const noexcept override { return channel_.endpoint.is_looking_up(); }

 private:
  /// What each pod's state in the list is at least as new as.
  struct bound {
    std::string version;
    time_point observed;
  };

  const api_client_settings& settings() const noexcept { return channel_.endpoint.settings(); }
  asio::awaitable<std::variant<bound, failure>> read_bound(api_call& call);
  asio::awaitable<std::variant<node_list, failure>> list(api_call& call, bound least);
  asio::awaitable<std::optional<failure>> read_pages(api_call& call, const bound& least, node_list_reader& reader);

  api_channel channel_;
  health::requirement require_;
  bool was_behind_ = false;  ///< the API server's cache, at the last call: the next one lists past it
};

asio::awaitable<std::variant<node_list, failure>> api_node_source::list_node() {
  auto granted = co_await channel_.wait_for_permit();
  api_call call(channel_, std::move(granted));
  auto least = co_await read_bound(call);
  if (const auto* problem = std::get_if<failure>(&least)) {
    call.count(verb::list, problem);
    co_return *problem;
  }
  auto result = co_await list(call, std::get<bound>(std::move(least)));
  call.count(verb::list, std::get_if<failure>(&result));
  co_return result;
}

/// A consistent read of one key, whether or not there is such a pod: its version is the newest of the cluster.
asio::awaitable<std::variant<api_node_source::bound, failure>> api_node_source::read_bound(api_call& call) {
  const auto target = list_target(settings().pod);
  auto came = co_await call.request(target);
  if (auto* problem = std::get_if<failure>(&came)) co_return std::move(*problem);
  auto read = classify_list(std::get<api_response>(came), settings().pod);
  if (auto* problem = std::get_if<failure>(&read)) co_return std::move(*problem);
  co_return bound{std::get<pod_list>(read).resource_version, call.request_started()};
}

asio::awaitable<std::variant<node_list, failure>> api_node_source::list(api_call& call, bound least) {
  node_list_reader reader(settings().node, require_, settings().maintenance_label);
  auto problem = co_await read_pages(call, least, reader);
  if (problem) co_return std::move(*problem);
  // Of a server, or a proxy, that ignores the bound.
  if (compare_versions(reader.version(), least.version) == version_order::older) {
    co_return protocol_failure("a list of pods at the resourceVersion " + reader.version() + ", older than " +
                               least.version + ", the newest");
  }
  co_return node_list{reader.take(), least.observed, reader.version()};
}

asio::awaitable<std::optional<failure>> api_node_source::read_pages(api_call& call, const bound& least,
                                                                    node_list_reader& reader) {
  const bool is_plain = std::exchange(was_behind_, false);
  auto target = node_list_target(settings().node, is_plain ? std::string_view{} : least.version);
  for (;;) {
    const auto came = co_await call.request(target, &reader);
    if (const auto* problem = std::get_if<failure>(&came)) co_return *problem;
    const auto& response = std::get<api_response>(came);
    was_behind_ = is_cache_behind(response);
    auto refused = unusable(response);
    if (refused) co_return refused;
    const auto ended = reader.end_page();
    if (const auto* problem = std::get_if<failure>(&ended)) co_return *problem;
    const auto& next = std::get<std::string>(ended);
    if (next.empty()) co_return std::nullopt;
    target = node_list_next_page(settings().node, next);
    co_await call.wait_for_rate();
  }
}

}  // namespace

std::unique_ptr<node_source> create_node_source(asio::any_io_executor executor, api_client_settings settings,
                                                health::requirement require, service_account& credentials) {
  return std::make_unique<api_node_source>(executor, std::move(settings), require, credentials);
}

}  // namespace sidecar::kube
