#pragma once

#include <string>

#include "sidecar/status/facts.hpp"
#include "sidecar/status/process_usage.hpp"

namespace sidecar::status {

/// PURE. The answer to /metrics. Every label value is there from the start, with 0: a rate needs two samples, and a
/// series that appears with its first error has none before. No name of a pod or a container is a label, since the
/// scraper knows both, and no client's, since clients could make any number. docs/monitoring.md lists the metrics.
std::string render_metrics(const facts& known, const process_usage& usage);

}  // namespace sidecar::status
