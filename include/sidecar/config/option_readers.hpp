#pragma once

#include <string>
#include <string_view>

#include "sidecar/config/config.hpp"

/// PURE. One reader for each option, for the table in options.cpp: stores the value and returns an empty text, or
/// returns a hint what to write instead.
namespace sidecar::config {

std::string read_mode(std::string_view value, config& settings);
std::string read_node_name(std::string_view value, config& settings);
std::string read_containers(std::string_view value, config& settings);
std::string read_require(std::string_view value, config& settings);
std::string read_pod(std::string_view value, config& settings);
std::string read_namespace(std::string_view value, config& settings);
std::string read_state_override(std::string_view value, config& settings);
std::string read_listen(std::string_view value, config& settings);
std::string read_agent_listen(std::string_view value, config& settings);
std::string read_status_listen(std::string_view value, config& settings);
std::string read_status_page(std::string_view value, config& settings);
std::string read_status_hosts(std::string_view value, config& settings);
std::string read_unhealthy_status(std::string_view value, config& settings);
std::string read_drain_status(std::string_view value, config& settings);
std::string read_maintenance_label(std::string_view value, config& settings);
std::string read_node_drain(std::string_view value, config& settings);
std::string read_node_drain_taints(std::string_view value, config& settings);
std::string read_source(std::string_view value, config& settings);
std::string read_stale_grace(std::string_view value, config& settings);
std::string read_answer_timeout(std::string_view value, config& settings);
std::string read_api_timeout(std::string_view value, config& settings);
std::string read_api_qps(std::string_view value, config& settings);
std::string read_drain(std::string_view value, config& settings);
std::string read_api_server(std::string_view value, config& settings);
std::string read_service_account_dir(std::string_view value, config& settings);
std::string read_tls_cert(std::string_view value, config& settings);
std::string read_tls_key(std::string_view value, config& settings);
std::string read_tls_client_ca(std::string_view value, config& settings);
std::string read_log_level(std::string_view value, config& settings);
std::string read_log_format(std::string_view value, config& settings);

}  // namespace sidecar::config
