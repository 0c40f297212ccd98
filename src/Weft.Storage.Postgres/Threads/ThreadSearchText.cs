using System.Collections.Concurrent;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>What determines the text of a search over threads.</summary>
/// <param name="SortBy">The order.</param>
/// <param name="Descending">Whether the order is reversed.</param>
/// <param name="Source">Where the candidates come from.</param>
/// <param name="HasStatus">Whether there is a condition on the status.</param>
/// <param name="HasParts">Whether there are conditions on metadata besides those of the index.</param>
internal readonly record struct ThreadSearchShape(ThreadSort SortBy, bool Descending, ThreadSource Source, bool HasStatus, bool HasParts);

/// <summary>Where the candidates of a search come from. Each is read from one index.</summary>
internal enum ThreadSource
{
    /// <summary>All threads of the owner.</summary>
    Owner,

    /// <summary>The threads with given ids.</summary>
    Ids,

    /// <summary>The threads whose metadata contains an object.</summary>
    Metadata,

    /// <summary>The interrupted or failed threads.</summary>
    Stopped,
}

/// <summary>The texts of searches over threads.</summary>
/// <remarks>
/// Parameters: 1 is the owner, 2 the limit, 3 the offset, 4 the ids, 5 the object that metadata contains, 6 the status, and 7 a list
/// of alternatives, each a list of objects that metadata contains. What has one source of candidates can't be planned in another way.
/// </remarks>
internal static class ThreadSearchText
{
    private static readonly ConcurrentDictionary<ThreadSearchShape, string> Texts = new();

    /// <summary>
    /// The text of a search with conditions. Each row has the total in its first column; a row without a thread has nulls.
    /// </summary>
    public static string Of(ThreadSearchShape shape) => Texts.GetOrAdd(shape, static shape => Make(shape));

    /// <summary>The text of a page of all threads of the owner.</summary>
    public static string PageOf(ThreadSort sort, bool descending) => sort switch
    {
        ThreadSort.CreatedAt => descending ? ByCreation.Down : ByCreation.Up,
        ThreadSort.UpdatedAt => descending ? ByUpdate.Down : ByUpdate.Up,
        _ => Of(new ThreadSearchShape(sort, descending, ThreadSource.Owner, HasStatus: false, HasParts: false)),
    };

    /// <summary>Whether <see cref="PageOf"/> reads the page from an index, so that the total is not known.</summary>
    public static bool HasIndex(ThreadSort sort) => sort is ThreadSort.CreatedAt or ThreadSort.UpdatedAt;

    private static class ByCreation
    {
        public static readonly string Up = Page("");
        public static readonly string Down = Page(" DESC");

        private static string Page(string direction) => $"""
            SELECT {ThreadRows.Columns}, threads.thread_key
            FROM (
                SELECT * FROM weft.threads WHERE owner = $1
                ORDER BY created_at{direction}, thread_id{direction} LIMIT $2 OFFSET $3) AS threads
            {ThreadRows.WithStanding}
            ORDER BY threads.created_at{direction}, threads.thread_id{direction}
            """;
    }

    private static class ByUpdate
    {
        public static readonly string Up = Page("");
        public static readonly string Down = Page(" DESC");

        private static string Page(string direction) => $"""
            SELECT {ThreadRows.Columns}, threads.thread_key
            FROM weft.thread_standings AS standing
            JOIN LATERAL (SELECT * FROM weft.threads WHERE threads.thread_key = standing.thread_key LIMIT 1) AS threads ON true
            WHERE standing.owner = $1
            ORDER BY standing.updated_at{direction}, threads.thread_id{direction} LIMIT $2 OFFSET $3
            """;
    }

    private static string Make(ThreadSearchShape shape)
    {
        var direction = shape.Descending ? " DESC" : "";
        var sort = shape.SortBy switch
        {
            ThreadSort.ThreadId => "threads.thread_id",
            ThreadSort.Status => "standing.status",
            ThreadSort.UpdatedAt => "standing.updated_at",
            ThreadSort.StateUpdatedAt => "coalesce(standing.state_updated_at, 0)",
            _ => "threads.created_at",
        };
        var needsStanding = shape.HasStatus || shape.SortBy is ThreadSort.Status or ThreadSort.UpdatedAt or ThreadSort.StateUpdatedAt;
        var conditions = new List<string> { "threads.owner = $1" };
        if (shape.HasStatus)
        {
            conditions.Add("standing.status = $6");
        }

        if (shape.HasParts)
        {
            conditions.Add("""
                EXISTS (
                    SELECT FROM jsonb_array_elements($7::jsonb) AS alternative
                    WHERE NOT EXISTS (
                        SELECT FROM jsonb_array_elements(alternative) AS part WHERE NOT threads.metadata_search @> part))
                """);
        }

        return $"""
            WITH
                found AS MATERIALIZED (
                    SELECT threads.thread_key, threads.thread_id, {sort} AS sort
                    FROM {FromOf(shape.Source)}{(needsStanding ? $"\n{ThreadRows.WithStanding}" : "")}
                    WHERE {string.Join(" AND ", conditions)}),
                page AS MATERIALIZED (SELECT * FROM found ORDER BY sort{direction}, thread_id{direction} LIMIT $2 OFFSET $3)
            SELECT total.count, {ThreadRows.Columns}, threads.thread_key
            FROM (SELECT count(*) FROM found) AS total
            LEFT JOIN (
                page
                JOIN LATERAL (SELECT * FROM weft.threads WHERE threads.thread_key = page.thread_key LIMIT 1) AS threads ON true
                {ThreadRows.WithStanding}) ON true
            ORDER BY page.sort{direction}, page.thread_id{direction}
            """;
    }

    /// <summary>Returns the candidates as a table <c>threads</c>.</summary>
    private static string FromOf(ThreadSource source) => source switch
    {
        ThreadSource.Ids => """
            unnest($4::text[]) AS id (thread_id)
            JOIN LATERAL (SELECT * FROM weft.threads WHERE threads.thread_id = id.thread_id LIMIT 1) AS threads ON true
            """,
        ThreadSource.Metadata => "(SELECT * FROM weft.threads WHERE metadata_search @> $5::jsonb OFFSET 0) AS threads",
        ThreadSource.Stopped => """
            (SELECT thread_key FROM weft.thread_standings
                WHERE owner = $1 AND status IN ('interrupted', 'error') AND status = $6 OFFSET 0) AS stopped
            JOIN LATERAL (SELECT * FROM weft.threads WHERE threads.thread_key = stopped.thread_key LIMIT 1) AS threads ON true
            """,
        _ => "(SELECT * FROM weft.threads WHERE owner = $1 OFFSET 0) AS threads",
    };
}
