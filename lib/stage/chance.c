/* chance.c -- see chance.h. */
#include "stage/chance.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "stage/counter.h"
#include "stage/labels.h"

/* ---- keeping ---- */

/* As many of the threads as half of the memory is enough for, each with two tables of the
 * largest layer and the records that they become; at least one. */
static size_t threads_for(const struct ndr_meta *masks, size_t labels, size_t threads,
                          uint64_t memory, uint64_t *each)
{
	uint64_t largest = 1;

	for (size_t l = 0; l < masks->layers; l++)
		largest = masks->layer[l].units > largest ? masks->layer[l].units : largest;
	*each = 4 * largest * labels * sizeof(uint64_t); /* below 2^32 * 2^16 * 2^5 */
	if (*each == 0 || threads <= memory / 2 / *each)
		return threads;
	return memory / 2 < *each ? 1 : (size_t)(memory / 2 / *each);
}

static int read_regex(struct chance *c, const char *block, struct error *e)
{
	char reason[128];
	const int fault = regcomp(&c->regex, block, REG_EXTENDED);

	if (fault == REG_ESPACE)
		return error_set(e, EXIT_SYSTEM, "--block '%s': no memory", block);
	if (fault) {
		regerror(fault, &c->regex, reason, sizeof reason);
		return error_set(e, EXIT_USAGE, "--block '%s': %s", block, reason);
	}
	c->blocks = true;
	return 0;
}

static int get_ready(struct chance *c, const struct ndr_meta *masks,
                     const struct ndr_meta *labels, size_t threads, struct error *e)
{
	uint64_t each;

	if (c->choice->block && read_regex(c, c->choice->block, e) < 0)
		return -1;
	if (counter_know_labels(labels, &c->known, &c->category, e) < 0)
		return -1;
	threads = threads_for(masks, c->known.labels, threads, c->choice->memory, &each);
	c->used = threads * each;
	c->units = memory_new(masks->layers, sizeof *c->units, e);
	c->thread = memory_new(threads, sizeof *c->thread, e);
	if (!c->units || !c->thread)
		return -1;
	c->layers = masks->layers;
	for (size_t l = 0; l < c->layers; l++)
		c->units[l] = masks->layer[l].units;
	c->threads = threads;
	for (size_t i = 0; i < threads; i++)
		if (image_labels_init(&c->thread[i].read, &c->known, e) < 0)
			return -1;
	return 0;
}

static void free_images(struct chance_images *list, size_t layers)
{
	for (size_t i = 0; i < list->count; i++) {
		struct chance_image *image = &list->image[i];

		for (size_t l = 0; image->masks && l < layers; l++)
			sparse_masks_free(&image->masks[l]);
		free(image->masks);
		sparse_labels_free(&image->labels);
		free(image->holds);
		free(image->name);
		free(image->stratum);
		free(image->block);
	}
	free(list->image);
	*list = (struct chance_images){0};
}

void chance_close(struct chance *c)
{
	for (size_t i = 0; i < c->threads; i++) {
		image_labels_free(&c->thread[i].read);
		free_images(&c->thread[i].labels, c->layers);
		free_images(&c->thread[i].masks, c->layers);
	}
	free_images(&c->images, c->layers);
	strata_free(&c->strata);
	ndr_union_free(&c->labels);
	if (c->blocks)
		regfree(&c->regex);
	free(c->thread);
	free(c->units);
	free(c->category);
	*c = (struct chance){0};
}

static int weigh(struct chance *c, uint64_t bytes, struct error *e)
{
	const uint64_t memory = c->choice->memory;

	if (atomic_fetch_add(&c->used, bytes) + bytes <= memory)
		return 0;
	return error_set(e, EXIT_SYSTEM,
	                 "masks and labels of all images take more than %" PRIu64
	                 " MiB: try a larger --memory",
	                 memory >> 20);
}

static struct chance_image *new_image(struct chance_images *list, const struct ndr_item *item,
                                      struct error *e)
{
	struct ndr_item_info info;
	struct chance_image *image;

	if (ndr_item_info(item, &info, e) < 0 ||
	    memory_grow(&list->image, &list->capacity, list->count + 1, sizeof *list->image,
	                e) < 0)
		return NULL;
	image = &list->image[list->count++];
	*image = (struct chance_image){.number = item->number,
	                               .height = info.label_height,
	                               .width = info.label_width,
	                               .name = memory_string(info.name, e)};
	return image->name ? image : NULL;
}

/* Source, categories and size, as a text that is the same where all three are. */
static char *stratum_of(const struct chance *c, const struct chance_image *image,
                        struct error *e)
{
	struct text t = {0};

	text_print(&t, "%ux%u ", image->height, image->width);
	for (size_t i = 0; i < c->known.categories; i++)
		text_byte(&t, image->holds[i] ? '1' : '0');
	text_byte(&t, ' ');
	if (strchr(image->name, '/'))
		text_bytes(&t, image->name, strcspn(image->name, "/"));
	return text_take(&t, "a stratum", e);
}

static int find_block(const struct chance *c, struct chance_image *image, struct error *e)
{
	regmatch_t match[2];
	const regmatch_t *m;
	int fault;

	if (!c->blocks)
		return 0;
	fault = regexec(&c->regex, image->name, 2, match, 0);
	if (fault == REG_ESPACE)
		return error_set(e, EXIT_SYSTEM, "--block: no memory to match a name");
	if (fault)
		return 0;
	m = match[1].rm_so >= 0 ? &match[1] : &match[0];
	image->block = memory_string(image->name + m->rm_so, e);
	if (!image->block)
		return -1;
	image->block[m->rm_eo - m->rm_so] = '\0';
	return 0;
}

static int add_labels(struct chance *c, size_t thread, const struct ndr_item *item,
                      struct error *e)
{
	struct chance_thread *t = &c->thread[thread];
	struct image_labels *l = &t->read;
	struct chance_image *image;

	if (labels_of_item(l, item, e) < 0)
		return -1;
	image = l->count ? new_image(&t->labels, item, e) : NULL;
	if (!image)
		return e->code ? -1 : 0;
	if (sparse_labels_copy(&image->labels, l, e) < 0)
		return -1;
	image->holds = memory_new(c->known.categories, sizeof *image->holds, e);
	if (!image->holds)
		return -1;
	memcpy(image->holds, l->holds, c->known.categories * sizeof *image->holds);
	image->stratum = stratum_of(c, image, e);
	if (!image->stratum || find_block(c, image, e) < 0)
		return -1;
	return weigh(c,
	             sizeof *image + (l->words * image->labels.bitmaps) * sizeof(uint64_t) +
	                     l->count * sizeof(struct sparse_label),
	             e);
}

/* Whether it is of the split that is counted. */
static int is_wanted(const struct chance *c, const struct ndr_item *item, struct error *e)
{
	return c->choice->split ? split_has(c->choice->split, item, e) : 1;
}

static int read_segment(struct chance *c, struct ndr_reader *r, struct error *e)
{
	struct ndr_item item = {0};
	int more, wanted;

	while ((more = ndr_read_item(r, &item, e)) == 1)
		if (item.number != NDR_NO_ITEM && (wanted = is_wanted(c, &item, e)) != 0 &&
		    (wanted < 0 || add_labels(c, 0, &item, e) < 0)) {
			more = -1;
			break;
		}
	ndr_item_free(&item);
	return more;
}

/* All labels of the other stream, whose first segment s has begun. */
static int read_labels(struct chance *c, struct ndr_reader *r, struct ndr_segment *s,
                       struct error *e)
{
	struct ndr_union *u = &c->labels;
	struct ndr_gap gap;
	int more = 1;

	while (more == 1) {
		if (ndr_union_add(u, s, ndr_reader_name(r), e) < 0 || read_segment(c, r, e) < 0)
			return -1;
		ndr_union_end(u, s);
		more = ndr_next_segment(r, &s, e);
	}
	if (more == 0 && (u->all.flags & NDR_SUBSET || ndr_union_gap(u, &gap)))
		return error_set(e, EXIT_MALFORMED,
		                 "%s: items are missing: permutations need the labels of all",
		                 ndr_reader_name(r));
	return more;
}

static int open_labels(struct chance *c, struct ndr_reader *r, const struct ndr_meta *masks,
                       size_t threads, struct error *e)
{
	struct ndr_segment *s;

	if (ndr_next_segment(r, &s, e) != 1 || get_ready(c, masks, &s->meta, threads, e) < 0 ||
	    read_labels(c, r, s, e) < 0)
		return -1;
	if (masks->items == c->labels.all.meta.items)
		return 0;
	return error_set(e, EXIT_MALFORMED,
	                 "%s has not the same data set as the masks: permutations need it",
	                 c->choice->label_file);
}

int chance_open(struct chance *c, const struct chance_choice *choice,
                const struct ndr_meta *masks, size_t threads, struct error *e)
{
	struct ndr_reader *r;
	int status;

	c->choice = choice;
	if (!choice->label_file)
		return get_ready(c, masks, masks, threads, e);
	r = ndr_open((char **)&choice->label_file, 1, choice->most_label_pixels, e);
	status = r ? open_labels(c, r, masks, threads, e) : -1;
	ndr_close(r);
	return status;
}

static int add_masks(struct chance *c, size_t thread, const struct ndr_item *item,
                     struct error *e)
{
	struct chance_image *image = new_image(&c->thread[thread].masks, item, e);
	struct ndr_seg seg;

	if (!image)
		return -1;
	image->masks = memory_new(c->layers, sizeof *image->masks, e);
	for (size_t l = 0; image->masks && l < c->layers; l++) {
		if (counter_find_masks(item, (uint32_t)l, (uint32_t)c->units[l], &seg, e) < 0)
			return -1;
		if (l > 0 && (seg.height != image->height || seg.width != image->width))
			return error_set(e, EXIT_MALFORMED,
			                 "%s: item %u: masks of %ux%u pixels, others of %ux%u",
			                 item->input, item->number, seg.height, seg.width,
			                 image->height, image->width);
		image->height = seg.height;
		image->width = seg.width;
		for (uint32_t i = 0; i < seg.count; i++)
			if (sparse_masks_add(&image->masks[l], seg.unit[i],
			                     seg.bitmap + (size_t)i * seg.words, seg.words,
			                     e) < 0)
				return -1;
		if (weigh(c, sizeof *image + sparse_masks_fit(&image->masks[l]), e) < 0)
			return -1;
	}
	return image->masks ? 0 : -1;
}

int chance_add(struct chance *c, size_t thread, const struct ndr_item *item, struct error *e)
{
	const int wanted = is_wanted(c, item, e);

	if (wanted <= 0)
		return wanted;
	if (!c->choice->label_file && add_labels(c, thread, item, e) < 0)
		return -1;
	return add_masks(c, thread, item, e);
}

/* ---- joining ---- */

static int compare_images(const void *a, const void *b)
{
	const struct chance_image *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

/* Those of all threads, by number. */
static int gather(struct chance_images *all, struct chance_images *more, struct error *e)
{
	if (memory_grow(&all->image, &all->capacity, all->count + more->count,
	                sizeof *all->image, e) < 0)
		return -1;
	if (more->count > 0)
		memcpy(all->image + all->count, more->image, more->count * sizeof *more->image);
	all->count += more->count;
	free(more->image);
	*more = (struct chance_images){0};
	return 0;
}

static void sort(struct chance_images *list)
{
	if (list->count > 0)
		qsort(list->image, list->count, sizeof *list->image, compare_images);
}

/* Masks go to the labels of the same image; of images without labels they are not needed. */
static int join(struct chance *c, struct chance_images *masks, struct error *e)
{
	for (size_t i = 0, k = 0; i < c->images.count; i++) {
		struct chance_image *image = &c->images.image[i], *other;

		while (k < masks->count && masks->image[k].number < image->number)
			k++;
		if (k == masks->count || masks->image[k].number != image->number)
			continue;
		other = &masks->image[k];
		if (strcmp(image->name, other->name) != 0)
			return error_set(e, EXIT_MALFORMED,
			                 "item %u is %s, but its labels of %s", image->number,
			                 other->name, image->name);
		if (image->height != other->height || image->width != other->width)
			return error_set(e, EXIT_MALFORMED,
			                 "item %u: masks of %ux%u pixels, labels of %ux%u",
			                 image->number, other->height, other->width,
			                 image->height, image->width);
		image->masks = other->masks;
		other->masks = NULL;
	}
	return 0;
}

/* The label of an image that is left out changes places with none. */
static int stratify(struct chance *c, struct error *e)
{
	struct strata_image *image = memory_new(c->images.count, sizeof *image, e);
	int status;

	if (!image)
		return -1;
	for (size_t i = 0; i < c->images.count; i++) {
		const struct chance_image *of = &c->images.image[i];

		image[i] = (struct strata_image){of->stratum, of->block, of->name, of->number};
	}
	status = strata_find(&c->strata, image, c->images.count, e);
	free(image);
	return status;
}

/* Which images are left out: their masks are forgotten. */
static void leave_out(struct chance *c)
{
	const struct strata *s = &c->strata;

	for (size_t i = 0; i < s->strata; i++) {
		const size_t begin = s->block[s->stratum[i]];
		const size_t end = s->block[s->stratum[i + 1]];

		for (size_t k = begin; strata_single(s, i) && k < end; k++) {
			struct chance_image *image = &c->images.image[s->image[k]];

			for (size_t l = 0; image->masks && l < c->layers; l++)
				sparse_masks_free(&image->masks[l]);
			free(image->masks);
			image->masks = NULL;
			c->alone++;
		}
	}
}

static int check_masks(const struct chance *c, const struct ndr_range *range, struct error *e)
{
	for (size_t i = 0; i < c->images.count; i++) {
		const struct chance_image *image = &c->images.image[i];

		if (!image->masks && image->number >= range->first &&
		    image->number < range->end)
			return error_set(e, EXIT_MALFORMED,
			                 "item %u (%s) has labels but no masks: permutations "
			                 "need both of all items",
			                 image->number, image->name);
	}
	return 0;
}

int chance_finish(struct chance *c, const struct ndr_segment *all, struct error *e)
{
	struct chance_images masks = {0};
	int status = 0;

	if (all->flags & NDR_SUBSET)
		return error_set(e, EXIT_MALFORMED, "permutations need the masks of all items");
	for (size_t i = 0; i < c->threads && status == 0; i++)
		if (gather(&c->images, &c->thread[i].labels, e) < 0 ||
		    gather(&masks, &c->thread[i].masks, e) < 0)
			status = -1;
	sort(&c->images);
	sort(&masks);
	if (status == 0)
		status = join(c, &masks, e);
	free_images(&masks, c->layers);
	if (status < 0 || check_masks(c, &all->range, e) < 0 || stratify(c, e) < 0)
		return -1;
	leave_out(c);
	return 0;
}
