#include "sidecar/base/json.hpp"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace sidecar::json {
namespace {

using boost::system::error_code;

/// Passes nlohmann's SAX events to the handler; false stops nlohmann's parser.
class sax_adapter {
 public:
  explicit sax_adapter(events& handler) : handler_(handler) {}

  /// What stopped the parser.
  error_code error() const { return error_; }

  bool null() { return pass(handler_.null()); }
  bool boolean(bool value) { return pass(handler_.boolean(value)); }
  bool number_integer(std::int64_t value) { return pass(handler_.integer(value)); }
  bool number_unsigned(std::uint64_t value) {
    const bool fits = std::in_range<std::int64_t>(value);
    return pass(fits ? handler_.integer(static_cast<std::int64_t>(value)) : handler_.number());
  }
  bool number_float(double /*value*/, const std::string& /*text*/) { return pass(handler_.number()); }
  bool string(const std::string& value) { return pass(handler_.string(value)); }
  bool key(const std::string& name) { return pass(handler_.key(name)); }
  bool binary(const nlohmann::json::binary_t& /*value*/) { return pass(errc::json_invalid); }
  bool start_object(std::size_t /*size*/) { return open() && pass(handler_.start_object()); }
  bool end_object() { return close(handler_.end_object()); }
  bool start_array(std::size_t /*size*/) { return open() && pass(handler_.start_array()); }
  bool end_array() { return close(handler_.end_array()); }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/, const std::exception& /*what*/) {
    return pass(errc::json_invalid);
  }

 private:
  bool pass(error_code outcome) {
    error_ = outcome;
    return !outcome;
  }
  bool open() { return ++depth_ <= max_depth || pass(errc::json_too_deep); }
  bool close(error_code outcome) {
    --depth_;
    return pass(outcome);
  }

  events& handler_;
  std::size_t depth_ = 0;
  error_code error_;
};

}  // namespace

result<void> parse(std::string_view text, events& handler) {
  // nlohmann takes a NUL between tokens for the end of the input; RFC 8259 allows none anywhere.
  if (text.find('\0') != text.npos) return errc::json_invalid;
  sax_adapter adapter(handler);
  if (nlohmann::json::sax_parse(text, &adapter)) return {};
  return adapter.error();
}

}  // namespace sidecar::json
