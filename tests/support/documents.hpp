#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace sidecar::test {

/// @name Changes of an object's JSON that keep it as a real server would write it, whatever its kind.
/// @{
using document_json = nlohmann::ordered_json;

/// Go's encoder writes fields in the order of the type: puts `key` right before the first of `followers` present.
void insert_before(document_json& object, const char* key, document_json value,
                   std::initializer_list<const char*> followers);
void set_label_of(document_json& document, std::string_view key, std::string_view value);
void remove_label_of(document_json& document, std::string_view key);
/// Deleted, with so many seconds to go.
void set_deleted(document_json& document, std::string_view when, int grace_seconds);
void set_version_of(document_json& document, std::uint64_t version);
/// Compact, with the line end that the real server sends; bytes that are no UTF-8 are replaced.
std::string document_text(const document_json& document);
/// @}

}  // namespace sidecar::test
