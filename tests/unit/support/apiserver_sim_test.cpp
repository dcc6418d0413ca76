#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

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

  std::string control(const std::string& method, const std::string& path) {
    http_client client{"127.0.0.1", ready_["control"].get<std::uint16_t>()};
    const auto response = client.ask(method + " " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
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
}

TEST_F(ApiserverSim, ControlHasThePodsOfManyWorkloads) {
  start();
  const std::string list = "/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-a&labelSelector=health-sidecar%2Fname";
  EXPECT_EQ(fetch_pod(list)["code"], 403);
  EXPECT_EQ(control("POST", "/allow"), "200 done\n");
  EXPECT_EQ(control("POST", "/pods?pod=web&namespace=shop&count=110&workload=w&workloads=30"), "200 done\n");
  auto many = fetch_pod(list);
  ASSERT_EQ(many["items"].size(), 110U);
  EXPECT_EQ(many["items"][0]["metadata"]["labels"]["health-sidecar/name"], "w-0");
  EXPECT_EQ(control("POST", "/page-size?items=50"), "200 done\n");
  EXPECT_TRUE(fetch_pod(list)["metadata"].contains("continue"));
  EXPECT_EQ(control("POST", "/page-size?items=0"), "200 done\n");

  const auto one = [this] { return fetch_pod("/api/v1/namespaces/shop/pods/db"); };
  EXPECT_EQ(control("POST", "/pod?pod=db&namespace=shop&workload=db&node=node-b"), "200 done\n");
  EXPECT_EQ(one()["spec"]["nodeName"], "node-b");
  EXPECT_EQ(control("POST", "/move?pod=db&namespace=shop&node=node-a"), "200 done\n");
  EXPECT_EQ(fetch_pod(list)["items"].size(), 111U);
  EXPECT_EQ(control("POST", "/label?pod=db&namespace=shop"), "200 done\n");
  EXPECT_EQ(fetch_pod(list)["items"].size(), 110U);
  EXPECT_EQ(control("POST", "/label?pod=db&namespace=shop&value=db"), "200 done\n");
  EXPECT_EQ(control("POST", "/ready?pod=db&namespace=shop&container=app&value=false"), "200 done\n");
  EXPECT_EQ(one()["status"]["containerStatuses"][0]["ready"], false);
  EXPECT_EQ(control("POST", "/condition?pod=db&namespace=shop&type=Ready&status=False"), "200 done\n");
  EXPECT_EQ(one()["status"]["conditions"][0]["type"], "Ready");
  auto uid = one()["metadata"]["uid"];
  EXPECT_EQ(control("POST", "/replace?pod=db&namespace=shop"), "200 done\n");
  EXPECT_NE(one()["metadata"]["uid"], uid);
  EXPECT_EQ(control("DELETE", "/pod?pod=db&namespace=shop"), "200 done\n");
  EXPECT_EQ(fetch_pod(list)["items"].size(), 110U);

  EXPECT_EQ(control("POST", "/fault?kind=cache-behind"), "200 done\n");
  EXPECT_EQ(fetch_pod(list + "&resourceVersion=201")["code"], 504);
  EXPECT_EQ(control("POST", "/deny"), "200 done\n");
  EXPECT_EQ(fetch_pod(list)["code"], 403);
}

TEST_F(ApiserverSim, ControlChangesTheNode) {
  start();
  const std::string path = "/api/v1/nodes/node-a";
  const auto has_label = [&] {
    return fetch_pod(path)["metadata"]["labels"].contains("node.kubernetes.io/exclude-from-external-load-balancers");
  };
  EXPECT_EQ(control("POST", "/taint"), "200 done\n");
  EXPECT_EQ(fetch_pod(path)["spec"]["taints"][0]["key"], "ToBeDeletedByClusterAutoscaler");
  EXPECT_EQ(control("DELETE", "/taint"), "200 done\n");
  EXPECT_FALSE(fetch_pod(path)["spec"].contains("taints"));
  EXPECT_EQ(control("POST", "/node-label?value="), "200 done\n");
  EXPECT_TRUE(has_label());
  EXPECT_EQ(control("POST", "/node-label"), "200 done\n");
  EXPECT_FALSE(has_label());
  EXPECT_EQ(control("POST", "/cordon"), "200 done\n");
  EXPECT_EQ(fetch_pod(path)["spec"]["unschedulable"], true);
  EXPECT_EQ(control("DELETE", "/cordon"), "200 done\n");
  EXPECT_EQ(control("DELETE", "/node"), "200 done\n");
  EXPECT_EQ(fetch_pod(path)["reason"], "NotFound");
  EXPECT_EQ(control("POST", "/taint").substr(0, 4), "400 ");
  EXPECT_EQ(control("POST", "/node"), "200 done\n");
  EXPECT_EQ(control("POST", "/allow-nodes?verbs=list,watch"), "200 done\n");
  EXPECT_EQ(fetch_pod(path)["reason"], "Forbidden");
  EXPECT_EQ(fetch_pod("/api/v1/nodes")["items"].size(), 1U);
  EXPECT_EQ(show("/counts")["node_gets"], 7);
  EXPECT_EQ(show("/counts")["node_lists"], 1);
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

TEST_F(ApiserverSim, ControlSaysWhatIsWrongWithBadInput) {
  start();
  for (const char* target :
       {"/ready?container=game", "/ready?container=nobody&value=true", "/ready?value=true",
        "/ready?container=game&value=perhaps", "/ready?pod=other&container=game&value=true", "/pod",
        "/pods?workload=w&workloads=0&count=1", "/page-size?items=some", "/move", "/fault",
        "/fault?kind=reset&at=nowhere", "/fault?kind=drip&interval=5", "/fault?kind=drip&piece=many"}) {
    EXPECT_EQ(control("POST", target).substr(0, 4), "400 ") << target;
  }
  EXPECT_EQ(control("POST", "/nothing").substr(0, 4), "404 ");
}

TEST_F(ApiserverSim, FaultsComeAndGo) {
  start();
  EXPECT_EQ(control("POST", "/fault?kind=503"), "200 done\n");
  EXPECT_EQ(fetch_pod()["code"], 503);
  EXPECT_EQ(control("DELETE", "/fault"), "200 done\n");
  EXPECT_EQ(fetch_pod()["kind"], "Pod");
  EXPECT_EQ(control("POST", "/fault?kind=forbidden"), "200 done\n");
  EXPECT_EQ(fetch_pod()["code"], 403);
  EXPECT_EQ(control("DELETE", "/fault"), "200 done\n");
  EXPECT_EQ(fetch_pod()["kind"], "Pod");
}

}  // namespace
}  // namespace sidecar::test
