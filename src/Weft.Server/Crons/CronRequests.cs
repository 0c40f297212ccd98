using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// Reads the bodies of crons, and the requests for runs that crons store. A request that a cron stores is checked like one that is
/// sent, when the cron is created or changed and again for each run.
/// </summary>
/// <param name="specs">Checks the requests, with the defaults of the platform.</param>
internal sealed class CronRequests(RunSpecBuilder specs) : ICronRequests
{
    private static readonly HeaderDictionary NoHeaders = [];

    /// <summary>Returns the cron with the members of a body in place of its own.</summary>
    /// <exception cref="WeftException">A field is wrong, or the assistant is unknown.</exception>
    public CronRecord Apply(CronRecord cron, CronCreate body, IHeaderDictionary headers)
    {
        var given = GraphJson.Parse(Encode(body));
        return (given.EnumerateObject().Any() ? WithRequest(cron, given, headers) : cron) with
        {
            Schedule = body.Schedule ?? cron.Schedule,
            TimeZone = body.TimeZone ?? cron.TimeZone,
            EndTime = body.EndTime.ValueKind == JsonValueKind.Undefined ? cron.EndTime : ReadEndTime(body.EndTime),
            IsEnabled = body.Enabled ?? cron.IsEnabled,
            KeepsThreads = ReadKeepsThreads(body.OnRunCompleted) ?? cron.KeepsThreads,
        };
    }

    public RunSpec Read(CronRecord cron) =>
        specs.Build(Parse(GraphJson.Parse(cron.Payload.Span)), cron.ThreadId, NoHeaders, isBackground: true) with
        {
            KeepThread = cron.ThreadId is not null || cron.KeepsThreads,
        };

    /// <summary>Returns the cron with members of a request in place of its own.</summary>
    private CronRecord WithRequest(CronRecord cron, JsonElement given, IHeaderDictionary headers)
    {
        var request = Parse(ConfigMerge.Shallow(GraphJson.Parse(cron.Payload.Span), given)!.Value);
        var spec = specs.Build(request, cron.ThreadId, headers, isBackground: true);
        if (request.Config is not null)
        {
            // Headers of this request have set members. The runs are created without headers, so they must not have those.
            request = request with { Config = spec.Config };
        }

        return cron with
        {
            AssistantId = spec.AssistantId,
            Metadata = spec.Metadata.GetRawText(),
            Payload = Encode(request),
        };
    }

    private static RunCreate Parse(JsonElement request) => request.Deserialize(CronJsonContext.Default.RunCreate)!;

    private static byte[] Encode(RunCreate request) => GraphJson.Encode(
        request, static (writer, request) => JsonSerializer.Serialize(writer, request, CronJsonContext.Default.RunCreate));

    private static bool? ReadKeepsThreads(string? onRunCompleted) => onRunCompleted switch
    {
        null => null,
        "keep" => true,
        "delete" => false,
        _ => throw Requests.Invalid("on_run_completed", $"'{onRunCompleted}' is none of delete, keep."),
    };

    /// <summary>Reads a time in the form of ISO 8601. A time without an offset is in UTC.</summary>
    private static DateTimeOffset? ReadEndTime(JsonElement time)
    {
        if (time.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return time.ValueKind == JsonValueKind.String && time.TryGetDateTimeOffset(out _)
            ? DateTimeOffset.Parse(time.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUniversalTime()
            : throw Requests.Invalid("end_time", "It must be a date and time such as 2030-01-31T12:00:00Z, or null.");
    }
}
