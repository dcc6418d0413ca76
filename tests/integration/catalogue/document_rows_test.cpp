#include <chrono>
#include <string>

#include "catalogue.hpp"

/// A25-A28, A34-A36: documents that are no truth, and what those that are come to.
namespace sidecar::test {
namespace {

using clock = std::chrono::steady_clock;

std::string repeated(const std::string& text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

/// A document whose `metadata` begins with that member.
std::string with_metadata(const std::string& member) {
  return replaced(pod{}.text(), "\"metadata\":{", "\"metadata\":{" + member + ",");
}

std::string changed(const std::function<void(pod&)>& change) {
  pod document;
  change(document);
  return document.text();
}

/// As it is while its init containers run.
void initialize(pod& of) {
  of.set_phase("Pending");
  auto& document = of.document();
  // Braces around one value would make a list of it with GCC alone.
  document["spec"]["initContainers"] = pod::json::array({{{"name", "setup"}}});
  const pod::json setup{{"name", "setup"}, {"ready", false}, {"restartCount", 0}};
  document["status"]["initContainerStatuses"] = pod::json::array({setup});
  document["status"].erase("containerStatuses");
}

class ApiDocument : public catalogue {};

TEST_P(ApiDocument, A25NestingIsBoundedAndTextIsNot) {
  open();
  const auto deep = repeated("{\"a\":", 200'000) + "1" + std::string(200'000, '}');
  const auto escaped = repeated(R"({\"a\":)", 200'000) + "1" + std::string(200'000, '}');
  try_each_within(
      4'000,
      {document("1 MB of [", std::string(1'000'000, '['), "ApiProtocol"), document("objects", deep, "ApiProtocol"),
       document("objects in metadata", with_metadata("\"annotations\":" + deep), "ApiProtocol"),
       document("arrays in metadata", with_metadata("\"x\":" + std::string(1'000'000, '[')), "ApiProtocol")});
  // nlohmann's parser keeps a text as it stands and as it reads, and copies it into the message of an error.
  try_each_within(6'000,
                  {document("objects in a text", with_metadata(R"("annotations":{"a":")" + escaped + "\"}"), "")});
  try_each_within(16'000, {document("a text cut off", '"' + std::string(2'000'000, 'x'), "ApiProtocol")});
}

TEST_P(ApiDocument, A26WhatIsNotJsonIsNoTruth) {
  open();
  const auto text = pod{}.text();
  try_each({document("nothing", "", "ApiProtocol"),
            document("invalid UTF-8", with_metadata("\"x\":\"\xff\xfe\""), "ApiProtocol"),
            document("half a UTF-8 sequence", with_metadata("\"x\":\"\xe2\x82\""), "ApiProtocol"),
            document("a lone surrogate", with_metadata(R"("x":"\ud800")"), "ApiProtocol"),
            document("NUL", with_metadata(std::string{"\"x\":\"a\0b\"", 9}), "ApiProtocol"),
            document("NUL at the end", text + std::string(1, '\0'), "ApiProtocol"),
            document("NaN", with_metadata("\"x\":NaN"), "ApiProtocol"),
            document("1e999", with_metadata("\"x\":1e999"), "ApiProtocol"),
            document("a comment", with_metadata("/* x */\"x\":1"), "ApiProtocol"),
            document("a comma too many", with_metadata("\"x\":[1,]"), "ApiProtocol"),
            document("garbage after it", text + "x", "ApiProtocol"),
            document("two documents", text + text, "ApiProtocol"), document("a BOM", "\xef\xbb\xbf" + text, ""),
            document("a number of 30 digits", with_metadata("\"x\":" + std::string(30, '9')), "")});
}

TEST_P(ApiDocument, A26NameTwiceOnAPathThatIsReadIsNoTruth) {
  open();
  const auto text = pod{}.text();
  try_each({document("ready", replaced(text, "\"ready\":true", R"("ready":false,"ready":true)"), "ApiProtocol"),
            document("name", replaced(text, "\"metadata\":{", R"("metadata":{"name":"game-0",)"), "ApiProtocol"),
            document("status", replaced(text, "\"status\":{", R"("status":{},"status":{)"), "ApiProtocol"),
            document("kind", replaced(text, "\"kind\":\"Pod\"", R"("kind":"Pod","kind":"Pod")"), "ApiProtocol"),
            document("one that is not read", with_metadata(R"("x":1,"x":2)"), "")});
}

TEST_P(ApiDocument, A27WrongTypesAreNeverReady) {
  open();
  const auto text = pod{}.text();
  const auto with_status = [](const pod::json& value) {
    return changed([&value](pod& of) { of.document()["status"] = value; });
  };
  const auto with_statuses = [](const pod::json& value) {
    return changed([&value](pod& of) { of.document()["status"]["containerStatuses"] = value; });
  };
  try_each({document("status is text", with_status("x"), "ApiProtocol"),
            document("status is a list", with_status(pod::json::array()), "ApiProtocol"),
            document("status is null", with_status(nullptr), "ContainerStatusUnknown"),
            document("no status", changed([](pod& of) { of.document().erase("status"); }), "ContainerStatusUnknown"),
            document("statuses are an object", with_statuses(pod::json::object()), "ApiProtocol"),
            document("statuses are null", with_statuses(nullptr), "ContainerStatusUnknown"),
            document("statuses are empty", with_statuses(pod::json::array()), "ContainerStatusUnknown"),
            document("a status is a number", with_statuses({1, 2}), "ApiProtocol"),
            document("ready is text", replaced(text, "\"ready\":true", R"("ready":"true")"), "ApiProtocol"),
            document("ready is 1", replaced(text, "\"ready\":true", "\"ready\":1"), "ApiProtocol"),
            document("ready is null", replaced(text, "\"ready\":true", "\"ready\":null"), "ContainerNotReady"),
            document("no spec", changed([](pod& of) { of.document().erase("spec"); }), "ContainerStatusUnknown"),
            document("a list", "[" + text + "]", "ApiProtocol"), document("null", "null", "ApiProtocol")});
}

TEST_P(ApiDocument, A28AnotherObjectIsNoTruthAndAnotherUidIsNotOurs) {
  open();
  const pod_spec other_name{.name = "game-1"};
  const pod_spec other_namespace{.name_space = "prod"};
  try_each({document("a list", R"({"kind":"PodList","apiVersion":"v1","items":[)" + pod{}.text() + "]}", "ApiProtocol"),
            document("a Status", R"({"kind":"Status","status":"Success","code":200})", "ApiProtocol"),
            document("a node", replaced(pod{}.text(), "\"kind\":\"Pod\"", "\"kind\":\"Node\""), "ApiProtocol"),
            document("another name", pod{other_name}.text(), "ApiProtocol"),
            document("another namespace", pod{other_namespace}.text(), "ApiProtocol"),
            document("another uid", pod{}.set_uid("11111111-2222-3333-4444-555555555555").text(), "PodReplaced")});
}

/// Each question is a call, a tenth of a second after the one before: that is what the server's flapping keeps to.
TEST_P(ApiDocument, A34FlappingServerMeetsNoStormAndMakesNoVerdictFlap) {
  constexpr int flaps = 10;
  open({{"API_QPS", "10"}});
  const auto began = clock::now();
  api.forget();
  for (int i = 0; i < flaps; ++i) {
    api.stop();
    EXPECT_EQ(ask(), expected("ApiUnreachable"));
    api.start();
    EXPECT_EQ(ask(), "200 OK");
  }
  const std::chrono::duration<double> time = clock::now() - began;
  EXPECT_LE(static_cast<double>(api.counts().requests), 10 * time.count() + 1);
  EXPECT_EQ(api.counts().accepted, static_cast<std::uint64_t>(flaps));
  EXPECT_GE(time.count(), 0.1 * (2 * flaps - 1)) << "calls that fail count as well";
}

TEST_P(ApiDocument, A35PodOfALostNodeIsNotReadyAndStaysSo) {
  open();
  change_pod([](pod& of) { of.lose_node(); });
  EXPECT_EQ(ask(), "500 NodeLost");
  api.stop();
  EXPECT_EQ(ask(), strict() ? "500 ApiUnreachable" : "500 NodeLost held");
}

TEST_P(ApiDocument, A36StatesOfAPodAreToldAsTheyAre) {
  open();
  const auto row = [](const char* what, const std::function<void(pod&)>& change, const std::string& reason) {
    return document(what, changed(change), reason);
  };
  try_each({row(
                "terminating", [](pod& of) { of.terminate(); }, "PodTerminating"),
            row("in its init phase", initialize, "ContainerStatusUnknown"),
            row(
                "native sidecar ready", [](pod& of) { of.add_other_containers(); }, ""),
            row(
                "native sidecar not ready", [](pod& of) { of.add_other_containers().set_ready("proxy", false); },
                "ContainerNotReady"),
            row(
                "CrashLoopBackOff", [](pod& of) { of.crash("game"); }, "ContainerNotReady"),
            row(
                "one completed", [](pod& of) { of.finish("game"); }, "ContainerNotReady"),
            row(
                "all completed", [](pod& of) { of.set_phase("Succeeded"); }, "PodSucceeded"),
            row(
                "evicted", [](pod& of) { of.set_phase("Failed"); }, "PodFailed")});
}

INSTANTIATE_TEST_SUITE_P(With, ApiDocument, testing::Values("0", "30s"), catalogue_grace);

}  // namespace
}  // namespace sidecar::test
