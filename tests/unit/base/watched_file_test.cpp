#include "sidecar/base/watched_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

#include "sidecar/base/errc.hpp"
#include "support/few_files.hpp"
#include "support/vitals.hpp"
#include "unit/base/mounted_directory.hpp"

/// A file as the kubelet mounts it.
namespace sidecar {
namespace {

namespace fs = std::filesystem;
using change = watched_file::change;

result<std::string> as_it_is(std::string_view raw) {
  if (raw == "bad") return errc::token_malformed;
  return std::string{raw};
}

class WatchedFile : public mounted_directory {
 protected:
  watched_file file{root / "token", 100, as_it_is};
};

TEST_F(WatchedFile, ReadsOnceAndAgainWhenASwapOfTheDirectoryBringsNewContent) {
  for (const std::string text : {"one", "two"}) {
    write("token", text);
    EXPECT_EQ(file.refresh(), change::changed);
    EXPECT_EQ(file.content(), text);
    EXPECT_EQ(file.refresh(), change::none);
    write("token", text);
    EXPECT_EQ(file.refresh(), change::none) << "the same content";
  }
}

TEST_F(WatchedFile, BadContentIsReportedOnceAndReplacesNothing) {
  write("token", "one");
  file.refresh();
  write("token", "bad");
  EXPECT_EQ(file.refresh(), change::failed);
  EXPECT_EQ(file.last_error(), errc::token_malformed);
  EXPECT_EQ(file.content(), "one");
  EXPECT_EQ(file.refresh(), change::none);
  EXPECT_EQ(file.refresh(true), change::none) << "the same bad state, read again";
  write("token", "three");
  EXPECT_EQ(file.refresh(), change::changed);
  EXPECT_FALSE(file.last_error());
}

TEST_F(WatchedFile, MissingFileIsReportedOnceUntilItComesAndKeepsItsContentWhenItGoes) {
  EXPECT_EQ(file.refresh(), change::failed);
  EXPECT_EQ(file.last_error(), errc::file_missing);
  EXPECT_EQ(file.refresh(), change::none);
  write("token", "one");
  EXPECT_EQ(file.refresh(), change::changed);
  fs::remove(root / "token");
  EXPECT_EQ(file.refresh(), change::failed);
  EXPECT_EQ(file.content(), "one");
}

TEST_F(WatchedFile, SwapWhileItIsOpenedIsNoMissingFile) {
  write("token", "one");
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
  for (; !done; ++looks) missed += file.refresh(true) == change::failed ? 1 : 0;
  EXPECT_EQ(missed, 0);
  EXPECT_GT(looks, 100) << "or it was hardly tried";
  file.refresh();
  EXPECT_EQ(file.content(), "999");
}

TEST_F(WatchedFile, FileThatCouldNotBeOpenedIsReadAsSoonAsItCan) {
  if (test::under_sanitizer) GTEST_SKIP() << "the sanitizer needs a descriptor of its own to look at an object's type";
  write("token", "one");
  file.refresh();
  write("token", "two");
  {
    const test::few_files none;
    EXPECT_EQ(file.refresh(), change::failed);
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
  {
    const without_privileges somebody;
    EXPECT_EQ(file.refresh(), change::failed);
    EXPECT_EQ(file.last_error(), errc::file_permission_denied);
    EXPECT_THAT(file.describe_problem(), testing::HasSubstr("the file has mode 0000, owner uid "));
    EXPECT_EQ(file.refresh(), change::none) << "it is reported once";
  }
  fs::permissions(root / "token", fs::perms{0644});
  EXPECT_EQ(file.refresh(), change::changed);
  EXPECT_EQ(file.describe_problem(), "");
}

TEST_F(WatchedFile, DirectoryThatMayNotBeEnteredIsNamedInPlaceOfTheFile) {
  write("token", "one");
  EXPECT_EQ(file.refresh(), change::changed);
  fs::permissions(dir.path(), fs::perms{0});
  {
    const without_privileges somebody;
    EXPECT_EQ(file.refresh(), change::failed);
    EXPECT_EQ(file.last_error(), errc::file_permission_denied);
    EXPECT_THAT(file.describe_problem(), testing::HasSubstr("the directory " + dir.path().string() + " has mode "));
  }
  fs::permissions(dir.path(), fs::perms{0700});
  fs::remove(root / "token");
  EXPECT_EQ(file.refresh(), change::failed) << "another cause is another state";
  EXPECT_EQ(file.last_error(), errc::file_missing);
  EXPECT_EQ(file.content(), "one");
}

TEST_F(WatchedFile, RefusesWhatIsNoSmallFile) {
  write("token", std::string(101, 'x'));
  watched_file large(root / "token", 100, as_it_is);
  EXPECT_EQ(large.refresh(), change::failed);
  EXPECT_EQ(large.last_error(), errc::file_too_large);

  watched_file directory(root.string(), 100, as_it_is);
  EXPECT_EQ(directory.refresh(), change::failed);
  EXPECT_EQ(directory.last_error(), errc::file_not_regular);

  const auto fifo = (root / "fifo").string();
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  watched_file pipe(fifo, 100, as_it_is);
  EXPECT_EQ(pipe.refresh(), change::failed) << "and it did not block";
}

TEST(TextParsers, RefuseWhiteSpaceAlone) {
  for (const std::string blank : {"", " ", "\r\n\t \n"}) {
    EXPECT_EQ(whole_text(blank).error(), errc::file_empty);
    EXPECT_EQ(trimmed_text(blank).error(), errc::file_empty);
  }
  EXPECT_EQ(whole_text(" a b\n").value(), " a b\n");
  EXPECT_EQ(trimmed_text(" a b\n").value(), "a b");
}

}  // namespace
}  // namespace sidecar
