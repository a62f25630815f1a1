#!/usr/bin/env bash
# cluster.sh PROGRAM BROKER_LIB DIRECTORY: Kafka, PostgreSQL, an SMSC with cards and three gateways on this machine's loopback, until
# Ctrl-C. `./dev cluster` calls it with the optimised program. What it starts ends with it, also when it is killed.
set -euo pipefail
[ $# -eq 3 ] || { echo "usage: cluster.sh PROGRAM BROKER_LIB DIRECTORY" >&2; exit 2; }
program=$(realpath "$1") broker_lib=$(realpath "$2")
profiles=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../config/profiles")
gateways=3 cards=1000

say() { printf '%s\n' "$*"; }
die() { printf 'cluster: %s\n' "$*" >&2; exit 1; }

# --- a directory of its own -----------------------------------------------------------------------------------------

# What an earlier cluster left there goes away; a directory that holds anything else is left alone.
mark=.otagw-cluster
mkdir -p "$3"
here=$(realpath "$3")
if [ ! -e "$here/$mark" ] && [ -n "$(ls -A "$here")" ]; then die "$here holds something that is not a cluster's; name another directory"; fi
touch "$here/$mark"
exec 9>"$here/$mark"
flock -n 9 || die "a cluster runs in $here already"
find "$here" -mindepth 1 -maxdepth 1 ! -name "$mark" -exec rm -rf {} +
cd "$here"

# --- processes ------------------------------------------------------------------------------------------------------

declare -A pid_of  # of those that run, by name; also in the files NAME.pid

# start NAME COMMAND..: in a session of its own, so that Ctrl-C reaches only this script, and it stops the others one by one.
start() {
    local name=$1
    shift
    setsid setpriv --pdeathsig KILL "$@" >>"$here/$name.log" 2>&1 9>&- </dev/null &
    pid_of[$name]=$!
    echo $! >"$here/$name.pid"
}

alive() { [ -n "${pid_of[$1]:-}" ] && kill -0 "${pid_of[$1]}" 2>/dev/null; }
fail_of() { tail -n 15 "$here/$1.log" >&2; die "$1 did not start; its last words stand above, all of them in $here/$1.log"; }

# stop NAME SIGNAL: waits up to 45 s, the grace period of a pod, then takes it down.
stop() {
    local name=$1 signal=$2 tries
    alive "$name" || return 0
    kill -"$signal" "${pid_of[$name]}" 2>/dev/null || true
    for ((tries = 0; tries < 450; ++tries)); do alive "$name" || return 0; sleep 0.1; done
    kill -KILL "${pid_of[$name]}" 2>/dev/null || true
}

# The gateways first, so that they can settle what is under way; all three at once.
stop_all() {
    trap '' INT TERM
    trap - EXIT
    local name
    for name in "${!pid_of[@]}"; do
        case $name in gateway-*) kill -TERM "${pid_of[$name]}" 2>/dev/null || true ;; esac
    done
    for name in "${!pid_of[@]}"; do case $name in gateway-*) stop "$name" TERM ;; esac; done
    for name in peers broker; do stop "$name" TERM; done
    stop database INT  # fast: sessions are thrown out
    wait 2>/dev/null || true
}
trap 'say; say "stopping"; stop_all; say "stopped; logs and data stay in $here until the next start"; exit 0' INT TERM
trap stop_all EXIT

# The first port from the given one on that nobody listens on, and that no other cluster of this user has: its processes may
# not listen yet, or be on their way from one run to the next. The locks go with this script and what it started.
locks=${TMPDIR:-/tmp}/otagw-cluster-ports-$(id -u)
mkdir -p -m 700 "$locks"
taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
free_port() {
    local -n into=$1
    local lock
    for ((into = $2; ; ++into)); do
        exec {lock}>"$locks/$into"
        if flock -n "$lock" && ! taken "$into"; then return; fi
        exec {lock}>&-
    done
}

free_port broker_port 9092
free_port controller_port 9192
free_port database_port 5432
free_port smsc_port 2775

# --- database -------------------------------------------------------------------------------------------------------

postgres_bin=$(ls -d "${OTAGW_POSTGRES_BIN:-/usr/lib/postgresql/*/bin}" 2>/dev/null || true)
[ -n "${OTAGW_POSTGRES_BIN:-}" ] || postgres_bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[ -x "$postgres_bin/initdb" ] || die "no initdb: install the package postgresql-15 (./dev deps), or set OTAGW_POSTGRES_BIN"
password_file=$here/database.password
(umask 077; head -c 18 /dev/urandom | base64 >"$password_file")
export PGPASSFILE=$here/database.pgpass
(umask 077; echo "127.0.0.1:$database_port:*:otagw:$(cat "$password_file")" >"$PGPASSFILE")

# The server refuses to run as root: then it is the user that its package made.
as=()
mkdir -p database
cp "$password_file" database/password
if [ "$(id -u)" -eq 0 ]; then
    user=postgres
    id -u $user >/dev/null 2>&1 || user=nobody
    chown -R "$user" database
    as=(--reuid "$(id -u $user)" --regid "$(id -g $user)" --clear-groups)
fi
setpriv "${as[@]}" --pdeathsig KILL "$postgres_bin/initdb" -D "$here/database/data" -U otagw -A scram-sha-256 --pwfile "$here/database/password" \
    -E UTF8 --locale=C --no-sync >initdb.log 2>&1 || { tail -5 initdb.log >&2; die "the database cannot be made in $here/database"; }
rm database/password
start database "${as[@]}" "$postgres_bin/postgres" -D "$here/database/data" -c listen_addresses=127.0.0.1 -c port="$database_port" \
    -c unix_socket_directories= -c max_connections=60

# --- broker ---------------------------------------------------------------------------------------------------------

mkdir -p broker
cat >broker/server.properties <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller_port
listeners=PLAINTEXT://127.0.0.1:$broker_port,CONTROLLER://127.0.0.1:$controller_port
advertised.listeners=PLAINTEXT://127.0.0.1:$broker_port
controller.listener.names=CONTROLLER
log.dirs=$here/broker/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
message.max.bytes=8388608
END
java=(java -Xmx384m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$broker_lib/*")
"${java[@]}" kafka.tools.StorageTool format -t 4L6g3nShT-eMCtK--X86sw -c broker/server.properties >broker.log 2>&1 9>&- || fail_of broker
start broker "${java[@]}" kafka.Kafka "$here/broker/server.properties"

# --- SMSC and cards -------------------------------------------------------------------------------------------------

cp -r "$profiles" profiles
start peers "$program" sandbox --peers-only --port "$smsc_port" --cards $cards --seed 7 --delay-max 200 \
    --profile-file "$here/profiles/usim-aes.yaml" --cards-file "$here/cards.csv" --journal "$here/cards.journal"

# --- gateways -------------------------------------------------------------------------------------------------------

(umask 077; head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >api.token)

for ((n = 1; n <= gateways; ++n)); do
    free_port http_port $((8080 + n))
    http_ports[n]=$http_port
    mkdir -p "gateway-$n"
    cat >"gateway-$n.yaml" <<END
data_directory: gateway-$n
key_encryption_key_file: $here/kek
store:
  kind: postgres
  connection: postgresql://otagw@127.0.0.1:$database_port/otagw
  password: \${file:$password_file}
queue:
  kind: kafka
  bootstrap_servers: 127.0.0.1:$broker_port
  instance_id: gateway-$n
http: {port: $http_port, tokens: [{name: cluster, role: keys, file: api.token}]}
routes:
  - {name: sandbox, host: 127.0.0.1, port: $smsc_port, system_id: otagw, binds: $gateways, reconnect: {min: 200ms, max: 2s}}
profile_files: [profiles/usim-aes.yaml]
END
done

otagw() { "$program" "$@"; }
# until SECONDS NAME COMMAND..: again and again until it goes well; fails when the process of that name has ended, or when time is up.
until_good() {
    local deadline=$((SECONDS + $1)) name=$2
    shift 2
    until "$@" >setup.log 2>&1; do
        alive "$name" || fail_of "$name"
        [ $SECONDS -lt $deadline ] || { cat setup.log >&2; die "$name does not answer"; }
        sleep 0.2
    done
}
"$program" keys generate "$here/kek" >setup.log || die "no key-encryption key could be made"
until_good 120 database "$postgres_bin/psql" -h 127.0.0.1 -p "$database_port" -U otagw -d postgres -c 'CREATE DATABASE otagw'
until_good 120 broker otagw topics create --config gateway-1.yaml --one-broker
until_good 120 peers test -s cards.csv
for step in "store migrate --config gateway-1.yaml" "cards import --config gateway-1.yaml cards.csv"; do
    # shellcheck disable=SC2086
    otagw $step >setup.log 2>&1 || { cat setup.log >&2; die "otagw $step failed"; }
done
start_gateway() { start "gateway-$1" "$program" run --config "$here/gateway-$1.yaml" --instance "$1"; }
for ((n = 1; n <= gateways; ++n)); do start_gateway "$n"; done
ready() { [[ $( { exec 3<>"/dev/tcp/127.0.0.1/$1" && printf 'GET /readyz HTTP/1.0\r\n\r\n' >&3 && cat <&3; } 2>/dev/null) == *'"ready":true'* ]]; }
for ((n = 1; n <= gateways; ++n)); do until_good 120 "gateway-$n" ready "${http_ports[n]}"; done

# --- what there is, and what to do with it --------------------------------------------------------------------------

row() { printf '  %-12s %-58s %s\n' "$1" "$2" "$3"; }
card=$(sed -n 2p cards.csv | cut -d, -f1)
say "The cluster runs in $here."
say
row broker "127.0.0.1:$broker_port" "pid ${pid_of[broker]}"
row database "postgresql://otagw@127.0.0.1:$database_port/otagw" "pid ${pid_of[database]}, password in $password_file"
row "SMSC, cards" "127.0.0.1:$smsc_port, $cards cards" "pid ${pid_of[peers]}, journal in cards.journal"
for ((n = 1; n <= gateways; ++n)); do
    row "gateway $n" "http://127.0.0.1:${http_ports[n]}/readyz and /metrics" "pid ${pid_of[gateway-$n]}, log in gateway-$n.log"
done
say
say "Console: http://127.0.0.1:${http_ports[1]}/console/#token=$(cat api.token)"
cat <<END

In another terminal:

  cd $here && export PATH=$(dirname "$program"):\$PATH PGPASSFILE=$PGPASSFILE
  otagw publish --config gateway-1.yaml --card $card --op replace --node ./SC/USIM/SPN --format chr --value "Example Mobile" --id spn-1
  otagw events show --config gateway-1.yaml spn-1
  otagw events tail --config gateway-1.yaml --topic status --follow
  otagw cards show --config gateway-1.yaml $card
  curl -H "Authorization: Bearer \$(cat api.token)" http://127.0.0.1:${http_ports[1]}/api/v1/cards/$card
  psql -h 127.0.0.1 -p $database_port -U otagw -c 'SET search_path TO otagw' -c 'SELECT * FROM readable_event'
  kill \$(cat gateway-3.pid)    # it finishes what is under way, ends, and is started again, as a pod is when a release comes
  kill -9 \$(cat gateway-2.pid) # the others go on. Have it back: otagw run --config gateway-2.yaml --instance 2
  otagw sandbox --judge cards.journal     # has any counter carried two packets?

The cards' ICCIDs are in cards.csv, with their keys. Ctrl-C stops everything.
END

# A gateway that ends in good order is started again; whoever ends otherwise is named, and the others go on.
while [ ${#pid_of[@]} -gt 0 ]; do
    code=0
    wait -n -p ended "${pid_of[@]}" || code=$?
    for name in "${!pid_of[@]}"; do [ "${pid_of[$name]}" != "$ended" ] || break; done
    unset "pid_of[$name]"
    if [[ $name == gateway-* && $code -eq 0 ]]; then
        start_gateway "${name#gateway-}"
        say "$name has stopped and is started again, as pid ${pid_of[$name]}"
    else
        say "$name has ended with $code; its last words are in $here/$name.log"
    fi
done 2>/dev/null  # the shell's own words about who was killed
