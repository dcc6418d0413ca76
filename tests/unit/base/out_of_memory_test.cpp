#include "sidecar/base/out_of_memory.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <new>
#include <string>

#include "support/vitals.hpp"

namespace sidecar {
namespace {

/// Call in a child process. Calls the handler itself: a sanitizer's `operator new` does not.
void run_out_of_memory() {
  abort_when_out_of_memory();
  std::get_new_handler()();
}

/// Makes standard error a pipe whose reader stalls.
void fill_standard_error() {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_NONBLOCK), 0);
  while (::write(ends[1], "x", 1) == 1) {
  }
  ::fcntl(ends[1], F_SETFL, 0);
  ::dup2(ends[1], STDERR_FILENO);
}

TEST(OutOfMemoryDeathTest, AbortsWithALineThatSaysWhatToDo) {
  // qemu may add a line of its own about the signal.
  const std::string end = test::under_emulator ? "\n(qemu: .*\n)?$" : "\n$";
  EXPECT_EXIT(run_out_of_memory(), testing::KilledBySignal(SIGABRT),
              "^http-healthcheck-sidecar: out of memory; .*: raise its memory limit" + end);
}

TEST(OutOfMemoryDeathTest, DoesNotWaitForAStalledReader) {
  if (test::under_emulator) GTEST_SKIP() << "qemu itself waits for that reader, when it tells of the signal";
  const auto run = [] {
    fill_standard_error();
    run_out_of_memory();
  };
  EXPECT_EXIT(run(), testing::KilledBySignal(SIGABRT), "^$");
}

}  // namespace
}  // namespace sidecar
