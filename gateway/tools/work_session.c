#include "gateway/tools/work_session.h"

#include "gateway/tools/entry.h"

void
work_session_write_head(struct json_writer *writer, const Forge__WorkSession *session)
{
    entry_write_string(writer, "session", session->handle);
    entry_write_string(writer, "project", session->project);
    entry_write_string(writer, "task", session->task);
    entry_write_string(writer, "branch", session->branch);
    entry_write_string(writer, "author", session->author);
    entry_write_string(writer, "client", session->client);
    entry_write_time(writer, "started_at", session->started_at_ms);
    entry_write_time(writer, "touched_at", session->touched_at_ms);
    entry_write_time(writer, "ended_at", session->ended_at_ms);
    json_write_key(writer, "checkpoints");
    json_write_unsigned(writer, session->checkpoints);
}

void
work_session_write_lists(struct json_writer *writer, const Forge__WorkSession *session)
{
    entry_write_strings(writer, "next_steps", session->next_steps, session->n_next_steps);
    entry_write_strings(writer, "files", session->files, session->n_files);
}
