/* SPDX-License-Identifier: Apache-2.0 */
#include "io/static.h"

#include "base/encode.h"
#include "base/map.h"
#include "io/negotiate.h"
#include "io/random.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FILES_MAX = 4096,
    LEVELS_MAX = 8,
    READ_BYTES = 64 * 1024,
    HASH_BYTES = 16, /* of SHA-256: nobody has to be kept from forging one */
    ETAG_BYTES = CV_BASE64URL_SIZE(HASH_BYTES) + 3,
};

/* One sequence of bytes on the disk. */
struct variant {
    bool is_there;
    uint64_t size;
    ino_t inode;
    struct timespec changed_at;
    char etag[ETAG_BYTES]; /* with its quotes */
};

struct file {
    char *name; /* "/assets/index-abc.js" */
    const char *type;
    bool is_immutable;
    struct variant variants[CV_CODINGS];
};

struct cv_static {
    int folder_fd;
    struct cv_map names; /* to struct file */
    uint8_t *buffer;     /* while reading the folder */
};

static const char *const suffixes[CV_CODINGS] = {"", ".gz", ".br"};

static bool ends_with(const char *text, const char *end) {
    size_t size = strlen(text), end_size = strlen(end);
    return size >= end_size && memcmp(text + size - end_size, end, end_size) == 0;
}

static const char *type_of(const char *name) {
    static const char *const types[][2] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".map", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".wasm", "application/wasm"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".webp", "image/webp"},
        {".ico", "image/vnd.microsoft.icon"},
        {".woff2", "font/woff2"},
        {".mp3", "audio/mpeg"},
        {".ogg", "audio/ogg"},
        {".wav", "audio/wav"},
        {".txt", "text/plain; charset=utf-8"},
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (ends_with(name, types[i][0]))
            return types[i][1];
    return "application/octet-stream";
}

static enum cv_err hash_file(int fd, uint8_t *buffer, char etag[static ETAG_BYTES]) {
    uint8_t hash[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    enum cv_err err = CV_ERR_MEMORY;
    ssize_t size = -1;
    if (!context || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
        goto out;
    while ((size = read(fd, buffer, READ_BYTES)) > 0)
        EVP_DigestUpdate(context, buffer, (size_t)size);
    err = size < 0 ? CV_ERR_SYSTEM : CV_OK;
    if (EVP_DigestFinal_ex(context, hash, NULL) != 1)
        err = CV_ERR_CRYPTO;
    etag[0] = '"';
    cv_base64url_encode(hash, HASH_BYTES, etag + 1);
    memcpy(etag + ETAG_BYTES - 2, "\"", 2);
out:
    EVP_MD_CTX_free(context);
    return err;
}

static struct file *file_free(struct file *file) {
    if (file)
        free(file->name);
    free(file);
    return NULL;
}

/* The entry of that name, made if there is none. `name` is taken over. */
static enum cv_err find_or_add(struct cv_static *files, char *name, struct file **ret_file) {
    struct file *file = cv_map_get(&files->names, cv_slice_str(name));
    if (file) {
        free(name);
        *ret_file = file;
        return CV_OK;
    }
    file = calloc(1, sizeof *file);
    if (!file) {
        free(name);
        return CV_ERR_MEMORY;
    }
    file->name = name;
    file->type = type_of(name);
    file->is_immutable = strncmp(name, "/assets/", 8) == 0;
    enum cv_err err = files->names.count >= FILES_MAX
                          ? CV_ERR_LIMIT
                          : cv_map_insert(&files->names, cv_slice_str(name), file);
    if (err)
        file_free(file);
    else
        *ret_file = file;
    return err;
}

/* A file at `path` ("/assets/a.js.gz"), opened as `fd`: a variant of the name without suffix. */
static enum cv_err add_file(struct cv_static *files, const char *path, int fd,
                            const struct stat *status) {
    enum cv_coding coding = ends_with(path, ".br")   ? CV_CODING_BROTLI
                            : ends_with(path, ".gz") ? CV_CODING_GZIP
                                                     : CV_CODING_IDENTITY;
    char *name = strndup(path, strlen(path) - strlen(suffixes[coding]));
    struct file *file;
    enum cv_err err = name ? find_or_add(files, name, &file) : CV_ERR_MEMORY;
    if (err)
        return err;
    struct variant *variant = &file->variants[coding];
    *variant = (struct variant){
        .is_there = true,
        .size = (uint64_t)status->st_size,
        .inode = status->st_ino,
        .changed_at = status->st_mtim,
    };
    return hash_file(fd, files->buffer, variant->etag);
}

static enum cv_err read_folder(struct cv_static *files, int fd, const char *path, int level);

/* `fd` is taken over. */
static enum cv_err add_entry(struct cv_static *files, int fd, const char *path, int level) {
    struct stat status;
    enum cv_err err = CV_OK;
    if (fstat(fd, &status) != 0)
        err = CV_ERR_SYSTEM;
    else if (S_ISDIR(status.st_mode))
        return read_folder(files, fd, path, level + 1);
    else if (S_ISREG(status.st_mode))
        err = add_file(files, path, fd, &status);
    close(fd);
    return err;
}

/* `fd` is taken over. */
static enum cv_err read_folder(struct cv_static *files, int fd, const char *path, int level) {
    enum cv_err err = level > LEVELS_MAX ? CV_ERR_LIMIT : CV_OK;
    DIR *folder = fdopendir(fd);
    if (!folder) {
        close(fd);
        return CV_ERR_SYSTEM;
    }
    struct dirent *entry;
    while (!err && (entry = readdir(folder))) {
        if (entry->d_name[0] == '.')
            continue;
        int entry_fd = openat(fd, entry->d_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
        if (entry_fd < 0 && errno == ELOOP)
            continue;
        struct cv_buf name = {0};
        if (entry_fd < 0)
            err = CV_ERR_SYSTEM;
        else if (cv_buf_printf(&name, "%s/%s", path, entry->d_name) || !cv_buf_cstr(&name))
            err = CV_ERR_MEMORY;
        if (!err)
            err = add_entry(files, entry_fd, (const char *)name.data, level);
        else if (entry_fd >= 0)
            close(entry_fd);
        cv_buf_release(&name);
    }
    closedir(folder);
    return err;
}

enum cv_err cv_static_new(const char *folder, struct cv_static **ret_static) {
    struct cv_static *files = calloc(1, sizeof *files);
    enum cv_err err = CV_ERR_MEMORY;
    int fd;
    if (!files)
        return err;
    cv_random_fill(cv_random_system(), &files->names.seed, sizeof files->names.seed);
    files->folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    files->buffer = malloc(READ_BYTES);
    if (files->folder_fd < 0 || (fd = dup(files->folder_fd)) < 0)
        err = CV_ERR_SYSTEM;
    else if (!files->buffer)
        close(fd);
    else
        err = read_folder(files, fd, "", 0);
    free(files->buffer);
    files->buffer = NULL;
    if (err)
        cv_static_free(files);
    else
        *ret_static = files;
    return err;
}

struct cv_static *cv_static_free(struct cv_static *files) {
    if (!files)
        return NULL;
    struct file *file;
    for (size_t cursor = 0; (file = cv_map_next(&files->names, &cursor));)
        file_free(file);
    cv_map_release(&files->names);
    if (files->folder_fd >= 0)
        close(files->folder_fd);
    free(files);
    return NULL;
}

size_t cv_static_count(const struct cv_static *files) {
    return files->names.count;
}

/* Opens the bytes that were read at the start; -1 when they are not there any more. */
static int open_variant(const struct cv_static *files, const struct file *file,
                        enum cv_coding coding) {
    const struct variant *variant = &file->variants[coding];
    struct cv_buf path = {0};
    struct stat status;
    int fd = -1;
    if (cv_buf_printf(&path, "%s%s", file->name + 1, suffixes[coding]) == CV_OK &&
        cv_buf_cstr(&path))
        fd = openat(files->folder_fd, (const char *)path.data, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    cv_buf_release(&path);
    if (fd >= 0 && (fstat(fd, &status) != 0 || status.st_ino != variant->inode ||
                    (uint64_t)status.st_size != variant->size ||
                    status.st_mtim.tv_sec != variant->changed_at.tv_sec ||
                    status.st_mtim.tv_nsec != variant->changed_at.tv_nsec)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static void add_headers(struct cv_exchange *exchange, const struct file *file,
                        enum cv_coding coding, unsigned available) {
    static const char *const names[CV_CODINGS] = {NULL, "gzip", "br"};
    cv_exchange_add_header(
        exchange, "cache-control",
        cv_slice_str(file->is_immutable ? "public, max-age=31536000, immutable" : "no-cache"));
    cv_exchange_add_header(exchange, "etag", cv_slice_str(file->variants[coding].etag));
    if (available != 1U << CV_CODING_IDENTITY)
        cv_exchange_add_header(exchange, "vary", cv_slice_str("accept-encoding"));
    if (names[coding])
        cv_exchange_add_header(exchange, "content-encoding", cv_slice_str(names[coding]));
}

static void reply(const struct cv_static *files, const struct file *file, int status,
                  struct cv_exchange *exchange) {
    const struct cv_http_request *request = cv_exchange_request(exchange);
    unsigned available = 0;
    int fd = -1;
    for (int i = 0; i < CV_CODINGS; i++)
        available |= file->variants[i].is_there ? 1U << i : 0;
    enum cv_coding coding = cv_negotiate_coding(request, available);
    const struct variant *variant = &file->variants[coding];
    if (request->method != CV_HTTP_GET && request->method != CV_HTTP_HEAD) {
        cv_exchange_add_header(exchange, "allow", cv_slice_str("GET, HEAD"));
        cv_exchange_fail(exchange, 405, NULL, "This can only be read.");
    } else if (status == 200 && cv_negotiate_is_known(request, variant->etag)) {
        add_headers(exchange, file, coding, available);
        /* With its type, and so the same policy: a 304 renews the headers of the copy. */
        cv_exchange_reply(exchange, 304, file->type, (struct cv_slice){0});
    } else if (request->method == CV_HTTP_GET && (fd = open_variant(files, file, coding)) < 0) {
        cv_exchange_fail(exchange, 404, NULL, "This file has changed; load the page again.");
    } else {
        add_headers(exchange, file, coding, available);
        cv_exchange_reply_file(exchange, status, file->type, fd, 0, variant->size);
    }
}

/* A name whose plain variant is missing can't be served to everybody, so it is not served. */
static const struct file *find(const struct cv_static *files, struct cv_slice name) {
    const struct file *file = cv_map_get(&files->names, name);
    return file && file->variants[CV_CODING_IDENTITY].is_there ? file : NULL;
}

bool cv_static_serve(struct cv_static *files, struct cv_exchange *exchange) {
    struct cv_slice path = cv_exchange_request(exchange)->path;
    if (cv_slice_eq_str(path, "/"))
        path = cv_slice_str("/index.html");
    const struct file *file = find(files, path);
    if (file)
        reply(files, file, 200, exchange);
    return file != NULL;
}

bool cv_static_serve_name(struct cv_static *files, struct cv_exchange *exchange, int status,
                          const char *name) {
    const struct file *file = find(files, cv_slice_str(name));
    if (file)
        reply(files, file, status, exchange);
    return file != NULL;
}
