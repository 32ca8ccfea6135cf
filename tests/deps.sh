#!/bin/sh
# Installs what building, testing and the report need, where apt-get is there; says what to install
# elsewhere. Does nothing, and asks for nothing, when everything is there already.
#   tests/deps.sh [--fuzz|--ship|--static]
#                                     --fuzz: also what `make fuzz` needs, clang with its sanitizers, libFuzzer and
#                                     OpenMP; --ship: also what the tests of what is shipped would skip without;
#                                     --static: also what `make static` links with
set -eu
packages="gcc libc6-dev make pkg-config libyaml-dev libsqlite3-dev libopenblas-dev liblapacke-dev
          libjansson-dev libpcre2-dev zlib1g-dev libarchive-dev libpng-dev libjpeg-dev libmicrohttpd-dev
          libjs-d3 libcmocka-dev python3 sqlite3 procps"

# Emulated boards (tests/ship_boards.sh).
ship="gcc-arm-none-eabi libnewlib-arm-none-eabi gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf qemu-system-arm
      qemu-system-misc clang g++ gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user"
# The static program (packages/static_libs.sh), and the packages (tests/ship_packages.sh).
static="gfortran nettle-dev libacl1-dev liblzma-dev libzstd-dev liblz4-dev libbz2-dev"
ship="$ship $static lintian dpkg-dev binutils xz-utils zsh fish"
# WebAssembly and its page (tests/ship_wasm.sh).
ship="$ship clang lld wasi-libc nodejs chromium"
# Python packages (tests/venv.sh).
ship="$ship python3-venv python3-pip"
# The Python package (tests/ship_python.sh).
ship="$ship libblas-dev liblapack-dev binutils"
# A cluster on the loopback (tests/ship_slurm.sh); Slurm opens libpmix.so, which is in libpmix-dev.
ship="$ship slurmctld slurmd slurm-client munge libpmix-dev"
# Both kinds of MPI, side by side (tests/ship_mpi.sh), and two hosts with a wire between them (tests/ship_cluster.sh).
ship="$ship openmpi-bin mpich iproute2 jq"
fuzz='' shipping=''
case ${1-} in
--fuzz) fuzz=1 packages="$packages clang libclang-rt-dev libomp-dev" ;;
--ship) shipping=1 packages="$packages $ship" ;;
--static) shipping=1 ship=$static packages="$packages $static" ;;
esac

# Does clang find its own libraries?
can_fuzz() {
    echo 'int LLVMFuzzerTestOneInput(const unsigned char *b, unsigned long n) { return b && n > 9; }' \
        | "${FUZZ_CC:-clang}" -fopenmp -fsanitize=fuzzer,address,undefined -x c - -o /dev/null 2>/dev/null
}
complete() {
    { [ -z "$fuzz" ] || can_fuzz; } || return 1
    # shellcheck disable=SC2086
    { [ -z "$shipping" ] || dpkg -s $ship >/dev/null 2>&1; } || return 1
    for program in cc pkg-config python3 sqlite3 pgrep; do command -v $program >/dev/null || return 1; done
    pkg-config --exists yaml-0.1 sqlite3 openblas lapacke jansson libpcre2-8 zlib libarchive libpng libjpeg libmicrohttpd cmocka \
        && [ -e /usr/share/javascript/d3/d3.min.js ]
}
complete && exit 0
if ! command -v apt-get >/dev/null; then
    echo "consort needs a C11 compiler with OpenMP, pkg-config and these libraries with their headers:" >&2
    echo "libyaml, SQLite 3.37+, OpenBLAS, LAPACKE, jansson, PCRE2, zlib, libarchive, libpng, libjpeg, libmicrohttpd, D3 3.5 (d3.min.js); for the tests also cmocka," >&2
    echo "python3 and the commands sqlite3 and pgrep." >&2
    echo "Install them with your package manager, then run make again." >&2
    exit 1
fi
sudo=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "as root: apt-get install" $packages >&2; exit 1; }
    sudo=sudo
fi
echo "installing what is missing:" $packages
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
$sudo apt-get install -y --no-install-recommends $packages >/dev/null 2>&1 || {
    $sudo apt-get update && $sudo apt-get install -y --no-install-recommends $packages
}
complete || { echo "something is still missing after apt-get install; see above" >&2; exit 1; }
