#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "loaded.hpp"
#include "sidecar/config/options.hpp"

namespace sidecar::config {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

const std::string status_address = "127.0.0.1:3002";

TEST(StatusPort, IsThereOnlyIfItsAddressIsGiven) {
  EXPECT_FALSE(config_of(in_a_pod()).status_listen);
  const auto given = config_of(in_a_pod({{"STATUS_LISTEN", status_address}}));
  ASSERT_TRUE(given.status_listen);
  EXPECT_FALSE(given.status_listen->defaulted);
  EXPECT_TRUE(given.status_page);
  EXPECT_FALSE(config_of(in_a_pod({{"STATUS_LISTEN", status_address}}), {{"STATUS_LISTEN", ""}}).status_listen);
}

TEST(StatusPort, AnAddressHasOneSpelling) {
  const auto address = [](const std::string& value) {
    return config_of(in_a_pod({{"STATUS_LISTEN", value}})).status_listen.value().address;
  };
  EXPECT_EQ(address("[0:0::0]:3002"), "::");
  EXPECT_EQ(address("[FD00::0005]:3002"), "fd00::5");
  EXPECT_EQ(address("[::ffff:127.0.0.1]:3002"), "127.0.0.1");
  for (const std::string health : {"[::0]:3002", "[::ffff:127.0.0.1]:3002", "0.0.0.0:3002"}) {
    EXPECT_THAT(errors_of(in_a_pod({{"LISTEN", health}, {"STATUS_LISTEN", status_address}})),
                ElementsAre(StartsWith(prefixed("STATUS_LISTEN"))))
        << health;
  }
}

TEST(StatusPort, ItsPageIsOnOrOff) {
  const auto page = [](const std::string& value) {
    return config_of(in_a_pod({{"STATUS_LISTEN", status_address}, {"STATUS_PAGE", value}})).status_page;
  };
  EXPECT_TRUE(page("true"));
  EXPECT_FALSE(page("false"));
  EXPECT_TRUE(page("")) << "the default";
  for (const std::string value : {"False", "0", "no", "off", " false"}) {
    EXPECT_THAT(errors_of(in_a_pod({{"STATUS_LISTEN", status_address}, {"STATUS_PAGE", value}})),
                ElementsAre(AllOf(StartsWith(prefixed("STATUS_PAGE") + "=\""),
                                  HasSubstr("write one of true, false (in lower case)"))));
  }
}

TEST(StatusPort, ItsHostsAreNamesAsTheyStandInUrls) {
  const auto hosts = [](const std::string& value) {
    return config_of(in_a_pod({{"STATUS_LISTEN", status_address}, {"STATUS_HOSTS", value}})).status_hosts;
  };
  EXPECT_THAT(hosts("status.example.com"), ElementsAre("status.example.com"));
  EXPECT_THAT(hosts("Status.Example.COM.,game-status.games.svc,a,localhost"),
              ElementsAre("status.example.com", "game-status.games.svc", "a", "localhost"));
  const std::string name_of_253 =
      std::string(63, 'a') + '.' + std::string(63, 'b') + '.' + std::string(63, 'c') + '.' + std::string(61, 'd');
  EXPECT_THAT(hosts(name_of_253), ElementsAre(name_of_253));
  for (const std::string& value :
       {std::string{"a.example:3002"}, std::string{"http://a.example"}, std::string{"a.example/"},
        std::string{"*.example"}, std::string{"10.0.0.1"}, std::string{"[::1]"}, std::string{"::1"},
        std::string{"10.0.0.256"}, std::string{"a,,b"}, std::string{"a, b"}, std::string{","}, std::string{"a."} + ".",
        std::string{"a_b"}, std::string{"-a"}, "a" + name_of_253, std::string{"a\0b", 3}}) {
    EXPECT_THAT(errors_of(in_a_pod({{"STATUS_LISTEN", status_address}, {"STATUS_HOSTS", value}})),
                ElementsAre(AllOf(StartsWith(prefixed("STATUS_HOSTS") + "=\""), HasSubstr("without scheme and port"),
                                  HasSubstr("an address is always accepted"))))
        << value;
  }
}

TEST(InForce, IsEveryOptionWithItsValueOrTheDefaultsText) {
  const auto made = config_of(in_a_pod({{"STALE_GRACE", "60s"}, {"DRAIN", "5s"}, {"LOG_LEVEL", ""}}), {{"DRAIN", ""}});
  std::vector<std::pair<std::string, std::string>> expected;
  for (const option& one : options())
    expected.emplace_back(one.name, one.name == "STALE_GRACE" ? "60s" : one.default_value);
  EXPECT_EQ(made.in_force, expected);
  EXPECT_THAT(config_of(in_a_pod({{"STALE_GRACE", "60s"}}), {{"STALE_GRACE", "1m"}}).in_force,
              testing::Contains(std::pair<std::string, std::string>{"STALE_GRACE", "1m"}));
}

}  // namespace
}  // namespace sidecar::config
