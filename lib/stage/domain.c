/* domain.c -- see domain.h. */
#include "stage/domain.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

/* ---- categories ---- */

static int no_category(const struct ndr_meta *m, const char *name, size_t length,
                       struct error *e)
{
	struct text t = {0};
	char *names;

	for (size_t i = 0; i < m->categories; i++)
		text_print(&t, "%s%s", i ? ", " : "", m->category[i]);
	names = text_take(&t, "names", e);
	if (!names)
		return -1;
	error_set(e, EXIT_USAGE, "there is no category '%.*s', but %s",
	          length < 100 ? (int)length : 100, name, names);
	free(names);
	return -1;
}

int domain_begin(struct domain *d, const struct ndr_meta *m, const char *categories,
                 struct error *e)
{
	if (m->labels == 0 || m->categories == 0)
		return error_set(e, EXIT_MALFORMED, "the input has no labels");
	d->wanted = memory_new(m->categories, sizeof *d->wanted, e);
	d->named = memory_new(m->labels, sizeof *d->named, e);
	if (!d->wanted || !d->named)
		return -1;
	d->categories = m->categories;
	d->labels = m->labels;
	if (strcmp(categories, "all") == 0)
		return 0;
	for (const char *name = categories;; name += strcspn(name, ",") + 1) {
		const size_t length = strcspn(name, ",");
		size_t i = 0;

		while (i < m->categories && (strlen(m->category[i]) != length ||
		                             memcmp(m->category[i], name, length) != 0))
			i++;
		if (i == m->categories)
			return no_category(m, name, length, e);
		d->wanted[i] = true;
		if (name[length] == '\0')
			return 0;
	}
}

static size_t count_wanted(const struct domain *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->categories; i++)
		n += d->wanted[i];
	return n;
}

/* ---- classes ---- */

/* Of a class's categories (n), ascending, whether they are all that are wanted. */
static bool is_inside(const struct domain *d, size_t wanted, const uint16_t *category, size_t n)
{
	for (size_t i = 0; i < n; i++)
		wanted -= d->wanted[category[i]];
	return wanted == 0;
}

/* The classes within the domain, of which at[] says where they stand in CLASSES. */
static int choose_classes(struct domain *d, const struct ndr_classes *c, size_t wanted,
                          struct formula_class *class, uint32_t *at, size_t *count,
                          struct error *e)
{
	const uint16_t *list = c->list;

	*count = 0;
	d->pixels = 0;
	for (uint64_t i = 0; i < c->count; i++) {
		const struct ndr_class *one = &c->class[i];
		const uint16_t *label = list + one->categories;

		d->place[i] = DOMAIN_OUTSIDE;
		if (is_inside(d, wanted, list, one->categories)) {
			if (one->pixels >= (uint64_t)(FORMULA_MOST_PIXELS - d->pixels))
				return error_set(e, EXIT_MALFORMED,
				                 "2^37 pixels or more in all: IoUs of so many "
				                 "are not compared");
			d->pixels += (int64_t)one->pixels;
			class[*count] = (struct formula_class){(int64_t)one->pixels,
			                                       one->labels, label};
			at[(*count)++] = (uint32_t)i;
		}
		list = label + one->labels;
	}
	return 0;
}

static int make(struct domain *d, const struct ndr_record *rec, size_t wanted, struct error *e)
{
	const struct ndr_classes c = ndr_classes_view(rec);
	struct formula_class *class = memory_new(c.count, sizeof *class, e);
	uint32_t *at = memory_new(c.count, sizeof *at, e),
	         *place = memory_new(c.count, sizeof *place, e);
	size_t n;
	int status = -1;

	d->classes = c.count;
	d->place = memory_new(c.count, sizeof *d->place, e);
	if (class && at && place && d->place &&
	    choose_classes(d, &c, wanted, class, at, &n, e) == 0 &&
	    formula_table_make(&d->table, class, n, d->named, d->labels, place, e) == 0) {
		for (size_t i = 0; i < n; i++)
			d->place[at[i]] = place[i];
		status = 0;
	}
	free(class);
	free(at);
	free(place);
	return status;
}

/* ---- labels ---- */

/* Images that hold a label, of those with some set of categories. */
struct held {
	uint64_t set; /* the last that there was one of, from 1 */
	uint64_t most;
};

/* Images that hold each label, at least: those of one set of categories are no others than
 * those of another, so of each set the class that is on most images counts. */
static void count_images(const struct domain *d, const struct ndr_classes *c, size_t wanted,
                         uint64_t *images, struct held *held)
{
	const uint16_t *list = c->list, *before = NULL;
	uint64_t set = 0;

	for (uint64_t i = 0; i < c->count; i++) {
		const struct ndr_class *one = &c->class[i];
		const uint16_t *label = list + one->categories;

		if (!before || one[-1].categories != one->categories ||
		    memcmp(before, list, one->categories * sizeof *list) != 0)
			set++;
		before = list;
		list = label + one->labels;
		if (!is_inside(d, wanted, before, one->categories))
			continue;
		for (size_t l = 0; l < one->labels; l++) {
			struct held *h = &held[label[l]];
			const uint64_t most = h->set == set ? h->most : 0;

			if (one->images > most) {
				images[label[l]] += one->images - most;
				*h = (struct held){set, one->images};
			}
		}
	}
}

int domain_make(struct domain *d, const struct ndr_meta *m, const struct ndr_record *classes,
                const uint64_t *images, uint64_t min_images, struct error *e)
{
	const size_t wanted = count_wanted(d);
	const struct ndr_classes c = ndr_classes_view(classes);
	uint64_t *known = memory_new(m->labels, sizeof *known, e);
	struct held *held = memory_new(m->labels, sizeof *held, e);
	int status = -1;

	if (known && held) {
		count_images(d, &c, wanted, known, held);
		if (images && wanted <= 1)
			memcpy(known, images, m->labels * sizeof *known);
		for (size_t l = 1; l < m->labels; l++) {
			const struct ndr_label_info *label = &m->label[l];

			if (!label->name || (wanted && !d->wanted[label->category]))
				continue;
			d->named[l] = known[l] >= min_images;
			d->rare += !d->named[l];
		}
		status = make(d, classes, wanted, e);
	}
	free(known);
	free(held);
	return status;
}

int domain_make_like(struct domain *d, const struct domain *other,
                     const struct ndr_record *classes, struct error *e)
{
	memcpy(d->named, other->named, d->labels * sizeof *d->named);
	return make(d, classes, count_wanted(d), e);
}

void domain_free(struct domain *d)
{
	free(d->wanted);
	free(d->named);
	free(d->place);
	formula_table_free(&d->table);
	*d = (struct domain){0};
}

int64_t domain_unit(const struct domain *d, const struct ndr_joint *j, int64_t *both)
{
	int64_t area = 0;

	memset(both, 0, d->table.classes * sizeof *both);
	for (uint64_t i = 0; i < j->count; i++) {
		const uint32_t place = d->place[j->class[i].class];
		const int64_t pixels = (int64_t)j->class[i].pixels;

		if (place == DOMAIN_OUTSIDE)
			continue;
		area += pixels;
		if (place != FORMULA_NO_CLASS)
			both[place] += pixels;
	}
	return area;
}
