#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../daemon.hpp"
#include "support/vitals.hpp"

/// The API side of the catalogue of faults: what a row does to the sidecar, and what must hold after every row.
namespace sidecar::test {

/// One thing that goes wrong with the API server's answer, and what the next question comes to: "" for a right 200, an
/// Api... reason for what is unknown (held, or 500 without a grace), any other reason for a 500 that nothing holds
/// back.
struct trial {
  std::string what;
  fault trouble;
  std::string reason;
  std::uint64_t calls = 1;  ///< requests that the API server must see of it
};

/// An answer written by hand.
std::string plain(const std::string& status_line, const std::string& body = {}, const std::string& fields = {});
/// A 200 with that body.
trial document(const std::string& what, const std::string& bytes, const std::string& reason);
/// `text` with the first `from` in it replaced; std::logic_error if there is none.
std::string replaced(std::string text, const std::string& from, const std::string& to);

/// How much more memory than before a row may leave behind.
constexpr std::size_t memory_margin_kilobytes = 512;
/// Without those of clients: the sidecar has one thread, and once it has answered on a connection it has read the ends
/// of those before.
std::optional<std::size_t> open_files(daemon& of);

/// A row at a grace of 0 and of 30 s; the last truth is READY.
class catalogue : public cluster_fixture, public testing::WithParamInterface<const char*> {
 protected:
  static constexpr std::chrono::seconds recovery{1};
  using cluster_fixture::cluster_fixture;

  bool strict() const { return std::string_view{GetParam()} == "0"; }

  /// Starts the sidecar, asks until it is warm, and takes what it consumes then for the measure of what comes. With one
  /// already open, that one is held to the invariants first.
  void open(const variables& options = {}, const variables& more = {});
  daemon& sidecar() { return *sidecar_; }
  vitals consumption() { return vitals{sidecar_->running().id()}; }

  /// What a checker sees; the bytes are kept for the search for the token.
  std::string ask(std::string_view line = "GET /healthz");
  std::string expected(const std::string& reason) const;
  /// Each one's answer, and a right 200 with the next question.
  void try_each(const std::vector<trial>& trials);
  /// The same, and at no moment so much more memory than before.
  void try_each_within(std::size_t kilobytes, const std::vector<trial>& trials);
  /// The API server closes what is open: the next call needs a new connection.
  void cut_connections();
  /// A token like the first one, in its place on the server's side; the sidecar is not told.
  std::string replace_token();
  /// Asks until the answer comes, at least once; gives up, as a failure, when a probe's second is over.
  void expect_within_a_second(const std::string& answer);

  void TearDown() override;

 private:
  void warm_up();
  void close();
  void mend();
  void expect_consumption_as_before();
  void expect_idle_without_work();

  std::unique_ptr<daemon> sidecar_;
  std::vector<std::string> tokens_;
  std::string said_;
  std::optional<std::size_t> files_;
  std::size_t kilobytes_ = 0;
};

/// The name of a row's instance.
inline std::string catalogue_grace(const testing::TestParamInfo<const char*>& tested) {
  return std::string{"GraceOf"} + tested.param;
}

}  // namespace sidecar::test
