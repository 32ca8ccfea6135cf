#!/bin/bash
# What is shipped: the archive of the sources, the Debian package, the static program, what the Containerfile says. They
# are built and used, without touching this system.   tests/ship_packages.sh CONSORT
# Takes minutes: the static program is compiled anew. SHIP_BUILD=FOLDER keeps it there for the next time.
. "${BASH_SOURCE%/*}/expect.sh"
export OPENBLAS_NUM_THREADS=1 SOURCE_DATE_EPOCH=1700000000
root=$(cd "$here/.." && pwd) built=$(dirname "$consort") dynamic=$consort
version=$(sed -n 's/^VERSION := //p' "$root/Makefile")
short="--trials 2 --set train.epochs=2 --set data.rows=400 --set data.test_rows=100 -j 1"
run_make() { # run_make NAME ARGUMENTS...
    n=$((n + 1))
    make -C "$root" --no-print-directory "${@:2}" > out 2> err || fail "$1: make ${*:2}"
}
missing() { # missing TOOL-OR-FILE...: says so, and fails where REQUIRE is set
    local tool lacks=""
    for tool; do command -v "$tool" > /dev/null || lacks="$lacks $tool"; done
    [ -n "$lacks" ] || return 1
    if [ -n "${REQUIRE:-}" ]; then fail "not here:$lacks"; else skip "$what: not here:$lacks (tests/deps.sh --ship)"; fi
}

# ---- the sources -------------------------------------------------------------------------------------

what=sources
run_make sources dist B="$work/one"
run_make again dist B="$work/two"
is "the same bytes twice" "$(sha256sum < "one/packages/consort-$version.tar.gz")" \
    "$(sha256sum < "two/packages/consort-$version.tar.gz")"
tar xzf "one/packages/consort-$version.tar.gz" || fail "unpacking the sources"
n=$((n + 1))
for file in Makefile configs/digits.yaml job/schema.c packages/deb.sh Containerfile LICENSE; do
    cmp -s "$root/$file" "consort-$version/$file" || fail "$file in the archive"
done
n=$((n + 1))
[ -x "consort-$version/tests/deps.sh" ] || fail "a script in the archive cannot run"

# ---- the Debian package ------------------------------------------------------------------------------

what="Debian package"
if ! missing dpkg-deb dpkg-shlibdeps; then
    run_make deb -o all deb B="$built"
    deb=$(echo "$built"/packages/consort_"${version}"_*.deb)
    first=$(sha256sum < "$deb")
    run_make again -o all deb B="$built"
    is "the same bytes twice" "$(sha256sum < "$deb")" "$first"
    dpkg-deb -x "$deb" system && dpkg-deb -e "$deb" control
    has depends control/control '^Depends: .*libc6 .*libsqlite3-0'
    has name control/control "^Version: $version$"
    for file in share/man/man1/consort.1.gz share/bash-completion/completions/consort share/consort/consort.schema.json \
        share/zsh/vendor-completions/_consort share/fish/vendor_completions.d/consort.fish share/consort/configs/digits.yaml \
        share/doc/consort/copyright share/doc/consort/changelog.gz; do
        n=$((n + 1))
        [ -s "system/usr/$file" ] || fail "usr/$file is not in the package"
    done
    n=$((n + 1))
    (cd system && md5sum --quiet -c ../control/md5sums) > out 2>&1 || fail "its sums"
    consort=$work/system/usr/bin/consort
    ok "demo from the package" run digits --dir from_deb $short
    is "the same model" "$(sha256sum < from_deb/ensemble.consort)" \
        "$("$dynamic" run digits --dir by_make $short > /dev/null 2>&1; sha256sum < by_make/ensemble.consort)"
    for shell in bash zsh fish; do
        command -v $shell > /dev/null || continue
        n=$((n + 1))
        "$dynamic" completion $shell > completion && $shell -n completion 2> err || fail "completion of $shell"
    done
    if ! missing lintian; then
        n=$((n + 1))
        lintian --fail-on error,warning "$deb" > out 2> /dev/null || fail "lintian"
    fi
    # Installed and purged for real where that hurts nobody: as root, in a machine that is thrown away.
    if [ "${SHIP_INSTALL:-}" != 1 ] || [ "$(id -u)" != 0 ] || dpkg -s consort > /dev/null 2>&1; then
        skip "dpkg -i and --purge: SHIP_INSTALL=1, as root, where no consort is installed"
    else
        n=$((n + 1))
        { dpkg -i "$deb" && /usr/bin/consort run digits --dir installed $short && MANPATH=/usr/share/man man -w consort \
            && dpkg --purge consort; } > out 2>&1 || fail "dpkg -i and --purge"
        is "left behind" "$(ls -d /usr/bin/consort /usr/share/consort /usr/share/doc/consort 2> /dev/null)" ""
    fi
    consort=$dynamic
fi

# ---- make install and uninstall ----------------------------------------------------------------------

run_make install -o all install B="$built" DESTDIR="$work/stage" PREFIX=/opt/consort
run_make uninstall uninstall B="$built" DESTDIR="$work/stage" PREFIX=/opt/consort
is "nothing is left" "$(find stage -type f -o -type l)" ""

# ---- the static program ------------------------------------------------------------------------------

what="static program"
keep=${SHIP_BUILD:-$work/build}
if ! libs=$(cd "$root" && packages/static_libs.sh cc "$work" 2> "$work/libs.err"); then
    if [ -n "${REQUIRE:-}" ]; then fail "$(cat libs.err)"; else skip "static program: $(cat libs.err)"; fi
elif run_make static static B="$keep" && [ -x "$keep/static/consort" ]; then
    static=$keep/static/consort
    n=$((n + 1))
    readelf -d "$static" 2> /dev/null | grep -q NEEDED && fail "it needs a library"
    # What the Containerfile's build does, and what its end says, in a folder instead of a container.
    file=$root/Containerfile
    is "the container's base" "$(sed -n 's/^FROM //p' "$file" | tr '\n' ' ')" "debian:stable-slim AS build scratch "
    sed -n 's/^RUN //p' "$file" | grep -v deps.sh | sed "s,/out,$work/jail,g; s,^make ,make B='$keep' ," > commands
    is "commands of the container" "$(wc -l < commands)" 2
    n=$((n + 1))
    (cd "$root" && MAKEFLAGS='' sh -e "$work/commands") > out 2> err || fail "the container's commands"
    is "licenses" "$(ls jail/usr/share/doc/consort/licenses | grep -cE '^lib(sqlite3|yaml|openblas|gomp|archive|c)\.txt$')" 6
    user=$(sed -n 's/^USER //p' "$file") entry=$(sed -n 's/^ENTRYPOINT \["\(.*\)"\]/\1/p' "$file")
    if [ "$(id -u)" != 0 ]; then
        skip "a root of its own: only root can chroot"
    else
        printf 'a,b,class\n' > jail/work/t.csv
        for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
            echo "$i,$((i % 3)),$([ $((i % 2)) = 0 ] && echo even || echo odd)"
        done >> jail/work/t.csv
        xz -k jail/work/t.csv
        cp "$root/configs/digits.yaml" jail/work/
        inside() { # as the container does: from /work, as its user
            chroot --userspec="$user" "$work/jail" "$entry" "$@"
        }
        n=$((n + 1))
        inside run /work/digits.yaml --dir /work/out $short > out 2> err || fail "a sweep with nothing around"
        "$dynamic" run "$root/configs/digits.yaml" --dir beside $short > /dev/null 2>&1
        is "the model, bit for bit" "$(sha256sum < jail/work/out/ensemble.consort)" "$(sha256sum < beside/ensemble.consort)"
        n=$((n + 1))
        inside data inspect /work/t.csv.xz > out 2> err || fail "packed data with nothing around"
        has "packed data" out '20 rows'
        inside schema > out 2> err
        "$dynamic" schema | cmp -s - out || fail "the schema"
        n=$((n + 1))
        inside predict /work/out/ensemble.consort /work/none.csv > out 2> err
        [ $? = 3 ] || fail "a file that is not there"
    fi
    echo "static: $(du -k "$static" | cut -f1) KiB"
fi
echo "packages: $n checks, $failed failed, $skipped skipped"
[ $failed = 0 ]
