#!/bin/sh
# Builds Martlet and starts it. Made for Debian 12 with a Swift toolchain, as root or with sudo.
set -eu

packages="libssl-dev libsqlite3-dev libargon2-dev pkg-config"

usage() {
    cat <<'TEXT'
Usage: sh deploy/run.sh [command and options of martlet]

Installs the system libraries that are missing, builds the release, and starts the
provider (`martlet serve`), or the command that is given:

  sh deploy/run.sh                      # http://localhost:8080, data in ./data
  sh deploy/run.sh client list --json   # a command of martlet; its output alone goes to standard output
  MARTLET_LISTEN=127.0.0.1:9000 sh deploy/run.sh

`sh deploy/run.sh serve --help` lists the settings, `sh deploy/run.sh help` the commands.
TEXT
}

say() { printf '%s\n' "$*" >&2; }
fail() {
    say "run.sh: $1"
    shift
    for line in "$@"; do say "        $line"; done
    exit 1
}

case "${1-}" in
-h | --help)
    usage
    exit 0
    ;;
esac

cd "$(dirname "$0")/.."

# 1. The compiler.
for folder in /opt/swift/usr/bin /usr/local/swift/usr/bin "${HOME-}/.local/share/swiftly/bin"; do
    if ! command -v swift >/dev/null 2>&1 && [ -x "$folder/swift" ]; then PATH="$folder:$PATH"; fi
done
command -v swift >/dev/null 2>&1 || fail "there is no Swift toolchain on this machine." \
    "Install Swift 6.2 or newer as https://www.swift.org/install/linux/ describes," \
    "and make sure that \`swift --version\` works in this shell."
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
case "$version" in
"" | [0-5].* | 6.0 | 6.1) fail "Swift ${version:-of an unknown version} is too old: 6.2 or newer is needed." ;;
esac
say "[1/3] Swift $version"

# 2. Libraries. Nothing is installed, and nobody is asked for a password, when all are there.
missing=""
if command -v dpkg >/dev/null 2>&1; then
    for package in $packages; do
        # pkgconf answers for pkg-config on newer systems.
        [ "$package" = pkg-config ] && command -v pkg-config >/dev/null 2>&1 && continue
        dpkg -s "$package" 2>/dev/null | grep -q '^Status: install ok installed' || missing="$missing $package"
    done
else
    for module in libcrypto sqlite3 libargon2; do
        pkg-config --exists "$module" 2>/dev/null || missing="$missing $module"
    done
fi
if [ -n "$missing" ]; then
    command -v apt-get >/dev/null 2>&1 || fail "development files are missing:$missing" \
        "Install the packages of your system that hold them, then start again."
    as_root=""
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null 2>&1 || fail "these packages are missing:$missing" \
            "Install them as root: apt-get install$missing"
        as_root="sudo"
    fi
    say "[2/3] Installing$missing"
    $as_root apt-get update -qq >&2 || fail "the package lists cannot be fetched; is there a network?"
    # shellcheck disable=SC2086 # one word a package
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2 ||
        fail "these packages could not be installed:$missing"
else
    say "[2/3] System libraries are there"
fi

# 3. The program. The Swift runtime is linked in where the toolchain can: it starts faster, takes less memory and runs
# where there is no toolchain.
runtime=$(swift -print-target-info 2>/dev/null | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')
static=""
[ -n "$runtime" ] && [ -d "${runtime}_static" ] && static="--static-swift-stdlib"
say "[3/3] Building the release; the first time takes a few minutes"
# shellcheck disable=SC2086 # empty or one word
swift build -c release --product martlet $static -Xswiftc -cross-module-optimization >&2 || fail "the build failed; the first error above says why."
program="$(swift build -c release --show-bin-path)/martlet"

[ $# -gt 0 ] || set -- serve
say "Starting: martlet $*"
exec "$program" "$@"
