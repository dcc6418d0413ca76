#include "sidecar/health/parse_pod.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
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

/// The pod that is the member `name` of a document, as in an event of a watch.
result<pod> read_member(std::string_view json, std::string_view name, labels_read labels = {}) {
  const auto tree = read_pod_tree(json, labels);
  return tree ? read_pod((*tree)[name], kind_rule::required, labels) : tree.error();
}

/// The first pod of a list.
result<pod> read_item(std::string_view json, labels_read labels = {}) {
  const auto tree = read_pod_tree(json, labels);
  return tree ? read_pod((*tree)["items"].elements.at(0), kind_rule::optional, labels) : tree.error();
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
  std::string containers;
  for (const auto& one : parsed->containers)
    containers += one.name + ' ' + std::to_string(static_cast<int>(one.type)) + ' ';
  EXPECT_EQ(containers, "migrate 2 health 1 game 0 ");  // init, native sidecar, regular
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

/// What the conditions of a pod come to, in words.
std::string conditions_of(const pod& subject) {
  std::string out;
  if (subject.ready_is_true) out += "Ready ";
  if (subject.ready_is_false) out += "Unready ";
  if (!subject.unready_reason.empty()) out += "since " + subject.unready_reason + ' ';
  if (subject.containers_ready_is_true) out += "ContainersReady ";
  if (subject.terminated_by_kubelet) out += "killed ";
  if (subject.all_containers_restarting) out += "restarting ";
  return out;
}

TEST(ParsePod, ConditionsAreReadByTypeAndStatus) {
  const struct {
    const char* conditions;
    const char* come_to;
  } rows[] = {
      {"", ""},
      {R"({"type":"Ready","status":"True"},{"type":"ContainersReady","status":"True"})", "Ready ContainersReady "},
      {R"({"type":"Ready","status":"False"},{"type":"ContainersReady","status":"False"})", "Unready "},
      {R"({"status":"False","type":"Ready"},{"status":"True","type":"ContainersReady"})", "Unready ContainersReady "},
      {R"({"type":"Ready","status":"Unknown"},{"type":"ContainersReady","status":"Unknown"})", ""},
      {R"({"type":"ready","status":"False"},{"type":"PodScheduled","status":"True"})", ""},
      {R"({"type":"Initialized","status":"False"},{"type":"Ready"})", ""},
      {R"({"type":"DisruptionTarget","status":"True","reason":"TerminationByKubelet"})", "killed "},
      {R"({"type":"DisruptionTarget","status":"False","reason":"TerminationByKubelet"})", ""},
      {R"({"type":"DisruptionTarget","status":"True","reason":"PreemptionByScheduler"})", ""},
      {R"({"type":"Initialized","status":"True","reason":"TerminationByKubelet"})", ""},
      {R"({"type":"DisruptionTarget","status":"True"},{"reason":"TerminationByKubelet"})", ""},
      {R"({"type":"AllContainersRestarting","status":"True"})", "restarting "},
      {R"({"type":"AllContainersRestarting","status":"False"})", ""},
      {R"({"type":"AllContainersRestarting"})", ""},
      {R"({"type":"Restarting","status":"True"})", ""},
      {R"({"type":"Ready","status":"True","reason":"a"})", "Ready "},
      {R"({"type":"Ready","status":"False","reason":"a"})", "Unready since a "},
      {R"({"type":"Ready","status":"Unknown","reason":"a"})", "since a "},
      {R"({"type":"Ready","status":"true"})", ""},
      {R"({"type":"ContainersReady","status":"False","reason":"a"})", ""},
      {R"({"type":"Initialized","status":"False","reason":"a"},{"type":"Ready","status":"True"})", "Ready "},
      // Twice: what speaks against the pod stands.
      {R"({"type":"Ready","status":"True"},{"type":"Ready","status":"True"})", "Ready "},
      {R"({"type":"Ready","status":"True"},{"type":"Ready"})", ""},
      {R"({"type":"Ready","status":"True"},{"type":"Ready"},{"type":"Ready","status":"True"})", ""},
      {R"({"type":"Ready","status":"True"},{"type":"Ready","status":"False","reason":"a"})", "Unready since a "},
      {R"({"type":"Ready","status":"False","reason":"a"},{"type":"Ready","status":"True","reason":"b"})",
       "Unready since a "},
      {R"({"type":"ContainersReady","status":"True"},{"type":"ContainersReady","status":"False"})", "ContainersReady "},
      {R"({"type":"DisruptionTarget","status":"True","reason":"TerminationByKubelet"},)"
       R"({"type":"DisruptionTarget","status":"False","reason":"TerminationByKubelet"})",
       "killed "},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.conditions);
    EXPECT_EQ(conditions_of(parse_pod(with_status(std::string(R"({"conditions":[)") + row.conditions + "]}")).value()),
              row.come_to);
  }
}

TEST(ParsePod, OnlyRestartPolicyAlwaysMakesANativeSidecar) {
  const struct {
    const char* last_init_container;
    container::kind type;
  } rows[] = {
      {R"({"restartPolicy":"Always"})", container::kind::native_sidecar},
      {R"({"restartPolicy":"OnFailure"})", container::kind::init},
      {R"({"restartPolicy":"always"})", container::kind::init},
      {R"({"restartPolicy":null})", container::kind::init},
      {"{}", container::kind::init},
      {R"({"restartPolicy":"Always"},{})", container::kind::init},  // that of the entry before is not its own
  };
  for (const auto& row : rows) {
    const auto parsed = parse_pod(
        with_spec(std::string(R"({"restartPolicy":"Always","initContainers":[)") + row.last_init_container + "]}"));
    EXPECT_EQ(parsed.value().containers.back().type, row.type) << row.last_init_container;
  }
}

TEST(ParsePod, NothingCarriesOverFromTheEntryBefore) {
  const auto parsed = parse_pod(with_status(R"({"containerStatuses":[{"name":"game","ready":true},{}]})")).value();
  ASSERT_EQ(parsed.statuses.size(), 2u);
  EXPECT_EQ(parsed.statuses[1].name, "");
  EXPECT_FALSE(parsed.statuses[1].ready);
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

void expect_errors(errc expected, const std::vector<std::string>& documents) {
  for (const auto& text : documents) EXPECT_EQ(error_of(text), expected) << text;
}

TEST(ParsePod, TheKindMustBePod) {
  const std::vector<std::string> rows{
      "null",
      "{}",
      R"({"kind":null})",
      R"({"kind":"pod"})",
      R"({"kind":"PodList","metadata":{"resourceVersion":"1"},"items":[]})",
      R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","code":404})",
      R"({"metadata":{"name":"game-0"},"spec":{},"status":{}})",
      R"({"metadata":{"name":"game-0"},"spec":{},"status":{},"kind":"Node"})",
  };
  expect_errors(errc::pod_not_a_pod, rows);
}

/// A field that is read: the document with % in its place, and a value of its type.
struct field_row {
  std::string document;
  std::string key;
  std::string value;

  std::string with(const std::string& members) const {
    return std::string{document}.replace(document.find('%'), 1, members);
  }
  std::string member(const std::string& other_value) const { return '"' + key + "\":" + other_value; }
};

std::vector<field_row> fields_read() {
  const std::string pod = R"({"kind":"Pod",%})";
  const std::string metadata = R"({"kind":"Pod","metadata":{%}})";
  const std::string spec = R"({"kind":"Pod","spec":{%}})";
  const std::string status = R"({"kind":"Pod","status":{%}})";
  const std::string text = R"("x")";
  std::vector<field_row> fields{
      {"{%}", "kind", R"("Pod")"},
      {pod, "metadata", "{}"},
      {pod, "spec", "{}"},
      {pod, "status", "{}"},
      {status, "phase", text},
      {R"({"kind":"Pod","spec":{"initContainers":[{"name":"a"},{%}]}})", "restartPolicy", text},
  };
  for (const auto* key : {"name", "namespace", "uid", "resourceVersion", "deletionTimestamp"})
    fields.push_back({metadata, key, text});
  for (const auto* key : {"type", "status", "reason"})
    fields.push_back({R"({"kind":"Pod","status":{"conditions":[{%}]}})", key, text});
  for (const std::string list : {"containers", "initContainers", "ephemeralContainers"}) {
    fields.push_back({spec, list, "[]"});
    fields.push_back({R"({"kind":"Pod","spec":{")" + list + R"(":[{},{%}]}})", "name", text});
  }
  fields.push_back({status, "conditions", "[]"});
  for (const std::string list : {"containerStatuses", "initContainerStatuses"}) {
    fields.push_back({status, list, "[]"});
    fields.push_back({R"({"kind":"Pod","status":{")" + list + R"(":[{},{%}]}})", "name", text});
    const std::string in_a_status = R"({"kind":"Pod","status":{")" + list;
    for (const auto* key : {"ready", "started"}) fields.push_back({in_a_status + R"(":[{%}]}})", key, "false"});
    fields.push_back({in_a_status + R"(":[{%}]}})", "restartCount", "1"});
    fields.push_back({in_a_status + R"(":[{%}]}})", "lastState", "{}"});
    fields.push_back({in_a_status + R"(":[{"lastState":{%}}]}})", "terminated", "{}"});
    fields.push_back({in_a_status + R"(":[{"lastState":{"terminated":{%}}}]}})", "reason", text});
  }
  return fields;
}

TEST(ParsePod, ARepeatedKeyOnAPathThatIsReadIsAnError) {
  for (const auto& one : fields_read()) {
    const auto key = one.member(one.value);
    expect_errors(errc::json_duplicate_key,
                  {one.with(key + "," + key), one.with(key + R"(,"x":[],)" + one.member("null")),
                   one.with(one.member("null") + "," + key)});
  }
  expect_errors(errc::json_duplicate_key, {R"({"kind":"Pod","st\u0061tus":{},"status":{}})"});
}

TEST(ParsePod, AWrongTypeOnAPathThatIsReadIsAnError) {
  const std::vector<std::string> values{"1", "1e3", "true", R"("x")", "{}", "[]", R"({"name":"x"})", "[true]"};
  const auto type_of = [](const std::string& value) { return value == "true" ? 'f' : value[0]; };
  for (const auto& one : fields_read()) {
    for (const auto& value : values) {
      if (type_of(value) != type_of(one.value)) expect_errors(errc::json_wrong_type, {one.with(one.member(value))});
      if (one.value == "[]" && value[0] != '{')
        expect_errors(errc::json_wrong_type, {one.with(one.member("[" + value + "]"))});
    }
    EXPECT_NE(error_of(one.with(one.member("null"))), errc::json_wrong_type);
  }
  expect_errors(errc::json_wrong_type, {"[]", "1", "true", R"("Pod")", R"([{"kind":"Pod"}])"});
}

TEST(ParsePod, BadJsonAndGreatDepthAreNamedAsSuch) {
  const auto good = document().text();
  expect_errors(errc::json_invalid, {"", good + "x", good + good, recorded_body("pod-large-gzip-asked")});
  expect_errors(errc::json_too_deep, {with_metadata(R"({"annotations":)" + std::string(100, '['))});
}

TEST(ParsePod, WhatIsNotReadMayBeAnything) {
  for (const std::string& text : {
           document().text(),
           "\xEF\xBB\xBF" + document().text(),  // a byte order mark
           std::string(R"({"status":{},"metadata":{"name":"game-0"},"kind":"Pod"})"),
           with_metadata(R"({"annotations":{"a":")" + std::string(200'000, '{') + R"("}})"),
           // Repeated keys: elsewhere, and in the next entry of a list.
           with_metadata(R"({"name":"game-0","labels":{"a":"1","a":"2"},"labels":{"name":"x","name":"y"}})"),
           with_spec(R"({"containers":[{"name":"game","env":[{"name":"a","name":"b"}],"image":"x","image":"y"}]})"),
           with_status(
               R"({"hostIP":"a","hostIP":"b","containerStatuses":[{"name":"game","state":{"ready":1,"ready":2}}]})"),
           with_status(R"({"containerStatuses":[{"name":"a","ready":true},null,{"name":"b","ready":true}]})"),
       })
    EXPECT_EQ(error_of(text), error_code()) << text;
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
    const auto member = read_member(R"({"object":)" + with_labels(row.labels) + "}", "object", maintenance_key);
    ASSERT_TRUE(member);
    EXPECT_EQ(member->maintenance, row.value);
    const auto item = read_item(R"({"items":[)" + with_labels(row.labels) + "]}", maintenance_key);
    ASSERT_TRUE(item);
    EXPECT_EQ(item->maintenance, row.value);
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

/// The lists that count, with so many entries each.
std::string with_entries(const std::array<std::size_t, 5>& counts, const std::string& entry) {
  document counted;
  counted.spec = R"({"containers":)" + list_of(counts[0], entry) + R"(,"initContainers":)" + list_of(counts[1], entry) +
                 R"(,"ephemeralContainers":)" + list_of(counts[2], entry) + "}";
  counted.status = R"({"containerStatuses":)" + list_of(counts[3], entry) + R"(,"initContainerStatuses":)" +
                   list_of(counts[4], entry) + "}";
  return counted.text();
}

TEST(ParsePod, MoreContainersAndStatusesThanAnyPodHasAreAnError) {
  constexpr auto most = max_pod_entries;
  std::vector<std::array<std::size_t, 5>> largest{{most / 2, 0, 0, most / 2, 0}, {most - 4, 1, 1, 1, 1}};
  for (std::size_t i = 0; i < 5; ++i) largest.emplace_back().at(i) = most;
  for (auto counts : largest) {
    for (const std::string entry : {"{}", "null"}) {
      SCOPED_TRACE(testing::PrintToString(counts) + entry);
      EXPECT_EQ(error_of(with_entries(counts, entry)), error_code());
      auto more = counts;
      ++*std::ranges::max_element(more);
      EXPECT_EQ(error_of(with_entries(more, entry)), errc::pod_too_many_entries);
    }
  }
}

TEST(ParsePod, WhatIsNotKeptMayBeThereAsOftenAsItLikes) {
  const auto many = list_of(3 * max_pod_entries, "{}");
  EXPECT_EQ(error_of(with_spec(R"({"volumes":)" + many + R"(,"readinessGates":)" + many + "}")), error_code());
  EXPECT_EQ(error_of(with_status(R"({"ephemeralContainerStatuses":)" + many + R"(,"conditions":)" + many + "}")),
            error_code());
}

TEST(ReadPod, ReadsAMemberAsParsePodReadsADocument) {
  for (const auto* recording : {"pod-ready", "pod-one-container-not-ready", "pod-native-sidecar", "pod-terminating",
                                "pod-succeeded", "pod-pending-no-statuses", "pod-readiness-gate-not-ready"}) {
    const auto text = recorded_body(recording);
    const auto whole = parse_pod(text);
    const auto member = read_member(R"({"type":"ADDED","object":)" + text + R"(,"kind":"Event"})", "object");
    ASSERT_TRUE(whole) << recording;
    ASSERT_TRUE(member) << recording;
    EXPECT_EQ(member->uid, whole->uid);
    EXPECT_EQ(member->resource_version, whole->resource_version);
    EXPECT_EQ(member->containers.size(), whole->containers.size());
    EXPECT_EQ(member->deletion_requested, whole->deletion_requested);
    EXPECT_EQ(evaluate(*member, {}).reason, evaluate(*whole, {}).reason) << recording;
  }
}

TEST(ReadPod, WhatStandsBesideTheMemberIsNotThePods) {
  const auto parsed = read_member(R"({"kind":"Pod","metadata":{"name":"other"},"object":)" + document().text() +
                                      R"(,"status":{"phase":"Failed"},"spec":[],"metadata":0})",
                                  "object");
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_EQ(parsed->name, "game-0");
  EXPECT_EQ(parsed->phase, "Running");
}

TEST(ReadPod, NeedsTheMemberToBeAPod) {
  const auto pod = document().text();
  const struct {
    std::string text;
    errc expected;
  } rows[] = {
      {"{}", errc::pod_not_a_pod},
      {pod, errc::pod_not_a_pod},
      {R"({"a":{"object":)" + pod + "}}", errc::pod_not_a_pod},
      {R"([{"object":)" + pod + "}]", errc::pod_not_a_pod},
      {R"({"object":null})", errc::pod_not_a_pod},
      {R"({"object":[)" + pod + "]}", errc::json_wrong_type},
      {R"({"object":1})", errc::json_wrong_type},
      {R"({"object":)" + pod, errc::json_invalid},
  };
  for (const auto& row : rows) {
    const auto parsed = read_member(row.text, "object");
    ASSERT_FALSE(parsed) << row.text;
    EXPECT_EQ(parsed.error(), row.expected) << row.text;
  }
}

TEST(ReadPod, OfAListNeedsNoKindButTakesNoOther) {
  const auto read = [](const std::string& item) {
    const auto found = read_item(R"({"kind":"PodList","items":[)" + item + "]}");
    return found ? found->name : found.error().message();
  };
  EXPECT_EQ(read(R"({"metadata":{"name":"a"}})"), "a");
  EXPECT_EQ(read(R"({"kind":null,"metadata":{"name":"a"}})"), "a");
  EXPECT_EQ(read(R"({"kind":"Pod","metadata":{"name":"a"}})"), "a");
  for (const auto* kind : {"Status", "pod", ""}) {
    EXPECT_EQ(read(R"({"kind":")" + std::string{kind} + R"(","status":"Failure"})"),
              make_error_code(errc::pod_not_a_pod).message());
  }
  EXPECT_EQ(read(R"({"metadata":{"name":"a","name":"b"}})"), make_error_code(errc::json_duplicate_key).message());
}

// Also of names that the reader knows, but elsewhere.
TEST(ReadPodTree, KeepsNothingThatIsNotRead) {
  const auto tree = read_pod_tree(recorded_body("pod-large-identity"));
  ASSERT_TRUE(tree);
  const auto& metadata = (*tree)["metadata"];
  EXPECT_EQ(metadata["name"].text, "big-0");
  for (const auto* name : {"annotations", "managedFields", "ownerReferences"}) {
    EXPECT_EQ(std::ranges::count(metadata.keys, name), 0) << name;
  }
  for (const auto* name : {"volumes", "tolerations", "serviceAccountName"}) {
    EXPECT_EQ(std::ranges::count((*tree)["spec"].keys, name), 0) << name;
  }
  ASSERT_FALSE((*tree)["spec"]["containers"].elements.empty());
  EXPECT_EQ((*tree)["spec"]["containers"].elements[0].keys, std::vector<std::string>{"name"});
}

}  // namespace
}  // namespace sidecar::health
