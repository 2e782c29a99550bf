/* SPDX-License-Identifier: Apache-2.0 */
/*
 * STUN messages (RFC 8489), as far as ICE (RFC 8445) and a plain Binding service need them: parse
 * and check, build and sign. What a message means is left to media/ice.h and media/stun_service.h;
 * nothing here keeps state.
 *
 * Both directions are zero-copy: a parsed message points into the datagram and lives as long as
 * it does; the writer fills the caller's buffer.
 */
#ifndef CV_MEDIA_STUN_H
#define CV_MEDIA_STUN_H

#include "base/addr.h"
#include "base/bytes.h"

enum {
    CV_STUN_HEADER_BYTES = 20, /* RFC 8489 section 5 */
    CV_STUN_TRANSACTION_BYTES = 12,
    CV_STUN_MAX_BYTES = 1280,         /* ours: one IPv6 minimum MTU, far above any ICE message */
    CV_STUN_MAX_ATTRIBUTES = 32,      /* ours: ICE agents send about ten */
    CV_STUN_MAX_UNKNOWN = 4,          /* ours: comprehension-required types that are reported */
    CV_STUN_MAX_USERNAME_BYTES = 508, /* RFC 8489 section 14.3: fewer than 509 */
};

#define CV_STUN_COOKIE UINT32_C(0x2112A442)

/* RFC 8489 section 5 */
enum cv_stun_class {
    CV_STUN_REQUEST = 0,
    CV_STUN_INDICATION = 1,
    CV_STUN_SUCCESS = 2,
    CV_STUN_ERROR = 3,
};

enum { CV_STUN_BINDING = 0x001 };

/* RFC 8489 section 18.3 and RFC 8445 section 20.1 */
enum cv_stun_attribute {
    CV_STUN_ATTR_USERNAME = 0x0006,
    CV_STUN_ATTR_MESSAGE_INTEGRITY = 0x0008,
    CV_STUN_ATTR_ERROR_CODE = 0x0009,
    CV_STUN_ATTR_UNKNOWN_ATTRIBUTES = 0x000A,
    CV_STUN_ATTR_XOR_MAPPED_ADDRESS = 0x0020,
    CV_STUN_ATTR_PRIORITY = 0x0024,
    CV_STUN_ATTR_USE_CANDIDATE = 0x0025,
    CV_STUN_ATTR_FINGERPRINT = 0x8028,
    CV_STUN_ATTR_ICE_CONTROLLED = 0x8029,
    CV_STUN_ATTR_ICE_CONTROLLING = 0x802A,
};

/* RFC 8489 section 14.8, RFC 8445 section 7.3.1.1 */
enum {
    CV_STUN_BAD_REQUEST = 400,
    CV_STUN_UNAUTHENTICATED = 401,
    CV_STUN_UNKNOWN_ATTRIBUTE = 420,
    CV_STUN_ROLE_CONFLICT = 487,
};

struct cv_stun_message {
    struct cv_slice bytes; /* the whole datagram */
    enum cv_stun_class class;
    uint16_t method;
    const uint8_t *transaction_id; /* CV_STUN_TRANSACTION_BYTES */

    struct cv_slice username; /* data NULL: absent */
    struct cv_addr mapped;    /* XOR-MAPPED-ADDRESS; family CV_ADDR_NONE: absent */
    uint16_t error_code;      /* 300..699; 0: absent */
    bool has_priority;
    bool use_candidate;
    bool has_controlling;
    bool has_controlled;
    bool has_fingerprint; /* present, and correct */
    uint32_t priority;
    uint64_t tie_breaker;    /* of ICE-CONTROLLING or ICE-CONTROLLED */
    size_t integrity_offset; /* of the MESSAGE-INTEGRITY attribute in `bytes`; 0: absent */

    /* Comprehension-required types (below 0x8000) that we don't know, in order of appearance. */
    uint16_t unknown[CV_STUN_MAX_UNKNOWN];
    uint8_t unknown_count;
};

/* Whether the first bytes look like STUN (RFC 8489 section 6.3, RFC 7983): for demultiplexing. */
bool cv_stun_is_message(struct cv_slice datagram);

/*
 * Parses one whole datagram. MESSAGE-INTEGRITY is located, not verified: see
 * cv_stun_check_integrity. A FINGERPRINT that is present must be last and correct. Of a repeated
 * attribute the first counts, and what follows MESSAGE-INTEGRITY is ignored (RFC 8489 section 14).
 * CV_ERR_SYNTAX: not a well-formed message (no cookie: RFC 3489 is not spoken); CV_ERR_LIMIT: over
 * a limit above. Nothing is returned then, and nothing should be answered.
 */
enum cv_err cv_stun_parse(struct cv_slice datagram, struct cv_stun_message *ret_message);

/*
 * Verifies MESSAGE-INTEGRITY (HMAC-SHA1, RFC 8489 section 14.5) in constant time; for short-term
 * credentials (ICE) the key is the password, of at most 64 bytes. CV_ERR_AUTH when it is absent or
 * wrong.
 */
enum cv_err cv_stun_check_integrity(const struct cv_stun_message *message, struct cv_slice key);

/*
 * Builds a message into a caller's buffer. The first failure (CV_ERR_LIMIT: the buffer is too
 * small; CV_ERR_CRYPTO) is kept and returned by cv_stun_finish; calls in between need no checks.
 */
struct cv_stun_writer {
    uint8_t *data;
    size_t capacity;
    size_t size;
    enum cv_err err;
};

void cv_stun_begin(struct cv_stun_writer *writer, uint8_t *data, size_t capacity,
                   enum cv_stun_class class, uint16_t method,
                   const uint8_t transaction_id[static CV_STUN_TRANSACTION_BYTES]);
void cv_stun_add(struct cv_stun_writer *writer, uint16_t type, const void *value, size_t size);
void cv_stun_add_u32(struct cv_stun_writer *writer, uint16_t type, uint32_t value);
void cv_stun_add_u64(struct cv_stun_writer *writer, uint16_t type, uint64_t value);
/* XOR-MAPPED-ADDRESS, RFC 8489 section 14.2 */
void cv_stun_add_mapped(struct cv_stun_writer *writer, const struct cv_addr *addr);
/* ERROR-CODE with an empty reason phrase, RFC 8489 section 14.8 */
void cv_stun_add_error(struct cv_stun_writer *writer, uint16_t code);
/* UNKNOWN-ATTRIBUTES, RFC 8489 section 14.9: CV_STUN_MAX_UNKNOWN at most */
void cv_stun_add_unknown(struct cv_stun_writer *writer, const uint16_t *types, size_t count);
/* MESSAGE-INTEGRITY over all that was added so far. */
void cv_stun_add_integrity(struct cv_stun_writer *writer, struct cv_slice key);
/* FINGERPRINT; must be the last one (RFC 8489 section 14.7). */
void cv_stun_add_fingerprint(struct cv_stun_writer *writer);
/* *ret_size is the size of the finished message. */
enum cv_err cv_stun_finish(const struct cv_stun_writer *writer, size_t *ret_size);

#endif
