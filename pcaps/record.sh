#!/bin/bash
# Records this folder's captures of real traffic: record.sh [web] [nat-gateway] [nat-gateway-minutes] [transit-gateway]
#
# Everything happens between network namespaces that are made here and go away at the end; no packet leaves them. Needs
# root, iproute2, nftables, ping, python3, dumpcap and tcpdump. The web recording takes four minutes, for its windows, and that of minutes five.
set -euo pipefail
cd "$(dirname "$0")"

TAG=eniflow$$	# of our namespaces
WORK=$(mktemp -d)
SPACES=()
STARTED=()	# processes to stop before the namespaces go

clean_up() {
	stop_all
	for space in "${SPACES[@]}"; do
		ip netns del "$TAG-$space"
	done
	SPACES=()
	rm -rf "$WORK"
}
trap clean_up EXIT

stop_all() {
	((${#STARTED[@]})) || return 0
	kill "${STARTED[@]}" 2>/dev/null || true
	wait "${STARTED[@]}" 2>/dev/null || true
	STARTED=()
}

# in_space SPACE COMMAND...
in_space() {
	ip netns exec "$TAG-$1" "${@:2}"
}

# space NAME [SYSCTL=VALUE...]
space() {
	ip netns add "$TAG-$1"
	SPACES+=("$1")
	in_space "$1" ip link set lo up
	for setting in "${@:2}"; do
		in_space "$1" sysctl -q "$setting"
	done
}

# cable SPACE DEVICE MAC SPACE DEVICE MAC: a veth pair between two namespaces
cable() {
	ip link add "$2" netns "$TAG-$1" address "$3" type veth peer name "$5" netns "$TAG-$4" address "$6"
	in_space "$1" ip link set dev "$2" up
	in_space "$4" ip link set dev "$5" up
}

# address SPACE DEVICE ADDRESS/BITS...
address() {
	for one in "${@:3}"; do
		if [[ $one == *:* ]]; then
			in_space "$1" ip address add "$one" dev "$2" nodad
		else
			in_space "$1" ip address add "$one" dev "$2"
		fi
	done
}

# serve SPACE: web and name server of traffic.py; returns when it listens
serve() {
	ip netns exec "$TAG-$1" python3 traffic.py serve >"$WORK/ready" &
	STARTED+=($!)
	until [ -s "$WORK/ready" ]; do sleep 0.1; done
	rm "$WORK/ready"
}

# record SPACE FILE RECORDER...: returns when it records
record() {
	ip netns exec "$TAG-$1" "${@:3}" -w "$WORK/$2" 2>/dev/null &
	STARTED+=($!)
	until [ -s "$WORK/$2" ]; do sleep 0.1; done
}

# record_both SPACE NAME DEVICE: as NAME.pcap and as NAME.pcapng
record_both() {
	record "$1" "$2.pcap" tcpdump -q -U -i "$3"
	record "$1" "$2.pcapng" dumpcap -q -i "$3"
}

# Lets the last frames reach the files, and puts these here. The servers are stopped with the recorders.
finish() {
	sleep 2
	stop_all
	chmod 644 "$WORK"/*.pcap*
	cp "$WORK"/*.pcap* .
	rm "$WORK"/*.pcap*
	for space in "${SPACES[@]}"; do
		ip netns del "$TAG-$space"
	done
	SPACES=()
}

# Waits until second $1 of a minute: a recording that shall fall into certain windows begins there.
wait_for_second() {
	until [ "$(date +%-S)" = "$1" ]; do sleep 0.2; done
}

# A web server's interface over four windows: ping and ping6 (also in fragments), HTTP, DNS, a refused connection, a closed UDP
# port, the instance metadata service, a window of silence, a last request.
record_web() {
	local traffic=(in_space client python3 traffic.py)
	local calm=net.ipv6.conf.default.router_solicitations=0	# else there is no window of silence

	space client "$calm"
	space web "$calm"
	cable client eth0 02:00:0a:4d:00:02 web eth0 02:00:0a:4d:01:02
	address client eth0 10.77.0.2/16 2001:db8:77::2/48 169.254.169.254/16
	address web eth0 10.77.1.2/16 2001:db8:77:1::2/48
	in_space web ip route add 169.254.169.254 dev eth0
	serve web
	serve client
	wait_for_second 20
	record_both web web eth0

	in_space client ping -q -c 4 -i 0.5 10.77.1.2 >"$WORK/out"
	in_space client ping -q -c 3 -i 0.5 2001:db8:77:1::2 >"$WORK/out"
	in_space client ping -q -c 1 -s 4000 10.77.1.2 >"$WORK/out"
	in_space client ping -q -c 1 -s 4000 2001:db8:77:1::2 >"$WORK/out"
	"${traffic[@]}" ask 10.77.1.2 www.example.com
	"${traffic[@]}" fetch 10.77.1.2 5001 20000 43416
	"${traffic[@]}" fetch 10.77.1.2 80 512 43418
	"${traffic[@]}" knock 10.77.1.2 22
	in_space client ping -q -c 1 10.77.1.2 >"$WORK/out"
	in_space web python3 traffic.py fetch 169.254.169.254 80 64
	in_space client bash -c 'echo lost >/dev/udp/10.77.1.2/9'

	wait_for_second 10
	"${traffic[@]}" ask 2001:db8:77:1::2 www.example.com
	"${traffic[@]}" fetch 2001:db8:77:1::2 80 3000 43420
	wait_for_second 30
	"${traffic[@]}" fetch 10.77.1.2 80 100 43422

	sleep 60
	wait_for_second 15
	in_space client ping -q -c 2 10.77.1.2 >"$WORK/out"
	finish
}

# A NAT gateway with one interface, as a VPC has it. `vpc` is the network between: its ports have the names of the interfaces
# they lead to, and its routes are those of two subnets: from the instance to the gateway, from the gateway to the internet.
make_nat_gateway() {
	local quiet=net.ipv6.conf.all.disable_ipv6=1
	local router=(net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.default.send_redirects=0)

	space vpc "$quiet" "${router[@]}"
	space instance "$quiet"
	space natgw "$quiet" "${router[@]}"
	space internet "$quiet"
	cable vpc instance 02:00:0a:00:01:01 instance eth0 02:00:0a:00:01:05
	cable vpc natgw 02:00:0a:00:00:01 natgw eth0 02:00:0a:00:00:dc
	cable vpc internet 02:00:cb:00:71:01 internet eth0 02:00:cb:00:71:05
	address vpc instance 10.0.1.1/24
	address vpc natgw 10.0.0.1/24
	address vpc internet 203.0.113.1/24
	address instance eth0 10.0.1.5/24
	address natgw eth0 10.0.0.220/24
	address internet eth0 203.0.113.5/24
	in_space vpc ip rule add iif instance table 100
	in_space vpc ip route add default via 10.0.0.220 table 100
	in_space instance ip route add default via 10.0.1.1
	in_space natgw ip route add default via 10.0.0.1
	in_space internet ip route add default via 203.0.113.1
	in_space natgw nft -f - <<-'END'
	table ip nat {
		chain out {
			type nat hook postrouting priority srcnat;
			ip saddr 10.0.1.0/24 masquerade
		}
	}
	table ip watch {
		chain in {
			type filter hook prerouting priority filter
			log group 5
		}
		chain out {
			type filter hook postrouting priority filter
			log group 5
		}
	}
	END
	serve internet
	wait_for_second 5
}

record_nat_gateway() {
	make_nat_gateway
	record vpc nat-gateway.pcapng dumpcap -q -i natgw -i instance
	record vpc nat-gateway-natgw.pcap tcpdump -q -U -i natgw
	record vpc nat-gateway-instance.pcap tcpdump -q -U -i instance
	record_both vpc nat-gateway-internet internet
	record natgw nat-gateway-any.pcap tcpdump -q -U -i any
	record natgw nat-gateway-nflog.pcap tcpdump -q -U -i nflog:5

	in_space instance python3 traffic.py fetch 203.0.113.5 80 1000 39812
	finish
}

# The gateway pings a host for minutes; in the midst of them the instance fetches a page.
record_nat_gateway_minutes() {
	make_nat_gateway
	record vpc nat-gateway-minutes.pcap tcpdump -q -U -i natgw
	in_space natgw ping -q -c 40 -i 4 203.0.113.5 >"$WORK/out"
	in_space instance python3 traffic.py fetch 203.0.113.5 80 20000 39814
	in_space natgw ping -q -c 40 -i 4 203.0.113.5 >"$WORK/out"
	finish
}

# A transit gateway between two VPCs. `vpcs` is their network, with ports as above; subnet 2 of VPC B is a bridge. The gateway
# sends into VPC B by its interface in subnet 1; the server answers to the one in its own subnet, as across two zones.
record_transit_gateway() {
	local quiet=net.ipv6.conf.all.disable_ipv6=1
	local router=(net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.default.send_redirects=0
		net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0)

	space vpcs "$quiet" "${router[@]}"
	space client "$quiet"
	space tgw "$quiet" "${router[@]}"
	space server "$quiet"
	cable vpcs client 02:00:0a:14:21:01 client eth0 02:00:0a:14:21:a4
	cable vpcs tgw-vpc-a 02:00:0a:14:22:01 tgw vpc-a 02:00:0a:14:22:0a
	cable vpcs tgw-a 02:00:0a:28:01:01 tgw a 02:00:0a:28:01:af
	cable vpcs tgw-b 02:00:0a:28:02:02 tgw b 02:00:0a:28:02:1f
	cable vpcs server 02:00:0a:28:02:03 server eth0 02:00:0a:28:02:ec
	in_space vpcs ip link add subnet2 address 02:00:0a:28:02:01 type bridge
	in_space vpcs ip link set tgw-b master subnet2
	in_space vpcs ip link set server master subnet2
	in_space vpcs ip link set subnet2 up
	address vpcs client 10.20.33.1/24
	address vpcs tgw-vpc-a 10.20.34.1/24
	address vpcs tgw-a 10.40.1.1/24
	address vpcs subnet2 10.40.2.1/24
	address client eth0 10.20.33.164/24
	address tgw vpc-a 10.20.34.10/24
	address tgw a 10.40.1.175/24
	address tgw b 10.40.2.31/24
	address server eth0 10.40.2.236/24
	in_space vpcs ip rule add iif client table 100
	in_space vpcs ip route add default via 10.20.34.10 table 100
	in_space client ip route add default via 10.20.33.1
	in_space tgw ip route add 10.20.33.0/24 via 10.20.34.1
	in_space tgw ip route add 10.40.2.236 via 10.40.1.1
	in_space server ip route add 10.20.0.0/16 via 10.40.2.31
	serve server
	wait_for_second 5
	record vpcs transit-gateway.pcapng dumpcap -q -i tgw-a -i tgw-b -i server
	record vpcs transit-gateway-vpc-a.pcapng dumpcap -q -i client -i tgw-vpc-a
	for device in tgw-a tgw-b server; do
		record vpcs "transit-gateway-$device.pcap" tcpdump -q -U -i "$device"
	done

	in_space client python3 traffic.py fetch 10.40.2.236 80 1000 39812
	finish
}

(($#)) || set -- web nat-gateway nat-gateway-minutes transit-gateway
for scenario in "$@"; do
	record_"${scenario//-/_}"
done
