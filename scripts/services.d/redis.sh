# Redis (>= 6.2) for the benchmark's BullMQ, and for nothing else: brought up only by its name. Durable as the others
# that are compared: every write is on disk before it is answered. Sourced by scripts/services. `.services/redis/` holds
# port, password and server.conf (0600), the append-only file in data/ and the log in server.log.

redis_variable=TEST_REDIS_URL
redis_by_name=1

# Debian's package would start a system-wide server. Who forbids that already has their own reasons: kept.
redis_install() {
  command -v redis-server >/dev/null && return
  local policy=/usr/sbin/policy-rc.d
  if [ "$(id -u)" = 0 ] && [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 0755 $policy
    # shellcheck disable=SC2064
    trap "rm -f $policy" EXIT
  fi
  apt_install redis $redis_variable redis-server
  command -v redis-server >/dev/null ||
    fail "redis: no redis-server after the installation; set $redis_variable to the URL of a server"
}

redis_url() { echo "redis://:$(<"$state/password")@127.0.0.1:$(<"$state/port")/0"; }

# A pid file alone proves nothing (see postgres_pid): the pid must be a redis-server that works in this very folder.
redis_pid() {
  local pid
  pid=$(cat "$state/server.pid" 2>/dev/null) || return 1
  [ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" = "$state" ] &&
    [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = redis-server ] && echo "$pid"
}

# Running means: our password is taken, and the append-only file has been read.
redis_running() {
  [ -f "$state/password" ] && [ -s "$state/port" ] && redis_pid >/dev/null && redis_answers 2>/dev/null
}

redis_answers() (
  local line
  exec 3<>"/dev/tcp/127.0.0.1/$(<"$state/port")" || exit 1
  printf 'AUTH %s\r\nPING\r\n' "$(<"$state/password")" >&3
  IFS= read -r -t 2 -u 3 line && [ "${line%$'\r'}" = +OK ] || exit 1
  IFS= read -r -t 2 -u 3 line && [ "${line%$'\r'}" = +PONG ]
)

# Paths are relative to the folder the server works in, so that a copied checkout never touches the original's data.
# noeviction: BullMQ's documentation asks for it. Snapshots are off: the append-only file holds everything.
redis_configure() {
  (umask 077; cat >"$state/server.conf" <<SETTINGS
bind 127.0.0.1
port $(<"$state/port")
requirepass $(<"$state/password")
dir .
appendonly yes
appendfsync always
appenddirname data
save ""
maxmemory-policy noeviction
pidfile server.pid
logfile server.log
SETTINGS
  )
}

redis_start() {
  redis_configure
  rm -f "$state/server.pid"
  (cd "$state" && exec setsid redis-server server.conf </dev/null >>"$state/server.log" 2>&1 9>&-) &
  await_server $! redis
}

redis_up() { password_server_up redis; }

redis_down() { end_process "$(redis_pid)"; }
