#include "sidecar/config/options.hpp"

#include <gtest/gtest.h>

#include <set>

#include "loaded.hpp"
#include "sidecar/config/parse.hpp"

namespace sidecar::config {
namespace {

using namespace std::chrono_literals;

TEST(Options, HaveTheDefaultsThatTheConfigHas) {
  flags defaults;
  for (const option& one : options()) defaults.emplace(one.name, one.default_value);
  defaults["STATUS_LISTEN"] = "127.0.0.1:3002";  // without the port, even its defaults are an error
  defaults["NODE_DRAIN"] = "true";               // likewise
  const config written = config_of(in_a_pod(), defaults);
  const config untouched = config_of(in_a_pod());
  EXPECT_EQ(written.listen.address, untouched.listen.address);
  EXPECT_EQ(written.listen.port, untouched.listen.port);
  EXPECT_EQ(written.unhealthy_status, untouched.unhealthy_status);
  EXPECT_EQ(written.maintenance_label, untouched.maintenance_label);
  EXPECT_EQ(written.require, untouched.require);
  EXPECT_EQ(written.source, untouched.source);
  EXPECT_EQ(written.stale_grace, untouched.stale_grace);
  EXPECT_EQ(written.answer_timeout, untouched.answer_timeout);
  EXPECT_EQ(written.api_timeout, untouched.api_timeout);
  EXPECT_EQ(written.api_qps, untouched.api_qps);
  EXPECT_EQ(written.drain, untouched.drain);
  EXPECT_EQ(written.service_account_dir, untouched.service_account_dir);
  EXPECT_EQ(written.log_level, untouched.log_level);
  EXPECT_EQ(written.log_format, untouched.log_format);
  EXPECT_EQ(written.status_page, untouched.status_page);
  EXPECT_FALSE(untouched.uses_node_drain());
  EXPECT_EQ(written.node_drain_taints, untouched.node_drain_taints);
  EXPECT_FALSE(untouched.status_listen);
  EXPECT_TRUE(untouched.status_hosts.empty());
}

TEST(Options, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const option& one : options()) EXPECT_TRUE(names.insert(one.name).second) << one.name;
}

TEST(Options, OfOneGroupStandTogether) {
  std::set<std::string_view> seen;
  std::string_view current;
  for (const option& one : options()) {
    if (one.group == current) continue;
    EXPECT_TRUE(seen.insert(one.group).second) << one.group << " comes twice";
    current = one.group;
  }
}

TEST(OptionNames, BecomeVariablesAndFlags) {
  EXPECT_EQ(variable_name("STALE_GRACE"), "HTTP_HEALTHCHECK_SIDECAR_STALE_GRACE");
  EXPECT_EQ(flag_name("STALE_GRACE"), "--stale-grace");
}

TEST(NearestOption, IsTheOneMeantByATypo) {
  EXPECT_EQ(nearest_option("STALE_GRAC"), "STALE_GRACE");
  EXPECT_EQ(nearest_option("TARGET_POD"), "");
  EXPECT_EQ(nearest_option("LOGLEVEL"), "LOG_LEVEL");
  EXPECT_EQ(nearest_option("API_TIME_OUT"), "API_TIMEOUT");
}

TEST(NearestOption, IsNoneForAnythingElse) {
  EXPECT_EQ(nearest_option("CHEESE"), "");
  EXPECT_EQ(nearest_option(""), "");
  EXPECT_EQ(nearest_option(std::string(100'000, 'A')), "");
}

TEST(DurationText, IsReadBackAsTheSameDuration) {
  for (const std::chrono::milliseconds one : {0ms, 1ms, 999ms, 1000ms, 2500ms, 60'000ms, 90'001ms, 3'600'000ms}) {
    const auto read = parse_duration(to_text(one), 0ms, 24h);
    ASSERT_TRUE(std::holds_alternative<std::chrono::milliseconds>(read)) << to_text(one);
    EXPECT_EQ(std::get<std::chrono::milliseconds>(read), one);
  }
  EXPECT_EQ(to_text(90'000ms), "1m30s");
}

}  // namespace
}  // namespace sidecar::config
