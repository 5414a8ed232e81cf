#include "forgectl/client/url.h"

#include <curl/curl.h>
#include <string.h>
#include <strings.h>

bool
url_is_http(const char *url)
{
    return strncasecmp(url, "http://", 7) == 0
               ? url[7] != '\0' && url[7] != '/'
               : strncasecmp(url, "https://", 8) == 0 && url[8] != '\0' && url[8] != '/';
}

bool
url_is_loopback(const char *url)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
    CURLU *parsed = curl_url();
    char *host = NULL;
    bool is_loopback = false;
    if (parsed != NULL && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK)
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
            is_loopback = is_loopback || strcasecmp(host, names[i]) == 0;
    curl_free(host);
    curl_url_cleanup(parsed);
    return is_loopback;
}
