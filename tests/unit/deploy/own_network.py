"""A network of this process's own, so that the programs find the addresses and ports that the files of deploy/ name.

Root makes it with the capabilities SYS_ADMIN (unshare) and NET_ADMIN (addresses), which Docker does not give by itself;
another user by a user namespace.
"""

import ctypes
import os
import shutil
import subprocess

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


def unshare(flags):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(flags):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def become_root_of_a_user_namespace():
    identities = {"uid_map": f"0 {os.getuid()} 1", "gid_map": f"0 {os.getgid()} 1"}
    unshare(CLONE_NEWUSER)
    for file, text in {"setgroups": "deny", **identities}.items():
        with open(f"/proc/self/{file}", "w") as out:
            out.write(text)


def enter(addresses):
    """Why there is no such network, or "" if there is."""
    ip = shutil.which("ip", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if not ip:
        raise AssertionError("ip is missing: scripts/install-dependencies test")
    try:
        if os.getuid():
            become_root_of_a_user_namespace()
        unshare(CLONE_NEWNET)
        for command in ["link set lo up", *(f"address add {address}/32 dev lo" for address in addresses)]:
            subprocess.run([ip, *command.split()], check=True, capture_output=True, text=True, timeout=20)
    except OSError as refused:
        return f"no network of its own: {refused}"
    except subprocess.CalledProcessError as refused:
        return f"no network of its own: {refused.stderr.strip()}"
    return ""
