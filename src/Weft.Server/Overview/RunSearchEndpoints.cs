using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Runs;
using static Weft.Server.AccessAction;

namespace Weft.Server;

/// <summary>Searches the runs of all threads (docs/protocol/weft.md 2).</summary>
internal sealed class RunSearchEndpoints(
    Mount mount, RunOverview runs, RunCursors cursors, AssistantDirectory assistants, WeftServerOptions options)
{
    private static readonly string[] Members = [.. RunJson.Members, "waits_for"];

    public void Map(IEndpointRouteBuilder endpoints)
    {
        var routes = endpoints.MapGroup("/weft/runs").WithTags("Overview").ReturnsProblem(422);
        routes.MapPost("/search", (Delegate)SearchAsync).WithAccess(AccessResource.Server, Search)
            .AcceptsJson<RunSearch>().Returns<RunSearchResponse>().WithSummary("Search the runs of all threads, newest first");
        routes.MapPost("/count", (Delegate)CountAsync).WithAccess(AccessResource.Server, Search)
            .AcceptsJson<RunCountRequest>().Returns<RunCountResponse>().WithSummary("Count the runs of all threads by their status");
    }

    private async Task SearchAsync(HttpContext http)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.RunSearch);
        var select = Selection.Read(body.Select, "select", Members);
        var query = QueryOf(body) with
        {
            After = await cursors.ReadAsync(body.Cursor, http.RequestAborted),
            Limit = Requests.CheckLimit(body.Limit ?? 10, options),
        };
        var page = await runs.SearchAsync(Requests.ActorOf(http), query, http.RequestAborted);
        var next = await cursors.WriteAsync(page.Next, http.RequestAborted);
        var write = Selection.Of<(RunRecord Run, RunWait? Wait)>(select, static (writer, shown) => Write(writer, shown.Run, shown.Wait));
        var shown = runs.WithWaitsAsync(page.Runs, http.RequestAborted);
        await JsonResponse.WriteListAsync(http, "runs", shown, write, writer => writer.WriteString("next"u8, next));
    }

    private async Task CountAsync(HttpContext http)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.RunCountRequest);
        var counted = await runs.CountAsync(Requests.ActorOf(http), QueryOf(body), http.RequestAborted);
        await JsonResponse.WriteAsync(http, counted, static (writer, counted) =>
        {
            writer.WriteStartObject();
            writer.WriteStartObject("counts"u8);
            foreach (var (status, count) in counted.ByStatus)
            {
                writer.WriteNumber(status.ToWire(), count);
            }

            writer.WriteEndObject();
            writer.WriteBoolean("capped"u8, counted.IsCapped);
            writer.WriteEndObject();
        });
    }

    private RunQuery QueryOf(RunCountRequest body) => new()
    {
        Statuses = ReadStatuses(body.Status),
        AssistantId = AssistantJson.ReadId(assistants, body.AssistantId),
        GraphId = body.GraphId,
        ThreadId = body.ThreadId is null ? null : Requests.ReadThreadId(mount, body.ThreadId, "thread_id"),
        Metadata = AssistantJson.ReadObject(body.Metadata, "metadata"),
        ErrorText = body.Error,
        CreatedFrom = ReadTime(body.From, "from"),
        CreatedBefore = ReadTime(body.To, "to"),
        DurationMin = body.MinSeconds switch
        {
            null => null,
            >= 0 and <= int.MaxValue and var seconds => TimeSpan.FromSeconds(seconds),
            _ => throw Requests.Invalid("min_seconds", $"It must be at least 0 and at most {int.MaxValue}."),
        },
    };

    private static RunStatus[]? ReadStatuses(JsonElement? status) => status switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String } => [ReadStatus(status.Value)],
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(ReadStatus)],
        _ => throw Requests.Invalid("status", "It must be a status or a list of them."),
    };

    private static RunStatus ReadStatus(JsonElement status) => status.ValueKind == JsonValueKind.String
        ? RunJson.ParseStatus(status.GetString(), "status")!.Value
        : throw Requests.Invalid("status", "It must be a status or a list of them.");

    private static DateTimeOffset? ReadTime(string? text, string field) => text is null ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            && time.Year is > 1 and < 9999 ? time
        : throw Requests.Invalid(field, $"'{text}' is not a date and time.");

    private static void Write(Utf8JsonWriter writer, RunRecord run, RunWait? wait)
    {
        writer.WriteStartObject();
        RunJson.WriteMembers(writer, run);
        RunJson.WriteAdditions(writer, run);
        if (wait is null)
        {
            writer.WriteNull("waits_for"u8);
        }
        else
        {
            writer.WriteStartObject("waits_for"u8);
            writer.WriteString("reason"u8, wait.Reason.ToWire());
            writer.WriteString("run_id"u8, wait.RunId?.ToString());
            writer.WriteNumber("position"u8, wait.Position);
            writer.Time("until"u8, wait.Until);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}
