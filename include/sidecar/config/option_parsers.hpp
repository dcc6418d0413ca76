#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sidecar/config/config.hpp"
#include "sidecar/config/parse.hpp"

/// PURE. The values of options that have rules of their own, for the table in options.cpp.
namespace sidecar::config {

parsed<std::vector<std::string>> parse_containers(std::string_view text);
parsed<std::string> parse_pod_name(std::string_view text);
parsed<std::string> parse_namespace(std::string_view text);
parsed<std::string> parse_node_name(std::string_view text);

/// 400 to 599.
parsed<unsigned> parse_unhealthy_status(std::string_view text);

/// Empty for `none`.
parsed<std::string> parse_maintenance_label(std::string_view text);
parsed<std::vector<std::string>> parse_drain_taints(std::string_view text);

/// As parse_listen, but with the address written out.
parsed<listen_address> parse_status_listen(std::string_view text);
parsed<std::vector<std::string>> parse_status_hosts(std::string_view text);

/// An absolute path; `example` is for the hint.
parsed<std::string> parse_path(std::string_view text, std::string_view example);

}  // namespace sidecar::config
