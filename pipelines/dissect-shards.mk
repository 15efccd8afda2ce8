# dissect-shards.mk -- the jobs of dissect --shards under make: which waits for which.  Each makes
# only what is not there, so all of them are run always.
SHELL       := /bin/bash
.SHELLFLAGS := -o pipefail -c

numbers     := $(shell seq $(SHARDS))
activations := $(numbers:%=activations-%)
thresholds  := $(numbers:%=thresholds-%)
scores      := $(numbers:%=scores-%)
job          = exec 2>&8; exec "$$SHARD_JOB" "$$SHARD_PLAN"

.PHONY: $(activations) $(thresholds) $(scores) join-thresholds join-scores
$(activations):
	$(job) activations $(@:activations-%=%)
ifneq ($(WHOLE),)
$(thresholds): thresholds-%: activations-%
endif
$(thresholds):
	$(job) thresholds $(@:thresholds-%=%)
join-thresholds: $(thresholds)
	$(job) $@
$(scores): join-thresholds
	$(job) scores $(@:scores-%=%)
join-scores: $(scores)
	$(job) $@
