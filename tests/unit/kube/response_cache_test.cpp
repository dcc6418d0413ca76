#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sidecar/kube/classify.hpp"
#include "support/recording.hpp"

namespace sidecar::kube {
namespace {

api_response pod_response(std::string body, unsigned status = 200) {
  api_response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

/// The pod's phase and version, or that it is absent, or the failure's detail.
std::string shown(const outcome<health::pod_state>& meaning) {
  if (!meaning) return meaning.error().detail;
  const auto* pod = std::get_if<health::pod>(&*meaning);
  return pod ? pod->name + ' ' + pod->resource_version + ' ' + std::to_string(pod->statuses.size()) : "absent";
}

/// Whatever came before a response, it means what it means by itself.
TEST(ResponseCache, ChangesNoMeaning) {
  const auto body = test::recorded_body("pod-ready");
  auto other = body;
  other.replace(other.find(R"("ready":true)"), 12, R"("ready": 0  )");
  std::vector<api_response> responses{
      pod_response(body),
      pod_response(other),
      pod_response(test::recorded_body("pod-one-container-not-ready")),
      pod_response(body + std::string(64 * 1024, ' ')),
      pod_response(""),
      pod_response(body, 201),
      pod_response(body, 404),
      pod_response("", 429),
      pod_response(body, 500),
      pod_response(R"({"kind":"Status","reason":"NotFound","details":{"name":"game-0","kind":"pods"}})", 404)};
  responses.push_back(pod_response(body));
  responses.back().content_encoding = "gzip";
  responses.push_back(pod_response(body));
  responses.back().is_cut = true;
  for (const pod_name& pod : {pod_name{"demo", "game-0"}, pod_name{"demo", "game-1"}}) {
    for (const auto& before : responses) {
      for (const auto& response : responses) {
        response_cache cache(pod);
        for (const auto& one : {before, response, response, before}) {
          EXPECT_EQ(shown(cache.classify(one)), shown(classify(one, pod))) << one.status << ' ' << one.body.size();
        }
      }
    }
  }
}

}  // namespace
}  // namespace sidecar::kube
