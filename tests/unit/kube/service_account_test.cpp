#include "sidecar/kube/service_account.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

#include "support/certificates.hpp"
#include "support/temp_dir.hpp"

namespace sidecar::kube {
namespace {

namespace fs = std::filesystem;
using change = watched_file::change;

result<std::string> as_it_is(std::string_view raw) {
  if (raw == "bad") return errc::token_malformed;
  return std::string{raw};
}

/// The kubelet's way: files live in a dated directory, `..data` points to it, and is replaced by rename.
class Mounted : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    const auto fresh = root / (".." + std::to_string(++version));
    fs::create_directory(fresh);
    if (fs::exists(root / "..data")) {
      fs::copy(root / "..data/", fresh, fs::copy_options::recursive);
    }
    std::ofstream(fresh / name) << text;
    fs::create_directory_symlink(fresh.filename(), root / "..data_tmp");
    fs::rename(root / "..data_tmp", root / "..data");
    if (!fs::is_symlink(root / name)) fs::create_symlink(fs::path("..data") / name, root / name);
  }

  test::temp_dir dir;
  fs::path root{dir.path()};
  int version = 0;
};

/// No file can be opened while this lives, as when all descriptors are in use.
class without_descriptors {
 public:
  without_descriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit none{0, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~without_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  without_descriptors(const without_descriptors&) = delete;
  without_descriptors& operator=(const without_descriptors&) = delete;

 private:
  rlimit before_{};
};

using WatchedFile = Mounted;

TEST_F(WatchedFile, ReadsOnceAndThenOnlyLooks) {
  write("token", "one");
  watched_file file(root / "token", 100, as_it_is);
  EXPECT_EQ(file.refresh(), change::changed);
  EXPECT_EQ(file.content(), "one");
  EXPECT_EQ(file.refresh(), change::none);
}

TEST_F(WatchedFile, SeesASwapOfTheDirectory) {
  write("token", "one");
  watched_file file(root / "token", 100, as_it_is);
  file.refresh();
  write("token", "two");
  EXPECT_EQ(file.refresh(), change::changed);
  EXPECT_EQ(file.content(), "two");
}

TEST_F(WatchedFile, SwapWithoutNewContentIsNoChange) {
  write("token", "one");
  watched_file file(root / "token", 100, as_it_is);
  file.refresh();
  write("token", "one");
  EXPECT_EQ(file.refresh(), change::none);
}

TEST_F(WatchedFile, BadContentIsReportedOnceAndReplacesNothing) {
  write("token", "one");
  watched_file file(root / "token", 100, as_it_is);
  file.refresh();
  write("token", "bad");
  EXPECT_EQ(file.refresh(), change::worse);
  EXPECT_EQ(file.last_error(), errc::token_malformed);
  EXPECT_EQ(file.content(), "one");
  EXPECT_EQ(file.refresh(), change::none);
  EXPECT_EQ(file.refresh(true), change::none) << "the same bad state, read again";
  write("token", "three");
  EXPECT_EQ(file.refresh(), change::changed);
  EXPECT_FALSE(file.last_error());
}

TEST_F(WatchedFile, MissingFileIsReportedOnceUntilItComes) {
  watched_file file(root / "token", 100, as_it_is);
  EXPECT_EQ(file.refresh(), change::worse);
  EXPECT_EQ(file.last_error(), errc::file_missing);
  EXPECT_EQ(file.refresh(), change::none);
  write("token", "one");
  EXPECT_EQ(file.refresh(), change::changed);
}

TEST_F(WatchedFile, SwapWhileItIsOpenedIsNoMissingFile) {
  write("token", "one");
  watched_file file(root / "token", 100, as_it_is);
  file.refresh();
  std::atomic<bool> done = false;
  std::jthread kubelet([this, &done] {
    for (int i = 0; i < 1000; ++i) {
      const auto before = root / fs::read_symlink(root / "..data");
      write("token", std::to_string(i));
      fs::remove_all(before);
    }
    done = true;
  });
  int looks = 0, missed = 0;
  for (; !done; ++looks) missed += file.refresh(true) == change::worse ? 1 : 0;
  EXPECT_EQ(missed, 0);
  EXPECT_GT(looks, 100) << "or it was hardly tried";
  file.refresh();
  EXPECT_EQ(file.content(), "999");
}

TEST_F(WatchedFile, LosingTheFileKeepsItsContent) {
  write("token", "one");
  watched_file file(root / "token", 100, as_it_is);
  file.refresh();
  fs::remove(root / "token");
  EXPECT_EQ(file.refresh(), change::worse);
  EXPECT_EQ(file.content(), "one");
}

TEST_F(WatchedFile, FileThatCouldNotBeOpenedIsReadAsSoonAsItCan) {
  write("token", "one");
  watched_file file(root / "token", 100, as_it_is);
  file.refresh();
  write("token", "two");
  {
    const without_descriptors busy;
    EXPECT_EQ(file.refresh(), change::worse);
    EXPECT_EQ(file.refresh(), change::none) << "it is reported once";
    EXPECT_THAT(file.describe_problem(),
                testing::AllOf(testing::StartsWith("cannot be read: "), testing::HasSubstr("ulimit -n")));
  }
  EXPECT_EQ(file.content(), "one");
  EXPECT_EQ(file.refresh(), change::changed);
  EXPECT_EQ(file.content(), "two");
}

/// Another user, who is not root, while this lives.
class without_privileges {
 public:
  without_privileges() {
    if (::geteuid() == 0 && ::seteuid(10001) != 0) throw std::runtime_error{"seteuid"};
  }
  ~without_privileges() {
    if (::getuid() == 0) static_cast<void>(::seteuid(0));
  }
  without_privileges(const without_privileges&) = delete;
  without_privileges& operator=(const without_privileges&) = delete;
};

TEST_F(WatchedFile, FileThatMayNotBeReadIsNoMissingOne) {
  write("token", "one");
  fs::permissions(dir.path(), fs::perms{0755});
  fs::permissions(root / "token", fs::perms{0});
  watched_file file(root / "token", 100, as_it_is);
  {
    const without_privileges somebody;
    EXPECT_EQ(file.refresh(), change::worse);
    EXPECT_EQ(file.last_error(), errc::file_forbidden);
    EXPECT_THAT(file.describe_problem(), testing::HasSubstr("its mode is 0000, its owner uid "));
    EXPECT_EQ(file.refresh(), change::none) << "it is reported once";
  }
  fs::permissions(root / "token", fs::perms{0644});
  EXPECT_EQ(file.refresh(), change::changed);
  EXPECT_EQ(file.describe_problem(), "");
}

TEST_F(WatchedFile, DirectoryThatMayNotBeEnteredIsToldInPlaceOfTheFile) {
  write("token", "one");
  watched_file file(root / "token", 100, as_it_is);
  EXPECT_EQ(file.refresh(), change::changed);
  fs::permissions(dir.path(), fs::perms{0});
  {
    const without_privileges somebody;
    EXPECT_EQ(file.refresh(), change::worse);
    EXPECT_EQ(file.last_error(), errc::file_forbidden);
    EXPECT_THAT(file.describe_problem(), testing::HasSubstr("the directory " + dir.path().string() + " is in the way"));
  }
  fs::permissions(dir.path(), fs::perms{0700});
  fs::remove(root / "token");
  EXPECT_EQ(file.refresh(), change::worse) << "another cause is another state";
  EXPECT_EQ(file.last_error(), errc::file_missing);
  EXPECT_EQ(file.content(), "one");
}

TEST_F(WatchedFile, RefusesWhatIsNoSmallFile) {
  write("token", std::string(101, 'x'));
  watched_file large(root / "token", 100, as_it_is);
  EXPECT_EQ(large.refresh(), change::worse);
  EXPECT_EQ(large.last_error(), errc::file_too_large);

  watched_file directory(root.string(), 100, as_it_is);
  EXPECT_EQ(directory.refresh(), change::worse);
  EXPECT_EQ(directory.last_error(), errc::file_not_regular);

  const auto fifo = (root / "fifo").string();
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  watched_file pipe(fifo, 100, as_it_is);
  EXPECT_EQ(pipe.refresh(), change::worse) << "and it did not block";
}

TEST(CleanToken, TakesABearerTokenAndTheSpaceAroundIt) {
  const std::string upper{"\x80\xff"};
  const auto all = [] {
    std::string bytes;
    for (int value = 0x21; value < 0x7F; ++value) bytes += static_cast<char>(value);
    return bytes;
  }();
  for (const auto& text : {std::string{"eyJ.a-b_c~d+e/f=="}, std::string{"kubeconfig-u-abcde:secret"},
                           std::string{"ext/token-msx4z:%,;\"'"}, std::string{"a b\tc"}, std::string{"t\xc3\xb6ken"},
                           upper, all, std::string(20'000, 'x')}) {
    EXPECT_EQ(clean_token(text).value(), text);
    EXPECT_EQ(clean_token(" \t" + text + "\r\n").value(), text);
  }
}

TEST(CleanToken, RefusesWhatWouldBreakOutOfTheField) {
  for (const auto* text : {"a\r\nX-Evil: 1", "a\nb", "a\rb", "\x01", "a\x1b[0m", "a\x7f"}) {
    EXPECT_EQ(clean_token(text).error(), errc::token_malformed) << text;
  }
  EXPECT_EQ(clean_token(" \r\n").error(), errc::file_empty);
  EXPECT_EQ(clean_token(std::string_view("a\0b", 3)).error(), errc::token_malformed);
}

class ServiceAccount : public Mounted {
 protected:
  test::certificate_authority authority;
};

TEST_F(ServiceAccount, ReadsWhatTheKubeletMounts) {
  write("token", "abc\n");
  write("ca.crt", authority.pem());
  write("namespace", "demo\n");
  service_account account(root);
  EXPECT_TRUE(account.refresh_token());
  EXPECT_TRUE(account.refresh_ca());
  EXPECT_EQ(account.token(), "abc");
  EXPECT_NE(account.tls(), nullptr);
  EXPECT_EQ(account.read_namespace().text, "demo");
  EXPECT_EQ(account.read_namespace().problem, "");
}

TEST_F(ServiceAccount, KeepsTheContextWhenTheNewBundleIsNoBundle) {
  write("ca.crt", authority.pem());
  service_account account(root);
  account.refresh_ca();
  const auto before = account.tls();
  for (const auto* text : {"", "garbage", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    write("ca.crt", text);
    EXPECT_FALSE(account.refresh_ca()) << text;
    EXPECT_EQ(account.tls(), before) << text;
  }
}

// The CA that such a bundle adds was never trusted before, and that of the API server may be the one.
TEST_F(ServiceAccount, TakesABundleWithABadBlockAndTellsOnce) {
  const test::certificate_authority another;
  const auto cut = another.pem().substr(0, 100);
  for (const auto& first : {authority.pem(), another.pem()}) {
    write("ca.crt", first + another.pem() + cut);
    service_account account(root);
    testing::internal::CaptureStderr();
    EXPECT_TRUE(account.refresh_ca());
    account.refresh_ca(true);
    const auto lines = testing::internal::GetCapturedStderr();
    EXPECT_NE(account.tls(), nullptr);
    EXPECT_NE(lines.find("skipped=\"3 (has no END line"), lines.npos) << lines;
    EXPECT_EQ(lines.find("skipped="), lines.rfind("skipped=")) << lines;
    write("ca.crt", another.pem());
    testing::internal::CaptureStderr();
    account.refresh_ca();
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  }
}

TEST_F(ServiceAccount, TakesANewBundle) {
  write("ca.crt", authority.pem());
  service_account account(root);
  account.refresh_ca();
  const auto before = account.tls();
  const test::certificate_authority another;
  write("ca.crt", another.pem());
  EXPECT_TRUE(account.refresh_ca());
  EXPECT_NE(account.tls(), before);
}

TEST_F(ServiceAccount, NamespaceThatIsNotThereIsAProblem) {
  EXPECT_EQ(service_account(root).read_namespace().problem, "cannot be read: there is no such file");
  write("namespace", " \n");
  EXPECT_EQ(service_account(root).read_namespace().problem, "is empty");
  EXPECT_EQ(service_account(root).read_namespace().text, "");
}

TEST_F(ServiceAccount, LongTokenIsOne) {
  write("token", std::string(20'000, 'x'));
  service_account account(root);
  EXPECT_TRUE(account.refresh_token());
  EXPECT_EQ(account.token().size(), 20'000U);
}

TEST_F(ServiceAccount, HidesEveryPieceOfTheTokenInWhatAPeerWrote) {
  write("token", "header-header-header.claims-claims-claims.signature-signature");
  service_account account(root);
  account.refresh_token();
  EXPECT_EQ(account.without_token("you sent \"Bearer " + account.token() + "\"."), "you sent \"Bearer ***\".");
  EXPECT_EQ(account.without_token("signature-signature"), "***");
  EXPECT_EQ(account.without_token("claims-claims-cl"), "***");
  EXPECT_EQ(account.without_token("the header and the claims"), "the header and the claims");
  EXPECT_EQ(account.without_token(std::string(2000, 'x')), std::string(1024, 'x'));
}

TEST_F(ServiceAccount, HidesNothingWithoutAToken) {
  EXPECT_EQ(service_account(root).without_token("HTTP 500: etcd is away"), "HTTP 500: etcd is away");
}

}  // namespace
}  // namespace sidecar::kube
