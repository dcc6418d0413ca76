#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/node/known_pods.hpp"

/// known_pods against a random cluster, which is listed and watched as watch_machine does it.
namespace sidecar::node {
namespace {

using order = known_pods::order;
using number = std::uint64_t;

constexpr std::size_t pod_count = 6;  // three names in each of two namespaces

/// What a pod is from a version on.
struct pod_change {
  std::size_t pod;
  number version = 0, marked = 0;  ///< `marked`: the version that its event carries
  bool is_there = false, is_ready = false, is_relabelled = false;

  health::workload_pod state() const {
    return {.namespace_name = pod % 2 == 0 ? "demo" : "prod",
            .workload = is_relabelled ? "api" : "web",
            .name = std::string(1, static_cast<char>('a' + pod / 2)),
            .version = std::to_string(marked),
            .judged = is_ready ? health::reason::all_containers_ready : health::reason::container_not_ready};
  }
};

std::string text_of(const health::workload_pod& one) {
  return one.namespace_name + '/' + one.name + ':' + one.workload + '=' + std::string{name(one.judged)} + '@' +
         one.version + ' ';
}

struct model_cluster {
  bool marks_deletions;  ///< with a version of their own, as every API server does today
  number version = 90;   ///< soon one of three digits: versions are ordered as numbers
  std::vector<pod_change> log{};

  pod_change at(number when, std::size_t pod) const {
    const auto is_it = [&](const pod_change& one) { return one.pod == pod && one.version <= when; };
    const auto found = std::find_if(log.rbegin(), log.rend(), is_it);
    return found == log.rend() ? pod_change{pod} : *found;
  }
  void change(number random) {
    auto next = at(version, random % pod_count);
    next.version = version += 1 + random / 8 % 3;  // those left out are of objects that nobody asked about
    const auto kind = random / 64 % 4;
    next.is_ready ^= next.is_there && kind > 1;
    next.is_relabelled ^= next.is_there && kind == 1;
    next.is_there = !next.is_there || kind != 0;
    if (next.is_there || marks_deletions) next.marked = next.version;
    log.push_back(next);
  }
  bool was_so(std::size_t pod, const std::string& text, number since) const {
    for (auto when = version;;) {
      const auto change = at(when, pod);
      if (text == (change.is_there ? text_of(change.state()) : "")) return true;
      if (change.version <= since) return false;
      when = change.version - 1;
    }
  }
};

/// A step is a random thing that can happen next. Time may stand still: an event may come in the instant of a LIST.
class model_world {
 public:
  model_world(number seed, bool marks_deletions) : cluster_{marks_deletions}, random_{seed} {
    const auto add = [&](void (model_world::*what)(), number least, number most) {
      happenings_.insert(happenings_.end(), least + random_() % (most - least + 1), what);
    };
    add(&model_world::change, 1, 8);
    add(&model_world::deliver, 1, 8);
    add(&model_world::begin_list, 1, 4);
    add(&model_world::end_list, 1, 4);
    add(&model_world::lose_watch, 0, 1);
    add(&model_world::fail_list, 0, 1);
  }

  void step() {
    now_ += std::chrono::nanoseconds{random_() % 2};
    (this->*happenings_[random_() % happenings_.size()])();
    for (std::size_t pod = 0; known_.confirmed() && pod < pod_count; ++pod) {
      EXPECT_TRUE(is_as_of(pod, newest_at_[*known_.confirmed()])) << "older than the confirmation: " << known_of(pod);
      EXPECT_TRUE(is_as_of(pod, reached_[pod])) << "older than before: " << known_of(pod);
      const bool is_delivered = watch_ && !is_behind(cluster_.version);
      EXPECT_TRUE(!is_delivered || is_as_of(pod, cluster_.version)) << "all is delivered, yet: " << known_of(pod);
    }
  }

  /// The rest of the events and a LIST.
  void settle() {
    while (watch_ && is_behind(cluster_.version)) deliver();
    now_ += std::chrono::nanoseconds{1};
    fail_list();
    begin_list();
    end_list();
    for (std::size_t pod = 0; pod < pod_count; ++pod) EXPECT_TRUE(is_as_of(pod, cluster_.version)) << known_of(pod);
  }

 private:
  struct begun_list {
    time_point observed;
    number newest;
  };
  struct open_watch {
    std::size_t next;         ///< event
    number listed = 0;        ///< the version of the last LIST while it was open
    bool is_awaited = false;  ///< that LIST has found what it has yet to deliver
  };

  void change() { cluster_.change(random_()); }
  void lose_watch() { watch_.reset(); }
  void fail_list() { list_.reset(); }

  void begin_list() {
    if (list_) return;
    list_ = begun_list{now_, cluster_.version};
    newest_at_.try_emplace(now_, cluster_.version);
  }

  void end_list() {
    if (!list_) return;
    const auto [observed, newest] = *std::exchange(list_, {});
    const auto version = newest + random_() % (cluster_.version - newest + 1);
    kube::node_pods listed{{}, observed, std::to_string(version)};
    for (std::size_t pod = 0; pod < pod_count; ++pod) {
      if (const auto change = cluster_.at(version, pod); change.is_there) listed.pods.push_back(change.state());
    }
    const auto before = known_text();
    const bool is_first = !known_.confirmed();
    const auto relation = known_.list(std::move(listed));
    const bool has_changed = known_text() != before;
    EXPECT_EQ(relation == order::newer, has_changed && !is_first);
    EXPECT_FALSE(relation == order::unknown && cluster_.marks_deletions);
    if (relation == order::unknown) return begin_list();
    EXPECT_EQ(known_.confirmed(), observed);
    for (auto& one : reached_) one = std::max(one, version);
    if (watch_ && random_() % 8 != 0) {
      watch_->listed = version;
      watch_->is_awaited = relation == order::newer;
      EXPECT_TRUE(!watch_->is_awaited || is_behind(version)) << "nothing is left to deliver";
    } else {  // the CA bundle has been replaced, or the watch has not delivered
      const auto is_known = [&](const pod_change& one) { return one.version <= version; };
      watch_ = open_watch{
          static_cast<std::size_t>(std::ranges::partition_point(cluster_.log, is_known) - cluster_.log.begin())};
    }
  }

  void deliver() {
    if (!watch_ || !is_behind(cluster_.version)) return;
    const auto& event = cluster_.log[watch_->next++];
    const auto before = known_text();
    const auto delivery = known_.deliver(event.state(), !event.is_there, now_).value();
    EXPECT_EQ(delivery.relation == order::newer, known_text() != before) << "and is published";
    reached_[event.pod] = std::max(reached_[event.pod], event.version);
    if (delivery.is_caught_up && delivery.relation != order::older) watch_->is_awaited = false;
    if (watch_->listed == 0 || is_behind(watch_->listed)) return;
    EXPECT_TRUE(delivery.is_caught_up && !watch_->is_awaited) << "the watch is taken for one that has missed an event";
  }

  bool is_behind(number version) const {
    return watch_->next < cluster_.log.size() && cluster_.log[watch_->next].version <= version;
  }
  std::string known_of(std::size_t pod) const {
    const auto wanted = pod_change{pod}.state();
    const auto is_it = [&](const auto& one) {
      return one.name == wanted.name && one.namespace_name == wanted.namespace_name;
    };
    const auto found = std::ranges::find_if(known_.pods(), is_it);
    return found == known_.pods().end() ? "" : text_of(*found);
  }
  std::string known_text() const {
    std::string all;
    for (const auto& one : known_.pods()) all += text_of(one);
    return all;
  }
  bool is_as_of(std::size_t pod, number since) const { return cluster_.was_so(pod, known_of(pod), since); }

  model_cluster cluster_;
  std::mt19937_64 random_;
  std::vector<void (model_world::*)()> happenings_;
  known_pods known_;
  time_point now_{};
  std::map<time_point, number> newest_at_;   ///< of the cluster when a LIST began
  std::array<number, pod_count> reached_{};  ///< by an event or a LIST: never to be fallen back behind
  std::optional<begun_list> list_;
  std::optional<open_watch> watch_;
};

class KnownNodeModel : public testing::TestWithParam<bool> {};

TEST_P(KnownNodeModel, NeverFallsBackAndEndsUpRight) {
  for (number seed = 0; seed < 8; ++seed) {
    model_world world{seed, GetParam()};
    for (int step = 1; step <= 1000; ++step) {
      step % 100 == 0 ? world.settle() : world.step();
      ASSERT_FALSE(HasFailure()) << "seed " << seed << ", step " << step;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, KnownNodeModel, testing::Bool(),
                         [](const auto& row) { return row.param ? "DeletionsAreMarked" : "DeletionsAreUnmarked"; });

}  // namespace
}  // namespace sidecar::node
