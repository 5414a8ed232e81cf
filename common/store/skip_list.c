#include "common/store/skip_list.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/store/internal.h"

enum { HEIGHT_MAX = 16 };

struct skip_list {
    struct skip_node *head; /* of HEIGHT_MAX, before every key */
    uint64_t random;
};

static struct skip_node *
node_create(struct text key, struct text value, unsigned height)
{
    size_t links = height * sizeof(_Atomic(struct skip_node *));
    struct skip_node *node = memory_new(sizeof *node + links + key.length + value.length);
    char *bytes = (char *)node + sizeof *node + links;
    node->height = height;
    if (key.length)
        memcpy(bytes, key.data, key.length);
    if (value.length)
        memcpy(bytes + key.length, value.data, value.length);
    node->key = text_from(bytes, key.length);
    node->value = text_from(bytes + key.length, value.length);
    return node;
}

struct skip_list *
skip_list_create(void)
{
    struct skip_list *self = memory_new(sizeof *self);
    self->head = node_create(TEXT(""), TEXT(""), HEIGHT_MAX);
    self->random = 88172645463325252u; /* any seed but 0: heights need no secrecy */
    return self;
}

void
skip_list_destroy(struct skip_list **self_p)
{
    struct skip_list *self = TAKE(*self_p);
    if (!self)
        return;
    while (self->head) {
        struct skip_node *next = atomic_load(&self->head->next[0]);
        free(self->head);
        self->head = next;
    }
    free(self);
}

static struct skip_node *
next_at(const struct skip_node *node, unsigned level)
{
    return atomic_load_explicit(&node->next[level], memory_order_acquire);
}

static bool
is_before(const struct skip_node *node, struct text key, uint64_t version)
{
    int order = store_key_compare(node->key, key);
    return order < 0 || (order == 0 && node->version > version);
}

/* The first node not before (key, version), or NULL; `before` gets the last node before it on each
 * level, the head where there is none. Their next link must not be read again for the answer: a
 * newer version of the key may have come in between. */
static struct skip_node *
find(const struct skip_list *self, struct text key, uint64_t version,
    struct skip_node *before[HEIGHT_MAX])
{
    struct skip_node *node = self->head;
    struct skip_node *next = NULL;
    for (unsigned level = HEIGHT_MAX; level-- > 0;) {
        for (next = next_at(node, level); next && is_before(next, key, version);
             next = next_at(node, level))
            node = next;
        before[level] = node;
    }
    return next;
}

/* One node in four reaches the next level (xorshift64, Marsaglia 2003). */
static unsigned
draw_height(struct skip_list *self)
{
    unsigned height = 0;
    do {
        height++;
        self->random ^= self->random << 13;
        self->random ^= self->random >> 7;
        self->random ^= self->random << 17;
    } while (self->random % 4 == 0 && height < HEIGHT_MAX);
    return height;
}

void
skip_list_insert(
    struct skip_list *self, uint64_t version, struct text key, struct text value, bool deleted)
{
    struct skip_node *before[HEIGHT_MAX];
    find(self, key, version, before);
    struct skip_node *node = node_create(key, value, draw_height(self));
    node->version = version;
    node->deleted = deleted;
    for (unsigned level = 0; level < node->height; level++) {
        struct skip_node *next = next_at(before[level], level);
        atomic_store_explicit(&node->next[level], next, memory_order_relaxed);
        atomic_store_explicit(&before[level]->next[level], node, memory_order_release);
    }
}

const struct skip_node *
skip_list_at(const struct skip_list *self, struct text key, uint64_t version)
{
    struct skip_node *before[HEIGHT_MAX];
    return find(self, key, version, before);
}

const struct skip_node *
skip_list_before(const struct skip_list *self, struct text key)
{
    struct skip_node *before[HEIGHT_MAX];
    find(self, key, UINT64_MAX, before);
    return before[0] == self->head ? NULL : before[0];
}

const struct skip_node *
skip_list_last(const struct skip_list *self)
{
    const struct skip_node *node = self->head;
    for (unsigned level = HEIGHT_MAX; level-- > 0;)
        for (const struct skip_node *next; (next = next_at(node, level)) != NULL;)
            node = next;
    return node == self->head ? NULL : node;
}

const struct skip_node *
skip_node_next(const struct skip_node *node)
{
    return next_at(node, 0);
}
