/* SPDX-License-Identifier: Apache-2.0 */
#include "api/secrets.h"

#include "base/encode.h"

#include <sodium.h>

_Static_assert(crypto_kdf_KEYBYTES == CV_MASTER_KEY_BYTES, "the master key is a key of crypto_kdf");
_Static_assert(CV_BASE64URL_SIZE(CV_TOKEN_RANDOM_BYTES) == CV_TOKEN_CHARS, "size of a token");

void cv_secrets_init(struct cv_secrets *secrets, const uint8_t master[static CV_MASTER_KEY_BYTES]) {
    for (unsigned i = 0; i < CV_SECRET_COUNT; i++) {
        /* The number of a use is part of its key: they must never be renumbered. */
        crypto_kdf_derive_from_key(secrets->keys[i], CV_SECRET_HASH_BYTES, i + 1, "conclave",
                                   master);
    }
}

void cv_secrets_wipe(struct cv_secrets *secrets) {
    cv_wipe(secrets, sizeof *secrets);
}

void cv_token_make(struct cv_random random, struct cv_token *ret_token) {
    uint8_t bytes[CV_TOKEN_RANDOM_BYTES];
    cv_random_fill(random, bytes, sizeof bytes);
    cv_base64url_encode(bytes, sizeof bytes, ret_token->text);
    cv_wipe(bytes, sizeof bytes);
}

void cv_secret_hash(const struct cv_secrets *secrets, enum cv_secret_use use, struct cv_slice text,
                    struct cv_secret_hash *ret_hash) {
    crypto_generichash(ret_hash->bytes, sizeof ret_hash->bytes, text.data, text.size,
                       secrets->keys[use], CV_SECRET_HASH_BYTES);
}

void cv_id_make(struct cv_random random, char letter, struct cv_id *ret_id) {
    uint8_t bytes[16];
    *ret_id = (struct cv_id){0};
    cv_random_fill(random, bytes, sizeof bytes);
    ret_id->text[0] = letter;
    cv_base64url_encode(bytes, sizeof bytes, ret_id->text + 1);
}

enum cv_err cv_secret_seal(const struct cv_secrets *secrets, struct cv_random random,
                           struct cv_slice key_text, struct cv_slice plain, struct cv_buf *sealed) {
    struct cv_secret_hash key;
    uint8_t nonce[crypto_secretbox_NONCEBYTES];
    cv_secret_hash(secrets, CV_SECRET_SEAL, key_text, &key);
    cv_random_fill(random, nonce, sizeof nonce);
    enum cv_err err = cv_buf_reserve(sealed, sizeof nonce + crypto_secretbox_MACBYTES + plain.size);
    if (!err) {
        cv_buf_append(sealed, nonce, sizeof nonce);
        crypto_secretbox_easy(sealed->data + sealed->size, plain.data, plain.size, nonce,
                              key.bytes);
        sealed->size += crypto_secretbox_MACBYTES + plain.size;
    }
    cv_wipe(&key, sizeof key);
    return err;
}

enum cv_err cv_secret_open(const struct cv_secrets *secrets, struct cv_slice key_text,
                           struct cv_slice sealed, struct cv_buf *plain) {
    enum { HEAD = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES };
    struct cv_secret_hash key;
    if (sealed.size < HEAD) {
        return CV_ERR_AUTH;
    }
    enum cv_err err = cv_buf_reserve(plain, sealed.size - HEAD + 1);
    if (err) {
        return err;
    }
    cv_secret_hash(secrets, CV_SECRET_SEAL, key_text, &key);
    if (crypto_secretbox_open_easy(
            plain->data + plain->size, sealed.data + crypto_secretbox_NONCEBYTES,
            sealed.size - crypto_secretbox_NONCEBYTES, sealed.data, key.bytes) < 0) {
        err = CV_ERR_AUTH;
    } else {
        plain->size += sealed.size - HEAD;
    }
    cv_wipe(&key, sizeof key);
    return err;
}
