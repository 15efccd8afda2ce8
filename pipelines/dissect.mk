# dissect.mk -- the stages of pipelines/dissect, which sets the variables: the names of files,
# which say what they were made with, and the commands.  Each stage writes its file whole or
# not at all, so an interrupted one is redone and never used.
SHELL       := /bin/bash
.SHELLFLAGS := -o pipefail -c
.DELETE_ON_ERROR:

# What a recipe begins with: messages past make, progress with the number of the stage.
begin = exec 2>&8; export NDPIPE_STAGE="$$STAGE_$(1)";

all: $(TOP) $(RESULT) $(RANGES)

# What the whole run warned of comes with the scores; dissect says it, also where nothing
# had to be done again.
$(RESULT): $(SCORE)
	$(call begin,result) eval "$$LABEL_COMMAND -o $@ $<" 2>$(WARNINGS) || \
	    { status=$$?; cat $(WARNINGS) >&2; exit $$status; }

# Only the images that are shown are read again, where they are files, and only their
# activations, or else the network sees these images once more.
shown := $(STEM).shown.ndr
$(STEM).html: $(STEM)-result.csv $(STEM).score.ndr $(STEM).thr.ndr $(STEM).top.ndr .stage/$(STEM).report
	$(call begin,page) rm -f $(shown); \
	    if [ -z "$$ROTATE_COMMAND" ] && [ -e $(ACT) ]; then ln -s $(ACT) $(shown); \
	    elif [ -n "$$CHOSEN" ]; then \
	        eval "$$IMAGES_COMMAND | $$FORWARD_COMMAND $${ROTATE_COMMAND:+|} $$ROTATE_COMMAND -o $(shown)"; \
	    fi && \
	    known=$$([ ! -e $(shown) ] || echo --activations shown) && \
	    eval "$$IMAGES_COMMAND | $$REPORT_COMMAND $$known -o $@ $(STEM)"; \
	    status=$$?; rm -f $(shown); exit $$status

# The network's images are a file, or come from a pipe.
ifneq ($(IMAGES),)
network = $$FORWARD_COMMAND $(IMAGES)
$(IMAGES):
	$(call begin,images) eval "$$SOURCE_COMMAND -o $@"
else
network = $$SOURCE_COMMAND | $$FORWARD_COMMAND
endif

# So are the activations; those that are rotated are no file ever.
ifneq ($(CACHE),)
cached := $(ACT)
activations = $$ROTATE_COMMAND $(ACT)
$(ACT): $(IMAGES)
	$(call begin,act) eval "$(network) -o $@"
else
activations = $(network) $${ROTATE_COMMAND:+|} $$ROTATE_COMMAND
endif

# Who deletes activations to make room keeps what was made from them.
.SECONDARY: $(IMAGES) $(ACT)

ifeq ($(CACHE)$(ROTATE_COMMAND),yes)
ifneq ($(TOP),)
$(TOP): $(ACT)
	$(call begin,top) eval "$$TOP_COMMAND -o $@ $<"
endif

$(THR): $(ACT)
	$(call begin,thr) eval "$$QUANTILE_COMMAND -o $@ $<"

$(SCORE): $(ACT) $(THR)
	$(call begin,score) eval "$$SEGMENT_COMMAND -T $(THR) $< | $$SCORE_COMMAND -o $@"

masks = $$SEGMENT_COMMAND -T $(THR) $(ACT)
else
# One pass is for thresholds and strongest images.  If either program stops, the other's
# input ends before its END, and it leaves nothing.
copy := $(THR).copy
$(THR): $(cached)
	$(call begin,thr) if [ -n "$(TOP)" ] && [ ! -e "$(TOP)" ]; then \
	    rm -f $(copy) && mkfifo $(copy) && \
	    { eval "$$TOP_COMMAND -o $(TOP)" <$(copy) & \
	      eval "$(activations) | tee $(copy) | $$QUANTILE_COMMAND -o $@" && wait $$!; }; \
	    else eval "$(activations) | $$QUANTILE_COMMAND -o $@"; fi
	rm -f $(copy)

ifneq ($(TOP),)
$(TOP): $(cached) | $(THR)
	$(call begin,thr) [ -e $@ ] || eval "$(activations) | $$TOP_COMMAND -o $@"
endif

$(SCORE): $(THR) $(cached)
	$(call begin,score) eval "$(activations) | $$SEGMENT_COMMAND -T $(THR) | $$SCORE_COMMAND -o $@"

masks = $(activations) | $$SEGMENT_COMMAND -T $(THR)
endif

ifneq ($(RANGES),)
$(RANGES): $(THR) $(cached) | $(SCORE)
	$(call begin,ranges) eval "$(masks) | $$RANGES_COMMAND -o $@"
endif
