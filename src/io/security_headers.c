/* SPDX-License-Identifier: Apache-2.0 */
#include "io/security_headers.h"

/*
 * As docs/web-client.md asks. 'self' in connect-src covers wss: on the same host (CSP 3, section
 * 6.7.2.8). No exception for inline scripts or styles; blob: is for what peers sent over data
 * channels. With Trusted Types no text becomes script but through the client's own policy.
 */
#define CLIENT_POLICY                                                                              \
    "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; "           \
    "connect-src 'self'; img-src 'self' blob:; media-src 'self' blob:; font-src 'self'; "          \
    "worker-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; "            \
    "form-action 'none'; require-trusted-types-for 'script'; trusted-types default\r\n"            \
    "permissions-policy: camera=(self), microphone=(self), display-capture=(self), "               \
    "speaker-selection=(self), fullscreen=(self), picture-in-picture=(self), "                     \
    "screen-wake-lock=(self), clipboard-write=(self), autoplay=(self), geolocation=(), usb=(), "   \
    "serial=(), hid=(), midi=(), payment=(), accelerometer=(), gyroscope=(), "                     \
    "magnetometer=(), browsing-topics=()\r\n"                                                      \
    "cross-origin-opener-policy: same-origin\r\n"

#define OTHER_POLICY                                                                               \
    "content-security-policy: default-src 'none'; frame-ancestors 'none'; sandbox\r\n"

#define COMMON                                                                                     \
    "x-content-type-options: nosniff\r\n"                                                          \
    "referrer-policy: no-referrer\r\n"                                                             \
    "cross-origin-resource-policy: same-origin\r\n"

/* Two years, as preload lists ask; not for subdomains, which may be none of ours. */
#define SECURE "strict-transport-security: max-age=63072000\r\n"

static bool begins(const char *text, const char *start) {
    return strncmp(text, start, strlen(start)) == 0;
}

struct cv_slice cv_security_headers(const char *content_type, bool is_secure) {
    bool runs = content_type &&
                (begins(content_type, "text/html") || begins(content_type, "text/javascript"));
#define SLICE(text) ((struct cv_slice){(const uint8_t *)(text), sizeof(text) - 1})
    if (runs)
        return is_secure ? SLICE(COMMON SECURE CLIENT_POLICY) : SLICE(COMMON CLIENT_POLICY);
    return is_secure ? SLICE(COMMON SECURE OTHER_POLICY) : SLICE(COMMON OTHER_POLICY);
#undef SLICE
}
