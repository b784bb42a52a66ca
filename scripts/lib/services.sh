# Helpers for scripts/services.d/*.sh. Sourced by scripts/services; bash, no package needed.

say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# Servers such as PostgreSQL refuse to run as root. Root runs them as `service_user`; everyone else as oneself.
# The lock (descriptor 9) is closed, or a server would hold it for as long as it lives.
as_service_user() {
  cd /
  if [ "$(id -u)" = 0 ]; then runuser -u "$service_user" -- "$@" 9>&-; else "$@" 9>&-; fi
}

# apt_install SERVICE VARIABLE PACKAGE…: from Debian's archive, when that is possible.
apt_install() {
  local service=$1 variable=$2
  shift 2
  local advice="set $variable to the URL of a server to use, or install the package: $*"
  [ "$(id -u)" = 0 ] || fail "$service: not installed, and only root can install it; $advice"
  command -v apt-get >/dev/null || fail "$service: not installed, and there is no apt-get here; $advice"
  say "$service: installing $* (apt-get)"
  export DEBIAN_FRONTEND=noninteractive
  local options=(-qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
  { apt-get "${options[@]}" update 9>&- && apt-get "${options[@]}" install -y --no-install-recommends "$@" 9>&-; } >&2 ||
    fail "$service: apt-get could not install it; $advice"
}

# A TCP port of 127.0.0.1 that nobody holds at this moment.
free_port() {
  node -e 'const s = require("node:net").createServer();
    s.listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); });'
}

random_secret() { head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'; }

# The folder under /var/tmp that belongs to the state folder $1 of this checkout and to no other.
fallback_home() { echo "/var/tmp/valence-$(printf %s "$1" | sha256sum | cut -c1-16)"; }

# private_home STATE: prints a folder that the service user can reach. That is STATE itself, or, when the checkout
# lies where only root may go, its fallback, which STATE/home then records.
private_home() {
  local state=$1 home
  if (as_service_user test -x "$state") 2>/dev/null; then
    rm -f "$state/home"
    echo "$state"
    return
  fi
  home=$(fallback_home "$state")
  # /var/tmp is everybody's: a folder that somebody else put there first is not used.
  mkdir -m 0711 "$home" 2>/dev/null || { [ -d "$home" ] && [ ! -L "$home" ] && [ -O "$home" ]; } ||
    fail "$home exists and belongs to somebody else"
  printf '%s\n' "$home" | tee "$state/home"
}

# Where private_home put it. A record that was copied along with the checkout names another one's folder: ignored.
recorded_home() {
  local state=$1
  if [ "$(cat "$state/home" 2>/dev/null)" = "$(fallback_home "$state")" ]; then cat "$state/home"; else echo "$state"; fi
}

# end_process PID: SIGTERM, and after 15 s SIGKILL.
end_process() {
  local pid=$1 tries=0
  kill "$pid" 2>/dev/null || return 0
  while kill -0 "$pid" 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 75 ] || kill -9 "$pid" 2>/dev/null
    sleep 0.2
  done
}

# await_server PID NAME: until NAME_running says so. 1 when the process ends first (the port may be somebody else's by
# now), or is ended after a minute.
await_server() {
  local pid=$1 name=$2 tries=0
  until "${name}_running"; do
    tries=$((tries + 1))
    kill -0 "$pid" 2>/dev/null || return 1
    if [ $tries -ge 300 ]; then
      kill "$pid"
      return 1
    fi
    sleep 0.2
  done
}

# password_server_up NAME: a server with a password and a port of its own, by NAME_install, NAME_pid and NAME_start.
password_server_up() {
  local name=$1 variable=${1}_variable pid
  "${name}_install"
  [ -s "$state/password" ] || (umask 077; random_secret >"$state/password")
  [ -s "$state/port" ] || free_port >"$state/port"
  # It runs but does not answer as it should: its settings are lost. What it has stored stays.
  if pid=$("${name}_pid"); then end_process "$pid"; fi
  "${name}_start" && return
  free_port >"$state/port"
  "${name}_start" || {
    tail -n 20 "$state/server.log" >&2
    fail "$name: does not start; set ${!variable} to the URL of a server to use"
  }
}
