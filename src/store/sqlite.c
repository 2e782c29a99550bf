/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SQLite store: a queue, and a thread that owns the connection. The thread takes all that
 * waits, runs it in one transaction with a savepoint for each batch, commits, and only then posts
 * the answers: one fsync for many batches (group commit).
 *
 * When the group as a whole fails (the disk is full at the commit, or SQLite had to roll back) each
 * of its batches is tried again in a transaction of its own, so that one that can't be done does
 * not take others with it.
 */
#include "store/backup.h"
#include "store/request.h"
#include "store/sqlite_open.h"
#include "store/sqlite_ops.h"
#include "store/store.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    QUEUE_MAX = 4096,
    QUEUE_MAX_BYTES = 16 << 20,
    GROUP_MAX = 256,
    STACK_BYTES = 512 * 1024,
    VACUUM_PAGES = 4096, /* given back to the file system at a time */
};

struct sqlite_store {
    struct cv_store store; /* the first member */
    struct cv_store_poster poster;
    char *folder;
    uint32_t queue_max;
    size_t queue_max_bytes;
    pthread_t thread;

    /* The thread's own. */
    struct cv_ops ops;
    bool wal_holds_deleted; /* the WAL could not be emptied: another process reads */

    /* Under the mutex. */
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    struct cv_list queue;
    size_t queued_bytes;
    bool closing;
    struct cv_store_stats stats;
};

/* Runs the operations of one batch; the first that fails ends it. */
static enum cv_err run_batch(struct cv_ops *ops, struct cv_request *request) {
    for (size_t i = 0; i < request->answer.count; i++) {
        ops->db.message[0] = '\0';
        enum cv_err err = cv_ops_run(ops, &request->ops[i], &request->results[i], &request->output);
        if (err) {
            cv_request_fail(request, i, err, ops->db.fault, ops->db.message);
            return err;
        }
    }
    return CV_OK;
}

/*
 * A batch within the group's transaction: what it did is undone when it fails. Any error returned
 * means that the transaction is lost.
 */
static enum cv_err run_in_group(struct cv_ops *ops, struct cv_request *request) {
    struct cv_db *db = &ops->db;
    if (!request->writes) {
        run_batch(ops, request);
        return sqlite3_get_autocommit(db->handle) ? CV_ERR_STORE : CV_OK;
    }
    enum cv_err err = cv_db_exec(db, "SAVEPOINT batch");
    if (err)
        return err;
    bool failed = run_batch(ops, request) != CV_OK;
    if (sqlite3_get_autocommit(db->handle))
        return CV_ERR_STORE;
    if (failed)
        err = cv_db_exec(db, "ROLLBACK TO batch");
    return err ? err : cv_db_exec(db, "RELEASE batch");
}

static void roll_back(struct cv_db *db) {
    if (!sqlite3_get_autocommit(db->handle))
        sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

/* One transaction for all; an error means that none of it happened. */
static enum cv_err run_transaction(struct cv_ops *ops, struct cv_list *group, bool writes) {
    struct cv_db *db = &ops->db;
    enum cv_err err = cv_db_exec(db, writes ? "BEGIN IMMEDIATE" : "BEGIN");
    if (err)
        return err;
    CV_LIST_EACH(it, group) {
        struct cv_request *request = CV_CONTAINER_OF(it, struct cv_request, queue_item);
        err = run_in_group(ops, request);
        if (err)
            break;
    }
    if (!err)
        err = cv_db_exec(db, "COMMIT");
    if (err) {
        struct cv_db cause = *db;
        roll_back(db);
        db->fault = cause.fault;
        memcpy(db->message, cause.message, sizeof db->message);
    }
    return err;
}

/* A batch alone: its own error stands, or that of the transaction around it. */
static void run_alone(struct cv_ops *ops, struct cv_request *request) {
    struct cv_list one;
    cv_list_init(&one);
    cv_list_append(&one, &request->queue_item);
    enum cv_err err = run_transaction(ops, &one, request->writes);
    cv_list_remove(&request->queue_item);
    if (err && !request->answer.err)
        cv_request_fail(request, 0, err, ops->db.fault, ops->db.message);
}

static void run_one_by_one(struct cv_ops *ops, struct cv_list *group) {
    struct cv_list done;
    cv_list_init(&done);
    CV_LIST_EACH_SAFE(it, group) {
        struct cv_request *request = CV_CONTAINER_OF(it, struct cv_request, queue_item);
        cv_list_remove(it);
        cv_request_reset(request);
        run_alone(ops, request);
        cv_list_append(&done, it);
    }
    CV_LIST_EACH_SAFE(it, &done) {
        cv_list_remove(it);
        cv_list_append(group, it);
    }
}

/* A lone batch keeps its own error, which says more. */
static void fail_all(struct cv_ops *ops, struct cv_list *group, size_t count, enum cv_err err) {
    CV_LIST_EACH(it, group) {
        struct cv_request *request = CV_CONTAINER_OF(it, struct cv_request, queue_item);
        if (count == 1 && request->answer.err)
            return;
        cv_request_reset(request);
        cv_request_fail(request, 0, err, ops->db.fault, ops->db.message);
    }
}

/* Deleted bytes are overwritten in the database file once the WAL has gone into it. */
static void erase(struct sqlite_store *s) {
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA incremental_vacuum(%d)", VACUUM_PAGES);
    cv_db_exec(&s->ops.db, sql);
    s->wal_holds_deleted = cv_db_truncate_wal(&s->ops.db) != CV_OK;
}

static void after_commit(struct sqlite_store *s, struct cv_list *group) {
    bool erases = s->wal_holds_deleted;
    CV_LIST_EACH(it, group) {
        struct cv_request *request = CV_CONTAINER_OF(it, struct cv_request, queue_item);
        if (request->answer.err)
            continue;
        erases |= request->erases;
        for (size_t i = 0; i < request->answer.count; i++)
            if (request->ops[i].kind == CV_STORE_EXPIRE)
                cv_backups_prune(s->folder, request->ops[i].expire.now_us);
    }
    if (erases)
        erase(s);
}

static void run_group(struct sqlite_store *s, struct cv_list *group, size_t count) {
    bool writes = false;
    CV_LIST_EACH(it, group) {
        writes |= CV_CONTAINER_OF(it, struct cv_request, queue_item)->writes;
    }
    enum cv_err err = run_transaction(&s->ops, group, writes);
    /* Whoever waits for a lock has waited long enough the first time. */
    bool again = err && count > 1 && s->ops.db.fault != CV_STORE_FAULT_BUSY;
    if (again)
        run_one_by_one(&s->ops, group);
    else if (err)
        fail_all(&s->ops, group, count, err);
    after_commit(s, group);
}

static void count_answer(struct cv_store_stats *stats, const struct cv_store_answer *answer) {
    stats->batches++;
    stats->failed += answer->err == CV_ERR_STORE || answer->err == CV_ERR_MEMORY;
    stats->fault = answer->fault;
}

static void post_group(struct sqlite_store *s, struct cv_list *group, size_t count, size_t bytes) {
    pthread_mutex_lock(&s->mutex);
    s->queued_bytes -= bytes;
    s->stats.queued -= (uint32_t)count;
    s->stats.commits++;
    CV_LIST_EACH(it, group) {
        count_answer(&s->stats, &CV_CONTAINER_OF(it, struct cv_request, queue_item)->answer);
    }
    pthread_mutex_unlock(&s->mutex);
    CV_LIST_EACH_SAFE(it, group) {
        struct cv_request *request = CV_CONTAINER_OF(it, struct cv_request, queue_item);
        cv_list_remove(it);
        s->poster.post(s->poster.context, &request->answer);
    }
}

/* Takes what waits, at most GROUP_MAX. Under the mutex. */
static size_t take_group(struct sqlite_store *s, struct cv_list *group, size_t *ret_bytes) {
    size_t count = 0, bytes = 0;
    CV_LIST_EACH_SAFE(it, &s->queue) {
        if (count == GROUP_MAX)
            break;
        cv_list_remove(it);
        cv_list_append(group, it);
        bytes += CV_CONTAINER_OF(it, struct cv_request, queue_item)->size_bytes;
        count++;
    }
    *ret_bytes = bytes;
    return count;
}

/* Waits for work, or a second for another try at the WAL. Under the mutex. */
static void wait(struct sqlite_store *s) {
    if (!s->wal_holds_deleted) {
        pthread_cond_wait(&s->wake, &s->mutex);
        return;
    }
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec++;
    if (pthread_cond_timedwait(&s->wake, &s->mutex, &until) != 0) {
        pthread_mutex_unlock(&s->mutex);
        erase(s);
        pthread_mutex_lock(&s->mutex);
    }
}

static void *run_thread(void *context) {
    struct sqlite_store *s = context;
    struct cv_list group;
    cv_list_init(&group);
    pthread_setname_np(pthread_self(), "store");
    pthread_mutex_lock(&s->mutex);
    for (;;) {
        size_t bytes, count = take_group(s, &group, &bytes);
        if (count == 0 && s->closing)
            break;
        if (count == 0) {
            wait(s);
            continue;
        }
        pthread_mutex_unlock(&s->mutex);
        run_group(s, &group, count);
        post_group(s, &group, count, bytes);
        pthread_mutex_lock(&s->mutex);
    }
    pthread_mutex_unlock(&s->mutex);
    return NULL;
}

static enum cv_err submit(struct cv_store *store, const struct cv_store_op *ops, size_t count,
                          cv_store_done_fn *done, void *context) {
    struct sqlite_store *s = CV_CONTAINER_OF(store, struct sqlite_store, store);
    struct cv_request *request;
    enum cv_err err = cv_request_new(ops, count, done, context, &request);
    if (err)
        return err;
    pthread_mutex_lock(&s->mutex);
    if (s->stats.queued >= s->queue_max ||
        s->queued_bytes + request->size_bytes > s->queue_max_bytes) {
        pthread_mutex_unlock(&s->mutex);
        cv_request_free(request);
        return CV_ERR_FULL;
    }
    cv_list_append(&s->queue, &request->queue_item);
    s->stats.queued++;
    s->queued_bytes += request->size_bytes;
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->mutex);
    return CV_OK;
}

static void read_stats(struct cv_store *store, struct cv_store_stats *ret_stats) {
    struct sqlite_store *s = CV_CONTAINER_OF(store, struct sqlite_store, store);
    pthread_mutex_lock(&s->mutex);
    *ret_stats = s->stats;
    pthread_mutex_unlock(&s->mutex);
}

static struct cv_store *release(struct sqlite_store *s) {
    pthread_cond_destroy(&s->wake);
    pthread_mutex_destroy(&s->mutex);
    cv_ops_release(&s->ops);
    free(s->folder);
    free(s);
    return NULL;
}

static struct cv_store *close_store(struct cv_store *store) {
    struct sqlite_store *s = CV_CONTAINER_OF(store, struct sqlite_store, store);
    pthread_mutex_lock(&s->mutex);
    s->closing = true;
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->mutex);
    pthread_join(s->thread, NULL);
    return release(s);
}

static const struct cv_store_interface interface = {
    .submit = submit,
    .stats = read_stats,
    .close = close_store,
};

static struct sqlite_store *new_store(const struct cv_store_sqlite_config *config) {
    struct sqlite_store *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->store.interface = &interface;
    s->poster = config->poster;
    s->queue_max = config->queue_max ? config->queue_max : QUEUE_MAX;
    s->queue_max_bytes = config->queue_max_bytes ? config->queue_max_bytes : QUEUE_MAX_BYTES;
    cv_list_init(&s->queue);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&s->wake, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&s->mutex, NULL);
    s->folder = strdup(config->folder);
    if (!s->folder) {
        release(s);
        return NULL;
    }
    return s;
}

/* Signals are the business of the thread that has the loop. */
static enum cv_err start_thread(struct sqlite_store *s) {
    pthread_attr_t attr;
    sigset_t all, before;
    sigfillset(&all);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&s->thread, &attr, run_thread, s);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return error ? CV_ERR_SYSTEM : CV_OK;
}

enum cv_err cv_store_sqlite_open(const struct cv_store_sqlite_config *config,
                                 struct cv_store **ret_store,
                                 char message[static CV_STORE_MESSAGE_BYTES]) {
    snprintf(message, CV_STORE_MESSAGE_BYTES, "out of memory");
    struct sqlite_store *s = new_store(config);
    if (!s)
        return CV_ERR_MEMORY;
    const struct cv_migrate migrate = {config->folder, config->now_us, cv_migrations,
                                       cv_migration_count};
    enum cv_err err = cv_sqlite_open(&s->ops.db, &migrate, (int)config->busy_ms);
    if (err && err != CV_ERR_MEMORY)
        snprintf(message, CV_STORE_MESSAGE_BYTES, "%s", s->ops.db.message);
    if (!err) {
        err = start_thread(s);
        if (err)
            snprintf(message, CV_STORE_MESSAGE_BYTES, "can't start a thread");
    }
    if (err) {
        release(s);
        return err;
    }
    message[0] = '\0';
    *ret_store = &s->store;
    return CV_OK;
}
