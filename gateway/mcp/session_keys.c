#include "gateway/mcp/session_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/buffer.h"
#include "common/base/memory.h"
#include "common/base/path.h"
#include "common/base/uuid.h"

enum { KEYS_MAX = 16, FILE_BYTES_MAX = 8192 };

struct mcp_session_keys {
    size_t count;
    struct mcp_session_key keys[KEYS_MAX];
};

static int
digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool
is_name(struct text name)
{
    if (!name.length || name.length > SESSION_KEY_NAME_BYTES)
        return false;
    for (size_t i = 0; i < name.length; i++) {
        char c = name.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_')
            return false;
    }
    return true;
}

static bool
parse_line(struct text line, struct mcp_session_key *key)
{
    size_t length = 0;
    while (length < line.length && line.data[length] != ' ' && line.data[length] != '\t')
        length++;
    struct text name = text_from(line.data, length);
    struct text secret = text_trim(text_from(line.data + length, line.length - length));
    if (!is_name(name) || secret.length != (size_t)SESSION_KEY_BYTES * 2)
        return false;
    for (size_t i = 0; i < SESSION_KEY_BYTES; i++) {
        int high = digit(secret.data[2 * i]);
        int low = digit(secret.data[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        key->secret[i] = (uint8_t)(high << 4 | low);
    }
    memcpy(key->name, name.data, name.length);
    key->name[name.length] = '\0';
    return true;
}

static enum status
parse(struct text content, const char *path, struct mcp_session_keys *keys, struct problem *problem)
{
    unsigned line_number = 0;
    while (content.length) {
        const char *end = memchr(content.data, '\n', content.length);
        size_t length = end ? (size_t)(end - content.data) : content.length;
        struct text line = text_trim(text_from(content.data, length));
        size_t taken = length + (end ? 1 : 0);
        content = text_from(content.data + taken, content.length - taken);
        line_number++;
        if (!line.length || line.data[0] == '#')
            continue;
        if (keys->count == KEYS_MAX || !parse_line(line, &keys->keys[keys->count])) {
            problem_set(problem,
                "%s, line %u: a line must be a key's id, a blank and 64 hexadecimal digits; at "
                "most %d keys",
                path, line_number, KEYS_MAX);
            return STATUS_INVALID_ARGUMENT;
        }
        keys->count++;
    }
    if (keys->count)
        return STATUS_OK;
    problem_set(problem, "%s holds no key", path);
    return STATUS_INVALID_ARGUMENT;
}

static enum status
check_mode(int file, const char *path, struct problem *problem)
{
    struct stat facts;
    if (fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        problem_set(problem, "%s is not a file", path);
        return STATUS_FAILED_PRECONDITION;
    }
    if (facts.st_mode & (S_IRWXG | S_IRWXO)) {
        problem_set(
            problem, "%s can be read by others than its owner; run: chmod 600 %s", path, path);
        return STATUS_FAILED_PRECONDITION;
    }
    return STATUS_OK;
}

static void
close_file(const int *file)
{
    if (*file >= 0)
        close(*file);
}

static enum status
read_file(const char *path, char content[FILE_BYTES_MAX], size_t *length, struct problem *problem)
{
    CLEANUP(close_file) int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        problem_set(problem, "cannot read the session keys %s: %s", path, strerror(errno));
        return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_FAILED_PRECONDITION;
    }
    enum status status = check_mode(file, path, problem);
    if (status)
        return status;
    ssize_t got = read(file, content, FILE_BYTES_MAX);
    if (got < 0 || got == FILE_BYTES_MAX) {
        problem_set(problem, "cannot read the session keys %s: %s", path,
            got < 0 ? strerror(errno) : "the file is longer than 8 KiB");
        return STATUS_FAILED_PRECONDITION;
    }
    *length = (size_t)got;
    return STATUS_OK;
}

/* A whole line with a fresh key. */
static void
add_fresh_key(struct buffer *line)
{
    uint8_t secret[SESSION_KEY_BYTES];
    uint8_t name[4];
    uuid_random(secret, sizeof secret);
    uuid_random(name, sizeof name);
    buffer_format(line, "k%02x%02x%02x%02x ", name[0], name[1], name[2], name[3]);
    for (size_t i = 0; i < sizeof secret; i++)
        buffer_format(line, "%02x", secret[i]);
    buffer_add_byte(line, '\n');
    OPENSSL_cleanse(secret, sizeof secret);
}

/* Written beside its place and linked there, so that nobody ever reads half a file and of two
 * programs that start at once one wins. */
static enum status
create_file(const char *path, struct problem *problem)
{
    CLEANUP(buffer_release) struct buffer line = {0};
    CLEANUP(buffer_release) struct buffer beside = {0};
    buffer_format(&beside, "%s.%d.new", path, (int)getpid());
    const char *name = buffer_string(&beside);
    add_fresh_key(&line);
    CLEANUP(close_file)
    int file = !path_make_folder_of(path)
                   ? -1
                   : open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    bool written = file >= 0 && write(file, line.data, line.length) == (ssize_t)line.length &&
                   fsync(file) == 0 && (link(name, path) == 0 || errno == EEXIST);
    int why = errno;
    OPENSSL_cleanse(line.data, line.length);
    if (file >= 0)
        unlink(name);
    if (written)
        return STATUS_OK;
    problem_set(problem, "cannot make the session keys %s: %s", path, strerror(why));
    return STATUS_FAILED_PRECONDITION;
}

enum status
mcp_session_keys_open(
    const char *path, bool create, struct mcp_session_keys **self_p, struct problem *problem)
{
    char content[FILE_BYTES_MAX];
    size_t length = 0;
    enum status status = read_file(path, content, &length, problem);
    if (status == STATUS_NOT_FOUND && create) {
        status = create_file(path, problem);
        if (!status)
            status = read_file(path, content, &length, problem);
    }
    if (status)
        return status;
    CLEANUP(mcp_session_keys_close) struct mcp_session_keys *keys = memory_new(sizeof *keys);
    status = parse(text_from(content, length), path, keys, problem);
    OPENSSL_cleanse(content, sizeof content);
    if (!status)
        *self_p = TAKE(keys);
    return status;
}

void
mcp_session_keys_close(struct mcp_session_keys **self_p)
{
    if (!*self_p)
        return;
    OPENSSL_cleanse(*self_p, sizeof **self_p);
    free(*self_p);
    *self_p = NULL;
}

const struct mcp_session_key *
mcp_session_keys_first(const struct mcp_session_keys *self)
{
    return &self->keys[0];
}

const struct mcp_session_key *
mcp_session_keys_find(const struct mcp_session_keys *self, struct text name)
{
    for (size_t i = 0; i < self->count; i++)
        if (text_is(name, self->keys[i].name))
            return &self->keys[i];
    return NULL;
}
