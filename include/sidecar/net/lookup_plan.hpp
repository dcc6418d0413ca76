#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sidecar::net {

/// What resolv.conf(5) says of how names are looked up.
struct resolver_settings {
  std::size_t ndots = 1;
  std::vector<std::string> search;
  std::size_t nameservers = 1;
};

/// PURE. A name lookup in steps that each ask one nameserver for one name, so that each takes a bounded time: the
/// C library's own lookup has none that could be set below six seconds (three silent nameservers, asked once for a
/// name of the search list and once for the name as it is; more with servers that answer slowly).
/// The order is the C library's: /etc/hosts, then with fewer dots than `ndots` the search list before the name itself.
/// A name that ends in a dot is looked up as it is, and found in /etc/hosts without the dot.
class lookup_plan {
 public:
  enum class outcome : std::uint8_t {
    found,
    absent,  ///< the nameserver knows that there is no such name, or no address of it
    failed,  ///< it answered, and could not tell; or it could not be asked
    silent,  ///< it did not answer in time, and is not asked again
  };
  struct step {
    std::string name;                       ///< to be looked up as it is
    std::optional<std::size_t> nameserver;  ///< by its place in resolv.conf; nothing: /etc/hosts alone
    bool operator==(const step&) const = default;
  };

  lookup_plan(std::string_view host, const resolver_settings& settings);

  /// What to do now; nothing if the lookup is over.
  std::optional<step> next() const;
  /// What the step of next() came to.
  void note(outcome of_step);

 private:
  void try_next_name();

  std::string in_hosts_file_;
  std::vector<std::string> names_;
  std::vector<std::size_t> nameservers_;  ///< that have not been silent
  std::size_t name_ = 0;
  std::size_t server_ = 0;
};

}  // namespace sidecar::net
