# stream.bash -- streams made to measure, by the independent writer of tests/format.

# stream EXPRESSION -- such as 'example().end()'; see tests/format/make-corpus.
stream() {
	python3 -c '
import sys
names = {"__name__": "corpus"}
exec(open(sys.argv[1]).read(), names)
sys.stdout.buffer.write(eval(sys.argv[2], names).data)' "$root/tests/format/make-corpus" "$1"
}

# damage FILE OFFSET -- to standard output, with another byte there
damage() {
	head -c "$2" "$1"
	printf '\377\376\375'
	tail -c +$(($2 + 4)) "$1"
}
