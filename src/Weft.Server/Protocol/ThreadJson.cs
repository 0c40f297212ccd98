using System.Text.Json;
using Weft.Runs;

namespace Weft.Server;

/// <summary>A thread on the wire (docs/protocol/threads.md B3).</summary>
internal static class ThreadJson
{
    /// <summary>What may be selected. Threads have no <c>context</c>, which the platform's clients may name.</summary>
    public static string[] Selectable => [.. Members, "context"];

    /// <summary>The members of a thread.</summary>
    private static string[] Members { get; } =
    [
        "thread_id", "created_at", "updated_at", "state_updated_at", "metadata", "status", "config", "values", "interrupts", "error",
        "preview",
    ];

    public static void Write(Utf8JsonWriter writer, ThreadView view) => Write(writer, view, null);

    /// <param name="writer">Where to.</param>
    /// <param name="view">The thread.</param>
    /// <param name="extract">The paths to extract.</param>
    /// <param name="withTtl">Whether to write the time to live.</param>
    /// <param name="withPreview">Whether to write the preview.</param>
    /// <param name="withTitle">Whether the values have the title of the thread, also if its graph has none.</param>
    public static void Write(
        Utf8JsonWriter writer,
        ThreadView view,
        IReadOnlyDictionary<string, ThreadPath>? extract,
        bool withTtl = false,
        bool withPreview = false,
        bool withTitle = false)
    {
        var thread = view.Thread;
        writer.WriteStartObject();
        writer.WriteString("thread_id"u8, thread.ThreadId.Value);
        writer.Time("created_at"u8, thread.CreatedAt);
        writer.Time("updated_at"u8, thread.UpdatedAt);
        writer.Time("state_updated_at"u8, thread.StateUpdatedAt);
        writer.RawMember("metadata"u8, thread.Metadata);
        writer.WriteString("status"u8, thread.Status.ToWire());
        writer.RawMember("config"u8, thread.Config);
        writer.WritePropertyName("values"u8);
        if (withTitle && FindTitle(view) is { } title)
        {
            writer.WriteStartObject();
            view.Values?.WriteMembers(writer);
            writer.WriteString("title"u8, title);
            writer.WriteEndObject();
        }
        else if (view.Values is { } values)
        {
            values.WriteTo(writer);
        }
        else
        {
            writer.WriteNullValue();
        }

        writer.RawMember("interrupts"u8, thread.Interrupts);
        writer.WriteString("error"u8, thread.Error);
        if (withPreview)
        {
            WritePreview(writer, thread);
        }

        if (withTtl)
        {
            ThreadTtlJson.Write(writer, thread);
        }

        if (extract is not null)
        {
            ThreadPath.Write(writer, view, extract);
        }

        writer.WriteEndObject();
    }

    /// <summary>Returns the title to add to the values; null if they have one or there is none.</summary>
    private static string? FindTitle(ThreadView view) =>
        view.Thread.Preview is not { } stored
            || (view.Values is { } values
                && (values.Schema.Whole is not null || (values.Schema.TryFind("title", out var channel) && values.Has(channel))))
            ? null
            : ThreadPreview.TitleOf(view.Thread, ThreadPreview.Parse(stored));

    /// <summary>Writes the preview (docs/protocol/weft.md 6).</summary>
    private static void WritePreview(Utf8JsonWriter writer, ThreadRecord thread)
    {
        if (thread.Preview is not { } stored)
        {
            writer.WriteNull("preview"u8);
            return;
        }

        var preview = ThreadPreview.Parse(stored);
        writer.WriteStartObject("preview"u8);
        writer.WriteString("title"u8, ThreadPreview.TitleOf(thread, preview));
        foreach (var member in (ReadOnlySpan<string>)["first_message", "last_message"])
        {
            writer.WritePropertyName(member);
            if (preview.TryGetProperty(member, out var message))
            {
                message.WriteTo(writer);
            }
            else
            {
                writer.WriteNullValue();
            }
        }

        writer.WriteEndObject();
    }

    public static ThreadStatus? ParseStatus(string? status) => status switch
    {
        null => null,
        "idle" => ThreadStatus.Idle,
        "busy" => ThreadStatus.Busy,
        "interrupted" => ThreadStatus.Interrupted,
        "error" => ThreadStatus.Error,
        _ => throw Requests.Invalid("status", $"'{status}' is none of idle, busy, interrupted, error."),
    };

    public static ThreadSort ParseSort(string? sortBy) => sortBy switch
    {
        null or "created_at" => ThreadSort.CreatedAt,
        "thread_id" => ThreadSort.ThreadId,
        "status" => ThreadSort.Status,
        "updated_at" => ThreadSort.UpdatedAt,
        "state_updated_at" => ThreadSort.StateUpdatedAt,
        _ => throw Requests.Invalid("sort_by", $"'{sortBy}' is none of thread_id, status, created_at, updated_at, state_updated_at."),
    };

    public static bool ParseDescending(string? sortOrder) => sortOrder switch
    {
        null or "desc" => true,
        "asc" => false,
        _ => throw Requests.Invalid("sort_order", $"'{sortOrder}' is none of asc, desc."),
    };
}
