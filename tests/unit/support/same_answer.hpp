#pragma once

#include <optional>

#include "support/http_client.hpp"

namespace sidecar::test {

/// All but the server's own values (Audit-Id, Date) must be equal, the chunks too.
void expect_same(const std::optional<http_response>& ours, const http_response& recorded);

}  // namespace sidecar::test
