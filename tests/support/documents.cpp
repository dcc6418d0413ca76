#include "support/documents.hpp"

namespace sidecar::test {

void insert_before(document_json& object, const char* key, document_json value,
                   std::initializer_list<const char*> followers) {
  if (object.contains(key)) {
    object[key] = std::move(value);
    return;
  }
  for (const char* follower : followers) {
    if (!object.contains(follower)) continue;
    document_json rebuilt = document_json::object();
    for (auto& [name, old] : object.get_ref<document_json::object_t&>()) {
      if (name == follower) rebuilt[key] = std::move(value);
      rebuilt[name] = std::move(old);
    }
    object = std::move(rebuilt);
    return;
  }
  object[key] = std::move(value);
}

void set_label_of(document_json& document, std::string_view key, std::string_view value) {
  document_json& metadata = document["metadata"];
  document_json labels = metadata.value("labels", document_json::object());
  labels[std::string{key}] = value;
  insert_before(metadata, "labels", std::move(labels), {"annotations", "finalizers", "managedFields"});
}

void remove_label_of(document_json& document, std::string_view key) {
  document_json& metadata = document["metadata"];
  if (!metadata.contains("labels")) return;
  metadata["labels"].erase(std::string{key});
  if (metadata["labels"].empty()) metadata.erase("labels");
}

void set_deleted(document_json& document, std::string_view when, int grace_seconds) {
  document_json& metadata = document["metadata"];
  insert_before(metadata, "deletionTimestamp", when, {"labels", "annotations", "finalizers", "managedFields"});
  insert_before(metadata, "deletionGracePeriodSeconds", grace_seconds,
                {"labels", "annotations", "finalizers", "managedFields"});
}

void set_version_of(document_json& document, std::uint64_t version) {
  document["metadata"]["resourceVersion"] = std::to_string(version);
}

std::string document_text(const document_json& document) {
  return document.dump(-1, ' ', false, document_json::error_handler_t::replace) + "\n";
}

}  // namespace sidecar::test
