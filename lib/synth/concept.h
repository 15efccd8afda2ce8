/* concept.h -- what rendered scenes are labelled with.
 *
 * Two lists give every concept its number, name and category.  Numbers are in
 * the order of the lists, from 1; they go into streams, so new concepts are
 * added at the end of their category only with a new major version. */
#ifndef SYNTH_CONCEPT_H
#define SYNTH_CONCEPT_H

/* The first eleven follow enum color of image/color.h. */
#define SYNTH_CONCEPTS(X)                                                                      \
	X(IS_BLACK, "black-c", SYNTH_COLOR)                                                    \
	X(IS_BLUE, "blue-c", SYNTH_COLOR)                                                      \
	X(IS_BROWN, "brown-c", SYNTH_COLOR)                                                    \
	X(IS_GREEN, "green-c", SYNTH_COLOR)                                                    \
	X(IS_GREY, "grey-c", SYNTH_COLOR)                                                      \
	X(IS_ORANGE, "orange-c", SYNTH_COLOR)                                                  \
	X(IS_PINK, "pink-c", SYNTH_COLOR)                                                      \
	X(IS_PURPLE, "purple-c", SYNTH_COLOR)                                                  \
	X(IS_RED, "red-c", SYNTH_COLOR)                                                        \
	X(IS_WHITE, "white-c", SYNTH_COLOR)                                                    \
	X(IS_YELLOW, "yellow-c", SYNTH_COLOR)                                                  \
	X(SKY, "sky", SYNTH_OBJECT)                                                            \
	X(SEA, "sea", SYNTH_OBJECT)                                                            \
	X(GROUND, "ground", SYNTH_OBJECT)                                                      \
	X(ROAD, "road", SYNTH_OBJECT)                                                          \
	X(SIDEWALK, "sidewalk", SYNTH_OBJECT)                                                  \
	X(WALL, "wall", SYNTH_OBJECT)                                                          \
	X(FLOOR, "floor", SYNTH_OBJECT)                                                        \
	X(MOUNTAIN, "mountain", SYNTH_OBJECT)                                                  \
	X(CLOUD, "cloud", SYNTH_OBJECT)                                                        \
	X(SUN, "sun", SYNTH_OBJECT)                                                            \
	X(MOON, "moon", SYNTH_OBJECT)                                                          \
	X(HOUSE, "house", SYNTH_OBJECT)                                                        \
	X(SKYSCRAPER, "skyscraper", SYNTH_OBJECT)                                              \
	X(LIGHTHOUSE, "lighthouse", SYNTH_OBJECT)                                              \
	X(TREE, "tree", SYNTH_OBJECT)                                                          \
	X(FIR, "fir", SYNTH_OBJECT)                                                            \
	X(PALM, "palm", SYNTH_OBJECT)                                                          \
	X(CACTUS, "cactus", SYNTH_OBJECT)                                                      \
	X(FLOWER, "flower", SYNTH_OBJECT)                                                      \
	X(MUSHROOM, "mushroom", SYNTH_OBJECT)                                                  \
	X(ROCK, "rock", SYNTH_OBJECT)                                                          \
	X(FENCE, "fence", SYNTH_OBJECT)                                                        \
	X(STREETLIGHT, "streetlight", SYNTH_OBJECT)                                            \
	X(CAR, "car", SYNTH_OBJECT)                                                            \
	X(BUS, "bus", SYNTH_OBJECT)                                                            \
	X(BOAT, "boat", SYNTH_OBJECT)                                                          \
	X(PERSON, "person", SYNTH_OBJECT)                                                      \
	X(BIRD, "bird", SYNTH_OBJECT)                                                          \
	X(SNOWMAN, "snowman", SYNTH_OBJECT)                                                    \
	X(BALL, "ball", SYNTH_OBJECT)                                                          \
	X(UMBRELLA, "umbrella", SYNTH_OBJECT)                                                  \
	X(TABLE, "table", SYNTH_OBJECT)                                                        \
	X(CHAIR, "chair", SYNTH_OBJECT)                                                        \
	X(SOFA, "sofa", SYNTH_OBJECT)                                                          \
	X(LAMP, "lamp", SYNTH_OBJECT)                                                          \
	X(PAINTING, "painting", SYNTH_OBJECT)                                                  \
	X(VASE, "vase", SYNTH_OBJECT)                                                          \
	X(RUG, "rug", SYNTH_OBJECT)                                                            \
	X(ROOF, "roof", SYNTH_PART)                                                            \
	X(CHIMNEY, "chimney", SYNTH_PART)                                                      \
	X(DOOR, "door", SYNTH_PART)                                                            \
	X(WINDOW, "window", SYNTH_PART)                                                        \
	X(TRUNK, "trunk", SYNTH_PART)                                                          \
	X(CROWN, "crown", SYNTH_PART)                                                          \
	X(STEM, "stem", SYNTH_PART)                                                            \
	X(PETALS, "petals", SYNTH_PART)                                                        \
	X(CAP, "cap", SYNTH_PART)                                                              \
	X(PEAK, "peak", SYNTH_PART)                                                            \
	X(WHEEL, "wheel", SYNTH_PART)                                                          \
	X(HUB, "hub", SYNTH_PART)                                                              \
	X(HEADLIGHT, "headlight", SYNTH_PART)                                                  \
	X(HULL, "hull", SYNTH_PART)                                                            \
	X(MAST, "mast", SYNTH_PART)                                                            \
	X(SAIL, "sail", SYNTH_PART)                                                            \
	X(HEAD, "head", SYNTH_PART)                                                            \
	X(HAIR, "hair", SYNTH_PART)                                                            \
	X(EYE, "eye", SYNTH_PART)                                                              \
	X(MOUTH, "mouth", SYNTH_PART)                                                          \
	X(TORSO, "torso", SYNTH_PART)                                                          \
	X(ARM, "arm", SYNTH_PART)                                                              \
	X(LEG, "leg", SYNTH_PART)                                                              \
	X(WING, "wing", SYNTH_PART)                                                            \
	X(HAT, "hat", SYNTH_PART)                                                              \
	X(POLE, "pole", SYNTH_PART)                                                            \
	X(SHADE, "shade", SYNTH_PART)                                                          \
	X(CANOPY, "canopy", SYNTH_PART)                                                        \
	X(TOP, "top", SYNTH_PART)                                                              \
	X(BACK, "back", SYNTH_PART)                                                            \
	X(SEAT, "seat", SYNTH_PART)                                                            \
	X(CUSHION, "cushion", SYNTH_PART)                                                      \
	X(FRAME, "frame", SYNTH_PART)                                                          \
	X(GRASS, "grass", SYNTH_MATERIAL)                                                      \
	X(SAND, "sand", SYNTH_MATERIAL)                                                        \
	X(SNOW, "snow", SYNTH_MATERIAL)                                                        \
	X(EARTH, "earth", SYNTH_MATERIAL)                                                      \
	X(STONE, "stone", SYNTH_MATERIAL)                                                      \
	X(WATER, "water", SYNTH_MATERIAL)                                                      \
	X(FOLIAGE, "foliage", SYNTH_MATERIAL)                                                  \
	X(BRICK, "brick", SYNTH_MATERIAL)                                                      \
	X(PLASTER, "plaster", SYNTH_MATERIAL)                                                  \
	X(TILE, "tile", SYNTH_MATERIAL)                                                        \
	X(ASPHALT, "asphalt", SYNTH_MATERIAL)                                                  \
	X(WOOD, "wood", SYNTH_MATERIAL)                                                        \
	X(METAL, "metal", SYNTH_MATERIAL)                                                      \
	X(GLASS, "glass", SYNTH_MATERIAL)                                                      \
	X(RUBBER, "rubber", SYNTH_MATERIAL)                                                    \
	X(FABRIC, "fabric", SYNTH_MATERIAL)                                                    \
	X(SKIN, "skin", SYNTH_MATERIAL)                                                        \
	X(BEACH, "beach-s", SYNTH_SCENE)                                                       \
	X(OCEAN, "ocean-s", SYNTH_SCENE)                                                       \
	X(STREET, "street-s", SYNTH_SCENE)                                                     \
	X(NIGHT, "night-s", SYNTH_SCENE)                                                       \
	X(FOREST, "forest-s", SYNTH_SCENE)                                                     \
	X(FIELD, "field-s", SYNTH_SCENE)                                                       \
	X(DESERT, "desert-s", SYNTH_SCENE)                                                     \
	X(MOUNTAINS, "mountain-s", SYNTH_SCENE)                                                \
	X(WINTER, "winter-s", SYNTH_SCENE)                                                     \
	X(ROOM, "room-s", SYNTH_SCENE)                                                         \
	X(STRIPED, "striped", SYNTH_TEXTURE)                                                   \
	X(DOTTED, "dotted", SYNTH_TEXTURE)                                                     \
	X(CHEQUERED, "chequered", SYNTH_TEXTURE)                                               \
	X(GRID, "grid", SYNTH_TEXTURE)                                                         \
	X(ZIGZAGGED, "zigzagged", SYNTH_TEXTURE)                                               \
	X(WOVEN, "woven", SYNTH_TEXTURE)                                                       \
	X(HONEYCOMBED, "honeycombed", SYNTH_TEXTURE)                                           \
	X(CROSSHATCHED, "crosshatched", SYNTH_TEXTURE)                                         \
	X(RINGED, "ringed", SYNTH_TEXTURE)                                                     \
	X(SCALY, "scaly", SYNTH_TEXTURE)                                                       \
	X(BUBBLY, "bubbly", SYNTH_TEXTURE)                                                     \
	X(MARBLED, "marbled", SYNTH_TEXTURE)                                                   \
	X(BLOTCHY, "blotchy", SYNTH_TEXTURE)                                                   \
	X(SPRINKLED, "sprinkled", SYNTH_TEXTURE)

/* What only the forty kinds of scenes have; see synth.h. */
#define SYNTH_FORTY_CONCEPTS(X)                                                                \
	X(TENT, "tent", SYNTH_OBJECT)                                                          \
	X(BENCH, "bench", SYNTH_OBJECT)                                                        \
	X(SIGN, "sign", SYNTH_OBJECT)                                                          \
	X(BALLOON, "balloon", SYNTH_OBJECT)                                                    \
	X(KITE, "kite", SYNTH_OBJECT)                                                          \
	X(PLANE, "plane", SYNTH_OBJECT)                                                        \
	X(WINDMILL, "windmill", SYNTH_OBJECT)                                                  \
	X(BARREL, "barrel", SYNTH_OBJECT)                                                      \
	X(DOG, "dog", SYNTH_OBJECT)                                                            \
	X(BICYCLE, "bicycle", SYNTH_OBJECT)                                                    \
	X(BED, "bed", SYNTH_OBJECT)                                                            \
	X(SHELF, "shelf", SYNTH_OBJECT)                                                        \
	X(BOARD, "board", SYNTH_PART)                                                          \
	X(BASKET, "basket", SYNTH_PART)                                                        \
	X(TAIL, "tail", SYNTH_PART)                                                            \
	X(BLANKET, "blanket", SYNTH_PART)                                                      \
	X(BOOK, "book", SYNTH_PART)                                                            \
	X(RESORT, "resort-s", SYNTH_SCENE)                                                     \
	X(FISHERY, "fishery-s", SYNTH_SCENE)                                                   \
	X(SEASIDE, "seaside-s", SYNTH_SCENE)                                                   \
	X(COAST, "coast-s", SYNTH_SCENE)                                                       \
	X(REGATTA, "regatta-s", SYNTH_SCENE)                                                   \
	X(REEF, "reef-s", SYNTH_SCENE)                                                         \
	X(STRAIT, "strait-s", SYNTH_SCENE)                                                     \
	X(LAGOON, "lagoon-s", SYNTH_SCENE)                                                     \
	X(BUS_STOP, "bus_stop-s", SYNTH_SCENE)                                                 \
	X(PARKING, "parking_lot-s", SYNTH_SCENE)                                               \
	X(AVENUE, "avenue-s", SYNTH_SCENE)                                                     \
	X(MARKET, "market-s", SYNTH_SCENE)                                                     \
	X(TAXI_RANK, "taxi_rank-s", SYNTH_SCENE)                                               \
	X(TERMINAL, "terminal-s", SYNTH_SCENE)                                                 \
	X(PROMENADE, "promenade-s", SYNTH_SCENE)                                               \
	X(FESTIVAL, "festival-s", SYNTH_SCENE)                                                 \
	X(CAMPSITE, "campsite-s", SYNTH_SCENE)                                                 \
	X(GLADE, "glade-s", SYNTH_SCENE)                                                       \
	X(TRAIL, "trail-s", SYNTH_SCENE)                                                       \
	X(QUARRY, "quarry-s", SYNTH_SCENE)                                                     \
	X(FARM, "farm-s", SYNTH_SCENE)                                                         \
	X(PARK, "park-s", SYNTH_SCENE)                                                         \
	X(GARDEN, "garden-s", SYNTH_SCENE)                                                     \
	X(AIRFIELD, "airfield-s", SYNTH_SCENE)                                                 \
	X(OASIS, "oasis-s", SYNTH_SCENE)                                                       \
	X(BADLANDS, "badlands-s", SYNTH_SCENE)                                                 \
	X(RALLY, "rally-s", SYNTH_SCENE)                                                       \
	X(OUTPOST, "outpost-s", SYNTH_SCENE)                                                   \
	X(CHALET, "chalet-s", SYNTH_SCENE)                                                     \
	X(SUMMIT, "summit-s", SYNTH_SCENE)                                                     \
	X(PASTURE, "pasture-s", SYNTH_SCENE)                                                   \
	X(BASECAMP, "base_camp-s", SYNTH_SCENE)                                                \
	X(SKI_RESORT, "ski_resort-s", SYNTH_SCENE)                                             \
	X(SNOWFIELD, "snowfield-s", SYNTH_SCENE)                                               \
	X(TAIGA, "taiga-s", SYNTH_SCENE)                                                       \
	X(WINTER_ROAD, "winter_road-s", SYNTH_SCENE)                                           \
	X(BEDROOM, "bedroom-s", SYNTH_SCENE)                                                   \
	X(LIVING_ROOM, "living_room-s", SYNTH_SCENE)                                           \
	X(DINING_ROOM, "dining_room-s", SYNTH_SCENE)                                           \
	X(STUDY, "study-s", SYNTH_SCENE)

enum concept {
	NOTHING, /* unlabelled */
#define ENUMERATOR(id, name, category) id,
	SYNTH_CONCEPTS(ENUMERATOR)
#undef ENUMERATOR
	        TEN_CONCEPTS, /* those of the ten kinds, NOTHING included */
	LAST_OF_TEN = TEN_CONCEPTS - 1,
#define ENUMERATOR(id, name, category) id,
	SYNTH_FORTY_CONCEPTS(ENUMERATOR)
#undef ENUMERATOR
	        CONCEPTS /* all, NOTHING included */
};

#endif
