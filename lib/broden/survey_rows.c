/* survey_rows.c -- the rows of a Broden directory and their files, however bad; see survey.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "broden/cell.h"
#include "broden/survey_parts.h"

enum { LABELS = 65536 };

/* ---- a file of a row ---- */

/* A file that a row names is being looked at. */
struct look {
	struct broden_survey *s;
	struct survey_slot *slot;
	size_t number; /* of the slot */
	struct error *e;
};

__attribute__((format(printf, 4, 5))) static int say(const struct look *l,
                                                     enum broden_fault_kind kind,
                                                     const char *name, const char *format, ...)
{
	char *file = memory_print(l->e, "%s/images/%s", l->s->files.directory, name), *reason;
	va_list args;
	int status = -1;

	va_start(args, format);
	reason = memory_print_list(l->e, format, args);
	va_end(args);
	if (file && reason)
		status = broden_faults_add(&l->slot->faults, l->e, kind, file, l->slot->row,
		                           "%s", reason);
	if (status == 0)
		l->slot->faults.fault[l->slot->faults.count - 1].of_index = true;
	free(file);
	free(reason);
	return status;
}

/* The same of what another function has told of the file, which it calls place. */
static int pass_on(const struct look *l, const char *name, const char *place,
                   const struct error *why, bool missing)
{
	const char *reason = why->text;
	size_t n = 0;

	if (why->code == EXIT_SYSTEM && !missing)
		return error_set(l->e, why->code, "%s", why->text);
	/* There control characters are '?'. */
	while (place[n] && (reason[n] == place[n] || reason[n] == '?'))
		n++;
	if (!place[n] && strncmp(reason + n, ": ", 2) == 0)
		reason += n + 2;
	return say(l, BRODEN_FILE, name, "%s", reason);
}

/* Where pixels are decoded to: kept from file to file. */
struct decoded {
	struct survey_slot *slot;
	size_t bytes;           /* of a pixel */
	uint32_t height, width; /* as the row says, or 0 */
	bool other;             /* the file is of another size, and was not decoded */
};

static void *room(void *ctx, uint32_t height, uint32_t width, struct error *e)
{
	struct decoded *d = ctx;
	struct survey_slot *slot = d->slot;
	const size_t need = (size_t)height * width * d->bytes;

	slot->height = height;
	slot->width = width;
	d->other = (d->height && d->height != height) || (d->width && d->width != width);
	if (d->other) {
		error_set(e, EXIT_MALFORMED, "another size");
		return NULL;
	}
	if (need > slot->capacity) {
		free(slot->pixels);
		slot->pixels = memory_raw(need, 1, e);
		slot->capacity = slot->pixels ? need : 0;
	}
	return slot->pixels;
}

/* Read and decode a file into the slot: 1, or 0 where it is no good.  *palette: of a map,
 * whether it has one. */
static int decode(const struct look *l, const char *name, uint32_t height, uint32_t width,
                  bool *palette)
{
	struct decoded d = {l->slot, palette ? sizeof(uint16_t) : 3, height, width, false};
	const struct image_room to = {.get = room, .ctx = &d};
	struct error why = {0};
	struct work w = {
	        .b = &l->s->files, .form = &l->s->reading, .row = l->number, .e = &why};
	char place[PATH_MAX];
	size_t length;
	char *data = broden_read(&w, name, place, &length);
	int status = -1;

	if (data && palette) {
		*palette = image_has_palette(data, length);
		status = label_map_decode_to(&to, l->s->form->palette, data, length, place,
		                             &why);
	} else if (data) {
		status = image_decode_to(&to, data, length, place, &why);
	}
	free(data);
	if (status == 0)
		return 1;
	return d.other ? say(l, BRODEN_SIZE, name, "%u x %u pixels, the row says %u x %u",
	                     l->slot->width, l->slot->height, width, height)
	               : pass_on(l, name, place, &why, w.missing);
}

/* Count the map in the slot, without the void and without what is no label. */
static int count_map(const struct look *l, const char *name, bool palette)
{
	struct broden_survey *s = l->s;
	const bool *void_label = s->form->void_label;
	uint16_t *label = l->slot->pixels;
	const size_t n = (size_t)l->slot->height * l->slot->width;
	size_t bad = 0, first = 0;
	uint16_t value = 0;

	for (size_t i = 0; i < n; i++) {
		if (void_label && void_label[label[i]])
			label[i] = 0;
		if (!label[i] || s->label[label[i]].name || !s->whole_labels)
			continue;
		if (!bad++) {
			first = i;
			value = label[i];
		}
		label[i] = 0;
	}
	broden_tally_map(&l->slot->tally, label);
	if (!bad)
		return 0;
	l->slot->uncounted++;
	return say(l, BRODEN_VALUE, name,
	           "%s%zu pixels whose value is not in label.csv, the first %u at column %zu, "
	           "row %zu%s",
	           palette && s->form->palette == PALETTE_COLOR
	                   ? "by the colours of the palette (--palette-index takes its "
	                     "indices), "
	                   : "",
	           bad, value, first % l->slot->width, first / l->slot->width,
	           value == 255 ? " (--void 255, if it stands for unlabelled)" : "");
}

/* ---- a row ---- */

static const char *field(const struct survey_slot *slot, int column)
{
	size_t length;

	return column < 0 ? "" : broden_trim(slot->field[column], &length);
}

/* One of the four sizes, 0 where it is none. */
static int size_of(const struct look *l, int which, const char *image, uint32_t *size)
{
	const char *text;
	uint64_t n;

	*size = 0;
	if (l->s->column[which] < 0)
		return 0;
	text = field(l->slot, l->s->column[which]);
	if (!csv_whole(text, strlen(text), &n) || n < 1 || n > IMAGE_SIDE_MAX)
		return say(l, BRODEN_SIZE, image, "%s '%.40s' is not a size",
		           broden_columns[which], text);
	*size = (uint32_t)n;
	return 0;
}

static int look_at_part(const struct look *l, const char *image, const char *column,
                        const struct broden_part *part, uint32_t sh, uint32_t sw)
{
	struct broden_survey *s = l->s;
	const struct work w = {
	        .b = &s->files, .form = &s->reading, .row = l->number, .e = l->e};
	bool palette = false;
	const char *reason;
	char *name;
	int good;

	if (part->is_number) {
		if (!part->number)
			return 0;
		if (part->number < LABELS &&
		    (s->label[part->number].name || !s->whole_labels)) {
			broden_tally_whole(&l->slot->tally, (uint16_t)part->number);
			return 0;
		}
		l->slot->uncounted++;
		return say(l, BRODEN_VALUE, image, "column %s: %.*s is not in label.csv",
		           column, (int)(part->length < 20 ? part->length : 20), part->text);
	}
	if (!sh || !sw) {
		l->slot->uncounted++;
		return 0;
	}
	name = memory_print(l->e, "%.*s", (int)part->length, part->text);
	reason = name ? broden_no_map(&w, name) : NULL;
	good = !name    ? -1
	       : reason ? say(l, BRODEN_VALUE, image, "column %s: '%.40s' %s", column, name,
	                      reason)
	                : decode(l, name, sh, sw, &palette);
	if (good == 1)
		good = count_map(l, name, palette);
	else
		l->slot->uncounted++;
	free(name);
	return good < 0 ? -1 : 0;
}

static int look_at_cells(const struct look *l, const char *image, uint32_t sh, uint32_t sw)
{
	struct broden_survey *s = l->s;

	if (broden_tally_begin(&l->slot->tally, sh && sw ? (uint64_t)sh * sw : 1, l->e) < 0)
		return -1;
	for (size_t i = 0; i < s->categories; i++) {
		const char *cell = field(l->slot, s->category[i].column);
		struct broden_part part;

		while (broden_next_part(&cell, &part))
			if (look_at_part(l, image, s->category[i].name, &part, sh, sw) < 0)
				return -1;
		if (broden_tally_take(&l->slot->tally, (uint32_t)i, l->e) < 0)
			return -1;
	}
	return 0;
}

static bool has_parts(const struct look *l)
{
	size_t maps, numbers;

	for (size_t i = 0; i < l->s->categories; i++) {
		broden_count_parts(field(l->slot, l->s->category[i].column), &maps, &numbers);
		if (maps + numbers)
			return true;
	}
	return false;
}

/* Whether the row's maps are few enough to be decoded. */
static int check_labels(const struct look *l, const char *image, uint32_t sh, uint32_t sw)
{
	const struct broden_survey *s = l->s;
	size_t all = 0, maps, numbers;
	struct error why = {0};

	for (size_t i = 0; i < s->categories; i++) {
		broden_count_parts(field(l->slot, s->category[i].column), &maps, &numbers);
		all += maps;
	}
	if (all > BRODEN_MAPS_MAX)
		return say(l, BRODEN_SIZE, image, "%zu label maps are more than %d", all,
		           BRODEN_MAPS_MAX);
	if (!all ||
	    ndr_check_label_pixels(sh, sw, all, s->form->max_label_pixels, "maps", &why) == 0)
		return 1;
	return say(l, BRODEN_SIZE, image, "%s", why.text + strlen("maps: "));
}

int broden_survey_look(struct broden_survey *s, size_t slot, struct error *e)
{
	const struct look l = {s, &s->slot[slot], slot, e};
	uint32_t size[4];
	const char *image;
	int good;

	if (!l.slot->row)
		return 0;
	image = field(l.slot, s->column[IMAGE]);
	if (!*image)
		return broden_faults_add(&l.slot->faults, e, BRODEN_TABLE, s->index_place,
		                         l.slot->row, "no image is named");
	/* Its files are not opened, as nothing opens them. */
	if (s->categories && !has_parts(&l))
		return say(&l, BRODEN_REMARK, image,
		           "no label in any category: the row makes no item");
	for (int i = 0; i < 4; i++)
		if (size_of(&l, IH + i, image, &size[i]) < 0)
			return -1;
	good = decode(&l, image, size[0], size[1], NULL);
	if (good >= 0)
		good = check_labels(&l, image, size[2], size[3]);
	return good < 0 ? -1 : look_at_cells(&l, image, good ? size[2] : 0, size[3]);
}

/* ---- rows in order ---- */

int broden_survey_fill(struct broden_survey *s, size_t number, struct error *e)
{
	struct survey_slot *slot = &s->slot[number];
	const size_t before = csv_used(&s->index);
	struct error why = {0};
	int more;

	broden_faults_clear(&slot->faults);
	slot->row = 0;
	slot->tally.count = 0;
	slot->uncounted = 0;
	if (!s->rows_follow)
		return 0;
	more = csv_next(&s->index, &why);
	if (more == 1) {
		slot->row = s->index.row;
		s->files.row[number].number = (uint32_t)s->index.row;
		memcpy(slot->field, s->index.field, s->index.columns * sizeof *slot->field);
		return 1;
	}
	s->rows_follow = more < 0 && csv_used(&s->index) > before;
	if (more == 0)
		return 0;
	return survey_add(&slot->faults, e, BRODEN_TABLE, s->index_place, s->index.row, &why,
	                  false) < 0
	               ? -1
	               : 1;
}

int broden_survey_count(struct broden_survey *s, size_t number,
                        const struct broden_faults **faults, struct error *e)
{
	const struct survey_slot *slot = &s->slot[number];

	*faults = &slot->faults;
	s->rows++;
	s->uncounted += slot->row ? slot->uncounted : 1;
	if (!slot->row || !*field(slot, s->column[IMAGE]))
		return 0;
	if (memory_grow(&s->seen, &s->seen_capacity, s->names_seen + 1, sizeof *s->seen, e) < 0)
		return -1;
	s->seen[s->names_seen++] = (struct seen){field(slot, s->column[IMAGE]), slot->row};
	return broden_statistics_add(&s->statistics, &slot->tally, e);
}

uint64_t broden_survey_rows(const struct broden_survey *s)
{
	return s->rows;
}

const struct broden_names *broden_survey_names(const struct broden_survey *s)
{
	return &s->names;
}

const struct broden_statistics *broden_survey_statistics(const struct broden_survey *s)
{
	return &s->statistics;
}

/* ---- the whole ---- */

static bool is_listed(const void *survey, size_t category, uint16_t label)
{
	const struct broden_survey *s = survey;

	return survey_stated(&s->category[category], label) != NULL;
}

static int name_all(struct broden_survey *s, struct error *e)
{
	s->category_name = memory_new(s->categories, sizeof *s->category_name, e);
	s->label_name = memory_new(LABELS, sizeof *s->label_name, e);
	s->label_synonyms = memory_new(LABELS, sizeof *s->label_synonyms, e);
	if (!s->category_name || !s->label_name || !s->label_synonyms)
		return -1;
	for (size_t i = 0; i < s->categories; i++)
		s->category_name[i] = s->category[i].name;
	for (size_t i = 0; i < LABELS; i++) {
		s->label_name[i] = s->label[i].name;
		s->label_synonyms[i] = s->label[i].synonyms;
	}
	s->names = (struct broden_names){s->categories,     s->category_name, s->label_name,
	                                 s->label_synonyms, is_listed,        s};
	return broden_statistics_new(&s->statistics, s->categories, e);
}

/* DIR/images, where names may lead. */
static int open_images(struct broden_survey *s, struct broden_faults *f, struct error *e)
{
	char *path = memory_print(e, "%s/images", s->files.directory);
	int status = path ? 0 : -1;

	if (path && realpath(path, s->files.images))
		s->files.root = open(s->files.images, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (path && s->files.root < 0) {
		struct error why = {0};

		const bool absent = errno == ENOENT || errno == ENOTDIR || errno == ELOOP;

		error_errno(&why, "%s", path);
		status = survey_add(f, e, BRODEN_FILE, path, 0, &why, absent);
		s->rows_follow = false;
	}
	free(path);
	return status;
}

static int open_all(struct broden_survey *s, const char *directory, struct broden_faults *f,
                    struct error *e)
{
	s->files.directory = memory_string(directory, e);
	s->label = memory_new(LABELS, sizeof *s->label, e);
	s->files.row = memory_new(s->form->slots, sizeof *s->files.row, e);
	s->slot = memory_new(s->form->slots, sizeof *s->slot, e);
	if (!s->files.directory || !s->label || !s->files.row || !s->slot ||
	    survey_read_tables(s, f, e) < 0 || name_all(s, e) < 0 || open_images(s, f, e) < 0)
		return -1;
	for (size_t i = 0; i < s->form->slots; i++) {
		s->slot[i].field = memory_new(s->index.columns, sizeof *s->slot[i].field, e);
		if (!s->slot[i].field)
			return -1;
	}
	return 0;
}

struct broden_survey *broden_survey_open(const char *directory,
                                         const struct broden_survey_form *form,
                                         struct broden_faults *faults, struct error *e)
{
	struct broden_survey *s = memory_new(1, sizeof *s, e);

	if (!s)
		return NULL;
	s->form = form;
	s->reading.outside = form->outside;
	s->files.root = -1;
	if (open_all(s, directory, faults, e) == 0)
		return s;
	broden_survey_close(s);
	return NULL;
}

static void free_slot(struct survey_slot *slot)
{
	free(slot->field);
	broden_tally_free(&slot->tally);
	broden_faults_free(&slot->faults);
	free(slot->pixels);
}

void broden_survey_close(struct broden_survey *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->categories; i++) {
		free(s->category[i].name);
		free(s->category[i].place);
		free(s->category[i].listed);
	}
	for (size_t i = 0; s->label && i < LABELS; i++) {
		free(s->label[i].name);
		free(s->label[i].synonyms);
		free(s->label[i].categories);
	}
	for (size_t i = 0; s->slot && i < s->form->slots; i++)
		free_slot(&s->slot[i]);
	if (s->files.root >= 0)
		close(s->files.root);
	broden_statistics_free(&s->statistics);
	csv_close(&s->index);
	free(s->category);
	free(s->label);
	free(s->category_name);
	free(s->label_name);
	free(s->label_synonyms);
	free(s->slot);
	free(s->seen);
	free(s->files.row);
	free(s->files.directory);
	free(s->index_place);
	free(s);
}
