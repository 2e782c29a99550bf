/* SPDX-License-Identifier: Apache-2.0 */
#include "app/geo.h"

#include "base/utf8.h"

#include <netinet/in.h>
#include <stdio.h>

static enum cv_err open_one(MMDB_s *database, const char *path, bool *ret_open, char *error,
                            size_t error_size) {
    if (!path) {
        return CV_OK;
    }
    int status = MMDB_open(path, MMDB_MODE_MMAP, database);
    if (status != MMDB_SUCCESS) {
        snprintf(error, error_size, "not a usable MaxMind database: %s", MMDB_strerror(status));
        return CV_ERR_CONFIG;
    }
    *ret_open = true;
    return CV_OK;
}

enum cv_err cv_geo_open(struct cv_geo *geo, const char *countries, const char *networks,
                        char *error, size_t error_size) {
    *geo = (struct cv_geo){0};
    enum cv_err err = open_one(&geo->countries, countries, &geo->has_countries, error, error_size);
    if (!err) {
        err = open_one(&geo->networks, networks, &geo->has_networks, error, error_size);
    }
    if (err) {
        cv_geo_close(geo);
    }
    return err;
}

void cv_geo_close(struct cv_geo *geo) {
    if (geo->has_countries) {
        MMDB_close(&geo->countries);
    }
    if (geo->has_networks) {
        MMDB_close(&geo->networks);
    }
    *geo = (struct cv_geo){0};
}

static bool find_entry(const MMDB_s *database, const struct cv_addr *addr,
                       MMDB_lookup_result_s *ret_result) {
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    memcpy(&in.sin_addr, addr->ip, 4);
    memcpy(&in6.sin6_addr, addr->ip, 16);
    const struct sockaddr *any =
        addr->family == CV_ADDR_V4 ? (const struct sockaddr *)&in : (const struct sockaddr *)&in6;
    int status = MMDB_SUCCESS;
    *ret_result = MMDB_lookup_sockaddr(database, any, &status);
    return status == MMDB_SUCCESS && ret_result->found_entry;
}

void cv_geo_find(const struct cv_geo *geo, const struct cv_addr *addr,
                 struct cv_geo_place *ret_place) {
    MMDB_lookup_result_s result;
    MMDB_entry_data_s data;
    *ret_place = (struct cv_geo_place){0};
    if (addr->family == CV_ADDR_NONE) {
        return;
    }
    if (geo->has_countries && find_entry(&geo->countries, addr, &result) &&
        MMDB_get_value(&result.entry, &data, "country", "iso_code", NULL) == MMDB_SUCCESS &&
        data.has_data && data.type == MMDB_DATA_TYPE_UTF8_STRING && data.data_size == 2) {
        snprintf(ret_place->country, sizeof ret_place->country, "%.2s", data.utf8_string);
    }
    if (!geo->has_networks || !find_entry(&geo->networks, addr, &result)) {
        return;
    }
    uint32_t number = 0;
    if (MMDB_get_value(&result.entry, &data, "autonomous_system_number", NULL) == MMDB_SUCCESS &&
        data.has_data && data.type == MMDB_DATA_TYPE_UINT32) {
        number = data.uint32;
    }
    if (MMDB_get_value(&result.entry, &data, "autonomous_system_organization", NULL) ==
            MMDB_SUCCESS &&
        data.has_data && data.type == MMDB_DATA_TYPE_UTF8_STRING &&
        !cv_utf8_check_label(cv_slice_of(data.utf8_string, data.data_size), 64) &&
        data.data_size < sizeof ret_place->network - 16) {
        snprintf(ret_place->network, sizeof ret_place->network, "AS%u %.*s", number,
                 (int)data.data_size, data.utf8_string);
    } else if (number) {
        snprintf(ret_place->network, sizeof ret_place->network, "AS%u", number);
    }
}
