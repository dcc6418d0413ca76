#include "sidecar/base/shortage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

namespace sidecar {
namespace {

boost::system::error_code of(int number) { return {number, boost::system::system_category()}; }

TEST(DescriptorRemedy, IsAboutShortagesAlone) {
  struct row {
    int number;
    std::string remedy;
  };
  for (const auto& [number, remedy] : std::vector<row>{{EMFILE, "ulimit -n"},
                                                       {ENFILE, "fs.file-max"},
                                                       {ENOMEM, "memory of the container"},
                                                       {ENOBUFS, "memory of the container"}}) {
    EXPECT_THAT(std::string{descriptor_remedy(of(number))}, testing::HasSubstr(remedy)) << number;
  }
  for (const int number : {0, ECONNREFUSED, ENETUNREACH, EACCES, EAGAIN}) EXPECT_EQ(descriptor_remedy(of(number)), "");
}

TEST(ThreadRemedy, NamesTheCauseAsFarAsTheErrorTellsIt) {
  struct row {
    int number;
    std::string remedy;
  };
  for (const auto& [number, remedy] : std::vector<row>{{EPERM, "a seccomp profile refuses clone3"},
                                                       {EAGAIN, "at its limit of processes"},
                                                       {ENOMEM, "limits of the container"}}) {
    EXPECT_THAT(std::string{thread_remedy(of(number))},
                testing::AllOf(testing::HasSubstr(remedy), testing::HasSubstr("API server by an IP address")))
        << number;
  }
}

}  // namespace
}  // namespace sidecar
