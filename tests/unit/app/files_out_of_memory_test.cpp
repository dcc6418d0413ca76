#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <new>
#include <string>
#include <utility>

#include "sidecar/app/tls_files.hpp"
#include "sidecar/config/config.hpp"
#include "sidecar/kube/service_account.hpp"
#include "support/certificates.hpp"
#include "support/temp_dir.hpp"
#include "support/tokens.hpp"
#include "unit/app/failing_memory.hpp"

/// New files that could not be used for lack of memory are used as soon as there is some.
namespace sidecar::app {
namespace {

namespace fs = std::filesystem;

/// A directory of files, replaced by another with one rename, as the kubelet does it.
class FilesOutOfMemory : public testing::Test {
 protected:
  ~FilesOutOfMemory() override { test::failures = 0; }

  void write(const std::string& version, const std::string& name, const std::string& text) {
    fs::create_directories(root / version);
    std::ofstream(root / version / name) << text;
  }

  void show(const std::string& version) {
    fs::create_directory_symlink(version, root / "next");
    fs::rename(root / "next", root / "now");
  }

  /// True if it was short of memory: nothing is left to try once it was not.
  template <class Action>
  static bool lacks_memory(int allocation, const Action& action) {
    test::spared = allocation;
    test::failures = 1;
    try {
      action();
    } catch (const std::bad_alloc&) {
    }
    return std::exchange(test::failures, 0) == 0;
  }

  test::temp_dir directory;
  fs::path root{directory.path()};
};

std::string common_name_in(const net::tls_context& context) {
  std::array<char, 64> name{};
  auto* subject = ::X509_get_subject_name(::SSL_CTX_get0_certificate(context->native_handle()));
  ::X509_NAME_get_text_by_NID(subject, NID_commonName, name.data(), static_cast<int>(name.size()));
  return name.data();
}

TEST_F(FilesOutOfMemory, ANewCertificateIsNotForgotten) {
  const test::certificate_authority authority;
  const std::array<std::string, 2> versions{"one", "another"};
  for (const auto& version : versions) {
    const auto made = authority.issue({.common_name = version});
    write(version, "tls.crt", made.pem);
    write(version, "tls.key", made.key);
  }
  show(versions[0]);
  config::config settings;
  settings.tls_cert = root / "now" / "tls.crt";
  settings.tls_key = root / "now" / "tls.key";
  tls_files tested(settings);
  ASSERT_TRUE(tested.open().empty());
  int allocation = 0;
  for (bool lacked = true; lacked; ++allocation) {
    const auto& shown = versions.at(allocation % 2 == 0 ? 1 : 0);
    show(shown);
    testing::internal::CaptureStderr();
    lacked = lacks_memory(allocation, [&] { tested.current(); });
    EXPECT_EQ(common_name_in(tested.current()), shown) << "after allocation " << allocation;
    testing::internal::GetCapturedStderr();
  }
  EXPECT_GT(allocation, 5);
}

TEST_F(FilesOutOfMemory, WhatANewTokenSaysIsNotForgotten) {
  const std::array<std::string, 2> versions{"a-pod-whose-name-is-long-0", "a-pod-whose-name-is-long-1"};
  for (const auto& version : versions) write(version, "token", test::make_token({.pod_name = version}));
  show(versions[0]);
  kube::service_account tested(root / "now");
  ASSERT_TRUE(tested.refresh_token());
  int allocation = 0;
  for (bool lacked = true; lacked; ++allocation) {
    const auto& shown = versions.at(allocation % 2 == 0 ? 1 : 0);
    show(shown);
    bool told = false;
    lacked = lacks_memory(allocation, [&] { told = tested.refresh_token(); });
    EXPECT_TRUE(tested.refresh_token() || told) << "after allocation " << allocation;
    EXPECT_EQ(tested.claims().pod_name, shown) << "after allocation " << allocation;
  }
  EXPECT_GT(allocation, 5);
}

}  // namespace
}  // namespace sidecar::app
