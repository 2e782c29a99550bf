/* SPDX-License-Identifier: Apache-2.0 */
#include "io/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    DAYS = 825, /* the longest that Apple's clients take */
    SECONDS_PER_DAY = 86400,
    SKEW_S = 3600,
    SERIAL_BYTES = 16,
    NAME_MAX_BYTES = 253, /* RFC 1035 */
};

static bool is_host_name(const char *name) {
    size_t size = strlen(name);
    if (size == 0 || size > NAME_MAX_BYTES)
        return false;
    for (const char *c = name; *c; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
              *c == '-' || *c == '.' || *c == '_'))
            return false;
    return true;
}

/* Appends ",DNS:name" or ",IP:address"; only safe characters come into what OpenSSL parses. */
static enum cv_err append_name(struct cv_buf *list, const char *name) {
    struct cv_addr addr;
    char text[CV_ADDR_TEXT_BYTES];
    const char *comma = list->size ? "," : "";
    if (cv_addr_parse(cv_slice_str(name), &addr) == CV_OK) {
        cv_addr_format_host(&addr, text);
        return cv_buf_printf(list, "%sIP:%s", comma, text);
    }
    if (!is_host_name(name))
        return CV_ERR_SYNTAX;
    return cv_buf_printf(list, "%sDNS:%s", comma, name);
}

static enum cv_err alternative_names(struct cv_buf *list, const char *const *names,
                                     size_t name_count) {
    char host[NAME_MAX_BYTES + 1] = "";
    enum cv_err err = append_name(list, "localhost");
    if (!err)
        err = append_name(list, "127.0.0.1");
    if (!err)
        err = append_name(list, "::1");
    if (!err && gethostname(host, sizeof host - 1) == 0 && is_host_name(host))
        err = append_name(list, host);
    for (size_t i = 0; !err && i < name_count; i++)
        err = append_name(list, names[i]);
    return err;
}

static bool add_extension(X509 *x509, int id, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, x509, x509, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, id, value);
    bool is_added = extension && X509_add_ext(x509, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return is_added;
}

static bool set_serial(X509 *x509) {
    uint8_t bytes[SERIAL_BYTES];
    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return false;
    bytes[0] = (uint8_t)((bytes[0] & 0x7f) | 0x40); /* positive, and of one length */
    BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
    bool is_set = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509));
    BN_free(number);
    return is_set;
}

static bool fill(X509 *x509, EVP_PKEY *key, const char *names) {
    static const unsigned char common_name[] = "Conclave self-signed";
    X509_NAME *name = X509_get_subject_name(x509);
    return X509_set_version(x509, X509_VERSION_3) && set_serial(x509) &&
           X509_gmtime_adj(X509_getm_notBefore(x509), -SKEW_S) &&
           X509_gmtime_adj(X509_getm_notAfter(x509), (long)DAYS * SECONDS_PER_DAY - SKEW_S - 1) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0) &&
           X509_set_issuer_name(x509, name) && X509_set_pubkey(x509, key) &&
           add_extension(x509, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(x509, NID_key_usage, "critical,digitalSignature") &&
           add_extension(x509, NID_ext_key_usage, "serverAuth") &&
           add_extension(x509, NID_subject_alt_name, names) &&
           X509_sign(x509, key, EVP_sha256()) > 0;
}

/* Writes PEM to a new file beside `path` and renames it, so that a reader sees all or nothing. */
static enum cv_err write_pem(const char *path, mode_t mode, const EVP_PKEY *key, X509 *x509) {
    struct cv_buf temporary = {0};
    if (cv_buf_printf(&temporary, "%s.new", path) || !cv_buf_cstr(&temporary)) {
        cv_buf_release(&temporary);
        return CV_ERR_MEMORY;
    }
    const char *name = (const char *)temporary.data;
    enum cv_err err = CV_ERR_SYSTEM;
    unlink(name);
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file && fd >= 0)
        close(fd);
    if (file) {
        int written = key ? PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL)
                          : PEM_write_X509(file, x509);
        bool is_safe = written == 1 && fchmod(fd, mode) == 0 && fflush(file) == 0 && fsync(fd) == 0;
        if (fclose(file) == 0 && is_safe && rename(name, path) == 0)
            err = CV_OK;
        else
            unlink(name);
    }
    cv_buf_release(&temporary);
    return err;
}

enum cv_err cv_tls_generate(const struct cv_tls_files *files, const char *const *names,
                            size_t name_count) {
    struct cv_buf list = {0};
    EVP_PKEY *key = NULL;
    X509 *x509 = NULL;
    enum cv_err err = alternative_names(&list, names, name_count);
    if (err)
        goto out;
    err = CV_ERR_CRYPTO;
    key = EVP_EC_gen("P-256");
    x509 = X509_new();
    if (!key || !x509 || !cv_buf_cstr(&list) || !fill(x509, key, (const char *)list.data))
        goto out;
    err = write_pem(files->key, 0600, key, NULL);
    if (!err)
        err = write_pem(files->certificate, 0644, NULL, x509);
out:
    X509_free(x509);
    EVP_PKEY_free(key);
    cv_buf_release(&list);
    return err;
}
