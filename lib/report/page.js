'use strict';
// The page is complete without this: it sorts, filters, recounts, and opens images large.
(() => {
const $ = id => document.getElementById(id);
const data = JSON.parse($('data').textContent);
const sides = data.sides.map((side, n) => {
	const section = document.querySelector(`.side[data-side="${n}"]`);
	const cards = [...section.querySelectorAll('.card')];
	return {...side, section, cards, id: 'uv'[n]};
});
// Where an example's map is among what is packed.
sides.reduce((at, side) => {
	for (const u of side.units)
		for (const x of u[5]) {
			x.push(at);
			at += side.height * side.width;
		}
	return at;
}, 0);
const best = (side, u) => {
	const c = u[0];
	return {category: c, label: side.labels[u[4][2 * c]], iou: u[4][2 * c + 1]};
};

// ---- counting, by both rules

function recount(side, cut) {
	const n = side.categories.length;
	const tally = () => [new Set(), ...side.categories.map(() => new Set())];
	const rules = {top: {detectors: tally(), unique: tally()},
		'per-category': {detectors: tally(), unique: tally()}};
	side.units.forEach((u, k) => {
		for (let c = 0; c < n; c++) {
			const label = side.labels[u[4][2 * c]];
			if (!(u[4][2 * c + 1] > cut) || !label)
				continue;
			for (const rule of c === u[0] ? ['top', 'per-category'] : ['per-category']) {
				rules[rule].detectors[0].add(k);
				rules[rule].detectors[c + 1].add(k);
				rules[rule].unique[0].add(rule === 'top' ? label : c + ' ' + label);
				rules[rule].unique[c + 1].add(label);
			}
		}
	});
	for (const cell of side.section.querySelectorAll('.counts [data-rule]'))
		cell.textContent = rules[cell.dataset.rule][cell.dataset.what][+cell.dataset.category + 1].size;
	const sum = side.section.querySelector('.sum');
	sum.querySelector('.detectors').textContent = rules.top.detectors[0].size;
	sum.querySelector('.unique').textContent = rules.top.unique[0].size;
	sum.querySelector('.cut').textContent = cut;
}

// ---- state: controls and #hash say the same

const state = {sort: 'iou', category: '', find: '', label: '', cut: data.cut, detectors: ''};
const initial = {...state};

function readHash() {
	Object.assign(state, initial);
	const q = new URLSearchParams(location.hash.slice(1));
	for (const key of Object.keys(state))
		if (q.has(key))
			state[key] = key === 'cut' ? Math.min(1, Math.max(0, +q.get(key) || 0)) : q.get(key);
	return q;
}

function writeHash(more) {
	const q = new URLSearchParams();
	for (const key of Object.keys(state))
		if (String(state[key]) !== String(initial[key]))
			q.set(key, state[key]);
	for (const [key, value] of Object.entries(more || {}))
		q.set(key, value);
	history.replaceState(null, '', '#' + q);
}

const order = {
	unit: () => 0,
	iou: (a, b) => b.iou - a.iou,
	label: (a, b) => (a.label < b.label ? -1 : a.label > b.label ? 1 : b.iou - a.iou),
	category: (a, b) => a.place - b.place || b.iou - a.iou,
};

function apply() {
	const words = state.find.toLowerCase().trim();
	let shown = 0, all = 0;
	for (const side of sides) {
		recount(side, +state.cut);
		const cards = side.cards.map(card => {
			const k = +card.dataset.unit - 1;
			const b = best(side, side.units[k]);
			return {card, k, ...b, place: side.palette[b.category]};
		});
		for (const c of cards) {
			const text = `${c.label} unit ${c.k + 1}`.toLowerCase();
			const hide = (state.category && side.categories[c.category] !== state.category) ||
				(state.label && c.label !== state.label) ||
				(words && !text.includes(words)) || (state.detectors && !(c.iou > state.cut));
			if (c.card.hidden !== Boolean(hide))
				c.card.hidden = Boolean(hide);
			c.card.classList.toggle('below', !(c.iou > state.cut));
			shown += !hide;
			all++;
		}
		cards.sort((a, b) => (order[state.sort] || order.iou)(a, b) || a.k - b.k);
		const list = side.section.querySelector('.cards');
		if (cards.some((c, i) => list.children[i] !== c.card))
			list.append(...cards.map(c => c.card));
	}
	$('sort').value = order[state.sort] ? state.sort : 'iou';
	$('category').value = state.category;
	$('find').value = state.label || state.find;
	$('cut').value = state.cut;
	$('cut-value').textContent = (+state.cut).toFixed(3);
	$('detectors').checked = Boolean(state.detectors);
	$('shown').textContent = `${shown} of ${all} units`;
}

function change(next) {
	Object.assign(state, next);
	writeHash();
	apply();
}

function goTo(side, number) {
	const card = $(`${side.id}${number}`);
	if (!card)
		return;
	card.hidden = false;
	card.scrollIntoView();
	card.querySelector('h3 a').focus({preventScroll: true});
	// Once more when cards on the way there have their true heights.
	requestAnimationFrame(() => requestAnimationFrame(() => card.scrollIntoView()));
}

function follow() {
	const old = /^#([uv])(\d+)(?:-(\d+))?$/.exec(location.hash);
	const q = readHash();
	apply();
	const number = old ? old[2] : q.get('unit');
	const side = sides[old ? 'uv'.indexOf(old[1]) : +q.get('side') || 0];
	if (!number || !side)
		return;
	if (old) // or the browser goes there once more, and takes the focus away
		writeHash({...(side.id === 'v' ? {side: 1} : {}), unit: number});
	goTo(side, number);
	const image = old ? old[3] : q.get('image');
	if (image && $(`${side.id}${number}-${image}`))
		open($(`${side.id}${number}-${image}`));
}

// ---- an image, large, with the masks of all detectors that fire on it

let opener = null, opening = 0, painting = 0;

async function pixels(uri) {
	const img = new Image();
	img.src = uri;
	await img.decode();
	const canvas = document.createElement('canvas');
	canvas.width = img.naturalWidth;
	canvas.height = img.naturalHeight;
	const g = canvas.getContext('2d', {willReadFrequently: true});
	g.drawImage(img, 0, 0);
	return {rgba: g.getImageData(0, 0, canvas.width, canvas.height).data,
		width: canvas.width, height: canvas.height};
}

// Maps, and masks of all detectors, unpacked when they are first wanted.
let unpacked = null;

async function inflate() {
	const bytes = Uint8Array.from(atob($('packed').textContent), c => c.charCodeAt(0));
	const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
	return new Uint8Array(await new Response(stream).arrayBuffer());
}

function unpack() {
	unpacked = unpacked || inflate();
	return unpacked;
}

// The pixels of an exact mask: what its PNG does not dim.
async function exact(link) {
	const uri = link.style.getPropertyValue('--m').trim().replace(/^url\(["']?|["']?\)$/g, '');
	const {rgba, width, height} = await pixels(uri);
	const on = new Uint8Array(width * height);
	for (let i = 0; i < on.length; i++)
		on[i] = rgba[4 * i + 3] === 0 || rgba[4 * i] > 0;
	return {on, width, height};
}

// About the same at another threshold, from the map in 8 bits.
async function approximate(side, example, threshold) {
	const cell = (await unpack()).subarray(example[4], example[4] + side.height * side.width);
	const [, low, high] = example, n = side.y.length, on = new Uint8Array(n * n);
	const value = (i, j) => low + (high - low) * cell[i * side.width + j] / 255;
	for (let v = 0; v < n; v++)
		for (let u = 0; u < n; u++) {
			const i = Math.floor(side.y[v]), j = Math.floor(side.x[u]);
			const fi = side.y[v] - i, fj = side.x[u] - j;
			const i2 = Math.min(i + 1, side.height - 1), j2 = Math.min(j + 1, side.width - 1);
			const above = value(i, j) * (1 - fj) + value(i, j2) * fj;
			const below = value(i2, j) * (1 - fj) + value(i2, j2) * fj;
			on[v * n + u] = above * (1 - fi) + below * fi >= threshold;
		}
	return {on, width: n, height: n};
}

function paintMask(g, size, mask, color, letter, dim) {
	const {on, width, height} = mask, sx = size.w / width, sy = size.h / height;
	const at = (x, y) => x >= 0 && y >= 0 && x < width && y < height && on[y * width + x];
	const edge = Math.round;
	let first = null;
	g.fillStyle = 'rgb(0 0 0 / 59%)';
	for (let y = 0; y < height; y++)
		for (let x = 0; x < width; x++)
			if (at(x, y))
				first = first || [x, y];
			else if (dim)
				g.fillRect(edge(x * sx), edge(y * sy), edge((x + 1) * sx) - edge(x * sx),
					edge((y + 1) * sy) - edge(y * sy));
	g.strokeStyle = color;
	g.lineWidth = dim ? 3 : 2;
	g.beginPath();
	for (let y = 0; y < height; y++)
		for (let x = 0; x < width; x++) {
			if (!at(x, y))
				continue;
			for (const [dx, dy, x1, y1, x2, y2] of [[-1, 0, 0, 0, 0, 1], [1, 0, 1, 0, 1, 1],
				[0, -1, 0, 0, 1, 0], [0, 1, 0, 1, 1, 1]])
				if (!at(x + dx, y + dy)) {
					g.moveTo((x + x1) * sx, (y + y1) * sy);
					g.lineTo((x + x2) * sx, (y + y2) * sy);
				}
		}
	g.stroke();
	if (first && letter) {
		g.font = 'bold 16px sans-serif';
		g.lineWidth = 4;
		g.strokeStyle = '#000';
		g.strokeText(letter, first[0] * sx + 3, first[1] * sy + 16);
		g.fillStyle = '#fff';
		g.fillText(letter, first[0] * sx + 3, first[1] * sy + 16);
	}
}

// A picture's detectors and their masks, as outline.h packs them.
async function sheet([height, width, count, at]) {
	const bytes = await unpack();
	const number = () => {
		let n = 0, k = 1, b;
		do {
			b = bytes[at++];
			n += (b & 127) * k;
			k *= 128;
		} while (b > 127);
		return n;
	};
	const units = [], masks = [];
	for (let i = 0; i < count; i++)
		units.push(number() + (i ? units[i - 1] + 1 : 0));
	// The rows that have edges, of each mask.
	for (let i = 0; i < count; i++) {
		const top = number(), rows = [];
		for (let left = number(), edges = []; left > 0; left--) {
			if (edges.length && bytes[at] < 255)
				edges = edges.map(x => x + bytes[at++] - 128);
			else {
				at++;
				edges = Array(number()).fill(0);
				edges.forEach((_, e) => { edges[e] = number() + (e ? edges[e - 1] : 0); });
			}
			rows.push(edges);
		}
		masks.push({top, rows});
	}
	const draw = ({top, rows}) => {
		const on = new Uint8Array(width * height);
		rows.forEach((edges, y) => {
			for (let e = 0; e < edges.length; e += 2)
				on.fill(1, (top + y) * width + edges[e], (top + y) * width + edges[e + 1]);
		});
		return {on, width, height};
	};
	return units.map((k, i) => ({k, mask: () => draw(masks[i])}));
}

// The detectors that fire on a picture, with how to come by their masks; where the page does
// not know, those of whose images it is one.
async function firing(picture) {
	const found = [];
	for (const [n, side] of sides.entries()) {
		const packed = data.pictures[picture][4][n];
		if (packed)
			for (const f of await sheet(packed))
				found.push({...f, side, u: side.units[f.k]});
		else
			side.units.forEach((u, k) => u[5].forEach((x, rank) => {
				if (x[0] === picture && best(side, u).iou > data.cut)
					found.push({side, k, u, mask: () => exact($(`${side.id}${k + 1}-${rank + 1}`))});
			}));
	}
	return found.map(f => ({...f, ...best(f.side, f.u)})).sort((a, b) => b.iou - a.iou);
}

function element(name, text, attributes) {
	const e = document.createElement(name);
	if (text)
		e.textContent = text;
	for (const [key, value] of Object.entries(attributes || {}))
		e.setAttribute(key, value);
	return e;
}

const LARGEST = 640, MOST_ENLARGED = 3;

function open(link) {
	const [, id, number, image] = /^([uv])(\d+)-(\d+)$/.exec(link.id);
	const side = sides['uv'.indexOf(id)], u = side.units[number - 1], x = u[5][image - 1];
	const [item, height, width, name] = data.pictures[x[0]];
	const stage = $('stage'), fires = $('fires'), b = best(side, u);
	const photo = element('span', '', {class: `p i${item}`, role: 'img', 'aria-label': name});
	const canvas = element('canvas', '', {'aria-hidden': 'true'});
	canvas.width = LARGEST;
	canvas.height = Math.max(1, Math.round(LARGEST * height / width));
	photo.style.aspectRatio = `${width} / ${height}`;
	photo.style.setProperty('--t', getComputedStyle(link).getPropertyValue('--t'));
	stage.style.maxWidth = `${Math.min(LARGEST, MOST_ENLARGED * width)}px`;
	stage.replaceChildren(photo, canvas);
	$('large-title').textContent = `unit ${number}, ${b.label || 'no label'}: ${x[3]}, ${name}`;
	fires.replaceChildren();

	let threshold = u[1];
	const row = element('p');
	const label = element('label', 'threshold of this unit ');
	const range = element('input', '', {type: 'range', min: u[2], max: u[3], step: 'any'});
	range.value = u[1];
	const says = element('output');
	label.append(range);
	row.append(label, says);
	fires.append(row);

	const rows = [];
	function add(f) {
		const box = element('input', '', {type: 'checkbox'});
		const line = element('label');
		const kind = f.side.palette[f.category];
		box.checked = rows.length === 0;
		line.append(box, element('i', '', {class: `key k${kind}`}),
			` unit ${f.k + 1} ${f.label} (${f.iou.toFixed(4)})` +
			(sides.length > 1 ? ` of ${'AB'[sides.indexOf(f.side)]}` : ''));
		fires.append(line);
		box.addEventListener('change', paint);
		rows.push({...f, box, kind});
	}
	async function addOthers() {
		const turn = ++opening;
		let others = [], fault = '';
		try {
			others = (await firing(x[0])).filter(f => f.u !== u);
		} catch {
			fault = ': this browser cannot unpack them';
		}
		if (turn !== opening)
			return;
		const known = !fault && sides.every((s, n) => data.pictures[x[0]][4][n]);
		const all = element('input', '', {type: 'checkbox', id: 'all'});
		const every = element('label');
		every.append(all, known ? ` all ${others.length} other detectors that fire on it` :
			` all ${others.length} other detectors that have it among their images; which others fire` +
			` on it is not known here${fault}`);
		const heading = element('p');
		heading.append(every);
		row.after(heading);
		others.forEach(add);
		all.addEventListener('change', () => {
			for (const r of rows.slice(1))
				r.box.checked = all.checked;
			paint();
		});
	}

	async function paint() {
		const turn = ++painting, masks = [];
		const exactly = threshold === u[1];
		says.textContent = exactly ? ` ${threshold.toPrecision(4)}: the run's, exact` :
			` ${threshold.toPrecision(4)}: approximate, from maps in 8 bits`;
		for (const f of rows.filter(r => r.box.checked))
			masks.push([f, f.u === u && !exactly ? await approximate(f.side, x, threshold) :
				await f.mask()]);
		if (turn !== painting)
			return;
		const g = canvas.getContext('2d');
		g.clearRect(0, 0, canvas.width, canvas.height);
		for (const [f, mask] of masks)
			paintMask(g, {w: canvas.width, h: canvas.height}, mask,
				masks.length > 1 ? data.colors[f.kind] : '#ffe600',
				masks.length > 1 ? `${data.letters[f.kind]} ${f.k + 1}` : '', masks.length === 1);
	}
	range.addEventListener('input', () => {
		threshold = +range.value;
		paint();
	});
	range.addEventListener('dblclick', () => {
		threshold = range.value = u[1];
		paint();
	});
	opener = link;
	add({side, u, k: number - 1, ...b, mask: () => exact(link)});
	addOthers();
	paint();
	if (!$('large').open)
		$('large').showModal();
	writeHash({...(side.id === 'v' ? {side: 1} : {}), unit: number, image});
}

$('large').addEventListener('close', () => {
	painting++;
	writeHash();
	if (opener)
		opener.focus();
});

// ---- events

for (const side of sides)
	for (const name of side.categories)
		if (![...$('category').options].some(o => o.value === name))
			$('category').append(element('option', name, {value: name}));
$('cut').max = Math.max(0.3, data.cut);
$('controls').hidden = false;
$('controls').addEventListener('submit', e => e.preventDefault());
$('sort').addEventListener('change', e => change({sort: e.target.value}));
$('category').addEventListener('change', e => change({category: e.target.value}));
$('find').addEventListener('input', e => change({find: e.target.value, label: ''}));
$('cut').addEventListener('input', e => change({cut: +e.target.value}));
$('detectors').addEventListener('change', e => change({detectors: e.target.checked ? '1' : ''}));
document.addEventListener('click', e => {
	const bar = e.target.closest('.bar'), image = e.target.closest('.x'), unit = e.target.closest('h3 a');
	if (e.ctrlKey || e.metaKey || e.shiftKey)
		return;
	if (bar) {
		e.preventDefault();
		change({label: bar.dataset.label === state.label ? '' : bar.dataset.label, find: '', category: ''});
	} else if (image) {
		e.preventDefault();
		open(image);
	} else if (unit) {
		e.preventDefault();
		const card = unit.closest('.card'), side = sides.find(s => s.section.contains(card));
		writeHash({...(side.id === 'v' ? {side: 1} : {}), unit: card.dataset.unit});
		goTo(side, card.dataset.unit);
	}
});

// A card's images are one stop; arrows go from one to the next.
document.addEventListener('keydown', e => {
	const at = e.target.closest ? e.target.closest('.x') : null;
	const step = {ArrowRight: 1, ArrowLeft: -1}[e.key];
	if (e.key === '/' && !/^(INPUT|SELECT)$/.test(e.target.tagName) && !$('large').open) {
		e.preventDefault();
		$('find').focus();
	}
	if (!at || !step)
		return;
	const all = [...at.closest('.card').querySelectorAll('.x')];
	const next = all[all.indexOf(at) + step];
	if (next) {
		e.preventDefault();
		next.focus();
	}
});
addEventListener('hashchange', follow);
follow();
})();
