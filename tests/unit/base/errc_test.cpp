#include "sidecar/base/errc.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace sidecar {
namespace {

constexpr int first = static_cast<int>(errc::json_invalid);
constexpr int last = static_cast<int>(errc::certificate_cut);

TEST(Errc, EveryValueHasItsOwnMessage) {
  std::set<std::string> messages;
  for (int value = first; value <= last; ++value) {
    SCOPED_TRACE(value);
    const std::string message = make_error_code(static_cast<errc>(value)).message();
    EXPECT_NE(message, "unknown error");
    EXPECT_TRUE(messages.insert(message).second) << message;
  }
}

TEST(Errc, AnUnknownValueHasAMessageToo) { EXPECT_EQ(sidecar_category().message(last + 1), "unknown error"); }

TEST(Errc, ComparesEqualToItsErrorCodeOnly) {
  const boost::system::error_code code = errc::json_too_deep;
  EXPECT_EQ(code, errc::json_too_deep);
  EXPECT_NE(code, errc::json_invalid);
  EXPECT_NE(code, boost::system::error_code(static_cast<int>(errc::json_too_deep), boost::system::generic_category()));
}

TEST(Errc, EveryValueIsAFailure) {
  for (int value = first; value <= last; ++value) EXPECT_TRUE(make_error_code(static_cast<errc>(value)).failed());
}

}  // namespace
}  // namespace sidecar
