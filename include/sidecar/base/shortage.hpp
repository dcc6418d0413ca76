#pragma once

#include <boost/system/error_code.hpp>
#include <string_view>

namespace sidecar {

/// PURE. What to do about a descriptor (a file, a socket) that the system refused with `problem`; empty if that is no
/// shortage. As a sentence's end, in lower case: "raise the limit of open files ...".
std::string_view descriptor_remedy(const boost::system::error_code& problem);

/// PURE. The same for a thread: pthread_create(3) hands on what clone3(2) said. Never empty.
std::string_view thread_remedy(const boost::system::error_code& problem);

}  // namespace sidecar
