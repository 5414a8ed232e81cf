/* path: folders of the file system that must stand before something goes into them. */
#pragma once

#include <stdbool.h>

/* Makes a folder and those above it, for this user alone (0700); one that stands is left as it is.
 * False with errno set when it cannot be had. */
bool path_make_folder(const char *path);

/* The same for the folder that holds a file; a bare file name needs none. */
bool path_make_folder_of(const char *file);
