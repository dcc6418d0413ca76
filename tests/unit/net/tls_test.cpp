#include "sidecar/net/tls.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "support/certificates.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace sidecar::net {
namespace {

using connection_ptr = std::unique_ptr<SSL, decltype(&::SSL_free)>;

std::string good_ca() { return test::certificate_authority{}.pem(); }

connection_ptr make_connection() {
  const auto context = make_client_context(good_ca());
  return {::SSL_new((*context)->native_handle()), &::SSL_free};
}

TEST(ClientContext, IsRefusedWithoutACertificate) {
  for (const std::string bad :
       {"", "\n", "garbage", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    const auto context = make_client_context(bad);
    ASSERT_FALSE(context) << bad;
    EXPECT_EQ(context.error(), errc::ca_malformed);
  }
}

TEST(ClientContext, IsRefusedWithAWordOnWhatWasDoneToItsOnlyCertificate) {
  const auto good = good_ca();
  const auto joined = good.substr(0, good.size() - 1) + good;
  EXPECT_EQ(make_client_context(joined).error(), errc::certificate_joined);
  EXPECT_EQ(make_client_context(good.substr(0, good.size() / 2)).error(), errc::certificate_cut);
}

TEST(ClientContext, TrustsTheCertificatesOfABundleWhateverElseIsInIt) {
  auto damaged = good_ca();
  damaged.replace(damaged.find('\n') + 1, 8, "AAAAAAAA");
  const auto context = make_client_context("# old\n" + good_ca() + damaged + "\n# new\n" + good_ca());
  ASSERT_TRUE(context);
  const auto* objects = ::X509_STORE_get0_objects(::SSL_CTX_get_cert_store((*context)->native_handle()));
  EXPECT_EQ(sk_X509_OBJECT_num(objects), 2);
}

// A peer that has shown nothing yet would reach the decompressors.
TEST(Contexts, TakeNoCompressedCertificates) {
#ifdef SSL_OP_NO_RX_CERTIFICATE_COMPRESSION
  const auto mine = test::certificate_authority{}.issue();
  for (const auto& context : {make_client_context(good_ca()), make_server_context({mine.pem, mine.key, good_ca()})}) {
    ASSERT_TRUE(context);
    const auto options = ::SSL_CTX_get_options((*context)->native_handle());
    EXPECT_NE(options & SSL_OP_NO_RX_CERTIFICATE_COMPRESSION, 0U);
    EXPECT_NE(options & SSL_OP_NO_TX_CERTIFICATE_COMPRESSION, 0U);
  }
#else
  GTEST_SKIP() << "this OpenSSL knows no compressed certificates; 3.2 and later do";
#endif
}

TEST(ClientContext, VerifiesThePeerAndSpeaksNothingOlderThanTls12) {
  const auto context = make_client_context(good_ca());
  ASSERT_TRUE(context);
  EXPECT_EQ(::SSL_CTX_get_verify_mode((*context)->native_handle()), SSL_VERIFY_PEER);
  EXPECT_EQ(::SSL_CTX_get_min_proto_version((*context)->native_handle()), TLS1_2_VERSION);
  EXPECT_EQ(::SSL_CTX_get_max_proto_version((*context)->native_handle()), 0) << "whatever is newest";
}

TEST(ServerContext, SaysWhatIsWrongWithItsFiles) {
  const test::certificate_authority ca;
  const auto mine = ca.issue();
  const auto error_of = [](const server_identity& identity) { return make_server_context(identity).error(); };
  EXPECT_FALSE(error_of({mine.pem, mine.key}).failed());
  EXPECT_FALSE(error_of({mine.pem + ca.pem(), mine.key, ca.pem()}).failed());
  EXPECT_EQ(error_of({"", mine.key}), errc::certificate_malformed);
  EXPECT_EQ(error_of({mine.key, mine.key}), errc::certificate_malformed);
  EXPECT_EQ(error_of({mine.pem, ""}), errc::key_malformed);
  EXPECT_EQ(error_of({mine.pem, mine.pem}), errc::key_malformed);
  EXPECT_EQ(error_of({mine.pem, ca.issue().key}), errc::key_mismatch);
  EXPECT_EQ(error_of({ca.pem() + mine.pem, mine.key}), errc::certificate_order);
  EXPECT_EQ(error_of({ca.pem() + mine.pem, ca.issue().key}), errc::key_mismatch);
  EXPECT_EQ(error_of({mine.pem.substr(0, mine.pem.size() - 1) + ca.pem(), mine.key}), errc::certificate_joined);
  EXPECT_EQ(error_of({mine.pem + ca.pem().substr(0, 100), mine.key}), errc::certificate_cut);
  EXPECT_EQ(error_of({mine.pem + "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", mine.key}),
            errc::certificate_malformed);
  EXPECT_FALSE(error_of({mine.key + mine.pem + ca.pem(), mine.key}).failed()) << "HAProxy's files have both";
  EXPECT_EQ(error_of({mine.pem, mine.key, "x"}), errc::client_ca_malformed);
  EXPECT_EQ(error_of({mine.pem, mine.key, mine.key}), errc::client_ca_malformed);
  EXPECT_EQ(error_of({mine.pem, mine.key, ca.pem().substr(0, 100)}), errc::client_ca_malformed);
  EXPECT_FALSE(error_of({mine.pem, mine.key, ca.pem() + ca.pem().substr(0, 100)}).failed());
}

/// The same certificate with something else where that time was.
std::string without_time(const std::string& pem, ASN1_TIME* (*time)(const X509*)) {
  const std::unique_ptr<BIO, decltype(&::BIO_free)> text(::BIO_new_mem_buf(pem.data(), -1), &::BIO_free);
  const std::unique_ptr<X509, decltype(&::X509_free)> made(::PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr),
                                                           &::X509_free);
  ::ASN1_STRING_set(time(made.get()), "tomorrow", -1);
  ::i2d_re_X509_tbs(made.get(), nullptr);  // or what was read would be written
  const std::unique_ptr<BIO, decltype(&::BIO_free)> out(::BIO_new(::BIO_s_mem()), &::BIO_free);
  ::PEM_write_bio_X509(out.get(), made.get());
  char* bytes = nullptr;
  const auto size = ::BIO_get_mem_data(out.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

TEST(ServerContext, IsRefusedWithTimesThatAreNone) {
  const auto mine = test::certificate_authority{}.issue();
  for (const auto time : {&::X509_getm_notBefore, &::X509_getm_notAfter}) {
    const auto made = make_server_context({without_time(mine.pem, time), mine.key});
    EXPECT_EQ(made.error(), errc::certificate_malformed);
  }
}

// OpenSSL would ask for the passphrase on the terminal, and wait.
TEST(ServerContext, DoesNotAskForAPassphrase) {
  const auto mine = test::certificate_authority{}.issue();
  const std::string encrypted =
      "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
      "DEK-Info: AES-256-CBC,4B9D1D1E3CF0D7C7C5C4B1F6A5D0E9F1\n\n" +
      mine.key.substr(mine.key.find('\n') + 1);
  EXPECT_EQ(make_server_context({mine.pem, encrypted}).error(), errc::key_malformed);
}

TEST(ServerContext, KnowsHowLongItsCertificateLasts) {
  using std::chrono::hours;
  const test::certificate_authority ca;
  const auto times_of = [&ca](hours from, hours until) {
    const auto mine = ca.issue({.valid_from = from, .valid_until = until});
    return validity_of(**make_server_context({mine.pem, mine.key}));
  };
  const auto current = times_of(hours{-1}, hours{48});
  EXPECT_EQ(current.end - current.begin, hours{49});
  const auto left = current.end - std::chrono::system_clock::now();
  EXPECT_NEAR(std::chrono::duration<double>(left).count(), 48 * 3600, 60);
  EXPECT_LT(times_of(hours{-48}, hours{-24}).end, std::chrono::system_clock::now() - hours{23});
}

TEST(ExpectedPeer, NameIsSentAsServerName) {
  const auto connection = make_connection();
  ASSERT_TRUE(expect_peer(connection.get(), "kubernetes.default.svc"));
  EXPECT_STREQ(::SSL_get_servername(connection.get(), TLSEXT_NAMETYPE_host_name), "kubernetes.default.svc");
  EXPECT_STREQ(::X509_VERIFY_PARAM_get0_host(::SSL_get0_param(connection.get()), 0), "kubernetes.default.svc");
}

TEST(ExpectedPeer, AddressIsVerifiedButNeverSentAsServerName) {
  for (const std::string address : {"10.96.0.1", "2001:db8::1"}) {
    const auto connection = make_connection();
    ASSERT_TRUE(expect_peer(connection.get(), address));
    EXPECT_EQ(::SSL_get_servername(connection.get(), TLSEXT_NAMETYPE_host_name), nullptr);
    const std::unique_ptr<char, void (*)(char*)> expected(
        ::X509_VERIFY_PARAM_get1_ip_asc(::SSL_get0_param(connection.get())), [](char* text) { OPENSSL_free(text); });
    ASSERT_TRUE(expected);
  }
}

// Go and so every client of the cluster takes it for the IPv4 address that it is.
TEST(ExpectedPeer, AddressThatIsMappedIsTheOneBehindIt) {
  const auto connection = make_connection();
  ASSERT_TRUE(expect_peer(connection.get(), "::ffff:10.96.0.1"));
  const std::unique_ptr<char, void (*)(char*)> expected(
      ::X509_VERIFY_PARAM_get1_ip_asc(::SSL_get0_param(connection.get())), [](char* text) { OPENSSL_free(text); });
  EXPECT_STREQ(expected.get(), "10.96.0.1");
}

TEST(ExpectedPeer, HostThatNamesNobodyIsAnError) {
  for (const std::string host : {"", ".", ".example.com"}) {
    const auto connection = make_connection();
    EXPECT_FALSE(expect_peer(connection.get(), host)) << host;
  }
}

// OpenSSL knows no zones and queues no error for them: success must not be what is left.
TEST(ExpectedPeer, HostThatCannotBeVerifiedIsAnError) {
  const auto connection = make_connection();
  const auto prepared = expect_peer(connection.get(), "fe80::1%1");
  ASSERT_FALSE(prepared);
  EXPECT_TRUE(prepared.error().failed());
}

TEST(VerificationFailure, IsEmptyBeforeAHandshake) { EXPECT_EQ(verification_failure(make_connection().get()), ""); }

// OpenSSL reads its configuration once a process, so another test of this file runs again in a process of its own.
TEST(ClientContext, IsTheSameWhateverOpensslCnfSays) {
  const test::temp_dir directory;
  const auto file = directory.path() / "openssl.cnf";
  std::ofstream(file) << "openssl_conf = init\n[init]\nssl_conf = ssl\n[ssl]\nsystem_default = tls\n"
                         "[tls]\nMaxProtocol = TLSv1.1\n";
  test::process child(NET_TESTS, {"--gtest_filter=ClientContext.VerifiesThePeerAndSpeaksNothingOlderThanTls12"},
                      {{"OPENSSL_CONF", file.string()}, {"LSAN_OPTIONS", "detect_leaks=0"}});
  const auto ended = child.wait(std::chrono::seconds{30});
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->code, 0) << ::testing::PrintToString(child.output());
}

}  // namespace
}  // namespace sidecar::net
