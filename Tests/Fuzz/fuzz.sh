#!/bin/sh
# Feeds the grammars with bytes of libFuzzer's making: sh Tests/Fuzz/fuzz.sh [options] [TARGET …]
#
# Builds the modules with coverage counters, then lets each target run for the given time or number of executions, one
# after the other, and stops at the first finding. What the fuzzer learns stays in .build-fuzz/corpus; a finding goes to
# Tests/Fuzz/FailCases, where the normal tests find it.
set -eu
cd "$(dirname "$0")/../.."
exec </dev/null

TARGETS="requests chunks targets cookies forms redirects templates json tokens documents claims encrypted keys pairs credentials cbor attestations certificates assertions"
PLACE=.build-fuzz
BINARY=$PLACE/fuzz

usage() {
    cat <<END
usage: sh Tests/Fuzz/fuzz.sh [--seconds N | --runs N] [--address] [--build] [TARGET …]

  --seconds N   time for each target; 60 unless told
  --runs N      executions of each target instead
  --address     with the address sanitizer, at half the speed
  --build       build and stop

Targets: $TARGETS
END
}

bound="-max_total_time=60"
sanitizers=fuzzer
only_build=
chosen=
while [ $# -gt 0 ]; do
    case $1 in
    --seconds | --runs)
        [ $# -ge 2 ] || { usage >&2; exit 64; }
        case $1 in --seconds) bound="-max_total_time=$2" ;; *) bound="-runs=$2" ;; esac
        shift
        ;;
    --address) sanitizers=fuzzer,address BINARY=$PLACE/fuzz-address ;;
    --build) only_build=yes ;;
    --help | -h) usage; exit 0 ;;
    -*) usage >&2; exit 64 ;;
    *)
        case " $TARGETS " in
        *" $1 "*) chosen="$chosen $1" ;;
        *) echo "fuzz.sh: there is no target $1: $TARGETS" >&2; exit 64 ;;
        esac
        ;;
    esac
    shift
done

features="-swift-version 6 -package-name martlet -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault
    -enable-upcoming-feature MemberImportVisibility -enable-upcoming-feature NonisolatedNonsendingByDefault"
modules=$BINARY.modules

# One module: its sources in one call, its name known to those that follow.
compile() {
    name=$1
    shift
    echo "compiling $name"
    # shellcheck disable=SC2086
    swiftc -parse-as-library -O -wmo -enable-testing -sanitize=$sanitizers $features \
        -Xcc -fmodule-map-file=Sources/CLibraries/CCurl/module.modulemap \
        -Xcc -fmodule-map-file=Sources/CLibraries/CLinux/module.modulemap \
        -Xcc -fmodule-map-file=Sources/CLibraries/COpenSSL/module.modulemap \
        -I "$modules" -module-name "$name" -emit-module -emit-module-path "$modules/$name.swiftmodule" \
        -emit-object -o "$modules/$name.o" $(find "$@" -name '*.swift' | sort)
}

build() {
    newest=$(find Sources Tests/Fuzz -name '*.swift' -newer "$BINARY" 2>/dev/null | head -n 1)
    [ -x "$BINARY" ] && [ -z "$newest" ] && return 0
    rm -rf "$modules"
    mkdir -p "$modules"
    for module in Reactor HTTP JSON Mustache OAuthTypes JOSE WebAuthn Stores AuthorizationServer; do
        compile "$module" "Sources/$module"
    done
    compile Fuzz Tests/Fuzz/Properties Tests/Fuzz/Program
    swiftc -sanitize=$sanitizers -o "$BINARY" "$modules"/*.o -lssl -lcrypto -lcurl
}

build
[ -z "$only_build" ] || exit 0

for target in ${chosen:-$TARGETS}; do
    echo "==> $target"
    corpus=$PLACE/corpus/$target
    mkdir -p "$corpus" "Tests/Fuzz/FailCases/$target"
    longest=$(sed -n "s/.*name: \"$target\", longestInput: \([0-9]*\).*/\1/p" Tests/Fuzz/Properties/*.swift)
    dictionary=
    [ ! -f "Tests/Fuzz/Dictionaries/$target" ] || dictionary="-dict=Tests/Fuzz/Dictionaries/$target"
    # Else the runtime takes the signal for itself, and the input is lost.
    SWIFT_BACKTRACE=enable=no FUZZ_TARGET=$target nice "$BINARY" "$bound" -max_len="$longest" $dictionary -timeout=10 -rss_limit_mb=2048 \
        -print_final_stats=1 -artifact_prefix="Tests/Fuzz/FailCases/$target/" \
        "$corpus" "Tests/Fuzz/Seeds/$target" 2>"$PLACE/$target.log" || {
        tail -n 40 "$PLACE/$target.log"
        echo "fuzz.sh: a finding in $target; the input is in Tests/Fuzz/FailCases/$target" >&2
        exit 1
    }
    grep -E 'stat::(number_of_executed_units|average_exec_per_sec)|DONE' "$PLACE/$target.log" | tail -n 3
    rmdir "Tests/Fuzz/FailCases/$target" 2>/dev/null || true
done
