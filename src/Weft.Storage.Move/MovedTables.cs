using Weft.Storage.Postgres;
using Weft.Storage.Sqlite;
using static Weft.Storage.Move.MovedType;

namespace Weft.Storage.Move;

/// <summary>The tables that are moved, in this order. Keys stay the same, so that rows still refer to each other.</summary>
/// <remarks>
/// What PostgreSQL derives from other rows is not moved: the numbers of threads are counted again, and items are embedded again.
/// </remarks>
internal static class MovedTables
{
    public static IReadOnlyList<MovedTable> All { get; } =
    [
        new("threads", "threads", 1,
        [
            C("thread_key", Long), C("thread_id", Text), C("owner", Text), C("created_at", Long), C("ttl", Long), C("ttl_strategy", Text),
            C("expires_at", Long), C("config", Text), C("metadata", Text),
            new("metadata_search", Json, null, static row => SearchableJson.Of((string)row[2]!, (string)row[8]!)),
        ]),
        new("thread_standings", "threads", 1,
        [
            C("thread_key", Long), C("owner", Text), C("version", Long), C("status", Text), C("updated_at", Long),
            C("state_updated_at", Long), C("begun", Int), C("error", Text), C("interrupts", Text), C("graph_config", Text),
            C("preview", Text),
        ]),
        new("runs", "runs", 1,
        [
            C("run_key", Long), C("run_id", Uuid), C("thread_key", Long), C("owner", Text), C("assistant_id", Uuid), C("status", Text),
            C("attempt", Int), C("begun", Int), C("multitask_strategy", Text), C("not_before", Long), C("created_at", Long),
            C("updated_at", Long), C("started_at", Long), C("cancel_action", Text), C("cancel_reason", Text), C("error", Text),
            C("error_name", Text), C("usage", Text), C("headers", Text), C("crashes", Int), C("work_at_start", Long),
            C("unsuccessful", Flag), C("request_key", Text), C("request_hash", Text), C("timeline", Bytes),
        ]),
        new("run_inputs", "runs", 1,
        [
            C("run_key", Long), C("metadata", Text),
            // What an input shares with a checkpoint is stored once in the file.
            C("left", Bytes, "kwargs") with { IsRead = true },
            C("pieces", Bytes, "kwargs_pieces") with { IsRead = true },
            C("other", Bytes, "(SELECT body FROM checkpoints WHERE checkpoint_key = kwargs_checkpoint)") with { IsRead = true },
            new("kwargs", Bytes, null, static row =>
                row[3] is byte[] pieces ? SharedPieces.PutBack((byte[])row[2]!, pieces, (byte[])row[4]!) : row[2]),
        ]),
        new("checkpoints", "checkpoints", 3,
        [
            C("thread_key", Long), C("ns", Text), C("checkpoint_id", Uuid), C("ordinal", Long), C("hidden", Flag), C("parent_id", Uuid),
            C("run_id", Uuid), C("source", Text), C("step", Int), C("created_at", Long), C("metadata_key", Long), C("body", Bytes),
        ]),
        new("checkpoint_metadata", "checkpoint_metadata", 1, [C("metadata_key", Long), C("thread_key", Long), C("text", Text)]),
        new("task_outcomes", "task_outcomes", 4,
        [
            C("thread_key", Long), C("ns", Text), C("checkpoint_id", Uuid), C("task_id", Text), C("body", Bytes),
        ]),
        new("messages", "messages", 2,
        [
            C("thread_key", Long), C("seq", Long), C("run_id", Uuid), C("created_at", Long),
            C("checkpoint_id", Uuid, "(SELECT checkpoint_id FROM checkpoints WHERE checkpoints.checkpoint_key = messages.checkpoint_key)"),
            C("content_at", Int, "CASE WHEN checkpoint_key IS NOT NULL THEN content_at END"),
            C("content_length", Int, "CASE WHEN checkpoint_key IS NOT NULL THEN content_length END"),
            C("content", Bytes, "CASE WHEN checkpoint_key IS NULL AND run_id IS NOT NULL THEN content END"),
        ]),
        new("stream_blocks", "thread_events", 2,
        [
            C("thread_key", Long), C("seq", Long) with { IsRead = true }, C("begun", Int, "seq >> 33"),
            C("first_seq", Long, "seq & 8589934591"), C("last_seq", Long, "last_seq & 8589934591"),
            C("run_key", Long, "(SELECT run_key FROM runs WHERE runs.run_id = thread_events.run_id)"),
            C("created_at", Long), C("format", Int), C("data", Bytes),
        ], ["thread_key", "begun", "first_seq"]),
        new("assistants", "assistants", 1,
        [
            C("assistant_key", Long), C("owner", Text), C("assistant_id", Uuid), C("version", Int), C("created_at", Long),
            C("updated_at", Long),
        ]),
        new("assistant_versions", "assistant_versions", 2,
        [
            C("assistant_key", Long), C("version", Int), C("graph_id", Text), C("name", Text), C("description", Text), C("config", Text),
            C("context", Text), C("metadata", Text), C("created_at", Long),
        ]),
        new("crons", "crons", 1,
        [
            C("cron_key", Long), C("cron_id", Uuid), C("owner", Text), C("assistant_id", Uuid), C("thread_id", Text), C("schedule", Text),
            C("timezone", Text), C("end_time", Long), C("enabled", Flag), C("on_run_completed", Text), C("next_run_date", Long),
            C("version", Long), C("created_at", Long), C("updated_at", Long), C("metadata", Text), C("payload", Bytes), C("access", Text),
        ]),
        new("items", "items", 1,
        [
            C("item_key", Long), C("owner", Text), C("namespace", Text), C("key", Text), C("created_at", Long), C("updated_at", Long),
            C("ttl", Long), C("expires_at", Long), C("indexed_paths", Text), C("value", Bytes),
        ]),
        new("webhooks", "webhooks", 1,
        [
            C("webhook_key", Long), C("run_id", Uuid), C("thread_id", Text), C("owner", Text), C("url", Text), C("receiver", Text),
            C("status", Text), C("attempts", Int), C("due_at", Long), C("claimed", Flag), C("earlier_attempts", Int), C("series_at", Long),
            C("created_at", Long), C("ended_at", Long), C("payload_bytes", Long), C("payload", Bytes),
        ]),
        new("webhook_attempts", "webhook_attempts", 2,
        [
            C("webhook_key", Long), C("attempt", Int), C("started_at", Long), C("duration", Long), C("status_code", Int), C("error", Text),
        ]),
        new("feedback", "feedback", 1,
        [
            C("feedback_key", Long), C("feedback_id", Uuid), C("thread_key", Long), C("run_id", Uuid), C("owner", Text), C("key", Text),
            C("score", Real), C("message_id", Text), C("created_at", Long), C("comment", Text), C("details", Text),
        ]),
        new("secrets", "secrets", 1, [C("name", Text), C("value", Bytes)]),
        new("api_keys", "api_keys", 1,
        [
            C("id", Text), C("name", Text), C("owner", Text), C("permissions", Text), C("hash", Bytes), C("created_at", Long),
            C("expires_at", Long), C("revoked_at", Long),
        ]),
    ];

    /// <summary>The columns whose next values follow the greatest one that was moved, with the sequences that make them.</summary>
    public static IReadOnlyList<(string Table, string Column, string? Sequence)> Keys { get; } =
    [
        ("threads", "thread_key", "weft.thread_keys"), ("checkpoint_metadata", "metadata_key", "weft.checkpoint_metadata_keys"),
        ("runs", "run_key", null), ("assistants", "assistant_key", null), ("crons", "cron_key", null), ("items", "item_key", null),
        ("webhooks", "webhook_key", null), ("feedback", "feedback_key", null),
    ];

    private static MovedColumn C(string name, MovedType type, string? expression = null) => new(name, type, expression ?? name);
}
