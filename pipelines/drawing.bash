# shellcheck shell=bash
# drawing.bash -- what plot's and experiment's drawings have in common: scripts of gnuplot.

# The palette of the pages: lib/report/palette.c.
# shellcheck disable=SC2034 # who sources this uses it
categories=(object scene part material texture color other)
# shellcheck disable=SC2034
colors=(0072b2 009e73 56b4e9 d55e00 cc79a7 c9a800 808080)

# begin_drawing FILE -- what each script begins with; no text of a table is in one
begin_drawing() {
	cat <<EOT
# gnuplot $1.gp draws $1.tsv as $1.svg and $1.png.
set encoding utf8
set datafile separator tab
set datafile commentschars ''
set style fill pattern border lt -1
set border 3
set xtics nomirror noenhanced
set ytics nomirror
set grid ytics lc rgb '#dddddd'
set yrange [0:*]
EOT
}

# end_drawing FILE -- how each ends: draw, twice
end_drawing() {
	cat <<EOT
set terminal @format
set output '$1.svg'
replot
set terminal @image
set output '$1.png'
replot
set output
EOT
}
