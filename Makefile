# queue: Amazon SQS inside PostgreSQL
#
#   make                      build against the pg_config found first in PATH;
#                             the gateway and the worker too, where their
#                             libraries are
#   make install              install them there
#   make installcheck         run the tests against a running server
#   make check                build, install and test in a private copy of
#                             PostgreSQL; needs nothing but a bare Debian 12
#   make static               the static checks alone
#   make fuzz                 the fuzz targets, ten minutes each
#   make indent               format the sources; indent-check shows the diff
#   make cassert-check        the tests on a server built with assertions
#   make matrix               the tests on PostgreSQL 17 and 18
#   make demo, make demo-stop a server to try the extension on
#   make bench                measure it, and other queues beside it; some hours.
#                             PARTS=calls,pinned takes only these parts
#   make bench-quick          the same, rough, in under five minutes

# These run a script that brings its own PostgreSQL. They are kept apart from
# PGXS: they must work before PostgreSQL is installed, and PGXS has a "check"
# of its own that only prints an excuse.
SCRIPTED = check cassert-check matrix static fuzz indent indent-check demo demo-stop bench bench-quick

ifneq (,$(filter $(SCRIPTED),$(MAKECMDGOALS)))

.PHONY: $(MAKECMDGOALS)

check:
	test/check.sh

cassert-check:
	test/cassert.sh

matrix:
	test/matrix.sh 17 18

static:
	test/static.sh

fuzz:
	QUEUE_FUZZ_SECONDS=600 SUITES='policy gateway worker' test/check.sh

indent:
	test/indent.sh

indent-check:
	test/indent.sh --check

demo:
	test/demo/demo.sh

demo-stop:
	test/demo/demo.sh stop

bench:
	bench/bench.sh

bench-quick:
	QUICK=1 bench/bench.sh

# Goals of PGXS named beside ours get a make of their own.
OTHERS = $(filter-out $(SCRIPTED),$(MAKECMDGOALS))
ifneq (,$(OTHERS))
$(OTHERS):
	$(MAKE) $@
endif

else

MODULE_big = queue
OBJS = $(sort $(patsubst %.c,%.o,$(wildcard src/*.c)))

EXTENSION = queue
DATA = $(sort $(wildcard sql/queue--*.sql))
PGFILEDESC = "queue - Amazon SQS inside PostgreSQL"
EXTRA_CLEAN = src/*.d

# "setup" goes first, the others must not depend on each other's order.
REGRESS_FOUND = $(sort $(notdir $(basename $(wildcard test/sql/*.sql))))
REGRESS = $(filter setup,$(REGRESS_FOUND)) $(filter-out setup,$(REGRESS_FOUND))
REGRESS_OPTS = --inputdir=test --encoding=UTF8 --no-locale

# test/stops has the specs for a build with stop points, which test/check.sh
# runs. From 16 on the answers have an option of their own; before, they are
# looked for beside the specs.
ISOLATION_DIR = test/isolation
ISOLATION = $(sort $(notdir $(basename $(wildcard $(ISOLATION_DIR)/specs/*.spec))))
ISOLATION_OPTS = --inputdir=$(ISOLATION_DIR) --encoding=UTF8 --no-locale \
	$(if $(filter 15,$(MAJORVERSION)),,--expecteddir=$(ISOLATION_DIR))

TAP_TESTS = $(sort $(wildcard test/t/*.pl))
PROVE_TESTS = $(TAP_TESTS)

# Only what is marked PGDLLEXPORT leaves the module. PostgreSQL 15 defines the
# mark as nothing, unless somebody else defined it before.
EXPORT = $(if $(filter 15,$(MAJORVERSION)),-DPGDLLEXPORT='__attribute__((visibility("default")))')

# Debian's flags are gcc's; clang need not know each of them.
COMPILER_FLAGS = $(if $(findstring clang,$(shell $(CC) --version)),-Wno-unknown-warning-option -Wno-ignored-optimization-argument -Wno-ignored-attributes,-Wshadow=compatible-local)

PG_CPPFLAGS = -I$(srcdir)/src -MMD -MP $(EXPORT)
PG_CFLAGS = -std=gnu99 -fvisibility=hidden -Wall -Wextra -Wno-unused-parameter \
	-Wno-sign-compare -Wmissing-prototypes -Wdeclaration-after-statement \
	$(COMPILER_FLAGS)

SHLIB_LINK = -lcrypto

# Bitcode is for inlining into queries; nothing here is called per row. And
# the dependencies are written by -MMD, whatever PostgreSQL was built with.
override with_llvm = no
override autodepend = no

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

PG_PROVE_FLAGS += -I $(srcdir)/test/t

# Programs that are clients of the database have Makefiles of their own.
PROGRAMS = gateway worker
program_goals = $(addsuffix -$(1),$(PROGRAMS))
.PHONY: $(PROGRAMS) $(call program_goals,install) $(call program_goals,uninstall) $(call program_goals,clean)
all: $(PROGRAMS)
install: $(call program_goals,install)
uninstall: $(call program_goals,uninstall)
clean: $(call program_goals,clean)
$(PROGRAMS):
	$(MAKE) -C $(srcdir)/src/$@ all
# Two of them at a time would build the same objects.
$(call program_goals,install): %-install: %
$(call program_goals,install): %-install:
	$(MAKE) -C $(srcdir)/src/$* install
$(call program_goals,uninstall): %-uninstall:
	$(MAKE) -C $(srcdir)/src/$* uninstall
$(call program_goals,clean): %-clean:
	$(MAKE) -C $(srcdir)/src/$* clean

# A change of flags here must rebuild, and so must a change of a header.
$(OBJS): Makefile
-include $(OBJS:.o=.d)

# For the scripts under test/: what a suite will run, one name a word.
.PHONY: list-regress list-isolation list-tap
list-regress:
	@echo $(REGRESS)
list-isolation:
	@echo $(ISOLATION)
list-tap:
	@echo $(TAP_TESTS)

endif
