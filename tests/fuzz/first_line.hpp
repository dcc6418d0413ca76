#pragma once

#include <cstddef>
#include <string_view>

/// The rule of the first line once more, written without regard to the daemon's own.
namespace sidecar::fuzz {

/// What may come back to whoever sent a request that begins so.
enum class due { nothing, bare_body, answer };

/// By the first line of `bytes`, of which no more than `limit` are looked at; nothing if it has no end in them.
due due_to(std::string_view bytes, std::size_t limit);

/// How many of the lines in `bytes` end like a request line of HTTP: there are no more answers than that.
std::size_t lines_with_version(std::string_view bytes);

}  // namespace sidecar::fuzz
