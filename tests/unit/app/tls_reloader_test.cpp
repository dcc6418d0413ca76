#include "sidecar/app/tls_reloader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "support/certificates.hpp"
#include "support/temp_dir.hpp"

namespace sidecar::app {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class TlsFiles : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) const {
    const auto path = (directory.path() / name).string();
    std::ofstream{path} << text;
    return path;
  }
  std::vector<std::string> errors_of(const std::string& certificate, const std::string& key = {}) const {
    config::config settings;
    settings.tls_cert = write("tls.crt", certificate);
    if (!key.empty()) settings.tls_key = write("tls.key", key);
    return tls_reloader{settings}.open();
  }

  const test::temp_dir directory;
  const test::certificate_authority ca;
  const test::certificate mine = ca.issue();
};

TEST_F(TlsFiles, OfOneBundleAreToldWithWhatToDo) {
  const struct {
    std::string bundle;
    const char* told;
  } rows[] = {
      {mine.pem, "put the key into it, in any place, or name the key's file in TLS_KEY"},
      {mine.key, "contains no PEM certificate"},
      {mine.pem + ca.issue().key, "has no private key of its first certificate: put that key into it"},
      {ca.pem() + mine.pem + mine.key, "put the certificate of the key first"},
      {mine.pem + mine.key.substr(0, mine.key.size() / 2), "put the key into it"},
  };
  for (const auto& row : rows) {
    EXPECT_THAT(errors_of(row.bundle),
                ElementsAre(AllOf(StartsWith("HTTP_HEALTHCHECK_SIDECAR_TLS_CERT=\""), HasSubstr(row.told))));
  }
  for (const auto& bundle :
       {mine.pem + mine.key, mine.key + mine.pem + ca.pem(), mine.pem + mine.key + ca.pem(),
        mine.pem + ca.pem() + mine.key, "# key\r\n" + mine.key + "\n\n# certificate\n" + mine.pem}) {
    EXPECT_THAT(errors_of(bundle), ElementsAre()) << "in any order: " << bundle;
  }
}

TEST_F(TlsFiles, AreAllNamedThatAreWrong) {
  config::config settings;
  settings.tls_cert = (directory.path() / "none.crt").string();
  settings.tls_key = write("tls.key", mine.key);
  settings.tls_client_ca = (directory.path() / "none.crt").string();
  EXPECT_THAT(tls_reloader{settings}.open(),
              ElementsAre(AllOf(StartsWith("HTTP_HEALTHCHECK_SIDECAR_TLS_CERT=\""), HasSubstr("cannot be read")),
                          AllOf(StartsWith("HTTP_HEALTHCHECK_SIDECAR_TLS_CLIENT_CA=\""), HasSubstr("cannot be read"))));
  settings.tls_cert = write("tls.crt", mine.pem);
  settings.tls_client_ca = write("clients.crt", "garbage");
  EXPECT_THAT(tls_reloader{settings}.open(), ElementsAre(AllOf(StartsWith("HTTP_HEALTHCHECK_SIDECAR_TLS_CLIENT_CA=\""),
                                                               HasSubstr("to verify clients with"))));
}

TEST_F(TlsFiles, OfACertificateThatWasPutTogetherWronglyAreToldOfIt) {
  const struct {
    std::string certificate;
    const char* told;
  } rows[] = {
      {ca.pem() + mine.pem,
       "in the wrong order (the private key belongs to a later one): put the certificate of the key first, and its "
       "issuers behind it"},
      {mine.pem.substr(0, mine.pem.size() - 1) + ca.pem(),
       "without a line end between -----END and -----BEGIN: put a line end between them"},
      {mine.pem + ca.pem().substr(0, 100), "a certificate in it has no END line: write the whole file"},
  };
  for (const auto& row : rows) {
    EXPECT_THAT(errors_of(row.certificate, mine.key),
                ElementsAre(AllOf(StartsWith("HTTP_HEALTHCHECK_SIDECAR_TLS_CERT=\""), HasSubstr(row.told))));
  }
  EXPECT_THAT(errors_of(mine.pem + ca.pem(), mine.key), ElementsAre());
}

TEST_F(TlsFiles, OfAKeyThatBelongsToAnotherAreToldOfTheKey) {
  EXPECT_THAT(errors_of(mine.pem, ca.issue().key),
              ElementsAre(AllOf(StartsWith("HTTP_HEALTHCHECK_SIDECAR_TLS_KEY=\""),
                                HasSubstr("is not the certificate's private key"),
                                HasSubstr("write the path of the key that belongs to TLS_CERT"))));
}

}  // namespace
}  // namespace sidecar::app
