#include "support/node_commands.hpp"

#include <functional>
#include <stdexcept>

#include "support/control_parameters.hpp"
#include "support/http_request.hpp"

namespace sidecar::test {
namespace {

constexpr const char* no_node = "there is no such node; POST /node makes one, and so does a pod that names it";

void change(const node_request& wanted, const std::function<void(node&)>& action) {
  try {
    wanted.server.update_node(wanted.name, action);
  } catch (const std::out_of_range&) {
    throw std::invalid_argument{no_node};
  }
}

std::string key_or(const node_request& wanted, const char* otherwise) {
  return query_value(wanted.target, "key").value_or(otherwise);
}

void set_label(const node_request& wanted) {
  const std::string key = key_or(wanted, exclude_label);
  const auto value = query_value(wanted.target, "value");
  change(wanted, [&](node& one) {
    if (value) {
      one.set_label(key, *value);
    } else {
      one.remove_label(key);
    }
  });
}

}  // namespace

const std::vector<node_command>& node_commands() {
  static const std::vector<node_command> commands{
      {"POST /node", "", "makes it, without taints; another one if it is there",
       [](const node_request& wanted) { wanted.server.put_node(node{node_spec{.name = wanted.name}}); }},
      {"DELETE /node", "", "deletes it",
       [](const node_request& wanted) {
         if (!wanted.server.delete_node(wanted.name)) throw std::invalid_argument{no_node};
       }},
      {"POST /node-label", "[?key=KEY][&value=TEXT]",
       "a label, by itself the one that keeps it out of load balancers; without a value it goes", set_label},
      {"POST /taint", "[?key=KEY]", "a taint, by itself the cluster autoscaler's",
       [](const node_request& wanted) {
         change(wanted, [&](node& one) { one.set_taint(key_or(wanted, autoscaler_taint)); });
       }},
      {"DELETE /taint", "[?key=KEY]", "that taint goes",
       [](const node_request& wanted) {
         change(wanted, [&](node& one) { one.remove_taint(key_or(wanted, autoscaler_taint)); });
       }},
      {"POST /cordon", "", "as kubectl cordon",
       [](const node_request& wanted) { change(wanted, [](node& one) { one.cordon(); }); }},
      {"DELETE /cordon", "", "as kubectl uncordon",
       [](const node_request& wanted) { change(wanted, [](node& one) { one.uncordon(); }); }},
  };
  return commands;
}

}  // namespace sidecar::test
