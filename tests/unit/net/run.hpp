#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace sidecar::test {

/// Runs until `condition` holds, and no longer than a test may take; false if it does not hold.
template <class Condition>
bool run_until(boost::asio::io_context& context, Condition condition) {
  context.restart();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (!condition() && std::chrono::steady_clock::now() < end) context.run_one_for(std::chrono::milliseconds{100});
  return condition();
}

/// Runs what is ready to, and waits for nothing.
inline void run_ready(boost::asio::io_context& context) {
  context.restart();
  context.poll();
}

/// A coroutine under way, and what it came to.
template <class T>
struct started {
  std::optional<T> value;
  std::exception_ptr error;
};

template <class T>
std::shared_ptr<started<T>> start(boost::asio::io_context& context, boost::asio::awaitable<T> work) {
  auto slot = std::make_shared<started<T>>();
  boost::asio::co_spawn(context, std::move(work), [slot](std::exception_ptr error, T value) {
    slot->error = error;
    if (!error) slot->value.emplace(std::move(value));
  });
  return slot;
}

/// Runs `work` to its end. Throws what it threw, and std::bad_optional_access if it does not come to an end.
template <class T>
T run(boost::asio::io_context& context, boost::asio::awaitable<T> work) {
  auto slot = start(context, std::move(work));
  run_until(context, [&] { return slot->value || slot->error; });
  if (slot->error) std::rethrow_exception(slot->error);
  return std::move(slot->value.value());
}

}  // namespace sidecar::test
