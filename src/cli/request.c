/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/request.h"

#include "base/bytes.h"

#include <curl/curl.h>
#include <stdlib.h>

enum { REQUEST_TIMEOUT_S = 30 };

static size_t collect(char *data, size_t size, size_t count, void *context) {
    struct cv_buf *answer = context;
    return cv_buf_append(answer, data, size * count) == CV_OK ? size * count : 0;
}

static enum cv_err perform(const struct cv_cli *cli, const char *method, const char *path,
                           const json_t *body, struct cv_buf *answer, long *ret_status) {
    enum cv_err err = CV_ERR_MEMORY;
    struct cv_buf url = {0};
    struct curl_slist *headers = NULL;
    char *text = NULL;
    CURL *curl = curl_easy_init();
    if (!curl || cv_buf_printf(&url, "http://localhost/admin/v1%s", path) || !cv_buf_cstr(&url))
        goto out;
    if (body && (!(text = json_dumps(body, JSON_COMPACT)) ||
                 !(headers = curl_slist_append(NULL, "Content-Type: application/json"))))
        goto out;
    curl_easy_setopt(curl, CURLOPT_URL, cv_buf_cstr(&url));
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, cli->socket_path);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)REQUEST_TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    if (strcmp(method, "POST") == 0)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, text ? text : "");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    CURLcode code = curl_easy_perform(curl);
    err = code == CURLE_OK                   ? CV_OK
          : code == CURLE_OPERATION_TIMEDOUT ? CV_ERR_TIMEOUT
                                             : CV_ERR_CLOSED;
    if (!err)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, ret_status);
out:
    if (text)
        cv_wipe(text, strlen(text));
    free(text);
    curl_slist_free_all(headers);
    cv_buf_release(&url);
    curl_easy_cleanup(curl);
    return err;
}

const char *cv_cli_text(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static void explain_problem(long status, const json_t *problem) {
    const char *detail = cv_cli_text(problem, "detail");
    const char *title = cv_cli_text(problem, "title");
    if (*detail || *title)
        cv_cli_fail(0, "%s", *detail ? detail : title);
    else
        cv_cli_fail(0, "the server answered with status %ld", status);
    size_t i;
    const json_t *error;
    json_array_foreach(json_object_get(problem, "errors"), i, error) {
        cv_cli_fail(0, "  %s: %s", cv_cli_text(error, "field"), cv_cli_text(error, "message"));
    }
}

static enum cv_err request(const struct cv_cli *cli, const char *method, const char *path,
                           const json_t *body, bool quiet, json_t **ret_answer) {
    struct cv_buf text = {.limit_bytes = CV_CLI_ANSWER_MAX_BYTES};
    json_t *answer = NULL;
    long status = 0;
    enum cv_err err = perform(cli, method, path, body, &text, &status);
    if (err) {
        if (!quiet)
            cv_cli_fail(0,
                        "no answer from %s: is the server running, and are you root or its user? "
                        "(--data DIR names its data folder)",
                        cli->socket_path);
        goto out;
    }
    if (text.size > 0)
        answer = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, NULL);
    if (status / 100 != 2 || (text.size > 0 && !answer)) {
        err = status == 404       ? CV_ERR_NOT_FOUND
              : status / 100 == 4 ? CV_ERR_DENIED
                                  : CV_ERR_INTERNAL;
        if (!quiet)
            explain_problem(status, answer);
        goto out;
    }
    if (ret_answer) {
        *ret_answer = answer;
        answer = NULL;
    }
out:
    json_decref(answer);
    cv_buf_release(&text);
    return err;
}

enum cv_err cv_cli_request(const struct cv_cli *cli, const char *method, const char *path,
                           const json_t *body, json_t **ret_answer) {
    return request(cli, method, path, body, false, ret_answer);
}

enum cv_err cv_cli_probe(const struct cv_cli *cli, const char *path, json_t **ret_answer) {
    return request(cli, "GET", path, NULL, true, ret_answer);
}

enum cv_err cv_cli_request_all(const struct cv_cli *cli, const char *path, json_t **ret_items) {
    enum cv_err err = CV_OK;
    struct cv_buf page_path = {0};
    json_t *items = json_array(), *page = NULL;
    if (!items)
        return CV_ERR_MEMORY;
    do {
        cv_buf_clear(&page_path);
        const char *cursor = cv_cli_text(page, "next");
        err = *cursor ? cv_buf_printf(&page_path, "%s&cursor=%s", path, cursor)
                      : cv_buf_append_str(&page_path, path);
        json_decref(page);
        page = NULL;
        if (err || !cv_buf_cstr(&page_path))
            goto out;
        err = cv_cli_request(cli, "GET", cv_buf_cstr(&page_path), NULL, &page);
        if (err)
            goto out;
        if (json_array_extend(items, json_object_get(page, "items")) != 0) {
            err = CV_ERR_SYNTAX;
            cv_cli_fail(0, "the server's answer is not a list");
            goto out;
        }
    } while (*cv_cli_text(page, "next"));
    *ret_items = items;
    items = NULL;
out:
    json_decref(items);
    json_decref(page);
    cv_buf_release(&page_path);
    return err;
}
