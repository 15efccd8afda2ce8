/* plan.h -- all sources of a Broden directory: what their labels are called, which images there
 * are, and how each is to become one of the directory. */
#ifndef JOIN_PLAN_H
#define JOIN_PLAN_H

#include "base/text.h"
#include "broden/statistics.h"
#include "image/color.h"
#include "join/maps.h"

struct join_form {
	uint32_t size, label_size; /* of images and label maps; 0: as they are */
	bool crop;                 /* the middle square of each, else all of it is scaled */
	bool colors;               /* label the eleven colours */
	int quality;               /* of JPEG files */
};

struct join_image {
	uint32_t source;
	uint32_t stem;   /* bytes of path that label maps' names share */
	char *path;      /* below the source's directory */
	char *name;      /* of its files in DIR/images, without an ending */
	uint32_t folder; /* the name of the folder it lies in, where the source has folders */
};

/* A layer of an image: a label map, or none. */
struct join_plane {
	uint32_t category, ordinal; /* ordinal: which of the category's, from 0 */
	uint16_t *label;            /* [sh][sw] */
};

struct join_plan {
	struct join_form form;
	struct join_names names;
	struct join_source *source;
	size_t sources;
	struct join_entries **entries; /* [source][set] */
	struct join_image *image;      /* by source, then by path */
	size_t images, image_capacity;
	size_t foreign;      /* pictures of other formats, by their endings: passed over */
	char *first_foreign; /* one of them, or NULL */
	uint32_t color_category;
	uint16_t color_label[COLOR_COUNT];
	struct color_table color;
};

/* Read sources and find their images.  join_plan_free() also after an error. */
int join_plan_read(struct join_plan *p, const struct join_form *form, char *const *paths,
                   size_t n, struct error *e) CHECK_RESULT;
void join_plan_free(struct join_plan *p);

/* One image on its way; zero it before use.  One thread at a time. */
struct join_item {
	uint64_t signature;      /* of the sizes and times of the files that it is made of */
	bool labelled;           /* else it is left out, and what follows is nothing */
	uint32_t missing;        /* sets that have no map of it */
	bool turned;             /* a camera was not held upright */
	uint32_t ih, iw, sh, sw; /* as index.csv has them */
	struct join_plane *plane;
	size_t planes, plane_capacity;
	struct join_whole *whole; /* [wholes] labels of the whole image; image is NULL */
	size_t wholes, whole_capacity;
	struct broden_tally tally; /* by category, of labels as join_label() numbers them */
	struct text file;          /* the image's, if wanted */
	const char *ending;        /* ".jpg" */
};

/* The path of the first map that image i does not have; free() it. */
char *join_item_missing(const struct join_plan *p, size_t i, struct error *e) CHECK_RESULT;
/* The signature of image i of the plan. */
int join_item_sign(const struct join_plan *p, size_t i, uint64_t *signature,
                   struct error *e) CHECK_RESULT;
/* Make image i; with_file: its file, too. */
int join_item_make(const struct join_plan *p, size_t i, bool with_file, struct join_item *item,
                   struct error *e) CHECK_RESULT;
void join_item_free(struct join_item *item);

#endif
