#pragma once

#include <boost/system/error_code.hpp>
#include <string_view>

/// PURE. What to do when the system refuses a resource. Each text is a lower-case clause to follow the error's message.
namespace sidecar {

/// For a descriptor (a file, a socket) that was refused with `problem`; empty if `problem` is no shortage.
std::string_view descriptor_advice(const boost::system::error_code& problem);

/// For a thread: pthread_create(3) returns the error of clone3(2). Never empty.
std::string_view thread_advice(const boost::system::error_code& problem);

}  // namespace sidecar
