#include "sidecar/http/connection.hpp"

#include <utility>

#include "sidecar/http/connection_table.hpp"

namespace sidecar::http {

using std::chrono::steady_clock;

connection::connection(boost::asio::ip::tcp::socket accepted, const boost::asio::ip::tcp::endpoint& client,
                       connection_table& table)
    : stream_(std::move(accepted)), client_(client), table_(table), deadline_(steady_clock::time_point::max()) {
  table.add(*this);
}

connection::~connection() { table_.remove(*this); }

void connection::enter(phase next, std::chrono::milliseconds limit) {
  enter(next);
  place_.since = steady_clock::now();
  deadline_ = place_.since + limit;
  table_.note_deadline(deadline_);
}

void connection::enter(phase next) noexcept {
  place_.doing = next;
  deadline_ = steady_clock::time_point::max();
  stream_.renew();
}

void connection::expire() noexcept {
  deadline_ = steady_clock::time_point::max();
  stream_.expire();
  if (waiting_ != nullptr) waiting_->set();
}

void connection::close() noexcept {
  stream_.close();
  if (waiting_ != nullptr) waiting_->set();
}

}  // namespace sidecar::http
