# RabbitMQ (>= 3.10) for the tests: a node of its own, see scripts/lib/rabbitmq-node.sh.
# Sourced by scripts/services. `.services/rabbitmq/` holds port, distribution-port, password (0600) and node/ with
# everything of the server, its log in node/server.log and node/log/.

rabbitmq_variable=TEST_AMQP_URL
rabbitmq_user=rabbitmq

rabbitmq_script=$here/lib/rabbitmq-node.sh
rabbitmq_home() { local service_user=$rabbitmq_user; echo "$(recorded_home "$state")/node"; }
rabbitmq_url() { echo "amqp://valence:$(<"$state/password")@127.0.0.1:$(<"$state/port")/"; }

# Debian's package starts a system-wide broker when it is installed, unless a policy forbids it. A policy that the
# machine's owner made is kept; ours is gone afterwards.
rabbitmq_install() {
  "$rabbitmq_script" --find >/dev/null && return
  local policy=/usr/sbin/policy-rc.d
  if [ "$(id -u)" = 0 ] && [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 0755 $policy
    # shellcheck disable=SC2064
    trap "rm -f $policy" EXIT
  fi
  apt_install rabbitmq $rabbitmq_variable rabbitmq-server
  "$rabbitmq_script" --find >/dev/null ||
    fail "rabbitmq: the archive has none that can be used; set $rabbitmq_variable to the URL of a server to use"
}

# As for PostgreSQL, a pid file alone proves nothing: the pid must be a server that works in this very folder.
rabbitmq_pid() {
  local home pid
  home=$(rabbitmq_home)
  pid=$(cat "$home/pid" 2>/dev/null) || return 1
  [ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" = "$home" ] && echo "$pid"
}

# Running means: it greets a client of AMQP 0-9-1 and lets our user in.
rabbitmq_running() {
  [ -f "$state/password" ] && [ -f "$state/port" ] && rabbitmq_pid >/dev/null && rabbitmq_lets_in
}

# The handshake of the protocol (AMQP 0-9-1, 2.2.4) up to connection.tune, which comes after the password was right.
rabbitmq_lets_in() {
  PASSWORD=$(<"$state/password") node -e '
    const method = (classId, methodId, body) => {
      const head = Buffer.alloc(11);
      head.writeUInt8(1);
      head.writeUInt32BE(body.length + 4, 3);
      head.writeUInt16BE(classId, 7);
      head.writeUInt16BE(methodId, 9);
      return Buffer.concat([head, body, Buffer.from([0xce])]);
    };
    const short = (text) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
    const long = (text) => { const size = Buffer.alloc(4); size.writeUInt32BE(text.length); return Buffer.concat([size, Buffer.from(text)]); };
    const socket = require("node:net").connect(+process.argv[1], "127.0.0.1");
    const no = () => process.exit(1);
    let got = Buffer.alloc(0), started = false;
    socket.setTimeout(2000, no).on("error", no).on("close", no);
    socket.write(Buffer.from("AMQP\0\0\x09\x01", "latin1"));
    socket.on("data", (bytes) => {
      got = Buffer.concat([got, bytes]);
      while (got.length >= 8 && got.length >= got.readUInt32BE(3) + 8) {
        const [classId, methodId] = [got.readUInt16BE(7), got.readUInt16BE(9)];
        got = got.subarray(got.readUInt32BE(3) + 8);
        if (classId === 10 && methodId === 30) process.exit(0);
        if (classId !== 10 || methodId !== 10 || started) no();
        started = true;
        socket.write(method(10, 11, Buffer.concat([Buffer.alloc(4), short("PLAIN"), long("\0valence\0" + process.env.PASSWORD), short("en_US")])));
      }
    });' "$(<"$state/port")"
}

# Starts the node in a session of its own, so that a signal for the script does not reach it.
rabbitmq_start() {
  local home=$1 service_user=$rabbitmq_user
  # shellcheck disable=SC2016
  as_service_user bash -c 'umask 077; setsid "$0" "$@" </dev/null >/dev/null 2>&1 & echo $! >"$1/pid"' \
    "$home.start" "$home" "$(<"$state/port")" "$(<"$state/distribution-port")"
}

# Up takes about 8 s, on a busy machine several times that. One that is gone before is not waited for.
rabbitmq_wait() {
  local until=$((SECONDS + 90))
  until rabbitmq_lets_in; do
    [ $SECONDS -lt $until ] && rabbitmq_pid >/dev/null || return 1
    sleep 0.2
  done
}

rabbitmq_up() {
  rabbitmq_install
  local home service_user=$rabbitmq_user
  chmod 0711 "$services" "$state"
  home=$(private_home "$state")/node
  if [ ! -f "$state/password" ]; then
    [ ! -d "$home" ] ||
      fail "rabbitmq: $home exists but its password is gone; remove that folder (it holds test data only)"
    (umask 077; random_secret >"$state/password")
  fi
  mkdir -p -m 0700 "$home"
  # The checkout may lie where the service user cannot read.
  cp "$rabbitmq_script" "$home.start"
  cp "$state/password" "$home/password"
  chmod 0755 "$home.start"
  if [ "$(id -u)" = 0 ]; then chown "$service_user" "$home" "$home/password"; fi
  [ -s "$state/port" ] || { free_port >"$state/port"; free_port >"$state/distribution-port"; }
  rabbitmq_pid >/dev/null || rabbitmq_start "$home"
  if ! rabbitmq_wait; then
    # Somebody else may hold one of the recorded ports by now.
    rabbitmq_stop
    free_port >"$state/port"
    free_port >"$state/distribution-port"
    rabbitmq_start "$home"
    rabbitmq_wait || {
      tail -n 20 "$home/server.log" >&2
      fail "rabbitmq: does not start; set $rabbitmq_variable to the URL of a server to use"
    }
  fi
}

# In order, within 30 s; else by force.
rabbitmq_stop() {
  local pid tries=0
  pid=$(rabbitmq_pid) || return 0
  kill -TERM "$pid"
  while [ "$(rabbitmq_pid)" = "$pid" ]; do
    tries=$((tries + 1))
    [ $tries -ne 300 ] || kill -KILL "$pid"
    [ $tries -lt 350 ] || fail "rabbitmq: $pid does not end"
    sleep 0.1
  done
}

rabbitmq_down() { rabbitmq_stop; }
