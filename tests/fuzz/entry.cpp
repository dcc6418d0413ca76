#include "fuzz/fuzz.hpp"

/// Where libFuzzer comes in; an exception that gets here ends the process, and is a finding.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sidecar::fuzz::try_input({reinterpret_cast<const char*>(data), size});
  return 0;
}
