#!/bin/sh
# What the static program is linked with, for `make static`; says what is missing.
#   packages/static_libs.sh "CC" [openblas|reference]
#
# Archives of the system, in one group: they need each other. What libarchive's unused formats would want (libxml2, ICU)
# is not among them: these parts are thrown away before they are missed.
set -eu
cc=${1:-cc}
libs="gfortran quadmath archive nettle acl lzma zstd lz4 bz2 z yaml sqlite3 png16 jpeg pcre2-8 jansson"
if [ "${2:-openblas}" = reference ]; then
    place=/usr/lib/$($cc -print-multiarch)
    libs="lapacke lapack blas $libs" folders="-L$place/lapack -L$place/blas"
else
    libs="lapacke openblas $libs" folders="-L$(pkg-config --variable=libdir openblas)"
fi
for name in microhttpd; do # where the program has it
    ! grep -q lib$name Makefile || libs="$libs $name"
done
missing=
for name in $libs; do
    case $($cc -print-file-name=lib$name.a) in
    /*) continue ;;
    esac
    for folder in $folders; do [ ! -e "${folder#-L}/lib$name.a" ] || continue 2; done
    missing="$missing lib$name.a"
done
if [ -n "$missing" ]; then
    echo "make static: not here:$missing (tests/deps.sh --static installs them on Debian)" >&2
    exit 1
fi
printf '%s' "-static -s -Wl,--gc-sections $folders -Wl,--start-group"
for name in $libs; do printf ' -l%s' $name; done
echo " -lm -lpthread -Wl,--end-group"
