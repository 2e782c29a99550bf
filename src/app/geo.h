/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The country and the network operator of an address, from MaxMind DB files where the operator has
 * configured some. Looked up on this machine; no address leaves it.
 */
#ifndef CV_APP_GEO_H
#define CV_APP_GEO_H

#include "base/addr.h"

#include <maxminddb.h>

struct cv_geo {
    MMDB_s countries;
    MMDB_s networks;
    bool has_countries;
    bool has_networks;
};

enum { CV_GEO_COUNTRY_BYTES = 3, CV_GEO_NETWORK_BYTES = 129 };

struct cv_geo_place {
    char country[CV_GEO_COUNTRY_BYTES]; /* ISO 3166-1 alpha-2; empty: not known */
    char network[CV_GEO_NETWORK_BYTES]; /* "AS64500 Example Networks"; empty: not known */
};

/* Paths NULL: none. CV_ERR_CONFIG with the library's words in `error`; nothing is open then. */
enum cv_err cv_geo_open(struct cv_geo *geo, const char *countries, const char *networks,
                        char *error, size_t error_size);
void cv_geo_close(struct cv_geo *geo);

void cv_geo_find(const struct cv_geo *geo, const struct cv_addr *addr,
                 struct cv_geo_place *ret_place);

#endif
