/* config_yaml: a YAML file as a row of libyaml's events, with errors that name line and column. Of
 * config's files only config_file uses it. */
#pragma once

#include <yaml.h>

#include "common/base/attributes.h"
#include "common/base/buffer.h"
#include "common/base/problem.h"
#include "common/base/status.h"

enum { CONFIG_PLACE_SIZE = 320 };

struct config_yaml {
    yaml_parser_t parser;
    struct buffer content;
    const char *path;
    struct problem *problem; /* where every refusal goes */
};

/* Loads the file, at most 1 MiB. After a failure there is nothing to release. */
enum status config_yaml_init(
    struct config_yaml *self, const char *path, struct problem *problem) MUST_CHECK;
void config_yaml_release(struct config_yaml *self);

/* The event is the caller's to delete. Aliases are refused here. */
enum status config_yaml_next(struct config_yaml *self, yaml_event_t *event) MUST_CHECK;

/* "forge.yaml:3:9" of the event's start. */
void config_yaml_place(
    const struct config_yaml *self, const yaml_event_t *event, char place[CONFIG_PLACE_SIZE]);

/* Sets the problem to place and words; always FAILED_PRECONDITION. */
enum status config_yaml_refuse(
    const struct config_yaml *self, const yaml_event_t *event, const char *words);

/* A scalar's bytes; and whether it is YAML's nothing: empty, ~ or null without quotes. */
struct text config_yaml_scalar(const yaml_event_t *event);
bool config_yaml_is_null(const yaml_event_t *event);
