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
const std::string not_the_mode = "SELinux or AppArmor forbids it";

struct row {
  std::string name;
  file_owner denied;
  file_reader reader;
  std::string facts;
  std::string what_to_do;
};
void PrintTo(const row& one, std::ostream* out) { *out << one.name; }

class ExplainDenial : public testing::TestWithParam<row> {};

TEST_P(ExplainDenial, SaysWhatThereIsToSeeAndWhatToDo) {
  const auto& [name, denied, reader, facts, what_to_do] = GetParam();
  const auto text = explain_denial(token, denied, reader);
  EXPECT_THAT(text, AllOf(testing::StartsWith("permission denied: "), HasSubstr(facts), HasSubstr(what_to_do)));
  EXPECT_THAT(text, Not(HasSubstr(what_to_do == advice ? not_the_mode : advice)));
}

const std::vector<row> rows{
    {"RootsFile",
     {token, S_IFREG | 0600, 0, 0},
     {10001, 10001},
     "its mode is 0600, its owner uid 0 and gid 0; this process is uid 10001 and gid 10001",
     advice},
    {"FileOfAGroupThatIsNotOurs",
     {token, S_IFREG | 0640, 0, 2000},
     {10001, 10001},
     "its mode is 0640, its owner uid 0 and gid 2000",
     advice},
    {"OurGroupsFileThatTheGroupMayNotRead", {token, S_IFREG | 0604, 0, 2000}, {10001, 2000}, "0604", advice},
    {"OurOwnFileThatTheOwnerMayNotRead", {token, S_IFREG | 0044, 10001, 0}, {10001, 10001}, "0044", advice},
    {"WriteIsNotRead", {token, S_IFREG | 0622, 0, 0}, {10001, 10001}, "0622", advice},
    {"RootWithoutItsCapabilities",
     {token, S_IFREG | 0600, 10001, 10001},
     {0, 0},
     "its owner uid 10001 and gid 10001; this process is uid 0 and gid 0",
     advice},
    {"EveryonesFile", {token, S_IFREG | 0644, 0, 0}, {10001, 10001}, "0644", not_the_mode},
    {"OurGroupsFile", {token, S_IFREG | 0640, 0, 2000}, {10001, 2000}, "0640", not_the_mode},
    {"OurOwnFile", {token, S_IFREG | 0400, 10001, 0}, {10001, 10001}, "0400", not_the_mode},
    {"DirectoryInTheWay",
     {"/sa", S_IFDIR | 0700, 0, 0},
     {10001, 10001},
     "the directory /sa is in the way; its mode is 0700, its owner uid 0 and gid 0",
     advice},
    {"DirectoryThatMayBeListedAndNotEntered", {"/sa", S_IFDIR | 0744, 0, 0}, {10001, 10001}, "0744", advice},
    {"DirectoryThatMayBeEntered", {"/sa", S_IFDIR | 0711, 0, 0}, {10001, 10001}, "0711", not_the_mode},
    {"SpecialBits", {token, S_IFREG | 06600, 0, 0}, {10001, 10001}, "its mode is 6600", advice},
};

INSTANTIATE_TEST_SUITE_P(Rows, ExplainDenial, testing::ValuesIn(rows),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace sidecar
