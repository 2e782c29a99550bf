/* SPDX-License-Identifier: Apache-2.0 */
/* Where a request comes from, in the browser's sense, and who its session says it is. */
#include "api/api.h"

bool cv_api_origin_is_own(const struct cv_api_settings *settings,
                          const struct cv_http_request *request) {
    struct cv_slice origin;
    if (!settings->origin_is_fixed) {
        return cv_http_request_origin_is_own(request, false);
    }
    return cv_http_request_header_count(request, "origin") == 1 &&
           cv_http_request_header(request, "origin", &origin) &&
           cv_slice_eq_str(origin, settings->origin);
}

enum cv_err cv_api_link_origin(const struct cv_api_settings *settings,
                               const struct cv_http_request *request, struct cv_buf *origin) {
    /* On a unix socket the name says nothing: it is no address that others could use. */
    if (settings->origin_is_fixed || !request->authority.size || request->has_peer) {
        return cv_buf_append_str(origin, settings->origin);
    }
    return cv_buf_printf(origin, "https://%.*s", (int)request->authority.size,
                         (const char *)request->authority.data);
}

bool cv_api_session_hash(const struct cv_secrets *secrets, const struct cv_http_request *request,
                         struct cv_secret_hash *ret_hash) {
    struct cv_slice token;
    if (!cv_http_request_cookie(request, CV_API_COOKIE, &token) || token.size == 0 ||
        token.size > CV_TOKEN_MAX_CHARS) {
        return false;
    }
    cv_secret_hash(secrets, CV_SECRET_SESSION, token, ret_hash);
    return true;
}
