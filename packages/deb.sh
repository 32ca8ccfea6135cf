#!/bin/sh
# A Debian package of the program that was built, put together by hand: what `make install` installs, with the pages
# compressed, a copyright file and a changelog as Debian wants them, and the libraries that the program needs, as
# dpkg-shlibdeps finds them.   VERSION=0.1.0 EPOCH=SECONDS packages/deb.sh BUILD FOLDER
set -eu
build=$1 folder=$2
for tool in dpkg-deb dpkg-shlibdeps strip; do
    command -v $tool > /dev/null || { echo "make deb: $tool is missing (tests/deps.sh --ship installs it)" >&2; exit 1; }
done
architecture=$(dpkg --print-architecture)
maintainer="${DEBFULLNAME:-The Consort authors} <${DEBEMAIL:-consort@packages.invalid}>"
root=$build/deb/root
rm -rf "$build/deb"
mkdir -p "$root/DEBIAN" "$build/deb/debian" "$folder"
${MAKE:-make} --no-print-directory -s -o all install-program B="$build" DESTDIR="$(realpath "$root")" PREFIX=/usr
doc=$root/usr/share/doc/consort

strip --remove-section=.comment --remove-section=.note "$root/usr/bin/consort"
mv "$root/usr/share/zsh/site-functions" "$root/usr/share/zsh/vendor-completions" # where Debian's zsh looks
gzip -9n "$root/usr/share/man/man1/consort.1"
rm "$doc/LICENSE"
gzip -9nc "$doc/CHANGELOG.md" > "$doc/NEWS.md.gz"
rm "$doc/CHANGELOG.md"
{
    echo "consort ($VERSION) unstable; urgency=medium"
    printf '\n  * What is new stands in /usr/share/doc/consort/NEWS.md.gz.\n\n'
    echo " -- $maintainer  $(LC_ALL=C date -u -d "@$EPOCH" +'%a, %d %b %Y %H:%M:%S +0000')"
} | gzip -9n > "$doc/changelog.gz"
paragraph() { sed -e 's/^[ *]*\/*//' -e 's/[ \/*]*$//' -e 's/^$/./' -e 's/^/ /'; }
{
    sed "s/VERSION/$VERSION/" packages/copyright
    echo "License: Expat"
    sed 1,4d LICENSE | paragraph
    echo
    echo "License: BSD-3-Clause"
    sed 1,2d reports/page/d3-license.txt | sed '$d' | paragraph
} > "$doc/copyright"

printf 'Source: consort\nMaintainer: %s\n\nPackage: consort\nArchitecture: any\n' "$maintainer" > "$build/deb/debian/control"
depends=$(cd "$build/deb" && dpkg-shlibdeps -O -eroot/usr/bin/consort 2> /dev/null | sed -n 's/^shlibs:Depends=//p')
[ -n "$depends" ] || { echo "make deb: dpkg-shlibdeps found no libraries" >&2; exit 1; }
find "$root" -type d -exec chmod 755 {} +
find "$root" -type f -not -path '*/bin/*' -exec chmod 644 {} +
(cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) > "$root/DEBIAN/md5sums"
cat > "$root/DEBIAN/control" << END
Package: consort
Version: $VERSION
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -ks --apparent-size --exclude=DEBIAN "$root" | cut -f1)
Depends: $depends
Suggests: python3
Section: science
Priority: optional
Description: tune, ensemble and ship small neural networks
 Consort turns a table or a set of small images and one YAML file into a small,
 calibrated, deployable ensemble of multilayer perceptrons. It tunes them in
 parallel, logs every trial to SQLite, combines the best, reports how good they
 are, and writes one model file and a C source file.
 .
 The same seed gives the same study for any number of workers, and a killed
 study continues where it was.
END
find "$root" -exec touch -h -d "@$EPOCH" {} +
SOURCE_DATE_EPOCH=$EPOCH dpkg-deb --root-owner-group -Zxz --build "$root" "$folder/consort_${VERSION}_$architecture.deb" > /dev/null
echo "$folder/consort_${VERSION}_$architecture.deb"
