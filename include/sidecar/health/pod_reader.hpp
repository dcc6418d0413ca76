#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "sidecar/base/errc.hpp"
#include "sidecar/base/json.hpp"
#include "sidecar/health/kind_rule.hpp"
#include "sidecar/health/labels_read.hpp"
#include "sidecar/health/pod.hpp"
#include "sidecar/health/pod_fields.hpp"

namespace sidecar::health {

/// Builds a pod from the SAX events of one v1.Pod (the fields of pod_fields.hpp); everything else is skipped.
/// A null counts as absent, as in the API server's own decoding. Errors: as parse_pod.
class pod_reader final : public json::events {
 public:
  explicit pod_reader(labels_read labels, kind_rule rule = kind_rule::required) : labels_(labels), rule_(rule) {}

  boost::system::error_code null() override;
  boost::system::error_code boolean(bool is_true) override;
  boost::system::error_code number() override;
  boost::system::error_code integer(std::int64_t number) override;
  boost::system::error_code string(std::string_view content) override;
  boost::system::error_code start_object() override;
  boost::system::error_code key(std::string_view name) override;
  boost::system::error_code end_object() override { return end(); }
  boost::system::error_code start_array() override;
  boost::system::error_code end_array() override { return end(); }

  /// Call at the end of the document.
  result<pod> take();

 private:
  /// An object or a list that is open and read.
  struct level {
    fields::place where = fields::place::nowhere;  ///< nowhere for a list
    std::optional<fields::value> next;             ///< the type of the next value; empty if it is skipped
  };

  level& top() { return open_[depth_]; }
  bool in_list() { return top().where == fields::place::nowhere; }
  const std::optional<fields::value>& expected();
  bool is_read(const fields::field& one, std::string_view key);
  boost::system::error_code skip();
  boost::system::error_code end();
  boost::system::error_code enter_object(fields::place where);
  void leave();
  void finish(fields::place where);
  void add_container(container::kind type);
  container_status take_status();
  void add_condition();
  void add_ready_condition(bool is_true);

  labels_read labels_;
  kind_rule rule_;
  fields::draft draft_;
  // At most: the text (as a list of one document), the document, status, containerStatuses, a status, its last state,
  // the termination in that.
  std::array<level, 7> open_{level{fields::place::nowhere, fields::object(fields::place::document)}};
  std::size_t depth_ = 0;
  std::size_t skipped_ = 0;  ///< objects and lists that are open and not read
  std::size_t kept_ = 0;     ///< objects that are entries of the pod
  std::bitset<fields::all.size()> seen_;
};

}  // namespace sidecar::health
