/* SPDX-License-Identifier: Apache-2.0 */
#include "io/forwarded.h"

#include "io/http_private.h"

enum { HOPS_MAX = 32 };

/* The elements of all header lines of that name, the last ones if there are too many. */
struct hops {
    struct cv_slice elements[HOPS_MAX];
    size_t count;
};

/*
 * Splits at commas outside quoted strings. A comma inside quotes can't be told from one outside
 * when a client has opened a quote that the proxy's own element then closes; elements are
 * therefore cut at every comma, and one with an odd quote is malformed and ends the reading.
 */
static void collect(const struct cv_http_request *request, const char *name, struct hops *hops) {
    hops->count = 0;
    for (size_t i = 0; i < request->field_count; i++) {
        struct cv_slice this_name, list, element;
        cv_http_request_field(request, i, &this_name, &list);
        if (!cv_slice_eq_str(this_name, name))
            continue;
        while (cv_http_list_next(&list, &element)) {
            if (hops->count == HOPS_MAX) {
                memmove(&hops->elements[0], &hops->elements[1],
                        (HOPS_MAX - 1) * sizeof hops->elements[0]);
                hops->count--;
            }
            hops->elements[hops->count++] = element;
        }
    }
}

/* The value of a parameter of a Forwarded element, without its quotes. */
static bool element_parameter(struct cv_slice element, const char *name, struct cv_slice *ret) {
    while (element.size > 0) {
        const uint8_t *semicolon = memchr(element.data, ';', element.size);
        size_t size = semicolon ? (size_t)(semicolon - element.data) : element.size;
        struct cv_slice pair = cv_http_trim(cv_slice_of(element.data, size));
        size_t taken = semicolon ? size + 1 : size;
        element = cv_slice_of(element.data + taken, element.size - taken);
        const uint8_t *equals = pair.size ? memchr(pair.data, '=', pair.size) : NULL;
        if (!equals)
            continue;
        size_t name_size = (size_t)(equals - pair.data);
        if (!cv_slice_eq_nocase(cv_slice_of(pair.data, name_size), name))
            continue;
        struct cv_slice value = {equals + 1, pair.size - name_size - 1};
        if (value.size >= 2 && value.data[0] == '"' && value.data[value.size - 1] == '"')
            value = cv_slice_of(value.data + 1, value.size - 2);
        *ret = value;
        return true;
    }
    return false;
}

static bool hop_addr(struct cv_slice element, bool use_forwarded, struct cv_addr *ret_addr) {
    struct cv_slice text = element;
    if (use_forwarded && !element_parameter(element, "for", &text))
        return false;
    if (cv_addr_parse(text, ret_addr))
        return false;
    ret_addr->port = 0;
    return true;
}

static void read_proto(struct cv_slice text, struct cv_forwarded *forwarded) {
    forwarded->is_https = cv_slice_eq_nocase(text, "https");
    forwarded->says_proto = forwarded->is_https || cv_slice_eq_nocase(text, "http");
}

struct cv_forwarded cv_forwarded_read(const struct cv_http_request *request, bool use_forwarded,
                                      const struct cv_cidr *trusted, size_t trusted_count) {
    struct cv_forwarded forwarded = {0};
    struct hops hops;
    struct cv_slice proto;
    collect(request, use_forwarded ? "forwarded" : "x-forwarded-for", &hops);
    if (use_forwarded && hops.count > 0 &&
        element_parameter(hops.elements[hops.count - 1], "proto", &proto))
        read_proto(proto, &forwarded);
    for (size_t i = hops.count; i > 0; i--) {
        struct cv_addr addr;
        if (!hop_addr(hops.elements[i - 1], use_forwarded, &addr))
            break;
        forwarded.client = addr;
        if (!cv_cidr_any_contains(trusted, trusted_count, &addr))
            break;
    }
    if (!use_forwarded) {
        collect(request, "x-forwarded-proto", &hops);
        if (hops.count > 0)
            read_proto(hops.elements[hops.count - 1], &forwarded);
    }
    return forwarded;
}
