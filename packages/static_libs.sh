#!/bin/sh
# What the static program is linked with, for `make static`; says what is missing.
#   packages/static_libs.sh "CC" FOLDER [openblas|reference]
#
# Archives of the system, in one group: they need each other. What libarchive's unused formats would want (libxml2, ICU)
# is not among them: these parts are thrown away before they are missed.
set -eu
cc=${1:-cc} folder=$2
libs="gfortran quadmath archive nettle acl lzma zstd lz4 bz2 z yaml sqlite3 png16 jpeg pcre2-8 jansson"
if [ "${3:-openblas}" = reference ]; then
    system=/usr/lib/$($cc -print-multiarch)
    libs="lapacke lapack blas $libs" folders="-L$system/lapack -L$system/blas"
else
    libs="lapacke openblas $libs" folders="-L$(pkg-config --variable=libdir openblas)"
fi
tls=
if grep -q libmicrohttpd Makefile; then
    libs="$libs microhttpd"
    tls=$folder/no_tls.o
fi
missing=
for name in $libs; do
    case $($cc -print-file-name=lib$name.a) in
    /*) continue ;;
    esac
    for place in $folders; do [ ! -e "${place#-L}/lib$name.a" ] || continue 2; done
    missing="$missing lib$name.a"
done
if [ -n "$missing" ]; then
    echo "make static: not here:$missing (tests/deps.sh --static installs them on Debian)" >&2
    exit 1
fi
# Of libmicrohttpd the part that speaks TLS wants GnuTLS, and that p11-kit, of which Debian has no archive. `serve` speaks
# none: where it would, these say no.
if [ -n "$tls" ]; then
    mkdir -p "$folder"
    nm -u "$($cc -print-file-name=libmicrohttpd.a)" 2> /dev/null | awk '$1 == "U" && $2 ~ /^gnutls_/ { print $2 }' | sort -u \
        | awk '{ print "int " $1 "(void);\nint " $1 "(void) { return " ($1 ~ /^gnutls_global_/ ? 0 : -1) "; }" }' \
        | $cc -x c -O2 -c -o "$tls" -
fi
printf '%s' "$tls -static -s -Wl,--gc-sections $folders -Wl,--start-group"
for name in $libs; do printf ' -l%s' $name; done
echo " -lm -lpthread -Wl,--end-group"
