# shellcheck shell=bash disable=SC2154 # it is a part of dissect, whose variables it has
# shards.bash -- dissect --shards: the plan of the jobs, and the engines that run them.
#
# A shard's files are in RUN/shards-N/SHARD, and what is joined has the name that it has without
# shards, so all that dissect does after that is the same.

shards=$(value --shards '') engine=$(value --engine make) at_once=$(value --jobs '')

# check_shards -- what is wrong with the options
check_shards() {
	local why="exclude each other: each shard reads its own images"
	[[ $shards =~ ^[1-9][0-9]{0,3}$ ]] || misuse "--shards: '$shards' is not between 1 and 9999"
	[[ -z $at_once || $at_once =~ ^[1-9][0-9]{0,3}$ ]] || misuse "--jobs: '$at_once' is not between 1 and 9999"
	[ -z "${given[--keep-images]-}" ] || die "--keep-images and --shards $why"
	[ "$engine" = parallel ] || [ -z "${given[--sshlogin]-}" ] || die "--sshlogin goes with --engine parallel only"
	[ "$engine" = slurm ] || [ -z "${given[--sbatch]-}" ] || die "--sbatch goes with --engine slurm only"
	case $engine in
	make) ;;
	parallel)
		[[ $(parallel --version 2>/dev/null) == 'GNU parallel'* ]] || die "--engine parallel: no GNU parallel here" 1
		;;
	slurm) command -v sbatch >/dev/null || die "--engine slurm: no sbatch here" 1 ;;
	*) misuse "--engine: '$engine' is none of make, parallel, slurm" ;;
	esac
}

# check_items -- no shard is empty, as nothing could be made of it
check_items() {
	local items
	items=$({ "${source[@]}" -q -t 1 --no-images --no-labels | ndr-head -q -n 1 | ndr-dump --type META; } 2>/dev/null |
		sed -n 's/.*\titems=\([0-9]*\) .*/\1/p') || :
	[ -z "$items" ] || [ "$shards" -le "$items" ] || die "--shards $shards: there are only $items images"
}

# write_plan -- for dissect-shard; another one has another name, as jobs can outlive dissect
write_plan() {
	local l outdir=$PWD base=() thr=() tops=() scores=() join=() known text
	told memory
	join=(ndr-cat "${words[@]}")
	for l in "${layer[@]}"; do
		files_of "$l"
		base+=("$(readable "$l")") thr+=("$thr_file") tops+=("$top_file") scores+=("${scored_apart:+$score_file}")
	done
	text=$(
		declare -p PATH outdir run shards cache zip model weights source forward_options stored rotate quantile segment \
			score top join common layer base thr tops scores
		declare -f forward zipped
	)
	mkdir -p -- "$run/shards-$shards"
	known=$(sha256sum <<<"$text")
	plan=$run/shards-$shards/plan-${known:0:8}
	[ -e "$plan" ] || { printf '%s\n' "$text" >"$plan.part" && mv -- "$plan.part" "$plan"; }
	plan=$PWD/$plan
}

# parts_of LAYER -- the shards' activations, in order, unless there are those of all
parts_of() {
	local number
	parts_of=()
	files_of "$1"
	[ ! -e "$act_file" ] || return 0
	for ((number = 1; number <= shards; number++)); do
		parts_of+=("$(zipped "$run/shards-$shards/$number/$(readable "$1").act.ndr")")
	done
}

# whole -- whether a stage that is to be done wants all activations at once
whole() {
	local l file
	[ -n "$cache" ] || return 1
	for l in "${layer[@]}"; do
		files_of "$l"
		[ ! -e "$act_file" ] || continue
		stem=$(readable "$l")$rotated
		for file in "$ranges_file" "$joint_file" "$accuracy_file" "$control_file" "$probe_file" "$ablated_file" \
			${given[--permute]+"$score_file"} ${synth:+${report:+"$stem.html"}}; do
			[ -z "$file" ] || [ -e "$file" ] || return 0
		done
	done
	return 1
}

# run_shards -- thresholds, strongest images and scores of all, and activations where they are wanted
run_shards() {
	local scored_apart=yes plan job jobs=() all=''
	[ -z "${given[--permute]+given}" ] || scored_apart='' # labels change places among all images
	write_plan
	rm -rf -- "$run/shards-$shards"/*/.pass.?????? "$run/shards-$shards"/*/.ndr.??????  # what a killed run left
	! whole || all=yes
	jobs=(${all:+activations} thresholds join-thresholds ${scored_apart:+scores join-scores})
	case $engine in
	make)
		SHARD_JOB=$here/dissect-shard SHARD_PLAN=$plan session make -f "$here/dissect-shards.mk" --no-print-directory -s \
			-j "${at_once:-1}" SHARDS="$shards" WHOLE="$all" "${jobs[-1]}"
		;;
	parallel)
		for job in "${jobs[@]}"; do
			if [ "${job#join-}" = "$job" ]; then
				# shellcheck disable=SC2016 # for the inner shell
				session bash -c 'exec parallel "$@" 2>&8' parallel --will-cite -q -j "${at_once:-1}" \
					${given[--sshlogin]+--sshlogin "${given[--sshlogin]}"} --halt soon,fail=1 \
					--termseq TERM,2000,KILL "$here/dissect-shard" "$plan" "$job" ::: $(seq "$shards")
			else
				session bash -c 'exec "$@" 2>&8' job "$here/dissect-shard" "$plan" "$job"
			fi
		done
		;;
	slurm)
		read -ra words <<<"${given[--sbatch]-}"
		session "$here/slurm/submit" "$here/dissect-shard" "$plan" "$shards" "$at_once" "${words[@]}" -- "${jobs[@]}"
		;;
	esac
}
