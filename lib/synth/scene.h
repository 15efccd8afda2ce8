/* scene.h -- whole pictures: backdrops, casts, and textures. */
#ifndef SYNTH_SCENE_H
#define SYNTH_SCENE_H

#include "synth/canvas.h"

/* Draw a scene of a kind of its own choice, one of the ten, on a cleared canvas; returns
 * its label. */
enum concept scene_draw(struct canvas *c);

/* The same for the forty kinds. */
enum concept scene_draw_forty(struct canvas *c);

/* The same for a texture that fills the picture. */
enum concept texture_draw(struct canvas *c);

#endif
