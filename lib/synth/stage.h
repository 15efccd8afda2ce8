/* stage.h -- backdrops, and where things may stand before them. */
#ifndef SYNTH_STAGE_H
#define SYNTH_STAGE_H

#include "synth/things.h"

/* What a backdrop leaves for the cast, in picture coordinates. */
struct stage {
	const struct actor *cast;
	float horizon; /* foot of the sky or the wall */
	float near;    /* where the ground begins; between the two, the sea if any */
};

typedef void backdrop(struct canvas *c, struct stage *s);

enum zone { NOWHERE, IN_SKY, ON_SEA, ON_GROUND };

/* May appear in a scene: with that chance, one to most times. */
struct actor {
	thing *draw;
	enum zone zone;
	float chance;
	int most;
	float from, to;     /* in the zone, from its top (0) to its bottom (1): the foot */
	float small, large; /* height, in the picture's, at the bottom */
	float shadow;       /* half its width, in heights */
};

enum { CAST = 12 };

/* Where the actor stands; things far off are smaller. */
struct place stage_find_place(struct canvas *c, const struct stage *s, const struct actor *a);
/* How often it appears this time. */
int stage_appearances(struct canvas *c, const struct actor *a);

backdrop backdrop_beach, backdrop_ocean, backdrop_field, backdrop_forest, backdrop_desert,
        backdrop_mountains, backdrop_winter, backdrop_street, backdrop_night, backdrop_room;

/* kinds.c: one of the forty kinds, its backdrop, and who plays; returns its label. */
enum concept kind_choose(struct canvas *c, backdrop **draw, struct actor cast[CAST]);

#endif
