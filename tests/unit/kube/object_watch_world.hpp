#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sidecar/kube/object_watch.hpp"
#include "unit/kube/api_client_world.hpp"

namespace sidecar::kube {

/// A watch on demo/game-0 at a server that lets it, and a protocol of its steps: "accepted", "changed 201".
struct watch_world : client_world {
  explicit watch_world(const test::api_server::options& options = {}) : client_world(options) {
    version = std::to_string(server.resource_version());
  }

  /// Takes one step after the other to the end.
  static boost::asio::awaitable<watch_end> follow(watch_world& world, std::shared_ptr<object_watch> watch) {
    for (;;) {
      auto step = co_await watch->next();
      if (auto* ended = std::get_if<watch_end>(&step)) co_return std::move(*ended);
      const auto* event = std::get_if<watch_event>(&step);
      world.delivered.push_back(event ? name_of(*event) : "accepted");
      if (world.delivered.back() == world.close_after) watch->close();
    }
  }

  static std::string name_of(const watch_event& event) {
    constexpr std::array names{"changed ", "deleted ", "bookmark ", "error ", "unknown "};
    return names.at(static_cast<std::size_t>(event.what)) + event.resource_version;
  }

  /// The source is made by the first, so that `settings` can be changed before.
  void begin() {
    if (!source) source = create_watch_source(context.get_executor(), settings, credentials);
    delivered.clear();
    watch = source->watch(version, length);
    under_way = test::start(context, follow(*this, watch));
  }

  bool has_ended() const { return under_way->value || under_way->error; }

  bool run_until_delivered(const std::string& what) {
    return run_until([&] { return has_ended() || (!delivered.empty() && delivered.back() == what); }) && !has_ended();
  }

  watch_end finish_watch() {
    EXPECT_TRUE(run_until([&] { return has_ended(); })) << "the watch does not end";
    return under_way->value.value_or(watch_end{watch_end::manner::completed});
  }

  watch_end run() {
    begin();
    return finish_watch();
  }

  std::string later(std::uint64_t by) const { return std::to_string(std::stoull(version) + by); }

  std::string version;  ///< to begin from
  std::chrono::seconds length{300};
  std::vector<std::string> delivered;
  std::string close_after;  ///< the step after which the watch is closed
  std::unique_ptr<watch_source> source;
  std::shared_ptr<object_watch> watch;  ///< the newest
  std::shared_ptr<test::started<watch_end>> under_way;
};

}  // namespace sidecar::kube
