# shellcheck shell=bash
# page.bash -- the end of an experiment: its tables drawn, and all of it on one page, which
# needs no other file and no network.
# shellcheck disable=SC2154 # experiment sets these

# What HTML has as text, and what it cannot have.
escaped() {
	LC_ALL=C tr -d '\000-\010\013-\037\177' | sed "s/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/\"/\&quot;/g; s/'/\&#39;/g"
}
text() {
	local LC_ALL=C text=${1//[$'\001'-$'\010'$'\013'-$'\037'$'\177']/}
	text=${text//'&'/'&amp;'}
	text=${text//'<'/'&lt;'}
	text=${text//'>'/'&gt;'}
	text=${text//'"'/'&quot;'}
	printf '%s' "${text//"'"/'&#39;'}"
}

# begin_plot FILE WIDTH HEIGHT XLABEL YLABEL LOG -- what each script begins with
begin_plot() {
	begin_drawing "$1"
	cat <<EOT
set xlabel '$4'
set ylabel '$5'
set key outside right top vertical noenhanced
short(s) = strlen(s) > 28 ? s[1:27].'…' : s
format = "svg size $2,$3 font 'Helvetica,13' noenhanced background rgb 'white'"
image = "pngcairo size $2,$3 font 'Sans,11' noenhanced"
set terminal unknown
EOT
	[ -z "$6" ] || printf 'set logscale x 2\n'
}
# bars FILE XLABEL YLABEL -- a bar a row, categories one upon another
bars() {
	local i at column=1 first="plot '$1.tsv'" category longest rows
	rows=$(wc -l <"$1.tsv")
	longest=$(cut -f 1 "$1.tsv" | awk '{ if (length($0) > n) n = length($0) } END { print n > 28 ? 28 : n }')
	begin_plot "$1" $((260 + (rows > 8 ? 34 : 70) * rows)) $((400 + 5 * longest)) "$2" "$3" ''
	cat <<'EOT'
set style data histograms
set style histogram rowstacked
set boxwidth 0.7
set xtics rotate by 35 right scale 0
set key invert
EOT
	# Room for the first name, which runs down to the left.
	printf 'set lmargin %d\n' $((longest * 3 / 4 > 8 ? longest * 3 / 4 : 8))
	while IFS= read -r category; do
		column=$((column + 1)) at=6
		for i in "${!categories[@]}"; do
			[ "$category" != "${categories[i]}" ] || at=$i
		done
		printf '%s skip 1 using %d:xtic(short(strcol(1))) fs pattern %d lc rgb "#%s" title "%s"' \
			"$first" $column $((at + 1)) "${colors[at]}" "$(tr -cd 'A-Za-z0-9 _-' <<<"$category")"
		first=", \\
     ''"
	done < <(head -n 1 "$1.tsv" | cut -f 2- | tr '\t' '\n')
	printf '\n'
	end_drawing "$1"
}

# lines FILE XLABEL YLABEL LOG -- a line a column; columns whose names end in " from" and " to"
# after it are an interval
lines() {
	local column=1 first="plot '$1.tsv'" title i=0 x=1
	local -a titles
	mapfile -t titles < <(head -n 1 "$1.tsv" | tr '\t' '\n')
	begin_plot "$1" 760 460 "$2" "$3" "$4"
	# A logarithm has no place for 0: half of 1 is drawn.
	[ -z "$4" ] || x="(\$1 > 0 ? \$1 : 0.5)"
	printf 'set key autotitle columnheader\n'
	for ((column = 1; column < ${#titles[@]}; column++)); do
		title=${titles[column]}
		[[ $title != *' from' && $title != *' to' ]] || continue
		if [ "${titles[column + 1]-}" = "$title from" ]; then
			printf '%s using %s:%d:%d:%d with yerrorlines lw 2 pt %d dt %d lc rgb "#%s"' "$first" "$x" \
				$((column + 1)) $((column + 2)) $((column + 3)) $((i % 12 + 1)) $((i / 7 + 1)) "${colors[i % 7]}"
		else
			printf '%s using %s:%d with linespoints lw 2 pt %d dt %d lc rgb "#%s"' "$first" "$x" \
				$((column + 1)) $((i % 12 + 1)) $((i / 7 + 1)) "${colors[i % 7]}"
		fi
		first=", \\
     ''" i=$((i + 1))
	done
	printf '\n'
	end_drawing "$1"
}

# points FILE XLABEL YLABEL -- a cloud a column, over the first; the diagonal is where both agree
points() {
	local i
	local -a titles
	mapfile -t titles < <(head -n 1 "$1.tsv" | tr '\t' '\n')
	begin_plot "$1" 640 520 "$2" "$3" ''
	printf "set xrange [0:*]\nplot x with lines lc rgb '#808080' dt 2 notitle"
	for ((i = 1; i < ${#titles[@]}; i++)); do
		printf ', \\\n     '"'%s.tsv'"' skip 1 using 1:%d with points pt %d ps 0.7 lc rgb "#%s" title "%s"' \
			"$1" $((i + 1)) $((i * 2 + 4)) "${colors[i == 1 ? 0 : 3]}" "$(tr -cd 'A-Za-z0-9 _-' <<<"${titles[i]}")"
	done
	printf '\n'
	end_drawing "$1"
}

# named_points FILE XLABEL YLABEL -- a point a row, with its name; the column after the name is x, each
# other a kind of points, of which all but the first are joined by lines
named_points() {
	local column first="plot '$1.tsv'" join=points
	begin_plot "$1" 860 520 "$2" "$3" ''
	cat <<'EOT'
set yrange [*:*]
set offsets 0, graph 0.12, graph 0.05, graph 0.05
set key below autotitle columnheader
set grid xtics
EOT
	for ((column = 3; column <= $(head -n 1 "$1.tsv" | awk -F '\t' '{ print NF }'); column++)); do
		printf '%s using 2:%d with %s pt %d ps 1.2 lw 1.5 lc rgb "#%s", \\\n' \
			"$first" $column $join $((column * 2 + 1)) "${colors[(column - 3) % 7]}"
		printf "     '' using 2:%d:(short(strcol(1))) with labels left offset 0.8,0 font ',9' tc rgb '#595959' noenhanced notitle" $column
		first=", \\
     ''" join=linespoints
	done
	printf '\n'
	end_drawing "$1"
}

# table FILE -- a TSV as a table
table() {
	escaped <"$1" | awk -F '\t' '
		NR == 1 { printf "<div class=\"wide\"><table><thead><tr>"
			for (i = 1; i <= NF; i++) printf "<th scope=\"col\">%s</th>", $i
			print "</tr></thead><tbody>"; next }
		{ printf "<tr><th scope=\"row\">%s</th>", $1
			for (i = 2; i <= NF; i++) printf "<td>%s</td>", $i
			print "</tr>" }
		END { print "</tbody></table></div>" }'
}

# for_page FILE -- a plot of gnuplot, whose paper is dark where the page is
for_page() {
	sed '0,/^<title>/s//<style>@media (prefers-color-scheme: dark) { #gnuplot_canvas > rect { fill: #131416 } [color="black"] { color: #ececec } [color="gray"] { color: #393b40 } [stroke="black"] { stroke: #ececec } [fill="black"] { fill: #ececec } [stroke="rgb(221, 221, 221)"] { stroke: #393b40 } }<\/style>\n&/' "$1"
}

style=':root { color-scheme: light dark; --back: #fff; --front: #1a1a1a; --soft: #595959; --line: #d9d9d9; --card: #f8f8f7; --link: #0b57a4; --mark: #c2410c; font: 15px/1.5 system-ui, sans-serif }
@media (prefers-color-scheme: dark) { :root { --back: #131416; --front: #ececec; --soft: #a9abaf; --line: #393b40; --card: #1c1e21; --link: #8ec5ff; --mark: #ff8a4c } }
body { margin: 0 auto; padding: 1.25rem 1rem; max-width: 75rem; background: var(--back); color: var(--front) }
a { color: var(--link) }
h1, h2 { font-size: 1.25rem; line-height: 1.25; margin: 2rem 0 0.5rem; overflow-wrap: anywhere }
h1 { font-size: 1.9rem; letter-spacing: -0.01em; margin: 0 0 0.75rem }
figure { margin: 0 0 1rem }
figure img { display: block; max-width: 100%; height: auto }
figcaption, footer, summary { color: var(--soft); font-size: 0.9rem }
footer { margin-top: 2rem; padding-top: 0.75rem; border-top: 1px solid var(--line) }
.wide { overflow-x: auto; margin-bottom: 1rem }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: 0.15rem 0.9rem 0.15rem 0; text-align: right; vertical-align: top; border-bottom: 1px solid var(--line) }
thead th { color: var(--soft); font-weight: normal }
tbody th, thead th:first-child { text-align: left; font-weight: normal; overflow-wrap: break-word; max-width: 30rem }
.said { padding: 0.6rem 1rem; background: var(--card); border-left: 4px solid var(--link); border-radius: 3px }
.said p { max-width: 56rem }
.said p { margin: 0.3rem 0 }
.warnings { padding: 0.6rem 1rem 0.6rem 2rem; background: var(--card); border-left: 4px solid var(--mark); overflow-wrap: anywhere }
code { overflow-wrap: anywhere; font-size: 0.85rem }
@media print {
	:root { --back: #fff; --front: #000; --soft: #444; --line: #bbb; --card: #fff; --link: #000; font-size: 11px }
	body { max-width: none; padding: 0 }
	.wide { overflow: visible }
	figure, tr { break-inside: avoid }
	h2 { break-after: avoid }
	details::details-content { content-visibility: visible; display: block; height: auto }
}'

# begin_page TITLE -- up to its heading
begin_page() {
	local digest
	digest=$(printf '%s' "$style" | sha256sum | cut -c 1-64 | sed 's/../\\x&/g')
	cat <<EOT
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'sha256-$(printf '%b' "$digest" | base64)'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$(text "$1")</title>
<style>$style</style>
</head>
<body>
<main>
<h1>$(text "$1")</h1>
EOT
}

# said < what NAME.awk says -- as paragraphs
said() {
	escaped | sed -n 's,^paper\t\(.*\),<p><b>The paper:</b> \1</p>,p; s,^released\t\(.*\),<p><b>Released:</b> \1</p>,p; s,^here\t\(.*\),<p><b>Here:</b> \1</p>,p'
}

# write_page -- draw what NAME.awk says, and write it down
write_page() {
	local kind file title x y
	mkdir "$work/page"
	awk -v dir="$work/page" -f "$here/experiments/statistics.awk" -f "$here/experiments/table.awk" -f "$here/experiments/$as.awk" \
		"$results" "$work/units.tsv" "$work"/{summary,fdr,accuracy,control,probe,ablated,effects,by-class,asked,human}.tsv >"$work/says"
	! compgen -G "$work/page/*.tsv" >/dev/null || # gnuplot takes a quote for the begin of a text
		sed -i "s/\"/''/g" "$work/page"/*.tsv
	cp "$results" "$work/units.tsv" "$work/page"
	[ ! -s "$work/chances.tsv" ] || { cp "$work/chances.tsv" "$work/page" && cp "$work/fdr.tsv" "$work/page/rates.tsv"; }
	[ ! -s "$work/sets.tsv" ] || cp "$work/sets.tsv" "$work/page"
	for file in "$work"/{describe,sheet,key}-*; do
		[ ! -e "$file" ] || mv -- "$file" "$work/page"
	done
	while IFS=$'\037' read -r _ kind file title x y; do
		[[ $kind != table && $kind != links ]] || continue
		(cd "$work/page" && case $kind in
			bars) bars "$file" "$x" "$y" ;;
			lines) lines "$file" "$x" "$y" '' ;;
			points) points "$file" "$x" "$y" ;;
			log-lines) lines "$file" "$x" "$y" yes ;;
			named-points) named_points "$file" "$x" "$y" ;;
		esac >"$file.gp" && { [ "$(wc -l <"$file.tsv")" -lt 2 ] || gnuplot "$file.gp"; }) >"$work/drawn" 2>&1 ||
			die "gnuplot: $(head -n 3 "$work/drawn" | tr '\n' ' ')" 1
	done < <(grep '^draw' "$work/says" | tr '\t' '\037')
	{
		begin_page "$called"
		printf '<div class="said">\n'
		grep -v '^draw' "$work/says" | said
		printf '</div>\n'
		if [ -s "$work/warnings" ]; then
			printf '<h2>Warnings</h2>\n<ul class="warnings">\n'
			escaped <"$work/warnings" | awk -F '\t' '!($2 in of) { order[++n] = $2 }
				{ if (++runs[$2] <= 6) of[$2] = of[$2] (runs[$2] > 1 ? ", " : "") $1 }
				END { for (i = 1; i <= n; i++) { m = runs[order[i]] - 6
					printf "<li>%s <small>(%s%s)</small></li>\n", order[i], of[order[i]], (m > 0 ? " and " m " more" : "") } }'
			printf '</ul>\n'
		fi
		while IFS=$'\037' read -r _ kind file title x y; do
			printf '<h2>%s</h2>\n' "$(text "$title")"
			[ ! -s "$work/page/$file.svg" ] ||
				printf '<figure><img alt="%s; the table below has the numbers" src="data:image/svg+xml;base64,%s"><figcaption><a href="%s.svg">%s.svg</a>, <a href="%s.png">png</a>, <a href="%s.tsv">its numbers</a>, <a href="%s.gp">its script</a></figcaption></figure>\n' \
					"$(text "$title")" "$(for_page "$work/page/$file.svg" | base64 -w 0)" "$file" "$file" "$file" "$file" "$file"
			[[ $kind != table && $kind != points ]] || printf '<details><summary><a href="%s.tsv">%s.tsv</a></summary>\n' "$file" "$file"
			table "$work/page/$file.tsv" | if [ "$kind" = links ]; then
				sed -E 's,<td>((describe|sheet)-[0-9]+\.html)</td>,<td><a href="\1">\1</a></td>,g'
			else
				cat
			fi
			[[ $kind != table && $kind != points ]] || printf '</details>\n'
		done < <(grep '^draw' "$work/says" | tr '\t' '\037')
		printf '<h2>All counts</h2>\n<p><a href="results.tsv">results.tsv</a> has these rows and each category, <a href="units.tsv">units.tsv</a> each unit.</p>\n'
		awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "category") c = i } NR == 1 || $c == "all"' \
			"$results" >"$work/all"
		table "$work/all"
		printf '<h2>Runs</h2>\n<div class="wide"><table><tbody>\n'
		escaped <"$work/runs" | sed 's,\t,</th><td><code>,; s,^,<tr><th scope="row">,; s,$,</code></td></tr>,'
		printf '</tbody></table></div>\n</main>\n<footer>%s</footer>\n</body>\n</html>\n' "$(text "$(version)")"
	} >"$work/page/index.html"
	mkdir -p -- "$outdir/$called"
	# The page comes last: it is of the tables beside it.
	mv -- "$work/page/index.html" "$work"
	mv -f -- "$work/page"/* "$outdir/$called"
	mv -f -- "$work/index.html" "$outdir/$called"
	grep -v '^draw' "$work/says" >"$outdir/$called/says.tsv"
	[ -n "$quiet" ] || printf '%s\n' "$outdir/$called/results.tsv" "$outdir/$called/index.html"
}

# write_index -- a page that leads to those of the experiments in outdir
write_index() {
	local says of
	{
		begin_page Experiments
		for says in "$outdir"/*/says.tsv; do
			of=$(basename -- "$(dirname -- "$says")")
			printf '<h2><a href="%s/index.html">%s</a></h2>\n<div class="said">\n' "$of" "$of"
			said <"$says"
			printf '</div>\n'
		done
		printf '</main>\n<footer>%s</footer>\n</body>\n</html>\n' "$(text "$(version)")"
	} >"$outdir/.index"
	mv -f -- "$outdir/.index" "$outdir/index.html"
	[ -n "$quiet" ] || printf '%s\n' "$outdir/index.html"
}
