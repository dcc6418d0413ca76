#include "support/pod_commands.hpp"

#include <functional>
#include <stdexcept>
#include <utility>

#include "support/control_parameters.hpp"
#include "support/uuid.hpp"

namespace sidecar::test {
namespace {

constexpr const char* no_pod = "there is no such pod; POST /pod makes one, POST /reset puts the first one back";

std::string value_or(const pod_request& wanted, std::string_view name, const char* otherwise) {
  return query_value(wanted.target, name).value_or(otherwise);
}

void change(const pod_request& wanted, const std::function<void(pod&)>& action) {
  bool found = false;
  try {
    wanted.server.update_pod(wanted.name_space, wanted.name, [&](pod& document) {
      found = true;
      action(document);
    });
  } catch (const std::out_of_range&) {
    if (found) throw;
    throw std::invalid_argument{no_pod};
  }
}

void make_one(const pod_request& wanted) {
  wanted.server.put_pod(pod{workload_pod(wanted.name_space, wanted.name, required(wanted.target, "workload"),
                                         value_or(wanted, "node", "node-a"))});
}

void make_many(const pod_request& wanted) {
  const std::size_t count = required_number(wanted.target, "count");
  const std::size_t workloads = required_number(wanted.target, "workloads");
  if (count > 100000 || workloads == 0) throw std::invalid_argument{"at most 100000 pods, at least one workload"};
  const std::string workload = required(wanted.target, "workload");
  const std::string node = value_or(wanted, "node", "node-a");
  std::vector<pod> pods;
  for (std::size_t i = 0; i < count; ++i) {
    pods.emplace_back(workload_pod(wanted.name_space, wanted.name + "-" + std::to_string(i),
                                   workload + "-" + std::to_string(i % workloads), node));
  }
  wanted.server.put_pods(std::move(pods));
}

void set_ready(const pod_request& wanted) {
  const std::string container = required(wanted.target, "container");
  const bool ready = required_bool(wanted.target, "value");
  change(wanted, [&](pod& document) { document.set_ready(container, ready); });
}

void set_label(const pod_request& wanted) {
  const std::string key = value_or(wanted, "key", workload_label);
  const auto value = query_value(wanted.target, "value");
  change(wanted, [&](pod& document) {
    if (value) {
      document.set_label(key, *value);
    } else {
      document.remove_label(key);
    }
  });
}

void set_condition(const pod_request& wanted) {
  const std::string type = required(wanted.target, "type");
  const std::string status = required(wanted.target, "status");
  const std::string reason = value_or(wanted, "reason", "");
  change(wanted, [&](pod& document) { document.set_condition(type, status, reason); });
}

}  // namespace

const std::vector<pod_command>& pod_commands() {
  static const std::vector<pod_command> commands{
      {"POST /pod", "?workload=NAME[&node=NAME]", "makes it, ready, with a container `app`; another one if it is there",
       make_one},
      {"POST /pods", "?count=COUNT&workload=NAME&workloads=COUNT[&node=NAME]",
       "so many at once, numbered from 0, of workloads that are numbered too", make_many},
      {"POST /ready", "?container=NAME&value=BOOL", "a container's readiness", set_ready},
      {"POST /label", "[?key=KEY][&value=TEXT]", "a label, by itself the workload's; without a value it goes",
       set_label},
      {"POST /move", "?node=NAME", "to another node",
       [](const pod_request& wanted) {
         const std::string node = required(wanted.target, "node");
         change(wanted, [&node](pod& document) { document.set_node(node); });
       }},
      {"POST /condition", "?type=NAME&status=TEXT[&reason=TEXT]", "a condition of its status", set_condition},
      {"POST /replace", "", "the same pod under another uid",
       [](const pod_request& wanted) { change(wanted, [](pod& document) { document.set_uid(make_uuid()); }); }},
      {"POST /terminate", "", "sets its deletionTimestamp (/reset undoes it for the first pod)",
       [](const pod_request& wanted) { change(wanted, [](pod& document) { document.terminate(); }); }},
      {"DELETE /pod", "", "deletes it",
       [](const pod_request& wanted) {
         if (!wanted.server.delete_pod(wanted.name_space, wanted.name)) throw std::invalid_argument{no_pod};
       }},
  };
  return commands;
}

}  // namespace sidecar::test
