#include "sidecar/base/json_writer.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace sidecar::json {
namespace {

TEST(JsonWriter, WritesADocument) {
  writer out;
  out.object([&] {
    out.key("empty").array([] {});
    out.key("list").array([&] {
      out.value("a");
      out.value(-2);
      out.value(0.25);
      out.value(std::numeric_limits<std::uint64_t>::max());
      out.object([&] {
        out.member("on", true);
        out.member("off", false);
      });
      out.null();
    });
    out.key("objects").objects(std::vector{1, 2}, [&](int one) { out.member("is", one); });
  });
  EXPECT_EQ(out.take(), R"({"empty":[],"list":["a",-2,0.25,18446744073709551615,{"on":true,"off":false},null],)"
                        R"("objects":[{"is":1},{"is":2}]})");
}

TEST(JsonWriter, AMemberOfEachType) {
  writer out;
  out.object([&] {
    out.member("literal", "a");
    out.member("text", std::string{"b"});
    out.member("letter-like", std::uint8_t{65});
    out.member("none", std::optional<bool>{});
    out.member("some", std::optional{std::string_view{"c"}});
    out.member("time", std::chrono::sys_time<std::chrono::milliseconds>{std::chrono::milliseconds{1}});
    out.member("duration", std::chrono::nanoseconds{15'838'849'999});
    out.member("seconds", std::optional{std::chrono::seconds{90}});
  });
  EXPECT_EQ(out.take(), R"({"literal":"a","text":"b","letter-like":65,"none":null,"some":"c",)"
                        R"("time":"1970-01-01T00:00:00.001Z","duration":15.8388,"seconds":90})");
}

TEST(JsonWriter, ForeignTextIsAlwaysAValidString) {
  for (const std::string text : {"\"quoted\\", "<script>{[:", "\xff\xfe", "line\nend", "\x1b[2J", ""}) {
    writer out;
    out.array([&] {
      out.value(text);
      out.value("next");
    });
    const auto read = nlohmann::json::parse(out.take());
    ASSERT_EQ(read.size(), 2) << text;
    EXPECT_EQ(read[1], "next");
  }
}

TEST(JsonWriter, ANumberThatJsonDoesNotHaveIsNull) {
  writer out;
  out.array([&] {
    out.value(std::numeric_limits<double>::quiet_NaN());
    out.value(std::numeric_limits<double>::infinity());
  });
  EXPECT_EQ(out.take(), "[null,null]");
}

}  // namespace
}  // namespace sidecar::json
