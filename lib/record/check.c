/* check.c -- whether a data record fits the segment that it is in. */
#include "base/finite.h"
#include "record/check.h"
#include "record/item.h"

#include <math.h>
#include <string.h>

static bool dims_are(const struct ndr_record *rec, uint32_t a, uint32_t b, uint32_t c)
{
	return rec->dims[0] == a && rec->dims[1] == b && rec->dims[2] == c;
}

static const char wrong_shape[] = "shape does not fit META or ITEM";

static const char too_large[] = "more label pixels than --max-label-pixels";

static bool labels_fit(const struct item_sizes *item, uint64_t maps)
{
	struct error ignored = {0};

	return ndr_check_label_pixels(item->label_height, item->label_width, maps,
	                              item->most_label_pixels, "", &ignored) == 0;
}

/* Whether a LABEL record holds maps of all label pixels. */
static bool covers(const struct ndr_record *rec, const struct item_sizes *item)
{
	return rec->dims[1] == item->label_height && rec->dims[2] == item->label_width;
}

static const char *check_label(const struct ndr_record *rec, const struct ndr_meta *m,
                               const struct item_sizes *item)
{
	const uint32_t *d = rec->dims;

	if (rec->group >= m->categories)
		return "category is not in META";
	if (!d[0] || !d[1] || !d[2] || !((d[1] == 1 && d[2] == 1) || covers(rec, item)))
		return wrong_shape;
	return labels_fit(item, covers(rec, item) ? item->maps + d[0] : 0) ? NULL : too_large;
}

const char *check_shape(const struct ndr_record *rec, const struct ndr_meta *m,
                        const struct item_sizes *item)
{
	const struct type_info *type = record_type(rec->type);
	const struct ndr_layer *layer = NULL;
	const uint32_t *d = rec->dims;

	if (!type)
		return NULL;
	if (type->place == OF_LAYER_ITEM || type->place == OF_LAYER) {
		if (rec->group >= m->layers)
			return "layer is not in META";
		layer = &m->layer[rec->group];
	}
	switch (rec->type) {
	case NDR_IMAGE:
		return dims_are(rec, item->height, item->width, 3) && d[0] && d[1]
		               ? NULL
		               : wrong_shape;
	case NDR_PLANES:
		return dims_are(rec, d[0], item->height, item->width) && d[0] && d[1] && d[2]
		               ? NULL
		               : wrong_shape;
	case NDR_LABEL:
		return check_label(rec, m, item);
	case NDR_ACT:
		return dims_are(rec, layer->units, layer->height, layer->width) ? NULL
		                                                                : wrong_shape;
	case NDR_THRESH:
		return dims_are(rec, layer->units, NDR_THRESH_FIELDS, 1) ? NULL : wrong_shape;
	case NDR_SCORE:
		return dims_are(rec, layer->units, (uint32_t)m->labels, NDR_SCORE_FIELDS)
		               ? NULL
		               : wrong_shape;
	case NDR_COUNT:
		return d[0] == m->labels ? NULL : wrong_shape;
	case NDR_TOP:
		return d[0] == layer->units && d[2] == 2 ? NULL : wrong_shape;
	case NDR_MATRIX:
		return d[0] == d[1] && d[0] ? NULL : wrong_shape;
	default:
		return NULL;
	}
}

static const char *check_item(const struct ndr_record *rec, struct item_sizes *item)
{
	const unsigned char *p = rec->data;

	if (rec->length < 17 || p[rec->length - 1] != '\0' ||
	    strlen((const char *)p + 16) != rec->length - 17)
		return "not an item: sizes and a terminated name";
	item->height = get32(p);
	item->width = get32(p + 4);
	item->label_height = get32(p + 8);
	item->label_width = get32(p + 12);
	item->maps = 0;
	return labels_fit(item, 0) ? NULL : too_large;
}

static const char *check_labels(const struct ndr_meta *m, const struct ndr_record *rec,
                                struct item_sizes *item)
{
	const uint16_t *v = rec->data;
	uint64_t n = rec->length / 2;
	uint16_t highest = 0;

	item->maps += covers(rec, item) ? rec->dims[0] : 0;
	for (uint64_t i = 0; i < n; i++)
		highest = v[i] > highest ? v[i] : highest;
	return highest == 0 || highest < m->labels ? NULL : "label is not in META";
}

static bool all_finite64(const double *v, uint64_t n)
{
	bool finite = true;

	for (uint64_t i = 0; i < n; i++)
		finite &= isfinite(v[i]) != 0;
	return finite;
}

static const char *check_top(const struct ndr_record *rec)
{
	const double *v = rec->data;

	for (uint64_t i = 1; i < rec->length / 8; i += 2)
		if (v[i] < -1 || v[i] >= NDR_NO_ITEM || v[i] != floor(v[i]))
			return "not the number of an item";
	return NULL;
}

/* One unit's state; what its bins hold is its reader's business. */
static const char *check_sketch(const struct ndr_layer *layer, const struct ndr_record *rec)
{
	const unsigned char *p = rec->data;

	if (rec->length < SKETCH_BYTES || get32(p) >= layer->units ||
	    get64(p + 8) != (rec->length - SKETCH_BYTES) / SKETCH_BIN_BYTES ||
	    rec->length % SKETCH_BIN_BYTES)
		return "not a sketch of one of the layer's units";
	return NULL;
}

const char *check_content(const struct ndr_record *rec, const struct ndr_meta *m,
                          struct item_sizes *item)
{
	struct ndr_seg seg;

	switch (rec->type) {
	case NDR_ITEM:
		return check_item(rec, item);
	case NDR_LABEL:
		return check_labels(m, rec, item);
	case NDR_ACT:
	case NDR_MATRIX:
	case NDR_PLANES:
		return finite_prefix(rec->data, rec->length / 4) == rec->length / 4
		               ? NULL
		               : "NaN or infinity";
	case NDR_TOP:
	case NDR_THRESH:
		if (!all_finite64(rec->data, rec->length / 8))
			return "NaN or infinity";
		return rec->type == NDR_TOP ? check_top(rec) : NULL;
	case NDR_SKETCH:
		return check_sketch(&m->layer[rec->group], rec);
	case NDR_SEG:
		return seg_decode(rec, m->layer[rec->group].units, &seg);
	default:
		return NULL;
	}
}
