"""The packages of package-lock.json, installed into a folder: install.py FOLDER [SOURCE], where that file is.

Done once for a lock file; what is there already is left alone. Status 77 where npm is missing or the registry cannot be
reached; where CI is set and we are root, that is a failure."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

SKIPPED, OLDEST = 77, 18
UNREACHABLE = ("EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ENETUNREACH", "EHOSTUNREACH", "ENOTCACHED", "ENOTFOUND",
               "ERR_SOCKET_TIMEOUT", "ETIMEDOUT", "FETCH_ERROR")


def skip(why):
    print("skipped: " + why)
    sys.exit(1 if os.environ.get("CI") and os.geteuid() == 0 else SKIPPED)


def main(folder, source):
    lock, done = (source / "package-lock.json").read_bytes(), folder / "installed.json"
    if done.exists() and done.read_bytes() == lock:
        return print("there already")
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        skip("node and npm are needed")
    version = subprocess.run([node, "--version"], stdout=subprocess.PIPE, text=True, check=True, timeout=20).stdout
    if int(version.lstrip("v").partition(".")[0]) < OLDEST:
        skip("node %d is needed, not %s" % (OLDEST, version.strip()))
    folder.mkdir(parents=True, exist_ok=True)
    done.unlink(missing_ok=True)
    for name in "package.json", "package-lock.json":
        shutil.copy(source / name, folder / name)
    ran = subprocess.run([npm, "ci", "--omit=dev", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund",
                          "--no-update-notifier", "--fetch-retries=1", "--fetch-retry-mintimeout=1000",
                          "--fetch-timeout=30000"], cwd=folder, text=True,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=240)
    print(ran.stdout)
    if ran.returncode:
        if any(word in ran.stdout for word in UNREACHABLE):
            skip("no package registry can be reached")
        sys.exit(1)
    done.write_bytes(lock)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).resolve().parent)
