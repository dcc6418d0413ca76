#include "sidecar/http/agent_line.hpp"

namespace sidecar::http {

std::string agent_line(const health::answer& answer) {
  switch (answer.verdict.state) {
    case health::state::healthy:
      return "up ready\n";
    case health::state::unhealthy:
      if (is_drain(answer.verdict.reason)) return "up drain\n";
      return "down #" + std::string(name(answer.verdict.reason)) + '\n';
    case health::state::unknown:
      break;
  }
  return "\n";
}

}  // namespace sidecar::http
