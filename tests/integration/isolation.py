# SPDX-License-Identifier: Apache-2.0
"""A network or a view of the mounted file systems that only one thread of a test has, with all that it starts."""
import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import struct
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor

CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000  # <linux/sched.h>
MS_REC, MS_PRIVATE = 0x4000, 0x40000  # <sys/mount.h>
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1  # <linux/sockios.h>, <net/if.h>
LIBC = ctypes.CDLL(None, use_errno=True)


def _mount(source, target, kind, flags, options):
    if LIBC.mount(source, os.fsencode(target), kind, ctypes.c_ulong(flags), options) != 0:
        raise OSError(ctypes.get_errno(), f"mount of {target}")


def mount_small(folder, mib):
    """A file system of so many MiB on this folder, for the thread that called in_own_mounts; it unmounts it."""
    _mount(b"tmpfs", folder, b"tmpfs", 0, f"size={mib}m,mode=755".encode())


def _loopback_up():
    with socket.socket() as any_socket:
        request = struct.pack("16sH22x", b"lo", 0)
        flags = struct.unpack("16sH22x", fcntl.ioctl(any_socket, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", flags | IFF_UP))


def _keep_mounts():
    """Of what is mounted from now on, nothing is seen outside. Where the root is no mount of its own (a chroot), it may be."""
    with contextlib.suppress(OSError):
        _mount(b"none", "/", None, MS_REC | MS_PRIVATE, None)


def _enter(flags):
    if LIBC.unshare(flags) != 0:
        return False
    if flags & CLONE_NEWNS:
        _keep_mounts()
    if flags & CLONE_NEWNET:
        _loopback_up()
    return True


def in_own_processes():
    """Begins this program again as the first process of a namespace: however it ends, all that it started ends too."""
    if os.getpid() == 1:
        signal.signal(signal.SIGTERM, lambda *_: os._exit(1))  # which a first process is deaf to by itself
    elif os.geteuid() == 0:
        # Only /proc is made private: "/" can't be where it is no mount of its own (a chroot).
        options = ["--pid", "--fork", "--kill-child", "--propagation", "unchanged", "--mount-proc"]
        os.execvp("unshare", ["unshare", *options, *sys.orig_argv])


def _run(flags, function):
    with ThreadPoolExecutor(1) as thread:
        if not thread.submit(_enter, flags).result():
            raise unittest.SkipTest("only root can make a namespace")
        return thread.submit(function).result()


def in_own_network(function):
    """Runs it where there is nothing but a loopback interface of its own, and returns what it returns."""
    return _run(CLONE_NEWNET, function)


def in_own_mounts(function):
    """Runs it where what it mounts is seen by nobody else if that can be (see above), and returns what it returns."""
    return _run(CLONE_NEWNS, function)
