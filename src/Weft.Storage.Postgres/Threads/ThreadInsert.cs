using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>A thread to add, with its place among the rows of a statement.</summary>
/// <param name="Place">The ordinal of the row, from 1.</param>
/// <param name="Key">The key that was drawn for it; null to draw one.</param>
/// <param name="Thread">The thread.</param>
internal readonly record struct PlacedThread(long Place, long? Key, ThreadRecord Thread);

/// <summary>The parts of statements that add threads. Their arrays are the first parameters.</summary>
internal static class ThreadInsert
{
    /// <summary>
    /// CTEs. <c>added</c> has <c>thread_key</c>, <c>thread_id</c> and <c>owner</c> of each thread whose id was free. The parameter
    /// <c>$20</c> is the home of all of them.
    /// </summary>
    public const string Ctes = """
        new_threads AS MATERIALIZED (
            SELECT * FROM unnest(
                $1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
                $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::text[], $16::bigint[], $17::text[], $18::bigint[],
                $19::integer[])
            AS given (
                place, given_key, thread_id, owner, status, metadata, metadata_search, config, interrupts, error,
                created_at, updated_at, state_updated_at, ttl, ttl_strategy, expires_at, graph_config, version, begun)),
        added AS (
            INSERT INTO weft.threads (
                thread_key, created_at, ttl, expires_at, thread_id, owner, ttl_strategy, config, metadata, metadata_search)
            SELECT
                coalesce(given_key, nextval('weft.thread_keys')), created_at, ttl, expires_at, thread_id, owner, ttl_strategy, config,
                metadata, metadata_search::jsonb
            FROM new_threads
            ON CONFLICT (thread_id) DO NOTHING
            RETURNING thread_key, thread_id, owner),
        added_standings AS (
            INSERT INTO weft.thread_standings (
                thread_key, version, updated_at, state_updated_at, begun, home, owner, status, error, interrupts, graph_config)
            SELECT
                added.thread_key, version, updated_at, state_updated_at, begun, $20::integer, added.owner, status, error, interrupts,
                graph_config
            FROM added JOIN new_threads USING (thread_id)),
        added_counts AS (
            INSERT INTO weft.thread_counts (owner, slot, threads)
            SELECT owner, pg_backend_pid() % 16, count(*) FROM added GROUP BY owner ORDER BY owner
            ON CONFLICT (owner, slot) DO UPDATE SET threads = thread_counts.threads + excluded.threads)
        """;

    /// <summary>Adds the parameters except <c>$20</c>.</summary>
    public static Statement Bind(Statement statement, IReadOnlyList<PlacedThread> rows)
    {
        T[] Of<T>(Func<ThreadRecord, T> select) => [.. rows.Select(row => select(row.Thread))];

        return statement
            .Add(rows.Select(static row => row.Place).ToArray())
            .Add(rows.Select(static row => row.Key).ToArray())
            .Add(Of(static thread => thread.ThreadId.Value))
            .Add(Of(static thread => thread.Owner))
            .Add(Of(static thread => thread.Status.ToWire()))
            .Add(Of(static thread => thread.Metadata))
            .Add(Of(static thread => SearchableJson.Of(thread.Owner, thread.Metadata)))
            .Add(Of(static thread => thread.Config))
            .Add(Of(static thread => thread.Interrupts))
            .Add(Of(static thread => thread.Error))
            .Add(Of(static thread => UnixMicroseconds.From(thread.CreatedAt)))
            .Add(Of(static thread => UnixMicroseconds.From(thread.UpdatedAt)))
            .Add(Of(static thread => UnixMicroseconds.From(thread.StateUpdatedAt)))
            .Add(Of(static thread => (long?)thread.Ttl?.Duration.TotalMicroseconds))
            .Add(Of(static thread => thread.Ttl?.Strategy.ToWire()))
            .Add(Of(static thread => UnixMicroseconds.From(thread.ExpiresAt)))
            .Add(Of(static thread => thread.GraphConfig))
            .Add(Of(static thread => thread.Version))
            .Add(Of(static thread => (int)thread.RunsStarted));
    }
}
