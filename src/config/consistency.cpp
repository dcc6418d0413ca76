#include "sidecar/config/consistency.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/base/number_text.hpp"
#include "sidecar/config/options.hpp"
#include "sidecar/config/parse.hpp"
#include "sidecar/config/ports.hpp"
#include "sidecar/config/setting.hpp"

namespace sidecar::config {
namespace {

// The input of the checks, and their output `found`.
struct review : options_read {
  configuration_errors& found;

  bool was_read(std::string_view name) const { return find(name) && !refused.contains(name); }
  bool is_missing(std::string_view name) const { return !find(name); }
  std::optional<setting> find(std::string_view name) const { return find_setting(name, variables, given); }
  void report(std::string_view name, std::string_view hint) const {
    const auto one = find(name);
    found.push_back(describe(one->name, one->value, hint));
  }
};

// A query that arrives just after an API request started needs the next one, which starts up to 1/API_QPS later and
// takes time itself. If waiting took more than half of ANSWER_TIMEOUT, most answers would come too late.
void check_rate(const review& input) {
  const config& settings = input.settings;
  if (input.refused.contains("API_QPS") || input.refused.contains("ANSWER_TIMEOUT")) return;
  const auto milliseconds = static_cast<double>(settings.answer_timeout.count());
  constexpr double min_product = 2'000;
  if (settings.api_qps == 0 || settings.api_qps * milliseconds >= min_product) return;
  const std::string min_rate = shortest_text(std::ceil(min_product / milliseconds * 100) / 100);
  if (input.find("API_QPS")) {
    return input.report("API_QPS", "calls would start further apart than half of ANSWER_TIMEOUT (" +
                                       to_text(settings.answer_timeout) + "): write at least " + min_rate +
                                       ", or 0 for no limit");
  }
  const std::chrono::milliseconds min_timeout{static_cast<std::int64_t>(std::ceil(min_product / settings.api_qps))};
  input.report("ANSWER_TIMEOUT", "calls start further apart than half of that (API_QPS is " +
                                     shortest_text(settings.api_qps) + "): write at least " + to_text(min_timeout) +
                                     ", or raise API_QPS to " + min_rate);
}

void check_requirement(const review& input) {
  if (!input.was_read("REQUIRE") || !input.was_read("TARGET_CONTAINER")) return;
  if (input.settings.require != requirement::pod) return;
  input.report("REQUIRE",
               "the pod's Ready condition covers all of its containers: remove TARGET_CONTAINER, or write "
               "containers here");
}

// What is about one pod would be ignored in node mode, and an override would answer for workloads that are not there.
void check_mode(const review& input) {
  const bool is_node = input.settings.mode == run_mode::node;
  if (is_node && input.is_missing("NODE_NAME")) {
    input.report("MODE", "node mode needs the name of its node: set " + variable_name("NODE_NAME") +
                             " (downward API: fieldPath spec.nodeName)");
  }
  if (!is_node && input.was_read("NODE_NAME")) {
    input.report("NODE_NAME", "this is about node mode: set MODE to node, or remove this");
  }
  if (!is_node) return;
  if (input.settings.maintenance_label == workload_label && input.was_read("MAINTENANCE_LABEL")) {
    input.report("MAINTENANCE_LABEL", "this label names the workloads of node mode: write another, or remove this");
  }
  for (const auto& [name, instead] : {
           std::pair{"TARGET_CONTAINER", "name the container in the path, /healthz/NAMESPACE/WORKLOAD/CONTAINER"},
           std::pair{"TARGET_POD_OVERRIDE", "label the pods instead, health-sidecar/name=WORKLOAD"},
           std::pair{"STATE_OVERRIDE", "label pods health-sidecar/maintenance=true to take them out"},
           std::pair{"SOURCE", "node mode always watches"},
       }) {
    if (input.is_missing(name)) continue;
    input.report(name, std::string{"node mode answers for many pods, and this is about one: remove it; "} + instead);
  }
}

void check_tls(const review& input) {
  if (input.was_read("TLS_KEY") && input.is_missing("TLS_CERT")) {
    input.report("TLS_KEY",
                 "a private key needs its certificate: name the certificate's file in TLS_CERT, or remove this");
  }
  if (input.was_read("TLS_CLIENT_CA") && input.is_missing("TLS_CERT")) {
    input.report("TLS_CLIENT_CA",
                 "client certificates need TLS: name the server's certificate in TLS_CERT, or remove this");
  }
}

// [::] accepts IPv4 too.
bool overlap(const listen_address& left, const listen_address& right) {
  const auto covers = [](const std::string& wide, const std::string& other) {
    return wide == "::" || (wide == "0.0.0.0" && other.find(':') == std::string::npos);
  };
  const bool same_address =
      left.address == right.address || covers(left.address, right.address) || covers(right.address, left.address);
  return same_address && left.port == right.port && left.port != 0;
}

// Of two ports that overlap the later one is reported.
void check_ports(const review& input) {
  auto used = ports_in_use(input.settings);
  std::erase_if(used, [&](const port_use& one) { return input.refused.contains(one.option); });
  std::set<std::int64_t> numbers;
  for (const auto& one : used) numbers.insert(one.address.port);
  for (auto later = used.begin(); later != used.end(); ++later) {
    const auto first =
        std::find_if(used.begin(), later, [&](const port_use& one) { return overlap(one.address, later->address); });
    if (first == later) continue;
    input.report(later->option, std::string{first->option} + " has that port already: write another, such as " +
                                    another_port(later->address, numbers));
  }
}

void check_status_port(const review& input) {
  for (const std::string_view option : {"STATUS_PAGE", "STATUS_HOSTS"}) {
    if (!input.was_read(option) || !input.is_missing("STATUS_LISTEN")) continue;
    input.report(option,
                 "this is about the status port, and there is none: write its address in STATUS_LISTEN, such as "
                 "127.0.0.1:3002, or remove this");
  }
}

void check_node_drain(const review& input) {
  if (input.settings.uses_node_drain() || !input.was_read("NODE_DRAIN_TAINTS") || input.refused.contains("NODE_DRAIN"))
    return;
  input.report("NODE_DRAIN_TAINTS", "nodes are not read: set NODE_DRAIN to true, or remove this");
}

}  // namespace

void check_consistency(const options_read& input, configuration_errors& found) {
  const review all{input, found};
  for (const auto check :
       {check_mode, check_rate, check_requirement, check_tls, check_ports, check_status_port, check_node_drain})
    check(all);
}

}  // namespace sidecar::config
