# What the Makefiles of programs have in common. One names, and then includes this:
#
#   PROGRAM         the program
#   PACKAGES        libraries that it needs, as pkg-config calls them
#   SERVICE         its unit of systemd, which is made of a file with .in behind
#   TESTS           the folder of its unit programs and fuzz targets
#   TEST_HELPERS    programs that these run
#
# The goals are
#
#   make                  build it
#   make install          into the folder of PostgreSQL's programs
#   make unit             build and run the unit programs
#   make fuzz             build and run the fuzz targets, FUZZ_SECONDS each
#   make sanitized        build it with AddressSanitizer and
#                         UndefinedBehaviorSanitizer, into build/sanitized
#
# PG_CONFIG says where to install, COPT adds flags. Everything that is built
# goes into the folder BUILD; SANITIZE names sanitizers to build with.

MISSING := $(strip $(foreach package,$(PACKAGES),$(shell pkg-config --exists $(package) || echo $(package))))

PG_CONFIG ?= pg_config
BUILD = .
CLIENT = ../client
FUZZ_SECONDS = 600

bindir = $(shell $(PG_CONFIG) --bindir)
sharedir = $(shell $(PG_CONFIG) --sharedir)

# The service goes where systemd looks for those of packages, if the program
# goes to a place of the system and there is a systemd to run it.
unitdir = $(if $(filter /usr/%,$(bindir)),$(wildcard /usr/lib/systemd/system))

VERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" ../../queue.control)

# Debian's clang does not know each flag of gcc.
COMPILER_FLAGS := $(if $(findstring clang,$(shell $(CC) --version)),,-Wshadow=compatible-local)

CFLAGS = -g -O2
FORTIFY = -D_FORTIFY_SOURCE=2 -fstack-protector-strong
ALL_CFLAGS = -std=gnu99 -MMD -MP -I. -I$(CLIENT) -I../../test/client -fPIE \
	-DQUEUE_VERSION='"$(VERSION)"' -DPROGRAM_NAME='"$(PROGRAM)"' \
	-Wall -Wextra -Wno-unused-parameter -Wno-sign-compare \
	-Wmissing-prototypes -Wdeclaration-after-statement $(COMPILER_FLAGS) \
	$(shell pkg-config --cflags $(PACKAGES)) $(CFLAGS) \
	$(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer,$(FORTIFY)) \
	$(COPT)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now $(LDFLAGS) $(if $(SANITIZE),-fsanitize=$(SANITIZE))
LIBS = $(shell pkg-config --libs $(PACKAGES)) -lm

OBJS = $(patsubst %.c,$(BUILD)/%.o,$(sort $(notdir $(wildcard *.c $(CLIENT)/*.c))))
UNITS = $(patsubst $(TESTS)/%.c,$(BUILD)/%,$(sort $(wildcard $(TESTS)/unit_*.c)))
HELPERS = $(addprefix $(BUILD)/,$(TEST_HELPERS))
SCRIPTS = $(patsubst $(TESTS)/%.py,$(BUILD)/%,$(sort $(wildcard $(TESTS)/unit_*.py)))
FUZZERS = $(patsubst $(TESTS)/%.c,$(BUILD)/%,$(sort $(wildcard $(TESTS)/fuzz_*.c)))

ifneq (,$(MISSING))

all install:
	@echo "$(PROGRAM) is left out, pkg-config does not find: $(MISSING)"

else

all: $(BUILD)/$(PROGRAM)

$(BUILD)/$(PROGRAM): $(OBJS)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(OBJS) $(LIBS)

# A change of flags here must rebuild.
$(BUILD)/%.o: %.c $(MAKEFILE_LIST)
	@mkdir -p $(BUILD)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/%.o: $(CLIENT)/%.c $(MAKEFILE_LIST)
	@mkdir -p $(BUILD)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/%.o: $(TESTS)/%.c $(MAKEFILE_LIST)
	@mkdir -p $(BUILD)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

# A program that tests takes what it needs of all objects but the main one.
$(BUILD)/program.a: $(filter-out $(BUILD)/main.o,$(OBJS))
	rm -f $@
	$(AR) rcs $@ $^

$(UNITS) $(HELPERS): %: %.o $(BUILD)/program.a
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(SCRIPTS): $(BUILD)/%: $(TESTS)/%.py $(HELPERS)
	install -m 755 $< $@

# libFuzzer brings a main function.
$(FUZZERS): %: %.o $(BUILD)/program.a
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)

install: all
	mkdir -p '$(DESTDIR)$(bindir)' '$(DESTDIR)$(sharedir)'
	install -m 755 $(BUILD)/$(PROGRAM) '$(DESTDIR)$(bindir)/$(PROGRAM)'
	install -m 644 $(PROGRAM).conf.sample '$(DESTDIR)$(sharedir)/$(PROGRAM).conf.sample'
ifneq (,$(unitdir))
	mkdir -p '$(DESTDIR)$(unitdir)'
	sed 's|@bindir@|$(bindir)|' $(SERVICE).in >$(BUILD)/$(SERVICE)
	install -m 644 $(BUILD)/$(SERVICE) '$(DESTDIR)$(unitdir)/$(SERVICE)'
endif

endif

uninstall:
	rm -f '$(DESTDIR)$(bindir)/$(PROGRAM)' '$(DESTDIR)$(sharedir)/$(PROGRAM).conf.sample'
ifneq (,$(unitdir))
	rm -f '$(DESTDIR)$(unitdir)/$(SERVICE)'
endif

clean:
	rm -rf build *.o *.d $(PROGRAM) $(SERVICE)

sanitized:
	$(MAKE) BUILD=build/sanitized SANITIZE=address,undefined CFLAGS='-g -O1' all

# What is tested is built with sanitizers: unit programs, and fuzz targets, which
# need clang.
unit-programs:
	$(MAKE) BUILD=build/unit SANITIZE=address,undefined CFLAGS='-g -O1' all-unit
fuzz-programs:
	$(MAKE) BUILD=build/fuzz CC=clang SANITIZE=fuzzer-no-link,address,undefined CFLAGS='-g -O1' all-fuzz
all-unit: $(UNITS) $(SCRIPTS)
all-fuzz: $(FUZZERS)

unit: unit-programs
	status=0; for name in $(notdir $(UNITS) $(SCRIPTS)); do \
		echo "== $$name"; build/unit/$$name || status=1; done; exit $$status

fuzz: fuzz-programs
	for name in $(patsubst fuzz_%,%,$(notdir $(FUZZERS))); do \
		mkdir -p build/corpus/$$name && \
		build/fuzz/fuzz_$$name -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 \
			-artifact_prefix=build/fuzz/$$name- \
			build/corpus/$$name $(TESTS)/corpus/$$name || exit; done

# For the scripts under test/.
list-unit:
	@echo $(notdir $(UNITS) $(SCRIPTS))
list-fuzz:
	@echo $(notdir $(FUZZERS))
test-objects: $(addsuffix .o,$(UNITS) $(HELPERS) $(FUZZERS))

.PHONY: all install uninstall clean sanitized unit unit-programs all-unit \
	fuzz fuzz-programs all-fuzz list-unit list-fuzz test-objects

-include $(wildcard $(BUILD)/*.d)
