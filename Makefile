# ndpipe -- Network Dissection as a pipeline of Unix filters.
#
#   make            build the filters into build/bin
#   make demo       install what is missing, build, dissect a small network
#   make experiments  those of the paper, on the small networks that ship with it
#   make check      install what is missing, build, run every test
#   make install    honours DESTDIR, prefix, bindir, mandir, libexecdir, libdir, includedir, docdir
#   make pictures   the README's, again
#   make bench      speeds, against peers where they are installed
#   make check-long what takes longer: valgrind, other compilers
#   make lint       form of sources, scripts and pages; the README's house
#
# SANITIZE=1 builds with ASan and UBSan, SANITIZE=thread with TSan, into a directory of
# its own.

VERSION    = 0.2.0
CC        ?= cc
AR        ?= ar
PKG_CONFIG ?= pkg-config
INSTALL   ?= install
CFLAGS    ?= -O3 -g
prefix    ?= /usr/local
bindir    ?= $(prefix)/bin
mandir    ?= $(prefix)/share/man
libexecdir ?= $(prefix)/libexec/ndpipe
libdir    ?= $(prefix)/lib
includedir ?= $(prefix)/include
docdir    ?= $(prefix)/share/doc/ndpipe
OBJCOPY   ?= $(shell $(CC) -print-prog-name=objcopy)
MAKEFLAGS += --no-builtin-rules

ifeq ($(SANITIZE),thread)
B         ?= build-thread
SANITIZER  = -fsanitize=thread
else ifdef SANITIZE
B         ?= build-sanitize
SANITIZER  = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
else
B         ?= build
endif

# No contraction to fused multiply-add: every build must agree at the boundary of a
# mask.  Where sums are fused (lib/kernel/product.c) the source says so.
BASEFLAGS  = -std=c11 -D_GNU_SOURCE -Ilib -DNDPIPE_VERSION='"$(VERSION)"' \
             -DNDPIPE_CFLAGS='"$(strip $(CFLAGS) $(SANITIZER))"' -ffp-contract=off -pthread
# Against what strangers write, where a check was forgotten.  The sanitizers see more by
# themselves; _FORTIFY_SOURCE wants an optimiser.
ifeq ($(SANITIZER),)
HARDEN    ?= -fPIE -fstack-protector-strong \
             $(if $(filter-out -O0,$(filter -O%,$(CFLAGS))),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
HARDLINK  ?= -pie -Wl,-z,relro,-z,now
endif
WARN       = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
             -Wformat=2 -Wvla
# Linked as needed: ndr-check does not load OpenBLAS.
LDLIBS    += -Wl,--as-needed $(shell $(PKG_CONFIG) --libs openblas libpng libjpeg zlib jansson 2>/dev/null) \
             -lprotobuf-nanopb -llinear -lm -pthread

commands  := $(patsubst cmd/%.c,%,$(wildcard cmd/*.c))
pages     := page sheet
lib_o     := $(patsubst %.c,$(B)/%.o,$(wildcard lib/*/*.c)) $(pages:%=$(B)/lib/report/%_text.o)
units     := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/*.c))

.PHONY: all check check-all check-long check-clang check-musl check-aarch64 check-threads \
        check-valgrind check-inject check-survive check-engines check-fuzz watched units tap demo experiments pictures bench lint \
        format install \
        uninstall clean setup unit fuzz fuzzers fuzz-corpus replay hostile
.SECONDARY:

all: $(commands:%=$(B)/bin/%) $(B)/public/lib/libndpipe.so $(B)/public/lib/libndpipe.a

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(BASEFLAGS) $(HARDEN) $(WARN) $(CFLAGS) $(SANITIZER) -MMD -MP -c -o $@ $<

# The style and the script of a kind of page, as strings, and by what its policy knows the
# script.
$(B)/lib/report/%_text.c: lib/report/%.css lib/report/%.js Makefile
	@mkdir -p $(@D)
	{ echo '#include "report/$*.h"'; \
	  for kind in css js; do \
	      echo "const char $*_$$kind[] ="; \
	      sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&\\n"/' lib/report/$*.$$kind; \
	      echo ';'; \
	  done; \
	  echo "const char $*_js_sha256[] = \"$$(sha256sum <lib/report/$*.js | cut -c 1-64)\";"; \
	} >$@.part
	mv $@.part $@

$(pages:%=$(B)/lib/report/%_text.o): %.o: %.c
	$(CC) $(CPPFLAGS) $(BASEFLAGS) $(HARDEN) $(WARN) $(CFLAGS) $(SANITIZER) -MMD -MP -c -o $@ $<

$(B)/suite.a: $(lib_o)
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/bin/%: $(B)/cmd/%.o $(B)/suite.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SANITIZER) $(HARDLINK) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/unit/%: $(B)/tests/unit/%.o $(B)/suite.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SANITIZER) $(HARDLINK) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# The library for others: lib/record, and of lib/base what that needs.  Its headers have names of
# their own for what the suite calls error, and lack what only its own filters put together; what
# they do not declare is no symbol of it.
public_o  := $(patsubst %.c,$(B)/public/%.o,$(wildcard lib/record/*.c) \
             $(addprefix lib/base/,checksum.c error.c finite.c half.c lines.c machine.c memory.c text.c))
public_h  := $(addprefix $(B)/public/include/ndpipe/,error.h ndr.h summary.h)
soname    := libndpipe.so.$(basename $(VERSION))

$(B)/public/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(BASEFLAGS) $(HARDEN) $(WARN) $(CFLAGS) $(SANITIZER) -fPIC -MMD -MP -c -o $@ $<

$(B)/public/include/ndpipe/%.h: lib/record/%.h lib/record/public.sed Makefile
	@mkdir -p $(@D)
	sed -f lib/record/public.sed $< >$@.part
	sed -i 's/^#define NDR_MINOR .*/&\n#define NDR_LIBRARY $(shell echo $(VERSION) | awk -F . '{ print $$1 * 10000 + $$2 * 100 + $$3 }') \/* this one: ten thousands, hundreds, ones *\//' $@.part
	mv $@.part $@

$(B)/public/include/ndpipe/error.h: lib/base/error.h lib/record/public.sed Makefile
	@mkdir -p $(@D)
	sed -f lib/record/public.sed $< >$@.part
	mv $@.part $@

$(B)/public/symbols: $(public_h)
	sed -E 's,/\*.*\*/,,; /^\/\*/,/\*\//d' $^ | grep -oE '\bndr_[a-z_]+\(' | tr -d '(' | LC_ALL=C sort -u >$@.part
	mv $@.part $@

$(B)/public/lib/libndpipe.so.$(VERSION): $(public_o) $(B)/public/symbols
	@mkdir -p $(@D)
	{ echo '{ global:'; sed 's/$$/;/' $(B)/public/symbols; echo 'local: *; };'; } >$(B)/public/map
	$(CC) $(CFLAGS) $(SANITIZER) $(filter-out -pie,$(HARDLINK)) $(LDFLAGS) -shared -Wl,-soname,$(soname) \
	    -Wl,--version-script=$(B)/public/map $(if $(SANITIZER),,-Wl,--no-undefined) -o $@ $(public_o) $(shell $(PKG_CONFIG) --libs zlib 2>/dev/null) -lm -pthread

$(B)/public/lib/libndpipe.so: $(B)/public/lib/libndpipe.so.$(VERSION)
	ln -sf libndpipe.so.$(VERSION) $(B)/public/lib/$(soname)
	ln -sf $(soname) $@

$(B)/public/lib/libndpipe.a: $(public_o) $(B)/public/symbols
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -r -nostdlib -o $(B)/public/ndpipe.o $(public_o)
	$(OBJCOPY) --keep-global-symbols=$(B)/public/symbols $(B)/public/ndpipe.o
	rm -f $@
	$(AR) rcs $@ $(B)/public/ndpipe.o

unit: $(units)

# The two commands of the README bring what they need.
setup:
	.ci/setup build

demo:
	.ci/setup build
	$(MAKE) all
	pipelines/demo/run

# Each experiment on its own plan, and a page that leads to them.
experiments:
	.ci/setup build check
	$(MAKE) all
	pipelines/experiment -o build/experiments $(notdir $(basename $(wildcard pipelines/experiments/*.tsv)))

# The README's pictures, from the demo's own data.
pictures: demo
	.ci/setup browser check
	pipelines/demo/pictures

check:
	.ci/setup check
	$(MAKE) all unit
	NDPIPE_BIN='$(abspath $(B))/bin' tests/run $(units) $(wildcard tests/*.bats)

# What runs in threads, watched.
check-threads:
	.ci/setup check
	$(MAKE) SANITIZE=thread CFLAGS='-O2 -g' watched

watched: all $(B)/unit/test_parallel
	NDPIPE_BIN='$(abspath $(B))/bin' NDPIPE_SHARED=none tests/run $(B)/unit/test_parallel tests/pipe.bats

# The same sources by the other compiler: no warning, and its unit tests.
check-clang:
	.ci/setup check long
	$(MAKE) B=build-clang CC=clang WARN='$(WARN) -Werror' all unit
	$(MAKE) B=build-clang CC=clang units

# Unit tests alone, where EMULATOR is set by that.
$(B)/unit/%.tap: $(B)/unit/%
	$(EMULATOR) $< >$@.new || { cat $@.new; exit 1; }
	mv $@.new $@

tap: $(units:=.tap)
	@cat $^ | grep -c '^ok '

# Another C library.  It has none of the libraries that we use, so all of lib is compiled,
# with their headers of this system, and what needs none of them is run.
musl_units := csv finite intersect label parallel product prototxt quantile random result \
              rotation segment synth text top upsample

check-musl:
	.ci/setup musl
	$(MAKE) B=build-musl CC=musl-gcc WARN='$(WARN) -Werror' LDLIBS=-lm \
	    CPPFLAGS='$(addprefix -idirafter /usr/include,/ /$(shell gcc -print-multiarch))' \
	    units='$(musl_units:%=build-musl/unit/test_%)' build-musl/suite.a tap

# Another processor, emulated.
check-aarch64:
	.ci/setup aarch64
	$(MAKE) B=build-aarch64 CC=aarch64-linux-gnu-gcc WARN='$(WARN) -Werror' \
	    PKG_CONFIG='env PKG_CONFIG_LIBDIR=/usr/lib/aarch64-linux-gnu/pkgconfig pkg-config' \
	    EMULATOR='qemu-aarch64 -L /' all tap

units: unit
	NDPIPE_BIN='$(abspath $(B))/bin' tests/run $(units)

# Uninitialised memory and leaks.
check-valgrind: all unit
	.ci/setup check long
	tests/valgrind $(B)

# Of what is done for each of many, make check does a sample: here are all.
check-all: all unit
	.ci/setup check
	NDPIPE_LONG=yes NDPIPE_BIN='$(abspath $(B))/bin' tests/run \
	    $(shell grep -lE 'exhaustive |one_of |NDPIPE_LONG' tests/*.bats) \
	    $(patsubst tests/unit/%.c,$(B)/unit/%,$(shell grep -l tap_exhaustive tests/unit/*.c))

# Each call that can fail fails once, in each command.
check-inject: all
	.ci/setup check
	NDPIPE_BIN='$(abspath $(B))/bin' tests/inject-all

# Each stage killed at random moments; a disk that is full; as many items as Broden has.
check-survive: all
	.ci/setup check
	NDPIPE_BIN='$(abspath $(B))/bin' tests/kill-all
	NDPIPE_BIN='$(abspath $(B))/bin' tests/full-disk
	NDPIPE_BIN='$(abspath $(B))/bin' tests/flat-memory

check-long: check-all hostile fuzz-corpus check-fuzz check-valgrind check-inject check-survive check-engines check-clang check-threads check-musl check-aarch64

# Little input must not become gigabytes: every command on every such input.
hostile: all
	.ci/setup check
	NDPIPE_BIN='$(abspath $(B))/bin' tests/hostile

# What dissect --shards has run its jobs, for real: GNU parallel over sshd, and Slurm, on this machine.
check-engines: all
	.ci/setup check engines
	NDPIPE_BIN='$(abspath $(B))/bin' tests/run tests/engines

compile_commands.json: Makefile
	$(MAKE) --always-make --dry-run all unit | tests/compile-commands >$@

$(B)/bench/%: $(B)/tests/bench/%.o $(B)/suite.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SANITIZER) $(HARDLINK) $(LDFLAGS) -o $@ $^ $(LDLIBS)

bench: all $(B)/bench/activations
	NDPIPE_BUILD='$(abspath $(B))' tests/bench/run
	PATH='$(abspath $(B))/bin':"$$PATH" tests/bench/networks

# libFuzzer comes with clang; how to run a target stands in its source.
FUZZ_CC   ?= clang
fuzzers   := $(patsubst tests/fuzz/%.c,$(B)/%,$(wildcard tests/fuzz/*.c))

fuzz:
	$(MAKE) B=build-fuzz CC='$(FUZZ_CC)' SANITIZER=-fsanitize=fuzzer-no-link,address,undefined \
	    CFLAGS='-g -O1 -fno-sanitize-recover=all' fuzzers

fuzzers: $(fuzzers)

$(B)/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(B)/suite.a
	$(CC) $(CFLAGS) $(SANITIZER) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Each target for so many seconds of CPU time; what earlier runs did counts.
FUZZ_SECONDS ?= 1200

check-fuzz:
	.ci/setup check long
	$(MAKE) fuzz
	tests/fuzz-all --seconds $(FUZZ_SECONDS)

# Each target once over the files that fuzzing begins with: no libFuzzer, any compiler.
fuzz-corpus:
	$(MAKE) SANITIZE=1 CFLAGS='-O2 -g' replay

replay: $(fuzzers:$(B)/%=$(B)/replay/%)
	$(B)/replay/fuzz_ndr tests/format/*/*.ndr tests/fuzz/seeds/ndr/*
	$(B)/replay/fuzz_npy tests/fuzz/seeds/npy/*
	$(B)/replay/fuzz_csv tests/fuzz/seeds/csv/*
	$(B)/replay/fuzz_answers tests/fuzz/seeds/answers/*
	$(B)/replay/fuzz_lists tests/fuzz/seeds/lists/*
	$(B)/replay/fuzz_source tests/fuzz/seeds/source/*
	$(B)/replay/fuzz_image tests/fuzz/seeds/image/*
	$(B)/replay/fuzz_broden tests/fuzz/seeds/broden/*
	$(B)/replay/fuzz_prototxt tests/caffe/*.prototxt
	tests/tiny-onnx --all $(B)/replay/onnx
	$(B)/replay/fuzz_onnx $(B)/replay/onnx/*

$(B)/replay/%: $(B)/tests/fuzz/%.o $(B)/tests/fuzz/replay/replay.o $(B)/suite.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SANITIZER) $(HARDLINK) $(LDFLAGS) -o $@ $^ $(LDLIBS)

sources := $(wildcard cmd/*.[ch] lib/*/*.[ch] tests/*.c tests/*/*.[ch])
scripts := $(shell grep -lE '^\#!/bin/(ba)?sh|^load helper' .ci/* cmd/* tests/* tests/*/* pipelines/* \
           pipelines/*/* 2>/dev/null) $(wildcard tests/*.bash)
pythons := $(sort $(shell grep -lE '^\#!.*python3' tests/* tests/*/* pipelines/*/* 2>/dev/null) \
           $(wildcard */*.py */*/*.py))

lint:
	.ci/setup lint
	tests/house --check
	clang-format --dry-run --Werror $(sources)
	shellcheck $(wildcard $(scripts))
	pyflakes3 $(pythons)
	mandoc -Tlint -Wwarning $(wildcard man/*)

format:
	clang-format -i $(sources)

manuals   := $(wildcard man/*.[1357])

install: all
	$(INSTALL) -d $(DESTDIR)$(bindir) $(DESTDIR)$(libexecdir)
	$(INSTALL) $(commands:%=$(B)/bin/%) $(DESTDIR)$(bindir)
	$(INSTALL) pipelines/dissect pipelines/dissect-shard pipelines/experiment pipelines/paint pipelines/plot \
	    pipelines/reproduce $(DESTDIR)$(libexecdir)
	$(INSTALL) -m 644 pipelines/dissect.mk pipelines/dissect-shards.mk pipelines/dissect.options pipelines/drawing.bash \
	    pipelines/program.bash pipelines/shards.bash $(DESTDIR)$(libexecdir)
	$(INSTALL) -d $(DESTDIR)$(libexecdir)/slurm
	$(INSTALL) pipelines/slurm/submit $(DESTDIR)$(libexecdir)/slurm
	$(INSTALL) -d $(addprefix $(DESTDIR)$(libexecdir)/experiments/,networks repeats)
	$(INSTALL) -m 644 $(wildcard pipelines/experiments/*.*) $(DESTDIR)$(libexecdir)/experiments
	$(INSTALL) -m 644 $(wildcard pipelines/experiments/networks/*) $(DESTDIR)$(libexecdir)/experiments/networks
	$(INSTALL) -m 644 $(wildcard pipelines/experiments/repeats/*) $(DESTDIR)$(libexecdir)/experiments/repeats
	for program in dissect experiment; do \
	    ln -sfr $(DESTDIR)$(libexecdir)/$$program $(DESTDIR)$(bindir)/$$program || exit 1; \
	done
	$(INSTALL) -d $(DESTDIR)$(libdir)/pkgconfig $(DESTDIR)$(includedir)/ndpipe $(DESTDIR)$(docdir)/examples
	$(INSTALL) -m 644 $(public_h) $(DESTDIR)$(includedir)/ndpipe
	$(INSTALL) -m 644 $(B)/public/lib/libndpipe.a $(B)/public/lib/libndpipe.so.$(VERSION) $(DESTDIR)$(libdir)
	ln -sf libndpipe.so.$(VERSION) $(DESTDIR)$(libdir)/$(soname)
	ln -sf $(soname) $(DESTDIR)$(libdir)/libndpipe.so
	printf '%s\n' 'prefix=$(prefix)' 'libdir=$(libdir)' 'includedir=$(includedir)' '' 'Name: ndpipe' \
	    'Description: streams of network dissection' 'Version: $(VERSION)' 'Requires.private: zlib' \
	    'Libs: -L$${libdir} -lndpipe' 'Libs.private: -lm -pthread' 'Cflags: -I$${includedir}' \
	    >$(DESTDIR)$(libdir)/pkgconfig/ndpipe.pc
	$(INSTALL) -m 644 examples/ndpipe.py tests/foreign/scale.c $(DESTDIR)$(docdir)/examples
	for page in $(manuals); do \
	    section=$${page##*.}; \
	    $(INSTALL) -d $(DESTDIR)$(mandir)/man$$section && \
	    $(INSTALL) -m 644 $$page $(DESTDIR)$(mandir)/man$$section || exit 1; \
	done

uninstall:
	rm -f $(commands:%=$(DESTDIR)$(bindir)/%) $(addprefix $(DESTDIR)$(bindir)/,dissect experiment)
	rm -rf $(addprefix $(DESTDIR)$(libexecdir)/,experiments slurm)
	rm -f $(addprefix $(DESTDIR)$(libexecdir)/,dissect dissect-shard dissect-shards.mk dissect.mk dissect.options drawing.bash experiment program.bash paint \
	    plot reproduce shards.bash)
	rm -f $(addprefix $(DESTDIR)$(libdir)/,libndpipe.a libndpipe.so $(soname) libndpipe.so.$(VERSION) pkgconfig/ndpipe.pc)
	rm -rf $(DESTDIR)$(includedir)/ndpipe $(DESTDIR)$(docdir)/examples
	-rmdir $(DESTDIR)$(libexecdir) $(DESTDIR)$(docdir)
	for page in $(notdir $(manuals)); do \
	    rm -f $(DESTDIR)$(mandir)/man$${page##*.}/$$page; \
	done

-include $(wildcard $(B)/cmd/*.d $(B)/lib/*/*.d $(B)/tests/unit/*.d $(B)/public/lib/*/*.d)

clean:
	rm -rf build build-*
