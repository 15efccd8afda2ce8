# On a terminal: who is asked for input, what is refused, and one line of progress.
# shellcheck disable=SC2154 # set by bats
load helper

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	# run.py WHAT COMMAND...: run each shell command with the descriptors that WHAT names
	# (0, 1 or 2) on a terminal of 60 columns; print its exit status, then what came.
	cat >run.py <<-'EOP'
		import fcntl, os, pty, struct, subprocess, sys, termios
		for command in sys.argv[2:]:
		    leader, terminal = pty.openpty()
		    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 24, 60, 0, 0))
		    streams = [terminal if str(i) in sys.argv[1] else None for i in range(3)]
		    p = subprocess.Popen(["bash", "-c", command], stdin=streams[0], stdout=streams[1],
		                         stderr=streams[2])
		    os.close(terminal)
		    text = b""
		    try:
		        while True:
		            text += os.read(leader, 65536)
		    except OSError:
		        pass
		    os.close(leader)
		    print(p.wait())
		    sys.stdout.write(text.decode().replace("\r\n", "\n"))
	EOP
	# screen.py: what a terminal shows of what it is sent, and on the first line the most
	# columns that were filled.
	cat >screen.py <<-'EOP'
		import re, sys
		lines, column, most = [""], 0, 0
		for token in re.findall(r"\x1b\[K|[\r\n]|[^\r\n\x1b]+", sys.stdin.read()):
		    if token == "\r":
		        column = 0
		    elif token == "\n":
		        lines.append("")
		        column = 0
		    elif token[0] == "\x1b":
		        lines[-1] = lines[-1][:column]
		    else:
		        lines[-1] = lines[-1][:column] + token + lines[-1][column + len(token):]
		        column += len(token)
		        most = max(most, column)
		print(most)
		print("\n".join(lines))
	EOP
	# trickle: activations that come in small pieces, over two seconds.
	fixture=$(fixture)
	cat >trickle <<-EOF
		#!/bin/bash
		for i in {0..24}; do
			dd if='$fixture/conv5.ndr' bs=121856 skip="\$i" count=1 status=none
			sleep 0.08
		done
	EOF
	chmod +x trickle
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return
	export TERM=xterm
}

on_terminal() {
	timeout 60 python3 run.py "$@"
}

@test "TE01 standard input is a terminal: usage, exit 2" {
	local names=() lines=()
	for source in "$root"/cmd/*.c; do
		command=${source##*/} command=${command%.c} more=
		case $command in
		broden-*) continue ;; # read nothing from there
		cnn-forward) more="-m $root/pipelines/demo/demo.onnx -l conv5" ;;
		act-segment) more="-T thr" ;;
		ndrtonpy) more="--type act" ;;
		npytondr) more="--as image" ;;
		rotate-basis) more="--seed 1" ;;
		unit-ablate) more="-m $root/pipelines/demo/demo.onnx --layer conv5 -l score -c scene -r $BATS_FILE_TMPDIR/none" ;;
		act-ablate) more="--units 1" ;;
		ndr-split) more="-d ." ;;
		unit-paint) more="-T thr -r csv -d ." ;;
		human-score) continue ;; # reads files alone
		human-sheet | unit-report) more=conv5 ;;
		class-accuracy | linear-probe) more="-c scene" ;;
		esac
		names+=("$command")
		lines+=("$command $more 2>$command.said >$command.wrote")
	done
	on_terminal 0 "${lines[@]}" >status
	printf '2\n%.0s' "${names[@]}" | cmp - status
	for command in "${names[@]}"; do
		[ ! -s "$command.wrote" ]
		mapfile -t lines <"$command.said"
		[ ${#lines[@]} = 3 ]
		[[ ${lines[0]} == "usage: $command "* ]]
		[ "${lines[1]}" = "$command: standard input is a terminal" ]
	done
	# Where it is not read, it may be one.
	on_terminal 0 "cnn-forward -m $root/pipelines/demo/demo.onnx --list >wrote" >status
	[ "$(<status)" = 0 ]
	[ -s wrote ]
}

@test "TE02 binary data to a terminal is refused before anything is read" {
	rm -f never
	mkfifo never
	exec 8<>never
	local command lines=()
	for command in ndr-cat "ndr-head -n 1" ndrtopam "ndrtonpy --type act" act-quantile act-top \
		"act-segment -T never" iou-score "rotate-basis --seed 1" "npytondr --as image" pamtondr \
		"cnn-forward -m never -l conv5"; do
		lines+=("$command never 2>>said")
		echo "${command%% *}: <stdout>: binary data is not written to a terminal (see --force)" >>want
	done
	on_terminal 1 "${lines[@]}" >status
	printf '2\n%.0s' "${lines[@]}" | cmp - status
	diff want said
	broden-synth -n 1 --size 16 -o one
	on_terminal 1 "ndr-cat --force one" | head -n 1 | grep -qx 0
}

@test "TE03 programs of a pipe share one line of progress, one at a time; messages stand above it" {
	on_terminal 2 './trickle | NDPIPE_STAGE="dissect: 1 of 4" rotate-basis --seed 1 |
		tee >(act-top >/dev/null) | act-top >/dev/null &
		sleep 1; ndr-check missing; ndr-check also-missing; wait' >said
	tail -n +2 said | python3 screen.py >screen
	[ "$(head -n 1 screen)" -lt 60 ]
	# Nothing is left but the messages, each in a line of its own.
	tail -n +2 screen | grep -v '^$' >left
	diff left - <<-'EOF'
		ndr-check: missing: No such file or directory
		ndr-check: also-missing: No such file or directory
	EOF
	# What was drawn, owner by owner.
	tail -n +2 said | tr '\r' '\n' | sed 's/\x1b\[K//' | grep ' of ' >drawn
	grep -qE '^dissect: 1 of 4: rotate-basis: [0-9]+ of 24, [0-9.]+/s, [0-9]+ s left$' drawn
	[ "$(wc -l <drawn)" -gt 4 ]
	run ! grep -vE '^(dissect: 1 of 4: rotate-basis|act-top): [0-9]+ of 24(, [0-9.]+/s(, [0-9]+ s left)?)?$' drawn
	[ "$(sed 's/: [0-9]* of 24.*//' drawn | uniq | wc -l)" -le 3 ]
}

@test "TE04 a terminal that knows no escapes" {
	TERM=dumb on_terminal 2 './trickle | act-top >/dev/null &
		sleep 1; ndr-check missing; wait' >said
	run ! grep -q $'\x1b' said
	tail -n +2 said | python3 screen.py | tail -n +2 | sed 's/ *$//' | grep -v '^$' >left
	[ "$(<left)" = "ndr-check: missing: No such file or directory" ]
}

@test "TE05 without a terminal: none, or with --progress lines, the last one complete" {
	broden-synth -n 50 --size 16 -o scenes 2>said
	[ ! -s said ]
	broden-synth -n 50 --size 16 --progress -o scenes 2>said
	tail -n 1 said | grep -qE '^broden-synth: 50 of 50, [0-9]+/s$'
	run ! grep -q $'[\r\x1b]' said
	broden-synth -n 50 --size 16 --progress -q -o scenes 2>said
	[ ! -s said ]
}
