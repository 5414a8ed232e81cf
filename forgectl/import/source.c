#include "forgectl/import/source.h"

void
import_source_destroy(struct import_source **self_p)
{
    struct import_source *self = TAKE(*self_p);
    if (self != NULL)
        self->destroy(self);
}
