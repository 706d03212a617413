#!/bin/sh
# Backups of a PostgreSQL database with its own tools: written, checked, restored.
#
# The database is the one that MARTLET_DATABASE names, as for the server. Needs pg_dump, pg_restore and psql, not older
# than the server.
set -eu

usage() {
    cat <<END
usage: postgresql.sh backup [--force] FILE
       postgresql.sh verify FILE
       postgresql.sh restore FILE

  backup    copies the database as of one moment into FILE, which its owner alone can read; the servers go on.
            It is read back whole before it gets its name. --force replaces a file of that name.
  verify    reads FILE whole, and sees whether every table is in it
  restore   brings FILE into a database that must be empty, all of it or nothing

MARTLET_DATABASE names the database; the password belongs into a password file (~/.pgpass, PGPASSFILE).
Exit status: 0 done, 1 not done, 64 called wrongly.
END
}

# The first word is the exit status, the others say what is wrong and what to do.
fail() {
    status=$1
    shift
    printf 'postgresql.sh: %s\n' "$*" >&2
    exit "$status"
}

# The tables that each step of the schema brings; a unit test knows whether one is missing here.
TABLES="schema_migrations clients users sessions interactions codes grants consents signing_keys versions"
TABLES_OF_STEP_3="sign_in_attempts mails proofs totp_keys recovery_codes remembered_devices first_factors"
TABLES_OF_STEP_4="audit_events audit_checkpoints person_keys recourses account_freezes account_deletions passkeys
    spent_challenges"
TABLES_OF_STEP_5="profiles participations resources opaque_tokens memberships connectors linked_identities
    upstream_sessions"
TABLES_OF_STEP_6="profile_sources pending_identities"

# What libpq understands, from the setting of the server.
connection() {
    case ${MARTLET_DATABASE-} in
    postgresql://* | postgres://*) words=$MARTLET_DATABASE ;;
    postgresql:* | postgres:*) words=${MARTLET_DATABASE#*:} ;;
    '') fail 64 "MARTLET_DATABASE is missing" ;;
    sqlite:*) fail 64 "MARTLET_DATABASE names a SQLite database: use \`martlet backup FILE\`" ;;
    *) fail 64 "MARTLET_DATABASE names no PostgreSQL database" ;;
    esac
    # Everybody on this machine could read it in the list of processes.
    case $words in
    *password=* | *password\ * | *://*:*@*)
        fail 64 "MARTLET_DATABASE holds a password; move it to a password file: ~/.pgpass, mode 0600" ;;
    esac
}

# Reads a dump whole: its list, every block of its data, and whether the records were there.
check() {
    list=$(pg_restore --list "$1") || fail 1 "$2 is no dump that pg_restore can read; use another one"
    for table in $TABLES $(later_tables "$1"); do
        printf '%s\n' "$list" | grep -q " TABLE DATA [^ ]* $table " || fail 1 "$2 lacks table $table; use another one"
    done
    pg_restore --file=/dev/null "$1" || fail 1 "$2 cannot be read to its end; use another one"
    case $(phase martlet_move_source "$1"),$(phase martlet_move_target "$1") in
    moved,*) fail 1 "$2 is of a database whose records were moved to another one; use that one" ;;
    *,?*) fail 1 "$2 is of a database that \`martlet db move\` was still filling; use the one that it came from" ;;
    esac
}

# The tables that a dump has besides, by the last step of the schema in it.
later_tables() {
    number=$(pg_restore --data-only --table=schema_migrations --file=- "$1" |
        sed -n 's/^\([0-9][0-9]*\)\t.*/\1/p' | sort -n | tail -n 1)
    [ "${number:-0}" -lt 3 ] || echo "$TABLES_OF_STEP_3"
    [ "${number:-0}" -lt 4 ] || echo "$TABLES_OF_STEP_4"
    [ "${number:-0}" -lt 5 ] || echo "$TABLES_OF_STEP_5"
    [ "${number:-0}" -lt 6 ] || echo "$TABLES_OF_STEP_6"
}

# How far a move was, by its marks in a dump: the last column.
phase() {
    pg_restore --data-only --table="$1" --file=- "$2" | sed -n '/^COPY /,/^\\\./s/.*\t\([a-z]*\)$/\1/p'
}

# What a move that was under way has made goes: the target would not fit what a restore brings back.
LEAVE_MOVE="
    DO \$\$ DECLARE made regprocedure; list regclass; BEGIN
        FOR made IN SELECT oid FROM pg_proc WHERE proname LIKE 'martlet\\_move\\_%' LOOP
            EXECUTE format('DROP FUNCTION %s CASCADE', made);
        END LOOP;
        FOR list IN SELECT oid FROM pg_class WHERE relname LIKE 'martlet\\_move\\_%' AND relkind = 'r' LOOP
            EXECUTE format('DROP TABLE %s', list);
        END LOOP;
    END \$\$"

backup() {
    connection
    [ -n "$force" ] || [ ! -e "$file" ] || fail 1 "$file exists already; choose another name, or say --force"
    umask 077
    draft=
    trap 'rm -f "$draft"' EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    draft=$(mktemp "$file.XXXXXX.part") || fail 1 "nothing can be written beside $file; choose another place"
    pg_dump --format=custom --no-owner --no-privileges --lock-wait-timeout=60s --file="$draft" --dbname="$words" ||
        fail 1 "pg_dump failed; nothing was kept"
    check "$draft" "the new dump"
    sync "$draft"
    if [ -n "$force" ]; then
        mv -fT "$draft" "$file" || fail 1 "$file could not be named; nothing was kept"
    else
        # Unlike mv it replaces nothing that has come meanwhile.
        ln -T "$draft" "$file" || fail 1 "$file could not be named; nothing was kept"
    fi
    sync "$(dirname "$file")" || fail 1 "$file was written, and may be gone after a power failure; look at that disk"
    echo "Wrote $file: $(wc -c <"$file") bytes, read back whole."
}

restore() {
    connection
    check "$file" "$file"
    found=$(psql --no-psqlrc --quiet --no-align --tuples-only --dbname="$words" --command="
        SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'") ||
        fail 1 "the database cannot be asked"
    [ "$found" = 0 ] || fail 1 "the database is not empty; make a new one with createdb, and name it in MARTLET_DATABASE"
    pg_restore --exit-on-error --single-transaction --no-owner --no-privileges --dbname="$words" "$file" ||
        fail 1 "pg_restore failed; the database is still empty"
    psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname="$words" --command="$LEAVE_MOVE" ||
        fail 1 "what a move has made could not be removed; run \`martlet db move --abort\` on the restored database"
    psql --no-psqlrc --quiet --dbname="$words" --command="ANALYZE" || fail 1 "ANALYZE failed; run it by hand"
    echo "Restored $file. Now: martlet doctor, then start the servers."
}

what=${1-}
[ $# -eq 0 ] || shift
force=
if [ "$what" = backup ] && [ "${1-}" = --force ]; then
    force=1
    shift
fi
case $what in
--help | -h) usage; exit 0 ;;
backup | verify | restore) ;;
*) usage >&2; exit 64 ;;
esac
[ $# -eq 1 ] && [ -n "$1" ] || { usage >&2; exit 64; }
file=$1
case $what in
backup) backup ;;
verify)
    check "$file" "$file"
    echo "$file can be read whole, and every table is in it."
    ;;
restore) restore ;;
esac
