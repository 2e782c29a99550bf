/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens and what the store keeps of them. A token is 20 random bytes in base64url; the store gets
 * a keyed BLAKE2b hash, a different key for each purpose, so that a stolen database opens nothing
 * and a token of one kind is never good as one of another. All keys come from one master key,
 * which lies beside the database, not in it.
 */
#ifndef CV_API_SECRETS_H
#define CV_API_SECRETS_H

#include "base/bytes.h"
#include "base/id.h"
#include "base/random.h"

enum {
    CV_MASTER_KEY_BYTES = 32,
    CV_SECRET_HASH_BYTES = 32,
    CV_TOKEN_RANDOM_BYTES = 20,
    CV_TOKEN_CHARS = 27,     /* base64url of 20 bytes */
    CV_TOKEN_MAX_CHARS = 64, /* of one that comes in */
};

enum cv_secret_use {
    CV_SECRET_LINK,
    CV_SECRET_SESSION,
    CV_SECRET_RESUME,
    CV_SECRET_SETUP,
    CV_SECRET_IDEMPOTENCY, /* of keys and requests */
    CV_SECRET_SEAL,        /* keys for sealing answers */
    CV_SECRET_LIMIT,       /* names of what is rate-limited */
    CV_SECRET_MEDIA_TOKEN, /* for WHIP and WHEP */
    CV_SECRET_COUNT,
};

struct cv_secrets {
    uint8_t keys[CV_SECRET_COUNT][CV_SECRET_HASH_BYTES];
};

struct cv_token {
    char text[CV_TOKEN_CHARS + 1];
};

struct cv_secret_hash {
    uint8_t bytes[CV_SECRET_HASH_BYTES];
};

void cv_secrets_init(struct cv_secrets *secrets, const uint8_t master[static CV_MASTER_KEY_BYTES]);
void cv_secrets_wipe(struct cv_secrets *secrets);

void cv_token_make(struct cv_random random, struct cv_token *ret_token);

/* Takes any bytes, not only well-formed tokens: a malformed one costs as much as an unknown one. */
void cv_secret_hash(const struct cv_secrets *secrets, enum cv_secret_use use, struct cv_slice text,
                    struct cv_secret_hash *ret_hash);

static inline struct cv_slice cv_secret_hash_slice(const struct cv_secret_hash *hash) {
    return cv_slice_of(hash->bytes, sizeof hash->bytes);
}

/* A new id: `letter` and 128 random bits in base64url. */
void cv_id_make(struct cv_random random, char letter, struct cv_id *ret_id);

/*
 * Seals `plain` so that only who knows `key_text` again can open it (secretbox under a key derived
 * from it). Appended to `sealed`. CV_ERR_MEMORY.
 */
enum cv_err cv_secret_seal(const struct cv_secrets *secrets, struct cv_random random,
                           struct cv_slice key_text, struct cv_slice plain, struct cv_buf *sealed);
/* CV_ERR_AUTH when it was sealed otherwise. */
enum cv_err cv_secret_open(const struct cv_secrets *secrets, struct cv_slice key_text,
                           struct cv_slice sealed, struct cv_buf *plain);

#endif
