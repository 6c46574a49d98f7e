#!/bin/sh
# What this host's firewall accepts and rejects, told to NFLOG group 7: nflog.nft for those who use iptables.
#
#     sh nflog-iptables.sh            adds the rules
#     sh nflog-iptables.sh remove     takes them away
#
# Then: eniflow capture --backend nflog eth0
#
# The table "security" comes behind "filter", so what comes there has been accepted. What is refused never comes so
# far: your own rules send it to the chain that this script makes in "filter", which logs and drops it,
#
#     iptables -A INPUT -p tcp --dport 23 -j LOG_REJECT
#
# and as the last rule, where the policy is DROP:
#
#     iptables -A INPUT -j LOG_REJECT
set -eu

log() {
	echo "-j NFLOG --nflog-group 7 --nflog-size 128 --nflog-prefix $1"
}

# shellcheck disable=SC2046 # words are wanted
add() {
	for chain in INPUT FORWARD OUTPUT; do
		"$1" -w -t security -C $chain $(log ACCEPT) 2>/dev/null || "$1" -w -t security -A $chain $(log ACCEPT)
	done
	"$1" -w -N LOG_REJECT 2>/dev/null || "$1" -w -F LOG_REJECT
	"$1" -w -A LOG_REJECT $(log REJECT)
	"$1" -w -A LOG_REJECT -j DROP
}

# shellcheck disable=SC2046 # words are wanted
remove() {
	for chain in INPUT FORWARD OUTPUT; do
		"$1" -w -t security -D $chain $(log ACCEPT)
	done
	"$1" -w -F LOG_REJECT
	"$1" -w -X LOG_REJECT # not while a rule of yours goes there
}

case ${1-add} in
add | remove) ;;
*)
	echo "usage: nflog-iptables.sh [add|remove]" >&2
	exit 2
	;;
esac
for tool in iptables ip6tables; do
	"${1-add}" "$tool"
done
