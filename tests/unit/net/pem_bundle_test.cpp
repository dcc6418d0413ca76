#include "sidecar/net/pem_bundle.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "support/certificates.hpp"

namespace sidecar::net {

bool operator==(const flawed_block& a, const flawed_block& b) { return a.number == b.number && a.flaw == b.flaw; }
void PrintTo(const flawed_block& block, std::ostream* out) { *out << block.number << ' ' << describe(block.flaw); }

namespace {

/// Without the line end behind it.
std::string good_block() {
  auto pem = test::certificate_authority{}.pem();
  while (pem.back() == '\n') pem.pop_back();
  return pem;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

struct bundle_row {
  std::string what;
  std::string text;
  std::size_t certificates;
  std::vector<flawed_block> flawed = {};
};

TEST(PemBundle, BlocksAreReadOneByOne) {
  const auto good = good_block();
  const auto line_end = good.find('\n');
  const auto inner = good.substr(line_end + 1, good.rfind('\n') - line_end - 1);
  const std::string begin = "-----BEGIN CERTIFICATE-----\n";
  const std::string end = "\n-----END CERTIFICATE-----\n";
  const auto cut = good.substr(0, good.size() / 2);
  const bundle_row rows[] = {
      {"nothing", "", 0},
      {"no block", "garbage\n# -----BEGIN CERTIFICATE-----\n", 0},
      {"one", good, 1},
      {"two with text around", "# old\n" + good + "\n# new\n" + good + "\nend\n", 2},
      {"line ends of Windows", replaced(good, "\n", "\r\n") + "\r\n", 1},
      {"an empty line after each", replaced(good, "\n", "\n\n"), 1},
      {"blanks at the ends of lines", replaced(good, "\n", " \t\n"), 1},
      {"blanks within base64", begin + replaced(inner, "MII", "M\tI I") + end, 1},
      {"base64 on one line", begin + replaced(inner, "\n", "") + end, 1},
      {"a byte order mark", "\xEF\xBB\xBF" + good, 1},
      {"OpenSSL's old label", replaced(good, "CERTIFICATE", "X509 CERTIFICATE"), 1},
      {"a key beside", test::certificate_authority{}.issue().key + good, 1, {{1, pem_flaw::other_label}}},
      {"OpenSSL's trusted form",
       replaced(good, "CERTIFICATE", "TRUSTED CERTIFICATE") + "\n" + good,
       1,
       {{1, pem_flaw::other_label}}},
      {"headers", begin + "Comment: x\n\n" + inner + end + good, 1, {{1, pem_flaw::has_headers}}},
      {"a good one, then two joined by cat",
       good + "\n" + good + good + "\n",
       1,
       {{2, pem_flaw::joined}, {3, pem_flaw::joined}}},
      {"two joined, then a good one", good + good + "\n" + good, 1, {{1, pem_flaw::joined}, {2, pem_flaw::joined}}},
      {"all on one line", replaced(good, "\n", " ") + "\n" + good, 1, {{1, pem_flaw::joined}}},
      {"base64 behind BEGIN", replaced(good, "-----\nM", "-----M"), 0, {{1, pem_flaw::joined}}},
      {"END behind base64", replaced(good, "\n-----END", "-----END") + "\n" + good, 1, {{1, pem_flaw::joined}}},
      {"one cut at the end", good + "\n" + cut, 1, {{2, pem_flaw::cut}}},
      {"one cut in front", cut + "\n" + good, 1, {{1, pem_flaw::cut}}},
      {"one cut, and the next on its last line",
       cut + good + "\n" + good,
       1,
       {{1, pem_flaw::joined}, {2, pem_flaw::joined}}},
      {"END of something else", replaced(good, "END CERT", "END OTHER CERT"), 0, {{1, pem_flaw::cut}}},
      {"no base64", begin + "!!!!" + end + good, 1, {{1, pem_flaw::not_base64}}},
      {"a dash in base64", begin + "-" + inner + end + good, 1, {{1, pem_flaw::not_base64}}},
      {"padding dropped", begin + "QUI" + end, 0, {{1, pem_flaw::not_base64}}},
      {"base64 of something else", begin + "QUJD" + end + good, 1, {{1, pem_flaw::no_certificate}}},
      {"an empty block", begin + "-----END CERTIFICATE-----\n" + good, 1, {{1, pem_flaw::no_certificate}}},
      {"an END too many", "-----END CERTIFICATE-----\n" + good, 1},
  };
  for (const auto& row : rows) {
    const auto found = read_pem(row.text);
    EXPECT_EQ(found.certificates.size(), row.certificates) << row.what;
    EXPECT_EQ(found.flawed, row.flawed) << row.what;
  }
}

TEST(PemBundle, BytesBehindACertificateAreNoPartOfIt) {
  const auto found = read_pem(good_block());
  ASSERT_EQ(found.certificates.size(), 1U);
  const std::unique_ptr<BIO, decltype(&::BIO_free)> out(::BIO_new(::BIO_s_mem()), &::BIO_free);
  unsigned char* der = nullptr;
  const int size = ::i2d_X509(found.certificates.front().get(), &der);
  std::string longer(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  longer += '\0';
  ::PEM_write_bio(out.get(), "CERTIFICATE", "", reinterpret_cast<unsigned char*>(longer.data()),
                  static_cast<long>(longer.size()));
  char* text = nullptr;
  const auto length = ::BIO_get_mem_data(out.get(), &text);
  const auto again = read_pem({text, static_cast<std::size_t>(length)});
  EXPECT_EQ(again.certificates.size(), 0U);
  EXPECT_EQ(again.flawed, (std::vector<flawed_block>{{1, pem_flaw::no_certificate}}));
}

TEST(PemBundle, FlawsFitIntoALogLine) {
  EXPECT_EQ(describe(std::vector<flawed_block>{}), "");
  EXPECT_EQ(describe({{2, pem_flaw::not_base64}, {4, pem_flaw::has_headers}}),
            "2 (is not base64), 4 (has PEM headers)");
  std::vector<flawed_block> many;
  for (std::size_t number = 1; number <= 100; ++number) many.push_back({number, pem_flaw::joined});
  const auto text = describe(many);
  EXPECT_LT(text.size(), 512U);
  EXPECT_TRUE(text.ends_with(" and 94 more")) << text;
}

}  // namespace
}  // namespace sidecar::net
