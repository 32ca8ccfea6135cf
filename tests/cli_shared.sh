#!/bin/bash
# libconsort as others get it: installed into a prefix, found by pkg-config, compiled as C99 and as C++, only its own
# symbols to be seen, versioned; the example runs.   tests/cli_shared.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
export OPENBLAS_NUM_THREADS=1
root=${here%/*} built=${consort%/*} prefix=$work/usr
library=$built/libconsort.so.0

n=$((n + 1))
[ -f "$library" ] || fail "there is no $library: make lib"
# What is seen from outside.
nm -D --defined-only "$library" | awk '$2 != "A" { print $3 }' > seen
grep -vE '^consort_[a-z_]+@@CONSORT_0\.1$' seen > others
is "nothing else" "$(cat others)" ""
declared=$(grep -oE '\bconsort_[a-z_]+\(' "$root/api/consort.h" | tr -d '(' | sort -u)
is "what the header has" "$(sed 's/@.*//' seen | sort)" "$declared"
is "its name" "$(objdump -p "$library" | awk '/SONAME/ { print $2 }')" libconsort.so.0

# As `make install` puts it.
n=$((n + 1))
make -s -C "$root" B="$(realpath --relative-to="$root" "$built")" PREFIX="$prefix" install-library > out 2> err || fail "install"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib
is "its version" "$(pkg-config --modversion consort)" "$("$consort" --version | grep -oE '[0-9]+\.[0-9]+\.[0-9]+')"
flags=$(pkg-config --cflags --libs consort)
sanitize=
nm -D "$library" | grep -q __asan_init && sanitize=-fsanitize=address,undefined
n=$((n + 1))
# shellcheck disable=SC2086
cc -std=c99 -Wall -Wextra -Wpedantic -Werror $sanitize "$root/examples/library.c" -o example $flags -lm > out 2> err \
    || fail "the example as C99"
n=$((n + 1))
timeout 1200 ./example study > out 2> err || fail "the example"
silent "nothing but its own words" err
is "events and rows" "$(grep -c '^{"event":"trial_' out) $(grep -cE '^a duck of 0\.[0-9]{2} is (fat|slim): [01]\.[0-9]{3}$' out)" "6 4"
is "the last" "$(tail -1 out)" "6 events"
# The program says the same of them.
printf 'size,shade\n0,0\n0.618034,0.414214\n' > two.csv
ok "predict" predict study/ensemble.consort two.csv
is "the same" "$(cut -d, -f1 out | tail -2 | tr '\n' ' ')" "slim fat "

if command -v c++ > /dev/null; then
    cat > main.cc <<'CC'
#include <consort.h>
#include <cstdio>
#include <cstring>
#include <thread>
#include <vector>
int main(int, char **argv)
{
    consort_error error;
    consort_model *model;
    consort_rows rows = CONSORT_INIT(consort_rows);
    if (consort_model_open(argv[1], &model, &error)) return std::puts(error.message), 1;
    rows.file = argv[2];
    std::vector<std::thread> threads;
    int wrong[8] = {};
    for (int t = 0; t < 8; t++)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 50; i++) {
                consort_predictions *p;
                if (consort_predict(model, &rows, nullptr, &p, nullptr)) wrong[t]++;
                else wrong[t] += std::strcmp(consort_model_class(model, consort_predictions_classes(p)[1]), "fat") != 0;
                consort_predictions_close(p);
            }
        });
    for (auto &thread : threads) thread.join();
    for (int n : wrong) if (n) return std::printf("%d wrong\n", n), 1;
    consort_model_close(model);
    std::puts(consort_version());
}
CC
    n=$((n + 1))
    # shellcheck disable=SC2086
    c++ -std=c++11 -Wall -Wextra -Wpedantic -Werror $sanitize main.cc -o main $flags -lpthread > out 2> err || fail "as C++"
    n=$((n + 1))
    timeout 1200 ./main study/ensemble.consort two.csv > out 2> err || fail "threads of C++"
else
    skip "no c++: the header as C++, and its threads"
fi
echo "shared: $n checks, $failed failed"
[ $failed = 0 ]
