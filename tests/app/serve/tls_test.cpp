// SPDX-License-Identifier: MIT
// `serve --tls`: https with a certificate that the test makes, and certificates that are none.
#include <memory>

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/core/output_file.h"
#include "scratch_folder.h"
#include "served_program.h"

namespace pop2piano::testing {
namespace {

template <auto release>
struct Releasing {
  template <typename T>
  void operator()(T* value) const {
    release(value);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Releasing<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Releasing<X509_free>>;
using Context = std::unique_ptr<SSL_CTX, Releasing<SSL_CTX_free>>;
using Chain = std::unique_ptr<BIO, Releasing<BIO_free_all>>;

// Of localhost, signed by itself; PEM files.
void write_certificate(const std::filesystem::path& certificate, const std::filesystem::path& key) {
  const Key pair(EVP_EC_gen("P-256"));
  const Certificate made(X509_new());
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
  X509_NAME* name = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(made.get(), name);
  X509_set_pubkey(made.get(), pair.get());
  X509_sign(made.get(), pair.get(), EVP_sha256());
  const Chain out(BIO_new_file(certificate.c_str(), "w")), secret(BIO_new_file(key.c_str(), "w"));
  PEM_write_bio_X509(out.get(), made.get());
  PEM_write_bio_PrivateKey(secret.get(), pair.get(), nullptr, nullptr, 0, nullptr, nullptr);
}

// The answer to one request over TLS, trusting that certificate only.
std::string asked(int port, const std::filesystem::path& certificate, const std::string& request) {
  const Context context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_load_verify_locations(context.get(), certificate.c_str(), nullptr);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const Chain connection(BIO_new_ssl_connect(context.get()));
  BIO_set_conn_hostname(connection.get(), ("127.0.0.1:" + std::to_string(port)).c_str());
  if (BIO_do_connect(connection.get()) != 1) return "no connection";
  BIO_write(connection.get(), request.data(), static_cast<int>(request.size()));
  std::string answer, piece(4096, '\0');
  for (int count = 1; count > 0;) {
    count = BIO_read(connection.get(), piece.data(), static_cast<int>(piece.size()));
    if (count > 0) answer.append(piece, 0, static_cast<std::size_t>(count));
  }
  return answer;
}

TEST(Tls, ThePageIsServedOverHttpsAndCookiesStayThere) {
  const ScratchFolder folder;
  write_certificate(folder / "cert.pem", folder / "key.pem");
  const ServedProgram program(folder / "data", {"--tls", (folder / "cert.pem").string(), (folder / "key.pem").string(),
                                                "--token", "secret", "--host", "0.0.0.0"});
  const std::string tail = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  EXPECT_NE(asked(program.port(), folder / "cert.pem", "GET /health" + tail).find("\"status\":\"ok\""),
            std::string::npos);
  const std::string signed_in = asked(program.port(), folder / "cert.pem", "GET /?token=secret" + tail);
  EXPECT_NE(signed_in.find("SameSite=Strict; Secure"), std::string::npos) << signed_in.substr(0, 600);
  EXPECT_EQ(request(program.port(), "GET", "/health").status, 0);  // without TLS
}

TEST(Tls, CertificatesThatAreNoneAreRefused) {
  const ScratchFolder folder;
  write_certificate(folder / "cert.pem", folder / "key.pem");
  write_file(folder / "text.pem", std::string_view("no certificate"));
  const auto start = [&](const char* certificate, const char* key) {
    const ServedProgram program(folder / "data", {"--tls", (folder / certificate).string(), (folder / key).string()});
  };
  EXPECT_THROW(start("text.pem", "key.pem"), nlohmann::json::exception);
  EXPECT_THROW(start("cert.pem", "none.pem"), nlohmann::json::exception);
  EXPECT_THROW(start("cert.pem", "cert.pem"), nlohmann::json::exception);
}

}  // namespace
}  // namespace pop2piano::testing
