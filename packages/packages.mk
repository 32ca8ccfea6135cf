# What is shipped, all of it in $(B)/packages: the sources, a Debian package, one static program and what belongs to
# it. docs/guides/install.md says what they are for, tests/ship_packages.sh builds and tries them.
#   dist  deb  static  static-install  static-dist  packages
#
# The same sources give the same bytes: times are those of the last commit, or SOURCE_DATE_EPOCH.
SHIPPED = $(B)/packages
EPOCH   = $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null),$(shell date -u -r CHANGELOG.md +%s))
MACHINE = $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))
# All options of tar that make the order, owners and times of members the same everywhere.
TARRED  = tar --sort=name --format=ustar --mtime=@$(EPOCH) --owner=0 --group=0 --numeric-owner
# `make static BLAS=reference` is a quarter as large, and slower where matrices are solved.
S       = $(B)/static$(if $(filter reference,$(BLAS)),-reference)
STATIC  = $(MAKE) --no-print-directory B=$(S) CFLAGS=-O2 LIBS="$$libs"

dist:
	packages/dist.sh $(SHIPPED) consort-$(VERSION) $(EPOCH)
deb: all
	VERSION=$(VERSION) EPOCH=$(EPOCH) MAKE='$(MAKE)' packages/deb.sh $(B) $(SHIPPED)
static:
	+@libs=$$(packages/static_libs.sh "$(CC)" $(S) $(BLAS)) && $(STATIC) -j$(JOBS) all
static-install: static
	+@libs=$$(packages/static_libs.sh "$(CC)" $(S) $(BLAS)) && $(STATIC) -o all install-program \
	    && CC="$(CC)" packages/licenses.sh $(DESTDIR)$(PREFIX)/share/doc/consort/licenses "$$libs"
# Unpacked anywhere, bin/consort runs.
static-dist:
	@rm -rf $(S)/tree && mkdir -p $(SHIPPED)
	+@$(MAKE) --no-print-directory -s static-install DESTDIR=$(abspath $(S))/tree/ PREFIX=consort-$(VERSION)-linux-$(MACHINE)
	cd $(S)/tree && chmod -R u=rwX,go=rX . && $(TARRED) -cf - consort-$(VERSION)-linux-$(MACHINE) \
	    | gzip -9n > $(abspath $(SHIPPED))/consort-$(VERSION)-linux-$(MACHINE).tar.gz
packages: dist deb static-dist
	cd $(SHIPPED) && sha256sum consort[-_]$(VERSION)* > SHA256SUMS
.PHONY: dist deb static static-install static-dist packages
