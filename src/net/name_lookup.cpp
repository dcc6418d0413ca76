#include "sidecar/net/name_lookup.hpp"

#include <boost/asio/ip/address.hpp>
#include <utility>

#include "sidecar/net/event.hpp"

namespace sidecar::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct name_lookup::state {
  asio::any_io_executor executor;
  std::string host;
  std::uint16_t port;
  tcp::resolver resolver;
  bool literal = false;
  bool pending = false;
  bool trusted = false;
  addresses known{};
  error_code last_error{};
  std::shared_ptr<event> finished{};
};

name_lookup::name_lookup(asio::any_io_executor executor, std::string host, std::uint16_t port)
    : state_(new state{executor, std::move(host), port, tcp::resolver{executor}}) {
  error_code not_a_literal;
  const auto address = asio::ip::make_address(state_->host, not_a_literal);
  if (not_a_literal) return;
  state_->literal = true;
  state_->known.emplace_back(address, port);
}

name_lookup::~name_lookup() = default;

asio::awaitable<result<name_lookup::addresses>> name_lookup::find() {
  auto keep_alive = shared_from_this();
  auto& self = *state_;
  if (self.literal || self.trusted) co_return self.known;
  // A lookup that has outlived its caller is still under way: what worked before is worth a try.
  if (self.pending && !self.known.empty()) co_return self.known;
  if (!self.pending) start_lookup();
  if (!self.finished || self.finished->is_set()) self.finished = std::make_shared<event>(self.executor);
  auto finished = self.finished;
  co_await finished->wait();
  if (self.pending) co_return error_code{asio::error::operation_aborted};
  if (self.known.empty()) co_return self.last_error;
  co_return self.known;
}

void name_lookup::start_lookup() {
  state_->resolver.async_resolve(
      state_->host, std::to_string(state_->port),
      [self = shared_from_this()](error_code failed, const tcp::resolver::results_type& found) {
        auto& lookup = *self->state_;
        lookup.pending = false;
        lookup.last_error = failed;
        if (!failed) {
          lookup.known.assign(found.begin(), found.end());
          lookup.trusted = true;
        }
        if (lookup.finished) lookup.finished->set();
      });
  // Only now: where a process may have no more threads, async_resolve throws, and nothing would end the lookup.
  state_->pending = true;
}

void name_lookup::abandon() {
  if (state_->finished) state_->finished->set();
}

void name_lookup::distrust() { state_->trusted = false; }

bool name_lookup::is_pending() const noexcept { return state_->pending; }

}  // namespace sidecar::net
