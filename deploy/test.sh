#!/bin/sh
# Everything that a change must pass, on Debian 12: sh deploy/test.sh
#
# Sets up what the tests need, runs the steps in order and stops at the first that fails. Run as root, or as somebody who
# may use sudo where something has to be installed.
set -eu
cd "$(dirname "$0")/.."
exec </dev/null

STEPS="lint build test threads release allocations jose interop races crash failures cluster move backup keys commands import audit transport restart canaries metrics mail logout api federation directory differential examples browser"
# Steps that run only when they are named.
MORE="soak"
# The build: libssl, libsqlite3, libpq, libargon2, libcrypt, libqrencode, libcurl, libldap. The tests: PostgreSQL, small disks,
# Python, a browser and fonts for it, a directory, proxies, key devices, Apache as a client.
SYSTEM_PACKAGES="libssl-dev libsqlite3-dev libpq-dev libargon2-dev libcrypt-dev libqrencode-dev pkg-config curl ca-certificates python3
    python3-venv chromium chromium-driver fonts-dejavu-core postgresql e2fsprogs openssl
    libcurl4-openssl-dev libldap-dev slapd ldap-utils nginx-light haproxy
    softhsm2 opensc libengine-pkcs11-openssl swtpm tpm2-tools tpm2-openssl
    apache2-bin libapache2-mod-auth-openidc wamerican-small"
PYTHON_PACKAGES="authlib==1.9.8 joserfc==1.8.0 requests==2.34.2 selenium==4.51.0 cryptography==50.0.2
    prometheus-client==0.26.0 aiosmtpd==1.4.6 fido2==2.2.1 schemathesis==4.32.5 requests-oauthlib==2.0.0"
# Without what it depends on: only axe.min.js is used of it.
AXE_PACKAGE="axe-playwright-python==0.1.8"
PLACE=.build-tests

usage() {
    cat <<END
usage: sh deploy/test.sh [--only STEP]

Installs what the tests need, then runs these steps, and stops at the first that fails:

  lint      the sources are formatted and every public declaration is documented; systemd understands the units
  build     everything compiles without a warning and imports only what it lists
  test      the tests of every module
  threads   the reactor, the HTTP server and the stores under the thread sanitizer
  release   the optimized programs
  allocations  what one request takes from the heap is within its limit
  jose      thousands of random keys, signatures, passkeys and their damages: joserfc, cryptography and fido2 agree with ours
  interop   Authlib, requests-oauthlib and Apache's mod_auth_openidc as relying parties: sign-in, refresh, sign-out; one
            more registers itself, signs its requests, and leaves; modules of the conformance suite by their names
  races     one code and one refresh token, spent by 200 requests at once
  crash     kill -9 under load, on SQLite and PostgreSQL: what was acknowledged holds
  failures  PostgreSQL killed, failed over, unreachable; disks full, read-only, broken: likewise, and no restart needed
  cluster   two and three nodes on one PostgreSQL: whatever one does, the others know
  backup    backups of SQLite and PostgreSQL, taken under load, give back what was there; PostgreSQL any moment
  move      records move from SQLite to PostgreSQL and back under load, killed on the way: nothing is lost
  keys      the master key is replaced while the server runs; signing keys are revoked and imported,
            and sign in a PKCS #11 token and a TPM
  commands  the command line beside a running server; settings, draining, the log
  import    people of Keycloak, Auth0, Cognito and a file move in, killed on the way, and sign in with their passwords
  audit     who did what is in a signed chain, verified offline; an erased person leaves it whole
  canaries  what anybody puts into any field of any endpoint is not in the log, nor in the metrics
  metrics   the metrics say what happened, on SQLite and PostgreSQL
  mail      mails over a real mail server: well-formed, once, whatever is down meanwhile
  logout    real relying parties are told of the ends of sessions, whatever is down meanwhile
  api       the calls of clients that sign people in themselves; schemathesis holds them against the served document
  federation  people of one server sign in to another one below it, on loopback
  directory  people sign in with the passwords of a real directory, by ldaps and StartTLS
  transport a scan of TLS, certificates that change, proxies that lie, sockets of a service manager
  restart   a new process takes the sockets over under load; no request fails
  differential  odd requests beside and behind nginx and HAProxy: nobody reads them differently
  examples  the sample service of deploy/examples takes the tokens that are for it, and those of new keys
  browser   Chromium looks at every page in every state, with axe-core and without JavaScript, signs in through the
            playground, makes an account, is locked out of it and looks after it; screenshots in $PLACE/screenshots

and this one only when it is named:

  soak      a steady mix of everything, for \$SOAK_MINUTES (default: 1; 30 say more): memory is flat

  --only STEP   runs that step alone; the later ones build the release program if it is missing
END
}

only=
while [ $# -gt 0 ]; do
    case $1 in
    --only)
        [ $# -ge 2 ] || { usage >&2; exit 64; }
        only=$2
        shift
        case " $STEPS $MORE " in
        *" $only "*) ;;
        *) echo "test.sh: there is no step $only: $STEPS $MORE" >&2; exit 64 ;;
        esac
        ;;
    --help | -h) usage; exit 0 ;;
    *) usage >&2; exit 64 ;;
    esac
    shift
done

# What each step runs.

# As deploy/run.sh builds.
release="--static-swift-stdlib -Xswiftc -cross-module-optimization"
# The same for every debug build, or else the next one starts from nothing.
debug="--explicit-target-dependency-import-check error -Xswiftc -require-explicit-sendable"

do_lint() {
    limit 600 swift format lint --strict --parallel --recursive Sources Tests deploy Package.swift && check_units
}
# The units of systemd, where it can be asked: whatever it says is a fault.
check_units() {
    command -v systemd-analyze >/dev/null || return 0
    rm -rf "$PLACE/units"
    mkdir -p "$PLACE/units" &&
        sed 's#/usr/local/bin/martlet#/bin/true#' deploy/systemd/martlet.service >"$PLACE/units/martlet.service" &&
        cp deploy/systemd/martlet.socket "$PLACE/units/" || return
    said=$(limit 60 systemd-analyze verify "$PLACE/units/martlet.service" "$PLACE/units/martlet.socket" 2>&1 | grep martlet) || true
    [ -z "$said" ] || { echo "$said" >&2; return 1; }
}
do_build() { limit 1500 swift build --build-tests $debug; }
# Beside a PostgreSQL of its own, which goes with it.
beside_postgresql="$PLACE/venv/bin/python Tests/Live/with_postgres.py"
# What works with sockets apart: its tests block threads, of which the test program has one a core.
sockets='^(ReactorTests|HTTPTests)\.'
do_test() {
    brief 1500 $beside_postgresql swift test --disable-xctest $debug --skip "$sockets" &&
        brief 1500 swift test --disable-xctest --skip-build $debug --filter "$sockets"
}
# Without the slow clients: under the sanitizer the server is slower than they are patient.
do_threads() {
    TSAN_OPTIONS="suppressions=$PWD/Tests/thread-sanitizer.supp"
    export TSAN_OPTIONS
    brief 1800 $beside_postgresql env MARTLET_ONLY_TESTS=ReactorTests,HTTPTests,StoresTests,SQLStoresTests \
        swift test --disable-xctest --sanitize thread --scratch-path .build-tsan
}
# By the script that people start with, and then the benchmarks with its options: or the next build starts from nothing.
do_release() {
    limit 1500 sh deploy/run.sh --version &&
        limit 900 swift build -c release --product martlet-bench $release
}
# In memory where that is a disk, since nothing here is about disks.
do_allocations() {
    shared=/dev/shm
    [ -d "$shared" ] && [ -w "$shared" ] || shared=${TMPDIR:-/tmp}
    limit 300 clang -O2 -Wall -Wextra -Werror -shared -fPIC -o "$PLACE/allocation-counter.so" \
        Tests/Allocations/counter.c &&
        limit 900 .build/release/martlet-bench --row allocations --check --folder "$shared" \
            --allocation-counter "$PLACE/allocation-counter.so"
}
do_differential() { limit 900 "$PLACE/venv/bin/python" Tests/Differential/differential.py; }
do_jose() {
    limit 900 swift build --product JOSEPeer $debug &&
        limit 900 "$PLACE/venv/bin/python" Tests/Interop/jose_differential.py
}
do_interop() {
    limit 900 "$PLACE/venv/bin/python" Tests/Interop/authlib_sign_in.py &&
        limit 300 "$PLACE/venv/bin/python" Tests/Interop/requests_oauthlib_sign_in.py &&
        limit 300 "$PLACE/venv/bin/python" Tests/Interop/apache_sign_in.py &&
        limit 300 "$PLACE/venv/bin/python" Tests/Live/registration.py &&
        limit 300 "$PLACE/venv/bin/python" Tests/Live/conformance.py
}
do_races() { limit 900 "$PLACE/venv/bin/python" Tests/Live/races.py; }
do_crash() { limit 900 "$PLACE/venv/bin/python" Tests/Live/crash.py; }
do_failures() {
    limit 300 "$PLACE/venv/bin/python" Tests/Live/postgres.py &&
        limit 1500 "$PLACE/venv/bin/python" Tests/Live/failures.py
}
do_cluster() { limit 900 "$PLACE/venv/bin/python" Tests/Live/cluster.py; }
do_backup() {
    limit 900 "$PLACE/venv/bin/python" Tests/Live/backup.py &&
        limit 900 "$PLACE/venv/bin/python" Tests/Live/point_in_time.py
}
do_move() { limit 900 "$PLACE/venv/bin/python" Tests/Live/move.py; }
do_keys() {
    limit 900 "$PLACE/venv/bin/python" Tests/Live/keys.py &&
        limit 900 "$PLACE/venv/bin/python" Tests/Live/key_devices.py
}
do_commands() { limit 900 "$PLACE/venv/bin/python" Tests/Live/commands.py; }
do_import() { limit 900 "$PLACE/venv/bin/python" Tests/Live/migration.py; }
do_audit() { limit 900 "$PLACE/venv/bin/python" Tests/Live/audit.py; }
do_canaries() { limit 900 "$PLACE/venv/bin/python" Tests/Live/canaries.py; }
do_metrics() { limit 900 "$PLACE/venv/bin/python" Tests/Live/metrics.py; }
do_mail() { limit 900 "$PLACE/venv/bin/python" Tests/Live/mail.py; }
do_logout() { limit 900 "$PLACE/venv/bin/python" Tests/Live/logout.py; }
do_api() { limit 900 "$PLACE/venv/bin/python" Tests/Live/api.py; }
do_federation() { limit 900 "$PLACE/venv/bin/python" Tests/Live/federation.py; }
do_directory() { limit 900 "$PLACE/venv/bin/python" Tests/Live/directory.py; }
do_transport() { limit 900 "$PLACE/venv/bin/python" Tests/Live/transport.py; }
do_restart() { limit 900 "$PLACE/venv/bin/python" Tests/Live/restart.py; }
do_examples() {
    limit 900 swift build --product ResourceServer $debug && limit 900 "$PLACE/venv/bin/python" Tests/Live/examples.py
}
do_soak() {
    SOAK_MINUTES=${SOAK_MINUTES:-1}
    export SOAK_MINUTES
    limit $((SOAK_MINUTES * 60 + 900)) "$PLACE/venv/bin/python" Tests/Live/soak.py
}
do_browser() {
    # The pages in all their states, as files.
    MARTLET_PAGE_GALLERY="$PWD/$PLACE/gallery" limit 1800 swift test --disable-xctest $debug --filter GalleryTests &&
        limit 3600 "$PLACE/venv/bin/python" Tests/Browser/accessibility.py "$PLACE/gallery" --screenshots "$PLACE/screenshots" &&
    limit 900 "$PLACE/venv/bin/python" Tests/Browser/playground.py --screenshots "$PLACE/screenshots" &&
        limit 900 "$PLACE/venv/bin/python" Tests/Browser/challenges.py &&
        limit 900 "$PLACE/venv/bin/python" Tests/Browser/sessions.py &&
        limit 900 "$PLACE/venv/bin/python" Tests/Browser/people.py --screenshots "$PLACE/screenshots" &&
        limit 900 "$PLACE/venv/bin/python" Tests/Browser/account.py --screenshots "$PLACE/screenshots" &&
        limit 900 "$PLACE/venv/bin/python" Tests/Browser/passkeys.py --screenshots "$PLACE/screenshots" &&
        limit 900 "$PLACE/venv/bin/python" Tests/Browser/federation.py --screenshots "$PLACE/screenshots"
}

# What every step runs under.

running=
# Runs a command for so many seconds at most, so that nothing that hangs holds the rest up.
limit() {
    timeout --kill-after=20 "$@" &
    running=$!
    status=0
    wait "$running" || status=$?
    running=
    [ "$status" -ne 124 ] || echo "test.sh: no end after $1 seconds" >&2
    return "$status"
}

# The same for what says a lot: all of it goes to a file, and here only what matters.
brief() {
    mkdir -p "$PLACE"
    said=$PLACE/$step.log
    if limit "$@" >"$said" 2>&1; then
        tail -n 1 "$said"
    else
        status=$?
        grep -v -e '^◇' -e '^✔' -e '^━' -e '^\[[0-9]*/[0-9]*\]' "$said" | tail -n 300
        echo "all of it: $said"
        return "$status"
    fi
}

# Ends what runs: timeout hands the signal on, and each test stops the servers it started and removes its folder.
interrupted() {
    [ -z "$running" ] || { kill "$running" 2>/dev/null || true; wait "$running" 2>/dev/null || true; }
    exit "$1"
}
trap 'interrupted 129' HUP
trap 'interrupted 130' INT
trap 'interrupted 143' TERM

passed=0
failed=0
summary=
# Behind || a function goes on after an error within, so what a step runs is joined by &&.
run() {
    step=$1
    echo "==> $step"
    began=$(date +%s)
    status=0
    "do_$1" || status=$?
    took=$(($(date +%s) - began))
    if [ "$status" -eq 0 ]; then
        passed=$((passed + 1))
        summary="$summary  ok      $1 ($took s)
"
        echo "<== $1: ok, $took s"
    else
        failed=$((failed + 1))
        summary="$summary  FAILED  $1 ($took s, status $status)
"
        echo "<== $1: FAILED with status $status after $took s" >&2
    fi
    return "$status"
}

# What the steps need.

install_system_packages() {
    missing=
    for package in $SYSTEM_PACKAGES; do
        state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) || state=
        [ "$state" = installed ] || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    echo "installing:$missing"
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || {
            echo "test.sh: run this as root, or install by hand:$missing" >&2
            return 1
        }
        as_root=sudo
    fi
    limit 600 $as_root apt-get --quiet --quiet update &&
        limit 1200 $as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get --quiet --quiet --yes --no-install-recommends install $missing || return
    # Nobody asked for a directory on this machine: the tests run their own.
    case "$missing " in
    *" slapd "*)
        $as_root service slapd stop >/dev/null 2>&1 || true
        $as_root update-rc.d slapd disable >/dev/null 2>&1 || true
        ;;
    esac
}

make_virtual_environment() {
    if [ -x "$PLACE/venv/bin/python" ] && [ "$(cat "$PLACE/venv/packages" 2>/dev/null)" = "$PYTHON_PACKAGES $AXE_PACKAGE" ]; then
        return 0
    fi
    rm -rf "$PLACE/venv"
    mkdir -p "$PLACE"
    limit 300 python3 -m venv "$PLACE/venv" &&
        limit 600 "$PLACE/venv/bin/python" -m pip --quiet --disable-pip-version-check --no-input \
            install $PYTHON_PACKAGES &&
        limit 600 "$PLACE/venv/bin/python" -m pip --quiet --disable-pip-version-check --no-input \
            install --no-deps $AXE_PACKAGE &&
        echo "$PYTHON_PACKAGES $AXE_PACKAGE" >"$PLACE/venv/packages"
}

do_setup() {
    command -v swift >/dev/null || {
        echo "test.sh: Swift 6.3 or later is missing: https://www.swift.org/install/linux/" >&2
        return 1
    }
    install_system_packages && make_virtual_environment
}

# The tests set what they need; settings of whoever runs them would get in their way.
for name in $(env | sed -n 's/^\(MARTLET_[A-Z_]*\)=.*/\1/p'); do unset "$name"; done
export PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
export PROGRAM_UNDER_TEST="$PWD/.build/release/martlet"

finish() {
    echo
    printf '%s' "$summary"
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}

run setup || { finish; exit 1; }
case $only in
allocations) [ -x .build/release/martlet-bench ] || run release || { finish || exit 1; } ;;
interop | races | crash | failures | cluster | keys | commands | import | audit | examples | transport | restart | canaries | metrics | mail | logout | api | federation | directory | differential | move | backup | browser | soak)
    [ -x "$PROGRAM_UNDER_TEST" ] || run release || { finish || exit 1; }
    ;;
esac
for next in ${only:-$STEPS}; do
    run "$next" || break
done
finish
