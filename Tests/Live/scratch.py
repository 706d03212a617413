"""Folders and small disks of one test, which go when the test goes, also by a SIGKILL that it cannot see."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

#: Waits for the end of the test, which closes the pipe, and then clears up; nothing that ends the test ends it too.
CLEAR_UP = """
trap '' HUP INT TERM
cat >/dev/null
for attempt in 1 2 3 4 5 6 7 8; do
    for disk in "$1"/*.disk; do
        if mountpoint -q "$disk"; then umount "$disk" 2>/dev/null || umount --lazy "$disk"; fi
    done
    rm -rf --one-file-system "$1" 2>/dev/null
    [ -e "$1" ] || exit 0
    sleep 0.25
done
exit 1
"""


class Scratch:
    """A folder under the temporary folder, of its own guard's: whatever is in it goes with it."""

    def __init__(self, prefix="martlet-test-", owner=None):
        self.folder = Path(tempfile.mkdtemp(prefix=prefix))
        if owner:
            os.chown(self.folder, *owner)
        self._guard = subprocess.Popen(
            ["sh", "-c", CLEAR_UP, "sh", str(self.folder)], stdin=subprocess.PIPE, start_new_session=True
        )

    def __enter__(self):
        return self.folder

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Removes it all; nothing may run in the folder any more."""
        self._guard.stdin.close()
        assert self._guard.wait(timeout=120) == 0, f"{self.folder} could not be removed"


class Disk:
    """A small file system of its own in a scratch folder; only root can have one."""

    #: Why there can be none, or nothing.
    @staticmethod
    def obstacle():
        if os.geteuid() != 0:
            return "only root may mount a small disk"
        if not shutil.which("mkfs.ext4"):
            return "mkfs.ext4 is missing"
        with Scratch(prefix="martlet-probe-") as folder:
            try:
                Disk(folder, megabytes=2)
            except subprocess.CalledProcessError as error:
                return f"no disk can be mounted here: {error.stderr.decode().strip()}"
        return None

    def __init__(self, folder, megabytes, owner=None):
        self.path = folder / "small.disk"
        self._image = folder / "image"
        with open(self._image, "wb") as image:
            image.truncate(megabytes << 20)
        # No blocks kept back for root, who runs these tests; an error of the file system makes it read-only.
        _run("mkfs.ext4", "-q", "-F", "-m", "0", self._image)
        self.path.mkdir()
        _run("mount", "-o", "loop,errors=remount-ro", self._image, self.path)
        if owner:
            os.chown(self.path, *owner)

    def fill(self):
        """Takes all the space that is left."""
        with open(self.path / "filler", "ab", buffering=0) as filler:
            for size in (1 << 20, 4096, 1):
                try:
                    while True:
                        filler.write(bytes(size))
                except OSError:
                    continue

    def free(self):
        """Gives the space back."""
        (self.path / "filler").unlink()

    def fail(self):
        """The file system meets an error and goes read-only, as after a broken sector; for good."""
        _run("mount", "-o", "remount,abort", self.path)

    def repair(self):
        """What an operator does then: checks the unmounted file system and mounts it again."""
        _run("umount", self.path)
        checked = subprocess.run(["fsck.ext4", "-p", "-f", str(self._image)], capture_output=True)
        assert checked.returncode in (0, 1), checked
        _run("mount", "-o", "loop,errors=remount-ro", self._image, self.path)


def protect(*files, on):
    """Makes files unwritable also for root and for who has them open already, or writable again."""
    _run("chattr", "+i" if on else "-i", *files)


def _run(*command):
    subprocess.run([str(word) for word in command], check=True, capture_output=True)


def die_with_parent(how=signal.SIGKILL):
    """For `preexec_fn`: a test that is killed leaves no process behind (prctl PR_SET_PDEATHSIG).

    The kernel looks at the thread that started the process: that must be one that lives as long as the test.
    """
    return lambda: _LIBC.prctl(1, int(how))


_LIBC = ctypes.CDLL(None)


def account(name):
    """User and group number of an account."""
    entry = pwd.getpwnam(name)
    return entry.pw_uid, entry.pw_gid
