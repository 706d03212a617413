#!/bin/sh
# Makes words.txt and common.filter anew from what Debian ships. See README.md beside it.
#   sh deploy/passwords/rebuild.sh [PROGRAM]      (default: .build/release/martlet)
set -eu
cd "$(dirname "$0")/../.."
program=${1:-.build/release/martlet}
here=$PWD/deploy/passwords
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

(cd "$scratch" && apt-get download -qq python3-zxcvbn john-data hashcat-data)
for package in "$scratch"/*.deb; do dpkg-deb -x "$package" "$scratch"; done
export PYTHONPATH="$scratch/usr/lib/python3/dist-packages"

python3 "$here/words.py" "$here/words.txt"
# Passwords that others use, and words and names that stand alone.
{
    cat "$scratch/usr/share/john/password.lst" "$scratch/usr/share/doc/hashcat-data/examples/example.dict"
    python3 -c 'from zxcvbn.frequency_lists import FREQUENCY_LISTS as lists
for words in lists.values(): print("\n".join(words))'
} | "$program" passwords build-filter - --output "$here/common.filter"
