# Consort. `make demo` and `make test` are all a newcomer needs; both install what is missing.
#   all  lib  wheel  deps  test  busy  check  fuzz  demo  docs-shots  bench  bench-accuracy  bench-arena  format  install  uninstall  clean
#   dist  deb  static  static-dist  packages: packages/packages.mk
B       ?= build
PREFIX  ?= /usr/local
VERSION := 0.1.0
# Each before those that may include it.
ROOMS   := $(shell sed -n 's/^room \([a-z_/]*\).*/\1/p' tests/rooms.txt)
JOBS    ?= $(shell nproc 2>/dev/null || echo 2)
# openblas, or reference: Netlib's own, linked statically, for what is to be small (the Python wheel).
BLAS    ?= openblas
PKGS    := yaml-0.1 sqlite3 $(if $(filter openblas,$(BLAS)),openblas lapacke) jansson libpcre2-8 zlib libarchive libpng libjpeg libmicrohttpd
MULTIARCH = /usr/lib/$(shell $(CC) -print-multiarch)
REFERENCE = $(addprefix $(MULTIARCH)/,liblapacke.a lapack/liblapack.a blas/libblas.a)
# Required flags stay out of CFLAGS: a CFLAGS=... on the command line replaces every += here.
CFLAGS  ?= -O2 -g
STD     := -std=c11 -fno-math-errno -D_XOPEN_SOURCE=700 -DCONSORT_VERSION='"$(VERSION)"' -fopenmp -I. -MMD -MP
# `make MPI=1`: the library that mpicc (or MPICC) finds is linked; else it is loaded where a job has ranks (cluster/mpi.h).
MPICC   ?= mpicc
ifneq ($(MPI),)
MPI_SAID := $(shell $(MPICC) -show)
MPI_LIBS := $(filter -L% -l% -Wl%,$(MPI_SAID))
endif
WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
# Whatever is compiled may become a part of the shared library, whose only symbols are those of api/consort.h.
SHARED   := -fPIC -fvisibility=hidden
CMD      = $(CC) $(STD) $(WARN) $(shell pkg-config --cflags $(PKGS)) $(CPPFLAGS) $(CFLAGS) $(SHARED)
LIBS     = $(if $(filter reference,$(BLAS)),$(REFERENCE)) $(shell pkg-config --libs $(PKGS)) $(MPI_LIBS) -lm -lpthread

# `make V=1` shows whole commands.
SAY       = $(if $(V),,@echo "  $@";)

objects   = $(patsubst %,$(B)/%.o,$(basename $(wildcard $(1)/*.c $(1)/*.S)))
# A room and those before it, in the order the linker wants: last first.
upto      = $(if $(2),$(if $(filter $(1),$(firstword $(2))),,$(call upto,$(1),$(wordlist 2,99,$(2)))) $(firstword $(2)))
archives  = $(patsubst %,$(B)/%.a,$(call upto,$(1),$(ROOMS)))
# tests/test_ROOM_topic: the room by the last part of its path.
room_of   = $(filter %/$(word 2,$(subst _, ,$(notdir $(1)))),$(addprefix ./,$(ROOMS)))
tested    = $(call archives,$(patsubst ./%,%,$(call room_of,$(1))))
TESTS    := $(patsubst %.c,$(B)/%,$(wildcard tests/test_*.c))
BENCHES  := $(patsubst %.c,$(B)/%,$(wildcard bench/*.c))
EXAMPLES := $(patsubst %.c,$(B)/%,$(wildcard examples/*.c))
# A target for each reader of bytes, replayed on its corpus here, fuzzed by `make fuzz` (tests/fuzz/fuzz.h).
FUZZERS  := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(filter-out tests/fuzz/replay.c,$(wildcard tests/fuzz/*.c)))
FUZZER    = $(B)/tests/fuzz/replay.o
replayer  = $(filter %.o,$(FUZZER))

all: $(B)/consort
$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(SAY) $(CMD) -c $< -o $@
$(B)/%.o: %.S
	@mkdir -p $(@D)
	$(SAY) $(CMD) -c $< -o $@
$(B)/consort: $(B)/app/main.o $(call archives,app/verbs)
	$(SAY) $(CMD) -o $@ $^ $(LIBS)
$(B)/reports/embed.o: $(wildcard reports/page/*)
$(B)/export/browser.o: $(wildcard export/browser/*)
ifeq ($(BLAS),reference)
$(B)/base/mat.o $(B)/app/limits.o: CPPFLAGS += -DCONSORT_REFERENCE_BLAS
endif
# What was kept of a table is read again when the code that reads it is another.
READERS   = $(wildcard base/*.[ch] pictures/*.[ch] data/*.[ch])
$(B)/cache/tables.o: $(READERS)
$(B)/cache/tables.o: CPPFLAGS += -DCONSORT_READERS='"$(shell cat $(READERS) | cksum | tr ' ' -)"'
ifneq ($(MPI),)
$(B)/cluster/mpi.o: CPPFLAGS += -DCONSORT_WITH_MPI $(filter -I%,$(MPI_SAID))
endif
$(B)/job/builtin_text.o: $(wildcard configs/*)
$(B)/plan/runtime/text.o: $(wildcard plan/runtime/*.h)

.SECONDEXPANSION:
$(ROOMS:%=$(B)/%.a): $(B)/%.a: $$(filter-out $(B)/app/main.o,$$(call objects,$$*))
	@rm -f $@
	@ar rcs $@ $^
# tests/test_ROOM_topic.c links with that room and those before it, nothing else.
$(B)/tests/%: tests/%.c $$(call tested,$$*)
	@mkdir -p $(@D)
	$(SAY) $(CMD) -o $@ $< $(filter %.a,$^) $(LIBS) -lcmocka
# Programs with these sources: all but the command line.
$(B)/examples/%: examples/%.c $(call archives,api)
	@mkdir -p $(@D)
	$(SAY) $(CMD) -Iapi -o $@ $< $(filter %.a,$^) $(LIBS)
# libconsort: the public functions of api/, and what they need of the rooms below.
SONAME   := libconsort.so.0
lib: $(B)/$(SONAME)
$(B)/$(SONAME): api/consort.map $(call objects,api) $(call archives,job)
	$(SAY) $(CMD) -shared -Wl,-soname,$(SONAME) -Wl,--version-script=api/consort.map -Wl,--no-undefined -Wl,--as-needed -Wl,-z,relro,-z,now \
	    -o $@ $(filter %.o %.a,$^) $(LIBS)
# Targets are linked with all of the program, and with replay.o or (FUZZER=-fsanitize=fuzzer) libFuzzer.
$(B)/fuzz/%: tests/fuzz/%.c $(call archives,app/verbs) $$(replayer)
	@mkdir -p $(@D)
	$(SAY) $(CMD) -o $@ $< $(FUZZER) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LIBS)
$(B)/bench/%: bench/%.c $(call archives,export)
	@mkdir -p $(@D)
	$(SAY) $(CMD) -o $@ $< $(filter %.a,$^) $(LIBS)

include python/wheel.mk
deps:
	@tests/deps.sh
test: deps
	+@$(MAKE) --no-print-directory -j$(JOBS) run-tests
programs: $(TESTS) $(FUZZERS) $(EXAMPLES) $(B)/consort lib
run-tests: programs
	@JOBS=$(JOBS) tests/run.sh $(B)
# On one core, at the lowest priority, beside eight loops that never rest.
busy: deps
	+@$(MAKE) --no-print-directory -j$(JOBS) programs
	@tests/busy.sh $(B)
demo: deps
	+@$(MAKE) --no-print-directory -j$(JOBS) all
	$(B)/consort run configs/digits.yaml
# Where somebody waits for somebody: processes, locks, sockets, terminals. `make busy` has all suites.
WAITING = ^(cli_(apart|ask_tell|cache|faults|forecast|halving|join|kills|library|memory|merge|program|repeatable|serve|smoke|stream|terminal|thaw|watch|wishes)|test_(api|cache|serve|store_[^f]|study|trial))
# What compiles keeps off the core of the busy pass.
BESIDE = $(MAKE) --no-print-directory -j$(JOBS) analyzed rules strict-programs
check: deps
	+@$(MAKE) --no-print-directory -j$(JOBS) programs
	@tests/busy.sh $(B) '$(WAITING)' -- $(BESIDE)
	+@$(MAKE) --no-print-directory -j$(JOBS) strict
	+@$(MAKE) --no-print-directory -j$(JOBS) ship
	B=build/strict tests/browser.sh
	docs/shots.sh --check $(B)/consort
	+@$(MAKE) --no-print-directory fuzz FUZZ_SECONDS=10
# What is shipped, where it runs: emulated boards, Node and a browser, onnxruntime, Python, packages.
ship:
	@tests/deps.sh --ship
	+@$(MAKE) --no-print-directory -j$(JOBS) $(B)/consort
	@KIND=ship REQUIRE=1 JOBS=$(JOBS) tests/run.sh $(B)
STRICT = B=build/strict CFLAGS='-O1 -g -Werror -fsanitize=address,undefined -fno-sanitize-recover=undefined'
# Without the guides: they train for minutes, and other suites take the same verbs through the sanitizers.
strict:
	+@GUIDES_SKIP=all $(MAKE) --no-print-directory $(STRICT) run-tests
strict-programs:
	+@$(MAKE) --no-print-directory $(STRICT) programs
analyzed:
	+@$(MAKE) --no-print-directory B=build/analyzed CFLAGS='-O1 -Werror -fanalyzer' all
rules: $(B)/consort
	tests/format.sh
	tests/rooms.sh $(B)
	tests/headers.sh $(B)
	tests/rules_can_fail.sh $(B)
# Each target for so many seconds of its own, as many at a time as there are cores.
FUZZ_SECONDS ?= 120
FUZZ_CC      ?= clang
FUZZ_CFLAGS   = -O1 -g -Werror -Wno-pass-failed -fno-omit-frame-pointer -fno-sanitize-recover=undefined \
                -fsanitize=address,undefined,fuzzer-no-link
fuzz:
	@tests/deps.sh --fuzz
	+@$(MAKE) --no-print-directory -j$(JOBS) CC='$(FUZZ_CC)' B=build/fuzzing FUZZER=-fsanitize=fuzzer \
	    CFLAGS='$(FUZZ_CFLAGS)' fuzzers
	tests/fuzz/run.sh build/fuzzing/fuzz $(FUZZ_SECONDS) $(JOBS)
fuzzers: $(FUZZERS)
# Unrolled and checked at each step, it keeps clang busy for many minutes; no stranger's bytes come here.
build/fuzzing/engine/gemm_variants.o: override CFLAGS += -fno-sanitize=undefined
docs-shots: deps
	+@$(MAKE) --no-print-directory -j$(JOBS) all
	docs/shots.sh $(B)/consort
bench: deps
	+@$(MAKE) --no-print-directory -j$(JOBS) all $(BENCHES)
	bench/run.sh $(B)
bench-accuracy: deps
	+@$(MAKE) --no-print-directory -j$(JOBS) all
	$${PYTHON:-python3} bench/accuracy.py $(B)/consort --peers --write
bench-arena: deps
	+@$(MAKE) --no-print-directory -j$(JOBS) all
	$${PYTHON:-python3} bench/arena/arena.py run $(B)/arena.jsonl $(B)/consort
	$${PYTHON:-python3} bench/arena/arena.py report $(B)/arena.jsonl --write
format:
	sed -i -e 's/[ \t]*$$//' -e 's/\t/    /g' $(foreach room,$(ROOMS) tests bench,$(wildcard $(room)/*.[ch]))
# What is installed outside of share/consort and share/doc/consort, which are folders of our own.
SHARE     = $(DESTDIR)$(PREFIX)/share
INSTALLED = $(DESTDIR)$(PREFIX)/bin/consort $(SHARE)/man/man1/consort.1 $(SHARE)/bash-completion/completions/consort \
            $(SHARE)/zsh/site-functions/_consort $(SHARE)/fish/vendor_completions.d/consort.fish \
            $(addprefix $(DESTDIR)$(PREFIX)/,include/consort.h lib/$(SONAME) lib/libconsort.so lib/pkgconfig/consort.pc)
install: install-program install-library
install-program: all
	install -d $(dir $(filter $(DESTDIR)$(PREFIX)/bin/% $(SHARE)/%,$(INSTALLED))) $(SHARE)/consort/configs $(addprefix $(SHARE)/doc/consort/docs/,. guides reference notes)
	install $(B)/consort $(DESTDIR)$(PREFIX)/bin/consort
	$(B)/consort man > $(SHARE)/man/man1/consort.1
	$(B)/consort completion bash > $(SHARE)/bash-completion/completions/consort
	$(B)/consort completion zsh > $(SHARE)/zsh/site-functions/_consort
	$(B)/consort completion fish > $(SHARE)/fish/vendor_completions.d/consort.fish
	install -m 644 configs/* $(SHARE)/consort/configs
	$(B)/consort schema > $(SHARE)/consort/consort.schema.json
	install -m 644 README.md CHANGELOG.md LICENSE $(SHARE)/doc/consort
	for page in docs/*.md docs/*.png docs/*/*.md; do install -m 644 $$page $(SHARE)/doc/consort/$$page; done
	ln -sfn ../../consort/configs $(SHARE)/doc/consort/configs
install-library: lib
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,include lib lib/pkgconfig)
	install -m 644 api/consort.h $(DESTDIR)$(PREFIX)/include/consort.h
	install -m 644 $(B)/$(SONAME) $(DESTDIR)$(PREFIX)/lib/$(SONAME)
	ln -sfn $(SONAME) $(DESTDIR)$(PREFIX)/lib/libconsort.so
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' api/consort.pc.in > $(DESTDIR)$(PREFIX)/lib/pkgconfig/consort.pc
uninstall:
	rm -f $(INSTALLED)
	rm -rf $(SHARE)/consort $(SHARE)/doc/consort
include packages/packages.mk
clean:
	rm -rf build
.PHONY: all install-program lib wheel deps test programs run-tests busy check ship fuzz fuzzers strict strict-programs analyzed rules demo docs-shots bench bench-accuracy bench-arena format install install-library uninstall clean
.SECONDARY:
-include $(shell find $(B) -name '*.d' -type f 2>/dev/null)
