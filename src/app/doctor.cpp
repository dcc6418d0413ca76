#include "sidecar/app/doctor.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <utility>
#include <variant>

#include "sidecar/app/app.hpp"
#include "sidecar/app/shutdown.hpp"
#include "sidecar/base/harden_process.hpp"
#include "sidecar/base/log.hpp"
#include "sidecar/config/parse.hpp"
#include "sidecar/doctor/checks.hpp"
#include "sidecar/doctor/examine.hpp"
#include "sidecar/doctor/pod_check.hpp"
#include "sidecar/net/coro.hpp"
#include "sidecar/probe/probe.hpp"
#include "sidecar/probe/probe_call.hpp"

namespace sidecar::app {

namespace asio = boost::asio;

namespace {

/// For the way to the sidecar and back, on top of its ANSWER_TIMEOUT.
constexpr std::chrono::milliseconds time_for_the_way{500};

std::chrono::sys_seconds wall_clock() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

/// Stops the context at its end: a name lookup that was given up goes on in its thread, and is not waited for.
asio::awaitable<void> examine_into(doctor::examination& out, asio::io_context& context, doctor::given_options options) {
  out = co_await doctor::examine(context.get_executor(), std::move(options), wall_clock);
  context.stop();
}

/// Whether the running sidecar answers and agrees. Blocks.
doctor::finding ask_sidecar(const doctor::examination& seen, const config::environment& variables) {
  namespace checks = doctor::checks;
  if (!variables.contains("KUBERNETES_SERVICE_HOST")) {
    return {doctor::level::ok, checks::sidecar, "not asked: this is no pod, so no sidecar is expected here"};
  }
  auto request = probe::own_probe(seen.settings);
  if (const auto* refused = std::get_if<config::configuration_errors>(&request)) {
    return {doctor::level::ok, checks::sidecar, "not asked: " + refused->front()};
  }
  auto& wanted = std::get<probe::probe_request>(request);
  // A query waits for ANSWER_TIMEOUT at most.
  wanted.timeout = std::max<std::chrono::milliseconds>(wanted.timeout, seen.settings.answer_timeout + time_for_the_way);
  const auto outcome = probe::query_once(wanted);
  doctor::sidecar_answer answer{.url = (wanted.url.tls ? "https://" : "http://") +
                                       config::host_and_port(wanted.url.host, wanted.url.port) + wanted.url.target};
  if (!outcome.response) answer.problem = outcome.line;
  if (outcome.response) {
    answer.status = outcome.response->status;
    answer.reason = outcome.response->reason;
    answer.is_held = !outcome.response->held.empty();
  }
  return doctor::check_sidecar(answer, seen.verdict);
}

}  // namespace

int doctor(const config::config& settings, const config::environment& variables, const config::flags& flags,
           bool json) try {
  harden_process();  // it has the token, too
  // What the files' readers would log is among the findings.
  log::configure(log::level::error, log::format::text);
  asio::io_context context{1};
  doctor::examination seen;
  asio::co_spawn(context, examine_into(seen, context, {settings, variables, flags}), net::rethrow);
  if (!run_loop(context)) return exit_failure;
  seen.found.push_back(ask_sidecar(seen, variables));
  std::cout << (json ? doctor::render_json(seen.found) : doctor::render_text(seen.found)) << std::flush;
  // Asio's destructor would join the resolver thread, which may block as long as its lookup takes.
  std::_Exit(doctor::has_failed(seen.found) ? exit_failure : exit_clean);
} catch (const std::exception& error) {
  log::error("doctor ended", {{"problem", error.what()}});
  return exit_failure;
}

}  // namespace sidecar::app
