// The stand-in's watches beside those of a real server.

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "recording.hpp"
#include "requests.hpp"
#include "same_answer.hpp"

namespace sidecar::test {
namespace {

std::string object_of(const std::string& line) {
  const std::string key = R"(,"object":)";
  const std::size_t begin = line.find(key) + key.size();
  return line.substr(begin, line.size() - begin - 1);
}

std::string name_in(const http_response& recorded) {
  return nlohmann::json::parse(recorded.body.substr(0, recorded.body.find('\n')))["object"]["metadata"]["name"];
}

std::string version_in(const std::string& line) {
  return nlohmann::json::parse(line)["object"]["metadata"]["resourceVersion"];
}

/// Makes happen what the lines of a recording tell of.
class story {
 public:
  explicit story(const std::string& recording) : recorded{load_recording(recording)}, name_{name_in(recorded)} {
    std::istringstream text{recorded.body};
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    fixture.server.delete_pod();
  }

  void watch(http_client& client, const std::string& query) {
    const std::string path = "/api/v1/namespaces/demo/pods?watch=true&fieldSelector=metadata.name=" + name_;
    const std::uint64_t before = fixture.server.counts().watches;
    client.send(get(fixture.token, path + query));
    fixture.server.wait_for([before](const server_counts& counts) { return counts.watches > before; });
  }

  void happen(const std::string& line) {
    const std::string type = nlohmann::json::parse(line)["type"];
    if (type == "DELETED") {
      fixture.server.delete_pod("demo", name_);
    } else if (type == "BOOKMARK") {
      reach(version_in(line));
      fixture.server.send_bookmark();
    } else {
      fixture.server.put_document("demo", name_, object_of(line) + "\n");
    }
  }

  void reach(const std::string& version) {
    fixture.server.advance(std::stoull(version) - fixture.server.resource_version());
  }

  ready_server fixture;
  http_response recorded;
  std::vector<std::string> lines;

 private:
  std::string name_;
};

class RecordedWatch : public testing::TestWithParam<const char*> {};

TEST_P(RecordedWatch, WithoutAVersionComesByteForByte) {
  story told{GetParam()};
  told.happen(told.lines[0]);
  told.reach(version_in(told.lines[1]));
  http_client client = told.fixture.connect();
  told.watch(client, "&allowWatchBookmarks=true");
  for (std::size_t i = 2; i < told.lines.size(); ++i) told.happen(told.lines[i]);
  if (told.recorded.chunks.back() == 0) {
    told.fixture.server.end_watches();
    return expect_same(client.read_response(), told.recorded);
  }
  told.fixture.server.wait_for([](const server_counts& counts) { return counts.events == 2; });
  told.fixture.server.stop();
  expect_same(parse_message(client.read_until_end()), told.recorded);
  EXPECT_EQ(client.last_end(), read_end::truncated);
}

INSTANTIATE_TEST_SUITE_P(All, RecordedWatch,
                         testing::Values("watch-added-modified", "watch-deleted", "watch-initial-events-bookmark",
                                         "watch-ended-by-server-shutdown"),
                         [](const auto& row) {
                           std::string name{row.param};
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(RecordedWatch, FromAnOldVersionComesByteForByte) {
  story told{"watch-expired-resource-version"};
  for (const std::string& line : told.lines) told.happen(line);
  http_client client = told.fixture.connect();
  told.watch(client, "&resourceVersion=210&allowWatchBookmarks=true");
  told.fixture.server.end_watches();
  expect_same(client.read_response(), told.recorded);
}

TEST(RecordedWatch, FromAVersionThatIsForgottenComesByteForByte) {
  ready_server fixture;
  fixture.server.advance(271 - fixture.server.resource_version());
  fixture.server.forget_history();
  http_client client = fixture.connect();
  const std::string request = get(fixture.token, "/api/v1/namespaces/demo/pods?watch=1&resourceVersion=1");
  expect_same(client.ask(request), load_recording("watch-gone-410-event"));
  EXPECT_EQ(client.ask(fixture.ask())->status, 200) << "the connection goes on";
}

}  // namespace
}  // namespace sidecar::test
