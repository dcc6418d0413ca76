#include "sidecar/net/lookup_plan.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>

namespace sidecar::net {
namespace {

std::vector<std::string> names_in_order(std::string_view host, const resolver_settings& settings) {
  const std::string as_it_is{host};
  if (host.ends_with('.')) return {as_it_is};
  std::vector<std::string> names;
  for (const auto& domain : settings.search) names.push_back(as_it_is + '.' + domain);
  const auto dots = static_cast<std::size_t>(std::ranges::count(host, '.'));
  names.insert(dots >= settings.ndots ? names.begin() : names.end(), as_it_is);
  return names;
}

}  // namespace

lookup_plan::lookup_plan(std::string_view host, const resolver_settings& settings)
    : in_hosts_file_(host.substr(0, host.size() - (host.ends_with('.') ? 1 : 0))),
      names_(names_in_order(host, settings)),
      nameservers_(settings.nameservers) {
  std::iota(nameservers_.begin(), nameservers_.end(), std::size_t{0});
}

std::optional<lookup_plan::step> lookup_plan::next() const {
  if (!in_hosts_file_.empty()) return step{in_hosts_file_, std::nullopt};
  if (name_ >= names_.size() || nameservers_.empty()) return std::nullopt;
  return step{names_[name_], nameservers_[server_]};
}

void lookup_plan::note(outcome of_step) {
  const bool was_hosts_file = !in_hosts_file_.empty();
  in_hosts_file_.clear();
  if (of_step == outcome::found) return names_.clear();
  if (was_hosts_file) return;
  if (of_step == outcome::absent) return try_next_name();
  if (of_step == outcome::failed) ++server_;
  if (of_step == outcome::silent) nameservers_.erase(nameservers_.begin() + static_cast<std::ptrdiff_t>(server_));
  if (server_ >= nameservers_.size()) try_next_name();
}

void lookup_plan::try_next_name() {
  ++name_;
  server_ = 0;
}

}  // namespace sidecar::net
