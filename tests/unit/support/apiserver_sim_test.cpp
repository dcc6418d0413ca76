#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <tuple>

#include "requests.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace sidecar::test {
namespace {

const std::string pods_path = "/api/v1/namespaces/demo/pods";

class ApiserverSim : public testing::Test {
 protected:
  nlohmann::json start(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"--directory", dir_.path().string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    sim_.emplace(APISERVER_SIM, arguments);
    const auto line = sim_->wait_for_output([](const std::string&) { return true; });
    ready_ = nlohmann::json::parse(line.value_or("{}"));
    return ready_;
  }

  std::string curl(const std::vector<std::string>& arguments) {
    std::vector<std::string> all{"-sS", "-o", "/dev/null", "-w", "%{http_code}\n"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    process child{"/usr/bin/curl", all};
    const auto code = child.wait_for_output([](const std::string&) { return true; });
    child.wait();
    return code.value_or("nothing");
  }

  std::string api(const std::string& path = pod_path) const {
    return "https://127.0.0.1:" + std::to_string(ready_["port"].get<int>()) + path;
  }

  std::string control(const std::string& method, const std::string& path, const std::string& body = {}) {
    http_client client{"127.0.0.1", ready_["control"].get<std::uint16_t>()};
    const auto response =
        client.ask(method + " " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
                   "\r\n\r\n" + body);
    return response ? std::to_string(response->status) + " " + response->body : "nothing";
  }

  nlohmann::json show(const std::string& path) {
    return nlohmann::json::parse(control("GET", path).substr(4), nullptr, false);
  }

  void await_count(const char* name, int value) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (show("/counts")[name] != value) ASSERT_LT(std::chrono::steady_clock::now(), end) << name;
  }

  nlohmann::json fetch_pod(const std::string& path = pod_path) {
    const std::string ca_path = ready_["ca"];
    std::ifstream file{ca_path};
    const std::string ca{std::istreambuf_iterator<char>{file}, {}};
    http_client client{"127.0.0.1", ready_["port"].get<std::uint16_t>(), ca};
    const auto response = client.ask(get(ready_["token"], path));
    return response ? nlohmann::json::parse(response->body) : nlohmann::json{};
  }

  temp_dir dir_;
  std::optional<process> sim_;
  nlohmann::json ready_;
};

TEST_F(ApiserverSim, CurlGetsThePodWithTheCaAndTheToken) {
  const auto ready = start();
  const std::string ca = ready["ca"];
  const std::string token = ready["token"];
  EXPECT_EQ(curl({"--cacert", ca, "-H", "Authorization: Bearer " + token, api()}), "200");
  EXPECT_EQ(curl({"--cacert", ca, "-H", "Authorization: Bearer wrong", api()}), "401");
  EXPECT_EQ(curl({"--cacert", ca, api()}), "403");
  EXPECT_EQ(curl({api()}), "000") << "without the CA";
}

TEST_F(ApiserverSim, WritesWhatASidecarNeeds) {
  const auto ready = start();
  std::ifstream file{dir_.path() / "sidecar.env"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  EXPECT_EQ(text,
            "KUBERNETES_SERVICE_HOST=127.0.0.1\nKUBERNETES_SERVICE_PORT=" + std::to_string(ready["port"].get<int>()) +
                "\nHTTP_HEALTHCHECK_SIDECAR_SERVICE_ACCOUNT_DIR=" + (dir_.path() / "serviceaccount").string() + "\n");
}

TEST_F(ApiserverSim, ControlChangesThePod) {
  start({"--containers", "game,health"});
  EXPECT_EQ(fetch_pod()["status"]["containerStatuses"][0]["ready"], true);
  EXPECT_EQ(control("POST", "/ready?container=game&value=false"), "200 done\n");
  EXPECT_EQ(fetch_pod()["status"]["containerStatuses"][0]["ready"], false);
  EXPECT_EQ(control("POST", "/terminate"), "200 done\n");
  EXPECT_TRUE(fetch_pod()["metadata"].contains("deletionTimestamp"));
  EXPECT_EQ(control("DELETE", "/pod"), "200 done\n");
  EXPECT_EQ(fetch_pod()["reason"], "NotFound");
  EXPECT_EQ(control("POST", "/pod", pod{}.text()), "200 done\n");
  EXPECT_EQ(fetch_pod()["kind"], "Pod");
  EXPECT_EQ(nlohmann::json::parse(control("GET", "/requests").substr(4))["count"], 5);
}

TEST_F(ApiserverSim, SaysWhatBecameOfEachRequest) {
  start();
  fetch_pod();
  EXPECT_EQ(control("POST", "/fault?kind=503&count=1"), "200 done\n");
  fetch_pod();
  EXPECT_EQ(control("POST", "/fault?kind=close&at=request&count=1"), "200 done\n");
  EXPECT_TRUE(fetch_pod().is_null());
  const auto seen = nlohmann::json::parse(control("GET", "/requests").substr(4))["requests"];
  ASSERT_EQ(seen.size(), 3U);
  const auto become = [&](std::size_t which) {
    const auto& one = seen[which];
    return std::tuple{one["status"].get<int>(), one["faulty"].get<bool>(), one["answered_us"].is_number()};
  };
  EXPECT_EQ(become(0), std::tuple(200, false, true));
  EXPECT_EQ(become(1), std::tuple(503, true, true));
  EXPECT_EQ(become(2), std::tuple(200, true, false));
}

TEST_F(ApiserverSim, ResetPutsThePodBack) {
  start();
  const auto before = fetch_pod();
  for (const auto& [method, target] :
       {std::pair{"POST", "/ready?container=game&value=false"}, {"POST", "/terminate"}, {"DELETE", "/pod"}}) {
    EXPECT_EQ(control(method, target), "200 done\n");
    EXPECT_EQ(control("POST", "/reset"), "200 done\n");
    const auto after = fetch_pod();
    EXPECT_EQ(after["metadata"]["uid"], before["metadata"]["uid"]);
    EXPECT_FALSE(after["metadata"].contains("deletionTimestamp"));
    EXPECT_EQ(after["status"]["containerStatuses"], before["status"]["containerStatuses"]) << target;
  }
}

TEST_F(ApiserverSim, ControlSaysThatThereIsNoPodToChange) {
  start();
  EXPECT_EQ(control("DELETE", "/pod"), "200 done\n");
  for (const auto& [method, target] :
       {std::pair{"POST", "/ready?container=game&value=false"}, {"POST", "/terminate"}, {"DELETE", "/pod"}}) {
    EXPECT_EQ(control(method, target), "400 there is no such pod; POST /reset puts it back\n") << target;
  }
}

TEST_F(ApiserverSim, ControlSaysWhatIsWrongWithBadInput) {
  start();
  for (const char* target :
       {"/ready?container=game", "/ready?container=nobody&value=true", "/ready?value=true",
        "/ready?container=game&value=perhaps", "/fault", "/fault?kind=reset&at=nowhere", "/fault?kind=drip&interval=5",
        "/fault?kind=reset&at=body&count=many", "/fault?kind=refuse&count=1", "/pod", "/rbac", "/replace",
        "/end?how=somehow", "/watches?bookmarks=often", "/watches?gone=away", "/miss?changes=x",
        "/fault?kind=watch-error&code=x", "/fault?kind=429&only=some", "/fault?kind=huge-event&size=-1"}) {
    EXPECT_EQ(control("POST", target).substr(0, 4), "400 ") << target;
  }
  EXPECT_EQ(control("POST", "/nothing").substr(0, 4), "404 ");
}

TEST_F(ApiserverSim, FaultsComeAndGo) {
  start();
  EXPECT_EQ(control("POST", "/fault?kind=503&count=1"), "200 done\n");
  EXPECT_EQ(fetch_pod()["code"], 503);
  EXPECT_EQ(fetch_pod()["kind"], "Pod");
  EXPECT_EQ(control("POST", "/fault?kind=forbidden"), "200 done\n");
  EXPECT_EQ(fetch_pod()["code"], 403);
  EXPECT_EQ(control("DELETE", "/fault"), "200 done\n");
  EXPECT_EQ(fetch_pod()["kind"], "Pod");
}

TEST_F(ApiserverSim, ControlSteersAWatch) {
  const auto ready = start();
  const std::string ca_path = ready["ca"];
  std::ifstream file{ca_path};
  http_client client{"127.0.0.1", ready["port"].get<std::uint16_t>(), {std::istreambuf_iterator<char>{file}, {}}};
  client.send(get(ready["token"], pods_path + "?watch=1&allowWatchBookmarks=true&resourceVersion=201"));
  await_count("watching", 1);
  for (const char* target :
       {"/ready?container=game&value=false", "/replace?uid=another", "/advance?by=5", "/bookmark", "/miss?changes=1",
        "/terminate", "/hold-events", "/ready?container=game&value=true", "/release-events"}) {
    EXPECT_EQ(control("POST", target), "200 done\n") << target;
  }
  EXPECT_EQ(control("POST", "/event", "{\"type\":\"ODD\"}\n"), "200 done\n");
  EXPECT_EQ(control("POST", "/end?how=clean"), "200 done\n");
  const auto answer = client.read_response();
  ASSERT_TRUE(answer);
  std::string types;
  std::istringstream lines{answer->body};
  for (std::string line; std::getline(lines, line);)
    types += nlohmann::json::parse(line)["type"].get<std::string>() + " ";
  EXPECT_EQ(types, "MODIFIED DELETED ADDED BOOKMARK MODIFIED ODD ");
  EXPECT_EQ(show("/events")[0]["type"], "MODIFIED");
  EXPECT_LE(show("/events")[0]["changed_ns"], show("/events")[0]["written_ns"]);
}

TEST_F(ApiserverSim, CountsAreShownWithoutTheRequests) {
  start();
  fetch_pod();
  await_count("answers", 1);  // an answer may be read before it is counted
  const auto counts = show("/counts");
  EXPECT_EQ(counts["gets"], 1);
  EXPECT_EQ(counts["resource_version"], 201);
  EXPECT_GT(counts["wire_sent"], counts["bytes_sent"]);
  EXPECT_FALSE(counts.contains("requests"));
  const auto traffic = show("/traffic");
  ASSERT_FALSE(traffic.empty());
  EXPECT_EQ(traffic.back()["gets"], 1);
  EXPECT_LE(traffic.back()["begin_ns"], counts["monotonic_ns"]);
}

TEST_F(ApiserverSim, ControlChangesHowWatchesAre) {
  const auto ready = start();
  const auto watch = [&](const std::string& query) {
    const std::string ca_path = ready["ca"];
    std::ifstream file{ca_path};
    http_client client{"127.0.0.1", ready["port"].get<std::uint16_t>(), {std::istreambuf_iterator<char>{file}, {}}};
    const auto answer = client.ask(get(ready["token"], pods_path + "?watch=1&timeoutSeconds=1" + query));
    return answer ? std::to_string(answer->status) + " " + answer->body : "nothing";
  };
  EXPECT_EQ(control("POST", "/watches?second=10ms&gone=status&headers=at-once&bookmarks=0s"), "200 done\n");
  EXPECT_EQ(watch("&resourceVersion=201"), "200 ");
  EXPECT_EQ(control("POST", "/forget-history"), "200 done\n");
  EXPECT_EQ(watch("&resourceVersion=1").substr(0, 4), "410 ");
  EXPECT_EQ(control("POST", "/rbac?value=false&verb=watch"), "200 done\n");
  EXPECT_EQ(watch("").substr(0, 4), "403 ");
  EXPECT_EQ(fetch_pod()["kind"], "Pod");
}

TEST_F(ApiserverSim, HasAsManyPodsAsWanted) {
  const auto ready = start({"--pods", "3"});
  for (const char* name : {"game-1", "game-2"}) {
    EXPECT_EQ(fetch_pod(pods_path + "/" + name)["metadata"]["name"], name);
    EXPECT_EQ(control("POST", std::string{"/ready?container=game&value=false&pod="} + name), "200 done\n");
    EXPECT_EQ(fetch_pod(pods_path + "/" + name)["status"]["containerStatuses"][0]["ready"], false);
  }
  EXPECT_EQ(fetch_pod()["status"]["containerStatuses"][0]["ready"], true);
  EXPECT_EQ(fetch_pod(pods_path + "/game-3")["code"], 404);
}

TEST_F(ApiserverSim, RotationVoidsTheOldToken) {
  start();
  EXPECT_EQ(control("POST", "/rotate"), "200 done\n");
  EXPECT_EQ(fetch_pod()["code"], 401);
}

TEST_F(ApiserverSim, PlainOneNeedsNoToken) {
  start({"--plain", "--listen", "[::1]:0"});
  http_client client{"::1", ready_["port"].get<std::uint16_t>()};
  const auto response = client.ask(get(""));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
}

TEST_F(ApiserverSim, EndsWellOnASignal) {
  for (const int signal : {SIGTERM, SIGINT}) {
    start();
    EXPECT_EQ(sim_->terminate(signal), (exit_status{0, 0}));
  }
}

TEST_F(ApiserverSim, BadFlagsAreExplained) {
  for (const std::vector<std::string>& bad :
       {std::vector<std::string>{"--listen", "nowhere"}, {"--service-time", "700"}, {"--control", "127.0.0.1:70000"}}) {
    std::vector<std::string> arguments{"--directory", dir_.path().string()};
    arguments.insert(arguments.end(), bad.begin(), bad.end());
    process sim{APISERVER_SIM, arguments};
    EXPECT_EQ(sim.wait(), (exit_status{1, 0})) << bad[0];
    EXPECT_TRUE(sim.wait_for_error([](const std::string& line) { return line.starts_with("apiserver-sim: "); }));
  }
}

}  // namespace
}  // namespace sidecar::test
