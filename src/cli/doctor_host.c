/* SPDX-License-Identifier: Apache-2.0 */
/* What the doctor looks at on the machine itself: data folder, store and disk. */
#include "cli/doctor.h"
#include "cli/request.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { DISK_LOW_MIB = 1024, DEFAULT_FLOOR_MIB = 256 };

static void judge_writes(struct cv_doctor *doctor) {
    const char *fault = cv_cli_text(json_object_get(doctor->status, "store"), "fault");
    if (strcmp(fault, "none") == 0)
        cv_doctor_file(doctor, CV_DOCTOR_OK, "store", NULL, "writes are durable");
    else
        cv_doctor_file(doctor, CV_DOCTOR_FAIL, "store",
                       "Look at the server's log for the message. disk-full: free space; io: check "
                       "the disk and the folder's permissions; corrupt: restore the newest file of "
                       "the data folder's backups.",
                       "the last write failed: %s", *fault ? fault : "unknown");
}

/* No server: perhaps it can't start because of this file, whose first bytes every version shares.
 */
static void judge_file(struct cv_doctor *doctor) {
    static const char magic[16] = "SQLite format 3"; /* https://sqlite.org/fileformat.html 1.3.1 */
    char path[PATH_MAX], start[sizeof magic] = "";
    snprintf(path, sizeof path, "%s/conclave.db", doctor->data);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, start, sizeof start);
    int problem = errno;
    if (fd >= 0)
        close(fd);
    if (size < 0 && problem == ENOENT)
        return; /* the data folder's finding tells of a wrong one; a new one has no store yet */
    if (size < 0)
        cv_doctor_file(doctor, CV_DOCTOR_FAIL, "store",
                       "Run this as root or as the server's user. If that doesn't help: chown the "
                       "data folder, with all that is in it, to the server's user.",
                       "%s can't be read: %s", path, strerror(problem));
    else if (size > 0 && memcmp(start, magic, sizeof magic) != 0)
        cv_doctor_file(doctor, CV_DOCTOR_FAIL, "store",
                       "Move it away, with its -wal and -shm, and put the newest file of the data "
                       "folder's backups, or a backup of your own, in its place.",
                       "%s is damaged: it is no SQLite database", path);
    else
        cv_doctor_file(doctor, CV_DOCTOR_OK, "store", NULL, "%s looks whole", path);
}

void cv_doctor_store(struct cv_doctor *doctor) {
    if (doctor->status)
        judge_writes(doctor);
    else
        judge_file(doctor);
}

void cv_doctor_data_folder(struct cv_doctor *doctor) {
    struct stat info;
    if (stat(doctor->data, &info) != 0)
        cv_doctor_file(doctor, CV_DOCTOR_FAIL, "data folder",
                       "Name the server's data folder with --data DIR.", "%s: %s", doctor->data,
                       strerror(errno));
    else if (info.st_mode & (S_IRWXG | S_IRWXO))
        cv_doctor_file(doctor, CV_DOCTOR_WARN, "data folder",
                       "chmod 700 it: it holds keys and call data records.",
                       "%s is open to other users (mode %03o)", doctor->data,
                       (unsigned)info.st_mode & 0777);
    else
        cv_doctor_file(doctor, CV_DOCTOR_OK, "data folder", NULL, "%s is closed to other users",
                       doctor->data);
}

void cv_doctor_disk(struct cv_doctor *doctor) {
    struct statvfs disk;
    if (statvfs(doctor->data, &disk) != 0) {
        cv_doctor_file(doctor, CV_DOCTOR_FAIL, "disk",
                       "Name the server's data folder with --data DIR.", "%s: %s", doctor->data,
                       strerror(errno));
        return;
    }
    const json_t *records = json_object_get(doctor->status, "records");
    const json_t *floor = json_object_get(records, "disk_floor_mib");
    long long floor_mib = floor ? json_integer_value(floor) : DEFAULT_FLOOR_MIB;
    long long free_mib =
        (long long)((unsigned long long)disk.f_bavail * disk.f_frsize / (1024 * 1024));
    if (free_mib < floor_mib)
        cv_doctor_file(
            doctor, CV_DOCTOR_FAIL, "disk",
            "Free space: below the floor the oldest call data records are deleted early.",
            "%lld MiB free, the floor is %lld MiB", free_mib, floor_mib);
    else if (free_mib < floor_mib + DISK_LOW_MIB)
        cv_doctor_file(doctor, CV_DOCTOR_WARN, "disk", "Free space soon.",
                       "%lld MiB free, the floor is %lld MiB", free_mib, floor_mib);
    else
        cv_doctor_file(doctor, CV_DOCTOR_OK, "disk", NULL, "%lld MiB free", free_mib);
}
