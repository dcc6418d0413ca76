#include "sidecar/base/json_writer.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>

namespace sidecar::json {
namespace {

TEST(JsonWriter, WritesADocument) {
  writer out;
  out.open_object();
  out.key("empty").open_array();
  out.close_array();
  out.key("list").open_array();
  out.text("a");
  out.number(-2);
  out.number(0.25);
  out.number(std::numeric_limits<std::uint64_t>::max());
  out.open_object();
  out.key("on").boolean(true);
  out.key("off").boolean(false);
  out.close_object();
  out.null();
  out.close_array();
  out.close_object();
  EXPECT_EQ(out.take(), R"({"empty":[],"list":["a",-2,0.25,18446744073709551615,{"on":true,"off":false},null]})");
}

TEST(JsonWriter, ForeignTextIsAlwaysAValidString) {
  for (const std::string text : {"\"quoted\\", "<script>{[:", "\xff\xfe", "line\nend", "\x1b[2J", ""}) {
    writer out;
    out.open_array();
    out.text(text);
    out.text("next");
    out.close_array();
    const auto read = nlohmann::json::parse(out.take());
    ASSERT_EQ(read.size(), 2) << text;
    EXPECT_EQ(read[1], "next");
  }
}

TEST(JsonWriter, ANumberThatJsonDoesNotHaveIsNull) {
  writer out;
  out.open_array();
  out.number(std::numeric_limits<double>::quiet_NaN());
  out.number(std::numeric_limits<double>::infinity());
  out.close_array();
  EXPECT_EQ(out.take(), "[null,null]");
}

}  // namespace
}  // namespace sidecar::json
