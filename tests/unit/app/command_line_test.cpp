#include "sidecar/app/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "sidecar/config/options.hpp"

namespace sidecar::app {
namespace {

using action = command_line::action;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

std::variant<command_line, config::configuration_errors> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "http-healthcheck-sidecar");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

command_line accepted(const std::vector<const char*>& arguments) {
  const auto outcome = parse(arguments);
  if (const auto* found = std::get_if<config::configuration_errors>(&outcome)) {
    ADD_FAILURE() << testing::PrintToString(*found);
    return {};
  }
  return std::get<command_line>(outcome);
}

config::configuration_errors refused(const std::vector<const char*>& arguments) {
  const auto outcome = parse(arguments);
  const auto* found = std::get_if<config::configuration_errors>(&outcome);
  return found == nullptr ? config::configuration_errors{} : *found;
}

TEST(CommandLine, WithoutArgumentsRunsWithoutFlags) {
  EXPECT_EQ(accepted({}).what, action::run);
  EXPECT_THAT(accepted({}).flags, IsEmpty());
  const auto without_even_a_name = parse_command_line(0, nullptr);
  EXPECT_TRUE(std::holds_alternative<command_line>(without_even_a_name));
}

TEST(CommandLine, KnowsEveryOptionOfTheTable) {
  for (const config::option& one : config::options()) {
    const std::string flag = config::flag_name(one.name);
    const std::string with_value = flag + "=some value";
    EXPECT_THAT(accepted({flag.c_str(), "some value"}).flags, ElementsAre(Pair(one.name, "some value")));
    EXPECT_THAT(accepted({with_value.c_str()}).flags, ElementsAre(Pair(one.name, "some value")));
  }
}

TEST(CommandLine, TakesTheLastOfARepeatedFlag) {
  EXPECT_THAT(accepted({"--drain=1s", "--drain", "2s", "--drain=3s"}).flags, ElementsAre(Pair("DRAIN", "3s")));
}

TEST(CommandLine, KeepsAnEmptyValue) {
  EXPECT_THAT(accepted({"--state-override=", "--drain", ""}).flags,
              ElementsAre(Pair("DRAIN", ""), Pair("STATE_OVERRIDE", "")));
}

TEST(CommandLine, DoesNotTakeTheNextArgumentForAnEmptyValue) {
  EXPECT_THAT(accepted({"--state-override=", "--drain=1s"}).flags,
              ElementsAre(Pair("DRAIN", "1s"), Pair("STATE_OVERRIDE", "")));
  EXPECT_THAT(refused({"--state-override=", "true"}), ElementsAre(HasSubstr("true: unexpected argument")));
}

struct row {
  std::string name;
  std::string value;
};
void PrintTo(const row& one, std::ostream* out) { *out << one.name; }

class ValueOnTheCommandLine : public testing::TestWithParam<row> {};

TEST_P(ValueOnTheCommandLine, ArrivesUnchanged) {
  const std::string argument = "--state-override=" + GetParam().value;
  EXPECT_THAT(accepted({argument.c_str()}).flags, ElementsAre(Pair("STATE_OVERRIDE", GetParam().value)));
}

INSTANTIATE_TEST_SUITE_P(Rows, ValueOnTheCommandLine,
                         testing::Values(row{"Brackets", "[::1]"}, row{"List", "[a,b]"}, row{"Commas", "a,b"},
                                         row{"Braces", "{}"}, row{"Quotes", "\"a\""}, row{"Backslash", "\\x41\\n"},
                                         row{"BinaryNotation", "B\"(a)\""}, row{"Equals", "a=b=c"},
                                         row{"OtherFlag", "--drain"}, row{"Dash", "-1"}, row{"Spaces", "  a  "},
                                         row{"NotUtf8", "\xff\xfe"}, row{"LineEnd", "a\n"}, row{"Percent", "%d%s"}),
                         [](const auto& tested) { return tested.param.name; });

TEST(CommandLine, ReadsTheActions) {
  EXPECT_EQ(accepted({"--help"}).what, action::show_help);
  EXPECT_EQ(accepted({"-h"}).what, action::show_help);
  EXPECT_EQ(accepted({"--version"}).what, action::show_version);
  EXPECT_EQ(accepted({"--check-config"}).what, action::check_config);
}

TEST(CommandLine, ChecksTheConfigOfItsFlags) {
  const command_line read = accepted({"--check-config", "--drain=1s"});
  EXPECT_EQ(read.what, action::check_config);
  EXPECT_THAT(read.flags, ElementsAre(Pair("DRAIN", "1s")));
}

TEST(CommandLine, PrefersHelpToEverythingElse) {
  EXPECT_EQ(accepted({"--version", "--help", "--nonsense", "--drain"}).what, action::show_help);
  EXPECT_EQ(accepted({"--check-config", "--version"}).what, action::show_version);
}

TEST(CommandLine, ReportsAMissingValue) {
  EXPECT_THAT(refused({"--drain"}), ElementsAre(HasSubstr("--drain has no value: write --drain=VALUE")));
  EXPECT_THAT(refused({"--drain", "--drain"}), ElementsAre(HasSubstr("--drain has no value")));
}

TEST(CommandLine, DoesNotTakeAFlagForAMissingValue) {
  EXPECT_THAT(refused({"--drain", "--log-level", "info"}), ElementsAre(HasSubstr("--drain has no value")));
  EXPECT_THAT(refused({"--drain", "-x"}), testing::Contains(HasSubstr("--drain has no value")));
}

TEST(CommandLine, ReportsAValueWhereNoneIsTaken) {
  for (const char* const given : {"--check-config=true", "--help=1", "--version=false"}) {
    EXPECT_THAT(refused({given}), ElementsAre(HasSubstr(std::string{given} + ": the flag takes no value")));
  }
}

TEST(CommandLine, ReportsAnUnknownFlagAndTheNearestOne) {
  EXPECT_THAT(refused({"--stale_grac=5s"}), ElementsAre(AllOf(HasSubstr("--stale_grac=5s: there is no such flag"),
                                                              HasSubstr("did you mean --stale-grace?"))));
  EXPECT_THAT(refused({"--cheese"}), ElementsAre(HasSubstr("--cheese: there is no such flag (see --help)")));
  EXPECT_THAT(refused({"-x"}), ElementsAre(HasSubstr("-x: unexpected argument")));
}

TEST(CommandLine, ReportsPositionalArguments) {
  EXPECT_THAT(refused({"serve", "more"}), ElementsAre(HasSubstr("more: unexpected argument")));
  EXPECT_THAT(refused({"--", "more"}), testing::Contains(HasSubstr("more: unexpected argument")));
}

TEST(CommandLine, BeginsWithACommand) {
  EXPECT_EQ(accepted({"serve"}).what, action::run);
  EXPECT_THAT(accepted({"serve", "--drain=1s"}).flags, ElementsAre(Pair("DRAIN", "1s")));
  EXPECT_EQ(accepted({"serve", "--check-config"}).what, action::check_config);
  EXPECT_EQ(accepted({"doctor"}).what, action::doctor);
  EXPECT_EQ(accepted({"doctor", "--help"}).what, action::show_help);
  EXPECT_EQ(accepted({"probe"}).what, action::probe);
  EXPECT_THAT(refused({"--drain=1s", "serve"}), ElementsAre(HasSubstr("serve: unexpected argument")));
}

TEST(CommandLine, RefusesAnUnknownCommand) {
  EXPECT_THAT(refused({"prob"}),
              ElementsAre(AllOf(HasSubstr("prob: there is no such command"), HasSubstr("serve, probe or doctor"))));
  EXPECT_THAT(refused({"Serve\n"}), ElementsAre(HasSubstr(R"(Serve\n: there is no such command)")));
}

TEST(CommandLine, GivesDoctorTheOptionsOfServe) {
  const command_line read = accepted({"doctor", "--json", "--target-container=game"});
  EXPECT_TRUE(read.json);
  EXPECT_THAT(read.flags, ElementsAre(Pair("TARGET_CONTAINER", "game")));
  EXPECT_FALSE(accepted({"doctor"}).json);
  EXPECT_THAT(refused({"--json"}), ElementsAre(HasSubstr("--json: there is no such flag")));
  EXPECT_THAT(refused({"doctor", "--check-config"}), ElementsAre(HasSubstr("--check-config: there is no such flag")));
}

TEST(CommandLine, LeavesToProbeWhatFollowsIt) {
  EXPECT_THAT(accepted({"probe", "--help", "--cheese", "", "http://[::1]/"}).probe_arguments,
              ElementsAre("--help", "--cheese", "", "http://[::1]/"));
}

TEST(CommandLine, RefusesAValueForAnAction) { EXPECT_EQ(refused({"--check-config=false"}).size(), 1U); }

TEST(CommandLine, ReportsEveryMistakeAtOnce) {
  EXPECT_THAT(refused({"--cheese", "--drain", "--log-level", "--source=live", "serve"}),
              testing::UnorderedElementsAre(HasSubstr("--drain has no"), HasSubstr("--log-level has no"),
                                            HasSubstr("--cheese:"), HasSubstr("serve:")));
}

TEST(CommandLine, ShowsMistakesPrintable) {
  const auto found = refused({"--\x1b[2J\n"});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0], HasSubstr(R"(\x1b[2J\n)"));
}

TEST(HelpText, NamesEveryOptionItsVariableAndItsDefault) {
  for (const config::option& one : config::options()) {
    EXPECT_THAT(help_text(), HasSubstr("\n  " + config::flag_name(one.name) + " "));
    EXPECT_THAT(help_text(), HasSubstr(" " + config::variable_name(one.name) + "\n"));
    EXPECT_THAT(help_text(), HasSubstr(std::string{one.default_value}));
    EXPECT_THAT(help_text(), HasSubstr(std::string{one.help}));
  }
}

TEST(HelpText, FitsATerminal) {
  std::istringstream lines{help_text()};
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
}

TEST(HelpText, NamesActionsAndExitCodes) {
  EXPECT_THAT(help_text(), AllOf(HasSubstr("--check-config"), HasSubstr("--version"), HasSubstr("--help"),
                                 HasSubstr("Exit codes"), HasSubstr("Example")));
}

TEST(VersionText, IsNameAndVersion) { EXPECT_EQ(version_text(), "http-healthcheck-sidecar " SIDECAR_VERSION "\n"); }

}  // namespace
}  // namespace sidecar::app
