#include "sidecar/net/peer_reactor.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace sidecar::net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

using until = peer_reactor::until;

/// Two ends that are connected, neither blocking.
struct pair {
  pair() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0); }
  ~pair() {
    for (const int end : ends) ::close(end);
  }
  pair(const pair&) = delete;
  pair& operator=(const pair&) = delete;

  int ours() const { return ends[0]; }
  void say(std::string_view what) const { EXPECT_EQ(::send(ends[1], what.data(), what.size(), 0), std::ssize(what)); }
  /// Our end's number stays taken.
  void peer_ends() const { ::shutdown(ends[1], SHUT_RDWR); }
  std::string heard() const {
    std::array<char, 64> bytes{};
    const auto count = ::recv(ours(), bytes.data(), bytes.size(), 0);
    return {bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
  }

  std::array<int, 2> ends{};
};

using owner = std::unique_ptr<turn_taker>;

/// Does what it is told to, and counts those that there are.
class scripted final : public turn_taker {
 public:
  explicit scripted(std::function<void(owner)> act, int* alive = nullptr) : act_(std::move(act)), alive_(alive) {
    if (alive_ != nullptr) ++*alive_;
  }
  ~scripted() override {
    if (alive_ != nullptr) --*alive_;
  }
  void take_turn(owner self) override {
    const auto act = act_;
    act(std::move(self));
  }

 private:
  std::function<void(owner)> act_;
  int* alive_;
};

class PeerReactor : public testing::Test {
 protected:
  /// Until there is nothing to do any more, or not without a peer.
  void run() {
    io.restart();
    while (io.poll() > 0) {
    }
  }

  owner taker(std::function<void(owner)> act) { return std::make_unique<scripted>(std::move(act), &alive); }
  /// Notes its turns, and ends with the first.
  owner noting(std::string what) {
    return taker([this, what](const owner&) { turns += what; });
  }
  /// Waits again after each turn, for ever.
  owner reading(const pair& of, std::string what) {
    return taker([this, &of, what](owner self) {
      turns += what + of.heard();
      tested->wait(of.ours(), until::readable, std::move(self));
    });
  }

  asio::io_context io{1};
  int alive = 0;
  std::string turns;
  std::optional<peer_reactor> tested{std::in_place, io.get_executor()};
};

TEST_F(PeerReactor, GivesATurnOnceTheSocketIsReadable) {
  const pair peer;
  tested->wait(peer.ours(), until::readable, noting("a"));
  run();
  EXPECT_EQ(turns, "");
  peer.say("x");
  run();
  EXPECT_EQ(turns, "a");
  EXPECT_EQ(alive, 0);
}

TEST_F(PeerReactor, FindsWhatWasThereBefore) {
  const pair peer;
  peer.say("x");
  tested->wait(peer.ours(), until::readable, noting("a"));
  run();
  EXPECT_EQ(turns, "a");
}

TEST_F(PeerReactor, GivesATurnOnceTheSocketTakesSomething) {
  const pair peer;
  const std::string much(1 << 16, 'x');
  while (::send(peer.ours(), much.data(), much.size(), 0) > 0) {
  }
  tested->wait(peer.ours(), until::writable, noting("w"));
  run();
  EXPECT_EQ(turns, "");
  std::string taken(1 << 16, ' ');
  while (::recv(peer.ends[1], taken.data(), taken.size(), 0) > 0) {
  }
  run();
  EXPECT_EQ(turns, "w");
}

TEST_F(PeerReactor, WhatIsLeftUnreadIsFoundAgain) {
  const pair peer;
  int looked = 0;
  tested->wait(peer.ours(), until::readable, taker([&](owner self) {
                 if (++looked < 5) tested->wait(peer.ours(), until::readable, std::move(self));
               }));
  peer.say("x");
  run();
  EXPECT_EQ(looked, 5);
}

TEST_F(PeerReactor, OneWaitFollowsAnotherOfAnotherKind) {
  const pair peer;
  tested->wait(peer.ours(), until::writable, taker([&](owner) {
                 turns += "w";
                 tested->wait(peer.ours(), until::readable, noting("r"));
               }));
  run();
  EXPECT_EQ(turns, "w");
  peer.say("x");
  run();
  EXPECT_EQ(turns, "wr");
}

/// A session that asks for an answer does not look at its peer, who may have gone.
TEST_F(PeerReactor, APeerForWhomNobodyWaitsCostsNothing) {
  const pair peer;
  tested->wait(peer.ours(), until::readable, noting("a"));
  peer.say("x");
  run();
  peer.peer_ends();
  std::size_t handlers = 0;
  io.restart();
  for (std::size_t ran = 1; ran > 0 && handlers < 1'000;) handlers += ran = io.poll();
  EXPECT_LT(handlers, 10U);

  tested->wait(peer.ours(), until::readable, noting("b"));
  run();
  EXPECT_EQ(turns, "ab");
}

TEST_F(PeerReactor, WakesWhoWaits) {
  const pair peer;
  tested->wait(peer.ours(), until::readable, noting("a"));
  tested->wake(peer.ours());
  tested->wake(peer.ours());
  EXPECT_EQ(turns, "");  // never from within the caller's stack
  run();
  EXPECT_EQ(turns, "a");
}

TEST_F(PeerReactor, KnowsNoDescriptorThatNobodyWaitedFor) {
  const pair peer;
  tested->wake(peer.ours());
  tested->forget(peer.ours());
  tested->wake(1'000'000);
  tested->forget(1'000'000);
  run();
  EXPECT_EQ(turns, "");
}

TEST_F(PeerReactor, WhoHasTheNumberOfAClosedSocketWaitsForItself) {
  auto first = std::make_unique<pair>();
  tested->wait(first->ours(), until::readable, noting("old"));
  first->say("x");
  const int number = first->ours();
  tested->forget(number);
  first.reset();
  const pair second;
  ASSERT_TRUE(second.ours() == number || second.ends[1] == number);
  const int waiting = second.ours();
  tested->wait(waiting, until::readable, noting("new"));
  run();
  EXPECT_EQ(turns, "old");
  second.say("x");
  run();
  EXPECT_EQ(turns, "oldnew");
}

/// Both are ready, and whoever comes first closes the other.
TEST_F(PeerReactor, WhoIsClosedWhileReadyHasOneTurn) {
  const pair one, other;
  const auto closing = [&](const pair& victim, const char* name) {
    return taker([this, &victim, name](owner) {
      turns += name;
      tested->forget(victim.ours());
    });
  };
  tested->wait(one.ours(), until::readable, closing(other, "1"));
  tested->wait(other.ours(), until::readable, closing(one, "2"));
  one.say("x");
  other.say("x");
  run();
  EXPECT_EQ(turns, "12");
  EXPECT_EQ(alive, 0);
}

TEST_F(PeerReactor, TheQueueIsInOrder) {
  for (const char* const name : {"a", "b", "c"}) tested->queue(noting(name));
  EXPECT_EQ(turns, "");
  run();
  EXPECT_EQ(turns, "abc");
}

TEST_F(PeerReactor, WhoAlwaysWantsAnotherTurnLeavesOthersTheirs) {
  int own = 0;
  tested->queue(taker([&](owner self) {
    if (++own < 10'000) tested->queue(std::move(self));
  }));
  const pair peer;
  tested->wait(peer.ours(), until::readable, taker([&](owner) { turns += std::to_string(own); }));
  peer.say("x");
  int others = 0;
  std::function<void()> other = [&] {
    if (own < 10'000) ++others, asio::post(io, other);
  };
  asio::post(io, other);
  run();
  EXPECT_LT(std::stoi(turns), 10);
  EXPECT_GT(others, 1'000);
}

TEST_F(PeerReactor, WhoIsAlwaysReadyLeavesAsioItsTurn) {
  const pair peer;
  peer.say("x");
  int own = 0;
  tested->wait(peer.ours(), until::readable, taker([&](owner self) {
                 if (++own < 10'000) tested->wait(peer.ours(), until::readable, std::move(self));
               }));
  int others = 0;
  std::function<void()> other = [&] {
    if (own < 10'000) ++others, asio::post(io, other);
  };
  asio::post(io, other);
  run();
  EXPECT_EQ(own, 10'000);
  EXPECT_GT(others, 30);
}

TEST_F(PeerReactor, ManyAreAllFound) {
  std::array<pair, 200> peers;
  for (auto& one : peers) tested->wait(one.ours(), until::readable, reading(one, ""));
  for (int round = 0; round < 3; ++round) {
    for (auto& one : peers) one.say(".");
    run();
  }
  EXPECT_EQ(turns, std::string(600, '.'));
}

TEST_F(PeerReactor, GoesOnAfterAnException) {
  const pair bad, good;
  tested->wait(bad.ours(), until::readable, taker([](const owner&) { throw std::runtime_error("no memory"); }));
  tested->wait(good.ours(), until::readable, reading(good, "g"));
  tested->queue(taker([](const owner&) { throw std::runtime_error("no memory"); }));
  tested->queue(noting("q"));
  bad.say("x");
  good.say("x");
  int thrown = 0;
  for (int i = 0; i < 5; ++i) {
    try {
      tested->start();
      run();
    } catch (const std::runtime_error&) {
      ++thrown;
    }
  }
  EXPECT_EQ(thrown, 2);
  EXPECT_EQ(turns, "qgx");
  EXPECT_EQ(alive, 1);
}

TEST_F(PeerReactor, IsNoWorkWhileNobodyWaits) {
  auto peer = std::make_unique<pair>();
  tested->wait(peer->ours(), until::readable, noting("a"));
  run();
  EXPECT_FALSE(io.stopped());
  tested->forget(peer->ours());
  peer.reset();
  io.restart();
  io.run_for(10s);
  EXPECT_TRUE(io.stopped());
  EXPECT_EQ(turns, "a");

  const pair another;
  tested->wait(another.ours(), until::readable, noting("b"));
  another.say("x");
  run();
  EXPECT_EQ(turns, "ab");
}

TEST_F(PeerReactor, WhoWaitsEndsWithIt) {
  const pair peer;
  tested->wait(peer.ours(), until::readable, noting("a"));
  for (int i = 0; i < 100'000; ++i) tested->queue(noting("b"));
  EXPECT_EQ(alive, 100'001);
  tested.reset();
  EXPECT_EQ(alive, 0);
  run();  // what Asio was given finds nobody
  EXPECT_EQ(turns, "");
}

/// What a watch has told must be heeded by those who ask after it.
TEST_F(PeerReactor, AfterOthersIsAfterAllThatAsioFinds) {
  tested.emplace(io.get_executor(), peer_reactor::turns::after_others);
  const pair peer, api;
  asio::posix::stream_descriptor told(io, ::dup(api.ours()));
  told.async_wait(asio::posix::stream_descriptor::wait_read, [&](boost::system::error_code) { turns += "told"; });
  tested->wait(peer.ours(), until::readable, noting("answered"));
  run();
  peer.say("x");
  api.say("x");
  run();
  EXPECT_EQ(turns, "toldanswered");
}

}  // namespace
}  // namespace sidecar::net
