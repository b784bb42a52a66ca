#!/usr/bin/env bash
# A private RabbitMQ node in the foreground: this process becomes the server.
#
#   scripts/lib/rabbitmq-node.sh HOME PORT DISTRIBUTION_PORT
#   scripts/lib/rabbitmq-node.sh --find             prints the server's program, exit 1 when there is none
#   scripts/lib/rabbitmq-node.sh --ctl HOME ARG…    rabbitmqctl for the node that runs in HOME
#
# HOME (absolute) holds everything of it: password, cookie, mnesia/, log/, and extra.conf with further settings. It listens on 127.0.0.1 only,
# knows the user `valence` with the password in HOME/password, and reads nothing under /etc/rabbitmq. The name server
# of Erlang (epmd) is not used, because it would be shared with every other node of the machine: the node announces
# itself on its own distribution port instead. Used by scripts/services.d/rabbitmq.sh and by tests with own servers.
set -euo pipefail

# Debian's wrapper in /usr/sbin insists on its own user and folders; the server behind it does not.
# RABBITMQ_SERVER names another one, a newer release for example.
find_server() {
  local program
  for program in "${RABBITMQ_SERVER:-}" /usr/lib/rabbitmq/bin/rabbitmq-server; do
    if [ -n "$program" ] && [ -x "$program" ]; then echo "$program"; return; fi
  done
  return 1
}

if [ "${1:-}" = --find ]; then find_server; exit; fi
# Not only for the node itself: once a minute RabbitMQ looks for epmd, and starts one by way of another `erl`.
export ERL_AFLAGS="-start_epmd false"
program=$(find_server)
if [ "${1:-}" = --ctl ]; then
  home=$2
  shift 2
  export HOME=$home RABBITMQ_CONF_ENV_FILE=$home/environment
  export RABBITMQ_CTL_ERL_ARGS="-erl_epmd_port $(<"$home/distribution-port") -dist_listen false"
  exec "$(dirname "$program")/rabbitmqctl" --longnames --node "$(<"$home/name")" "$@"
fi
home=$1 port=$2 distribution_port=$3

# The working directory tells whose server this is: see rabbitmq_pid.
cd "$home"
umask 077
[ -s .erlang.cookie ] || head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' >.erlang.cookie
chmod 0400 .erlang.cookie
# The data belongs to the node of this name: it stays, whatever becomes of the ports and of the folder.
[ -s name ] || echo "valence-$(head -c 6 /dev/urandom | od -An -tx1 | tr -d ' \n')@127.0.0.1" >name
echo '[].' >enabled_plugins
: >environment
cat >rabbitmq.conf <<SETTINGS
listeners.tcp.1 = 127.0.0.1:$port
default_user = valence
default_pass = $(<password)
raft.wal_max_size_bytes = 67108864
disk_free_limit.absolute = 50MB
log.file.level = warning
log.console = false
SETTINGS
[ ! -f extra.conf ] || cat extra.conf >>rabbitmq.conf
echo "$distribution_port" >distribution-port

name=$(<name)
export HOME=$home
export RABBITMQ_NODENAME=$name RABBITMQ_USE_LONGNAME=true RABBITMQ_DIST_PORT=$distribution_port
export RABBITMQ_CONF_ENV_FILE=$home/environment RABBITMQ_CONFIG_FILE=$home/rabbitmq.conf
export RABBITMQ_ADVANCED_CONFIG_FILE=$home/advanced.config RABBITMQ_ENABLED_PLUGINS_FILE=$home/enabled_plugins
export RABBITMQ_MNESIA_BASE=$home/mnesia RABBITMQ_MNESIA_DIR=$home/mnesia/node RABBITMQ_LOG_BASE=$home/log
export RABBITMQ_PID_FILE=$home/server.pid
# Or the start script would stay as the parent of the server, and a signal would meet the wrong one.
export detached=yes
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-name $name -erl_epmd_port $distribution_port \
  -kernel inet_dist_use_interface {127,0,0,1}"
exec "$program" >>"$home/server.log" 2>&1
