#include "sidecar/health/parse_pod.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asked.hpp"
#include "sidecar/health/evaluate.hpp"
#include "support/recording.hpp"

namespace sidecar::health {
namespace {

using boost::system::error_code;
using test::recorded_body;

error_code error_of(std::string_view text) {
  const auto parsed = parse_pod(text);
  return parsed ? error_code() : parsed.error();
}

/// A ready pod as small as it can be; the parts are replaced by the tests.
struct document {
  std::string metadata = R"({"name":"game-0","namespace":"demo","uid":"u","resourceVersion":"1"})";
  std::string spec = R"({"containers":[{"name":"game"}]})";
  std::string status = R"({"phase":"Running","containerStatuses":[{"name":"game","ready":true}]})";

  std::string text() const {
    return R"({"kind":"Pod","apiVersion":"v1","metadata":)" + metadata + R"(,"spec":)" + spec + R"(,"status":)" +
           status + "}";
  }
};

std::string with_metadata(const std::string& metadata) {
  document changed;
  changed.metadata = metadata;
  return changed.text();
}

std::string with_spec(const std::string& spec) {
  document changed;
  changed.spec = spec;
  return changed.text();
}

std::string with_status(const std::string& status) {
  document changed;
  changed.status = status;
  return changed.text();
}

std::string_view answer_for(const std::string& text, const target& wanted = {}) {
  const auto parsed = parse_pod(text);
  return parsed ? name(evaluate(*parsed, wanted).reason) : "(no pod)";
}

TEST(ParsePod, ReadsEveryFieldOfARecordedPod) {
  const auto parsed = parse_pod(recorded_body("pod-native-sidecar"));
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_EQ(parsed->name, "native-0");
  EXPECT_EQ(parsed->namespace_name, "demo");
  EXPECT_EQ(parsed->uid, "6516921a-48b7-48dc-8a6c-f66f79dfd743");
  EXPECT_EQ(parsed->resource_version, "224");
  EXPECT_EQ(parsed->phase, "Running");
  EXPECT_FALSE(parsed->deletion_requested);
  ASSERT_EQ(parsed->containers.size(), 3u);
  EXPECT_EQ(parsed->containers[0].name, "migrate");
  EXPECT_EQ(parsed->containers[0].type, container::kind::init);
  EXPECT_EQ(parsed->containers[1].name, "health");
  EXPECT_EQ(parsed->containers[1].type, container::kind::native_sidecar);
  EXPECT_EQ(parsed->containers[2].name, "game");
  EXPECT_EQ(parsed->containers[2].type, container::kind::regular);
  ASSERT_EQ(parsed->statuses.size(), 1u);
  EXPECT_EQ(parsed->statuses[0].name, "game");
  ASSERT_EQ(parsed->init_statuses.size(), 2u);
  EXPECT_EQ(parsed->init_statuses[0].name, "migrate");
  EXPECT_EQ(parsed->init_statuses[1].name, "health");
}

TEST(ParsePod, RecordedPodsGetTheVerdictTheirNameSays) {
  const struct {
    const char* recording;
    const char* all;
    const char* game;
    const char* by_condition;  // only the one with a gate was recorded with conditions
  } rows[] = {
      {"pod-ready", "AllContainersReady", "ContainerReady", "PodNotReady"},
      {"pod-one-container-not-ready", "ContainerNotReady", "ContainerNotReady", "PodNotReady"},
      {"pod-native-sidecar", "AllContainersReady", "ContainerReady", "PodNotReady"},
      {"pod-pending-no-statuses", "ContainerStatusUnknown", "ContainerStatusUnknown", "PodNotReady"},
      {"pod-readiness-gate-not-ready", "AllContainersReady", "ContainerReady", "PodNotReady"},
      {"pod-succeeded", "PodSucceeded", "PodSucceeded", "PodSucceeded"},
      {"pod-terminating", "PodTerminating", "PodTerminating", "PodTerminating"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.recording);
    EXPECT_EQ(answer_for(recorded_body(row.recording)), row.all);
    EXPECT_EQ(answer_for(recorded_body(row.recording), asked("game")), row.game);
    EXPECT_EQ(answer_for(recorded_body(row.recording), asked_for_the_pod()), row.by_condition);
  }
  EXPECT_EQ(answer_for(recorded_body("pod-native-sidecar"), asked("migrate")), "TargetIsInitContainer");
  EXPECT_EQ(answer_for(recorded_body("pod-native-sidecar"), asked("health")), "ContainerReady");
}

TEST(ParsePod, ALargeAnnotationDoesNotHideThePod) {
  const auto parsed = parse_pod(recorded_body("pod-large-identity"));
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_EQ(parsed->name, "big-0");
  EXPECT_EQ(parsed->resource_version, "232");
  EXPECT_FALSE(parsed->containers.empty());
}

TEST(ParsePod, ACompressedBodyIsNotJson) {
  EXPECT_EQ(error_of(recorded_body("pod-large-gzip-asked")), errc::json_invalid);
}

TEST(ParsePod, TheKindMustBePod) {
  EXPECT_EQ(error_of(document().text()), error_code());
  for (const char* text : {
           "null",
           "{}",
           R"({"kind":null})",
           R"({"kind":"pod"})",
           R"({"kind":"PodList","metadata":{"resourceVersion":"1"},"items":[]})",
           R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","code":404})",
           R"({"metadata":{"name":"game-0"},"spec":{},"status":{}})",
           R"({"metadata":{"name":"game-0"},"spec":{},"status":{},"kind":"Node"})",
       }) {
    SCOPED_TRACE(text);
    EXPECT_EQ(error_of(text), errc::pod_not_a_pod);
  }
}

TEST(ParsePod, TheKindMayComeLast) {
  EXPECT_EQ(error_of(R"({"status":{},"metadata":{"name":"game-0"},"kind":"Pod"})"), error_code());
}

TEST(ParsePod, ADeletionTimestampCountsWhateverItSays) {
  const auto deleted = [](const std::string& value) {
    const auto parsed = parse_pod(with_metadata(R"({"name":"game-0","deletionTimestamp":)" + value + "}"));
    return parsed && parsed->deletion_requested;
  };
  EXPECT_TRUE(deleted(R"("2026-11-22T05:44:01Z")"));
  EXPECT_TRUE(deleted(R"("2999-01-01T00:00:00Z")"));
  EXPECT_TRUE(deleted(R"("")"));
  EXPECT_FALSE(deleted("null"));
}

TEST(ParsePod, ConditionsAreReadByTypeAndStatus) {
  const struct {
    const char* conditions;
    bool ready_is_false, containers_ready_is_true, terminated_by_kubelet;
  } rows[] = {
      {R"([])", false, false, false},
      {R"([{"type":"Ready","status":"True"},{"type":"ContainersReady","status":"True"}])", false, true, false},
      {R"([{"type":"Ready","status":"False"},{"type":"ContainersReady","status":"False"}])", true, false, false},
      {R"([{"status":"False","type":"Ready"},{"status":"True","type":"ContainersReady"}])", true, true, false},
      {R"([{"type":"Ready","status":"Unknown"},{"type":"ContainersReady","status":"Unknown"}])", false, false, false},
      {R"([{"type":"ready","status":"False"},{"type":"PodScheduled","status":"True"}])", false, false, false},
      {R"([{"type":"Initialized","status":"False"},{"type":"Ready"}])", false, false, false},
      {R"([{"type":"DisruptionTarget","status":"True","reason":"TerminationByKubelet"}])", false, false, true},
      {R"([{"type":"DisruptionTarget","status":"False","reason":"TerminationByKubelet"}])", false, false, false},
      {R"([{"type":"DisruptionTarget","status":"True","reason":"PreemptionByScheduler"}])", false, false, false},
      {R"([{"type":"Initialized","status":"True","reason":"TerminationByKubelet"}])", false, false, false},
      {R"([{"type":"DisruptionTarget","status":"True"},{"reason":"TerminationByKubelet"}])", false, false, false},
      {R"([{"type":"Ready","status":"True"},{"type":"Ready"}])", false, false, false},
      // Twice: what speaks against the pod stands.
      {R"([{"type":"Ready","status":"False"},{"type":"Ready","status":"True"}])", true, false, false},
      {R"([{"type":"ContainersReady","status":"True"},{"type":"ContainersReady","status":"False"}])", false, true,
       false},
      {R"([{"type":"DisruptionTarget","status":"True","reason":"TerminationByKubelet"},)"
       R"({"type":"DisruptionTarget","status":"False","reason":"TerminationByKubelet"}])",
       false, false, true},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.conditions);
    const auto parsed = parse_pod(with_status(std::string(R"({"conditions":)") + row.conditions + "}"));
    ASSERT_TRUE(parsed) << parsed.error().message();
    EXPECT_EQ(parsed->ready_is_false, row.ready_is_false);
    EXPECT_EQ(parsed->containers_ready_is_true, row.containers_ready_is_true);
    EXPECT_EQ(parsed->terminated_by_kubelet, row.terminated_by_kubelet);
  }
}

TEST(ParsePod, AReadyConditionIsTrueIfEachThatIsThereIs) {
  const struct {
    const char* conditions;
    bool is_true;
    const char* why_not;
  } rows[] = {
      {R"({"type":"Ready","status":"True","reason":"a"})", true, ""},
      {R"({"type":"Ready","status":"False","reason":"a"})", false, "a"},
      {R"({"type":"Ready","status":"Unknown","reason":"a"})", false, "a"},
      {R"({"type":"Ready","status":"true"})", false, ""},
      {R"({"type":"Ready"})", false, ""},
      {R"({"type":"ContainersReady","status":"True"})", false, ""},
      {R"({"type":"ContainersReady","status":"False","reason":"a"})", false, ""},
      {R"({"type":"Ready","status":"True"},{"type":"Ready","status":"True"})", true, ""},
      {R"({"type":"Ready","status":"True"},{"type":"Ready","status":"False","reason":"a"})", false, "a"},
      {R"({"type":"Ready","status":"False","reason":"a"},{"type":"Ready","status":"True","reason":"b"})", false, "a"},
      {R"({"type":"Ready","status":"True"},{"type":"Ready"},{"type":"Ready","status":"True"})", false, ""},
      {R"({"type":"Initialized","status":"False","reason":"a"},{"type":"Ready","status":"True"})", true, ""},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.conditions);
    const auto parsed = parse_pod(with_status(R"({"conditions":[)" + std::string{row.conditions} + "]}"));
    ASSERT_TRUE(parsed) << parsed.error().message();
    EXPECT_EQ(parsed->ready_is_true, row.is_true);
    EXPECT_EQ(parsed->unready_reason, row.why_not);
  }
}

TEST(ParsePod, AllContainersAreRestartingWhenTheConditionIsTrue) {
  const auto is_restarting = [](const std::string& condition) {
    const auto parsed = parse_pod(with_status(R"({"conditions":[)" + condition + "]}"));
    return parsed && parsed->all_containers_restarting;
  };
  EXPECT_TRUE(is_restarting(R"({"type":"AllContainersRestarting","status":"True"})"));
  EXPECT_FALSE(is_restarting(R"({"type":"AllContainersRestarting","status":"False"})"));
  EXPECT_FALSE(is_restarting(R"({"type":"AllContainersRestarting"})"));
  EXPECT_FALSE(is_restarting(R"({"type":"Restarting","status":"True"})"));
}

TEST(ParsePod, OnlyRestartPolicyAlwaysMakesANativeSidecar) {
  const auto type_with = [](const std::string& policy) {
    const auto parsed = parse_pod(with_spec(R"({"initContainers":[{"name":"mesh")" + policy + "}]}"));
    return parsed.value().containers.at(0).type;
  };
  EXPECT_EQ(type_with(R"(,"restartPolicy":"Always")"), container::kind::native_sidecar);
  EXPECT_EQ(type_with(R"(,"restartPolicy":"OnFailure")"), container::kind::init);
  EXPECT_EQ(type_with(R"(,"restartPolicy":"always")"), container::kind::init);
  EXPECT_EQ(type_with(R"(,"restartPolicy":null)"), container::kind::init);
  EXPECT_EQ(type_with(""), container::kind::init);
}

TEST(ParsePod, TheRestartPolicyOfTheEntryBeforeOrOfThePodIsNotTheEntrys) {
  const auto parsed = parse_pod(with_spec(
      R"({"restartPolicy":"Always","initContainers":[{"name":"mesh","restartPolicy":"Always"},{"name":"migrate"}]})"));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->containers.at(1).type, container::kind::init);
}

TEST(ParsePod, NothingCarriesOverFromTheEntryBefore) {
  const auto parsed = parse_pod(with_status(R"({"containerStatuses":[{"name":"game","ready":true},{}]})"));
  ASSERT_TRUE(parsed);
  ASSERT_EQ(parsed->statuses.size(), 2u);
  EXPECT_EQ(parsed->statuses[1].name, "");
  EXPECT_FALSE(parsed->statuses[1].ready);
}

TEST(ParsePod, ReadyMustBeSaidToBeBelieved) {
  EXPECT_EQ(answer_for(document().text()), "AllContainersReady");
  for (const char* entry : {R"({"name":"game"})", R"({"name":"game","ready":null})", R"({"name":"game","ready":false})",
                            R"({"name":"game","Ready":true})", R"({"name":"game","started":true})",
                            R"({"name":"game","state":{"ready":true}})"}) {
    SCOPED_TRACE(entry);
    EXPECT_EQ(answer_for(with_status(std::string(R"({"containerStatuses":[)") + entry + "]}")), "ContainerNotReady");
  }
}

TEST(ParsePod, LooksAlikeElsewhereAreNotRead) {
  document lookalikes;
  lookalikes.metadata =
      R"({"name":"game-0","annotations":{"deletionTimestamp":"2026-11-22T05:44:01Z","uid":"x","name":"x"},)"
      R"("ownerReferences":[{"kind":"Node","name":"x","uid":"x"}],)"
      R"("managedFields":[{"fieldsV1":{"status":{"phase":"Failed"},"name":"x"}}],"uid":"u"})";
  lookalikes.spec =
      R"({"containers":[{"env":[{"name":"x"}],"name":"game","volumeMounts":[{"name":"y"}]}],"volumes":[{"name":"z"}]})";
  lookalikes.status = R"({"containerStatuses":[{"lastState":{"name":"x","ready":false},"name":"game","ready":true}],)"
                      R"("status":{"phase":"Failed"},"resize":{"conditions":[{"type":"Ready","status":"False"}]}})";
  const auto parsed = parse_pod(lookalikes.text());
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_EQ(parsed->name, "game-0");
  EXPECT_EQ(parsed->uid, "u");
  EXPECT_FALSE(parsed->deletion_requested);
  EXPECT_EQ(parsed->phase, "");
  ASSERT_EQ(parsed->containers.size(), 1u);
  EXPECT_EQ(parsed->containers[0].name, "game");
  EXPECT_EQ(answer_for(lookalikes.text()), "AllContainersReady");
}

TEST(ParsePod, ARepeatedKeyOnAPathThatIsReadIsAnError) {
  const std::string entry = R"({"name":"game","ready":false,"ready":true})";
  const std::vector<std::string> rows{
      R"({"kind":"Pod","kind":"Pod"})",
      R"({"kind":"Pod","metadata":{},"metadata":{}})",
      R"({"kind":"Pod","spec":{},"spec":{}})",
      R"({"kind":"Pod","status":{},"status":{}})",
      R"({"kind":"Pod","status":null,"status":{}})",
      R"({"kind":"Pod","status":{},"spec":{},"status":{}})",
      R"({"kind":"Pod","st\u0061tus":{},"status":{}})",
      with_metadata(R"({"name":"a","name":"a"})"),
      with_metadata(R"({"namespace":"a","namespace":"a"})"),
      with_metadata(R"({"uid":"a","labels":{},"uid":"b"})"),
      with_metadata(R"({"resourceVersion":"1","resourceVersion":"2"})"),
      with_metadata(R"({"deletionTimestamp":"2026-11-22T05:44:01Z","deletionTimestamp":null})"),
      with_spec(R"({"containers":[],"containers":[{"name":"game"}]})"),
      with_spec(R"({"initContainers":[],"initContainers":[]})"),
      with_spec(R"({"ephemeralContainers":[],"ephemeralContainers":[]})"),
      with_spec(R"({"containers":[{"name":"a","name":"b"}]})"),
      with_spec(R"({"containers":[{"name":"a"},{"name":"b","image":"x","name":"c"}]})"),
      with_spec(R"({"initContainers":[{"name":"a","name":"b"}]})"),
      with_spec(R"({"initContainers":[{"restartPolicy":"Always","restartPolicy":"Never"}]})"),
      with_spec(R"({"ephemeralContainers":[{"name":"a","name":"b"}]})"),
      with_status(R"({"phase":"Failed","phase":"Running"})"),
      with_status(R"({"conditions":[],"conditions":[]})"),
      with_status(R"({"conditions":[{"type":"Ready","type":"Initialized"}]})"),
      with_status(R"({"conditions":[{"status":"False","status":"True"}]})"),
      with_status(R"({"conditions":[{"reason":"a","reason":"b"}]})"),
      with_status(R"({"containerStatuses":[],"containerStatuses":[]})"),
      with_status(R"({"containerStatuses":[)" + entry + "]}"),
      with_status(R"({"containerStatuses":[{"name":"a","name":"game"}]})"),
      with_status(R"({"initContainerStatuses":[],"initContainerStatuses":[]})"),
      with_status(R"({"initContainerStatuses":[)" + entry + "]}"),
      with_status(R"({"initContainerStatuses":[{"name":"a","name":"game"}]})"),
  };
  for (const std::string& text : rows) {
    SCOPED_TRACE(text);
    EXPECT_EQ(error_of(text), errc::json_duplicate_key);
  }
}

TEST(ParsePod, ARepeatedKeyElsewhereIsNobodysBusiness) {
  for (const std::string& text : {
           with_metadata(R"({"name":"game-0","labels":{"a":"1","a":"2"},"labels":{"name":"x","name":"y"}})"),
           with_spec(R"({"containers":[{"name":"game","env":[{"name":"a","name":"b"}],"image":"x","image":"y"}]})"),
           with_status(
               R"({"hostIP":"a","hostIP":"b","containerStatuses":[{"name":"game","state":{"ready":1,"ready":2}}]})"),
       }) {
    SCOPED_TRACE(text);
    EXPECT_EQ(error_of(text), error_code());
  }
}

TEST(ParsePod, TheSameKeyInTheNextEntryIsNotRepeated) {
  EXPECT_EQ(
      error_of(with_status(R"({"containerStatuses":[{"name":"a","ready":true},null,{"name":"b","ready":true}]})")),
      error_code());
}

TEST(ParsePod, AWrongTypeOnAPathThatIsReadIsAnError) {
  const std::vector<std::string> rows{
      "[]",
      "1",
      "true",
      R"("Pod")",
      R"([{"kind":"Pod"}])",
      R"({"kind":1})",
      R"({"kind":{"kind":"Pod"}})",
      R"({"kind":"Pod","metadata":[]})",
      R"({"kind":"Pod","metadata":"x"})",
      R"({"kind":"Pod","spec":true})",
      R"({"kind":"Pod","status":"x"})",
      R"({"kind":"Pod","status":1e3})",
      with_metadata(R"({"name":1})"),
      with_metadata(R"({"namespace":{}})"),
      with_metadata(R"({"uid":[]})"),
      with_metadata(R"({"resourceVersion":224})"),
      with_metadata(R"({"deletionTimestamp":0})"),
      with_metadata(R"({"deletionTimestamp":false})"),
      with_spec(R"({"containers":{}})"),
      with_spec(R"({"containers":{"name":"game"}})"),
      with_spec(R"({"containers":"game"})"),
      with_spec(R"({"containers":["game"]})"),
      with_spec(R"({"containers":[[{"name":"game"}]]})"),
      with_spec(R"({"containers":[{"name":["game"]}]})"),
      with_spec(R"({"initContainers":[1]})"),
      with_spec(R"({"initContainers":[{"name":"a","restartPolicy":true}]})"),
      with_spec(R"({"ephemeralContainers":[{"name":false}]})"),
      with_status(R"({"phase":["Running"]})"),
      with_status(R"({"conditions":{}})"),
      with_status(R"({"conditions":[true]})"),
      with_status(R"({"conditions":[{"type":1}]})"),
      with_status(R"({"conditions":[{"status":true}]})"),
      with_status(R"({"conditions":[{"reason":{}}]})"),
      with_status(R"({"containerStatuses":{}})"),
      with_status(R"({"containerStatuses":[{"name":"game","ready":"true"}]})"),
      with_status(R"({"containerStatuses":[{"name":"game","ready":1}]})"),
      with_status(R"({"containerStatuses":[{"name":"game","ready":[true]}]})"),
      with_status(R"({"containerStatuses":[{"name":true}]})"),
      with_status(R"({"initContainerStatuses":"x"})"),
      with_status(R"({"initContainerStatuses":[{"ready":"true"}]})"),
  };
  for (const std::string& text : rows) {
    SCOPED_TRACE(text);
    EXPECT_EQ(error_of(text), errc::json_wrong_type);
  }
}

TEST(ParsePod, ANullCountsAsAbsent) {
  for (const std::string& text : {
           std::string(R"({"kind":"Pod","metadata":null,"spec":null,"status":null})"),
           with_spec(R"({"containers":null,"initContainers":null,"ephemeralContainers":null})"),
           with_status(R"({"phase":null,"conditions":null,"containerStatuses":null,"initContainerStatuses":null})"),
           with_status(R"({"conditions":[{"type":null,"status":null,"reason":null},null]})"),
       }) {
    SCOPED_TRACE(text);
    EXPECT_EQ(error_of(text), error_code());
    EXPECT_NE(answer_for(text), "AllContainersReady");
  }
}

TEST(ParsePod, ANullTextIsEmpty) {
  const auto parsed = parse_pod(with_metadata(R"({"name":null,"namespace":null,"uid":null,"resourceVersion":null})"));
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_EQ(parsed->name + parsed->namespace_name + parsed->uid + parsed->resource_version, "");
}

// As in Go: [null] has one element.
TEST(ParsePod, ANullEntryIsAnEntryWithoutFields) {
  EXPECT_EQ(answer_for(with_spec(R"({"containers":[{"name":"game"},null]})")), "ContainerStatusUnknown");
  EXPECT_EQ(answer_for(with_status(R"({"containerStatuses":[null,{"name":"game","ready":true}]})")),
            "AllContainersReady");
}

constexpr std::string_view maintenance_key = "health-sidecar/maintenance";

std::string with_labels(const std::string& labels) {
  return with_metadata(R"({"name":"game-0","labels":)" + labels +
                       R"(,"annotations":{"health-sidecar/maintenance":"a"}})");
}

TEST(ParsePod, OfTheLabelsOnlyThatForMaintenanceIsRead) {
  const struct {
    const char* labels;
    std::optional<std::string> value;
  } rows[] = {
      {R"({"app":"game","health-sidecar/maintenance":"true","tier":1})", "true"},
      {R"({"health-sidecar/maintenance":"off"})", "off"},
      {R"({"health-sidecar/maintenance":""})", ""},
      {R"({"health-sidecar/maintenance":null})", std::nullopt},
      {R"({"Health-Sidecar/maintenance":"true","health-sidecar/maintenance2":"true","maintenance":"true"})",
       std::nullopt},
      {R"({"a":{"health-sidecar/maintenance":"true"},"":"true"})", std::nullopt},
      {"{}", std::nullopt},
      {"null", std::nullopt},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.labels);
    const auto parsed = parse_pod(with_labels(row.labels), maintenance_key);
    ASSERT_TRUE(parsed) << parsed.error().message();
    EXPECT_EQ(parsed->maintenance, row.value);
    const auto member = parse_pod_member(R"({"object":)" + with_labels(row.labels) + "}", "object", maintenance_key);
    ASSERT_TRUE(member);
    EXPECT_EQ(member->maintenance, row.value);
    const auto items = parse_pod_items(R"({"items":[)" + with_labels(row.labels) + "]}", "items", 1, maintenance_key);
    ASSERT_TRUE(items);
    EXPECT_EQ(items->front().maintenance, row.value);
  }
}

TEST(ParsePod, AMaintenanceLabelThatIsNoTextIsAnError) {
  for (const auto* labels : {"[]", "true", R"({"health-sidecar/maintenance":true})",
                             R"({"health-sidecar/maintenance":["true"]})", R"({"health-sidecar/maintenance":{}})"}) {
    const auto parsed = parse_pod(with_labels(labels), maintenance_key);
    ASSERT_FALSE(parsed) << labels;
    EXPECT_EQ(parsed.error(), errc::json_wrong_type) << labels;
  }
  const auto twice = R"({"health-sidecar/maintenance":"true","health-sidecar/maintenance":"false"})";
  const auto parsed = parse_pod(with_labels(twice), maintenance_key);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error(), errc::json_duplicate_key);
}

TEST(ParsePod, WithoutAKeyNoLabelIsRead) {
  for (const auto* labels : {R"({"health-sidecar/maintenance":"true","":"true"})", "[]", "7"}) {
    const auto parsed = parse_pod(with_labels(labels));
    ASSERT_TRUE(parsed) << labels;
    EXPECT_EQ(parsed->maintenance, std::nullopt) << labels;
  }
}

/// A list of so many of them.
std::string list_of(std::size_t count, const std::string& entry) {
  std::string list = "[";
  for (std::size_t i = 0; i < count; ++i) list += (i == 0 ? "" : ",") + entry;
  return list + "]";
}

std::string with_entries(std::size_t containers, std::size_t inits, std::size_t ephemerals, std::size_t statuses,
                         std::size_t init_statuses, const std::string& entry) {
  document counted;
  counted.spec = R"({"containers":)" + list_of(containers, entry) + R"(,"initContainers":)" + list_of(inits, entry) +
                 R"(,"ephemeralContainers":)" + list_of(ephemerals, entry) + "}";
  counted.status = R"({"containerStatuses":)" + list_of(statuses, entry) + R"(,"initContainerStatuses":)" +
                   list_of(init_statuses, entry) + "}";
  return counted.text();
}

TEST(ParsePod, MoreContainersAndStatusesThanAnyPodHasAreAnError) {
  constexpr auto most = max_pod_entries;
  struct row {
    std::size_t containers, inits, ephemerals, statuses, init_statuses;
    error_code expected;
  };
  const row rows[] = {
      {most, 0, 0, 0, 0, {}},
      {0, most, 0, 0, 0, {}},
      {0, 0, most, 0, 0, {}},
      {0, 0, 0, most, 0, {}},
      {0, 0, 0, 0, most, {}},
      {most / 2, 0, 0, most / 2, 0, {}},
      {most - 4, 1, 1, 1, 1, {}},
      {most + 1, 0, 0, 0, 0, errc::pod_too_many_entries},
      {0, most + 1, 0, 0, 0, errc::pod_too_many_entries},
      {0, 0, most + 1, 0, 0, errc::pod_too_many_entries},
      {0, 0, 0, most + 1, 0, errc::pod_too_many_entries},
      {0, 0, 0, 0, most + 1, errc::pod_too_many_entries},
      {most / 2, 0, 0, most / 2 + 1, 0, errc::pod_too_many_entries},
      {most - 3, 1, 1, 1, 1, errc::pod_too_many_entries},
  };
  for (const auto& [containers, inits, ephemerals, statuses, init_statuses, expected] : rows) {
    for (const std::string entry : {"{}", "null"}) {
      SCOPED_TRACE(testing::Message() << containers << ' ' << inits << ' ' << ephemerals << ' ' << statuses << ' '
                                      << init_statuses << ' ' << entry);
      EXPECT_EQ(error_of(with_entries(containers, inits, ephemerals, statuses, init_statuses, entry)), expected);
    }
  }
}

TEST(ParsePod, WhatIsNotKeptMayBeThereAsOftenAsItLikes) {
  const auto many = list_of(3 * max_pod_entries, "{}");
  EXPECT_EQ(error_of(with_spec(R"({"volumes":)" + many + R"(,"readinessGates":)" + many + "}")), error_code());
  EXPECT_EQ(error_of(with_status(R"({"ephemeralContainerStatuses":)" + many + R"(,"conditions":)" + many + "}")),
            error_code());
}

TEST(ParsePod, BadJsonAndGreatDepthAreNamedAsSuch) {
  EXPECT_EQ(error_of(""), errc::json_invalid);
  EXPECT_EQ(error_of(document().text() + "x"), errc::json_invalid);
  EXPECT_EQ(error_of(document().text() + document().text()), errc::json_invalid);
  EXPECT_EQ(error_of(with_metadata(R"({"annotations":)" + std::string(100, '['))), errc::json_too_deep);
  EXPECT_EQ(error_of(with_metadata(R"({"annotations":{"a":")" + std::string(200'000, '{') + R"("}})")), error_code());
}

TEST(ParsePod, AByteOrderMarkIsSkipped) { EXPECT_EQ(error_of("\xEF\xBB\xBF" + document().text()), error_code()); }

error_code error_of_member(std::string_view text) {
  const auto parsed = parse_pod_member(text, "object");
  return parsed ? error_code() : parsed.error();
}

TEST(ParsePodMember, ReadsTheMemberAsParsePodReadsADocument) {
  for (const auto* recording : {"pod-ready", "pod-one-container-not-ready", "pod-native-sidecar", "pod-terminating",
                                "pod-succeeded", "pod-pending-no-statuses", "pod-readiness-gate-not-ready"}) {
    const auto text = recorded_body(recording);
    const auto whole = parse_pod(text);
    const auto member = parse_pod_member(R"({"type":"ADDED","object":)" + text + R"(,"kind":"Event"})", "object");
    ASSERT_TRUE(whole) << recording;
    ASSERT_TRUE(member) << recording;
    EXPECT_EQ(member->uid, whole->uid);
    EXPECT_EQ(member->resource_version, whole->resource_version);
    EXPECT_EQ(member->containers.size(), whole->containers.size());
    EXPECT_EQ(member->deletion_requested, whole->deletion_requested);
    EXPECT_EQ(evaluate(*member, {}).reason, evaluate(*whole, {}).reason) << recording;
  }
}

TEST(ParsePodMember, WhatStandsBesideTheMemberIsNotThePods) {
  const auto parsed = parse_pod_member(R"({"kind":"Pod","metadata":{"name":"other"},"object":)" + document().text() +
                                           R"(,"status":{"phase":"Failed"},"spec":[],"metadata":0})",
                                       "object");
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_EQ(parsed->name, "game-0");
  EXPECT_EQ(parsed->phase, "Running");
}

TEST(ParsePodMember, NeedsTheMemberToBeAPodAndToBeThereOnce) {
  const auto pod = document().text();
  EXPECT_EQ(error_of_member("{}"), errc::pod_not_a_pod);
  EXPECT_EQ(error_of_member(pod), errc::pod_not_a_pod);
  EXPECT_EQ(error_of_member(R"({"a":{"object":)" + pod + "}}"), errc::pod_not_a_pod);
  EXPECT_EQ(error_of_member(R"([{"object":)" + pod + "}]"), errc::pod_not_a_pod);
  EXPECT_EQ(error_of_member(R"({"object":null})"), errc::pod_not_a_pod);
  EXPECT_EQ(error_of_member(R"({"object":[)" + pod + "]}"), errc::json_wrong_type);
  EXPECT_EQ(error_of_member(R"({"object":1})"), errc::json_wrong_type);
  EXPECT_EQ(error_of_member(R"({"object":)" + pod + R"(,"object":)" + pod + "}"), errc::json_duplicate_key);
  EXPECT_EQ(error_of_member(R"({"object":)" + pod), errc::json_invalid);
}

std::string list_of(const std::string& items) { return R"({"kind":"PodList","items":)" + items + "}"; }

TEST(ParsePodItems, ReadsEachItemWithoutAKind) {
  const auto pods = parse_pod_items(
      list_of(R"([{"metadata":{"name":"a"},"status":{"containerStatuses":[{"name":"x","ready":true}]}},)"
              R"({"metadata":{"name":"b"}}])"),
      "items", 2);
  ASSERT_TRUE(pods) << pods.error().message();
  ASSERT_EQ(pods->size(), 2U);
  EXPECT_EQ(pods->at(0).name, "a");
  ASSERT_EQ(pods->at(0).statuses.size(), 1U);
  EXPECT_TRUE(pods->at(0).statuses[0].ready);
  EXPECT_EQ(pods->at(1).name, "b");
  EXPECT_TRUE(pods->at(1).statuses.empty());
}

TEST(ParsePodItems, TakesAnEmptyListForOne) {
  const auto pods = parse_pod_items(list_of("[]"), "items", 1);
  ASSERT_TRUE(pods);
  EXPECT_TRUE(pods->empty());
}

TEST(ParsePodItems, RefusesWhatIsNoListOfPods) {
  const struct {
    const char* items;
    errc why;
  } rows[] = {
      {"null", errc::json_wrong_type},         {"{}", errc::json_wrong_type},
      {"\"\"", errc::json_wrong_type},         {"7", errc::json_wrong_type},
      {"[null]", errc::json_wrong_type},       {"[[]]", errc::json_wrong_type},
      {"[7]", errc::json_wrong_type},          {R"([{"kind":"Status"}])", errc::pod_not_a_pod},
      {"[{},{}]", errc::pod_too_many_entries}, {R"([{"metadata":{"name":"a","name":"b"}}])", errc::json_duplicate_key},
  };
  for (const auto& row : rows) {
    const auto pods = parse_pod_items(list_of(row.items), "items", 1);
    ASSERT_FALSE(pods) << row.items;
    EXPECT_EQ(pods.error(), row.why) << row.items;
  }
  EXPECT_FALSE(parse_pod_items(R"({"kind":"PodList"})", "items", 1)) << "no items at all";
  EXPECT_FALSE(parse_pod_items("[]", "items", 1));
}

}  // namespace
}  // namespace sidecar::health
