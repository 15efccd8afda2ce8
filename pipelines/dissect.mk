# dissect.mk -- the stages of pipelines/dissect, which sets the variables: the names of files,
# which say what they were made with, and the commands.  Each stage writes its file whole or
# not at all, so an interrupted one is redone and never used.
SHELL       := /bin/bash
.SHELLFLAGS := -o pipefail -c
.DELETE_ON_ERROR:

# What a recipe begins with: messages past make, progress with the number of the stage.
begin = exec 2>&8; export NDPIPE_STAGE="$$STAGE_$(1)";

all: $(TOP) $(RESULT) $(RANGES) $(JOINT) $(SPLITS) $(FORMULA) $(ACCURACY) $(CONTROL) $(PROBE) $(ABLATED)

# What the whole run warned of comes with the scores; dissect says it, also where nothing
# had to be done again.
$(RESULT): $(SCORE)
	$(call begin,result) eval "$$LABEL_COMMAND -o $@ $<" 2>$(WARNINGS) || \
	    { status=$$?; cat $(WARNINGS) >&2; exit $$status; }

# Only the images that are shown are read again, where they are files, and only their
# activations, or else the network sees these images once more.
shown := $(STEM).shown.ndr
$(STEM).html: $(STEM)-result.csv $(STEM).score.ndr $(STEM).thr.ndr $(STEM).top.ndr .stage/$(STEM).report \
    $(if $(FORMULA),$(STEM).lengths.tsv)
	$(call begin,page) rm -f $(shown); \
	    if [ -z "$$ROTATE_COMMAND" ] && [ -e $(ACT) ]; then ln -s $(ACT) $(shown); \
	    elif [ -n "$$CHOSEN" ]; then \
	        eval "$$IMAGES_COMMAND | $$FORWARD_COMMAND $${ROTATE_COMMAND:+|} $$ROTATE_COMMAND -o $(shown)"; \
	    elif [ -z "$$ROTATE_COMMAND" ] && [ -n "$(PARTS)" ]; then ndr-cat -q -o $(shown) $(PARTS); \
	    fi && \
	    known=$$([ ! -e $(shown) ] || echo --activations shown) && \
	    eval "$$IMAGES_COMMAND | $$REPORT_COMMAND $$known $(if $(FORMULA),--formulas $(STEM).lengths.tsv) -o $@ $(STEM)"; \
	    status=$$?; rm -f $(shown); exit $$status

# The network's images are a file, or come from a pipe.
ifneq ($(IMAGES),)
network = $$FORWARD_COMMAND $(IMAGES)
$(IMAGES):
	$(call begin,images) eval "$$SOURCE_COMMAND -o $@"
else
network = $$SOURCE_COMMAND | $$FORWARD_COMMAND
endif

# They are there in the end if some of them are shown, but are no younger than what was made
# of them before.
ifneq ($(IMAGES),)
ifneq ($(TOP),)
all: kept
.PHONY: kept
kept: $(RESULT)
	[ -e $(IMAGES) ] || { $(call begin,images) eval "$$SOURCE_COMMAND -o $(IMAGES)" && \
	    { [ ! -e "$(ACT)" ] || touch -r "$(ACT)" $(IMAGES); }; }
endif
endif

# So are the activations, or their parts; those that are rotated are no file ever.
ifneq ($(PARTS),)
own = cat $(PARTS)
activations = $(if $(ROTATE_COMMAND),$$ROTATE_COMMAND,cat) $(PARTS)
else ifneq ($(CACHE),)
cached := $(ACT)
own = cat $(ACT)
activations = $(if $(ROTATE_COMMAND),$$ROTATE_COMMAND,cat) $(ACT)
$(ACT): $(IMAGES)
	$(call begin,act) $(if $(filter %.gz,$@),eval "$(network)" | gzip -n -1 >$@.part && mv $@.part $@,eval "$(network) -o $@")
else
own = $(network)
activations = $(network) $${ROTATE_COMMAND:+|} $$ROTATE_COMMAND
endif

# Who deletes activations to make room keeps what was made from them.
.SECONDARY: $(IMAGES) $(ACT)

ifeq ($(CACHE)$(ROTATE_COMMAND)$(PARTS),yes)
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

# One pass of the masks is for all images and for those of each split.  If one of the programs
# stops, the others' input ends before its END.
ifneq ($(JOINT),)
pipes := $(SPLITS:=.pipe)
$(JOINT) $(SPLITS) &: $(THR) $(cached) | $(SCORE)
	$(call begin,joint) status=0 takers=; rm -f $(pipes); $(if $(pipes),mkfifo $(pipes);) \
	    for file in $(SPLITS); do \
	        split=$${file%.joint.ndr}; \
	        eval "$$JOINT_COMMAND --split $${split##*.} --index $$INDEX -o $$file" <$$file.pipe & \
	        takers+=" $$!"; \
	    done; \
	    eval "$(masks) | tee $(pipes) | $$JOINT_COMMAND -o $(JOINT)" || status=$$?; \
	    for taker in $$takers; do wait $$taker || status=$$?; done; \
	    rm -f $(pipes); exit $$status
endif

# Chosen on one split and scored on the other, where there are both.
ifneq ($(FORMULA),)
domain = $(if $(word 2,$(SPLITS)),--score $(word 2,$(SPLITS)) $(word 1,$(SPLITS)),--split all $(JOINT))
$(FORMULA) $(LENGTHS) &: $(JOINT) $(SPLITS)
	$(call begin,formula) eval "$$FORMULA_COMMAND --lengths $(LENGTHS) -o $(FORMULA) $(domain)"
endif

# What the rest of the network makes of the layer, which is turned back for it if it was
# rotated; and how far that is from what it makes of the layer itself.
rest = $${BACK_COMMAND:+|} $$BACK_COMMAND | $$REST_COMMAND
numbers = od -A n -v -w4 -t f4 -j $$((10 + $$(od -A n -t u2 -j 8 -N 2 $(1)))) $(1)
ifneq ($(ACCURACY),)
$(ACCURACY): $(cached)
	$(call begin,accuracy) eval "$(activations) $(rest) | $$ACCURACY_COMMAND -o $@"
endif

ifneq ($(CONTROL),)
$(LOGITS): $(cached)
	$(call begin,control) eval "$(own) | $$REST_COMMAND | $$LOGITS_COMMAND -o $@"

$(TURNED): $(cached)
	$(call begin,control) eval "$(activations) $(rest) | $$LOGITS_COMMAND -o $@"

$(CONTROL): $(LOGITS) $(TURNED)
	$(call begin,control) paste <($(call numbers,$(LOGITS))) <($(call numbers,$(TURNED))) | awk ' \
	    { d = $$1 - $$2; d = d < 0 ? -d : d; g = $$1 < 0 ? -$$1 : $$1; if (NF != 2) exit bad = 1 } \
	    d > difference { difference = d } g > greatest { greatest = g } \
	    END { if (bad || !NR) exit 1; print "logits\tgreatest\tdifference"; \
	        printf "%d\t%.6g\t%.6g\n", NR, greatest, difference }' >$@.part && mv $@.part $@
endif

ifneq ($(PROBE),)
$(PROBE): $(cached)
	$(call begin,probe) eval "$(activations) | $$PROBE_COMMAND -o $@"
endif

# The tables beside it are there before it is.
ifneq ($(ABLATED),)
$(ABLATED): $(RESULT) $(cached)
	$(call begin,ablated) eval "$(activations) | $$ABLATE_COMMAND -r $(RESULT) --effects $(ABLATED:.tsv=.effects.tsv) \
	    --by-class $(ABLATED:.tsv=.by-class.tsv) --sets $(ABLATED:.tsv=.sets.tsv) -o $@"
endif
