#include "sidecar/base/file_access.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <ostream>
#include <string>
#include <vector>

namespace sidecar {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::string token = "/sa/token";
const std::string advice = "Set securityContext.fsGroup in the pod";
const std::string not_the_mode = "check SELinux, AppArmor";

struct row {
  std::string name;
  file_owner denied;
  process_ids process;
  std::string facts;
  std::string advice;
};
void PrintTo(const row& one, std::ostream* out) { *out << one.name; }

class ExplainDenial : public testing::TestWithParam<row> {};

TEST_P(ExplainDenial, ShowsModeOwnerAndProcessAndAdvises) {
  const auto& [name, denied, process, facts, expected_advice] = GetParam();
  const auto text = explain_denial(token, denied, process);
  EXPECT_THAT(text, AllOf(testing::StartsWith("permission denied: "), HasSubstr(facts), HasSubstr(expected_advice)));
  EXPECT_THAT(text, Not(HasSubstr(expected_advice == advice ? not_the_mode : advice)));
}

const std::vector<row> rows{
    {"FileOfRoot",
     {token, S_IFREG | 0600, 0, 0},
     {10001, 10001},
     "the file has mode 0600, owner uid 0 and gid 0; this process runs as uid 10001 and gid 10001",
     advice},
    {"FileOfAnotherGroup",
     {token, S_IFREG | 0640, 0, 2000},
     {10001, 10001},
     "the file has mode 0640, owner uid 0 and gid 2000",
     advice},
    {"FileOfOurGroupWithoutGroupPermission", {token, S_IFREG | 0604, 0, 2000}, {10001, 2000}, "0604", advice},
    {"OurFileWithoutOwnerPermission", {token, S_IFREG | 0044, 10001, 0}, {10001, 10001}, "0044", advice},
    {"WritePermissionOnly", {token, S_IFREG | 0622, 0, 0}, {10001, 10001}, "0622", advice},
    {"RootWithoutCapabilities",
     {token, S_IFREG | 0600, 10001, 10001},
     {0, 0},
     "owner uid 10001 and gid 10001; this process runs as uid 0 and gid 0",
     advice},
    {"FileReadableByAll", {token, S_IFREG | 0644, 0, 0}, {10001, 10001}, "0644", not_the_mode},
    {"FileReadableByOurGroup", {token, S_IFREG | 0640, 0, 2000}, {10001, 2000}, "0640", not_the_mode},
    {"FileReadableByUs", {token, S_IFREG | 0400, 10001, 0}, {10001, 10001}, "0400", not_the_mode},
    {"DirectoryOfRoot",
     {"/sa", S_IFDIR | 0700, 0, 0},
     {10001, 10001},
     "the directory /sa has mode 0700, owner uid 0 and gid 0",
     advice},
    {"DirectoryWithoutExecutePermission", {"/sa", S_IFDIR | 0744, 0, 0}, {10001, 10001}, "0744", advice},
    {"DirectoryWithExecutePermission", {"/sa", S_IFDIR | 0711, 0, 0}, {10001, 10001}, "0711", not_the_mode},
    {"SpecialBits", {token, S_IFREG | 06600, 0, 0}, {10001, 10001}, "has mode 6600", advice},
};

INSTANTIATE_TEST_SUITE_P(Rows, ExplainDenial, testing::ValuesIn(rows),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace sidecar
