/* split.c -- see split.h. */
#include "join/split.h"

#include <math.h>
#include <string.h>

#include "join/md5.h"

int join_split_open(struct join_split *s, double train, const char *group, struct error *e)
{
	char reason[200];
	int status;

	s->train = train;
	s->pattern = group;
	if (!group)
		return 0;
	status = regcomp(&s->group, group, REG_EXTENDED);
	if (status) {
		regerror(status, &s->group, reason, sizeof reason);
		return error_set(e, status == REG_ESPACE ? EXIT_SYSTEM : EXIT_USAGE,
		                 "--group '%.100s': %s", group, reason);
	}
	s->grouped = true;
	return 0;
}

void join_split_close(struct join_split *s)
{
	if (s->grouped)
		regfree(&s->group);
	s->grouped = false;
}

int join_split_is_train(const struct join_split *s, const char *name, struct error *e)
{
	regmatch_t match[2];
	const char *key = name;
	size_t n = strlen(name);
	const int fault = s->grouped ? regexec(&s->group, name, 2, match, 0) : REG_NOMATCH;

	if (fault == REG_ESPACE)
		return error_set(e, EXIT_SYSTEM, "--group: no memory to match a name");
	if (fault == 0) {
		const int which = s->group.re_nsub > 0 && match[1].rm_so >= 0 ? 1 : 0;

		key = name + match[which].rm_so;
		n = (size_t)(match[which].rm_eo - match[which].rm_so);
	}
	return ldexp((double)md5_first(key, n), -64) <= s->train;
}
