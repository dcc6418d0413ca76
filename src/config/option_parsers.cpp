#include "sidecar/config/option_parsers.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "sidecar/base/ascii.hpp"
#include "sidecar/base/text_list.hpp"
#include "sidecar/base/well_known.hpp"
#include "sidecar/config/dns1123.hpp"

namespace sidecar::config {
namespace {

/// A label or a taint may have such a key, but who writes it wants none.
bool looks_like_none(std::string_view text) {
  const auto lower = to_lower(text);
  return lower == "none" || lower == "false";
}

}  // namespace

parsed<std::vector<std::string>> parse_containers(std::string_view text) {
  std::vector<std::string> sorted = split_list(to_lower(text));
  std::ranges::sort(sorted);
  if (!std::ranges::all_of(sorted, is_dns1123_label)) {
    return refusal{
        "write a container's name as in the pod's spec: at most 63 letters, digits and '-', with a letter or digit "
        "at both ends; several of them with commas and without blanks, as in game,metrics"};
  }
  if (const auto duplicate = std::ranges::adjacent_find(sorted); duplicate != sorted.end()) {
    return refusal{"write each container's name once: " + *duplicate + " is there twice"};
  }
  return split_list(text);
}

parsed<std::string> parse_pod_name(std::string_view text) {
  if (is_dns1123_subdomain(text)) return std::string{text};
  return refusal{
      "write a pod's name as kubectl shows it, such as web-0: at most 253 lower-case letters, digits, '-' and '.'"};
}

parsed<std::string> parse_namespace(std::string_view text) {
  if (is_dns1123_label(text)) return std::string{text};
  return refusal{
      "write a namespace's name as kubectl shows it, such as default: at most 63 lower-case letters, digits and '-'"};
}

parsed<std::string> parse_node_name(std::string_view text) {
  if (is_dns1123_subdomain(text)) return std::string{text};
  return refusal{
      "write the node's name as kubectl shows it, such as node-a: at most 253 lower-case letters, digits, '-' and '.' "
      "(downward API: fieldPath spec.nodeName)"};
}

parsed<unsigned> parse_unhealthy_status(std::string_view text) {
  const auto status = parse_digits(text);
  if (!status || *status < 400 || *status > 599) return refusal{"write a status from 400 to 599, such as 500 or 503"};
  return static_cast<unsigned>(*status);
}

parsed<std::string> parse_maintenance_label(std::string_view text) {
  if (text == "none") return std::string{};
  if (looks_like_none(text)) return refusal{"write none, in lower case, if no label is to take the pod out"};
  if (is_label_key(text)) return std::string{text};
  return refusal{
      "write a label's key, such as " + std::string{default_maintenance_label} +
      ": a DNS name and a slash, or neither, then at most 63 letters, digits, '-', '_' and '.'; none: no label"};
}

parsed<std::vector<std::string>> parse_drain_taints(std::string_view text) {
  if (text == "none") return std::vector<std::string>{};
  std::vector<std::string> keys = split_list(text);
  for (const auto& key : keys) {
    if (!is_label_key(key)) {
      return refusal{
          "write the keys of taints, without values and effects, as in a.example/gone,spot: each a DNS name and a "
          "slash, or neither, then at most 63 letters, digits, '-', '_' and '.'; none: no taint counts"};
    }
    if (looks_like_none(key)) return refusal{"none stands alone, in lower case: no taint counts"};
    if (key == well_known::exclusion_label) return refusal{"this is a label, which always counts: leave it out"};
    if (key == well_known::cordon_taint) {
      return refusal{
          "a cordoned node still serves, and taking it out of load balancers has caused outages "
          "(kubernetes/kubernetes#65013): leave " +
          key + " out; to take a node out, label it " + std::string{well_known::exclusion_label}};
    }
  }
  return keys;
}

parsed<listen_address> parse_status_listen(std::string_view text) {
  const auto port = split_port(text).port;
  if (port && !parse_listen_port(*port)) return refusal{"the port is a number from 0 to 65535, as in [::]:3002"};
  auto outcome = parse_listen(text);
  const auto* address = std::get_if<listen_address>(&outcome);
  if (address != nullptr && !address->defaulted) return outcome;
  // Who can reach the port sees the pod and its clients, so that nothing opens it to all addresses unsaid.
  return refusal{
      "write the address out, in digits, IPv6 in brackets and without a zone: 127.0.0.1:3002 for this pod alone, "
      "[::]:3002 for every address"};
}

parsed<std::vector<std::string>> parse_status_hosts(std::string_view text) {
  std::vector<std::string> hosts;
  for (const auto& one : split_list(text)) {
    auto name = parse_dns_name(one);
    if (!name) {
      return refusal{
          "write DNS names as they stand in a URL, without scheme and port; several of them with commas and without "
          "blanks or wildcards, as in status.example.com,status.games.svc; an address is always accepted"};
    }
    hosts.push_back(std::move(*name));
  }
  return hosts;
}

parsed<std::string> parse_path(std::string_view text, std::string_view example) {
  constexpr std::size_t max_length = 4'000;  // leaves room for a file's name within PATH_MAX
  const bool is_clean = std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  if (text.starts_with('/') && text.size() <= max_length && is_clean) return std::string{text};
  return refusal{"write an absolute path, such as " + std::string{example}};
}

}  // namespace sidecar::config
