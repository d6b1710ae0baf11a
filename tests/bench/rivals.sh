# SPDX-License-Identifier: MIT
#
#	sh tests/bench/rivals.sh DIR
#
# Installs what `make bench` compares with and is not here yet: Debian's mawk, gawk, miller and sqlite3 with apt-get (as
# root, or by sudo), and DuckDB's C library, as its npm package ships it, with npm under DIR.  bench.sh runs it when
# BENCH_INSTALL=yes.
set -eu

dir=${1:?name the directory for DuckDB}
missing=
for p in mawk gawk mlr:miller sqlite3; do
	command -v "${p%:*}" >/dev/null || missing="$missing ${p#*:}"
done
if [ -n "$missing" ]; then
	as_root=
	[ "$(id -u)" -eq 0 ] || as_root=sudo
	$as_root apt-get -qq update
	# shellcheck disable=SC2086	# a list of names
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing
fi
case $(uname -m) in
x86_64) arch=x64 ;;
aarch64) arch=arm64 ;;
*) echo "rivals.sh: DuckDB is not packaged for $(uname -m)" >&2; exit 1 ;;
esac
if [ ! -e "$dir/node_modules/@duckdb/node-bindings-linux-$arch/libduckdb.so" ]; then
	mkdir -p "$dir"
	npm install --silent --no-fund --no-audit --prefix "$dir" "@duckdb/node-bindings-linux-$arch"
fi
