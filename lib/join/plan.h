/* plan.h -- all sources of a Broden directory: what their labels are called, which images there
 * are, and how each is to become one of the directory. */
#ifndef JOIN_PLAN_H
#define JOIN_PLAN_H

#include "image/color.h"
#include "join/maps.h"

struct join_form {
	uint32_t size, label_size; /* of images and label maps; 0: as they are */
	bool crop;                 /* the middle square of each, else all of it is scaled */
	bool colors;               /* label the eleven colours */
	bool upright;              /* turn images as their cameras noted; maps show them so */
	bool skip_bad;             /* leave out images that are no good, or whose maps are */
	int quality;               /* of JPEG files */
};

struct join_image {
	uint32_t source;
	uint32_t stem;   /* bytes of path that label maps' names share */
	char *path;      /* below the source's directory */
	char *name;      /* of its files in DIR/images, without an ending */
	uint32_t folder; /* the name of the folder it lies in, where the source has folders */
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

#endif
