#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "haproxy_forms.hpp"

/// The false-UP table: every form of a check in every situation of the pod, seen by one HAProxy.
namespace sidecar::test {
namespace {

struct situation {
  std::string name;
  std::function<void()> begin;
};

const std::vector<check_form>& all_forms() {
  static const auto forms = [] {
    auto all = check_forms();
    all.insert(all.end(), any_byte_forms().begin(), any_byte_forms().end());
    return all;
  }();
  return forms;
}

std::string expected(const check_form& form, const std::string& situation) {
  if (situation == "ready") return form.ready;
  return situation == "terminating" ? form.leaving : "DOWN";
}

struct cell {
  std::string seen;
  std::string expected;
};

std::ostream& operator<<(std::ostream& out, const cell& one) {
  out << one.seen;
  return one.seen == one.expected ? out : out << " (expected " << one.expected << ")";
}

/// What was seen, by form (in the order of `all_forms`) and situation.
struct table {
  std::vector<std::string> situations = {};
  std::vector<std::vector<cell>> rows = std::vector<std::vector<cell>>(all_forms().size());

  std::size_t differing() const {
    std::ptrdiff_t count = 0;
    for (const auto& row : rows)
      count += std::ranges::count_if(row, [](const cell& one) { return one.seen != one.expected; });
    return static_cast<std::size_t>(count);
  }

  /// Markdown.
  std::string text() const {
    std::ostringstream out;
    out << "| check |";
    for (const auto& name : situations) out << " " << name << " |";
    out << "\n|---|";
    for (std::size_t i = 0; i < situations.size(); ++i) out << "---|";
    for (std::size_t i = 0; i < rows.size(); ++i) {
      out << "\n| " << all_forms()[i].name << " |";
      for (const auto& one : rows[i]) out << " " << one << " |";
    }
    out << "\n\n" << rows.size() * situations.size() << " cells, " << differing() << " differ\n";
    return out.str();
  }
};

class FalseUpTable : public haproxy_fixture {
 protected:
  explicit FalseUpTable(const std::string& source = "live") {
    std::vector<checked_backend> backends;
    for (const auto& form : all_forms()) {
      auto& sidecar = sidecars_[form.needs];
      if (!sidecar) sidecar = start_offering(form.needs, {{"STALE_GRACE", "500ms"}, {"SOURCE", source}});
      backends.push_back(backend_of(form, sidecar->port(), sidecar->agent_port()));
    }
    balancer_ = std::make_unique<load_balancer>(directory.path(), backends);
  }

  std::vector<situation> situations() {
    return {
        {"ready", [this] { become_ready(); }},
        {"not ready", [this] { api.set_ready("game", false); }},
        {"no statuses yet", [this] { change_pod([](pod& of) { of.remove_status("game").remove_status("health"); }); }},
        {"terminating", [this] { change_pod([](pod& of) { of.terminate(); }); }},
        {"pod gone", [this] { api.delete_pod(); }},
        {"API away beyond the hold", [this] { api.inject(reset_at(phase::request)); }},
        {"wrong token", [this] { api.revoke_token(token); }},
    };
  }

  /// Each situation is entered from the other side, so that no server is right by never having moved.
  void fill(table& into, const situation& next) {
    if (next.name == "ready") {
      api.set_ready("game", false);
      reach("not ready");
    } else {
      become_ready();
      reach("ready");
    }
    const auto told = balancer_->log().size();
    next.begin();
    reach(next.name);
    see_that_it_stays(next.name);
    const auto rows = balancer_->servers();
    into.situations.push_back(next.name);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto& form = all_forms()[i];
      const auto wanted = expected(form, next.name);
      const bool returned = wanted != "UP" && went_and_came(told, form);
      into.rows[i].push_back({(returned ? "UP between, " : "") + state_of(rows[i]), wanted});
    }
  }

  /// A check causes one request at most: that many are of as many checks.
  virtual void see_that_it_stays(const std::string& situation) {
    EXPECT_TRUE(api.wait_for_requests(api.counts().requests + 4 * check_forms().size())) << situation;
  }
  load_balancer& balancer() { return *balancer_; }

 private:
  void become_ready() {
    api.clear_faults();
    api.accept_token(token, "system:serviceaccount:demo:sidecar");
    api.put_pod(pod{});
  }

  /// Waits until every server is where it should be, or long enough.
  void reach(const std::string& situation) {
    balancer_->servers_when([&](std::vector<variables>& rows) {
      return std::ranges::equal(rows, all_forms(), [&](const variables& row, const check_form& form) {
        return state_of(row) == expected(form, situation);
      });
    });
  }

  /// Whether the log says, after its first `told` lines, that the server was down (or drained) and up again.
  bool went_and_came(std::size_t told, const check_form& form) const {
    const auto lines = balancer_->log();
    const auto tells = [&](const std::string& line, const char* what) {
      return line.find("Server " + form.name + "/node1 " + what) != line.npos;
    };
    const auto gone =
        std::find_if(lines.begin() + static_cast<std::ptrdiff_t>(told), lines.end(), [&](const auto& line) {
          return tells(line, "is DOWN") || tells(line, "is stopping") || tells(line, "enters drain state");
        });
    return std::any_of(gone, lines.end(), [&](const auto& line) { return tells(line, "is UP"); });
  }

  std::map<offer, std::unique_ptr<daemon>> sidecars_;
  std::unique_ptr<load_balancer> balancer_;
};

/// The same, answered from memory. Of what ails the API server a watch hears when it breaks off or with the next check:
/// that is in the catalogue.
class FalseUpTableOfAWatch : public FalseUpTable {
 protected:
  FalseUpTableOfAWatch() : FalseUpTable{"watch"} {}

  std::vector<situation> situations_of_a_watch() {
    auto all = situations();
    std::erase_if(all, [](const situation& one) { return one.name.starts_with("API") || one.name == "wrong token"; });
    return all;
  }

  void see_that_it_stays(const std::string& situation) override {
    const auto calls = api.counts().watch_requests;
    balancer().wait_for_relayed_checks(4);
    EXPECT_EQ(api.counts().watch_requests, calls) << situation;
    EXPECT_EQ(calls, 5U) << "one for each sidecar";
  }
};

/// With FALSE_UP_TABLE the table is written to the file of that name, for scripts/false-up-table.
TEST_F(FalseUpTable, HasNoCellThatDiffers) {
  table seen;
  for (const auto& next : situations()) fill(seen, next);
  if (const char* path = std::getenv("FALSE_UP_TABLE")) std::ofstream{path} << seen.text();
  EXPECT_EQ(seen.differing(), 0U) << seen.text();
}

TEST_F(FalseUpTableOfAWatch, HasNoCellThatDiffers) {
  table seen;
  for (const auto& next : situations_of_a_watch()) fill(seen, next);
  EXPECT_EQ(seen.differing(), 0U) << seen.text();
}

}  // namespace
}  // namespace sidecar::test
