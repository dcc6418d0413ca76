#include "sidecar/app/signals.hpp"

#include <csignal>
#include <initializer_list>

namespace sidecar::app {
namespace {

void change_mask(int how) noexcept {
  sigset_t handled;
  ::sigemptyset(&handled);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&handled, signal);
  ::pthread_sigmask(how, &handled, nullptr);
}

}  // namespace

void block_signals() noexcept { change_mask(SIG_BLOCK); }

void unblock_signals() noexcept { change_mask(SIG_UNBLOCK); }

}  // namespace sidecar::app
