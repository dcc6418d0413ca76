#include "sidecar/net/loop_resolver.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "sidecar/base/clock.hpp"
#include "sidecar/net/coro.hpp"
#include "sidecar/net/nameserver_query.hpp"

namespace sidecar::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::chrono::seconds between_lookups{30};

/// Long enough for all that has come meanwhile: health checks, signals, the end of whoever waits.
constexpr std::chrono::milliseconds between_steps{50};

/// One host's lookups.
struct lookups {
  std::optional<time_point> begun;  // the last one
  bool under_way = false;
  error_code failed;
  std::vector<tcp::endpoint> found;
  std::vector<loop_resolver_handler> waiting;
};

void finish(lookups& of) {
  const auto found = of.found;
  for (const auto& done : std::exchange(of.waiting, {})) done(of.failed, found);
}

asio::awaitable<void> look_up(asio::any_io_executor executor, std::string host, lookups& into) {
  using outcome = lookup_plan::outcome;
  co_await asio::post(executor, asio::use_awaitable);  // whoever asked is still at it
  lookup_plan plan(host, read_resolver_settings());
  into.failed = asio::error::host_not_found;
  while (const auto step = plan.next()) {
    auto result = ask_nameserver(*step);
    plan.note(result.what);
    if (result.what == outcome::found) {
      into.found = std::move(result.addresses);
      into.failed.clear();
      break;
    }
    if (step->nameserver && result.what != outcome::absent) into.failed = asio::error::host_not_found_try_again;
    asio::steady_timer pause(executor, between_steps);
    co_await pause.async_wait(use_result);
  }
}

class loop_resolver final : public asio::execution_context::service {
 public:
  using key_type = loop_resolver;
  static inline asio::execution_context::id id{};

  explicit loop_resolver(asio::execution_context& owner) : service(owner) {}

  void resolve(const asio::any_io_executor& executor, const std::string& host, loop_resolver_handler done) {
    auto& mine = hosts_[host];
    mine.waiting.push_back(std::move(done));
    if (mine.under_way) return;
    const auto now = boottime_clock::now();
    if (mine.begun && now - *mine.begun < between_lookups) {
      asio::post(executor, [&mine] { finish(mine); });
      return;
    }
    auto steps = look_up(executor, host, mine);
    mine.under_way = true;
    mine.begun = now;
    asio::co_spawn(executor, std::move(steps), [&mine](std::exception_ptr error) {
      mine.under_way = false;
      if (error) mine.failed = asio::error::no_memory;
      finish(mine);
    });
  }

 private:
  void shutdown() override { hosts_.clear(); }

  std::map<std::string, lookups> hosts_;  // whose places stay where they are
};

}  // namespace

void resolve_on_loop(const asio::any_io_executor& executor, const std::string& host, loop_resolver_handler done) {
  auto& context = asio::query(executor, asio::execution::context);
  asio::use_service<loop_resolver>(context).resolve(executor, host, std::move(done));
}

}  // namespace sidecar::net
