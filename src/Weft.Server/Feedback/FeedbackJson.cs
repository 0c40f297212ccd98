using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Feedback on the wire.</summary>
internal static class FeedbackJson
{
    /// <summary>Writes a rating (docs/protocol/gateway.md B10).</summary>
    public static void WriteRating(Utf8JsonWriter writer, FeedbackRecord feedback)
    {
        writer.WriteStartObject();
        WriteIds(writer, feedback);
        writer.WriteString("message_id"u8, feedback.MessageId);
        writer.WriteNumber("rating"u8, (int)(feedback.Score ?? 0));
        writer.WriteString("comment"u8, feedback.Comment);
        writer.Time("created_at"u8, feedback.CreatedAt);
        writer.WriteEndObject();
    }

    /// <summary>Writes a rating or the score of a key (docs/protocol/feedback.md B12).</summary>
    public static void Write(Utf8JsonWriter writer, FeedbackRecord feedback)
    {
        var details = JsonElement.Parse(feedback.Details);
        writer.WriteStartObject();
        WriteIds(writer, feedback);
        writer.WriteString("key"u8, feedback.Key);
        writer.WritePropertyName("score"u8);
        WriteOrNull(writer, feedback.Score);
        WriteDetail(writer, details, "value");
        writer.WriteString("comment"u8, feedback.Comment);
        WriteDetail(writer, details, "correction");
        WriteDetail(writer, details, "metadata");
        writer.WriteString("message_id"u8, feedback.MessageId);
        writer.Time("created_at"u8, feedback.CreatedAt);
        writer.WriteEndObject();
    }

    /// <summary>Returns the <see cref="FeedbackRecord.Details"/> of a score.</summary>
    public static string DetailsOf(FeedbackTokenCreate body) =>
        System.Text.Encoding.UTF8.GetString(GraphJson.Encode(body, static (writer, body) =>
        {
            writer.WriteStartObject();
            WriteIfGiven(writer, "value", body.Value);
            WriteIfGiven(writer, "correction", body.Correction);
            WriteIfGiven(writer, "metadata", body.Metadata);
            writer.WriteEndObject();
        }));

    private static void WriteIds(Utf8JsonWriter writer, FeedbackRecord feedback)
    {
        writer.WriteString("feedback_id"u8, feedback.FeedbackId.Value);
        writer.WriteString("run_id"u8, feedback.RunId.Value);
        writer.WriteString("thread_id"u8, feedback.ThreadId.Value);
        writer.WriteString("owner_id"u8, feedback.Owner.Length > 0 ? feedback.Owner : null);
    }

    private static void WriteOrNull(Utf8JsonWriter writer, double? number)
    {
        if (number is { } given)
        {
            writer.WriteNumberValue(given);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private static void WriteDetail(Utf8JsonWriter writer, JsonElement details, string name)
    {
        writer.WritePropertyName(name);
        if (details.TryGetProperty(name, out var value))
        {
            value.WriteTo(writer);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private static void WriteIfGiven(Utf8JsonWriter writer, string name, JsonElement? value)
    {
        if (value is { ValueKind: not JsonValueKind.Null } given)
        {
            writer.WritePropertyName(name);
            given.WriteTo(writer);
        }
    }
}
