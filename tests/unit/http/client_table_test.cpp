#include "sidecar/http/client_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace sidecar::http {
namespace {

using namespace std::chrono_literals;
using time_point = client_table::time_point;

boost::asio::ip::address numbered(std::size_t number) {
  return boost::asio::ip::make_address("192.0.2." + std::to_string(number));
}

std::vector<std::string> shown_addresses(const client_table& table) {
  std::vector<std::string> texts;
  for (const auto& one : table.records()) texts.push_back(one.address.to_string());
  return texts;
}

TEST(ClientTable, HasOneRecordForAnAddress) {
  client_table table;
  table.connect(numbered(1), time_point{1s}).requests = 7;
  auto& again = table.connect(numbered(1), time_point{2s});
  EXPECT_EQ(again.requests, 7U);
  EXPECT_EQ(again.connected, time_point{2s});
  EXPECT_EQ(table.records().size(), 1U);
}

TEST(ClientTable, TellsAddressesOfBothFamiliesApart) {
  client_table table;
  for (const auto* const text : {"192.0.2.1", "192.0.2.2", "::1", "2001:db8::1", "fe80::1%1", "fe80::1%2"}) {
    table.connect(boost::asio::ip::make_address(text), time_point{1s});
  }
  EXPECT_EQ(table.records().size(), 6U);
}

TEST(ClientTable, ShowsTheMostRecentlySeenFirst) {
  client_table table;
  table.connect(numbered(1), time_point{1s});
  table.connect(numbered(2), time_point{2s});
  table.connect(numbered(3), time_point{3s});
  table.connect(numbered(1), time_point{4s});
  EXPECT_EQ(shown_addresses(table), (std::vector<std::string>{"192.0.2.1", "192.0.2.3", "192.0.2.2"}));
}

TEST(ClientTable, ATimeThatComesLateMakesNoClientOlder) {
  client_table table;
  table.connect(numbered(1), time_point{5s});
  EXPECT_EQ(table.connect(numbered(1), time_point{3s}).connected, time_point{5s});
}

TEST(ClientTable, WhenFullForgetsTheAddressThatWasSeenLeastRecently) {
  client_table table;
  for (std::size_t i = 0; i < client_table::max_clients; ++i) {
    table.connect(numbered(i), time_point{std::chrono::seconds(i)});
  }
  auto& oldest = table.connect(numbered(0), time_point{100s});
  oldest.requests = 9;
  EXPECT_EQ(table.records().size(), client_table::max_clients);

  auto& added = table.connect(numbered(200), time_point{101s});
  const auto left = shown_addresses(table);
  EXPECT_EQ(left.size(), client_table::max_clients);
  EXPECT_EQ(std::count(left.begin(), left.end(), "192.0.2.1"), 0) << "it was seen least recently";
  EXPECT_EQ(left[0], "192.0.2.200");
  EXPECT_EQ(left[1], "192.0.2.0");
  EXPECT_EQ(added.requests, 0U);
  EXPECT_EQ(oldest.address, numbered(0)) << "no other record moves";
  EXPECT_EQ(oldest.requests, 9U);
}

TEST(ClientTable, ARecordThatIsGivenAwayHasNothingOfItsFormerAddress) {
  client_table table;
  auto& first = table.connect(numbered(0), time_point{1s});
  first.requests = first.mute = 5;
  first.interval = 1s;
  first.request.path.assign("/healthz");
  first.answer.status = 200;
  for (std::size_t i = 1; i <= client_table::max_clients; ++i) table.connect(numbered(i), time_point{2s});
  EXPECT_EQ(table.find(numbered(0)), nullptr);
  EXPECT_EQ(table.find(numbered(client_table::max_clients)), &first);
  EXPECT_EQ(first.address, numbered(client_table::max_clients));
  EXPECT_EQ(first.connections, 1U);
  EXPECT_EQ(first.requests + first.mute, 0U);
  EXPECT_EQ(first.interval, 0s);
  EXPECT_EQ(first.request.path.view(), "");
  EXPECT_EQ(first.answer.status, 0U);
}

TEST(ClientTable, CountsAddressesWithARequestWithinTheWindow) {
  client_table table;
  EXPECT_EQ(table.active(time_point{100s}, 60s), 0U);
  const auto add = [&](std::size_t number, std::chrono::seconds at, std::uint64_t requests) {
    auto& record = table.connect(numbered(number), time_point{at});
    record.requests = requests;
    if (requests > 0) record.last_request = time_point{at};
  };
  add(1, 99s, 1);
  add(2, 41s, 1);
  add(3, 40s, 1);
  add(4, 99s, 0);
  add(5, 101s, 1);
  EXPECT_EQ(table.active(time_point{100s}, 60s), 3U) << "the third sent one too long ago, the fourth none";
}

template <std::size_t Max>
cut_text<Max> cut(std::string_view text) {
  cut_text<Max> made;
  made.assign(text);
  return made;
}

TEST(CutText, HasTextsOfEverySize) {
  const std::string bytes = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM";
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    EXPECT_EQ(cut<47>(std::string_view(bytes).substr(0, size)).view(),
              bytes.substr(0, std::min<std::size_t>(size, 47)));
  }
}

TEST(CutText, SaysWhetherItWasCut) {
  const struct {
    std::string_view text;
    bool cut;
    std::string shown;
  } rows[] = {{"", false, ""}, {"abc", false, "abc"}, {"abcd", false, "abcd"}, {"abcde", true, "abcd…"}};
  for (const auto& row : rows) {
    const auto text = cut<4>(row.text);
    EXPECT_EQ(text.is_cut(), row.cut) << row.text;
    EXPECT_EQ(text.shown(), row.shown);
    EXPECT_EQ(text.empty(), row.text.empty());
  }
}

TEST(CutText, KeepsTheFirstBytesAsTheyCame) {
  EXPECT_EQ(cut<4>("").view(), "");
  EXPECT_EQ(cut<4>("abcd").view(), "abcd");
  EXPECT_EQ(cut<4>("abcde").view(), "abcd");
  const std::string_view foreign("<\0\xff", 3);
  auto text = cut<4>(foreign);
  EXPECT_EQ(text.view(), foreign);
  text.assign("x");
  EXPECT_EQ(text.view(), "x") << "nothing stays of a longer text";
}

TEST(ClientRequest, TakesOverWhatARequestSays) {
  client_request seen{.tls = true};
  seen.proxy_source.assign("192.0.2.9");
  const std::string path(60, 'p');
  const std::string host(60, 'h');
  const std::string agent(60, 'a');
  seen.read(
      {.method = method::head, .target = path, .version = http_version::http_1_1, .host = host, .user_agent = agent});
  EXPECT_EQ(seen.method, method::head);
  EXPECT_EQ(seen.protocol, client_protocol::http_1_1);
  EXPECT_EQ(seen.path.view(), std::string(34, 'p'));
  EXPECT_EQ(seen.host.view(), std::string(31, 'h'));
  EXPECT_EQ(seen.user_agent.view(), std::string(23, 'a'));

  seen.read({.method = method::get, .target = "/"});
  EXPECT_EQ(seen.protocol, client_protocol::http_1_0);
  EXPECT_EQ(seen.path.view(), "/");
  EXPECT_EQ(seen.host.view(), "");
  EXPECT_EQ(seen.user_agent.view(), "");
  seen.read({.method = method::get, .target = "/", .version = http_version::http_0_9});
  EXPECT_EQ(seen.protocol, client_protocol::http_0_9);
  EXPECT_TRUE(seen.tls) << "it is the connection's";
  EXPECT_EQ(seen.proxy_source.view(), "192.0.2.9") << "it is the connection's";
}

}  // namespace
}  // namespace sidecar::http
