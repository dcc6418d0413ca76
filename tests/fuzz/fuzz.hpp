#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What a fuzz target is made of. Each target tries one input at a time and ends the process when a promise is broken:
/// libFuzzer keeps the input then, and the corpus test (replay.cpp) says which file it was.
namespace sidecar::fuzz {

/// Defined by each target: does with `input` what the daemon would do with these bytes, and holds it to its promises.
void try_input(std::string_view input);

/// Ends the process unless `kept`, with the promise that was broken.
void require(bool kept, std::string_view promise);

/// True if `text` is UTF-8 that a terminal and a log collector take for one line of text: no control, no line end, no
/// mark that hides or reorders.
bool is_one_printable_line(std::string_view text);

/// Takes decisions off the front of an input; zero when it is used up.
class choices {
 public:
  explicit choices(std::string_view input) : rest_(input) {}

  unsigned byte();
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

/// `bytes` as they may come from a socket: in one piece for a seed of 0, one byte at a time for 1, in pieces of many
/// sizes otherwise. None is empty, and what is left after many comes in one, for the time it takes.
std::vector<std::string_view> cut(std::string_view bytes, unsigned seed);

}  // namespace sidecar::fuzz
