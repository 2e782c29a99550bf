/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store on the workbench: opened, asked and waited for, with a data folder of its own. Test times
 * are seconds, ids and secrets short words.
 */
#ifndef CV_TEST_STORE_BENCH_H
#define CV_TEST_STORE_BENCH_H

#include "store/store.h"
#include "test.h"

#include <pthread.h>

enum bench_kind { BENCH_MEMORY, BENCH_SQLITE };

struct bench {
    enum bench_kind kind;
    struct cv_store *store;
    struct cv_store_sqlite_config config;
    char folder[64]; /* SQLite: removed by bench_close */
    char message[CV_STORE_MESSAGE_BYTES];
    pthread_mutex_t mutex;
    pthread_cond_t posted;
    struct cv_list answers; /* posted, not delivered */
    struct cv_store_answer *last;
};

/* With a new folder, or that of before: bench_open(bench, kind); bench_stop; bench_start. */
void bench_open(struct bench *bench, enum bench_kind kind);
void bench_close(struct bench *bench);
/* A folder that somebody else made and removes; not started yet. */
void bench_adopt(struct bench *bench, const char *folder);
enum cv_err bench_start(struct bench *bench);
void bench_stop(struct bench *bench);

/* For tests that run with either store: main(argc, argv) says which, *state is a struct bench. */
#define BENCH_TEST(function) cmocka_unit_test_setup_teardown(function, bench_setup, bench_teardown)
void bench_choose(int argc, char **argv);
int bench_setup(void **state);
int bench_teardown(void **state);

/* Submits a batch and waits; the answer lives until the next call. */
const struct cv_store_answer *bench_ask(struct bench *bench, const struct cv_store_op *ops,
                                        size_t count);
/* One operation; its result, or the error. */
const struct cv_store_result *bench_result(struct bench *bench, struct cv_store_op op);
enum cv_err bench_err(struct bench *bench, struct cv_store_op op);

/* Takes one posted answer, waiting for it; to be delivered. */
struct cv_store_answer *bench_take(struct bench *bench);

/* A file in the data folder; in a static buffer. */
const char *bench_path(const struct bench *bench, const char *name);
/* How often these bytes occur in the files of the data folder, backups included. */
size_t bench_grep(const struct bench *bench, const char *bytes);

#define AT(seconds) ((int64_t)(seconds)*CV_US_PER_S)
struct cv_id id_of(const char *text);
/* Thirty-two bytes that begin with the text; from a ring of buffers. */
struct cv_slice hash_of(const char *text);
#define TEXT(s) cv_slice_str(s)
#define assert_text(slice, text)                                                                   \
    do {                                                                                           \
        assert_int_equal((slice).size, strlen(text));                                              \
        assert_memory_equal((slice).data, text, strlen(text) + 1);                                 \
    } while (0)
#define assert_id(id, word) assert_string_equal((id).text, word)

/* Operations with everything that is required; change what matters. */
struct cv_store_op user_op(const char *id, const char *email);
struct cv_store_op session_op(const char *hash, const char *user, int64_t expires_at_us);
struct cv_store_op meeting_op(const char *id, const char *owner, enum cv_meeting_kind kind,
                              int64_t at_us);
struct cv_store_op save_op(const struct cv_meeting_record *record);
struct cv_store_op link_op(const char *id, const char *meeting, const char *secret);
/* Joined in the session, or waiting when it is 0. */
struct cv_store_op participant_op(const char *meeting, const char *id, uint32_t session,
                                  int64_t came_at_us);
/* The same, gone. */
struct cv_store_op left_op(struct cv_store_op op, enum cv_gone gone, int64_t left_at_us);

/* The meeting is there already; starts a session of it, and ends it unless ended_at_us is 0. */
void bench_session(struct bench *bench, const char *meeting, uint32_t session,
                   int64_t started_at_us, int64_t ended_at_us);

#endif
