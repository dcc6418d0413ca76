#include "sidecar/kube/api_client.hpp"

#include <utility>

#include "sidecar/kube/api_call.hpp"
#include "sidecar/kube/classify.hpp"
#include "sidecar/kube/request.hpp"

namespace sidecar::kube {
namespace {

namespace asio = boost::asio;

class client final : public pod_source {
 public:
  client(const asio::any_io_executor& executor, api_client_settings settings, service_account& credentials)
      : channel(executor, std::move(settings), credentials),
        cache(this->settings().pod, this->settings().maintenance_label),
        on_first_pod(this->settings().on_first_pod) {}

  asio::awaitable<std::unique_ptr<pod_call>> begin_call() override;

  const api_client_settings& settings() const noexcept { return channel.endpoint.settings(); }

  /// A copy of the body for `on_first_pod`; empty if that has had its call.
  std::string keep_body(const api_response& response) const { return on_first_pod ? response.body : std::string{}; }
  void show(std::string body, const health::pod_state& found) {
    if (!on_first_pod || !std::holds_alternative<health::pod>(found)) return;
    std::exchange(on_first_pod, nullptr)(std::move(body));
  }

  // Used by one call at a time.
  api_channel channel;
  response_cache cache;
  std::function<void(std::string json)> on_first_pod;
};

class call final : public pod_call {
 public:
  call(client& owner, api_channel::permit granted) : client_(owner), call_(owner.channel, std::move(granted)) {}

  asio::awaitable<std::optional<failure>> prepare() override;
  asio::awaitable<fetch_result> get_pod() override;
  asio::awaitable<list_result> list_pod() override;

 private:
  fetch_result read_pod(outcome<api_response> response);
  list_result read_list(const outcome<api_response>& response);

  client& client_;
  api_call call_;
};

asio::awaitable<std::optional<failure>> call::prepare() {
  auto problem = co_await call_.make_ready();
  if (problem) call_.count(verb::get, problem->why);
  co_return problem;
}

asio::awaitable<fetch_result> call::get_pod() {
  const auto target = get_target(client_.settings().pod);
  auto response = co_await call_.request(target);
  auto result = read_pod(std::move(response));
  call_.count(verb::get, failure_reason(result));
  co_return result;
}

fetch_result call::read_pod(outcome<api_response> response) {
  if (!response) return response.error();
  auto body = client_.keep_body(*response);
  auto found = client_.cache.classify(std::move(*response));
  if (!found) return found.error();
  client_.show(std::move(body), *found);
  return health::snapshot{std::move(*found), call_.request_started()};
}

asio::awaitable<list_result> call::list_pod() {
  const auto target = list_target(client_.settings().pod);
  const auto response = co_await call_.request(target);
  auto result = read_list(response);
  call_.count(verb::list, failure_reason(result.found));
  co_return result;
}

list_result call::read_list(const outcome<api_response>& response) {
  if (!response) return {response.error()};
  auto meaning = classify_list(*response, client_.settings().pod, client_.settings().maintenance_label);
  if (!meaning) return {meaning.error()};
  auto& [pod, version] = *meaning;
  client_.show(client_.keep_body(*response), pod);
  return {health::snapshot{std::move(pod), call_.request_started()}, std::move(version)};
}

asio::awaitable<std::unique_ptr<pod_call>> client::begin_call() {
  auto granted = co_await channel.wait_for_permit();
  co_return std::make_unique<call>(*this, std::move(granted));
}

}  // namespace

std::unique_ptr<pod_source> create_api_client(asio::any_io_executor executor, api_client_settings settings,
                                              service_account& credentials) {
  return std::make_unique<client>(executor, std::move(settings), credentials);
}

}  // namespace sidecar::kube
