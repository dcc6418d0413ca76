#pragma once

#include <string_view>

namespace sidecar {

/// The project's version, from CMakeLists.txt.
extern const std::string_view version;

}  // namespace sidecar
