/* SPDX-License-Identifier: Apache-2.0 */
#include "io/negotiate.h"

#include "io/http_private.h"

enum { Q_ONE = 1000, Q_NOT_SAID = -1 };

/* qvalue (RFC 9110 section 12.4.2) in thousandths; a malformed one is 0, "not acceptable". */
static int parse_q(struct cv_slice text) {
    int q = 0, unit = Q_ONE;
    if (text.size == 0 || text.size > 5 || (text.data[0] != '0' && text.data[0] != '1') ||
        (text.size > 1 && text.data[1] != '.'))
        return 0;
    for (size_t i = 0; i < text.size; i++) {
        if (i == 1)
            continue;
        if (text.data[i] < '0' || text.data[i] > '9')
            return 0;
        q += (text.data[i] - '0') * unit;
        unit /= 10;
    }
    return q <= Q_ONE ? q : 0;
}

/* Takes "coding;q=0.5" apart. */
static struct cv_slice split_element(struct cv_slice element, int *ret_q) {
    const uint8_t *semicolon = memchr(element.data, ';', element.size);
    *ret_q = Q_ONE;
    if (!semicolon)
        return element;
    size_t size = (size_t)(semicolon - element.data);
    struct cv_slice parameter = cv_http_trim(cv_slice_of(semicolon + 1, element.size - size - 1));
    *ret_q = parameter.size > 2 && cv_slice_eq_nocase(cv_slice_of(parameter.data, 2), "q=")
                 ? parse_q(cv_slice_of(parameter.data + 2, parameter.size - 2))
                 : 0;
    return cv_http_trim(cv_slice_of(element.data, size));
}

enum cv_coding cv_negotiate_coding(const struct cv_http_request *request, unsigned available) {
    static const char *const names[CV_CODINGS] = {"identity", "gzip", "br"};
    int q[CV_CODINGS] = {Q_NOT_SAID, Q_NOT_SAID, Q_NOT_SAID}, q_any = Q_NOT_SAID;
    for (size_t i = 0; i < request->field_count; i++) {
        struct cv_slice name, list, element;
        cv_http_request_field(request, i, &name, &list);
        if (!cv_slice_eq_str(name, "accept-encoding"))
            continue;
        while (cv_http_list_next(&list, &element)) {
            int this_q;
            struct cv_slice coding = split_element(element, &this_q);
            if (cv_slice_eq_str(coding, "*"))
                q_any = this_q;
            for (int j = 0; j < CV_CODINGS; j++)
                if (cv_slice_eq_nocase(coding, names[j]))
                    q[j] = this_q;
        }
    }
    enum cv_coding best = CV_CODING_IDENTITY;
    /* Identity that nobody spoke of is acceptable, but anything asked for is better. */
    int best_q = q[CV_CODING_IDENTITY] != Q_NOT_SAID ? q[CV_CODING_IDENTITY] : 0;
    for (int j = CV_CODING_GZIP; j < CV_CODINGS; j++) {
        int this_q = q[j] != Q_NOT_SAID ? q[j] : q_any;
        if (available & 1U << j && this_q > 0 && this_q >= best_q) {
            best = (enum cv_coding)j;
            best_q = this_q;
        }
    }
    return best;
}

bool cv_negotiate_is_known(const struct cv_http_request *request, const char *etag) {
    for (size_t i = 0; i < request->field_count; i++) {
        struct cv_slice name, list, element;
        cv_http_request_field(request, i, &name, &list);
        if (!cv_slice_eq_str(name, "if-none-match"))
            continue;
        while (cv_http_list_next(&list, &element)) {
            if (element.size > 2 && memcmp(element.data, "W/", 2) == 0)
                element = cv_slice_of(element.data + 2, element.size - 2);
            if (cv_slice_eq_str(element, "*") || cv_slice_eq_str(element, etag))
                return true;
        }
    }
    return false;
}
