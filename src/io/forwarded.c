/* SPDX-License-Identifier: Apache-2.0 */
#include "io/forwarded.h"

#include "io/http_private.h"

enum { HOPS_MAX = 32 };

/* The elements of all header lines of that name, the last ones if there are too many. */
struct hops {
    struct cv_slice elements[HOPS_MAX];
    size_t count;
};

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

static bool hop_addr(struct cv_slice element, struct cv_addr *ret_addr) {
    if (cv_addr_parse(element, ret_addr))
        return false;
    ret_addr->port = 0;
    return true;
}

struct cv_forwarded cv_forwarded_read(const struct cv_http_request *request,
                                      const struct cv_cidr *trusted, size_t trusted_count) {
    struct cv_forwarded forwarded = {0};
    struct hops hops;
    collect(request, "x-forwarded-for", &hops);
    for (size_t i = hops.count; i > 0; i--) {
        struct cv_addr addr;
        if (!hop_addr(hops.elements[i - 1], &addr))
            break;
        forwarded.client = addr;
        if (!cv_cidr_any_contains(trusted, trusted_count, &addr))
            break;
    }
    collect(request, "x-forwarded-proto", &hops);
    if (hops.count > 0) {
        struct cv_slice proto = hops.elements[hops.count - 1];
        forwarded.is_https = cv_slice_eq_nocase(proto, "https");
        forwarded.says_proto = forwarded.is_https || cv_slice_eq_nocase(proto, "http");
    }
    return forwarded;
}
