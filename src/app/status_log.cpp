#include "sidecar/app/status_log.hpp"

#include <string>
#include <vector>

#include "sidecar/base/log.hpp"

namespace sidecar::app {

void status_log::note(const transition& now) {
  const auto line = transitions_.note(now);
  if (!line && !log::enabled(log::level::debug)) return;
  const auto& [verdict, held] = now.given;
  std::vector<log::field> extra{{"reason", std::string{name(now.cause)}}, {"pod", to_string(target_.pod)}};
  if (!now.container.empty()) extra.push_back({"container", now.container});
  if (held) extra.push_back({"held", std::string{name(verdict.reason)}});
  if (now.cause == health::reason::pod_not_found) extra.push_back({"pod_name_from", target_.origin});
  if (!now.detail.empty()) extra.push_back({"detail", credentials_.redact_token(now.detail)});
  if (!line) return log::debug("as before", extra);
  log::write(line->level, line->message, extra);
}

void status_log::note(const watch_steps::notice& given) {
  const auto line = notices_.note(given, boottime_clock::now());
  if (!line) return;
  std::vector<log::field> extra{{"pod", to_string(target_.pod)}};
  if (!given.detail.empty()) extra.push_back({"detail", credentials_.redact_token(given.detail)});
  log::write(line->level, line->message, extra);
}

}  // namespace sidecar::app
