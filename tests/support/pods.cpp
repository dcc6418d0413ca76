#include "support/pods.hpp"

#include <stdexcept>

#include "support/uuid.hpp"

namespace sidecar::test {
namespace {

using ordered = nlohmann::ordered_json;
// managedFields and kubectl's annotation have their keys sorted, the typed part of a pod has not.
using sorted = nlohmann::json;

constexpr const char* last_applied = "kubectl.kubernetes.io/last-applied-configuration";

std::string image_of(const container_spec& spec) {
  return spec.image.empty() ? "example/" + spec.name + ":1" : spec.image;
}

sorted applied_container(const container_spec& spec) {
  sorted container = {{"image", image_of(spec)}, {"name", spec.name}};
  if (spec.native_sidecar) container["restartPolicy"] = "Always";
  for (const port_spec& port : spec.ports) {
    sorted entry = {{"containerPort", port.number}};
    if (port.protocol != "TCP") entry["protocol"] = port.protocol;
    container["ports"].push_back(entry);
  }
  return container;
}

sorted applied_gates(const pod_spec& spec) {
  sorted gates = sorted::array();
  for (const std::string& gate : spec.readiness_gates) gates.push_back(sorted{{"conditionType", gate}});
  return gates;
}

std::string applied_configuration(const pod_spec& spec) {
  sorted metadata = {{"annotations", sorted::object()}, {"name", spec.name}, {"namespace", spec.name_space}};
  if (!spec.finalizers.empty()) metadata["finalizers"] = spec.finalizers;
  for (const auto& [name, value] : spec.labels) metadata["labels"][name] = value;
  sorted body = {{"serviceAccountName", "sidecar"}};
  for (const container_spec& container : spec.containers) body["containers"].push_back(applied_container(container));
  for (const container_spec& container : spec.init_containers) {
    body["initContainers"].push_back(applied_container(container));
  }
  if (!spec.node_name.empty()) body["nodeName"] = spec.node_name;
  if (!spec.readiness_gates.empty()) body["readinessGates"] = applied_gates(spec);
  if (spec.restart_policy != "Always") body["restartPolicy"] = spec.restart_policy;
  const sorted whole = {{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", metadata}, {"spec", body}};
  return whole.dump() + "\n";
}

sorted field_set(std::initializer_list<const char*> names) {
  sorted fields = sorted::object();
  for (const char* name : names) fields[name] = sorted::object();
  return fields;
}

sorted managed_container(const container_spec& spec) {
  sorted fields = field_set({".", "f:image", "f:imagePullPolicy", "f:name", "f:resources", "f:terminationMessagePath",
                             "f:terminationMessagePolicy"});
  if (spec.native_sidecar) fields["f:restartPolicy"] = sorted::object();
  for (const port_spec& port : spec.ports) {
    const sorted key = {{"containerPort", port.number}, {"protocol", port.protocol}};
    fields["f:ports"]["."] = sorted::object();
    fields["f:ports"]["k:" + key.dump()] = field_set({".", "f:containerPort", "f:protocol"});
  }
  return fields;
}

std::string key_of(const container_spec& spec) { return "k:" + sorted{{"name", spec.name}}.dump(); }

sorted managed_by_user(const pod_spec& spec) {
  sorted metadata = {{"f:annotations", field_set({"."})}};
  metadata["f:annotations"][std::string{"f:"} + last_applied] = sorted::object();
  if (!spec.finalizers.empty()) metadata["f:finalizers"] = field_set({"."});
  for (const std::string& finalizer : spec.finalizers) {
    metadata["f:finalizers"]["v:" + sorted(finalizer).dump()] = sorted::object();
  }
  if (!spec.labels.empty()) metadata["f:labels"] = field_set({"."});
  for (const auto& label : spec.labels) metadata["f:labels"]["f:" + label.first] = sorted::object();

  sorted body =
      field_set({"f:dnsPolicy", "f:enableServiceLinks", "f:restartPolicy", "f:schedulerName", "f:securityContext",
                 "f:serviceAccount", "f:serviceAccountName", "f:terminationGracePeriodSeconds"});
  for (const container_spec& container : spec.containers) {
    body["f:containers"][key_of(container)] = managed_container(container);
  }
  if (!spec.init_containers.empty()) body["f:initContainers"] = field_set({"."});
  for (const container_spec& container : spec.init_containers) {
    body["f:initContainers"][key_of(container)] = managed_container(container);
  }
  if (!spec.node_name.empty()) body["f:nodeName"] = sorted::object();
  if (!spec.readiness_gates.empty()) body["f:readinessGates"] = sorted::object();
  return {{"f:metadata", metadata}, {"f:spec", body}};
}

sorted managed_by_kubelet(const pod_spec& spec) {
  sorted status = field_set({"f:containerStatuses", "f:phase"});
  if (!spec.init_containers.empty()) status["f:initContainerStatuses"] = sorted::object();
  if (!spec.pod_ip.empty()) {
    status.update(field_set({"f:hostIP", "f:podIP"}));
    status["f:podIPs"] = field_set({"."});
    status["f:podIPs"]["k:" + sorted{{"ip", spec.pod_ip}}.dump()] = field_set({".", "f:ip"});
  }
  return {{"f:status", status}};
}

ordered managed_fields(const pod_spec& spec) {
  ordered entries = ordered::array();
  entries.push_back(ordered{{"manager", "kubectl-client-side-apply"},
                            {"operation", "Update"},
                            {"apiVersion", "v1"},
                            {"time", spec.created},
                            {"fieldsType", "FieldsV1"},
                            {"fieldsV1", ordered(managed_by_user(spec))}});
  if (spec.node_name.empty()) return entries;
  entries.push_back(ordered{{"manager", "kubectl-patch"},
                            {"operation", "Update"},
                            {"apiVersion", "v1"},
                            {"time", spec.status_written},
                            {"fieldsType", "FieldsV1"},
                            {"fieldsV1", ordered(managed_by_kubelet(spec))},
                            {"subresource", "status"}});
  return entries;
}

ordered metadata_of(const pod_spec& spec) {
  ordered metadata = {{"name", spec.name}, {"namespace", spec.name_space},
                      {"uid", spec.uid},   {"resourceVersion", "1"},
                      {"generation", 1},   {"creationTimestamp", spec.created}};
  for (const auto& [name, value] : spec.labels) metadata["labels"][name] = value;
  metadata["annotations"][last_applied] = applied_configuration(spec);
  if (!spec.finalizers.empty()) metadata["finalizers"] = spec.finalizers;
  metadata["managedFields"] = managed_fields(spec);
  return metadata;
}

ordered container_of(const container_spec& spec) {
  ordered container = {{"name", spec.name}, {"image", image_of(spec)}};
  for (const port_spec& port : spec.ports) {
    container["ports"].push_back(ordered{{"containerPort", port.number}, {"protocol", port.protocol}});
  }
  container["resources"] = ordered::object();
  if (spec.native_sidecar) container["restartPolicy"] = "Always";
  container["terminationMessagePath"] = "/dev/termination-log";
  container["terminationMessagePolicy"] = "File";
  container["imagePullPolicy"] = "IfNotPresent";
  return container;
}

ordered toleration(const char* key) {
  return {{"key", key}, {"operator", "Exists"}, {"effect", "NoExecute"}, {"tolerationSeconds", 300}};
}

ordered spec_of(const pod_spec& spec) {
  ordered body = ordered::object();
  for (const container_spec& container : spec.init_containers) {
    body["initContainers"].push_back(container_of(container));
  }
  for (const container_spec& container : spec.containers) body["containers"].push_back(container_of(container));
  body["restartPolicy"] = spec.restart_policy;
  body["terminationGracePeriodSeconds"] = 30;
  body["dnsPolicy"] = "ClusterFirst";
  body["serviceAccountName"] = "sidecar";
  body["serviceAccount"] = "sidecar";
  if (!spec.node_name.empty()) body["nodeName"] = spec.node_name;
  body["securityContext"] = ordered::object();
  body["schedulerName"] = "default-scheduler";
  body["tolerations"].push_back(toleration("node.kubernetes.io/not-ready"));
  body["tolerations"].push_back(toleration("node.kubernetes.io/unreachable"));
  body["priority"] = 0;
  if (!spec.readiness_gates.empty()) body["readinessGates"] = applied_gates(spec);
  body["enableServiceLinks"] = true;
  body["preemptionPolicy"] = "PreemptLowerPriority";
  return body;
}

ordered running() {
  ordered state = ordered::object();
  state["running"]["startedAt"] = "2026-01-01T00:00:00Z";
  return state;
}

ordered terminated(int exit_code, const char* reason) {
  ordered state = ordered::object();
  state["terminated"] = {{"exitCode", exit_code}, {"reason", reason}, {"startedAt", nullptr}, {"finishedAt", nullptr}};
  return state;
}

ordered running_status(const container_spec& spec) {
  return {{"name", spec.name}, {"state", running()}, {"lastState", ordered::object()},
          {"ready", true},     {"restartCount", 0},  {"image", image_of(spec)},
          {"imageID", ""},     {"started", true}};
}

ordered status_of_spec(const pod_spec& spec) {
  if (spec.node_name.empty()) return {{"phase", "Pending"}, {"qosClass", "BestEffort"}};
  ordered status = {{"phase", "Running"}};
  if (!spec.pod_ip.empty()) {
    status["hostIP"] = "127.0.0.1";
    status["podIP"] = spec.pod_ip;
    status["podIPs"].push_back(ordered{{"ip", spec.pod_ip}});
  }
  for (const container_spec& container : spec.init_containers) {
    ordered entry = running_status(container);
    if (!container.native_sidecar) {
      // A plain init container that is done says ready: true for ever.
      entry["state"] = terminated(0, "Completed");
      entry["started"] = false;
    }
    status["initContainerStatuses"].push_back(entry);
  }
  for (const container_spec& container : spec.containers) {
    status["containerStatuses"].push_back(running_status(container));
  }
  status["qosClass"] = "BestEffort";
  return status;
}

}  // namespace

pod_spec workload_pod(const std::string& name_space, const std::string& name, const std::string& workload,
                      const std::string& node) {
  pod_spec spec;
  spec.name = name;
  spec.name_space = name_space;
  spec.uid = make_uuid();
  spec.labels = {{workload_label, workload}};
  spec.containers = {{"app", ""}};
  spec.node_name = node;
  return spec;
}

pod::pod(const pod_spec& spec)
    : document_{{"kind", "Pod"},
                {"apiVersion", "v1"},
                {"metadata", metadata_of(spec)},
                {"spec", spec_of(spec)},
                {"status", status_of_spec(spec)}} {}

pod::json& pod::status_of(std::string_view container) {
  json& status = document_["status"];
  for (const char* list : {"containerStatuses", "initContainerStatuses"}) {
    if (!status.contains(list)) continue;
    for (json& entry : status[list]) {
      if (entry.at("name") == container) return entry;
    }
  }
  throw std::out_of_range{"the pod has no status for container " + std::string{container}};
}

pod& pod::set_ready(std::string_view container, bool ready) {
  json& status = status_of(container);
  status["ready"] = ready;
  if (ready) {
    status["state"] = running();
    status["started"] = true;
  }
  return *this;
}

pod& pod::crash(std::string_view container) {
  json& status = status_of(container);
  status["state"] = json{{"waiting", {{"reason", "CrashLoopBackOff"}, {"message", "back-off 40s"}}}};
  status["lastState"] = terminated(1, "Error");
  status["ready"] = false;
  status["restartCount"] = 3;
  return *this;
}

pod& pod::finish(std::string_view container) {
  json& status = status_of(container);
  status["state"] = terminated(0, "Completed");
  status["ready"] = false;
  status["started"] = false;
  return *this;
}

pod& pod::remove_status(std::string_view container) {
  for (const char* list : {"containerStatuses", "initContainerStatuses"}) {
    if (!document_["status"].contains(list)) continue;
    json& entries = document_["status"][list];
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (entries[i].at("name") != container) continue;
      entries.erase(i);
      return *this;
    }
  }
  throw std::out_of_range{"the pod has no status for container " + std::string{container}};
}

pod& pod::set_phase(std::string_view phase) {
  document_["status"]["phase"] = phase;
  return *this;
}

pod& pod::set_condition(std::string_view type, std::string_view status, std::string_view reason) {
  json condition = {{"type", type}, {"status", status}, {"lastProbeTime", nullptr}, {"lastTransitionTime", nullptr}};
  if (!reason.empty()) condition["reason"] = reason;
  json conditions = document_["status"].value("conditions", json::array());
  for (json& known : conditions) {
    if (known.at("type") != type) continue;
    known = condition;
    document_["status"]["conditions"] = conditions;
    return *this;
  }
  conditions.push_back(condition);
  insert_before(document_["status"], "conditions", conditions,
                {"message", "reason", "hostIP", "podIP", "initContainerStatuses", "containerStatuses", "qosClass"});
  return *this;
}

pod& pod::terminate(std::string_view when, int grace_seconds) {
  json& metadata = document_["metadata"];
  metadata["generation"] = metadata.value("generation", 1) + 1;
  set_deleted(document_, when, grace_seconds);
  return *this;
}

pod& pod::lose_node() { return set_condition("ContainersReady", "True").set_condition("Ready", "False"); }

pod& pod::add_other_containers() {
  const auto status = [](const char* container, bool ready) {
    return json{{"name", container}, {"ready", ready}, {"restartCount", 0}, {"state", running()}};
  };
  // Braces around one value would make a list of it with GCC alone.
  document_["spec"]["initContainers"] = {{{"name", "setup"}}, {{"name", "proxy"}, {"restartPolicy", "Always"}}};
  document_["status"]["initContainerStatuses"] = {status("setup", true), status("proxy", true)};
  document_["spec"]["ephemeralContainers"] = json::array({{{"name", "debugger"}}});
  document_["status"]["ephemeralContainerStatuses"] = json::array({status("debugger", false)});
  return *this;
}

pod& pod::add_readiness_probes() {
  for (json& container : document_["spec"]["containers"]) {
    container["readinessProbe"]["exec"]["command"] = {"/bin/true"};
  }
  return *this;
}

pod& pod::set_label(std::string_view key, std::string_view value) {
  set_label_of(document_, key, value);
  return *this;
}

pod& pod::remove_label(std::string_view key) {
  remove_label_of(document_, key);
  return *this;
}

pod& pod::set_node(std::string_view node) {
  document_["spec"]["nodeName"] = node;
  return *this;
}

pod& pod::set_uid(std::string_view uid) {
  document_["metadata"]["uid"] = uid;
  return *this;
}

pod& pod::set_resource_version(std::uint64_t version) {
  set_version_of(document_, version);
  return *this;
}

}  // namespace sidecar::test
