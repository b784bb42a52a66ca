# Prometheus for the tests: scrapes what is written into targets/*.json (file_sd), every two seconds, and evaluates the
# shipped alert rules. Sourced by scripts/services. `.services/prometheus/` holds port, pid, prometheus.yml, targets/,
# data/ and the log.

prometheus_variable=TEST_PROMETHEUS_URL

prometheus_install() {
  command -v prometheus >/dev/null && command -v promtool >/dev/null && return
  # Debian's package would start a system-wide server. Who forbids that already has their own reasons: kept.
  local policy=/usr/sbin/policy-rc.d ours=
  if [ "$(id -u)" = 0 ] && [ ! -e $policy ]; then
    ours=1
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 0755 $policy
  fi
  local failed=
  (apt_install prometheus $prometheus_variable prometheus) || failed=1
  [ -z "$ours" ] || rm -f $policy
  [ -z "$failed" ] || exit 1
}

prometheus_url() { echo "http://127.0.0.1:$(<"$state/port")"; }

# The pid must be a prometheus that works on this very folder: a number alone may be anybody's by now.
prometheus_pid() {
  local pid
  pid=$(cat "$state/pid" 2>/dev/null) && [ -n "$pid" ] || return 1
  { tr "\0" "\n" <"/proc/$pid/cmdline"; } 2>/dev/null | grep -qxF -- "--storage.tsdb.path=$state/data" && echo "$pid"
}

prometheus_ready() {
  node -e 'fetch(process.argv[1] + "/-/ready").then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))' \
    "$(prometheus_url)"
}

prometheus_running() { [ -s "$state/port" ] && prometheus_pid >/dev/null && prometheus_ready; }

prometheus_configure() {
  mkdir -p "$state/targets"
  cat >"$state/prometheus.yml" <<SETTINGS
global: { scrape_interval: 2s, evaluation_interval: 2s }
rule_files: ["$root/deploy/prometheus/rules.yml"]
scrape_configs:
  - job_name: valence
    file_sd_configs: [{ files: ["$state/targets/*.json"], refresh_interval: 1s }]
SETTINGS
}

prometheus_start() {
  prometheus --config.file="$state/prometheus.yml" --storage.tsdb.path="$state/data" \
    --storage.tsdb.retention.time=1h --web.listen-address="127.0.0.1:$(<"$state/port")" \
    --web.enable-lifecycle --log.level=warn </dev/null >>"$state/server.log" 2>&1 9>&- &
  echo $! >"$state/pid"
  disown
  local tries=0
  until prometheus_ready; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] && prometheus_pid >/dev/null || return 1
    sleep 0.2
  done
}

prometheus_up() {
  prometheus_install
  prometheus_configure
  [ -s "$state/port" ] || free_port >"$state/port"
  if ! prometheus_start; then
    prometheus_down
    # Somebody else may hold the recorded port by now.
    free_port >"$state/port"
    prometheus_start || {
      tail -n 20 "$state/server.log" >&2
      fail "prometheus: does not start; set $prometheus_variable to the URL of a server to use"
    }
  fi
}

prometheus_down() {
  local pid tries=0
  pid=$(prometheus_pid) || return 0
  kill "$pid"
  while prometheus_pid >/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || { kill -9 "$pid"; break; }
    sleep 0.1
  done
}
