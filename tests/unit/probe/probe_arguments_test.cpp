#include "sidecar/probe/probe_arguments.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace sidecar::probe {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

probe_arguments probe_accepted(const std::vector<std::string>& arguments) {
  const auto outcome = parse_probe_arguments(arguments);
  if (const auto* found = std::get_if<config::configuration_errors>(&outcome)) {
    ADD_FAILURE() << testing::PrintToString(*found);
    return {};
  }
  return std::get<probe_arguments>(outcome);
}

config::configuration_errors probe_refused(const std::vector<std::string>& arguments) {
  const auto outcome = parse_probe_arguments(arguments);
  const auto* found = std::get_if<config::configuration_errors>(&outcome);
  return found == nullptr ? config::configuration_errors{} : *found;
}

TEST(ProbeArguments, HaveDefaults) {
  const auto read = probe_accepted({});
  EXPECT_EQ(read.url, "");
  EXPECT_EQ(read.drain_exit, 1);
  EXPECT_EQ(read.timeout, 1s);
  EXPECT_FALSE(read.help);
}

TEST(ProbeArguments, MayComeInAnyOrderAndForm) {
  for (const auto& arguments :
       {std::vector<std::string>{"http://[::1]:1/", "--drain-exit=2", "--timeout", "300ms"},
        std::vector<std::string>{"--drain-exit", "2", "--timeout=300ms", "http://[::1]:1/"},
        std::vector<std::string>{"--timeout=1h", "--timeout=300ms", "--drain-exit=2", "--", "http://[::1]:1/"}}) {
    const auto read = probe_accepted(arguments);
    EXPECT_EQ(read.url, "http://[::1]:1/");
    EXPECT_EQ(read.drain_exit, 2);
    EXPECT_EQ(read.timeout, 300ms);
  }
}

TEST(ProbeArguments, TakeFilesAndHeaders) {
  const auto read = probe_accepted({"/healthz/game", "--ca-file=/ca", "--cert=/c", "--key=/k", "--header", "A: 1",
                                    "--header=B: 2, 3", "--header", "C: [4]"});
  EXPECT_EQ(read.url, "/healthz/game");
  EXPECT_EQ(read.ca_file, "/ca");
  EXPECT_EQ(read.cert_file, "/c");
  EXPECT_EQ(read.key_file, "/k");
  EXPECT_THAT(read.headers, ElementsAre("A: 1", "B: 2, 3", "C: [4]"));
}

TEST(ProbeArguments, AreRefusedWithAHint) {
  EXPECT_THAT(probe_refused({"--drain-exit=256"}), ElementsAre(HasSubstr("from 0 to 255")));
  EXPECT_THAT(probe_refused({"--drain-exit=two"}), ElementsAre(HasSubstr("from 0 to 255")));
  EXPECT_THAT(probe_refused({"--drain-exit="}), ElementsAre(HasSubstr("--drain-exit")));
  EXPECT_THAT(probe_refused({"--timeout=1"}), ElementsAre(HasSubstr("--timeout=\"1\"")));
  EXPECT_THAT(probe_refused({"--timeout=0"}), ElementsAre(HasSubstr("--timeout")));
  EXPECT_THAT(probe_refused({"--timeout=2h"}), ElementsAre(HasSubstr("--timeout")));
  EXPECT_THAT(probe_refused({"--key=/k"}), ElementsAre(HasSubstr("name it with --cert")));
  EXPECT_THAT(probe_refused({"--header=nonsense"}), ElementsAre(HasSubstr("'Name: value'")));
  EXPECT_THAT(probe_refused({"node-a:3000"}), ElementsAre(HasSubstr("URL=\"node-a:3000\": write http://")));
  EXPECT_THAT(probe_refused({"/a b"}), ElementsAre(HasSubstr("escape blanks")));
  EXPECT_THAT(probe_refused({"--cheese"}), ElementsAre(HasSubstr("--cheese")));
  EXPECT_THAT(probe_refused({"http://a/", "http://b/"}), ElementsAre(HasSubstr("http://b/")));
  EXPECT_THAT(probe_refused({"--timeout"}), ElementsAre(HasSubstr("--timeout")));
  EXPECT_EQ(probe_refused({"--drain-exit=x", "--timeout=x", "--header=x", "x"}).size(), 4U) << "all at once";
}

TEST(ProbeArguments, OfHelpWinOverErrors) {
  EXPECT_TRUE(probe_accepted({"--help", "--drain-exit=x"}).help);
  EXPECT_TRUE(probe_accepted({"-h"}).help);
}

TEST(ProbeHelp, NamesEveryOptionAndFitsATerminal) {
  const auto text = probe_help_text();
  for (const auto& one : probe_options()) EXPECT_THAT(text, HasSubstr("  " + std::string{one.flag} + " "));
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
}

}  // namespace
}  // namespace sidecar::probe
