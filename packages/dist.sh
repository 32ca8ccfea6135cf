#!/bin/sh
# The sources as an archive, the same bytes every time.   packages/dist.sh FOLDER NAME EPOCH
set -eu
folder=$1 name=$2 epoch=$3
mkdir -p "$folder"
if git rev-parse --git-dir > /dev/null 2>&1; then list="git ls-files -z"
else list="find . -type f -not -path ./build/* -not -path ./runs/* -printf %P\\0"
fi
$list | LC_ALL=C sort -z | tar --null --no-recursion -T - --format=ustar --mtime=@"$epoch" --owner=0 --group=0 --numeric-owner \
    --mode=u=rwX,go=rX --transform "s,^,$name/," -cf - | gzip -9n > "$folder/$name.tar.gz"
echo "$folder/$name.tar.gz"
