using System.Text;
using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Copies a thread with its checkpoints and outcomes.</summary>
internal static class ThreadCopyRows
{
    private const string FindOriginal = $"""
        SELECT {ThreadRows.Columns}, threads.thread_key FROM weft.threads {ThreadRows.WithStanding}
        WHERE threads.thread_id = $1 AND threads.owner = $2
        """;

    private const string IsOf = "SELECT 1 FROM weft.threads WHERE thread_id = $1 AND owner = $2";
    private const string SetPreview = "UPDATE weft.thread_standings SET preview = $2 WHERE thread_key = $1";
    private const string DrawKey = "SELECT nextval('weft.thread_keys')";
    private const int KeyColumn = 18;

    public static async Task<WriteResult> CopyAsync(Session session, ThreadCopy copy)
    {
        var original = await session.Use(FindOriginal).Add(copy.ThreadId.Value).Add(copy.Actor.Id)
            .FirstAsync<(ThreadRecord Thread, long Key)?>(row => (ThreadRows.Read(row), row.Integer(KeyColumn)));
        if (original is not { } found)
        {
            return WriteResult.Missing;
        }

        if (await session.Use(IsOf).Add(copy.CopyId.Value).Add(copy.Actor.Id).FirstAsync(row => row.Integer(0)) == 1)
        {
            // The same copy was committed before.
            return WriteResult.Applied;
        }

        if (found.Thread.Version != copy.Version)
        {
            return WriteResult.Changed;
        }

        var key = await session.Use(DrawKey).FirstAsync(row => row.Integer(0));
        if (!await CheckpointCopies.TryCopyAsync(session, found.Key, key, copy.HeadId?.Value))
        {
            return WriteResult.Changed;
        }

        if (!await ThreadAdd.Kind.ApplyAsync(session, (RecordOf(copy, found.Thread), key)))
        {
            throw new InvalidOperationException($"Thread {copy.CopyId} exists.");
        }

        // New threads have no preview, so the statement that adds them does not know of it.
        await session.Use(SetPreview).Add(key).Add(copy.Outcome?.Preview ?? found.Thread.Preview).ExecuteAsync();
        return WriteResult.Applied;
    }

    private static ThreadRecord RecordOf(ThreadCopy copy, ThreadRecord original)
    {
        var outcome = copy.Outcome ?? new ThreadOutcome(ThreadStatus.Idle);
        return new ThreadRecord
        {
            ThreadId = copy.CopyId,
            Owner = original.Owner,
            Status = outcome.Status,
            Metadata = WithId(copy.Metadata ?? original.Metadata, copy.CopyId),
            Config = original.Config,
            GraphConfig = original.GraphConfig,
            Interrupts = outcome.Interrupts,
            Error = outcome.Error,
            Ttl = original.Ttl,
            ExpiresAt = copy.Now + original.Ttl?.Duration,
            CreatedAt = copy.Now,
            UpdatedAt = copy.Now,
            StateUpdatedAt = original.StateUpdatedAt,
        };
    }

    /// <summary>Returns metadata with another <c>thread_id</c>, if it has one. Other members stay as they are.</summary>
    private static string WithId(string metadata, ThreadId threadId)
    {
        var members = GraphJson.Parse(Encoding.UTF8.GetBytes(metadata));
        return !members.TryGetProperty("thread_id"u8, out _)
            ? metadata
            : Encoding.UTF8.GetString(GraphJson.Encode((members, threadId), static (writer, given) =>
            {
                writer.WriteStartObject();
                foreach (var member in given.members.EnumerateObject())
                {
                    Write(writer, member, given.threadId);
                }

                writer.WriteEndObject();
            }));
    }

    private static void Write(Utf8JsonWriter writer, JsonProperty member, ThreadId threadId)
    {
        if (member.NameEquals("thread_id"u8))
        {
            writer.WriteString("thread_id"u8, threadId.Value);
        }
        else
        {
            member.WriteTo(writer);
        }
    }
}
