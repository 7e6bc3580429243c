// SPDX-License-Identifier: BSL-1.0
// A small certificate authority in memory, for tests of TLS.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

namespace http_test {

struct identity {
    std::string certificate;  // PEM
    std::string key;          // PEM
};

/// One key and one self-signed authority per object; issues certificates for names and addresses.
class authority {
public:
    authority() : key_(EVP_EC_gen("P-256")), root_(make("brio test authority", {}, -1, 1, nullptr)) {}

    [[nodiscard]] std::string pem() const { return pem_of(root_.get()); }
    /// `names` as OpenSSL writes them: "DNS:localhost,IP:127.0.0.1". Valid from `from_day` to `to_day`, seen from now.
    [[nodiscard]] identity issue(const std::string& names, int from_day = -1, int to_day = 1) const {
        const certificate made = make("127.0.0.1", names, from_day, to_day, root_.get());
        return {pem_of(made.get()), key_pem()};
    }
    /// Signed by nobody but itself.
    [[nodiscard]] identity self_signed(const std::string& names) const {
        const certificate made = make("alone", names, -1, 1, nullptr);
        return {pem_of(made.get()), key_pem()};
    }
    [[nodiscard]] std::string key_pem() const {
        const memory out(BIO_new(BIO_s_mem()), &BIO_free);
        PEM_write_bio_PrivateKey(out.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
        return text_of(out.get());
    }

private:
    using certificate = std::unique_ptr<X509, void (*)(X509*)>;
    using memory = std::unique_ptr<BIO, int (*)(BIO*)>;
    struct free_key {
        void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    };

    [[nodiscard]] certificate make(const std::string& name, const std::string& names, int from_day, int to_day, X509* issuer) const {
        static long serial = 1;
        certificate made(X509_new(), &X509_free);
        X509_set_version(made.get(), 2);
        ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial);
        X509_gmtime_adj(X509_getm_notBefore(made.get()), from_day * 86400L);
        X509_gmtime_adj(X509_getm_notAfter(made.get()), to_day * 86400L);
        X509_set_pubkey(made.get(), key_.get());
        X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
        X509_set_issuer_name(made.get(), X509_get_subject_name(issuer ? issuer : made.get()));
        if (names.empty()) {
            extend(made.get(), NID_basic_constraints, "critical,CA:TRUE");
        } else {
            extend(made.get(), NID_subject_alt_name, names.c_str());
        }
        if (X509_sign(made.get(), key_.get(), EVP_sha256()) == 0) throw std::runtime_error("X509_sign");
        return made;
    }
    static void extend(X509* to, int nid, const char* value) {
        X509_EXTENSION* const made = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
        if (!made) throw std::runtime_error(value);
        X509_add_ext(to, made, -1);
        X509_EXTENSION_free(made);
    }
    static std::string text_of(BIO* from) {
        char* data = nullptr;
        const long size = BIO_get_mem_data(from, &data);
        return std::string(data, static_cast<std::size_t>(size));
    }
    static std::string pem_of(X509* from) {
        const memory out(BIO_new(BIO_s_mem()), &BIO_free);
        PEM_write_bio_X509(out.get(), from);
        return text_of(out.get());
    }

    std::unique_ptr<EVP_PKEY, free_key> key_;
    certificate root_;
};

/// A folder that goes with the object.
class scratch_folder {
public:
    scratch_folder() {
        std::string name = (std::filesystem::temp_directory_path() / "brio-test-XXXXXX").string();
        if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
        path_ = name;
    }
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;
    ~scratch_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    /// Writes a file and gives its path.
    [[nodiscard]] std::string file(const std::string& name, const std::string& content) const {
        std::ofstream(path_ / name, std::ios::binary) << content;
        return (path_ / name).string();
    }
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace http_test
