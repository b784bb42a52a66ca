# NATS with JetStream (>= 2.9.4) for the tests. Sourced by scripts/services. `.services/nats/` holds port, password
# and server.conf (0600), the store in data/ and the log in server.log. It survives kill -9: `up` starts it on the
# same store. It does not survive a power cut: JetStream syncs its files every two minutes, as in production.

nats_variable=TEST_NATS_URL

nats_program() { command -v nats-server || { [ -x /usr/sbin/nats-server ] && echo /usr/sbin/nats-server; }; }

nats_install() {
  [ -z "$(nats_program)" ] || return 0
  # Debian's package would start a system-wide server on port 4222, now and at every boot. A choice that the machine's
  # owner made is kept; `systemctl unmask nats-server` undoes ours.
  local unit=/etc/systemd/system/nats-server.service
  if [ "$(id -u)" = 0 ] && [ ! -e $unit ] && [ ! -L $unit ]; then
    mkdir -p "$(dirname $unit)"
    ln -s /dev/null $unit
  fi
  apt_install nats $nats_variable nats-server
  [ -n "$(nats_program)" ] || fail "nats: no nats-server after the installation; set $nats_variable to the URL of a server"
}

nats_url() { echo "nats://valence:$(<"$state/password")@127.0.0.1:$(<"$state/port")"; }

# A pid file alone proves nothing (see postgres_pid): the pid must be a nats-server that works in this very folder.
nats_pid() {
  local pid
  pid=$(cat "$state/server.pid" 2>/dev/null) || return 1
  [ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" = "$state" ] &&
    [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = nats-server ] && echo "$pid"
}

# Running means: JetStream is there and a connection with our password is served.
nats_running() {
  [ -f "$state/password" ] && [ -s "$state/port" ] && nats_pid >/dev/null && nats_answers 2>/dev/null
}

nats_answers() (
  local info line
  exec 3<>"/dev/tcp/127.0.0.1/$(<"$state/port")" || exit 1
  IFS= read -r -t 2 -u 3 info || exit 1
  [[ $info == *'"jetstream":true'* ]] || exit 1
  printf 'CONNECT {"verbose":false,"pedantic":false,"user":"valence","pass":"%s"}\r\nPING\r\n' "$(<"$state/password")" >&3
  IFS= read -r -t 2 -u 3 line && [ "${line%$'\r'}" = PONG ]
)

# Paths are relative to the folder the server works in, so that a copied checkout never touches the original's store.
nats_configure() {
  (umask 077; cat >"$state/server.conf" <<SETTINGS
listen: "127.0.0.1:$(<"$state/port")"
authorization { user: valence, password: "$(<"$state/password")" }
jetstream { store_dir: "data", max_memory_store: 256MB, max_file_store: 8GB }
max_payload: 4MB
pid_file: "server.pid"
log_file: "server.log"
SETTINGS
  )
}

nats_start() {
  nats_configure
  rm -f "$state/server.pid"
  (cd "$state" && exec setsid "$(nats_program)" -c server.conf </dev/null >>"$state/server.log" 2>&1 9>&-) &
  await_server $! nats
}

nats_up() { password_server_up nats; }

nats_down() { end_process "$(nats_pid)"; }
