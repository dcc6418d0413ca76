#include "sidecar/kube/element_splitter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sidecar/base/json.hpp"

namespace sidecar::kube {
namespace {

using step = element_splitter::step;

struct pieces {
  std::vector<std::string> elements{};
  std::string envelope{};
  step last = step::need_more;

  friend bool operator==(const pieces&, const pieces&) = default;
};

pieces split(std::string_view document, std::size_t size, element_splitter::limits max = {1000, 1000}) {
  element_splitter splitter(max);
  pieces made;
  while (!document.empty() && made.last <= step::element) {
    auto bytes = document.substr(0, size);
    document.remove_prefix(bytes.size());
    do {
      made.last = splitter.next(bytes);
      if (made.last == step::element) made.elements.emplace_back(splitter.element());
    } while (made.last == step::element);
  }
  if (made.last == step::need_more) made.envelope = splitter.envelope();
  return made;
}

bool is_json(std::string_view text) { return json::read_tree(text).has_value(); }

struct split_row {
  std::string document;
  std::vector<std::string> elements;
  std::string envelope;
};

TEST(ElementSplitter, HandsOutTheObjectsInArraysOfTheDocumentHoweverTheBytesAreCut) {
  const split_row rows[] = {
      {"", {}, ""},
      {R"({"items":[]})", {}, R"({"items":[]})"},
      {R"({"items":[{}]})", {"{}"}, R"({"items":[{}]})"},
      {R"({"items":[{"a":1},{"b":[{}]} , {"c":{"d":{}}}],"x":1})",
       {R"({"a":1})", R"({"b":[{}]})", R"({"c":{"d":{}}})"},
       R"({"items":[{},{} , {}],"x":1})"},
      {R"({"a":[{"n":1}],"b":[{"n":2}]})", {R"({"n":1})", R"({"n":2})"}, R"({"a":[{}],"b":[{}]})"},
      {R"({"items":[{"t":"]}[{\"\\"},{"t":"\\\"}"}]})",
       {R"({"t":"]}[{\"\\"})", R"({"t":"\\\"}"})"},
       R"({"items":[{},{}]})"},
      {R"({"[{":"[{","items":[null,"{",[{"a":1}],2]})", {}, R"({"[{":"[{","items":[null,"{",[{"a":1}],2]})"},
      {R"({"metadata":{"owners":[{"a":1}]}})", {}, R"({"metadata":{"owners":[{"a":1}]}})"},
      {R"([[{"a":1}]])", {}, R"([[{"a":1}]])"},
      {R"([{"a":1}])", {}, R"([{"a":1}])"},
      {R"({"items":[{"a":1})", {R"({"a":1})"}, R"({"items":[{})"},
      {R"({"items":[{"a":1)", {}, R"({"items":[{})"}};
  for (const auto& row : rows) {
    for (std::size_t size = 1; size <= row.document.size() + 1; ++size) {
      const auto made = split(row.document, size);
      EXPECT_EQ(made.elements, row.elements) << row.document << " by " << size;
      EXPECT_EQ(made.envelope, row.envelope) << row.document << " by " << size;
    }
  }
}

TEST(ElementSplitter, WhatIsNoJsonShowsInTheEnvelopeOrAnElement) {
  for (const std::string document :
       {R"({"items":[{"a":1])", R"({"items":[{"a":1]]})", R"({"items":[{"a":[1}]})", R"({"items":[{"a":1}})",
        R"({"items":[{"a":1}]}})", R"({"items":[{"a":1}]]})", R"({"items":[{"a":1} {"b":1}]})",
        R"({"items":[{"a":1}"]})", R"({"items":[{"a":"\x"}]})", R"(}{"items":[{"a":1}]})", R"(]]{"items":[{}]})",
        R"({"items":[{"a":1}]}{"items":[{"a":1}]})", R"({["items",{"a":1}]})", R"({"items":[{"a"{"b":1}}]})",
        R"({"items":{{"a":1}]})"}) {
    for (std::size_t size : {std::size_t{1}, document.size()}) {
      const auto made = split(document, size);
      EXPECT_FALSE(is_json(made.envelope) && std::ranges::all_of(made.elements, is_json)) << document;
    }
  }
}

TEST(ElementSplitter, KeepsNoMoreThanItsLimits) {
  const std::string element = R"({"a":"123"})";
  const std::string document = R"({"items":[)" + element + "," + element + "]}";
  const std::string envelope = R"({"items":[{},{}]})";
  for (std::size_t size = 1; size <= document.size(); ++size) {
    EXPECT_EQ(split(document, size, {element.size(), envelope.size()}).elements.size(), 2U);
    EXPECT_EQ(split(document, size, {element.size() - 1, envelope.size()}).last, step::element_too_long);
    EXPECT_EQ(split(document, size, {element.size(), envelope.size() - 1}).last, step::envelope_too_long);
    EXPECT_EQ(split(document, size, {element.size(), 11}).last, step::envelope_too_long);
  }
}

}  // namespace
}  // namespace sidecar::kube
