#!/bin/sh
# What the static program consists of, and under which terms: the copyright files of the Debian packages whose archives
# it is linked with. Where the system is not Debian's, nothing.   packages/licenses.sh FOLDER LINK-OPTIONS
set -eu
folder=$1 flags=$2
command -v dpkg > /dev/null || exit 0
mkdir -p "$folder"
folders=$(echo "$flags" | tr ' ' '\n' | sed -n 's/^-L//p')
for option in $flags -lgomp -lc; do
    case $option in -lm | -lpthread) continue ;; -l*) name=lib${option#-l}.a ;; *) continue ;; esac
    file=$(${CC:-cc} -print-file-name="$name")
    for place in $folders; do [ ! -e "$place/$name" ] || file=$place/$name; done
    package=$(dpkg -S "$file" "$(realpath "$file")" 2> /dev/null | head -1 | sed 's/[:,].*//')
    [ -z "$package" ] || [ ! -e "/usr/share/doc/$package/copyright" ] \
        || cp "/usr/share/doc/$package/copyright" "$folder/${name%.a}.txt"
done
