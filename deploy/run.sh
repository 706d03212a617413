#!/bin/sh
# From a checkout to a running provider, on Debian 12: sh deploy/run.sh
#
# Installs the system libraries that are missing, builds the optimized program and starts it. Run as root, or as somebody
# who may use sudo where something has to be installed.
set -eu
cd "$(dirname "$0")/.."

SYSTEM_PACKAGES="libssl-dev libsqlite3-dev libpq-dev libargon2-dev libcrypt-dev libqrencode-dev libcurl4-openssl-dev libldap-dev pkg-config"

usage() {
    cat <<END
usage: sh deploy/run.sh [--build-only] [OPTION ...]

Installs missing system libraries ($SYSTEM_PACKAGES), builds, and runs
\`martlet serve\` with the options given. Without configuration it is a development provider on
http://localhost:8080 that keeps its data in ./data.

  --build-only   installs and builds, and starts nothing
  --help         this text; \`sh deploy/run.sh -- --help\` lists the settings

The program is .build/release/martlet; it can be copied to another machine with the same libraries.
END
}

say() { printf '%s\n' "$*" >&2; }

# The first word is the exit status (sysexits.h), the second says what is wrong, the rest what to do.
fail() {
    status=$1
    say "run.sh: $2"
    shift 2
    for line in "$@"; do say "        $line"; done
    exit "$status"
}

build_only=
case ${1-} in
--help | -h) usage; exit 0 ;;
--build-only) build_only=1; shift ;;
--) shift ;;
esac

# Where the installers of the toolchain put it, for a shell that has not been told.
for folder in /opt/swift/usr/bin /usr/local/swift/usr/bin "${HOME-}/.local/share/swiftly/bin"; do
    if ! command -v swift >/dev/null 2>&1 && [ -x "$folder/swift" ]; then PATH="$PATH:$folder"; fi
done
command -v swift >/dev/null 2>&1 || fail 69 "there is no Swift toolchain on the PATH." \
    "Install Swift 6.3 or later as https://www.swift.org/install describes, until \`swift --version\` works here."
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
case $version in
"" | [0-5].* | 6.[0-2]) fail 69 "Swift ${version:-of an unknown version} is too old; 6.3 or later is needed." ;;
esac
say "[1/3] Swift $version"

missing=
if command -v dpkg-query >/dev/null 2>&1; then
    for package in $SYSTEM_PACKAGES; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing="$missing $package"
    done
else
    for library in libcrypto libssl sqlite3 libpq libargon2 libqrencode libcurl ldap; do
        pkg-config --exists "$library" 2>/dev/null || missing="$missing $library"
    done
fi
if [ -n "$missing" ]; then
    command -v apt-get >/dev/null 2>&1 || fail 69 "the development files of these are missing:$missing." \
        "Install the packages of this system that hold them."
    sudo=
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null 2>&1 || fail 77 "these packages are missing, and only root can install them:$missing." \
            "As root: apt-get install$missing"
        sudo=sudo
    fi
    say "[2/3] Installing$missing"
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2 ||
        fail 69 "the lists of packages cannot be fetched; is there a network?"
    # shellcheck disable=SC2086 # a list of names
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2 ||
        fail 69 "these packages could not be installed:$missing."
else
    say "[2/3] System libraries are there"
fi

say "[3/3] Building (the first time takes some minutes)"
# The Swift libraries go into the program: it starts faster, takes less memory and needs no toolchain where it runs.
swift build -c release --product martlet --static-swift-stdlib -Xswiftc -cross-module-optimization >&2 ||
    fail 70 "the build failed; the first error above says why."
[ -z "$build_only" ] || exit 0

exec .build/release/martlet serve "$@"
