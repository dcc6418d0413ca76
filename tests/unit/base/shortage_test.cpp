#include "sidecar/base/shortage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

namespace sidecar {
namespace {

boost::system::error_code system_error(int number) { return {number, boost::system::system_category()}; }

TEST(DescriptorAdvice, IsGivenForShortagesOnly) {
  struct row {
    int number;
    std::string advice;
  };
  for (const auto& [number, advice] : std::vector<row>{{EMFILE, "ulimit -n"},
                                                       {ENFILE, "fs.file-max"},
                                                       {ENOMEM, "memory of the container"},
                                                       {ENOBUFS, "memory of the container"}}) {
    EXPECT_THAT(std::string{descriptor_advice(system_error(number))}, testing::HasSubstr(advice)) << number;
  }
  for (const int number : {0, ECONNREFUSED, ENETUNREACH, EACCES, EAGAIN})
    EXPECT_EQ(descriptor_advice(system_error(number)), "");
}

TEST(ThreadAdvice, NamesTheCauseThatTheErrorMeans) {
  struct row {
    int number;
    std::string advice;
  };
  for (const auto& [number, advice] : std::vector<row>{{EPERM, "a seccomp profile refuses clone3"},
                                                       {EAGAIN, "at its limit of processes"},
                                                       {ENOMEM, "limits of the container"}}) {
    EXPECT_THAT(std::string{thread_advice(system_error(number))},
                testing::AllOf(testing::HasSubstr(advice), testing::HasSubstr("API server by an IP address")))
        << number;
  }
}

}  // namespace
}  // namespace sidecar
