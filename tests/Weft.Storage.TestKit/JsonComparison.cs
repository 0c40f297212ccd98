using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>
/// Compares records whose JSON may be written in another way than it was given: a store may keep metadata, configurations,
/// interrupts and headers as JSON and order their members. Kwargs, contents, items and bodies are promised byte for byte.
/// </summary>
internal static class JsonComparison
{
    public static void ShouldBeSame(this ThreadRecord? actual, ThreadRecord? expected) => Canonical(actual).ShouldBe(Canonical(expected));

    public static void ShouldBeSame(this IEnumerable<ThreadRecord> actual, IEnumerable<ThreadRecord> expected) =>
        actual.Select(Canonical).ShouldBe(expected.Select(Canonical));

    public static void ShouldBeSame(this RunRecord actual, RunRecord expected)
    {
        actual.Kwargs.ToArray().ShouldBe(expected.Kwargs.ToArray());
        Canonical(actual with { Kwargs = default }).ShouldBe(Canonical(expected with { Kwargs = default }));
    }

    public static void ShouldBeSame(this CronRecord actual, CronRecord expected)
    {
        actual.Payload.ToArray().ShouldBe(expected.Payload.ToArray());
        (actual with { Payload = default, Metadata = Canonical(actual.Metadata)! })
            .ShouldBe(expected with { Payload = default, Metadata = Canonical(expected.Metadata)! });
    }

    public static void ShouldBeSame(this WebhookRecord actual, WebhookRecord expected)
    {
        actual.Payload.ToArray().ShouldBe(expected.Payload.ToArray());
        (actual with { Payload = default }).ShouldBe(expected with { Payload = default });
    }

    public static void ShouldBeSame(this CheckpointRecord actual, CheckpointRecord expected)
    {
        actual.Body.ToArray().ShouldBe(expected.Body.ToArray());
        (actual with { Body = default, Metadata = Canonical(actual.Metadata)! })
            .ShouldBe(expected with { Body = default, Metadata = Canonical(expected.Metadata)! });
    }

    public static void ShouldBeSame(this IEnumerable<CheckpointRecord> actual, IReadOnlyList<CheckpointModel> expected)
    {
        var read = actual.ToList();
        read.Select(static checkpoint => checkpoint.CheckpointId).ShouldBe(expected.Select(static one => one.Record.CheckpointId));
        foreach (var (checkpoint, one) in read.Zip(expected))
        {
            checkpoint.ShouldBeSame(one.Record);
        }
    }

    public static void ShouldBeJson(this string? actual, string? expected) => Canonical(actual).ShouldBe(Canonical(expected));

    private static ThreadRecord? Canonical(ThreadRecord? thread) => thread is null ? null : thread with
    {
        Metadata = Canonical(thread.Metadata)!,
        Config = Canonical(thread.Config)!,
        GraphConfig = Canonical(thread.GraphConfig),
        Interrupts = Canonical(thread.Interrupts)!,
        // It depends on the server. The tests of homes check it.
        Home = null,
    };

    private static RunRecord Canonical(RunRecord run) => run with { Metadata = Canonical(run.Metadata)!, Headers = Canonical(run.Headers) };

    private static string? Canonical(string? json) => json is null
        ? null
        : System.Text.Encoding.UTF8.GetString(
            GraphJson.Encode(JsonElement.Parse(json), static (writer, element) => Write(writer, element)));

    /// <summary>Members in the order of their names.</summary>
    private static void Write(Utf8JsonWriter writer, JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Object)
        {
            writer.WriteStartObject();
            foreach (var member in json.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal))
            {
                writer.WritePropertyName(member.Name);
                Write(writer, member.Value);
            }

            writer.WriteEndObject();
        }
        else if (json.ValueKind == JsonValueKind.Array)
        {
            writer.WriteStartArray();
            foreach (var item in json.EnumerateArray())
            {
                Write(writer, item);
            }

            writer.WriteEndArray();
        }
        else
        {
            json.WriteTo(writer);
        }
    }
}
