/* SPDX-License-Identifier: Apache-2.0 */
/* What the doctor looks at on the machine itself: data folder, store, disk and clock. */
#include "cli/doctor.h"
#include "cli/request.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>

enum { DISK_LOW_MIB = 1024, DEFAULT_FLOOR_MIB = 256 };

void cv_doctor_store(struct cv_doctor *doctor) {
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

void cv_doctor_clock(struct cv_doctor *doctor) {
    struct timex clock = {0};
    int state = adjtimex(&clock);
    if (state < 0)
        cv_doctor_file(doctor, CV_DOCTOR_WARN, "clock",
                       "Check with timedatectl that the time is right.",
                       "the kernel doesn't tell whether the clock is set: %s", strerror(errno));
    else if (state == TIME_ERROR || (clock.status & STA_UNSYNC))
        cv_doctor_file(doctor, CV_DOCTOR_WARN, "clock",
                       "Run a time service (systemd-timesyncd or chrony): access windows, "
                       "certificates and TURN passwords go by the clock.",
                       "not synchronised with a time server");
    else
        cv_doctor_file(doctor, CV_DOCTOR_OK, "clock", NULL, "synchronised, at most %ld ms off",
                       (long)(clock.maxerror / 1000));
}
