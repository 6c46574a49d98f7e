#!/bin/sh
# From a bare machine to flow log records.
#
#     ./quickstart.sh          installs what is missing, builds, shows the records of a real capture
#     ./quickstart.sh build    stops after building; the program is build/release/eniflow
#     ./quickstart.sh test     builds and runs every test
#
# Records and test results go to standard output, everything else to standard error. What is there already is not
# installed again, so a second run is quick and needs no network.
set -eu
cd "$(dirname "$0")"
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin	# nft and ip of a user who is not root

# What is needed, and the package that has it: need, apt-get, dnf, pacman, apk.
needs_to_build() {
	cat <<-'END'
	command:cc            gcc             gcc                 gcc            gcc
	file:stdio.h          libc6-dev       glibc-devel         glibc          musl-dev
	command:cmake         cmake           cmake               cmake          cmake
	command:ninja         ninja-build     ninja-build         ninja          samurai
	command:pkg-config    pkg-config      pkgconf-pkg-config  pkgconf        pkgconf
	library:libpcap       libpcap-dev     libpcap-devel       libpcap        libpcap-dev
	library:libmnl        libmnl-dev      libmnl-devel        libmnl         libmnl-dev
	library:inih          libinih-dev     inih-devel          libinih        inih-dev
	library:zlib          zlib1g-dev      zlib-devel          zlib           zlib-dev
	library:jansson       libjansson-dev  jansson-devel       jansson        jansson-dev
	library:libzstd       libzstd-dev     libzstd-devel       zstd           zstd-dev
	file:snappy-c.h       libsnappy-dev   snappy-devel        snappy         snappy-dev
	library:rdkafka       librdkafka-dev  librdkafka-devel    librdkafka     librdkafka-dev
	library:libcrypto     libssl-dev      openssl-devel       openssl        openssl-dev
	library:libsystemd    libsystemd-dev  systemd-devel       systemd        -
	library:libcap-ng     libcap-ng-dev   libcap-ng-devel     libcap-ng      libcap-ng-dev
	library:libseccomp    libseccomp-dev  libseccomp-devel    libseccomp     libseccomp-dev
	library:libmicrohttpd libmicrohttpd-dev libmicrohttpd-devel libmicrohttpd libmicrohttpd-dev
	command:clang         clang           clang               clang          clang
	command:bpftool       bpftool         bpftool             bpf            bpftool
	library:libbpf        libbpf-dev      libbpf-devel        libbpf         libbpf-dev
	END
}

needs_to_test() {
	cat <<-'END'
	library:cmocka        libcmocka-dev   libcmocka-devel     cmocka         cmocka-dev
	command:python3       python3         python3             python         python3
	command:tshark        tshark          wireshark-cli       wireshark-cli  tshark
	command:tcpdump       tcpdump         tcpdump             tcpdump        tcpdump
	command:ip            iproute2        iproute             iproute2       iproute2
	command:nft           nftables        nftables            nftables       nftables
	command:ping          iputils-ping    iputils             iputils        iputils-ping
	command:ethtool       ethtool         ethtool             ethtool        ethtool
	command:setpriv       util-linux      util-linux          util-linux     setpriv
	command:kcat          kcat            -                   -              kcat
	command:zstd          zstd            zstd                zstd           zstd
	command:chromium      chromium        -                   chromium       -
	command:node          nodejs          nodejs              nodejs         nodejs
	command:npm           npm             npm                 npm            npm
	command:aws           awscli          awscli2             aws-cli        aws-cli
	command:rclone        rclone          rclone              rclone         rclone
	command:s3cmd         s3cmd           s3cmd               s3cmd          s3cmd
	python:jsonschema     python3-jsonschema python3-jsonschema python-jsonschema py3-jsonschema
	END
}

say() {
	printf '%s\n' "quickstart: $*" >&2
}

fail() {
	say "$@"
	exit 1
}

is_there() {
	case $1 in
	command:*) command -v "${1#*:}" ;;
	library:*) pkg-config --exists "${1#*:}" ;;
	file:*) test -e "/usr/include/${1#*:}" ;;
	python:*) python3 -c "import ${1#*:}" || /usr/bin/python3 -c "import ${1#*:}" ;; # packages are for the system's own
	esac >/dev/null 2>&1
}

manager() {
	for tool in apt-get dnf pacman apk; do
		if command -v $tool >/dev/null; then
			echo $tool
			return
		fi
	done
}

# The packages, in the tongue of manager $1, of those needs on standard input that are not met. "-": there is none.
missing() {
	while read -r need apt dnf pacman apk; do
		is_there "$need" && continue
		case $1 in
		apt-get) echo "$apt" ;;
		dnf) echo "$dnf" ;;
		pacman) echo "$pacman" ;;
		apk) echo "$apk" ;;
		*) echo "${need#*:}" ;;
		esac
	done | sed '/^-$/d' | sort -u | tr '\n' ' '
}

# Does it as root, or says what root should type.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		say "$@"
		"$@" </dev/null >&2
	elif command -v sudo >/dev/null; then
		say sudo "$@"
		sudo "$@" </dev/null >&2
	else
		say "neither root nor sudo; as root, run: $*"
	fi
}

apt_install() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
}

apt_update() {
	as_root apt-get update -q
}

install_packages() {
	case $1 in
	apt-get)
		shift
		find /var/lib/apt/lists -name '*_Packages*' 2>/dev/null | grep -q . || apt_update
		apt_install "$@" || { apt_update && apt_install "$@"; }
		;;
	dnf)
		shift
		as_root dnf install -y --setopt=install_weak_deps=False "$@"
		;;
	pacman)
		shift
		as_root pacman -S --needed --noconfirm "$@" || as_root pacman -Sy --needed --noconfirm "$@"
		;;
	apk)
		shift
		as_root apk add --no-cache "$@"
		;;
	esac
}

# The functions named tell what is needed.
provide() {
	manager=$(manager)
	packages=$(for list in "$@"; do $list; done | missing "$manager")
	[ -n "$packages" ] || return 0
	[ -n "$manager" ] || fail "none of apt-get, dnf, pacman, apk is here: please install $packages"
	# shellcheck disable=SC2086 # words are wanted
	install_packages "$manager" $packages || fail "could not install $packages"
	packages=$(for list in "$@"; do $list; done | missing "$manager")
	[ -z "$packages" ] || fail "still missing: $packages"
}

# $1, if given, switches the tests on or off; without, a build folder keeps what it has.
build() {
	say "building build/release"
	cmake --preset release ${1:+"-DENIFLOW_TESTS=$1"} >&2
	cmake --build --preset release >&2
}

build_program() {
	provide needs_to_build
	if [ -e build/release/build.ninja ]; then
		build
	else
		build OFF
	fi
}

show() {
	say "build/release/eniflow read pcaps/web.pcap"
	build/release/eniflow read pcaps/web.pcap
	cat >&2 <<-'END'

	What to try next:
	    build/release/eniflow inspect pcaps/web.pcapng
	    build/release/eniflow read -c pcaps/nat-gateway.ini pcaps/nat-gateway.pcapng
	    build/release/eniflow read --format all --header YOUR.pcap
	    build/release/eniflow --help
	    ./quickstart.sh test
	END
}

case $#:${1-} in
0:)
	build_program
	show
	;;
1:build)
	build_program
	;;
1:test)
	provide needs_to_build needs_to_test
	build ON
	ctest --preset release -j "$(getconf _NPROCESSORS_ONLN)"
	;;
*)
	sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2
	exit 2
	;;
esac
