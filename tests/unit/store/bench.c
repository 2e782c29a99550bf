/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void post(void *context, struct cv_store_answer *answer) {
    struct bench *bench = context;
    pthread_mutex_lock(&bench->mutex);
    cv_list_append(&bench->answers, &answer->queue_item);
    pthread_cond_signal(&bench->posted);
    pthread_mutex_unlock(&bench->mutex);
}

enum cv_err bench_start(struct bench *bench) {
    if (bench->kind == BENCH_MEMORY)
        return cv_store_memory_new(bench->config.poster, &bench->store);
    return cv_store_sqlite_open(&bench->config, &bench->store, bench->message);
}

static void prepare(struct bench *bench, enum bench_kind kind, const char *folder) {
    *bench = (struct bench){.kind = kind};
    snprintf(bench->folder, sizeof bench->folder, "%s", folder);
    pthread_mutex_init(&bench->mutex, NULL);
    pthread_cond_init(&bench->posted, NULL);
    cv_list_init(&bench->answers);
    bench->config.folder = bench->folder;
    bench->config.now_us = AT(1000);
    bench->config.poster = (struct cv_store_poster){post, bench};
}

void bench_open(struct bench *bench, enum bench_kind kind) {
    char folder[] = "/tmp/conclave-store-XXXXXX";
    if (kind == BENCH_SQLITE)
        assert_non_null(mkdtemp(folder));
    prepare(bench, kind, folder);
    assert_int_equal(bench_start(bench), CV_OK);
}

void bench_adopt(struct bench *bench, const char *folder) {
    prepare(bench, BENCH_SQLITE, folder);
}

const char *bench_path(const struct bench *bench, const char *name) {
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", bench->folder, name);
    return path;
}

void bench_stop(struct bench *bench) {
    if (bench->last)
        cv_store_deliver(bench->last);
    bench->last = NULL;
    bench->store = cv_store_close(bench->store);
    CV_LIST_EACH_SAFE(it, &bench->answers) {
        cv_list_remove(it);
        cv_store_deliver(CV_CONTAINER_OF(it, struct cv_store_answer, queue_item));
    }
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw) {
    return remove(path);
}

void bench_close(struct bench *bench) {
    bench_stop(bench);
    if (bench->kind == BENCH_SQLITE)
        nftw(bench->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    pthread_cond_destroy(&bench->posted);
    pthread_mutex_destroy(&bench->mutex);
}

static enum bench_kind chosen;

void bench_choose(int argc, char **argv) {
    chosen = argc > 1 && strcmp(argv[1], "sqlite") == 0 ? BENCH_SQLITE : BENCH_MEMORY;
}

int bench_setup(void **state) {
    struct bench *bench = malloc(sizeof *bench);
    assert_non_null(bench);
    bench_open(bench, chosen);
    *state = bench;
    return 0;
}

int bench_teardown(void **state) {
    bench_close(*state);
    free(*state);
    return 0;
}

struct cv_store_answer *bench_take(struct bench *bench) {
    pthread_mutex_lock(&bench->mutex);
    while (cv_list_empty(&bench->answers))
        pthread_cond_wait(&bench->posted, &bench->mutex);
    struct cv_list *item = bench->answers.next;
    cv_list_remove(item);
    pthread_mutex_unlock(&bench->mutex);
    return CV_CONTAINER_OF(item, struct cv_store_answer, queue_item);
}

const struct cv_store_answer *bench_ask(struct bench *bench, const struct cv_store_op *ops,
                                        size_t count) {
    if (bench->last)
        cv_store_deliver(bench->last);
    bench->last = NULL;
    assert_int_equal(cv_store_submit(bench->store, ops, count, NULL, NULL), CV_OK);
    bench->last = bench_take(bench);
    return bench->last;
}

const struct cv_store_result *bench_result(struct bench *bench, struct cv_store_op op) {
    const struct cv_store_answer *answer = bench_ask(bench, &op, 1);
    if (answer->err)
        print_error("%s %s\n", cv_err_name(answer->err), answer->message ? answer->message : "");
    assert_int_equal(answer->err, CV_OK);
    return answer->results;
}

enum cv_err bench_err(struct bench *bench, struct cv_store_op op) {
    return bench_ask(bench, &op, 1)->err;
}

static const char *wanted;
static size_t found;

static int grep_file(const char *path, const struct stat *st, int type, struct FTW *ftw) {
    if (type != FTW_F)
        return 0;
    size_t size = (size_t)st->st_size;
    uint8_t *data = malloc(size + 1);
    FILE *file = fopen(path, "rb");
    assert_true(data && file);
    size = fread(data, 1, size, file);
    fclose(file);
    for (uint8_t *at = data; (at = memmem(at, size - (size_t)(at - data), wanted, strlen(wanted)));
         at++)
        found++;
    free(data);
    return 0;
}

size_t bench_grep(const struct bench *bench, const char *bytes) {
    wanted = bytes;
    found = 0;
    assert_int_equal(nftw(bench->folder, grep_file, 8, FTW_PHYS), 0);
    return found;
}

struct cv_id id_of(const char *text) {
    struct cv_id id = {{0}};
    snprintf(id.text, sizeof id.text, "%s", text);
    return id;
}

struct cv_slice hash_of(const char *text) {
    static uint8_t ring[16][CV_STORE_HASH_BYTES];
    static unsigned next;
    uint8_t *hash = ring[next++ % 16];
    memset(hash, '#', CV_STORE_HASH_BYTES);
    memcpy(hash, text, strnlen(text, CV_STORE_HASH_BYTES));
    return cv_slice_of(hash, CV_STORE_HASH_BYTES);
}

struct cv_store_op user_op(const char *id, const char *email) {
    return (struct cv_store_op){.kind = CV_STORE_USER_CREATE,
                                .user_create = {.id = id_of(id),
                                                .name = TEXT("Ana"),
                                                .email = TEXT(email),
                                                .password_hash = TEXT("$argon2id$v=19$x"),
                                                .created_at_us = AT(10)}};
}

struct cv_store_op session_op(const char *hash, const char *user, int64_t expires_at_us) {
    return (struct cv_store_op){.kind = CV_STORE_SESSION_CREATE,
                                .session_create = {.token_hash = hash_of(hash),
                                                   .user = id_of(user),
                                                   .created_at_us = AT(20),
                                                   .expires_at_us = expires_at_us}};
}

struct cv_store_op meeting_op(const char *id, const char *owner, enum cv_meeting_kind kind,
                              int64_t at_us) {
    struct cv_store_op op = {
        .kind = CV_STORE_MEETING_CREATE,
        .meeting_create = {.owner = id_of(owner), .closes_at_us = CV_TIME_NEVER}};
    struct cv_meeting_record *record = &op.meeting_create.record;
    record->id = id_of(id);
    record->schedule.kind = kind;
    record->schedule.created_at_us = at_us;
    record->owned = owner[0] != '\0';
    snprintf(record->title, sizeof record->title, "Title of %s", id);
    if (kind == CV_KIND_SCHEDULED) {
        record->schedule.starts_at_us = at_us;
        record->schedule.duration_us = CV_US_PER_HOUR;
    }
    if (kind != CV_KIND_ROOM)
        op.meeting_create.closes_at_us = at_us + 6 * CV_US_PER_HOUR;
    return op;
}

struct cv_store_op save_op(const struct cv_meeting_record *record) {
    return (struct cv_store_op){.kind = CV_STORE_MEETING_SAVE,
                                .meeting_save = {.record = *record, .closes_at_us = CV_TIME_NEVER}};
}

struct cv_store_op link_op(const char *id, const char *meeting, const char *secret) {
    return (struct cv_store_op){.kind = CV_STORE_LINK_CREATE,
                                .link_create = {.id = id_of(id),
                                                .meeting = id_of(meeting),
                                                .secret_hash = hash_of(secret),
                                                .created_at_us = AT(30)}};
}

struct cv_store_op participant_op(const char *meeting, const char *id, uint32_t session,
                                  int64_t came_at_us) {
    struct cv_store_op op = {.kind = CV_STORE_PARTICIPANT_SAVE,
                             .participant_save = {.meeting = id_of(meeting)}};
    struct cv_participant_record *record = &op.participant_save.record;
    record->id = id_of(id);
    record->role = record->own_role = CV_ROLE_GUEST;
    record->session = session;
    record->came_at_us = came_at_us;
    record->joined_at_us = session ? came_at_us : 0;
    snprintf(record->name, sizeof record->name, "Name of %s", id);
    return op;
}

struct cv_store_op left_op(struct cv_store_op op, enum cv_gone gone, int64_t left_at_us) {
    op.participant_save.record.gone = gone;
    op.participant_save.record.left_at_us = left_at_us;
    return op;
}

void bench_session(struct bench *bench, const char *meeting, uint32_t session,
                   int64_t started_at_us, int64_t ended_at_us) {
    struct cv_store_op get = {.kind = CV_STORE_MEETING_GET, .meeting_get = {id_of(meeting)}};
    const struct cv_store_meeting *meeting_before = &bench_result(bench, get)->meeting;
    struct cv_store_op save = save_op(&meeting_before->record);
    save.meeting_save.closes_at_us = meeting_before->closes_at_us;
    save.meeting_save.record.session = session;
    save.meeting_save.record.session_started_at_us = started_at_us;
    save.meeting_save.record.session_ended_at_us = 0;
    bench_result(bench, save);
    save.meeting_save.record.session_ended_at_us = ended_at_us;
    bench_result(bench, save);
}
