/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/password.h"

#include "base/bytes.h"
#include "cli/cli.h"

#include <stdio.h>
#include <termios.h>
#include <unistd.h>

/* Reads unbuffered, so that no copy of the password stays in a stream's buffer. */
static enum cv_err read_line(char line[static CV_PASSWORD_MAX_BYTES]) {
    for (size_t size = 0; size < CV_PASSWORD_MAX_BYTES; size++) {
        ssize_t got = read(STDIN_FILENO, line + size, 1);
        if (got < 0)
            return CV_ERR_SYSTEM;
        if (got == 0 || line[size] == '\n') {
            line[size] = '\0';
            return size > 0 ? CV_OK : CV_ERR_SYNTAX;
        }
    }
    return CV_ERR_LIMIT;
}

static enum cv_err prompt(const char *text, char line[static CV_PASSWORD_MAX_BYTES]) {
    struct termios shown, hidden;
    if (tcgetattr(STDIN_FILENO, &shown) != 0)
        return CV_ERR_SYSTEM;
    hidden = shown;
    hidden.c_lflag &= (tcflag_t)~ECHO;
    fputs(text, stderr);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    enum cv_err err = read_line(line);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    fputc('\n', stderr);
    return err;
}

enum cv_err cv_cli_ask_password(char password[static CV_PASSWORD_MAX_BYTES]) {
    char again[CV_PASSWORD_MAX_BYTES] = "";
    enum cv_err err;
    if (isatty(STDIN_FILENO)) {
        err = prompt("Password: ", password);
        if (!err)
            err = prompt("The same again: ", again);
        if (!err && strcmp(password, again) != 0) {
            cv_cli_fail(0, "the two passwords are not the same");
            err = CV_ERR_SYNTAX;
        } else if (err) {
            cv_cli_fail(0, "no password was given");
        }
    } else {
        err = read_line(password);
        if (err)
            cv_cli_fail(0, err == CV_ERR_LIMIT ? "the password is too long"
                                               : "no password on standard input");
    }
    cv_wipe(again, sizeof again);
    return err;
}
