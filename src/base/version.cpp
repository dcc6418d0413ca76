#include "sidecar/base/version.hpp"

namespace sidecar {

const std::string_view version = SIDECAR_VERSION;

}  // namespace sidecar
