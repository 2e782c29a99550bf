/* SPDX-License-Identifier: Apache-2.0 */
/* The administrator's socket (api/admin.yaml): what the `conclave` command asks. */
#ifndef CV_API_ADMIN_H
#define CV_API_ADMIN_H

#include "api/api.h"

#include <jansson.h>

/* What the process knows of itself, for `status`. */
struct cv_admin_facts {
    void *context;
    /* The object of the contract's Status; NULL without memory. */
    json_t *(*status)(void *context);
};

/* What `facts` points to must outlive the api. */
void cv_api_set_admin_facts(struct cv_api *api, const struct cv_admin_facts *facts);

/* Takes the exchange over: any path of the socket. */
void cv_api_handle_admin(struct cv_api *api, struct cv_exchange *exchange);

#endif
