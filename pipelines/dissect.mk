# dissect.mk -- the stages of pipelines/dissect, which sets the variables and
# keeps in .stage/ what each stage was told.  Each stage writes its file whole
# or not at all, so an interrupted one is redone and never used.
SHELL       := /bin/bash
.SHELLFLAGS := -o pipefail -c
.DELETE_ON_ERROR:

result := $(ROTATED)-result.csv
score  := $(ROTATED).score.ndr
thr    := $(ROTATED).thr.ndr
top    := $(ROTATED).top.ndr
stage   = .stage/$(ROTATED)
ifdef REPORT
page   := $(ROTATED).html
endif

# What a recipe begins with: messages past make, progress with the number of the stage,
# counted from that of the result, 0.
stage_begins = exec 2>&8; \
    export NDPIPE_STAGE="$$DISSECT: stage $$(($$STAGES - $$PAGES - ($(1)))) of $$STAGES";

all: $(top) $(result) $(page)

# What the whole run warned of comes with the scores; dissect says it, also where nothing
# had to be done again.
$(result): $(score) $(stage).label
	$(call stage_begins,0) eval "$$LABEL_COMMAND -o $@ $<" 2>$(stage).warnings || \
	    { status=$$?; cat $(stage).warnings >&2; exit $$status; }

# Only the images that are shown are read again, where they are files.
ifdef REPORT
$(page): $(result) $(score) $(thr) $(top) $(stage).report
	$(call stage_begins,-1) eval "$$IMAGES_COMMAND | $$REPORT_COMMAND -o $@ $(ROTATED)"
endif

ifdef CACHE
$(BASE).act.ndr: .stage/$(BASE).forward
	$(call stage_begins,$$STAGES - $$PAGES - 1) eval "$$SOURCE_COMMAND | $$FORWARD_COMMAND -o $@"

# The activations that are thresholded: those of the network, or rotated ones.
ifeq ($(BASE),$(ROTATED))
act := $(BASE).act.ndr
else
act := $(ROTATED).act.ndr
$(act): $(BASE).act.ndr $(stage).rotate
	$(call stage_begins,4) eval "$$ROTATE_COMMAND -o $@ $<"
endif

# Who deletes activations to make room keeps what was made from them.
.SECONDARY: $(BASE).act.ndr $(act)

$(top): $(act) $(stage).top
	$(call stage_begins,3) eval "$$TOP_COMMAND -o $@ $<"

$(thr): $(act) $(stage).quantile
	$(call stage_begins,2) eval "$$QUANTILE_COMMAND -o $@ $<"

$(score): $(act) $(thr) $(stage).segment
	$(call stage_begins,1) eval "$$SEGMENT_COMMAND -T $(thr) $< | $$SCORE_COMMAND -o $@"
else
activations = $$SOURCE_COMMAND | $$FORWARD_COMMAND $${ROTATE_COMMAND:+|} $$ROTATE_COMMAND

# One pass is for thresholds and strongest images.  If either program stops, the other's
# input ends before its END, and it leaves nothing.
$(thr): .stage/$(BASE).forward $(stage).rotate $(stage).quantile
	$(call stage_begins,2) rm -f $(stage).copy && mkfifo $(stage).copy && \
	    { eval "$$TOP_COMMAND -o $(top)" <$(stage).copy & \
	      eval "$(activations) | tee $(stage).copy | $$QUANTILE_COMMAND -o $@" && wait $$!; }
	rm -f $(stage).copy

$(top): .stage/$(BASE).forward $(stage).rotate $(stage).top | $(thr)
	$(call stage_begins,2) eval "$(activations) | $$TOP_COMMAND -o $@"

$(score): $(thr) $(stage).segment
	$(call stage_begins,1) eval "$(activations) | $$SEGMENT_COMMAND -T $(thr) | $$SCORE_COMMAND -o $@"
endif
