# Consort. `make demo` and `make test` are all a newcomer needs; both install what is missing.
#   all  deps  test  check  demo  bench  format  install  clean

B       ?= build
PREFIX  ?= /usr/local
FOLDERS := base data engine tuner ensemble reports export app
VERSION := 0.1.0
PKGS    := yaml-0.1 sqlite3 openblas lapacke jansson zlib

# Required flags stay out of CFLAGS: a CFLAGS=... on the command line replaces every += here.
CFLAGS  ?= -O2 -g
STD     := -std=c11 -D_XOPEN_SOURCE=700 -DCONSORT_VERSION='"$(VERSION)"' -fopenmp -I. -MMD -MP
WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
CMD      = $(CC) $(STD) $(WARN) $(shell pkg-config --cflags $(PKGS)) $(CPPFLAGS) $(CFLAGS)
LIBS     = $(shell pkg-config --libs $(PKGS)) -lm -lpthread

objects  = $(patsubst %.c,$(B)/%.o,$(wildcard $(1)/*.c)) $(patsubst %.S,$(B)/%.o,$(wildcard $(1)/*.S))
# A folder's tests link with that folder and those to its left, nothing else.
upto     = $(if $(filter $(1),$(firstword $(2))),$(1),$(firstword $(2)) $(call upto,$(1),$(wordlist 2,9,$(2))))
reverse  = $(if $(1),$(call reverse,$(wordlist 2,9,$(1))) $(firstword $(1)))
archives = $(patsubst %,$(B)/%.a,$(call reverse,$(call upto,$(1),$(FOLDERS))))
TESTS   := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/test_*.c))
folder_of = $(word 2,$(subst _, ,$(notdir $(1))))

all: $(B)/consort

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CMD) -c $< -o $@
$(B)/%.o: %.S
	@mkdir -p $(@D)
	$(CMD) -c $< -o $@

define folder_rule
$(B)/$(1).a: $(call objects,$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	ar rcs $$@ $$^
endef
$(foreach f,$(FOLDERS),$(eval $(call folder_rule,$(f))))

$(B)/consort: $(call archives,app)
	$(CMD) -o $@ -Wl,--start-group $^ -Wl,--end-group $(LIBS)

# tests/test_FOLDER_topic.c
.SECONDEXPANSION:
$(B)/tests/%: tests/%.c $$(call archives,$$(call folder_of,$$*))
	@mkdir -p $(@D)
	$(CMD) -o $@ $< -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LIBS) -lcmocka

tests: $(TESTS)
clean:
	rm -rf build
.PHONY: all tests clean
-include $(shell find $(B) -name '*.d' 2>/dev/null)
