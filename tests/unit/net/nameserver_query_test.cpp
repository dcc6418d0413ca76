#include "sidecar/net/nameserver_query.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <resolv.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "support/name_server.hpp"

namespace sidecar::net {
namespace {

using namespace std::chrono_literals;
using outcome = lookup_plan::outcome;
using test::dns_question;
using test::dns_reply;
using test::name_server;

/// Nameservers of our own, with a search list that is never to be used, in place of those of resolv.conf: `_res` takes
/// ports, and this thread's is its own.
class NameserverQuery : public testing::Test {
 protected:
  ~NameserverQuery() override { ::res_init(); }

  void serve(std::vector<name_server::answering> answers) {
    read_resolver_settings();
    for (auto& answer : answers) servers.push_back(std::make_unique<name_server>(std::move(answer)));
    _res.nscount = static_cast<int>(servers.size());
    for (std::size_t i = 0; i < servers.size(); ++i) {
      auto& address = _res.nsaddr_list[i];
      address.sin_family = AF_INET;
      address.sin_port = htons(servers[i]->port());
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      _res._u._ext.nssocks[i] = -1;  // as for those of resolv.conf
    }
    _res.ndots = 5;
    _res.dnsrch[0] = search.data();
    _res.dnsrch[1] = nullptr;
  }

  struct timed {
    query_result result;
    std::chrono::steady_clock::duration lasted;
  };
  static timed ask(const std::string& name, std::optional<std::size_t> nameserver = 0) {
    const auto started = std::chrono::steady_clock::now();
    auto result = ask_nameserver({name, nameserver});
    return {std::move(result), std::chrono::steady_clock::now() - started};
  }

  std::vector<dns_question> asked(std::size_t server = 0) const { return servers.at(server)->questions(); }

  std::vector<std::unique_ptr<name_server>> servers;
  std::string search = "search.invalid";
};

std::optional<dns_reply> no_such_name(const dns_question&) {
  return dns_reply{.status = dns_reply::code::no_such_name};
}
std::optional<dns_reply> failure(const dns_question&) { return dns_reply{.status = dns_reply::code::server_failure}; }
std::optional<dns_reply> one_address(const dns_question&) { return dns_reply{.addresses = {"192.0.2.7"}}; }

const dns_question ipv4{"api.invalid", false};
const dns_question ipv6{"api.invalid", true};

TEST_F(NameserverQuery, AsksOneServerOnceForEachFamilyAndForThatNameAlone) {
  serve({one_address, one_address, no_such_name});
  const auto [result, lasted] = ask("api.invalid", 1);
  EXPECT_EQ(result.what, outcome::found);
  ASSERT_EQ(result.addresses.size(), 1U);
  EXPECT_EQ(result.addresses[0].address().to_string(), "192.0.2.7");
  EXPECT_THAT(asked(1), testing::ElementsAre(ipv4, ipv6));
  EXPECT_THAT(asked(0), testing::IsEmpty());
  EXPECT_THAT(asked(2), testing::IsEmpty());
  EXPECT_EQ(ask("api.invalid", 2).result.what, outcome::absent);
  EXPECT_EQ(ask("api.invalid", 0).result.what, outcome::found);
}

TEST_F(NameserverQuery, NameThatEndsInADotIsThatName) {
  serve({one_address});
  EXPECT_EQ(ask("api.invalid.").result.what, outcome::found);
  EXPECT_THAT(asked(), testing::ElementsAre(ipv4, ipv6));
}

TEST_F(NameserverQuery, ServerThatCannotTellHasFailed) {
  serve({failure});
  EXPECT_EQ(ask("api.invalid").result.what, outcome::failed);
}

TEST_F(NameserverQuery, PortWhereNobodyListensHasFailed) {
  serve({one_address});
  servers.clear();
  const auto [result, lasted] = ask("api.invalid");
  EXPECT_EQ(result.what, outcome::failed);
}

TEST_F(NameserverQuery, SilenceTakesASecond) {
  serve({test::silence, one_address});
  const auto [result, lasted] = ask("api.invalid");
  EXPECT_EQ(result.what, outcome::silent);
  EXPECT_GE(lasted, 900ms);
  EXPECT_LT(lasted, 2s);
  EXPECT_THAT(asked(1), testing::IsEmpty());
}

// The C library would ask for both again, twice, with a time limit of its own for each.
TEST_F(NameserverQuery, SilenceAboutOneFamilyIsNoReasonToAskAgain) {
  serve({[](const dns_question& of) { return of.is_ipv6 ? std::nullopt : one_address(of); }});
  const auto [result, lasted] = ask("api.invalid");
  EXPECT_EQ(result.what, outcome::found);
  EXPECT_LT(lasted, 2s);
  EXPECT_THAT(asked(), testing::ElementsAre(ipv4, ipv6));
}

TEST_F(NameserverQuery, AnswersThatAreLateDoNotAddUp) {
  serve({[](const dns_question& of) -> std::optional<dns_reply> {
    if (of.is_ipv6) return std::nullopt;
    return dns_reply{.addresses = {"192.0.2.7"}, .delay = 900ms};
  }});
  const auto [result, lasted] = ask("api.invalid");
  EXPECT_EQ(result.what, outcome::found);
  EXPECT_LT(lasted, 2s);
}

// Over TCP a connect has no time limit but the kernel's.
TEST_F(NameserverQuery, TruncatedResponseIsTakenAsItIs) {
  serve({[](const dns_question&) -> std::optional<dns_reply> {
    return dns_reply{.addresses = {"192.0.2.7"}, .truncated = true};
  }});
  const auto [result, lasted] = ask("api.invalid");
  EXPECT_EQ(result.what, outcome::found);
  EXPECT_EQ(result.addresses.size(), 1U);
}

TEST_F(NameserverQuery, HostsFileAloneAsksNobody) {
  serve({one_address});
  EXPECT_EQ(ask("api.invalid", std::nullopt).result.what, outcome::failed);
  EXPECT_EQ(ask("localhost", std::nullopt).result.what, outcome::found);
  EXPECT_THAT(asked(), testing::IsEmpty());
}

TEST_F(NameserverQuery, LeavesTheResolverAsItWas) {
  serve({one_address, no_such_name});
  const struct __res_state before = _res;
  ask("api.invalid", 1);
  ask("api.invalid", std::nullopt);
  EXPECT_EQ(_res.nscount, before.nscount);
  EXPECT_EQ(_res.retrans, before.retrans);
  EXPECT_EQ(_res.retry, before.retry);
  EXPECT_EQ(_res.options, before.options);
  EXPECT_EQ(_res.nsaddr_list[0].sin_port, before.nsaddr_list[0].sin_port);
}

}  // namespace
}  // namespace sidecar::net
