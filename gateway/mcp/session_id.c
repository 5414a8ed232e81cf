#include "gateway/mcp/session_id.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/uuid.h"
#include "gateway/mcp/session_keys.h"
#include "gateway/tools/base64.h"

/* The payload: format, version, capabilities, length of the client's name, issued (s), expires
 * (s), principal, a random number, the client's name. Numbers are big-endian. */
enum {
    FORMAT = 1,
    AT_ISSUED = 4,
    AT_EXPIRES = 8,
    AT_PRINCIPAL = 12,
    AT_RANDOM = 20,
    AT_CLIENT = 28,
    PAYLOAD_MAX = AT_CLIENT + MCP_SESSION_CLIENT_BYTES,
    MAC_BYTES = 16,
    MAC_LENGTH = BASE64_URL_LENGTH(MAC_BYTES),
};

_Static_assert(MCP_SESSION_HOME_BYTES + 1 + SESSION_KEY_NAME_BYTES + 1 +
                       BASE64_URL_LENGTH(PAYLOAD_MAX) + 1 + MAC_LENGTH <
                   MCP_SESSION_ID_BYTES,
    "the longest id must fit");

static void
put(uint8_t *at, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
}

static uint64_t
take(const uint8_t *at, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return value;
}

uint64_t
mcp_session_principal(const struct rpc_principal *principal)
{
    uint8_t parts[2 * 64 + 2];
    size_t tenant = principal->tenant.length < 64 ? principal->tenant.length : 64;
    size_t name = principal->name.length < 64 ? principal->name.length : 64;
    parts[0] = (uint8_t)tenant;
    if (tenant)
        memcpy(parts + 1, principal->tenant.data, tenant);
    if (name)
        memcpy(parts + 1 + tenant, principal->name.data, name);
    uint8_t sum[SHA256_DIGEST_LENGTH];
    SHA256(parts, 1 + tenant + name, sum);
    return take(sum, 8);
}

static bool
is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

void
mcp_session_set_client(struct mcp_session *session, struct text name)
{
    size_t length = 0;
    for (size_t i = 0; i < name.length && length < MCP_SESSION_CLIENT_BYTES; i++) {
        char c = name.data[i];
        if (is_plain(c) || c == '.' || c == '_')
            session->client[length++] = c;
    }
    session->client[length] = '\0';
}

static bool
sign(const struct mcp_session_key *key, struct text signed_part, char mac[MAC_LENGTH])
{
    uint8_t sum[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (!HMAC(EVP_sha256(), key->secret, sizeof key->secret, (const uint8_t *)signed_part.data,
            signed_part.length, sum, &size) ||
        size < MAC_BYTES)
        return false;
    base64_url_encode(sum, MAC_BYTES, mac);
    return true;
}

static size_t
write_payload(const struct mcp_session *session, uint8_t payload[PAYLOAD_MAX])
{
    size_t client = strlen(session->client);
    payload[0] = FORMAT;
    payload[1] = (uint8_t)session->version;
    payload[2] = session->capabilities;
    payload[3] = (uint8_t)client;
    put(payload + AT_ISSUED, (uint64_t)session->issued_at_ms / 1000, 4);
    put(payload + AT_EXPIRES, (uint64_t)session->expires_at_ms / 1000, 4);
    put(payload + AT_PRINCIPAL, session->principal, 8);
    uuid_random(payload + AT_RANDOM, AT_CLIENT - AT_RANDOM);
    memcpy(payload + AT_CLIENT, session->client, client);
    return AT_CLIENT + client;
}

size_t
mcp_session_id_make(const struct mcp_session_keys *keys, const char *home,
    const struct mcp_session *session, char out[MCP_SESSION_ID_BYTES])
{
    const struct mcp_session_key *key = mcp_session_keys_first(keys);
    size_t length = 0;
    for (; length < MCP_SESSION_HOME_BYTES && home[length]; length++) {
        out[length] = home[length];
        if (!is_plain(home[length]))
            out[length] = '-';
    }
    length += (size_t)snprintf(out + length, MCP_SESSION_ID_BYTES - length, ".%s.", key->name);
    uint8_t payload[PAYLOAD_MAX];
    size_t size = write_payload(session, payload);
    base64_url_encode(payload, size, out + length);
    length += BASE64_URL_LENGTH(size);
    char mac[MAC_LENGTH];
    if (!sign(key, text_from(out, length), mac)) {
        fputs("libcrypto has no HMAC-SHA256\n", stderr);
        abort();
    }
    out[length++] = '.';
    memcpy(out + length, mac, MAC_LENGTH);
    out[length + MAC_LENGTH] = '\0';
    return length + MAC_LENGTH;
}

/* Cuts the part before the next '.' off the front; false when there is no '.'. */
static bool
take_part(struct text *rest, struct text *part)
{
    const char *dot = rest->length ? memchr(rest->data, '.', rest->length) : NULL;
    if (!dot)
        return false;
    size_t length = (size_t)(dot - rest->data);
    *part = text_from(rest->data, length);
    *rest = text_from(dot + 1, rest->length - length - 1);
    return true;
}

static bool
read_payload(struct text text, struct mcp_session *session)
{
    uint8_t payload[PAYLOAD_MAX];
    size_t size;
    if (!base64_url_decode(text, payload, sizeof payload, &size) || size < AT_CLIENT ||
        payload[0] != FORMAT || payload[1] > MCP_LATEST_LEGACY ||
        size != (size_t)AT_CLIENT + payload[3])
        return false;
    *session = (struct mcp_session){
        .version = (enum mcp_version)payload[1],
        .capabilities = payload[2],
        .issued_at_ms = (int64_t)take(payload + AT_ISSUED, 4) * 1000,
        .expires_at_ms = (int64_t)take(payload + AT_EXPIRES, 4) * 1000,
        .principal = take(payload + AT_PRINCIPAL, 8),
    };
    memcpy(session->client, payload + AT_CLIENT, payload[3]);
    return true;
}

bool
mcp_session_id_read(const struct mcp_session_keys *keys, struct text id, int64_t now_ms,
    struct mcp_session *session)
{
    struct text rest = id;
    struct text home;
    struct text name;
    struct text payload;
    if (id.length >= MCP_SESSION_ID_BYTES || !take_part(&rest, &home) || !take_part(&rest, &name) ||
        !take_part(&rest, &payload) || rest.length != MAC_LENGTH)
        return false;
    const struct mcp_session_key *key = mcp_session_keys_find(keys, name);
    char mac[MAC_LENGTH];
    if (!key || !sign(key, text_from(id.data, id.length - MAC_LENGTH - 1), mac) ||
        CRYPTO_memcmp(mac, rest.data, MAC_LENGTH) != 0)
        return false;
    struct mcp_session read;
    if (!read_payload(payload, &read) || read.expires_at_ms <= now_ms)
        return false;
    *session = read;
    return true;
}
