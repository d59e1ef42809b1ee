#include "fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void usage(const char *problem, const char *word)
{
  dprintf(STDERR_FILENO, "devstart-fixture: %s%s%s\n", problem, word ? ": " : "", word ? word : "");
  _exit(64);
}

void fail(const char *what)
{
  dprintf(STDERR_FILENO, "devstart-fixture: %s: %s\n", what, strerror(errno));
  _exit(71);
}

bool has_next(const struct script *script)
{
  return script->next < script->count && strcmp(script->words[script->next], "}") != 0;
}

bool take_flag(struct script *script, const char *flag)
{
  if (!has_next(script) || strcmp(script->words[script->next], flag) != 0) return false;
  script->next += 1;
  return true;
}

const char *take_word(struct script *script, const char *what)
{
  if (script->next >= script->count) usage("a word is missing", what);
  return script->words[script->next++];
}

long take_number(struct script *script, const char *what)
{
  const char *word = take_word(script, what);
  char *end = NULL;
  long number = strtol(word, &end, 10);
  if (end == word || *end != '\0') usage("no number", word);
  return number;
}

/* Moves past `{ … }`, which the process just made performs. */
void skip_block(struct script *script)
{
  if (!take_flag(script, "{")) return;
  for (int depth = 1; depth > 0;) {
    const char *word = take_word(script, "}");
    if (strcmp(word, "{") == 0) depth += 1;
    if (strcmp(word, "}") == 0) depth -= 1;
  }
}
