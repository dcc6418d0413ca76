#pragma once

#include <string_view>

namespace sidecar {

/// The project's version, as CMakeLists.txt has it.
extern const std::string_view version;

}  // namespace sidecar
