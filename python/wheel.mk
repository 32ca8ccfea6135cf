# `make wheel`: dist/consort-VERSION-py3-none-PLATFORM.whl, with what Debian has and nothing else.
#
# One shared object has the library and the program: the rooms as they were compiled for both, but with Netlib's BLAS
# (base/mat.c), and every library but libc, libm and OpenMP's runtime as Debian's static ones, of which only what is
# called goes in. Those are compiled for programs: what they say of the C library's streams would need relocations that
# a shared object must not have, so these few names become names of our own (python/streams.c). OpenMP's runtime
# goes along as a file. The server speaks HTTP and nothing else: what libmicrohttpd would call for TLS is answered with nothing.
WHEEL   := $(B)/wheel
WHEEL_STATIC := yaml sqlite3 jansson pcre2-8 archive png16 jpeg microhttpd lapacke lapack blas lzma bz2 zstd lz4 nettle z
STREAMS := stdin stdout stderr environ
NO_TLS   = $(shell nm -u $(MULTIARCH)/libmicrohttpd.a 2>/dev/null | awk '/ gnutls_/ && !seen[$$2]++ { print "-Wl,--defsym=" $$2 "=consort_no_tls" }')
GOMP     = $(shell $(CC) -print-file-name=libgomp.so.1)
WHEEL_LINKS = $(addprefix -L$(MULTIARCH)/,blas lapack) $(WHEEL_STATIC:%=-l%)
$(WHEEL)/lib%.a:
	@mkdir -p $(@D)
	$(SAY) objcopy $(foreach s,$(STREAMS),--redefine-sym $(s)=consort_$(s)) \
	    $(firstword $(wildcard $(addprefix $(MULTIARCH)/,$*/lib$*.a lib$*.a)) no-static-lib$*) $@
# The three files that are others here, and two that are only here.
$(WHEEL)/mat.o: base/mat.c
$(WHEEL)/limits.o: app/limits.c
$(WHEEL)/main.o: app/main.c
$(WHEEL)/main.o: WHEEL_FLAGS = -Dmain=consort_main -fvisibility=default -Wno-missing-prototypes
$(WHEEL)/streams.o: python/streams.c
$(WHEEL)/mat.o $(WHEEL)/limits.o $(WHEEL)/main.o $(WHEEL)/streams.o:
	@mkdir -p $(@D)
	$(SAY) $(CMD) -DCONSORT_REFERENCE_BLAS $(WHEEL_FLAGS) -c $< -o $@
$(WHEEL)/$(SONAME): $(addprefix $(WHEEL)/,mat.o limits.o main.o streams.o) $(call objects,api) $(call archives,app/verbs) \
                    $(WHEEL_STATIC:%=$(WHEEL)/lib%.a) api/consort.map
	$(SAY) $(CMD) -s -shared -Wl,-soname,$(SONAME) -Wl,--version-script=api/consort.map -Wl,--no-undefined -Wl,-z,relro,-z,now \
	    -Wl,--gc-sections $(NO_TLS) -Wl,-rpath,'$$ORIGIN' -o $@ $(filter %.o,$^) $(filter-out $(WHEEL)/%,$(filter %.a,$^)) \
	    $(filter $(WHEEL)/%.a,$^) -lm -lpthread
$(WHEEL)/consort: python/launcher.c $(WHEEL)/$(SONAME)
	$(SAY) $(CC) -O2 -s -o $@ $< -Wl,-rpath,'$$ORIGIN' $(WHEEL)/$(SONAME)
wheel: $(WHEEL)/consort $(WHEEL)/$(SONAME)
	rm -rf $(WHEEL)/licenses
	packages/licenses.sh $(WHEEL)/licenses "$(WHEEL_LINKS)"
	rm -f $(WHEEL)/licenses/libc.txt # which is not inside
	python3 python/wheel.py $(VERSION) $(WHEEL)/licenses $(WHEEL)/consort $(WHEEL)/$(SONAME) $(GOMP)
