/* url: what forgectl must know of a URL. */
#pragma once

#include <stdbool.h>

/* True for http and https URLs with a host. */
bool url_is_http(const char *url);

/* True when the URL names this machine by loopback. */
bool url_is_loopback(const char *url);
