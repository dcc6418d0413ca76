#pragma once

#include <optional>
#include <string_view>

#include "sidecar/kube/failure.hpp"
#include "sidecar/kube/response_parser.hpp"

namespace sidecar::kube {

/// Takes the body of a 200 as it arrives.
class body_reader {
 public:
  virtual ~body_reader() = default;

  /// The next bytes, at least one. A failure is final.
  virtual std::optional<failure> read(std::string_view bytes) = 0;
};

/// PURE. Parses one response incrementally, and hands the body of a 200 that is not compressed to `into`, if there is
/// one, in place of keeping it. Never throws.
class response_reader {
 public:
  explicit response_reader(const response_limits& limits, body_reader* into = nullptr)
      : parser_(limits, into == nullptr ? response_parser::body::kept : response_parser::body::handed_on),
        into_(into) {}

  /// Consumes all of `bytes`. A failure: that of `into`, else api_protocol; after it only an unfinished response may be
  /// taken.
  outcome<response_parser::progress> feed(std::string_view bytes);

  response_parser& parser() noexcept { return parser_; }

 private:
  response_parser parser_;
  body_reader* into_;
};

}  // namespace sidecar::kube
