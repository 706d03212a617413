#!/bin/sh
# From a checkout to a running provider, on Debian 12: sh deploy/run.sh
#
# Installs the system libraries that are missing, builds the optimized program and starts it. Run as root, or as somebody
# who may use sudo where something has to be installed.
set -eu
cd "$(dirname "$0")/.."

SYSTEM_PACKAGES="libssl-dev libsqlite3-dev libargon2-dev pkg-config"

usage() {
    cat <<END
usage: sh deploy/run.sh [OPTION ...]

Installs missing system libraries ($SYSTEM_PACKAGES), builds, and runs
\`martlet serve\` with the options given. Without configuration it is a development provider on
http://localhost:8080 that keeps its data in ./data.

  --build-only   installs and builds, and starts nothing
  --help         this text; \`martlet serve --help\` lists the settings

The program is .build/release/martlet; it can be copied to another machine with the same libraries.
END
}

build_only=
case ${1-} in
--help | -h) usage; exit 0 ;;
--build-only) build_only=1; shift ;;
esac

command -v swift >/dev/null 2>&1 || {
    echo "run.sh: there is no Swift toolchain on the PATH; install Swift 6.3 or later from https://www.swift.org/install" >&2
    exit 69
}

missing=
for package in $SYSTEM_PACKAGES; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing="$missing $package"
done
if [ -n "$missing" ]; then
    sudo=
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null 2>&1 || {
            echo "run.sh: these packages are missing, and only root can install them:$missing" >&2
            exit 77
        }
        sudo=sudo
    fi
    echo "Installing$missing"
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    # shellcheck disable=SC2086 # a list of names
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
fi

echo "Building (the first time takes some minutes)"
# The Swift libraries go into the program: it starts faster, takes less memory and needs no toolchain where it runs.
swift build -c release --product martlet --static-swift-stdlib -Xswiftc -cross-module-optimization
[ -z "$build_only" ] || exit 0

exec .build/release/martlet serve "$@"
