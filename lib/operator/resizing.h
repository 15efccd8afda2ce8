/* resizing.h -- what a node of Resize or Upsample asks for: read from its attributes and
 * inputs. */
#ifndef OPERATOR_RESIZING_H
#define OPERATOR_RESIZING_H

#include "operator/operator.h"

/* coordinate_transformation_mode */
enum transform { HALF_PIXEL, PYTORCH, SYMMETRIC, CORNERS, ASYMMETRIC, TF_HALF_PIXEL };

/* nearest_mode; before operator set 11 there was none. */
enum rounding { PREFER_FLOOR, PREFER_CEIL, FLOOR, CEIL };

enum mode { NEAREST, LINEAR, CUBIC };

/* What resizes: read from a node. */
struct resizing {
	enum mode mode;
	enum transform transform;
	enum rounding rounding;
	bool early; /* before operator set 11 nearest went up where it made maps smaller */
	float coefficient;
	bool exclude; /* cells outside have no weight; else they repeat the outermost */
	bool smooths; /* where maps get smaller */
	float scale[RANK_MAX];
	struct shape out;
};

/* Read it, for an input of that shape. */
int resizing_read(const struct graph *g, const struct node *n, const struct shape *in,
                  struct resizing *how, struct error *e) CHECK_RESULT;

#endif
