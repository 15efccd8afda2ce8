'use strict';
// Counts what is answered, and saves it as a table, here in the browser: nothing is sent.
(() => {
const $ = id => document.getElementById(id);
const sheet = $('sheet');
const describes = sheet.dataset.kind === 'describe';
const sections = [...document.querySelectorAll('section')];
let saved = true;

function answerOf(section) {
	if (describes)
		return section.querySelector('input').value.trim();
	const chosen = section.querySelector('input:checked');
	return chosen ? chosen.value : '';
}

function count() {
	let n = 0;
	for (const section of sections) {
		const answered = answerOf(section) !== '';
		section.classList.toggle('answered', answered);
		n += answered;
	}
	$('state').textContent = `${n} of ${sections.length} answered`;
}

const field = s => /[",\r\n]/.test(s) ? '"' + s.replaceAll('"', '""') + '"' : s;

function table() {
	const rater = $('rater').value.trim();
	const group = describes ? '' : sheet.querySelector('input[name=group]:checked').value;
	const rows = describes ? [['rater', 'layer', 'unit', 'phrase', 'of']]
		: [['rater', 'group', 'question', 'answer']];
	// Those without an answer too: a table that was cut has fewer rows.
	for (const section of sections) {
		const answer = answerOf(section), {question, unit, layer} = section.dataset;
		rows.push(describes ? [rater, layer, unit, answer, String(sections.length)]
			: [rater, group, question, answer]);
	}
	return rows.map(row => row.map(field).join(',') + '\r\n').join('');
}

function save() {
	const missing = !$('rater').value.trim() ? $('rater')
		: describes ? null : sheet.querySelector('input[name=group]:checked') ? null
		: sheet.querySelector('input[name=group]');
	if (missing) {
		$('state').textContent = 'First say who you are' + (describes ? '.' : ', and of which group.');
		missing.focus();
		return;
	}
	const csv = table();
	$('csv').value = csv;
	$('csv').hidden = false;
	const link = document.createElement('a');
	link.href = URL.createObjectURL(new Blob([csv], {type: 'text/csv'}));
	link.download = `${describes ? 'phrases' : 'answers'}-${$('rater').value.trim().replace(/[^\w-]/g, '_')}.csv`;
	link.click();
	saved = true;
}

sheet.addEventListener('input', () => { saved = false; count(); });
sheet.addEventListener('submit', e => e.preventDefault());
$('save').addEventListener('click', save);
addEventListener('beforeunload', e => { if (!saved) e.preventDefault(); });
count();
})();
