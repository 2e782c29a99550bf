/* SPDX-License-Identifier: Apache-2.0 */
#include "load/cost.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 96, MAX_DEPTH = 8 };

/* The first field is the time on a processor in ns: the sum of utime and stime, but exact. */
static bool thread_ns(pid_t pid, pid_t thread, int64_t *total) {
    char path[PATH_BYTES];
    long long ns;
    snprintf(path, sizeof path, "/proc/%d/task/%d/schedstat", pid, thread);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    bool good = fscanf(file, "%lld", &ns) == 1;
    fclose(file);
    if (good)
        *total += ns;
    return good;
}

static int64_t memory_of(pid_t pid) {
    char path[PATH_BYTES], line[256];
    long long kib = 0;
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "Pss: %lld", &kib) == 1)
            break;
    fclose(file);
    return kib;
}

static bool add_process(pid_t pid, unsigned depth, struct cv_cost *cost);

static void add_children(pid_t pid, pid_t thread, unsigned depth, struct cv_cost *cost) {
    char path[PATH_BYTES];
    int child;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, thread);
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    while (fscanf(file, "%d", &child) == 1)
        add_process(child, depth + 1, cost);
    fclose(file);
}

static void name_of(pid_t pid, char name[static CV_COST_NAME_BYTES]) {
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "/proc/%d/comm", pid);
    FILE *file = fopen(path, "re");
    if (!file || !fgets(name, CV_COST_NAME_BYTES, file))
        name[0] = '\0';
    name[strcspn(name, "\n")] = '\0';
    if (file)
        fclose(file);
}

static bool add_process(pid_t pid, unsigned depth, struct cv_cost *cost) {
    char path[PATH_BYTES];
    bool found = false;
    struct cv_cost_process process = {.pid = pid, .memory_kib = memory_of(pid)};
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *tasks = depth < MAX_DEPTH ? opendir(path) : NULL;
    if (!tasks)
        return false;
    for (struct dirent *entry; (entry = readdir(tasks));) {
        pid_t thread = atoi(entry->d_name);
        if (thread <= 0)
            continue;
        found |= thread_ns(pid, thread, &process.cpu_ns);
        add_children(pid, thread, depth, cost);
    }
    closedir(tasks);
    name_of(pid, process.name);
    cost->cpu_ns += process.cpu_ns;
    cost->memory_kib += process.memory_kib;
    if (cost->process_count < CV_COST_MAX_PROCESSES)
        cost->processes[cost->process_count++] = process;
    return found;
}

enum cv_err cv_cost_read(pid_t pid, struct cv_cost *ret_cost) {
    struct cv_cost cost = {0};
    if (!add_process(pid, 0, &cost))
        return CV_ERR_NOT_FOUND;
    *ret_cost = cost;
    return CV_OK;
}
