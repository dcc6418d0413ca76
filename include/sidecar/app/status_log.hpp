#pragma once

#include "sidecar/app/notice_log.hpp"
#include "sidecar/app/transition_log.hpp"
#include "sidecar/kube/service_account.hpp"
#include "sidecar/kube/target.hpp"

namespace sidecar::app {

/// Writes the log lines about the pod. Redacts the token in foreign text. The constructor's references outlive it.
class status_log {
 public:
  status_log(transition_log lines, const kube::target_pod& target, const kube::service_account& credentials)
      : transitions_(std::move(lines)), target_(target), credentials_(credentials) {}

  void note(const transition& now);
  void note(const watch_steps::notice& given);

 private:
  transition_log transitions_;
  notice_log notices_;
  const kube::target_pod& target_;
  const kube::service_account& credentials_;
};

}  // namespace sidecar::app
