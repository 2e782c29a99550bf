/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "app/config.h"

#include <fcntl.h>
#include <stdio.h>

static enum cv_err load(const char *text, struct cv_config *config, char *error) {
    return cv_config_load(cv_slice_str(text), "conclave.yaml", config, error);
}

static void assert_default(const struct cv_config *config) {
    assert_string_equal(config->name, "Conclave");
    assert_string_equal(config->data, "./data");
    assert_string_equal(config->public_url, "");
    assert_int_equal(config->listen.port, 8443);
    assert_int_equal(config->listen.addresses.count, 2);
    assert_string_equal(config->listen.addresses.items[0], "0.0.0.0");
    assert_string_equal(config->listen.addresses.items[1], "::");
    assert_int_equal(config->listen.stun, 1);
    assert_int_equal(config->listen.trusted_proxies.count, 0);
    assert_int_equal(config->meetings.instant, CV_INSTANT_ANYONE);
    assert_int_equal(config->meetings.opens_before_minutes, 60);
    assert_int_equal(config->meetings.closes_after_minutes, 360);
    assert_int_equal(config->records.keep_days, 7);
    assert_int_equal(config->ice.policy, CV_ICE_ALL);
    assert_int_equal(config->log.level, CV_LOG_INFO);
    assert_int_equal(config->log.personal_data, 0);
}

static void test_no_file_is_the_default(void **state) {
    static const char *const texts[] = {"", "# only a comment\n", "{}\n", "---\n"};
    char error[CV_CONFIG_ERROR_BYTES];
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct cv_config config = {0};
        enum cv_err err = load(texts[i], &config, error);
        if (i == 3) { /* an empty document is a null, not a mapping */
            assert_int_equal(err, CV_ERR_CONFIG);
            continue;
        }
        assert_int_equal(err, CV_OK);
        assert_default(&config);
        cv_config_release(&config);
    }
}

static void test_values_are_taken(void **state) {
    struct cv_config config = {0};
    char error[CV_CONFIG_ERROR_BYTES];
    (void)state;
    assert_int_equal(load("name: Mairie d'Évry\n"
                          "public_url: https://meet.example.org\n"
                          "listen:\n"
                          "  addresses: ['127.0.0.1']\n"
                          "  port: 0\n"
                          "  stun: false\n"
                          "  http: unix:/run/conclave/http.sock\n"
                          "  trusted_proxies: [10.0.0.0/8, 'fd00::/8']\n"
                          "meetings: {instant: off, opens_before_minutes: 0}\n"
                          "records: {keep_days: 0}\n"
                          "log: {format: json, level: debug, personal_data: true}\n",
                          &config, error),
                     CV_OK);
    assert_string_equal(config.name, "Mairie d'Évry");
    assert_int_equal(config.listen.addresses.count, 1);
    assert_int_equal(config.listen.port, 0);
    assert_int_equal(config.listen.stun, 0);
    assert_string_equal(config.listen.http, "unix:/run/conclave/http.sock");
    assert_int_equal(config.listen.trusted_proxies.count, 2);
    assert_string_equal(config.listen.trusted_proxies.items[1], "fd00::/8");
    assert_int_equal(config.meetings.instant, CV_INSTANT_OFF);
    assert_int_equal(config.meetings.opens_before_minutes, 0);
    assert_int_equal(config.meetings.closes_after_minutes, 360);
    assert_int_equal(config.records.keep_days, 0);
    assert_int_equal(config.log.format, CV_LOG_FORMAT_JSON);
    assert_int_equal(config.log.personal_data, 1);
    cv_config_release(&config);
    assert_int_equal(load("public_url: https://x\nlisten: {addresses: [], http: '127.0.0.1:80'}\n",
                          &config, error),
                     CV_OK);
    assert_int_equal(config.listen.addresses.count, 0);
    cv_config_release(&config);
}

static void test_one_clear_line(void **state) {
    static const struct {
        const char *text;
        const char *error;
    } cases[] = {
        {"listen:\n  port: 5\n  prot: 4\n", "conclave.yaml:3:3: unknown key 'listen.prot'"},
        {"nmae: x\n", "conclave.yaml:1:1: unknown key 'nmae'"},
        {"listen:\n  port: abc\n",
         "conclave.yaml:2:9: 'listen.port' must be a whole number from 0 to 65535"},
        {"listen:\n  port: 65536\n",
         "conclave.yaml:2:9: 'listen.port' must be a whole number from 0 to 65535"},
        {"listen:\n  port: -1\n",
         "conclave.yaml:2:9: 'listen.port' must be a whole number from 0 to 65535"},
        {"listen:\n  port: 99999999999999999999\n",
         "conclave.yaml:2:9: 'listen.port' must be a whole number from 0 to 65535"},
        {"listen:\n  port: [1]\n",
         "conclave.yaml:2:9: 'listen.port' must be a whole number from 0 to 65535"},
        {"listen: 4\n",
         "conclave.yaml:1:9: 'listen' must be a mapping: its keys on the lines below, indented"},
        {"listen:\n  stun: maybe\n", "conclave.yaml:2:9: 'listen.stun' must be false or true"},
        {"meetings: {instant: nobody}\n",
         "conclave.yaml:1:21: 'meetings.instant' must be anyone or accounts or off"},
        {"listen:\n  addresses:\n    - 127.0.0.1\n    - localhost\n",
         "conclave.yaml:4:7: 'listen.addresses[2]' must be an IP address without port"},
        {"listen:\n  addresses: 127.0.0.1\n",
         "conclave.yaml:2:14: 'listen.addresses' must be a list; each item an IP address without "
         "port"},
        {"listen: {trusted_proxies: [10.0.0.1/8]}\n",
         "conclave.yaml:1:28: 'listen.trusted_proxies[1]' must be an address or a range such as "
         "10.0.0.0/8"},
        {"public_url: http://x\n", "conclave.yaml:1:13: 'public_url' must be https://HOST or "
                                   "https://HOST:PORT, in lower case"},
        {"public_url: https://x/y\n", "conclave.yaml:1:13: 'public_url' must be https://HOST or "
                                      "https://HOST:PORT, in lower case"},
        {"listen:\n  port: 1\n  port: 2\n", "conclave.yaml:3:3: 'listen.port' is there twice"},
        {"name: &x a\ndata: *x\n", "conclave.yaml:2:7: aliases are not allowed here"},
        {"name: \"a\\0b\"\n", "conclave.yaml:1:7: control character in a value"},
        {"name: [a, b\n", "conclave.yaml:2:1: not YAML: did not find expected ',' or ']'"},
        {"name: a\n\tdata: c\n",
         "conclave.yaml:2:1: not YAML: found a tab character that violates indentation"},
        {"name: a\n---\nname: b\n", "conclave.yaml:2:1: a second document; one file holds one"},
        {"data: ''\n", "conclave.yaml:1:7: 'data' must name a folder"},
        {"listen:\n  http: 127.0.0.1:80\n",
         "conclave.yaml:2:9: 'listen.http' needs 'public_url': behind a proxy the server can't "
         "know its own address"},
        {"tls:\n  key: a.pem\n",
         "conclave.yaml:2:8: 'tls.certificate' and 'tls.key' belong together"},
        {"ice:\n  policy: relay\n", "conclave.yaml:2:11: 'relay' needs 'ice.turn_urls': without "
                                    "TURN no call would connect"},
        {"ice:\n  turn_urls: ['turn:a']\n",
         "conclave.yaml:2:14: 'ice.turn_urls' needs 'ice.turn_secret_file'"},
        {"ice:\n  turn_urls: ['stun:a']\n",
         "conclave.yaml:2:15: 'ice.turn_urls[1]' must be turn:HOST[:PORT] or turns:HOST[:PORT]"},
        {"[]\n", "conclave.yaml:1:1: 'the file' must be a mapping: its keys on the lines below, "
                 "indented"},
        {"a: [[[[[[[[[1]]]]]]]]]\n", "conclave.yaml:1:11: nested too deep"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cv_config config = {0};
        char error[CV_CONFIG_ERROR_BYTES];
        assert_int_equal(load(cases[i].text, &config, error), CV_ERR_CONFIG);
        assert_string_equal(error, cases[i].error);
        assert_null(config.name);
    }
}

/* The workers' ports follow those of HTTPS, unless the operator puts them elsewhere. */
static void test_media_ports(void **state) {
    static const struct {
        const char *text;
        int64_t port;
    } cases[] = {
        {"", 8444},
        {"listen: {port: 9000}", 9001},
        {"listen: {port: 443}", 8444},
        {"listen: {port: 0}", 0},
        {"relay: {port: 40000}", 40000},
        {"{listen: {port: 0}, relay: {port: 40000}}", 40000},
    };
    char error[CV_CONFIG_ERROR_BYTES];
    struct cv_config config = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(load(cases[i].text, &config, error), CV_OK);
        assert_int_equal(cv_config_media_port(&config), cases[i].port);
        cv_config_release(&config);
    }
    assert_int_equal(load("relay: {port: 65535, workers: 2}", &config, error), CV_ERR_CONFIG);
    assert_string_equal(error, "conclave.yaml:1:15: 'relay.port' leaves no room for the ports of "
                               "all workers below 65536");
}

static void test_files(void **state) {
    char error[CV_CONFIG_ERROR_BYTES];
    struct cv_buf text = {0};
    (void)state;
    assert_int_equal(cv_config_read(AT_FDCWD, "/nonexistent/conclave.yaml", &text, error),
                     CV_ERR_CONFIG);
    assert_string_equal(error, "/nonexistent/conclave.yaml: No such file or directory");
    assert_int_equal(cv_config_read(AT_FDCWD, "/", &text, error), CV_ERR_CONFIG);
    assert_string_equal(error, "/: Is a directory");
    assert_int_equal(cv_config_read(AT_FDCWD, "/dev/zero", &text, error), CV_ERR_CONFIG);
    assert_string_equal(error, "/dev/zero: longer than 262144 bytes");
    cv_buf_release(&text);
}

/* docs/configuration.md holds the reference as it is printed, and an example that loads. */
static void test_documentation(void **state) {
    struct cv_buf reference = {0};
    static char page[128 * 1024];
    char error[CV_CONFIG_ERROR_BYTES];
    (void)state;
    assert_int_equal(cv_config_reference(&reference), CV_OK);
    FILE *file = fopen(CV_SOURCE_ROOT "/docs/configuration.md", "r");
    assert_non_null(file);
    page[fread(page, 1, sizeof page - 1, file)] = 0;
    fclose(file);
    if (!strstr(page, cv_buf_cstr(&reference))) {
        fail_msg("docs/configuration.md is behind: put the output of "
                 "`conclaved --config-reference` there");
    }
    cv_buf_release(&reference);

    char *example = strstr(page, "```yaml\n");
    assert_non_null(example);
    example += strlen("```yaml\n");
    char *end = strstr(example, "```");
    assert_non_null(end);
    *end = 0;
    struct cv_config config = {0};
    if (load(example, &config, error)) {
        fail_msg("the example in docs/configuration.md: %s", error);
    }
    cv_config_release(&config);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_file_is_the_default), cmocka_unit_test(test_values_are_taken),
        cmocka_unit_test(test_one_clear_line),         cmocka_unit_test(test_files),
        cmocka_unit_test(test_documentation),          cmocka_unit_test(test_media_ports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
