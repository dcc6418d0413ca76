#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <set>
#include <string>

/// Which rows of the catalogue's API side there are, and where a row here is not what the catalogue says.
namespace sidecar::test {
namespace {

constexpr int rows = 36;
constexpr int graces = 2;

struct remark {
  const char* row;
  const char* catalogue;
  const char* here;
};

constexpr remark differences[] = {
    {"A01", "one log line a cause (all rows)", "in logs_test, where a fault lasts"},
    {"A02", "reply within 900 ms", "ANSWER_TIMEOUT is 900 ms; the test allows a balancer's second"},
    {"A03", "the next probe right within 1 s",
     "API_TIMEOUT is 800 ms: a call that hangs is the only one under way, and the next begins when it has ended"},
    {"A16", "no call before min(Retry-After, 60 s)", "5 s at most, as the design has it"},
    {"A16", "invalid: default back-off", "1/API_QPS is the only back-off there is"},
    {"A27", "null or missing: UNKNOWN or NOT_READY", "absent status: not ready (ContainerStatusUnknown), never held"},
    {"A28", "another uid: NOT_READY", "500 PodReplaced at once, never held"},
    {"A34", "60 s, at most 5 calls a second", "20 changes of the server at API_QPS 10, the default: 2 s"},
    {"A35", "per configuration", "always 500 NodeLost; the design leaves no choice"},
    {"A36", "tables of the pure evaluator", "the real program here; the tables are among the unit tests"},
};

/// From "A07Server..." of a suite that begins with "With/Api": "A07".
std::string row_of(const testing::TestInfo& test) {
  const std::string name{test.name()};
  return name.size() > 3 && name.front() == 'A' && name.find_first_not_of("0123456789", 1) == 3 ? name.substr(0, 3)
                                                                                                : "";
}

std::map<std::string, std::set<std::string>> graces_of_rows() {
  std::map<std::string, std::set<std::string>> found;
  const auto& all = *testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const auto& suite = *all.GetTestSuite(i);
    for (int j = 0; j < suite.total_test_count(); ++j) {
      const auto& test = *suite.GetTestInfo(j);
      const std::string name{test.name()};
      if (const auto row = row_of(test); !row.empty()) found[row].insert(name.substr(name.rfind('/') + 1));
    }
  }
  return found;
}

TEST(Catalogue, HasEveryRowAtBothGracesAndSaysWhereItDiffers) {
  const auto found = graces_of_rows();
  for (int i = 1; i <= rows; ++i) {
    const auto row = (i < 10 ? "A0" : "A") + std::to_string(i);
    const auto tested = found.find(row);
    EXPECT_EQ(tested == found.end() ? 0 : tested->second.size(), std::size_t{graces}) << row;
  }
  for (const auto& one : differences) {
    std::cout << one.row << "  differs  " << one.catalogue << " | " << one.here << '\n';
    EXPECT_EQ(found.count(one.row), 1U) << one.row;
  }
  if (!HasFailure()) std::cout << "every row applies\n";
}

}  // namespace
}  // namespace sidecar::test
