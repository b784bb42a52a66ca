# PostgreSQL (>= 15) for the tests: durable settings as in production, so that crash tests mean something.
# Sourced by scripts/services. `.services/postgres/` holds port, password (0600) and data/, log in data/server.log.

postgres_variable=TEST_POSTGRES_URL
postgres_version_min=15
service_user=postgres

# The programs of the newest installed server that is new enough; empty when there is none.
postgres_bin() {
  local folder version found
  for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -rn) "$(dirname "$(command -v initdb || echo /none/initdb)")"; do
    [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] && [ -x "$folder/psql" ] || continue
    found=$("$folder/postgres" --version)
    version=${found##*PostgreSQL) }
    if [ "${version%%.*}" -ge $postgres_version_min ] 2>/dev/null; then echo "$folder"; return; fi
  done
}

postgres_install() {
  [ -z "$(postgres_bin)" ] || return 0
  # Debian's package would create and start a system-wide cluster. A choice the machine's owner made is kept.
  local choice=/etc/postgresql-common/createcluster.conf
  if [ "$(id -u)" = 0 ] && [ ! -e $choice ]; then
    mkdir -p "$(dirname $choice)"
    echo 'create_main_cluster = false' >$choice
  fi
  apt_install postgres $postgres_variable postgresql
  [ -n "$(postgres_bin)" ] ||
    fail "postgres: the archive has none >= $postgres_version_min; set $postgres_variable to the URL of a server to use"
}

postgres_data() { echo "$(recorded_home "$state")/data"; }
postgres_url() { echo "postgres://valence:$(<"$state/password")@127.0.0.1:$(<"$state/port")/valence"; }

# postgres_query DATABASE SQL. The password goes by environment: command lines are public.
postgres_query() {
  PGPASSWORD=$(<"$state/password") "$(postgres_bin)/psql" -XAtq \
    -h 127.0.0.1 -p "$(<"$state/port")" -U valence -d "$1" -c "$2"
}

# A pid file alone proves nothing: it may be left over from a crash, name a process that has the number by now, or
# have been copied along with the checkout. The pid must be a server that works in this very folder.
postgres_pid() {
  local data pid
  data=$(postgres_data)
  pid=$(head -n 1 "$data/postmaster.pid" 2>/dev/null) || return 1
  [ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" = "$data" ] && echo "$pid"
}

# Running means: a connection with our password is served.
postgres_running() {
  [ -n "$(postgres_bin)" ] && [ -f "$state/password" ] && [ -f "$state/port" ] && postgres_pid >/dev/null &&
    postgres_query valence 'select 1' >/dev/null 2>&1
}

# Built aside and moved into place whole: an interrupted initdb leaves nothing that looks finished.
postgres_create() {
  local bin=$1 data=$2 new=$2.new
  rm -rf "$new"
  mkdir -m 0700 "$new"
  (umask 077; random_secret >"$state/password")
  (umask 077; cp "$state/password" "$new.secret")
  if [ "$(id -u)" = 0 ]; then chown "$service_user" "$new" "$new.secret"; fi
  (as_service_user "$bin/initdb" -D "$new" -U valence -A scram-sha-256 --pwfile="$new.secret" \
    -E UTF8 --no-locale >/dev/null) || fail "postgres: initdb failed"
  rm -f "$new.secret"
  cat >>"$new/postgresql.conf" <<'SETTINGS'
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = on
synchronous_commit = on
full_page_writes = on
max_connections = 200
shared_buffers = 256MB
log_min_messages = warning
SETTINGS
  mv "$new" "$data"
}

postgres_start() {
  local bin=$1 data=$2
  (as_service_user "$bin/pg_ctl" -D "$data" -l "$data/server.log" -w -t 60 -o "-p $(<"$state/port")" start \
    </dev/null >/dev/null 2>&1)
}

postgres_up() {
  postgres_install
  local bin data home
  bin=$(postgres_bin)
  # As root the state folder must be passable for the service user; the password in it stays 0600.
  chmod 0711 "$services" "$state"
  home=$(private_home "$state")
  data=$home/data
  if [ ! -d "$data" ]; then
    postgres_create "$bin" "$data"
  elif [ ! -f "$state/password" ]; then
    fail "postgres: $data exists but its password is gone; remove that folder (it holds test data only)"
  fi
  postgres_pid >/dev/null || rm -f "$data/postmaster.pid"
  [ -s "$state/port" ] || free_port >"$state/port"
  if ! postgres_pid >/dev/null && ! postgres_start "$bin" "$data"; then
    # Somebody else may hold the recorded port by now.
    free_port >"$state/port"
    postgres_start "$bin" "$data" || {
      tail -n 20 "$data/server.log" >&2
      fail "postgres: does not start; set $postgres_variable to the URL of a server to use"
    }
  fi
  postgres_prepare
}

# Waits for a server that is still recovering from a crash, then makes sure that our database is there.
postgres_prepare() {
  local tries=0
  until postgres_query postgres 'select 1' >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || fail "postgres: not ready after 60 s; see $(postgres_data)/server.log"
    sleep 0.2
  done
  if [ -z "$(postgres_query postgres "select 1 from pg_database where datname = 'valence'")" ]; then
    postgres_query postgres 'create database valence'
  fi
}

postgres_down() {
  (as_service_user "$(postgres_bin)/pg_ctl" -D "$(postgres_data)" -m fast -w -t 60 stop >/dev/null)
}
