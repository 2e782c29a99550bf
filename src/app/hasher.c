/* SPDX-License-Identifier: Apache-2.0 */
#include "app/hasher.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

/*
 * RFC 9106 section 4 (second choice): 3 passes over 64 MiB; libsodium has one lane where the RFC
 * has four. OWASP's floor is 19 MiB and 2 passes.
 */
enum { PASSES = 3, MEMORY_BYTES = 64 * 1024 * 1024 };

struct job {
    struct cv_post post; /* back to the loop */
    struct cv_list item;
    struct cv_hasher *hasher;
    bool verify;
    char password[CV_HASHER_PASSWORD_BYTES];
    size_t password_size;
    char hash[crypto_pwhash_STRBYTES]; /* in to verify, out else */
    bool known;                        /* of verify: there is an account */
    enum cv_err err;
    void (*hashed)(void *context, enum cv_err err, const char *hash);
    cv_api_done_fn *verified;
    void *context;
};

struct cv_hasher {
    struct cv_loop *loop;
    pthread_t thread;
    pthread_mutex_t mutex; /* over what follows */
    pthread_cond_t wake;
    struct cv_list jobs;
    bool stop;

    unsigned open; /* jobs not answered yet; the loop's thread only */
    /* Verified in place of a hash that isn't there, so that it takes as long. */
    char nobody[crypto_pwhash_STRBYTES];
};

static void job_free(struct job *job) {
    cv_wipe(job, sizeof *job);
    free(job);
}

static void on_done(struct cv_post *post) {
    struct job *job = CV_CONTAINER_OF(post, struct job, post);
    job->hasher->open--;
    if (job->verify) {
        job->verified(job->context, job->err);
    } else {
        job->hashed(job->context, job->err, job->err ? NULL : job->hash);
    }
    job_free(job);
}

static void work(struct job *job) {
    if (job->verify) {
        bool right = crypto_pwhash_str_verify(job->hash, job->password, job->password_size) == 0;
        job->err = right && job->known ? CV_OK : CV_ERR_AUTH;
    } else {
        job->err = crypto_pwhash_str(job->hash, job->password, job->password_size, PASSES,
                                     MEMORY_BYTES) < 0
                       ? CV_ERR_MEMORY
                       : CV_OK;
    }
    cv_wipe(job->password, sizeof job->password);
}

static void *run(void *context) {
    struct cv_hasher *hasher = context;
    pthread_mutex_lock(&hasher->mutex);
    while (!hasher->stop) {
        if (cv_list_empty(&hasher->jobs)) {
            pthread_cond_wait(&hasher->wake, &hasher->mutex);
            continue;
        }
        struct job *job = CV_CONTAINER_OF(hasher->jobs.next, struct job, item);
        cv_list_remove(&job->item);
        pthread_mutex_unlock(&hasher->mutex);
        work(job);
        cv_loop_post(hasher->loop, &job->post);
        pthread_mutex_lock(&hasher->mutex);
    }
    pthread_mutex_unlock(&hasher->mutex);
    return NULL;
}

/*
 * A hash of no password in particular, in the form that every other one has. Its own making would
 * cost 64 MiB at each start; it need not be one that any password fits.
 */
static void make_nobody(struct cv_hasher *hasher) {
    static const char text[] = "$argon2id$v=19$m=65536,t=3,p=1$"
                               "AAAAAAAAAAAAAAAAAAAAAA$"
                               "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    _Static_assert(MEMORY_BYTES == 65536 * 1024 && PASSES == 3, "the parameters in the text");
    memcpy(hasher->nobody, text, sizeof text);
}

enum cv_err cv_hasher_new(struct cv_loop *loop, struct cv_hasher **ret_hasher) {
    struct cv_hasher *hasher = calloc(1, sizeof *hasher);
    if (!hasher) {
        return CV_ERR_MEMORY;
    }
    hasher->loop = loop;
    cv_list_init(&hasher->jobs);
    make_nobody(hasher);
    pthread_mutex_init(&hasher->mutex, NULL);
    pthread_cond_init(&hasher->wake, NULL);
    if (pthread_create(&hasher->thread, NULL, run, hasher) != 0) {
        pthread_cond_destroy(&hasher->wake);
        pthread_mutex_destroy(&hasher->mutex);
        free(hasher);
        return CV_ERR_SYSTEM;
    }
    *ret_hasher = hasher;
    return CV_OK;
}

struct cv_hasher *cv_hasher_free(struct cv_hasher *hasher) {
    if (!hasher) {
        return NULL;
    }
    pthread_mutex_lock(&hasher->mutex);
    hasher->stop = true;
    pthread_cond_signal(&hasher->wake);
    pthread_mutex_unlock(&hasher->mutex);
    pthread_join(hasher->thread, NULL);
    while (!cv_list_empty(&hasher->jobs)) {
        struct job *job = CV_CONTAINER_OF(hasher->jobs.next, struct job, item);
        cv_list_remove(&job->item);
        job_free(job);
    }
    pthread_cond_destroy(&hasher->wake);
    pthread_mutex_destroy(&hasher->mutex);
    free(hasher);
    return NULL;
}

/* A job with a copy of the password, counted; NULL with the reason. */
static struct job *new_job(struct cv_hasher *hasher, struct cv_slice password,
                           enum cv_err *ret_err) {
    *ret_err = hasher->open >= CV_HASHER_QUEUE            ? CV_ERR_FULL
               : password.size > CV_HASHER_PASSWORD_BYTES ? CV_ERR_RANGE
                                                          : CV_ERR_MEMORY;
    struct job *job = *ret_err == CV_ERR_MEMORY ? calloc(1, sizeof *job) : NULL;
    if (job) {
        job->post.call = on_done;
        job->hasher = hasher;
        job->password_size = password.size;
        if (password.size) {
            memcpy(job->password, password.data, password.size);
        }
    }
    return job;
}

static void start(struct cv_hasher *hasher, struct job *job) {
    hasher->open++;
    pthread_mutex_lock(&hasher->mutex);
    cv_list_append(&hasher->jobs, &job->item);
    pthread_cond_signal(&hasher->wake);
    pthread_mutex_unlock(&hasher->mutex);
}

static enum cv_err hash(void *context, struct cv_slice password,
                        void (*done)(void *context, enum cv_err err, const char *hash),
                        void *done_context) {
    enum cv_err err;
    struct job *job = new_job(context, password, &err);
    if (!job) {
        return err;
    }
    job->hashed = done;
    job->context = done_context;
    start(context, job);
    return CV_OK;
}

static enum cv_err verify(void *context, struct cv_slice password, struct cv_slice hash_text,
                          cv_api_done_fn *done, void *done_context) {
    struct cv_hasher *hasher = context;
    enum cv_err err;
    struct job *job = new_job(hasher, password, &err);
    if (!job) {
        return err;
    }
    job->verify = true;
    job->known = hash_text.size > 0 && hash_text.size < sizeof job->hash;
    if (job->known) {
        memcpy(job->hash, hash_text.data, hash_text.size);
    } else {
        memcpy(job->hash, hasher->nobody, sizeof job->hash);
    }
    job->verified = done;
    job->context = done_context;
    start(hasher, job);
    return CV_OK;
}

struct cv_api_passwords cv_hasher_passwords(struct cv_hasher *hasher) {
    return (struct cv_api_passwords){.context = hasher, .hash = hash, .verify = verify};
}
