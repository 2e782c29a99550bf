/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <limits.h>
#include <locale.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "Usage: conclave [--data DIR] COMMAND [ARGUMENTS]\n"
    "\n"
    "Looks after a running Conclave server. Run it as root or as the user of the server.\n"
    "\n"
    "  user add EMAIL --name NAME [--role admin|user]   add an account; asks for its password\n"
    "  user list [--format table|json]                  list the accounts\n"
    "  user passwd EMAIL                                set a password; signs the account out\n"
    "  user delete EMAIL --yes                          delete an account with its meetings,\n"
    "                                                   their links and call data records\n"
    "  cdr list [--format table|json|csv]               call data records, newest first\n"
    "           [--meeting ID] [--from TIME] [--until TIME]\n"
    "  token create MEETING whip|whep --label NAME [--hours N]\n"
    "                                                   a bearer token by which a program sends\n"
    "                                                   to the meeting, or watches it\n"
    "  token list MEETING\n"
    "  token revoke MEETING ID                          whoever is in by it is out\n"
    "  setup-link                                       a new link to set up the first\n"
    "                                                   administrator; voids the one before\n"
    "  instant                                          make a meeting and print its links\n"
    "  status                                           what the server says of itself, as JSON\n"
    "  doctor [--format table|json] [--ntp HOST[:PORT]] check the server and say what to do;\n"
    "                                                   compares the clock with a time server\n"
    "  load [OPTION]...                                 fill a meeting with made-up\n"
    "                                                   participants and print one line of JSON\n"
    "       [--publishers N] [--subscribers N]          1 and 2 of them; --meeting: those who\n"
    "       [--meeting] [--media audio|video|both]      publish receive one another too\n"
    "       [--film FILE]                               show an IVF file with VP8\n"
    "       [--bitrate KBIT_PER_S] [--slots N]          1500; as many as there are cameras\n"
    "       [--joins-per-second N] [--verify N]         20; compare all that one in 10 receives\n"
    "       [--warm-up SECONDS] [--seconds SECONDS]     2 and 10: nothing counts; all counts\n"
    "       [--server-pid PID] [--verbose]              whose time and memory is measured\n"
    "       [--link URL [--host-link URL] [--insecure]] not a new meeting of this server\n"
    "       [--target janus --url URL]                  not Conclave, but Janus\n"
    "       [--target floor --plan FILE                 not a server, but the bare loop that\n"
    "        --address HOST:PORT]                       bench/run sfu compares with\n"
    "  help                                             this text\n"
    "\n"
    "  --data DIR   the server's data folder. Else $CONCLAVE_DATA, or ./data where that\n"
    "               holds control.sock, or /var/lib/conclave.\n"
    "  --version    the version of this command\n"
    "\n"
    "Passwords are asked for, or read as one line from standard input; never from arguments.\n"
    "Times are RFC 3339, such as 2026-01-31T09:00:00Z.\n"
    "Exit status: 0 done, 1 failed (standard error says why), 2 used wrongly.\n";

static const struct {
    const char *name;
    int (*run)(const struct cv_cli *cli, int argc, char **argv);
} commands[] = {
    {"token", cv_cli_token},           {"user", cv_cli_user},       {"cdr", cv_cli_cdr},
    {"setup-link", cv_cli_setup_link}, {"instant", cv_cli_instant}, {"status", cv_cli_status},
    {"doctor", cv_cli_doctor},         {"load", cv_cli_load},
};

int cv_cli_fail(int status, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs("conclave: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return status;
}

/* The value of the option `name` at argv[*index], which moves past it; NULL: another option. */
static const char *option_value(char **argv, int *index, const char *name) {
    const char *arg = argv[*index];
    size_t size = strlen(name);
    if (strncmp(arg, name, size) != 0)
        return NULL;
    if (arg[size] == '=')
        return arg + size + 1;
    const char *value = argv[*index + 1]; /* the arguments end with NULL */
    if (arg[size] != '\0' || !value)
        return NULL;
    ++*index;
    return value;
}

int cv_cli_options(int argc, char **argv, const char *const *names, const char **values) {
    int kept = 1;
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0) {
            argv[kept++] = argv[i];
            continue;
        }
        const char *value = NULL;
        int arg = i;
        for (size_t n = 0; names[n] && !value; n++) {
            value = option_value(argv, &i, names[n]);
            if (value)
                values[n] = value;
        }
        if (!value) {
            cv_cli_fail(CV_CLI_USAGE, "%s is not an option here, or lacks its value; see --help",
                        argv[arg]);
            return -1;
        }
    }
    return kept;
}

bool cv_cli_take_flag(int *argc, char **argv, const char *name) {
    int kept = 1;
    bool found = false;
    for (int i = 1; i < *argc; i++) {
        if (strcmp(argv[i], name) == 0)
            found = true;
        else
            argv[kept++] = argv[i];
    }
    argv[kept] = NULL;
    *argc = kept;
    return found;
}

static bool socket_in(const char *data, char *path, size_t path_bytes) {
    int size = snprintf(path, path_bytes, "%s/control.sock", data);
    return size > 0 && (size_t)size < path_bytes && access(path, F_OK) == 0;
}

/* Without --data: the first usual place with a socket in it, or else the one of a package. */
static const char *usual_data(char *path, size_t path_bytes) {
    const char *env = getenv("CONCLAVE_DATA");
    if (env && *env) {
        socket_in(env, path, path_bytes);
        return env;
    }
    const char *data = "data";
    if (!socket_in(data, path, path_bytes)) {
        data = "/var/lib/conclave";
        socket_in(data, path, path_bytes);
    }
    return data;
}

int main(int argc, char **argv) {
    static char socket_path[PATH_MAX];
    struct cv_cli cli = {.socket_path = socket_path};
    setlocale(LC_CTYPE, "");
    int at = 1;
    for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++) {
        const char *value = option_value(argv, &at, "--data");
        if (value) {
            cli.data = value;
        } else if (strcmp(argv[at], "--version") == 0) {
            puts("conclave " CV_VERSION);
            return CV_CLI_OK;
        } else if (strcmp(argv[at], "--help") == 0) {
            fputs(usage, stdout);
            return CV_CLI_OK;
        } else {
            return cv_cli_fail(CV_CLI_USAGE, "%s is not an option; see conclave --help", argv[at]);
        }
    }
    for (int i = at; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0)
            return fputs(usage, stdout) < 0 ? CV_CLI_FAILED : CV_CLI_OK;
    if (at >= argc || strcmp(argv[at], "help") == 0) {
        fputs(usage, at >= argc ? stderr : stdout);
        return at >= argc ? CV_CLI_USAGE : CV_CLI_OK;
    }
    if (cli.data)
        socket_in(cli.data, socket_path, sizeof socket_path);
    else
        cli.data = usual_data(socket_path, sizeof socket_path);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[at], commands[i].name) == 0)
            return commands[i].run(&cli, argc - at, argv + at);
    return cv_cli_fail(CV_CLI_USAGE, "no command %s; see conclave --help", argv[at]);
}
