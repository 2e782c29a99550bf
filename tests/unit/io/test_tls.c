/* SPDX-License-Identifier: Apache-2.0 */
#include "io/tls.h"

#include "base/time.h"
#include "io/clock.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

static char folder[64];
static char certificate[96];
static char key[96];
static const struct cv_tls_files files = {certificate, key};

static int setup(void **state) {
    strcpy(folder, "/tmp/cv-tls-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(certificate, sizeof certificate, "%s/certificate.pem", folder);
    snprintf(key, sizeof key, "%s/key.pem", folder);
    return 0;
}

static int teardown(void **state) {
    unlink(certificate);
    unlink(key);
    return rmdir(folder);
}

static X509 *read_certificate(void) {
    FILE *file = fopen(certificate, "r");
    assert_non_null(file);
    X509 *x509 = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    assert_non_null(x509);
    return x509;
}

static void generates_a_certificate_for_the_names(void **state) {
    const char *const names[] = {"meet.example.org", "192.0.2.7", "2001:db8::7"};
    struct stat status;
    assert_int_equal(cv_tls_generate(&files, names, 3), CV_OK);
    assert_int_equal(stat(key, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    X509 *x509 = read_certificate();
    assert_int_equal(X509_check_host(x509, "localhost", 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(x509, "meet.example.org", 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(x509, "other.example.org", 0, 0, NULL), 0);
    assert_int_equal(X509_check_ip_asc(x509, "127.0.0.1", 0), 1);
    assert_int_equal(X509_check_ip_asc(x509, "::1", 0), 1);
    assert_int_equal(X509_check_ip_asc(x509, "192.0.2.7", 0), 1);
    assert_int_equal(X509_check_ip_asc(x509, "2001:db8::7", 0), 1);
    assert_int_equal(X509_check_ca(x509), 0);
    EVP_PKEY *public_key = X509_get0_pubkey(x509);
    assert_int_equal(X509_verify(x509, public_key), 1);
    X509_free(x509);
}

static void a_name_that_would_be_read_as_more_is_refused(void **state) {
    const char *const names[] = {"a.org,DNS:b.org"};
    assert_int_equal(cv_tls_generate(&files, names, 1), CV_ERR_SYNTAX);
    assert_int_equal(access(key, F_OK), -1);
}

static void loads_and_describes_it(void **state) {
    char error[CV_TLS_ERROR_BYTES] = "";
    struct cv_tls *tls;
    struct cv_tls_certificate seen;
    int64_t now_us = cv_clock_wall_us();
    assert_int_equal(cv_tls_generate(&files, NULL, 0), CV_OK);
    assert_int_equal(cv_tls_new(&files, &tls, error), CV_OK);
    cv_tls_certificate(tls, &seen);
    assert_true(seen.not_before_us < now_us);
    assert_true(seen.not_after_us > now_us + 800 * CV_US_PER_DAY);
    assert_true(seen.not_after_us <= seen.not_before_us + 825 * CV_US_PER_DAY);
    X509 *x509 = read_certificate();
    uint8_t hash[EVP_MAX_MD_SIZE];
    X509_digest(x509, EVP_sha256(), hash, NULL);
    assert_memory_equal(seen.sha256, hash, sizeof seen.sha256);
    X509_free(x509);

    /* A reload takes the new one, and nothing when it is unusable. */
    assert_int_equal(cv_tls_generate(&files, NULL, 0), CV_OK);
    assert_int_equal(cv_tls_reload(tls, error), CV_OK);
    struct cv_tls_certificate renewed;
    cv_tls_certificate(tls, &renewed);
    assert_memory_not_equal(renewed.sha256, seen.sha256, sizeof seen.sha256);
    assert_int_equal(truncate(certificate, 100), 0);
    assert_int_equal(cv_tls_reload(tls, error), CV_ERR_CONFIG);
    assert_non_null(strstr(error, certificate));
    cv_tls_certificate(tls, &seen);
    assert_memory_equal(renewed.sha256, seen.sha256, sizeof seen.sha256);
    cv_tls_free(tls);
}

static void says_what_is_wrong(void **state) {
    char error[CV_TLS_ERROR_BYTES] = "";
    struct cv_tls *tls;
    assert_int_equal(cv_tls_new(&files, &tls, error), CV_ERR_CONFIG);
    assert_non_null(strstr(error, "No such file"));
    assert_int_equal(cv_tls_generate(&files, NULL, 0), CV_OK);
    assert_int_equal(unlink(key), 0);
    assert_int_equal(cv_tls_new(&files, &tls, error), CV_ERR_CONFIG);
    assert_non_null(strstr(error, key));
    assert_null(cv_tls_free(NULL));
}

static void an_unwritable_place_is_an_error(void **state) {
    const struct cv_tls_files nowhere = {"/nonexistent/c.pem", "/nonexistent/k.pem"};
    assert_int_equal(cv_tls_generate(&nowhere, NULL, 0), CV_ERR_SYSTEM);
}

int main(void) {
#define TLS_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TLS_TEST(generates_a_certificate_for_the_names),
        TLS_TEST(a_name_that_would_be_read_as_more_is_refused),
        TLS_TEST(loads_and_describes_it),
        TLS_TEST(says_what_is_wrong),
        cmocka_unit_test(an_unwritable_place_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
