/* help.c -- see help.h. */
#include "tool/help.h"
#include "base/machine.h"

#include <string.h>
#include <zlib.h>

enum { HELP_COLUMN = 33, HELP_WIDTH = 80 };
/* Choices that take more are listed below their option. */
enum { MOST_CHOICES = 60 };

const char *option_spelling(const struct tool_option *o, char name[static 64])
{
	if (o->letter)
		snprintf(name, 64, "-%c", o->letter);
	else
		snprintf(name, 64, "--%s", o->name);
	return name;
}

static bool has_long_choices(const struct tool_option *o)
{
	return o->kind == TOOL_CHOICE && strlen(o->argument) > MOST_CHOICES;
}

static const char *argument_of(const struct tool_option *o)
{
	if (o->kind == TOOL_FLAG)
		return "";
	return has_long_choices(o) ? "NAME" : o->argument;
}

void help_usage(FILE *f, const struct tool *t, const struct tool_usage *u,
                const struct tool_option *all, size_t n)
{
	char name[64];

	fprintf(f, "usage: %s", t->name);
	for (size_t i = 0; i < n; i++)
		if (all[i].required)
			fprintf(f, " %s %s", option_spelling(&all[i], name),
			        argument_of(&all[i]));
	fprintf(f, " [options]%s%s\n", u->operands ? " " : "", u->operands ? u->operands : "");
}

static void print_option(const char *letter, const char *name, const char *argument,
                         const char *help)
{
	char left[128];
	int n = snprintf(left, sizeof left, "  %2s%c --%s %s", letter, *letter ? ',' : ' ',
	                 name, argument);

	/* What is too long for its column has a line of its own. */
	if (n > HELP_COLUMN - 1)
		printf("%s\n%*s%s\n", left, HELP_COLUMN, "", help);
	else
		printf("%-*s%s\n", HELP_COLUMN, left, help);
}

/* "a|b|c" as "a, b, c", in lines. */
static void print_choices(const char *choices)
{
	size_t at = HELP_COLUMN;

	printf("%*s", HELP_COLUMN, "");
	for (size_t n; *choices; choices += n) {
		n = strcspn(choices, "|");
		if (at + n + 2 > HELP_WIDTH) {
			printf("\n%*s", HELP_COLUMN, "");
			at = HELP_COLUMN;
		}
		at += (size_t)printf("%.*s%s", (int)n, choices, choices[n] ? ", " : "\n");
		n += choices[n] == '|';
	}
}

static void print_table_option(const struct tool_option *o)
{
	const char letter[] = {'-', o->letter, '\0'};
	char help[256];

	snprintf(help, sizeof help, "%s%s", o->help, o->required ? " (required)" : "");
	print_option(o->letter ? letter : "", o->name, argument_of(o), help);
	if (has_long_choices(o))
		print_choices(o->argument);
}

void help_print(const struct tool *t, const struct tool_usage *u, const struct tool_option *all,
                size_t n)
{
	bool common = false; /* the block of options that are common to all has begun */

	help_usage(stdout, t, u, all, n);
	printf("%s\n", u->summary);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || (all[i].common && !common))
			printf("\n");
		common = all[i].common != 0;
		if (!(all[i].common & u->unused))
			print_table_option(&all[i]);
	}
	print_option("-h", "help", "", "print this and exit");
	print_option("", "version", "", "print versions and exit");
	printf("\nexample:\n  %s\n", u->example);
}

void help_version(const struct tool *t, const struct tool_usage *u)
{
	printf("%s %s\nndr format 1.1\nbuilt with: %s\nruns on: %s instructions\nzlib %s\n",
	       t->name, NDPIPE_VERSION, NDPIPE_CFLAGS, machine_name(), zlibVersion());
	if (u->libraries)
		printf("%s", u->libraries());
}
