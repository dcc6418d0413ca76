#pragma once

#include <string>
#include <string_view>
#include <vector>

/// What a client of the health port got, read strictly: nothing but what the daemon may say at all.
namespace sidecar::fuzz {

struct answer_sent {
  unsigned status = 0;
  std::string phrase;
  bool about_the_pod = false;  ///< its body is "OK" or names a verdict
  bool held = false;
  bool closes = false;
};

struct answers_sent {
  std::vector<answer_sent> answers;
  bool bare_body = false;  ///< and then "OK" alone, for a client that named no version
};

/// Ends the process if `bytes` are anything but whole answers with the few lines that the daemon sends: a line or a
/// byte of the client's own would be an answer that nobody expects.
answers_sent read_answers(std::string_view bytes);

}  // namespace sidecar::fuzz
