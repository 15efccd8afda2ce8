# dissect.mk -- the stages of pipelines/dissect, which sets the variables and
# keeps in .stage/ what each stage was told.  Each stage writes its file whole
# or not at all, so an interrupted one is redone and never used.  (Files are ./X:
# the name of a layer can begin with a slash, which becomes a dash.)
SHELL       := /bin/bash
.SHELLFLAGS := -o pipefail -c
.DELETE_ON_ERROR:

result := $(ROTATED)-result.csv
score  := $(ROTATED).score.ndr
thr    := $(ROTATED).thr.ndr
stage   = .stage/$(ROTATED)

all: $(result)

# What the whole run warned of comes with the scores; dissect says it, also where nothing
# had to be done again.
$(result): $(score) $(stage).label
	eval "$$LABEL_COMMAND -o ./$@ ./$<" 2>./$(stage).warnings || \
	    { status=$$?; cat ./$(stage).warnings >&2; exit $$status; }

ifdef CACHE
$(BASE).act.ndr: .stage/$(BASE).forward
	eval "$$SOURCE_COMMAND | $$FORWARD_COMMAND -o ./$@"

# The activations that are thresholded: those of the network, or rotated ones.
ifeq ($(BASE),$(ROTATED))
act := $(BASE).act.ndr
else
act := $(ROTATED).act.ndr
$(act): $(BASE).act.ndr $(stage).rotate
	eval "$$ROTATE_COMMAND -o ./$@ ./$<"
endif

# Who deletes activations to make room keeps what was made from them.
.SECONDARY: $(BASE).act.ndr $(act)

$(thr): $(act) $(stage).quantile
	eval "$$QUANTILE_COMMAND -o ./$@ ./$<"

$(score): $(act) $(thr) $(stage).segment
	eval "$$SEGMENT_COMMAND -T ./$(thr) ./$< | $$SCORE_COMMAND -o ./$@"
else
activations = $$SOURCE_COMMAND | $$FORWARD_COMMAND $${ROTATE_COMMAND:+|} $$ROTATE_COMMAND

$(thr): .stage/$(BASE).forward $(stage).rotate $(stage).quantile
	eval "$(activations) | $$QUANTILE_COMMAND -o ./$@"

$(score): $(thr) $(stage).segment
	eval "$(activations) | $$SEGMENT_COMMAND -T ./$(thr) | $$SCORE_COMMAND -o ./$@"
endif
